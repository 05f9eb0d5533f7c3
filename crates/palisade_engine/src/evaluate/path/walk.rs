//! Outwards: by the routes of a subnet, to a firewall, out of the network or within it.

use std::net::IpAddr;

use palisade_net::{
    DecidingRoute, Egress, Fate, Flow, NetworkContext, Outcome, RouteKind, RoutePart, RouteVerdict, evaluate_routes,
};

use super::egress::{Standing, egress};
use super::inside::enter;
use super::table::SubnetTable;
use super::{Judged, by_route, firewall, service, target};
use crate::environment::EntityId;
use crate::evaluate::world::World;

/// A subnet from which packets go on, and how far they have come.
pub(super) struct Walk<'a> {
    pub(super) world: &'a dyn World,
    pub(super) subnet: EntityId,
    pub(super) table: &'a SubnetTable,
    /// The firewall that forwards the packets, if they have come to one, and the flow as it started.
    pub(super) forwarded: Option<(IpAddr, &'a Flow)>,
}

/// What becomes of a flow that leaves a place.
///
/// Where nobody says what the place has to leave by, every way out is followed: if all come to the same, it does not matter.
pub fn outwards(
    world: &dyn World,
    from: &Standing,
    table: &SubnetTable,
    start: &Judged,
    context: &NetworkContext<'_>,
) -> Vec<Judged> {
    let walk = Walk { world, subnet: from.subnet, table, forwarded: None };
    let follow = |egress: &Egress| walk.parts(start, &evaluate_routes(&table.compiled, egress, &start.flow, context));
    let mut ways: Vec<Vec<Judged>> = egress(world, from).iter().map(follow).collect();
    let differ = ways.windows(2).any(|pair| matches!(pair, [a, b] if !same_ends(a, b)));
    match ways.pop() {
        Some(last) if !differ => last,
        Some(_) => vec![start.clone().open_at("nat", "`public_ip` of the compute")],
        None => vec![start.clone().open_at("nat", "the ways out of the place")],
    }
}

/// Whether the same becomes of the same parts.
fn same_ends(a: &[Judged], b: &[Judged]) -> bool {
    let ends = |all: &[Judged]| all.iter().map(|one| (one.flow.clone(), one.outcome)).collect::<Vec<_>>();
    all_are(a, Outcome::Allowed) && all_are(b, Outcome::Allowed)
        || all_are(a, Outcome::Denied) && all_are(b, Outcome::Denied)
        || ends(a) == ends(b)
}

fn all_are(all: &[Judged], wanted: Outcome) -> bool {
    all.iter().all(|one| one.outcome == wanted)
}

