//! The path beyond the groups, as `reaches` and `palisade flow` ask it: routes, ways out, firewalls, targets.
//!
//! Groups come first (fact `net.nsg.then-udr`); what they let through is asked further, part by part:
//!
//! * [`names`] knows what hosts may mean, [`portions`] takes a host apart by it, [`merge`] makes one answer of those to its
//!   portions;
//! * [`table`] puts the routes of a subnet together, [`peers`] what lies beyond peerings and gateways, [`egress`] its ways
//!   out; [`policy`] reads firewall policies, [`firewall`] puts the rules of a firewall together. [`fields`] reads what the environment describes of them;
//! * [`walk`] follows a part outwards, `through` a firewall, [`inside`] into the subnet that it goes to, [`endpoints`] to a
//!   private endpoint there, [`service`] through a service endpoint, [`target`] to the resource;
//! * [`back`] asks by what a flow comes in, and follows the answers; `sender` asks the described subnet that sends it.
//!
//! What is described and not judged is undetermined, never allowed; so is what is not described and matters.

pub mod back;
pub mod egress;
pub mod endpoints;
pub mod fields;
pub mod firewall;
pub mod inside;
pub mod merge;
pub mod names;
pub mod peers;
pub mod policy;
pub mod portions;
mod sender;
pub mod service;
pub mod table;
pub mod target;
mod through;
pub mod walk;

use palisade_net::{
    DecidingRoute, Direction, Flow, NetworkContext, Outcome, Packet, Part, Remote, RouteKind, Verdict, certain_parts,
};

use self::back::Entered;
use self::egress::standing;
use self::portions::Goal;
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
    /// `name`, `route`, `nat`, `firewall`, `endpoint`, `target`, `subnet`.
    pub level: &'static str,
    /// Where it is written; for one of Azure's own rules, what it stands at.
    pub place: Option<Place>,
    /// Its priority, where it has one.
    pub priority: Option<u16>,
    /// Azure's word for it, if nobody wrote it.
    pub default_rule: Option<&'static str>,
    /// What would settle the part, if it is open.
    pub settles: Vec<String>,
}

/// Something that a flow met on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// One of `STEPS`.
    pub step: &'static str,
    /// What it said.
    pub outcome: Outcome,
    /// In words.
    pub detail: String,
    /// What said it, where that is written.
    pub place: Option<Place>,
}

/// The steps in the order of travel, each with its word in reports.
///
/// A host is read before anything is sent. What comes in has left its sender and met a firewall before it meets the groups; a firewall routes onwards what it
/// lets pass, and answers are routed after all else.
const STEPS: [(&str, &str); 11] = [
    ("name", "name"),
    ("sender", "subnet_group"),
    ("sent", "route"),
    ("entry", "firewall"),
    ("route", "route"),
    ("firewall", "firewall"),
    ("onwards", "route"),
    ("nat", "nat"),
    ("endpoint", "endpoint"),
    ("target", "target"),
    ("answers", "route"),
];

impl Step {
    /// What reports call it.
    pub fn word(&self) -> &'static str {
        STEPS.iter().find(|(step, _)| *step == self.step).map_or(self.step, |(_, word)| word)
    }

    /// The rank of what comes after the steps before the groups.
    pub const AFTER_ENTRY: usize = 4;

    /// Whether it comes before the groups.
    pub fn is_entry(&self) -> bool {
        self.rank() < Self::AFTER_ENTRY
    }

    /// Its place in the order of travel, the groups left out.
    pub fn rank(&self) -> usize {
        STEPS.iter().position(|(step, _)| *step == self.step).unwrap_or(STEPS.len())
    }
}

/// What became of a part of a flow, if it has packets.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The part.
    pub flow: Flow,
    /// A packet of it.
    pub example: Packet,
    /// The resource that it is for.
    pub goal: Goal,
    /// What became of it.
    pub outcome: Outcome,
    /// What decided it.
    pub hop: Option<Hop>,
    /// What decided first: where it parted from other parts of the whole.
    first: Option<Hop>,
    /// What would settle it, if it is open.
    pub settles: Vec<String>,
    /// What it met.
    pub steps: Vec<Step>,
}

