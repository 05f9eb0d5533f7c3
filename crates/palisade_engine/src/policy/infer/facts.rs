//! What is known of paths at a point of a program: which are present, which variant or entity they are.
//!
//! Nothing in the language changes a value, so what was known of a path stays known. Facts come from conditions
//! ([`branches`]) and from clauses, and they are only ever about *paths*: a variable, or the environment, and fields.

use std::collections::{BTreeMap, BTreeSet};

use palisade_syntax::ast::LogicOp;

use crate::ir::path::{Path, path_of, path_of_kind};
use crate::ir::{Expr, ExprKind};
use crate::types::{RecordId, Schema, Type};

/// A variant's index, or a record's id.
pub(super) type Case = u32;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    present: bool,
    /// The cases that are left; `None`: all of them.
    cases: Option<BTreeSet<Case>>,
}

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts(BTreeMap<Path, Known>);

/// What a condition says when it holds and when it does not.
#[derive(Clone, Debug, Default)]
pub(super) struct Branches {
    pub(super) yes: Facts,
    pub(super) no: Facts,
}

impl Facts {
    fn of(expr: &Expr, known: Known) -> Self {
        Self(path_of(expr).map(|path| (path, known)).into_iter().collect())
    }

    /// The value of the expression is there.
    pub(super) fn present(expr: &Expr) -> Self {
        Self::of(expr, Known { present: true, cases: None })
    }

    /// The value of the expression is one of these.
    pub(super) fn cases(expr: &Expr, cases: BTreeSet<Case>) -> Self {
        Self::of(expr, Known { present: true, cases: Some(cases) })
    }

    /// Both are known.
    pub(super) fn and(&mut self, other: &Self) {
        for (path, more) in &other.0 {
            let known = self.0.entry(path.clone()).or_default();
            known.present |= more.present;
            known.cases = match (known.cases.take(), &more.cases) {
                (Some(a), Some(b)) => Some(a.intersection(b).copied().collect()),
                (a, b) => a.or_else(|| b.clone()),
            };
        }
    }

    /// One of both is known: what they share.
    fn or(&self, other: &Self) -> Self {
        let shared = |(path, a): (&Path, &Known)| {
            let b = other.0.get(path)?;
            let cases = match (&a.cases, &b.cases) {
                (Some(a), Some(b)) => Some(a.union(b).copied().collect()),
                _ => None,
            };
            Some((path.clone(), Known { present: a.present && b.present, cases }))
        };
        Self(self.0.iter().filter_map(shared).collect())
    }

    /// The type of a path, less what is known not to be.
    pub(super) fn narrow(&self, expr: &ExprKind, declared: &Type) -> Type {
        let Some(known) = path_of_kind(expr).and_then(|path| self.0.get(&path)) else {
            return declared.clone();
        };
        let ty = if known.present { declared.narrowed() } else { declared };
        match (ty, &known.cases) {
            (Type::OneOf(all), Some(cases)) => one_of(all.iter().copied().filter(|id| cases.contains(&id.0))),
            _ => ty.clone(),
        }
    }

    /// The cases of an expression that are left, where something is known of them.
    pub(super) fn cases_of(&self, expr: &Expr) -> Option<&BTreeSet<Case>> {
        self.0.get(&path_of(expr)?)?.cases.as_ref()
    }
}

/// The type of a reference to one of these.
pub(super) fn one_of(ids: impl IntoIterator<Item = RecordId>) -> Type {
    let ids: Vec<RecordId> = ids.into_iter().collect();
    match ids.as_slice() {
        [one] => Type::Record(*one),
        _ => Type::OneOf(ids.into()),
    }
}

/// Every case of a type: an enum's variants, a reference's entities.
pub(super) fn all_cases(schema: &Schema, ty: &Type) -> BTreeSet<Case> {
    match ty {
        Type::Enum(id) => (0..).zip(schema.enumeration(*id).map_or(&[][..], |e| &e.variants)).map(|(i, _)| i).collect(),
        Type::OneOf(ids) => ids.iter().map(|id| id.0).collect(),
        Type::Record(id) => BTreeSet::from([id.0]),
        _ => BTreeSet::new(),
    }
}

/// What follows from a condition.
///
/// Sound also where other parts of the condition are unknown: a fact of the `yes` side fails only if the condition is
/// known to be false, so nothing that relies on it is ever asked.
pub(super) fn branches(schema: &Schema, condition: &Expr) -> Branches {
    match &condition.kind {
        ExprKind::IsSet(of) => Branches { yes: Facts::present(of), no: Facts::default() },
        ExprKind::IsNone(of) => Branches { yes: Facts::default(), no: Facts::present(of) },
        ExprKind::IsVariant(of, variants) => by_cases(schema, of, variants.iter().map(|v| u32::from(*v)).collect()),
        ExprKind::IsRecord(of, records) => by_cases(schema, of, records.iter().map(|r| r.0).collect()),
        ExprKind::Not(of) => {
            let Branches { yes, no } = branches(schema, of);
            Branches { yes: no, no: yes }
        }
        ExprKind::Logic(LogicOp::And, operands) => {
            let sides = operands.iter().map(|o| branches(schema, o));
            let (yes, no) = chain(sides.map(|b| (b.yes, b.no)));
            Branches { yes, no }
        }
        ExprKind::Logic(LogicOp::Or, operands) => {
            let sides = operands.iter().map(|o| branches(schema, o));
            let (no, yes) = chain(sides.map(|b| (b.no, b.yes)));
            Branches { yes, no }
        }
        _ => Branches::default(),
    }
}

fn by_cases(schema: &Schema, of: &Expr, yes: BTreeSet<Case>) -> Branches {
    let no = all_cases(schema, &of.ty).difference(&yes).copied().collect();
    Branches { yes: Facts::cases(of, yes), no: Facts::cases(of, no) }
}

/// Operands that are asked one after the other: what is known when all went on, and when one of them stopped.
fn chain(operands: impl Iterator<Item = (Facts, Facts)>) -> (Facts, Facts) {
    let mut going = Facts::default();
    let mut stopped: Option<Facts> = None;
    for (on, stop) in operands {
        let mut here = going.clone();
        here.and(&stop);
        stopped = Some(stopped.map_or(here.clone(), |before| before.or(&here)));
        going.and(&on);
    }
    (going, stopped.unwrap_or_default())
}
