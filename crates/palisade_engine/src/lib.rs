//! The engine: policies and environments in, findings out. Queries over pure passes; no IO, no rendering.
//!
//! The public face is [`api`]: what the command line, the tests and the language server call. Below it:
//! [`policy`] (syntax trees → typed rules), [`environment`] (YAML → typed entities), [`evaluate`] (rules on entities →
//! outcomes), and the values that they share: [`types`], [`data`], [`ir`], [`names`], [`place`], [`problem`].

pub mod api;
pub mod bindings;
pub mod check;
pub mod codes;
pub mod data;
pub mod dates;
pub mod diff;
pub mod environment;
pub mod evaluate;
pub mod flow;
mod hash;
#[allow(missing_docs, reason = "salsa's macros add accessors without documentation")]
pub mod inputs;
pub mod ir;
pub mod lint;
pub mod listing;
pub mod mutate;
pub mod names;
pub mod network_faults;
pub mod notes;
pub mod pages;
pub mod place;
pub mod policy;
pub mod problem;
pub mod scaffold;
pub mod suggest;
pub mod testing;
pub mod texts;
pub mod types;
pub mod why;
