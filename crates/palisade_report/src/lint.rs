//! The result of `lint`: findings with their place in the text, one line for each, or JSON; then what was mended, and how
//! many there are.

use std::collections::BTreeMap;
use std::io::{self, Write};

use palisade_source::report::LintReport;
use serde::Serialize;

use crate::concise::fault;
use crate::full::diagnostics;
use crate::json::{DiagnosticDto, VERSION, write_json};
use crate::places::Places;
use crate::text::visible;
use crate::{Detail, Options};

/// Writes each finding with its place in the text.
pub fn lint(report: &LintReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    if options.detail != Detail::Quiet {
        diagnostics(&report.findings, &report.texts, options, to)?;
    }
    closing(report, options, to)?;
    match report.findings.iter().filter(|one| one.fixes.iter().any(|fix| fix.safe)).count() {
        0 => Ok(()),
        some => writeln!(to, "`palisade lint --fix` mends {some} of them"),
    }
}

/// Writes one line for each finding.
pub fn lint_concise(report: &LintReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let places = Places::new(&report.texts);
    for finding in report.findings.iter().filter(|_| options.detail != Detail::Quiet) {
        writeln!(to, "{}", fault(finding, None, &places))?;
    }
    closing(report, options, to)
}

/// Writes the result as JSON, version 1: the shape that `docs/schema/lint-report.schema.json` holds.
pub fn lint_json(report: &LintReport, to: &mut dyn Write) -> io::Result<()> {
    let places = Places::new(&report.texts);
    let document = LintDto {
        version: VERSION,
        files: report.files,
        mended: report.mended.iter().map(|path| &**path).collect(),
        diagnostics: DiagnosticDto::all(&report.faults, &places),
        findings: DiagnosticDto::all(&report.findings, &places),
    };
    write_json(&document, to)
}

#[derive(Serialize)]
struct LintDto<'a> {
    version: u32,
    files: usize,
    mended: Vec<&'a str>,
    diagnostics: Vec<DiagnosticDto<'a>>,
    findings: Vec<DiagnosticDto<'a>>,
}

fn closing(report: &LintReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    for path in report.mended.iter().filter(|_| options.detail != Detail::Quiet) {
        writeln!(to, "mended `{}`", visible(path))?;
    }
    writeln!(to, "{}", summary(report))
}

/// `3 findings in 12 files: missing-doc 2, unused-import 1`
fn summary(report: &LintReport) -> String {
    let files = counted(report.files, "file");
    if report.findings.is_empty() {
        return format!("{files} without a finding");
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry(finding.code).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(code, count)| format!("{code} {count}")).collect();
    format!("{} in {files}: {}", counted(report.findings.len(), "finding"), counts.join(", "))
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
