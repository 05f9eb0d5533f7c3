//! Laws of groups that hold whatever the rules are: what changes nothing, and what can only open.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;

use common::{Place, bare, place};
use palisade_net::*;
use proptest::prelude::*;

const REMOTES: [&str; 12] = [
    "*",
    "Internet",
    "VirtualNetwork",
    "AzureCloud",
    "AzureCloud.westus2",
    "Storage",
    "Storage.westus2",
    "AzureMachineLearning",
    "20.0.0.0/8",
    "20.0.0.0/9",
    "0.0.0.0/1",
    "10.0.0.0/8",
];
const PORTS: [&str; 6] = ["*", "443", "444", "440-443", "443-450", "22,443"];

fn line() -> impl Strategy<Value = String> {
    let pick = |from: &'static [&'static str]| proptest::sample::select(from);
    (
        pick(&["inbound", "outbound"]),
        101u16..4000,
        pick(&["allow", "deny"]),
        pick(&["tcp", "udp", "*", "tcp/udp"]),
        pick(&REMOTES),
        pick(&PORTS),
    )
        .prop_map(|(direction, priority, access, protocol, remote, ports)| {
            format!("{direction} {priority} {access} {protocol} {remote} {ports}")
        })
}

/// A place with rules of distinct priorities.
fn any_place() -> impl Strategy<Value = Place> {
    proptest::collection::vec(line(), 0..7).prop_map(|lines| {
        let mut place = place(&lines.join("\n"));
        let mut used = std::collections::HashSet::new();
        if let Some(rules) = &mut place.subnet {
            rules.retain(|rule| used.insert((rule.direction, rule.priority)));
        }
        place
    })
}

fn any_question() -> impl Strategy<Value = String> {
    let pick = |from: &'static [&'static str]| proptest::sample::select(from);
    (pick(&["inbound", "outbound"]), pick(&["tcp", "tcp/udp", "*"]), pick(&PORTS), pick(&REMOTES))
        .prop_map(|(d, p, ports, remote)| format!("{d} {p} {ports} {remote}"))
}

/// What a verdict says, without the places of the rules: the outcome and each part with the name of its rule.
fn said(place: &Place, verdict: &Verdict, names: bool) -> (Outcome, Vec<String>) {
    let rule = |part: &Part| match &part.decided_by {
        Decider::Rule { rule, .. } if names => place.subnet.as_ref().unwrap()[*rule].name.clone(),
        other => format!("{:?}", other.priority()),
    };
    let mut parts: Vec<_> =
        verdict.parts.iter().map(|part| format!("{} {} {}", part.outcome, part.flow, rule(part))).collect();
    parts.sort();
    (verdict.outcome, parts)
}

