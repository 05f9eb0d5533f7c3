//! The tables of routes, endpoints and peerings from Azure's documentation, named after the facts that they transcribe.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;
mod routes_common;

use palisade_net::Outcome::{Allowed, Denied, Undetermined};
use palisade_net::*;
use routes_common::{cidrs, lines, peering, spoke};

const FILE: &str = "Microsoft's service tag file";
const EFFECTIVE: &str = "the effective routes of an interface in the subnet";

// Facts part C.6.

#[test]
fn net_rt_default_system_routes() {
    let plain = spoke("");
    for (to, expected) in [
        ("10.20.9.9", "VirtualNetwork 10.20.0.0/16: stays inside"),
        ("8.8.8.8", "Internet 0.0.0.0/0: leaves by default outbound access"),
        ("Storage", "Internet 0.0.0.0/0: leaves by default outbound access"),
        ("172.16.0.1", "PrivateRange 172.16.0.0/12: is dropped: the route drops it"),
        ("192.168.1.1", "PrivateRange 192.168.0.0/16: is dropped: the route drops it"),
        ("100.64.0.1", "PrivateRange 100.64.0.0/10: is dropped: the route drops it"),
        // The network uses a part of 10.0.0.0/8, so that its None route is gone.
        ("10.99.0.1", "Internet 0.0.0.0/0: is dropped: the internet has no such address"),
        ("168.63.129.16", "Platform 168.63.129.16/32: stays inside"),
        ("169.254.169.254", "Platform 169.254.169.254/32: stays inside"),
    ] {
        assert_eq!(plain.to(to), expected, "{to}");
    }
}

#[test]
fn net_rt_default_a_network_that_uses_a_whole_private_range() {
    let mut whole = spoke("");
    whole.routes.address_space = cidrs("192.168.0.0/16");
    whole.routes.subnet = common::ips("192.168.1.0/24");
    assert_eq!(whole.to("192.168.77.1"), "VirtualNetwork 192.168.0.0/16: stays inside");
    assert_eq!(whole.to("10.99.0.1"), "PrivateRange 10.0.0.0/8: is dropped: the route drops it");
}

#[test]
fn net_rt_default_private_ranges_beside_a_user_default_route_are_open() {
    let forced = spoke("default 0.0.0.0/0 10.10.0.4");
    assert_eq!(
        forced.to("192.168.1.1"),
        "default: goes to the appliance 10.10.0.4 | PrivateRange 192.168.0.0/16: is dropped: the route drops it"
    );
    let verdict = forced.ask("outbound tcp 443 192.168.1.1");
    assert_eq!(verdict.outcome, Undetermined);
    assert!(verdict.settles.contains(&EFFECTIVE.to_owned()), "{:?}", verdict.settles);
    // The range of the network itself has no None route; a longer or equal user-defined route leaves nothing open.
    assert_eq!(forced.to("10.99.0.1"), "default: goes to the appliance 10.10.0.4");
    let both = spoke("default 0.0.0.0/0 10.10.0.4\n site 192.168.0.0/16 10.10.0.5");
    assert_eq!(both.to("192.168.1.1"), "site: goes to the appliance 10.10.0.5");
    // Both readings drop it.
    assert_eq!(spoke("default 0.0.0.0/0 none").outcome("outbound tcp 443 192.168.1.1"), Denied);
    assert_eq!(spoke("default 0.0.0.0/0 none").ask("outbound tcp 443 192.168.1.1").settles, [""; 0]);
}

#[test]
fn net_rt_optional_peering_gateway_and_service_endpoint() {
    let all = spoke("").bgp("172.30.0.0/16").on_premises("192.168.0.0/16").service_endpoint("Microsoft.Sql", "Sql");
    for (to, expected) in [
        ("10.10.0.4", "Peering 10.10.0.0/16: stays inside"),
        ("172.30.1.1", "Bgp 172.30.0.0/16: goes on-premises"),
        ("192.168.1.1", "OnPremises 192.168.0.0/16: goes on-premises"),
        ("Sql", "ServiceEndpoint Sql: goes straight to the service"),
    ] {
        assert_eq!(all.to(to), expected, "{to}");
    }
}

