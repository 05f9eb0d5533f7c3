//! What follows from a condition for the values of paths, or that it cannot hold.
//!
//! What is called impossible holds for no value. Not all that is impossible is found: two conditions on different paths,
//! or on calls, are never called contradictory.

use std::cell::Cell;
use std::collections::BTreeMap;

use palisade_syntax::ast::{CompareOp, LogicOp, NodeId, QuantifierKind};

use palisade_net::Cidr;

use super::prefixes::Prefixes;
use super::values::{Values, number};
use crate::data::Data;
use crate::ir::path::{Path, path_of};
use crate::ir::{Expr, ExprKind, Local};
use crate::names::DefName;
use crate::types::{Schema, Type};

/// What is known of a path: of its value, or of whether it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Value,
    Presence,
}

/// What is known, each with the condition that said the last of it.
#[derive(Clone, Debug, Default)]
pub(in crate::policy::lint) struct Known(BTreeMap<(Path, About), (Values, NodeId)>);

/// A condition cannot hold.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy::lint) struct Conflict {
    /// The condition before it that it contradicts, if it is not impossible by itself.
    pub(in crate::policy::lint) with: Option<NodeId>,
}

/// What a condition is about, and the values for which it holds.
struct Claim {
    about: Option<(Path, About)>,
    /// The values that there are.
    all: Values,
    values: Values,
}

/// Reads conditions.
pub(in crate::policy::lint) struct Reader<'a> {
    pub(in crate::policy::lint) schema: &'a Schema,
    /// The value of a constant that is a literal.
    pub(in crate::policy::lint) constant: &'a dyn Fn(&DefName) -> Option<Data>,
    /// What a path is called, where conditions of several rules are read together.
    pub(in crate::policy::lint) rename: &'a dyn Fn(Path) -> Path,
    /// How many more conditions of the item are read: nested `and`s and `or`s are read once for each way through them.
    pub(in crate::policy::lint) steps_left: Cell<u32>,
}

/// So many conditions are read of one item; what comes after says nothing.
pub(in crate::policy::lint) const MOST_STEPS: u32 = 20_000;