fn rules_of(place: &mut Place) -> &mut Vec<GroupRule> {
    place.subnet.as_mut().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_the_file_does_not_matter(mut place in any_place(), question in any_question()) {
        let before = said(&place, &place.ask(&question), true);
        rules_of(&mut place).reverse();
        prop_assert_eq!(said(&place, &place.ask(&question), true), before);
    }

    #[test]
    fn names_do_not_matter(mut place in any_place(), question in any_question()) {
        let before = place.ask(&question);
        for (i, rule) in rules_of(&mut place).iter_mut().enumerate() {
            rule.name = format!("another-{i}");
        }
        prop_assert_eq!(place.ask(&question), before);
    }

    #[test]
    fn the_distance_of_priorities_does_not_matter(mut place in any_place(), question in any_question()) {
        let before = place.outcome(&question);
        let rules = rules_of(&mut place);
        rules.sort_by_key(|rule| rule.priority);
        for (i, rule) in (100u16..).zip(rules) {
            rule.priority = i;
        }
        prop_assert_eq!(place.outcome(&question), before);
    }

    #[test]
    fn disjoint_rules_may_change_places(mut place in any_place(), question in any_question()) {
        let before = place.outcome(&question);
        let rules = rules_of(&mut place);
        rules.sort_by_key(|rule| (rule.direction, rule.priority));
        for i in 1..rules.len() {
            let (above, below) = (&rules[i - 1], &rules[i]);
            let apart = above.protocols.intersect(below.protocols).is_empty()
                || above.protocols.union(below.protocols).is_subset(ProtocolSet::WITH_PORTS)
                    && !above.destination_ports.overlaps(&below.destination_ports);
            if above.direction == below.direction && apart {
                let priorities = (below.priority, above.priority);
                (rules[i - 1].priority, rules[i].priority) = priorities;
                rules.swap(i - 1, i);
            }
        }
        prop_assert_eq!(place.outcome(&question), before);
    }

    #[test]
    fn a_range_may_be_split_in_two_rules(mut place in any_place(), question in any_question(), at in 0usize..7, cut in 441u16..449) {
        let before = place.outcome(&question);
        let rules = rules_of(&mut place);
        rules.sort_by_key(|rule| rule.priority);
        for (i, rule) in rules.iter_mut().enumerate() {
            rule.priority = 100 + 2 * u16::try_from(i).unwrap();
        }
        // A rule for protocols without ports cannot be split by ports.
        if let Some(rule) = rules.get_mut(at).filter(|rule| rule.protocols.is_subset(ProtocolSet::WITH_PORTS)) {
            let (low, high) = (PortSet::range(0, cut), PortSet::range(cut + 1, 65535));
            let mut second = rule.clone();
            (second.name, second.priority) = ("second".to_owned(), rule.priority + 1);
            second.destination_ports = rule.destination_ports.intersect(&high);
            rule.destination_ports = rule.destination_ports.intersect(&low);
            rules.push(second);
            rules.retain(|rule| !rule.destination_ports.is_empty());
        }
        prop_assert_eq!(place.outcome(&question), before);
    }

    #[test]
    fn a_shadowed_rule_changes_nothing(mut place in any_place(), question in any_question(), at in 0usize..7, allow in any::<bool>()) {
        let before = said(&place, &place.ask(&question), true);
        let rules = rules_of(&mut place);
        if let Some(mut shadow) = rules.get(at).cloned() {
            shadow.name = "shadow".to_owned();
            shadow.access = if allow { Access::Allow } else { Access::Deny };
            shadow.priority = 4096;
            rules.push(shadow);
        }
        prop_assert_eq!(said(&place, &place.ask(&question), true), before);
    }

    #[test]
    fn an_allow_on_top_only_opens(mut place in any_place(), question in any_question(), top in line()) {
        let before = place.ask(&question);
        let mut rule = bare().rules(&top).remove(0);
        (rule.name, rule.priority, rule.access) = ("top".to_owned(), 100, Access::Allow);
        rules_of(&mut place).push(rule);
        let after = place.ask(&question);
        prop_assert!(before.outcome != Outcome::Allowed || after.outcome == Outcome::Allowed);
        prop_assert!(!before.any_allowed() || after.any_allowed());
        prop_assert!(before.any_denied() || !after.any_denied());
    }

    #[test]
    fn two_levels_of_one_group_are_one(place in any_place(), question in any_question()) {
        let once = place.outcome(&question);
        let twice = Place { interface: place.subnet.clone(), ..place };
        prop_assert_eq!(twice.outcome(&question), once);
    }

    #[test]
    fn two_levels_are_never_more_open_than_one(place in any_place(), other in any_place(), question in any_question()) {
        let one = place.ask(&question);
        let both = Place { interface: other.subnet, ..place }.ask(&question);
        prop_assert!(!one.any_denied() || both.any_denied());
        prop_assert!(one.any_allowed() || !both.any_allowed());
    }

    #[test]
    fn every_part_has_its_evidence(place in any_place(), question in any_question()) {
        for part in place.ask(&question).parts {
            for again in [place.evaluate(&Flow::from(&part.example)), place.evaluate(&part.flow)] {
                prop_assert!(!again.parts.is_empty());
                for inner in again.parts {
                    prop_assert_eq!((inner.access, &inner.decided_by), (part.access, &part.decided_by), "{}", part.example);
                }
            }
        }
    }
}

#[test]
fn a_large_group_is_compiled_and_asked_at_once() {
    let place = bare();
    let mut rules = Vec::new();
    for priority in PRIORITIES {
        for direction in ["inbound", "outbound"] {
            let third = priority % 250;
            rules.push(format!("{direction} {priority} deny tcp 20.{third}.0.0/16 {priority}"));
        }
    }
    let mut rules = place.rules(&rules.join("\n"));
    for (i, rule) in rules.iter_mut().enumerate() {
        rule.name = format!("rule-{i}");
    }
    let group = Group::compile(&rules, &place.catalogue).unwrap();
    assert_eq!(group.len(), rules.len());
    let ctx = NetworkContext::new(&place.catalogue, place.network.clone());
    let verdict = evaluate(
        &[Level { kind: LevelKind::Subnet, group: Some(&group) }],
        &place.flow("outbound tcp 4000 20.0.0.0/8"),
        &ctx,
    );
    assert_eq!(verdict.outcome, Outcome::Partial);
    assert_eq!(verdict.parts.len(), 2);
}
