//! The rules that the policies hold, as a table and as JSON.

use std::io::{self, Write};

use palisade_source::Severity;
use palisade_source::report::RuleInfo;
use serde::Serialize;

use crate::Options;
use crate::json::{VERSION, write_json};
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
