//! The tests of policies: what they saw, which changes they notice, and in what forms it is told.

use serde_json::Value;

use crate::folder::Folder;

const POLICY: &str = r#"//! A house policy.
import azure.network.{Subnet}

/// What every subnet lets in.
traffic ping() {
  inbound tcp 22 from 10.0.0.0/8
  inbound tcp 443 from VirtualNetwork
}

/// Whether a subnet is large.
fn large(subnet: Subnet) -> Bool = any p in subnet.prefixes: size_of(p) > 100

fn size_of(p: Cidr) -> Int = if p overlaps 10.0.0.0/8 then 200 else 50

/// Subnets let administrators in.
rule administrators(subnet: Subnet) {
  severity error
  when large(subnet)
  needs subnet.used_addresses
  require subnet.used_addresses < 250
    else "`{subnet}` has {subnet.used_addresses} addresses in use"
  require subnet permits ping()
    else "`{subnet}` shuts administrators out"
}

/// No test is about this one.
rule forgotten(subnet: Subnet) {
  severity info
  require subnet.prefixes != []
}
"#;

const TESTS: &str = r#"import house.{administrators}

fixture base """
    virtual_networks:
      ml:
        address_space: [10.1.0.0/16]
        subnets:
          - { name: training, prefixes: [10.1.0.0/24], used_addresses: 9, network_security_group: none }
  """

test "an open subnet lets administrators in" {
  given base
  expect pass administrators on ml/training
}

test "a full subnet" {
  given base with """
    virtual_networks: { ml: { subnets: [ { name: training, used_addresses: 250 } ] } }
  """
  expect violation administrators on ml/training
}
"#;

fn house() -> Folder {
    Folder::new().with("policies/house.pal", POLICY).with("policies/house_tests.pal", TESTS)
}

/// The command line for the tests of the house alone.
fn of_the_house<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["test", "--policies", "policies", "policies/house_tests.pal"], more].concat()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

#[test]
fn coverage_says_where_what_was_never_seen() {
    let run = house().run(&of_the_house(&["--coverage"])).exits(0);
    let missing: Vec<&str> = run.out.lines().filter(|line| line.contains("unseen")).collect();
    assert_eq!(
        missing,
        [
            "policies/house.pal:6:3: unseen: `inbound tcp 22 from 10.0.0.0/8`: never denied",
            "policies/house.pal:7:3: unseen: `inbound tcp 443 from VirtualNetwork`: never denied",
            "policies/house.pal:13:33: unseen: if `p overlaps 10.0.0.0/8`: never false",
            "policies/house.pal:18:8: unseen: when `large(subnet)`: never false",
            "policies/house.pal:19:9: unseen: needs `subnet.used_addresses`: never missing",
            "policies/house.pal:22:11: unseen: require `subnet permits ping()`: never fails",
            "policies/house.pal:27:6: unseen: no test reaches the rule `house.forgotten`",
        ]
    );
    run.says("together       9     18  50.0");
}

#[test]
fn coverage_counts_only_what_the_chosen_tests_saw() {
    let run = house().run(&of_the_house(&["--coverage", "--filter", "open subnet", "--output", "json"])).exits(0);
    let coverage = &json(&run.out)["coverage"];
    assert_eq!(coverage["summary"]["branches"]["seen"], 5);
    let require = &coverage["items"][3]["points"][2];
    assert_eq!(require["text"], "subnet.used_addresses < 250");
    assert_eq!((&require["seen"][0], &require["unseen"][0]), (&"holds".into(), &"fails".into()));
    assert_eq!(coverage["items"][4]["reached"], false);
}

#[test]
fn a_threshold_that_is_missed_is_1_and_said() {
    let folder = house();
    folder.run(&of_the_house(&["--coverage-threshold", "50"])).exits(0).says("2 passed");
    let missed = folder.run(&of_the_house(&["--coverage-threshold", "51"])).exits(1);
    missed.says("below the threshold: 50.0 % is seen and 51 % is required");
    folder.run(&of_the_house(&["--coverage-threshold", "101"])).exits(2);
}

#[test]
fn coverage_of_nothing_reaches_no_threshold() {
    let folder = Folder::new().with("policies/empty.pal", "//! Nothing.\n");
    folder.run(&["test", "policies", "--coverage-threshold", "0"]).exits(1).says("- % is seen");
    let none = house().run(&of_the_house(&["--filter", "no such test", "--coverage-threshold", "0"])).exits(3);
    none.says("no test ran");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = house();
    let run = |jobs: &str| folder.run(&["test", "policies", "--coverage", "-v", "--jobs", jobs]).exits(0).out;
    let one = run("1");
    assert_eq!(one, run("2"));
    assert_eq!(one, run("7"));
}

