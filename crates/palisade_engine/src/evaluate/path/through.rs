//! Through the firewall to which a route sends packets: its rules, then on by the routes of its own subnet.

use std::net::IpAddr;
use std::sync::Arc;

use palisade_net::{
    Decider, Egress, FirewallContext, Flow, IpSet, Outcome, Part, Verdict, evaluate_firewall, evaluate_routes,
};

use super::egress::nat_gateway;
use super::fields::{ip, items};
use super::firewall::{AskedFirewall, DescribedFirewall};
use super::table::{AskedRoutes, SubnetTable};
use super::walk::Walk;
use super::{Judged, firewall};
use crate::environment::EntityId;
use crate::evaluate::network::{self, AskedPlace};
use crate::evaluate::world::World;

/// A firewall and where it stands.
pub(super) struct Forwarder {
    id: EntityId,
    address: IpAddr,
    rules: Arc<DescribedFirewall>,
    subnet: EntityId,
    table: Arc<SubnetTable>,
    asked: AskedPlace,
    egress: Egress,
}

impl Forwarder {
    /// The firewall with everything that it takes to ask it; what is open if something is.
    pub(super) fn find(world: &dyn World, id: EntityId) -> Result<Self, String> {
        let place = world.place(id);
        let rules = match world.firewall(id) {
            AskedFirewall::Known(rules) => rules,
            AskedFirewall::Open(why) => return Err(why),
        };
        let (subnet, address, egress) = stands(world, id).ok_or_else(|| format!("the subnet of `{place}`"))?;
        let table = match world.routes(subnet) {
            AskedRoutes::Known(table) => table,
            AskedRoutes::Open(why) => return Err(why),
        };
        let asked = network::asked_place(world, subnet).map_err(|_| format!("the subnet of `{place}`"))?;
        Ok(Self { id, address, rules, subnet, table, asked, egress })
    }

    /// What its rules say, seen from its own network.
    pub(super) fn ask(&self, world: &dyn World, flow: &Flow) -> Verdict {
        let network = network::context(world, &self.asked);
        evaluate_firewall(&self.rules.compiled, flow, &FirewallContext::new(&network))
    }

    /// What its rules make of a part of what came to it, at that step of the path.
    pub(super) fn met(&self, world: &dyn World, here: &Judged, part: &Part, step: &'static str) -> Judged {
        let place = world.place(self.id);
        let mut judged = here.clone();
        (judged.flow, judged.example) = (part.flow.clone(), part.example.clone());
        let rule = match part.decided_by {
            Decider::FirewallRule(id) => self.rules.rule(world, id),
            _ => None,
        };
        match (rule, &part.decided_by) {
            (Some((rule, priority)), _) => judged
                .met(step, part.outcome, format!("`{place}`: `{rule}`{}", self.beside(part.outcome)))
                .by("firewall", Some(rule), Some(priority)),
            (None, Decider::FirewallInfrastructure) => judged
                .met(step, part.outcome, format!("`{place}`: its infrastructure collection"))
                .by("firewall", Some(place), None),
            (None, Decider::FirewallNoTranslation) => judged
                .met(step, part.outcome, format!("`{place}`: no rule translates it"))
                .by_default("firewall", Some(place), DEFAULT_ACTION),
            (None, _) => judged
                .met(step, part.outcome, format!("`{place}`: no rule lets it pass{}", self.beside(part.outcome)))
                .by_default("firewall", Some(place), DEFAULT_ACTION),
        }
    }

    /// What stands beside its rules and is not judged: hostile addresses and names before them, Azure's own hosts after
    /// them (facts `net.fw.threat-intel`, `net.fw.infra`).
    fn beside(&self, outcome: Outcome) -> String {
        let notes = self.rules.compiled.notes();
        let (before, after) = (notes.threat_intelligence, notes.infrastructure);
        let told = match outcome {
            Outcome::Allowed => before,
            Outcome::Denied => after,
            Outcome::Partial | Outcome::Undetermined => None,
        };
        told.map(|note| format!(" ({note})")).unwrap_or_default()
    }
}

/// What Azure's logs call a firewall's refusal without a rule (fact `net.fw.default-deny`).
const DEFAULT_ACTION: &str = "Default Action";

/// A firewall's subnet, its address, and its way out.
fn stands(world: &dyn World, id: EntityId) -> Option<(EntityId, IpAddr, Egress)> {
    let bindings = world.bindings();
    let (routing, binding) = (bindings.routing?, bindings.firewalls?.firewall);
    let view = world.entity(id)?;
    let subnet = firewall::subnet(world, &view)?;
    let public_ip = !items(&view.body, binding.public_ips).is_empty();
    let nat_gateway = nat_gateway(world, &routing, &world.entity(subnet)?);
    let address = ip(&view.body, binding.private_address)?;
    Some((subnet, address, Egress { public_ip, nat_gateway, ..Egress::default() }))
}

impl Walk<'_> {
    /// Through the appliance at an address, if it is a described firewall that can be reached.
    pub(super) fn through(&self, here: Judged, address: IpAddr) -> Vec<Judged> {
        let Some(id) = firewall::at(self.world, address) else {
            return vec![here.open_at("firewall", format!("the rules of the appliance at `{address}`"))];
        };
        let routes = &self.table.routes;
        let peers = routes.peerings.iter().filter(|peering| peering.carries()).flat_map(|peering| &peering.prefixes);
        if !routes.address_space.iter().chain(peers).any(|cidr| IpSet::from(*cidr).contains(address)) {
            let place = self.world.place(id);
            return vec![here.open(format!("a peering with the network of `{place}`, to which the route sends it"))];
        }
        match Forwarder::find(self.world, id) {
            Ok(firewall) => self.ask_firewall(&here, &firewall),
            Err(why) => vec![here.open_at("firewall", why)],
        }
    }

    fn ask_firewall(&self, here: &Judged, firewall: &Forwarder) -> Vec<Judged> {
        let verdict = firewall.ask(self.world, &here.flow);
        if verdict.parts.is_empty() {
            let open = |here: Judged, why: &String| here.open_at("firewall", why.clone());
            return vec![verdict.settles.iter().fold(here.clone(), open)];
        }
        let one =
            |part: &Part| {
                let judged = firewall.met(self.world, here, part, "firewall");
                match part.outcome {
                    Outcome::Allowed => self.onwards(&judged, firewall),
                    Outcome::Undetermined => verdict.settles.iter().cloned().fold(vec![judged], |all, why| {
                        all.into_iter().map(|judged| judged.open(why.clone())).collect()
                    }),
                    Outcome::Denied | Outcome::Partial => vec![judged],
                }
            };
        verdict.parts.iter().flat_map(one).collect()
    }

    /// From the firewall on, by the routes of its own subnet.
    fn onwards(&self, here: &Judged, firewall: &Forwarder) -> Vec<Judged> {
        let context = network::context(self.world, &firewall.asked);
        let started = here.flow.clone();
        let flow = Flow { local: firewall.address.into(), ..started.clone() };
        let verdict = evaluate_routes(&firewall.table.compiled, &firewall.egress, &flow, &context);
        let forwarded = Some((firewall.address, &started));
        let walk = Walk { world: self.world, subnet: firewall.subnet, table: &firewall.table, forwarded };
        let restored = |mut judged: Judged| {
            judged.flow.local = started.local.clone();
            judged.example.local = here.example.local;
            // What let it pass is the firewall's rule; what stops it later is told by itself.
            if judged.outcome == Outcome::Allowed {
                judged.hop.clone_from(&here.hop);
            }
            judged
        };
        walk.parts(here, &verdict).into_iter().map(restored).collect()
    }
}
