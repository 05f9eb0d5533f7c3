//! Comparisons: equality, order, and the relations of sets.
//!
//! The type checker has made sure that both sides can be compared; a pair that it should have refused is a defect,
//! never a silent `false`.

use std::cmp::Ordering;
use std::sync::Arc;

use palisade_net::{AddressSpec, Cidr, IpSet};
use palisade_syntax::ast::CompareOp;

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
        _ => return Err(unlike(left, right)),
    })
}

fn lists(a: &Arc<[Traced]>, b: &Arc<[Traced]>) -> Result<Truth, Defect> {
    if a.len() != b.len() {
        return Ok(Truth::False);
    }
    Truth::fold(false, a.iter().zip(b.iter()).map(|(x, y)| equal(&x.value, &y.value)))
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

fn data_inside(small: &Data, large: &Data) -> Result<Truth, Defect> {
    Ok(match (small, large) {
        (Data::Port(port), Data::Ports(ports)) => Truth::known(ports.contains(*port)),
        (Data::Ports(a), Data::Ports(b)) => Truth::known(a.is_subset(b)),
        (Data::Protocols(a), Data::Protocols(b)) => Truth::known(a.is_subset(*b)),
        (Data::Fqdn(host), Data::Fqdn(pattern)) => Truth::known(pattern.matches(host)),
        (Data::Tag(tag), Data::Addresses(spec)) => tag_in(tag, spec),
        (Data::Tag(a), Data::Tag(b)) => Truth::known(a == b || **b == a.global()),
        _ => match (ips(small), large) {
            (Some(a), Data::Addresses(spec)) => ips_in(&a, spec),
            (Some(a), _) => match ips(large) {
                Some(b) => Truth::known(a.is_subset(&b)),
                None => Truth::Unknown(needs_tags()),
            },
            (None, _) => return Err(Defect::new(format!("`{small:?}` was looked for in `{large:?}`"))),
        },
    })
}

fn needs_tags() -> Unknown {
    Unknown::because("the addresses of a service tag (Microsoft's service tag file)", None)
}

fn tag_in(tag: &palisade_net::ServiceTag, spec: &AddressSpec) -> Truth {
    match spec {
        AddressSpec::Any => Truth::True,
        AddressSpec::These { tags, .. } if tags.iter().any(|t| t == tag || *t == tag.global()) => Truth::True,
        AddressSpec::These { ips, tags } if ips.is_empty() && tags.is_empty() => Truth::False,
        AddressSpec::These { .. } => Truth::Unknown(needs_tags()),
    }
}

fn ips_in(set: &IpSet, spec: &AddressSpec) -> Truth {
    match spec {
        AddressSpec::Any => Truth::True,
        AddressSpec::These { ips, .. } if set.is_subset(ips) => Truth::True,
        AddressSpec::These { ips, tags } => tags_might_hold(&set.subtract(ips), tags),
    }
}

/// No tag holds a private address (fact C.2b), so only public ones leave it open.
fn tags_might_hold(rest: &IpSet, tags: &[palisade_net::ServiceTag]) -> Truth {
    if tags.is_empty() || !rest.is_subset(&palisade_net::public_addresses()) {
        return Truth::False;
    }
    Truth::Unknown(needs_tags())
}

/// The addresses of a value that is nothing but addresses.
fn ips(data: &Data) -> Option<IpSet> {
    match data {
        Data::Ip(address) => Some(IpSet::from(Cidr::host(*address))),
        Data::Cidr(cidr) => Some(IpSet::from(*cidr)),
        Data::Addresses(spec) => match &**spec {
            AddressSpec::Any => Some(IpSet::all()),
            AddressSpec::These { ips, tags } if tags.is_empty() => Some(ips.clone()),
            AddressSpec::These { .. } => None,
        },
        _ => None,
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

fn data_overlaps(a: &Data, b: &Data) -> Truth {
    match (a, b) {
        (Data::Ports(a), Data::Ports(b)) => Truth::known(a.overlaps(b)),
        (Data::Protocols(a), Data::Protocols(b)) => Truth::known(a.overlaps(*b)),
        (Data::Port(a), Data::Ports(b)) | (Data::Ports(b), Data::Port(a)) => Truth::known(b.contains(*a)),
        _ => match (ips(a), ips(b)) {
            (Some(a), Some(b)) => Truth::known(a.overlaps(&b)),
            (Some(set), None) | (None, Some(set)) => spec_overlaps(&set, if ips(a).is_none() { a } else { b }),
            (None, None) => match (a, b) {
                (Data::Tag(a), Data::Tag(b)) if a == b => Truth::True,
                _ if is_addresses(a) && is_addresses(b) => Truth::Unknown(needs_tags()),
                _ => Truth::known(a == b),
            },
        },
    }
}

fn is_addresses(data: &Data) -> bool {
    matches!(data, Data::Addresses(_) | Data::Tag(_))
}

fn spec_overlaps(set: &IpSet, other: &Data) -> Truth {
    let known = match other {
        Data::Addresses(spec) => match &**spec {
            AddressSpec::These { ips, .. } => set.overlaps(ips),
            AddressSpec::Any => !set.is_empty(),
        },
        _ => false,
    };
    match known {
        true => Truth::True,
        false if set.overlaps(&palisade_net::public_addresses()) => Truth::Unknown(needs_tags()),
        false => Truth::False,
    }
}
