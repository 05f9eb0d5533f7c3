//! One question about traffic, as `palisade flow` asks it.

use palisade_net::{
    Cidr, Direction, Flow, Fqdn, IpSet, LevelKind, PortSet, ProtocolSet, Remote, TagCatalogue, ValueError,
};
use palisade_source::Diagnostic;
use palisade_source::report::{FlowReport, FlowStep};
use palisade_syntax::ast::VerdictQuery;

use crate::api::FlowQuestion;
use crate::check::finding::{Locator, verdict_kind};
use crate::check::program_diagnostics;
use crate::environment::{self, EntityId, Resolution};
use crate::evaluate::evidence::flow_parts;
use crate::evaluate::network::{AskedPlace, asked_place};
use crate::evaluate::print::entity_name;
use crate::evaluate::queries::DbWorld;
use crate::evaluate::traffic::{FlowSpec, FlowVerdict};
use crate::evaluate::verdict::judge_flow;
use crate::evaluate::world::World;
use crate::inputs::{Db, Environment, Program};
use crate::policy::problems::has_errors;
use crate::suggest::did_you_mean;
use crate::texts::texts;

/// Answers a question.
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
    let flow = read_flow(world.catalogue(), &world, question, &asked).map_err(|fault| vec![fault])?;
    let query = if question.groups_only { VerdictQuery::Permits } else { VerdictQuery::Reaches };
    let answer = judge_flow(&world, place, &asked, &spec(&flow), &flow, query);
    Ok(report(db, program, environment, &world, place, &flow, &answer))
}

fn usage(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("flow-question", message, None)
}

fn find_place(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    world: &DbWorld<'_>,
    text: &str,
) -> Result<EntityId, Diagnostic> {
    let bindings = world.bindings();
    let subnet = bindings.subnet.map(|binding| binding.record);
    let interface = bindings.interface.map(|binding| binding.record);
    let compute = bindings.compute.map(|binding| binding.record);
    let kinds: Vec<_> = [subnet, interface, compute].into_iter().flatten().collect();
    let wanted = "`--on` takes a compute, a network interface or a subnet, such as `computes.ci-1` or `ml/training`";
    match environment::resolve(db, program, environment, &kinds, text) {
        Resolution::Found(id) => Ok(id),
        Resolution::Missing { suggestion } => {
            let help = did_you_mean(suggestion.as_deref()).or_else(|| Some(wanted.to_owned()));
            Err(usage(format!("there is no `{text}` in this environment")).with_help(help))
        }
        Resolution::Ambiguous(several) => {
            let list: Vec<String> = several.iter().map(|id| format!("`{}`", id.place(db))).collect();
            let help = format!("write one of {}", list.join(", "));
            Err(usage(format!("`{text}` may be any of {} things", several.len())).with_help(Some(help)))
        }
        Resolution::OtherKind(id) => {
            let message = format!("`{}` has no traffic of its own", id.place(db));
            Err(usage(message).with_help(Some(wanted.to_owned())))
        }
    }
}

fn read_flow(
    catalogue: &TagCatalogue,
    world: &DbWorld<'_>,
    question: &FlowQuestion,
    asked: &AskedPlace,
) -> Result<Flow, Diagnostic> {
    let wrong = |option: &str, text: &str, error: &ValueError| {
        let help = did_you_mean(error.suggestion.as_deref()).or_else(|| error.help.clone());
        usage(format!("`{option} {text}`: {}", error.message)).with_help(help)
    };
    let protocols: ProtocolSet = match question.protocol.as_str() {
        "any" => ProtocolSet::ALL,
        word => word.parse().map_err(|e| wrong("--protocol", word, &e))?,
    };
    let ports = |option: &str, text: &Option<String>| match text {
        None => Ok(PortSet::all()),
        Some(text) => port_list(text).map_err(|e| wrong(option, text, &e)),
    };
    let local = match &question.local {
        None => asked.local.clone(),
        Some(text) => {
            let address = Cidr::parse_or_address(text).map_err(|e| wrong("--local", text, &e))?;
            let set = IpSet::from(address);
            if !set.is_subset(&asked.local) {
                return Err(usage(format!("`--local {text}` is not an address of `{}`: {}", question.on, asked.local)));
            }
            set
        }
    };
    let remote = remote(catalogue, world, &question.remote).map_err(|e| wrong("--remote", &question.remote, &e))?;
    let (local_ports, remote_ports) =
        (ports("--local-port", &question.local_port)?, ports("--remote-port", &question.remote_port)?);
    let any_port = local_ports.is_all() && remote_ports.is_all();
    if !any_port && !protocols.overlaps(ProtocolSet::WITH_PORTS) {
        let help = "leave out `--local-port` and `--remote-port`".to_owned();
        return Err(usage(format!("{protocols} has no ports, but ports are asked for")).with_help(Some(help)));
    }
    let direction = if question.inbound { Direction::Inbound } else { Direction::Outbound };
    Ok(Flow { direction, protocols, local, local_ports, remote, remote_ports })
}

