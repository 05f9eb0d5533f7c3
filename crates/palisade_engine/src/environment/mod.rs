//! Environments: from YAML to typed entities without positions, and back from places to the text.
//!
//! [`load`](load()) is the pure pass: documents, schema and catalogue in; entities, the environment's own fields and
//! faults out. The queries of [`queries`] cut its result into items of which each changes only when its own value
//! does, so that a comment re-runs no rule and one changed rule of one group touches that group alone. Whoever needs
//! a range of bytes asks [`locate`] last.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `load.rs` | one environment of one or more files |
//! | `shapes.rs`, `reader.rs`, `collections.rs` | bodies by their declarations; lists, maps and entities |
//! | `values.rs` | single values |
//! | `index.rs`, `references.rs`, `paths.rs` | names and places of entities; references; places as text |
//! | `validate.rs` | what Azure would refuse about networks and groups as a whole; of routes and firewalls see [`crate::network_faults`] |
//! | `interfaces.rs` | interfaces outside their subnets |
//! | `locate.rs` | places → ranges |
//! | `fault.rs`, `codes.rs`, `words.rs` | what is wrong, by which code, in which words |
//! | `queries.rs`, `documents.rs` | what the rest of the engine asks |

pub mod codes;
mod collections;
mod documents;
mod fault;
mod index;
mod interfaces;
mod load;
mod locate;
mod paths;
#[allow(missing_docs, reason = "salsa's macros add accessors without documentation")]
pub mod queries;
mod reader;
mod references;
mod shapes;
mod validate;
mod values;
mod words;

#[cfg(test)]
pub(crate) mod tests;

pub use documents::documents;
pub use fault::{Fault, MAX_FAULTS, Spot};
pub use index::{Match, NameIndex};
pub use load::{Loaded, LoadedEntity, Source, load};
pub use locate::locate_in;
pub use paths::parse_place;
pub use queries::{
    EntityId, EntityItem, Resolution, diagnostics, entities_of, entity, environment_name, is_written, locate, resolve,
    shard, shards, top,
};
