//! Peerings as both networks have them, gateways, and what lies beyond them.

use palisade_net::{Cidr, Gateway, Peering, PeeringLink};
use smol_str::SmolStr;

use super::fields::{cidrs, entity, entries, flag, get, items, record, variant};
use crate::bindings::routing::Routing;
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::World;

/// The peerings of a network with the networks that they lead to.
///
/// Azure calls a peering connected only when both sides exist (fact `net.peer.two-links`): where one side is described,
/// the other is taken to exist as Azure creates it.
pub fn peerings(world: &dyn World, binding: &Routing, network: EntityId) -> Vec<(EntityId, Peering)> {
    let near = links(world, binding, network);
    let others = world.every(binding.network.record);
    let one = |remote: &EntityId| {
        let mine = near.iter().find(|(_, to, _)| to == remote);
        let theirs = links(world, binding, *remote).into_iter().find(|(_, to, _)| *to == network);
        let (name, near, far) = match (mine, theirs) {
            (Some((name, _, near)), Some((_, _, far))) => (name.clone(), *near, Some(far)),
            (Some((name, _, near)), None) => (name.clone(), *near, near.connected.then(PeeringLink::default)),
            (None, Some((name, _, far))) if far.connected => (name, PeeringLink::default(), Some(far)),
            _ => return None,
        };
        let prefixes = cidrs(&world.entity(*remote)?.body, binding.network.address_space);
        Some((*remote, Peering { name, prefixes, near, far }))
    };
    others.iter().filter(|other| **other != network).filter_map(one).collect()
}

fn links(world: &dyn World, binding: &Routing, network: EntityId) -> Vec<(SmolStr, EntityId, PeeringLink)> {
    let (Some(view), Some(state)) = (world.entity(network), world.bindings().network.map(|network| network.peering))
    else {
        return Vec::new();
    };
    let peering = binding.peering;
    let one = |(name, data): &(SmolStr, Data)| {
        let fields = record(data)?;
        let remote = entity(world, fields, peering.remote, binding.network.record)?;
        let link = PeeringLink {
            connected: variant(fields, Some(state.state)) == Some(state.connected),
            allow_virtual_network_access: flag(fields, peering.allow_virtual_network_access).unwrap_or(true),
            allow_forwarded_traffic: flag(fields, peering.allow_forwarded_traffic).unwrap_or(false),
            allow_gateway_transit: flag(fields, peering.allow_gateway_transit).unwrap_or(false),
            use_remote_gateways: flag(fields, peering.use_remote_gateways).unwrap_or(false),
        };
        Some((name.clone(), remote, link))
    };
    entries(&view.body, binding.network.peerings).iter().filter_map(one).collect()
}

/// The gateway that a network has or uses, and the network in which it stands.
pub fn gateway(
    world: &dyn World,
    binding: &Routing,
    network: EntityId,
    peered: &[(EntityId, Peering)],
) -> Option<(Gateway, EntityId)> {
    let remote = || peered.iter().filter(|(_, peering)| peering.uses_remote_gateway());
    let own = |at: EntityId| own_gateway(world, binding, at).map(|kind| (kind, at));
    own(network).or_else(|| remote().find_map(|(peer, _)| own(*peer)))
}

/// The gateway that a network states, or that a connection to it needs.
fn own_gateway(world: &dyn World, binding: &Routing, network: EntityId) -> Option<Gateway> {
    let view = world.entity(network)?;
    let kind = |private_line: bool| if private_line { Gateway::ExpressRoute } else { Gateway::Vpn };
    if let Some(fields) = get(&view.body, binding.network.gateway).and_then(record) {
        let word = variant(fields, binding.gateway?.kind)?;
        return Some(kind(Some(word) == binding.expressroute_gateway));
    }
    let connection = binding.connection?;
    let (_, connections) = on_premises_fields(world, binding);
    let ends_here =
        |fields: &&[Data]| entity(world, fields, connection.virtual_network, binding.network.record) == Some(network);
    let found = connections.iter().filter_map(record).find(ends_here)?;
    Some(kind(variant(found, connection.kind) == binding.expressroute_connection))
}

/// The prefixes behind the gateway in that network, and those that it learns: with forced tunnelling, everything.
pub fn on_premises(world: &dyn World, binding: &Routing, gateway: Option<EntityId>) -> (Vec<Cidr>, Vec<Cidr>) {
    let (Some(gateway), Some(connection)) = (gateway, binding.connection) else { return Default::default() };
    let (prefixes, connections) = on_premises_fields(world, binding);
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
fn on_premises_fields(world: &dyn World, binding: &Routing) -> (Vec<Cidr>, Vec<Data>) {
    let top = world.top();
    let found = binding.on_premises.and_then(|(field, binding)| {
        let fields = top.get(field).and_then(record)?;
        Some((cidrs(fields, binding.prefixes), items(fields, binding.connections).to_vec()))
    });
    found.unwrap_or_default()
}