impl Reader<'_> {
    /// What is known when a condition has come out so, or with what that is in conflict.
    pub(in crate::policy::lint) fn assume(
        &self,
        known: &Known,
        condition: &Expr,
        holds: bool,
    ) -> Result<Known, Conflict> {
        let Some(left) = self.steps_left.get().checked_sub(1) else { return Ok(known.clone()) };
        self.steps_left.set(left);
        match &condition.kind {
            ExprKind::Not(of) => self.assume(known, of, !holds),
            ExprKind::Logic(op, operands) if (*op == LogicOp::And) == holds => {
                operands.iter().try_fold(known.clone(), |known, operand| self.assume(&known, operand, holds))
            }
            ExprKind::Logic(_, operands) => self.one_of(known, operands, holds),
            _ => match self.claim(condition) {
                Some(claim) => known.with(claim, holds, condition.id),
                None => Ok(known.clone()),
            },
        }
    }

    /// One operand has come out so, those before it otherwise.
    fn one_of(&self, known: &Known, operands: &[Expr], holds: bool) -> Result<Known, Conflict> {
        let mut so_far = Ok(known.clone());
        let mut ways: Vec<Known> = Vec::new();
        let mut conflict = Conflict { with: None };
        for operand in operands {
            let Ok(before) = &so_far else { break };
            match self.assume(before, operand, holds) {
                Ok(way) => ways.push(way),
                Err(found) => conflict = found,
            }
            so_far = self.assume(before, operand, !holds);
        }
        ways.into_iter().reduce(|a, b| a.or(&b)).ok_or(conflict)
    }

    /// A value that is left of what a condition is about.
    pub(in crate::policy::lint) fn example(&self, known: &Known, condition: &Expr) -> Option<String> {
        match &condition.kind {
            ExprKind::Not(of) => self.example(known, of),
            ExprKind::Logic(_, operands) => operands.iter().find_map(|operand| self.example(known, operand)),
            _ => {
                let about = self.claim(condition)?.about.filter(|(_, about)| *about == About::Value)?;
                let ty = match &condition.kind {
                    ExprKind::IsVariant(of, _) => &of.ty,
                    ExprKind::Compare(_, a, b) => {
                        if path_of(a).is_some() {
                            &a.ty
                        } else {
                            &b.ty
                        }
                    }
                    _ => &condition.ty,
                };
                known.0.get(&about)?.0.example(self.schema, ty)
            }
        }
    }

    /// What is known of the fields of a variable, each with a value that is left: "`next_hop` `internet`".
    pub(in crate::policy::lint) fn element(&self, known: &Known, variable: Local) -> Option<String> {
        let of_field = |((path, about), (values, _)): (&(Path, About), &(Values, NodeId))| {
            let (name, ty) = path.below(variable, self.schema).filter(|_| *about == About::Value)?;
            Some(format!("`{name}` `{}`", values.example(self.schema, ty)?))
        };
        let fields: Vec<String> = known.0.iter().filter_map(of_field).collect();
        (!fields.is_empty()).then(|| fields.join(" and "))
    }

    /// What is known where a path is there.
    pub(in crate::policy::lint) fn present(&self, known: &Known, path: &Expr) -> Known {
        let mut known = known.clone();
        if let Some(about) = self.path(path).map(|path| (path, About::Presence)) {
            known.0.insert(about, (Values::Cases([1].into()), path.id));
        }
        known
    }

    fn path(&self, expr: &Expr) -> Option<Path> {
        path_of(expr).map(self.rename)
    }

    /// Whether all that a condition says is read: operands of an `and`, each on one path and literals.
    pub(in crate::policy::lint) fn reads_all(&self, condition: &Expr) -> bool {
        match &condition.kind {
            ExprKind::Logic(LogicOp::And, operands) => operands.iter().all(|operand| self.reads_all(operand)),
            ExprKind::Logic(..) => false,
            ExprKind::Not(of) => !matches!(of.kind, ExprKind::Logic(..)) && self.reads_all(of),
            _ => self.claim(condition).is_some_and(|claim| claim.about.is_some()),
        }
    }

    fn claim(&self, condition: &Expr) -> Option<Claim> {
        let present = |of: &Expr, present: u32| {
            let about = self.path(of).map(|path| (path, About::Presence))?;
            Some(Claim {
                about: Some(about),
                all: Values::Cases([0, 1].into()),
                values: Values::Cases([present].into()),
            })
        };
        match &condition.kind {
            ExprKind::Literal(data) => {
                Some(Claim { about: None, all: Values::one(data), values: Values::one(&Data::Bool(true)) })
            }
            ExprKind::IsSet(of) => present(of, 1),
            ExprKind::IsNone(of) => present(of, 0),
            ExprKind::IsVariant(of, variants) => {
                Some(self.about(of, Values::Cases(variants.iter().map(|v| u32::from(*v)).collect())))
            }
            ExprKind::IsRecord(of, records) => {
                Some(self.about(of, Values::Cases(records.iter().map(|r| r.0).collect())))
            }
            ExprKind::Compare(op, a, b) => self.comparison(*op, a, b),
            _ if condition.ty == Type::Bool && path_of(condition).is_some() => {
                Some(self.about(condition, Values::one(&Data::Bool(true))))
            }
            _ => None,
        }
    }

    /// A constant may be anything here: one that is compared with a literal is somebody's switch.
    fn about(&self, of: &Expr, values: Values) -> Claim {
        let all = match &of.kind {
            ExprKind::Literal(data) => Values::one_of(&of.ty, data),
            ExprKind::Quantifier { kind: QuantifierKind::Count, .. } => Values::at_least(0),
            _ => Values::of_type(self.schema, &of.ty),
        };
        Claim { about: self.path(of).map(|path| (path, About::Value)), all, values }
    }

    fn comparison(&self, op: CompareOp, a: &Expr, b: &Expr) -> Option<Claim> {
        // What cannot be compared is reported by the type checker.
        if !is_membership(op) && a.ty.narrowed() != b.ty.narrowed() {
            return None;
        }
        if let Some(holds) = compared_with_itself(op, a, b) {
            let all = Values::one(&Data::Bool(holds));
            return Some(Claim { about: None, all, values: Values::one(&Data::Bool(true)) });
        }
        if let Some(right) = self.literals(b) {
            return Some(self.about(a, allowed(self.schema, op, &a.ty, &right)?));
        }
        let left = self.literals(a)?;
        Some(self.about(b, allowed(self.schema, mirrored(op)?, &b.ty, &left)?))
    }

    /// The value of an expression that is a literal, or a constant that is one.
    fn literal(&self, e: &Expr) -> Option<Data> {
        match &e.kind {
            ExprKind::Literal(data) => Some(data.clone()),
            ExprKind::Const(name) => (self.constant)(name),
            _ => None,
        }
    }

    /// The same, or a list of such.
    fn literals(&self, e: &Expr) -> Option<Data> {
        match &e.kind {
            ExprKind::List(items) => {
                let items: Option<Vec<Data>> = items.iter().map(|item| self.literal(item)).collect();
                Some(Data::List(items?.into()))
            }
            _ => self.literal(e),
        }
    }
}

fn is_membership(op: CompareOp) -> bool {
    matches!(op, CompareOp::In | CompareOp::NotIn | CompareOp::Contains | CompareOp::Overlaps)
}