#[test]
fn net_rt_lpm_the_longest_prefix_decides() {
    let table = spoke("half 10.0.0.0/9 10.10.0.4\n all 10.0.0.0/8 none\n one 10.20.7.7/32 10.10.0.5");
    assert_eq!(table.to("10.99.0.1"), "half: goes to the appliance 10.10.0.4");
    assert_eq!(table.to("10.200.0.1"), "all: is dropped: the route drops it");
    assert_eq!(table.to("10.20.7.7"), "one: goes to the appliance 10.10.0.5");
    assert_eq!(table.to("10.20.7.8"), "VirtualNetwork 10.20.0.0/16: stays inside");
    let verdict = table.ask("outbound tcp 443 10.20.7.6/31");
    assert_eq!(
        lines(&verdict),
        [
            "undetermined: outbound tcp 443 to 10.20.7.7 <- one: goes to the appliance 10.10.0.5",
            "allowed: outbound tcp 443 to 10.20.7.6 <- VirtualNetwork 10.20.0.0/16: stays inside"
        ]
    );
}

#[test]
fn net_rt_tie_user_then_bgp_then_system() {
    let announced = "0.0.0.0/0 10.50.0.0/16";
    assert_eq!(spoke("").bgp(announced).to("8.8.8.8"), "Bgp 0.0.0.0/0: goes on-premises");
    let written = spoke("out 0.0.0.0/0 internet\n in 10.50.0.0/16 none").bgp(announced);
    assert_eq!(written.to("8.8.8.8"), "out: leaves by default outbound access");
    assert_eq!(written.to("10.50.1.1"), "in: is dropped: the route drops it");
    // Equal to the network's and to the peer's own prefix: the user-defined route wins (net.rt.east-west).
    let through = spoke("own 10.20.0.0/16 10.10.0.4\n near 10.20.1.0/24 local\n hub 10.10.0.0/16 10.10.0.4");
    assert_eq!(through.to("10.20.9.9"), "own: goes to the appliance 10.10.0.4");
    assert_eq!(through.to("10.20.1.9"), "near: stays inside");
    assert_eq!(through.to("10.10.7.7"), "hub: goes to the appliance 10.10.0.4");
}

#[test]
fn net_rt_tie_network_peering_and_service_endpoint_before_longer_bgp() {
    let announced = spoke("").bgp("10.20.5.0/24 10.10.5.0/24 20.0.0.0/8").service_endpoint("Microsoft.Sql", "Sql");
    assert_eq!(announced.to("10.20.5.5"), "VirtualNetwork 10.20.0.0/16: stays inside");
    assert_eq!(announced.to("10.10.5.5"), "Peering 10.10.0.0/16: stays inside");
    assert_eq!(announced.to("Sql"), "ServiceEndpoint Sql: goes straight to the service");
    // On-premises prefixes of the gateway are no such exception.
    assert_eq!(
        spoke("").on_premises("192.168.0.0/16").bgp("192.168.5.0/24").to("192.168.5.5"),
        "Bgp 192.168.5.0/24: goes on-premises"
    );
}

#[test]
fn net_rt_nexthops_table() {
    let table = spoke(
        "a 8.0.0.1/32 internet\n b 8.0.0.2/32 none\n c 8.0.0.3/32 gateway\n d 8.0.0.4/32 10.10.0.4\n e 10.20.0.0/16 local",
    );
    for (to, expected) in [
        ("8.0.0.1", "a: leaves by default outbound access"),
        ("8.0.0.2", "b: is dropped: the route drops it"),
        ("8.0.0.3", "c: goes on-premises"),
        ("8.0.0.4", "d: goes to the appliance 10.10.0.4"),
        ("10.20.9.9", "e: stays inside"),
    ] {
        assert_eq!(table.to(to), expected, "{to}");
    }
    // A user-defined route cannot name an ExpressRoute gateway.
    for gateway in [Some(Gateway::ExpressRoute), None] {
        let mut table = table.clone();
        table.routes.gateway = gateway;
        let verdict = table.ask("outbound tcp 443 8.0.0.3");
        assert_eq!(verdict.outcome, Undetermined);
        assert!(verdict.settles[0].contains("gateway"), "{:?}", verdict.settles);
    }
}

