//! From declared resources to the network's semantics: which fields hold a group's rules, a subnet's group, a
//! network's extent.
//!
//! The library declares these resources in the language; [`Bindings`] says where it must do so. A library that lacks
//! one is at fault, and that is reported before anything is asked.

use std::sync::Arc;

use palisade_net::{
    Access, AddressItem, AddressSpec, CompiledGroup, Direction, Group, GroupRule, IpSet, LevelKind, NetworkContext,
    TagCatalogue, VirtualNetworkTag,
};

use super::value::{Unknown, Value};
use super::world::{EntityView, World};
use crate::data::Data;
use crate::environment::EntityId;
use crate::types::{RecordId, Schema};

/// Where the semantics finds things in the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the record or the field of its name")]
pub struct Bindings {
    pub network: RecordId,
    pub address_space: usize,
    pub peerings: usize,
    pub peering_remote: usize,
    pub peering_connected: PeeringBinding,
    pub subnet: RecordId,
    pub subnet_prefixes: usize,
    pub subnet_group: usize,
    pub subnet_routes: usize,
    pub group: RecordId,
    pub group_rules: usize,
    pub rule: RuleBinding,
    pub interface: RecordId,
    pub interface_subnet: usize,
    pub interface_ip: usize,
    pub interface_group: usize,
    pub route_table: RecordId,
    pub routes: usize,
    pub route_prefix: usize,
    pub compute: Option<(RecordId, usize)>,
    pub on_premises: Option<(usize, usize)>,
    pub network_tag: Option<(usize, u16)>,
}

/// The fields of a peering that say whether it carries traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct PeeringBinding {
    pub record: RecordId,
    pub state: usize,
    pub connected: u16,
    pub access: Option<usize>,
}

/// The fields of a security rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of its name")]
pub struct RuleBinding {
    pub record: RecordId,
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

/// What a schema lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub String);

struct Finder<'a>(&'a Schema);

impl Finder<'_> {
    fn record(&self, module: &str, name: &str) -> Result<RecordId, Missing> {
        self.0.find_record(module, name).ok_or_else(|| Missing(format!("{module}.{name}")))
    }

    fn field(&self, id: RecordId, name: &str) -> Result<usize, Missing> {
        let record = self.0.record(id);
        let found = record.and_then(|r| r.field(name)).map(|(index, _)| index);
        found.ok_or_else(|| {
            Missing(format!("the field `{name}` of `{}`", record.map(|r| r.name.to_string()).unwrap_or_default()))
        })
    }

    fn variant(&self, id: RecordId, field: usize, name: &str) -> Result<u16, Missing> {
        let ty = self.0.record(id).and_then(|r| r.fields.get(field)).map(|f| f.ty.narrowed());
        let Some(crate::types::Type::Enum(id)) = ty else { return Err(Missing(format!("the variant `{name}`"))) };
        let variants = self.0.enumeration(*id).map(|e| &e.variants);
        let at = variants.and_then(|all| all.iter().position(|v| v.name == name));
        at.and_then(|at| u16::try_from(at).ok()).ok_or_else(|| Missing(format!("the variant `{name}`")))
    }

    fn top(&self, name: &str) -> Option<usize> {
        self.0.environment.iter().position(|f| f.name == name)
    }
}

