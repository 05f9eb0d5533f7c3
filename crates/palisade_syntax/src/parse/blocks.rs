//! Blocks, and going on after what could not be read.
//!
//! The members of a block are read at once; only if that fails is the block cut at the lines on which a member begins
//! and that are indented no deeper than the block's first member, and each part is read alone. So a broken member
//! costs itself, and a file with ten mistakes gives ten errors.

use std::ops::Range;

use text_size::TextRange;

use super::Reader;
use crate::errors::{did_you_mean, error, meant, shown};
use crate::grammar::{Failure, Node, Rule, range, read};
use crate::scan::Kind;
use crate::words::RESERVED;

/// The words that begin such members elsewhere, with the word here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("assert", "require"),
    ("const", "let"),
    ("deny", "forbid"),
    ("ensure", "require"),
    ("foreach", "for"),
    ("if", "when"),
    ("level", "severity"),
    ("must", "require"),
    ("assume", "given"),
    ("state", "status"),
    ("val", "let"),
    ("var", "let"),
    ("where", "when"),
    ("with", "given"),
];

fn elsewhere(found: &str, words: &[&str]) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(word, here)| *word == found && words.contains(here)).map(|(_, here)| *here)
}

/// Builds a member from what the grammar matched.
type Build<T> = for<'r, 'a, 't> fn(&'r mut Reader<'t>, &'a Node<'a>) -> Option<T>;
/// Reads a broken member that is itself a block.
type Nested<T> = for<'r, 't> fn(&'r mut Reader<'t>, Range<usize>) -> Option<T>;

/// How the members of one kind of block are read.
pub(super) struct Block<T> {
    /// A member, in words.
    pub(super) what: &'static str,
    /// The entry rule for all members.
    pub(super) all: Rule,
    /// The entry rule for as many as can be read.
    pub(super) some: Rule,
    /// Whether a member begins with this token and the one after it.
    pub(super) begins: fn(&str, &str) -> bool,
    /// The words that begin a member, where there are such.
    pub(super) words: &'static [&'static str],
    pub(super) build: Build<T>,
    /// What stands in the tree for a broken member.
    pub(super) broken: for<'r, 't> fn(&'r mut Reader<'t>, TextRange) -> Option<T>,
    /// The word of a member that is itself a block, and how it is read when broken.
    pub(super) nested: Option<(&'static str, Nested<T>)>,
}

/// Where a block's members stand.
pub(super) struct Body {
    open: usize,
    start: usize,
    /// Offset of its closer, or of where it breaks off.
    inner_end: usize,
    /// The end of its closer, or of where it breaks off.
    pub(super) end: usize,
    closed: bool,
}

impl Body {
    pub(super) fn members(&self) -> Range<usize> {
        self.start..self.inner_end
    }
}

impl<'t> Reader<'t> {
    /// Reads the head of a block and finds its end. Reports and gives `None` if the head is broken.
    pub(super) fn open_block(&mut self, entry: Rule, head: Rule, part: &Range<usize>) -> Option<(Node<'t>, Body)> {
        match read(entry, self.file, part.clone()) {
            Ok(node) => {
                let head = node.child(head)?;
                let body = self.body(head.end(), part);
                Some((head, body))
            }
            Err(failure) => {
                self.fail(&failure);
                None
            }
        }
    }

    /// The body of the block whose opening brace ends at `start`.
    pub(super) fn body(&self, start: usize, part: &Range<usize>) -> Body {
        let open = self.token_at(start.saturating_sub(1));
        let last = self.tokens.partition_point(|token| token.start < part.end);
        let close = self.matching(open, last).or_else(|| self.closing_line(open, last));
        let end = self.tokens.get(close.unwrap_or(last).saturating_sub(usize::from(close.is_none())));
        let end = end.map_or(part.end, |token| token.end).max(start);
        let inner_end = close.and_then(|i| self.tokens.get(i)).map_or(end, |token| token.start);
        Body { open, start, inner_end, end, closed: close.is_some() }
    }

