//! `permits` and `reaches`: asking the security groups at a place.
//!
//! `reaches` asks the whole path: what the groups let through goes on to [`super::path`]. Groups see addresses: a host is first
//! read as what the asking network gets for it.

use std::sync::Arc;

use palisade_net::{Direction, Flow, Level, LevelKind, NetworkContext, Outcome, Remote, Verdict, evaluate};
use palisade_syntax::ast::VerdictQuery;

use super::eval::Evaluator;
use super::network::{AskedGroup, AskedPlace, asked_place, context, place_entity, standing};
use super::path::portions::{Asking, Goal, Portion, Reading, portions};
use super::path::{Path, beyond, merge};
use super::traffic::{FlowSpec, FlowVerdict, LevelVerdict, TrafficVerdict};
use super::value::{Defect, Evaluated, Traced, Value};
use super::world::World;
use crate::environment::EntityId;
use crate::ir::Expr;

impl Evaluator<'_> {
    pub(super) fn verdict(&mut self, query: VerdictQuery, place: &Expr, traffic: &Expr) -> Evaluated {
        let (place, traffic) = (self.eval(place)?, self.eval(traffic)?);
        for one in [&place, &traffic] {
            if matches!(one.value, Value::Absent | Value::None | Value::Unknown(_)) {
                return Ok(Traced::unknown(self.why_unknown(one)));
            }
        }
        let (Some(entity), Value::Traffic(flows)) = (place_entity(&place.value), &traffic.value) else {
            return Err(Defect::new(format!("{:?} was asked about {:?}", place.value, traffic.value)));
        };
        let asked = match asked_place(self.world, entity) {
            Ok(asked) => asked,
            Err(unknown) => return Ok(Traced::unknown(unknown)),
        };
        let verdict = judge(self.world, entity, &asked, flows, query);
        record(self.world, &verdict);
        Ok(Traced { value: Value::Verdict(Arc::new(verdict)), origin: place.origin })
    }
}

/// Tells whoever listens what was said to each line.
fn record(world: &dyn World, verdict: &TrafficVerdict) {
    let Some(recorder) = world.recorder() else { return };
    for flow in &verdict.flows {
        flow.spec.line.iter().for_each(|line| recorder.line(line, flow.verdict.outcome.into()));
    }
}

/// Tells whoever listens what the groups at a place say to traffic of which a function of the engine's own asks something
/// else.
pub fn record_asked(world: &dyn World, place: EntityId, flows: &[FlowSpec]) {
    if world.recorder().is_some()
        && let Ok(asked) = asked_place(world, place)
    {
        record(world, &judge(world, place, &asked, flows, VerdictQuery::Permits));
    }
}

/// What a place says to each flow.
pub fn judge(
    world: &dyn World,
    place: EntityId,
    asked: &AskedPlace,
    flows: &[FlowSpec],
    query: VerdictQuery,
) -> TrafficVerdict {
    let asker = Asker::new(world, place, asked);
    let flows = flows.iter().map(|spec| asker.ask(spec, &spec.at(asked.local.clone()), query, false)).collect();
    TrafficVerdict { place, flows }
}

/// What the groups at a place say to one flow, and nothing else.
pub fn ask_groups(world: &dyn World, place: EntityId, asked: &AskedPlace, flow: &Flow) -> Verdict {
    Asker::new(world, place, asked).groups(flow)
}

/// What a place says to one flow, level by level too.
pub fn judge_flow(
    world: &dyn World,
    place: EntityId,
    asked: &AskedPlace,
    spec: &FlowSpec,
    flow: &Flow,
    query: VerdictQuery,
) -> FlowVerdict {
    Asker::new(world, place, asked).ask(spec, flow, query, true)
}

/// The groups at a place, ready to be asked.
struct Asker<'w> {
    world: &'w dyn World,
    place: EntityId,
    asked: &'w AskedPlace,
    compiled: Vec<Option<AskedGroup>>,
    context: NetworkContext<'w>,
}

impl<'w> Asker<'w> {
    fn new(world: &'w dyn World, place: EntityId, asked: &'w AskedPlace) -> Self {
        let compiled = asked.levels.iter().map(|(kind, stands)| standing(world, *kind, *stands)).collect();
        Self { world, place, asked, compiled, context: context(world, asked) }
    }

