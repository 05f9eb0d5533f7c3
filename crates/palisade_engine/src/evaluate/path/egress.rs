//! What a place has to leave the network by.

use palisade_net::{DefaultOutbound, Egress, EgressMethod, IpSet, ServiceTag};

use super::fields::{entities, entity, flag, get, ip, items, variant};
use crate::bindings::routing::{Routing, without_default_outbound};
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::eval::Evaluator;
use crate::evaluate::value::Value;
use crate::evaluate::world::{EntityView, World};

/// A place as routes see it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its subnet.
    pub subnet: EntityId,
    /// Whether it has a public address: a subnet and an interface have none of their own, a compute says.
    pub public_ip: Option<bool>,
    /// Whether Azure lends it an address where it has no other way out, as far as its own kind goes; `None` if nobody says.
    pub may_be_lent: Option<bool>,
}

/// Where a place stands.
pub fn standing(world: &dyn World, place: EntityId) -> Option<Standing> {
    let bindings = world.bindings();
    let (routing, view) = (bindings.routing?, world.entity(place)?);
    let subnet = |field| entity(world, &view.body, field, routing.subnet.record);
    if view.record == routing.subnet.record {
        return Some(Standing { subnet: place, public_ip: Some(false), may_be_lent: Some(true) });
    }
    if let Some(compute) = routing.compute.filter(|compute| compute.record == view.record) {
        let public_ip = flag(&view.body, compute.public_ip);
        let may_be_lent = variant(&view.body, compute.kind).and_then(|kind| may_be_lent(world, kind));
        return Some(Standing { subnet: subnet(compute.subnet)?, public_ip, may_be_lent });
    }
    let interface = bindings.interface.filter(|interface| interface.record == view.record)?;
    Some(Standing { subnet: subnet(Some(interface.subnet))?, public_ip: Some(false), may_be_lent: Some(true) })
}

/// Whether default outbound access is for computes of a kind, as the library says.
fn may_be_lent(world: &dyn World, kind: u16) -> Option<bool> {
    let constant = world.constant(&without_default_outbound())?;
    let without = Evaluator::new(world, constant.locals).eval(&constant.value).ok()?;
    let Value::List(kinds) = &without.value else { return None };
    let is_it = |value: &Value| matches!(value, Value::Variant(_, word, _) | Value::Data(Data::Variant(word, _)) if *word == kind);
    Some(!kinds.iter().any(|one| is_it(&one.value)))
}

/// The ways out of a place: several where nobody says whether it has a public address.
pub fn egress(world: &dyn World, at: &Standing) -> Vec<Egress> {
    let (Some(binding), Some(view)) = (world.bindings().routing, world.entity(at.subnet)) else {
        return vec![Egress::default()];
    };
    let known = at.public_ip.map_or_else(|| vec![false, true], |one| vec![one]);
    known.into_iter().map(|public_ip| one(world, &binding, at, &view, public_ip)).collect()
}

fn one(world: &dyn World, binding: &Routing, at: &Standing, subnet: &EntityView, public_ip: bool) -> Egress {
    Egress {
        nat_gateway: nat_gateway(world, binding, subnet),
        public_ip,
        load_balancer: load_balancer(world, binding, at.subnet),
        default_outbound: match at.may_be_lent {
            Some(true) => default_outbound(binding, subnet),
            Some(false) => DefaultOutbound::Withheld,
            None => DefaultOutbound::Unknown,
        },
        reached_without: reached_without(world, binding, subnet),
    }
}

/// How many addresses the subnet's NAT gateway has, if it has a gateway.
pub fn nat_gateway(world: &dyn World, binding: &Routing, subnet: &EntityView) -> Option<usize> {
    let nat = binding.nat_gateway;
    let found = world.entity(entity(world, &subnet.body, binding.subnet.nat_gateway, nat.record)?)?;
    Some(items(&found.body, nat.public_ips).len())
}

fn load_balancer(world: &dyn World, binding: &Routing, subnet: EntityId) -> bool {
    !load_balancers(world, binding, subnet).is_empty()
}

/// The load balancers whose outbound rules are for the subnet.
fn load_balancers(world: &dyn World, binding: &Routing, subnet: EntityId) -> Vec<EntityView> {
    let balancer = binding.load_balancer;
    let serves = |view: &EntityView| {
        entities(world, &view.body, balancer.outbound_subnets, binding.subnet.record).contains(&subnet)
    };
    world.every(balancer.record).iter().filter_map(|id| world.entity(*id)).filter(serves).collect()
}

/// The public addresses from which packets come that left a subnet, or a firewall in it; `None` if they are not known.
pub fn public_addresses_of(
    world: &dyn World,
    subnet: EntityId,
    method: EgressMethod,
    firewall: Option<EntityId>,
) -> Option<IpSet> {
    let (binding, view) = (world.bindings().routing?, world.entity(subnet)?);
    match method {
        EgressMethod::NatGateway => {
            let nat = binding.nat_gateway;
            let found = entity(world, &view.body, binding.subnet.nat_gateway, nat.record)?;
            stated(world, &world.entity(found)?.body, nat.public_ips)
        }
        EgressMethod::LoadBalancer => {
            let field = binding.load_balancer.public_ips;
            let mut all = load_balancers(world, &binding, subnet).into_iter();
            all.try_fold(IpSet::empty(), |set, view| Some(set.union(&stated(world, &view.body, field)?)))
        }
        EgressMethod::PublicIp => {
            let field = world.bindings().firewalls?.firewall.public_ips;
            stated(world, &world.entity(firewall?)?.body, field)
        }
        EgressMethod::DefaultOutbound | EgressMethod::Backbone => None,
    }
}

/// The addresses of a list of public addresses; `None` if one is not stated.
fn stated(world: &dyn World, body: &[Data], field: Option<usize>) -> Option<IpSet> {
    let binding = world.bindings().endpoints.as_ref()?.public_ip;
    let all = entities(world, body, field, binding.record);
    all.into_iter().try_fold(IpSet::empty(), |set, id| {
        let address = ip(&world.entity(id)?.body, Some(binding.address))?;
        Some(set.union(&address.into()))
    })
}

fn default_outbound(binding: &Routing, subnet: &EntityView) -> DefaultOutbound {
    let delegated = !items(&subnet.body, binding.subnet.delegations).is_empty();
    match flag(&subnet.body, binding.subnet.default_outbound_access) {
        None if !delegated => DefaultOutbound::Unknown,
        stated => DefaultOutbound::of(stated, delegated, false),
    }
}

/// The tags of the network's own region that need no egress (fact `net.doa.storage-same-region`).
fn reached_without(world: &dyn World, binding: &Routing, subnet: &EntityView) -> Vec<ServiceTag> {
    let network = subnet.owner.and_then(|network| world.entity(network));
    let Some(network) = network else { return Vec::new() };
    let Some(Data::Region(region)) = get(&network.body, binding.network.region) else { return Vec::new() };
    let near = world.catalogue().tags().iter().filter(|info| info.near_without_egress && info.regions.contains(region));
    near.map(|info| ServiceTag::new(info.name.clone(), Some(region.clone()))).collect()
}
