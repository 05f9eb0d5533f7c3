//! The other side of what comes in: a described subnet that sends it, with its groups and routes.

use palisade_net::{Flow, Outcome, Part, Remote};

use super::egress::standing;
use super::fields::cidrs;
use super::inside::{addresses, part};
use super::table::AskedRoutes;
use super::{Judged, walk};
use crate::environment::EntityId;
use crate::evaluate::evidence::decider_place;
use crate::evaluate::network::{AskedPlace, asked_place, context};
use crate::evaluate::verdict::ask_groups;
use crate::evaluate::world::World;

/// The parts that described subnets send, and the rest. A remote end that is no set of addresses is all rest.
pub(super) fn split(world: &dyn World, here: &Judged) -> (Vec<(EntityId, Judged)>, Option<Judged>) {
    let (Some(mut rest), Some(routing)) = (addresses(&here.flow.remote), world.bindings().routing) else {
        return (Vec::new(), Some(here.clone()));
    };
    let mut sent = Vec::new();
    for id in world.every(routing.subnet.record).iter() {
        let Some(view) = world.entity(*id) else { continue };
        let there = rest.intersect(&cidrs(&view.body, routing.subnet.prefixes).into_iter().collect());
        if !there.is_empty() {
            rest = rest.subtract(&there);
            sent.push((*id, part(here, there)));
        }
    }
    let rest = (!rest.is_empty()).then(|| if sent.is_empty() { here.clone() } else { part(here, rest) });
    (sent, rest)
}

/// What becomes of packets on their way from a subnet: the question is asked there, in the other direction.
pub(super) fn sent(world: &dyn World, subnet: EntityId, here: &Judged) -> Vec<Judged> {
    let place = world.place(subnet);
    let open = |why: String| vec![here.clone().open_at("sender", why)];
    let Ok(asked) = asked_place(world, subnet) else { return open(format!("what stands in `{place}`")) };
    let (Some(at), Remote::Ips(from)) = (standing(world, subnet), &here.flow.remote) else {
        return open(format!("the routes of `{place}`"));
    };
    let table = match world.routes(at.subnet) {
        AskedRoutes::Known(table) => table,
        AskedRoutes::Open(why) => return open(why),
    };
    let to = Remote::Ips(here.flow.local.clone());
    let out = Flow::outbound(here.flow.protocols, here.flow.local_ports.clone(), to, from.clone());
    let out = Flow { local_ports: here.flow.remote_ports.clone(), ..out };
    let groups = ask_groups(world, subnet, &asked, &out);
    let named = here.clone().met("sender", groups.outcome, format!("the groups of the sender, `{place}`"));
    match groups.outcome {
        Outcome::Allowed => {}
        Outcome::Denied => return vec![stopped(world, named, &asked, groups.parts.first())],
        Outcome::Partial | Outcome::Undetermined => {
            return vec![named.open(format!("a question about fewer packets, or the groups of `{place}`"))];
        }
    }
    let Some(leaving) = groups.parts.first() else { return open(format!("the groups of `{place}`")) };
    let start = Judged::new(out, leaving.example.clone(), here.goal.clone());
    let ends = walk::outwards(world, &at, &table, &start, &context(world, &asked));
    vec![arrived(named, &ends)]
}

fn stopped(world: &dyn World, here: Judged, asked: &AskedPlace, part: Option<&Part>) -> Judged {
    let decider = part.map(|part| &part.decided_by);
    let level = decider.and_then(|decider| asked.levels.get(decider.level_index()?));
    let group = level.and_then(|(_, group)| *group);
    let rule = group.zip(decider).and_then(|(group, decider)| decider_place(world, group, decider));
    match (rule, decider) {
        (None, Some(palisade_net::Decider::Default { name, .. })) => {
            here.by_default("subnet", group.map(|group| world.place(group)), name)
        }
        (rule, _) => here.by("subnet", rule.or_else(|| group.map(|at| world.place(at))), part.and_then(Part::priority)),
    }
}

/// One end for all of them: where they differ it is open.
fn arrived(mut here: Judged, ends: &[Judged]) -> Judged {
    let all_are = |wanted| ends.iter().all(|end| end.outcome == wanted);
    for step in ends.iter().flat_map(|end| &end.steps) {
        let mut step = step.clone();
        step.step = match step.step {
            "route" | "onwards" => "sent",
            "firewall" => "entry",
            // The groups of the place that is asked have been met already.
            "target" if step.outcome == Outcome::Allowed => continue,
            other => other,
        };
        if !here.steps.contains(&step) {
            here.steps.push(step);
        }
    }
    match ends.first() {
        Some(first) if all_are(Outcome::Allowed) || all_are(Outcome::Denied) => {
            (here.outcome, here.hop) = (first.outcome, first.hop.clone());
            here
        }
        _ => ends.iter().flat_map(|end| end.settles.clone()).fold(here, Judged::open),
    }
}
