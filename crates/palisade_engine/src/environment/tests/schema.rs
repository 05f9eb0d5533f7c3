//! A small schema made by hand: a part of the library's, with one field of every type.

use std::sync::Arc;

use palisade_net::{AddressSpec, PortSet};
use palisade_source::File;
use palisade_syntax::ast::NodeId;
use salsa::plumbing::FromId;

use crate::data::Data;
use crate::names::{DefName, ItemKey, ItemTag, NodeRef};
use crate::types::{EnumDef, EnumId, FieldDef, FieldRole, RecordDef, RecordId, Schema, Type, TypeDef, VariantDef};

pub(crate) const NETWORK: RecordId = RecordId(0);
pub(crate) const SUBNET: RecordId = RecordId(1);
pub(crate) const GROUP: RecordId = RecordId(2);
const RULE: RecordId = RecordId(3);
pub(crate) const TABLE: RecordId = RecordId(4);
const ROUTE: RecordId = RecordId(5);
pub(crate) const COMPUTE: RecordId = RecordId(6);
const ENDPOINT: RecordId = RecordId(7);
const DEFAULTS: RecordId = RecordId(8);
const WAIVER: RecordId = RecordId(9);
const PEERING: RecordId = RecordId(10);

const DIRECTION: EnumId = EnumId(0);
const ACCESS: EnumId = EnumId(1);
const HOP: EnumId = EnumId(2);
const KIND: EnumId = EnumId(3);
const STATE: EnumId = EnumId(4);

fn at() -> NodeRef {
    let file = File::from_id(salsa::Id::from_bits(1));
    NodeRef { item: ItemKey { file, kind: ItemTag::Record, name: "".into(), ordinal: 0 }, node: NodeId(0) }
}

pub(crate) fn field(name: &str, ty: Type) -> FieldDef {
    FieldDef { name: name.into(), doc: None, ty, role: FieldRole::Value, default: None, at: at() }
}

pub(crate) fn record(module: &str, name: &str, entity: bool, fields: Vec<FieldDef>) -> RecordDef {
    RecordDef { name: DefName::new(module, name), doc: None, entity, fields, at: at() }
}

fn optional(name: &str, ty: Type) -> FieldDef {
    field(name, Type::Optional(ty.into()))
}

fn or_none(name: &str, ty: Type) -> FieldDef {
    field(name, Type::OrNone(ty.into()))
}

fn or(mut field: FieldDef, default: Data) -> FieldDef {
    field.default = Some(default);
    field
}

fn list(ty: Type) -> Type {
    Type::List(ty.into())
}

fn map(ty: Type) -> Type {
    Type::Map(Type::Text.into(), ty.into())
}

fn role(mut field: FieldDef, role: FieldRole) -> FieldDef {
    field.role = role;
    field
}

fn collection(name: &str, id: RecordId) -> FieldDef {
    role(or(field(name, map(Type::Record(id))), Data::Map(Arc::default())), FieldRole::Collection)
}

fn variant(name: &str, fields: Vec<FieldDef>) -> VariantDef {
    VariantDef { name: name.into(), doc: None, fields }
}

fn words(module: &str, name: &str, words: &[&str]) -> EnumDef {
    let variants = words.iter().map(|word| variant(word, Vec::new())).collect();
    EnumDef { name: DefName::new(module, name), doc: None, variants, at: at() }
}

pub(crate) fn build(records: Vec<RecordDef>, enums: Vec<EnumDef>, environment: Vec<FieldDef>) -> Schema {
    let named = (0..).zip(&records).map(|(id, def)| (def.name.clone(), TypeDef::Record(RecordId(id))));
    let words = (0..).zip(&enums).map(|(id, def)| (def.name.clone(), TypeDef::Enum(EnumId(id))));
    Schema { by_name: named.chain(words).collect(), records, enums, environment }
}

