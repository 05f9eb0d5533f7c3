//! What a name stands for in a module: the seam between name resolution, which reads whole programs, and the type
//! checker, which reads one item.

use palisade_net::TagCatalogue;
use palisade_syntax::ast::Strength;
use smol_str::SmolStr;

use crate::ir::ExternFn;
use crate::names::{DefName, ItemKey, NodeRef};
use crate::problem::Problem;
use crate::types::{Schema, Type, TypeDef};

/// What a word, or a member of a module, stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A record, entity or enum.
    Type(TypeDef),
    /// A constant.
    Const {
        /// Full name.
        name: DefName,
        /// Its declared type.
        ty: Type,
    },
    /// A function.
    Function {
        /// Full name.
        name: DefName,
        /// Its parameters.
        params: Vec<(SmolStr, Type)>,
        /// What it gives.
        result: Type,
        /// Which of the engine's own, for an `extern fn`.
        external: Option<ExternFn>,
    },
    /// A traffic table.
    Traffic {
        /// Full name.
        name: DefName,
        /// Its parameters.
        params: Vec<(SmolStr, Type)>,
    },
    /// A rule.
    Rule(DefName),
    /// A pack.
    Pack(DefName),
    /// A source.
    Source(SmolStr),
    /// A fixture.
    Fixture(ItemKey),
    /// A module, or a prefix of modules.
    Module(SmolStr),
}

/// The names that one module sees.
pub trait Scope {
    /// What a bare word stands for: the module's own items, then its imports. Not built-in types, not variables.
    fn word(&self, word: &str) -> Option<Binding>;
    /// What `module.name` stands for.
    fn member(&self, module: &str, name: &str) -> Option<Binding>;
    /// All words of the scope, for did-you-mean.
    fn words(&self) -> Vec<SmolStr>;
    /// All members of a module, for did-you-mean.
    fn members(&self, module: &str) -> Vec<SmolStr>;
    /// The shape of environments.
    fn schema(&self) -> &Schema;
    /// The service tags and regions.
    fn catalogue(&self) -> &TagCatalogue;
    /// The strength of a statement.
    fn statement(&self, id: &str) -> Option<Strength>;
    /// All ids of statements, for did-you-mean.
    fn statements(&self) -> Vec<SmolStr>;
    /// The declaration of a record, enum, constant, …, for a second place in a message.
    fn declaration(&self, name: &DefName) -> Option<NodeRef>;
}

/// A value with the faults that were found while making it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lowered<T> {
    /// The value; its parts at fault are `Error`s.
    pub value: T,
    /// The faults.
    pub problems: Vec<Problem>,
}
