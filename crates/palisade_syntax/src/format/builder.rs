//! From the nodes of the grammar to instructions for the layout: what all constructs share.
//!
//! Tokens are handed on one by one, in their order, and with each the comments before it, so that none can be lost:
//! `at` is the end of what has been handed on.

use std::ops::Range;

use super::layout::{Op, STEP, width};
use super::trivia::{self, Gap};
use crate::grammar::{Node, Rule};

pub(super) struct Builder<'t> {
    file: &'t str,
    pub(super) ops: Vec<Op<'t>>,
    /// The end of the last token or comment that was handed on.
    at: usize,
    /// The last token, if what follows stands on its line beside it.
    last: Option<Rule>,
    /// How many indentations are open.
    depth: usize,
    /// Spaces that the next token has behind it, so that what follows makes a column.
    pub(super) column: usize,
    /// Whether only the width is asked for: columns are then left out, or nested tables would be measured without end.
    measuring: bool,
}

/// The instructions for a whole item, whose first token begins at `start`.
pub(super) fn item<'t>(file: &'t str, node: &Node<'t>, start: usize) -> Vec<Op<'t>> {
    let mut builder = Builder::new(file, start);
    builder.item(node);
    builder.ops
}

impl<'t> Builder<'t> {
    fn new(file: &'t str, at: usize) -> Self {
        Self { file, ops: Vec::new(), at, last: None, depth: 0, column: 0, measuring: false }
    }

    /// How wide some nodes are on one line.
    pub(super) fn measure(&self, nodes: &[Node<'t>]) -> usize {
        let Some(first) = nodes.first().filter(|_| !self.measuring) else {
            return 0;
        };
        let mut scratch = Builder::new(self.file, first.start());
        scratch.measuring = true;
        scratch.nodes(nodes);
        width(&scratch.ops)
    }

    /// How far to the right a line begins here, as far as indentation goes.
    pub(super) fn margin(&self) -> usize {
        self.depth * STEP
    }

    pub(super) fn gap(&self, range: Range<usize>) -> Gap<'t> {
        let fresh = range.start == 0;
        trivia::read(self.file.get(range).unwrap_or_default(), fresh)
    }

    /// Whether the author broke the line between two nodes.
    pub(super) fn broken_between(&self, one: &Node<'t>, other: &Node<'t>) -> bool {
        self.gap(one.end()..other.start()).has_newline()
    }

