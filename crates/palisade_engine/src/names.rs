//! Names and places without positions: what queries pass to each other instead of byte ranges.

use std::fmt;

use palisade_source::File;
use palisade_syntax::ast::NodeId;
use smol_str::SmolStr;

/// The full name of an item: its module and its own name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefName {
    /// `azureml.v1.compute`
    pub module: SmolStr,
    /// `public_ip_inbound`
    pub name: SmolStr,
}

impl DefName {
    /// Joins a module and a name.
    pub fn new(module: impl Into<SmolStr>, name: impl Into<SmolStr>) -> Self {
        Self { module: module.into(), name: name.into() }
    }
}

impl fmt::Display for DefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.module, self.name)
    }
}

/// The identity of an item of a policy file: what stays when text above it changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, salsa::SalsaValue)]
pub struct ItemKey {
    /// Its file.
    pub file: File,
    /// What kind of item.
    pub kind: ItemTag,
    /// Its name; a test's text; empty for items without a name.
    pub name: SmolStr,
    /// Which one, where several have the same kind and name (a fault, except for imports and `extend`s).
    pub ordinal: u32,
}

/// The kinds of item, as part of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, salsa::SalsaValue)]
#[allow(missing_docs, reason = "each is the item of its name")]
pub enum ItemTag {
    Import,
    Record,
    Entity,
    Enum,
    Environment,
    Extend,
    Const,
    Function,
    Traffic,
    Hosts,
    Source,
    Rule,
    Pack,
    Fixture,
    Test,
    Error,
}

impl ItemTag {
    /// The kind in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Record => "record",
            Self::Entity => "entity",
            Self::Enum => "enum",
            Self::Environment | Self::Extend => "extension",
            Self::Const => "constant",
            Self::Function => "function",
            Self::Traffic => "traffic table",
            Self::Hosts => "list of hosts",
            Self::Source => "source",
            Self::Rule => "rule",
            Self::Pack => "pack",
            Self::Fixture => "fixture",
            Self::Test => "test",
            Self::Error => "item",
        }
    }
}

/// A node of an item: where a message about a policy points, without a position.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeRef {
    /// The item.
    pub item: ItemKey,
    /// The node in it.
    pub node: NodeId,
}
