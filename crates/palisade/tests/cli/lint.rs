//! `palisade lint`: what it finds, what it leaves alone, and what it answers with.

use crate::folder::Folder;

const NEAT: &str = "\
//! Rules of an organisation.

import azureml.resources.{Compute}

/// Sizes are stated.
rule sized(compute: Compute) {
  severity error
  require compute.size is set
}

test \"a size\" {
  given \"\"\"
    computes: { ci: { kind: compute_instance, size: Standard_DS3_v2 } }
  \"\"\"
  expect pass sized
}
";

const LOOSE: &str = "\
import azure.network
import azureml.resources.{Compute, Workspace as W}

const Limit: Int = 4

fn big(compute: Compute) -> Bool = compute.min_nodes > 4

rule sized(compute: Compute) {
  require compute.size is set
}
";

const SOURCE: &str = "\
//! A document.

source house {
  title   \"House rules\"
  edition 2026-01-01
  url     \"https://example.org/house\"

  section \"Sizes\" {
    must   sizes.stated \"Sizes are stated.\"
    should sizes.small unchecked \"a matter of taste\" \"Sizes are small.\"
    info   sizes.why \"Sizes cost money.\"
  }
}
";

#[test]
fn neat_policies_have_no_finding() {
    let folder = Folder::new().with("policies/own.pal", NEAT);
    assert_eq!(folder.run(&["lint", "policies"]).exits(0).out, "1 file without a finding\n");
    assert_eq!(
        folder.run(&["lint"]).exits(0).out,
        "1 file without a finding\n",
        "the folder `policies` is the default"
    );
}

#[test]
fn each_finding_has_its_place_and_its_code() {
    let folder = Folder::new().with("policies/own.pal", LOOSE);
    let run = folder.run(&["lint", "policies", "--output", "concise"]).exits(1);
    let found: Vec<&str> = run.out.lines().filter_map(|line| line.split(']').next()).collect();
    let expected = [
        "policies/own.pal:1:14: info[unused-import",
        "policies/own.pal:2:49: info[unused-import",
        "policies/own.pal:4:7: info[name-style",
        "policies/own.pal:4:7: info[unused-item",
        "policies/own.pal:6:4: info[missing-doc",
        "policies/own.pal:6:4: info[unused-item",
        "policies/own.pal:8:6: info[missing-doc",
        "policies/own.pal:8:6: info[unstated-severity",
        "policies/own.pal:8:6: info[untested-rule",
        "9 findings in 1 file: missing-doc 2, name-style 1, unstated-severity 1, untested-rule 1, unused-import 2, unused-item 2",
    ];
    assert_eq!(found, expected);
    run.says("(remove `W` from the braces)").says("(write `limit`)");
}

#[test]
fn warnings_of_every_check_are_findings_too() {
    let loose = NEAT.replace("severity error", "severity error\n  tags cost, cost");
    let folder = Folder::new().with("policies/own.pal", &loose);
    folder.run(&["lint", "policies"]).exits(1).says("warning[duplicate-tag]");
}

#[test]
fn statements_that_ask_for_something_are_cited_or_say_why_not() {
    let folder = Folder::new().with("policies/sources/house.pal", SOURCE).with("policies/own.pal", NEAT);
    let run = folder.run(&["lint", "policies", "--output", "concise"]).exits(1);
    run.says("policies/sources/house.pal:9:12: info[uncited-statement] this is a `must`").says("1 finding in 2 files");
    let cited = NEAT.replace("severity error", "cites house.sizes.stated");
    let folder = Folder::new().with("policies/sources/house.pal", SOURCE).with("policies/own.pal", &cited);
    folder.run(&["lint", "policies"]).exits(0);
}

#[test]
fn findings_are_selected_by_code() {
    let folder = Folder::new().with("policies/own.pal", LOOSE);
    folder.run(&["lint", "policies", "--select", "missing-doc"]).exits(1).says("2 findings in 1 file: missing-doc 2");
    let ignored = "missing-doc,name-style,unstated-severity,unused-import,unused-item,untested-rule";
    folder.run(&["lint", "policies", "--ignore", ignored]).exits(0).says("1 file without a finding");
    folder.run(&["lint", "policies", "--ignore", "missing-docs"]).exits(2).says("did you mean `missing-doc`?");
    folder.run(&["explain", "missing-doc"]).exits(0).says("without documentation");
}

#[test]
fn json_holds_the_findings() {
    let folder = Folder::new().with("policies/own.pal", LOOSE);
    let run = folder.run(&["lint", "policies", "--output", "json"]).exits(1);
    let document: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!((&document["version"], &document["files"]), (&1.into(), &1.into()));
    let findings = document["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 9);
    assert_eq!(findings[0]["code"], "unused-import");
    assert_eq!(findings[0]["location"]["start"]["line"], 1);
}

/// What is unused, named oddly or said twice, among comments.
const MENDABLE: &str = "\
//! Rules of an organisation.

// the network
import azure.network // unused
import azureml.resources.{
  Compute, // what is checked
  Workspace as W,
}

/// Sizes are stated.
rule sized(theCompute: Compute) {
  severity error
  tags cost, sizes, cost
  let idle = theCompute.region // never
  // few
  require theCompute.region is set
    else \"`{theCompute}` states no region\"
}

test \"a size\" {
  given \"\"\"
    computes: { ci: { kind: compute_instance, region: eastus2 } }
  \"\"\"
  expect pass sized
}
";

