//! From a text to its documents: one broken document leaves the others as they are.

use std::sync::Arc;

use crate::builder::Builder;
use crate::bytes;
use crate::document::{Document, Stream, index, range};
use crate::error::{ErrorKind, YamlError};
use crate::events::{Event, Events, Place};
use crate::layout;
use crate::limits::Limits;
use crate::syntax::SyntaxError;

pub(crate) fn read(text: &Arc<str>, limits: Limits) -> Stream {
    if text.len() > limits.bytes {
        return too_large(text, limits);
    }
    let mut reader = Reader {
        text,
        limits,
        documents: Vec::new(),
        errors: Errors::new(limits),
        open: None,
        end: 0,
    };
    reader.run();
    let Reader {
        mut documents,
        mut errors,
        ..
    } = reader;
    if documents.is_empty() {
        documents.push(Document::new(Arc::clone(text), 0, 0));
    }
    for error in bytes::control_characters(text) {
        let document = documents
            .partition_point(|d| d.start <= u32::from(error.range.start()))
            .saturating_sub(1);
        errors.push(document, error);
    }
    let errors = errors.finish(&mut documents, text);
    Stream { documents, errors }
}

fn too_large(text: &Arc<str>, limits: Limits) -> Stream {
    let mut document = Document::new(Arc::clone(text), 0, 0);
    document.sound = false;
    let message = format!(
        "the text has {} bytes, more than the {} that are read",
        text.len(),
        limits.bytes
    );
    let error =
        YamlError::new(ErrorKind::Limit, range(0, 0), message).help("split it into several files");
    Stream {
        documents: vec![document],
        errors: vec![error],
    }
}

struct Reader<'t> {
    text: &'t Arc<str>,
    limits: Limits,
    documents: Vec<Document>,
    errors: Errors,
    open: Option<Builder<'t>>,
    /// Where the last event ended.
    end: u32,
}

impl<'t> Reader<'t> {
    fn run(&mut self) {
        let text: &'t str = self.text;
        let mut events = Events::new(text, self.limits.depth);
        while let Some(event) = events.next() {
            let result = match event {
                Ok((event, place)) => self.take(event, place),
                Err(error) => Err(error.into()),
            };
            match result {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.abandon(*error);
                    if !events.recover() {
                        break;
                    }
                }
            }
        }
        self.close();
    }

    /// Takes one event; false when no more are wanted. An error breaks the document.
    #[inline]
    fn take(&mut self, event: Event<'t>, place: Place) -> Result<bool, Box<YamlError>> {
        match event {
            Event::DocumentStart { explicit } => return Ok(self.start(explicit, place)),
            Event::DocumentEnd => {
                self.close();
                self.end = place.end;
            }
            event => {
                if let Some(builder) = &mut self.open {
                    builder.take(event, place)?;
                }
            }
        }
        Ok(true)
    }

    fn start(&mut self, explicit: bool, place: Place) -> bool {
        let number = self.documents.len();
        if number >= self.limits.documents {
            let message = format!(
                "more than the {} documents that are read in one stream",
                self.limits.documents
            );
            let error = YamlError::new(ErrorKind::Limit, range(place.start, place.end), message);
            self.errors.push(
                number.saturating_sub(1),
                error.help("split the text into several files"),
            );
            return false;
        }
        if explicit {
            self.check_directives(number, place.start);
            self.end = place.end;
        }
        let document = Document::new(Arc::clone(self.text), number, place.start);
        self.open = Some(Builder::new(self.text, document, self.end, self.limits));
        true
    }

    fn check_directives(&mut self, document: usize, before: u32) {
        for (start, end, words) in layout::directives(self.text, self.end, before) {
            let mut words = words.split_ascii_whitespace();
            let name = words.next().unwrap_or_default();
            let message = match name {
                "%TAG" => continue,
                "%YAML" if words.next() == Some("1.2") => continue,
                "%YAML" => "another version of YAML than 1.2".to_owned(),
                _ => format!("unknown directive {}", crate::error::quoted(name)),
            };
            let error = YamlError::new(ErrorKind::Directive, range(start, end), message);
            self.errors.push(
                document,
                error.help("remove the line; only `%YAML 1.2` and `%TAG` are read"),
            );
        }
    }

    /// Puts away the document being built, whole or as far as it came.
    fn close(&mut self) {
        let Some(builder) = self.open.take() else {
            return;
        };
        let number = self.documents.len();
        let (document, errors, end) = builder.finish();
        self.end = end;
        for error in errors {
            self.errors.push(number, error);
        }
        self.documents.push(document);
    }

    /// An error breaks the open document, or the one before if it stands after its end.
    fn abandon(&mut self, error: YamlError) {
        if self.open.is_none() && self.documents.is_empty() {
            let document = Document::new(Arc::clone(self.text), 0, 0);
            self.open = Some(Builder::new(self.text, document, 0, self.limits));
        }
        self.close();
        self.end = u32::MAX;
        self.errors
            .push(self.documents.len().saturating_sub(1), error);
    }
}

impl From<SyntaxError> for Box<YamlError> {
    fn from(error: SyntaxError) -> Self {
        let at = range(error.offset, error.offset);
        Self::new(YamlError::new(error.kind, at, error.message).help(error.help))
    }
}

/// Errors as they are found: counted always, listed up to the limit.
struct Errors {
    list: Vec<YamlError>,
    left_out: usize,
    limit: usize,
    /// Documents with an error, in no order.
    broken: Vec<usize>,
}

impl Errors {
    fn new(limits: Limits) -> Self {
        Self {
            list: Vec::new(),
            left_out: 0,
            limit: limits.errors,
            broken: Vec::new(),
        }
    }

    fn push(&mut self, document: usize, mut error: YamlError) {
        if self.broken.last() != Some(&document) {
            self.broken.push(document);
        }
        if self.list.len() < self.limit {
            error.document = document;
            self.list.push(error);
        } else {
            self.left_out += 1;
        }
    }

    fn finish(mut self, documents: &mut [Document], text: &str) -> Vec<YamlError> {
        for number in self.broken {
            if let Some(document) = documents.get_mut(number) {
                document.sound = false;
            }
        }
        for error in &mut self.list {
            if error.range.is_empty() {
                let (start, end) = layout::character(text, error.range.start().into());
                error.range = range(start, end);
            }
        }
        self.list
            .sort_by_key(|error| (error.range.start(), error.range.end()));
        self.list
            .dedup_by(|later, first| later.range == first.range && later.kind == first.kind);
        if self.left_out > 0 {
            let message = format!("{} more errors are not listed", self.left_out);
            let end = index(text.len());
            let mut error = YamlError::new(ErrorKind::Limit, range(end, end), message);
            error.document = documents.len().saturating_sub(1);
            self.list.push(error.help("correct those above first"));
        }
        self.list
    }
}
