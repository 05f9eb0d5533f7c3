//! At a private endpoint: whether it carries traffic, and whether the groups of its subnet have a say.
//!
//! What arrives by a private endpoint is past the network rules of the resource.

use std::net::IpAddr;

use palisade_net::{Flow, IpSet, Outcome, PortSet, Remote};

use super::Judged;
use super::fields::{entity, ip, place_of, variant};
use super::inside::through_groups;
use super::portions::Goal;
use crate::environment::EntityId;
use crate::evaluate::network::asked_place;
use crate::evaluate::world::{EntityView, World};
use crate::place::Place;

/// The private endpoints of a subnet among some addresses.
pub struct Here {
    approved: IpSet,
    carrying: Vec<(EntityId, EntityView)>,
    refused: Vec<EntityId>,
}

/// The private endpoints of a subnet among some addresses; `None` if there are none.
pub fn among(world: &dyn World, subnet: EntityId, there: &IpSet) -> Option<Here> {
    let bindings = world.bindings();
    let (binding, routing) = (bindings.endpoints.as_ref()?.private, bindings.routing?);
    let mut found = Here { approved: IpSet::empty(), carrying: Vec::new(), refused: Vec::new() };
    for id in world.every(binding.record).iter() {
        let Some(view) = world.entity(*id) else { continue };
        let stands_in = entity(world, &view.body, Some(binding.subnet), routing.subnet.record);
        let Some(address) = ip(&view.body, Some(binding.address)) else { continue };
        if stands_in != Some(subnet) || !there.contains(address) {
            continue;
        }
        if variant(&view.body, Some(binding.status)) == Some(binding.approved) {
            found.approved = found.approved.union(&address.into());
            found.carrying.push((*id, view));
        } else {
            found.refused.push(*id);
        }
    }
    (!found.refused.is_empty() || !found.approved.is_empty()).then_some(found)
}

/// What becomes of packets at private endpoints. Only approved ones carry traffic (fact `net.pe.approved`); the groups of
/// their subnet apply where its network policies say so (fact `net.pe.policies`).
pub fn at_endpoints(
    world: &dyn World,
    here: Judged,
    subnet: EntityId,
    endpoints: &Here,
    forwarded: Option<IpAddr>,
) -> Judged {
    let place = world.place(subnet);
    let Remote::Ips(there) = here.flow.remote.clone() else { return here };
    match endpoints.refused.as_slice() {
        [id] if there.size() == 1 => {
            let endpoint = world.place(*id);
            let here = here.met("endpoint", Outcome::Denied, format!("`{endpoint}` is not approved"));
            let status = world.bindings().endpoints.as_ref().and_then(|endpoints| {
                let private = endpoints.private;
                place_of(world, &endpoint, private.record, Some(private.status))
            });
            return here.by("endpoint", status.or(Some(endpoint)), None);
        }
        [] if there.is_subset(&endpoints.approved) => {}
        _ => return here.open(format!("a question about one private endpoint of `{place}`")),
    }
    if let Some((stray, _)) = endpoints.carrying.iter().find(|(_, view)| leads_elsewhere(world, view, &here.goal)) {
        let endpoint = world.place(*stray);
        let why = format!("`{endpoint}` leads to another resource");
        return here.met("endpoint", Outcome::Denied, why).by("endpoint", target_of(world, &endpoint), None);
    }
    let here = match endpoints.carrying.as_slice() {
        [(id, _)] => {
            let endpoint = world.place(*id);
            here.met("endpoint", Outcome::Allowed, format!("`{endpoint}` takes it")).written(Some(endpoint))
        }
        _ => here.met("endpoint", Outcome::Allowed, format!("private endpoints in `{place}`")),
    };
    if let Some(firewall) = forwarded {
        // Fact `net.pe.snat`: without it the answers go past the firewall.
        return here.open(format!("whether the firewall at `{firewall}` puts its own address before what it forwards"));
    }
    if !with_groups(world, subnet) {
        return here;
    }
    let Ok(asked) = asked_place(world, subnet) else { return here.open(format!("what stands in `{place}`")) };
    // Source ports are not looked at (fact `net.pe.nsg-limits`).
    let local = Remote::Ips(here.flow.local.clone());
    let arriving = Flow::inbound(here.flow.protocols, here.flow.remote_ports.clone(), local, there);
    let arriving = Flow { remote_ports: PortSet::all(), ..arriving };
    through_groups(world, here, subnet, &asked, &arriving)
}

/// Whether what arrives at an endpoint was for another resource than its own: it gives access to one (fact
/// `net.pe.one-resource`).
fn leads_elsewhere(world: &dyn World, endpoint: &EntityView, goal: &Goal) -> bool {
    let (Goal::Resource(wanted), Some(binding)) = (goal, world.bindings().endpoints.as_ref()) else { return false };
    let target = world.entity(*wanted).and_then(|view| {
        let target = Some(binding.private.target);
        entity(world, &endpoint.body, target, view.record)
    });
    target != Some(*wanted)
}

/// Where it is written to which resource an endpoint leads.
fn target_of(world: &dyn World, endpoint: &Place) -> Option<Place> {
    let private = world.bindings().endpoints.as_ref()?.private;
    place_of(world, endpoint, private.record, Some(private.target))
}

fn with_groups(world: &dyn World, subnet: EntityId) -> bool {
    let Some(binding) = world.bindings().endpoints.as_ref() else { return false };
    let policies = world.entity(subnet).and_then(|view| variant(&view.body, Some(binding.network_policies)));
    policies.is_some_and(|word| binding.with_groups.contains(&word))
}
