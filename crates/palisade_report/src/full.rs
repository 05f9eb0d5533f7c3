//! `full`: each finding with its place in the text, the rule that decided, the requirement in the policy, and why;
//! then the counts.
//!
//! ```text
//! error[azureml.v1.compute.public_ip_inbound]: `ci-1` has a public IP, but …
//!    ╭─[ envs/dev.yaml:12:5 ]
//! 12 │     public_ip: true
//!    …
//!    = denied: inbound tcp 44224 from AzureMachineLearning
//!      denied by `network_security_groups.training.rules.deny-all` (priority 100) at the subnet
//!    = required by: Secure an Azure Machine Learning training environment …, “…with public IP”, edition 2024-07-26
//!      https://…
//!      v1.pip.inbound.aml_tcp44224: Allow inbound TCP 44224 from AzureMachineLearning.
//!    = help: …
//! ```

use std::io::{self, Write};

use palisade_source::Diagnostic;
use palisade_source::report::{
    CheckReport, Citation, EnvironmentReport, Finding, FlowAnswer, Location, OutcomeKind, Texts, VerdictKind,
};

use crate::places::Places;
use crate::snippet::{self, Mark};
use crate::style::{Paint, Tone, finding_word};
use crate::summary::{counts, nothing_applied, summary_line};
use crate::text::{visible, visible_lines};
use crate::{Detail, Options};

/// Writes the result of a check.
pub fn full(report: &CheckReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(&report.texts, options, to);
    for diagnostic in &report.diagnostics {
        writer.diagnostic(diagnostic)?;
    }
    for environment in &report.environments {
        writer.environment(environment)?;
    }
    writer.left_out()?;
    if options.detail == Detail::Verbose {
        for rule in &report.rules {
            writeln!(writer.to, "rule {}: {}", visible(&rule.id), visible(&rule.title))?;
        }
    }
    let line = summary_line(report);
    let bold = writer.paint.bold(&line);
    writeln!(writer.to, "{bold}")
}

/// Writes diagnostics alone: of a command that has no report to put them into.
pub fn diagnostics(these: &[Diagnostic], texts: &Texts, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(texts, options, to);
    for diagnostic in these {
        writer.diagnostic(diagnostic)?;
    }
    writer.left_out()
}