    /// Whether the author broke the line somewhere between neighbours of a row.
    pub(super) fn broken_among(&self, nodes: &[Node<'t>]) -> bool {
        nodes.windows(2).any(|pair| matches!(pair, [one, other] if self.broken_between(one, other)))
    }

    /// A token that the grammar has no smaller parts of, or whose parts have nothing between them.
    pub(super) fn token(&mut self, node: &Node<'t>) {
        self.comments_before(node.start());
        if self.last.is_some_and(|last| apart(last, node.rule())) {
            self.ops.push(Op::Pad(1));
        }
        self.push_token(node);
    }

    fn push_token(&mut self, node: &Node<'t>) {
        self.ops.push(Op::Text(node.text()));
        self.at = self.at.max(node.start() + node.text().len());
        self.last = Some(node.rule());
        match std::mem::take(&mut self.column) {
            0 => {}
            column => self.ops.push(Op::Column(column)),
        }
    }

    /// A comma or semicolon: comments before it follow it, so that it stays where it belongs.
    pub(super) fn separator(&mut self, node: &Node<'t>) {
        let before = self.at;
        self.at = node.start();
        self.push_token(node);
        self.comments(before..node.start());
    }

    /// Leaves a separator out that the layout makes needless, but not the comments before it.
    pub(super) fn drop_separator(&mut self, node: &Node<'t>) {
        self.comments_before(node.start());
        self.at = node.end();
    }

    /// What follows stands right behind the last token.
    pub(super) fn glue(&mut self) {
        self.last = None;
    }

    pub(super) fn space(&mut self) {
        self.ops.push(Op::Pad(1));
        self.last = None;
    }

    pub(super) fn comments_before(&mut self, offset: usize) {
        self.comments(self.at..offset);
        self.at = offset.max(self.at);
    }

    fn comments(&mut self, range: Range<usize>) {
        for comment in self.gap(range).comments {
            self.ops.push(Op::Comment { text: comment.text, own: comment.own, blank: comment.blank });
        }
    }

    /// The comment that stands behind the last token on its line.
    fn trailing(&mut self) {
        let rest = self.file.get(self.at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        let from = rest.get(blank..).unwrap_or_default();
        if from.starts_with("//") {
            let end = self.at + blank + from.find('\n').unwrap_or(from.len());
            self.comments_before(end);
        }
    }

    /// A place where the line may break.
    pub(super) fn line(&mut self, flat: &'static str) {
        self.trailing();
        self.ops.push(Op::Line { flat, blank: false });
        self.last = None;
    }

    /// What stands between members that share a line.
    pub(super) fn flat(&mut self, separator: &'static str) {
        self.trailing();
        self.ops.push(Op::Flat(separator));
    }

    /// A place where the line does break.
    pub(super) fn hard_line(&mut self) {
        self.trailing();
        self.ops.push(Op::Hard { blank: false });
        self.last = None;
    }

    /// The break before a member of a block, with the comments above it; at most one blank line is kept, and `apart`
    /// asks for one.
    pub(super) fn member_line(&mut self, start: usize, flat: &'static str, first: bool, apart: bool) {
        self.trailing();
        let gap = self.gap(self.at..start);
        let mut first = first;
        let mut apart = apart && !gap.has_blank();
        for comment in &gap.comments {
            self.ops.push(Op::Line { flat, blank: (comment.blank || apart) && !first });
            self.ops.push(Op::Comment { text: comment.text, own: true, blank: false });
            (first, apart) = (false, false);
        }
        self.ops.push(Op::Line { flat, blank: (gap.newlines > 1 || apart) && !first });
        self.at = start;
        self.last = None;
    }

    /// The end of what is in brackets: the comments before the closer still belong to the inside.
    pub(super) fn closer(&mut self, close: &Node<'t>, flat: &'static str) {
        self.trailing();
        for comment in self.gap(self.at..close.start()).comments {
            self.ops.push(Op::Line { flat, blank: comment.blank });
            self.ops.push(Op::Comment { text: comment.text, own: true, blank: false });
        }
        self.at = close.start();
        self.dedent();
        self.line(flat);
        self.token(close);
    }

    /// Begins a group before a node; comments before the node do not break it.
    pub(super) fn open_before(&mut self, node: &Node<'t>, broken: bool) {
        if self.last.is_some_and(|last| apart(last, first_rule(node))) {
            self.space();
        }
        self.comments_before(node.start());
        self.open(broken);
    }

    pub(super) fn open(&mut self, broken: bool) {
        self.ops.push(Op::Open { broken });
    }

    pub(super) fn close(&mut self) {
        self.ops.push(Op::Close);
    }

    pub(super) fn indent(&mut self) {
        self.depth += 1;
        self.ops.push(Op::Indent);
    }

    pub(super) fn align(&mut self) {
        self.depth += 1;
        self.ops.push(Op::Align);
    }

    pub(super) fn dedent(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.ops.push(Op::Dedent);
    }

    /// `( … )`, `[ … ]`, `{ … }` around elements with commas: on one line, or one element a line.
    pub(super) fn bracketed(&mut self, nodes: &[Node<'t>], flat: &'static str) {
        let [open, inner @ .., close] = nodes else {
            return self.nodes(nodes);
        };
        self.token(open);
        let Some(first) = inner.first() else {
            return self.empty(close);
        };
        let broken = self.broken_between(open, first);
        self.open(broken);
        self.indent();
        self.line(flat);
        for (i, node) in inner.iter().enumerate() {
            if node.rule() != Rule::comma {
                self.node(node);
            } else if i + 1 == inner.len() {
                self.drop_separator(node);
            } else {
                self.separator(node);
                self.line(" ");
            }
        }
        self.closer(close, flat);
        self.close();
    }

    /// Brackets without anything in them, except perhaps comments.
    pub(super) fn empty(&mut self, close: &Node<'t>) {
        self.glue();
        if self.gap(self.at..close.start()).comments.is_empty() {
            return self.token(close);
        }
        self.open(true);
        self.indent();
        self.closer(close, "");
        self.close();
    }

    /// A word and elements with commas: on one line, or one element a line below the first.
    pub(super) fn listed(&mut self, nodes: &[Node<'t>]) {
        let Some(first) = nodes.first() else {
            return;
        };
        let broken = self.broken_among(nodes);
        self.open_before(first, broken);
        self.align();
        for node in nodes {
            if node.rule() == Rule::comma {
                self.separator(node);
                self.line(" ");
            } else {
                self.node(node);
            }
        }
        self.dedent();
        self.close();
    }
}

/// The first token of a node.
fn first_rule(node: &Node<'_>) -> Rule {
    let mut first = node.clone();
    while let Some(child) = first.children().next() {
        first = child;
    }
    first.rule()
}

/// Whether a space stands between two tokens of a line.
fn apart(left: Rule, right: Rule) -> bool {
    let glued_right = matches!(
        right,
        Rule::comma
            | Rule::semicolon
            | Rule::colon
            | Rule::close_paren
            | Rule::close_bracket
            | Rule::open_angle
            | Rule::close_angle
            | Rule::question
            | Rule::call_paren
            | Rule::slash
            | Rule::dot
            | Rule::dot_brace
    );
    let glued_left = matches!(
        left,
        Rule::open_paren
            | Rule::call_paren
            | Rule::open_bracket
            | Rule::open_angle
            | Rule::slash
            | Rule::dot
            | Rule::dot_brace
            | Rule::sign
    );
    !glued_left && !glued_right
}
