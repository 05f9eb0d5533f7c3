//! Questions over a whole group, for rules of the language: which of its rules match nothing, what a place allows beyond
//! what is required, which ports it exposes.
//!
//! `palisade_net` answers them for one group among the addresses around it; here the group is put where it stands. What is
//! not certain becomes an unknown value that says what would settle it.

use std::sync::Arc;

use palisade_net::{AdminRules, CompiledGroup, Direction, Flow, LevelKind, Outcome, PortSet, Shadowed, Unanswered};
use palisade_syntax::ast::VerdictQuery;
use smol_str::SmolStr;

use super::network::{AskedGroup, AskedPlace, asked_place, context, standing};
use super::print::{entity_name, show};
use super::read::entity_field;
use super::traffic::FlowSpec;
use super::value::{Defect, Traced, Unknown, Value};
use super::verdict::judge;
use super::world::World;
use crate::data::Data;
use crate::environment::EntityId;

/// What leaves the addresses of a rule open.
const UNKNOWN_ADDRESSES: &str = "where service tags lie (Microsoft's service tag file), who is a member of application \
    security groups, or which prefixes `VirtualNetwork` has";

/// An answer, or why there is none yet.
pub type Answer = Result<Value, Unknown>;

/// By the name of each rule of a group that matches nothing wherever the group stands: the rules that match all of it
/// before. An interface whose address is not stated counts as any address of its subnet.
pub fn shadowed_rules(world: &dyn World, group: EntityId) -> Result<Answer, Defect> {
    let rules = match rules(world, group)? {
        Ok(rules) => rules,
        Err(unknown) => return Ok(Err(unknown)),
    };
    Ok(shadowed_everywhere(world, group).map(|all| {
        let entry = |found: &Shadowed| {
            let rule = rules.get(found.rule)?;
            let by: Arc<[Traced]> = found.by.iter().filter_map(|place| rules.get(*place).cloned()).collect();
            let value = if found.certain { Value::List(by) } else { Value::Unknown(depends(world, &by)) };
            Some((SmolStr::from(show(world, rule)), Traced { value, origin: rule.origin.clone() }))
        };
        Value::Map(all.iter().filter_map(entry).collect())
    }))
}

/// The rules of a group, in the order in which they are compiled.
fn rules(world: &dyn World, group: EntityId) -> Result<Result<Arc<[Traced]>, Unknown>, Defect> {
    let (Some(view), Some(binding)) = (world.entity(group), world.bindings().group) else {
        return Err(Defect::new("a group that the environment does not describe was asked"));
    };
    let field = u32::try_from(binding.rules).unwrap_or(u32::MAX);
    match entity_field(world, group, &view, field)?.value {
        Value::List(rules) => Ok(Ok(rules)),
        _ => Ok(Err(Unknown::because(format!("the rules of `{}`", entity_name(world, group)), None))),
    }
}

fn depends(world: &dyn World, by: &[Traced]) -> Unknown {
    let by: Vec<String> = by.iter().map(|rule| format!("`{}`", show(world, rule))).collect();
    Unknown::because(format!("what is left of it after {}: {UNKNOWN_ADDRESSES}", by.join(", ")), None)
}

/// The rules that match nothing at any place where the group stands.
fn shadowed_everywhere(world: &dyn World, group: EntityId) -> Result<Vec<Shadowed>, Unknown> {
    let compiled = compiled(world.group(group))?;
    let mut all: Option<Vec<Shadowed>> = None;
    for place in places_of(world, group) {
        let asked = asked_place(world, place)?;
        let here =
            palisade_net::shadowed_rules(&compiled, &asked.local, &context(world, &asked)).map_err(unanswered)?;
        all = Some(match all {
            None => here,
            Some(before) => before.into_iter().filter_map(|found| both(found, &here)).collect(),
        });
    }
    all.ok_or_else(|| {
        let name = entity_name(world, group);
        Unknown::because(format!("a subnet or interface at which `{name}` stands"), Some(world.place(group)))
    })
}

fn both(found: Shadowed, here: &[Shadowed]) -> Option<Shadowed> {
    let other = here.iter().find(|other| other.rule == found.rule)?;
    let mut by = [found.by, other.by.clone()].concat();
    by.sort_unstable();
    by.dedup();
    Some(Shadowed { rule: found.rule, by, certain: found.certain && other.certain })
}

/// The subnets and interfaces at which a group stands.
fn places_of(world: &dyn World, group: EntityId) -> Vec<EntityId> {
    let bindings = world.bindings();
    let subnet = bindings.subnet.as_ref().map(|binding| (binding.record, binding.network_security_group));
    let interface = bindings.interface.as_ref().map(|binding| (binding.record, binding.network_security_group));
    let referrers = |(record, field): (_, usize)| {
        let field = u32::try_from(field).unwrap_or(u32::MAX);
        world.referrers(record, field, group).to_vec()
    };
    subnet.into_iter().chain(interface).flat_map(referrers).collect()
}