#[test]
fn junit_has_a_suite_for_each_module_and_a_case_for_each_test() {
    let full = TESTS.replace("expect pass", "expect violation");
    let folder = house().with("policies/house_tests.pal", &full);
    let file = || std::fs::read_to_string(folder.path().join("out.xml")).unwrap();
    folder.run(&of_the_house(&["--junit", "out.xml"])).exits(1).says("1 passed, 1 failed");
    let xml = file();
    assert!(xml.contains(r#"<testsuite name="house_tests" tests="2" skipped="0" errors="0" failures="1">"#), "{xml}");
    assert!(xml.contains(r#"<failure message="expected violation of `house.administrators` on"#), "{xml}");
    assert!(xml.contains("policies/house_tests.pal:13:3: expected"), "{xml}");
    folder.run(&of_the_house(&["--junit", "out.xml"])).exits(1);
    assert_eq!(xml, file(), "the same run gives the same bytes");
}

#[test]
fn junit_of_policies_with_errors_is_no_empty_success() {
    let folder = house().with("policies/house.pal", "rule broken");
    folder.run(&["test", "policies", "--junit", "out.xml"]).exits(2);
    let xml = std::fs::read_to_string(folder.path().join("out.xml")).unwrap();
    assert!(xml.contains(r#"errors="1""#) && xml.contains("syntax-expected"), "{xml}");
}

#[test]
fn json_tells_of_each_test() {
    let run = house().run(&of_the_house(&["--output", "json"])).exits(0);
    let document = json(&run.out);
    assert_eq!(document["version"], 1);
    assert_eq!(document["summary"]["passed"], 2);
    assert_eq!(document["tests"][0]["name"], "an open subnet lets administrators in");
    assert!(document.get("coverage").is_none());
}

#[test]
fn a_mutant_that_no_test_notices_is_shown_with_its_change() {
    let run = house().run(&of_the_house(&["--mutate"])).exits(0);
    run.says("policies/house.pal:6:15: survived: port: 2 tests that reach it did not notice\n    - inbound tcp 22 from 10.0.0.0/8\n    + inbound tcp 23 from 10.0.0.0/8\n")
        .says("policies/house.pal:18:3: survived: clause: 2 tests that reach it did not notice\n    - when large(subnet)\n")
        .says("policies/house.pal:29:3: survived: requirement: no test reaches it\n    - require subnet.prefixes != []\n    + forbid subnet.prefixes != []\n")
        .says("together     6       26  23.0\n")
        .says("2 mutants are not counted: their types do not fit, or they do not parse");
}

#[test]
fn each_kind_of_mistake_is_made_where_it_can_be() {
    let run = house().run(&of_the_house(&["--mutate", "--output", "json"])).exits(0);
    let document = json(&run.out);
    let mutants = document["mutation"]["mutants"].as_array().unwrap();
    let found: Vec<(&str, &str)> = mutants
        .iter()
        .filter(|mutant| mutant["item"] == "house.administrators")
        .map(|mutant| {
            (mutant["kind"].as_str().unwrap(), mutant["after"].as_str().unwrap().trim().lines().next().unwrap_or(""))
        })
        .collect();
    assert_eq!(
        found,
        [
            ("severity", "severity warning"),
            ("clause", ""),
            ("requirement", "forbid subnet.used_addresses < 250"),
            ("clause", ""),
            ("comparison", "require subnet.used_addresses <= 250"),
            ("number", "require subnet.used_addresses < 251"),
            ("requirement", "forbid subnet permits ping()"),
            ("clause", ""),
        ]
    );
    let killed = mutants.iter().find(|mutant| mutant["kind"] == "number" && mutant["item"] == "house.administrators");
    assert_eq!(killed.unwrap()["killed_by"], "house_tests/a full subnet");
}

#[test]
fn a_sample_of_mutants_is_always_the_same_and_threads_change_nothing() {
    let folder = house();
    let run = |jobs: &str| {
        folder.run(&of_the_house(&["--mutate-sample", "9", "--jobs", jobs, "--output", "json"])).exits(0).out
    };
    let one = run("1");
    assert_eq!(one, run("3"));
    let mutation = &json(&one)["mutation"];
    let tried = mutation["mutants"].as_array().unwrap().len() as u64 + mutation["summary"]["refused"].as_u64().unwrap();
    assert_eq!(tried, 9);
}

#[test]
fn a_threshold_of_mutants_that_is_missed_is_1_and_said() {
    let folder = house();
    folder.run(&of_the_house(&["--mutate-threshold", "23"])).exits(0);
    let missed = folder.run(&of_the_house(&["--mutate-threshold", "24"])).exits(1);
    missed.says("below the threshold: 23.0 % are killed and 24 % are required");
}

#[test]
fn no_mutant_is_tried_while_a_test_fails() {
    let folder = house().with("policies/house_tests.pal", &TESTS.replace("expect pass", "expect violation"));
    let run = folder.run(&of_the_house(&["--mutate-threshold", "0"])).exits(1).says("1 passed, 1 failed");
    assert!(!run.out.contains("KILLED"), "{}", run.out);
    run.says("no mutant was tried");
}

#[test]
fn a_line_of_traffic_is_mistaken_in_every_part() {
    let policy = r#"/// What goes in and out.
traffic every_form(region: Region) {
  outbound tcp/udp 443, 8787-8790 to Storage.{region}, "*.example.org"
  inbound icmp from Storage
  inbound tcp * from *
}
"#;
    let folder = house().with("policies/forms.pal", policy);
    let kinds = ["direction", "protocol", "port", "destination"].join(",");
    let run = ["test", "policies", "--mutate-in", "forms", "--mutate-kinds", &kinds, "--output", "json"];
    let document = json(&folder.run(&run).exits(0).out);
    let mutants = document["mutation"]["mutants"].as_array().unwrap();
    let found: Vec<String> = mutants
        .iter()
        .map(|one| format!("{}: {}", one["kind"].as_str().unwrap(), one["after"].as_str().unwrap().trim()))
        .collect();
    assert_eq!(
        found,
        [
            "direction: inbound tcp/udp 443, 8787-8790 from Storage.{region}, \"*.example.org\"",
            "protocol: outbound udp 443, 8787-8790 to Storage.{region}, \"*.example.org\"",
            "protocol: outbound tcp 443, 8787-8790 to Storage.{region}, \"*.example.org\"",
            "port: outbound tcp/udp 444, 8787-8790 to Storage.{region}, \"*.example.org\"",
            "port: outbound tcp/udp 8787-8790 to Storage.{region}, \"*.example.org\"",
            "port: outbound tcp/udp 443 to Storage.{region}, \"*.example.org\"",
            "port: outbound tcp/udp 443, 8788-8790 to Storage.{region}, \"*.example.org\"",
            "port: outbound tcp/udp 443, 8787-8791 to Storage.{region}, \"*.example.org\"",
            "destination: outbound tcp/udp 443, 8787-8790 to \"*.example.org\"",
            "destination: outbound tcp/udp 443, 8787-8790 to Storage, \"*.example.org\"",
            "destination: outbound tcp/udp 443, 8787-8790 to Storage.{region}",
            "destination: outbound tcp/udp 443, 8787-8790 to Storage.{region}, \"example.org\"",
            "destination: outbound tcp/udp 443, 8787-8790 to Storage.{region}, \"*.example-x.org\"",
            "direction: outbound icmp to Storage",
            "protocol: inbound esp from Storage",
            "destination: inbound icmp from AzureActiveDirectory",
            "destination: inbound icmp from Storage.{region}",
            "direction: outbound tcp * to *",
            "protocol: inbound udp * from *",
            "port: inbound tcp 1 from *",
            "destination: inbound tcp * from AzureMachineLearning",
        ]
    );
}

#[test]
fn how_grave_a_rule_is_is_noticed_where_a_test_says_it() {
    let severity = |folder: Folder| {
        let run = ["--mutate-in", "house.administrators", "--mutate-kinds", "severity", "--output", "json"];
        json(&folder.run(&of_the_house(&run)).exits(0).out)["mutation"]["mutants"][0].clone()
    };
    let survivor = severity(house());
    assert_eq!((&survivor["killed"], &survivor["reached_by"]), (&false.into(), &2.into()));
    let stated = TESTS
        .replace("violation administrators on ml/training", "violation administrators on ml/training severity error");
    let killed = severity(house().with("policies/house_tests.pal", &stated));
    assert_eq!(killed["killed_by"], "house_tests/a full subnet");
}

#[test]
fn a_severity_that_is_not_the_rules_fails_the_test() {
    let tests = TESTS
        .replace("violation administrators on ml/training", "violation administrators on ml/training severity info");
    let run = house().with("policies/house_tests.pal", &tests).run(&of_the_house(&[])).exits(1);
    run.says("expected severity info of `house.administrators`, but it is error");
    let tests = tests.replace("severity info", "severity eror");
    let run = house().with("policies/house_tests.pal", &tests).run(&of_the_house(&[])).exits(2);
    run.says("error[unknown-severity]: `eror` is not a severity").says("did you mean `error`?");
}

#[test]
fn a_choice_of_mistakes_that_holds_none_is_an_error() {
    let run = house().run(&of_the_house(&["--mutate-in", "hose", "--mutate-kinds", "port"])).exits(2);
    run.says("no mistake of the kind `port` can be made in `hose`");
}
