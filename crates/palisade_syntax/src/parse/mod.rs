//! From chunks to items. Each file here reads one part of the language; this one holds what they share.
//!
//! A builder function gives `None` only where it and the grammar disagree, which is a defect: it is reported as one,
//! never passed over.

mod blocks;
mod clauses;
mod docs;
mod expr;
mod items;
mod precedence;
mod sources;
mod tests_items;
mod text;
mod traffic;
mod types;

use std::ops::Range;

use smol_str::SmolStr;
use text_size::TextRange;

use crate::ast::{Ident, Item, ItemKind, NodeId, Path};
use crate::errors::{error, expected};
use crate::grammar::{Failure, Node, Rule, range};
use crate::limits::MAX_NESTING;
use crate::scan::{Scan, Token, scan, too_deep};
use crate::words::OPENING;
use crate::{ParsedItem, Spans, SyntaxError};
use docs::DocBlock;

/// Reads one chunk: its tree, the places of its nodes, and what was wrong.
pub(crate) struct Reader<'t> {
    pub(crate) file: &'t str,
    pub(crate) tokens: Vec<Token>,
    pub(crate) errors: Vec<SyntaxError>,
    spans: Spans,
    docs: Vec<DocBlock>,
    /// Parts that could not be read: documentation in them belongs to nothing, and nobody need be told.
    unread: Vec<Range<usize>>,
    /// Declared names that are words of the language: where one is used, it is read as that word.
    refused: Vec<SmolStr>,
}

/// What one chunk holds.
pub(crate) struct ReadChunk {
    /// The item; `None` if there are only comments.
    pub(crate) item: Option<ParsedItem>,
    /// The text of its `//!` lines.
    pub(crate) module_doc: Option<SmolStr>,
    pub(crate) errors: Vec<SyntaxError>,
}

/// Reads one chunk of a file. `first` until an item has been read: only then may `//!` stand.
pub(crate) fn read_chunk(file: &str, chunk: &Range<usize>, first: bool) -> ReadChunk {
    let Scan { tokens, docs } = scan(file, chunk.clone());
    let mut reader = Reader {
        file,
        tokens,
        errors: Vec::new(),
        spans: Spans::default(),
        docs: Vec::new(),
        unread: Vec::new(),
        refused: Vec::new(),
    };
    let module_doc = reader.take_module_doc(&docs, first);
    reader.collect_docs(&docs);
    let item = reader.read_item(chunk);
    reader.report_stray_docs();
    let mut errors = reader.errors;
    errors.sort_by_key(|error| (error.range.start(), error.range.end()));
    let spans = reader.spans;
    ReadChunk { item: item.map(|item| ParsedItem { item, spans }), module_doc, errors }
}

impl<'t> Reader<'t> {
    fn read_item(&mut self, chunk: &Range<usize>) -> Option<Item> {
        let (first, last) = (*self.tokens.first()?, *self.tokens.last()?);
        let id = self.node(range(first.start, last.end));
        let doc = self.doc(first.start);
        let kind = if self.check_depth() {
            self.read_kind(first.start..chunk.end)
        } else {
            self.unread.push(chunk.clone());
            ItemKind::Error
        };
        Some(Item { id, doc, kind })
    }

    fn check_depth(&mut self) -> bool {
        let Some(deep) = too_deep(self.file, &self.tokens) else {
            return true;
        };
        self.error(
            "syntax-too-deep",
            range(deep.start, deep.end),
            format!("this is nested more than {MAX_NESTING} levels deep"),
            "give the inner parts names: `let`, `const`, or a function",
        );
        false
    }

    /// Gives a node its number. Numbers follow the order in which the text is read, whatever its layout.
    pub(crate) fn node(&mut self, range: TextRange) -> NodeId {
        let id = u32::try_from(self.spans.ranges.len()).unwrap_or(u32::MAX);
        self.spans.ranges.push(range);
        NodeId(id)
    }

    pub(crate) fn node_of(&mut self, node: &Node<'_>) -> NodeId {
        self.node(node.range())
    }

    pub(crate) fn range_of(&self, id: NodeId) -> TextRange {
        self.spans.range(id)
    }

    pub(crate) fn ident(&mut self, node: &Node<'_>) -> Ident {
        let id = self.node_of(node);
        let text = SmolStr::new(node.text());
        Ident { id, text }
    }

    /// A name that an item, parameter, `let` or loop declares: not a word that begins a clause.
    pub(crate) fn declared(&mut self, node: &Node<'_>) -> Ident {
        let ident = self.ident(node);
        if OPENING.contains(&ident.text.as_str()) {
            self.refused.push(ident.text.clone());
            self.error(
                "syntax-reserved-name",
                node.range(),
                format!("`{}` cannot be a name: it begins a clause, a line or a quantifier", ident.text),
                "choose another name",
            );
        }
        ident
    }

    /// Words joined by dots.
    pub(crate) fn path(&mut self, node: &Node<'_>) -> Path {
        let id = self.node_of(node);
        let segments = node.children().map(|word| self.ident(&word)).collect();
        Path { id, segments }
    }

    pub(crate) fn error(
        &mut self,
        code: &'static str,
        range: TextRange,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.errors.push(error(code, range, message, help));
    }

    /// Reports where the grammar stopped, and remembers that the rest was not read. At the use of a refused name the name
    /// is at fault, and that has been said.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        let found = self.token_at(failure.at);
        let around = [found.checked_sub(1), Some(found)].map(|at| at.map_or("", |at| self.token_text(at)));
        if !self.refused.iter().any(|name| around.contains(&name.as_str())) {
            self.errors.push(expected(self.file, &self.tokens, failure));
        }
        self.unread.push(failure.at..failure.end);
    }

    /// Reports a disagreement between grammar and builder.
    pub(crate) fn defect(&mut self, range: TextRange) {
        self.error(
            "syntax-internal",
            range,
            "this could not be read because of a defect in the parser",
            "please report it with this text",
        );
    }

    pub(crate) fn token_text(&self, index: usize) -> &'t str {
        self.tokens.get(index).and_then(|token| self.file.get(token.start..token.end)).unwrap_or_default()
    }

    /// The index of the first token that ends after an offset.
    pub(crate) fn token_at(&self, offset: usize) -> usize {
        self.tokens.partition_point(|token| token.end <= offset)
    }

    /// Whether nothing stands between two offsets' sides: used for signs that want, or refuse, white space.
    pub(crate) fn blank_before(&self, offset: usize) -> bool {
        self.file.get(..offset).and_then(|before| before.chars().next_back()).is_none_or(char::is_whitespace)
    }

    pub(crate) fn blank_after(&self, offset: usize) -> bool {
        self.file.get(offset..).and_then(|after| after.chars().next()).is_none_or(char::is_whitespace)
    }

    pub(crate) fn note_raw_lines(&mut self, id: NodeId, lines: Vec<(text_size::TextSize, text_size::TextSize)>) {
        self.spans.raw_lines.push((id, lines));
    }

    pub(crate) fn children_as_paths(&mut self, node: &Node<'_>, rule: Rule) -> Vec<Path> {
        node.all(rule).map(|path| self.path(&path)).collect()
    }
}
