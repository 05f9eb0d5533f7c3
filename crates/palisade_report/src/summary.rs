//! The counts of a check in words. The number undetermined is always among them.

use std::fmt::Write as _;

use palisade_source::report::{CheckReport, EnvironmentReport, Summary};
use palisade_source::{Diagnostic, Severity};

use crate::text::{counted, visible};

/// `checked 2 environments against 40 rules of azureml_v1: 41 passed, 2 violations, 1 undetermined, 10 not applicable`.
///
/// Says that nothing was checked where that is so, and how many environments could not be.
#[must_use]
pub fn summary_line(report: &CheckReport) -> String {
    let faults = errors(&report.diagnostics);
    if faults > 0 {
        return format!("nothing was checked: {}", counted(faults, "error", "errors"));
    }
    if report.environments.is_empty() {
        return "nothing was checked: no environment was found".to_owned();
    }
    let broken = report.environments.iter().filter(|one| errors(&one.diagnostics) > 0).count();
    let checked = report.environments.len() - broken;
    if checked == 0 {
        return format!("nothing was checked: {} could not be checked", counted(broken, "environment", "environments"));
    }
    let mut line = format!("checked {}", counted(checked, "environment", "environments"));
    if !report.rules.is_empty() {
        let _ = write!(line, " against {}", counted(report.rules.len(), "rule", "rules"));
    }
    if !report.packs.is_empty() {
        let _ = write!(line, " of {}", visible(&report.packs.join(", ")));
    }
    let _ = write!(line, ": {}", counts(report.summary()));
    if broken > 0 {
        let _ = write!(line, "; {} could not be checked", counted(broken, "environment", "environments"));
    }
    line
}

/// `41 passed, 2 violations, 1 undetermined, 10 not applicable`, with waived and errors where there are any.
pub(crate) fn counts(summary: Summary) -> String {
    let mut words = format!(
        "{} passed, {}, {} undetermined, {} not applicable",
        summary.pass,
        counted(summary.violation, "violation", "violations"),
        summary.undetermined,
        summary.not_applicable,
    );
    if summary.waived > 0 {
        let _ = write!(words, ", {} waived", summary.waived);
    }
    if summary.error > 0 {
        let _ = write!(words, ", {}", counted(summary.error, "error", "errors"));
    }
    words
}

/// The warning for an environment that could be read, but in which no instance of a rule reached pass or violation.
#[must_use]
pub fn nothing_applied(environment: &EnvironmentReport) -> Option<Diagnostic> {
    let Summary { pass, violation, waived, error, undetermined, not_applicable } = environment.summary;
    if pass + violation + waived + error > 0 || errors(&environment.diagnostics) > 0 {
        return None;
    }
    let why = match undetermined + not_applicable {
        0 => "no rule is about what it describes".to_owned(),
        _ => format!("{undetermined} undetermined, {not_applicable} not applicable"),
    };
    let message = format!("nothing was decided in `{}`: {why}", environment.name);
    let mut warning = Diagnostic::error("nothing-applied", message, None);
    warning.severity = Severity::Warning;
    Some(warning.with_help(Some(
        "choose the packs that are meant for it with `--pack`, or state what the rules need to know".to_owned(),
    )))
}

pub(crate) fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|one| one.severity == Severity::Error).count()
}
