//! How a value came about: an expression's parts with their values and where those stand, as deep as they say something.
//!
//! Nothing is evaluated in another way than [`super::eval`] does it: each part is evaluated once more, by itself. So this
//! is for one question about one instance (`palisade why`), never for a whole check.

use palisade_syntax::ast::{LogicOp, NodeId, QuantifierKind};

use super::eval::Evaluator;
use super::evidence::raw_flows;
use super::outcome::RawFlow;
use super::print::show;
use super::value::{Defect, Traced, Truth, Unknown, Value};
use crate::data::Data;
use crate::ir::{Arm, Expr, ExprKind, Local, walk};
use crate::names::DefName;
use crate::place::{Part, Place};

/// A step of a derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// `when`, `needs`, `let`, `require`, `forbid`, `for`; `alternative`, `element`, `expression`; `pack`.
    pub kind: &'static str,
    /// The item whose text it is.
    pub item: DefName,
    /// The node of that item.
    pub node: NodeId,
    /// The element that it is about, for one of a `for`, an `all`, an `any`, ….
    pub element: Option<String>,
    /// What it came to, in words.
    pub value: String,
    /// Where that was read.
    pub place: Option<(Place, Part)>,
    /// The flows of a verdict with their deciders.
    pub flows: Vec<RawFlow>,
    /// What it was made of.
    pub parts: Vec<Derived>,
    /// How many further parts there are that are not listed.
    pub omitted: usize,
}

/// Of the elements of a collection this many are listed.
pub const MOST_ELEMENTS: usize = 5;
/// A derivation lists this many steps at most.
const MOST_STEPS: usize = 2_000;

impl Derived {
    /// A step without parts.
    pub fn new(kind: &'static str, item: &DefName, node: NodeId, value: String) -> Self {
        let (parts, flows) = (Vec::new(), Vec::new());
        Self { kind, item: item.clone(), node, element: None, value, place: None, flows, parts, omitted: 0 }
    }

    /// Keeps some of its parts, those that speak for its value before others, and counts the rest.
    pub fn keep(&mut self, speaks: impl Fn(&Self) -> bool) {
        let listed = self.parts.iter().filter(|part| speaks(part)).count().min(MOST_ELEMENTS);
        let (mut speaking, mut others) = (listed, MOST_ELEMENTS - listed);
        let before = self.parts.len();
        self.parts.retain(|part| {
            let room = if speaks(part) { &mut speaking } else { &mut others };
            let kept = *room > 0;
            *room = room.saturating_sub(1);
            kept
        });
        self.omitted += before - self.parts.len();
    }
}

/// Derives an expression of an item. What the item's variables are, the evaluator knows.
pub fn derive(evaluator: &mut Evaluator<'_>, item: &DefName, expr: &Expr) -> Result<Derived, Defect> {
    Deriver { evaluator, item, steps: 0 }.derive(expr)
}

struct Deriver<'e, 'w> {
    evaluator: &'e mut Evaluator<'w>,
    item: &'e DefName,
    steps: usize,
}

impl Deriver<'_, '_> {
    fn derive(&mut self, expr: &Expr) -> Result<Derived, Defect> {
        self.steps += 1;
        let value = self.evaluator.eval(expr)?;
        let mut derived = Derived::new("expression", self.item, expr.id, in_words(self.evaluator, &value));
        derived.place = self.evaluator.written_at(&value);
        if let Value::Verdict(verdict) = &value.value {
            derived.flows =
                raw_flows(self.evaluator.world, verdict, |outcome| outcome == palisade_net::Outcome::Denied);
        }
        if self.steps < MOST_STEPS {
            self.parts(expr, &mut derived)?;
        } else {
            derived.omitted = 1;
        }
        Ok(derived)
    }

    fn parts(&mut self, expr: &Expr, derived: &mut Derived) -> Result<(), Defect> {
        match &expr.kind {
            ExprKind::Logic(op, operands) => self.logic(*op, operands, derived),
            ExprKind::Quantifier { kind, variable, collection, body } => {
                self.quantifier(*kind, *variable, collection, body, derived)
            }
            ExprKind::Call(name, arguments) => self.call(name, arguments, derived),
            ExprKind::If(condition, then, otherwise) => {
                self.part(condition, derived)?;
                match self.evaluator.truth(condition)? {
                    Truth::True => self.part(then, derived),
                    Truth::False => self.part(otherwise, derived),
                    Truth::Unknown(_) => Ok(()),
                }
            }
            ExprKind::Match(subject, arms) => self.choice(subject, arms, derived),
            ExprKind::Coalesce(operands) => {
                for operand in operands {
                    self.part(operand, derived)?;
                    if !matches!(self.evaluator.eval(operand)?.value, Value::Absent | Value::None) {
                        break;
                    }
                }
                Ok(())
            }
            // `x is not none`: two steps with one text.
            ExprKind::Not(inner) if inner.id == expr.id => self.parts(inner, derived),
            // What is asked stands in the flows.
            ExprKind::Verdict { place, .. } => self.part(place, derived),
            // Their values say all that there is to say.
            ExprKind::Comprehension { .. }
            | ExprKind::Template(_)
            | ExprKind::List(_)
            | ExprKind::Map(_)
            | ExprKind::Traffic(_)
            | ExprKind::TrafficTable(..) => Ok(()),
            _ if is_path(expr) => Ok(()),
            _ => {
                let mut parts = Vec::new();
                walk::parts(expr, &mut |part| parts.push(part));
                parts.into_iter().try_for_each(|part| self.part(part, derived))
            }
        }
    }

