//! How packets leave for the internet: the tables of NAT gateways and default outbound access (facts part C.10 and C.11).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;
mod routes_common;

use palisade_net::Outcome::{Allowed, Denied, Partial, Undetermined};
use palisade_net::*;
use routes_common::{cidrs, spoke};

#[test]
fn net_nat_order_table() {
    let out = |change: fn(&mut Egress)| spoke("").egress(change).to("8.8.8.8").replace("Internet 0.0.0.0/0: ", "");
    assert_eq!(
        out(|e| (e.nat_gateway, e.public_ip, e.load_balancer) = (Some(1), true, true)),
        "leaves by the NAT gateway"
    );
    assert_eq!(out(|e| (e.public_ip, e.load_balancer) = (true, true)), "leaves by its own public address");
    assert_eq!(out(|e| e.load_balancer = true), "leaves by the load balancer");
    assert_eq!(out(|_| ()), "leaves by default outbound access");
    // A route to an appliance or a gateway comes before all of them.
    for (table, expected) in [
        ("fw 0.0.0.0/0 10.10.0.4", "fw: goes to the appliance 10.10.0.4"),
        ("gw 0.0.0.0/0 gateway", "gw: goes on-premises"),
    ] {
        assert_eq!(spoke(table).egress(|e| e.nat_gateway = Some(1)).to("8.8.8.8"), expected);
    }
}

#[test]
fn net_nat_needs_ip() {
    let bare = spoke("").egress(|e| (e.nat_gateway, e.default_outbound) = (Some(0), DefaultOutbound::Withheld));
    assert_eq!(bare.outcome("outbound tcp 443 8.8.8.8"), Denied);
}

#[test]
fn net_nat_protocols_and_net_doa_no_icmp() {
    let dropped = "Internet 0.0.0.0/0: is dropped: the egress does not carry this protocol";
    let nat = spoke("").egress(|e| e.nat_gateway = Some(1));
    assert_eq!(nat.ways("outbound udp 53 8.8.8.8"), "Internet 0.0.0.0/0: leaves by the NAT gateway");
    assert_eq!(nat.ways("outbound icmp * 8.8.8.8"), dropped);
    assert_eq!(nat.outcome("outbound * * 8.8.8.8"), Partial);
    assert_eq!(spoke("").ways("outbound icmp * 8.8.8.8"), dropped);
    let both = spoke("").egress(|e| (e.nat_gateway, e.public_ip) = (Some(1), true));
    assert_eq!(both.outcome("outbound icmp * 8.8.8.8"), Undetermined);
    assert_eq!(spoke("").egress(|e| e.public_ip = true).outcome("outbound icmp * 8.8.8.8"), Allowed);
}

#[test]
fn net_nat_basic_no_ipv6() {
    let mut dual = spoke("").egress(|e| (e.nat_gateway, e.default_outbound) = (Some(1), DefaultOutbound::Withheld));
    dual.routes.subnet = common::ips("fd00::/64");
    dual.routes.address_space = cidrs("10.20.0.0/16 fd00::/48");
    assert_eq!(dual.to("2603:1030::1"), "Internet ::/0: is dropped: the place has no egress, and Azure lends it none");
    assert_eq!(dual.to("fd00:0:0:7::1"), "VirtualNetwork fd00::/48: stays inside");
}

#[test]
fn net_doa_field_delegated_and_flex() {
    use DefaultOutbound::{Lent, Withheld};
    for (field, delegated, flexible, expected) in [
        (None, false, false, Lent),
        (Some(true), false, false, Lent),
        (Some(false), false, false, Withheld),
        (Some(false), true, false, Lent),
        (None, false, true, Withheld),
    ] {
        assert_eq!(DefaultOutbound::of(field, delegated, flexible), expected);
    }
}

#[test]
fn net_doa_udr_internet_is_broken_in_a_private_subnet_and_service_endpoints_are_not() {
    let private = spoke("aml AzureMachineLearning internet")
        .service_endpoint("Microsoft.Storage", "Storage.WestUS2")
        .egress(|e| e.default_outbound = DefaultOutbound::Withheld);
    assert_eq!(private.to("AzureMachineLearning"), "aml: is dropped: the place has no egress, and Azure lends it none");
    assert_eq!(private.outcome("outbound tcp 443 AzureMachineLearning"), Denied);
    assert_eq!(private.outcome("outbound tcp 443 Storage.WestUS2"), Allowed);
    assert_eq!(private.outcome("outbound tcp 443 Storage"), Partial);
    for explicit in [
        |e: &mut Egress| e.nat_gateway = Some(1),
        |e: &mut Egress| e.public_ip = true,
        |e: &mut Egress| e.load_balancer = true,
    ] {
        assert_eq!(private.clone().egress(explicit).outcome("outbound tcp 443 AzureMachineLearning"), Allowed);
    }
    let unknown = spoke("").egress(|e| e.default_outbound = DefaultOutbound::Unknown);
    assert_eq!(unknown.ask("outbound tcp 443 Storage").settles, ["`default_outbound_access` of the subnet"]);
}

#[test]
fn net_doa_when_default_outbound_is_implicit() {
    assert!(EgressMethod::DefaultOutbound.is_implicit());
    let parts = spoke("").ask("outbound tcp 443 Storage").parts;
    assert_eq!(parts[0].fate(), Some(Fate::Internet(EgressMethod::DefaultOutbound)));
}

#[test]
fn net_doa_storage_same_region() {
    let mut private = spoke("").egress(|e| e.default_outbound = DefaultOutbound::Withheld);
    let tag = private.catalogue.parse_tag("Storage.WestUS2").unwrap();
    private.egress.reached_without = vec![tag];
    assert_eq!(private.to("Storage.WestUS2"), "Internet 0.0.0.0/0: leaves by Azure's network, without egress");
    assert_eq!(private.outcome("outbound tcp 443 Storage.EastUS"), Denied);
    let none = Egress::default();
    assert!(!none.is_explicit());
}
