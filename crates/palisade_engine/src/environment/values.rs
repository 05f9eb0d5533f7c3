//! Single values: texts, numbers, and the network's own types, read by `palisade_net` and kept in a cache, since
//! files repeat a few of them (`*`, `tcp`, `443`) many times.

use std::sync::Arc;

use palisade_net::{
    AddressItem, AddressSpec, Cidr, Fqdn, PortSet, Protocol, ProtocolSet, TagCatalogue, ValueError, parse_ip,
};
use palisade_yaml::{CoreValue, Kind, NodeRef, Style};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::words;
use crate::data::Data;
use crate::dates::{parse_azure_duration, parse_date, parse_duration};
use crate::types::Type;

/// Why a node is not a value of a type.
pub(super) enum Wrong<'d> {
    /// It is something else altogether; with what to do, if more is known than the type.
    Type(NodeRef<'d>, Option<String>),
    /// It is written like such a value, but there is none.
    Value(NodeRef<'d>, ValueError),
}

/// Reads single values.
pub(super) struct Values<'s> {
    catalogue: &'s TagCatalogue,
    one: Cache,
    many: Cache,
    scratch: String,
}

/// Values by kind and text. Texts of lists are their items, joined by line breaks.
#[derive(Default)]
struct Cache {
    addresses: FxHashMap<Box<str>, Data>,
    ports: FxHashMap<Box<str>, Data>,
    protocols: FxHashMap<Box<str>, Data>,
    others: FxHashMap<(Kept, Box<str>), Data>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kept {
    Prefix,
    Tag,
    Fqdn,
}

impl Cache {
    fn set(&mut self, ty: &Type) -> Option<&mut FxHashMap<Box<str>, Data>> {
        match ty {
            Type::Addresses => Some(&mut self.addresses),
            Type::Ports => Some(&mut self.ports),
            Type::Protocols => Some(&mut self.protocols),
            _ => None,
        }
    }
}

type Read<'d> = Result<Data, Wrong<'d>>;

impl<'s> Values<'s> {
    pub(super) fn new(catalogue: &'s TagCatalogue) -> Self {
        Self { catalogue, one: Cache::default(), many: Cache::default(), scratch: String::new() }
    }

    /// Reads a value that is not made of other values, sets included.
    pub(super) fn read<'d>(&mut self, ty: &Type, node: NodeRef<'d>) -> Read<'d> {
        match ty {
            Type::Addresses | Type::Ports | Type::Protocols => self.set(ty, node),
            Type::Bool => bool(node),
            Type::Int => int(node),
            Type::Text => text(node).map(Data::Text),
            _ => self.network(ty, node),
        }
    }

    fn network<'d>(&mut self, ty: &Type, node: NodeRef<'d>) -> Read<'d> {
        let text = node.as_str().ok_or(Wrong::Type(node, None))?;
        let read = match ty {
            Type::Date => return parse_date(text).map(Data::Date).ok_or(Wrong::Type(node, None)),
            Type::Duration => {
                return parse_duration(text)
                    .or_else(|| parse_azure_duration(text))
                    .map(Data::Duration)
                    .ok_or(Wrong::Type(node, None));
            }
            Type::Ip => parse_ip(text).map(Data::Ip).map_err(|error| without_length(text, error)),
            Type::Cidr => text.parse().map(Data::Cidr),
            Type::Port => text.parse().map(|port: palisade_net::Port| Data::Port(port.0)),
            Type::Protocol => text.parse().map(|protocol: Protocol| Data::Protocols(protocol.into())),
            Type::Region => self.catalogue.parse_region(text).map(Data::Region),
            Type::Prefix => self.kept(Kept::Prefix, text),
            Type::ServiceTag => self.kept(Kept::Tag, text),
            Type::Fqdn => self.kept(Kept::Fqdn, text),
            _ => return Err(Wrong::Type(node, None)),
        };
        read.map_err(|error| Wrong::Value(node, error))
    }

    fn kept(&mut self, kind: Kept, text: &str) -> Result<Data, ValueError> {
        let key = (kind, Box::from(text));
        if let Some(known) = self.one.others.get(&key) {
            return Ok(known.clone());
        }
        let tag = |text| self.catalogue.parse_tag(text).map(|tag| Data::Tag(Arc::new(tag)));
        let value = match kind {
            Kept::Prefix if is_numeric(text) => text.parse().map(Data::Cidr),
            Kept::Prefix | Kept::Tag => tag(text),
            Kept::Fqdn if text == "*" => Ok(Data::Fqdn(Arc::new(Fqdn::any()))),
            Kept::Fqdn => text.parse().map(|host: Fqdn| Data::Fqdn(Arc::new(host))),
        }?;
        self.one.others.insert(key, value.clone());
        Ok(value)
    }

    /// A set: one value, or a list of them.
    fn set<'d>(&mut self, ty: &Type, node: NodeRef<'d>) -> Read<'d> {
        if node.kind() != Kind::Sequence {
            let text = node.as_str().ok_or(Wrong::Type(node, None))?;
            if let Some(known) = self.one.set(ty).and_then(|known| known.get(text)) {
                return Ok(known.clone());
            }
            let value = self.union(ty, std::iter::once(node))?;
            self.one.set(ty).and_then(|known| known.insert(text.into(), value.clone()));
            return Ok(value);
        }
        let mut key = std::mem::take(&mut self.scratch);
        let cached = joined(node, &mut key);
        let found = self.many.set(ty).filter(|_| cached).and_then(|known| known.get(key.as_str()).cloned());
        let value = match found {
            Some(known) => Ok(known),
            None => self.union(ty, node.items()),
        };
        if let (Ok(value), true) = (&value, cached) {
            self.many.set(ty).and_then(|known| known.insert(key.as_str().into(), value.clone()));
        }
        self.scratch = key;
        value
    }

    fn union<'d>(&self, ty: &Type, nodes: impl Iterator<Item = NodeRef<'d>>) -> Read<'d> {
        let items = nodes.map(|node| node.as_str().map(|text| (node, text)).ok_or(Wrong::Type(node, None)));
        match ty {
            Type::Addresses => {
                let item = |(node, text)| self.address(text).map_err(|error| Wrong::Value(node, starred(text, error)));
                let spec: AddressSpec = items.map(|found| found.and_then(item)).collect::<Result<_, _>>()?;
                Ok(Data::Addresses(Arc::new(spec)))
            }
            Type::Ports => {
                let item = |(node, text)| ports(text).map_err(|error| Wrong::Value(node, starred(text, error)));
                let sets = items.map(|found| found.and_then(item)).collect::<Result<Vec<_>, _>>()?;
                let ranges = sets.iter().flat_map(|set: &PortSet| set.ranges().iter().copied());
                Ok(Data::Ports(Arc::new(PortSet::from_ranges(ranges))))
            }
            _ => {
                let item =
                    |(node, text): (_, &str)| text.parse().map_err(|error| Wrong::Value(node, starred(text, error)));
                let join = |set: ProtocolSet, found: Result<_, _>| Ok(set.union(found.and_then(item)?));
                items.into_iter().try_fold(ProtocolSet::EMPTY, join).map(Data::Protocols)
            }
        }
    }

    fn address(&self, text: &str) -> Result<AddressItem, ValueError> {
        if text == "*" {
            Ok(AddressItem::Any)
        } else if is_numeric(text) {
            Cidr::parse_or_address(text).map(AddressItem::Cidr).map_err(|error| of_range(text, error))
        } else {
            self.catalogue.parse_tag(text).map(AddressItem::Tag)
        }
    }
}

