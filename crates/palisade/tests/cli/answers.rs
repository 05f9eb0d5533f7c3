//! What is answered about environments, and the exit code that goes with it.

use serde_json::Value;

use crate::folder::{Folder, Run, shared_environment};

const GOOD: &str = "quickstart-locked-down.yaml";
const BAD: &str = "quickstart-broken-inbound-44224.yaml";

fn both() -> Folder {
    Folder::new().with("good.yaml", &shared_environment(GOOD)).with("bad.yaml", &shared_environment(BAD))
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error} in {}", run.out))
}

#[test]
fn nothing_violated_is_0_and_a_violation_is_1() {
    let folder = both();
    folder.run(&["check", "good.yaml"]).exits(0).says("0 violations");
    folder.run(&["check", "bad.yaml"]).exits(1).says("44224").says("priority 110");
    folder.run(&["check", "good.yaml", "bad.yaml"]).exits(1);
}

#[test]
fn the_exit_code_is_the_same_for_every_format() {
    let folder = both();
    for format in ["full", "concise", "json", "json=report.json"] {
        folder.run(&["check", "bad.yaml", "--output", format]).exits(1);
        folder.run(&["check", "good.yaml", "--output", format]).exits(0);
    }
}

#[test]
fn the_number_undetermined_is_always_printed() {
    let folder = both();
    for args in [&["-q"][..], &[], &["--output", "concise"], &["--output", "json=r.json"]] {
        folder.run(&[&["check", "good.yaml"], args].concat()).exits(0).says(" undetermined");
    }
}

#[test]
fn one_run_prints_for_people_and_writes_for_tools() {
    let folder = both();
    folder.run(&["check", "bad.yaml", "--output", "full", "--output", "json=out.json"]).exits(1).says("╭─[ bad.yaml:");
    let text = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["findings"][0]["location"]["path"], "bad.yaml");
    folder.run(&["check", "bad.yaml", "--output", "json=no/such/folder.json"]).exits(2).says("could not be written");
}

#[test]
fn a_rules_own_severity_goes_before_its_modules() {
    let folder = both();
    let (rule, module) = ("azureml.v2.public_ip.public_ip_inbound", "azureml.v2");
    let bad = |more: &[&str]| folder.run(&[&["check", "bad.yaml", "--select", rule], more].concat());
    bad(&["--warn", module]).exits(0);
    bad(&["--warn", module, "--error", rule]).exits(1);
    bad(&["--error", module, "--warn", rule]).exits(0);
    bad(&["--error", module, "--warn", module]).exits(0);
}

#[test]
fn a_slip_in_a_module_or_a_short_name_is_mended() {
    let folder = both();
    let check = |name: &str| folder.run(&["check", "good.yaml", "--select", name]).exits(2);
    check("azureml.v2.pubic_ip").says("did you mean `azureml.v2.public_ip`?");
    check("unlocked_resource_grop").says("did you mean `unlocked_resource_group`?");
    folder.run(&["explain", "unlocked_resource_grop"]).exits(2).says("did you mean `unlocked_resource_group`?");
}

#[test]
fn what_a_command_reports_has_a_page() {
    let folder = Folder::new();
    for code in ["left-out", "nothing-applied", "nothing-found", "output", "unknown-id", "usage"] {
        folder.run(&["explain", code]).exits(0).says(code);
    }
}

#[test]
fn an_unknown_rule_or_pack_is_an_error_with_the_nearest_one() {
    let folder = both();
    let known = json(&folder.run(&["rules", "--output", "json"]).exits(0));
    let rule = known["rules"][0]["id"].as_str().unwrap().to_owned();
    let slip = format!("{rule}x");
    for option in ["--select", "--ignore", "--error", "--warn", "--info"] {
        folder.run(&["check", "good.yaml", option, &slip]).exits(2).says("did you mean").says(&rule);
    }
    folder.run(&["check", "good.yaml", "--pack", "azureml_v11"]).exits(2).says("did you mean");
    let configured = both().with("palisade.yaml", "packs: [azureml_v11]\n");
    configured.run(&["check", "good.yaml"]).exits(2).says("did you mean");
}

