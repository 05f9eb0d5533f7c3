//! Traffic lines: the document's table, with its columns.

use super::builder::Builder;
use super::layout::{Op, WIDTH};
use crate::grammar::{Node, Rule};

/// A line, cut where its columns begin.
struct Row<'t> {
    /// Direction, protocols, ports.
    head: Vec<Node<'t>>,
    /// `to` or `from`.
    preposition: Option<Node<'t>>,
    /// The other ends, with commas.
    remotes: Vec<Node<'t>>,
    cites: Option<Node<'t>>,
    semicolon: Option<Node<'t>>,
}

impl<'t> Row<'t> {
    fn of(line: &Node<'t>) -> Self {
        let mut row = Row { head: Vec::new(), preposition: None, remotes: Vec::new(), cites: None, semicolon: None };
        for child in line.children() {
            match child.rule() {
                Rule::preposition => row.preposition = Some(child),
                Rule::cites => row.cites = Some(child),
                Rule::semicolon => row.semicolon = Some(child),
                _ if row.preposition.is_some() => row.remotes.push(child),
                _ => row.head.push(child),
            }
        }
        row
    }
}

/// The layout of a line beside its neighbours.
#[derive(Clone, Copy, Default)]
struct Columns {
    /// Spaces before `to` or `from`.
    before_preposition: usize,
    /// Spaces before `cites`; `None`: on the next line.
    before_cites: Option<usize>,
}

impl<'t> Builder<'t> {
    /// The lines of a table or literal behind its `{`.
    pub(super) fn traffic(&mut self, lines: &[Node<'t>], close: &Node<'t>, broken: bool) {
        if lines.is_empty() {
            return self.empty(close);
        }
        self.open(broken);
        self.indent();
        let columns: Vec<Columns> =
            self.tables(lines).into_iter().flat_map(|table| self.table_columns(table)).collect();
        for (i, (line, columns)) in lines.iter().zip(columns).enumerate() {
            self.member_line(line.start(), " ", i == 0, false);
            self.traffic_line(&Row::of(line), columns);
            if i + 1 < lines.len() {
                self.flat(";");
            }
        }
        self.closer(close, " ");
        self.close();
    }

    /// Lines one below the other, without a blank line between.
    fn tables<'l>(&self, lines: &'l [Node<'t>]) -> Vec<&'l [Node<'t>]> {
        let joined = |one: &Node<'t>, other: &Node<'t>| !self.gap(one.end()..other.start()).has_blank();
        lines.chunk_by(joined).collect()
    }

    fn table_columns(&self, lines: &[Node<'t>]) -> Vec<Columns> {
        let rows: Vec<Row<'t>> = lines.iter().map(Row::of).collect();
        let heads: Vec<usize> = rows.iter().map(|row| self.measure(&row.head)).collect();
        let widest = heads.iter().copied().max().unwrap_or(0);
        let begin = self.margin() + widest + 1;
        let tails: Vec<usize> = rows.iter().map(|row| self.tail(row)).collect();
        let cites: Vec<Option<usize>> =
            rows.iter().zip(&tails).map(|(row, tail)| self.cites_beside(row, begin + tail + 1)).collect();
        let widest_tail = tails.iter().zip(&cites).filter(|(_, cites)| cites.is_some()).map(|(tail, _)| *tail).max();
        let widest_tail = widest_tail.unwrap_or(0);
        let fits = cites.iter().flatten().all(|cites| begin + widest_tail + 1 + cites <= WIDTH);
        let before_cites = |tail: usize| if fits { widest_tail.saturating_sub(tail) } else { 0 };
        let each = heads.iter().zip(tails).zip(cites);
        each.map(|((head, tail), cites)| Columns {
            before_preposition: widest - head,
            before_cites: cites.map(|_| before_cites(tail)),
        })
        .collect()
    }

    /// How wide a line is from its preposition to its last other end.
    fn tail(&self, row: &Row<'t>) -> usize {
        let preposition: Vec<Node<'t>> = row.preposition.iter().cloned().collect();
        self.measure(&preposition) + 1 + self.measure(&row.remotes)
    }

    /// How wide a line's `cites` is, if it stands behind the rest of the line.
    fn cites_beside(&self, row: &Row<'t>, begin: usize) -> Option<usize> {
        let cites = row.cites.as_ref()?;
        let wide = self.measure(std::slice::from_ref(cites));
        let kept = row.remotes.last().is_some_and(|last| self.broken_between(last, cites));
        let broken =
            kept || self.broken_among(&row.remotes) || self.broken_among(&cites.children().collect::<Vec<_>>());
        (!broken && begin + wide <= WIDTH).then_some(wide)
    }

    fn traffic_line(&mut self, row: &Row<'t>, columns: Columns) {
        self.nodes(&row.head);
        self.ops.push(Op::Column(columns.before_preposition));
        row.preposition.iter().for_each(|preposition| self.node(preposition));
        self.listed(&row.remotes);
        match (&row.cites, columns.before_cites) {
            (Some(cites), Some(column)) => {
                self.ops.push(Op::Column(column));
                self.node(cites);
            }
            (Some(cites), None) => {
                self.indent();
                self.hard_line();
                self.node(cites);
                self.dedent();
            }
            (None, _) => {}
        }
        row.semicolon.iter().for_each(|semicolon| self.drop_separator(semicolon));
    }
}
