//! What a field takes and what stands there instead, in words for people.

use palisade_yaml::{CoreValue, Kind, NodeRef};

use crate::types::{EnumDef, FieldDef, FieldRole, Schema, Type};

/// What a field takes, where its entities are written in it and not referred to.
pub(super) fn expected_of(schema: &Schema, field: &FieldDef) -> String {
    match (field.role, field.ty.narrowed()) {
        (FieldRole::Collection, Type::Map(_, item)) => {
            format!("a mapping from names, each to the keys of a `{}`", schema.display(item))
        }
        (FieldRole::Collection, Type::List(item)) => {
            format!("a list, each item with `name` and the keys of a `{}`", schema.display(item))
        }
        (FieldRole::Count, Type::Int) => format!("{}, 0 or more", expected(schema, &field.ty)),
        _ => expected(schema, &field.ty),
    }
}

/// What a value of this type is, in words.
pub(super) fn expected(schema: &Schema, ty: &Type) -> String {
    let plain = match ty {
        Type::Bool => "`true` or `false`",
        Type::Int => "a whole number",
        Type::Text => "text",
        Type::Date => "a date such as `2026-01-31`",
        Type::Duration => "a length of time such as `90d`, `12h`, `15m` or `PT15M`",
        Type::Ip => "an address such as `10.0.0.4`",
        Type::Cidr => "a range such as `10.0.0.0/16`",
        Type::Prefix => "a range such as `10.0.0.0/16`, or a service tag",
        Type::Addresses => "addresses: ranges, single addresses, service tags, or `*`; one or a list",
        Type::Port => "a port: a number from 0 to 65535",
        Type::Ports => "ports: `443`, `\"8704-8710\"`, a list of these, or `\"*\"`",
        Type::Protocol => "a protocol: `tcp`, `udp`, `icmp`, `esp` or `ah`",
        Type::Protocols => "protocols: `tcp`, `udp`, `icmp`, `esp`, `ah`, a list of these, or `\"*\"`",
        Type::Region => "a region",
        Type::ServiceTag => "a service tag",
        Type::Fqdn => "a host name such as `a.example.org`, or a pattern such as `*.example.org`",
        Type::Flow | Type::Traffic | Type::Verdict | Type::Error => "nothing that a file can say",
        Type::Optional(inner) => return expected(schema, inner),
        Type::OrNone(inner) => return format!("{}, or `none`", expected(schema, inner)),
        Type::List(item) => return format!("a list, each item {}", expected(schema, item)),
        Type::Map(_, item) => return format!("a mapping from names, each to {}", expected(schema, item)),
        Type::Record(_) | Type::OneOf(_) if schema.is_entity(ty) => {
            return format!("the name or place of a `{}`", schema.display(ty));
        }
        Type::Record(_) | Type::OneOf(_) => return format!("a mapping with the keys of `{}`", schema.display(ty)),
        Type::Enum(id) => return schema.enumeration(*id).map_or_else(String::new, one_of),
    };
    plain.to_owned()
}

/// The words of an enum, such as: one of `allow`, `deny`.
pub(super) fn one_of(declared: &EnumDef) -> String {
    format!("one of {}", list(declared.variants.iter().map(|variant| variant.name.as_str())))
}

/// Names in backticks, joined by commas.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What stands at a node, such as: the number `5`.
pub(super) fn found(node: NodeRef<'_>) -> String {
    match node.kind() {
        Kind::Mapping => return "a mapping".to_owned(),
        Kind::Sequence => return "a list".to_owned(),
        Kind::Null => return "nothing".to_owned(),
        Kind::Scalar => {}
    }
    let text = shortened(node.as_str().unwrap_or_default());
    match node.value() {
        Some(CoreValue::Int(_) | CoreValue::HugeInt | CoreValue::Float(_)) => format!("the number {text}"),
        Some(CoreValue::Text(_)) => format!("the text {text}"),
        _ => text,
    }
}

/// What to write instead of a value of another type.
pub(super) fn instead(ty: &Type, node: NodeRef<'_>) -> String {
    let mut items = node.items();
    let only = items.next().and_then(NodeRef::as_str).filter(|_| items.next().is_none());
    match (ty.narrowed(), node.kind()) {
        (Type::List(_), Kind::Mapping) => "write a list: an item a line, each after `- `".to_owned(),
        (Type::Map(..), _) => match node.as_str().or(only) {
            Some(name) => format!("write names as keys: {}", shortened(&format!("{name}: {{}}"))),
            None => "write names as keys, each with its own keys below it".to_owned(),
        },
        (_, Kind::Sequence) => match only {
            Some(one) => format!("write {} alone, without brackets or `-`", shortened(one)),
            None => "write one value, not a list".to_owned(),
        },
        (Type::Record(_) | Type::OneOf(_), Kind::Mapping) => {
            "write its name; describe it in its own collection".to_owned()
        }
        (Type::Record(_) | Type::OneOf(_), _) => "write its keys below, indented".to_owned(),
        (_, Kind::Mapping) => "write one value, not keys".to_owned(),
        (Type::Bool, _) if node.as_str() == Some("1") => "write `true`".to_owned(),
        (Type::Bool, _) if node.as_str() == Some("0") => "write `false`".to_owned(),
        (Type::Bool, _) => "write `true` or `false`, or leave the key out where it is not known".to_owned(),
        (Type::Int, _) => "write it in digits, without a fraction, a unit or words".to_owned(),
        (Type::Date, _) => "write year, month and day".to_owned(),
        (Type::Duration, _) => "write a number and its unit, such as `15m`".to_owned(),
        _ => "write it in that form".to_owned(),
    }
}

/// A user's text in backticks, on one line, cut after 60 characters.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let more = if text.chars().nth(LONGEST).is_some() { "…" } else { "" };
    let shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    format!("`{}{more}`", shown.replace("\\\"", "\"").replace("\\'", "'"))
}
