//! What stands between two tokens: comments, and how much empty space there is between them.

/// A comment with what is before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment<'t> {
    /// From its `//` on, without white space at its end.
    pub(super) text: &'t str,
    /// On a line of its own.
    pub(super) own: bool,
    /// After a blank line.
    pub(super) blank: bool,
}

/// The comments between two tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap<'t> {
    pub(super) comments: Vec<Comment<'t>>,
    /// How many newlines stand behind the last comment, or in the whole gap if there is none.
    pub(super) newlines: usize,
}

impl Gap<'_> {
    /// Whether a blank line stands anywhere in it.
    pub(super) fn has_blank(&self) -> bool {
        self.newlines > 1 || self.comments.iter().any(|comment| comment.blank)
    }

    /// Whether anything in it ends a line.
    pub(super) fn has_newline(&self) -> bool {
        self.newlines > 0 || !self.comments.is_empty()
    }
}

/// Reads white space and comments. `fresh` where the text begins a line.
pub(super) fn read(text: &str, fresh: bool) -> Gap<'_> {
    let mut gap = Gap::default();
    let mut newlines = usize::from(fresh);
    let mut rest = text;
    while let Some(found) = rest.find("//") {
        let (before, from) = rest.split_at(found);
        newlines += before.matches('\n').count();
        let length = from.find('\n').unwrap_or(from.len());
        let (comment, after) = from.split_at(length);
        gap.comments.push(Comment { text: comment.trim_end(), own: newlines > 0, blank: newlines > 1 });
        newlines = 0;
        rest = after;
    }
    gap.newlines = newlines + rest.matches('\n').count();
    gap
}

#[cfg(test)]
mod tests {
    use super::{Comment, read};

    #[test]
    fn a_comment_knows_what_is_before_it() {
        let gap = read(" // on the line  \n  // below\n\n/// apart\n", false);
        let comment = |text, own, blank| Comment { text, own, blank };
        let expected = [
            comment("// on the line", false, false),
            comment("// below", true, false),
            comment("/// apart", true, true),
        ];
        assert_eq!(gap.comments, expected);
        assert_eq!(gap.newlines, 1);
        assert!(gap.has_blank());
    }

    #[test]
    fn the_beginning_of_a_file_begins_a_line() {
        assert!(read("// first", true).comments[0].own);
        assert!(!read("// first", false).comments[0].own);
    }
}
