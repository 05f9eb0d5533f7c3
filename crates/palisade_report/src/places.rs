//! The texts of a report with their lines, found once for each file and only when somebody asks.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use palisade_source::report::{Location, Texts};
use palisade_source::{LineIndex, Span};

/// Looks up texts, lines and columns.
pub(crate) struct Places<'a> {
    texts: &'a Texts,
    lines: RefCell<BTreeMap<Arc<str>, Rc<LineIndex>>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(texts: &'a Texts) -> Self {
        Self { texts, lines: RefCell::default() }
    }

    /// A file's text and lines; `None` if the report does not hold it.
    pub(crate) fn file(&self, path: &str) -> Option<(&'a str, Rc<LineIndex>)> {
        let (path, text) = self.texts.get_key_value(path)?;
        let mut lines = self.lines.borrow_mut();
        let index = lines.entry(Arc::clone(path)).or_insert_with(|| Rc::new(LineIndex::new(text)));
        Some((text, Rc::clone(index)))
    }

    /// A span with its lines and columns; `None` if the report does not hold its file.
    pub(crate) fn locate(&self, span: &Span) -> Option<Location> {
        let (text, index) = self.file(&span.path)?;
        Some(Location {
            path: Arc::clone(&span.path),
            pointer: String::new(),
            range: span.range,
            start: index.line_column(text, span.range.start()),
            end: index.line_column(text, span.range.end()),
        })
    }
}
