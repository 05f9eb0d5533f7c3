//! `permits` and `reaches`: asking the security groups at a place.
//!
//! `reaches` asks the whole path. This version knows the groups on it; what comes after them is undetermined, never
//! assumed: a flow that the groups deny is denied, any other is open.

use std::sync::Arc;

use palisade_net::{Level, Outcome, Verdict, evaluate};
use palisade_syntax::ast::VerdictQuery;

use super::eval::Evaluator;
use super::network::{AskedGroup, AskedPlace, asked_place, context, place_entity};
use super::traffic::{FlowSpec, FlowVerdict, TrafficVerdict};
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
        Ok(Traced { value: Value::Verdict(Arc::new(verdict)), origin: place.origin })
    }
}

/// What the groups at a place say to each flow.
pub fn judge(
    world: &dyn World,
    place: EntityId,
    asked: &AskedPlace,
    flows: &[FlowSpec],
    query: VerdictQuery,
) -> TrafficVerdict {
    let groups: Arc<[Option<EntityId>]> = asked.levels.iter().map(|(_, group)| *group).collect();
    let compiled: Vec<Option<AskedGroup>> = groups.iter().map(|id| id.map(|id| world.group(id))).collect();
    let context = context(world, asked);
    let mut answers = Vec::with_capacity(flows.len());
    for spec in flows {
        let flow = spec.at(asked.local.clone());
        let mut verdict = match levels(asked, &compiled) {
            Ok(levels) => evaluate(&levels, &flow, &context),
            Err(open) => open_verdict(open),
        };
        if query == VerdictQuery::Reaches {
            verdict = beyond_groups(verdict);
        }
        answers.push(FlowVerdict { spec: spec.clone(), verdict: Arc::new(verdict), groups: groups.clone() });
    }
    TrafficVerdict { place, flows: answers }
}

fn levels<'a>(asked: &AskedPlace, compiled: &'a [Option<AskedGroup>]) -> Result<Vec<Level<'a>>, &'a str> {
    let level = |((kind, _), group): (&(palisade_net::LevelKind, Option<EntityId>), &'a Option<AskedGroup>)| {
        let group = match group {
            None => None,
            Some(AskedGroup::Compiled(group)) => Some(&**group),
            Some(AskedGroup::Open(why)) => return Err(why.as_str()),
        };
        Ok(Level { kind: *kind, group })
    };
    asked.levels.iter().zip(compiled).map(level).collect()
}

fn open_verdict(settles: &str) -> Verdict {
    Verdict { outcome: Outcome::Undetermined, parts: Vec::new(), settles: vec![settles.to_owned()] }
}

/// The groups' verdict on a whole path: only a denial is certain.
fn beyond_groups(mut verdict: Verdict) -> Verdict {
    if verdict.outcome == Outcome::Denied {
        return verdict;
    }
    for part in verdict.parts.iter_mut().filter(|part| part.outcome == Outcome::Allowed) {
        part.outcome = Outcome::Undetermined;
    }
    verdict.outcome = Outcome::Undetermined;
    verdict.settles.push("the route, the gateway or firewall, and the target, which this version does not judge".to_owned());
    verdict
}
