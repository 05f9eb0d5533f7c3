//! A policy that the type checker lets through never fails while it runs: on random policies and environments over the
//! library's own types, no outcome is an error, but for what no type can rule out (a number too large, too many steps).
//!
//! Short by default; `PALISADE_LONG=1` asks many more questions.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;

use palisade_engine::api::CheckOptions;
use palisade_source::Severity;
use palisade_source::report::{CheckReport, OutcomeKind};
use palisade_tests::random::environment::environment;
use palisade_tests::random::{Choices, policy};
use palisade_tests::scene::Scene;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};

const POLICY: &str = "policies/suite.pal";
const RULES: usize = 12;

/// What types do not rule out.
const ALLOWED: [&str; 5] = ["too large", "too far away", "more than", "nested", "more addresses than"];

/// How much of what was generated could be asked.
#[derive(Debug, Default)]
struct Asked {
    written: usize,
    checked: usize,
    environments: usize,
    sound: usize,
    outcomes: BTreeMap<&'static str, usize>,
}

#[test]
fn what_is_well_typed_never_fails() {
    let long = std::env::var_os("PALISADE_LONG").is_some_and(|value| value == "1");
    let config =
        ProptestConfig { cases: if long { 500 } else { 24 }, failure_persistence: None, ..ProptestConfig::default() };
    let scene = RefCell::new(Scene::new());
    let asked = RefCell::new(Asked::default());
    let bytes = || prop::collection::vec(any::<u8>(), 0..3_000);
    let result = TestRunner::new(config).run(&(bytes(), bytes()), |(rules, values)| {
        ask(&mut scene.borrow_mut(), &rules, &values, &mut asked.borrow_mut()).map_err(TestCaseError::fail)
    });
    let asked = asked.into_inner();
    println!("{asked:?}");
    match result {
        // The bytes would say nothing: the reason holds the rule and the environment.
        Err(TestError::Fail(reason, _) | TestError::Abort(reason)) => panic!("{reason}"),
        Ok(()) => {}
    }
    // A generator whose policies or environments are refused shows nothing.
    assert!(asked.checked * 2 > asked.written, "most rules are refused: {asked:?}");
    assert!(asked.sound * 2 > asked.environments, "most environments are refused: {asked:?}");
    for outcome in ["pass", "violation", "undetermined", "not_applicable"] {
        assert!(asked.outcomes.contains_key(outcome), "nothing came out as {outcome}: {asked:?}");
    }
}

/// Each level of `and` in `or` in `and` doubles the ways through a condition.
#[test]
fn conditions_within_conditions_are_read_in_bounded_time() {
    let nested = (0..55).fold("s.min_nodes > 3".to_owned(), |inner, level| {
        let (op, other) = if level % 2 == 0 { ("or", "s.size is set") } else { ("and", "s.min_nodes != 7") };
        format!("({other} {op} {inner})")
    });
    let mut scene = Scene::new();
    scene
        .set(POLICY, &format!("import azureml.resources.{{Compute}}\nrule r(s: Compute) {{\n  require {nested}\n}}\n"));
    scene.set("env.yaml", "computes: { ci: { kind: compute_instance, size: a } }");
    let report = scene.check(&CheckOptions { all: true, select: vec!["suite".to_owned()], ..CheckOptions::default() });
    assert!(report.diagnostics.iter().all(|one| one.severity != Severity::Error), "{:?}", report.diagnostics);
    assert_eq!(report.environments[0].findings.len(), 1);
}

fn ask(scene: &mut Scene, rules: &[u8], values: &[u8], asked: &mut Asked) -> Result<(), String> {
    let options = CheckOptions { all: true, select: vec!["suite".to_owned()], ..CheckOptions::default() };
    scene.set(POLICY, "");
    let schema = scene.schema().clone();
    let written = policy::policy(&schema, &mut Choices::new(rules), RULES);
    let text = environment(&schema, &mut Choices::new(values));
    scene.set("env.yaml", &text);
    asked.written += RULES;
    let Some(kept) = well_typed(scene, written, &options) else { return Ok(()) };
    asked.checked += kept.len() - 1;
    let report = scene.check(&options);
    asked.environments += 1;
    let faults = || report.environments.iter().flat_map(|one| &one.diagnostics);
    if faults().any(|fault| fault.severity == Severity::Error) {
        if std::env::var_os("PALISADE_SHOW").is_some() {
            faults().for_each(|fault| println!("{}", fault.message));
        }
        return Ok(());
    }
    asked.sound += 1;
    judge(&report, &kept, &text, asked)
}

/// The items without the faulty ones, until nothing is at fault.
fn well_typed(scene: &mut Scene, mut items: Vec<String>, options: &CheckOptions) -> Option<Vec<String>> {
    while items.len() > 1 {
        scene.set(POLICY, &items.concat());
        let report = scene.check(options);
        let mut faulty: Vec<usize> = Vec::new();
        for fault in report.diagnostics.iter().filter(|one| one.severity == Severity::Error) {
            let offset = fault.span.as_ref().map_or(0, |span| usize::from(span.range.start()));
            let ends = items.iter().scan(0, |end, item| {
                *end += item.len();
                Some(*end)
            });
            let at = ends.into_iter().position(|end| offset < end).unwrap_or(items.len() - 1);
            assert!(at > 0, "the imports are at fault: {}", fault.message);
            if std::env::var_os("PALISADE_SHOW").is_some() {
                println!("{}\n{}", fault.message, items[at]);
            }
            faulty.push(at);
        }
        if faulty.is_empty() {
            return Some(items);
        }
        items = items.into_iter().enumerate().filter(|(at, _)| !faulty.contains(at)).map(|(_, item)| item).collect();
    }
    None
}

fn judge(report: &CheckReport, kept: &[String], text: &str, asked: &mut Asked) -> Result<(), String> {
    for finding in report.environments.iter().flat_map(|one| &one.findings) {
        *asked.outcomes.entry(finding.outcome.as_str()).or_default() += 1;
        let allowed = ALLOWED.iter().any(|words| finding.message.contains(words));
        if finding.outcome == OutcomeKind::Error && !allowed {
            let name = finding.rule.rsplit('.').next().unwrap();
            let rule = kept.iter().find(|item| item.starts_with(&format!("rule {name}("))).unwrap();
            return Err(format!("{}\n\n{rule}\n{text}", finding.message));
        }
    }
    Ok(())
}
