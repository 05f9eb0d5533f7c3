//! Where a mistake could be made in an item, and the edits of its text that make it.
//!
//! Found on the syntax tree and made in the text, so that a mutant is a policy that somebody could have written, with a
//! place and a difference that anybody can read. Lines of traffic are [`super::traffic`]'s.

use palisade_source::{Severity, TextRange, TextSize};
use palisade_syntax::ast::{
    AddOp, Clause, ClauseKind, CompareOp, Expr, ExprKind, Item, ItemKind, LogicOp, NodeId, Param, QuantifierKind,
    Require, RequireBody, Rule, Sense, TemplatePart, TrafficLine, TypeKind,
};
use palisade_syntax::{ParsedItem, Spans};

use crate::data::Data;
use crate::inputs::{Db, Program};
use crate::ir::{self, walk};
use crate::names::ItemKey;
use crate::policy::catalogue::catalogue;
use crate::policy::items::{find_item, parsed_item};
use crate::policy::lower;
use crate::policy::schema::schema;
use crate::types::Type;

/// A mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// One of [`palisade_source::report::MUTANT_KINDS`].
    pub(super) kind: &'static str,
    /// One or more, in order.
    pub(super) edits: Vec<Edit>,
}

/// A piece of a file and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) range: TextRange,
    pub(super) with: String,
}

impl Site {
    /// Where the first edit begins.
    pub(super) fn start(&self) -> TextSize {
        self.edits.first().map_or(TextSize::new(0), |edit| edit.range.start())
    }

    /// Where the last edit ends.
    pub(super) fn end(&self) -> TextSize {
        self.edits.last().map_or(TextSize::new(0), |edit| edit.range.end())
    }
}

/// Every mistake of an item, in the order of the text.
pub(super) fn sites(db: &dyn Db, program: Program, key: &ItemKey) -> Vec<Site> {
    let Some(ParsedItem { item, spans }) = parsed_item(db, key) else { return Vec::new() };
    let tags = catalogue(db, program);
    let region = region_of(item);
    let mut finder = Finder { text: key.file.text(db), spans, tags, region, found: Vec::new() };
    match &item.kind {
        ItemKind::Rule(rule) => {
            finder.severity(rule, severity(db, program, key));
            finder.clauses(&rule.clauses);
        }
        ItemKind::Function(function) => function.body.iter().for_each(|body| finder.expr(body)),
        ItemKind::Const(constant) => finder.expr(&constant.value),
        ItemKind::Traffic(table) => finder.lines(&table.lines),
        _ => {}
    }
    for (node, other) in other_variants(db, program, key) {
        finder.replace("value", finder.range(node), other);
    }
    finder.found.sort_by_key(|site| (site.start(), site.end()));
    finder.found
}

/// The parameter by which a table or function is about a region.
fn region_of(item: &Item) -> Option<&str> {
    let params = match &item.kind {
        ItemKind::Traffic(table) => &table.params,
        ItemKind::Function(function) => &function.params,
        _ => return None,
    };
    let is_region =
        |param: &&Param| matches!(&param.ty.kind, TypeKind::Named { path, .. } if path.dotted() == "Region");
    params.iter().find(is_region).map(|param| param.name.text.as_str())
}

/// How grave a rule is.
fn severity(db: &dyn Db, program: Program, key: &ItemKey) -> Option<Severity> {
    Some(lower::rule(db, program, find_item(db, key)?).as_ref()?.value.severity)
}

/// The plain variants of enums that an item names, each with the one that is declared after it. What a word stands for is
/// known only where types are.
fn other_variants(db: &dyn Db, program: Program, key: &ItemKey) -> Vec<(NodeId, String)> {
    let Some(item) = find_item(db, key) else { return Vec::new() };
    let schema = &schema(db, program).value;
    let mut found = Vec::new();
    let mut visit = |expr: &ir::Expr| {
        let (ir::ExprKind::Literal(Data::Variant(at, _)), Type::Enum(id)) = (&expr.kind, expr.ty.narrowed()) else {
            return;
        };
        let variants = schema.enumeration(*id).map(|e| e.variants.as_slice()).unwrap_or_default();
        let after = variants.iter().cycle().skip(usize::from(*at) + 1).take(variants.len().saturating_sub(1));
        let other = after.into_iter().find(|variant| variant.fields.is_empty());
        found.extend(other.map(|variant| (expr.id, variant.name.to_string())));
    };
    if let Some(rule) = lower::rule(db, program, item) {
        walk::in_steps(&rule.value.steps, &mut visit);
    } else if let Some(function) = lower::function(db, program, item) {
        walk::all(&function.value.body, &mut visit);
    }
    found
}

pub(super) struct Finder<'a> {
    pub(super) text: &'a str,
    pub(super) spans: &'a Spans,
    pub(super) tags: &'a palisade_net::TagCatalogue,
    /// A parameter that is a region.
    pub(super) region: Option<&'a str>,
    found: Vec<Site>,
}

