//! Cuts a file into chunks at column 0, so that a broken item never swallows its neighbour.
//!
//! At column 0 stand only an item (after its `///` lines), a comment, or a closer. Any other line there begins a chunk
//! of its own. Every byte of the file belongs to exactly one chunk; the first may hold no item, only comments and the
//! module's `//!` lines.

use std::ops::Range;

/// Cuts a file into chunks that cover it exactly, in order. An empty file has none.
pub(crate) fn chunks(file: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut after_doc = false;
    let mut at = 0;
    for line in file.split_inclusive('\n') {
        let margin = margin(line.strip_prefix('\u{feff}').unwrap_or(line));
        if matches!(margin, Margin::Doc | Margin::Item) && !after_doc && at > 0 {
            starts.push(at);
        }
        after_doc = match margin {
            Margin::Doc => true,
            Margin::Blank | Margin::Comment => after_doc,
            Margin::Item | Margin::Inner => false,
        };
        at += line.len();
    }
    let ends = starts.iter().copied().skip(1).chain([file.len()]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .filter(|chunk| !chunk.is_empty())
        .collect()
}

/// What a line begins with.
enum Margin {
    Blank,
    /// `//` at column 0, `//!` included.
    Comment,
    /// `///` at column 0.
    Doc,
    /// Indented, or a closer at column 0.
    Inner,
    /// Anything else at column 0.
    Item,
}

fn margin(line: &str) -> Margin {
    if line.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Margin::Blank;
    }
    let closes = line.starts_with(['}', ')', ']']) || line.starts_with("\"\"\"");
    if line.starts_with([' ', '\t', '\r']) || closes {
        Margin::Inner
    } else if line.starts_with("///") && !line.starts_with("////") {
        Margin::Doc
    } else if line.starts_with("//") {
        Margin::Comment
    } else {
        Margin::Item
    }
}
