//! Facts of Azure's documentation, and traps in it, that the other tests do not name: each by a small example.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod common;
mod routes_common;

use common::{bare, catalogue, lines, place};
use palisade_net::Outcome::{Allowed, Denied, Partial, Undetermined};
use palisade_net::*;
use routes_common::spoke;

#[test]
fn net_nsg_intra_subnet_traffic_passes_the_group_in_both_directions() {
    let shut = place("inbound 100 deny * VirtualNetwork *");
    // The place and its neighbour of the same subnet: out by the default rule, and stopped on the way in.
    assert_eq!(shut.outcome("outbound tcp 443 10.0.1.9"), Allowed);
    assert_eq!(shut.outcome("inbound tcp 443 10.0.1.9"), Denied);
}

#[test]
fn net_nsg_address_each_kind_of_address() {
    for (address, inside, outside) in [
        ("*", "20.1.2.3", None),
        ("20.1.2.3", "20.1.2.3", Some("20.1.2.4")),
        ("20.1.2.0/24", "20.1.2.255", Some("20.1.3.0")),
        ("20.1.2.3,40.0.0.0/8", "40.255.255.255", Some("20.1.2.4")),
        ("Storage", "Storage.WestUS2", Some("Sql")),
    ] {
        let place = place(&format!("outbound 100 deny * {address} *"));
        assert_eq!(place.outcome(&format!("outbound tcp 443 {inside}")), Denied, "{address}");
        if let Some(outside) = outside {
            assert_eq!(place.outcome(&format!("outbound tcp 443 {outside}")), Allowed, "{address}");
        }
    }
    let rules = bare().rules("outbound 100 deny * Storage,20.1.2.0/24 *");
    let issues = Group::validate(&rules, &catalogue());
    assert!(issues[0].message.contains("a service tag beside other addresses"), "{}", issues[0].message);
}

#[test]
fn net_nsg_any_covers_every_protocol() {
    let place = place("outbound 100 deny * 20.0.0.0/8 *");
    for protocol in ["tcp", "udp", "icmp", "esp", "ah", "*"] {
        assert_eq!(place.outcome(&format!("outbound {protocol} * 20.1.2.3")), Denied, "{protocol}");
    }
}

#[test]
fn net_nsg_defaults_fixed_they_are_overridden_and_never_gone() {
    assert_eq!(place("").outcome("inbound tcp 443 Internet"), Denied);
    assert_eq!(place("inbound 4096 allow * * *").outcome("inbound tcp 443 Internet"), Allowed);
    let left = place("inbound 4096 allow tcp * 443").ask("inbound tcp 22 Internet");
    assert_eq!(lines(&left), ["denied: inbound tcp 22 from Internet <- subnet DenyAllInBound"]);
}

#[test]
fn net_tag_what_where_tags_may_be_used() {
    let catalogue = catalogue();
    for (tag, group, route, firewall) in [
        ("AzureMachineLearning", true, true, true),
        ("AzureMachineLearning.WestUS2", false, false, false),
        ("BatchNodeManagement.WestUS2", true, false, false),
        ("Storage.WestUS2", true, true, true),
        ("AzureCloud", true, false, false),
        ("AzureMonitor.WestUS2", true, false, false),
    ] {
        let parsed = catalogue.parse_tag(tag).unwrap();
        let usable = |feature| catalogue.usable(&parsed, feature);
        assert_eq!(usable(Feature::Group), group, "{tag} in a group");
        assert_eq!(usable(Feature::Route), route, "{tag} in a route");
        assert_eq!(usable(Feature::Firewall), firewall, "{tag} in a firewall");
    }
}

#[test]
fn net_tag_udr_unsupported_table() {
    for tag in
        ["AzurePlatformDNS", "AzurePlatformIMDS", "AzurePlatformLKM", "VirtualNetwork", "AzureLoadBalancer", "Internet"]
    {
        let issues = spoke(&format!("r {tag} none")).routes.validate(&catalogue());
        assert_eq!(issues[0].message, format!("route `r` is for `{tag}`, which routes do not take"));
        assert_eq!(issues[0].level, IssueLevel::Error);
    }
}