impl<'a> Finder<'a> {
    pub(super) fn range(&self, node: NodeId) -> TextRange {
        self.spans.range(node)
    }

    pub(super) fn slice(&self, range: TextRange) -> &'a str {
        self.text.get(std::ops::Range::<usize>::from(range)).unwrap_or_default()
    }

    pub(super) fn replace(&mut self, kind: &'static str, range: TextRange, with: impl Into<String>) {
        self.found.push(Site { kind, edits: vec![Edit { range, with: with.into() }] });
    }

    pub(super) fn replace_both(&mut self, kind: &'static str, first: (TextRange, &str), second: (TextRange, &str)) {
        let edit = |(range, with): (TextRange, &str)| Edit { range, with: with.to_owned() };
        self.found.push(Site { kind, edits: vec![edit(first), edit(second)] });
    }

    /// The first of some words between two offsets, comments left out.
    pub(super) fn word(&self, from: TextSize, to: TextSize, word: &str) -> Option<TextRange> {
        let range = TextRange::new(from, to.max(from));
        let mut at = usize::from(from);
        for line in self.slice(range).split_inclusive('\n') {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(found) = code.find(word) {
                let start = TextSize::try_from(at + found).ok()?;
                return Some(TextRange::at(start, TextSize::of(word)));
            }
            at += line.len();
        }
        None
    }

    /// Another severity: where it is written, or before the first clause where what the rule cites decides.
    fn severity(&mut self, rule: &Rule, found: Option<Severity>) {
        let other = match found {
            Some(Severity::Error | Severity::Info) => Severity::Warning,
            Some(Severity::Warning) => Severity::Info,
            None => return,
        };
        let written = rule.clauses.iter().find_map(|clause| match &clause.kind {
            ClauseKind::Severity(word) => Some(word.id),
            _ => None,
        });
        match (written, rule.clauses.first()) {
            (Some(word), _) => self.replace("severity", self.range(word), other.as_str()),
            (None, Some(first)) => {
                let at = TextRange::empty(self.range(first.id).start());
                self.replace("severity", at, format!("severity {} ", other.as_str()));
            }
            (None, None) => {}
        }
    }

    fn clauses(&mut self, clauses: &[Clause]) {
        for clause in clauses {
            let whole = self.range(clause.id);
            match &clause.kind {
                ClauseKind::When(condition) => {
                    self.replace("clause", whole, "");
                    self.expr(condition);
                }
                ClauseKind::Needs(_) => self.replace("clause", whole, ""),
                ClauseKind::Let { value, .. } => self.expr(value),
                ClauseKind::Require(require) => {
                    self.replace("clause", whole, "");
                    self.require(whole, require);
                }
                ClauseKind::For { collection, clauses, .. } => {
                    self.replace("clause", whole, "");
                    self.expr(collection);
                    self.clauses(clauses);
                }
                _ => {}
            }
        }
    }

    fn require(&mut self, whole: TextRange, require: &Require) {
        let (word, other) = match require.sense {
            Sense::Require => ("require", "forbid"),
            Sense::Forbid => ("forbid", "require"),
        };
        if self.slice(whole).starts_with(word) {
            self.replace("requirement", TextRange::at(whole.start(), TextSize::of(word)), other);
        }
        match &require.body {
            RequireBody::Expr(expr) => self.expr(expr),
            RequireBody::Either(all) => all.iter().for_each(|one| self.expr(one)),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let whole = self.range(expr.id);
        match &expr.kind {
            ExprKind::Bool(value) => self.replace("value", whole, (!value).to_string()),
            ExprKind::Literal(text) => self.number(whole, text),
            ExprKind::Not(_) if self.slice(whole).starts_with("not") => {
                self.replace("logic", TextRange::at(whole.start(), TextSize::of("not")), "");
            }
            ExprKind::Logic(op, operands) => self.logic(*op, operands),
            ExprKind::Compare(op, left, right) => self.compare(whole, *op, left, right),
            ExprKind::Is { subject, negated, .. } => self.is(whole, subject, *negated),
            ExprKind::Quantifier { kind, .. } => self.quantifier(whole, *kind),
            ExprKind::Sum { first, rest } => self.sum(first, rest),
            ExprKind::Traffic(lines) => self.lines(lines),
            _ => {}
        }
        let mut inside = Vec::new();
        parts(expr, &mut |part| inside.push(part));
        for part in inside {
            self.expr(part);
        }
    }

    /// A whole number or a duration, one more.
    fn number(&mut self, whole: TextRange, text: &str) {
        let digits = text.trim_end_matches(['d', 'h', 'm']);
        let unit = text.get(digits.len()..).unwrap_or_default();
        if let Ok(number) = digits.parse::<i64>()
            && unit.len() <= 1
        {
            self.replace("number", whole, format!("{}{unit}", number.saturating_add(1)));
        }
    }

    fn logic(&mut self, op: LogicOp, operands: &[Expr]) {
        let (word, other) = if op == LogicOp::And { ("and", "or") } else { ("or", "and") };
        for pair in operands.windows(2) {
            let [left, right] = pair else { continue };
            let (from, to) = (self.range(left.id).end(), self.range(right.id).start());
            if let Some(range) = self.word(from, to, word) {
                self.replace("logic", range, other);
            }
        }
    }

    fn compare(&mut self, whole: TextRange, op: CompareOp, left: &Expr, right: &Expr) {
        let (word, other) = match op {
            CompareOp::Equal => ("==", "!="),
            CompareOp::NotEqual => ("!=", "=="),
            CompareOp::Less => ("<", "<="),
            CompareOp::LessOrEqual => ("<=", "<"),
            CompareOp::Greater => (">", ">="),
            CompareOp::GreaterOrEqual => (">=", ">"),
            CompareOp::In => ("in", "not in"),
            CompareOp::NotIn => ("not", ""),
            CompareOp::Contains | CompareOp::Overlaps => {
                let (start, end) = (TextRange::empty(whole.start()), TextRange::empty(whole.end()));
                return self.replace_both("comparison", (start, "(not ("), (end, "))"));
            }
        };
        let (from, to) = (self.range(left.id).end(), self.range(right.id).start());
        if let Some(range) = self.word(from, to, word) {
            self.replace("comparison", range, other);
        }
    }

    /// `is` and `is not`. What a test narrows is then narrowed no more: most of these are no policies.
    fn is(&mut self, whole: TextRange, subject: &Expr, negated: bool) {
        let Some(is) = self.word(self.range(subject.id).end(), whole.end(), "is") else { return };
        if negated {
            if let Some(not) = self.word(is.end(), whole.end(), "not") {
                self.replace("comparison", not, "");
            }
        } else {
            self.replace("comparison", TextRange::empty(is.end()), " not");
        }
    }

    fn quantifier(&mut self, whole: TextRange, kind: QuantifierKind) {
        let (word, other) = match kind {
            QuantifierKind::All => ("all", "any"),
            QuantifierKind::Any => ("any", "all"),
            QuantifierKind::No => ("no", "any"),
            QuantifierKind::Count => return,
        };
        if self.slice(whole).starts_with(word) {
            self.replace("quantifier", TextRange::at(whole.start(), TextSize::of(word)), other);
        }
    }

    fn sum(&mut self, first: &Expr, rest: &[(AddOp, Expr)]) {
        let mut before = first;
        for (op, operand) in rest {
            let (word, other) = if *op == AddOp::Add { ("+", "-") } else { ("-", "+") };
            let (from, to) = (self.range(before.id).end(), self.range(operand.id).start());
            if let Some(range) = self.word(from, to, word) {
                self.replace("number", range, other);
            }
            before = operand;
        }
    }

    fn lines(&mut self, lines: &[TrafficLine]) {
        for line in lines {
            self.line(line);
        }
    }
}

