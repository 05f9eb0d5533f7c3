//! A run of policy tests as `JUnit`: one suite for each module, one case for each test. No times are written, so that the
//! same run gives the same bytes.

use std::io::{self, Write};

use palisade_source::Diagnostic;
use palisade_source::report::{TestReport, TestResult};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::places::Places;
use crate::text::visible;

/// Writes a test run for CI servers. Errors in the policies are a case that could not run, so that no reader takes the
/// file for one in which everything passed.
pub fn tests_junit(report: &TestReport, to: &mut dyn Write) -> io::Result<()> {
    let places = Places::new(&report.texts);
    let mut document = Report::new("palisade test");
    let faults: Vec<&Diagnostic> =
        report.diagnostics.iter().filter(|one| one.severity == palisade_source::Severity::Error).collect();
    if !faults.is_empty() {
        let mut suite = TestSuite::new("policies");
        suite.add_test_case(case("the policies have no errors", "policies", NonSuccessKind::Error, &faults, &places));
        document.add_test_suite(suite);
    }
    for of_module in report.tests.chunk_by(|a, b| a.module == b.module) {
        let Some(first) = of_module.first() else { continue };
        let mut suite = TestSuite::new(visible(&first.module).into_owned());
        suite.add_test_cases(of_module.iter().map(|test| test_case(test, &places)));
        document.add_test_suite(suite);
    }
    document.serialize(&mut *to).map_err(io::Error::other)?;
    writeln!(to)
}

fn test_case(test: &TestResult, places: &Places<'_>) -> TestCase {
    let failures: Vec<&Diagnostic> = test.failures.iter().collect();
    case(&test.name, &test.module, NonSuccessKind::Failure, &failures, places)
}

/// A case that passes if nothing failed.
fn case(name: &str, module: &str, kind: NonSuccessKind, failures: &[&Diagnostic], places: &Places<'_>) -> TestCase {
    let mut status = TestCaseStatus::success();
    if let Some(first) = failures.first() {
        status = TestCaseStatus::non_success(kind);
        status.set_message(visible(&first.message).into_owned()).set_type(first.code);
        let words: Vec<String> = failures.iter().map(|failure| words(failure, places)).collect();
        status.set_description(words.join("\n"));
    }
    let mut case = TestCase::new(visible(name).into_owned(), status);
    case.set_classname(visible(module).into_owned());
    case
}

/// A failure on a few lines: its place and message, then its notes and help.
fn words(failure: &Diagnostic, places: &Places<'_>) -> String {
    let place = failure.span.as_ref().and_then(|span| places.locate(span));
    let place = place.map(|at| format!("{}:{}:{}: ", visible(&at.path), at.start.line, at.start.column));
    let mut lines = vec![format!("{}{}", place.unwrap_or_default(), visible(&failure.message))];
    lines.extend(failure.notes.iter().map(|note| format!("  note: {}", visible(note))));
    lines.extend(failure.help.iter().map(|help| format!("  help: {}", visible(help))));
    lines.join("\n")
}
