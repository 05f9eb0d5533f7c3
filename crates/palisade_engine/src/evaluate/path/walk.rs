//! Outwards: by the routes of a subnet, out of the network, through a firewall.

use std::net::IpAddr;

use palisade_net::{
    Decider, DecidingRoute, Egress, Fate, FirewallContext, Flow, NetworkContext, Outcome, RouteKind, RoutePart,
    RouteVerdict, evaluate_firewall, evaluate_routes,
};

use super::egress::{Standing, egress, nat_gateway};
use super::fields::{entity, items};
use super::firewall::{AskedFirewall, DescribedFirewall, at};
use super::inside::enter;
use super::table::{AskedRoutes, SubnetTable};
use super::{Judged, others_settle, target, written};
use crate::environment::EntityId;
use crate::evaluate::network;
use crate::evaluate::world::World;

/// A subnet from which packets go on, and how far they have come.
struct Walk<'a> {
    world: &'a dyn World,
    subnet: EntityId,
    table: &'a SubnetTable,
    context: &'a NetworkContext<'a>,
    /// The firewall that forwards the packets, if they have come to one, and the flow as it started.
    forwarded: Option<(IpAddr, &'a Flow)>,
}

/// What becomes of a flow that leaves a place.
pub fn outwards(
    world: &dyn World,
    from: &Standing,
    table: &SubnetTable,
    start: Judged,
    context: &NetworkContext<'_>,
) -> Vec<Judged> {
    let walk = Walk { world, subnet: from.subnet, table, context, forwarded: None };
    let ways = egress(world, from);
    let ask = |egress: &Egress| evaluate_routes(&table.compiled, egress, &start.flow, context);
    let verdicts: Vec<RouteVerdict> = ways.iter().map(ask).collect();
    let outcomes = |verdict: &RouteVerdict| verdict.parts.iter().map(|part| part.outcome).collect::<Vec<_>>();
    match verdicts.as_slice() {
        [] => vec![start.open("the ways out of the place")],
        [first, rest @ ..] if rest.iter().any(|other| outcomes(other) != outcomes(first)) => {
            vec![start.open("`public_ip` of the compute")]
        }
        [first, ..] => walk.parts(&start, first),
    }
}

