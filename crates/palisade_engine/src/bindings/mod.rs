//! Which declarations of the library hold what the engine itself understands: address spaces, peerings, subnets, the
//! rules of security groups, routes. The only place that knows their names.
//!
//! A program without these records is checked without these meanings. One that declares a record and not the fields
//! that belong to it is at fault: half a meaning would be silence about the other half.

pub mod endpoints;
pub mod firewall;
mod lookup;
pub mod routing;

use std::sync::Arc;

use palisade_net::{
    ADMIN_PRIORITIES, Access, AddressSpec, AdminAccess, AsgId, Direction, GroupRule, PRIORITIES, PortSet, ProtocolSet,
};

use self::lookup::{Lookup, list};
use crate::data::Data;
use crate::types::{RecordId, Schema, Type};

/// The records that the engine understands, each `None` if the program does not declare it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings {
    /// `azure.network.VirtualNetwork`
    pub network: Option<Network>,
    /// `azure.network.Subnet`
    pub subnet: Option<Subnet>,
    /// `azure.network.NetworkSecurityGroup`
    pub group: Option<Group>,
    /// `azure.network.NetworkInterface`
    pub interface: Option<Interface>,
    /// `azure.network.ApplicationSecurityGroup`
    pub members: Option<Members>,
    /// `azure.network.SecurityAdminRule`
    pub admin_rule: Option<AdminRule>,
    /// `azure.routing.RouteTable`
    pub route_table: Option<RouteTable>,
    /// `azureml.resources.Compute`
    pub compute: Option<Compute>,
    /// `on_premises` of the environment.
    pub on_premises: Option<OnPremises>,
    /// `virtual_network_tag` of the environment.
    pub network_tag: Option<NetworkTag>,
    /// What routes are made of.
    pub routing: Option<routing::Routing>,
    /// What firewalls are made of.
    pub firewalls: Option<firewall::Firewalls>,
    /// Private endpoints and their targets.
    pub endpoints: Option<endpoints::Endpoints>,
}

/// `VirtualNetwork`, with the numbers of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Network {
    pub record: RecordId,
    pub address_space: usize,
    pub peerings: usize,
    pub peering: Peering,
}

/// `Peering`, with the variant of `state` that carries traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field or the variant of its name")]
pub struct Peering {
    pub remote: usize,
    pub state: usize,
    pub connected: u16,
    pub allow_virtual_network_access: usize,
}

/// `Subnet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Subnet {
    pub record: RecordId,
    pub prefixes: usize,
    pub network_security_group: usize,
    pub route_table: usize,
}

/// `NetworkSecurityGroup`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Group {
    pub record: RecordId,
    pub rules: usize,
    pub rule: Rule,
}

/// `SecurityRule`, with the variants of its enums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field or the variant of its name")]
pub struct Rule {
    pub name: usize,
    pub priority: usize,
    pub direction: usize,
    pub inbound: u16,
    pub access: usize,
    pub allow: u16,
    pub protocol: usize,
    pub source: usize,
    pub source_ports: usize,
    pub destination: usize,
    pub destination_ports: usize,
    pub source_groups: Option<usize>,
    pub destination_groups: Option<usize>,
}

/// `NetworkInterface`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Interface {
    pub record: RecordId,
    pub subnet: usize,
    pub ip: usize,
    pub network_security_group: usize,
}

/// `ApplicationSecurityGroup`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Members {
    pub record: RecordId,
    pub members: usize,
}

/// `SecurityAdminRule`, with the variants of its enums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field or the variant of its name")]
pub struct AdminRule {
    pub record: RecordId,
    pub virtual_networks: usize,
    pub priority: usize,
    pub direction: usize,
    pub inbound: u16,
    pub action: usize,
    pub allow: u16,
    pub always_allow: u16,
    pub protocol: usize,
    pub source: usize,
    pub source_ports: usize,
    pub destination: usize,
    pub destination_ports: usize,
}

/// `RouteTable` and its `Route`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct RouteTable {
    pub record: RecordId,
    pub routes: usize,
    pub prefix: usize,
}

/// `Compute`: a place whose traffic is that of its subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct Compute {
    pub record: RecordId,
    pub subnet: usize,
}

/// `on_premises` of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct OnPremises {
    pub field: usize,
    pub prefixes: usize,
}

/// `virtual_network_tag` of the environment, and its variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field or the variant of its name")]
pub struct NetworkTag {
    pub field: usize,
    pub with_routes: u16,
}

