//! What `diff` answers for tools, version 1: the shape that `docs/schema/diff-report.schema.json` holds.

use std::io::{self, Write};

use palisade_source::report::{
    DiffReport, DiffSide, RequirementChange, RequirementSide, StatementChange, StatementSide, TrafficAsk,
    TrafficChange, TrafficSide,
};
use serde::Serialize;

use crate::json::{CitationDto, VERSION, write_json};

#[derive(Serialize)]
struct DiffDto<'a> {
    version: u32,
    same: bool,
    old: SideDto<'a>,
    new: SideDto<'a>,
    traffic: Vec<TrafficDto<'a>>,
    requirements: Vec<RequirementDto<'a>>,
    statements: Vec<StatementDto<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct SideDto<'a> {
    kind: &'static str,
    name: &'a str,
    title: &'a str,
    edition: &'a str,
    status: Option<&'a str>,
    url: Option<&'a str>,
    conditions: &'a [String],
}

#[derive(Serialize)]
struct TrafficDto<'a> {
    change: &'static str,
    subject: &'a str,
    differs: &'a [&'static str],
    guess: Option<&'static str>,
    lost: &'a [String],
    gained: &'a [String],
    was: Option<TrafficSideDto<'a>>,
    now: Option<TrafficSideDto<'a>>,
}

#[derive(Serialize)]
struct TrafficSideDto<'a> {
    flows: &'a [String],
    strength: Option<&'static str>,
    asked: Vec<AskDto<'a>>,
}

#[derive(Serialize)]
struct AskDto<'a> {
    rule: &'a str,
    severity: &'static str,
    manner: &'static str,
    of: &'a [&'static str],
    flows: &'a [String],
    conditions: &'a [String],
    strength: Option<&'static str>,
    cites: Vec<CitationDto<'a>>,
    rule_cites: Vec<CitationDto<'a>>,
}

#[derive(Serialize)]
struct RequirementDto<'a> {
    change: &'static str,
    paired_by: Option<&'static str>,
    differs: &'a [&'static str],
    lost: &'a [String],
    gained: &'a [String],
    was: Option<RequirementSideDto<'a>>,
    now: Option<RequirementSideDto<'a>>,
}

#[derive(Serialize)]
struct RequirementSideDto<'a> {
    rule: &'a str,
    title: &'a str,
    subject: &'a str,
    severity: &'static str,
    strength: Option<&'static str>,
    conditions: &'a [String],
    requirements: &'a [String],
    cites: Vec<CitationDto<'a>>,
}

#[derive(Serialize)]
struct StatementDto<'a> {
    change: &'static str,
    path: &'a str,
    differs: &'a [&'static str],
    was: Option<StatementSideDto<'a>>,
    now: Option<StatementSideDto<'a>>,
}

#[derive(Serialize)]
struct StatementSideDto<'a> {
    strength: &'static str,
    #[serde(flatten)]
    citation: CitationDto<'a>,
}

/// Writes what lies between two packs or documents for tools.
pub fn pack_diff_json(report: &DiffReport, to: &mut dyn Write) -> io::Result<()> {
    let [old, new] = &report.sides;
    let document = DiffDto {
        version: VERSION,
        same: report.is_same(),
        old: side(old),
        new: side(new),
        traffic: report.traffic.iter().map(traffic).collect(),
        requirements: report.requirements.iter().map(requirement).collect(),
        statements: report.statements.iter().map(statement).collect(),
        notes: &report.notes,
    };
    write_json(&document, to)
}

fn side(side: &DiffSide) -> SideDto<'_> {
    SideDto {
        kind: side.kind,
        name: &side.name,
        title: &side.title,
        edition: &side.edition,
        status: side.status.as_deref(),
        url: side.url.as_deref(),
        conditions: &side.conditions,
    }
}

fn traffic(change: &TrafficChange) -> TrafficDto<'_> {
    TrafficDto {
        change: change.fate.as_str(),
        subject: &change.subject,
        differs: &change.differs,
        guess: change.guess,
        lost: &change.lost,
        gained: &change.gained,
        was: change.was.as_ref().map(traffic_side),
        now: change.now.as_ref().map(traffic_side),
    }
}

fn traffic_side(side: &TrafficSide) -> TrafficSideDto<'_> {
    TrafficSideDto { flows: &side.flows, strength: side.strength, asked: side.asked.iter().map(ask).collect() }
}

fn ask(ask: &TrafficAsk) -> AskDto<'_> {
    AskDto {
        rule: &ask.rule,
        severity: ask.severity.as_str(),
        manner: ask.manner,
        of: &ask.of,
        flows: &ask.flows,
        conditions: &ask.conditions,
        strength: ask.strength,
        cites: ask.cites.iter().map(CitationDto::new).collect(),
        rule_cites: ask.rule_cites.iter().map(CitationDto::new).collect(),
    }
}

fn requirement(change: &RequirementChange) -> RequirementDto<'_> {
    RequirementDto {
        change: change.fate.as_str(),
        paired_by: change.paired_by,
        differs: &change.differs,
        lost: &change.lost,
        gained: &change.gained,
        was: change.was.as_ref().map(requirement_side),
        now: change.now.as_ref().map(requirement_side),
    }
}

fn requirement_side(side: &RequirementSide) -> RequirementSideDto<'_> {
    RequirementSideDto {
        rule: &side.rule,
        title: &side.title,
        subject: &side.subject,
        severity: side.severity.as_str(),
        strength: side.strength,
        conditions: &side.conditions,
        requirements: &side.requirements,
        cites: side.cites.iter().map(CitationDto::new).collect(),
    }
}

fn statement(change: &StatementChange) -> StatementDto<'_> {
    StatementDto {
        change: change.fate.as_str(),
        path: &change.path,
        differs: &change.differs,
        was: change.was.as_ref().map(statement_side),
        now: change.now.as_ref().map(statement_side),
    }
}

fn statement_side(side: &StatementSide) -> StatementSideDto<'_> {
    StatementSideDto { strength: side.strength, citation: CitationDto::new(&side.citation) }
}
