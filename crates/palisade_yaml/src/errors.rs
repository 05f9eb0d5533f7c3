//! Errors as they are found: each one counts, the first ones are listed.

use crate::document::{Document, index, range};
use crate::error::{ErrorKind, YamlError};
use crate::layout;

/// The errors of a stream.
#[derive(Default)]
pub(crate) struct Errors {
    list: Vec<YamlError>,
    left_out: usize,
    limit: usize,
    /// Documents with an error.
    broken: Vec<usize>,
}

impl Errors {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Notes an error of a document. It is not even made once the list is full.
    #[cold]
    pub(crate) fn push(&mut self, document: usize, error: impl FnOnce() -> YamlError) {
        if self.broken.last() != Some(&document) {
            self.broken.push(document);
        }
        if self.list.len() < self.limit {
            self.list.push(YamlError { document, ..error() });
        } else {
            self.left_out += 1;
        }
    }

    /// The errors in the order of the text, their documents marked as not sound.
    pub(crate) fn finish(mut self, documents: &mut [Document], text: &str) -> Vec<YamlError> {
        for number in &self.broken {
            if let Some(document) = documents.get_mut(*number) {
                document.sound = false;
            }
        }
        for error in &mut self.list {
            if error.range.is_empty() {
                let (start, end) = layout::character(text, error.range.start().into());
                error.range = range(start, end);
            }
        }
        self.list.sort_by_key(|error| (error.range.start(), error.range.end()));
        self.list.dedup_by(|later, first| later.range == first.range && later.kind == first.kind);
        if self.left_out > 0 {
            self.list.push(self.rest(documents.len().saturating_sub(1), index(text.len())));
        }
        self.list
    }

    fn rest(&self, document: usize, end: u32) -> YamlError {
        let message = format!("{} more errors are not listed", self.left_out);
        let error = YamlError::new(ErrorKind::Limit, range(end, end), message);
        YamlError { document, ..error.help("correct those above first") }
    }
}