impl Bindings {
    /// Looks the declarations up; the messages say what they lack.
    pub fn new(schema: &Schema) -> (Self, Vec<String>) {
        let mut lookup = Lookup::new(schema);
        let bindings = Self {
            network: network(&mut lookup),
            subnet: subnet(&mut lookup),
            group: group(&mut lookup),
            interface: interface(&mut lookup),
            members: members(&mut lookup),
            admin_rule: admin_rule(&mut lookup),
            route_table: route_table(&mut lookup),
            compute: compute(&mut lookup),
            on_premises: on_premises(&mut lookup),
            network_tag: network_tag(&mut lookup),
            routing: routing::routing(&mut lookup),
            firewalls: firewall::firewalls(&mut lookup),
            endpoints: endpoints::endpoints(&mut lookup),
        };
        (bindings, lookup.missing)
    }
}

const NETWORK: &str = "azure.network";
const ROUTING: &str = "azure.routing";

fn network(lookup: &mut Lookup<'_>) -> Option<Network> {
    let (record, def) = lookup.record(NETWORK, "VirtualNetwork")?;
    let address_space = lookup.field(def, "address_space", &list(Type::Cidr));
    let (peering_record, peering_def) = lookup.part(def, NETWORK, "Peering")?;
    let peerings = Type::Map(Arc::new(Type::Text), Arc::new(Type::Record(peering_record)));
    let peerings = lookup.field(def, "peerings", &peerings);
    let (state, connected) = lookup.word(peering_def, "state", "connected")?;
    let peering = Peering {
        remote: lookup.field(peering_def, "remote", &Type::Record(record))?,
        state,
        connected,
        allow_virtual_network_access: lookup.field(peering_def, "allow_virtual_network_access", &Type::Bool)?,
    };
    Some(Network { record, address_space: address_space?, peerings: peerings?, peering })
}

fn subnet(lookup: &mut Lookup<'_>) -> Option<Subnet> {
    let (record, def) = lookup.record(NETWORK, "Subnet")?;
    let prefixes = lookup.field(def, "prefixes", &list(Type::Cidr));
    let group = lookup.reference(def, "network_security_group", NETWORK, "NetworkSecurityGroup");
    let routes = lookup.reference(def, "route_table", ROUTING, "RouteTable");
    Some(Subnet { record, prefixes: prefixes?, network_security_group: group?, route_table: routes? })
}

fn group(lookup: &mut Lookup<'_>) -> Option<Group> {
    let (record, def) = lookup.record(NETWORK, "NetworkSecurityGroup")?;
    let (rule_record, rule_def) = lookup.part(def, NETWORK, "SecurityRule")?;
    let rules = lookup.field(def, "rules", &list(Type::Record(rule_record)));
    Some(Group { record, rule: rule(lookup, rule_def)?, rules: rules? })
}

fn rule(lookup: &mut Lookup<'_>, def: &crate::types::RecordDef) -> Option<Rule> {
    let mut field = |name, ty| lookup.field(def, name, &ty);
    let (name, priority) = (field("name", Type::Text), field("priority", Type::Int));
    let (protocol, source) = (field("protocol", Type::Protocols), field("source", Type::Addresses));
    let (source_ports, destination) = (field("source_ports", Type::Ports), field("destination", Type::Addresses));
    let destination_ports = field("destination_ports", Type::Ports);
    let direction = lookup.word(def, "direction", "inbound");
    let access = lookup.word(def, "access", "allow");
    let ((direction, inbound), (access, allow)) = (direction?, access?);
    let members = |name| def.field(name).map(|(at, _)| at);
    Some(Rule {
        name: name?,
        priority: priority?,
        direction,
        inbound,
        access,
        allow,
        protocol: protocol?,
        source: source?,
        source_ports: source_ports?,
        destination: destination?,
        destination_ports: destination_ports?,
        source_groups: members("source_groups"),
        destination_groups: members("destination_groups"),
    })
}

fn interface(lookup: &mut Lookup<'_>) -> Option<Interface> {
    let (record, def) = lookup.record(NETWORK, "NetworkInterface")?;
    let subnet = lookup.reference(def, "subnet", NETWORK, "Subnet");
    let ip = lookup.field(def, "ip", &Type::Ip);
    let group = lookup.reference(def, "network_security_group", NETWORK, "NetworkSecurityGroup");
    Some(Interface { record, subnet: subnet?, ip: ip?, network_security_group: group? })
}

fn members(lookup: &mut Lookup<'_>) -> Option<Members> {
    let (record, def) = lookup.record(NETWORK, "ApplicationSecurityGroup")?;
    let (interface, _) = lookup.part(def, NETWORK, "NetworkInterface")?;
    Some(Members { record, members: lookup.field(def, "members", &list(Type::Record(interface)))? })
}

