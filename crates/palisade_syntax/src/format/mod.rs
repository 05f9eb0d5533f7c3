//! The canonical layout of a policy file: white space, and the separators that it makes needless, are all that changes.
//!
//! | file | what it does |
//! | --- | --- |
//! | `builder.rs` | tokens and comments, in their order, to instructions |
//! | `expr.rs`, `items.rs`, `traffic.rs` | where each construct may break |
//! | `layout.rs` | instructions to text: what fits on a line and what does not |
//! | `trivia.rs` | what stands between two tokens |
//!
//! The result is read again before it is handed out: a tree, a row of comments or a raw text that is not the same is a
//! defect, and then there is no result.

mod builder;
mod expr;
mod items;
mod layout;
mod traffic;
mod trivia;

use std::ops::Range;

use crate::ast::Item;
use crate::grammar::{Node, Rule, range, read};
use crate::scan::scan;
use crate::{ParsedFile, SyntaxError, chunk, errors, parse};
use trivia::Gap;

/// Lays a policy file out.
///
/// # Errors
/// What could not be read: a file with mistakes is not touched, because nobody knows what its author meant.
pub fn format(text: &str) -> Result<String, Vec<SyntaxError>> {
    let before = parse(text);
    if !before.errors.is_empty() {
        return Err(before.errors);
    }
    let formatted = lay_out(text).ok_or_else(|| vec![defect()])?;
    let after = parse(&formatted);
    if same(&before, &after) && comments(text) == comments(&formatted) { Ok(formatted) } else { Err(vec![defect()]) }
}

fn same(before: &ParsedFile, after: &ParsedFile) -> bool {
    let items = |file: &ParsedFile| -> Vec<Item> { file.items.iter().map(|parsed| parsed.item.clone()).collect() };
    after.errors.is_empty() && before.doc == after.doc && items(before) == items(after)
}

fn defect() -> SyntaxError {
    errors::error(
        "syntax-internal",
        range(0, 0),
        "this file could not be laid out because of a defect in the formatter",
        "it was left as it is; please report it with this text",
    )
}

/// The texts of all comments, in order.
fn comments(text: &str) -> Vec<&str> {
    let mut at = 0;
    let mut all = Vec::new();
    for token in scan(text, 0..text.len()).tokens {
        all.extend(trivia::read(text.get(at..token.start).unwrap_or_default(), false).comments);
        at = token.end;
    }
    all.extend(trivia::read(text.get(at..).unwrap_or_default(), false).comments);
    all.into_iter().map(|comment| comment.text).collect()
}

/// `None` where the grammar of whole items does not read what was read before.
fn lay_out(text: &str) -> Option<String> {
    let newline =
        if text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let mut page = Page { newline, out: String::new(), above: None };
    let mut at = 0;
    for chunk in chunk::chunks(text) {
        let node = read(Rule::item_alone, text, chunk).ok()?;
        let Some(Range { start, end }) = extent(&node) else {
            continue;
        };
        let gap = trivia::read(text.get(at..start)?, at == 0);
        page.item(&gap, &layout::print(&builder::item(text, &node, start), newline), node.has(Rule::import));
        at = end;
    }
    page.comments(&trivia::read(text.get(at..)?.trim_end(), at == 0), false);
    Some(page.out)
}

/// From the first token of an item to its last; `None` for a chunk of comments.
fn extent(node: &Node<'_>) -> Option<Range<usize>> {
    let tokens: Vec<Node<'_>> = node.children().filter(|child| child.rule() != Rule::EOI).collect();
    Some(tokens.first()?.start()..tokens.last()?.end())
}

/// The items of a file, one below the other, with the comments between them.
struct Page {
    newline: &'static str,
    out: String,
    /// The item above, if there is one.
    above: Option<Shape>,
}

#[derive(Clone, Copy)]
struct Shape {
    import: bool,
    /// On one line, without documentation.
    short: bool,
}

impl Page {
    /// Writes an item. Short items and imports stay together; around all others stands a blank line.
    fn item(&mut self, gap: &Gap<'_>, item: &str, import: bool) {
        let documented = gap.comments.last().is_some_and(|last| last.text.starts_with("///") && gap.newlines == 1);
        let shape = Shape { import, short: !item.contains('\n') && !documented };
        let together = |above: Shape| above.import && import || above.short && shape.short && above.import == import;
        let apart = self.above.is_some_and(|above| !together(above)) && !gap.has_blank();
        self.comments(gap, apart);
        self.out.push_str(item);
        self.out.push_str(self.newline);
        self.above = Some(shape);
    }

    /// Writes the comments before an item, or at the end.
    fn comments(&mut self, gap: &Gap<'_>, apart: bool) {
        let mut apart = apart;
        for comment in &gap.comments {
            if !comment.own && self.out.ends_with(self.newline) {
                self.out.truncate(self.out.len() - self.newline.len());
                self.out.push_str("  ");
            } else {
                self.blank(comment.blank || apart);
                apart = false;
            }
            self.out.push_str(comment.text);
            self.out.push_str(self.newline);
        }
        self.blank(gap.newlines > 1 || apart);
    }

    fn blank(&mut self, wanted: bool) {
        if wanted && !self.out.is_empty() {
            self.out.push_str(self.newline);
        }
    }
}
