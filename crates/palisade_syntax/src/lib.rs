//! Policy text → syntax tree and errors. No IO, no names resolved, no types: those are the engine's.
//!
//! A file is cut into *chunks* at column 0 before any grammar runs, so a broken item never swallows its neighbour;
//! each chunk is parsed by the entry rule of its keyword, and a broken rule is parsed clause by clause.

pub mod ast;
mod chunk;
mod errors;
mod format;
mod grammar;
pub mod limits;
mod parse;
mod scan;
mod words;

use text_size::{TextRange, TextSize};

pub use format::format;
use limits::{MAX_ERRORS, MAX_FILE_BYTES, MAX_ITEMS};
pub use words::keywords;

/// Reads a policy file. Never fails: what could not be read is in [`ParsedFile::errors`], and the rest is there.
#[must_use]
pub fn parse(text: &str) -> ParsedFile {
    let mut file = ParsedFile { doc: None, items: Vec::new(), errors: Vec::new() };
    if text.len() > MAX_FILE_BYTES {
        file.refuse(
            TextRange::empty(TextSize::new(0)),
            format!("the file has {} bytes, more than the {MAX_FILE_BYTES} that are read", text.len()),
        );
        return file;
    }
    for chunk in chunk::chunks(text) {
        if file.items.len() == MAX_ITEMS {
            let at = TextRange::empty(grammar::size(chunk.start));
            file.refuse(at, format!("the file has more than {MAX_ITEMS} items"));
            break;
        }
        let read = parse::read_chunk(text, &chunk, file.items.is_empty());
        file.doc = file.doc.or(read.module_doc);
        file.items.extend(read.item);
        file.errors.extend(read.errors);
    }
    file.cap_errors();
    file
}

/// How many tokens a text has, by the scan that comes before the grammar: the yardstick that benches measure against.
#[must_use]
pub fn count_tokens(text: &str) -> usize {
    scan::scan(text, 0..text.len()).tokens.len()
}

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

impl ParsedFile {
    fn refuse(&mut self, range: TextRange, message: String) {
        let help = "split it into several modules";
        self.errors.push(errors::error("syntax-limit", range, message, help));
    }

    /// Lists the first errors only, and says how many there are.
    fn cap_errors(&mut self) {
        let all = self.errors.len();
        if all <= MAX_ERRORS {
            return;
        }
        self.errors.truncate(MAX_ERRORS - 1);
        let end = self.errors.last().map_or(TextSize::new(0), |last| last.range.end());
        let message = format!("there are {all} errors, of which the first {} are listed", MAX_ERRORS - 1);
        let help = "correct those, then check again";
        self.errors.push(errors::error("syntax-limit", TextRange::empty(end), message, help));
    }
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
        self.ranges.get(node.0 as usize).copied().unwrap_or_default()
    }

    /// The place in the file of an offset in the raw text at `node`.
    #[must_use]
    pub fn raw_offset(&self, node: ast::NodeId, offset: TextSize) -> TextSize {
        let lines = self.raw_lines.iter().find(|(id, _)| *id == node).map_or(&[][..], |(_, l)| l.as_slice());
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
    /// What can be written in the place of what stands at the range, where that is plain.
    pub instead: Option<String>,
    /// Other places with a word each.
    pub related: Vec<(TextRange, String)>,
}