/// `443`, `443,8787`, `8704-8710`, `*`.
fn port_list(text: &str) -> Result<PortSet, ValueError> {
    text.split(',').map(str::trim).try_fold(PortSet::empty(), |all, one| Ok(all.union(&one.parse()?)))
}

/// `*`, an address or a range, a tag, or a host name: what has a dot or a colon and is no tag.
fn remote(catalogue: &TagCatalogue, world: &DbWorld<'_>, text: &str) -> Result<Remote, ValueError> {
    if text == "*" {
        return Ok(Remote::Any);
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) || text.contains(':') {
        return Ok(Remote::Ips(Cidr::parse_or_address(text)?.into()));
    }
    match catalogue.parse_tag(text) {
        Ok(tag) => Ok(Remote::Tag(tag)),
        Err(_) if text.contains('.') && text.chars().all(|c| !c.is_uppercase()) => {
            let fqdn: Fqdn = text.parse()?;
            let within = crate::evaluate::traffic::tag_of_host(world.hosts(), fqdn.as_str());
            Ok(Remote::Host { fqdn, within })
        }
        Err(error) => Err(error),
    }
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
    db: &dyn Db,
    program: Program,
    environment: Environment,
    world: &DbWorld<'_>,
    place: EntityId,
    flow: &Flow,
    answer: &FlowVerdict,
) -> FlowReport {
    let locator = Locator { db, program, environment, name: String::new() };
    let on = entity_name(world, place);
    FlowReport {
        question: format!("{flow}"),
        on: place.place(db).to_string(),
        verdict: verdict_kind(answer.verdict.outcome),
        parts: flow_parts(world, answer).iter().map(|raw| locator.flow(raw)).collect(),
        path: steps(world, &on, answer),
        undetermined: answer.verdict.settles.clone(),
        texts: texts(db, program, &[environment]),
    }
}

/// What each level said and what came beyond them, in the order in which the traffic meets them.
fn steps(world: &DbWorld<'_>, on: &str, answer: &FlowVerdict) -> Vec<FlowStep> {
    // Azure's order: admin rules, then towards the interface inbound and away from it outbound.
    let (mut levels, mut groups): (Vec<_>, Vec<_>) = answer.levels.iter().partition(|l| l.kind == LevelKind::Admin);
    if answer.spec.direction == Direction::Outbound {
        groups.reverse();
    }
    levels.extend(groups);
    let step = |level: &&crate::evaluate::traffic::LevelVerdict| FlowStep {
        step: match level.kind {
            LevelKind::Admin => "admin_rules",
            LevelKind::Interface => "interface_group",
            _ => "subnet_group",
        },
        verdict: verdict_kind(level.outcome),
        detail: match level.group {
            Some(network) if level.kind == LevelKind::Admin => {
                format!("security admin rules of `{}`", entity_name(world, network))
            }
            Some(group) => format!("security group `{}`", entity_name(world, group)),
            None => format!("no security group at the {} of `{on}`: everything passes", level.kind),
        },
    };
    let beyond = answer.steps.iter().map(|step| FlowStep {
        step: step.step,
        verdict: verdict_kind(step.outcome),
        detail: step.detail.clone(),
    });
    levels.iter().map(step).chain(beyond).collect()
}
