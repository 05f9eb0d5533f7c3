//! Exit codes: a contract that scripts depend on. The format of a report never changes them.

use std::process::ExitCode;

use palisade_source::report::{CheckReport, DiffReport, EnvironmentReport, OutcomeKind, TestReport, VerdictKind};
use palisade_source::{Diagnostic, Severity};

/// What an answer means for whoever called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: nothing at or above the severity that fails; a flow is allowed; every test passed; two packs ask the same.
    Fine,
    /// 1: violations; a flow is denied, in part or as a whole; a test failed; two packs differ.
    Violations,
    /// 2: no answer: usage, configuration, an unreadable file, an error of a policy, a defect.
    NoAnswer,
    /// 3: nothing was checked: no inputs, or no instance reached pass or violation; no test ran.
    NothingChecked,
    /// 4: a flow is undetermined.
    Undetermined,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Violations => 1,
            Exit::NoAnswer => 2,
            Exit::NothingChecked => 3,
            Exit::Undetermined => 4,
        })
    }
}

impl Exit {
    /// Over several environments the worst wins: 2 > 1 > 3 > 0.
    fn rank(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::NothingChecked => 1,
            Self::Undetermined => 2,
            Self::Violations => 3,
            Self::NoAnswer => 4,
        }
    }
}

/// What makes a check fail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailOn {
    /// The least severity of a violation that does.
    pub(crate) severity: Severity,
    /// Whether an undetermined instance does.
    pub(crate) undetermined: bool,
    /// Whether violations are reported but do not fail. What could not be checked still does.
    pub(crate) never: bool,
}

/// The exit code of a check.
pub(crate) fn of_check(report: &CheckReport, fail_on: FailOn) -> Exit {
    if has_error(&report.diagnostics) {
        return Exit::NoAnswer;
    }
    let exits = report.environments.iter().map(|one| of_environment(one, fail_on));
    exits.max_by_key(|exit| exit.rank()).unwrap_or(Exit::NothingChecked)
}

fn of_environment(environment: &EnvironmentReport, fail_on: FailOn) -> Exit {
    let summary = environment.summary;
    if has_error(&environment.diagnostics) || summary.error > 0 {
        return Exit::NoAnswer;
    }
    let fails = environment.findings.iter().any(|finding| match finding.outcome {
        OutcomeKind::Violation => finding.severity >= fail_on.severity,
        OutcomeKind::Undetermined => fail_on.undetermined,
        _ => false,
    });
    if fails && !fail_on.never {
        Exit::Violations
    } else if summary.pass + summary.violation + summary.waived == 0 {
        Exit::NothingChecked
    } else {
        Exit::Fine
    }
}

/// The exit code of a question about traffic.
pub(crate) fn of_verdict(verdict: VerdictKind) -> Exit {
    match verdict {
        VerdictKind::Allowed => Exit::Fine,
        VerdictKind::Denied | VerdictKind::Partial => Exit::Violations,
        VerdictKind::Undetermined => Exit::Undetermined,
    }
}

/// The exit code of a comparison.
pub(crate) fn of_diff(report: &DiffReport) -> Exit {
    if report.is_same() { Exit::Fine } else { Exit::Violations }
}

/// The exit code of a test run.
pub(crate) fn of_tests(report: &TestReport) -> Exit {
    if has_error(&report.diagnostics) {
        Exit::NoAnswer
    } else if report.tests.iter().any(|test| !test.failures.is_empty()) {
        Exit::Violations
    } else if report.tests.is_empty() {
        Exit::NothingChecked
    } else {
        Exit::Fine
    }
}

