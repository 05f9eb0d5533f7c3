//! `palisade flow` on whole paths: what is drawn, what tools get, and the exit codes.

use serde_json::Value;

use crate::folder::{Folder, Run};

/// A subnet whose default route leads to a described firewall, and one whose default route leads to an unknown appliance.
const ENVIRONMENT: &str = r#"name: walled
virtual_networks:
  net:
    address_space: [10.0.0.0/16]
    region: eastus2
    subnets:
      AzureFirewallSubnet: { prefixes: [10.0.1.0/26] }
      walled: { prefixes: [10.0.2.0/24], route_table: to-firewall, network_security_group: training }
      unknown: { prefixes: [10.0.3.0/24], route_table: to-appliance }
network_security_groups:
  training:
    rules:
      - { name: no-smtp, priority: 200, direction: outbound, access: deny, protocol: tcp, destination_ports: 25 }
route_tables:
  to-firewall: { routes: [{ name: all, prefix: 0.0.0.0/0, next_hop: virtual_appliance, address: 10.0.1.4 }] }
  to-appliance: { routes: [{ name: all, prefix: 0.0.0.0/0, next_hop: virtual_appliance, address: 10.0.9.4 }] }
public_ips: { front: {} }
firewalls:
  fw: { subnet: net/AzureFirewallSubnet, private_address: 10.0.1.4, public_ips: [front], policy: own }
firewall_policies:
  own:
    rule_collection_groups:
      all:
        priority: 200
        collections:
          web:
            priority: 100
            action: allow
            application_rules: [{ name: python, protocols: ["https:443"], sources: "*", fqdns: [pypi.org, "*.example.org"] }]
          net:
            priority: 200
            action: allow
            network_rules: [{ name: entra, protocols: tcp, sources: "*", destinations: [AzureActiveDirectory], destination_ports: 80 }]
"#;

fn ask(rest: &[&str]) -> Run {
    let folder = Folder::new().with("env.yaml", ENVIRONMENT);
    let start = ["flow", "env.yaml", "--outbound", "--protocol", "tcp"];
    folder.run(&[&start[..], rest].concat())
}

/// The same for tools.
fn json(rest: &[&str], code: i32) -> Value {
    let run = ask(&[rest, &["--output", "json"]].concat()).exits(code);
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error} in {}", run.out))
}

fn steps(answer: &Value) -> Vec<(String, String)> {
    let word = |step: &Value, key: &str| step[key].as_str().unwrap_or_default().to_owned();
    let path = answer["path"].as_array().map(Vec::as_slice).unwrap_or_default();
    path.iter().map(|step| (word(step, "step"), word(step, "verdict"))).collect()
}

fn signs(run: &Run) -> Vec<char> {
    let steps = run.out.lines().map(str::trim).filter(|line| line.starts_with(['├', '└']));
    steps.filter_map(|line| line.chars().nth(3)).collect()
}

#[test]
fn what_passes_is_drawn_hop_by_hop_with_the_lines_that_decide() {
    let run = ask(&["--on", "net/walled", "--remote", "pypi.org", "--remote-port", "443"]).exits(0);
    assert_eq!(signs(&run), ['✔'; 5], "{}", run.out);
    let order = ["subnet group", "route `all`", "firewalls.fw", "from the firewall by", "its own public address"];
    let places: Vec<usize> = order.iter().map(|text| run.out.find(text).unwrap_or_else(|| panic!("{text}"))).collect();
    assert!(places.is_sorted(), "{}", run.out);
    let line = ENVIRONMENT.lines().position(|line| line.contains("name: python")).unwrap() + 1;
    run.says(&format!("env.yaml:{line}: application_rules: [{{ name: python"));
}

#[test]
fn what_the_firewall_stops_names_its_default() {
    let answer = json(&["--on", "net/walled", "--remote", "other.org", "--remote-port", "443"], 1);
    assert_eq!(answer["verdict"], "denied");
    let part = &answer["parts"][0];
    assert_eq!((&part["level"], &part["default_rule"]), (&"firewall".into(), &"Default Action".into()));
    assert_eq!(part["decided_by"], Value::Null);
    assert_eq!(part["location"]["pointer"], "firewalls.fw");
    let words = steps(&answer);
    assert_eq!(words.last().unwrap(), &("firewall".to_owned(), "denied".to_owned()));
}

