//! Into the network: the groups and the way back at the subnet to which packets go.

use std::net::IpAddr;

use palisade_net::{Flow, IpSet, NextHop, Outcome, Remote, RoutePart, evaluate_return_path};

use super::Judged;
use super::endpoints::{among, at_endpoints};
use super::fields::{cidrs, entity, ip};
use super::table::AskedRoutes;
use crate::environment::EntityId;
use crate::evaluate::network::{AskedPlace, asked_place, context};
use crate::evaluate::verdict::ask_groups;
use crate::evaluate::world::World;

/// What becomes of packets at the subnets that hold their destination. `forwarded` is the firewall they come by.
pub fn enter(world: &dyn World, here: &Judged, forwarded: Option<IpAddr>) -> Vec<Judged> {
    let Some(mut rest) = addresses(&here.flow.remote) else {
        return vec![
            here.clone().open(format!("one address of the network, to ask about instead of `{}`", here.flow.remote)),
        ];
    };
    let mut all = Vec::new();
    let subnets = world.bindings().routing.map(|routing| routing.subnet);
    for id in subnets.iter().flat_map(|subnet| world.every(subnet.record).to_vec()) {
        let prefixes: IpSet = match (world.entity(id), subnets) {
            (Some(view), Some(subnet)) => cidrs(&view.body, subnet.prefixes).into_iter().collect(),
            _ => continue,
        };
        let there = rest.intersect(&prefixes);
        if !there.is_empty() {
            rest = rest.subtract(&there);
            all.push(at_subnet(world, part(here, there), id, forwarded));
        }
    }
    if !rest.is_empty() {
        let why = format!("the subnet that holds {rest}");
        all.push(part(here, rest).open(why));
    }
    all
}

/// The addresses that a remote end is about, where it says.
pub(super) fn addresses(remote: &Remote) -> Option<IpSet> {
    match remote {
        Remote::Ips(ips) => Some(ips.clone()),
        Remote::Narrowed(part) => match (&part.addresses, addresses(&part.of)) {
            (Some(only), Some(of)) => Some(only.intersect(&of)),
            (only, of) => only.clone().or(of),
        },
        _ => None,
    }
}

/// The part of a flow that goes to these addresses.
pub(super) fn part(here: &Judged, there: IpSet) -> Judged {
    let mut part = here.clone();
    if part.example.remote_ip().is_none_or(|ip| !there.contains(ip))
        && let Some(first) = there.sample()
    {
        part.example.remote = Remote::Ips(first.into());
    }
    part.flow.remote = Remote::Ips(there);
    part
}

fn at_subnet(world: &dyn World, here: Judged, subnet: EntityId, forwarded: Option<IpAddr>) -> Judged {
    let Remote::Ips(there) = here.flow.remote.clone() else { return here };
    if let Some(endpoints) = among(world, subnet, &there) {
        return at_endpoints(world, here, subnet, &endpoints, forwarded);
    }
    let place = world.place(subnet);
    let Ok(asked) = asked_place(world, subnet) else { return here.open(format!("what stands in `{place}`")) };
    let arriving = Flow::inbound(
        here.flow.protocols,
        here.flow.remote_ports.clone(),
        Remote::Ips(here.flow.local.clone()),
        there.clone(),
    );
    let arriving = Flow { remote_ports: here.flow.local_ports.clone(), ..arriving };
    let here = through_groups(world, here, subnet, &asked, &arriving);
    if here.outcome != Outcome::Allowed {
        return here;
    }
    if let Some(interface) = guarded_interface(world, subnet, &there) {
        return here.open(format!("whether the group of `{interface}` lets it in: ask there"));
    }
    way_back(world, here, subnet, &arriving, forwarded)
}

/// What becomes of packets at the groups of the subnet to which they come.
pub fn through_groups(
    world: &dyn World,
    here: Judged,
    subnet: EntityId,
    asked: &AskedPlace,
    arriving: &Flow,
) -> Judged {
    let place = world.place(subnet);
    let groups = ask_groups(world, subnet, asked, arriving);
    let here = here.met("target", groups.outcome, format!("the groups of `{place}`"));
    match groups.outcome {
        Outcome::Allowed => here,
        Outcome::Denied => {
            let rule = groups.parts.first().and_then(|part| {
                let group = asked.levels.get(part.decided_by.level_index()?).and_then(|(_, group)| *group)?;
                crate::evaluate::evidence::decider_place(world, group, &part.decided_by)
            });
            let priority = groups.parts.first().and_then(palisade_net::Part::priority);
            here.by("target", rule.or(Some(place)), priority)
        }
        Outcome::Partial | Outcome::Undetermined => {
            here.open(format!("a question about fewer packets, or the groups of `{place}`"))
        }
    }
}

/// Whether the answers come back. Those that leave by the firewall that the question came by do.
fn way_back(world: &dyn World, here: Judged, subnet: EntityId, arriving: &Flow, forwarded: Option<IpAddr>) -> Judged {
    let place = world.place(subnet);
    let table = match world.routes(subnet) {
        AskedRoutes::Known(table) => table,
        AskedRoutes::Open(why) => return here.open(why),
    };
    let Ok(asked) = asked_place(world, subnet) else { return here.open(format!("what stands in `{place}`")) };
    let verdict = evaluate_return_path(&table.compiled, arriving, &context(world, &asked));
    let by_firewall = |part: &RoutePart| {
        let same = |hop: NextHop| forwarded.is_some_and(|address| hop == NextHop::VirtualAppliance(address));
        part.ways.iter().all(|way| same(way.route.next_hop))
    };
    let fine = |part: &RoutePart| match forwarded {
        Some(_) => by_firewall(part),
        None => part.outcome == Outcome::Allowed,
    };
    if !verdict.parts.is_empty() && verdict.parts.iter().all(fine) {
        return here;
    }
    here.open(format!("whether the answers from `{place}` come back by the same way"))
}

/// An interface that has a group of its own and may have one of the addresses.
fn guarded_interface(world: &dyn World, subnet: EntityId, there: &IpSet) -> Option<crate::place::Place> {
    let bindings = world.bindings();
    let (interface, stands) = (bindings.interface?, bindings.subnet?);
    let (group, network_group) = (bindings.group?, interface.network_security_group);
    let guarded = |id: &&EntityId| {
        world.entity(**id).is_some_and(|view| {
            entity(world, &view.body, Some(interface.subnet), stands.record) == Some(subnet)
                && entity(world, &view.body, Some(network_group), group.record).is_some()
                && ip(&view.body, Some(interface.ip)).is_none_or(|address| there.contains(address))
        })
    };
    world.every(interface.record).iter().find(guarded).map(|id| world.place(*id))
}