fn admin_rule(lookup: &mut Lookup<'_>) -> Option<AdminRule> {
    let (record, def) = lookup.record(NETWORK, "SecurityAdminRule")?;
    let (network, _) = lookup.part(def, NETWORK, "VirtualNetwork")?;
    let mut field = |name, ty| lookup.field(def, name, &ty);
    let virtual_networks = field("virtual_networks", list(Type::Record(network)));
    let (priority, protocol) = (field("priority", Type::Int), field("protocol", Type::Protocols));
    let (source, source_ports) = (field("source", Type::Addresses), field("source_ports", Type::Ports));
    let (destination, destination_ports) =
        (field("destination", Type::Addresses), field("destination_ports", Type::Ports));
    let (direction, inbound) = lookup.word(def, "direction", "inbound")?;
    let (action, allow) = lookup.word(def, "action", "allow")?;
    let (_, always_allow) = lookup.word(def, "action", "always_allow")?;
    Some(AdminRule {
        record,
        virtual_networks: virtual_networks?,
        priority: priority?,
        direction,
        inbound,
        action,
        allow,
        always_allow,
        protocol: protocol?,
        source: source?,
        source_ports: source_ports?,
        destination: destination?,
        destination_ports: destination_ports?,
    })
}

fn route_table(lookup: &mut Lookup<'_>) -> Option<RouteTable> {
    let (record, def) = lookup.record(ROUTING, "RouteTable")?;
    let (route_record, route_def) = lookup.part(def, ROUTING, "Route")?;
    let routes = lookup.field(def, "routes", &list(Type::Record(route_record)));
    Some(RouteTable { record, prefix: lookup.field(route_def, "prefix", &Type::Prefix)?, routes: routes? })
}

fn compute(lookup: &mut Lookup<'_>) -> Option<Compute> {
    let (record, def) = lookup.record("azureml.resources", "Compute")?;
    Some(Compute { record, subnet: lookup.reference(def, "subnet", NETWORK, "Subnet")? })
}

fn on_premises(lookup: &mut Lookup<'_>) -> Option<OnPremises> {
    let (field, ty) = lookup.top("on_premises")?;
    let Type::Record(record) = ty else { return None };
    let def = lookup.schema.record(*record)?;
    Some(OnPremises { field, prefixes: lookup.field(def, "prefixes", &list(Type::Cidr))? })
}

fn network_tag(lookup: &mut Lookup<'_>) -> Option<NetworkTag> {
    let (field, ty) = lookup.top("virtual_network_tag")?;
    Some(NetworkTag { field, with_routes: lookup.variant(ty, "with_routes")? })
}

/// A rule of a group as `palisade_net` has it; `None` if a part of it is at fault, which the environment reports.
/// `group` says which application security group a reference means.
pub fn group_rule(rule: &Rule, fields: &[Data], group: &dyn Fn(&str) -> AsgId) -> Option<GroupRule> {
    let Data::Text(name) = fields.get(rule.name)? else { return None };
    let Data::Int(priority) = fields.get(rule.priority)? else { return None };
    let Data::Variant(direction, _) = fields.get(rule.direction)? else { return None };
    let Data::Variant(access, _) = fields.get(rule.access)? else { return None };
    Some(GroupRule {
        name: name.to_string(),
        priority: u16::try_from(*priority).ok().filter(|priority| PRIORITIES.contains(priority))?,
        direction: if *direction == rule.inbound { Direction::Inbound } else { Direction::Outbound },
        access: if *access == rule.allow { Access::Allow } else { Access::Deny },
        protocols: protocols(fields.get(rule.protocol)?)?,
        sources: addresses(fields.get(rule.source)?)?,
        source_groups: groups(rule.source_groups, fields, group),
        source_ports: ports(fields.get(rule.source_ports)?)?,
        destinations: addresses(fields.get(rule.destination)?)?,
        destination_groups: groups(rule.destination_groups, fields, group),
        destination_ports: ports(fields.get(rule.destination_ports)?)?,
    })
}

/// The application security groups that a field of a rule names.
fn groups(field: Option<usize>, fields: &[Data], group: &dyn Fn(&str) -> AsgId) -> Vec<AsgId> {
    let Some(Data::List(named)) = field.and_then(|at| fields.get(at)) else { return Vec::new() };
    named.iter().filter_map(|data| if let Data::Reference(text) = data { Some(group(text)) } else { None }).collect()
}

