//! A check: which rules run, how their instances came out, and the findings with their places.
//!
//! [`mod@select`] chooses the rules, [`crate::evaluate`] runs them shard by shard, [`finding`] gives the results positions.

pub mod finding;
pub mod select;

use std::collections::BTreeSet;

use palisade_source::report::{CheckReport, EnvironmentReport, Finding, OutcomeKind, Summary, Texts};
use palisade_source::{Diagnostic, Severity};

use self::finding::Locator;
use self::select::{Selected, select};
use crate::api::CheckOptions;
use crate::environment;
use crate::evaluate::outcome::Instance;
use crate::evaluate::queries::evaluate_shard;
use crate::inputs::{Db, Environment, Program};
use crate::policy::problems::{diagnostics as policy_diagnostics, has_errors};
use crate::texts::texts;

/// Checks environments.
pub fn check(db: &dyn Db, program: Program, environments: &[Environment], options: &CheckOptions) -> CheckReport {
    let mut report = CheckReport { diagnostics: program_diagnostics(db, program), ..CheckReport::default() };
    report.texts = texts(db, program, environments);
    if has_errors(&report.diagnostics) {
        return report;
    }
    let selected = match select(db, program, options) {
        Ok(selected) => selected,
        Err(faults) => {
            report.diagnostics.extend(faults);
            return report;
        }
    };
    report.packs.clone_from(&selected.packs);
    report.rules = crate::listing::rule_infos(db, program, &selected);
    report.environments =
        environments.iter().map(|e| check_environment(db, program, *e, &selected, options.all)).collect();
    report
}

/// The faults of a program: those of its policies, and what the semantics misses in its library.
pub fn program_diagnostics(db: &dyn Db, program: Program) -> Vec<Diagnostic> {
    let mut all = policy_diagnostics(db, program);
    if !has_errors(&all) {
        let missing: BTreeSet<_> = crate::evaluate::queries::bindings(db, program).1.iter().collect();
        let help =
            "declare it in the library, or leave out the library that stands in the place of the one in the binary";
        let fault = |message: &String| {
            Diagnostic::error("library-binding", message.clone(), None).with_help(Some(help.to_owned()))
        };
        all.extend(missing.into_iter().map(fault));
    }
    all
}

/// Checks one environment against the selected rules.
fn check_environment(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    selected: &Selected<'_>,
    all: bool,
) -> EnvironmentReport {
    let path = environment.file(db).path(db).clone();
    let diagnostics = environment::diagnostics(db, program, environment);
    let name = environment::environment_name(db, program, environment);
    let mut report = EnvironmentReport {
        name: name.map_or_else(|| stem(&path), |name| name.to_string()),
        path,
        summary: Summary::default(),
        diagnostics,
        findings: Vec::new(),
        notes: Vec::new(),
    };
    if has_errors(&report.diagnostics) {
        return report;
    }
    let locator = Locator { db, program, environment, name: report.name.clone() };
    for rule in &selected.rules {
        for shard in 0..environment::shards(db, program, environment, rule.subject) {
            let instances = evaluate_shard(db, program, environment, rule.item, rule.selection, shard);
            for instance in instances.iter() {
                report.summary.count(instance.outcome);
                report.findings.extend(findings(&locator, rule, instance, all));
            }
        }
    }
    report.findings.sort_by(|a, b| order(a).cmp(&order(b)));
    report.notes = crate::notes::defaulted_conditions(db, program, environment, selected);
    report
}

fn findings(locator: &Locator<'_>, rule: &select::SelectedRule<'_>, instance: &Instance, all: bool) -> Vec<Finding> {
    let listed = matches!(instance.outcome, OutcomeKind::Pass | OutcomeKind::NotApplicable);
    if listed && all {
        return vec![locator.listed(rule, instance)];
    }
    instance.findings.iter().map(|raw| locator.finding(rule, instance, raw)).collect()
}

/// By file, position, rule; then by what tells two findings of one rule at one place apart.
fn order(finding: &Finding) -> impl Ord + '_ {
    let at = &finding.location;
    (&at.path, at.range.start(), at.range.end(), &finding.rule, &finding.resource, &finding.message)
}

fn stem(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned()
}

/// Whether anything of a severity is among findings that count as violated.
pub fn any_violation(report: &CheckReport, least: Severity) -> bool {
    let all = report.environments.iter().flat_map(|e| &e.findings);
    all.into_iter().any(|f| f.outcome == OutcomeKind::Violation && f.severity >= least)
}

/// The texts of a report about a program alone.
pub fn program_texts(db: &dyn Db, program: Program) -> Texts {
    texts(db, program, &[])
}
