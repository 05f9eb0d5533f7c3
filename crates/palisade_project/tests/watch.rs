//! Policies that change while somebody watches: the answers are those of a fresh start.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::path::PathBuf;

use palisade_project::{Changes, Pace, Policies, Project, Setup, TestSelection, repeat};
use palisade_source::report::TestReport;

const RULE: &str = "\
import azure.network.{Subnet}

rule used(subnet: Subnet) {
  severity error
  needs subnet.used_addresses
  require subnet.used_addresses < 10
}
";

const TEST: &str = "\
import house.{used}

test \"few\" {
  given \"\"\"
    virtual_networks: { ml: { address_space: [10.0.0.0/16], subnets: { a: { prefixes: [10.0.0.0/24], used_addresses: 9 } } } }
  \"\"\"
  expect pass used on ml/a
}
";

/// Writes one file after another; each is a change.
struct Script {
    folder: PathBuf,
    edits: std::vec::IntoIter<(&'static str, Option<String>)>,
}

impl Changes for Script {
    fn wait(&mut self) -> bool {
        let Some((name, text)) = self.edits.next() else { return false };
        let path = self.folder.join(name);
        match text {
            Some(text) => std::fs::write(path, text).unwrap(),
            None => std::fs::remove_file(path).unwrap(),
        }
        true
    }
}

fn open(folder: &std::path::Path) -> Project {
    let policies = Policies { own: Some("policies".into()), ..Policies::default() };
    Project::open(&Setup { here: folder.to_owned(), policies }).unwrap()
}

/// The house's tests: how many ran, how many failed, how many errors the policies have.
fn counts(report: &TestReport) -> (usize, usize, usize) {
    let failed = report.tests.iter().filter(|test| !test.failures.is_empty()).count();
    (report.tests.len(), failed, report.diagnostics.len())
}

#[test]
fn after_each_change_the_answer_is_that_of_a_fresh_start() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    std::fs::create_dir(&policies).unwrap();
    std::fs::write(policies.join("house.pal"), RULE).unwrap();
    std::fs::write(policies.join("house_tests.pal"), TEST).unwrap();
    let edits = vec![
        ("house.pal", Some(RULE.replace("< 10", "< 9"))),
        ("house.pal", Some(RULE.replace("< 10", "< \"9\""))),
        ("house.pal", Some(RULE.to_owned())),
        ("house_tests.pal", Some(TEST.replace("used_addresses: 9", "used_addresses: 10"))),
        ("more_tests.pal", Some(TEST.to_owned())),
        ("house_tests.pal", None),
    ];
    let mut script = Script { folder: policies, edits: edits.into_iter() };
    let selection = TestSelection { filter: None, modules: vec!["house_tests".to_owned(), "more_tests".to_owned()] };
    let mut seen = Vec::new();
    let mut project = open(folder.path());
    repeat(&mut project, &mut script, |project| {
        let run = |project: &Project| project.test(&selection, Pace::default()).unwrap();
        let warm = run(project.unwrap());
        assert_eq!(warm, run(&open(folder.path())));
        seen.push(counts(&warm));
    });
    assert_eq!(seen, [(1, 0, 0), (1, 1, 0), (0, 0, 1), (1, 0, 0), (1, 1, 0), (2, 1, 0), (1, 0, 0)]);
}

#[test]
fn what_cannot_be_read_is_said_and_may_be_mended() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    std::fs::create_dir(&policies).unwrap();
    std::fs::write(policies.join("house.pal"), RULE).unwrap();
    let edits = vec![("house.pal", None), ("house.pal", Some(RULE.to_owned()))];
    let mut script = Script { folder: policies, edits: edits.into_iter() };
    let mut seen = Vec::new();
    repeat(&mut open(folder.path()), &mut script, |project| seen.push(project.is_ok()));
    assert_eq!(seen, [true, false, true]);
}