/// A security admin rule as `palisade_net` has it; `None` if a part of it is at fault.
pub fn admin_rule_of(rule: &AdminRule, name: &str, fields: &[Data]) -> Option<palisade_net::AdminRule> {
    let Data::Int(priority) = fields.get(rule.priority)? else { return None };
    let Data::Variant(direction, _) = fields.get(rule.direction)? else { return None };
    let Data::Variant(action, _) = fields.get(rule.action)? else { return None };
    Some(palisade_net::AdminRule {
        name: name.to_owned(),
        priority: u16::try_from(*priority).ok().filter(|priority| ADMIN_PRIORITIES.contains(priority))?,
        direction: if *direction == rule.inbound { Direction::Inbound } else { Direction::Outbound },
        access: match *action {
            action if action == rule.allow => AdminAccess::Allow,
            action if action == rule.always_allow => AdminAccess::AlwaysAllow,
            _ => AdminAccess::Deny,
        },
        protocols: protocols(fields.get(rule.protocol)?)?,
        sources: addresses(fields.get(rule.source)?)?,
        source_ports: ports(fields.get(rule.source_ports)?)?,
        destinations: addresses(fields.get(rule.destination)?)?,
        destination_ports: ports(fields.get(rule.destination_ports)?)?,
    })
}

fn protocols(data: &Data) -> Option<ProtocolSet> {
    if let Data::Protocols(set) = data { Some(*set) } else { None }
}

fn addresses(data: &Data) -> Option<AddressSpec> {
    if let Data::Addresses(spec) = data { Some(AddressSpec::clone(spec)) } else { None }
}

fn ports(data: &Data) -> Option<PortSet> {
    if let Data::Ports(set) = data { Some(PortSet::clone(set)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::tests::schema::{self, field, record};

    #[test]
    fn nothing_declared_is_nothing_bound() {
        assert_eq!(Bindings::new(&Schema::default()), (Bindings::default(), Vec::new()));
    }

    #[test]
    fn a_declared_record_without_its_field_is_named() {
        let wrong = vec![field("prefixes", list(Type::Text))];
        let schema = schema::build(vec![record(NETWORK, "Subnet", true, wrong)], Vec::new(), Vec::new());
        let (bindings, missing) = Bindings::new(&schema);
        assert_eq!(bindings.subnet, None);
        assert_eq!(
            missing,
            [
                "the engine needs a field `prefixes: List<Cidr>` in `azure.network.Subnet`",
                "`azure.network.Subnet` needs a record `azure.network.NetworkSecurityGroup`",
                "`azure.network.Subnet` needs a record `azure.routing.RouteTable`",
            ]
        );
    }

    #[test]
    fn what_is_declared_is_bound_whatever_else_is_missing() {
        let (bindings, missing) = Bindings::new(&schema::azure());
        assert!(bindings.network.is_some() && bindings.subnet.is_some() && bindings.group.is_some());
        assert!(bindings.endpoints.is_none());
        let elsewhere = ["azure.endpoints", "azure.routing", "dns_servers", "private_endpoint_network_policies"];
        let expected = |message: &String| elsewhere.iter().any(|part| message.contains(part));
        assert!(missing.iter().all(expected), "{missing:?}");
        assert!(missing.iter().any(|message| message.contains("`subnet: Subnet`")), "{missing:?}");
    }

    #[test]
    fn route_tables_without_what_routes_are_made_of_are_at_fault() {
        let (bindings, missing) = Bindings::new(&schema::azure());
        assert_eq!(bindings.routing, None);
        let missing: Vec<_> = missing.iter().filter(|message| message.contains("`azure.routing.RouteTable`")).collect();
        assert_eq!(
            missing,
            [
                "`azure.routing.RouteTable` needs a record `azure.routing.NatGateway`",
                "`azure.routing.RouteTable` needs a record `azure.routing.LoadBalancer`",
                "`azure.routing.RouteTable` needs a record `azure.routing.PublicIp`",
                "`azure.routing.RouteTable` needs a record `azure.network.Gateway`",
            ]
        );
    }

    #[test]
    fn a_field_of_another_type_is_as_missing_as_none() {
        let fields = vec![field("subnet", Type::Text), field("private_address", Type::Cidr)];
        let schema = schema::build(vec![record("azure.firewall", "Firewall", true, fields)], Vec::new(), Vec::new());
        let (bindings, missing) = Bindings::new(&schema);
        assert_eq!(bindings.firewalls, None);
        assert!(missing.contains(&"`azure.firewall.Firewall` needs a record `azure.firewall.IpGroup`".to_owned()));

        let own = vec![field("prefixes", list(Type::Cidr))];
        let schema = schema::build(vec![record("azure.firewall", "IpGroup", true, own)], Vec::new(), Vec::new());
        let mut lookup = Lookup::new(&schema);
        assert!(firewall::IpGroup::find(&mut lookup).is_some_and(|group| group.prefixes.is_none()));
        assert_eq!(lookup.missing, ["the engine needs a field `prefixes: Addresses` in `azure.firewall.IpGroup`"]);
    }
}
