//! Literals: a digit's worth of text becomes a value of the type that is expected, or of its own.

use palisade_net::{AddressItem, AddressSpec, Cidr, Port, PortSet, ValueError, parse_ip};
use palisade_syntax::ast::NodeId;

use super::checker::{Checker, error_of};
use super::codes;
use crate::data::Data;
use crate::dates::{parse_date, parse_duration};
use crate::ir::{Expr, ExprKind};
use crate::types::Type;

/// What a literal looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Number,
    Range,
    Date,
    Duration,
    Address,
    Network,
}

fn shape(text: &str) -> Option<Shape> {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [low, high] if digits(low) && digits(high) => return Some(Shape::Range),
        [year, month, day] if [year, month, day].into_iter().all(|t| digits(t)) => return Some(Shape::Date),
        _ => {}
    }
    if digits(text) {
        Some(Shape::Number)
    } else if text.contains('/') {
        Some(Shape::Network)
    } else if text.contains(':') || (text.matches('.').count() == 3 && !text.contains('-')) {
        Some(Shape::Address)
    } else if text.strip_suffix(['d', 'h', 'm']).is_some_and(digits) {
        Some(Shape::Duration)
    } else {
        None
    }
}

/// The type that a literal of a shape takes where another is expected, or its own.
fn literal_type(shape: Shape, want: Option<&Type>) -> Type {
    let want = want.map(Type::narrowed);
    let (own, others): (Type, &[Type]) = match shape {
        Shape::Number => (Type::Int, &[Type::Port, Type::Ports]),
        Shape::Range => (Type::Ports, &[]),
        Shape::Date => (Type::Date, &[]),
        Shape::Duration => (Type::Duration, &[]),
        Shape::Address => (Type::Ip, &[Type::Addresses, Type::Cidr, Type::Prefix]),
        Shape::Network => (Type::Cidr, &[Type::Prefix, Type::Addresses]),
    };
    match want {
        Some(ty) if others.contains(ty) => ty.clone(),
        _ => own,
    }
}

/// Whether a text would be a literal of the type if it had no quotes.
pub(super) fn shape_fits(text: &str, want: &Type) -> bool {
    shape(text).is_some_and(|shape| literal_type(shape, Some(want)) == *want.narrowed())
}

impl Checker<'_> {
    /// A literal that starts with a digit, or an IPv6 one.
    pub(super) fn literal(&mut self, id: NodeId, text: &str, want: Option<&Type>) -> Expr {
        let Some(shape) = shape(text) else {
            let help =
                "a literal is a number, a date `2024-07-26`, a duration `90d`, a port range `8704-8710`, or an address";
            self.error(codes::INVALID_LITERAL, id, format!("`{text}` is not a literal"), help);
            return error_of(id, Type::Error);
        };
        let ty = literal_type(shape, want);
        match parse(text, &ty) {
            Ok(data) => Expr { id, ty, kind: ExprKind::Literal(data) },
            Err(error) => {
                self.value_error(codes::INVALID_LITERAL, id, error);
                error_of(id, ty)
            }
        }
    }
}

fn parse(text: &str, ty: &Type) -> Result<Data, ValueError> {
    Ok(match ty {
        Type::Port => Data::Port(text.parse::<Port>()?.0),
        Type::Ports => Data::Ports(text.parse::<PortSet>()?.into()),
        Type::Ip => Data::Ip(parse_ip(text)?),
        Type::Cidr | Type::Prefix => Data::Cidr(text.parse()?),
        Type::Addresses => {
            let items = [AddressItem::Cidr(Cidr::parse_or_address(text)?)];
            Data::Addresses(items.into_iter().collect::<AddressSpec>().into())
        }
        Type::Date => Data::Date(parse_date(text).ok_or_else(|| {
            wrong(format!("`{text}` is not a date"), "a date is year, month and day, such as `2024-07-26`")
        })?),
        Type::Duration => Data::Duration(
            parse_duration(text)
                .ok_or_else(|| wrong(format!("the duration `{text}` is too long"), "write a shorter one"))?,
        ),
        _ => Data::Int(number(text)?),
    })
}

fn wrong(message: String, help: &str) -> ValueError {
    ValueError { message, help: Some(help.into()), suggestion: None }
}

fn number(text: &str) -> Result<i64, ValueError> {
    text.parse()
        .map_err(|_| wrong(format!("`{text}` is too large"), "a number in a policy is at most 9223372036854775807"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_literal_is_a_value_of_its_type_or_a_fault(text in "[0-9a-f:./dhm-]{1,24}") {
            if let Some(shape) = shape(&text) {
                let ty = literal_type(shape, None);
                if let Ok(data) = parse(&text, &ty) {
                    prop_assert!(matches!(
                        (&ty, &data),
                        (Type::Int, Data::Int(_))
                            | (Type::Ports, Data::Ports(_))
                            | (Type::Date, Data::Date(_))
                            | (Type::Duration, Data::Duration(_))
                            | (Type::Ip, Data::Ip(_))
                            | (Type::Cidr, Data::Cidr(_))
                    ));
                }
            }
        }
    }
}
