//! Byte offsets ↔ lines and columns for people: both from 1, columns counted in characters.

use text_size::{TextRange, TextSize};

/// Where each line of a text begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
    length: u32,
}

/// A place for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

impl LineIndex {
    /// Finds the lines of a text: after `\n`, `\r\n`, or a lone `\r`, as YAML does.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let crlf = bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
            if !crlf {
                starts.push(offset(at + 1));
            }
        }
        Self { starts, length: offset(text.len()) }
    }

    /// The line and column of an offset; one past the end is the end.
    #[must_use]
    pub fn line_column(&self, text: &str, at: TextSize) -> LineColumn {
        let at = u32::from(at).min(self.length);
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = text.get(start as usize..at as usize).unwrap_or("");
        LineColumn { line: offset(line), column: offset(before.chars().count() + 1) }
    }

    /// The range of a line (from 1), its line break excluded.
    #[must_use]
    pub fn line_range(&self, text: &str, line: u32) -> Option<TextRange> {
        let at = line.checked_sub(1)? as usize;
        let start = *self.starts.get(at)?;
        let end = self.starts.get(at + 1).copied().unwrap_or(self.length);
        let content = text.get(start as usize..end as usize)?.trim_end_matches(['\n', '\r']);
        let start = TextSize::new(start);
        Some(TextRange::at(start, TextSize::new(offset(content.len()))))
    }

    /// How many lines there are; an empty text has one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }
}

/// Texts longer than 4 GiB are refused when they are read, long before this.
fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_end_at_any_of_the_three_breaks() {
        let text = "a\nbé\r\nc\rd";
        let index = LineIndex::new(text);
        assert_eq!(index.line_count(), 4);
        let places: Vec<_> = (1..=4).map(|l| &text[index.line_range(text, l).unwrap()]).collect();
        assert_eq!(places, ["a", "bé", "c", "d"]);
        assert_eq!(index.line_column(text, TextSize::new(5)), LineColumn { line: 2, column: 3 });
    }

    proptest! {
        #[test]
        fn a_column_counts_the_characters_before_it(text in "[a-zé\n\r]{0,40}") {
            let index = LineIndex::new(&text);
            for (at, _) in text.char_indices() {
                let place = index.line_column(&text, TextSize::new(u32::try_from(at).unwrap()));
                let before = text[..at].replace("\r\n", "\n").replace('\r', "\n");
                let inside_break = text[..at].ends_with('\r') && text[at..].starts_with('\n');
                if !inside_break {
                    prop_assert_eq!(place.line as usize, before.matches('\n').count() + 1);
                    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
                    prop_assert_eq!(place.column as usize, column);
                }
            }
        }
    }
}
