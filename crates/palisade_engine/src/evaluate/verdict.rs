//! `permits` and `reaches`: asking the security groups at a place.
//!
//! `reaches` asks the whole path: what the groups let through goes on to [`super::path`].

use std::sync::Arc;

use palisade_net::{Flow, Level, LevelKind, NetworkContext, Outcome, Verdict, evaluate};
use palisade_syntax::ast::VerdictQuery;

use super::eval::Evaluator;
use super::network::{AskedGroup, AskedPlace, asked_place, context, place_entity, standing};
use super::path::{Path, beyond};
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
        if let Some(recorder) = self.world.recorder() {
            for flow in &verdict.flows {
                flow.spec.line.iter().for_each(|line| recorder.line(line, flow.verdict.outcome.into()));
            }
        }
        Ok(Traced { value: Value::Verdict(Arc::new(verdict)), origin: place.origin })
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
        let verdict = self.groups(flow);
        let level = |(kind, group): &(LevelKind, Option<EntityId>)| LevelVerdict {
            kind: *kind,
            group: *group,
            verdict: if each_level { self.alone(*kind, flow) } else { not_asked(verdict.outcome) },
        };
        let levels = self.asked.levels.iter().map(level).collect();
        let Path { verdict, hops, steps } = match query {
            VerdictQuery::Permits => Path { hops: vec![None; verdict.parts.len()], verdict, steps: Vec::new() },
            VerdictQuery::Reaches => beyond(self.world, self.place, flow, verdict, &self.context),
        };
        let (hops, steps) = (hops.into(), steps.into());
        FlowVerdict { spec: spec.clone(), verdict: Arc::new(verdict), levels, hops, steps }
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
