//! Text that is safe to show: what a terminal would obey, or a reader could not see, is written out.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with control characters, line separators, and invisible or direction-changing characters written as
/// escapes (`\n`, `\u{1b}`), so that it stays on one line and means what it shows.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        push_visible(&mut shown, c);
    }
    Cow::Owned(shown)
}

/// Each line of a text made [`visible`]: for documentation and notes of several lines.
pub(crate) fn visible_lines(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.lines().map(visible)
}

/// Appends one character, escaped where it is not plainly visible.
pub(crate) fn push_visible(to: &mut String, c: char) {
    if is_hidden(c) {
        // Writing to a String cannot fail.
        let _ = match c {
            '\n' | '\r' | '\t' => write!(to, "{}", c.escape_default()),
            _ => write!(to, "{}", c.escape_unicode()),
        };
    } else {
        to.push(c);
    }
}

/// Control characters, and those that are invisible, break lines, or change the direction of what follows.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `1 violation`, `2 violations`.
pub(crate) fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// A text with its first letter as at the start of a sentence.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod unit {
    use super::visible;
    use proptest::prelude::*;

    #[test]
    fn plain_text_is_left_alone() {
        for text in ["", "café, 漢字, 🦀", "`ci-1` has a public IP"] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(visible("a\u{1b}[31mb\r\nc\td"), "a\\u{1b}[31mb\\r\\nc\\td");
        assert_eq!(visible("x\u{202e}y\u{200b}z\u{2028}"), "x\\u{202e}y\\u{200b}z\\u{2028}");
    }

    proptest! {
        #[test]
        fn nothing_shown_is_a_control_character(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(char::is_control));
        }
    }
}