#[test]
fn net_rt_tags_beat_the_default_route_and_its_halves() {
    for default in ["all 0.0.0.0/0 10.10.0.4", "low 0.0.0.0/1 10.10.0.4\n high 128.0.0.0/1 10.10.0.4"] {
        let table = spoke(&format!("{default}\n aml AzureMachineLearning internet"));
        assert_eq!(table.to("AzureMachineLearning"), "aml: leaves by default outbound access", "{default}");
        assert_eq!(table.outcome("outbound tcp 443 AzureMachineLearning"), Allowed);
        assert_eq!(table.outcome("outbound tcp 443 Storage"), Undetermined);
        for part in table.ask("outbound tcp 443 Storage").parts {
            assert_eq!(part.fate(), Some(Fate::Appliance("10.10.0.4".parse().unwrap())));
        }
    }
}

#[test]
fn net_rt_tags_the_order_among_tags() {
    // Regional, global, AzureCloud of the region, AzureCloud.
    let order = ["Storage.WestUS2", "Storage", "AzureCloud.westus2", "AzureCloud"];
    for from in 0..order.len() {
        let table: Vec<String> =
            order[from..].iter().rev().map(|tag| format!("{} {tag} internet", tag.to_lowercase())).collect();
        let expected = format!("{}: leaves by default outbound access", order[from].to_lowercase());
        assert_eq!(spoke(&table.join("\n")).to("Storage.WestUS2"), expected);
    }
}

#[test]
fn net_rt_tags_an_explicit_prefix_of_the_same_length_wins() {
    // A tag's prefix is at most 32 bits long.
    let one = spoke("tag Storage internet\n one 20.1.2.3/32 none");
    assert_eq!(one.to("20.1.2.3"), "one: is dropped: the route drops it");
    // Between a public network and a tag only Microsoft's file can tell.
    let open = spoke("tag Storage internet\n eight 20.0.0.0/8 none");
    let verdict = open.ask("outbound tcp 443 Storage");
    assert_eq!(verdict.outcome, Undetermined);
    assert_eq!(
        lines(&verdict),
        [
            "undetermined: outbound tcp 443 to Storage outside 20.0.0.0/8 <- tag: leaves by default outbound access",
            "undetermined: outbound tcp 443 to Storage at 20.0.0.0/8 <- eight: is dropped: the route drops it | tag: \
             leaves by default outbound access",
        ]
    );
    assert_eq!(verdict.settles, [FILE]);
    // To all of the network: what is no storage is dropped, the rest is open.
    let eight = open.ask("outbound tcp 443 20.0.0.0/8");
    assert_eq!(eight.outcome, Undetermined);
    // Where both lead to the same, nothing is open.
    assert_eq!(spoke("tag Storage none\n eight 20.0.0.0/8 none").outcome("outbound tcp 443 Storage"), Denied);
    // A network that holds an address that is not public is shorter than any prefix of a tag.
    assert_eq!(
        spoke("tag Storage internet\n wide 8.0.0.0/6 none").to("Storage"),
        "tag: leaves by default outbound access"
    );
}

#[test]
fn net_rt_tags_are_no_shorter_than_the_largest_public_network() {
    // 0.0.0.0/3 holds private addresses, so a tag's prefix in 16.0.0.0/4 has four bits at least, and ties at worst.
    let table = spoke("tag Storage none").bgp("16.0.0.0/4");
    let ways: Vec<String> = table.ask("outbound tcp 443 Storage").parts.iter().map(routes_common::ways).collect();
    assert_eq!(ways, ["tag: is dropped: the route drops it"]);
    let longer = spoke("tag Storage none").bgp("16.0.0.0/5");
    assert_eq!(longer.ask("outbound tcp 443 Storage").settles, [FILE, "what the on-premises network does with it"]);
}

