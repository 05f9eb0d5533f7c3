//! One file for each format in which a result can be written.
//!
//! Every function takes a value of [`palisade_source::report`] and a writer; it reads no file, asks the engine
//! nothing, and decides nothing: what is shown was decided when the report was made. So two formats cannot
//! disagree, and none can change an exit code.
//!
//! | file | what it writes |
//! | --- | --- |
//! | `full.rs` | findings and diagnostics with their place in the text, for people |
//! | `concise.rs` | one line for each finding |
//! | `json.rs` | the result of a check, version 1 |
//! | `diff.rs` | what a command would change in a file |
//! | `pack_diff/` | what lies between two packs or documents |
//! | `flow.rs` | the answer to a question about traffic |
//! | `why.rs` | how a rule came to its outcome |
//! | `tests.rs`, `tests_json.rs`, `junit.rs` | a run of policy tests |
//! | `test_coverage.rs`, `mutants.rs` | what of the policies the tests saw, and which mistakes in them they notice |
//! | `lint.rs` | what could be better in policies |
//! | `coverage.rs` | the matrix of statements, rules and tests |
//! | `listing.rs`, `pages.rs`, `pages_json.rs` | rules; the page of one rule, statement, pack or code |
//! | `rule_page.rs`, `pack_page.rs`, `commands.rs` | the pages of rules and packs as Markdown, and the commands on them |
//! | `snippet.rs` | a piece of a file with labels; the only place that sees `ariadne` |
//! | `summary.rs` | counts in words |
//! | `places.rs`, `table.rs`, `style.rs`, `text.rs` | lines and columns, tables, colours, text that is safe to show |
//!
//! Text that comes from a user is shown and never sent to the terminal: see [`visible`].

mod commands;
mod concise;
mod coverage;
mod diff;
mod flow;
mod full;
mod json;
mod junit;
mod lint;
mod listing;
mod mutants;
mod pack_diff;
mod pack_page;
mod pages;
mod pages_json;
mod places;
mod rule_page;
mod snippet;
mod style;
mod summary;
mod table;
mod test_coverage;
mod tests;
mod tests_json;
mod text;
mod why;

pub use concise::concise;
pub use coverage::{coverage, coverage_json, coverage_page};
pub use diff::diff;
pub use flow::{flow, flow_json};
pub use full::{diagnostics, full};
pub use json::{VERSION, check_json};
pub use junit::tests_junit;
pub use lint::{lint, lint_concise, lint_json};
pub use listing::{rules, rules_json};
pub use mutants::mutants;
pub use pack_diff::{pack_diff, pack_diff_json};
pub use pack_page::{PackPage, pack_markdown, packs_markdown};
pub use pages::{Page, page};
pub use pages_json::page_json;
pub use rule_page::{Links, rule_markdown};
pub use summary::{nothing_applied, summary_line};
pub use test_coverage::test_coverage;
pub use tests::tests;
pub use tests_json::tests_json;
pub use text::visible;
pub use why::{why, why_json};

/// How much a format for people says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The counts and what prevented an answer, nothing else.
    Quiet,
    /// Findings, notes, counts.
    #[default]
    Normal,
    /// The counts of each environment and the rules that ran as well.
    Verbose,
}

/// How the formats for people are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether colours are written.
    pub color: bool,
    /// The columns of the terminal; `None`: no limit, lines are not broken.
    pub width: Option<usize>,
    /// How much is said.
    pub detail: Detail,
    /// How many findings and diagnostics are shown at most; how many were left out is said.
    pub limit: Option<usize>,
}
