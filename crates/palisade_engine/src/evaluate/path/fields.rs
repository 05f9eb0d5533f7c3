//! Reading the fields of bodies: what is absent, or not declared, is nothing.

use palisade_net::{AddressSpec, Cidr, IpSet, PortSet, ProtocolSet};
use smol_str::SmolStr;

use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::World;
use crate::place::{Place, Segment};
use crate::types::RecordId;

/// A field of a body.
pub fn get(body: &[Data], field: Option<usize>) -> Option<&Data> {
    body.get(field?)
}

/// A Bool.
pub fn flag(body: &[Data], field: Option<usize>) -> Option<bool> {
    if let Data::Bool(value) = get(body, field)? { Some(*value) } else { None }
}

/// An Int.
pub fn number(body: &[Data], field: Option<usize>) -> Option<i64> {
    if let Data::Int(value) = get(body, field)? { Some(*value) } else { None }
}

/// A Text.
pub fn text(body: &[Data], field: Option<usize>) -> Option<SmolStr> {
    if let Data::Text(text) = get(body, field)? { Some(text.clone()) } else { None }
}

/// The variant of an enum.
pub fn variant(body: &[Data], field: Option<usize>) -> Option<u16> {
    if let Data::Variant(word, _) = get(body, field)? { Some(*word) } else { None }
}

/// An address.
pub fn ip(body: &[Data], field: Option<usize>) -> Option<std::net::IpAddr> {
    if let Data::Ip(address) = get(body, field)? { Some(*address) } else { None }
}

/// The items of a list.
pub fn items(body: &[Data], field: Option<usize>) -> &[Data] {
    if let Some(Data::List(items)) = get(body, field) { items } else { &[] }
}

/// The entries of a map.
pub fn entries(body: &[Data], field: Option<usize>) -> &[(SmolStr, Data)] {
    if let Some(Data::Map(entries)) = get(body, field) { entries } else { &[] }
}

/// The fields of a record.
pub fn record(data: &Data) -> Option<&[Data]> {
    if let Data::Record(fields) = data { Some(fields) } else { None }
}

/// The fields of a record of which every part could be read.
pub fn readable(data: &Data) -> Option<&[Data]> {
    record(data).filter(|fields| !fields.iter().any(broken))
}

/// Whether a value, or an item of a list, is at fault.
pub fn broken(data: &Data) -> bool {
    match data {
        Data::Error => true,
        Data::List(items) => items.iter().any(broken),
        _ => false,
    }
}

/// The texts of a list of texts or of host names.
pub fn texts(body: &[Data], field: Option<usize>) -> Vec<SmolStr> {
    let text = |data: &Data| match data {
        Data::Text(text) => Some(text.clone()),
        Data::Fqdn(host) => Some(host.as_str().into()),
        _ => None,
    };
    items(body, field).iter().filter_map(text).collect()
}

/// The ranges of a list.
pub fn cidrs(body: &[Data], field: Option<usize>) -> Vec<Cidr> {
    let cidr = |data: &Data| if let Data::Cidr(cidr) = data { Some(*cidr) } else { None };
    items(body, field).iter().filter_map(cidr).collect()
}

/// Addresses; none where there are none.
pub fn addresses(body: &[Data], field: Option<usize>) -> AddressSpec {
    match get(body, field) {
        Some(Data::Addresses(spec)) => AddressSpec::clone(spec),
        _ => IpSet::empty().into(),
    }
}

/// Ports.
pub fn ports(body: &[Data], field: Option<usize>) -> Option<PortSet> {
    if let Data::Ports(set) = get(body, field)? { Some(PortSet::clone(set)) } else { None }
}

/// Protocols.
pub fn protocols(body: &[Data], field: Option<usize>) -> Option<ProtocolSet> {
    if let Data::Protocols(set) = get(body, field)? { Some(*set) } else { None }
}

/// The entity that a field refers to.
pub fn entity(world: &dyn World, body: &[Data], field: Option<usize>, target: RecordId) -> Option<EntityId> {
    resolve(world, get(body, field)?, target)
}

/// The entities that a list refers to.
pub fn entities(world: &dyn World, body: &[Data], field: Option<usize>, target: RecordId) -> Vec<EntityId> {
    items(body, field).iter().filter_map(|data| resolve(world, data, target)).collect()
}

fn resolve(world: &dyn World, data: &Data, target: RecordId) -> Option<EntityId> {
    if let Data::Reference(text) = data { world.resolve(&[target], text) } else { None }
}

/// The place of a field.
pub fn place_of(world: &dyn World, of: &Place, record: RecordId, field: Option<usize>) -> Option<Place> {
    let field = world.schema().record(record)?.fields.get(field?)?;
    Some(of.child(Segment::Key(field.name.clone())))
}