/// Whether a text is meant as an address or a range. No tag starts with a digit or has a `:` or `/` in it.
fn is_numeric(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit()) || text.contains([':', '/'])
}

/// Joins the items of a list of single values; `false` if they are not such, or two lists could look alike.
fn joined(node: NodeRef<'_>, key: &mut String) -> bool {
    key.clear();
    node.items().all(|item| {
        let Some(text) = item.as_str().filter(|text| !text.contains('\n')) else { return false };
        key.push_str(text);
        key.push('\n');
        true
    })
}

/// `any` is what Azure's portal calls `*`.
fn starred(text: &str, mut error: ValueError) -> ValueError {
    if ["any", "all"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        error.suggestion = Some("*".to_owned());
        error.help = None;
    }
    error
}

/// An address with a length is a range.
fn without_length(text: &str, mut error: ValueError) -> ValueError {
    error.suggestion = error.suggestion.or_else(|| {
        let (address, _) = text.split_once('/')?;
        parse_ip(address).ok().map(|address| address.to_string())
    });
    error
}

/// From one address to another is no form of a rule's.
fn of_range(text: &str, mut error: ValueError) -> ValueError {
    let ends = text.split_once('-').map(|(first, last)| (parse_ip(first.trim()), parse_ip(last.trim())));
    if let Some((Ok(_), Ok(_))) = ends {
        error.message = format!("`{text}` is from one address to another, and only ranges with a length are known");
        error.help = Some("write the ranges that cover it, such as `[10.0.0.4/30, 10.0.0.8/32]`".to_owned());
    }
    error
}

fn ports(text: &str) -> Result<PortSet, ValueError> {
    text.parse().map_err(|mut error: ValueError| {
        if text.contains(',') {
            error.help = Some("write several ports as a list, such as `[80, 443]`".to_owned());
        }
        error
    })
}

fn bool(node: NodeRef<'_>) -> Read<'_> {
    let help = || match node.as_str()?.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "enabled" => Some("write `true`".to_owned()),
        "no" | "off" | "n" | "disabled" => Some("write `false`".to_owned()),
        "true" | "false" => Some("remove the quotes".to_owned()),
        _ => None,
    };
    match node.value() {
        Some(CoreValue::Bool(value)) => Ok(Data::Bool(value)),
        _ => Err(Wrong::Type(node, help())),
    }
}

fn int(node: NodeRef<'_>) -> Read<'_> {
    match node.value() {
        Some(CoreValue::Int(value)) => Ok(Data::Int(value)),
        Some(CoreValue::HugeInt) => Err(Wrong::Type(node, Some(format!("the largest number is {}", i64::MAX)))),
        Some(CoreValue::Text(text)) if text.parse::<i64>().is_ok() => {
            Err(Wrong::Type(node, Some("remove the quotes".to_owned())))
        }
        _ => Err(Wrong::Type(node, None)),
    }
}

/// A text. Numbers and the like are refused, since what was meant as text would be shown as another text.
pub(super) fn text(node: NodeRef<'_>) -> Result<SmolStr, Wrong<'_>> {
    match node.scalar().map(|scalar| (scalar, scalar.resolve())) {
        Some((_, CoreValue::Text(text))) => Ok(text.into()),
        Some((scalar, _)) if scalar.style == Style::Plain && node.kind() == Kind::Scalar => {
            let quoted = words::shortened(&format!("\"{}\"", scalar.text));
            Err(Wrong::Type(node, Some(format!("put it in quotes: {quoted}"))))
        }
        _ => Err(Wrong::Type(node, None)),
    }
}
