//! What a command would change in a file, as a unified diff.

use std::io::{self, Write};

use similar::{ChangeTag, TextDiff};

use crate::Options;
use crate::style::{Paint, Tone};
use crate::text::visible;

/// Lines shown around each change.
const CONTEXT: usize = 3;

/// Writes what lies between two texts of a file. What a terminal would obey is shown, not sent: without such
/// characters in it the diff can be applied with `patch -p1`.
pub fn diff(path: &str, before: &str, after: &str, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let paint = Paint::new(options.color);
    let path = visible(path);
    writeln!(to, "{}", paint.bold(&format!("--- a/{path}")))?;
    writeln!(to, "{}", paint.bold(&format!("+++ b/{path}")))?;
    let diff = TextDiff::from_lines(before, after);
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        writeln!(to, "{}", paint.aside(&hunk.header().to_string()))?;
        for change in hunk.iter_changes() {
            let value = change.value();
            let text = value.strip_suffix('\n').unwrap_or(value);
            let line = format!("{}{}", change.tag(), visible(text));
            writeln!(to, "{}", coloured(change.tag(), paint, &line))?;
            if change.missing_newline() {
                writeln!(to, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}

fn coloured(tag: ChangeTag, paint: Paint, line: &str) -> String {
    match tag {
        ChangeTag::Delete => paint.tone(Tone::Bad, line),
        ChangeTag::Insert => paint.tone(Tone::Good, line),
        ChangeTag::Equal => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::Options;

    fn shown(before: &str, after: &str, color: bool) -> String {
        let mut out = Vec::new();
        diff("a.pal", before, after, &Options { color, ..Options::default() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_change_is_shown_with_its_neighbours() {
        let expected = "--- a/a.pal\n+++ b/a.pal\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n";
        assert_eq!(shown("a\nb\nc\n", "a\nB\nc\n", false), expected);
    }

    #[test]
    fn an_end_without_newline_is_said() {
        assert!(shown("a", "a\n", false).contains("-a\n\\ No newline at end of file\n+a\n"));
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        let out = shown("\u{1b}[2J\r\n", "b\n", false);
        assert!(out.contains("-\\u{1b}[2J\\r\n"), "{out}");
        assert!(shown("a\n", "b\n", true).contains('\u{1b}'));
    }
}
