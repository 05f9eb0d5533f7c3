//! Listings: rules, packs and statements, for `rules`, `coverage`, `explain` and the pages.

use std::collections::{BTreeMap, BTreeSet};

use palisade_source::report::{OutcomeKind, PackInfo, RuleInfo, StatementCheck, StatementInfo};
use palisade_syntax::ast::{ItemKind, PackCondition};
use smol_str::SmolStr;

use crate::api::Listing;
use crate::check::finding::{citation, citations, location};
use crate::check::program_diagnostics;
use crate::check::select::Selected;
use crate::inputs::{Db, Program};
use crate::ir::{Expectation, ExpectedOutcome, ExprKind, Rule, TrafficLine, walk};
use crate::names::{DefName, NodeRef};
use crate::policy::items::{PolicyItem, find_item, locate};
use crate::policy::lower::{find, function, rule, rule_items, traffic};
use crate::policy::packs::packs;
use crate::policy::sources::{source, source_items, strength_word};
use crate::policy::tests::{test, test_items};
use crate::testing::coverage::policy_text;
use crate::texts::texts;

/// Everything that a program holds.
pub fn list(db: &dyn Db, program: Program) -> Listing {
    let rules = rule_items(db, program).into_iter().filter_map(|(_, item)| rule_info(db, program, item, None));
    Listing {
        rules: rules.collect(),
        packs: pack_infos(db, program),
        statements: statement_infos(db, program),
        diagnostics: program_diagnostics(db, program),
        texts: texts(db, program, &[]),
    }
}

/// The rules of a check.
pub fn rule_infos(db: &dyn Db, program: Program, selected: &Selected<'_>) -> Vec<RuleInfo> {
    let infos = selected.rules.iter().map(|r| rule_info(db, program, r.item, Some(r.severity)));
    infos.flatten().collect()
}

/// A rule as it is listed, with its own severity or the one that a check gives it.
pub(crate) fn rule_info<'db>(
    db: &'db dyn Db,
    program: Program,
    item: PolicyItem<'db>,
    severity: Option<palisade_source::Severity>,
) -> Option<RuleInfo> {
    let rule = &rule(db, program, item).as_ref()?.value;
    let in_packs: Vec<(&SmolStr, &SmolStr)> = packs(db, program)
        .value
        .values()
        .filter(|pack| pack.rules.iter().any(|packed| packed.rule == rule.name))
        .map(|pack| (&pack.name, &pack.status))
        .collect();
    let key = item.key(db);
    let span = locate(db, &NodeRef { item: key.clone(), node: item.ast(db).id });
    let text = key.file.text(db).get(std::ops::Range::<usize>::from(span.range)).unwrap_or_default().to_owned();
    Some(RuleInfo {
        id: rule.name.to_string(),
        title: rule.title.to_string(),
        documentation: rule.documentation.to_string(),
        severity: severity.unwrap_or(rule.severity),
        packs: in_packs.iter().map(|(name, _)| name.to_string()).collect(),
        cites: citations(db, program, all_cites(db, program, rule).iter()),
        status: best_status(&in_packs),
        tags: rule.tags.iter().map(ToString::to_string).collect(),
        location: Some(location(db, key.file, span, rule.name.to_string())),
        text,
    })
}

fn best_status(packs: &[(&SmolStr, &SmolStr)]) -> String {
    let known = ["stable", "preview", "deprecated"];
    let best = known.into_iter().find(|status| packs.iter().any(|(_, s)| s == status));
    best.unwrap_or("unpacked").to_owned()
}

/// What a rule cites: itself, and through the lines of the traffic that it asks about.
pub fn all_cites(db: &dyn Db, program: Program, rule: &Rule) -> Vec<SmolStr> {
    let mut found = rule.cites.clone();
    let mut tables = Vec::new();
    walk::in_steps(&rule.steps, &mut |e| match &e.kind {
        ExprKind::Traffic(lines) => found.extend(line_cites(lines)),
        ExprKind::TrafficTable(name, _) => tables.push(name.clone()),
        ExprKind::Call(name, _) => tables.extend(tables_of_function(db, program, name)),
        _ => {}
    });
    for table in tables {
        if let Some(Some(lowered)) = find(db, program, &table).map(|item| traffic(db, program, item).as_ref()) {
            found.extend(line_cites(&lowered.value.lines));
        }
    }
    let mut unique = Vec::with_capacity(found.len());
    for id in found {
        if !unique.contains(&id) {
            unique.push(id);
        }
    }
    unique
}

fn line_cites(lines: &[TrafficLine]) -> impl Iterator<Item = SmolStr> + '_ {
    lines.iter().flat_map(|line| line.cites.iter().cloned())
}

/// The tables that a function's own body names. Functions that call functions that name tables are followed no further:
/// a rule's traffic stands in the rule, or one call away.
fn tables_of_function(db: &dyn Db, program: Program, name: &DefName) -> Vec<DefName> {
    let body = find(db, program, name).and_then(|item| function(db, program, item).as_ref());
    let mut tables = Vec::new();
    if let Some(lowered) = body {
        walk::all(&lowered.value.body, &mut |e| {
            if let ExprKind::TrafficTable(name, _) = &e.kind {
                tables.push(name.clone());
            }
        });
    }
    tables
}

