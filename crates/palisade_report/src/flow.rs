//! The answer to `flow`: for people the path drawn hop by hop, then each part with the rule that decided; for tools
//! JSON, version 1.

use std::io::{self, Write};

use palisade_source::report::{FlowReport, FlowStep, VerdictKind};
use serde::Serialize;

use crate::full::{Writer, decided};
use crate::json::{FlowDto, LocationDto, VERSION, write_json};
use crate::snippet::Mark;
use crate::text::visible;
use crate::{Detail, Options};

/// Writes the answer for people.
pub fn flow(report: &FlowReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(&report.texts, options, to);
    if options.detail != Detail::Quiet {
        let question = writer.paint.bold(&visible(&report.question));
        writeln!(writer.to, "{question}, asked at `{}`", visible(&report.on))?;
        path(&report.path, &mut writer)?;
        parts(report, &mut writer)?;
    }
    for what in &report.undetermined {
        writeln!(writer.to, "it would be settled by {}", visible(what))?;
    }
    let verdict = writer.paint.tone(report.verdict.into(), report.verdict.as_str());
    writeln!(writer.to, "{verdict}")
}

/// One line for each hop, with the line that decided there below it.
fn path(steps: &[FlowStep], writer: &mut Writer<'_>) -> io::Result<()> {
    let width = steps.iter().map(|step| step.step.len()).max().unwrap_or(0);
    for (at, step) in steps.iter().enumerate() {
        let (bar, rail) = if at + 1 == steps.len() { ('└', ' ') } else { ('├', '│') };
        let name = format!("{:width$}", step.step.replace('_', " "));
        let sign = writer.paint.tone(step.verdict.into(), sign(step.verdict));
        writeln!(writer.to, "  {bar}─ {sign} {name}  {}", visible(&step.detail))?;
        if let Some((place, line)) = step.location.as_ref().and_then(|at| writer.line(at)) {
            writeln!(writer.to, "  {rail}    {:width$}  {place}: {}", "", visible(&line))?;
        }
    }
    writeln!(writer.to)
}

fn sign(verdict: VerdictKind) -> &'static str {
    match verdict {
        VerdictKind::Allowed => "✔",
        VerdictKind::Denied => "✘",
        VerdictKind::Partial => "◐",
        VerdictKind::Undetermined => "?",
    }
}

/// Each part with its deciding rule in the text.
fn parts(report: &FlowReport, writer: &mut Writer<'_>) -> io::Result<()> {
    for part in &report.parts {
        writer.flow(part)?;
        if let Some(at) = &part.location {
            let tone = part.verdict.into();
            writer.snippet(&[Mark { path: at.path.clone(), range: at.range, words: decided(part), tone }])?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct FlowReportDto<'a> {
    version: u32,
    question: &'a str,
    on: &'a str,
    verdict: &'static str,
    parts: Vec<FlowDto<'a>>,
    path: Vec<StepDto<'a>>,
    undetermined: &'a [String],
}

#[derive(Serialize)]
struct StepDto<'a> {
    step: &'static str,
    verdict: &'static str,
    detail: &'a str,
    location: Option<LocationDto>,
}

impl<'a> StepDto<'a> {
    fn new(step: &'a FlowStep) -> Self {
        let location = step.location.as_ref().map(LocationDto::new);
        Self { step: step.step, verdict: step.verdict.as_str(), detail: &step.detail, location }
    }
}

/// Writes the answer for tools.
pub fn flow_json(report: &FlowReport, to: &mut dyn Write) -> io::Result<()> {
    let document = FlowReportDto {
        version: VERSION,
        question: &report.question,
        on: &report.on,
        verdict: report.verdict.as_str(),
        parts: report.parts.iter().map(FlowDto::new).collect(),
        path: report.path.iter().map(StepDto::new).collect(),
        undetermined: &report.undetermined,
    };
    write_json(&document, to)
}
