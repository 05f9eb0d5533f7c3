//! The path beyond the groups, as `reaches` and `palisade flow` ask it: routes, ways out, firewalls, targets.
//!
//! Groups come first (fact `net.nsg.then-udr`); what they let through is asked further, part by part:
//!
//! * [`table`] puts the routes of a subnet together, [`peers`] what lies beyond peerings and gateways, [`egress`] its ways
//!   out; [`firewall`] puts the rules of a firewall together. [`fields`] reads what the environment describes of them;
//! * [`walk`] follows a part outwards, [`inside`] into the subnet that it goes to, [`target`] to the resource;
//! * [`back`] follows the answers to what came in.
//!
//! What is described and not judged is undetermined, never allowed; so is what is not described and matters.

pub mod back;
pub mod egress;
pub mod fields;
pub mod firewall;
pub mod inside;
pub mod peers;
pub mod table;
pub mod target;
pub mod walk;

use palisade_net::{DecidingRoute, Direction, Flow, NetworkContext, Outcome, Packet, Part, RouteKind, Verdict};

use self::egress::standing;
use self::table::{AskedRoutes, SubnetTable, route_place};
use super::world::World;
use crate::environment::EntityId;
use crate::place::Place;

/// The verdict on a path, with what decided beyond the groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The whole.
    pub verdict: Verdict,
    /// For each part of the verdict: what decided it beyond the groups, if something did.
    pub hops: Vec<Option<Hop>>,
    /// What was met on the way, in order.
    pub steps: Vec<Step>,
}

/// What decided a part beyond the groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// `route`, `firewall`, `target`, `subnet`.
    pub level: &'static str,
    /// Where it is written.
    pub place: Option<Place>,
    /// Its priority, where it has one.
    pub priority: Option<u16>,
}

/// Something that a flow met on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `route`, `nat`, `firewall`, `endpoint`, `target`.
    pub step: &'static str,
    /// What it said.
    pub outcome: Outcome,
    /// In words.
    pub detail: String,
}

/// What became of a part of a flow.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The part.
    pub flow: Flow,
    /// A packet of it.
    pub example: Packet,
    /// What became of it.
    pub outcome: Outcome,
    /// What decided it.
    pub hop: Option<Hop>,
    /// What would settle it, if it is open.
    pub settles: Vec<String>,
    /// What it met.
    pub steps: Vec<Step>,
}

impl Judged {
    /// A part that is on its way.
    pub fn new(flow: Flow, example: Packet) -> Self {
        Self { flow, example, outcome: Outcome::Allowed, hop: None, settles: Vec::new(), steps: Vec::new() }
    }

    /// The same, one step further.
    #[must_use]
    pub fn met(mut self, step: &'static str, outcome: Outcome, detail: impl Into<String>) -> Self {
        self.outcome = outcome;
        self.steps.push(Step { step, outcome, detail: detail.into() });
        self
    }

    /// The same, open.
    #[must_use]
    pub fn open(mut self, settles: impl Into<String>) -> Self {
        self.outcome = Outcome::Undetermined;
        self.settles.push(settles.into());
        self
    }

    /// The same, decided there.
    #[must_use]
    pub fn by(mut self, level: &'static str, place: Option<Place>, priority: Option<u16>) -> Self {
        self.hop = Some(Hop { level, place, priority });
        self
    }
}

/// What becomes of what the groups at a place let through.
pub fn beyond(world: &dyn World, place: EntityId, groups: Verdict, context: &NetworkContext<'_>) -> Path {
    if groups.outcome == Outcome::Denied || groups.parts.is_empty() {
        let hops = vec![None; groups.parts.len()];
        return Path { verdict: groups, hops, steps: Vec::new() };
    }
    let open_group = groups.parts.iter().any(|part| part.outcome == Outcome::Undetermined);
    let mut settles = if open_group { groups.settles } else { Vec::new() };
    let (mut parts, mut steps) = (Vec::new(), Vec::<Step>::new());
    for part in groups.parts {
        if part.outcome != Outcome::Allowed {
            parts.push((part, None));
            continue;
        }
        for judged in follow(world, place, &part, context) {
            add_new(&mut settles, judged.settles);
            add_new(&mut steps, judged.steps);
            let Judged { flow, example, outcome, hop, .. } = judged;
            parts.push((Part { outcome, flow, example, ..part.clone() }, hop));
        }
    }
    steps.sort_by_key(|step| ["route", "nat", "firewall", "endpoint", "target"].iter().position(|s| *s == step.step));
    path(parts, settles, steps)
}

fn add_new<T: PartialEq>(all: &mut Vec<T>, new: Vec<T>) {
    for one in new {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

/// Parts in the order of a verdict: denied, undetermined, allowed.
fn path(mut parts: Vec<(Part, Option<Hop>)>, settles: Vec<String>, steps: Vec<Step>) -> Path {
    parts.sort_by_key(|(part, _)| match part.outcome {
        Outcome::Denied | Outcome::Partial => 0,
        Outcome::Undetermined => 1,
        Outcome::Allowed => 2,
    });
    let (parts, hops): (Vec<Part>, Vec<Option<Hop>>) = parts.into_iter().unzip();
    let one = |part: &Part| Verdict { outcome: part.outcome, parts: Vec::new(), settles: Vec::new() };
    let outcome = Verdict::combine(parts.iter().map(one)).outcome;
    Path { verdict: Verdict { outcome, parts, settles }, hops, steps }
}

fn follow(world: &dyn World, place: EntityId, part: &Part, context: &NetworkContext<'_>) -> Vec<Judged> {
    let start = Judged::new(part.flow.clone(), part.example.clone());
    let Some(at) = standing(world, place) else {
        return vec![start.open("the routes around the place, whose declarations the policies lack")];
    };
    let table = match world.routes(at.subnet) {
        AskedRoutes::Known(table) => table,
        AskedRoutes::Open(why) => return vec![start.open(why)],
    };
    match part.flow.direction {
        Direction::Outbound => walk::outwards(world, &at, &table, start, context),
        Direction::Inbound => back::answers(world, place, &at, &table, &start, context),
    }
}

/// Where a route is written: in its table, or where Azure's own routes come from, at the subnet.
fn written(world: &dyn World, subnet: EntityId, table: &SubnetTable, route: &DecidingRoute) -> Option<Place> {
    match (route.kind, table.table) {
        (RouteKind::User, Some(id)) => route_place(world, id, &route.name),
        _ => Some(world.place(subnet)),
    }
}

/// What an open verdict leaves to be settled, without what others judge.
fn others_settle(settles: &[String], known: &[String]) -> Vec<String> {
    settles.iter().filter(|text| !known.contains(text)).cloned().collect()
}
