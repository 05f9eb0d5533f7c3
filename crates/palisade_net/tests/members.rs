//! Application security groups in rules, fact by fact (`net.asg.*`, `net.nsg.asg-rule`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod common;

use common::{Place, ips, lines, place};
use palisade_net::Outcome::{Allowed, Denied, Partial, Undetermined};
use palisade_net::*;

fn asg(name: &str) -> AsgId {
    AsgId::new(name)
}

/// Only what comes from the members of `web` reaches the members of `db`.
fn tiers() -> Place {
    place("inbound 100 allow tcp asg:web 1433 for asg:db\n inbound 200 deny * * *")
}

fn known() -> Members {
    Members::new().with(asg("web"), ips("10.0.2.4 10.0.2.5")).with(asg("db"), ips("10.0.1.4 10.0.1.5"))
}

#[test]
fn net_nsg_asg_rule_a_rule_applies_to_members_alone_at_both_ends() {
    let tiers = tiers().members(known()).at("10.0.1.4");
    assert_eq!(tiers.outcome("inbound tcp 1433 10.0.2.4"), Allowed);
    assert_eq!(tiers.outcome("inbound tcp 1433 10.0.2.6"), Denied);
    assert_eq!(tiers.outcome("inbound tcp 1433 10.0.2.4/31"), Allowed);
    assert_eq!(tiers.outcome("inbound tcp 22 10.0.2.4"), Denied);
}

#[test]
fn net_asg_non_member_the_rule_does_not_apply_to_a_local_end_outside_the_group() {
    assert_eq!(tiers().members(known()).at("10.0.1.9").outcome("inbound tcp 1433 10.0.2.4"), Denied);
    let subnet = tiers().members(known()).ask("inbound tcp 1433 10.0.2.4");
    assert_eq!(subnet.outcome, Partial);
    assert_eq!(subnet.parts[1].flow.local, ips("10.0.1.4/31"));
}

#[test]
fn net_asg_many_an_interface_of_several_groups_is_a_member_of_each() {
    let both = |own: &[&str]| {
        let members = known().of_interface(own.iter().copied().map(AsgId::new));
        tiers().members(members).at("10.0.1.77").outcome("inbound tcp 1433 10.0.2.4")
    };
    assert_eq!(both(&["db", "other"]), Allowed);
    assert_eq!(both(&["other"]), Denied);
    assert_eq!(both(&[]), Denied);
}

#[test]
fn outbound_rules_look_at_members_the_other_way_round() {
    let web = place("outbound 100 allow tcp asg:db 1433 for asg:web\n outbound 200 deny * * *").members(known());
    let web = web.at("10.0.2.4");
    assert_eq!(web.outcome("outbound tcp 1433 10.0.1.4"), Allowed);
    assert_eq!(web.outcome("outbound tcp 1433 10.0.1.6"), Denied);
}

#[test]
fn net_asg_one_vnet_unknown_members_may_be_anywhere_in_the_network_and_nowhere_else() {
    let unknown = tiers().members(Members::new().with(asg("db"), ips("10.0.1.0/24")));
    let verdict = unknown.ask("inbound tcp 1433 10.0.2.4");
    assert_eq!(verdict.outcome, Undetermined);
    assert_eq!(verdict.settles, ["the addresses of every member of the application security group `web`"]);
    assert_eq!(unknown.outcome("inbound tcp 1433 8.8.8.8"), Denied);
    assert_eq!(unknown.outcome("inbound tcp 22 10.0.2.4"), Denied);
    assert_eq!(tiers().outcome("inbound tcp 1433 10.0.2.4"), Undetermined);
}

#[test]
fn a_member_of_unknown_address_leaves_open_only_its_own_subnet() {
    let members = known().with_some(asg("web"), ips("10.0.2.4"), &ips("10.0.3.0/24"));
    let tiers = tiers().members(members).at("10.0.1.4");
    assert_eq!(tiers.outcome("inbound tcp 1433 10.0.2.4"), Allowed);
    assert_eq!(tiers.outcome("inbound tcp 1433 10.0.2.5"), Denied);
    assert_eq!(tiers.outcome("inbound tcp 1433 10.0.3.9"), Undetermined);
    let all = tiers.ask("inbound tcp 1433 10.0.2.0/23");
    assert_eq!(all.outcome, Partial);
    assert!(all.any_undetermined());
}

#[test]
fn what_does_not_depend_on_unknown_members_is_decided() {
    let twice =
        place("inbound 100 allow tcp asg:web 443\n inbound 200 deny tcp asg:web *\n inbound 300 allow tcp * 443");
    assert_eq!(twice.outcome("inbound tcp 443 10.0.2.4"), Allowed);
    assert_eq!(twice.outcome("inbound tcp 80 10.0.2.4"), Undetermined);
}

#[test]
fn more_doubts_than_can_be_weighed_are_named() {
    let rules: Vec<String> = (0..7).map(|i| format!("inbound {} deny tcp asg:g{i} {i}", 100 + i)).collect();
    let verdict = place(&rules.join("\n")).ask("inbound tcp * 10.0.2.4");
    assert_eq!(verdict.outcome, Undetermined);
    assert_eq!(
        verdict.settles,
        ["the addresses of every member of the application security groups `g0`, `g1`, `g2`, `g3`, `g4`, `g5`, `g6`"]
    );
}

#[test]
fn groups_of_members_beside_addresses_are_refused() {
    let place = tiers();
    let mut rules = place.subnet.clone().unwrap();
    rules[0].sources = ips("10.0.2.0/24").into();
    let errors = Group::compile(&rules, &place.catalogue).unwrap_err();
    assert_eq!(
        errors[0].message,
        "rule `rule-0` has application security groups beside addresses as its source, which Azure refuses"
    );
}

#[test]
fn the_deciding_rule_is_named_as_for_any_other() {
    let tiers = tiers().members(known()).at("10.0.1.4");
    assert_eq!(
        lines(&tiers.ask("inbound tcp 1433 10.0.2.4")),
        ["allowed: inbound tcp 1433 from 10.0.2.4 <- subnet rule-0"]
    );
}