#[test]
fn net_rt_tags_with_the_file_a_network_outside_of_a_tag_or_larger_than_it_loses() {
    let file = r#"{ "changeNumber": 1, "cloud": "Public", "values": [
        { "name": "Storage", "properties": { "networkFeatures": ["UDR"], "addressPrefixes": ["20.60.0.0/16", "20.150.0.0/17"] } },
        { "name": "AzureMachineLearning", "properties": { "networkFeatures": ["UDR"], "addressPrefixes": ["52.1.0.0/24"] } } ] }"#;
    let mut known = spoke("tag Storage internet\n eight 20.0.0.0/8 none\n inner 20.60.4.0/24 10.10.0.4");
    known.file = Some(std::sync::Arc::new(ServiceTagFile::from_json(file).unwrap()));
    assert_eq!(
        lines(&known.ask("outbound tcp 443 Storage"))[1],
        "allowed: outbound tcp 443 to Storage outside 20.60.4.0/24 <- tag: leaves by default outbound access"
            .replace("outside 20.60.4.0/24", "at 20.60.0.0/22, 20.60.5.0/24, 20.60.6.0/23, 20.60.8.0/21, 20.60.16.0/20, 20.60.32.0/19, 20.60.64.0/18, 20.60.128.0/17 and 1 more")
    );
    // The tag's sixteen bits may be written as several prefixes.
    let verdict = known.ask("outbound tcp 443 20.60.4.0/24");
    assert_eq!(
        routes_common::ways(&verdict.parts[0]),
        "inner: goes to the appliance 10.10.0.4 | tag: leaves by default outbound access"
    );
    assert!(
        verdict.settles.iter().any(|text| text.contains("as Microsoft's file writes them")),
        "{:?}",
        verdict.settles
    );
    assert_eq!(known.to("20.1.1.1"), "eight: is dropped: the route drops it");
    assert_eq!(known.to("52.1.0.9"), "Internet 0.0.0.0/0: leaves by default outbound access");
}

#[test]
fn net_rt_default_udr_takes_azure_services_too() {
    let forced = spoke("default 0.0.0.0/0 10.10.0.4");
    for tag in ["Storage", "AzureMachineLearning", "AzureFrontDoor.FirstParty", "Internet"] {
        assert_eq!(forced.to(tag), "default: goes to the appliance 10.10.0.4", "{tag}");
    }
    let verdict = forced.ask("outbound tcp 443 Storage");
    assert_eq!(verdict.settles, ["the rules of the appliance at `10.10.0.4`"]);
}

#[test]
fn net_rt_propagation_withheld_keeps_gateway_routes_out() {
    let mut alone = spoke("").bgp("0.0.0.0/0").on_premises("192.168.0.0/16");
    alone.routes.gateway_routes = GatewayRoutes::Withheld;
    assert_eq!(alone.to("8.8.8.8"), "Internet 0.0.0.0/0: leaves by default outbound access");
    assert_eq!(alone.outcome("outbound tcp 443 192.168.1.1"), Denied);
    alone.routes.gateway_routes = GatewayRoutes::Propagated;
    assert_eq!(alone.to("8.8.8.8"), "Bgp 0.0.0.0/0: goes on-premises");
}

#[test]
fn net_rt_appliance_and_tags_are_validated() {
    let messages = |table: &str| -> Vec<String> {
        let spoke = spoke(table);
        spoke
            .routes
            .validate(&spoke.catalogue)
            .into_iter()
            .map(|issue| format!("{:?}: {}", issue.level, issue.message))
            .collect()
    };
    assert_eq!(messages("a 0.0.0.0/0 10.10.0.4\n b Storage internet"), [""; 0]);
    assert_eq!(
        messages("a 0.0.0.0/0 10.20.1.4"),
        [
            "Warning: route `a` has the appliance `10.20.1.4`, which is in the subnet that the route is for: packets go round in a circle"
        ]
    );
    assert_eq!(
        messages("a 0.0.0.0/0 10.77.0.4"),
        ["Warning: route `a` has the appliance `10.77.0.4`, which is neither in the network nor in a connected peer"]
    );
    for tag in
        ["Internet", "VirtualNetwork", "AzureLoadBalancer", "AzurePlatformDNS", "AzurePlatformIMDS", "AzurePlatformLKM"]
    {
        assert_eq!(
            messages(&format!("a {tag} internet")),
            [format!("Error: route `a` is for `{tag}`, which routes do not take")]
        );
    }
    assert_eq!(
        messages("a AzureCloud internet"),
        ["Warning: route `a` is for `AzureCloud`, which Microsoft's file does not list as usable in routes"]
    );
    assert_eq!(
        messages("a 8.0.0.0/8 internet\n A 8.0.0.0/8 none"),
        ["Error: two routes are for `8.0.0.0/8`", "Error: two routes are named `A`"]
    );
    assert!(spoke("a 8.0.0.0/8 internet\n b 8.0.0.0/8 none").routes.compile(&common::catalogue()).is_err());
}

