//! A file as an input of the incremental engine.
//!
//! A [`File`] is made once for each path and kept; a changed text is *set* on it. Setting always counts as a change,
//! so whoever sets a text compares it first.

use std::sync::Arc;

use crate::LineIndex;

/// The database that every layer of the engine asks for the text of files.
#[salsa::db]
pub trait Db: salsa::Database {}

/// A text with its path.
#[salsa::input(debug)]
pub struct File {
    /// The path as reports show it, with `/` between folders. Unique among the files of a database.
    #[returns(ref)]
    pub path: Arc<str>,
    /// The whole text.
    #[returns(ref)]
    pub text: Arc<str>,
}

/// Where the lines of a file begin.
#[salsa::tracked(returns(ref))]
pub fn line_index(db: &dyn Db, file: File) -> LineIndex {
    LineIndex::new(file.text(db))
}
