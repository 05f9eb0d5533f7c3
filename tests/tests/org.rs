//! The example of an organisation, `tests/envs/org/`: its own modules beside the library, used as the organisation would.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use palisade_tests::expected;
use palisade_tests::program::{Run, palisade_in};
use palisade_tests::report::{Finding, Report};
use palisade_tests::workspace;

fn run<const N: usize>(arguments: [&str; N]) -> Run {
    palisade_in(&folder(), arguments)
}

fn folder() -> PathBuf {
    workspace::root().join("tests/envs/org")
}

#[test]
fn its_tests_pass_without_a_warning() {
    let run = run(["test", "--filter", "contoso."]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.contains(" passed, 0 failed"), "{}", run.stdout);
}

#[test]
fn its_environments_come_to_what_is_argued() {
    let run = run(["check", "--all", "--output", "json"]);
    assert_eq!(run.code, 1, "one of them is broken: {}", run.stderr);
    let report = Report::read(&run.stdout);
    let tables = expected::read(&workspace::file("tests/envs/org/EXPECTED.md").text);
    let mut checked = BTreeSet::new();
    for environment in &report.environments {
        let file = environment.path.rsplit('/').next().unwrap();
        let own = report.findings.iter().filter(|one| one.environment == environment.name);
        let own: Vec<&Finding> = own.collect();
        let codes: Vec<&str> = environment.diagnostics.iter().map(|one| one.code.as_str()).collect();
        // The acquired network leads to the firewall of a hub with which it is not peered.
        let known = if file == "acquired.yaml" { &["route-table"][..] } else { &[] };
        assert_eq!(codes, known, "{:?}", environment.diagnostics);
        let wrong = tables[file].disagreements(environment, &own);
        assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
        checked.insert(file.to_owned());
    }
    assert_eq!(checked, tables.into_keys().collect());
}

/// The severity of `palisade.yaml`, that of a `should`, and that of a `must`.
#[test]
fn its_findings_are_as_grave_as_it_says() {
    let run = run(["check", "--output", "json"]);
    let report = Report::read(&run.stdout);
    let severity = |rule: &str| {
        let all: BTreeSet<&str> =
            report.findings.iter().filter(|one| one.rule == rule).map(|one| one.severity.as_str()).collect();
        all.into_iter().collect::<Vec<_>>().join(", ")
    };
    assert_eq!(severity("contoso.routing.subnet_has_route_table"), "warning");
    assert_eq!(severity("contoso.computes.cluster_limits"), "warning");
    assert_eq!(severity("contoso.routing.no_direct_way_out"), "error");
}

/// What is not stated counts against an environment in one pack, and not in the other.
#[test]
fn two_packs_read_absence_in_two_ways() {
    let of_old = |pack: &str| {
        let run = run(["check", "--pack", pack, "--output", "json", "environments/acquired.yaml"]);
        let findings = Report::read(&run.stdout).findings;
        findings.iter().any(|one| one.rule.contains("public_access") && one.resource == "workspaces.old")
    };
    assert!(of_old("contoso_baseline"));
    assert!(!of_old("contoso_onboarding"));
}
