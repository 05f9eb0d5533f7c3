//! Rules on entities → outcomes.
//!
//! [`eval`] computes expressions, [`rule`] runs clauses, [`verdict`] asks the network and [`path`] what lies beyond its
//! groups, [`questions`] ask about whole groups, [`evidence`] and [`explain`] say why, [`record`] listens. All of it is pure:
//! [`world::World`] is what it asks of its surroundings.

mod collections;
pub mod compare;
pub mod derive;
pub mod eval;
pub mod evidence;
pub mod explain;
pub mod externs;
pub mod network;
pub mod outcome;
pub mod path;
pub mod print;
#[allow(missing_docs, reason = "salsa's macros add accessors without documentation")]
pub mod queries;
pub mod questions;
pub mod read;
pub mod record;
mod require;
pub mod rule;
mod sets;
pub mod traffic;
pub mod trail;
pub mod value;
pub mod verdict;
pub mod world;
