//! `json`, version 1: the shape that `docs/schema/check-report.schema.json` holds.
//!
//! The structs here are that shape and nothing more; scripts depend on their names. Text is as the user wrote it:
//! JSON escapes what it must.

use std::io::{self, Write};

use palisade_source::report::{
    CheckReport, Citation, EnvironmentReport, ExamplePacket, Finding, FlowAnswer, Location, Summary,
};
use palisade_source::{Diagnostic, Fix, LineColumn, TextSize};
use serde::Serialize;

use crate::places::Places;
use crate::summary::nothing_applied;

/// The version of every JSON document that is written.
pub const VERSION: u32 = 1;

/// Writes the result of a check.
pub fn check_json(report: &CheckReport, to: &mut dyn Write) -> io::Result<()> {
    write_json(&CheckDto::new(report), to)
}

/// Writes any document, with a final newline.
pub(crate) fn write_json(document: &impl Serialize, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, document).map_err(io::Error::from)?;
    writeln!(to)
}

#[derive(Serialize)]
struct CheckDto<'a> {
    version: u32,
    tool: ToolDto,
    packs: &'a [String],
    environments: Vec<EnvironmentDto<'a>>,
    summary: SummaryDto,
    diagnostics: Vec<DiagnosticDto<'a>>,
    findings: Vec<FindingDto<'a>>,
}

impl<'a> CheckDto<'a> {
    fn new(report: &'a CheckReport) -> Self {
        let places = Places::new(&report.texts);
        Self {
            version: VERSION,
            tool: ToolDto { name: "palisade", version: env!("CARGO_PKG_VERSION") },
            packs: &report.packs,
            environments: report.environments.iter().map(|one| EnvironmentDto::new(one, &places)).collect(),
            summary: report.summary().into(),
            diagnostics: DiagnosticDto::all(&report.diagnostics, &places),
            findings: report.environments.iter().flat_map(|one| &one.findings).map(FindingDto::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct ToolDto {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct EnvironmentDto<'a> {
    name: &'a str,
    path: &'a str,
    summary: SummaryDto,
    diagnostics: Vec<DiagnosticDto<'a>>,
    notes: &'a [String],
}

impl<'a> EnvironmentDto<'a> {
    fn new(environment: &'a EnvironmentReport, places: &Places<'_>) -> Self {
        let mut diagnostics = DiagnosticDto::all(&environment.diagnostics, places);
        diagnostics.extend(nothing_applied(environment).map(|warning| DiagnosticDto::owned(&warning)));
        Self {
            name: &environment.name,
            path: &environment.path,
            summary: environment.summary.into(),
            diagnostics,
            notes: &environment.notes,
        }
    }
}

#[derive(Serialize)]
struct SummaryDto {
    pass: usize,
    violation: usize,
    not_applicable: usize,
    undetermined: usize,
    waived: usize,
    error: usize,
}

impl From<Summary> for SummaryDto {
    fn from(summary: Summary) -> Self {
        let Summary { pass, violation, not_applicable, undetermined, waived, error } = summary;
        Self { pass, violation, not_applicable, undetermined, waived, error }
    }
}

/// A fault of a policy, an environment file, the configuration or the command line.
#[derive(Serialize)]
pub(crate) struct DiagnosticDto<'a> {
    code: &'static str,
    severity: &'static str,
    message: std::borrow::Cow<'a, str>,
    location: Option<LocationDto>,
    related: Vec<RelatedDto<'a>>,
    notes: &'a [String],
    help: Option<String>,
    fixes: Vec<FixDto<'a>>,
}

impl<'a> DiagnosticDto<'a> {
    pub(crate) fn all(diagnostics: &'a [Diagnostic], places: &Places<'_>) -> Vec<Self> {
        diagnostics.iter().map(|one| Self::new(one, places)).collect()
    }

    fn new(diagnostic: &'a Diagnostic, places: &Places<'_>) -> Self {
        let related = diagnostic.related.iter().map(|label| RelatedDto {
            message: &label.message,
            location: places.locate(&label.span).map(|at| LocationDto::new(&at)),
        });
        Self {
            code: diagnostic.code,
            severity: diagnostic.severity.as_str(),
            message: diagnostic.message.as_str().into(),
            location: diagnostic.span.as_ref().and_then(|span| places.locate(span)).map(|at| LocationDto::new(&at)),
            related: related.collect(),
            notes: &diagnostic.notes,
            help: diagnostic.help.clone(),
            fixes: diagnostic.fixes.iter().map(FixDto::new).collect(),
        }
    }

    /// One that has no place and does not outlive its making.
    fn owned(diagnostic: &Diagnostic) -> Self {
        Self {
            code: diagnostic.code,
            severity: diagnostic.severity.as_str(),
            message: diagnostic.message.clone().into(),
            location: None,
            related: Vec::new(),
            notes: &[],
            help: diagnostic.help.clone(),
            fixes: Vec::new(),
        }
    }
}

/// A change that mends a fault.
#[derive(Serialize)]
struct FixDto<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<EditDto<'a>>,
}

/// One text in the place of another; places are bytes from the start of the file.
#[derive(Serialize)]
struct EditDto<'a> {
    path: &'a str,
    start: u32,
    end: u32,
    text: &'a str,
}

impl<'a> FixDto<'a> {
    fn new(fix: &'a Fix) -> Self {
        let edits = fix.edits.iter().map(|edit| EditDto {
            path: &edit.span.path,
            start: edit.span.range.start().into(),
            end: edit.span.range.end().into(),
            text: &edit.text,
        });
        Self { title: &fix.title, safe: fix.safe, edits: edits.collect() }
    }
}

#[derive(Serialize)]
struct FindingDto<'a> {
    rule: &'a str,
    title: &'a str,
    outcome: &'static str,
    severity: &'static str,
    environment: &'a str,
    resource: &'a str,
    message: &'a str,
    location: LocationDto,
    related: Vec<RelatedDto<'a>>,
    requirement: Option<LocationDto>,
    flows: Vec<FlowDto<'a>>,
    notes: &'a [String],
    cites: Vec<CitationDto<'a>>,
    help: Option<&'a str>,
    /// Always empty until the environment can be mended; listed since scripts may already read it.
    fixes: [FixDto<'a>; 0],
    fingerprint: &'a str,
}

impl<'a> FindingDto<'a> {
    fn new(finding: &'a Finding) -> Self {
        let related = finding
            .related
            .iter()
            .map(|one| RelatedDto { message: &one.message, location: Some(LocationDto::new(&one.location)) });
        Self {
            rule: &finding.rule,
            title: &finding.title,
            outcome: finding.outcome.as_str(),
            severity: finding.severity.as_str(),
            environment: &finding.environment,
            resource: &finding.resource,
            message: &finding.message,
            location: LocationDto::new(&finding.location),
            related: related.collect(),
            requirement: finding.requirement.as_ref().map(LocationDto::new),
            flows: finding.flows.iter().map(FlowDto::new).collect(),
            notes: &finding.notes,
            cites: finding.cites.iter().map(CitationDto::new).collect(),
            help: finding.help.as_deref(),
            fixes: [],
            fingerprint: &finding.fingerprint,
        }
    }
}

#[derive(Serialize)]
struct RelatedDto<'a> {
    message: &'a str,
    location: Option<LocationDto>,
}

