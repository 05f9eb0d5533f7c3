//! The five source documents, statement by statement: none is missing, and each has a rule that a test sees violated, or a reason why it has none.
//!
//! What is still to be done stands in `statements_not_yet.txt`, which must say neither too little nor too much. The catalogue of facts lies beside the repository; where it is
//! not there, the tests that need it say so.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::{BTreeMap, BTreeSet};

use palisade_tests::program::palisade;
use palisade_tests::workspace;

/// The sources that hold the five documents.
const SOURCES: &[&str] = &["v1", "v2", "ov20", "y19", "tm"];

/// The pack of each of the five documents.
const PACKS: &[(&str, &str)] = &[
    ("v1", "azureml_v1"),
    ("v2", "azureml_v2"),
    ("ov20", "azureml_2020"),
    ("y19", "azureml_2019"),
    ("tm", "training_module"),
];

/// The numbers of the contradictions between the documents.
const CONTRADICTIONS: std::ops::RangeInclusive<u32> = 1..=30;

/// One statement, as `coverage` lists it.
#[derive(serde::Deserialize)]
struct Statement {
    id: String,
    source: String,
    section: String,
    #[serde(rename = "statement")]
    text: String,
    strength: String,
    rules: Vec<String>,
    tests: usize,
    violations: usize,
    checks: Vec<Check>,
    unchecked: Option<String>,
}

/// What the tests expect of a rule that cites a statement.
#[derive(serde::Deserialize)]
struct Check {
    rule: String,
    pass: usize,
    violation: usize,
}

impl Statement {
    fn binds(&self) -> bool {
        matches!(self.strength.as_str(), "must" | "must_not" | "should")
    }

    /// Why no rule checks it, where that is more than a promise.
    fn reason(&self) -> Option<&str> {
        self.unchecked.as_deref().filter(|why| !why.starts_with("not yet covered"))
    }

    fn is_violated_by(&self, tested: &BTreeSet<String>) -> bool {
        self.rules.iter().any(|rule| tested.contains(rule))
    }

    /// Neither checked nor excused: for a binding statement a rule counts when a test sees it violated.
    fn is_open(&self, tested: &BTreeSet<String>) -> bool {
        let checked = if self.binds() { self.is_violated_by(tested) } else { !self.rules.is_empty() };
        !checked && self.reason().is_none()
    }
}

/// One row of the catalogue.
struct Fact {
    id: String,
    strength: String,
    checkable: bool,
}

/// The statements of the five documents.
fn statements() -> Vec<Statement> {
    all_statements().into_iter().filter(|one| SOURCES.contains(&one.source.as_str())).collect()
}