impl Walk<'_> {
    pub(super) fn parts(&self, before: &Judged, verdict: &RouteVerdict) -> Vec<Judged> {
        if verdict.parts.is_empty() {
            let start = before.clone();
            return vec![verdict.settles.iter().fold(start, |open, why| open.open_at(self.step(), why.clone()))];
        }
        verdict.parts.iter().flat_map(|part| self.part(before, verdict, part)).collect()
    }

    /// What a route is called on the path: a firewall has routes of its own.
    fn step(&self) -> &'static str {
        if self.forwarded.is_some() { "onwards" } else { "route" }
    }

    /// A part goes on by its route. Where several may take it, all of them must lead to the same end.
    fn part(&self, before: &Judged, verdict: &RouteVerdict, part: &RoutePart) -> Vec<Judged> {
        let mut here = before.clone();
        (here.flow, here.example) = (part.flow.clone(), part.example.clone());
        let mut each: Vec<Vec<Judged>> =
            part.ways.iter().map(|way| self.way(here.clone(), &way.route, way.fate)).collect();
        let agree = |wanted| each.iter().all(|way| all_are(way, wanted));
        if each.len() == 1 || agree(Outcome::Allowed) || agree(Outcome::Denied) {
            return each.swap_remove(0);
        }
        vec![self.doubtful(here, verdict, part, &each)]
    }

    /// Several routes that lead to different ends: what tells which one is taken, else what is open on each.
    fn doubtful(&self, here: Judged, verdict: &RouteVerdict, part: &RoutePart, each: &[Vec<Judged>]) -> Judged {
        let names: Vec<String> = part.ways.iter().map(|way| way.route.to_string()).collect();
        let mut here = here.met(self.step(), Outcome::Undetermined, format!("perhaps {}", names.join(", or ")));
        if let Some(way) = part.ways.first() {
            here = by_route(self.world, self.subnet, self.table, &way.route, here);
        }
        let of_fates = |text: &&String| {
            let mut ways = verdict.parts.iter().flat_map(|part| &part.ways);
            !ways.any(|way| way.fate.settles().is_some_and(|fate| fate == **text))
        };
        let mut settles: Vec<String> = verdict.settles.iter().filter(of_fates).cloned().collect();
        if settles.is_empty() {
            settles = each.iter().flatten().flat_map(|judged| judged.settles.clone()).collect();
        }
        settles.dedup();
        settles.into_iter().fold(here, Judged::open)
    }

    fn way(&self, here: Judged, route: &DecidingRoute, fate: Fate) -> Vec<Judged> {
        let outcome = if matches!(fate, Fate::Appliance(_)) { Outcome::Allowed } else { fate.outcome() };
        let at = if self.forwarded.is_some() { "from the firewall by " } else { "" };
        let detail = match fate {
            Fate::Dropped(reason) => format!("{at}{route}: {reason}"),
            _ => format!("{at}{route}"),
        };
        let here = here.met(self.step(), outcome, detail);
        let here = by_route(self.world, self.subnet, self.table, route, here);
        match fate {
            Fate::Dropped(_) => vec![here],
            Fate::Internet(method) => {
                let implicit = if method.is_implicit() { ", which is implicit: nobody asked for it" } else { "" };
                let here = here.met("nat", Outcome::Allowed, format!("leaves by {method}{implicit}"));
                let firewall = self.forwarded.and_then(|(address, _)| firewall::at(self.world, address));
                vec![target::from_internet(self.world, here, self.subnet, method, firewall)]
            }
            Fate::ServiceEndpoint => vec![self.by_service_endpoint(here, &route.name)],
            Fate::Inside if route.kind == RouteKind::Platform => vec![here],
            Fate::Inside | Fate::PrivateEndpoint => self.within_network(here, route),
            Fate::Appliance(address) if self.forwarded.is_none() => self.through(here, address),
            Fate::Appliance(address) => {
                vec![here.open_at("firewall", format!("the rules of the appliance at `{address}`"))]
            }
            _ => vec![here.open(fate.settles().unwrap_or_else(|| "what becomes of it on its route".to_owned()))],
        }
    }

    fn by_service_endpoint(&self, here: Judged, service: &str) -> Judged {
        let here = service::through(self.world, here, self.subnet, service);
        match here.outcome {
            Outcome::Allowed => target::from_subnet(self.world, here, self.subnet),
            _ => here,
        }
    }

    /// Into the network or a peer. What a firewall forwards, a peer must take (fact `net.peer.forwarded`).
    fn within_network(&self, mut here: Judged, route: &DecidingRoute) -> Vec<Judged> {
        if let Some((_, started)) = self.forwarded {
            here.flow.local = started.local.clone();
            let peering = self.table.peering(route).filter(|(peering, _)| !peering.carries_forwarded());
            match peering {
                Some((_, Some(back))) => {
                    let why = format!("peering `{back}` takes no forwarded traffic");
                    return vec![here.met("onwards", Outcome::Denied, why).by("route", Some(back.clone()), None)];
                }
                Some((peering, None)) => {
                    let why = format!("`allow_forwarded_traffic` of the peering back from `{}`", peering.name);
                    return vec![here.open(why)];
                }
                None => {}
            }
        }
        enter(self.world, &here, self.forwarded.map(|(address, _)| address))
    }
}
