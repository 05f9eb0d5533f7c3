//! Asks the routes of a subnet about a flow, and puts the answer into words.

use super::cells::{Cell, Splitter};
use super::compile::{CompiledRoutes, Target};
use super::egress::Egress;
use super::fate::{DecidingRoute, Fate, Purpose};
use crate::atom_set::AtomSet;
use crate::atoms::TagId;
use crate::builtin::BuiltinTag;
use crate::certainty::{Asked, each_unavoidable, unavoidable};
use crate::context::NetworkContext;
use crate::describe::{self, Words};
use crate::evaluate::is_host;
use crate::flow::{Flow, Packet};
use crate::protocols::Direction;
use crate::space::{Piece, World};
use crate::tag::ServiceTag;
use crate::verdict::Outcome;

/// What becomes of a flow by its routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteVerdict {
    /// The whole, as far as routes decide: what an appliance or the on-premises network gets is undetermined.
    pub outcome: Outcome,
    /// Disjoint parts that make up the flow: denied ones first, then undetermined, then allowed ones.
    pub parts: Vec<RoutePart>,
    /// What would settle an undetermined part, in words; empty if there is none.
    pub settles: Vec<String>,
}

/// A part of a flow that the same routes take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutePart {
    /// `Allowed`, `Denied`, or `Undetermined`: it may have no packet, its ways lead to different ends, or others judge it.
    pub outcome: Outcome,
    /// Whether the part, or the parts of the same fate together, have a packet wherever service tags lie.
    pub exists: bool,
    /// The part, as a flow that can be asked again.
    pub flow: Flow,
    /// The routes that may take it, one if that is known, and what becomes of it on each.
    pub ways: Vec<Way>,
    /// One packet of the part.
    pub example: Packet,
}

/// A route and what becomes of packets on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Way {
    /// The route.
    pub route: DecidingRoute,
    /// What becomes of the packets.
    pub fate: Fate,
}

impl RoutePart {
    /// The one fate of the part, if all its ways lead to it.
    pub fn fate(&self) -> Option<Fate> {
        let (first, rest) = self.ways.split_first()?;
        rest.iter().all(|way| way.fate == first.fate).then_some(first.fate)
    }

    /// The one route that takes the part, if that is known.
    pub fn decided_by(&self) -> Option<&DecidingRoute> {
        match self.ways.as_slice() {
            [way] => Some(&way.route),
            _ => None,
        }
    }
}

impl RouteVerdict {
    fn open(settles: impl Into<String>) -> Self {
        Self { outcome: Outcome::Undetermined, parts: Vec::new(), settles: vec![settles.into()] }
    }
}

/// Where the routes of a subnet send an outbound `flow`, and how it leaves from a place with this `egress`.
///
/// Routes come after groups (fact `net.nsg.then-udr`): ask for what groups allow.
pub fn evaluate_routes(
    routes: &CompiledRoutes,
    egress: &Egress,
    flow: &Flow,
    ctx: &NetworkContext<'_>,
) -> RouteVerdict {
    if flow.direction != Direction::Outbound {
        return RouteVerdict::open("an outbound flow: routes are for packets that leave");
    }
    Question { routes, flow, ctx, purpose: Purpose::Send(egress) }.answer().unwrap_or_else(RouteVerdict::open)
}

/// Where the routes of a subnet send the answers to an inbound `flow` that came to a public address or a load balancer, or
/// from inside (facts `net.rt.asymmetric-44224`, `x.fw.udr.public-ip`).
///
/// Answers to public addresses that leave by an appliance or a gateway do not come from where the question went, and are
/// lost. The parts are parts of `flow`.
pub fn evaluate_return_path(routes: &CompiledRoutes, flow: &Flow, ctx: &NetworkContext<'_>) -> RouteVerdict {
    if flow.direction != Direction::Inbound {
        return RouteVerdict::open("an inbound flow: answers are to packets that came in");
    }
    Question { routes, flow, ctx, purpose: Purpose::Answer }.answer().unwrap_or_else(RouteVerdict::open)
}

struct Question<'a> {
    routes: &'a CompiledRoutes,
    flow: &'a Flow,
    ctx: &'a NetworkContext<'a>,
    purpose: Purpose<'a>,
}

