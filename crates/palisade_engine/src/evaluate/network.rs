//! From declared resources to the network's semantics: which fields hold a group's rules, a subnet's group, a
//! network's extent.
//!
//! The library declares these resources in the language; [`crate::bindings`] knows where.

use std::sync::Arc;

use palisade_net::{
    AddressItem, AddressSpec, AdminRule, AdminRules, AsgId, CompiledGroup, Group, GroupRule, IpSet, LevelKind, Members,
    NetworkContext, TagCatalogue, VirtualNetworkTag,
};

use super::value::{Unknown, Value};
use super::world::{EntityView, World};
use crate::bindings::{self, Peering, admin_rule_of, group_rule};
use crate::data::Data;
use crate::environment::EntityId;
use crate::types::RecordId;

/// A security group as it can be asked.
#[derive(Clone, Debug, PartialEq)]
pub enum AskedGroup {
    /// Ready.
    Compiled(Arc<CompiledGroup>),
    /// It cannot be judged; what would settle it.
    Open(String),
}

/// Compiles the rules of a group's body. `asg` says which application security group a reference means.
pub fn compile(
    group: &bindings::Group,
    catalogue: &TagCatalogue,
    name: &str,
    body: &[Data],
    asg: &dyn Fn(&str) -> AsgId,
) -> AskedGroup {
    let Some(Data::List(rules)) = body.get(group.rules) else {
        return AskedGroup::Open(format!("the rules of `{name}`"));
    };
    let fields = rules.iter().filter_map(|data| if let Data::Record(fields) = data { Some(fields) } else { None });
    let rules: Option<Vec<GroupRule>> = fields.map(|fields| group_rule(&group.rule, fields, asg)).collect();
    match rules.map(|rules| Group::compile(&rules, catalogue)) {
        Some(Ok(group)) => AskedGroup::Compiled(Arc::new(group)),
        _ => AskedGroup::Open(format!("rules of `{name}` without faults")),
    }
}

/// The security admin rules that apply to a network.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedAdmin {
    /// Compiled.
    pub group: AskedGroup,
    /// The rules, in the order in which they were compiled.
    pub rules: Arc<[EntityId]>,
}

/// Compiles the admin rules that apply to a network; `None` if there are none.
pub fn admin(world: &dyn World, network: EntityId) -> Option<AskedAdmin> {
    let bindings = world.bindings();
    let (binding, networks) = (bindings.admin_rule?, bindings.network?);
    let applies = |view: &EntityView| {
        let Some(Data::List(named)) = view.body.get(binding.virtual_networks) else { return false };
        named.iter().any(|data| match data {
            Data::Reference(text) => world.resolve(&[networks.record], text) == Some(network),
            _ => false,
        })
    };
    let all = world.every(binding.record);
    let views = all.iter().filter_map(|id| Some((*id, world.entity(*id)?)));
    let (ids, views): (Vec<EntityId>, Vec<EntityView>) = views.filter(|(_, view)| applies(view)).unzip();
    if ids.is_empty() {
        return None;
    }
    let rules: Option<Vec<AdminRule>> = views.iter().map(|v| admin_rule_of(&binding, &v.name, &v.body)).collect();
    let group = match rules.map(|rules| AdminRules::compile(&rules, world.catalogue())) {
        Some(Ok(group)) => AskedGroup::Compiled(Arc::new(group)),
        _ => AskedGroup::Open("security admin rules without faults".to_owned()),
    };
    Some(AskedAdmin { group, rules: ids.into() })
}

/// The addresses of the members of every application security group: those of interfaces that state theirs, and, for
/// others, any of their subnet.
pub fn members(world: &dyn World) -> Members {
    let Some(binding) = world.bindings().members else { return Members::new() };
    world.every(binding.record).iter().fold(Members::new(), |all, id| {
        let (mut certain, mut possible) = (IpSet::empty(), IpSet::empty());
        for interface in interfaces(world, &binding, *id) {
            match interface_addresses(world, interface) {
                (addresses, true) => certain = certain.union(&addresses),
                (addresses, false) => possible = possible.union(&addresses),
            }
        }
        all.with_some(asg_id(world, *id), certain, &possible)
    })
}

/// How `palisade_net` calls an application security group.
pub fn asg_id(world: &dyn World, id: EntityId) -> AsgId {
    AsgId::new(world.place(id).to_string())
}

