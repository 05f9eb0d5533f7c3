//! The engine's own functions, and arithmetic.

use palisade_net::{Direction, IpSet};
use palisade_syntax::ast::AddOp;

use super::eval::{Evaluator, add, int};
use super::questions::{excess, exposed_to, shadowed_rules};
use super::value::{Defect, Evaluated, Traced, Unknown, Value};
use super::verdict::record_asked;
use crate::data::Data;
use crate::ir::ExternFn;

/// Calls one of the engine's own functions; its arguments are known.
pub fn call(evaluator: &mut Evaluator<'_>, function: ExternFn, arguments: &[Traced]) -> Evaluated {
    let world = evaluator.world;
    let values: Vec<&Value> = arguments.iter().map(|a| &a.value).collect();
    match (function, values.as_slice()) {
        (ExternFn::Size, [Value::Data(Data::Cidr(prefix))]) => {
            let size = IpSet::from(*prefix).size();
            let size = i128::try_from(size)
                .map_err(|_| Defect::new(format!("`{prefix}` has more addresses than an Int can count")))?;
            Ok(Traced::computed(Value::Int(size)))
        }
        (ExternFn::Matches, [Value::Data(Data::Text(pattern)), Value::Data(Data::Text(text))]) => {
            Ok(Traced::bool(matches(&pattern.to_lowercase(), &text.to_lowercase())))
        }
        (ExternFn::ShadowedRules, [Value::Entity(group)]) => Ok(answered(shadowed_rules(world, *group)?)),
        (ExternFn::Excess, [Value::Entity(place), direction, Value::Traffic(required)]) => {
            let direction = if is_inbound(evaluator, direction)? { Direction::Inbound } else { Direction::Outbound };
            record_asked(world, *place, required);
            Ok(answered(excess(world, *place, direction, required)))
        }
        (ExternFn::ExposedTo, [Value::Entity(place), Value::Traffic(traffic)]) => {
            record_asked(world, *place, traffic);
            Ok(answered(exposed_to(world, *place, traffic)))
        }
        (function, values) => Err(Defect::new(format!("{function:?} was called with {values:?}"))),
    }
}

fn answered(answer: Result<Value, Unknown>) -> Traced {
    answer.map_or_else(Traced::unknown, Traced::computed)
}

/// Whether a value of the library's `Direction` is `inbound`.
fn is_inbound(evaluator: &Evaluator<'_>, direction: &Value) -> Result<bool, Defect> {
    match (direction, evaluator.world.bindings().group) {
        (Value::Variant(_, at, _) | Value::Data(Data::Variant(at, _)), Some(group)) => Ok(*at == group.rule.inbound),
        _ => Err(Defect::new(format!("a direction was expected, not {direction:?}"))),
    }
}

/// Whether a pattern, in which `*` stands for any run of characters, covers the whole text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or("");
    }
    rest.ends_with(last)
}

/// Adds or subtracts numbers, durations, and durations to dates.
pub fn plus(left: &Value, right: &Value, op: AddOp) -> Result<Value, Defect> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => add(*a, *b, op).map(Value::Int),
        (Value::Data(Data::Duration(a)), Value::Data(Data::Duration(b))) => {
            let sum = add(i128::from(*a), i128::from(*b), op)?;
            let sum = i64::try_from(sum).map_err(|_| Defect::new("a length of time is too large"))?;
            Ok(Value::Data(Data::Duration(sum)))
        }
        (Value::Data(Data::Date(a)), Value::Data(Data::Duration(b))) => later(*a, *b, op),
        (Value::Data(Data::Duration(a)), Value::Data(Data::Date(b))) => later(*b, *a, op),
        (Value::Data(Data::Date(a)), Value::Data(Data::Date(b))) => {
            Ok(Value::Data(Data::Duration((i64::from(*a) - i64::from(*b)) * DAY)))
        }
        _ => Err(int(left).and_then(|_| int(right)).err().unwrap_or_else(|| Defect::new("values that do not add"))),
    }
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A day so much later, or earlier; part of a day does not reach the next one.
fn later(day: i32, by: i64, op: AddOp) -> Result<Value, Defect> {
    let seconds = add(i128::from(day) * i128::from(DAY), i128::from(by), op)?;
    let day = i32::try_from(seconds.div_euclid(i128::from(DAY)));
    day.map(|day| Value::Data(Data::Date(day))).map_err(|_| Defect::new("a date is too far away"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, text) in
            [("*", ""), ("a*", "abc"), ("*c", "abc"), ("a*b*c", "axxbyyc"), ("a**c", "ac"), ("abc", "abc")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("", "a"), ("a*", "ba"), ("a*a", "a"), ("a*b*c", "axxc"), ("abc", "abcd"), ("*ab", "aab ")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