/// The part of the library that these tests are about.
pub(crate) fn azure() -> Schema {
    let net = "azure.network";
    let empty = || Data::List(Arc::default());
    let any_address = || Data::Addresses(Arc::new(AddressSpec::Any));
    let any_port = || Data::Ports(Arc::new(PortSet::all()));
    let mut hop = words("azure.routing", "NextHop", &["internet", "none"]);
    hop.variants.push(variant("virtual_appliance", vec![field("address", Type::Ip), optional("weight", Type::Int)]));
    let records = vec![
        record(
            net,
            "VirtualNetwork",
            true,
            vec![
                field("address_space", list(Type::Cidr)),
                collection("subnets", SUBNET),
                or(field("peerings", map(Type::Record(PEERING))), Data::Map(Arc::default())),
                optional("region", Type::Region),
            ],
        ),
        record(
            net,
            "Subnet",
            true,
            vec![
                role(field("virtual_network", Type::Record(NETWORK)), FieldRole::Owner),
                field("prefixes", list(Type::Cidr)),
                or_none("network_security_group", Type::Record(GROUP)),
                or_none("route_table", Type::Record(TABLE)),
                or(field("service_endpoints", list(Type::Text)), empty()),
                optional("used_addresses", Type::Int),
            ],
        ),
        record(net, "NetworkSecurityGroup", true, vec![or(field("rules", list(Type::Record(RULE))), empty())]),
        record(
            net,
            "SecurityRule",
            false,
            vec![
                field("name", Type::Text),
                field("priority", Type::Int),
                field("direction", Type::Enum(DIRECTION)),
                field("access", Type::Enum(ACCESS)),
                field("protocol", Type::Protocols),
                or(field("source", Type::Addresses), any_address()),
                or(field("source_ports", Type::Ports), any_port()),
                or(field("destination", Type::Addresses), any_address()),
                field("destination_ports", Type::Ports),
            ],
        ),
        record("azure.routing", "RouteTable", true, vec![or(field("routes", list(Type::Record(ROUTE))), empty())]),
        record(
            "azure.routing",
            "Route",
            false,
            vec![field("name", Type::Text), field("prefix", Type::Prefix), field("next_hop", Type::Enum(HOP))],
        ),
        record(
            "azureml.resources",
            "Compute",
            true,
            vec![
                field("kind", Type::Enum(KIND)),
                optional("subnet", Type::Record(SUBNET)),
                optional("public_ip", Type::Bool),
                optional("region", Type::Region),
                optional("subscription", Type::Text),
                optional("size", Type::Text),
                optional("ssh_port", Type::Port),
                or(field("min_nodes", Type::Int), Data::Int(0)),
            ],
        ),
        record(
            "azure.endpoints",
            "PrivateEndpoint",
            true,
            vec![
                field("target", Type::OneOf([NETWORK, COMPUTE].into())),
                optional("address", Type::Ip),
                or(field("hosts", list(Type::Fqdn)), empty()),
                optional("transport", Type::Protocol),
                optional("tag", Type::ServiceTag),
                or(field("also", list(Type::Record(COMPUTE))), empty()),
            ],
        ),
        record(
            "azure.environment",
            "Defaults",
            false,
            vec![optional("subscription", Type::Text), optional("region", Type::Region)],
        ),
        record(
            "azure.environment",
            "Waiver",
            false,
            vec![field("rule", Type::Text), field("until", Type::Date), or_none("grace", Type::Duration)],
        ),
        record(
            net,
            "Peering",
            false,
            vec![
                role(optional("name", Type::Text), FieldRole::Name),
                field("remote", Type::Record(NETWORK)),
                or(field("state", Type::Enum(STATE)), Data::Variant(0, Arc::default())),
                or(field("allow_virtual_network_access", Type::Bool), Data::Bool(true)),
            ],
        ),
    ];
    let enums = vec![
        words(net, "Direction", &["inbound", "outbound"]),
        words(net, "Access", &["allow", "deny"]),
        hop,
        words("azureml.resources", "ComputeKind", &["compute_instance", "compute_cluster", "kubernetes"]),
        words(net, "PeeringState", &["connected", "initiated"]),
    ];
    let nodes = Type::Map(Type::Region.into(), Type::Int.into());
    let environment = vec![
        optional("name", Type::Text),
        or_none("defaults", Type::Record(DEFAULTS)),
        or(field("include", list(Type::Text)), empty()),
        or(field("waivers", list(Type::Record(WAIVER))), empty()),
        or(field("nodes", nodes), Data::Map(Arc::default())),
        collection("virtual_networks", NETWORK),
        collection("network_security_groups", GROUP),
        collection("route_tables", TABLE),
        collection("computes", COMPUTE),
        collection("private_endpoints", ENDPOINT),
    ];
    build(records, enums, environment)
}