fn interfaces(world: &dyn World, binding: &bindings::Members, group: EntityId) -> Vec<EntityId> {
    let Some(interface) = world.bindings().interface else { return Vec::new() };
    let Some(view) = world.entity(group) else { return Vec::new() };
    let Some(Data::List(named)) = view.body.get(binding.members) else { return Vec::new() };
    let resolve = |data: &Data| match data {
        Data::Reference(text) => world.resolve(&[interface.record], text),
        _ => None,
    };
    named.iter().filter_map(resolve).collect()
}

/// The addresses of an interface, and whether they are exactly its own.
fn interface_addresses(world: &dyn World, id: EntityId) -> (IpSet, bool) {
    let bindings = world.bindings();
    let (Some(view), Some(binding), Some(subnet)) = (world.entity(id), bindings.interface, bindings.subnet) else {
        return (IpSet::empty(), false);
    };
    if let Some(Data::Ip(address)) = view.body.get(binding.ip) {
        return ((*address).into(), true);
    }
    let stands_in = reference(world, &view, binding.subnet, subnet.record).and_then(|id| world.entity(id));
    (stands_in.map_or_else(IpSet::empty, |view| cidrs(view.body.get(subnet.prefixes))), false)
}

/// The application security groups of which an interface is a member.
fn groups_of(world: &dyn World, interface: EntityId) -> Vec<AsgId> {
    let Some(binding) = world.bindings().members else { return Vec::new() };
    let all = world.every(binding.record);
    let has = |id: &&EntityId| interfaces(world, &binding, **id).contains(&interface);
    all.iter().filter(has).map(|id| asg_id(world, *id)).collect()
}

/// A place that can be asked: its levels, its addresses, its network.
#[derive(Clone, Debug)]
pub struct AskedPlace {
    /// The levels, each with the group that stands there; for the level of admin rules, the network that they apply to.
    pub levels: Vec<(LevelKind, Option<EntityId>)>,
    /// Its own addresses.
    pub local: IpSet,
    /// Its network.
    pub network: Option<EntityId>,
    /// The prefixes of its subnet's user-defined routes.
    pub routes: Option<AddressSpec>,
    /// Who is a member of which application security group.
    pub members: Members,
}

