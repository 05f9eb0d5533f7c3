//! A run of policy tests: what failed and why, then the line that scripts read, `N passed, N failed`.

use std::fmt::Write as _;
use std::io::{self, Write};

use palisade_source::report::{TestReport, TestResult};

use crate::full::Writer;
use crate::style::Tone;
use crate::summary::errors;
use crate::text::{counted, visible};
use crate::{Detail, Options};

/// Writes a test run. A run in which no test ran says so and never that everything passed.
pub fn tests(report: &TestReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(&report.texts, options, to);
    for diagnostic in &report.diagnostics {
        writer.diagnostic(diagnostic)?;
    }
    for test in &report.tests {
        one(test, options, &mut writer)?;
    }
    let line = count_line(report);
    let line = writer.paint.bold(&line);
    writeln!(writer.to, "{line}")
}

fn one(test: &TestResult, options: &Options, writer: &mut Writer<'_>) -> io::Result<()> {
    let name = format!("{} / {}", visible(&test.module), visible(&test.name));
    if test.failures.is_empty() {
        if options.detail == Detail::Verbose {
            let word = writer.paint.tone(Tone::Good, "ok");
            let checked = counted(test.expectations, "expectation", "expectations");
            writeln!(writer.to, "{word} {name} ({checked})")?;
        }
        return Ok(());
    }
    let word = writer.paint.tone(Tone::Bad, "FAILED");
    writeln!(writer.to, "{word} {name}")?;
    if options.detail == Detail::Quiet {
        return Ok(());
    }
    test.failures.iter().try_for_each(|failure| writer.diagnostic(failure))
}

fn count_line(report: &TestReport) -> String {
    let faults = errors(&report.diagnostics);
    if faults > 0 {
        return format!("no test ran: {} in the policies", counted(faults, "error", "errors"));
    }
    let failed = report.tests.iter().filter(|test| !test.failures.is_empty()).count();
    let mut line = format!("{} passed, {failed} failed", report.tests.len() - failed);
    if report.filtered_out > 0 {
        let _ = write!(line, ", {} filtered out", report.filtered_out);
    }
    if report.tests.is_empty() {
        line.push_str(": no test ran");
    }
    line
}
