//! Warm equals cold: after any edits, a database that was there all along answers as a new one does, byte for byte,
//! with any number of threads.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use palisade_engine::api::CheckOptions;
use palisade_tests::scene::Scene;
use palisade_tests::workspace;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

const ENVIRONMENT: &str = "env.yaml";
const POLICY: &str = "policies/suite.pal";

const OWN_POLICY: &str = "\
//! Policies of a test.

import azure.functions.{size}
import azure.network.{Subnet}

/// A subnet holds enough addresses.
rule roomy(subnet: Subnet) {
  cites net.ip.reserved5
  require all p in subnet.prefixes: size(p) > 4
    else \"`{subnet}` is small\"
}

/// The rule above.
pack own {
  status stable
  edition 2026-01-01
  include suite
}
";

/// One edit: what is looked for, what stands in its place. Where nothing is found, nothing is changed.
#[derive(Clone, Debug)]
enum Edit {
    /// A comment is put before a line of the environment.
    Comment(usize),
    /// A line of the environment is left out; the result may be invalid.
    Drop(usize),
    /// A line of the environment is written twice; the result may be invalid.
    Repeat(usize),
    /// A word of the environment is replaced.
    Word(&'static str, &'static str),
    /// A comment is put before a line of the policy.
    PolicyComment(usize),
    /// A word of the policy is replaced; the result may be invalid.
    PolicyWord(&'static str, &'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    let word = prop::sample::select(vec![
        ("deny", "allow"),
        ("allow", "deny"),
        ("outbound", "inbound"),
        ("4000", "120"),
        ("120", "4000"),
        ("priority", "priorty"),
        ("Internet", "AzureMachineLearning"),
        ("public_ip: true", "public_ip: false"),
        ("public_ip: false", "public_ip: true"),
        ("ml/training", "ml/endpoints"),
        ("sdk: v2", "sdk: v1"),
        ("10.20.1.0/24", "10.20.1.0/28"),
        ("max_nodes: 40", "max_nodes: 400"),
    ]);
    let policy = prop::sample::select(vec![("> 4", "> 300"), ("> 300", "> 4"), ("size", "sice"), ("subnet.", "sub.")]);
    prop_oneof![
        1 => (0usize..60).prop_map(Edit::Comment),
        1 => (0usize..60).prop_map(Edit::Drop),
        1 => (0usize..60).prop_map(Edit::Repeat),
        4 => word.prop_map(|(from, to)| Edit::Word(from, to)),
        1 => (0usize..12).prop_map(Edit::PolicyComment),
        1 => policy.prop_map(|(from, to)| Edit::PolicyWord(from, to)),
    ]
}

/// The texts of the two files.
#[derive(Clone)]
struct Texts {
    environment: String,
    policy: String,
}

impl Texts {
    fn apply(&mut self, edit: &Edit) {
        match *edit {
            Edit::Comment(at) => with_line(&mut self.environment, at, |line| format!("# a comment\n{line}")),
            Edit::Drop(at) => with_line(&mut self.environment, at, |_| String::new()),
            Edit::Repeat(at) => with_line(&mut self.environment, at, |line| line.repeat(2)),
            Edit::Word(from, to) => self.environment = self.environment.replacen(from, to, 1),
            Edit::PolicyComment(at) => with_line(&mut self.policy, at + 2, |line| format!("// a comment\n{line}")),
            Edit::PolicyWord(from, to) => self.policy = self.policy.replacen(from, to, 1),
        }
    }

    fn put(&self, scene: &mut Scene) {
        scene.set(ENVIRONMENT, &self.environment);
        scene.set(POLICY, &self.policy);
    }
}

fn with_line(text: &mut String, at: usize, change: impl Fn(&str) -> String) {
    let lines = text.split_inclusive('\n').enumerate();
    *text = lines.map(|(number, line)| if number == at { change(line) } else { line.to_owned() }).collect();
}

fn start() -> Texts {
    Texts { environment: workspace::file("tests/envs/contoso-ml-dev.yaml").text, policy: OWN_POLICY.to_owned() }
}

/// Everything is listed, so that a pass that differs is seen as well.
fn all() -> CheckOptions {
    let packs = ["azureml_v1", "azureml_v2", "own"].map(str::to_owned).into();
    CheckOptions { all: true, packs, ..CheckOptions::default() }
}

fn cold(texts: &Texts, threads: usize) -> String {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut scene = Scene::new();
        texts.put(&mut scene);
        scene.check_json(&all())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_warm_database_answers_as_a_cold_one(edits in prop::collection::vec(edit(), 1..6)) {
        let mut texts = start();
        let mut warm = Scene::new();
        texts.put(&mut warm);
        warm.check_json(&all());
        for edit in &edits {
            texts.apply(edit);
            texts.put(&mut warm);
            prop_assert_eq!(warm.check_json(&all()), cold(&texts, 1), "after {:?}", edit);
        }
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let texts = start();
    assert_eq!(cold(&texts, 1), cold(&texts, 4));
}

#[test]
fn the_texts_of_the_test_are_valid_and_found_wanting() {
    let mut scene = Scene::new();
    start().put(&mut scene);
    let report = scene.check(&all());
    assert_eq!(report.diagnostics, []);
    assert!(report.summary().violation > 0 && report.summary().pass > 0, "{:?}", report.summary());
}