/// Finds what stands at a place: a subnet, an interface, or a compute (by its subnet).
pub fn asked_place(world: &dyn World, place: EntityId) -> Result<AskedPlace, Unknown> {
    let bindings = world.bindings();
    let lost = || Unknown::because("a place that the environment describes", None);
    let view = world.entity(place).ok_or_else(lost)?;
    let subnet = bindings.subnet.as_ref().ok_or_else(lost)?;
    if view.record == subnet.record {
        return Ok(subnet_place(world, subnet, &view));
    }
    let stands_in = |field| {
        let found = reference(world, &view, field, subnet.record).and_then(|id| world.entity(id));
        found.ok_or_else(|| not_in_subnet(world, place))
    };
    if let Some(interface) = bindings.interface.filter(|interface| interface.record == view.record) {
        let mut asked = subnet_place(world, subnet, &stands_in(interface.subnet)?);
        asked.levels.push((LevelKind::Interface, group_of(world, &view, interface.network_security_group)));
        if let Some(Data::Ip(address)) = view.body.get(interface.ip) {
            asked.local = (*address).into();
        }
        asked.members = asked.members.of_interface(groups_of(world, place));
        return Ok(asked);
    }
    match bindings.compute.filter(|compute| compute.record == view.record) {
        Some(compute) => Ok(subnet_place(world, subnet, &stands_in(compute.subnet)?)),
        None => Err(lost()),
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

fn group_of(world: &dyn World, view: &EntityView, field: usize) -> Option<EntityId> {
    reference(world, view, field, world.bindings().group?.record)
}

fn subnet_place(world: &dyn World, subnet: &bindings::Subnet, view: &EntityView) -> AskedPlace {
    let admin = view.owner.filter(|network| world.admin(*network).is_some());
    let mut levels: Vec<_> = admin.map(|network| (LevelKind::Admin, Some(network))).into_iter().collect();
    levels.push((LevelKind::Subnet, group_of(world, view, subnet.network_security_group)));
    AskedPlace {
        levels,
        local: cidrs(view.body.get(subnet.prefixes)),
        network: view.owner,
        routes: route_prefixes(world, subnet, view),
        members: world.members(),
    }
}

/// The union of a list of ranges.
fn cidrs(data: Option<&Data>) -> IpSet {
    let Some(Data::List(items)) = data else { return IpSet::empty() };
    items.iter().filter_map(|item| if let Data::Cidr(cidr) = item { Some(*cidr) } else { None }).collect()
}

fn route_prefixes(world: &dyn World, subnet: &bindings::Subnet, view: &EntityView) -> Option<AddressSpec> {
    let binding = world.bindings().route_table?;
    let table = world.entity(reference(world, view, subnet.route_table, binding.record)?)?;
    let Some(Data::List(routes)) = table.body.get(binding.routes) else { return None };
    let prefix = |route: &Data| match route {
        Data::Record(fields) => match fields.get(binding.prefix)? {
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
    let (Some(view), Some(binding)) = (world.entity(network), world.bindings().network) else {
        return IpSet::empty();
    };
    let own = cidrs(view.body.get(binding.address_space)).union(&on_premises(world));
    let peers = peers(world, &binding, &view).into_iter().filter_map(|peer| world.entity(peer));
    peers.fold(own, |all, peer| all.union(&cidrs(peer.body.get(binding.address_space))))
}

fn on_premises(world: &dyn World) -> IpSet {
    let top = world.top();
    let found = world.bindings().on_premises.and_then(|binding| match top.get(binding.field)? {
        Data::Record(fields) => Some(cidrs(fields.get(binding.prefixes))),
        _ => None,
    });
    found.unwrap_or_else(IpSet::empty)
}

/// The networks with which this one has a connected peering that allows access.
fn peers(world: &dyn World, binding: &bindings::Network, view: &EntityView) -> Vec<EntityId> {
    let Some(Data::Map(peerings)) = view.body.get(binding.peerings) else { return Vec::new() };
    let remote = |data: &Data| match data {
        Data::Record(fields) if connects(&binding.peering, fields) => match fields.get(binding.peering.remote)? {
            Data::Reference(text) => world.resolve(&[binding.record], text),
            _ => None,
        },
        _ => None,
    };
    peerings.iter().filter_map(|(_, data)| remote(data)).collect()
}

fn connects(peering: &Peering, fields: &[Data]) -> bool {
    let connected = matches!(fields.get(peering.state), Some(Data::Variant(v, _)) if *v == peering.connected);
    connected && !matches!(fields.get(peering.allow_virtual_network_access), Some(Data::Bool(false)))
}

/// What stands at a level of a place; `None` if nothing does, so that everything passes there.
pub fn standing(world: &dyn World, kind: LevelKind, stands: Option<EntityId>) -> Option<AskedGroup> {
    match kind {
        LevelKind::Admin => stands.and_then(|network| world.admin(network)).map(|admin| admin.group),
        _ => stands.map(|id| world.group(id)),
    }
}

/// The network around a place, for the evaluation of its groups.
pub fn context<'a>(world: &'a dyn World, asked: &'a AskedPlace) -> NetworkContext<'a> {
    let extent = asked.network.map_or_else(|| asked.local.clone(), |n| (*world.extent(n)).clone());
    let mut context = NetworkContext::new(world.catalogue(), extent).with_members(&asked.members);
    if let Some(file) = world.addresses() {
        context = context.with_prefixes(file);
    }
    match &asked.routes {
        Some(routes) => context.with_routes(routes.clone(), settled(world)),
        None => context,
    }
}

/// What the environment says of the tag `VirtualNetwork`.
fn settled(world: &dyn World) -> VirtualNetworkTag {
    let top = world.top();
    let binding = world.bindings().network_tag;
    match binding.and_then(|binding| Some((binding, top.get(binding.field)?))) {
        Some((binding, Data::Variant(word, _))) if *word == binding.with_routes => VirtualNetworkTag::WithRoutes,
        Some((_, Data::Variant(..))) => VirtualNetworkTag::WithoutRoutes,
        _ => VirtualNetworkTag::Unsettled,
    }
}

/// The entity of a value that stands for a place.
pub fn place_entity(value: &Value) -> Option<EntityId> {
    match value {
        Value::Entity(id) => Some(*id),
        _ => None,
    }
}
