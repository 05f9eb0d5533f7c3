//! Realistic environments, each with a twin that breaks it in one way: every outcome of every pack on them is reviewed, and argued in their `EXPECTED.md`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use palisade_tests::report::{Finding, Report};
use palisade_tests::twins::{self, Folder};
use palisade_tests::workspace;
use rayon::prelude::*;
use similar::TextDiff;

/// The most lines by which a twin may differ, lines that are gone and lines that are new counted apart.
const FEW: usize = 4;

/// The folders, and what each pack of the library makes of them.
struct Reviewed {
    folders: Vec<Folder>,
    reports: BTreeMap<String, Report>,
}

fn reviewed() -> &'static Reviewed {
    static REVIEWED: OnceLock<Reviewed> = OnceLock::new();
    REVIEWED.get_or_init(|| {
        let folders = twins::folders();
        let packs: Vec<String> = twins::packs().into_iter().collect();
        palisade_tests::program::binary();
        let asked = packs.into_par_iter().map(|pack| (pack.clone(), twins::report(&pack, &folders)));
        let reports = asked.collect();
        Reviewed { folders, reports }
    })
}

impl Reviewed {
    /// The findings of one file by pack.
    fn findings(&self, path: &str) -> BTreeMap<&str, Vec<&Finding>> {
        self.reports.iter().map(|(pack, report)| (pack.as_str(), findings_of(report, path))).collect()
    }

    /// The findings of both files of a folder, over all packs.
    fn both(&self, folder: &Folder) -> [Vec<&Finding>; 2] {
        let all = |name: &str| self.findings(&format!("{}/{name}", folder.path)).into_values().flatten().collect();
        [all("env.yaml"), all("twin.yaml")]
    }
}

fn findings_of<'r>(report: &'r Report, path: &str) -> Vec<&'r Finding> {
    let here = report.environments.iter().find(|one| one.path == path);
    let name = &here.unwrap_or_else(|| panic!("{path} was not checked")).name;
    report.findings.iter().filter(|one| &one.environment == name).collect()
}

#[test]
fn what_does_not_pass_is_argued_and_so_is_what_the_twin_changes() {
    let reviewed = reviewed();
    assert!(reviewed.folders.len() >= 12, "only {} environments with a twin", reviewed.folders.len());
    let mut wrong = Vec::new();
    for folder in &reviewed.folders {
        let [environment, twin] = reviewed.both(folder);
        let unargued = twins::unargued(&folder.argued, &environment).into_iter();
        let changes = twins::unargued_changes(&folder.changed, &environment, &twin);
        wrong.extend(unargued.chain(changes).map(|why| format!("{}/EXPECTED.md: {why}", folder.path)));
    }
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_outcome_is_as_reviewed() {
    let mut wrong = Vec::new();
    for folder in &reviewed().folders {
        let path = format!("{}/OUTCOMES.txt", folder.path);
        let now = twins::snapshot(&reviewed().findings(&format!("{}/env.yaml", folder.path)));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(workspace::root().join(&path), &now).unwrap();
            continue;
        }
        let then = workspace::file(&path).text;
        if now != then {
            wrong.push(format!("{path}:\n{}", TextDiff::from_lines(&then, &now).unified_diff()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn environments_keep_what_their_own_documents_demand_and_twins_do_not() {
    let reviewed = reviewed();
    for folder in &reviewed.folders {
        assert!(!folder.own.is_empty(), "{}: no pack of its own", folder.path);
        let of_own = |name: &str| {
            let by_pack = reviewed.findings(&format!("{}/{name}", folder.path));
            assert!(
                folder.own.iter().all(|pack| by_pack.contains_key(pack.as_str())),
                "{}: {:?}",
                folder.path,
                folder.own
            );
            let own = by_pack.into_iter().filter(|(pack, _)| folder.own.contains(*pack));
            own.flat_map(|(_, findings)| findings).filter(|one| one.outcome == "violation").collect::<Vec<_>>()
        };
        let demanded: Vec<_> = of_own("env.yaml").into_iter().filter(|one| one.severity == "error").collect();
        assert!(demanded.is_empty(), "{}: {demanded:#?}", folder.path);
        assert!(!of_own("twin.yaml").is_empty(), "{}: nothing is wrong with the twin", folder.path);
    }
}

#[test]
fn a_twin_differs_in_a_few_lines() {
    for folder in &reviewed().folders {
        let lines = folder.difference();
        assert!(!lines.is_empty() && lines.len() <= FEW, "{}:\n{}", folder.path, lines.concat());
    }
}

#[test]
fn nothing_is_wrong_with_the_files_themselves() {
    for report in reviewed().reports.values() {
        for environment in &report.environments {
            let faults =
                environment.diagnostics.iter().filter(|one| matches!(one.severity.as_str(), "error" | "warning"));
            let faults: Vec<_> = faults.filter(|one| one.code != "nothing-applied").collect();
            assert!(faults.is_empty(), "{}: {faults:#?}", environment.path);
        }
    }
}
