//! Comparisons: equality, order, membership.
//!
//! The type checker has made sure that both sides can be compared; a pair that it should have refused is a defect,
//! never a silent `false`.

use std::cmp::Ordering;
use std::sync::Arc;

use palisade_syntax::ast::CompareOp;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::sets::{data_inside, data_overlaps};
use super::value::{Defect, Traced, Truth, Unknown, Value};
use crate::data::Data;

/// Compares two values.
pub fn compare(op: CompareOp, left: &Traced, right: &Traced) -> Result<Truth, Defect> {
    let (l, r) = (&left.value, &right.value);
    match op {
        CompareOp::Equal => equal(l, r),
        CompareOp::NotEqual => Ok(!equal(l, r)?),
        CompareOp::Less => ordered(l, r, Ordering::is_lt),
        CompareOp::LessOrEqual => ordered(l, r, Ordering::is_le),
        CompareOp::Greater => ordered(l, r, Ordering::is_gt),
        CompareOp::GreaterOrEqual => ordered(l, r, Ordering::is_ge),
        CompareOp::In => inside(l, r),
        CompareOp::NotIn => Ok(!inside(l, r)?),
        CompareOp::Contains => inside(r, l),
        CompareOp::Overlaps => overlaps(l, r),
    }
}

fn either_unknown(left: &Value, right: &Value) -> Option<Truth> {
    match (left, right) {
        (Value::Unknown(a), Value::Unknown(b)) => Some(Truth::Unknown(a.and(b))),
        (Value::Unknown(a), _) | (_, Value::Unknown(a)) => Some(Truth::Unknown(a.clone())),
        (Value::Absent, _) | (_, Value::Absent) => {
            Some(Truth::Unknown(Unknown::because("a value that is not stated", None)))
        }
        _ => None,
    }
}

/// Whether two values are the same, whatever their places.
pub fn equal(left: &Value, right: &Value) -> Result<Truth, Defect> {
    if let Some(open) = either_unknown(left, right) {
        return Ok(open);
    }
    Ok(match (left, right) {
        (Value::None, Value::None) => Truth::True,
        (Value::None, _) | (_, Value::None) => Truth::False,
        (Value::Int(a), Value::Int(b)) => Truth::known(a == b),
        (Value::Data(a), Value::Data(b)) => Truth::known(a == b),
        (Value::Variant(_, a, f), Value::Variant(_, b, g)) => Truth::known(a == b && f == g),
        (Value::Variant(_, a, _), Value::Data(Data::Variant(b, _)))
        | (Value::Data(Data::Variant(a, _)), Value::Variant(_, b, _)) => Truth::known(a == b),
        (Value::Record(a, f), Value::Record(b, g)) => Truth::known(a == b && f == g),
        (Value::Entity(a), Value::Entity(b)) => Truth::known(a == b),
        (Value::List(a), Value::List(b)) => lists(a, b)?,
        (Value::Map(a), Value::Map(b)) => maps(a, b)?,
        _ => return Err(unlike(left, right)),
    })
}

fn lists(a: &Arc<[Traced]>, b: &Arc<[Traced]>) -> Result<Truth, Defect> {
    if a.len() != b.len() {
        return Ok(Truth::False);
    }
    Truth::fold(false, a.iter().zip(b.iter()).map(|(x, y)| equal(&x.value, &y.value)))
}

/// The same keys with the same values, in whatever order.
fn maps(a: &[(SmolStr, Traced)], b: &[(SmolStr, Traced)]) -> Result<Truth, Defect> {
    if a.len() != b.len() {
        return Ok(Truth::False);
    }
    let by_key: FxHashMap<&SmolStr, &Traced> = b.iter().map(|(key, value)| (key, value)).collect();
    let same = |(key, value): &(SmolStr, Traced)| match by_key.get(key) {
        Some(other) => equal(&value.value, &other.value),
        None => Ok(Truth::False),
    };
    Truth::fold(false, a.iter().map(same))
}

fn unlike(left: &Value, right: &Value) -> Defect {
    Defect::new(format!("values of different types were compared: {left:?} and {right:?}"))
}

fn ordered(left: &Value, right: &Value, holds: fn(Ordering) -> bool) -> Result<Truth, Defect> {
    if let Some(open) = either_unknown(left, right) {
        return Ok(open);
    }
    order(left, right).map(|order| Truth::known(holds(order)))
}

/// The order of numbers, ports, dates and durations.
pub fn order(left: &Value, right: &Value) -> Result<Ordering, Defect> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Data(Data::Date(a)), Value::Data(Data::Date(b))) => Ok(a.cmp(b)),
        (Value::Data(Data::Duration(a)), Value::Data(Data::Duration(b))) => Ok(a.cmp(b)),
        (Value::Data(Data::Port(a)), Value::Data(Data::Port(b))) => Ok(a.cmp(b)),
        _ => Err(unlike(left, right)),
    }
}

/// Whether an element is in a list, or a set in a larger one.
fn inside(small: &Value, large: &Value) -> Result<Truth, Defect> {
    if let Some(open) = either_unknown(small, large) {
        return Ok(open);
    }
    match (small, large) {
        (_, Value::List(items)) => Truth::fold(true, items.iter().map(|item| equal(small, &item.value))),
        (Value::Data(Data::Text(key)), Value::Map(entries)) => {
            Ok(Truth::known(entries.iter().any(|(name, _)| name == key)))
        }
        (_, Value::Map(entries)) => Truth::fold(true, entries.iter().map(|(_, item)| equal(small, &item.value))),
        (Value::Data(small), Value::Data(large)) => data_inside(small, large),
        _ => Err(unlike(small, large)),
    }
}

fn overlaps(left: &Value, right: &Value) -> Result<Truth, Defect> {
    if let Some(open) = either_unknown(left, right) {
        return Ok(open);
    }
    match (left, right) {
        (Value::List(a), _) => Truth::fold(true, a.iter().map(|item| overlaps_one(&item.value, right))),
        _ => overlaps_one(left, right),
    }
}

fn overlaps_one(left: &Value, right: &Value) -> Result<Truth, Defect> {
    match (left, right) {
        (_, Value::List(items)) => Truth::fold(true, items.iter().map(|item| overlaps_one(left, &item.value))),
        (Value::Data(a), Value::Data(b)) => Ok(data_overlaps(a, b)),
        _ => equal(left, right),
    }
}
