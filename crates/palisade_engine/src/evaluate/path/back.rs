//! Into a place: who sends it and by what it comes in, and whether the answers leave by the way that it came.

use std::net::IpAddr;

use palisade_net::{DropReason, Fate, NetworkContext, NextHop, Outcome, RoutePart, evaluate_return_path};

use super::egress::Standing;
use super::fields::{entities, place_of};
use super::table::SubnetTable;
use super::through::Forwarder;
use super::{Judged, by_route, firewall, sender};
use crate::environment::EntityId;
use crate::evaluate::world::World;

/// A place that packets come to.
pub struct Entered<'a> {
    /// The surroundings.
    pub world: &'a dyn World,
    /// The place itself.
    pub place: EntityId,
    /// Where it stands.
    pub at: &'a Standing,
    /// The routes there.
    pub table: &'a SubnetTable,
}

impl Entered<'_> {
    /// What becomes of a flow that the groups let in: a described subnet must send it, and the answers must come back.
    pub fn answers(&self, start: &Judged, context: &NetworkContext<'_>) -> Vec<Judged> {
        let (sent, rest) = sender::split(self.world, start);
        let rest = rest.into_iter().flat_map(|rest| self.not_sent(&rest, context));
        sent.into_iter().flat_map(|(subnet, part)| sender::sent(self.world, subnet, &part)).chain(rest).collect()
    }

    /// From where nothing is described that sends it.
    fn not_sent(&self, start: &Judged, context: &NetworkContext<'_>) -> Vec<Judged> {
        let verdict = evaluate_return_path(&self.table.compiled, &start.flow, context);
        if verdict.parts.is_empty() {
            return vec![verdict.settles.iter().fold(start.clone(), |open, why| open.open_at("answers", why.clone()))];
        }
        let one = |part: &RoutePart| {
            let mut here = start.clone();
            (here.flow, here.example) = (part.flow.clone(), part.example.clone());
            match self.translator(part) {
                Some(firewall) => self.by_translation(&here, part, &firewall),
                None => vec![self.answer(here, part, &verdict.settles)],
            }
        };
        verdict.parts.iter().flat_map(one).collect()
    }

    fn answer(&self, here: Judged, part: &RoutePart, settles: &[String]) -> Judged {
        let reason = match part.fate() {
            Some(Fate::Dropped(reason)) => format!(": {reason}"),
            _ => String::new(),
        };
        let here = self.answered(here, part, &reason, part.outcome);
        match part.outcome {
            Outcome::Denied | Outcome::Partial => here,
            Outcome::Undetermined => settles.iter().fold(here, |open, why| open.open(why.clone())),
            Outcome::Allowed => self.by_public_address(here, part),
        }
    }

    fn answered(&self, here: Judged, part: &RoutePart, reason: &str, outcome: Outcome) -> Judged {
        let names: Vec<String> = part.ways.iter().map(|way| way.route.to_string()).collect();
        let here = here.met("answers", outcome, format!("answers take {}{reason}", names.join(", or ")));
        match part.ways.first() {
            Some(way) => by_route(self.world, self.at.subnet, self.table, &way.route, here),
            None => here,
        }
    }

    /// What comes from public addresses comes to one: its own, a load balancer's, or a firewall's.
    fn by_public_address(&self, here: Judged, part: &RoutePart) -> Judged {
        let public = part.ways.iter().any(|way| way.route.next_hop == NextHop::Internet);
        if !public || self.at.public_ip == Some(true) {
            return here;
        }
        let place = self.world.place(self.place);
        if let Some(balancer) = self.balancer() {
            let balancer = self.world.place(balancer);
            return here.open_at("entry", format!("what `{balancer}` sends on to `{place}`"));
        }
        if let Some(firewall) = self.translates(&here) {
            let firewall = self.world.place(firewall);
            return here.open_at("entry", format!("whether the answers to what `{firewall}` translates go back by it"));
        }
        match self.stated_without() {
            Some(stated) => {
                let why = format!("`{place}` has no public address, and nothing that is described leads to it");
                here.met("entry", Outcome::Denied, why).by("nat", Some(stated), None)
            }
            None => here.open_at("entry", format!("a public address that leads to `{place}`")),
        }
    }

    /// A described firewall that translates some of it, although the answers do not go to it.
    fn translates(&self, here: &Judged) -> Option<EntityId> {
        let record = self.world.bindings().firewalls?.firewall.record;
        let lets_in = |id: &&EntityId| {
            Forwarder::find(self.world, **id).is_ok_and(|firewall| firewall.ask(self.world, &here.flow).any_allowed())
        };
        self.world.every(record).iter().find(lets_in).copied()
    }

    /// Where a compute says that it has no public address of its own.
    fn stated_without(&self) -> Option<crate::place::Place> {
        let compute = self.world.bindings().routing?.compute?;
        let is_compute = self.world.entity(self.place)?.record == compute.record;
        let says_no = is_compute && self.at.public_ip == Some(false);
        let place = self.world.place(self.place);
        says_no.then(|| place_of(self.world, &place, compute.record, compute.public_ip)).flatten()
    }

    /// A load balancer with the place, or an interface of its subnet, behind it.
    fn balancer(&self) -> Option<EntityId> {
        let (routing, interface) = (self.world.bindings().routing?, self.world.bindings().interface?);
        let stands_here = |id: &EntityId| {
            *id == self.place || super::egress::standing(self.world, *id).is_some_and(|at| at.subnet == self.at.subnet)
        };
        let serves = |id: &&EntityId| {
            let Some(view) = self.world.entity(**id) else { return false };
            let balancer = routing.load_balancer;
            let behind = entities(self.world, &view.body, balancer.backends, interface.record);
            !super::fields::items(&view.body, balancer.public_ips).is_empty() && behind.iter().any(stands_here)
        };
        self.world.every(routing.load_balancer.record).iter().find(serves).copied()
    }

    /// The described firewall to which answers to public addresses go: it may have translated the question (fact
    /// `net.fw.dnat`). A place with a public address of its own is asked there.
    fn translator(&self, part: &RoutePart) -> Option<Forwarder> {
        let Some(Fate::Dropped(DropReason::Asymmetric(NextHop::VirtualAppliance(address)))) = part.fate() else {
            return None;
        };
        if self.at.public_ip == Some(true) {
            return None;
        }
        self.described(address)
    }

    fn described(&self, address: IpAddr) -> Option<Forwarder> {
        Forwarder::find(self.world, firewall::at(self.world, address)?).ok()
    }

    /// What the firewall translates comes in, and its answers go back by it.
    fn by_translation(&self, here: &Judged, part: &RoutePart, firewall: &Forwarder) -> Vec<Judged> {
        let verdict = firewall.ask(self.world, &here.flow);
        if verdict.parts.is_empty() {
            let open = |here: Judged, why: &String| here.open_at("entry", why.clone());
            return vec![verdict.settles.iter().fold(here.clone(), open)];
        }
        let one = |decided: &palisade_net::Part| {
            let met = firewall.met(self.world, here, decided, "entry");
            match decided.outcome {
                Outcome::Allowed => self.answered(met, part, ", which translated the question", Outcome::Allowed),
                Outcome::Undetermined => verdict.settles.iter().fold(met, |open, why| open.open(why.clone())),
                Outcome::Denied | Outcome::Partial => met,
            }
        };
        verdict.parts.iter().map(one).collect()
    }
}
