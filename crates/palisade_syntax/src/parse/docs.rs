//! Documentation: `///` belongs to the node that begins on the next line, `//!` to the module.

use std::ops::Range;

use smol_str::SmolStr;

use super::Reader;
use crate::grammar::range;
use crate::scan::DocLine;

/// `///` lines that follow one another.
pub(crate) struct DocBlock {
    range: Range<usize>,
    text: String,
    /// Where the token begins that they stand before, if it is on the next line.
    before: Option<usize>,
    taken: bool,
}

impl Reader<'_> {
    /// The text of the `//!` lines; those after the first item are reported.
    pub(super) fn take_module_doc(&mut self, docs: &[DocLine], first: bool) -> Option<SmolStr> {
        let mut lines = Vec::new();
        for doc in docs.iter().filter(|doc| doc.module) {
            if first && doc.tokens_before == 0 {
                lines.push(self.doc_text(doc));
            } else {
                self.error(
                    "syntax-doc",
                    range(doc.range.start, doc.range.end),
                    "`//!` documents the module and stands only before the first item",
                    "write `//`",
                );
            }
        }
        (!lines.is_empty()).then(|| SmolStr::new(lines.join("\n")))
    }

    /// Joins `///` lines to blocks and finds what each stands before.
    pub(super) fn collect_docs(&mut self, docs: &[DocLine]) {
        for doc in docs.iter().filter(|doc| !doc.module) {
            let text = self.doc_text(doc);
            let before = self.token_on_next_line(doc);
            match self.docs.last_mut() {
                Some(block) if doc.first && adjacent(self.file, &block.range, &doc.range) => {
                    block.text.push('\n');
                    block.text.push_str(&text);
                    block.range.end = doc.range.end;
                    block.before = before;
                }
                _ => self.docs.push(DocBlock { range: doc.range.clone(), text, before, taken: false }),
            }
        }
    }

    fn doc_text(&self, doc: &DocLine) -> String {
        let line = self.file.get(doc.range.clone()).unwrap_or_default();
        let text = line.get(3..).unwrap_or_default();
        text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned()
    }

    fn token_on_next_line(&self, doc: &DocLine) -> Option<usize> {
        let next = self.tokens.get(doc.tokens_before)?;
        let between = self.file.get(doc.range.end..next.start)?;
        (doc.first && between.matches('\n').count() == 1).then_some(next.start)
    }

    /// The documentation right before a node that may have some.
    pub(crate) fn doc(&mut self, start: usize) -> Option<SmolStr> {
        let index = self.docs.partition_point(|block| block.range.end <= start);
        let block = self.docs.get_mut(index.checked_sub(1)?)?;
        if block.before != Some(start) {
            return None;
        }
        block.taken = true;
        Some(SmolStr::new(&block.text))
    }

    /// Reports documentation that belongs to nothing, except where nothing could be read.
    pub(super) fn report_stray_docs(&mut self) {
        let unread = merged(std::mem::take(&mut self.unread));
        let is_unread = |at: usize| {
            let index = unread.partition_point(|part| part.end <= at);
            unread.get(index).is_some_and(|part| part.contains(&at))
        };
        let stray: Vec<Range<usize>> = self
            .docs
            .iter()
            .filter(|block| !block.taken)
            .filter(|block| !is_unread(block.range.start) && !block.before.is_some_and(is_unread))
            .map(|block| block.range.clone())
            .collect();
        for block in stray {
            self.error(
                "syntax-doc",
                range(block.start, block.end),
                "`///` stands on its own line, directly before what it documents",
                "move it there, or write `//`",
            );
        }
    }
}

/// The same parts in order, without overlap.
fn merged(mut parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    parts.sort_by_key(|part| part.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for part in parts {
        match merged.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => merged.push(part),
        }
    }
    merged
}

fn adjacent(file: &str, above: &Range<usize>, below: &Range<usize>) -> bool {
    file.get(above.end..below.start).is_some_and(|between| between.trim_matches([' ', '\t', '\r']) == "\n")
}