impl Question<'_> {
    fn answer(&self) -> Result<RouteVerdict, String> {
        if self.routes.fingerprint() != self.ctx.catalogue.atoms().fingerprint() {
            return Err("routes compiled with the catalogue of service tags that the question uses".to_owned());
        }
        let world = World::new(self.ctx, &[]);
        let question = world.pieces(self.flow)?;
        if question.is_empty() {
            let what = "a question with packets: the flow has no protocol, port or address of one family at both ends";
            return Err(what.to_owned());
        }
        let free = self.free(&world)?;
        let splitter = Splitter { world: &world, table: self.routes, purpose: self.purpose, free: &free };
        let cells = splitter.split(question.clone())?;
        let asked = if is_host(&self.flow.remote) { Asked::SomeHost(&question) } else { Asked::Everything };
        Ok(self.verdict(&cells, &world, &asked))
    }

    /// The tags that are reached without egress.
    fn free(&self, world: &World<'_>) -> Result<Vec<TagId>, String> {
        let Purpose::Send(egress) = self.purpose else { return Ok(Vec::new()) };
        let missing = |tag: &ServiceTag| format!("a catalogue of service tags that lists `{tag}`");
        egress.reached_without.iter().map(|tag| world.atoms.id(tag).ok_or_else(|| missing(tag))).collect()
    }

    fn verdict(&self, cells: &[Cell], world: &World<'_>, asked: &Asked<'_>) -> RouteVerdict {
        let words = Words::new(self.tags(world));
        let exists = exists(cells, world, asked);
        let mut parts = Vec::with_capacity(cells.len());
        let mut settles = Vec::new();
        for (cell, exists) in cells.iter().zip(exists) {
            for text in self.settles(cell, exists, world, asked) {
                if !settles.contains(&text) {
                    settles.push(text);
                }
            }
            parts.extend(self.part(cell, exists, world, &words));
        }
        parts.sort_by_key(|part| match part.outcome {
            Outcome::Denied | Outcome::Partial => 0,
            Outcome::Undetermined => 1,
            Outcome::Allowed => 2,
        });
        RouteVerdict { outcome: outcome(cells, world, asked), parts, settles }
    }

    fn part(&self, cell: &Cell, exists: bool, world: &World<'_>, words: &Words<'_>) -> Option<RoutePart> {
        let flow = describe::flow_of(&cell.piece, self.flow, world, words);
        let example = describe::example(&flow, &cell.piece, world)?;
        let routes = cell.choice.routes.iter().filter_map(|i| self.routes.routes.get(*i));
        let ways = routes.zip(&cell.fates).map(|(route, fate)| Way { route: route.about.clone(), fate: *fate });
        let outcome = if exists { class(cell) } else { Outcome::Undetermined };
        Some(RoutePart { outcome, exists, flow, ways: ways.collect(), example })
    }

    /// What would settle a box, if something is open about it.
    fn settles(&self, cell: &Cell, exists: bool, world: &World<'_>, asked: &Asked<'_>) -> Vec<String> {
        let known = world.prefixes.is_some();
        let mut texts: Vec<String> = cell.fates.iter().filter_map(|fate| fate.settles()).collect();
        let differ = cell.fates.iter().any(|fate| Some(fate) != cell.fates.first());
        if differ && cell.choice.system {
            texts.push("the effective routes of an interface in the subnet".to_owned());
        }
        match asked {
            Asked::SomeHost(_) if !exists => {
                texts.push(format!(
                    "the addresses of `{}`, or the service tag that holds them",
                    self.flow.remote.whole()
                ));
            }
            _ if differ && cell.choice.lengths && known => {
                texts.push("the prefixes of the service tags as Microsoft's file writes them".to_owned());
            }
            _ if !exists || differ && cell.choice.lengths => texts.push("Microsoft's service tag file".to_owned()),
            _ => {}
        }
        texts
    }

    /// The tags that the routes name, those that need no egress, and `Internet`.
    fn tags<'w>(&self, world: &'w World<'_>) -> impl Iterator<Item = &'w (ServiceTag, AtomSet)> {
        let free = match self.purpose {
            Purpose::Send(egress) => egress.reached_without.as_slice(),
            Purpose::Answer => &[],
        };
        let internet = ServiceTag::new(BuiltinTag::Internet.name(), None);
        let routes = self.routes.routes.iter().filter_map(|route| match route.target {
            Target::Tag { id, .. } => Some(id),
            Target::Net { .. } => None,
        });
        let others = free.iter().chain([&internet]).filter_map(|tag| world.atoms.id(tag));
        routes.chain(others).collect::<Vec<_>>().into_iter().filter_map(|id| world.atoms.get(id))
    }
}

/// What is certain of a box that has packets.
fn class(cell: &Cell) -> Outcome {
    let mut outcomes = cell.fates.iter().map(|fate| fate.outcome());
    let first = outcomes.next().unwrap_or(Outcome::Undetermined);
    if outcomes.all(|outcome| outcome == first) { first } else { Outcome::Undetermined }
}

/// Whether boxes tell of the same end: allowed, denied, or the same open fates.
fn alike(a: &Cell, b: &Cell) -> bool {
    class(a) == class(b) && (class(a) != Outcome::Undetermined || a.fates == b.fates)
}

/// Which boxes have a packet in every model, alone or, where none has one alone, together with those of the same end.
fn exists(cells: &[Cell], world: &World<'_>, asked: &Asked<'_>) -> Vec<bool> {
    let mut ends: Vec<Vec<usize>> = Vec::new();
    for (i, cell) in cells.iter().enumerate() {
        let of_end =
            ends.iter_mut().find(|end| end.first().and_then(|i| cells.get(*i)).is_some_and(|c| alike(c, cell)));
        match of_end {
            Some(end) => end.push(i),
            None => ends.push(vec![i]),
        }
    }
    let mut exists = vec![ends.len() <= 1; cells.len()];
    if ends.len() <= 1 {
        return exists;
    }
    for end in ends {
        let of_end: Vec<&Piece> = end.iter().filter_map(|i| cells.get(*i)).map(|cell| &cell.piece).collect();
        for (i, sure) in end.iter().zip(each_unavoidable(&of_end, world, asked)) {
            if let Some(exists) = exists.get_mut(*i) {
                *exists = sure;
            }
        }
    }
    exists
}

fn outcome(cells: &[Cell], world: &World<'_>, asked: &Asked<'_>) -> Outcome {
    let of = |wanted: Outcome| cells.iter().filter(move |cell| class(cell) == wanted).map(|cell| &cell.piece);
    let has = |wanted| of(wanted).next().is_some();
    let sure = |wanted| unavoidable(of(wanted), world, asked);
    match (has(Outcome::Allowed), has(Outcome::Denied), has(Outcome::Undetermined)) {
        (true, false, false) => Outcome::Allowed,
        (false, true, false) => Outcome::Denied,
        (true, true, _) if sure(Outcome::Allowed) && sure(Outcome::Denied) => Outcome::Partial,
        _ => Outcome::Undetermined,
    }
}
