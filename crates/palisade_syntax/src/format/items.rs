//! Items and the members of their blocks.

use super::builder::Builder;
use crate::grammar::{Node, Rule};

impl<'t> Builder<'t> {
    /// A whole item, from the entry rule.
    pub(super) fn item(&mut self, node: &Node<'t>) {
        let children: Vec<Node<'t>> = node.children().filter(|child| child.rule() != Rule::EOI).collect();
        match children.as_slice() {
            [head, members @ .., close] if close.rule() == Rule::close_brace => {
                self.node(head);
                self.body(head.rule(), head, members, close);
            }
            all => self.nodes(all),
        }
    }

    /// The members of a block behind its `{`.
    fn body(&mut self, kind: Rule, head: &Node<'t>, members: &[Node<'t>], close: &Node<'t>) {
        let on_one_line = members.first().is_none_or(|first| !self.broken_between(head, first));
        match kind {
            Rule::traffic_head => self.traffic(members, close, true),
            Rule::record_head | Rule::enum_head | Rule::environment_head | Rule::extend_head | Rule::variant_body => {
                self.block(members, close, !on_one_line, ",");
            }
            Rule::hosts_head => self.block(members, close, !on_one_line, ";"),
            _ => self.block(members, close, true, ""),
        }
    }

    /// The members of a block, one a line; with separators on one line, where its author put them there and they fit.
    fn block(&mut self, members: &[Node<'t>], close: &Node<'t>, broken: bool, separator: &'static str) {
        if members.is_empty() {
            return self.empty(close);
        }
        self.open(broken);
        self.indent();
        let columns = self.columns(members);
        for (i, member) in members.iter().enumerate() {
            self.member_line(member.start(), " ", i == 0, is_apart(member));
            self.column = columns.get(i).copied().unwrap_or(0);
            self.node(member);
            if i + 1 < members.len() {
                self.flat(separator);
            }
        }
        self.closer(close, " ");
        self.close();
    }

    /// How many spaces each member has behind its word, so that what follows makes a column with its neighbours.
    fn columns(&self, members: &[Node<'t>]) -> Vec<usize> {
        let mut columns = vec![0; members.len()];
        for run in self.runs(members) {
            let run: Vec<(usize, usize)> =
                run.filter_map(|i| members.get(i).and_then(word).map(|word| (i, word.len()))).collect();
            let widest = run.iter().map(|(_, width)| *width).max().unwrap_or(0);
            for (i, width) in run {
                if let Some(column) = columns.get_mut(i) {
                    *column = widest - width;
                }
            }
        }
        columns
    }

    /// The rows of members that make columns: one below the other, without a blank line or another member between.
    fn runs(&self, members: &[Node<'t>]) -> Vec<std::ops::Range<usize>> {
        let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
        let mut above: Option<&Node<'t>> = None;
        for (i, member) in members.iter().enumerate() {
            let joins = above.is_some_and(|above| !self.gap(above.end()..member.start()).has_blank());
            above = word(member).map(|_| member);
            match runs.last_mut() {
                Some(run) if joins && above.is_some() => run.end = i + 1,
                _ => runs.push(i..i + 1),
            }
        }
        runs
    }

    /// What is no expression.
    pub(super) fn member(&mut self, node: &Node<'t>, children: &[Node<'t>]) {
        match node.rule() {
            Rule::constant | Rule::let_clause => self.assigned(children, true),
            Rule::function => self.assigned(children, false),
            Rule::hosts_head => self.hosts_head(children),
            Rule::variant_body | Rule::section | Rule::for_clause => self.inner_block(node.rule(), children),
            Rule::field | Rule::variant | Rule::host => self.separated(children),
            Rule::statement => self.statement(children),
            Rule::cites | Rule::tags | Rule::needs => self.word_and_list(children),
            Rule::when | Rule::pack_when => self.hanging(children),
            Rule::requirement => self.requirement(children),
            Rule::either => self.either(children),
            Rule::expectation => self.expectation(children),
            _ => self.nodes(children),
        }
    }

    fn hosts_head(&mut self, children: &[Node<'t>]) {
        for child in children {
            if child.rule() == Rule::params {
                self.space();
            }
            self.node(child);
        }
    }

    fn inner_block(&mut self, kind: Rule, children: &[Node<'t>]) {
        if let [head, members @ .., close] = children {
            self.node(head);
            self.body(kind, head, members, close);
        }
    }

    /// A member that may have a separator at its end; the block writes its own.
    fn separated(&mut self, children: &[Node<'t>]) {
        for child in children {
            match child.rule() {
                Rule::comma | Rule::semicolon => self.drop_separator(child),
                _ => self.node(child),
            }
        }
    }

    /// `must id unchecked "why"`, and what it says on the next line.
    fn statement(&mut self, children: &[Node<'t>]) {
        if let [head @ .., text] = children {
            self.nodes(head);
            self.below(text);
        }
    }

    /// On the next line, one step further to the right.
    fn below(&mut self, node: &Node<'t>) {
        self.indent();
        self.hard_line();
        self.node(node);
        self.dedent();
    }

    fn word_and_list(&mut self, children: &[Node<'t>]) {
        if let [word, elements @ ..] = children {
            self.node(word);
            self.listed(elements);
        }
    }

    /// `require …`, then `else` one step further to the right and `help` below.
    fn requirement(&mut self, children: &[Node<'t>]) {
        let is_head = |child: &&Node<'t>| !matches!(child.rule(), Rule::otherwise | Rule::help);
        let count = children.iter().take_while(is_head).count();
        let (head, rest) = children.split_at(count);
        let (others, helps): (Vec<_>, Vec<_>) = rest.iter().partition(|child| child.rule() == Rule::otherwise);
        if helps.first().is_some_and(|help| others.last().is_some_and(|other| other.start() > help.start())) {
            self.hanging(head);
            return rest.iter().for_each(|child| self.below(child));
        }
        let broken =
            matches!((head.last(), others.first()), (Some(one), Some(other)) if self.broken_between(one, other));
        self.open(broken);
        self.hanging(head);
        for otherwise in others {
            self.indent();
            self.line(" ");
            self.node(otherwise);
            self.dedent();
        }
        self.close();
        for help in helps {
            self.hard_line();
            self.node(help);
        }
    }

    /// `either { … } or { … }`: on one line, or each `or` at the beginning of a line.
    fn either(&mut self, children: &[Node<'t>]) {
        let ors = |pair: &[Node<'t>]| matches!(pair, [one, other] if other.rule() == Rule::kw_or && self.broken_between(one, other));
        let broken = children.windows(2).any(ors);
        if let Some(first) = children.first() {
            self.open_before(first, broken);
        }
        self.indent();
        for child in children {
            if child.rule() == Rule::kw_or {
                self.line(" ");
            }
            self.node(child);
        }
        self.dedent();
        self.close();
    }

    /// `expect … on …`, and each `at` and `message` on a line of its own.
    fn expectation(&mut self, children: &[Node<'t>]) {
        for child in children {
            match child.rule() {
                Rule::at_place | Rule::with_message => self.below(child),
                _ => self.node(child),
            }
        }
    }
}

/// Whether a member always has a blank line before it.
fn is_apart(member: &Node<'_>) -> bool {
    member.child(Rule::section).is_some()
}

/// The word of a member whose neighbours make columns with it.
fn word<'t>(member: &Node<'t>) -> Option<&'t str> {
    let kind = member.children().next()?;
    let makes_columns = match member.rule() {
        Rule::clause => matches!(kind.rule(), Rule::when | Rule::needs | Rule::let_clause),
        Rule::source_part => kind.rule() != Rule::section,
        Rule::pack_part => true,
        _ => false,
    };
    kind.children().next().filter(|_| makes_columns).map(|word| word.text())
}