/// Writes findings and diagnostics up to the limit.
pub(crate) struct Writer<'a> {
    places: Places<'a>,
    options: &'a Options,
    pub(crate) paint: Paint,
    pub(crate) to: &'a mut dyn Write,
    shown: usize,
    hidden: usize,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(texts: &'a Texts, options: &'a Options, to: &'a mut dyn Write) -> Self {
        let paint = Paint::new(options.color);
        Self { places: Places::new(texts), options, paint, to, shown: 0, hidden: 0 }
    }

    fn environment(&mut self, environment: &EnvironmentReport) -> io::Result<()> {
        for diagnostic in environment.diagnostics.iter().chain(nothing_applied(environment).as_ref()) {
            self.diagnostic(diagnostic)?;
        }
        if self.options.detail == Detail::Quiet {
            return Ok(());
        }
        for finding in &environment.findings {
            self.finding(finding)?;
        }
        for note in &environment.notes {
            self.aside("note", &format!("{}: {note}", environment.name), "")?;
        }
        if self.options.detail == Detail::Verbose {
            let (name, path) = (visible(&environment.name), visible(&environment.path));
            writeln!(self.to, "{name} ({path}): {}", counts(environment.summary))?;
        }
        Ok(())
    }

    /// Whether one more may be shown.
    fn within_limit(&mut self) -> bool {
        let within = self.options.limit.is_none_or(|limit| self.shown < limit);
        if within {
            self.shown += 1;
        } else {
            self.hidden += 1;
        }
        within
    }

    fn left_out(&mut self) -> io::Result<()> {
        if self.hidden > 0 {
            writeln!(self.to, "{} more not shown (`--max-diagnostics {}`)", self.hidden, self.shown)?;
        }
        Ok(())
    }

    /// A fault of a file or a command line.
    pub(crate) fn diagnostic(&mut self, diagnostic: &Diagnostic) -> io::Result<()> {
        if !self.within_limit() {
            return Ok(());
        }
        let severity = diagnostic.severity;
        self.header(severity.as_str(), severity.into(), diagnostic.code, &diagnostic.message)?;
        let mut marks = Vec::new();
        if let Some(span) = &diagnostic.span {
            let words = diagnostic.label.clone().unwrap_or_else(|| "here".to_owned());
            marks.push(Mark { path: span.path.clone(), range: span.range, words, tone: severity.into() });
        }
        marks.extend(diagnostic.related.iter().map(|label| Mark {
            path: label.span.path.clone(),
            range: label.span.range,
            words: label.message.clone(),
            tone: Tone::Other,
        }));
        self.snippet(&marks)?;
        for note in &diagnostic.notes {
            self.aside("note", note, "   = ")?;
        }
        self.help(diagnostic.help.as_deref())
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if !self.within_limit() {
            return Ok(());
        }
        let (word, tone) = finding_word(finding.outcome, finding.severity);
        self.header(word, tone, &finding.rule, &finding.message)?;
        self.snippet(&marks(finding, tone))?;
        self.flows(&finding.flows)?;
        self.citations(&finding.cites)?;
        for note in &finding.notes {
            self.aside("note", note, "   = ")?;
        }
        self.help(finding.help.as_deref())
    }

    fn header(&mut self, word: &str, tone: Tone, code: &str, message: &str) -> io::Result<()> {
        let opening = self.paint.tone(tone, &format!("{word}[{}]", visible(code)));
        let message = self.paint.bold(&visible(message));
        writeln!(self.to, "{opening}: {message}")
    }

    /// `path:line` of a place, and the text of that line.
    pub(crate) fn line(&self, at: &Location) -> Option<(String, String)> {
        let (text, _) = self.places.file(&at.path)?;
        let line = text.lines().nth(usize::try_from(at.start.line).ok()?.checked_sub(1)?)?;
        Some((format!("{}:{}", visible(&at.path), at.start.line), line.trim().to_owned()))
    }

    pub(crate) fn snippet(&mut self, marks: &[Mark]) -> io::Result<()> {
        let drawn = snippet::draw(marks, &self.places, self.paint, self.options.color);
        self.to.write_all(drawn.as_bytes())
    }

    /// The flows that failed or are open, those of one decider together; of the others only the number.
    fn flows(&mut self, flows: &[FlowAnswer]) -> io::Result<()> {
        let Some(failed) = flows.first().map(|flow| flow.verdict) else { return Ok(()) };
        let matters = |flow: &&FlowAnswer| flow.verdict == failed || flow.verdict == VerdictKind::Undetermined;
        let (shown, others): (Vec<&FlowAnswer>, Vec<&FlowAnswer>) = flows.iter().partition(matters);
        for group in by_decider(&shown) {
            self.flow_group(&group)?;
        }
        match others.first() {
            Some(other) => {
                let (count, verdict) = (others.len(), other.verdict.as_str());
                let (noun, verb) = if count == 1 { ("flow", "is") } else { ("flows", "are") };
                self.aside("note", &format!("{count} further {noun} {verb} {verdict}"), "   = ")
            }
            None => Ok(()),
        }
    }

    /// A verdict, who decided, and a packet as proof.
    pub(crate) fn flow(&mut self, flow: &FlowAnswer) -> io::Result<()> {
        self.flow_group(&[flow])
    }

    fn flow_group(&mut self, flows: &[&FlowAnswer]) -> io::Result<()> {
        let Some(first) = flows.first() else { return Ok(()) };
        let mut lines: Vec<String> = flows.iter().map(|flow| flow.flow.clone()).collect();
        lines.push(decided(first));
        if let Some(example) = &first.example {
            lines.push(format!("for example {} between {} and {}", example.protocol, example.local, example.remote));
        }
        lines.extend(first.settles.iter().map(|what| format!("it would be settled by {what}")));
        self.aside_of(first.verdict.as_str(), first.verdict.into(), &lines.join("\n"), "   = ")
    }

    /// The statements, section by section of their documents.
    fn citations(&mut self, cites: &[Citation]) -> io::Result<()> {
        let mut rest: Vec<&Citation> = cites.iter().collect();
        while let Some(first) = rest.first().copied() {
            let Citation { title, section, url, edition, .. } = first;
            let together = |other: &&Citation| (&other.title, &other.section) == (title, section);
            let (these, others): (Vec<&Citation>, Vec<&Citation>) = rest.into_iter().partition(together);
            let statements: Vec<String> = these.iter().map(|c| format!("{}: {}", c.id, c.statement)).collect();
            let text = format!("{title}, “{section}”, edition {edition}\n{url}\n{}", statements.join("\n"));
            self.aside("required by", &text, "   = ")?;
            rest = others;
        }
        Ok(())
    }

    fn help(&mut self, help: Option<&str>) -> io::Result<()> {
        if let Some(help) = help {
            self.aside("help", help, "   = ")?;
        }
        writeln!(self.to)
    }

    fn aside(&mut self, word: &str, text: &str, bullet: &str) -> io::Result<()> {
        let word = self.paint.aside(word);
        self.aside_lines(&word, text, bullet)
    }

    fn aside_of(&mut self, word: &str, tone: Tone, text: &str, bullet: &str) -> io::Result<()> {
        let word = self.paint.tone(tone, word);
        self.aside_lines(&word, text, bullet)
    }

    /// `word: first line`, the further lines indented, so that a line of a user's text never opens a message.
    fn aside_lines(&mut self, word: &str, text: &str, bullet: &str) -> io::Result<()> {
        let mut lines = visible_lines(text);
        writeln!(self.to, "{bullet}{word}: {}", lines.next().unwrap_or_default())?;
        let indent = " ".repeat(bullet.len() + 2);
        lines.try_for_each(|line| writeln!(self.to, "{indent}{line}"))
    }
}

