//! What the policies hold: `rules` and the matrix of `coverage`, as tables and as JSON.

use std::io::{self, Write};

use palisade_source::Severity;
use palisade_source::report::{RuleInfo, StatementInfo};
use serde::Serialize;

use crate::Options;
use crate::json::{CitationDto, VERSION, write_json};
use crate::table;
use crate::text::{counted, visible};

/// Writes the rules as a table.
pub fn rules(rules: &[RuleInfo], options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<[String; 5]> = rules.iter().map(rule_row).collect();
    table::write(["rule", "severity", "status", "packs", "title"], &rows, options.width, to)?;
    writeln!(to, "{}", counted(rules.len(), "rule", "rules"))
}

fn rule_row(rule: &RuleInfo) -> [String; 5] {
    [
        visible(&rule.id).into_owned(),
        rule.severity.as_str().to_owned(),
        visible(&rule.status).into_owned(),
        visible(&rule.packs.join(",")).into_owned(),
        visible(&rule.title).into_owned(),
    ]
}

/// Writes the matrix of statements and rules: one table for each source.
pub fn coverage(statements: &[StatementInfo], options: &Options, to: &mut dyn Write) -> io::Result<()> {
    for of_source in statements.chunk_by(|a, b| a.source == b.source) {
        if let Some(first) = of_source.first() {
            let citation = &first.citation;
            let (title, edition) = (visible(&citation.title), visible(&citation.edition));
            writeln!(to, "{}: {title}, edition {edition}", visible(&first.source))?;
        }
        let rows: Vec<[String; 4]> = of_source.iter().map(statement_row).collect();
        table::write(["statement", "strength", "tests", "rules"], &rows, options.width, to)?;
        writeln!(to)?;
    }
    writeln!(to, "{}", coverage_line(statements))
}

fn statement_row(statement: &StatementInfo) -> [String; 4] {
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
        visible(&rules).into_owned(),
    ]
}

/// Whether a statement asks for a rule or for a reason why there is none.
fn binds(statement: &StatementInfo) -> bool {
    matches!(statement.strength, "must" | "must_not" | "should")
}

fn coverage_line(statements: &[StatementInfo]) -> String {
    let covered = statements.iter().filter(|one| !one.rules.is_empty()).count();
    let unchecked = statements.iter().filter(|one| one.rules.is_empty() && one.unchecked.is_some()).count();
    let open = |one: &&StatementInfo| one.rules.is_empty() && one.unchecked.is_none() && binds(one);
    format!(
        "{}: {covered} with a rule, {unchecked} unchecked with a reason, {} binding without either",
        counted(statements.len(), "statement", "statements"),
        statements.iter().filter(open).count(),
    )
}

#[derive(Serialize)]
struct RulesDto<'a> {
    version: u32,
    rules: Vec<RuleDto<'a>>,
}

/// A rule in a listing and on its page.
#[derive(Serialize)]
pub(crate) struct RuleDto<'a> {
    id: &'a str,
    title: &'a str,
    severity: &'static str,
    packs: &'a [String],
    cites: Vec<&'a str>,
    status: &'a str,
    tags: &'a [String],
}

impl<'a> RuleDto<'a> {
    pub(crate) fn new(rule: &'a RuleInfo) -> Self {
        Self {
            id: &rule.id,
            title: &rule.title,
            severity: Severity::as_str(rule.severity),
            packs: &rule.packs,
            cites: rule.cites.iter().map(|cite| cite.id.as_str()).collect(),
            status: &rule.status,
            tags: &rule.tags,
        }
    }
}

/// Writes the rules for tools.
pub fn rules_json(rules: &[RuleInfo], to: &mut dyn Write) -> io::Result<()> {
    write_json(&RulesDto { version: VERSION, rules: rules.iter().map(RuleDto::new).collect() }, to)
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
    unchecked: Option<&'a str>,
}

impl<'a> StatementDto<'a> {
    pub(crate) fn new(statement: &'a StatementInfo) -> Self {
        Self {
            citation: CitationDto::new(&statement.citation),
            source: &statement.source,
            strength: statement.strength,
            rules: &statement.rules,
            tests: statement.tests,
            unchecked: statement.unchecked.as_deref(),
        }
    }
}

/// Writes the matrix for tools.
pub fn coverage_json(statements: &[StatementInfo], to: &mut dyn Write) -> io::Result<()> {
    let document = CoverageDto { version: VERSION, statements: statements.iter().map(StatementDto::new).collect() };
    write_json(&document, to)
}
