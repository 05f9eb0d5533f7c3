//! From a text to its documents: one broken document leaves the others as they are.

use std::sync::Arc;

use crate::builder::Builder;
use crate::bytes;
use crate::document::{Document, Stream, range};
use crate::error::{ErrorKind, YamlError};
use crate::errors::Errors;
use crate::events::{Event, Events, Place};
use crate::layout;
use crate::limits::Limits;

pub(crate) fn read(text: &Arc<str>, limits: Limits) -> Stream {
    if text.len() > limits.bytes {
        return too_large(text, limits);
    }
    let mut reader =
        Reader { text, limits, documents: Vec::new(), errors: Errors::new(limits.errors), open: None, end: 0 };
    reader.run();
    let Reader { mut documents, mut errors, .. } = reader;
    if documents.is_empty() {
        documents.push(Document::new(Arc::clone(text), 0, 0));
    }
    for (at, character) in bytes::control_characters(text) {
        let document = documents.partition_point(|d| d.start <= at).saturating_sub(1);
        errors.push(document, || bytes::control_error(at, character));
    }
    let errors = errors.finish(&mut documents, text);
    Stream { documents, errors }
}

fn too_large(text: &Arc<str>, limits: Limits) -> Stream {
    let mut document = Document::new(Arc::clone(text), 0, 0);
    document.sound = false;
    let message = format!("the text has {} bytes, more than the {} that are read", text.len(), limits.bytes);
    let error = YamlError::new(ErrorKind::Limit, range(0, 0), message).help("split it into several files");
    Stream { documents: vec![document], errors: vec![error] }
}

fn too_many(place: Place, most: usize) -> YamlError {
    let message = format!("more than the {most} documents that are read in one stream");
    YamlError::new(ErrorKind::Limit, range(place.start, place.end), message).help("split the text into several files")
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
                Err(error) => Err(error),
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
            let most = self.limits.documents;
            self.errors.push(number.saturating_sub(1), || too_many(place, most));
            return false;
        }
        if explicit {
            self.check_directives(number, place.start);
            self.end = place.end;
        }
        self.end = self.end.min(place.end);
        self.open(number, place.start);
        true
    }

    fn open(&mut self, number: usize, start: u32) {
        let document = Document::new(Arc::clone(self.text), number, start);
        let errors = std::mem::take(&mut self.errors);
        self.open = Some(Builder::new(self.text, document, self.end, self.limits, errors));
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
            self.errors.push(document, || {
                YamlError::new(ErrorKind::Directive, range(start, end), message)
                    .help("remove the line; only `%YAML 1.2` and `%TAG` are read")
            });
        }
    }

    /// Puts away the document being built, whole or as far as it came.
    fn close(&mut self) {
        let Some(builder) = self.open.take() else {
            return;
        };
        let (document, errors, end) = builder.finish();
        self.errors = errors;
        self.end = end;
        self.documents.push(document);
    }

    /// An error breaks the open document, or the one before if it stands after its end.
    fn abandon(&mut self, error: YamlError) {
        if self.open.is_none() && self.documents.is_empty() {
            self.open(0, 0);
        }
        self.close();
        self.end = u32::MAX;
        self.errors.push(self.documents.len().saturating_sub(1), || error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_over_the_limit_is_refused_unread() {
        let limits = Limits { bytes: 5, ..Limits::default() };
        assert_eq!(read(&"a: 1\n".into(), limits).errors, []);
        let stream = read(&"a: 12\n".into(), limits);
        assert_eq!(stream.errors.len(), 1);
        assert_eq!(stream.errors.first().map(|error| error.kind), Some(ErrorKind::Limit));
        assert!(stream.documents.iter().all(|document| !document.is_sound() && document.is_empty()));
    }

    #[test]
    fn aliases_may_stand_for_as_many_nodes_as_the_text_has_bytes() {
        let limits = Limits { expansion: 10, ..Limits::default() };
        let list = "- &a [1, 2, 3, 4]\n";
        let fits = format!("{list}{}", "- *a\n".repeat(5));
        assert_eq!(read(&format!("{fits}# {}", " ".repeat(100)).into(), limits).errors, []);
        let over = read(&format!("{list}{}", "- *a\n".repeat(1000)).into(), limits);
        assert_eq!(over.errors, []);
        let tight = read(&"- &a [1,2,3,4,5,6,7]\n- [*a,*a,*a,*a,*a,*a]".into(), limits);
        assert_eq!(tight.errors.iter().map(|error| error.kind).collect::<Vec<_>>(), [ErrorKind::AliasExpansion]);
    }
}
