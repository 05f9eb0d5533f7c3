//! Repairs of policies as edits of text: located last, when a message is shown.

use std::ops::Range;

use palisade_source::{Edit, Fix, Span, TextRange, TextSize};

use super::items::locate;
use crate::inputs::Db;
use crate::names::NodeRef;
use crate::problem::{Change, Repair};

/// The edits of a repair; `None` where the text does not allow them, such as for a comment in the middle of a list.
pub fn located(db: &dyn Db, repair: &Repair) -> Option<Fix> {
    let edits = repair.changes.iter().map(|change| edit(db, change)).collect::<Option<Vec<_>>>()?;
    Some(Fix { title: repair.title.clone(), safe: repair.safe, edits })
}

fn edit(db: &dyn Db, change: &Change) -> Option<Edit> {
    let (node, text) = match change {
        Change::Write(at, text) => (at, text.as_str()),
        Change::RemoveLines(at) | Change::RemoveElement(at, _) => (at, ""),
    };
    let file = node.item.file;
    let source = file.text(db);
    let bytes = |at: &NodeRef| Range::<usize>::from(locate(db, at).range);
    let range = match change {
        Change::Write(at, _) => word(source, bytes(at))?,
        Change::RemoveLines(at) => lines(source, bytes(at)),
        Change::RemoveElement(first, last) => element(source, bytes(first).start..bytes(last).end)?,
    };
    let (start, end) = (TextSize::try_from(range.start).ok()?, TextSize::try_from(range.end).ok()?);
    let span = Span { path: file.path(db).clone(), range: TextRange::new(start, end) };
    Some(Edit { span, text: text.to_owned() })
}

/// A word as it stands, or what stands between the quotes of a text.
fn word(source: &str, range: Range<usize>) -> Option<Range<usize>> {
    let written = source.get(range.clone())?;
    let range = if written.len() > 1 && written.starts_with('"') { range.start + 1..range.end - 1 } else { range };
    let written = source.get(range.clone())?;
    let plain = !written.is_empty() && !written.contains(|c: char| c.is_whitespace() || c == '"');
    plain.then_some(range)
}

/// What goes with an item or clause: the documentation above it and the rest of its lines, if nothing else stands there.
fn lines(source: &str, node: Range<usize>) -> Range<usize> {
    let before = source.get(..node.start).unwrap_or_default();
    let after = source.get(node.end..).unwrap_or_default();
    let rest = after.find('\n').map_or(after.len(), |at| at + 1);
    let beside = after.get(..rest).unwrap_or_default();
    let margin = before.trim_end_matches([' ', '\t']);
    if !(margin.is_empty() || margin.ends_with('\n')) {
        return node;
    }
    if !beside.trim().is_empty() {
        return node.start..node.end + (beside.len() - beside.trim_start().len());
    }
    let mut start = margin.len();
    for line in margin.split_inclusive('\n').rev() {
        let line = (line, line.trim_start());
        if !line.1.starts_with("///") || line.1.starts_with("////") {
            break;
        }
        start -= line.0.len();
    }
    start..node.end + rest
}

/// What goes with an element of a list: the comma behind it with the space up to the next, else the comma before it.
fn element(source: &str, node: Range<usize>) -> Option<Range<usize>> {
    let (before, after) = (source.get(..node.start)?, source.get(node.end..)?);
    if let Some(rest) = after.trim_start().strip_prefix(',') {
        let margin = before.trim_end_matches([' ', '\t']);
        let of_line = rest.find('\n').filter(|end| rest.get(..*end).is_some_and(|rest| rest.trim().is_empty()));
        return Some(match of_line {
            Some(end) if margin.ends_with('\n') => margin.len()..source.len() - rest.len() + end + 1,
            _ => node.start..source.len() - rest.trim_start().len(),
        });
    }
    let before = before.trim_end().strip_suffix(',')?;
    Some(before.len()..node.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(source: &str, part: &str, cut: impl Fn(&str, Range<usize>) -> Range<usize>) -> String {
        let start = source.find(part).unwrap();
        let mut source = source.to_owned();
        let range = cut(&source, start..start + part.len());
        source.replace_range(range, "");
        source
    }

    #[test]
    fn an_element_goes_with_one_comma() {
        let cut = |source: &str, part: &str| without(source, part, |source, node| element(source, node).unwrap());
        assert_eq!(cut("{A, B, C}", "A"), "{B, C}");
        assert_eq!(cut("{A, B, C}", "B"), "{A, C}");
        assert_eq!(cut("{A, B, C}", "C"), "{A, B}");
        assert_eq!(cut("{\n  A, // why\n  B,\n}", "B"), "{\n  A, // why\n}");
        assert_eq!(element("{A, // why\n B}", 12..13), None, "the comma is behind a comment");
    }

    #[test]
    fn an_item_goes_with_its_documentation_and_its_line() {
        let cut = |source: &str, part: &str| without(source, part, lines);
        assert_eq!(cut("a\n/// A.\n/// B.\nconst c\nd\n", "const c"), "a\nd\n");
        assert_eq!(cut("// a\nconst c", "const c"), "// a\n");
        assert_eq!(cut("r {\n  let a = 3\n  require b\n}\n", "let a = 3"), "r {\n  require b\n}\n");
    }

    #[test]
    fn other_comments_stay() {
        let cut = |source: &str, part: &str| without(source, part, lines);
        assert_eq!(cut("//// a\nconst c // b\nd\n", "const c"), "//// a\n// b\nd\n");
        assert_eq!(cut("r { let a = 3 require b }\n", "let a = 3"), "r {  require b }\n");
    }

    #[test]
    fn a_word_is_replaced_within_its_quotes_and_nothing_with_white_space() {
        assert_eq!(word("a b", 0..1), Some(0..1));
        assert_eq!(word("\"a\"", 0..3), Some(1..2));
        assert_eq!(word("a b", 0..3), None);
        assert_eq!(word("a", 0..0), None);
    }
}
