//! Laws of firewalls that hold whatever the rules are: what changes nothing, what can only open; and that many rules and
//! many questions are quick.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;
mod firewall_support;

use firewall_support::{Wall, wall};
use palisade_net::*;
use proptest::prelude::*;

const DESTINATIONS: [&str; 9] = [
    "*",
    "Storage",
    "Storage.westus2",
    "AzureCloud",
    "AzureMachineLearning",
    "20.0.0.0/8",
    "10.0.0.0/16",
    "fqdn:a.example.org",
    "fqdn:example.org",
];
const HOSTS: [&str; 8] = [
    "host:a.example.org@Storage",
    "host:b.a.example.org",
    "host:*.example.org@AzureMachineLearning",
    "host:example.org@Storage.westus2",
    "host:*.a.example.org",
    "host:other.org",
    "Storage",
    "20.0.0.0/9",
];
const TARGETS: [&str; 7] =
    ["*", "*.example.org", "*example.org", "a.example.org", "*.a.example.org", "other.org", "tag:WindowsUpdate"];

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(from)
}

/// One rule as a line.
fn rule() -> impl Strategy<Value = String> {
    let network = (pick(&["tcp", "*", "tcp/udp"]), pick(&DESTINATIONS), pick(&["*", "443", "80,443", "400-500"]))
        .prop_map(|(protocols, to, ports)| format!("net {protocols} * {to} {ports}"));
    let application = (pick(&["https:443", "http:80,https:443", "https:8787"]), pick(&TARGETS))
        .prop_map(|(protocols, to)| format!("app {protocols} * {to}"));
    prop_oneof![network, application]
}

fn collection() -> impl Strategy<Value = (bool, Vec<String>)> {
    (any::<bool>(), proptest::collection::vec(rule(), 1..3))
}

/// A firewall with a group for each collection, and room above and below.
fn any_wall() -> impl Strategy<Value = Wall> {
    proptest::collection::vec(collection(), 0..5).prop_map(|collections| {
        let text = (200u16..).zip(collections).map(|(priority, (deny, rules))| {
            let action = if deny { "deny" } else { "allow" };
            format!("group {priority}\n collection 100 {action}\n {}", rules.join("\n"))
        });
        wall(&text.collect::<Vec<_>>().join("\n"))
    })
}

fn any_question() -> impl Strategy<Value = String> {
    (pick(&["tcp", "tcp/udp", "*"]), pick(&["443", "*", "80,443", "8787"]), pick(&HOSTS))
        .prop_map(|(protocols, ports, remote)| format!("outbound {protocols} {ports} {remote}"))
}

