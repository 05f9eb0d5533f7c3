//! Expressions, types and what else stands within a line.

use super::builder::Builder;
use crate::grammar::{Node, Rule};

/// The operators at which a line may break, loosest first; comparisons stand between the second and the third.
const LOOSE: [&[&str]; 2] = [&["or"], &["and"]];
const SUMS: &[&str] = &["+", "-", "??"];

impl<'t> Builder<'t> {
    /// Any node of the grammar.
    pub(super) fn node(&mut self, node: &Node<'t>) {
        let children: Vec<Node<'t>> = node.children().collect();
        match node.rule() {
            _ if children.is_empty() || is_token(node.rule()) => self.token(node),
            Rule::expr | Rule::arith => self.chain(&children, &LOOSE),
            Rule::quantifier => self.quantifier(&children),
            Rule::conditional => self.conditional(&children),
            Rule::match_expr => self.match_expr(&children),
            Rule::list => self.list(&children),
            Rule::paren => self.bracketed(&children, ""),
            Rule::alternative => self.bracketed(&children, " "),
            Rule::braces => self.braces(&children),
            Rule::call | Rule::params | Rule::import_names => {
                self.glue();
                self.bracketed(&children, "");
            }
            Rule::index | Rule::tag_region => self.glued(&children),
            Rule::arm | Rule::map_entry => self.hanging(&children),
            Rule::default_value => self.assigned(&children, true),
            _ => self.member(node, &children),
        }
    }

