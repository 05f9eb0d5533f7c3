//! A run of policy tests for tools: JSON, version 1.

use std::io::{self, Write};

use palisade_source::report::{CoverageReport, MutationReport, TestReport, TestResult};
use serde::Serialize;

use crate::json::{DiagnosticDto, VERSION, write_json};
use crate::mutants::MutationDto;
use crate::places::Places;
use crate::test_coverage::CoverageDto;

#[derive(Serialize)]
struct TestsDto<'a> {
    version: u32,
    summary: SummaryDto,
    diagnostics: Vec<DiagnosticDto<'a>>,
    tests: Vec<TestDto<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<CoverageDto<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mutation: Option<MutationDto<'a>>,
}

#[derive(Serialize)]
struct SummaryDto {
    passed: usize,
    failed: usize,
    filtered_out: usize,
}

#[derive(Serialize)]
struct TestDto<'a> {
    module: &'a str,
    name: &'a str,
    passed: bool,
    expectations: usize,
    failures: Vec<DiagnosticDto<'a>>,
}

impl<'a> TestDto<'a> {
    fn new(test: &'a TestResult, places: &Places<'_>) -> Self {
        Self {
            module: &test.module,
            name: &test.name,
            passed: test.failures.is_empty(),
            expectations: test.expectations,
            failures: DiagnosticDto::all(&test.failures, places),
        }
    }
}

/// Writes a test run with what was found out besides.
pub fn tests_json(
    report: &TestReport,
    coverage: Option<&CoverageReport>,
    mutation: Option<&MutationReport>,
    to: &mut dyn Write,
) -> io::Result<()> {
    let places = Places::new(&report.texts);
    let failed = report.tests.iter().filter(|test| !test.failures.is_empty()).count();
    let document = TestsDto {
        version: VERSION,
        summary: SummaryDto { passed: report.tests.len() - failed, failed, filtered_out: report.filtered_out },
        diagnostics: DiagnosticDto::all(&report.diagnostics, &places),
        tests: report.tests.iter().map(|test| TestDto::new(test, &places)).collect(),
        coverage: coverage.map(CoverageDto::new),
        mutation: mutation.map(MutationDto::new),
    };
    write_json(&document, to)
}
