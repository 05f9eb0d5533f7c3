//! The committed JSON Schemas of `why`, `test` and `lint` hold for what is written, and say no to what is not.

use palisade_report::Options;
use palisade_source::report::*;
use serde_json::Value;

use crate::sample::{self, POLICY, RULE};
use crate::schema::{is_exact, validator};

const WHY: &str = include_str!("../../../../docs/schema/why-report.schema.json");
const LINT: &str = include_str!("../../../../docs/schema/lint-report.schema.json");
const TEST: &str = include_str!("../../../../docs/schema/test-report.schema.json");

fn at(part: &str) -> Location {
    sample::location("library/azureml/v1/compute.pal", POLICY, part, RULE)
}

fn step(kind: &'static str, text: &str, steps: Vec<WhyStep>) -> WhyStep {
    let (flows, location) = (vec![sample::denied_flow()], Some(at("rule")));
    let (text, value, element) = (text.to_owned(), "true".to_owned(), Some("ci-1".to_owned()));
    WhyStep { kind, text, policy: at("require"), element, value, location, flows, steps, omitted: 1 }
}

fn why() -> WhyReport {
    let inner = step("expression", "compute.subnet", Vec::new());
    let steps = vec![step("require", "compute.subnet permits …", vec![inner])];
    WhyReport {
        rule: RULE.to_owned(),
        title: "The service reaches a compute.".to_owned(),
        location: at("public_ip_inbound"),
        resource: "computes.ci-1".to_owned(),
        subject: at("rule"),
        outcome: OutcomeKind::Violation,
        packs: vec![step("pack", "w.sdk == v1", Vec::new())],
        instances: vec![WhyInstance { together_with: Vec::new(), outcome: OutcomeKind::Violation, steps }],
        omitted: 0,
        texts: sample::texts(),
    }
}

fn coverage() -> CoverageReport {
    let sides = vec![("allowed", true), ("denied", false)];
    let (kind, text, location) = ("line", "inbound tcp 44224".to_owned(), at("inbound"));
    let point = CoveredPoint { kind, text, location, sides, undetermined: true };
    let item = |reached, points| CoveredItem {
        kind: "rule",
        name: RULE.to_owned(),
        location: at("public_ip_inbound"),
        reached,
        points,
    };
    CoverageReport { items: vec![item(true, vec![point]), item(false, Vec::new())], texts: sample::texts() }
}

fn mutation() -> MutationReport {
    let mutant = |fate| MutantReport {
        kind: "port",
        item: RULE.to_owned(),
        location: at("44224"),
        before: "tcp 44224".to_owned(),
        after: "tcp \u{1b}44225".to_owned(),
        fate,
    };
    let fates = [
        Fate::Killed { by: "a/b".to_owned() },
        Fate::Survived { tests: 0 },
        Fate::Excused { because: "nobody can tell".to_owned() },
    ];
    MutationReport { mutants: fates.map(mutant).into(), refused: 2, texts: sample::texts() }
}

fn tests() -> TestReport {
    let test = TestResult {
        module: "m".to_owned(),
        name: "n".to_owned(),
        failures: vec![sample::unknown_key()],
        expectations: 1,
    };
    TestReport { tests: vec![test], texts: sample::texts(), ..TestReport::default() }
}

fn linted() -> LintReport {
    let mended = vec!["policies/own.pal".into()];
    let (findings, faults) = (vec![sample::unknown_key()], vec![sample::unknown_key()]);
    LintReport { files: 1, mended, findings, faults, texts: sample::texts() }
}

fn document(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> Value {
    let mut to = Vec::new();
    write(&mut to).unwrap();
    serde_json::from_slice(&to).expect("what is written is JSON")
}

#[test]
fn why_is_what_its_schema_says() {
    let valid = document(|to| palisade_report::why_json(&why(), to));
    is_exact(WHY, &valid, &["", "/instances/0", "/instances/0/steps/0", "/instances/0/steps/0/steps/0", "/packs/0"]);
}

#[test]
fn a_test_run_is_what_its_schema_says() {
    let valid = document(|to| palisade_report::tests_json(&tests(), Some(&coverage()), Some(&mutation()), to));
    let of_coverage = ["/coverage", "/coverage/summary/together", "/coverage/items/0", "/coverage/items/0/points/0"];
    let of_mutation = ["/mutation/summary", "/mutation/summary/kinds/0", "/mutation/mutants/1", "/mutation/mutants/2"];
    is_exact(TEST, &valid, &[&["/tests/0", "/summary"][..], &of_coverage, &of_mutation].concat());
    let plain = document(|to| palisade_report::tests_json(&tests(), None, None, to));
    assert!(validator(TEST).is_valid(&plain));
}

#[test]
fn what_lint_found_is_what_its_schema_says() {
    let valid = document(|to| palisade_report::lint_json(&linted(), to));
    let of_finding = ["/findings/0", "/findings/0/fixes/0", "/findings/0/fixes/0/edits/0", "/diagnostics/0"];
    is_exact(LINT, &valid, &[&[""][..], &of_finding].concat());
}

#[test]
fn nothing_of_a_policy_is_sent_to_the_terminal_as_it_is() {
    let mut to = Vec::new();
    palisade_report::mutants(&mutation(), Some(90), &Options::default(), &mut to).unwrap();
    let mut odd = why();
    odd.title = "a\u{1b}b".to_owned();
    palisade_report::why(&odd, &Options::default(), &mut to).unwrap();
    let text = String::from_utf8(to).unwrap();
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn an_excused_mutant_counts_neither_way() {
    assert_eq!(mutation().share(|_| true), Share { seen: 1, all: 2 });
    assert_eq!(mutation().excused(), 1);
}