    pub(super) fn nodes(&mut self, nodes: &[Node<'t>]) {
        for node in nodes {
            self.node(node);
        }
    }

    /// `[key]`, `.{region}`: right behind what they belong to, without spaces inside.
    fn glued(&mut self, children: &[Node<'t>]) {
        for (i, child) in children.iter().enumerate() {
            if i < 2 || i + 1 == children.len() {
                self.glue();
            }
            self.node(child);
        }
    }

    /// Operands and operators: on one line, or each operator at the beginning of a line.
    fn chain(&mut self, parts: &[Node<'t>], looser: &[&[&str]]) {
        let Some((operators, tighter)) = looser.split_first() else {
            return self.comparison(parts);
        };
        let cuts = cuts(parts, operators);
        if cuts.is_empty() {
            return self.chain(parts, tighter);
        }
        self.broken_at(parts, &cuts, |builder, operand| builder.chain(operand, tighter));
    }

    /// Comparisons stay on a line; the sums beside them may break.
    fn comparison(&mut self, parts: &[Node<'t>]) {
        let is_comparison = |node: &Node<'t>| is_operator(node) && !SUMS.contains(&node.text());
        for operand in parts.split_inclusive(is_comparison) {
            let end = operand.len() - usize::from(operand.last().is_some_and(is_comparison));
            let (operand, operator) = operand.split_at(end);
            let cuts = cuts(operand, SUMS);
            if cuts.is_empty() {
                self.nodes(operand);
            } else {
                self.broken_at(operand, &cuts, Self::nodes);
            }
            self.nodes(operator);
        }
    }

    fn broken_at(&mut self, parts: &[Node<'t>], cuts: &[usize], operand: impl Fn(&mut Self, &[Node<'t>])) {
        let broken = cuts.iter().any(|cut| self.broken_among(parts.get(cut - 1..=cut + 1).unwrap_or_default()));
        let Some(first) = parts.first() else {
            return;
        };
        self.open_before(first, broken);
        operand(self, parts.get(..cuts.first().copied().unwrap_or(0)).unwrap_or_default());
        self.indent();
        let ends = cuts.iter().copied().skip(1).chain([parts.len()]);
        for (cut, end) in cuts.iter().zip(ends) {
            self.line(" ");
            self.nodes(parts.get(*cut..=*cut).unwrap_or_default());
            operand(self, parts.get(cut + 1..end).unwrap_or_default());
        }
        self.dedent();
        self.close();
    }

    /// `all x in xs: …`, the body behind the colon or one step further to the right on the next line.
    fn quantifier(&mut self, children: &[Node<'t>]) {
        if let [head @ .., body] = children {
            self.nodes(head);
            let broken = self.broken_among(children.get(children.len() - 2..).unwrap_or_default());
            self.hung(body, broken);
        }
    }

    /// On one line, or one step further to the right on the next.
    fn hung(&mut self, node: &Node<'t>, broken: bool) {
        self.open(broken);
        self.indent();
        self.line(" ");
        self.node(node);
        self.dedent();
        self.close();
    }

    /// `if … then … else if … then … else …`: on one line, or one alternative a line.
    fn conditional(&mut self, children: &[Node<'t>]) {
        let rungs = rungs(children);
        let ends = rungs.iter().filter_map(|rung| rung.last());
        let begins = rungs.iter().skip(1).filter_map(|rung| rung.first());
        let broken = ends.zip(begins).any(|(above, otherwise)| self.broken_between(above, otherwise));
        if let Some(first) = children.first() {
            self.open_before(first, broken);
        }
        for (i, rung) in rungs.iter().enumerate() {
            if i > 0 {
                self.line(" ");
            }
            match rung.as_slice() {
                [head @ .., then, result] if then.rule() == Rule::kw_then => {
                    self.nodes(head);
                    self.node(then);
                    let broken = self.broken_between(then, result);
                    self.hung(result, broken);
                }
                all => self.nodes(all),
            }
        }
        self.close();
    }

    fn match_expr(&mut self, children: &[Node<'t>]) {
        let open = children.iter().position(|child| child.rule() == Rule::open_brace).unwrap_or(0);
        let (subject, arms) = children.split_at(open);
        self.nodes(subject);
        self.bracketed(arms, " ");
    }

    /// Elements, or `[e for x in xs if p]`.
    fn list(&mut self, children: &[Node<'t>]) {
        let [open, element, comprehension, close] = children else {
            return self.bracketed(children, "");
        };
        if comprehension.rule() != Rule::for_each {
            return self.bracketed(children, "");
        }
        let parts: Vec<Node<'t>> = comprehension.children().collect();
        let filter = parts.iter().position(|part| part.rule() == Rule::kw_if).unwrap_or(parts.len());
        let (each, filter) = parts.split_at(filter);
        self.token(open);
        let broken = self.broken_between(open, element);
        self.open(broken);
        self.indent();
        self.line("");
        self.node(element);
        for part in [each, filter].into_iter().filter(|part| !part.is_empty()) {
            self.line(" ");
            self.nodes(part);
        }
        self.closer(close, "");
        self.close();
    }

    /// A map, or a literal of traffic.
    fn braces(&mut self, children: &[Node<'t>]) {
        match children {
            [open, lines @ .., close] if lines.iter().any(|line| line.rule() == Rule::traffic_line) => {
                self.token(open);
                let broken = lines.first().is_some_and(|first| self.broken_between(open, first));
                self.traffic(lines, close, broken);
            }
            _ => self.bracketed(children, " "),
        }
    }

    /// What has a value at its end that may break: a conditional's `else` must not stand below the key.
    pub(super) fn hanging(&mut self, children: &[Node<'t>]) {
        for child in children {
            if only_primary(child) == Some(Rule::conditional) {
                self.indent();
                self.node(child);
                self.dedent();
            } else {
                self.node(child);
            }
        }
    }

    /// `… = value`: behind the sign, or one step further to the right on the next line. What has brackets of its own
    /// may stay behind the sign.
    pub(super) fn assigned(&mut self, children: &[Node<'t>], brackets_stay: bool) {
        let (value, head) = match children {
            [head @ .., value] if head.last().is_some_and(|last| last.rule() == Rule::equals) => (value, head),
            _ => return self.nodes(children),
        };
        self.nodes(head);
        let broken = head.last().is_some_and(|equals| self.broken_between(equals, value));
        let has_brackets =
            matches!(only_primary(value), Some(Rule::list | Rule::braces | Rule::match_expr | Rule::paren));
        if brackets_stay && has_brackets && !broken {
            self.node(value);
        } else {
            self.hung(value, broken);
        }
    }
}

/// What has parts, but is written without anything between them.
fn is_token(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::module_path
            | Rule::type_path
            | Rule::rule_path
            | Rule::fixture_path
            | Rule::variant_path
            | Rule::statement_path
            | Rule::cite_path
            | Rule::tag_name
    )
}

fn is_operator(node: &Node<'_>) -> bool {
    matches!(node.rule(), Rule::infix | Rule::arith_infix)
}

/// Where some operators stand between operands.
fn cuts(parts: &[Node<'_>], operators: &[&str]) -> Vec<usize> {
    let is_cut = |(i, part): (usize, &Node<'_>)| {
        (i > 0 && is_operator(part) && operators.contains(&part.text().trim())).then_some(i)
    };
    parts.iter().enumerate().filter_map(is_cut).collect()
}

/// The only operand of an expression, if it has nothing behind it.
fn only_primary(expr: &Node<'_>) -> Option<Rule> {
    if !matches!(expr.rule(), Rule::expr | Rule::arith) {
        return None;
    }
    let operand = only_child(expr).filter(|operand| operand.rule() == Rule::operand)?;
    only_child(&operand).map(|primary| primary.rule())
}

fn only_child<'t>(node: &Node<'t>) -> Option<Node<'t>> {
    let mut children = node.children();
    children.next().filter(|_| children.next().is_none())
}

/// The parts of a conditional, cut before each `else`; a conditional after `else` goes on in the same row.
fn rungs<'t>(children: &[Node<'t>]) -> Vec<Vec<Node<'t>>> {
    let at = children.iter().position(|child| child.rule() == Rule::kw_else).unwrap_or(children.len());
    let (first, rest) = children.split_at(at);
    let mut all = vec![first.to_vec()];
    let next = rest.get(1).filter(|expr| only_primary(expr) == Some(Rule::conditional));
    let inner = next.and_then(|expr| only_child(expr)).and_then(|operand| only_child(&operand));
    match (rest, inner) {
        ([otherwise, ..], Some(inner)) => {
            let mut below = rungs(&inner.children().collect::<Vec<_>>());
            if let Some(first) = below.first_mut() {
                first.insert(0, otherwise.clone());
            }
            all.extend(below);
        }
        _ => all.push(rest.to_vec()),
    }
    all
}
