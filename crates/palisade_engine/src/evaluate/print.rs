//! Values in messages, in the user's words.

use palisade_net::AddressSpec;

use super::value::{Traced, Value};
use super::world::World;
use crate::data::Data;
use crate::environment::EntityId;

/// A value as text: names of entities, `not stated` for what is absent.
pub fn show(world: &dyn World, traced: &Traced) -> String {
    match &traced.value {
        Value::Absent | Value::Unknown(_) => "not stated".to_owned(),
        Value::None => "none".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Data(data) => show_data(data),
        Value::Variant(id, index, _) => variant(world, *id, *index),
        Value::Record(id, fields) => record_name(world, *id, fields),
        Value::Entity(id) => entity_name(world, *id),
        Value::List(items) => list(items.iter().map(|item| show(world, item))),
        Value::Map(entries) => list(entries.iter().map(|(key, _)| key.to_string())),
        Value::Traffic(flows) => list(flows.iter().map(std::string::ToString::to_string)),
        Value::Verdict(verdict) => verdict.outcome().to_string(),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

fn variant(world: &dyn World, id: crate::types::EnumId, index: u16) -> String {
    let variant = world.schema().enumeration(id).and_then(|e| e.variants.get(usize::from(index)));
    variant.map_or_else(|| "?".to_owned(), |v| v.name.to_string())
}

fn record_name(world: &dyn World, id: crate::types::RecordId, fields: &[Data]) -> String {
    let record = world.schema().record(id);
    let name = record.and_then(|r| r.field("name")).and_then(|(index, _)| fields.get(index));
    match (name, record) {
        (Some(Data::Text(name)), _) => name.to_string(),
        (_, Some(record)) => record.name.name.to_string(),
        _ => "?".to_owned(),
    }
}

/// An entity as a reference to it is written: `ci-1`, `ml/training`.
pub fn entity_name(world: &dyn World, id: EntityId) -> String {
    let Some(view) = world.entity(id) else { return world.place(id).to_string() };
    match view.owner {
        Some(owner) => format!("{}/{}", entity_name(world, owner), view.name),
        None => view.name.to_string(),
    }
}

/// Plain data as text, as it would be written.
pub fn show_data(data: &Data) -> String {
    match data {
        Data::Absent | Data::Error => "not stated".to_owned(),
        Data::None => "none".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Text(text) | Data::Reference(text) => text.to_string(),
        Data::Date(days) => crate::dates::show_date(*days),
        Data::Duration(seconds) => crate::dates::show_duration(*seconds),
        Data::Ip(address) => address.to_string(),
        Data::Cidr(cidr) => cidr.to_string(),
        Data::Tag(tag) => tag.to_string(),
        Data::Addresses(spec) => addresses(spec),
        Data::Port(port) => port.to_string(),
        Data::Ports(ports) => ports.to_string(),
        Data::Protocols(protocols) => protocols.to_string(),
        Data::Region(region) => region.to_string(),
        Data::Fqdn(host) => host.to_string(),
        Data::Variant(index, _) => format!("variant {index}"),
        Data::Record(_) => "a record".to_owned(),
        Data::List(items) => list(items.iter().map(show_data)),
        Data::Map(entries) => list(entries.iter().map(|(key, _)| key.to_string())),
        Data::Entities(names) => list(names.iter().map(std::string::ToString::to_string)),
    }
}

fn addresses(spec: &AddressSpec) -> String {
    match spec {
        AddressSpec::Any => "*".to_owned(),
        AddressSpec::These { ips, tags } => {
            let ips = (!ips.is_empty()).then(|| ips.to_string());
            list(ips.into_iter().chain(tags.iter().map(ToString::to_string)))
        }
    }
}
