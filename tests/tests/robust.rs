//! Damaged, huge and hostile policies through the whole front end: names, types and lints as well as syntax. Nothing panics,
//! nothing lasts, and what is said is about what is wrong.
//!
//! What a line that is missing does to the syntax of a file is tested for every line of the library, in
//! `crates/palisade_syntax/tests/properties.rs`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use palisade_engine::api::CheckOptions;
use palisade_source::Diagnostic;
use palisade_tests::scene::Scene;
use palisade_tests::workspace;

/// What is generous for linear work in a debug build on a busy machine, and far too short for anything worse.
const BOUND: Duration = Duration::from_secs(120);

/// What is said of one's own policy.
fn told(scene: &mut Scene, policy: &str) -> Vec<Diagnostic> {
    scene.set("policies/own.pal", policy);
    let start = Instant::now();
    let report = scene.check(&CheckOptions::default());
    let taken = start.elapsed();
    assert!(taken < BOUND, "{} bytes took {taken:?}", policy.len());
    report.diagnostics
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(|one| one.code).collect()
}

/// A line of each kind of file is missing, spread over the whole library, and what uses it is checked as well.
#[test]
fn deleting_a_line_of_the_library_is_survived_by_the_type_checker() {
    let mut scene = Scene::new();
    let mut with_errors = 0;
    let mut tried = 0;
    for (number, file) in workspace::files("policies", "pal").into_iter().enumerate() {
        let path = file.path.replacen("policies/", "library/", 1);
        let lines: Vec<&str> = file.text.split_inclusive('\n').collect();
        for deleted in (number % EVERY..lines.len()).step_by(EVERY) {
            let damaged = [lines[..deleted].concat(), lines[deleted + 1..].concat()].concat();
            scene.edit_library(&path, &damaged);
            let report = scene.check(&CheckOptions::default());
            tried += 1;
            with_errors += usize::from(!report.diagnostics.is_empty());
            for one in &report.diagnostics {
                assert_ne!(one.code, "syntax-internal", "{path} without line {}: {}", deleted + 1, one.message);
            }
        }
        scene.edit_library(&path, &file.text);
    }
    assert!(tried > 100 && with_errors * 4 > tried, "of {tried} damaged libraries {with_errors} had an error");
    assert_eq!(scene.check(&CheckOptions::default()).diagnostics, Vec::new(), "the library is whole again");
}

/// One line in so many is deleted, in each file from another one on.
const EVERY: usize = 83;

#[test]
fn a_megabyte_of_rules_is_checked_to_its_last_line() {
    let mut policy = String::from("import azureml.resources.{Compute}\n\n");
    let mut number = 0;
    while policy.len() < 1_000_000 {
        number += 1;
        let filler = "a long message ".repeat(30);
        writeln!(
            policy,
            "rule r{number}(compute: Compute) {{\n  severity error\n  require compute.min_nodes == 0 else \"{filler}\"\n}}"
        )
        .unwrap();
    }
    policy.push_str("\nconst last: Int = \"not a number\"\n");
    let told = told(&mut Scene::new(), &policy);
    assert_eq!(codes(&told), ["type-mismatch"], "{told:#?}");
    let at = told[0].span.as_ref().expect("a place").range.start();
    assert_eq!(usize::from(at), policy.len() - "\"not a number\"\n".len());
}

#[test]
fn a_megabyte_on_one_line_is_checked_to_its_end() {
    let policy = format!("const many: List<Int> = [{}, true]\n", vec!["12345"; 150_000].join(", "));
    assert!(policy.len() > 1_000_000);
    let told = told(&mut Scene::new(), &policy);
    assert_eq!(codes(&told), ["type-mismatch"], "{told:#?}");
}

#[test]
fn a_hundred_thousand_parentheses_are_one_error_that_says_the_limit() {
    let parentheses = 100_000;
    let whole = format!("{}1{}", "(".repeat(parentheses), ")".repeat(parentheses));
    let mut scene = Scene::new();
    for value in [whole, "(".repeat(parentheses), "[".repeat(parentheses)] {
        let told = told(&mut scene, &format!("const deep: Bool = {value}\n\nconst next: Int = 1\n"));
        assert_eq!(codes(&told), ["syntax-too-deep"], "{told:#?}");
        assert_eq!(told[0].message, "this is nested more than 64 levels deep");
        assert!(told[0].help.is_some());
    }
}
