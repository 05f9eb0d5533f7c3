//! Policies: from syntax trees to typed rules.
//!
//! [`items`] cuts files into tracked items without positions; [`modules`] resolves names across files; [`schema`]
//! reads the declared types; [`infer`] checks one item's expressions and lowers them to [`crate::ir`]; [`lower`] has
//! the queries that ask for it; [`lint`] finds what is allowed but hardly meant; [`problems`] gathers every fault,
//! without those that only follow from others (`consequences`); [`repair`] makes edits of what mends one.

pub mod catalogue;
mod consequences;
pub mod cycles;
pub mod docs;
pub mod host_names;
mod imports;
pub mod infer;
#[allow(missing_docs, reason = "salsa's macros add accessors without documentation")]
pub mod items;
pub mod lint;
pub mod lower;
pub mod modules;
pub mod packs;
pub mod problems;
pub mod program_scope;
pub mod repair;
pub mod schema;
pub mod scope;
pub mod sources;
pub mod tests;
