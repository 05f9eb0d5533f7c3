//! What the parser's spans leave out, read from the text itself.
//!
//! The parser says where the lines of a block scalar start, but not where its `|` stands; where the
//! first item of a list starts, but not its dash. Between the end of the event before and the value stand only spaces,
//! line breaks, comments, properties (`&anchor`, `!tag`) and indicators, so that a short walk finds it.

use crate::document::index;

/// The place of the value that starts at or after `from` and not after `limit`: past space, comments,
/// properties and the indicators `:` and `?`; past `-` as well if `dashes`.
pub(crate) fn value_start(text: &str, from: u32, limit: u32, dashes: bool) -> u32 {
    let bytes = text.as_bytes().get(..limit as usize).unwrap_or(text.as_bytes());
    let mut at = from as usize;
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        at += match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b':' | b'?' => 1,
            b'-' if dashes => 1,
            b'#' => rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len()),
            b'&' | b'!' => rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len()),
            _ if rest.starts_with(b"\xEF\xBB\xBF") => 3,
            _ => break,
        };
    }
    index(at)
}

/// The place of a block scalar whose content the parser puts at `start..end`: from its `|` or `>` to the end of its
/// last line that is not blank.
pub(crate) fn block_scalar(text: &str, from: u32, start: u32, end: u32) -> (u32, u32) {
    let header = value_start(text, from, start, true);
    let rest = text.get(header as usize..).unwrap_or_default();
    if !rest.starts_with(['|', '>']) {
        return (start, end);
    }
    let marks = rest.bytes().skip(1).take_while(|b| matches!(b, b'+' | b'-' | b'0'..=b'9')).count();
    let content = text.get(start as usize..end as usize).unwrap_or_default();
    let ink = content.trim_end().len();
    let tail = content.get(ink..).unwrap_or_default();
    let line = ink + tail.find(['\n', '\r']).unwrap_or(tail.len());
    let content_end = if ink == 0 { 0 } else { start.saturating_add(index(line)) };
    (header, content_end.max(header.saturating_add(1 + index(marks))))
}

/// The place of a value left out: after the `:` if one follows the key.
pub(crate) fn absent(text: &str, at: u32) -> u32 {
    let rest = text.as_bytes().get(at as usize..).unwrap_or_default();
    let space = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    if rest.get(space) == Some(&b':') { at.saturating_add(index(space + 1)) } else { at }
}

/// The directives between two documents: where each starts and ends, and its words.
pub(crate) fn directives(text: &str, from: u32, to: u32) -> impl Iterator<Item = (u32, u32, &str)> {
    let gap = text.get(from as usize..to as usize).unwrap_or_default();
    let mut at = from;
    gap.split_inclusive(['\n', '\r']).filter_map(move |line| {
        let start = at;
        at = at.saturating_add(index(line.len()));
        let bom = line.len() - line.trim_start_matches('\u{feff}').len();
        let words = line.get(bom..)?.trim_end();
        let start = start.saturating_add(index(bom));
        words.starts_with('%').then(|| (start, start.saturating_add(index(words.len())), words))
    })
}

/// The character at an offset, as a range; empty at the end of a line or of the text.
pub(crate) fn character(text: &str, at: u32) -> (u32, u32) {
    let mut at = at as usize;
    while !text.is_char_boundary(at) && at > 0 {
        at -= 1;
    }
    let width = match text.get(at..).and_then(|rest| rest.chars().next()) {
        None | Some('\n' | '\r') => 0,
        Some(character) => character.len_utf8(),
    };
    (index(at), index(at + width))
}

/// A tab in the indentation of the line that holds an offset.
pub(crate) fn tab_before(text: &str, at: u32) -> Option<u32> {
    let before = text.as_bytes().get(..at as usize)?;
    let line = before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |end| end + 1);
    let rest = text.as_bytes().get(line..)?;
    let spaces = rest.iter().take_while(|b| **b == b' ').count();
    (rest.get(spaces) == Some(&b'\t')).then(|| index(line + spaces))
}

/// The same, or in the line after it: the parser may report what precedes the tab.
pub(crate) fn tab_near(text: &str, at: u32) -> Option<u32> {
    tab_before(text, at).or_else(|| {
        let rest = text.as_bytes().get(at as usize..)?;
        let end = rest.iter().position(|b| matches!(b, b'\n' | b'\r'))?;
        tab_before(text, at.saturating_add(index(end + 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str, content: &str) -> String {
        let start = text.find(content).unwrap();
        let (from, to) = block_scalar(text, 1, index(start), index(start + content.len()));
        text[from as usize..to as usize].to_owned()
    }

    #[test]
    fn block_scalars_reach_from_their_header_to_their_last_line() {
        assert_eq!(block("a: |\n  x\n\n\nb: 1\n", "x\n\n\n"), "|\n  x");
        assert_eq!(block("a: &b !t>u # |\n  >-2 # c\n  x  \r\n \r\n", "x  \r\n \r\n"), ">-2 # c\n  x  ");
    }

    #[test]
    fn directives_are_whole_lines() {
        let text = "\u{feff}%A b\n# %C\n%D\r\n---\n";
        let found: Vec<_> = directives(text, 0, index(text.len()))
            .map(|(from, to, words)| (&text[from as usize..to as usize], words))
            .collect();
        assert_eq!(found, [("%A b", "%A b"), ("%D", "%D")]);
    }
}