/// Whether a path compared with itself holds.
fn compared_with_itself(op: CompareOp, a: &Expr, b: &Expr) -> Option<bool> {
    if path_of(a)? != path_of(b)? {
        return None;
    }
    match op {
        CompareOp::Equal | CompareOp::LessOrEqual | CompareOp::GreaterOrEqual => Some(true),
        CompareOp::NotEqual | CompareOp::Less | CompareOp::Greater => Some(false),
        _ => None,
    }
}

/// The operator with its sides exchanged.
fn mirrored(op: CompareOp) -> Option<CompareOp> {
    Some(match op {
        CompareOp::Equal | CompareOp::NotEqual => op,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        CompareOp::Overlaps => CompareOp::Overlaps,
        CompareOp::Contains => CompareOp::In,
        CompareOp::In => CompareOp::Contains,
        CompareOp::NotIn => return None,
    })
}

/// The values of a type for which a comparison with a literal holds.
fn allowed(schema: &Schema, op: CompareOp, ty: &Type, right: &Data) -> Option<Values> {
    let all = Values::of_type(schema, ty);
    // A list equals a list item by item, and sets have more members than can be told here.
    let plain = !matches!(right, Data::List(_) | Data::Addresses(_) | Data::Ports(_) | Data::Protocols(_));
    if let (Values::Prefixes(_), Data::Cidr(_) | Data::Ip(_)) = (&all, right) {
        return ranges(op, ty, right).map(|(values, holds)| if holds { values } else { values.not(&all) });
    }
    Some(match (op, right) {
        (CompareOp::Equal, _) if plain => Values::one(right),
        (CompareOp::NotEqual, _) if plain => Values::one(right).not(&all),
        (CompareOp::In, Data::List(items)) => Values::several(ty, items.iter())?,
        (CompareOp::NotIn, Data::List(items)) => Values::several(ty, items.iter())?.not(&all),
        (CompareOp::Less, _) => Values::at_most(number(right)?.checked_sub(1)?),
        (CompareOp::LessOrEqual, _) => Values::at_most(number(right)?),
        (CompareOp::Greater, _) => Values::at_least(number(right)?.checked_add(1)?),
        (CompareOp::GreaterOrEqual, _) => Values::at_least(number(right)?),
        _ => return None,
    })
}

/// The ranges or addresses that a comparison with one speaks of, and whether it asks for them or for all others.
fn ranges(op: CompareOp, ty: &Type, right: &Data) -> Option<(Values, bool)> {
    let other = match right {
        Data::Cidr(range) => *range,
        Data::Ip(address) => Cidr::host(*address),
        _ => return None,
    };
    let (ranges, holds) = match op {
        CompareOp::Equal => (Prefixes::one(other), true),
        CompareOp::NotEqual => (Prefixes::one(other), false),
        CompareOp::In => (Prefixes::inside(other), true),
        CompareOp::NotIn => (Prefixes::inside(other), false),
        CompareOp::Contains if *ty.narrowed() == Type::Cidr => (Prefixes::around(other), true),
        CompareOp::Overlaps if *ty.narrowed() == Type::Cidr => (Prefixes::overlapping(other), true),
        _ => return None,
    };
    Some((Values::Prefixes(ranges), holds))
}

impl Known {
    fn with(&self, claim: Claim, holds: bool, by: NodeId) -> Result<Self, Conflict> {
        let Claim { about, all, values } = claim;
        let values = if holds { values } else { values.not(&all) };
        let before = about.as_ref().and_then(|about| self.0.get(about));
        let left = before.map_or(&all, |(left, _)| left).and(&values);
        if left.is_empty() {
            let alone = all.and(&values).is_empty();
            return Err(Conflict { with: before.filter(|_| !alone).map(|(_, by)| *by) });
        }
        let mut known = self.clone();
        if let Some(about) = about {
            // Who only repeats what is known is not the one to point at.
            let by = before.filter(|(before, _)| *before == left).map_or(by, |(_, first)| *first);
            known.0.insert(about, (left, by));
        }
        Ok(known)
    }

    /// What both say. Where a path has no value, anything may be said of its value.
    fn or(&self, other: &Self) -> Self {
        let shared = self.0.iter().filter_map(|(about, (a, by))| {
            let values = match other.0.get(about) {
                Some((b, _)) => a.or(b),
                None => Some(a.clone()).filter(|_| other.lacks(about))?,
            };
            Some((about.clone(), (values, *by)))
        });
        let others = other.0.iter().filter(|(about, _)| !self.0.contains_key(*about) && self.lacks(about));
        Self(shared.chain(others.map(|(about, found)| (about.clone(), found.clone()))).collect())
    }

    /// Whether what a claim on a value is about is known to have none.
    fn lacks(&self, (path, about): &(Path, About)) -> bool {
        let presence = self.0.get(&(path.clone(), About::Presence));
        *about == About::Value && presence.is_some_and(|(values, _)| *values == Values::Cases([0].into()))
    }
}
