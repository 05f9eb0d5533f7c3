//! From verdicts to evidence: which rule decided which part of which flow, and one packet that shows it.

use palisade_net::{Decider, Outcome, Packet, Part as VerdictPart, Remote};

use super::outcome::RawFlow;
use super::path::Hop;
use super::traffic::{FlowVerdict, TrafficVerdict};
use super::world::World;
use crate::data::Data;
use crate::environment::EntityId;
use crate::place::{Place, Segment};

/// The parts of all flows, in the order of how much they say: what failed first.
pub fn raw_flows(world: &dyn World, verdict: &TrafficVerdict, failed: impl Fn(Outcome) -> bool) -> Vec<RawFlow> {
    let mut all: Vec<RawFlow> = verdict.flows.iter().flat_map(|flow| flow_parts(world, flow)).collect();
    all.sort_by_key(|flow| match flow.outcome {
        outcome if failed(outcome) => 0,
        Outcome::Undetermined => 1,
        _ => 2,
    });
    all
}

/// The parts of one flow.
pub fn flow_parts(world: &dyn World, flow: &FlowVerdict) -> Vec<RawFlow> {
    if flow.verdict.parts.is_empty() {
        return vec![whole(flow)];
    }
    let hops = flow.hops.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    flow.verdict.parts.iter().zip(hops).map(|(part, hop)| raw_part(world, flow, part, hop)).collect()
}

fn whole(flow: &FlowVerdict) -> RawFlow {
    RawFlow {
        flow: flow.spec.to_string(),
        outcome: flow.verdict.outcome,
        level: None,
        decided_by: None,
        default_rule: None,
        priority: None,
        example: None,
        settles: flow.verdict.settles.clone(),
        line: flow.spec.line.clone(),
    }
}

fn raw_part(world: &dyn World, flow: &FlowVerdict, part: &VerdictPart, hop: Option<&Hop>) -> RawFlow {
    let open = part.outcome == Outcome::Undetermined;
    let at_groups = RawFlow {
        flow: part.flow.to_string(),
        outcome: part.outcome,
        level: None,
        decided_by: None,
        default_rule: None,
        priority: part.priority(),
        example: Some(packet(&part.example)),
        settles: if open { flow.verdict.settles.clone() } else { Vec::new() },
        line: flow.spec.line.clone(),
    };
    match hop {
        Some(hop) => beyond_groups(at_groups, hop),
        None => by_group(world, flow, &part.decided_by, at_groups),
    }
}

/// A part that a group decided, or an admin rule.
fn by_group(world: &dyn World, flow: &FlowVerdict, decider: &Decider, part: RawFlow) -> RawFlow {
    let group = decider.level_index().and_then(|at| flow.levels.get(at).and_then(|level| level.group));
    let level = decider.level().map(|level| match level {
        palisade_net::LevelKind::Admin => "admin",
        palisade_net::LevelKind::Interface => "interface",
        _ => "subnet",
    });
    let default_rule = match decider {
        Decider::Default { name, .. } => Some((*name, group.map(|id| world.place(id)))),
        _ => None,
    };
    let decided_by = group.and_then(|group| decider_place(world, group, decider));
    RawFlow { level, decided_by, default_rule, ..part }
}

/// A part that was decided on the way.
fn beyond_groups(part: RawFlow, hop: &Hop) -> RawFlow {
    let default_rule = hop.default_rule.map(|name| (name, hop.place.clone()));
    RawFlow {
        level: Some(hop.level),
        decided_by: hop.place.clone().filter(|_| default_rule.is_none()),
        default_rule,
        priority: hop.priority,
        settles: hop.settles.clone(),
        ..part
    }
}

/// The place of the rule of a group, or of the admin rules of a network, that decided.
pub fn decider_place(world: &dyn World, group: EntityId, decider: &Decider) -> Option<Place> {
    match decider {
        Decider::Rule { rule, .. } => rule_place(world, group, *rule),
        Decider::Admin { rule, .. } => admin_place(world, group, *rule),
        _ => None,
    }
}

/// The place of an admin rule among those of its network.
fn admin_place(world: &dyn World, network: EntityId, rule: usize) -> Option<Place> {
    Some(world.place(*world.admin(network)?.rules.get(rule)?))
}

/// The place of a rule in its group.
pub fn rule_place(world: &dyn World, group: EntityId, rule: usize) -> Option<Place> {
    let binding = world.bindings().group?;
    let view = world.entity(group)?;
    let Data::List(rules) = view.body.get(binding.rules)? else { return None };
    let Data::Record(fields) = rules.get(rule)? else { return None };
    let Data::Text(name) = fields.get(binding.rule.name)? else { return None };
    let field = world.schema().record(binding.record)?.fields.get(binding.rules)?;
    Some(world.place(group).child(Segment::Key(field.name.clone())).child(Segment::Named(name.clone())))
}

/// Protocol, local end and remote end of a packet, in words.
pub fn packet(packet: &Packet) -> (String, String, String) {
    let end = |address: String, port: Option<u16>| match port {
        Some(port) if address.contains(':') => format!("[{address}]:{port}"),
        Some(port) => format!("{address}:{port}"),
        None => address,
    };
    let remote = match (&packet.remote, packet.remote_ip()) {
        (_, Some(address)) => end(address.to_string(), packet.remote_port),
        (Remote::Ips(ips), None) => end(ips.to_string(), packet.remote_port),
        (other, None) => match packet.remote_port {
            Some(port) => format!("{other}:{port}"),
            None => other.to_string(),
        },
    };
    (packet.protocol.to_string(), end(packet.local.to_string(), packet.local_port), remote)
}