impl Judged {
    /// A part that is on its way.
    pub fn new(flow: Flow, example: Packet, goal: Goal) -> Self {
        let outcome = Outcome::Allowed;
        Self { flow, example, goal, outcome, hop: None, first: None, settles: Vec::new(), steps: Vec::new() }
    }

    /// The same, one step further.
    #[must_use]
    pub fn met(mut self, step: &'static str, outcome: Outcome, detail: impl Into<String>) -> Self {
        self.outcome = outcome;
        self.steps.push(Step { step, outcome, detail: detail.into(), place: None });
        self
    }

    /// The same; what the last step said is written there.
    #[must_use]
    pub fn written(mut self, place: Option<Place>) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.place = place;
        }
        self
    }

    /// The same, open. The path shows where: at a step of its own, unless the last one was open already.
    #[must_use]
    pub fn open(mut self, settles: impl Into<String>) -> Self {
        let settles = settles.into();
        let last = self.steps.last();
        if last.is_none_or(|step| step.outcome != Outcome::Undetermined) {
            let step = last.map_or("route", |step| step.step);
            self = self.met(step, Outcome::Undetermined, format!("depends on {settles}"));
        }
        self.outcome = Outcome::Undetermined;
        self.settles.push(settles);
        self
    }

    /// The same, open at a step.
    #[must_use]
    pub fn open_at(self, step: &'static str, settles: impl Into<String>) -> Self {
        let settles = settles.into();
        self.met(step, Outcome::Undetermined, format!("depends on {settles}")).open(settles)
    }

    /// The same, decided there.
    #[must_use]
    pub fn by(self, level: &'static str, place: Option<Place>, priority: Option<u16>) -> Self {
        self.by_hop(Hop { level, place, priority, default_rule: None, settles: Vec::new() })
    }

    /// The same, decided by what Azure adds there of its own.
    #[must_use]
    pub fn by_default(self, level: &'static str, at: Option<Place>, name: &'static str) -> Self {
        self.by_hop(Hop { level, place: at, priority: None, default_rule: Some(name), settles: Vec::new() })
    }

    fn by_hop(mut self, hop: Hop) -> Self {
        self = self.written(hop.place.clone());
        self.first.get_or_insert_with(|| hop.clone());
        self.hop = Some(hop);
        self
    }

    /// The same, where it is not certain that the part has packets: its first step is where it parts from the others.
    fn perhaps(mut self, settles: String) -> Self {
        if let Some(first) = self.steps.first_mut() {
            first.outcome = Outcome::Undetermined;
            first.detail = format!("perhaps {}", first.detail);
        }
        self.hop = self.first.take();
        self.outcome = Outcome::Undetermined;
        self.settles.push(settles);
        self
    }
}

/// A part of the whole at its end.
struct End {
    part: Part,
    /// How it came there; `None` where the groups decided.
    judged: Option<Judged>,
}

/// What becomes of what the groups at a place let through on its way to a resource. `whole` is the flow that was asked.
///
/// What the groups leave open is denied all the same where nothing beyond them lets it through.
pub fn beyond(
    world: &dyn World,
    place: EntityId,
    whole: &Flow,
    groups: Verdict,
    context: &NetworkContext<'_>,
    goal: &Goal,
) -> Path {
    if groups.outcome == Outcome::Denied || groups.parts.is_empty() {
        return Path::of_groups(groups);
    }
    let mut ends = Vec::new();
    for part in groups.parts {
        let go_on = part.outcome != Outcome::Denied;
        let followed = if go_on { follow(world, place, &part, context, goal) } else { Vec::new() };
        let denied = followed.iter().all(|judged| judged.outcome == Outcome::Denied) && !followed.is_empty();
        if part.outcome == Outcome::Allowed || part.outcome == Outcome::Undetermined && denied {
            ends.extend(followed.into_iter().map(|judged| End { part: part.clone(), judged: Some(judged) }));
        } else {
            ends.push(End { part, judged: None });
        }
    }
    path(ends_that_exist(whole, ends, context), groups.settles)
}

