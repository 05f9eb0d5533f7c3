//! Tables in plain text: columns as wide as they need, the last one broken at spaces to fit the terminal.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

/// The last column is never narrower than this, even if lines become longer than the terminal.
const NARROWEST: usize = 24;

/// Writes rows of equal length under a heading. `width`: the terminal's columns, `None` for no limit.
pub(crate) fn write<const N: usize>(
    heading: [&str; N],
    rows: &[[String; N]],
    width: Option<usize>,
    to: &mut dyn Write,
) -> io::Result<()> {
    let widths = widths(&heading, rows);
    let fixed: usize = widths.iter().take(N.saturating_sub(1)).map(|width| width + 2).sum();
    let last = width.map_or(usize::MAX, |width| width.saturating_sub(fixed).max(NARROWEST));
    let heading = heading.map(str::to_uppercase);
    for row in std::iter::once(&heading).chain(rows) {
        write_row(row, &widths, fixed, last, to)?;
    }
    Ok(())
}

fn widths<const N: usize>(heading: &[&str; N], rows: &[[String; N]]) -> [usize; N] {
    let mut widths = heading.map(UnicodeWidthStr::width);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    widths
}

fn write_row(row: &[String], widths: &[usize], fixed: usize, last: usize, to: &mut dyn Write) -> io::Result<()> {
    let Some((end, cells)) = row.split_last() else {
        return Ok(());
    };
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        line.push_str(cell);
        line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
    }
    for (at, piece) in wrap(end, last).iter().enumerate() {
        if at > 0 {
            line = " ".repeat(fixed);
        }
        line.push_str(piece);
        writeln!(to, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The text in lines of up to `width` columns, broken at spaces; a longer word stays whole. At least one line.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod unit {
    use super::*;

    fn drawn(width: Option<usize>) -> String {
        let rows =
            [["a".to_owned(), "one two three four five six seven".to_owned()], ["漢字".to_owned(), String::new()]];
        let mut to = Vec::new();
        write(["id", "title"], &rows, width, &mut to).unwrap();
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn the_last_column_is_broken_to_fit() {
        assert_eq!(drawn(Some(30)), "ID    TITLE\na     one two three four five\n      six seven\n漢字\n");
    }

    #[test]
    fn without_a_width_each_row_is_one_line() {
        assert_eq!(drawn(None).lines().count(), 3);
    }
}
