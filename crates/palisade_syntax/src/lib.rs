//! Policy text → syntax tree and errors. No IO, no names resolved, no types: those are the engine's.
//!
//! A file is cut into *chunks* at column 0 before any grammar runs, so a broken item never swallows its neighbour;
//! each chunk is parsed by the entry rule of its keyword, and a broken rule is parsed clause by clause.

pub mod ast;

use text_size::{TextRange, TextSize};

/// A parsed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedFile {
    /// The text of its `//!` lines, Markdown.
    pub doc: Option<smol_str::SmolStr>,
    /// Its items, in order; imports are items too.
    pub items: Vec<ParsedItem>,
    /// What could not be read, in order of place.
    pub errors: Vec<SyntaxError>,
}

/// An item with the places of its nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedItem {
    /// The item, without positions.
    pub item: ast::Item,
    /// Where its nodes stand.
    pub spans: Spans,
}

/// Where the nodes of one item stand in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    /// The range of each node, by [`ast::NodeId`], from the beginning of the file.
    pub ranges: Vec<TextRange>,
    /// For each raw text: its node and, line by line, (offset in the text, offset in the file).
    pub raw_lines: Vec<(ast::NodeId, Vec<(TextSize, TextSize)>)>,
}

impl Spans {
    /// The range of a node; an empty range at the start for an unknown one.
    #[must_use]
    pub fn range(&self, node: ast::NodeId) -> TextRange {
        self.ranges
            .get(node.0 as usize)
            .copied()
            .unwrap_or_default()
    }

    /// The place in the file of an offset in the raw text at `node`.
    #[must_use]
    pub fn raw_offset(&self, node: ast::NodeId, offset: TextSize) -> TextSize {
        let lines = self
            .raw_lines
            .iter()
            .find(|(id, _)| *id == node)
            .map_or(&[][..], |(_, l)| l.as_slice());
        let at = lines.partition_point(|(in_text, _)| *in_text <= offset);
        match at.checked_sub(1).and_then(|i| lines.get(i)) {
            Some((in_text, in_file)) => *in_file + (offset - *in_text),
            None => self.range(node).start(),
        }
    }
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Stable code, such as `syntax-expected`.
    pub code: &'static str,
    /// Where.
    pub range: TextRange,
    /// What was found and what was expected, in the words of the language.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Other places with a word each.
    pub related: Vec<(TextRange, String)>,
}