/// Adds a group of one collection at the end of the firewall's own policy.
fn add(wall: &mut Wall, priority: u16, text: &str) {
    let mut more = firewall_support::policy(&wall.place, "more", &format!("group {priority}\n{text}"));
    more.groups[0].name = format!("added-{priority}").into();
    wall.policies.last_mut().unwrap().groups.append(&mut more.groups);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_do_not_matter(mut wall in any_wall(), question in any_question()) {
        let before = wall.ask(&question);
        for (place, group) in wall.policies[0].groups.iter_mut().enumerate() {
            group.name = format!("another-{place}").into();
            for collection in &mut group.collections {
                collection.name = "renamed".into();
                collection.network_rules.iter_mut().for_each(|rule| rule.name = "x".into());
                collection.application_rules.iter_mut().for_each(|rule| rule.name = "y".into());
            }
        }
        prop_assert_eq!(wall.ask(&question), before);
    }

    #[test]
    fn the_order_of_groups_in_the_file_does_not_matter(mut wall in any_wall(), question in any_question()) {
        let before = wall.ask(&question).outcome;
        wall.policies[0].groups.reverse();
        prop_assert_eq!(wall.ask(&question).outcome, before);
    }

    #[test]
    fn the_distance_of_priorities_does_not_matter(mut wall in any_wall(), question in any_question()) {
        let before = wall.ask(&question);
        for (group, priority) in wall.policies[0].groups.iter_mut().zip((100..).step_by(1000)) {
            group.priority = priority;
        }
        prop_assert_eq!(wall.ask(&question), before);
    }

    #[test]
    fn rules_of_one_collection_may_change_places(mut wall in any_wall(), question in any_question()) {
        // They have one action, so that it does not matter which of them matches first.
        let before = wall.outcome(&question);
        for collection in wall.policies[0].groups.iter_mut().flat_map(|group| &mut group.collections) {
            collection.network_rules.reverse();
            collection.application_rules.reverse();
        }
        prop_assert_eq!(wall.outcome(&question), before);
    }

    #[test]
    fn a_rule_may_be_split_in_two(mut wall in any_wall(), question in any_question()) {
        let before = wall.outcome(&question);
        for collection in wall.policies[0].groups.iter_mut().flat_map(|group| &mut group.collections) {
            collection.network_rules = collection.network_rules.iter().flat_map(halves).collect();
            let apart = |rule: &ApplicationRule| {
                rule.protocols.iter().map(|protocol| ApplicationRule { protocols: vec![protocol.clone()], ..rule.clone() }).collect::<Vec<_>>()
            };
            collection.application_rules = collection.application_rules.iter().flat_map(apart).collect();
        }
        prop_assert_eq!(wall.outcome(&question), before);
    }

    #[test]
    fn a_policy_may_be_its_childs_first_groups(wall in any_wall(), other in any_wall(), question in any_question()) {
        let mut family = Wall { policies: vec![other.policies[0].clone(), wall.policies[0].clone()], ..wall };
        family.policies[0].groups.iter_mut().for_each(|group| group.priority += 10_000);
        let before = family.outcome(&question);
        let mut parent = family.policies.remove(0).groups;
        for group in &mut parent {
            group.name = format!("inherited-{}", group.name).into();
            group.priority -= 10_100;
        }
        let mut own = std::mem::take(&mut family.policies[0].groups);
        parent.append(&mut own);
        family.policies[0].groups = parent;
        prop_assert_eq!(family.outcome(&question), before);
    }

    #[test]
    fn what_stands_below_a_deny_of_everything_changes_nothing(mut wall in any_wall(), question in any_question(), allow in rule()) {
        add(&mut wall, 1000, "collection 100 deny\n net * * * *");
        let before = wall.ask(&question);
        add(&mut wall, 2000, &format!("collection 100 allow\n {allow}"));
        let after = wall.ask(&question);
        // All network rules come first, so that a deny of everything shuts out every application rule too.
        prop_assert_eq!(after.outcome, before.outcome);
        prop_assert_eq!(after.parts, before.parts);
    }

    #[test]
    fn an_allow_on_top_only_opens(mut wall in any_wall(), question in any_question(), to in pick(&DESTINATIONS), ports in pick(&["*", "443"])) {
        let before = wall.ask(&question);
        add(&mut wall, 100, &format!("collection 100 allow\n net * * {to} {ports}"));
        let after = wall.ask(&question);
        prop_assert!(before.outcome != Outcome::Allowed || after.outcome == Outcome::Allowed);
        prop_assert!(!before.any_allowed() || after.any_allowed());
        prop_assert!(before.any_denied() || !after.any_denied());
    }

    #[test]
    fn a_deny_on_top_only_shuts(mut wall in any_wall(), question in any_question(), to in pick(&DESTINATIONS), ports in pick(&["*", "443"])) {
        let before = wall.ask(&question);
        add(&mut wall, 100, &format!("collection 100 deny\n net * * {to} {ports}"));
        let after = wall.ask(&question);
        prop_assert!(before.outcome != Outcome::Denied || after.outcome == Outcome::Denied);
        prop_assert!(before.any_allowed() || !after.any_allowed());
    }

    #[test]
    fn every_part_has_its_evidence(wall in any_wall(), question in any_question()) {
        let verdict = wall.ask(&question);
        prop_assert!(!verdict.parts.is_empty());
        prop_assert!(verdict.outcome != Outcome::Undetermined || !verdict.settles.is_empty());
        for part in verdict.parts {
            for again in [wall.evaluate(&Flow::from(&part.example)), wall.evaluate(&part.flow)] {
                prop_assert!(!again.parts.is_empty());
                for inner in again.parts {
                    prop_assert_eq!((inner.access, &inner.decided_by), (part.access, &part.decided_by), "{}", part.example);
                }
            }
        }
    }
}

/// A network rule by the lower and the upper half of its ports. One for protocols without ports cannot be split.
fn halves(rule: &NetworkRule) -> Vec<NetworkRule> {
    if !rule.protocols.is_subset(ProtocolSet::WITH_PORTS) {
        return vec![rule.clone()];
    }
    let half = |low, high| rule.destination_ports.intersect(&PortSet::range(low, high));
    let halves = [half(0, 443), half(444, 65535)].into_iter().filter(|ports| !ports.is_empty());
    halves.map(|destination_ports| NetworkRule { destination_ports, ..rule.clone() }).collect()
}

#[test]
fn forty_rules_and_thousands_of_questions_are_quick() {
    let network = (0..20).map(|rule| {
        let port = 1000 + rule;
        format!("net tcp 10.0.1.0/24 AzureMachineLearning,BatchNodeManagement.eastus2,20.{rule}.0.0/16 {port}\n")
    });
    let application = (0..20).map(|rule| {
        format!("app https:443,http:80 * *.h{rule}.example.org,a{rule}.example.net,*b{rule}.example.com\n")
    });
    let (network, application): (String, String) = (network.collect(), application.collect());
    let text = format!("group 200\n collection 100 allow\n {network} collection 200 allow\n {application}");
    let wall = wall(&text);
    let firewall = wall.compile();
    let network = NetworkContext::new(&wall.place.catalogue, wall.place.network.clone());
    let ctx = FirewallContext::new(&network);
    let flows: Vec<_> = (0..20)
        .flat_map(|rule| {
            [
                (format!("outbound tcp 443 host:x.h{rule}.example.org@AzureMachineLearning"), Outcome::Allowed),
                (format!("outbound tcp 443 host:h{rule}.example.org@AzureMachineLearning"), Outcome::Denied),
                (format!("outbound tcp {} AzureMachineLearning", 1000 + rule), Outcome::Allowed),
                (format!("outbound tcp {} Sql", 1000 + rule), Outcome::Undetermined),
            ]
        })
        .map(|(flow, outcome)| (wall.place.flow(&flow), outcome))
        .collect();
    let start = std::time::Instant::now();
    for _ in 0..50 {
        for (flow, outcome) in &flows {
            assert_eq!(evaluate_firewall(&firewall, flow, &ctx).outcome, *outcome, "{flow}");
        }
    }
    // Four thousand questions, in a build without optimization: far more time than they need.
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}
