//! Collections: comprehensions, quantifiers, and what is asked of lists.
//!
//! A body over `every T` that demands of each element that a reference of it lead to one entity is run over the
//! elements that refer to that entity, and no others: what reads like a loop over everything costs what it finds.

use palisade_syntax::ast::{AddOp, CompareOp, LogicOp, QuantifierKind};

use super::compare::order;
use super::eval::{Evaluator, add, entity, int};
use super::value::{Defect, Evaluated, Traced, Truth, Unknown, Value};
use crate::ir::{Aggregate, Expr, ExprKind, Local, walk};
use crate::types::RecordId;

impl Evaluator<'_> {
    pub(super) fn aggregate(&mut self, which: Aggregate, list: &Expr) -> Evaluated {
        let list = self.eval(list)?;
        let Value::List(items) = &list.value else { return self.open_or_defect(&list, "a list") };
        if let Some(open) = items.iter().find(|i| matches!(i.value, Value::Absent | Value::Unknown(_))) {
            return Ok(Traced::unknown(self.why_unknown(open)));
        }
        match which {
            Aggregate::Sum => {
                let sum = items.iter().try_fold(0_i128, |sum, item| add(sum, int(&item.value)?, AddOp::Add))?;
                Ok(Traced::computed(Value::Int(sum)))
            }
            Aggregate::Min | Aggregate::Max => {
                let mut best: Option<&Traced> = None;
                for item in items.iter() {
                    let better = match best {
                        Some(best) => {
                            let order = order(&item.value, &best.value)?;
                            if which == Aggregate::Min { order.is_lt() } else { order.is_gt() }
                        }
                        None => true,
                    };
                    best = if better { Some(item) } else { best };
                }
                Ok(best.cloned().unwrap_or_else(|| Traced::computed(Value::Absent)))
            }
        }
    }

    /// The elements of a list or the values of a map.
    pub(super) fn elements(&self, collection: &Traced) -> Result<Result<Vec<Traced>, Unknown>, Defect> {
        match &collection.value {
            Value::List(items) => Ok(Ok(items.to_vec())),
            Value::Map(entries) => Ok(Ok(entries.iter().map(|(_, value)| value.clone()).collect())),
            Value::None => Ok(Ok(Vec::new())),
            Value::Absent | Value::Unknown(_) => Ok(Err(self.why_unknown(collection))),
            other => Err(Defect::new(format!("a collection was expected, not {other:?}"))),
        }
    }

    /// The elements over which a body runs. Where the body demands of each element of `every T` that its reference be a
    /// certain entity, the others cannot satisfy it, and only those that refer to it are looked at.
    pub(super) fn candidates(
        &mut self,
        variable: Local,
        collection: &Expr,
        demand: Option<&Expr>,
    ) -> Result<Result<Vec<Traced>, Unknown>, Defect> {
        if let (ExprKind::Every(record), Some(demand)) = (&collection.kind, demand)
            && let Some((field, target)) = demanded_reference(demand, variable, *record)
            && let Value::Entity(target) = self.eval(target)?.value
        {
            return Ok(Ok(self.world.referrers(*record, field, target).iter().map(|id| entity(*id)).collect()));
        }
        let collection = self.eval(collection)?;
        self.elements(&collection)
    }

    pub(super) fn comprehension(
        &mut self,
        element: &Expr,
        variable: Local,
        collection: &Expr,
        filter: Option<&Expr>,
    ) -> Evaluated {
        let candidates = match self.candidates(variable, collection, filter)? {
            Ok(candidates) => candidates,
            Err(unknown) => return Ok(Traced::unknown(unknown)),
        };
        let mut result = Vec::new();
        for candidate in candidates {
            self.set(variable, candidate);
            match filter.map_or(Ok(Truth::True), |filter| self.truth(filter))? {
                Truth::True => result.push(self.eval(element)?),
                Truth::False => {}
                Truth::Unknown(unknown) => return Ok(Traced::unknown(unknown)),
            }
        }
        Ok(Traced::computed(Value::List(result.into())))
    }

    pub(super) fn quantifier(
        &mut self,
        kind: QuantifierKind,
        variable: Local,
        collection: &Expr,
        body: &Expr,
    ) -> Evaluated {
        let demand = (kind != QuantifierKind::All).then_some(body);
        let candidates = match self.candidates(variable, collection, demand)? {
            Ok(candidates) => candidates,
            Err(unknown) => return Ok(Traced::unknown(unknown)),
        };
        let truths = candidates.into_iter().map(|candidate| {
            self.set(variable, candidate);
            self.truth(body)
        });
        Ok(match kind {
            QuantifierKind::All => Truth::fold(false, truths)?.into(),
            QuantifierKind::Any => Truth::fold(true, truths)?.into(),
            QuantifierKind::No => (!Truth::fold(true, truths)?).into(),
            QuantifierKind::Count => count(truths)?,
        })
    }
}

/// The field and the target, if a conjunct of `demand` is `variable.field == target` with a target that does not use
/// the variable.
fn demanded_reference(demand: &Expr, variable: Local, record: RecordId) -> Option<(u32, &Expr)> {
    match &demand.kind {
        ExprKind::Logic(LogicOp::And, operands) => {
            operands.iter().find_map(|operand| demanded_reference(operand, variable, record))
        }
        ExprKind::Compare(CompareOp::Equal, left, right) => {
            let side = |a: &Expr| reference_of(a, variable, record);
            match (side(left), side(right)) {
                (Some(field), _) if !uses(right, variable) => Some((field, right)),
                (_, Some(field)) if !uses(left, variable) => Some((field, left)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn reference_of(expr: &Expr, variable: Local, record: RecordId) -> Option<u32> {
    match &expr.kind {
        ExprKind::Field { of, record: of_record, field } if *of_record == record => {
            (of.kind == ExprKind::Local(variable)).then_some(*field)
        }
        _ => None,
    }
}

fn uses(expr: &Expr, variable: Local) -> bool {
    let mut found = false;
    walk::all(expr, &mut |e| found |= e.kind == ExprKind::Local(variable));
    found
}

fn count(truths: impl Iterator<Item = Result<Truth, Defect>>) -> Evaluated {
    let (mut number, mut open) = (0_i128, None::<Unknown>);
    for truth in truths {
        match truth? {
            Truth::True => number += 1,
            Truth::False => {}
            Truth::Unknown(unknown) => open = Some(open.map_or_else(|| unknown.clone(), |o| o.and(&unknown))),
        }
    }
    Ok(open.map_or_else(|| Traced::computed(Value::Int(number)), Traced::unknown))
}
