//! `cargo bench -p palisade_net --bench net`: how long questions to compiled groups, routes and firewalls take, and how long
//! it takes to compile them. `instructions` counts where time is too noisy.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a bench stops where it cannot go on")]

mod fixtures;

use divan::{Bencher, black_box};
use fixtures::Place;
use palisade_net::{
    Direction, Egress, Firewall, FirewallContext, Group, PortSet, ProtocolSet, Remote, difference, evaluate_firewall,
    evaluate_routes, excess, exposed_to, shadowed_rules,
};

const SIZES: [u16; 3] = [100, 1000, 4000];

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES)]
fn group_compile(bencher: Bencher<'_, '_>, count: u16) {
    let place = Place::new();
    let rules = fixtures::rules(count, &place.catalogue);
    bencher.bench(|| Group::compile(black_box(&rules), &place.catalogue).unwrap());
}

/// A requirement that the last rule but one allows: every rule before is looked at.
#[divan::bench(args = SIZES)]
fn group_requirement(bencher: Bencher<'_, '_>, count: u16) {
    ask(bencher, count, "Storage.WestUS2");
}

/// One that only the last rule denies.
#[divan::bench(args = SIZES)]
fn group_requirement_denied(bencher: Bencher<'_, '_>, count: u16) {
    ask(bencher, count, "AzureMachineLearning");
}

fn ask(bencher: Bencher<'_, '_>, count: u16, tag: &str) {
    let place = Place::new();
    let (group, flow, ctx) = (place.group(count), place.requirement(tag), place.context());
    bencher.bench(|| fixtures::ask(&group, black_box(&flow), &ctx));
}

#[divan::bench(args = [100, 1000])]
fn group_exposed_to(bencher: Bencher<'_, '_>, count: u16) {
    let place = Place::new();
    let (group, ctx) = (place.group(count), place.context());
    let remote = Remote::Tag(place.catalogue.parse_tag("Internet").unwrap());
    bencher.bench(|| exposed_to(&group, &place.local, &remote, ProtocolSet::ALL, &PortSet::all(), &ctx).unwrap());
}

#[divan::bench(args = [100, 1000], sample_count = 10)]
fn group_shadowed_rules(bencher: Bencher<'_, '_>, count: u16) {
    let place = Place::new();
    let (group, ctx) = (place.group(count), place.context());
    bencher.bench(|| shadowed_rules(&group, &place.local, &ctx).unwrap());
}

#[divan::bench(args = [100, 1000], sample_count = 10)]
fn group_excess(bencher: Bencher<'_, '_>, count: u16) {
    let place = Place::new();
    let (group, ctx) = (place.group(count), place.context());
    let required = [place.requirement("Storage.WestUS2")];
    bencher.bench(|| excess(&group, &place.local, &required, Direction::Outbound, &ctx).unwrap());
}

#[divan::bench(args = [100, 1000], sample_count = 10)]
fn group_difference(bencher: Bencher<'_, '_>, count: u16) {
    let place = Place::new();
    let (one, other, ctx) = (place.group(count), place.group(count - 4), place.context());
    bencher.bench(|| difference(&one, &other, &place.local, &ctx).unwrap());
}

#[divan::bench(args = [40, 400])]
fn routes_compile(bencher: Bencher<'_, '_>, count: u16) {
    let place = Place::new();
    let routes = place.routes(count);
    bencher.bench(|| routes.compile(&place.catalogue).unwrap());
}

#[divan::bench(args = [40, 400])]
fn routes_requirement(bencher: Bencher<'_, '_>, count: u16) {
    let place = Place::new();
    let routes = place.routes(count).compile(&place.catalogue).unwrap();
    let (egress, flow, ctx) = (Egress::default(), place.requirement("AzureMachineLearning"), place.context());
    bencher.bench(|| evaluate_routes(&routes, &egress, black_box(&flow), &ctx));
}

#[divan::bench(args = [40, 1000])]
fn firewall_compile(bencher: Bencher<'_, '_>, count: u16) {
    let place = Place::new();
    let policies = [fixtures::policy(count)];
    let firewall = Firewall { policies: &policies, ..Firewall::default() };
    bencher.bench(|| firewall.compile(&place.catalogue).unwrap());
}

/// A host that the last application rule allows.
#[divan::bench(args = [40, 1000])]
fn firewall_requirement(bencher: Bencher<'_, '_>, count: u16) {
    let place = Place::new();
    let policies = [fixtures::policy(count)];
    let firewall = Firewall { policies: &policies, ..Firewall::default() }.compile(&place.catalogue).unwrap();
    let (network, flow) = (place.context(), place.host(count));
    let ctx = FirewallContext::new(&network);
    bencher.bench(|| evaluate_firewall(&firewall, black_box(&flow), &ctx));
}
