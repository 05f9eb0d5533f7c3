//! Every environment of `tests/envs/` comes to what `EXPECTED.md` argues: each row holds, and nothing comes of it that no row names.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::BTreeSet;

use palisade_tests::expected;
use palisade_tests::program::palisade;
use palisade_tests::report::{Finding, Report};
use palisade_tests::workspace;

/// Those of the folder itself: one below is a project of its own.
fn files() -> BTreeSet<String> {
    let all = workspace::files("tests/envs", "yaml").into_iter().map(|file| file.path);
    all.filter(|path| path.matches('/').count() == 2).collect()
}

fn report() -> Report {
    let fixed = ["check", "--all", "--output", "json"].map(str::to_owned);
    let run = palisade(fixed.into_iter().chain(files()));
    assert_eq!(run.code, 1, "there are broken ones among them: {}", run.stderr);
    Report::read(&run.stdout)
}

#[test]
fn each_environment_comes_to_what_is_argued() {
    let tables = expected::tables();
    let report = report();
    let mut wrong = Vec::new();
    for environment in &report.environments {
        let file = environment.path.rsplit('/').next().unwrap();
        let table = tables.get(file).unwrap_or_else(|| panic!("EXPECTED.md has no table for {file}"));
        let own = report.findings.iter().filter(|one| one.environment == environment.name);
        let own: Vec<&Finding> = own.collect();
        assert!(environment.diagnostics.iter().all(|one| one.severity != "error"), "{:?}", environment.diagnostics);
        wrong.extend(table.disagreements(environment, &own));
    }
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_table_has_its_environment_and_every_environment_its_table() {
    let files: BTreeSet<_> = files().iter().map(|path| path.replace("tests/envs/", "")).collect();
    let tables: BTreeSet<_> = expected::tables().into_keys().collect();
    assert_eq!(files, tables);
    let report = report();
    let checked: BTreeSet<_> = report.environments.iter().map(|one| one.path.replace("tests/envs/", "")).collect();
    assert_eq!(checked, files);
}
