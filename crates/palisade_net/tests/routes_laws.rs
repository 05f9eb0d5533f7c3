//! Laws of routes that hold whatever they are: what changes nothing, and what every answer carries.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;
mod routes_common;

use palisade_net::Outcome::Undetermined;
use palisade_net::*;
use proptest::prelude::*;
use routes_common::{Spoke, spoke};

const PREFIXES: [&str; 14] = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "10.0.0.0/8",
    "10.20.0.0/16",
    "10.20.2.0/24",
    "192.168.0.0/16",
    "20.0.0.0/8",
    "20.0.0.0/9",
    "Storage",
    "Storage.WestUS2",
    "AzureMachineLearning",
    "AzureCloud",
    "BatchNodeManagement",
];
const QUESTIONS: [&str; 11] = [
    "*",
    "Internet",
    "Storage",
    "Storage.WestUS2",
    "AzureMachineLearning",
    "20.0.0.0/8",
    "10.0.0.0/8",
    "192.168.0.0/16",
    "VirtualNetwork",
    "host:a.b@Storage",
    "20.1.1.1",
];

fn any_spoke() -> impl Strategy<Value = Spoke> {
    let hop = proptest::sample::select(&["internet", "none", "10.10.0.4", "gateway"][..]);
    let prefixes = proptest::sample::subsequence(&PREFIXES[..], 0..7);
    (prefixes, proptest::collection::vec(hop, 7), any::<[bool; 3]>()).prop_map(|(prefixes, hops, more)| {
        let table: Vec<String> =
            prefixes.iter().zip(hops).enumerate().map(|(i, (prefix, hop))| format!("r{i} {prefix} {hop}")).collect();
        let mut spoke = spoke(&table.join("\n")).private_endpoint("10.20.2.5", more[0]);
        if more[1] {
            spoke = spoke.service_endpoint("Microsoft.Storage", "Storage.WestUS2");
        }
        if more[2] {
            spoke = spoke.bgp("0.0.0.0/0 192.168.7.0/24 20.1.0.0/16");
        }
        spoke
    })
}

fn any_question() -> impl Strategy<Value = String> {
    let words = (
        proptest::sample::select(&["outbound", "inbound"][..]),
        proptest::sample::select(&["tcp", "*", "icmp"][..]),
        proptest::sample::select(&QUESTIONS[..]),
    );
    words.prop_map(|(direction, protocol, remote)| format!("{direction} {protocol} * {remote}"))
}

/// What a verdict says, without the places of the routes.
fn said(verdict: &RouteVerdict) -> (Outcome, Vec<String>) {
    let mut said: Vec<String> = verdict
        .parts
        .iter()
        .map(|part| {
            let mut ways: Vec<String> = part.ways.iter().map(|way| format!("{}: {}", way.route, way.fate)).collect();
            ways.sort();
            format!("{} {} {ways:?}", part.outcome, part.flow)
        })
        .collect();
    said.sort();
    (verdict.outcome, said)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_routes_does_not_matter(mut spoke in any_spoke(), question in any_question()) {
        let before = said(&spoke.ask(&question));
        spoke.routes.user.reverse();
        spoke.routes.bgp.reverse();
        prop_assert_eq!(said(&spoke.ask(&question)), before);
    }

    #[test]
    fn names_do_not_matter(mut spoke in any_spoke(), question in any_question()) {
        let fates = |verdict: RouteVerdict| {
            let parts = verdict.parts.into_iter();
            let fates = |part: RoutePart| (part.flow, part.ways.into_iter().map(|way| (way.route.index, way.fate)).collect::<Vec<_>>());
            (verdict.outcome, verdict.settles, parts.map(fates).collect::<Vec<_>>())
        };
        let before = fates(spoke.ask(&question));
        for (i, route) in spoke.routes.user.iter_mut().enumerate() {
            route.name = format!("another-{i}").into();
        }
        prop_assert_eq!(fates(spoke.ask(&question)), before);
    }

    #[test]
    fn a_way_out_for_everything_else_only_opens(mut spoke in any_spoke(), question in any_question()) {
        // Where packets to public addresses were dropped by a route for all of them, they now leave.
        let all = RoutePrefix::Cidr("0.0.0.0/0".parse().unwrap());
        spoke.routes.user.retain(|route| route.prefix != all);
        let to = |next_hop| UserRoute { name: "all".into(), prefix: all.clone(), next_hop };
        spoke.routes.user.push(to(UserHop::None));
        let shut = spoke.ask(&question).outcome;
        *spoke.routes.user.last_mut().unwrap() = to(UserHop::Internet);
        let open = spoke.ask(&question).outcome;
        prop_assert!(shut != Outcome::Allowed || open == Outcome::Allowed);
        prop_assert!(open != Outcome::Denied || shut == Outcome::Denied);
    }

    #[test]
    fn a_shadowed_route_changes_nothing(mut spoke in any_spoke(), question in any_question(), at in 0usize..7) {
        // Both halves of a route in its place: the whole is never chosen.
        let Some(UserRoute { prefix: RoutePrefix::Cidr(cidr), next_hop, .. }) = spoke.routes.user.get(at).cloned() else { return Ok(()) };
        if cidr.length() == 0 { return Ok(()) }
        spoke.routes.user.remove(at);
        for (i, half) in cidr.net().subnets(cidr.length() + 1).unwrap().enumerate() {
            let prefix = RoutePrefix::Cidr(half.into());
            if spoke.routes.user.iter().all(|route| route.prefix != prefix) {
                spoke.routes.user.push(UserRoute { name: format!("half{i}").into(), prefix, next_hop });
            }
        }
        let before = said(&spoke.ask(&question));
        spoke.routes.user.push(UserRoute { name: "shadowed".into(), prefix: RoutePrefix::Cidr(cidr), next_hop: UserHop::None });
        prop_assert_eq!(said(&spoke.ask(&question)), before);
    }

    #[test]
    fn every_part_has_its_evidence(spoke in any_spoke(), question in any_question()) {
        let verdict = spoke.ask(&question);
        prop_assert!(verdict.outcome != Undetermined || !verdict.settles.is_empty());
        prop_assert!(!verdict.parts.is_empty());
        for part in verdict.parts {
            prop_assert!(!part.ways.is_empty());
            for again in [spoke.evaluate(&part.flow), spoke.evaluate(&Flow::from(&part.example))] {
                prop_assert!(!again.parts.is_empty(), "{}", part.flow);
                for inner in again.parts {
                    prop_assert_eq!(&inner.ways, &part.ways, "{}", part.example);
                }
            }
        }
    }
}

#[test]
fn a_large_table_is_compiled_and_asked_at_once() {
    let mut table = vec!["default 0.0.0.0/0 10.10.0.4".to_owned(), "storage Storage internet".to_owned()];
    table.extend((0..398).map(|i| format!("r{i} {}.{}.0.0/16 none", 20 + i / 200, i % 200)));
    let verdict = spoke(&table.join("\n")).ask("outbound tcp 443 *");
    assert_eq!(verdict.outcome, Undetermined);
}
