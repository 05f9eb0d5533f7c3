//! What the engine understands of private ways to Azure's services, of the names that lead there, and of the services'
//! own network rules.

use std::sync::Arc;

use super::lookup::{Lookup, list};
use crate::names::DefName;
use crate::types::{RecordDef, RecordId, Type};

const ENDPOINTS: &str = "azure.endpoints";
const NETWORK: &str = "azure.network";

/// Private endpoints, names, and the resources that they lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the record of its name")]
pub struct Endpoints {
    pub private: PrivateEndpoint,
    pub zone: Zone,
    pub server: Server,
    pub policy: Policy,
    pub rules: Rules,
    /// `dns_servers` of a network.
    pub dns_servers: usize,
    /// `service_endpoint_policies` of a subnet.
    pub subnet_policies: usize,
    /// `private_endpoint_network_policies` of a subnet, and the words with which groups apply.
    pub network_policies: usize,
    pub with_groups: [u16; 2],
    /// What private endpoints may lead to.
    pub targets: Vec<Target>,
    /// What service endpoint policies may list.
    pub limited: Vec<RecordId>,
    pub public_ip: PublicIp,
}

/// `PrivateEndpoint`, with the variant of `status` that carries traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct PrivateEndpoint {
    pub record: RecordId,
    pub target: usize,
    pub subresources: usize,
    pub subnet: usize,
    pub address: usize,
    pub status: usize,
    pub approved: u16,
    pub dns_zone_groups: usize,
    pub hosts: usize,
}

/// `PrivateDnsZone`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Zone {
    pub record: RecordId,
    pub virtual_networks: usize,
    pub records: usize,
}

/// `DnsServer` and its `Forward`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Server {
    pub record: RecordId,
    pub virtual_network: usize,
    pub forwards: usize,
    pub zone: usize,
    pub to: usize,
}

/// `ServiceEndpointPolicy` and its `EndpointDefinition`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Policy {
    pub record: RecordId,
    pub definitions: usize,
    pub service: usize,
    pub accounts: usize,
    pub aliases: usize,
}

/// `ResourceFirewall`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field or the variant of its name")]
pub struct Rules {
    pub record: RecordId,
    pub default_action: usize,
    pub allow: u16,
    pub virtual_network_rules: usize,
    pub ip_rules: usize,
}

/// `PublicIp`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct PublicIp {
    pub record: RecordId,
    pub address: usize,
}

/// A type of resources that private endpoints lead to, with the fields that it has of these.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Target {
    pub record: RecordId,
    /// The declaration's full name.
    pub name: DefName,
    pub region: Option<usize>,
    pub firewall: Option<usize>,
    /// `public_network_access`, and its variant `disabled`.
    pub public_access: Option<(usize, u16)>,
}

/// The declarations of private endpoints; `None` if the program has none, or lacks a part of them.
pub(super) fn endpoints(lookup: &mut Lookup<'_>) -> Option<Endpoints> {
    let (record, def) = lookup.record(ENDPOINTS, "PrivateEndpoint")?;
    let zone = zone(lookup, def);
    let private = private(lookup, record, def, zone);
    let server = server(lookup, def);
    let policy = policy(lookup, def);
    let rules = rules(lookup, def);
    let (_, network) = lookup.part(def, NETWORK, "VirtualNetwork")?;
    let (_, subnet) = lookup.part(def, NETWORK, "Subnet")?;
    let dns_servers = lookup.field(network, "dns_servers", &list(Type::Ip));
    let policies = policy.map(|policy| list(Type::Record(policy.record)));
    let subnet_policies = policies.and_then(|ty| lookup.field(subnet, "service_endpoint_policies", &ty));
    let word = |lookup: &mut Lookup<'_>, word| lookup.word(subnet, "private_endpoint_network_policies", word);
    let (both, groups) = (word(lookup, "enabled"), word(lookup, "network_security_group_enabled"));
    let public_ip = public_ip(lookup, def);
    let (private, rules, policy) = (private?, rules?, policy?);
    let targets = targets(lookup, def, rules.record);
    let definition = lookup.record(ENDPOINTS, "EndpointDefinition").map(|(_, def)| def);
    Some(Endpoints {
        private,
        zone: zone?,
        server: server?,
        policy,
        rules,
        dns_servers: dns_servers?,
        subnet_policies: subnet_policies?,
        network_policies: both?.0,
        with_groups: [both?.1, groups?.1],
        targets,
        limited: definition.map_or_else(Vec::new, |definition| referred(definition, "accounts")),
        public_ip: public_ip?,
    })
}

