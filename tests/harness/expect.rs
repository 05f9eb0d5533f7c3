//! One line of an ```` ```expect ```` block, held against a report.
//!
//! ```text
//! violation suite.open on computes.ci-1 at network_security_groups.g.rules.deny-all
//! violation suite.open on computes.ci-1 line 12 "priority 100"
//! pass suite.open on computes.cpu
//! error unknown-key line 3 "did you mean `subnet`"
//! nothing else
//! ```
//!
//! `on PLACE` may be left out: then every instance must come out so, and there must be one. `at PLACE` holds for the
//! finding's location or a related place; `line N` for the line on which one of these begins; a text in quotes must occur in
//! what the finding or the diagnostic says. `nothing else` says that all violations, open outcomes, errors and diagnostics
//! are named by the other lines.

use crate::report::{Diagnostic, Finding, Report};

/// A line of an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// An outcome of a rule.
    Outcome {
        /// `violation`, `pass`, ….
        outcome: String,
        /// The rule's full name.
        rule: String,
        /// Its subject, if one is named.
        on: Option<String>,
        /// What else holds.
        details: Details,
    },
    /// A fault of a file or a policy.
    Fault {
        /// `error`, `warning`.
        severity: String,
        /// Its code.
        code: String,
        /// What else holds.
        details: Details,
    },
    /// The other lines name everything that is worth a word.
    NothingElse,
}

/// Where and what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    at: Option<String>,
    line: Option<usize>,
    texts: Vec<String>,
}

const OUTCOMES: &[&str] = &["violation", "pass", "undetermined", "not_applicable", "waived", "error"];

/// Reads the lines of a block; a line that is not understood is a panic that names it.
pub fn read(block: &str) -> Vec<Expectation> {
    let lines = block.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| parse(line).unwrap_or_else(|| panic!("not an expectation: {line}"))).collect()
}

/// What of the expectations does not hold, in words.
pub fn failures(expected: &[Expectation], report: &Report) -> Vec<String> {
    let mut failures: Vec<String> = expected.iter().filter_map(|one| failure(one, report)).collect();
    if expected.contains(&Expectation::NothingElse) {
        failures.extend(unexpected(expected, report));
    }
    failures
}

fn parse(line: &str) -> Option<Expectation> {
    if line == "nothing else" {
        return Some(Expectation::NothingElse);
    }
    let (line, texts) = split_texts(line)?;
    let mut words = line.split_whitespace();
    let (first, second) = (words.next()?, words.next()?);
    let mut details = Details { texts, ..Details::default() };
    let mut on = None;
    while let Some(word) = words.next() {
        let value = words.next()?.to_owned();
        match word {
            "on" => on = Some(value),
            "at" => details.at = Some(value),
            "line" => details.line = Some(value.parse().ok()?),
            _ => return None,
        }
    }
    let rule = second.contains('.');
    if rule && OUTCOMES.contains(&first) {
        return Some(Expectation::Outcome { outcome: first.to_owned(), rule: second.to_owned(), on, details });
    }
    let fault = matches!(first, "error" | "warning" | "info") && on.is_none() && !rule;
    fault.then(|| Expectation::Fault { severity: first.to_owned(), code: second.to_owned(), details })
}

/// The line without its texts in quotes, and the texts.
fn split_texts(line: &str) -> Option<(String, Vec<String>)> {
    let parts: Vec<_> = line.split('"').collect();
    let even = parts.len() % 2 == 1;
    let bare = parts.iter().step_by(2).copied().collect::<Vec<_>>().join(" ");
    let texts = parts.iter().skip(1).step_by(2).map(|&text| text.to_owned());
    even.then(|| (bare, texts.collect()))
}

fn failure(expected: &Expectation, report: &Report) -> Option<String> {
    match expected {
        Expectation::Outcome { outcome, rule, on, details } => {
            let of_rule = |one: &&Finding| one.rule == *rule && on.as_ref().is_none_or(|on| one.resource == *on);
            let found: Vec<_> = report.findings.iter().filter(of_rule).collect();
            let fits = |one: &&&Finding| one.outcome == *outcome && details.fit_finding(one);
            let fitting = found.iter().filter(fits).count();
            // With a subject one finding is enough, since a rule may have several requirements.
            let holds = if on.is_some() { fitting > 0 } else { fitting > 0 && fitting == found.len() };
            (!holds).then(|| format!("expected {expected:?}\n  found {}", shown(&found)))
        }
        Expectation::Fault { severity, code, details } => {
            let fits =
                |one: &&Diagnostic| one.severity == *severity && one.code == *code && details.fit_diagnostic(one);
            let holds = report.all_diagnostics().any(|one| fits(&one));
            let all: Vec<_> = report.all_diagnostics().collect();
            (!holds).then(|| format!("expected {expected:?}\n  found {all:#?}"))
        }
        Expectation::NothingElse => None,
    }
}

