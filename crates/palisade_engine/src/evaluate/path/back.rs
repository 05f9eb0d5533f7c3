//! Back: whether the answers to what came in leave by the way that it came.

use palisade_net::{Fate, NetworkContext, NextHop, Outcome, RoutePart, evaluate_return_path};

use super::egress::Standing;
use super::table::SubnetTable;
use super::{Judged, by_route};
use crate::environment::EntityId;
use crate::evaluate::world::World;

/// What becomes of the answers to a flow that the groups let in.
///
/// A question starts where packets arrive: whether the other end may send them is asked there.
pub fn answers(
    world: &dyn World,
    place: EntityId,
    at: &Standing,
    table: &SubnetTable,
    start: &Judged,
    context: &NetworkContext<'_>,
) -> Vec<Judged> {
    let verdict = evaluate_return_path(&table.compiled, &start.flow, context);
    if verdict.parts.is_empty() {
        return vec![verdict.settles.iter().fold(start.clone(), |open, why| open.open(why.clone()))];
    }
    let one = |part: &RoutePart| {
        let mut here = start.clone();
        (here.flow, here.example) = (part.flow.clone(), part.example.clone());
        let names: Vec<String> = part.ways.iter().map(|way| way.route.to_string()).collect();
        let reason = match part.fate() {
            Some(Fate::Dropped(reason)) => format!(": {reason}"),
            _ => String::new(),
        };
        let mut here = here.met("answers", part.outcome, format!("answers take {}{reason}", names.join(", or ")));
        if let Some(way) = part.ways.first() {
            here = by_route(world, at.subnet, table, &way.route, here);
        }
        match part.outcome {
            Outcome::Denied | Outcome::Partial => here,
            Outcome::Undetermined => verdict.settles.iter().fold(here, |open, why| open.open(why.clone())),
            Outcome::Allowed => from_internet(world, place, at, here, part),
        }
    };
    verdict.parts.iter().map(one).collect()
}

/// What comes from public addresses comes to one.
fn from_internet(world: &dyn World, place: EntityId, at: &Standing, here: Judged, part: &RoutePart) -> Judged {
    let public = part.ways.iter().any(|way| way.route.next_hop == NextHop::Internet);
    if public && at.public_ip != Some(true) {
        let place = world.place(place);
        return here
            .open(format!("a public address that leads to `{place}`: its own, a load balancer's or a firewall's"));
    }
    here
}