fn pack_infos(db: &dyn Db, program: Program) -> Vec<PackInfo> {
    let info = |pack: &crate::ir::Pack| {
        let mut rules: Vec<String> = pack.rules.iter().map(|packed| packed.rule.to_string()).collect();
        rules.dedup();
        PackInfo {
            name: pack.name.to_string(),
            title: pack.title.to_string(),
            documentation: pack.documentation.to_string(),
            status: pack.status.to_string(),
            edition: pack.edition.to_string(),
            conditions: conditions(db, pack),
            rules,
        }
    };
    packs(db, program).value.values().map(info).collect()
}

/// The conditions of a pack itself, as they are written.
fn conditions(db: &dyn Db, pack: &crate::ir::Pack) -> Vec<String> {
    let Some(item) = find_item(db, &pack.item) else { return Vec::new() };
    let ItemKind::Pack(written) = &item.ast(db).kind else { return Vec::new() };
    let text = |condition: &PackCondition| policy_text(db, &NodeRef { item: pack.item.clone(), node: condition.id });
    written.conditions.iter().map(|one| text(one).trim_start_matches("when ").to_owned()).collect()
}

fn statement_infos(db: &dyn Db, program: Program) -> Vec<StatementInfo> {
    let rules = rules_by_statement(db, program);
    let tests = tests_by_rule(db, program);
    let mut all = Vec::new();
    let mut items = source_items(db, program);
    items.sort_by(|a, b| a.key(db).name.cmp(&b.key(db).name));
    for item in items {
        let source = &source(db, item).value;
        for statement in &source.statements {
            let Some(citation) = citation(db, program, &statement.id) else { continue };
            let citing = rules.get(&statement.id).map(Vec::as_slice).unwrap_or_default();
            let tested = || citing.iter().filter_map(|(rule, _)| tests.get(rule));
            let count = |of: &dyn Fn(&Tested) -> BTreeSet<usize>| tested().flat_map(of).collect::<BTreeSet<_>>().len();
            all.push(StatementInfo {
                citation,
                source: source.name.to_string(),
                strength: strength_word(statement.strength),
                tests: count(&|one| one.all.clone()),
                violations: count(&|one| one.of(OutcomeKind::Violation).clone()),
                checks: citing.iter().map(|(rule, by_line)| check(rule, *by_line, tests.get(rule))).collect(),
                rules: citing.iter().map(|(rule, _)| rule.clone()).collect(),
                unchecked: statement.unchecked.as_ref().map(ToString::to_string),
            });
        }
    }
    all
}

fn check(rule: &str, by_line: bool, tested: Option<&Tested>) -> StatementCheck {
    let count = |kind| tested.map_or(0, |tested| tested.of(kind).len());
    StatementCheck {
        rule: rule.to_owned(),
        by_line,
        pass: count(OutcomeKind::Pass),
        violation: count(OutcomeKind::Violation),
        undetermined: count(OutcomeKind::Undetermined),
        not_applicable: count(OutcomeKind::NotApplicable),
    }
}

/// The rules that cite each statement, and whether they do so only through lines of traffic.
fn rules_by_statement(db: &dyn Db, program: Program) -> BTreeMap<SmolStr, Vec<(String, bool)>> {
    let mut by_statement: BTreeMap<SmolStr, Vec<(String, bool)>> = BTreeMap::new();
    for (name, item) in rule_items(db, program) {
        let Some(lowered) = rule(db, program, item) else { continue };
        for id in all_cites(db, program, &lowered.value) {
            let by_line = !lowered.value.cites.contains(&id);
            by_statement.entry(id).or_default().push((name.to_string(), by_line));
        }
    }
    by_statement
}

/// The tests of a rule, by number: all, and those that expect each outcome.
#[derive(Default)]
struct Tested {
    all: BTreeSet<usize>,
    by_outcome: BTreeMap<OutcomeKind, BTreeSet<usize>>,
}

impl Tested {
    fn of(&self, kind: OutcomeKind) -> &BTreeSet<usize> {
        static NONE: BTreeSet<usize> = BTreeSet::new();
        self.by_outcome.get(&kind).unwrap_or(&NONE)
    }
}

fn tests_by_rule(db: &dyn Db, program: Program) -> BTreeMap<String, Tested> {
    let mut by_rule: BTreeMap<String, Tested> = BTreeMap::new();
    for (number, item) in test_items(db, program).into_iter().enumerate() {
        let Some(lowered) = test(db, program, item) else { continue };
        for expectation in &lowered.value.expectations {
            match expectation {
                Expectation::Outcome { rule, outcome, .. } => {
                    let tested = by_rule.entry(rule.to_string()).or_default();
                    tested.all.insert(number);
                    if let ExpectedOutcome::Kind(kind) = outcome {
                        tested.by_outcome.entry(*kind).or_default().insert(number);
                    }
                }
                Expectation::NoFindings { rules, .. } => {
                    for rule in rules {
                        by_rule.entry(rule.to_string()).or_default().all.insert(number);
                    }
                }
            }
        }
    }
    by_rule
}

/// The place of an item, for messages about it.
pub fn item_location(db: &dyn Db, key: &crate::names::ItemKey) -> Option<palisade_source::report::Location> {
    let item = find_item(db, key)?;
    let span = locate(db, &NodeRef { item: key.clone(), node: item.ast(db).id });
    Some(location(db, key.file, span, key.name.to_string()))
}
