//! What the type checker accepts, what it refuses, and in which words.
//!
//! A case is the clauses of a rule about a compute, or whole items. The refused ones are shown with their messages in
//! `snapshots/`, one file for each subject; every code of [`codes::ALL`] must occur in one.

mod accepted;
mod lowered;
mod program;
mod refused;

use std::collections::BTreeSet;

use self::program::Program;
use super::codes;

const ITEMS: &[&str] = &["rule", "fn", "const", "traffic", "hosts", "pack", "record", "entity", "enum"];

/// A case as a whole file.
fn program(case: &str) -> Program {
    let first = case.split_whitespace().next().unwrap_or_default();
    if ITEMS.contains(&first) {
        return Program::new(&format!("{case}\n"));
    }
    let clauses: Vec<String> = case.lines().map(|line| format!("  {}", line.trim())).collect();
    let subject = if case.contains("compute") { "compute" } else { "_compute" };
    Program::new(&format!("rule r({subject}: Compute) {{\n{}\n}}\n", clauses.join("\n")))
}

#[test]
fn what_is_right_is_accepted() {
    for case in accepted::CASES {
        let program = program(case);
        let problems: Vec<_> = program.check().into_iter().flat_map(|(_, _, problems)| problems).collect();
        assert!(problems.is_empty(), "{}", program.show());
    }
}

#[test]
fn what_is_wrong_is_refused_in_clear_words() {
    for (subject, cases) in refused::CASES {
        let shown: Vec<String> = cases.iter().map(|case| program(case).show()).collect();
        for text in &shown {
            assert!(text.contains("  ── "), "not refused:\n{text}");
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(*subject, shown.join("\n"));
        });
    }
}

#[test]
fn one_mistake_is_one_message() {
    for case in refused::SINGLE {
        let program = program(case);
        let count: usize = program.check().iter().map(|(_, _, problems)| problems.len()).sum();
        assert_eq!(count, 1, "{}", program.show());
    }
}

#[test]
fn every_code_has_a_case_and_every_case_a_code() {
    let cases = refused::CASES.iter().flat_map(|(_, cases)| cases.iter());
    let checked: Vec<_> =
        cases.flat_map(|case| program(case).check().into_iter().flat_map(|(_, _, p)| p).collect::<Vec<_>>()).collect();
    let seen: BTreeSet<&str> = checked.iter().map(|p| p.code).collect();
    let listed: BTreeSet<&str> = codes::ALL.iter().map(|(code, _)| *code).collect();
    assert_eq!(seen, listed);
}

#[test]
fn messages_follow_the_house_style() {
    for case in refused::CASES.iter().flat_map(|(_, cases)| cases.iter()) {
        for (_, _, problems) in program(case).check() {
            for problem in problems {
                let first = problem.message.chars().next().unwrap();
                assert!(!first.is_uppercase() && !problem.message.ends_with('.'), "{}", problem.message);
                assert!(problem.help.is_some(), "no help: {}", problem.message);
            }
        }
    }
}

#[test]
fn codes_are_sorted_and_unique() {
    assert!(codes::ALL.is_sorted_by(|(a, _), (b, _)| a < b));
}

/// As deep as the parser lets through: 64 levels, each with as many links as there may be.
#[test]
fn the_deepest_expression_needs_little_stack() {
    let links = ".workspace".repeat(60);
    let deepest = (0..60).fold("compute".to_owned(), |inner, _| format!("compute.tags[{inner}]{links}"));
    let small = std::thread::Builder::new().stack_size(4 << 20);
    let checked = small.spawn(move || {
        let program = program(&format!("require any s in every Subnet: s == {deepest} and {deepest} == s"));
        program.check().iter().map(|(_, _, problems)| problems.len()).sum::<usize>()
    });
    assert!(checked.unwrap().join().unwrap() > 0);
}