/// Calls `visit` on every direct part of an expression that may hold a mistake; lines of traffic and texts are not among
/// them.
fn parts<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Field(of, _)
        | ExprKind::Not(of)
        | ExprKind::Negate(of)
        | ExprKind::TagRegion { region: of, .. }
        | ExprKind::Is { subject: of, .. } => visit(of),
        ExprKind::Index(a, b) | ExprKind::Compare(_, a, b) => [a, b].into_iter().for_each(|e| visit(e)),
        ExprKind::Call { arguments: all, .. }
        | ExprKind::List(all)
        | ExprKind::Logic(_, all)
        | ExprKind::Coalesce(all) => all.iter().for_each(visit),
        ExprKind::Comprehension { element, collection, filter, .. } => {
            [element, collection].into_iter().chain(filter).for_each(|e| visit(e));
        }
        ExprKind::Map(entries) => entries.iter().for_each(|(_, value)| visit(value)),
        ExprKind::Verdict { place, traffic, .. } => [place, traffic].into_iter().for_each(|e| visit(e)),
        ExprKind::Sum { first, rest } => {
            visit(first);
            for (_, operand) in rest {
                visit(operand);
            }
        }
        ExprKind::If { condition, then, otherwise } => {
            visit(condition);
            visit(then);
            visit(otherwise);
        }
        ExprKind::Match { subject, arms } => {
            visit(subject);
            for arm in arms {
                visit(&arm.value);
            }
        }
        ExprKind::Quantifier { collection, body, .. } => [collection, body].into_iter().for_each(|e| visit(e)),
        ExprKind::Text(template) => {
            for part in &template.parts {
                if let TemplatePart::Expr(inner) = part {
                    visit(inner);
                }
            }
        }
        ExprKind::Error
        | ExprKind::Bool(_)
        | ExprKind::Literal(_)
        | ExprKind::Word(_)
        | ExprKind::Traffic(_)
        | ExprKind::Every(_)
        | ExprKind::Any => {}
    }
}
