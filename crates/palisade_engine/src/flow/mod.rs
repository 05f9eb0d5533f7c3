//! One question about traffic, as `palisade flow` asks it: `question` reads it, `steps` draws the path of the answer.

mod question;
mod steps;

use palisade_net::{Flow, Verdict};
use palisade_source::Diagnostic;
use palisade_source::report::FlowReport;
use palisade_syntax::ast::VerdictQuery;

use self::question::{find_place, read_flows, usage};
use self::steps::steps;
use crate::api::FlowQuestion;
use crate::check::finding::{Locator, verdict_kind};
use crate::check::program_diagnostics;
use crate::environment::{self, EntityId};
use crate::evaluate::evidence::flow_parts;
use crate::evaluate::network::asked_place;
use crate::evaluate::queries::DbWorld;
use crate::evaluate::traffic::{FlowSpec, FlowVerdict};
use crate::evaluate::verdict::judge_flow;
use crate::inputs::{Db, Environment, Program};
use crate::policy::problems::has_errors;
use crate::texts::texts;

/// Answers a question. Each remote end is asked by itself, and the answer is that of all together.
pub fn flow(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    question: &FlowQuestion,
) -> Result<FlowReport, Vec<Diagnostic>> {
    let faults = program_diagnostics(db, program);
    if has_errors(&faults) {
        return Err(faults);
    }
    let faults = environment::diagnostics(db, program, environment);
    if has_errors(&faults) {
        return Err(faults);
    }
    let world = DbWorld::new(db, program, environment);
    let place = find_place(db, program, environment, &world, &question.on).map_err(|fault| vec![fault])?;
    let asked = asked_place(&world, place).map_err(|unknown| {
        let reasons: Vec<&str> = unknown.reasons.iter().map(|r| r.text.as_str()).collect();
        vec![usage(format!("`{}` stands in no subnet: it depends on {}", question.on, reasons.join("; on ")))]
    })?;
    let flows = read_flows(&world, question, &asked).map_err(|fault| vec![fault])?;
    let query = if question.groups_only { VerdictQuery::Permits } else { VerdictQuery::Reaches };
    let ask = |flow: &Flow| judge_flow(&world, place, &asked, &spec(flow), flow, query);
    let answers: Vec<FlowVerdict> = flows.iter().map(ask).collect();
    let locator = Locator { db, program, environment, name: String::new() };
    Ok(report(&locator, &world, place, &flows, &answers))
}

/// The flow as the evaluator passes it on: it came from no line of policy.
fn spec(flow: &Flow) -> FlowSpec {
    FlowSpec {
        direction: flow.direction,
        protocols: flow.protocols,
        ports: flow.remote_ports.clone(),
        remote: flow.remote.clone(),
        line: None,
        cites: std::sync::Arc::from([]),
    }
}

fn report(
    locator: &Locator<'_>,
    world: &DbWorld<'_>,
    place: EntityId,
    flows: &[Flow],
    answers: &[FlowVerdict],
) -> FlowReport {
    let whole = Verdict::combine(answers.iter().map(|answer| (*answer.verdict).clone()));
    let question: Vec<String> = flows.iter().map(ToString::to_string).collect();
    FlowReport {
        question: question.join("; "),
        on: place.place(locator.db).to_string(),
        verdict: verdict_kind(whole.outcome),
        parts: answers.iter().flat_map(|answer| flow_parts(world, answer)).map(|raw| locator.flow(&raw)).collect(),
        path: steps(locator, world, place, answers),
        undetermined: whole.settles,
        texts: texts(locator.db, locator.program, &[locator.environment]),
    }
}