impl Bindings {
    /// Finds the resources that the semantics needs in a schema.
    pub fn find(schema: &Schema) -> Result<Self, Missing> {
        let find = Finder(schema);
        let network = find.record("azure.network", "VirtualNetwork")?;
        let subnet = find.record("azure.network", "Subnet")?;
        let group = find.record("azure.network", "NetworkSecurityGroup")?;
        let interface = find.record("azure.network", "NetworkInterface")?;
        let route_table =
            find.record("azure.routing", "RouteTable").or_else(|_| find.record("azure.network", "RouteTable"))?;
        let route = find.record("azure.routing", "Route").or_else(|_| find.record("azure.network", "Route"))?;
        let peering = find.record("azure.network", "Peering")?;
        let state = find.field(peering, "state")?;
        let compute = schema.find_record("azureml.resources", "Compute");
        Ok(Self {
            address_space: find.field(network, "address_space")?,
            peerings: find.field(network, "peerings")?,
            peering_remote: find.field(peering, "remote")?,
            peering_connected: PeeringBinding {
                record: peering,
                state,
                connected: find.variant(peering, state, "connected")?,
                access: find.field(peering, "allow_virtual_network_access").ok(),
            },
            subnet_prefixes: find.field(subnet, "prefixes")?,
            subnet_group: find.field(subnet, "network_security_group")?,
            subnet_routes: find.field(subnet, "route_table")?,
            group_rules: find.field(group, "rules")?,
            rule: Self::rule(&find)?,
            interface_subnet: find.field(interface, "subnet")?,
            interface_ip: find.field(interface, "ip")?,
            interface_group: find.field(interface, "network_security_group")?,
            routes: find.field(route_table, "routes")?,
            route_prefix: find.field(route, "prefix")?,
            compute: compute.and_then(|id| Some((id, find.field(id, "subnet").ok()?))),
            on_premises: Self::on_premises(&find),
            network_tag: Self::network_tag(&find),
            network,
            subnet,
            group,
            interface,
            route_table,
        })
    }

    fn rule(find: &Finder<'_>) -> Result<RuleBinding, Missing> {
        let record = find.record("azure.network", "SecurityRule")?;
        let field = |name| find.field(record, name);
        let (direction, access) = (field("direction")?, field("access")?);
        Ok(RuleBinding {
            name: field("name")?,
            priority: field("priority")?,
            inbound: find.variant(record, direction, "inbound")?,
            direction,
            allow: find.variant(record, access, "allow")?,
            access,
            protocol: field("protocol")?,
            source: field("source")?,
            source_ports: field("source_ports")?,
            destination: field("destination")?,
            destination_ports: field("destination_ports")?,
            source_groups: field("source_groups").ok(),
            destination_groups: field("destination_groups").ok(),
            record,
        })
    }

    fn on_premises(find: &Finder<'_>) -> Option<(usize, usize)> {
        let top = find.top("on_premises")?;
        let ty = find.0.environment.get(top)?.ty.narrowed();
        let crate::types::Type::Record(id) = ty else { return None };
        Some((top, find.field(*id, "prefixes").ok()?))
    }

    fn network_tag(find: &Finder<'_>) -> Option<(usize, u16)> {
        let top = find.top("virtual_network_tag")?;
        let crate::types::Type::Enum(id) = find.0.environment.get(top)?.ty.narrowed() else { return None };
        let variants = &find.0.enumeration(*id)?.variants;
        let at = variants.iter().position(|v| v.name == "with_routes")?;
        Some((top, u16::try_from(at).ok()?))
    }
}

/// A security group as it can be asked.
#[derive(Clone, Debug)]
pub enum AskedGroup {
    /// Ready.
    Compiled(Arc<CompiledGroup>),
    /// It cannot be judged; what would settle it.
    Open(String),
}

/// Compiles the rules of a group's body.
pub fn compile(bindings: &Bindings, catalogue: &TagCatalogue, name: &str, body: &[Data]) -> AskedGroup {
    let Some(Data::List(rules)) = body.get(bindings.group_rules) else {
        return AskedGroup::Open(format!("the rules of `{name}`"));
    };
    let fields = rules.iter().filter_map(|data| if let Data::Record(fields) = data { Some(fields) } else { None });
    if fields.clone().any(|fields| names_members(&bindings.rule, fields)) {
        return AskedGroup::Open(format!(
            "the members of the application security groups that `{name}` names, which this version does not judge"
        ));
    }
    let rules: Option<Vec<GroupRule>> = fields.map(|fields| security_rule(&bindings.rule, fields)).collect();
    match rules.map(|rules| Group::compile(&rules, catalogue)) {
        Some(Ok(group)) => AskedGroup::Compiled(Arc::new(group)),
        _ => AskedGroup::Open(format!("rules of `{name}` without faults")),
    }
}

/// Whether a rule applies to the members of application security groups only (fact `net.nsg.asg-rule`).
fn names_members(binding: &RuleBinding, fields: &[Data]) -> bool {
    let names = [binding.source_groups, binding.destination_groups];
    names.into_iter().flatten().any(|at| matches!(fields.get(at), Some(Data::List(list)) if !list.is_empty()))
}