const MENDED: &str = "\
//! Rules of an organisation.

// the network
// unused
import azureml.resources.{
  Compute, // what is checked
}

/// Sizes are stated.
rule sized(the_compute: Compute) {
  severity error
  tags cost, sizes
  // never
  // few
  require the_compute.region is set
    else \"`{the_compute}` states no region\"
}

test \"a size\" {
  given \"\"\"
    computes: { ci: { kind: compute_instance, region: eastus2 } }
  \"\"\"
  expect pass sized
}
";

#[test]
fn what_is_mechanical_is_mended_and_comments_stay() {
    let folder = Folder::new().with("policies/own.pal", MENDABLE).with("policies/neat.pal", NEAT);
    folder.run(&["lint"]).exits(1).says("`palisade lint --fix` mends 5 of them");
    let run = folder.run(&["lint", "--fix"]).exits(0);
    assert_eq!(run.out, "mended `policies/own.pal`\n2 files without a finding\n");
    let own = || std::fs::read_to_string(folder.path().join("policies/own.pal")).expect("it is there");
    assert_eq!(own(), MENDED);
    assert_eq!(folder.run(&["lint", "--fix"]).exits(0).out, "2 files without a finding\n", "nothing is mended twice");
    assert_eq!(own(), MENDED);
}

#[test]
fn what_somebody_may_have_meant_is_left_to_them() {
    let folder = Folder::new().with("policies/own.pal", LOOSE);
    folder.run(&["lint", "--fix"]).exits(1).says("unused-item 2").says("mended `policies/own.pal`");
    let after = std::fs::read_to_string(folder.path().join("policies/own.pal")).expect("it is there");
    let (_, rest) = LOOSE.split_once("const").expect("a constant");
    assert_eq!(after, format!("import azureml.resources.{{Compute}}\n\nconst{rest}"));
}

#[test]
fn only_the_selected_findings_are_mended() {
    let folder = Folder::new().with("policies/own.pal", MENDABLE);
    folder.run(&["lint", "--fix", "--select", "duplicate-tag"]).exits(0);
    let after = std::fs::read_to_string(folder.path().join("policies/own.pal")).expect("it is there");
    assert_eq!(after, MENDABLE.replace(", sizes, cost", ", sizes"));
}

#[test]
fn a_better_name_that_is_taken_is_not_given() {
    let taken =
        NEAT.replace("compute: Compute", "noNodes: Compute").replace("compute.size is set", "noNodes.size is set");
    let taken = format!("{taken}\n/// None.\nconst no_nodes: Int = 0\n");
    let folder = Folder::new().with("policies/own.pal", &taken);
    folder.run(&["lint", "--fix"]).exits(1).says("write `no_nodes`");
    assert_eq!(std::fs::read_to_string(folder.path().join("policies/own.pal")).expect("it is there"), taken);
}

#[test]
fn with_errors_nothing_is_mended() {
    let broken = format!("{MENDABLE}\nrule broken(\n");
    let folder = Folder::new().with("policies/own.pal", &broken);
    folder.run(&["lint", "--fix"]).exits(2);
    assert_eq!(std::fs::read_to_string(folder.path().join("policies/own.pal")).expect("it is there"), broken);
}

#[test]
fn a_guess_at_what_was_meant_is_offered_as_an_edit() {
    let folder = Folder::new().with("policies/own.pal", &NEAT.replace("compute.size", "compute.sise"));
    let run = folder.run(&["lint", "--output", "json"]).exits(2);
    let document: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let fix = &document["diagnostics"][0]["fixes"][0];
    assert_eq!((&fix["title"], &fix["safe"]), (&"write `size`".into(), &false.into()));
    let (start, text) = (NEAT.find("size is set").expect("a size"), "size");
    assert_eq!(fix["edits"][0]["start"], start);
    assert_eq!(fix["edits"][0]["end"], start + text.len());
    assert_eq!(fix["edits"][0]["text"], text);
}

#[test]
fn one_module_is_linted_alone() {
    let folder = Folder::new().with("policies/own.pal", NEAT).with("policies/team/loose.pal", LOOSE);
    let own = ["lint", "--policies", "policies", "policies/own.pal"];
    assert_eq!(folder.run(&own).exits(0).out, "1 file without a finding\n");
    folder.run(&["lint", "--policies", "policies", "policies/team"]).exits(1).says("in 1 file");
    folder.run(&["lint", "--policies", "policies", "policies/none"]).exits(2);
}

#[test]
fn broken_policies_are_no_answer() {
    let folder = Folder::new().with("policies/own.pal", "rule broken(\n");
    assert_eq!(folder.run(&["lint", "policies"]).exits(2).out, "");
}

#[test]
fn without_policies_nothing_was_linted() {
    let folder = Folder::new();
    folder.run(&["lint"]).exits(3).says("there are no policies to lint");
    folder.run(&["lint", "policies"]).exits(2);
}

#[test]
fn the_configured_policies_are_meant() {
    let folder = Folder::new().with("palisade.yaml", "policies: rules\n").with("rules/own.pal", LOOSE);
    folder.run(&["lint", "--output", "concise"]).exits(1).says("rules/own.pal:1:14");
}