#[test]
fn routes_of_another_catalogue_are_refused() {
    let spoke = spoke("");
    let other = TagCatalogue::default();
    let ctx = NetworkContext::new(&other, common::ips("10.20.0.0/16"));
    let verdict = evaluate_routes(&spoke.compiled(), &spoke.egress, &spoke.flow("outbound tcp 443 *"), &ctx);
    assert_eq!((verdict.outcome, verdict.parts.len()), (Undetermined, 0));
    let inbound = spoke.flow("inbound tcp 443 *");
    assert_eq!(evaluate_routes(&spoke.compiled(), &spoke.egress, &inbound, &spoke.context()).outcome, Undetermined);
}

// Facts part C.7 and C.9.

#[test]
fn net_se_route_goes_past_a_default_route() {
    let table = spoke("default 0.0.0.0/0 10.10.0.4").service_endpoint("Microsoft.Storage", "Storage.WestUS2");
    assert_eq!(table.to("Storage.WestUS2"), "ServiceEndpoint Storage.westus2: goes straight to the service");
    assert_eq!(table.to("Storage.EastUS"), "default: goes to the appliance 10.10.0.4");
    assert_eq!(
        lines(&table.ask("outbound tcp 443 Storage")),
        [
            "undetermined: outbound tcp 443 to Storage except Storage.westus2 <- default: goes to the appliance 10.10.0.4",
            "allowed: outbound tcp 443 to Storage.westus2 <- ServiceEndpoint Storage.westus2: goes straight to the service",
        ]
    );
    // A user-defined route for the same prefixes comes first.
    let user = spoke("tag Storage 10.10.0.4").service_endpoint("Microsoft.Storage", "Storage.WestUS2");
    assert_eq!(user.to("Storage.WestUS2"), "tag: goes to the appliance 10.10.0.4");
    // The prefixes of AzureCloud may be shorter.
    let cloud = spoke("cloud AzureCloud none").service_endpoint("Microsoft.Storage", "Storage.WestUS2");
    assert_eq!(
        cloud.to("Storage.WestUS2"),
        "ServiceEndpoint Storage.westus2: goes straight to the service | cloud: is dropped: the route drops it"
    );
}

#[test]
fn net_pe_route32_wins_against_a_default_route() {
    for policies in [false, true] {
        let table = spoke("default 0.0.0.0/0 10.10.0.4").private_endpoint("10.20.2.5", policies);
        assert_eq!(table.to("10.20.2.5"), "PrivateEndpoint 10.20.2.5/32: reaches the private endpoint");
    }
}

#[test]
fn net_pe_invalidate_a_route_as_long_as_the_address_space() {
    let with = |prefix: &str, policies| {
        spoke(&format!("fw {prefix} 10.10.0.4")).private_endpoint("10.20.2.5", policies).to("10.20.2.5")
    };
    let (endpoint, firewall) =
        ("PrivateEndpoint 10.20.2.5/32: reaches the private endpoint", "fw: goes to the appliance 10.10.0.4");
    for (prefix, enabled) in [
        ("0.0.0.0/0", endpoint),
        ("10.0.0.0/8", endpoint),
        ("10.20.0.0/16", firewall),
        ("10.20.2.0/24", firewall),
        ("10.20.2.5/32", firewall),
    ] {
        assert_eq!(with(prefix, true), enabled, "{prefix}");
    }
    // Without route policies such routes do not apply (net.pe.policies); of /32 against /32 two facts disagree.
    for prefix in ["10.20.0.0/16", "10.20.2.0/24"] {
        assert_eq!(with(prefix, false), endpoint, "{prefix}");
    }
    assert_eq!(with("10.20.2.5/32", false), format!("{firewall} | {endpoint}"));
}