    fn ask(&self, spec: &FlowSpec, flow: &Flow, query: VerdictQuery, each_level: bool) -> FlowVerdict {
        let Path { verdict, hops, steps } = self.path(flow, query, &|flow| self.groups(flow));
        let alone = |kind| self.path(flow, VerdictQuery::Permits, &|flow| self.alone(kind, flow)).verdict;
        let level = |(kind, group): &(LevelKind, Option<EntityId>)| LevelVerdict {
            kind: *kind,
            group: *group,
            verdict: if each_level { alone(*kind) } else { not_asked(verdict.outcome) },
        };
        let levels = self.asked.levels.iter().map(level).collect();
        let (hops, steps) = (hops.into(), steps.into());
        FlowVerdict { spec: spec.clone(), verdict: Arc::new(verdict), levels, hops, steps }
    }

    /// The answer to a flow, where `groups` says what the groups do: to what its host stands for if it goes to one.
    fn path(&self, flow: &Flow, query: VerdictQuery, groups: &dyn Fn(&Flow) -> Verdict) -> Path {
        match self.portions(flow, query) {
            Some(portions) => {
                let one = |portion| self.portion(flow, portion, query, groups);
                merge::joined(&portions, portions.iter().map(one).collect())
            }
            None if query == VerdictQuery::Reaches => self.beyond(flow, groups(flow), &Goal::Anything),
            None => Path::of_groups(groups(flow)),
        }
    }

    /// What the host of a flow stands for, if it goes to one.
    fn portions(&self, flow: &Flow, query: VerdictQuery) -> Option<Vec<Portion>> {
        let Remote::Host { fqdn, within } = &flow.remote else { return None };
        let asking = Asking { network: self.asked.network, groups_only: query == VerdictQuery::Permits };
        (flow.direction == Direction::Outbound).then(|| portions(self.world, asking, fqdn, within.as_ref()))
    }

    fn portion(&self, flow: &Flow, portion: &Portion, query: VerdictQuery, groups: &dyn Fn(&Flow) -> Verdict) -> Path {
        let answer = |reading: &Reading| {
            let read = Flow { remote: reading.remote.clone(), ..flow.clone() };
            let beyond = |groups| self.beyond(&read, groups, &reading.goal);
            let beyond = (query == VerdictQuery::Reaches).then_some(&beyond as &dyn Fn(Verdict) -> Path);
            merge::reading(self.world, portion, reading, groups(&read), beyond)
        };
        merge::agreed(portion, portion.readings.iter().map(answer).collect())
    }

    fn beyond(&self, flow: &Flow, groups: Verdict, goal: &Goal) -> Path {
        beyond(self.world, self.place, flow, groups, &self.context, goal)
    }

    fn groups(&self, flow: &Flow) -> Verdict {
        match self.levels() {
            Ok(levels) => evaluate(&levels, flow, &self.context),
            Err(open) => open_verdict(open),
        }
    }

    /// What one level says by itself.
    fn alone(&self, kind: LevelKind, flow: &Flow) -> Verdict {
        match self.levels() {
            Ok(mut levels) => {
                levels.retain(|level| level.kind == kind);
                evaluate(&levels, flow, &self.context)
            }
            Err(open) => open_verdict(open),
        }
    }

    fn levels(&self) -> Result<Vec<Level<'_>>, &str> {
        let mut levels = Vec::with_capacity(self.compiled.len());
        for ((kind, _), compiled) in self.asked.levels.iter().zip(&self.compiled) {
            let group = match compiled {
                None => None,
                Some(AskedGroup::Compiled(group)) => Some(&**group),
                Some(AskedGroup::Open(why)) => return Err(why),
            };
            levels.push(Level { kind: *kind, group });
        }
        Ok(levels)
    }
}

fn not_asked(outcome: Outcome) -> Verdict {
    Verdict { outcome, parts: Vec::new(), settles: Vec::new() }
}

fn open_verdict(settles: &str) -> Verdict {
    Verdict { outcome: Outcome::Undetermined, parts: Vec::new(), settles: vec![settles.to_owned()] }
}