#[test]
fn net_rt_east_west_the_network_by_an_appliance_and_the_own_subnet_directly() {
    let spoke = spoke("network 10.20.0.0/16 10.10.0.4\n own 10.20.1.0/24 local");
    assert_eq!(spoke.to("10.20.2.9"), "network: goes to the appliance 10.10.0.4");
    assert_eq!(spoke.to("10.20.1.9"), "own: stays inside");
}

#[test]
fn net_se_subnet_the_services_of_the_catalogue() {
    let catalogue = catalogue();
    for (service, tag) in [
        ("Microsoft.KeyVault", "AzureKeyVault"),
        ("Microsoft.Storage", "Storage"),
        ("Microsoft.ContainerRegistry", "AzureContainerRegistry"),
        ("Microsoft.Sql", "Sql"),
        ("Microsoft.EventHub", "EventHub"),
    ] {
        let info = catalogue.tags().iter().find(|info| info.name == tag).unwrap();
        let mut services = info.service_endpoints.iter().chain(&info.regional_service_endpoints);
        assert!(services.any(|known| known.eq_ignore_ascii_case(service)), "{service}");
    }
}

#[test]
fn net_se_nsg_groups_still_judge() {
    // A group knows nothing of the endpoint that its subnet has: the tag must be allowed.
    let shut = place("outbound 100 deny * Internet *");
    assert_eq!(shut.outcome("outbound tcp 443 Storage.WestUS2"), Denied);
    let open = place("outbound 100 allow tcp Storage 443\n outbound 200 deny * Internet *");
    assert_eq!(open.outcome("outbound tcp 443 Storage.WestUS2"), Allowed);
}

#[test]
fn net_doa_change_a_setting_left_out_is_not_known() {
    let unknown = spoke("").egress(|egress| egress.default_outbound = DefaultOutbound::Unknown);
    assert_eq!(unknown.outcome("outbound tcp 443 Storage"), Undetermined);
    assert_eq!(unknown.ask("outbound tcp 443 Storage").settles, ["`default_outbound_access` of the subnet"]);
}

#[test]
fn trap_a_registry_needs_front_door() {
    let place = place("outbound 100 allow tcp MicrosoftContainerRegistry 443\n outbound 200 deny * Internet *");
    assert_eq!(place.outcome("outbound tcp 443 MicrosoftContainerRegistry"), Allowed);
    assert_eq!(place.outcome("outbound tcp 443 AzureFrontDoor.FirstParty"), Denied);
    let catalogue = catalogue();
    let registry = catalogue.tags().iter().find(|info| info.name == "MicrosoftContainerRegistry").unwrap();
    assert_eq!(registry.needs, ["AzureFrontDoor.FirstParty"]);
}

#[test]
fn trap_44224_below_a_deny_of_everything() {
    let place = place("inbound 100 deny * * *\n inbound 200 allow tcp AzureMachineLearning 44224");
    let verdict = place.ask("inbound tcp 44224 AzureMachineLearning");
    assert_eq!(lines(&verdict), ["denied: inbound tcp 44224 from AzureMachineLearning <- subnet rule-0"]);
    let group = Group::compile(place.subnet.as_ref().unwrap(), &place.catalogue).unwrap();
    let shadowed = shadowed_rules(&group, &place.local, &place.context()).unwrap();
    assert_eq!(shadowed, [Shadowed { rule: 1, by: vec![0], certain: true }]);
}

#[test]
fn trap_ssh_from_the_internet() {
    for wide in ["*", "Internet", "0.0.0.0/0"] {
        let open = place(&format!("inbound 100 allow tcp {wide} 22"));
        assert_eq!(open.outcome("inbound tcp 22 Internet"), Allowed, "{wide}");
    }
    let halves = place("inbound 100 allow tcp 0.0.0.0/1 22\n inbound 110 allow tcp 128.0.0.0/1 22");
    assert_eq!(halves.outcome("inbound tcp 22 Internet"), Allowed);
    assert_eq!(place("inbound 100 allow tcp 10.0.0.0/8 22").outcome("inbound tcp 22 Internet"), Denied);
    assert_eq!(place("inbound 100 allow tcp AzureCloud 22").outcome("inbound tcp 22 Internet"), Partial);
}