fn private(lookup: &mut Lookup<'_>, record: RecordId, def: &RecordDef, zone: Option<Zone>) -> Option<PrivateEndpoint> {
    let target = lookup.any(def, "target");
    let subresources = lookup.field(def, "subresources", &list(Type::Text));
    let subnet = lookup.reference(def, "subnet", NETWORK, "Subnet");
    let address = lookup.field(def, "address", &Type::Ip);
    let status = lookup.word(def, "status", "approved");
    let zones = zone.map(|zone| list(Type::Record(zone.record)));
    let dns_zone_groups = zones.and_then(|ty| lookup.field(def, "dns_zone_groups", &ty));
    let hosts = lookup.field(def, "hosts", &list(Type::Fqdn));
    let (status, approved) = status?;
    Some(PrivateEndpoint {
        record,
        target: target?,
        subresources: subresources?,
        subnet: subnet?,
        address: address?,
        status,
        approved,
        dns_zone_groups: dns_zone_groups?,
        hosts: hosts?,
    })
}

fn zone(lookup: &mut Lookup<'_>, of: &RecordDef) -> Option<Zone> {
    let (record, def) = lookup.part(of, ENDPOINTS, "PrivateDnsZone")?;
    let (network, _) = lookup.part(def, NETWORK, "VirtualNetwork")?;
    let virtual_networks = lookup.field(def, "virtual_networks", &list(Type::Record(network)));
    let records = Type::Map(Arc::new(Type::Text), Arc::new(list(Type::Ip)));
    Some(Zone { record, virtual_networks: virtual_networks?, records: lookup.field(def, "records", &records)? })
}

fn server(lookup: &mut Lookup<'_>, of: &RecordDef) -> Option<Server> {
    let (record, def) = lookup.part(of, ENDPOINTS, "DnsServer")?;
    let (forward, forward_def) = lookup.part(def, ENDPOINTS, "Forward")?;
    let virtual_network = lookup.reference(def, "virtual_network", NETWORK, "VirtualNetwork");
    let forwards = lookup.field(def, "forwards", &list(Type::Record(forward)));
    let zone = lookup.field(forward_def, "zone", &Type::Text);
    let to = lookup.field(forward_def, "to", &Type::Ip);
    Some(Server { record, virtual_network: virtual_network?, forwards: forwards?, zone: zone?, to: to? })
}

fn policy(lookup: &mut Lookup<'_>, of: &RecordDef) -> Option<Policy> {
    let (record, def) = lookup.part(of, ENDPOINTS, "ServiceEndpointPolicy")?;
    let (definition, definition_def) = lookup.part(def, ENDPOINTS, "EndpointDefinition")?;
    let definitions = lookup.field(def, "definitions", &list(Type::Record(definition)));
    let service = lookup.field(definition_def, "service", &Type::Text);
    let accounts = lookup.any(definition_def, "accounts");
    let aliases = lookup.field(definition_def, "aliases", &list(Type::Text));
    Some(Policy { record, definitions: definitions?, service: service?, accounts: accounts?, aliases: aliases? })
}

fn public_ip(lookup: &mut Lookup<'_>, of: &RecordDef) -> Option<PublicIp> {
    let (record, def) = lookup.part(of, "azure.routing", "PublicIp")?;
    Some(PublicIp { record, address: lookup.field(def, "address", &Type::Ip)? })
}

fn rules(lookup: &mut Lookup<'_>, of: &RecordDef) -> Option<Rules> {
    let (record, def) = lookup.part(of, "azure.storage", "ResourceFirewall")?;
    let (subnet, _) = lookup.part(def, NETWORK, "Subnet")?;
    let action = lookup.word(def, "default_action", "allow");
    let subnets = lookup.field(def, "virtual_network_rules", &list(Type::Record(subnet)));
    let ip_rules = lookup.field(def, "ip_rules", &Type::Addresses);
    let (default_action, allow) = action?;
    Some(Rules { record, default_action, allow, virtual_network_rules: subnets?, ip_rules: ip_rules? })
}

/// The types that a field, or the items of a list, may refer to.
fn referred(record: &RecordDef, field: &str) -> Vec<RecordId> {
    let ty = record.field(field).map(|(_, field)| field.ty.narrowed());
    let item = if let Some(Type::List(item)) = ty { Some(item.narrowed()) } else { ty };
    match item {
        Some(Type::OneOf(records)) => records.to_vec(),
        Some(Type::Record(record)) => vec![*record],
        _ => Vec::new(),
    }
}

/// The types that private endpoints may lead to.
fn targets(lookup: &mut Lookup<'_>, endpoint: &RecordDef, rules: RecordId) -> Vec<Target> {
    let schema = lookup.schema;
    let one = |record: RecordId| {
        let def = schema.record(record)?;
        let field = |name| def.field(name).is_some();
        let firewall = field("firewall").then(|| lookup.field(def, "firewall", &Type::Record(rules))).flatten();
        let region = field("region").then(|| lookup.field(def, "region", &Type::Region)).flatten();
        let access = "public_network_access";
        let public_access = field(access).then(|| lookup.word(def, access, "disabled")).flatten();
        Some(Target { record, name: def.name.clone(), region, firewall, public_access })
    };
    referred(endpoint, "target").into_iter().filter_map(one).collect()
}