#[test]
fn net_pe_reach_in_a_peer_but_whether_its_route_comes_along_is_not_documented() {
    let plain = spoke("").private_endpoint("10.10.2.5", false);
    assert_eq!(plain.outcome("outbound tcp 443 10.10.2.5"), Allowed);
    let routed = spoke("fw 10.10.2.0/24 10.10.0.4").private_endpoint("10.10.2.5", false);
    let verdict = routed.ask("outbound tcp 443 10.10.2.5");
    assert_eq!(verdict.outcome, Undetermined);
    assert!(verdict.settles.contains(&EFFECTIVE.to_owned()));
    // An endpoint in a network that is not peered has no route.
    assert_eq!(spoke("").private_endpoint("10.77.0.5", false).outcome("outbound tcp 443 10.77.0.5"), Denied);
}

// Facts part C.13.

#[test]
fn net_peer_two_links_and_access() {
    let connected = PeeringLink::default();
    let initiated = PeeringLink { connected: false, ..connected };
    let closed = PeeringLink { allow_virtual_network_access: false, ..connected };
    for (near, far, expected) in [
        (connected, Some(connected), "Peering 10.10.0.0/16: stays inside"),
        (initiated, Some(connected), "Internet 0.0.0.0/0: is dropped: the internet has no such address"),
        (connected, Some(initiated), "Internet 0.0.0.0/0: is dropped: the internet has no such address"),
        (connected, None, "Internet 0.0.0.0/0: is dropped: the internet has no such address"),
        (closed, Some(connected), "Peering 10.10.0.0/16: is dropped: the peering allows no access"),
        (connected, Some(closed), "Peering 10.10.0.0/16: is dropped: the peering allows no access"),
    ] {
        let mut spoke = spoke("");
        spoke.routes.peerings = vec![Peering { near, far, ..peering("hub", "10.10.0.0/16") }];
        assert_eq!(spoke.to("10.10.0.9"), expected);
    }
}

#[test]
fn net_peer_not_transitive() {
    // Another spoke of the hub, 10.30.0.0/16, is reached by an appliance alone.
    assert_eq!(spoke("").outcome("outbound tcp 443 10.30.0.4"), Denied);
    assert_eq!(spoke("spokes 10.30.0.0/16 10.10.0.4").to("10.30.0.4"), "spokes: goes to the appliance 10.10.0.4");
}

#[test]
fn net_peer_no_overlap() {
    let mut spoke = spoke("");
    spoke.routes.peerings.push(peering("twin", "10.10.128.0/17"));
    let issues = spoke.routes.compile(&spoke.catalogue).unwrap_err();
    assert_eq!(issues[0].message, "peerings `hub` and `twin` lead to the same addresses, 10.10.128.0/17");
}

#[test]
fn net_peer_forwarded_and_gateway() {
    let link = PeeringLink::default();
    let hub = peering("hub", "10.10.0.0/16");
    assert!(hub.carries() && !hub.carries_forwarded() && !hub.uses_remote_gateway());
    let forwarding = Peering { far: Some(PeeringLink { allow_forwarded_traffic: true, ..link }), ..hub.clone() };
    assert!(forwarding.carries_forwarded());
    let using = PeeringLink { use_remote_gateways: true, ..link };
    let lending = PeeringLink { allow_gateway_transit: true, ..link };
    assert!(Peering { near: using, far: Some(lending), ..hub.clone() }.uses_remote_gateway());
    assert!(!Peering { near: using, ..hub }.uses_remote_gateway());
}

// The return path.

