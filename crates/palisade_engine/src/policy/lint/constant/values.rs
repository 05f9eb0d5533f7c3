//! What values a path may still have, as far as conditions say.

use std::collections::BTreeSet;

use palisade_net::Cidr;

use super::prefixes::Prefixes;
use crate::data::Data;
use crate::evaluate::print::show_data;
use crate::types::{Schema, Type};

/// A set of values of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// Booleans (0 and 1), variants by index, entities by the id of their type, absent (0) and present (1).
    Cases(BTreeSet<u32>),
    /// Numbers, ports, days and seconds: ranges with both ends, in order, none touching another.
    Ranges(Vec<(i128, i128)>),
    /// Ranges of addresses; an address is a range of one.
    Prefixes(Prefixes),
    /// One of these.
    Only(Vec<Data>),
    /// Anything but these.
    Except(Vec<Data>),
}

const ALL_NUMBERS: (i128, i128) = (i128::MIN, i128::MAX);

impl Values {
    /// Every value of a type.
    pub(super) fn of_type(schema: &Schema, ty: &Type) -> Self {
        match ty.narrowed() {
            Type::Bool => Self::Cases([0, 1].into()),
            Type::Enum(id) => {
                let variants = schema.enumeration(*id).map_or(0, |e| e.variants.len());
                Self::Cases((0..).take(variants).collect())
            }
            Type::OneOf(ids) => Self::Cases(ids.iter().map(|id| id.0).collect()),
            Type::Port => Self::Ranges(vec![(0, i128::from(u16::MAX))]),
            Type::Cidr | Type::Ip => Self::Prefixes(Prefixes::ALL),
            Type::Int | Type::Date | Type::Duration => Self::Ranges(vec![ALL_NUMBERS]),
            _ => Self::Except(Vec::new()),
        }
    }

    /// One value of a type.
    pub(super) fn one_of(ty: &Type, data: &Data) -> Self {
        match range(ty, data) {
            Some(range) => Self::Prefixes(Prefixes::one(range)),
            None => Self::one(data),
        }
    }

    /// One value of a type that is no range.
    pub(super) fn one(data: &Data) -> Self {
        match (data, number(data)) {
            (Data::Bool(value), _) => Self::Cases([u32::from(*value)].into()),
            (Data::Variant(index, _), _) => Self::Cases([u32::from(*index)].into()),
            (_, Some(n)) => Self::Ranges(vec![(n, n)]),
            _ => Self::Only(vec![data.clone()]),
        }
    }

    /// Several values of one type.
    pub(super) fn several<'a>(ty: &Type, all: impl Iterator<Item = &'a Data>) -> Option<Self> {
        all.map(|data| Self::one_of(ty, data)).reduce(|a, b| a.or(&b))
    }

    pub(super) fn at_least(n: i128) -> Self {
        Self::Ranges(vec![(n, i128::MAX)])
    }

    pub(super) fn at_most(n: i128) -> Self {
        Self::Ranges(vec![(i128::MIN, n)])
    }

    /// One of the values, in the words of the language.
    pub(super) fn example(&self, schema: &Schema, ty: &Type) -> Option<String> {
        match (self, ty.narrowed()) {
            (Self::Cases(cases), Type::Bool) => Some((*cases.first()? == 1).to_string()),
            (Self::Cases(cases), Type::Enum(id)) => {
                let variant = schema.enumeration(*id)?.variants.get(usize::try_from(*cases.first()?).ok()?)?;
                Some(variant.name.to_string())
            }
            (Self::Ranges(ranges), Type::Int | Type::Port) => {
                let (low, high) = *ranges.first()?;
                let zero = low == i128::MIN && high == i128::MAX;
                Some(
                    if zero {
                        0
                    } else if low == i128::MIN {
                        high
                    } else {
                        low
                    }
                    .to_string(),
                )
            }
            (Self::Prefixes(ranges), Type::Cidr) => ranges.example(),
            (Self::Only(values), _) => match values.first()? {
                Data::Text(text) => Some(format!("\"{text}\"")),
                plain @ (Data::Tag(_) | Data::Cidr(_) | Data::Region(_)) => Some(show_data(plain)),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Cases(cases) => cases.is_empty(),
            Self::Ranges(ranges) => ranges.is_empty(),
            Self::Prefixes(ranges) => ranges.is_empty(),
            Self::Only(values) => values.is_empty(),
            Self::Except(_) => false,
        }
    }

    /// What is in both. Sets of different kinds come of a fault that is reported elsewhere; then nothing is said.
    pub(super) fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Cases(a), Self::Cases(b)) => Self::Cases(a & b),
            (Self::Ranges(a), Self::Ranges(b)) => Self::Ranges(shared(a, b)),
            (Self::Prefixes(a), Self::Prefixes(b)) => Self::Prefixes(a.and(b)),
            (Self::Only(a), Self::Only(b)) => Self::Only(a.iter().filter(|x| b.contains(x)).cloned().collect()),
            (Self::Only(a), Self::Except(b)) | (Self::Except(b), Self::Only(a)) => {
                Self::Only(a.iter().filter(|x| !b.contains(x)).cloned().collect())
            }
            (Self::Except(a), Self::Except(b)) => Self::Except(union(a, b)),
            _ => self.clone(),
        }
    }

    /// What is in one of both, or more.
    pub(super) fn or(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Cases(a), Self::Cases(b)) => Self::Cases(a | b),
            (Self::Ranges(a), Self::Ranges(b)) => Self::Ranges(joined(a.iter().chain(b).copied().collect())),
            (Self::Prefixes(a), Self::Prefixes(b)) => Self::Prefixes(a.or(b)),
            (Self::Only(a), Self::Only(b)) => Self::Only(union(a, b)),
            (Self::Only(a), Self::Except(b)) | (Self::Except(b), Self::Only(a)) => {
                Self::Except(b.iter().filter(|x| !a.contains(x)).cloned().collect())
            }
            (Self::Except(a), Self::Except(b)) => Self::Except(a.iter().filter(|x| b.contains(x)).cloned().collect()),
            _ => Self::Except(Vec::new()),
        }
    }

    /// What is in a type's values and not in this.
    pub(super) fn not(&self, all: &Self) -> Self {
        match (self, all) {
            (Self::Cases(some), Self::Cases(all)) => Self::Cases(all - some),
            (Self::Ranges(some), Self::Ranges(all)) => Self::Ranges(shared(&gaps(some), all)),
            (Self::Prefixes(some), Self::Prefixes(_)) => Self::Prefixes(some.not()),
            (Self::Only(values), _) => Self::Except(values.clone()),
            (Self::Except(values), _) => Self::Only(values.clone()),
            _ => all.clone(),
        }
    }
}

