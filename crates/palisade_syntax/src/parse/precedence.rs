//! Precedence. The grammar reads an expression as a flat row of operands and operators; this file groups them,
//! loosest to tightest: `or`; `and`; `not`; comparisons and `is`; `permits` and `reaches`; `??`, or `+` and `-`.
//!
//! Chains stay flat, and what does not chain is reported here, where both operators are known.

use std::collections::VecDeque;

use text_size::TextRange;

use super::Reader;
use crate::ast::{AddOp, CompareOp, Expr, ExprKind, IsTest, LogicOp, VerdictQuery};

/// One part of the row.
pub(super) enum Part {
    Operand(Expr),
    Not(TextRange),
    Infix(Infix, TextRange),
    Is { negated: bool, test: IsTest, range: TextRange },
}

/// An operator between two operands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Infix {
    Logic(LogicOp),
    Compare(CompareOp),
    Verdict(VerdictQuery),
    Coalesce,
    Add(AddOp),
}

impl Infix {
    /// The operator as written; `not in` with any white space between.
    pub(super) fn of(text: &str) -> Option<Infix> {
        use CompareOp::{Contains, Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, NotEqual, NotIn, Overlaps};
        Some(match text {
            "or" => Infix::Logic(LogicOp::Or),
            "and" => Infix::Logic(LogicOp::And),
            "==" => Infix::Compare(Equal),
            "!=" => Infix::Compare(NotEqual),
            "<" => Infix::Compare(Less),
            "<=" => Infix::Compare(LessOrEqual),
            ">" => Infix::Compare(Greater),
            ">=" => Infix::Compare(GreaterOrEqual),
            "in" => Infix::Compare(In),
            "contains" => Infix::Compare(Contains),
            "overlaps" => Infix::Compare(Overlaps),
            "permits" => Infix::Verdict(VerdictQuery::Permits),
            "reaches" => Infix::Verdict(VerdictQuery::Reaches),
            "??" => Infix::Coalesce,
            "+" => Infix::Add(AddOp::Add),
            "-" => Infix::Add(AddOp::Subtract),
            _ if text.starts_with("not") => Infix::Compare(NotIn),
            _ => return None,
        })
    }
}

/// The row, read from the left.
pub(super) struct Row<'r, 't> {
    pub(super) reader: &'r mut Reader<'t>,
    pub(super) parts: VecDeque<Part>,
}

impl Row<'_, '_> {
    /// The whole row as one expression. `None` if the row is not operands with operators between them.
    pub(super) fn expr(mut self) -> Option<Expr> {
        let expr = self.logic(LogicOp::Or)?;
        self.parts.is_empty().then_some(expr)
    }

    fn infix(&self) -> Option<(Infix, TextRange)> {
        match self.parts.front() {
            Some(Part::Infix(infix, range)) => Some((*infix, *range)),
            _ => None,
        }
    }

    fn take_infix(&mut self, wanted: Infix) -> bool {
        let found = self.infix().is_some_and(|(infix, _)| infix == wanted);
        if found {
            self.parts.pop_front();
        }
        found
    }

    fn make(&mut self, range: TextRange, kind: ExprKind) -> Expr {
        let id = self.reader.node(range);
        Expr { id, kind }
    }

    fn cover(&self, first: &Expr, last: &Expr) -> TextRange {
        self.reader.range_of(first.id).cover(self.reader.range_of(last.id))
    }

    fn logic(&mut self, op: LogicOp) -> Option<Expr> {
        let mut operands = vec![self.below(op)?];
        while self.take_infix(Infix::Logic(op)) {
            operands.push(self.below(op)?);
        }
        match <[Expr; 1]>::try_from(operands) {
            Ok([only]) => Some(only),
            Err(operands) => {
                let range = self.cover(operands.first()?, operands.last()?);
                Some(self.make(range, ExprKind::Logic(op, operands)))
            }
        }
    }

    fn below(&mut self, op: LogicOp) -> Option<Expr> {
        match op {
            LogicOp::Or => self.logic(LogicOp::And),
            LogicOp::And => self.negation(),
        }
    }

    fn negation(&mut self) -> Option<Expr> {
        let Some(Part::Not(first)) = self.parts.front() else {
            return self.comparison();
        };
        let first = *first;
        self.parts.pop_front();
        while let Some(Part::Not(again)) = self.parts.front() {
            let range = first.cover(*again);
            self.parts.pop_front();
            self.reader.error("syntax-not", range, "`not not` says nothing", "remove both, or parenthesise");
        }
        let inner = self.comparison()?;
        let range = first.cover(self.reader.range_of(inner.id));
        Some(self.make(range, ExprKind::Not(Box::new(inner))))
    }

    fn comparison(&mut self) -> Option<Expr> {
        let mut left = self.verdict()?;
        let mut compared = false;
        while let Some(sign) = self.comparing() {
            if compared {
                self.reader.error(
                    "syntax-chain",
                    sign,
                    "comparisons do not chain",
                    "write `a < b and b < c`, or parenthesise one of them",
                );
            }
            compared = true;
            left = self.compare(left)?;
        }
        Some(left)
    }

