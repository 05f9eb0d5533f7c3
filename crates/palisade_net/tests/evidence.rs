//! Evidence is never missing: every verdict says what decided it or what would settle it, and the example packet of a part,
//! asked as a single packet, gets the answer of the part.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;
mod firewall_support;
mod routes_common;

use common::{Place, place, reference::cases};
use firewall_support::{Wall, wall};
use palisade_net::Outcome::{Allowed, Denied, Partial, Undetermined};
use palisade_net::*;
use proptest::prelude::*;
use routes_common::{Spoke, spoke};

const REMOTES: [&str; 12] = [
    "*",
    "Internet",
    "VirtualNetwork",
    "AzureCloud",
    "Storage",
    "Storage.westus2",
    "AzureMachineLearning",
    "20.0.0.0/8",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "10.0.0.0/8",
    "168.63.129.16/32",
];
const PORTS: [&str; 5] = ["*", "443", "440-443", "22,443", "53"];
const HOSTS: [&str; 3] = ["host:a.x.org@Storage", "host:*.x.org@Storage.westus2", "host:x.org@AzureMachineLearning"];

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(from)
}

fn any_question() -> impl Strategy<Value = String> {
    let direction = pick(&["inbound", "outbound"]);
    let remote = prop_oneof![5 => pick(&REMOTES), 1 => pick(&HOSTS)];
    (direction, pick(&["tcp", "udp", "*", "icmp"]), pick(&PORTS), remote)
        .prop_map(|(direction, protocols, ports, remote)| format!("{direction} {protocols} {ports} {remote}"))
}

fn any_place() -> impl Strategy<Value = Place> {
    let rule = || (pick(&["inbound", "outbound"]), pick(&["allow", "deny"]), pick(&REMOTES), pick(&PORTS));
    let level = || {
        proptest::collection::vec(rule(), 0..6).prop_map(|rules| {
            let rules = (100..).zip(rules);
            let lines = rules.map(|(i, (direction, access, remote, ports))| {
                format!("{direction} {i} {access} tcp/udp {remote} {ports}\n")
            });
            lines.collect::<String>()
        })
    };
    let routes = proptest::option::weighted(0.3, pick(&["0.0.0.0/0", "20.0.0.0/8", "Storage"]));
    (level(), level(), proptest::option::weighted(0.3, level()), routes).prop_map(
        |(subnet, interface, admin, routes)| {
            let mut place = place(&subnet).interface(&interface);
            if let Some(rules) = admin {
                place = place.admin(&rules);
            }
            match routes {
                Some(prefix) => place.routes(prefix, VirtualNetworkTag::Unsettled),
                None => place,
            }
        },
    )
}

fn any_spoke() -> impl Strategy<Value = Spoke> {
    let hops = proptest::collection::vec(pick(&["internet", "none", "10.10.0.4", "gateway"]), 6);
    let prefixes = proptest::sample::subsequence(
        vec!["0.0.0.0/0", "0.0.0.0/1", "20.0.0.0/8", "10.0.0.0/8", "Storage", "Storage.westus2", "AzureCloud"],
        0..6,
    );
    (prefixes, hops, any::<bool>()).prop_map(|(prefixes, hops, private)| {
        let table = prefixes.iter().zip(hops).enumerate().map(|(i, (prefix, hop))| format!("r{i} {prefix} {hop}\n"));
        let spoke = spoke(&table.collect::<String>()).private_endpoint("10.20.2.5", private);
        spoke.bgp("192.168.0.0/16 20.0.0.0/9")
    })
}

fn any_wall() -> impl Strategy<Value = Wall> {
    let network =
        (pick(&["tcp", "*"]), pick(&["*", "Storage", "AzureCloud", "20.0.0.0/8", "fqdn:x.org"]), pick(&PORTS))
            .prop_map(|(protocols, to, ports)| format!("net {protocols} * {to} {ports}"));
    let application = (pick(&["https:443", "http:22"]), pick(&["*", "*.x.org", "a.x.org", "tag:Unknown"]))
        .prop_map(|(protocols, names)| format!("app {protocols} * {names}"));
    let rule = prop_oneof![network, application];
    let collections = proptest::collection::vec((pick(&["allow", "deny"]), rule), 0..6);
    (collections, any::<bool>()).prop_map(|(collections, proxy)| {
        let text = (200..)
            .zip(collections)
            .map(|(priority, (action, rule))| format!("group {priority}\n collection 100 {action}\n {rule}\n"));
        wall(&text.collect::<String>()).dns_proxy(proxy.then_some(true))
    })
}

/// What every verdict has: parts of the outcomes that the whole is made of, and words for what is open.
fn check_whole(outcome: Outcome, parts: &[Outcome], settles: &[String]) -> Result<(), TestCaseError> {
    let has = |wanted| parts.contains(&wanted);
    match outcome {
        Allowed => prop_assert!(!parts.is_empty() && !has(Denied)),
        Denied => prop_assert!(!parts.is_empty() && !has(Allowed)),
        Partial => prop_assert!(parts.len() > 1),
        Undetermined => prop_assert!(!settles.is_empty() && settles.iter().all(|text| !text.is_empty())),
    }
    Ok(())
}

/// The same for groups and firewalls, and that each example is decided like its part.
fn check(verdict: &Verdict, ask: impl Fn(&Flow) -> Verdict) -> Result<(), TestCaseError> {
    let outcomes: Vec<Outcome> = verdict.parts.iter().map(|part| part.outcome).collect();
    check_whole(verdict.outcome, &outcomes, &verdict.settles)?;
    for part in &verdict.parts {
        let one = ask(&Flow::from(&part.example));
        let deciders: Vec<_> = one.parts.iter().map(|inner| (&inner.decided_by, inner.access)).collect();
        prop_assert!(!deciders.is_empty(), "{} is no packet", part.example);
        prop_assert!(deciders.iter().all(|found| *found == (&part.decided_by, part.access)), "{}", part.example);
        match part.outcome {
            Allowed | Denied => prop_assert_eq!(one.outcome, part.outcome, "{}", part.example),
            Partial | Undetermined => {
                // That the packet exists is what was open; or it is as open as the part.
                let access = if part.access == Access::Allow { Allowed } else { Denied };
                prop_assert!([access, Undetermined].contains(&one.outcome), "{}: {}", part.example, one.outcome);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn a_verdict_of_groups_shows_what_decided_it(place in any_place(), question in any_question()) {
        check(&place.ask(&question), |flow| place.evaluate(flow))?;
    }

    #[test]
    fn a_verdict_of_a_firewall_shows_what_decided_it(wall in any_wall(), question in any_question()) {
        check(&wall.ask(&question), |flow| wall.evaluate(flow))?;
    }

    #[test]
    fn a_verdict_of_routes_shows_what_decided_it(spoke in any_spoke(), question in any_question()) {
        let verdict = spoke.ask(&question);
        let outcomes: Vec<Outcome> = verdict.parts.iter().map(|part| part.outcome).collect();
        check_whole(verdict.outcome, &outcomes, &verdict.settles)?;
        for part in &verdict.parts {
            let one = spoke.evaluate(&Flow::from(&part.example));
            prop_assert!(!part.ways.is_empty() && !one.parts.is_empty(), "{}", part.example);
            prop_assert!(one.parts.iter().all(|inner| inner.ways == part.ways), "{}", part.example);
            if part.outcome != Undetermined {
                prop_assert_eq!(one.outcome, part.outcome, "{}", part.example);
            }
        }
    }
}