#[test]
fn what_is_open_says_where_and_why() {
    let rest = ["--on", "net/unknown", "--remote", "pypi.org", "--remote-port", "443"];
    let run = ask(&rest).exits(4).says("it would be settled by the rules of the appliance at `10.0.9.4`");
    assert_eq!(signs(&run), ['✔', '✔', '?'], "{}", run.out);
    let answer = json(&rest, 4);
    assert_eq!(answer["undetermined"], serde_json::json!(["the rules of the appliance at `10.0.9.4`"]));
    assert_eq!(steps(&answer).last().unwrap(), &("firewall".to_owned(), "undetermined".to_owned()));
    assert_eq!(answer["path"][1]["location"]["pointer"], "route_tables.to-appliance.routes.all");
}

#[test]
fn a_partial_verdict_shows_both_parts() {
    let rest = ["--on", "net/walled", "--remote", "AzureActiveDirectory", "--remote-port", "25,80"];
    let run = ask(&rest).exits(1).says("network_security_groups.training.rules.no-smtp").says("network_rules.entra");
    assert!(signs(&run).contains(&'✘') && signs(&run).contains(&'✔'), "{}", run.out);
    let answer = json(&rest, 1);
    assert_eq!(answer["verdict"], "partial");
    let verdicts: Vec<_> = answer["parts"].as_array().unwrap().iter().map(|part| part["verdict"].clone()).collect();
    assert_eq!(verdicts, ["denied", "allowed"]);
}

#[test]
fn several_remote_ends_are_asked_one_by_one() {
    let one_list = ["--on", "net/walled", "--remote", "pypi.org,other.org", "--remote-port", "443"];
    let twice = ["--on", "net/walled", "--remote", "pypi.org", "--remote", "other.org", "--remote-port", "443"];
    let answer = json(&one_list, 1);
    assert_eq!(answer, json(&twice, 1));
    assert_eq!(answer["verdict"], "partial");
    assert_eq!(answer["question"], "outbound tcp 443 to pypi.org; outbound tcp 443 to other.org");
    let run = ask(&one_list).exits(1).says("(asked about other.org)").says("(asked about pypi.org)");
    assert_eq!(run.out.matches("subnet group").count(), 1, "what both meet is drawn once: {}", run.out);
    ask(&["--on", "net/walled", "--remote", "pypi.org,,other.org"]).exits(2).says("names no remote end");
}

#[test]
fn every_kind_of_remote_end_is_understood() {
    let on = |remote: &str| json(&["--on", "net/walled", "--remote-port", "22", "--remote", remote], 1);
    for (remote, shown) in [
        ("20.1.2.3", "outbound tcp 22 to 20.1.2.3"),
        ("20.1.0.0/16", "outbound tcp 22 to 20.1.0.0/16"),
        ("Storage.EastUS2", "outbound tcp 22 to Storage.eastus2"),
        ("*.example.com", "outbound tcp 22 to *.example.com"),
    ] {
        assert_eq!(on(remote)["question"], shown);
        assert_eq!(on(remote)["verdict"], "denied", "{remote}");
    }
    let everything = json(&["--on", "net/walled", "--remote", "*", "--remote-port", "22"], 1);
    assert_eq!(everything["verdict"], "partial", "the network itself is reached, the internet is not");
}

#[test]
fn a_bad_question_is_not_answered() {
    ask(&["--on", "net/walled", "--remote", "AzureActiveDirectry"])
        .exits(2)
        .says("did you mean `AzureActiveDirectory`");
    ask(&["--on", "net/waled", "--remote", "pypi.org"]).exits(2).says("there is no `net/waled`");
    ask(&["--on", "net/walled"]).exits(2).says("--remote");
}
