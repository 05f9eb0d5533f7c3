//! What the tests of the whole workspace share.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `workspace.rs` | where the repository is, its packages, its Rust files |
//! | `rust.rs` | a Rust file as the tokens that a reader of the product sees: no comments, no test code |
//! | `program.rs` | the `palisade` binary, built once and run as a user runs it |
//! | `report.rs` | the JSON of `check`, read back |
//! | `scene.rs` | policies and environments in memory, edited step by step, with the list of queries that ran |
//! | `suite.rs`, `markdown.rs` | specification suites: Markdown with policies, environments and expectations |
//! | `book.rs` | the pages of `docs/book/`, none of whose blocks is left unchecked |
//! | `pages.rs` | the pages of the diagnostic codes, whose examples run as they are read |
//! | `console.rs` | commands with the output that a document says they have |
//! | `expect.rs` | one line of an expectation, held against a report |
//! | `expected.rs` | the tables of `tests/envs/EXPECTED.md` |
//! | `flows.rs` | one flow with its verdict on the whole path, held against the answer of `flow` |
//! | `generate.rs` | a large environment, the same for the same size |
//! | `reference.rs` | the page of the book that is written from the declared types |
//! | `random/` | random policies and environments over the declared types |
//! | `twins.rs` | environments with a twin that breaks them in one way, and what every pack makes of both |
//! | `measure.rs` | processor time and peak memory of a child process |

// The harness is test code: where it cannot go on, it panics and says why.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test stops where it cannot go on"
)]

pub mod book;
pub mod console;
pub mod expect;
pub mod expected;
pub mod flows;
pub mod generate;
pub mod markdown;
#[cfg(unix)]
pub mod measure;
pub mod pages;
pub mod program;
pub mod random;
pub mod reference;
pub mod report;
pub mod rust;
pub mod scene;
pub mod suite;
pub mod twins;
pub mod workspace;