    /// The closer that matches the bracket at `open`, if all brackets up to it match.
    fn matching(&self, open: usize, last: usize) -> Option<usize> {
        let mut closers: Vec<&str> = Vec::new();
        for i in open..last {
            match self.token_text(i) {
                "{" => closers.push("}"),
                "(" => closers.push(")"),
                "[" => closers.push("]"),
                close @ ("}" | ")" | "]") => {
                    if closers.pop() != Some(close) {
                        return None;
                    }
                    if closers.is_empty() {
                        return self.plausible(open, i).then_some(i);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// A closer that begins a line deeper than the line of its opener closes something else.
    fn plausible(&self, open: usize, close: usize) -> bool {
        let Some(closer) = self.tokens.get(close) else {
            return false;
        };
        !closer.first || closer.column <= self.line_indent(open)
    }

    /// The first line that begins with `}` and is indented no deeper than the line of the opener.
    fn closing_line(&self, open: usize, last: usize) -> Option<usize> {
        let indent = self.line_indent(open);
        (open + 1..last).find(|i| {
            self.token_text(*i) == "}" && self.tokens.get(*i).is_some_and(|token| token.first && token.column <= indent)
        })
    }

    fn line_indent(&self, index: usize) -> usize {
        self.tokens
            .get(..=index)
            .and_then(|tokens| tokens.iter().rev().find(|token| token.first))
            .map_or(0, |token| token.column)
    }

    /// Reports a block that is not closed, and what follows it within its part.
    pub(super) fn close_block(&mut self, body: &Body, part: &Range<usize>) {
        let open = self.tokens.get(body.open).copied();
        if let Some(open) = open.filter(|_| !body.closed) {
            self.error(
                "syntax-unclosed",
                range(open.start, open.end),
                "this `{` is not closed",
                "close the block with `}` on a line of its own, indented like the line of its `{`",
            );
            return;
        }
        self.trailing(body.end, part.end);
    }

    /// Reports what follows the end of an item or block.
    pub(super) fn trailing(&mut self, end: usize, limit: usize) {
        let next = self.tokens.get(self.token_at(end)).copied();
        let Some(next) = next.filter(|token| token.start < limit) else {
            return;
        };
        let found = shown(self.token_text(self.token_at(end)));
        self.error(
            "syntax-trailing",
            range(next.start, next.end),
            format!("expected the next item, found `{found}` after the end of this one"),
            "an item begins at column 0 with its word, such as `rule`; is the head of one missing here, or is a `}` too many?",
        );
        self.unread.push(end..limit);
    }

    /// Reads the members of a block.
    pub(super) fn members<T>(&mut self, block: &Block<T>, body: Range<usize>) -> Vec<T> {
        let mut members = Vec::new();
        match read(block.all, self.file, body.clone()) {
            Ok(node) => self.build_all(block, &node, &mut members),
            Err(_) => {
                for part in self.parts(block, &body) {
                    self.part_of_block(block, part, &mut members);
                }
            }
        }
        members
    }

    /// Cuts a block at the lines on which a member begins.
    fn parts<T>(&self, block: &Block<T>, body: &Range<usize>) -> Vec<Range<usize>> {
        let from = self.token_at(body.start);
        let to = self.tokens.partition_point(|token| token.start < body.end);
        let Some(first) = self.tokens.get(from).filter(|_| from < to) else {
            return Vec::new();
        };
        let lines = self.tokens.get(from..to).unwrap_or_default();
        let indent = lines.iter().find(|token| token.first).map_or(usize::MAX, |token| token.column);
        let mut starts = vec![first.start];
        for i in from + 1..to {
            let at_margin = self.tokens.get(i).filter(|token| token.first && token.column <= indent);
            if let Some(token) = at_margin.filter(|_| self.begins(block, i)) {
                starts.push(token.start);
            }
        }
        let ends: Vec<usize> = starts.iter().copied().skip(1).chain([body.end]).collect();
        starts.into_iter().zip(ends).map(|(start, end)| start..end).collect()
    }

    /// Whether a member begins at a token, or was meant to: a misspelt word is a mistake of its own.
    fn begins<T>(&self, block: &Block<T>, index: usize) -> bool {
        let word = self.token_text(index);
        let is_word = RESERVED.contains(&word) || block.words.contains(&word);
        let meant =
            || !is_word && (elsewhere(word, block.words).is_some() || did_you_mean(word, block.words).is_some());
        (block.begins)(word, self.token_text(index + 1)) || meant()
    }

    /// Reads a part of a block that was cut out: what can be read of it, and an error for the rest.
    fn part_of_block<T>(&mut self, block: &Block<T>, part: Range<usize>, members: &mut Vec<T>) {
        let failure = match read(block.all, self.file, part.clone()) {
            Ok(node) => return self.build_all(block, &node, members),
            Err(failure) => failure,
        };
        // What was read ends where a line begins that no member begins with: the line is the mistake.
        let read_before = self.line_begins_at(failure.at) && failure.at > part.start;
        if let Some(node) = read_before.then(|| read(block.all, self.file, part.start..failure.at).ok()).flatten() {
            self.build_all(block, &node, members);
            return self.broken_member(block, failure.at..part.end, &failure, members);
        }
        let mut rest = part.start;
        if let Ok(node) = read(block.some, self.file, part.clone()) {
            self.build_all(block, &node, members);
            rest = node.children().map(|member| member.end()).max().unwrap_or(rest);
        }
        let rest = self.tokens.get(self.token_at(rest)).map_or(rest, |token| token.start);
        self.broken_member(block, rest..part.end, &failure, members);
    }

    fn line_begins_at(&self, offset: usize) -> bool {
        self.tokens.get(self.token_at(offset)).is_some_and(|token| token.first && token.start == offset)
    }

    fn broken_member<T>(&mut self, block: &Block<T>, rest: Range<usize>, failure: &Failure, members: &mut Vec<T>) {
        let index = self.token_at(rest.start);
        let word = self.token_text(index);
        if let Some((_, nested)) = block.nested.filter(|(begin, _)| *begin == word) {
            let before = self.errors.len();
            match nested(self, rest.clone()) {
                Some(member) if self.errors.len() > before => return members.push(member),
                Some(_) => self.fail(failure),
                None => {}
            }
        } else if failure.at <= rest.start
            && self.line_begins_at(rest.start)
            && !(block.begins)(word, self.token_text(index + 1))
        {
            self.not_a_member(block, index, &rest);
        } else {
            self.fail(failure);
        }
        self.unread.push(rest.clone());
        let last = self.tokens.partition_point(|token| token.start < rest.end);
        let end = last.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(rest.end, |token| token.end);
        members.extend((block.broken)(self, range(rest.start, end)));
    }

    fn not_a_member<T>(&mut self, block: &Block<T>, index: usize, rest: &Range<usize>) {
        let found = self.token_text(index);
        let Some(token) = self.tokens.get(index).filter(|token| token.start < rest.end) else {
            return self.defect(range(rest.start, rest.end));
        };
        let at = range(token.start, token.end);
        let near = elsewhere(found, block.words).or_else(|| did_you_mean(found, block.words));
        let help = match near {
            Some(word) => meant(word),
            None if found.starts_with(['#', '/']) => "a comment begins with `//`".to_owned(),
            None if block.words.is_empty() => String::new(),
            None => format!("it begins with one of `{}`", block.words.join("`, `")),
        };
        let message = match token.kind {
            Kind::Close => format!("this `{found}` closes nothing"),
            _ => format!("expected {}, found `{}`", block.what, shown(found)),
        };
        self.errors.push(error("syntax-expected", at, message, help).instead(near));
    }

    fn build_all<T>(&mut self, block: &Block<T>, node: &Node<'_>, members: &mut Vec<T>) {
        for member in node.children().filter(|child| child.rule() != Rule::EOI) {
            match (block.build)(self, &member) {
                Some(member) => members.push(member),
                None => self.defect(member.range()),
            }
        }
    }
}