pub(crate) fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|one| one.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use palisade_source::report::{Finding, Location, Summary};
    use palisade_source::{LineColumn, TextRange};

    const DEFAULT: FailOn = FailOn { severity: Severity::Error, undetermined: false, never: false };

    fn finding(outcome: OutcomeKind, severity: Severity) -> Finding {
        let place = LineColumn { line: 1, column: 1 };
        let location = Location {
            path: "a".into(),
            pointer: String::new(),
            range: TextRange::default(),
            start: place,
            end: place,
        };
        Finding {
            rule: String::new(),
            title: String::new(),
            outcome,
            severity,
            environment: String::new(),
            resource: String::new(),
            message: String::new(),
            location,
            related: Vec::new(),
            requirement: None,
            notes: Vec::new(),
            flows: Vec::new(),
            cites: Vec::new(),
            help: None,
            fingerprint: String::new(),
        }
    }

    fn environment(passes: usize, findings: Vec<Finding>) -> EnvironmentReport {
        let mut summary = Summary { pass: passes, ..Summary::default() };
        for finding in &findings {
            summary.count(finding.outcome);
        }
        let (name, path) = (String::new(), "a".into());
        EnvironmentReport { name, path, summary, diagnostics: Vec::new(), findings, notes: Vec::new() }
    }

    fn exit(environments: Vec<EnvironmentReport>, fail_on: FailOn) -> Exit {
        of_check(&CheckReport { environments, ..CheckReport::default() }, fail_on)
    }

    fn broken() -> EnvironmentReport {
        let mut broken = environment(0, Vec::new());
        broken.diagnostics.push(Diagnostic::error("unknown-key", "", None));
        broken
    }

    fn violated(severity: Severity) -> EnvironmentReport {
        environment(1, vec![finding(OutcomeKind::Violation, severity)])
    }

    fn open() -> EnvironmentReport {
        environment(0, vec![finding(OutcomeKind::Undetermined, Severity::Error)])
    }

    #[test]
    fn passes_alone_are_fine() {
        assert_eq!(exit(vec![environment(1, Vec::new())], DEFAULT), Exit::Fine);
    }

    #[test]
    fn a_violation_fails_from_the_chosen_severity_on() {
        assert_eq!(exit(vec![violated(Severity::Error)], DEFAULT), Exit::Violations);
        assert_eq!(exit(vec![violated(Severity::Warning)], DEFAULT), Exit::Fine);
        let warning = FailOn { severity: Severity::Warning, ..DEFAULT };
        assert_eq!(exit(vec![violated(Severity::Warning)], warning), Exit::Violations);
    }

    #[test]
    fn without_inputs_or_decisions_nothing_was_checked() {
        assert_eq!(exit(Vec::new(), DEFAULT), Exit::NothingChecked);
        assert_eq!(exit(vec![environment(0, Vec::new())], DEFAULT), Exit::NothingChecked);
        assert_eq!(exit(vec![open()], DEFAULT), Exit::NothingChecked);
    }

    #[test]
    fn undetermined_fails_only_when_asked() {
        let strict = FailOn { undetermined: true, ..DEFAULT };
        assert_eq!(exit(vec![open()], strict), Exit::Violations);
        let mixed = environment(1, vec![finding(OutcomeKind::Undetermined, Severity::Error)]);
        assert_eq!(exit(vec![mixed], DEFAULT), Exit::Fine);
    }

    #[test]
    fn exit_zero_forgives_violations_and_nothing_else() {
        let never = FailOn { never: true, ..DEFAULT };
        assert_eq!(exit(vec![violated(Severity::Error)], never), Exit::Fine);
        assert_eq!(exit(vec![violated(Severity::Error), broken()], never), Exit::NoAnswer);
        assert_eq!(exit(vec![violated(Severity::Error), environment(0, Vec::new())], never), Exit::NothingChecked);
    }

    #[test]
    fn the_worst_environment_wins() {
        let (fine, none) = (environment(1, Vec::new()), environment(0, Vec::new()));
        assert_eq!(exit(vec![fine.clone(), none.clone()], DEFAULT), Exit::NothingChecked);
        assert_eq!(exit(vec![none.clone(), violated(Severity::Error)], DEFAULT), Exit::Violations);
        assert_eq!(exit(vec![violated(Severity::Error), broken(), fine], DEFAULT), Exit::NoAnswer);
    }

    #[test]
    fn a_defect_is_no_answer() {
        let defect = environment(9, vec![finding(OutcomeKind::Error, Severity::Info)]);
        assert_eq!(exit(vec![defect], DEFAULT), Exit::NoAnswer);
    }
}