impl Walk<'_> {
    fn parts(&self, before: &Judged, verdict: &RouteVerdict) -> Vec<Judged> {
        if verdict.parts.is_empty() {
            let start = before.clone();
            return vec![verdict.settles.iter().fold(start, |open, why| open.open(why.clone()))];
        }
        verdict.parts.iter().flat_map(|part| self.part(before, verdict, part)).collect()
    }

    /// A part with one fate goes on; where there are several, all of them must lead to the same end.
    fn part(&self, before: &Judged, verdict: &RouteVerdict, part: &RoutePart) -> Vec<Judged> {
        let mut here = before.clone();
        (here.flow, here.example) = (part.flow.clone(), part.example.clone());
        let each: Vec<Vec<Judged>> = part.ways.iter().map(|way| self.way(here.clone(), &way.route, way.fate)).collect();
        let all_are = |wanted| each.iter().flatten().all(|judged| judged.outcome == wanted);
        let sure = part.exists && (part.ways.len() == 1 || all_are(Outcome::Allowed) || all_are(Outcome::Denied));
        match each.into_iter().next() {
            Some(first) if sure => first,
            _ => vec![self.doubtful(here, verdict, part)],
        }
    }

    fn doubtful(&self, here: Judged, verdict: &RouteVerdict, part: &RoutePart) -> Judged {
        let names: Vec<String> = part.ways.iter().map(|way| way.route.to_string()).collect();
        let here = here.met("route", Outcome::Undetermined, format!("perhaps {}", names.join(", or ")));
        let known: Vec<String> = part.ways.iter().filter_map(|way| way.fate.settles()).collect();
        let mut others = others_settle(&verdict.settles, &known);
        if others.is_empty() {
            others = known;
        }
        let route = part.ways.first().and_then(|way| written(self.world, self.subnet, self.table, &way.route));
        others.into_iter().fold(here, Judged::open).by("route", route, None)
    }

    fn way(&self, here: Judged, route: &DecidingRoute, fate: Fate) -> Vec<Judged> {
        let place = written(self.world, self.subnet, self.table, route);
        let outcome = if matches!(fate, Fate::Appliance(_)) { Outcome::Allowed } else { fate.outcome() };
        let at = if self.forwarded.is_some() { "from the firewall by " } else { "" };
        let detail = match fate {
            Fate::Dropped(reason) => format!("{at}{route}: {reason}"),
            _ => format!("{at}{route}"),
        };
        let here = here.met("route", outcome, detail).by("route", place, None);
        match fate {
            Fate::Dropped(_) => vec![here],
            Fate::Internet(method) => {
                let implicit = if method.is_implicit() { ", which is implicit: nobody asked for it" } else { "" };
                vec![self.arrive(here.met("nat", Outcome::Allowed, format!("leaves by {method}{implicit}")))]
            }
            Fate::ServiceEndpoint => vec![self.by_service_endpoint(here)],
            Fate::Inside if route.kind == RouteKind::Platform => vec![here],
            Fate::Inside | Fate::PrivateEndpoint => self.within_network(here, route),
            Fate::Appliance(address) if self.forwarded.is_none() => self.through(here, address),
            Fate::Appliance(address) => vec![here.open(format!("the rules of the appliance at `{address}`"))],
            _ => vec![here.open(fate.settles().unwrap_or_else(|| "what becomes of it on its route".to_owned()))],
        }
    }

    fn arrive(&self, here: Judged) -> Judged {
        match target::open(self.world, &here.flow.remote) {
            Some(why) => here.met("target", Outcome::Undetermined, why.clone()).open(why),
            None => here,
        }
    }

    fn by_service_endpoint(&self, here: Judged) -> Judged {
        let policies = self.world.bindings().routing.map(|routing| routing.subnet.service_endpoint_policies);
        let view = self.world.entity(self.subnet);
        let limited = view.is_some_and(|view| !items(&view.body, policies.flatten()).is_empty());
        let here = here.met("endpoint", Outcome::Allowed, "goes straight to the service");
        if limited {
            let subnet = self.world.place(self.subnet);
            return here.open(format!("the service endpoint policies of `{subnet}`, which are not judged yet"));
        }
        self.arrive(here)
    }

    /// Into the network or a peer. What a firewall forwards, a peer must take (fact `net.peer.forwarded`).
    fn within_network(&self, mut here: Judged, route: &DecidingRoute) -> Vec<Judged> {
        if let Some((_, started)) = self.forwarded {
            here.flow.local = started.local.clone();
            let peering = self.table.routes.peerings.get(route.index).filter(|_| route.kind == RouteKind::Peering);
            if let Some(peering) = peering.filter(|peering| !peering.carries_forwarded()) {
                let why = format!("`allow_forwarded_traffic` of the peering back from `{}`", peering.name);
                return vec![here.open(why)];
            }
        }
        enter(self.world, &here, self.forwarded.map(|(address, _)| address))
    }

    /// Through the appliance at an address, if it is a described firewall.
    fn through(&self, here: Judged, address: IpAddr) -> Vec<Judged> {
        let Some(id) = at(self.world, address) else {
            return vec![here.open(format!("the rules of the appliance at `{address}`"))];
        };
        let routes = &self.table.routes;
        let peers = routes.peerings.iter().filter(|peering| peering.carries()).flat_map(|peering| &peering.prefixes);
        if !routes.address_space.iter().chain(peers).any(|cidr| palisade_net::IpSet::from(*cidr).contains(address)) {
            let place = self.world.place(id);
            return vec![here.open(format!("a peering with the network of `{place}`, to which the route sends it"))];
        }
        match self.world.firewall(id) {
            AskedFirewall::Open(why) => vec![here.open(why)],
            AskedFirewall::Known(firewall) => self.ask_firewall(&here, id, &firewall),
        }
    }

    fn ask_firewall(&self, here: &Judged, id: EntityId, firewall: &DescribedFirewall) -> Vec<Judged> {
        let context = FirewallContext::new(self.context);
        let verdict = evaluate_firewall(&firewall.compiled, &here.flow, &context);
        let place = self.world.place(id);
        if verdict.parts.is_empty() {
            return vec![verdict.settles.iter().fold(here.clone(), |open, why| open.open(why.clone()))];
        }
        let one = |part: &palisade_net::Part| {
            let (rule, priority, by) = match part.decided_by {
                Decider::FirewallRule(id) => match firewall.rule(self.world, id) {
                    Some((rule, priority)) => (rule.clone(), Some(priority), format!("`{rule}`")),
                    None => (place.clone(), None, "a rule".to_owned()),
                },
                Decider::FirewallInfrastructure => (place.clone(), None, "its infrastructure collection".to_owned()),
                _ => (place.clone(), None, "no rule lets it pass".to_owned()),
            };
            let mut judged = here.clone();
            (judged.flow, judged.example) = (part.flow.clone(), part.example.clone());
            let judged =
                judged.met("firewall", part.outcome, format!("`{place}`: {by}")).by("firewall", Some(rule), priority);
            match part.outcome {
                Outcome::Allowed => self.onwards(judged, id),
                Outcome::Undetermined => {
                    vec![verdict.settles.iter().fold(judged, |open, why| open.open(why.clone()))]
                }
                Outcome::Denied | Outcome::Partial => vec![judged],
            }
        };
        verdict.parts.iter().flat_map(one).collect()
    }

    /// From the firewall on, by the routes of its own subnet.
    fn onwards(&self, here: Judged, firewall: EntityId) -> Vec<Judged> {
        let place = self.world.place(firewall);
        let Some((subnet, egress, address)) = self.behind(firewall) else {
            return vec![here.open(format!("the subnet of `{place}`"))];
        };
        let table = match self.world.routes(subnet) {
            AskedRoutes::Known(table) => table,
            AskedRoutes::Open(why) => return vec![here.open(why)],
        };
        let Ok(asked) = network::asked_place(self.world, subnet) else {
            return vec![here.open(format!("the subnet of `{place}`"))];
        };
        let context = network::context(self.world, &asked);
        let started = here.flow.clone();
        let flow = Flow { local: address.into(), ..here.flow.clone() };
        let verdict = evaluate_routes(&table.compiled, &egress, &flow, &context);
        let walk =
            Walk { world: self.world, subnet, table: &table, context: &context, forwarded: Some((address, &started)) };
        let by = here.hop.clone();
        let restored = |mut judged: Judged| {
            judged.flow.local = started.local.clone();
            judged.example.local = here.example.local;
            // What let it pass is the firewall's rule; what stops it later is told by itself.
            if judged.outcome == Outcome::Allowed {
                judged.hop.clone_from(&by);
            }
            judged
        };
        walk.parts(&here, &verdict).into_iter().map(restored).collect()
    }

    /// The firewall's subnet, its way out, and its address.
    fn behind(&self, firewall: EntityId) -> Option<(EntityId, Egress, IpAddr)> {
        let bindings = self.world.bindings();
        let (routing, binding) = (bindings.routing?, bindings.firewalls?.firewall);
        let view = self.world.entity(firewall)?;
        let subnet = entity(self.world, &view.body, binding.subnet, routing.subnet.record)?;
        let public_ip = !items(&view.body, binding.public_ips).is_empty();
        let nat_gateway = nat_gateway(self.world, &routing, &self.world.entity(subnet)?);
        let address = super::fields::ip(&view.body, binding.private_address)?;
        Some((subnet, Egress { public_ip, nat_gateway, ..Egress::default() }, address))
    }
}
