//! What mends a diagnostic: edits of files, as data. Whoever applies them decides when.

use std::ops::Range;

use crate::{Diagnostic, Span};

/// A change that mends a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What it does, as a command: ``write `public_ip` ``.
    pub title: String,
    /// Whether it changes no answer, so that nobody needs to look at it. A guess at what was meant is not safe.
    pub safe: bool,
    /// All of them together, or none.
    pub edits: Vec<Edit>,
}

/// One text in the place of another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced; empty where something is added.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Fix {
    /// A guess at what was meant at a place.
    #[must_use]
    pub fn guess(span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { title: format!("write `{text}`"), safe: false, edits: vec![Edit { span, text }] }
    }
}

/// A file's text after the safe fixes of its diagnostics; `None` if there is none. Of fixes that touch each other the
/// first is made: the others are found again in the new text, if they are still needed. One that edits other files too
/// is left.
#[must_use]
pub fn mended(path: &str, text: &str, diagnostics: &[Diagnostic]) -> Option<String> {
    let mut taken: Vec<&Edit> = Vec::new();
    for fix in diagnostics.iter().filter_map(|one| one.fixes.iter().find(|fix| fix.safe)) {
        let fits = fix.edits.iter().all(|edit| *edit.span.path == *path && text.get(bytes(edit)).is_some());
        let free = fix.edits.iter().all(|edit| taken.iter().all(|other| are_apart(edit, other)));
        if fits && free {
            taken.extend(&fix.edits);
        }
    }
    if taken.is_empty() {
        return None;
    }
    taken.sort_by_key(|edit| edit.span.range.start());
    let mut after = text.to_owned();
    for edit in taken.into_iter().rev() {
        after.replace_range(bytes(edit), &edit.text);
    }
    Some(after)
}

fn bytes(edit: &Edit) -> Range<usize> {
    edit.span.range.into()
}

/// Edits that meet may take the same comma, or add in an order that nobody chose.
fn are_apart(a: &Edit, b: &Edit) -> bool {
    a.span.range.end() < b.span.range.start() || b.span.range.end() < a.span.range.start()
}

#[cfg(test)]
mod tests {
    use super::*;
    use text_size::TextRange;

    fn diagnostic(edits: &[(u32, u32, &str)], safe: bool) -> Diagnostic {
        let edit = |(start, end, text): &(u32, u32, &str)| Edit {
            span: Span { path: "a".into(), range: TextRange::new((*start).into(), (*end).into()) },
            text: (*text).to_owned(),
        };
        let fix = Fix { title: String::new(), safe, edits: edits.iter().map(edit).collect() };
        let mut diagnostic = Diagnostic::error("a", "", None);
        diagnostic.fixes.push(fix);
        diagnostic
    }

    #[test]
    fn safe_fixes_are_made_together() {
        let all = [diagnostic(&[(0, 1, "x"), (4, 5, "y")], true), diagnostic(&[(2, 3, "")], true)];
        assert_eq!(mended("a", "12345", &all).as_deref(), Some("x24y"));
    }

    #[test]
    fn a_guess_is_left_to_its_reader() {
        assert_eq!(mended("a", "12345", &[diagnostic(&[(0, 1, "x")], false)]), None);
    }

    #[test]
    fn of_fixes_that_touch_the_first_is_made_as_a_whole() {
        let all = [diagnostic(&[(0, 2, "x")], true), diagnostic(&[(2, 3, "y"), (4, 5, "z")], true)];
        assert_eq!(mended("a", "12345", &all).as_deref(), Some("x345"));
    }

    #[test]
    fn a_fix_of_another_file_or_past_the_end_is_left() {
        assert_eq!(mended("b", "12345", &[diagnostic(&[(0, 1, "x")], true)]), None);
        assert_eq!(mended("a", "12", &[diagnostic(&[(1, 3, "x")], true)]), None);
        assert_eq!(mended("a", "ä", &[diagnostic(&[(1, 2, "x")], true)]), None, "inside a character");
    }
}