#[test]
fn a_lower_severity_does_not_fail_unless_asked() {
    let folder = both();
    let findings = json(&folder.run(&["check", "bad.yaml", "--output", "json"]).exits(1));
    let rules: Vec<&str> = findings["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["outcome"] == "violation")
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    let list = rules.join(",");
    folder.run(&["check", "bad.yaml", "--warn", &list]).exits(0).says("warning[");
    folder.run(&["check", "bad.yaml", "--warn", &list, "--fail-on", "warning"]).exits(1);
    let hidden = folder.run(&["check", "bad.yaml", "--warn", &list, "--min-severity", "error"]).exits(0);
    assert!(!hidden.out.contains("warning["), "{}", hidden.out);
    folder.run(&["check", "bad.yaml", "--exit-zero"]).exits(0).says("violation");
}

#[test]
fn the_bytes_are_the_same_for_any_number_of_threads() {
    let mut folder = Folder::new();
    for number in 0..12 {
        let text = shared_environment(if number % 2 == 0 { GOOD } else { BAD });
        folder = folder.with(&format!("envs/e{number:02}.yaml"), &text);
    }
    for format in ["full", "concise", "json"] {
        let one = folder.run(&["check", "envs", "--jobs", "1", "--output", format]).exits(1).out;
        for jobs in ["2", "7"] {
            assert_eq!(one, folder.run(&["check", "envs", "--jobs", jobs, "--output", format]).out, "{format}");
        }
    }
}

#[test]
fn the_report_is_what_the_schema_says() {
    let folder = both();
    let report = json(&folder.run(&["check", "bad.yaml", "--all", "--output", "json"]).exits(1));
    for finding in report["findings"].as_array().unwrap() {
        assert!(finding["location"]["start"]["line"].as_u64().unwrap() >= 1);
    }
    let summary = report["summary"].as_object().unwrap();
    let counted: u64 = summary.values().map(|count| count.as_u64().unwrap()).sum();
    assert!(counted >= report["findings"].as_array().unwrap().len() as u64);
}

#[test]
fn a_rule_a_statement_a_pack_and_a_code_are_explained() {
    let folder = Folder::new();
    let rules = json(&folder.run(&["rules", "--output", "json"]).exits(0));
    let rule = rules["rules"][0]["id"].as_str().unwrap();
    let pack = rules["rules"][0]["packs"][0].as_str().unwrap();
    let cite = rules["rules"][0]["cites"][0].as_str().unwrap();
    for id in [rule, pack, cite, "config-key", "unknown-key"] {
        folder.run(&["explain", id]).exits(0).says(id);
        let page = json(&folder.run(&["explain", id, "--output", "json"]).exits(0));
        assert_eq!(page["id"], id);
    }
    folder.run(&["explain", &format!("{rule}x")]).exits(2).says("did you mean").says(rule);
}

#[test]
fn rules_and_coverage_have_their_shapes() {
    let folder = Folder::new();
    let rules = json(&folder.run(&["rules", "--output", "json"]).exits(0));
    for name in ["id", "title", "severity", "packs", "cites", "status"] {
        assert!(rules["rules"][0].get(name).is_some(), "{name}");
    }
    let coverage = json(&folder.run(&["coverage", "--output", "json"]).exits(0));
    for name in ["id", "source", "section", "strength", "rules", "tests", "unchecked"] {
        assert!(coverage["statements"][0].get(name).is_some(), "{name}");
    }
    folder.run(&["rules"]).exits(0).says("SEVERITY");
    folder.run(&["coverage"]).exits(0).says("v1.pip.inbound.aml_tcp44224");
}

#[test]
fn a_flow_is_allowed_denied_or_a_bad_question() {
    let folder = both();
    let ask = |environment: &str, on: &str| {
        let question = ["--inbound", "--protocol", "tcp", "--remote", "AzureMachineLearning", "--local-port", "44224"];
        folder.run(&[&["flow", environment, "--on", on, "--groups-only"][..], &question].concat())
    };
    ask("good.yaml", "computes.cluster001").exits(0).says("allowed");
    ask("bad.yaml", "computes.cluster001").exits(1).says("denied").says("110");
    ask("bad.yaml", "computes.cluster01").exits(2).says("did you mean");
    ask("none.yaml", "computes.cluster001").exits(2).says("`none.yaml` does not exist");
}

#[test]
fn ports_are_asked_only_of_protocols_that_have_some() {
    let folder = both();
    let ask = |protocol: &str, port: &str| {
        let question = ["--outbound", "--protocol", protocol, "--remote", "*", "--remote-port", port, "--groups-only"];
        folder.run(&[&["flow", "bad.yaml", "--on", "computes.cluster001"][..], &question].concat())
    };
    ask("icmp", "443").exits(2).says("icmp has no ports");
    assert_ne!(ask("icmp", "*").code, 2);
    assert_ne!(ask("any", "443").code, 2);
}

#[test]
fn the_tests_of_the_library_run() {
    let folder = Folder::new();
    folder.run(&["test"]).exits(0).says(" passed, 0 failed");
    folder.run(&["test", "--filter", "no test has this name"]).exits(3).says("no test ran");
}

#[test]
fn an_error_of_a_policy_is_no_answer() {
    let folder = both().with("policies/own/bad.pal", "rule broken(s: Subnett) {\n}\n");
    folder.run(&["check", "good.yaml", "--policies", "policies"]).exits(2).says("policies/own/bad.pal:1:");
    folder.run(&["test", "policies"]).exits(2).says("no test ran");
}