/// A range of a file: bytes from 0, lines and columns (characters) from 1.
#[derive(Serialize)]
pub(crate) struct LocationDto {
    path: String,
    pointer: String,
    start: PositionDto,
    end: PositionDto,
}

impl LocationDto {
    pub(crate) fn new(location: &Location) -> Self {
        Self {
            path: location.path.to_string(),
            pointer: location.pointer.clone(),
            start: PositionDto::new(location.start, location.range.start()),
            end: PositionDto::new(location.end, location.range.end()),
        }
    }
}

#[derive(Serialize)]
struct PositionDto {
    line: u32,
    column: u32,
    offset: u32,
}

impl PositionDto {
    fn new(place: LineColumn, offset: TextSize) -> Self {
        Self { line: place.line, column: place.column, offset: offset.into() }
    }
}

/// The verdict on a flow or a part of one.
#[derive(Serialize)]
pub(crate) struct FlowDto<'a> {
    flow: &'a str,
    verdict: &'static str,
    level: Option<&'static str>,
    decided_by: Option<&'a str>,
    default_rule: Option<&'static str>,
    priority: Option<u16>,
    location: Option<LocationDto>,
    example: Option<ExampleDto<'a>>,
    settles: &'a [String],
}

impl<'a> FlowDto<'a> {
    pub(crate) fn new(flow: &'a FlowAnswer) -> Self {
        Self {
            flow: &flow.flow,
            verdict: flow.verdict.as_str(),
            level: flow.level,
            decided_by: flow.decided_by.as_deref(),
            default_rule: flow.default_rule,
            priority: flow.priority,
            location: flow.location.as_ref().map(LocationDto::new),
            example: flow.example.as_ref().map(ExampleDto::new),
            settles: &flow.settles,
        }
    }
}

#[derive(Serialize)]
struct ExampleDto<'a> {
    protocol: &'a str,
    local: &'a str,
    remote: &'a str,
}

impl<'a> ExampleDto<'a> {
    fn new(example: &'a ExamplePacket) -> Self {
        Self { protocol: &example.protocol, local: &example.local, remote: &example.remote }
    }
}

/// A cited statement.
#[derive(Serialize)]
pub(crate) struct CitationDto<'a> {
    id: &'a str,
    statement: &'a str,
    title: &'a str,
    section: &'a str,
    url: &'a str,
    edition: &'a str,
}

impl<'a> CitationDto<'a> {
    pub(crate) fn new(citation: &'a Citation) -> Self {
        let Citation { id, statement, title, section, url, edition } = citation;
        Self { id, statement, title, section, url, edition }
    }
}