/// Ends beside others are certain only where some packet comes to them, wherever service tags lie.
fn ends_that_exist(whole: &Flow, ends: Vec<End>, context: &NetworkContext<'_>) -> Vec<End> {
    let parts: Vec<(Outcome, &Flow)> = ends
        .iter()
        .map(|end| match &end.judged {
            Some(judged) => (judged.outcome, &judged.flow),
            None => (end.part.outcome, &end.part.flow),
        })
        .collect();
    let certain = certain_parts(whole, &parts, context);
    let settled = |(mut end, certain): (End, bool)| {
        let decided = |judged: &Judged| judged.outcome != Outcome::Undetermined;
        if !certain && end.judged.as_ref().is_some_and(decided) {
            end.judged = end.judged.map(|judged| judged.perhaps(where_it_lies(&whole.remote)));
        }
        end
    };
    ends.into_iter().zip(certain).map(settled).collect()
}

/// What tells which of several parts a remote end is in.
fn where_it_lies(remote: &Remote) -> String {
    match remote.whole() {
        host @ Remote::Host { .. } => format!("the addresses of `{host}`, or the service tag that holds them"),
        _ => "Microsoft's service tag file".to_owned(),
    }
}

fn add_new<T: PartialEq>(all: &mut Vec<T>, new: Vec<T>) {
    for one in new {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

/// The whole from its ends.
fn path(ends: Vec<End>, open_groups: Vec<String>) -> Path {
    let at_groups = |end: &End| end.judged.is_none() && end.part.outcome == Outcome::Undetermined;
    let mut settles = if ends.iter().any(at_groups) { open_groups } else { Vec::new() };
    let (mut parts, mut steps) = (Vec::new(), Vec::<Step>::new());
    for End { part, judged } in ends {
        let Some(judged) = judged else {
            parts.push((part, None));
            continue;
        };
        let Judged { flow, example, outcome, hop, settles: open, steps: met, .. } = judged;
        let hop = hop.map(|hop| Hop { settles: open.clone(), ..hop });
        parts.push((Part { outcome, flow, example, ..part }, hop));
        add_new(&mut settles, open);
        add_new(&mut steps, met);
    }
    let outcome = combined(parts.iter().map(|(part, _)| part.outcome));
    in_order(outcome, parts, settles, steps)
}

/// What parts of these outcomes are together.
fn combined(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    Verdict::combine(outcomes.map(|outcome| Verdict { outcome, parts: Vec::new(), settles: Vec::new() })).outcome
}

/// A path with its parts in the order of a verdict, denied, undetermined, allowed, and its steps in that of travel.
fn in_order(outcome: Outcome, mut parts: Vec<(Part, Option<Hop>)>, settles: Vec<String>, mut steps: Vec<Step>) -> Path {
    steps.sort_by_key(Step::rank);
    parts.sort_by_key(|(part, _)| match part.outcome {
        Outcome::Denied | Outcome::Partial => 0,
        Outcome::Undetermined => 1,
        Outcome::Allowed => 2,
    });
    let (parts, hops) = parts.into_iter().unzip();
    Path { verdict: Verdict { outcome, parts, settles }, hops, steps }
}

fn follow(world: &dyn World, place: EntityId, part: &Part, context: &NetworkContext<'_>, goal: &Goal) -> Vec<Judged> {
    let start = Judged::new(part.flow.clone(), part.example.clone(), goal.clone());
    let Some(at) = standing(world, place) else {
        return vec![start.open("the routes around the place, whose declarations the policies lack")];
    };
    let table = match world.routes(at.subnet) {
        AskedRoutes::Known(table) => table,
        AskedRoutes::Open(why) => return vec![start.open(why)],
    };
    match part.flow.direction {
        Direction::Outbound => walk::outwards(world, &at, &table, &start, context),
        Direction::Inbound => Entered { world, place, at: &at, table: &table }.answers(&start, context),
    }
}

/// Decided by a route: where it is written in its table, or by one of Azure's own at the subnet.
fn by_route(world: &dyn World, subnet: EntityId, table: &SubnetTable, route: &DecidingRoute, here: Judged) -> Judged {
    match (route.kind, table.table) {
        (RouteKind::User, Some(id)) => here.by("route", route_place(world, id, &route.name), None),
        _ => here.by_default("route", Some(world.place(subnet)), route.next_hop.azure_name()),
    }
}