fn security_rule(binding: &RuleBinding, fields: &[Data]) -> Option<GroupRule> {
    let Data::Text(name) = fields.get(binding.name)? else { return None };
    let Data::Int(priority) = fields.get(binding.priority)? else { return None };
    let variant = |at: usize, wanted: u16| matches!(fields.get(at), Some(Data::Variant(v, _)) if *v == wanted);
    let Data::Protocols(protocols) = fields.get(binding.protocol)? else { return None };
    let addresses = |at: usize| match fields.get(at) {
        Some(Data::Addresses(spec)) => Some((**spec).clone()),
        _ => None,
    };
    let ports = |at: usize| match fields.get(at) {
        Some(Data::Ports(ports)) => Some((**ports).clone()),
        _ => None,
    };
    let inbound = variant(binding.direction, binding.inbound);
    Some(GroupRule {
        name: name.to_string(),
        priority: u16::try_from(*priority).ok()?,
        direction: if inbound { Direction::Inbound } else { Direction::Outbound },
        access: if variant(binding.access, binding.allow) { Access::Allow } else { Access::Deny },
        protocols: *protocols,
        sources: addresses(binding.source)?,
        source_ports: ports(binding.source_ports)?,
        destinations: addresses(binding.destination)?,
        destination_ports: ports(binding.destination_ports)?,
    })
}

/// A place that can be asked: its levels, its addresses, its network.
#[derive(Clone, Debug)]
pub struct AskedPlace {
    /// The levels with their groups.
    pub levels: Vec<(LevelKind, Option<EntityId>)>,
    /// Its own addresses.
    pub local: IpSet,
    /// Its network.
    pub network: Option<EntityId>,
    /// The prefixes of its subnet's user-defined routes.
    pub routes: Option<AddressSpec>,
}

/// Finds what stands at a place: a subnet, an interface, or a compute (by its subnet).
pub fn asked_place(world: &dyn World, place: EntityId) -> Result<AskedPlace, Unknown> {
    let bindings = world.bindings();
    let lost = || Unknown::because("a place that the environment describes", None);
    let view = world.entity(place).ok_or_else(lost)?;
    if view.record == bindings.subnet {
        return Ok(subnet_place(world, &view));
    }
    if view.record == bindings.interface {
        return interface_place(world, place, &view);
    }
    match bindings.compute {
        Some((record, field)) if record == view.record => {
            let subnet = reference(world, &view, field, bindings.subnet).ok_or_else(|| not_in_subnet(world, place))?;
            let view = world.entity(subnet).ok_or_else(lost)?;
            Ok(subnet_place(world, &view))
        }
        _ => Err(lost()),
    }
}

fn not_in_subnet(world: &dyn World, place: EntityId) -> Unknown {
    let at = world.place(place);
    Unknown::because(format!("`subnet` of `{at}`, which is not stated"), Some(at))
}

/// The entity that a reference field of an entity leads to.
pub fn reference(world: &dyn World, view: &EntityView, field: usize, target: RecordId) -> Option<EntityId> {
    match view.body.get(field)? {
        Data::Reference(text) => world.resolve(&[target], text),
        _ => None,
    }
}

fn subnet_place(world: &dyn World, view: &EntityView) -> AskedPlace {
    let bindings = world.bindings();
    let group = reference(world, view, bindings.subnet_group, bindings.group);
    AskedPlace {
        levels: vec![(LevelKind::Subnet, group)],
        local: cidrs(view.body.get(bindings.subnet_prefixes)),
        network: view.owner,
        routes: route_prefixes(world, view),
    }
}

fn interface_place(world: &dyn World, place: EntityId, view: &EntityView) -> Result<AskedPlace, Unknown> {
    let bindings = world.bindings();
    let subnet = reference(world, view, bindings.interface_subnet, bindings.subnet);
    let subnet = subnet.and_then(|id| world.entity(id)).ok_or_else(|| not_in_subnet(world, place))?;
    let mut asked = subnet_place(world, &subnet);
    asked.levels.push((LevelKind::Interface, reference(world, view, bindings.interface_group, bindings.group)));
    if let Some(Data::Ip(address)) = view.body.get(bindings.interface_ip) {
        asked.local = (*address).into();
    }
    Ok(asked)
}

