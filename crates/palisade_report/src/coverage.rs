//! The matrix of statements, the rules that check them and the tests of these: as tables, as JSON, and as a page of the book
//! (`page.rs`).

mod page;

use std::io::{self, Write};

use palisade_source::report::{StatementCheck, StatementInfo};
use serde::Serialize;

pub use self::page::coverage_page;
use crate::Options;
use crate::json::{CitationDto, VERSION, write_json};
use crate::table;
use crate::text::{counted, visible};

/// Writes the matrix of statements and rules: one table for each source.
pub fn coverage(statements: &[StatementInfo], options: &Options, to: &mut dyn Write) -> io::Result<()> {
    for of_source in statements.chunk_by(|a, b| a.source == b.source) {
        if let Some(first) = of_source.first() {
            let citation = &first.citation;
            let (title, edition) = (visible(&citation.title), visible(&citation.edition));
            writeln!(to, "{}: {title}, edition {edition}", visible(&first.source))?;
        }
        let rows: Vec<[String; 5]> = of_source.iter().map(statement_row).collect();
        table::write(["statement", "strength", "tests", "violated", "rules"], &rows, options.width, to)?;
        writeln!(to)?;
    }
    writeln!(to, "{}", coverage_line(statements))
}

fn statement_row(statement: &StatementInfo) -> [String; 5] {
    let rules = match (&statement.unchecked, statement.rules.is_empty()) {
        (_, false) => statement.rules.join(", "),
        (Some(why), true) => format!("unchecked: {why}"),
        (None, true) if binds(statement) => "no rule".to_owned(),
        (None, true) => "-".to_owned(),
    };
    [
        visible(&statement.citation.id).into_owned(),
        statement.strength.to_owned(),
        statement.tests.to_string(),
        statement.violations.to_string(),
        visible(&rules).into_owned(),
    ]
}

/// Whether a statement asks for a rule or for a reason why there is none.
pub(super) fn binds(statement: &StatementInfo) -> bool {
    matches!(statement.strength, "must" | "must_not" | "should")
}

pub(super) fn coverage_line(statements: &[StatementInfo]) -> String {
    let covered = statements.iter().filter(|one| !one.rules.is_empty()).count();
    let unchecked = statements.iter().filter(|one| one.rules.is_empty() && one.unchecked.is_some()).count();
    let open = |one: &&StatementInfo| one.rules.is_empty() && one.unchecked.is_none() && binds(one);
    let unseen = |one: &&StatementInfo| !one.rules.is_empty() && one.violations == 0 && binds(one);
    format!(
        "{}: {covered} with a rule, {unchecked} unchecked with a reason; of those that bind, {} without either \
         and {} whose rules no test sees violated",
        counted(statements.len(), "statement", "statements"),
        statements.iter().filter(open).count(),
        statements.iter().filter(unseen).count(),
    )
}

#[derive(Serialize)]
struct CoverageDto<'a> {
    version: u32,
    statements: Vec<StatementDto<'a>>,
}

/// A statement in the matrix and on its page.
#[derive(Serialize)]
pub(crate) struct StatementDto<'a> {
    #[serde(flatten)]
    citation: CitationDto<'a>,
    source: &'a str,
    strength: &'static str,
    rules: &'a [String],
    tests: usize,
    violations: usize,
    checks: Vec<CheckDto<'a>>,
    unchecked: Option<&'a str>,
}

/// What the tests expect of a rule that cites a statement.
#[derive(Serialize)]
struct CheckDto<'a> {
    rule: &'a str,
    by_line: bool,
    pass: usize,
    violation: usize,
    undetermined: usize,
    not_applicable: usize,
}

impl<'a> CheckDto<'a> {
    fn new(check: &'a StatementCheck) -> Self {
        let StatementCheck { rule, by_line, pass, violation, undetermined, not_applicable } = check;
        let (by_line, pass, violation) = (*by_line, *pass, *violation);
        Self { rule, by_line, pass, violation, undetermined: *undetermined, not_applicable: *not_applicable }
    }
}

impl<'a> StatementDto<'a> {
    pub(crate) fn new(statement: &'a StatementInfo) -> Self {
        Self {
            citation: CitationDto::new(&statement.citation),
            source: &statement.source,
            strength: statement.strength,
            rules: &statement.rules,
            tests: statement.tests,
            violations: statement.violations,
            checks: statement.checks.iter().map(CheckDto::new).collect(),
            unchecked: statement.unchecked.as_deref(),
        }
    }
}

/// Writes the matrix for tools.
pub fn coverage_json(statements: &[StatementInfo], to: &mut dyn Write) -> io::Result<()> {
    let document = CoverageDto { version: VERSION, statements: statements.iter().map(StatementDto::new).collect() };
    write_json(&document, to)
}
