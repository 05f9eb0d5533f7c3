//! What every layer above the parsers shares: files as inputs of the incremental engine, line numbers, diagnostics
//! as data, and the model of a report.
//!
//! Nothing here reads a disk or draws a message. Positions are byte ranges into one file's text; they become lines
//! and columns at the very end, through [`LineIndex`].

mod diagnostic;
#[allow(missing_docs, reason = "salsa's macros add accessors without documentation")]
mod file;
mod fix;
mod lines;
pub mod report;

pub use diagnostic::{Diagnostic, Label, Severity, Span};
pub use file::{Db, File, line_index};
pub use fix::{Edit, Fix, mended};
pub use lines::{LineColumn, LineIndex};
pub use text_size::{TextRange, TextSize};