#[test]
fn x_fw_udr_public_ip_and_net_rt_asymmetric_44224() {
    let inbound = "inbound tcp 44224 AzureMachineLearning";
    let forced = spoke("default 0.0.0.0/0 10.10.0.4");
    assert_eq!(forced.outcome(inbound), Denied);
    assert_eq!(
        forced.ways(inbound),
        "default: is dropped: the answers leave by the appliance 10.10.0.4, not by the way the question came"
    );
    let routed = spoke("default 0.0.0.0/0 10.10.0.4\n aml AzureMachineLearning internet");
    assert_eq!(routed.ways(inbound), "aml: goes back the way the question came");
    assert_eq!(routed.outcome("inbound tcp 29876 BatchNodeManagement"), Denied);
    // Without a firewall, and whatever the egress is.
    let private = spoke("").egress(|e| e.default_outbound = DefaultOutbound::Withheld);
    assert_eq!(private.outcome(inbound), Allowed);
    // A default route learned by BGP is no better than an appliance.
    assert_eq!(spoke("").bgp("0.0.0.0/0").outcome(inbound), Denied);
    // From inside, a gateway or a peer is the way that the question came.
    assert_eq!(spoke("").bgp("192.168.0.0/16").outcome("inbound tcp 22 192.168.1.1"), Allowed);
    assert_eq!(forced.outcome("inbound tcp 22 10.10.0.9"), Allowed);
    assert_eq!(forced.outcome("inbound tcp 22 10.99.0.9"), Undetermined);
}

// Both families.

#[test]
fn a_tag_may_have_no_ipv6_addresses() {
    let mut dual = spoke("west Storage.WestUS2 none\n six ::/0 none");
    dual.routes.subnet = common::ips("10.20.1.0/24 fd00:0:0:1::/64");
    dual.routes.address_space = cidrs("10.20.0.0/16 fd00::/48");
    let verdict = dual.ask("outbound tcp 443 Storage");
    assert_eq!(verdict.outcome, Outcome::Partial);
    // Certain of IPv4, where the tag has addresses; what has no packet for certain is open.
    let said =
        |part: &RoutePart| (part.outcome, part.exists, part.flow.local.has(Family::V6), part.flow.remote.to_string());
    let mut parts: Vec<_> = verdict.parts.iter().map(said).collect();
    parts.sort();
    assert_eq!(
        parts,
        [
            (Allowed, true, false, "Storage except Storage.westus2".to_owned()),
            (Denied, true, false, "Storage.westus2".to_owned()),
            (Undetermined, false, true, "Storage except Storage.westus2".to_owned()),
            (Undetermined, false, true, "Storage.westus2".to_owned()),
        ]
    );
}

// Hosts.

#[test]
fn a_host_is_judged_as_its_tag() {
    let table = spoke("default 0.0.0.0/0 none\n aml AzureMachineLearning internet\n west Storage.WestUS2 internet");
    assert_eq!(table.outcome("outbound tcp 443 host:a.instances.azureml.ms@AzureMachineLearning"), Allowed);
    assert_eq!(table.outcome("outbound tcp 443 host:a.vault.azure.net@AzureKeyVault"), Denied);
    let open = table.ask("outbound tcp 443 host:a.blob.core.windows.net@Storage");
    assert_eq!(open.outcome, Undetermined);
    assert_eq!(open.settles, ["the addresses of `a.blob.core.windows.net`, or the service tag that holds them"]);
}

// All of it.

#[test]
fn a_hub_and_a_spoke() {
    let table = "default 0.0.0.0/0 10.10.0.4\n aml AzureMachineLearning internet\n batch BatchNodeManagement internet";
    let mut spoke = spoke(table).egress(|e| e.default_outbound = DefaultOutbound::Withheld);
    for address in 5..10 {
        spoke = spoke.private_endpoint(&format!("10.20.2.{address}"), false);
    }
    for (flow, expected) in [
        ("outbound tcp 443 10.20.2.7", Allowed),
        ("outbound tcp 443 10.10.4.4", Allowed),
        ("outbound tcp 443 AzureContainerRegistry", Undetermined),
        // The tag routes lead past the firewall, where a private subnet has no egress.
        ("outbound tcp 443 AzureMachineLearning", Denied),
        ("inbound tcp 44224 AzureMachineLearning", Allowed),
        ("inbound tcp 443 Storage", Denied),
    ] {
        assert_eq!(spoke.outcome(flow), expected, "{flow}");
    }
    assert_eq!(spoke.to("AzureContainerRegistry"), "default: goes to the appliance 10.10.0.4");
    assert_eq!(spoke.egress(|e| e.nat_gateway = Some(1)).outcome("outbound tcp 443 BatchNodeManagement"), Allowed);
}
