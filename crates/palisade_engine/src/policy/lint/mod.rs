//! Lints: what the types allow and nobody means. One file for each, which exports a [`Lint`] that stands in [`ALL`].
//!
//! A lint's problems carry their own severity. An error refuses the policy like any other; `check` and `test` show
//! warnings beside their answers; an info is advice, which nobody sees who does not ask for it.

mod constant;
mod duplicate_tag;
mod duplicate_test;
mod pack_condition;

use palisade_source::Severity;
use palisade_syntax::ast;

use super::items::{PolicyItem, file_items};
use super::modules::files;
use crate::inputs::{Db, Program};
use crate::problem::Problem;

/// A lint.
pub struct Lint {
    /// The codes of its problems, each with one line that completes "reported for …".
    pub codes: &'static [(&'static str, &'static str)],
    /// What finds them.
    pub find: Find,
}

/// What a lint reads.
pub enum Find {
    /// One item: asked again only where the item changes, or something that it names.
    Item(fn(&dyn Db, Program, PolicyItem<'_>, &ast::Item) -> Vec<Problem>),
    /// The whole program.
    Program(fn(&dyn Db, Program) -> Vec<Problem>),
}

/// Every lint.
pub const ALL: &[Lint] = &[constant::LINT, duplicate_tag::LINT, duplicate_test::LINT, pack_condition::LINT];

/// What the lints find in a program, in the order of modules and text.
#[salsa::tracked(returns(ref))]
pub fn lints(db: &dyn Db, program: Program) -> Vec<Problem> {
    let whole = ALL.iter().filter_map(|lint| match lint.find {
        Find::Program(find) => Some(find(db, program)),
        Find::Item(_) => None,
    });
    let mut all: Vec<Problem> = whole.flatten().collect();
    for item in files(db, program).into_iter().flat_map(|(_, file)| &file_items(db, file).items) {
        all.extend_from_slice(item_lints(db, program, *item));
    }
    all
}

/// What the lints find in one item.
#[salsa::tracked(returns(ref))]
fn item_lints<'db>(db: &'db dyn Db, program: Program, item: PolicyItem<'db>) -> Vec<Problem> {
    let found = ALL.iter().filter_map(|lint| match lint.find {
        Find::Item(find) => Some(find(db, program, item, item.ast(db))),
        Find::Program(_) => None,
    });
    found.flatten().collect()
}

/// What the lints find that is more than advice: shown with every check and test.
pub fn faults(db: &dyn Db, program: Program) -> impl Iterator<Item = &Problem> {
    lints(db, program).iter().filter(|problem| problem.severity != Severity::Info)
}