fn all_statements() -> Vec<Statement> {
    #[derive(serde::Deserialize)]
    struct Coverage {
        statements: Vec<Statement>,
    }
    let run = palisade(["coverage", "--output", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let coverage: Coverage = serde_json::from_str(&run.stdout).expect("the coverage is JSON");
    coverage.statements
}

/// The catalogue of facts, where it lies beside the repository.
fn facts() -> Option<Vec<Fact>> {
    let path = workspace::root().parent()?.join("shared/facts/statements.tsv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("nothing was compared: there is no {}", path.display());
        return None;
    };
    let rows = text.lines().skip(1).map(|line| {
        let cells: Vec<_> = line.split('\t').collect();
        let word = cells[6].split([':', ' ']).next().unwrap_or_default();
        Fact {
            id: cells[0].replace('-', "_"),
            strength: cells[4].replace('-', "_"),
            checkable: matches!(word, "yes" | "partly"),
        }
    });
    Some(rows.collect())
}

/// The rules of which some test of the library expects a violation, by full name.
fn violated_rules() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in workspace::files("policies", "pal") {
        let imported = imported_names(&file.text);
        for line in file.text.lines() {
            let Some(rest) = line.trim().strip_prefix("expect violation ") else { continue };
            let name = rest.split_whitespace().next().unwrap_or_default();
            let full = imported.get(name).unwrap_or_else(|| panic!("{}: `{name}` is not imported", file.path));
            found.insert(full.clone());
        }
    }
    found
}

/// What a module calls the items that it imports one by one, with their full names.
fn imported_names(text: &str) -> BTreeMap<&str, String> {
    let imports = text.split("\nimport ").skip(1).filter_map(|rest| rest.split_once('}')?.0.split_once(".{"));
    let imports = imports.filter(|(module, _)| !module.contains(char::is_whitespace));
    let names = imports.flat_map(|(module, names)| names.split(',').map(move |name| (module, name.trim())));
    names.filter(|(_, name)| !name.is_empty()).map(|(module, name)| (name, format!("{module}.{name}"))).collect()
}

/// The statements that wait for their rule, as the file says.
fn not_yet() -> BTreeSet<String> {
    let text = workspace::file("tests/tests/statements_not_yet.txt").text;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_sources_hold_every_statement_with_its_strength() {
    let Some(facts) = facts() else { return };
    assert_eq!(facts.len(), 357);
    let expected: BTreeMap<_, _> = facts.iter().map(|fact| (fact.id.as_str(), fact.strength.as_str())).collect();
    let statements = statements();
    let found: BTreeMap<_, _> = statements.iter().map(|one| (one.id.as_str(), one.strength.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_statement_has_a_section_and_a_text() {
    let statements = statements();
    assert_eq!(statements.len(), 357);
    for one in statements {
        assert!(!one.section.is_empty() && one.text.ends_with('.'), "{}: {}", one.id, one.text);
    }
}

#[test]
fn no_statement_has_both_a_rule_and_an_excuse() {
    let both = |one: &Statement| !one.rules.is_empty() && one.unchecked.is_some();
    let both: Vec<_> = statements().into_iter().filter(both).map(|one| one.id).collect();
    assert_eq!(both, Vec::<String>::new());
}

#[test]
fn what_is_neither_checked_nor_excused_is_listed_and_nothing_else() {
    let tested = violated_rules();
    assert!(tested.len() > 30, "{tested:?}");
    let open: BTreeSet<_> = statements().into_iter().filter(|one| one.is_open(&tested)).map(|one| one.id).collect();
    assert_eq!(not_yet(), open, "statements_not_yet.txt lists what has become covered, or leaves out what is open");
}

#[test]
fn every_binding_statement_that_can_be_checked_is_checked() {
    let Some(facts) = facts() else { return };
    let checkable: BTreeSet<_> = facts.into_iter().filter(|fact| fact.checkable).map(|fact| fact.id).collect();
    let (tested, waiting) = (violated_rules(), not_yet());
    let excused = |one: &Statement| {
        one.binds() && checkable.contains(&one.id) && !one.is_violated_by(&tested) && !waiting.contains(&one.id)
    };
    let excused: Vec<_> = statements().into_iter().filter(excused).map(|one| one.id).collect();
    assert_eq!(excused, Vec::<String>::new(), "these can be checked, so a reason is not enough");
}

#[test]
fn every_binding_statement_with_a_rule_is_seen_violated_whatever_its_document() {
    let (statements, tested) = (all_statements(), violated_rules());
    assert!(statements.len() > 700, "{} statements", statements.len());
    for one in statements.iter().filter(|one| one.binds()) {
        assert!(!one.rules.is_empty() || one.unchecked.is_some(), "{} has neither a rule nor a reason", one.id);
        assert_eq!(one.rules, one.checks.iter().map(|check| check.rule.clone()).collect::<Vec<_>>());
        assert!(one.rules.is_empty() || one.violations > 0 && one.violations <= one.tests, "{}", one.id);
        assert_eq!(one.violations > 0, one.is_violated_by(&tested), "{}: the program and the files differ", one.id);
    }
}

/// Rules of other packs may cite a document too, as hygiene does for what an edition asked and nobody should any more.
#[test]
fn the_pack_of_a_document_itself_checks_what_it_binds_to() {
    #[derive(serde::Deserialize)]
    struct Rules {
        rules: Vec<Rule>,
    }
    #[derive(serde::Deserialize)]
    struct Rule {
        id: String,
        packs: Vec<String>,
    }
    let run = palisade(["rules", "--output", "json"]);
    let rules: Rules = serde_json::from_str(&run.stdout).expect("the rules are JSON");
    for (source, pack) in PACKS {
        let of_pack = rules.rules.iter().filter(|rule| rule.packs.iter().any(|known| known == pack));
        let of_pack: BTreeSet<&str> = of_pack.map(|rule| rule.id.as_str()).collect();
        let statements = statements().into_iter().filter(|one| one.source == *source && one.binds());
        for one in statements.filter(|one| !one.rules.is_empty()) {
            let seen = |check: &Check| check.violation > 0 && check.pass > 0 && of_pack.contains(check.rule.as_str());
            assert!(one.checks.iter().any(seen), "{}: no rule of {pack} is seen violated and passing", one.id);
        }
    }
}

/// A contradiction's row in the table: its id, and the files that the row says hold its tests.
fn contradictions() -> BTreeMap<String, BTreeSet<String>> {
    let text = workspace::file("policies/sources/README.md").text;
    let rows = text.lines().filter(|line| line.starts_with("| K")).map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let files = cells[3].split('`').skip(1).step_by(2).map(str::to_owned);
        (cells[0].to_owned(), files.collect())
    });
    rows.collect()
}

/// The files with a test or a section whose name begins with the id of a contradiction.
fn tests_by_contradiction() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let suites = workspace::files("tests/suite", "md");
    for file in workspace::files("policies", "pal").into_iter().chain(suites) {
        let names = file.text.lines().filter_map(|line| line.strip_prefix("test \"").or(line.strip_prefix("## ")));
        let ids = names.filter_map(|name| name.split_once(": ")).map(|(id, _)| id);
        let is_id = |id: &&str| id.len() == 3 && id.starts_with('K') && id[1..].parse::<u8>().is_ok();
        for id in ids.filter(is_id) {
            found.entry(id.to_owned()).or_default().insert(file.path.clone());
        }
    }
    found
}

#[test]
fn every_contradiction_between_the_documents_has_a_test() {
    let expected: Vec<_> = CONTRADICTIONS.map(|number| format!("K{number:02}")).collect();
    let listed = contradictions();
    assert_eq!(listed.keys().cloned().collect::<Vec<_>>(), expected);
    assert_eq!(listed, tests_by_contradiction(), "the table in policies/sources/README.md and the tests' names differ");
}