/// The range that a value of a type of ranges is.
pub(super) fn range(ty: &Type, data: &Data) -> Option<Cidr> {
    match (ty.narrowed(), data) {
        (Type::Cidr, Data::Cidr(range)) => Some(*range),
        (Type::Ip, Data::Ip(address)) => Some(Cidr::host(*address)),
        _ => None,
    }
}

/// The number by which a value is ordered.
pub(super) fn number(data: &Data) -> Option<i128> {
    match data {
        Data::Int(n) | Data::Duration(n) => Some(i128::from(*n)),
        Data::Date(n) => Some(i128::from(*n)),
        Data::Port(n) => Some(i128::from(*n)),
        _ => None,
    }
}

fn union(a: &[Data], b: &[Data]) -> Vec<Data> {
    a.iter().chain(b.iter().filter(|x| !a.contains(x))).cloned().collect()
}

fn shared(a: &[(i128, i128)], b: &[(i128, i128)]) -> Vec<(i128, i128)> {
    let both = a.iter().flat_map(|x| b.iter().map(move |y| (x.0.max(y.0), x.1.min(y.1))));
    both.filter(|(low, high)| low <= high).collect()
}

fn joined(mut ranges: Vec<(i128, i128)>) -> Vec<(i128, i128)> {
    ranges.sort_unstable();
    let mut all: Vec<(i128, i128)> = Vec::new();
    for (low, high) in ranges {
        match all.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => all.push((low, high)),
        }
    }
    all
}

fn gaps(ranges: &[(i128, i128)]) -> Vec<(i128, i128)> {
    let mut all = Vec::new();
    let mut next = Some(i128::MIN);
    for (low, high) in ranges {
        if let Some(start) = next.filter(|start| start < low) {
            all.push((start, low - 1));
        }
        next = high.checked_add(1);
    }
    all.extend(next.map(|start| (start, i128::MAX)));
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn has(values: &Values, n: i64) -> bool {
        !values.and(&Values::one(&Data::Int(n))).is_empty()
    }

    fn some() -> impl Strategy<Value = Values> {
        let bounds = proptest::collection::vec((-9..9_i128, 0..4_i128), 0..4);
        bounds.prop_map(|all| Values::Ranges(joined(all.into_iter().map(|(low, more)| (low, low + more)).collect())))
    }

    proptest! {
        #[test]
        fn sets_of_numbers_are_sets(a in some(), b in some(), n in -15..15_i64) {
            let all = Values::Ranges(vec![ALL_NUMBERS]);
            prop_assert_eq!(has(&a.and(&b), n), has(&a, n) && has(&b, n));
            prop_assert_eq!(has(&a.or(&b), n), has(&a, n) || has(&b, n));
            prop_assert_eq!(has(&a.not(&all), n), !has(&a, n));
            prop_assert_eq!(a.not(&all).not(&all), a);
        }
    }
}
