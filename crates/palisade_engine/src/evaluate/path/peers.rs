//! Peerings as both networks have them, gateways, and what lies beyond them.

use palisade_net::{Cidr, Gateway, Peering, PeeringLink};
use smol_str::SmolStr;

use super::fields::{cidrs, entity, entries, flag, get, items, place_of, record, variant};
use crate::bindings::routing::{BeyondGateways, Routing};
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::World;
use crate::place::{Place, Segment};

/// A peering of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Peered {
    /// The far network.
    pub network: EntityId,
    /// The peering as both have it.
    pub peering: Peering,
    /// Where this network's side is described, if it is.
    pub near: Option<Place>,
    /// Where the far network's side is described, if it is.
    pub back: Option<Place>,
}

/// One side of a peering as it is described.
struct Side {
    name: SmolStr,
    remote: EntityId,
    link: PeeringLink,
    place: Option<Place>,
}

/// The peerings of a network with the networks that they lead to.
///
/// Azure calls a peering connected only when both sides exist (fact `net.peer.two-links`): where one side is described,
/// the other is taken to exist as Azure creates it.
pub fn peerings(world: &dyn World, binding: &Routing, network: EntityId) -> Vec<Peered> {
    let near = sides(world, binding, network);
    let others = world.every(binding.network.record);
    let one = |remote: &EntityId| {
        let mine = near.iter().find(|side| side.remote == *remote);
        let theirs = sides(world, binding, *remote).into_iter().find(|side| side.remote == network);
        let prefixes = cidrs(&world.entity(*remote)?.body, binding.network.address_space);
        let place = mine.and_then(|mine| mine.place.clone());
        let (name, near, far, back) = match (mine, theirs) {
            (Some(mine), Some(theirs)) => (mine.name.clone(), mine.link, Some(theirs.link), theirs.place),
            (Some(mine), None) => (mine.name.clone(), mine.link, mine.link.connected.then(PeeringLink::default), None),
            (None, Some(theirs)) if theirs.link.connected => {
                (theirs.name, PeeringLink::default(), Some(theirs.link), theirs.place)
            }
            _ => return None,
        };
        Some(Peered { network: *remote, peering: Peering { name, prefixes, near, far }, near: place, back })
    };
    others.iter().filter(|other| **other != network).filter_map(one).collect()
}

fn sides(world: &dyn World, binding: &Routing, network: EntityId) -> Vec<Side> {
    let (Some(view), Some(state)) = (world.entity(network), world.bindings().network.map(|network| network.peering))
    else {
        return Vec::new();
    };
    let peering = binding.peering;
    let place = place_of(world, &world.place(network), binding.network.record, binding.network.peerings);
    let one = |(name, data): &(SmolStr, Data)| {
        let fields = record(data)?;
        let link = PeeringLink {
            connected: variant(fields, Some(state.state)) == Some(state.connected),
            allow_virtual_network_access: flag(fields, peering.allow_virtual_network_access).unwrap_or(true),
            allow_forwarded_traffic: flag(fields, peering.allow_forwarded_traffic).unwrap_or(false),
            allow_gateway_transit: flag(fields, peering.allow_gateway_transit).unwrap_or(false),
            use_remote_gateways: flag(fields, peering.use_remote_gateways).unwrap_or(false),
        };
        let remote = entity(world, fields, peering.remote, binding.network.record)?;
        let place = place.as_ref().map(|all| all.child(Segment::Key(name.clone())));
        Some(Side { name: name.clone(), remote, link, place })
    };
    entries(&view.body, binding.network.peerings).iter().filter_map(one).collect()
}

/// The gateway that a network has or uses, and the network in which it stands.
pub fn gateway(
    world: &dyn World,
    binding: &Routing,
    network: EntityId,
    peered: &[Peered],
) -> Option<(Gateway, EntityId)> {
    let mut remote = peered.iter().filter(|peered| peered.peering.uses_remote_gateway());
    let own = |at: EntityId| own_gateway(world, binding, at).map(|kind| (kind, at));
    own(network).or_else(|| remote.find_map(|peered| own(peered.network)))
}

/// The gateway that a network states, or that a connection to it needs.
fn own_gateway(world: &dyn World, binding: &Routing, network: EntityId) -> Option<Gateway> {
    let view = world.entity(network)?;
    let kind = |private_line: bool| if private_line { Gateway::ExpressRoute } else { Gateway::Vpn };
    if let Some(fields) = get(&view.body, binding.network.gateway).and_then(record) {
        return Some(kind(variant(fields, binding.gateway.kind)? == binding.expressroute_gateway));
    }
    let beyond = binding.on_premises?;
    let (_, connections) = on_premises_fields(world, &beyond);
    let ends_here = |fields: &&[Data]| {
        entity(world, fields, beyond.connection.virtual_network, binding.network.record) == Some(network)
    };
    let found = connections.iter().filter_map(record).find(ends_here)?;
    Some(kind(variant(found, beyond.connection.kind) == Some(beyond.expressroute)))
}

/// The prefixes behind the gateway in that network, and those that it learns: with forced tunnelling, everything.
pub fn on_premises(world: &dyn World, binding: &Routing, gateway: Option<EntityId>) -> (Vec<Cidr>, Vec<Cidr>) {
    let (Some(gateway), Some(beyond)) = (gateway, binding.on_premises) else { return Default::default() };
    let (prefixes, connections) = on_premises_fields(world, &beyond);
    let connection = beyond.connection;
    let ends_there = |fields: &&[Data]| {
        entity(world, fields, connection.virtual_network, binding.network.record).is_none_or(|at| at == gateway)
    };
    let here: Vec<&[Data]> = connections.iter().filter_map(record).filter(ends_there).collect();
    if here.is_empty() && !connections.is_empty() {
        return Default::default();
    }
    let forced = here.iter().any(|fields| flag(fields, connection.forced_tunnelling) == Some(true));
    let everything = "0.0.0.0/0".parse::<Cidr>().ok().filter(|_| forced);
    (prefixes, everything.into_iter().collect())
}

/// The prefixes and the connections of `on_premises`.
fn on_premises_fields(world: &dyn World, binding: &BeyondGateways) -> (Vec<Cidr>, Vec<Data>) {
    let top = world.top();
    let Some(fields) = top.get(binding.field).and_then(record) else { return Default::default() };
    (cidrs(fields, binding.record.prefixes), items(fields, binding.record.connections).to_vec())
}
