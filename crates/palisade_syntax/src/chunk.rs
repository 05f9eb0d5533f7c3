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
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).filter(|chunk| !chunk.is_empty()).collect()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::chunks;

    /// The chunks of a text, as text.
    fn cut(text: &str) -> Vec<&str> {
        chunks(text).into_iter().map(|chunk| &text[chunk]).collect()
    }

    #[test]
    fn each_item_is_a_chunk_with_its_documentation() {
        let text = "//! module\n\n/// one\n/// more\nconst a\n  indented\n}\n\nconst b\n// comment\n/// two\nrule c\n";
        assert_eq!(
            cut(text),
            [
                "//! module\n\n",
                "/// one\n/// more\nconst a\n  indented\n}\n\n",
                "const b\n// comment\n",
                "/// two\nrule c\n",
            ]
        );
    }

    #[test]
    fn closers_stay_with_what_they_close() {
        for closer in ["}", ")", "]", "\"\"\""] {
            let text = format!("const a\n{closer}\nconst b\n");
            assert_eq!(cut(&text).len(), 2, "{closer}");
        }
    }

    #[test]
    fn anything_else_at_column_0_is_a_chunk_of_its_own() {
        assert_eq!(cut("const a\n*\n\"x\"\né\n"), ["const a\n", "*\n", "\"x\"\n", "é\n"]);
    }

    proptest! {
        #[test]
        fn chunks_cover_the_file_exactly(text in "(rule|///|//|//!|[ }\"é{\r\n\t]|\n|\u{feff}){0,80}") {
            prop_assert_eq!(cut(&text).concat(), text);
        }
    }
}
