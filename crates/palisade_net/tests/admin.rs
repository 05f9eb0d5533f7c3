//! Security admin rules before groups (fact `net.nsg.admin-rules`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod common;

use common::{bare, lines, place};
use palisade_net::Outcome::{Allowed, Denied, Partial, Undetermined};
use palisade_net::*;

#[test]
fn net_nsg_admin_rules_deny_ends_there_whatever_the_groups_say() {
    let denied = place("inbound 100 allow * * *").admin("inbound 10 deny tcp Internet 22");
    assert_eq!(
        lines(&denied.ask("inbound tcp 22 Internet")),
        ["denied: inbound tcp 22 from Internet <- admin rule-0 (deny)"]
    );
    assert_eq!(denied.outcome("inbound tcp 23 Internet"), Allowed);
}

#[test]
fn net_nsg_admin_rules_allow_leaves_it_to_the_groups() {
    let allowed = place("inbound 100 deny tcp Internet 22").admin("inbound 10 allow tcp Internet 22-23");
    let verdict = allowed.ask("inbound tcp 22 Internet");
    assert_eq!(lines(&verdict), ["denied: inbound tcp 22 from Internet <- subnet rule-0"]);
    assert!(matches!(verdict.parts[0].passed[..], [Decider::Admin { access: AdminAccess::Allow, priority: 10, .. }]));
    assert_eq!(allowed.outcome("inbound tcp 23 Internet"), Denied, "by the group's default rule");
}

#[test]
fn net_nsg_admin_rules_always_allow_skips_every_group() {
    for direction in ["inbound", "outbound"] {
        let rules = format!("{direction} 100 deny * * *");
        let place = place(&rules).interface(&rules).admin(&format!("{direction} 10 always tcp AzureMonitor 443"));
        let verdict = place.ask(&format!("{direction} tcp 443 AzureMonitor"));
        assert_eq!(verdict.outcome, Allowed);
        assert!(verdict.parts.iter().all(|part| matches!(part.decided_by, Decider::Admin { .. })));
        assert_eq!(place.outcome(&format!("{direction} tcp 80 AzureMonitor")), Denied);
    }
}

#[test]
fn admin_rules_come_first_in_both_directions() {
    for direction in ["inbound", "outbound"] {
        let rules = format!("{direction} 100 deny * * *");
        let place = place(&rules).interface(&rules).admin(&format!("{direction} 10 deny tcp * 443"));
        let verdict = place.ask(&format!("{direction} tcp 443 10.0.2.0/24"));
        assert_eq!(verdict.parts[0].decided_by.level(), Some(LevelKind::Admin));
        assert!(verdict.parts[0].passed.is_empty());
    }
}

#[test]
fn what_no_admin_rule_matches_goes_on_as_if_there_were_none() {
    let place = bare().admin("inbound 10 deny tcp * 22");
    assert_eq!(place.outcome("inbound tcp 23 Internet"), Allowed, "no group at all");
    assert_eq!(place.outcome("inbound tcp 22-23 Internet"), Partial);
    assert_eq!(place.ask("inbound tcp 23 Internet").parts[0].decided_by, Decider::NoGroup);
}

#[test]
fn the_first_admin_rule_by_priority_decides() {
    let place = bare().admin("inbound 20 deny tcp * 22\n inbound 10 always tcp 10.0.0.0/16 22");
    assert_eq!(place.outcome("inbound tcp 22 10.0.9.9"), Allowed);
    assert_eq!(place.outcome("inbound tcp 22 8.8.8.8"), Denied);
}

#[test]
fn an_admin_rule_about_addresses_of_unknown_tags_is_undetermined_like_any_other() {
    let place = bare().admin("inbound 20 deny tcp 20.0.0.0/8 22");
    assert_eq!(place.outcome("inbound tcp 22 Storage"), Undetermined);
}

#[test]
fn admin_rules_with_mistakes_are_refused() {
    let place = bare().admin("inbound 4097 deny tcp * 22\n inbound 4097 allow tcp * 23");
    let rules = place.admin.as_ref().unwrap();
    let messages: Vec<String> =
        AdminRules::compile(rules, &place.catalogue).unwrap_err().into_iter().map(|issue| issue.message).collect();
    assert_eq!(
        messages,
        [
            "rule `rule-0` has priority 4097, outside 1 to 4096",
            "rule `rule-1` has priority 4097, outside 1 to 4096",
            "rules `rule-0` and `rule-1` are both inbound with priority 4097",
        ]
    );
}

#[test]
fn admin_rules_at_the_level_of_a_group_are_not_judged() {
    let place = bare();
    let admin = AdminRules::compile(&[], &place.catalogue).unwrap();
    let level = Level { kind: LevelKind::Subnet, group: Some(&admin) };
    assert_eq!(evaluate(&[level], &place.flow("inbound tcp 22 *"), &place.context()).outcome, Undetermined);
}