/// The union of a list of ranges.
fn cidrs(data: Option<&Data>) -> IpSet {
    let Some(Data::List(items)) = data else { return IpSet::empty() };
    items.iter().filter_map(|item| if let Data::Cidr(cidr) = item { Some(*cidr) } else { None }).collect()
}

fn route_prefixes(world: &dyn World, subnet: &EntityView) -> Option<AddressSpec> {
    let bindings = world.bindings();
    let table = reference(world, subnet, bindings.subnet_routes, bindings.route_table)?;
    let view = world.entity(table)?;
    let Some(Data::List(routes)) = view.body.get(bindings.routes) else { return None };
    let prefix = |route: &Data| match route {
        Data::Record(fields) => match fields.get(bindings.route_prefix)? {
            Data::Cidr(cidr) => Some(AddressItem::Cidr(*cidr)),
            Data::Tag(tag) => Some(AddressItem::Tag((**tag).clone())),
            _ => None,
        },
        _ => None,
    };
    (!routes.is_empty()).then(|| routes.iter().filter_map(prefix).collect())
}

/// The addresses that a network reaches privately: its own space, its connected peers', and on-premises
/// (fact `net.tag.vnet`).
pub fn extent(world: &dyn World, network: EntityId) -> IpSet {
    let bindings = world.bindings();
    let Some(view) = world.entity(network) else { return IpSet::empty() };
    let mut all = cidrs(view.body.get(bindings.address_space)).union(&on_premises(world));
    for peer in peers(world, &view) {
        if let Some(peer) = world.entity(peer) {
            all = all.union(&cidrs(peer.body.get(bindings.address_space)));
        }
    }
    all
}

fn on_premises(world: &dyn World) -> IpSet {
    let top = world.top();
    let found = world.bindings().on_premises.and_then(|(field, prefixes)| match top.get(field)? {
        Data::Record(fields) => Some(cidrs(fields.get(prefixes))),
        _ => None,
    });
    found.unwrap_or_else(IpSet::empty)
}

/// The networks with which this one has a connected peering that allows access.
fn peers(world: &dyn World, view: &EntityView) -> Vec<EntityId> {
    let bindings = world.bindings();
    let binding = &bindings.peering_connected;
    let Some(Data::Map(peerings)) = view.body.get(bindings.peerings) else { return Vec::new() };
    let connects = |body: &[Data]| {
        let state = matches!(body.get(binding.state), Some(Data::Variant(v, _)) if *v == binding.connected);
        let access = binding.access.and_then(|at| body.get(at));
        state && !matches!(access, Some(Data::Bool(false)))
    };
    let remote = |body: &[Data]| match body.get(bindings.peering_remote)? {
        Data::Reference(text) => world.resolve(&[bindings.network], text),
        _ => None,
    };
    let bodies = peerings.iter().filter_map(|(_, data)| match data {
        Data::Record(fields) => Some(fields),
        _ => None,
    });
    bodies.filter(|body| connects(body)).filter_map(|body| remote(body)).collect()
}

/// The network around a place, for the evaluation of its groups.
pub fn context<'a>(world: &'a dyn World, asked: &AskedPlace) -> NetworkContext<'a> {
    let extent = asked.network.map_or_else(|| asked.local.clone(), |n| (*world.extent(n)).clone());
    let context = NetworkContext::new(world.catalogue(), extent);
    match &asked.routes {
        Some(routes) => context.with_routes(routes.clone(), settled(world)),
        None => context,
    }
}

fn settled(world: &dyn World) -> VirtualNetworkTag {
    let top = world.top();
    match world.bindings().network_tag {
        Some((field, with_routes)) => match top.get(field) {
            Some(Data::Variant(v, _)) if *v == with_routes => VirtualNetworkTag::WithRoutes,
            Some(Data::Variant(..)) => VirtualNetworkTag::WithoutRoutes,
            _ => VirtualNetworkTag::Unsettled,
        },
        None => VirtualNetworkTag::Unsettled,
    }
}

/// The entity of a value that stands for a place.
pub fn place_entity(value: &Value) -> Option<EntityId> {
    match value {
        Value::Entity(id) => Some(*id),
        _ => None,
    }
}
