//! Questions over a whole group, by example: what they say, and how.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod common;

use common::{Place, place, ports};
use palisade_net::*;

fn compiled(place: &Place) -> CompiledGroup {
    Group::compile(place.subnet.as_ref().unwrap(), &place.catalogue).unwrap()
}

fn shadows(rules: &str) -> Vec<(usize, Vec<usize>, bool)> {
    let place = place(rules);
    let found = shadowed_rules(&compiled(&place), &place.local, &place.context()).unwrap();
    found.into_iter().map(|found| (found.rule, found.by, found.certain)).collect()
}

#[test]
fn a_rule_below_a_wider_one_is_shadowed() {
    assert_eq!(shadows("inbound 100 deny tcp * 0-1023\n inbound 200 allow tcp Internet 22"), [(1, vec![0], true)]);
    assert_eq!(shadows("inbound 100 deny tcp * 0-1023\n outbound 200 allow tcp Internet 22"), []);
}

#[test]
fn several_rules_may_shadow_one_together() {
    let rules = "outbound 100 deny tcp * 0-99\n outbound 110 allow udp * *\n outbound 120 deny tcp * 100-65535
        outbound 200 allow tcp/udp AzureKeyVault 443";
    assert_eq!(shadows(rules), [(3, vec![1, 2], true)]);
}

#[test]
fn a_tag_lies_in_the_shadow_of_a_larger_one() {
    assert_eq!(
        shadows("outbound 100 deny * Internet *\n outbound 200 allow tcp Storage.westus2 443"),
        [(1, vec![0], true)]
    );
    assert_eq!(shadows("outbound 100 deny * Storage *\n outbound 200 allow tcp AzureCloud 443"), []);
}

#[test]
fn whether_a_range_lies_in_the_shadow_of_a_tag_takes_the_file() {
    assert_eq!(
        shadows("outbound 100 deny * AzureCloud *\n outbound 200 allow tcp 20.0.0.0/8 443"),
        [(1, vec![0], false)]
    );
}

#[test]
fn a_rule_that_matches_nothing_has_nothing_above_it() {
    assert_eq!(shadows("inbound 100 allow icmp * 22"), [(0, vec![], true)]);
}

fn excess_of(rules: &str, required: &[&str], direction: Direction) -> Vec<(String, bool)> {
    let place = place(rules);
    let required: Vec<Flow> = required.iter().map(|flow| place.flow(flow)).collect();
    let found = excess(&compiled(&place), &place.local, &required, direction, &place.context()).unwrap();
    found.into_iter().map(|portion| (portion.flow.to_string(), portion.certain)).collect()
}

#[test]
fn a_group_of_exactly_what_is_required_has_no_excess() {
    let rules = "outbound 100 allow tcp AzureMachineLearning 443\n outbound 200 deny * * *";
    let platform = [
        "outbound tcp/udp 53 168.63.129.16",
        "outbound udp 67 168.63.129.16",
        "outbound tcp 80 169.254.169.254",
        "outbound tcp 1688 168.63.129.16",
    ];
    let required = [&["outbound tcp 443 AzureMachineLearning"], platform.as_slice()].concat();
    assert_eq!(excess_of(rules, &required, Direction::Outbound), []);
}

#[test]
fn the_excess_is_summed_up_in_few_boxes() {
    let rules =
        "inbound 100 allow tcp AzureMachineLearning 44224\n inbound 110 allow tcp BatchNodeManagement 29876-29877
        inbound 120 allow tcp Internet 22\n inbound 130 allow tcp Internet 3389\n inbound 4000 deny * * *";
    let found = excess_of(rules, &["inbound tcp 44224 AzureMachineLearning"], Direction::Inbound);
    let expected =
        [("inbound tcp 29876-29877 from BatchNodeManagement", true), ("inbound tcp 22, 3389 from Internet", true)];
    assert_eq!(found, expected.map(|(flow, certain)| (flow.to_owned(), certain)));
}

#[test]
fn the_rest_of_a_tag_is_excess_to_a_host_of_it_but_not_for_certain() {
    let rules = "inbound 100 allow tcp Storage 443\n inbound 4000 deny * * *";
    let found = excess_of(rules, &["inbound tcp 443 host:a.blob.core.windows.net@Storage"], Direction::Inbound);
    assert_eq!(found, [("inbound tcp 443 from Storage".to_owned(), false)]);
}

fn exposure(rules: &str, remote: &str) -> (String, String) {
    let place = place(rules);
    let remote = place.flow(&format!("inbound tcp * {remote}")).remote;
    let wanted = ports("22,80,443,3389");
    let found =
        exposed_to(&compiled(&place), &place.local, &remote, ProtocolSet::WITH_PORTS, &wanted, &place.context())
            .unwrap();
    (found.certain.to_string(), found.possible.to_string())
}

#[test]
fn a_port_that_part_of_the_remote_end_reaches_is_exposed() {
    let rules = "inbound 100 allow tcp AzureMachineLearning 22\n inbound 110 allow udp Internet 80-100";
    assert_eq!(exposure(rules, "Internet"), ("22, 80".into(), String::new()));
    assert_eq!(exposure(rules, "Storage"), ("80".into(), String::new()));
    assert_eq!(exposure(rules, "10.0.9.0/24"), ("22, 80, 443, 3389".into(), String::new()));
}

#[test]
fn a_port_may_be_exposed_or_not_to_a_tag_beside_a_range() {
    assert_eq!(exposure("inbound 100 allow tcp 20.0.0.0/8 22", "Storage"), (String::new(), "22".into()));
}

fn differences(a: &str, b: &str) -> [Vec<String>; 2] {
    let (place, other) = (place(a), place(b));
    let found = difference(&compiled(&place), &compiled(&other), &place.local, &place.context()).unwrap();
    let lines = |portions: &[Portion]| {
        portions.iter().map(|portion| format!("{} such as {}", portion.flow, portion.example)).collect()
    };
    [lines(&found.only_a), lines(&found.only_b)]
}

#[test]
fn groups_differ_by_what_one_allows_and_the_other_denies() {
    let a = "inbound 100 allow tcp AzureMachineLearning 44224";
    let b = "inbound 100 allow tcp AzureMachineLearning 44224-44225\n inbound 110 deny tcp 10.0.9.0/24 22";
    assert_eq!(differences(a, b), [
        vec!["inbound tcp 22 from 10.0.9.0/24 such as tcp from 10.0.9.4:40000 to 10.0.1.4:22".to_owned()],
        vec!["inbound tcp 44225 from AzureMachineLearning such as tcp from an address of AzureMachineLearning:40000 to 10.0.1.4:44225".to_owned()],
    ]);
}

#[test]
fn groups_that_say_the_same_in_other_words_do_not_differ() {
    let a = "outbound 100 allow tcp Storage 443\n outbound 200 deny tcp Internet *";
    let b = "outbound 300 allow tcp Storage 443\n outbound 310 deny tcp Internet 0-1000\n outbound 320 deny tcp Internet 1001-65535";
    assert_eq!(differences(a, b), [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn a_group_of_another_catalogue_is_not_answered() {
    let place = place("");
    let small = Group::compile(&[], &TagCatalogue::default()).unwrap();
    let asked = shadowed_rules(&small, &place.local, &place.context());
    assert_eq!(
        asked.unwrap_err().to_string(),
        "undetermined without groups compiled with the catalogue of service tags that the question uses"
    );
}
