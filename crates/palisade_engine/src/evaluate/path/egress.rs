//! What a place has to leave the network by.

use palisade_net::{DefaultOutbound, Egress, ServiceTag};

use super::fields::{entities, entity, flag, get, items};
use crate::bindings::routing::Routing;
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::{EntityView, World};

/// A place as routes see it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its subnet.
    pub subnet: EntityId,
    /// Whether it has a public address: a subnet and an interface have none of their own, a compute says.
    pub public_ip: Option<bool>,
    /// Whether somebody says, or could say, that it has one.
    pub compute: bool,
}

/// Where a place stands.
pub fn standing(world: &dyn World, place: EntityId) -> Option<Standing> {
    let bindings = world.bindings();
    let (routing, view) = (bindings.routing?, world.entity(place)?);
    let subnet = |field| entity(world, &view.body, field, routing.subnet.record);
    if view.record == routing.subnet.record {
        return Some(Standing { subnet: place, public_ip: Some(false), compute: false });
    }
    if let Some(compute) = routing.compute.filter(|compute| compute.record == view.record) {
        let public_ip = flag(&view.body, compute.public_ip);
        return Some(Standing { subnet: subnet(compute.subnet)?, public_ip, compute: true });
    }
    let interface = bindings.interface.filter(|interface| interface.record == view.record)?;
    Some(Standing { subnet: subnet(Some(interface.subnet))?, public_ip: Some(false), compute: false })
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
        // Azure Machine Learning gives a compute without a public address no way out of its own (statement
        // `v1.npip.egress.otherwise_unreachable`): only what the subnet has.
        default_outbound: if at.compute && !public_ip {
            DefaultOutbound::Withheld
        } else {
            default_outbound(binding, subnet)
        },
        reached_without: reached_without(world, binding, subnet),
    }
}

/// How many addresses the subnet's NAT gateway has, if it has a gateway.
pub fn nat_gateway(world: &dyn World, binding: &Routing, subnet: &EntityView) -> Option<usize> {
    let nat = binding.nat_gateway?;
    let found = world.entity(entity(world, &subnet.body, binding.subnet.nat_gateway, nat.record)?)?;
    Some(items(&found.body, nat.public_ips).len())
}

fn load_balancer(world: &dyn World, binding: &Routing, subnet: EntityId) -> bool {
    let Some(balancer) = binding.load_balancer else { return false };
    let serves = |view: &EntityView| {
        entities(world, &view.body, balancer.outbound_subnets, binding.subnet.record).contains(&subnet)
    };
    world.every(balancer.record).iter().filter_map(|id| world.entity(*id)).any(|view| serves(&view))
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