/// What a place certainly allows in a direction beyond what is required, in few flows that may overlap. Unknown if nothing
/// is certain to be beyond it and something may be.
pub fn excess(world: &dyn World, place: EntityId, direction: Direction, required: &[FlowSpec]) -> Answer {
    let asked = asked_place(world, place)?;
    let (certain, possible) = beyond(world, &asked, direction, required)?;
    if asked.levels.len() < 2 {
        return certain_or_unknown(certain, &possible);
    }
    // What one level lets through another may stop, or may be doubtful about.
    let passing = |specs: &[FlowSpec]| judge(world, place, &asked, specs, VerdictQuery::Permits).flows;
    let (mut passes, mut open) = (Vec::new(), Vec::new());
    for flow in passing(&certain) {
        match flow.verdict.outcome {
            Outcome::Denied => {}
            Outcome::Undetermined => open.push(flow.spec),
            Outcome::Allowed | Outcome::Partial => passes.push(flow.spec),
        }
    }
    let may = passing(&possible).into_iter().filter(|flow| flow.verdict.outcome != Outcome::Denied);
    open.extend(may.map(|flow| flow.spec));
    certain_or_unknown(passes, &open)
}

fn certain_or_unknown(certain: Vec<FlowSpec>, possible: &[FlowSpec]) -> Answer {
    match possible {
        [first, ..] if certain.is_empty() => {
            let text = format!("whether any of `{first}` is beyond what is required: {UNKNOWN_ADDRESSES}");
            Err(Unknown::because(text, None))
        }
        _ => Ok(Value::Traffic(certain.into())),
    }
}

/// What the levels of a place allow beyond what is required, each by itself: flows that certainly have packets, and others.
fn beyond(
    world: &dyn World,
    asked: &AskedPlace,
    direction: Direction,
    required: &[FlowSpec],
) -> Result<(Vec<FlowSpec>, Vec<FlowSpec>), Unknown> {
    let required: Vec<Flow> = required.iter().map(|spec| spec.at(asked.local.clone())).collect();
    let (mut certain, mut possible) = (Vec::new(), Vec::new());
    for group in groups(world, asked)? {
        let found = palisade_net::excess(&group, &asked.local, &required, direction, &context(world, asked));
        for portion in found.map_err(unanswered)? {
            let list = if portion.certain { &mut certain } else { &mut possible };
            let spec = spec_of(portion.flow);
            if !list.contains(&spec) {
                list.push(spec);
            }
        }
    }
    Ok((certain, possible))
}

/// The groups of a place that can stop something; one that stops nothing where there is none.
fn groups(world: &dyn World, asked: &AskedPlace) -> Result<Vec<Arc<CompiledGroup>>, Unknown> {
    let standing = asked.levels.iter().filter_map(|(kind, stands): &(LevelKind, _)| standing(world, *kind, *stands));
    let groups: Vec<_> = standing.map(compiled).collect::<Result<_, _>>()?;
    if !groups.is_empty() {
        return Ok(groups);
    }
    let open = AdminRules::compile(&[], world.catalogue());
    open.map(|group| vec![Arc::new(group)]).map_err(|_| Unknown::because("a group at this place", None))
}

/// The flow as a line of traffic can say it. Local addresses and ports at the asking end are left aside: what is required is
/// required for all of them, so that a flow without them holds nothing that is required.
fn spec_of(flow: Flow) -> FlowSpec {
    let ports = match flow.direction {
        Direction::Inbound => flow.local_ports,
        Direction::Outbound => flow.remote_ports,
    };
    let (direction, protocols, remote) = (flow.direction, flow.protocols, flow.remote);
    FlowSpec { direction, protocols, ports, remote, line: None, cites: Arc::from([]) }
}

/// The ports of a place that any part of some traffic reaches inbound, through every level.
pub fn exposed_to(world: &dyn World, place: EntityId, traffic: &[FlowSpec]) -> Answer {
    let asked = asked_place(world, place)?;
    let specs: Vec<FlowSpec> = traffic.iter().filter(|spec| spec.direction == Direction::Inbound).cloned().collect();
    let verdict = judge(world, place, &asked, &specs, VerdictQuery::Permits);
    let parts = || verdict.flows.iter().flat_map(|flow| &flow.verdict.parts);
    let with = |outcome| {
        let parts = parts().filter(move |part| part.outcome == outcome);
        parts.fold(PortSet::empty(), |all, part| all.union(&part.flow.local_ports))
    };
    let (reached, open) = (with(Outcome::Allowed), with(Outcome::Undetermined));
    let unasked = verdict.flows.iter().any(|flow| flow.verdict.parts.is_empty());
    match verdict.open() {
        Some(unknown) if unasked || !open.is_subset(&reached) => Err(unknown),
        _ => Ok(Value::Data(Data::Ports(reached.into()))),
    }
}

fn compiled(group: AskedGroup) -> Result<Arc<CompiledGroup>, Unknown> {
    match group {
        AskedGroup::Compiled(group) => Ok(group),
        AskedGroup::Open(settles) => Err(Unknown::because(settles, None)),
    }
}

fn unanswered(question: Unanswered) -> Unknown {
    Unknown::because(question.settles, None)
}