    /// The place of a comparison or `is`, if one comes next.
    fn comparing(&self) -> Option<TextRange> {
        match self.parts.front()? {
            Part::Infix(Infix::Compare(_), range) | Part::Is { range, .. } => Some(*range),
            _ => None,
        }
    }

    fn compare(&mut self, left: Expr) -> Option<Expr> {
        match self.parts.pop_front()? {
            Part::Infix(Infix::Compare(op), _) => {
                let right = self.verdict()?;
                self.check_parenthesised(&left);
                self.check_parenthesised(&right);
                let range = self.cover(&left, &right);
                Some(self.make(range, ExprKind::Compare(op, Box::new(left), Box::new(right))))
            }
            Part::Is { negated, test, range } => {
                let range = self.reader.range_of(left.id).cover(range);
                let subject = Box::new(left);
                Some(self.make(range, ExprKind::Is { subject, negated, test }))
            }
            _ => None,
        }
    }

    /// A quantifier or conditional without parentheses would take the rest of the comparison into its body.
    fn check_parenthesised(&mut self, side: &Expr) {
        let open_ended = matches!(side.kind, ExprKind::Quantifier { .. } | ExprKind::If { .. });
        let range = self.reader.range_of(side.id);
        let start = usize::from(range.start());
        if open_ended && !self.reader.file.get(start..).is_some_and(|text| text.starts_with('(')) {
            self.reader.error(
                "syntax-parenthesise",
                range,
                "this stands in a comparison without parentheses",
                "write `(count x in xs: p) >= 2`",
            );
        }
    }

    fn verdict(&mut self) -> Option<Expr> {
        let mut left = self.sum()?;
        let mut asked = false;
        while let Some((Infix::Verdict(query), sign)) = self.infix() {
            self.parts.pop_front();
            if asked {
                let message = "`permits` and `reaches` do not chain";
                self.reader.error("syntax-chain", sign, message, "ask twice, joined by `and`");
            }
            asked = true;
            let traffic = self.sum()?;
            self.check_traffic(&traffic);
            let range = self.cover(&left, &traffic);
            let (place, traffic) = (Box::new(left), Box::new(traffic));
            left = self.make(range, ExprKind::Verdict { query, place, traffic });
        }
        Some(left)
    }

    fn check_traffic(&mut self, traffic: &Expr) {
        if matches!(&traffic.kind, ExprKind::Map(entries) if entries.is_empty()) {
            let range = self.reader.range_of(traffic.id);
            self.reader.error(
                "syntax-empty-traffic",
                range,
                "this traffic is empty, so the question has no answer",
                "write at least one line, such as `{ outbound tcp 443 to Storage }`",
            );
        }
    }

    fn sum(&mut self) -> Option<Expr> {
        let first = self.operand()?;
        match self.infix() {
            Some((Infix::Coalesce, _)) => self.coalesce(first),
            Some((Infix::Add(_), _)) => self.addition(first),
            _ => Some(first),
        }
    }

    fn coalesce(&mut self, first: Expr) -> Option<Expr> {
        let mut operands = vec![first];
        while let Some((infix @ (Infix::Coalesce | Infix::Add(_)), sign)) = self.infix() {
            self.parts.pop_front();
            if infix != Infix::Coalesce {
                self.mixed(sign);
            }
            operands.push(self.operand()?);
        }
        let range = self.cover(operands.first()?, operands.last()?);
        Some(self.make(range, ExprKind::Coalesce(operands)))
    }

    fn addition(&mut self, first: Expr) -> Option<Expr> {
        let mut rest: Vec<(AddOp, Expr)> = Vec::new();
        while let Some((infix @ (Infix::Coalesce | Infix::Add(_)), sign)) = self.infix() {
            self.parts.pop_front();
            let op = if let Infix::Add(op) = infix {
                op
            } else {
                self.mixed(sign);
                AddOp::Add
            };
            rest.push((op, self.operand()?));
        }
        let range = self.cover(&first, &rest.last()?.1);
        let first = Box::new(first);
        Some(self.make(range, ExprKind::Sum { first, rest }))
    }

    fn mixed(&mut self, sign: TextRange) {
        self.reader.error(
            "syntax-mixed",
            sign,
            "`??` and `+` or `-` side by side leave open which binds first",
            "parenthesise one of them, such as `(a ?? 0) + b`",
        );
    }

    fn operand(&mut self) -> Option<Expr> {
        while let Some(Part::Not(range)) = self.parts.front() {
            let range = *range;
            self.parts.pop_front();
            self.reader.error("syntax-not", range, "`not` within an operand needs parentheses", "write `(not …)`");
        }
        match self.parts.pop_front()? {
            Part::Operand(expr) => Some(expr),
            _ => None,
        }
    }
}
