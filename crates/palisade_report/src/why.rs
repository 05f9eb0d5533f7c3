//! The answer to `why`: for people the clauses in order, each with what it was made of; for tools JSON, version 1.

use std::io::{self, Write};

use palisade_source::report::{FlowAnswer, Location, WhyInstance, WhyReport, WhyStep};
use serde::Serialize;

use crate::full::decided;
use crate::json::{FlowDto, LocationDto, VERSION, write_json};
use crate::style::{Paint, Tone};
use crate::text::visible;
use crate::{Detail, Options};

/// Writes the answer for people.
pub fn why(report: &WhyReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let mut teller = Teller { paint: Paint::new(options.color), to };
    let outcome = teller.paint.tone(tone(report.outcome.as_str()), report.outcome.as_str());
    let (rule, resource) = (visible(&report.rule), visible(&report.resource));
    writeln!(teller.to, "{} on `{resource}`{}: {outcome}", teller.paint.bold(&rule), place(&report.subject))?;
    if options.detail == Detail::Quiet {
        return Ok(());
    }
    writeln!(teller.to, "{}", visible(&report.title))?;
    report.packs.iter().try_for_each(|step| teller.step(step, 1))?;
    report.instances.iter().try_for_each(|instance| teller.instance(instance))?;
    teller.more(report.omitted, "combination that the join excludes", "combinations that the join excludes", 1)
}

struct Teller<'a> {
    paint: Paint,
    to: &'a mut dyn Write,
}

impl Teller<'_> {
    fn instance(&mut self, instance: &WhyInstance) -> io::Result<()> {
        if !instance.together_with.is_empty() {
            let names: Vec<String> = instance.together_with.iter().map(|name| format!("`{}`", visible(name))).collect();
            let outcome = self.paint.tone(tone(instance.outcome.as_str()), instance.outcome.as_str());
            writeln!(self.to, "together with {}: {outcome}", names.join(", "))?;
        }
        instance.steps.iter().try_for_each(|step| self.step(step, 1))
    }

    fn step(&mut self, step: &WhyStep, depth: usize) -> io::Result<()> {
        let (head, value) = (heading(step), visible(&step.value));
        let value = self.paint.tone(tone(&step.value), &value);
        let at = step.location.as_ref().map(place).unwrap_or_default();
        writeln!(self.to, "{:indent$}{head} → {value}{at}", "", indent = depth * 2)?;
        step.flows.iter().try_for_each(|flow| self.flow(flow, depth + 1))?;
        step.steps.iter().try_for_each(|part| self.step(part, depth + 1))?;
        self.more(step.omitted, "more is not listed", "more are not listed", depth + 1)
    }

    fn flow(&mut self, flow: &FlowAnswer, depth: usize) -> io::Result<()> {
        let words = decided(flow);
        let words = self.paint.tone(flow.verdict.into(), &visible(&words));
        let at = flow.location.as_ref().map(place).unwrap_or_default();
        writeln!(self.to, "{:indent$}{}: {words}{at}", "", visible(&flow.flow), indent = depth * 2)?;
        flow.settles.iter().try_for_each(|what| {
            writeln!(self.to, "{:indent$}it would be settled by {}", "", visible(what), indent = depth * 2 + 2)
        })
    }

    fn more(&mut self, count: usize, one: &str, several: &str, depth: usize) -> io::Result<()> {
        match count {
            0 => Ok(()),
            1 => writeln!(self.to, "{:indent$}… 1 {one}", "", indent = depth * 2),
            _ => writeln!(self.to, "{:indent$}… {count} {several}", "", indent = depth * 2),
        }
    }
}

/// ` (env.yaml:12:5)`
fn place(at: &Location) -> String {
    format!(" ({}:{}:{})", visible(&at.path), at.start.line, at.start.column)
}

/// What a step is about.
fn heading(step: &WhyStep) -> String {
    let text = visible(&step.text);
    let element = step.element.as_deref().map(visible).unwrap_or_default();
    match step.kind {
        "expression" => format!("`{text}`"),
        "element" => format!("for `{element}`"),
        "pack" => format!("pack `{element}`: `{text}`"),
        kind => format!("{kind} `{text}`"),
    }
}

/// The colour of a value.
fn tone(value: &str) -> Tone {
    let word = value.split(':').next().unwrap_or_default();
    match word {
        "true" | "pass" | "holds" | "allowed" => Tone::Good,
        "false" | "violation" | "error" | "denied" => Tone::Bad,
        "undetermined" | "not stated" | "partial" => Tone::Doubtful,
        _ => Tone::Other,
    }
}

#[derive(Serialize)]
struct WhyDto<'a> {
    version: u32,
    rule: &'a str,
    title: &'a str,
    location: LocationDto,
    resource: &'a str,
    subject: LocationDto,
    outcome: &'static str,
    packs: Vec<StepDto<'a>>,
    instances: Vec<InstanceDto<'a>>,
    omitted: usize,
}

#[derive(Serialize)]
struct InstanceDto<'a> {
    together_with: &'a [String],
    outcome: &'static str,
    steps: Vec<StepDto<'a>>,
}

#[derive(Serialize)]
struct StepDto<'a> {
    kind: &'static str,
    text: &'a str,
    policy: LocationDto,
    element: Option<&'a str>,
    value: &'a str,
    location: Option<LocationDto>,
    flows: Vec<FlowDto<'a>>,
    steps: Vec<StepDto<'a>>,
    omitted: usize,
}

impl<'a> StepDto<'a> {
    fn all(steps: &'a [WhyStep]) -> Vec<Self> {
        let one = |step: &'a WhyStep| Self {
            kind: step.kind,
            text: &step.text,
            policy: LocationDto::new(&step.policy),
            element: step.element.as_deref(),
            value: &step.value,
            location: step.location.as_ref().map(LocationDto::new),
            flows: step.flows.iter().map(FlowDto::new).collect(),
            steps: Self::all(&step.steps),
            omitted: step.omitted,
        };
        steps.iter().map(one).collect()
    }
}

/// Writes the answer for tools.
pub fn why_json(report: &WhyReport, to: &mut dyn Write) -> io::Result<()> {
    let instances = report.instances.iter().map(|one| InstanceDto {
        together_with: &one.together_with,
        outcome: one.outcome.as_str(),
        steps: StepDto::all(&one.steps),
    });
    let document = WhyDto {
        version: VERSION,
        rule: &report.rule,
        title: &report.title,
        location: LocationDto::new(&report.location),
        resource: &report.resource,
        subject: LocationDto::new(&report.subject),
        outcome: report.outcome.as_str(),
        packs: StepDto::all(&report.packs),
        instances: instances.collect(),
        omitted: report.omitted,
    };
    write_json(&document, to)
}