/// Flows with one verdict and one decider, in the order of the first of each.
fn by_decider<'f>(flows: &[&'f FlowAnswer]) -> Vec<Vec<&'f FlowAnswer>> {
    let mut groups: Vec<Vec<&FlowAnswer>> = Vec::new();
    for flow in flows {
        let alike = |group: &&mut Vec<&FlowAnswer>| {
            group.first().is_some_and(|first| decided(first) == decided(flow) && first.settles == flow.settles)
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(flow),
            None => groups.push(vec![flow]),
        }
    }
    groups
}

/// `denied by `…deny-all` (priority 100) at the subnet`.
pub(crate) fn decided(flow: &FlowAnswer) -> String {
    let verdict = flow.verdict.as_str();
    let by = match (&flow.decided_by, flow.default_rule) {
        (Some(rule), Some(default)) => {
            format!("{verdict} by the default rule `{default}` of `{rule}`")
        }
        (Some(rule), None) => format!("{verdict} by `{rule}`"),
        (None, Some(hop)) if flow.level == Some("route") => format!("{verdict} by Azure's own route to `{hop}`"),
        (None, Some(default)) => format!("{verdict} by the default rule `{default}`"),
        (None, None) => verdict.to_owned(),
    };
    let priority = flow.priority.map(|priority| format!(" (priority {priority})")).unwrap_or_default();
    let level = match flow.level {
        Some("admin") => " before every group".to_owned(),
        Some("route") if flow.default_rule.is_some() => String::new(),
        Some(level) => format!(" at the {level}"),
        None => String::new(),
    };
    format!("{by}{priority}{level}")
}

/// The fault, the deciding rules, further places, the requirement. A place named twice is drawn once.
fn marks(finding: &Finding, tone: Tone) -> Vec<Mark> {
    let mark = |at: &Location, words: String, tone| Mark { path: at.path.clone(), range: at.range, words, tone };
    let mut marks = vec![mark(&finding.location, primary_words(finding), tone)];
    let deciding = finding.flows.iter().filter_map(|flow| Some((flow.location.as_ref()?, decided(flow))));
    let related = finding.related.iter().map(|related| (&related.location, related.message.clone()));
    let asked = if finding.outcome == OutcomeKind::Violation { "required here" } else { "asked here" };
    let requirement = finding.requirement.iter().map(|at| (at, asked.to_owned()));
    for (at, words) in related.chain(deciding).chain(requirement) {
        if !marks.iter().skip(1).any(|known| known.path == at.path && known.range == at.range) {
            marks.push(mark(at, words, Tone::Other));
        }
    }
    marks
}

/// What stands at the primary place.
fn primary_words(finding: &Finding) -> String {
    match finding.location.pointer.as_str() {
        "" => "here".to_owned(),
        pointer => format!("`{pointer}`"),
    }
}