/// What is worth a word and no line names.
fn unexpected(expected: &[Expectation], report: &Report) -> Vec<String> {
    let named = |one: &Finding| {
        expected.iter().any(|line| match line {
            Expectation::Outcome { outcome, rule, on, details } => {
                one.rule == *rule
                    && one.outcome == *outcome
                    && on.as_ref().is_none_or(|on| one.resource == *on)
                    && details.fit_finding(one)
            }
            _ => false,
        })
    };
    let named_fault = |one: &Diagnostic| {
        expected.iter().any(|line| match line {
            Expectation::Fault { severity, code, details } => {
                one.severity == *severity && one.code == *code && details.fit_diagnostic(one)
            }
            _ => false,
        })
    };
    let lines = expected.iter().filter(|line| matches!(line, Expectation::Fault { .. })).count();
    let all = report.all_diagnostics().count();
    let twice =
        (all > lines).then(|| format!("{lines} lines name {all} faults: each fault is said once and named once"));
    let quiet = |one: &Finding| matches!(one.outcome.as_str(), "pass" | "not_applicable");
    let findings = report.findings.iter().filter(|one| !quiet(one) && !named(one));
    let faults = report.all_diagnostics().filter(|one| !named_fault(one));
    findings
        .map(|one| format!("not expected: {}", shown(&[one])))
        .chain(faults.map(|one| format!("not expected: {one:?}")))
        .chain(twice)
        .collect()
}

fn shown(findings: &[&Finding]) -> String {
    let line = |one: &&Finding| {
        let places: Vec<_> = one.places().map(|at| format!("{}:{}", at.pointer, at.start.line)).collect();
        format!("\n    {} {} on {} at {places:?}: {}", one.outcome, one.rule, one.resource, one.message)
    };
    if findings.is_empty() { "nothing".to_owned() } else { findings.iter().map(line).collect() }
}

impl Details {
    fn fit_finding(&self, finding: &Finding) -> bool {
        let line = self.line.is_none_or(|line| finding.places().any(|at| at.start.line == line));
        let at = self.at.as_ref().is_none_or(|at| finding.is_at(at));
        let related = finding.related.iter().map(|related| related.message.as_str());
        let flows = finding.flows.iter().map(|flow| flow.flow.as_str());
        let said: Vec<_> = related.chain(flows).chain([finding.message.as_str()]).collect();
        let texts = self.texts.iter().all(|text| said.iter().any(|said| said.contains(text)));
        line && at && texts
    }

    fn fit_diagnostic(&self, diagnostic: &Diagnostic) -> bool {
        let location = diagnostic.location.as_ref();
        let line = self.line.is_none_or(|line| location.is_some_and(|at| at.start.line == line));
        let at = self.at.as_ref().is_none_or(|at| location.is_some_and(|found| found.path == *at));
        let help = diagnostic.help.as_deref().unwrap_or_default();
        let said = |text: &String| diagnostic.message.contains(text.as_str()) || help.contains(text.as_str());
        line && at && self.texts.iter().all(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_an_outcome_or_a_fault() {
        let read = read("violation a.b on c.d at e.f line 3 \"priority 100\"\nerror unknown-key line 3\nnothing else");
        let details = Details { at: Some("e.f".into()), line: Some(3), texts: vec!["priority 100".into()] };
        let outcome =
            Expectation::Outcome { outcome: "violation".into(), rule: "a.b".into(), on: Some("c.d".into()), details };
        let details = Details { line: Some(3), ..Details::default() };
        let fault = Expectation::Fault { severity: "error".into(), code: "unknown-key".into(), details };
        assert_eq!(read, [outcome, fault, Expectation::NothingElse]);
    }

    #[test]
    #[should_panic(expected = "not an expectation: violation")]
    fn a_line_that_is_not_understood_is_a_failure() {
        let _ = read("violation a.b onn c.d");
    }

    #[test]
    fn what_is_not_found_fails() {
        let empty = r#"{ "version": 1, "environments": [], "diagnostics": [], "findings": [],
            "summary": { "pass": 0, "violation": 0, "not_applicable": 0, "undetermined": 0, "waived": 0, "error": 0 } }"#;
        let report = Report::read(empty);
        assert_eq!(failures(&read("pass a.b"), &report).len(), 1);
        assert_eq!(failures(&read("error unknown-key"), &report).len(), 1);
        assert!(failures(&read("nothing else"), &report).is_empty());
    }
}