    /// A part that says more than its text.
    fn part(&mut self, expr: &Expr, to: &mut Derived) -> Result<(), Defect> {
        if !matches!(expr.kind, ExprKind::Literal(_)) {
            to.parts.push(self.derive(expr)?);
        }
        Ok(())
    }

    /// The operands up to the one that decides.
    fn logic(&mut self, op: LogicOp, operands: &[Expr], derived: &mut Derived) -> Result<(), Defect> {
        for (at, operand) in operands.iter().enumerate() {
            self.part(operand, derived)?;
            if self.evaluator.truth(operand)? == Truth::known(op == LogicOp::Or) {
                derived.omitted = operands.len() - at - 1;
                break;
            }
        }
        Ok(())
    }

    fn quantifier(
        &mut self,
        kind: QuantifierKind,
        variable: Local,
        collection: &Expr,
        body: &Expr,
        derived: &mut Derived,
    ) -> Result<(), Defect> {
        let demand = (kind != QuantifierKind::All).then_some(body);
        let Ok(elements) = self.evaluator.candidates(variable, collection, demand)? else {
            return self.part(collection, derived);
        };
        let telling = if kind == QuantifierKind::All { "false" } else { "true" };
        let room = MOST_ELEMENTS;
        let mut plain = 0;
        for element in elements {
            self.evaluator.set(variable, element.clone());
            // Of many that say nothing in particular, a few are enough, and the others need no derivation.
            let tells = self.evaluator.truth(body)? != Truth::known(telling == "false");
            if !tells && plain >= room {
                derived.omitted += 1;
                continue;
            }
            plain += usize::from(!tells);
            let mut part = self.derive(body)?;
            part.kind = "element";
            part.element = Some(show(self.evaluator.world, &element));
            derived.parts.push(part);
        }
        derived.keep(|part| part.value == telling);
        Ok(())
    }

    /// A function of the language: its arguments, then its body.
    fn call(&mut self, name: &DefName, arguments: &[Expr], derived: &mut Derived) -> Result<(), Defect> {
        for argument in arguments.iter().filter(|argument| !matches!(argument.kind, ExprKind::Local(_))) {
            self.part(argument, derived)?;
        }
        let steps = self.steps;
        let body = self.evaluator.in_function(name, arguments, |inner, body| {
            let mut deriver = Deriver { evaluator: inner, item: name, steps };
            let body = deriver.derive(body)?;
            Ok((body, deriver.steps))
        })?;
        self.steps = body.1;
        derived.parts.push(body.0);
        Ok(())
    }

    fn choice(&mut self, subject: &Expr, arms: &[Arm], derived: &mut Derived) -> Result<(), Defect> {
        self.part(subject, derived)?;
        let value = self.evaluator.eval(subject)?;
        match self.evaluator.arm(&value, arms) {
            Some(arm) => self.part(&arm.value, derived),
            None => Ok(()),
        }
    }
}

/// Whether an expression is a variable or something read from one, step by step.
fn is_path(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Local(_) | ExprKind::Environment(_) | ExprKind::Const(_) | ExprKind::Every(_) => true,
        ExprKind::Field { of, .. } | ExprKind::VariantField { of, .. } => is_path(of),
        _ => false,
    }
}

/// A value in words; of what is not known, what it depends on.
pub fn in_words(evaluator: &Evaluator<'_>, value: &Traced) -> String {
    match &value.value {
        Value::Unknown(unknown) => undetermined(unknown),
        Value::Data(Data::Bool(truth)) => truth.to_string(),
        Value::Data(Data::Text(text)) => format!("\"{text}\""),
        _ => show(evaluator.world, value),
    }
}

/// What it depends on.
pub fn undetermined(unknown: &Unknown) -> String {
    let reasons: Vec<&str> = unknown.reasons.iter().map(|reason| reason.text.as_str()).collect();
    format!("undetermined: it depends on {}", reasons.join("; on "))
}
