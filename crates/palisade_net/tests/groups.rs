//! Tables from Azure's documentation, named after the facts that they transcribe, and the cases on which other tools fail.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;

use common::{bare, ips, lines, place};
use palisade_net::Outcome::{Allowed, Denied, Partial, Undetermined};
use palisade_net::*;

#[test]
fn net_nsg_assoc_no_group_allows_everything() {
    let verdict = bare().ask("inbound tcp 3389 *");
    assert_eq!(verdict.outcome, Allowed);
    assert_eq!(lines(&verdict), ["allowed: inbound tcp 3389 from * <- no group"]);
}

#[test]
fn net_nsg_in_order_and_out_order_both_levels_must_allow() {
    let both = place("inbound 100 allow tcp * 22\n outbound 100 deny tcp Internet 80")
        .interface("inbound 200 deny tcp * 22\n outbound 200 deny tcp Internet 80,443");
    assert_eq!(
        lines(&both.ask("inbound tcp 22 20.0.0.1")),
        ["denied: inbound tcp 22 from 20.0.0.1 <- interface rule-0"]
    );
    // Outbound the interface comes first, so it is the interface that denies port 80 although the subnet would too.
    assert_eq!(lines(&both.ask("outbound tcp 80 Sql")), ["denied: outbound tcp 80 to Sql <- interface rule-1"]);
    let other = place("inbound 100 deny tcp * 22").interface("inbound 200 allow tcp * 22");
    assert_eq!(lines(&other.ask("inbound tcp 22 20.0.0.1")), ["denied: inbound tcp 22 from 20.0.0.1 <- subnet rule-0"]);
}

#[test]
fn the_level_before_is_named_where_both_allow() {
    let both = place("inbound 100 allow tcp * 22").interface("inbound 300 allow * * *");
    let verdict = both.ask("inbound tcp 22 20.0.0.1");
    assert_eq!(verdict.parts[0].decided_by.level(), Some(LevelKind::Interface));
    assert_eq!(
        verdict.parts[0].passed,
        [Decider::Rule { level: LevelKind::Subnet, level_index: 0, rule: 0, priority: 100 }]
    );
}

#[test]
fn net_nsg_priority_first_match_ends_it() {
    // Denied at 100, allowed at 200: closed. Checkov says open.
    let closed = place("inbound 200 allow tcp * 3389\n inbound 100 deny tcp * 3389");
    assert_eq!(lines(&closed.ask("inbound tcp 3389 *")), ["denied: inbound tcp 3389 from * <- subnet rule-1"]);
    let open = place("inbound 100 allow tcp * 3389\n inbound 200 deny tcp * 3389");
    assert_eq!(open.outcome("inbound tcp 3389 *"), Allowed);
}

#[test]
fn default_rules_table() {
    let empty = place("");
    for (flow, line) in [
        ("inbound tcp 80 VirtualNetwork", "allowed: inbound tcp 80 from VirtualNetwork <- subnet AllowVNetInBound"),
        ("inbound * * 10.0.9.9", "allowed: inbound * from 10.0.9.9 <- subnet AllowVNetInBound"),
        ("inbound tcp 80 Internet", "denied: inbound tcp 80 from Internet <- subnet DenyAllInBound"),
        ("inbound icmp * 10.9.9.9", "denied: inbound icmp from 10.9.9.9 <- subnet DenyAllInBound"),
        ("outbound tcp 80 VirtualNetwork", "allowed: outbound tcp 80 to VirtualNetwork <- subnet AllowVnetOutBound"),
        (
            "outbound tcp 443 AzureMachineLearning",
            "allowed: outbound tcp 443 to AzureMachineLearning <- subnet AllowInternetOutBound",
        ),
        ("outbound * * Internet", "allowed: outbound * to Internet <- subnet AllowInternetOutBound"),
        ("outbound udp 53 10.9.9.9", "denied: outbound udp 53 to 10.9.9.9 <- subnet DenyAllOutBound"),
    ] {
        // The host's address is in the virtual network, but its metadata service is judged apart: port 80 of it is not.
        assert_eq!(lines(&empty.ask(flow)), [line], "{flow}");
    }
}

#[test]
fn net_tag_lb_probes_are_allowed_by_default_and_can_be_denied() {
    // 168.63.129.16 is in VirtualNetwork as well (net.tag.vnet), whose default comes first.
    assert_eq!(place("").outcome("inbound tcp 80 AzureLoadBalancer"), Allowed);
    let denied = place("inbound 100 deny * AzureLoadBalancer *");
    assert_eq!(denied.outcome("inbound tcp 80 AzureLoadBalancer"), Denied);
    assert_eq!(place("inbound 100 deny * VirtualNetwork *").outcome("inbound tcp 80 168.63.129.16"), Denied);
}

#[test]
fn net_nsg_ports_are_numbers() {
    // PSRule compares text and misses it.
    assert_eq!(place("inbound 100 deny tcp * 20-25\n inbound 200 allow * * *").outcome("inbound tcp 22 *"), Denied);
    assert_eq!(place("inbound 100 deny tcp * 20-25\n inbound 200 allow * * *").outcome("inbound tcp 26 *"), Allowed);
    let half = place("inbound 100 deny tcp * 20-25\n inbound 200 allow * * *").ask("inbound tcp 25-26 *");
    assert_eq!(
        lines(&half),
        ["denied: inbound tcp 25 from * <- subnet rule-0", "allowed: inbound tcp 26 from * <- subnet rule-1"]
    );
}

#[test]
fn net_nsg_protocol_udp_by_a_second_rule_and_star() {
    let rules = place("inbound 100 allow tcp 10.0.0.0/16 53\n inbound 110 allow udp Internet 53");
    assert_eq!(rules.outcome("inbound udp 53 Internet"), Allowed);
    assert_eq!(rules.outcome("inbound tcp 53 Internet"), Denied);
    assert_eq!(rules.outcome("inbound tcp/udp 53 Internet"), Partial);
    assert_eq!(place("inbound 100 allow * Internet *").outcome("inbound esp * Internet"), Allowed);
}

#[test]
fn net_nsg_protocol_without_ports_matches_only_star_ports() {
    let ported = place("inbound 100 allow * Internet 443\n inbound 110 allow icmp Internet 0-65535");
    assert_eq!(ported.outcome("inbound icmp * Internet"), Allowed);
    assert_eq!(ported.outcome("inbound esp * Internet"), Denied);
    assert_eq!(ported.outcome("inbound tcp 443 Internet"), Allowed);
}

#[test]
fn remote_desktop_is_open_however_the_world_is_spelled() {
    for world in ["*", "Internet", "0.0.0.0/0", "0.0.0.0/1,128.0.0.0/1", "0.0.0.0/0,::/0"] {
        let rules = place(&format!("inbound 100 allow tcp {world} 3389"));
        assert_eq!(rules.outcome("inbound tcp 3389 Internet"), Allowed, "{world}");
    }
    let split = place("inbound 100 allow tcp 0.0.0.0/1 3389\n inbound 101 allow tcp 128.0.0.0/1 3389");
    assert_eq!(split.outcome("inbound tcp 3389 Internet"), Allowed);
    // All of Azure is a part of the world, and certainly some of it.
    let azure = place("inbound 100 allow tcp AzureCloud 3389");
    assert_eq!(azure.outcome("inbound tcp 3389 Internet"), Partial);
    assert_eq!(azure.outcome("inbound tcp 3389 AzureCloud"), Allowed);
    assert_eq!(place("inbound 100 allow tcp 0.0.0.0/1 3389").outcome("inbound tcp 3389 Internet"), Partial);
    // IPv6: asked where the place has such addresses.
    let six = place("inbound 100 allow tcp ::/0 3389").at("10.0.1.0/24 fd00::/64");
    assert_eq!(six.outcome("inbound tcp 3389 Internet"), Partial);
    assert_eq!(place("inbound 100 allow tcp ::/0 3389").outcome("inbound tcp 3389 Internet"), Denied);
    let halves = place("inbound 100 allow tcp ::/1 3389\n inbound 101 allow tcp 8000::/1 3389").at("fd00::/64");
    assert_eq!(halves.outcome("inbound tcp 3389 *"), Allowed);
}

#[test]
fn net_tag_internet_holds_azure() {
    let limited = place("outbound 100 allow tcp Storage.WestUS2 443\n outbound 4000 deny * Internet *");
    assert_eq!(limited.outcome("outbound tcp 443 AzureMachineLearning"), Denied);
    assert_eq!(limited.outcome("outbound tcp 443 Storage.WestUS2"), Allowed);
    assert_eq!(limited.outcome("outbound tcp 443 10.0.2.0/24"), Allowed);
    assert_eq!(
        lines(&limited.ask("outbound tcp 443 Storage")),
        [
            "denied: outbound tcp 443 to Storage except Storage.westus2 <- subnet rule-1",
            "allowed: outbound tcp 443 to Storage.westus2 <- subnet rule-0",
        ]
    );
}

#[test]
fn net_tag_regional_containment_table() {
    // "smaller, larger": an allow of the larger covers the smaller, an allow of the smaller only a part of the larger.
    for (smaller, larger) in [
        ("Storage.westus2", "Storage"),
        ("Storage.westus2", "AzureCloud.westus2"),
        ("AzureMachineLearning.eastus", "AzureCloud.eastus"),
        ("BatchNodeManagement.francecentral", "AzureCloud.centralfrance"),
        ("Storage.EastUS2Stage", "AzureCloud.eastus2"),
        ("AzureCloud.eastus", "AzureCloud"),
        ("AzureMachineLearning", "AzureCloud"),
        ("Sql", "AzureCloud"),
        ("Storage", "Internet"),
        ("AzureFrontDoor.FirstParty", "Internet"),
    ] {
        let asked = |rule: &str, flow: &str| {
            place(&format!("inbound 100 allow tcp {rule} 443")).outcome(&format!("inbound tcp 443 {flow}"))
        };
        assert_eq!(asked(larger, smaller), Allowed, "{smaller} in {larger}");
        assert_eq!(asked(smaller, larger), Partial, "{larger} in {smaller}");
    }
}

#[test]
fn c2b_relation_to_azure_cloud_table() {
    let deny_cloud = place("outbound 100 deny * AzureCloud *");
    for (tag, outcome) in [
        ("AzureMachineLearning", Denied),
        ("AzureMachineLearningInference", Denied),
        ("BatchNodeManagement", Denied),
        ("Storage", Partial),
        ("AzureActiveDirectory", Partial),
        ("AzureResourceManager", Denied),
        ("AzureFrontDoor.Frontend", Partial),
        ("AzureFrontDoor.FirstParty", Allowed),
        ("AzureFrontDoor.Backend", Partial),
        ("MicrosoftContainerRegistry", Denied),
        ("AzureContainerRegistry", Denied),
        ("AzureMonitor", Denied),
        ("AzureKeyVault", Denied),
        ("HDInsight", Denied),
        ("Sql", Denied),
        ("EventHub", Denied),
        ("AzureDatabricks", Denied),
        ("GuestAndHybridManagement", Partial),
        ("GatewayManager", Denied),
        ("AzureTrafficManager", Denied),
    ] {
        assert_eq!(deny_cloud.outcome(&format!("outbound tcp 443 {tag}")), outcome, "{tag}");
    }
}

#[test]
fn c2b_tags_are_disjoint() {
    let storage = place("outbound 100 deny * Storage *");
    assert_eq!(storage.outcome("outbound tcp 443 Sql"), Allowed);
    assert_eq!(storage.outcome("outbound tcp 443 Storage.westus"), Denied);
    assert_eq!(place("outbound 100 deny * Storage.westus *").outcome("outbound tcp 443 Storage.eastus"), Allowed);
}

#[test]
fn c2b_where_a_tags_rest_lies_is_not_known() {
    // Addresses of the tag without region may lie in any region of AzureCloud: some are denied for certain, the rest is open.
    let verdict = place("outbound 100 deny * AzureCloud.westus2 *").ask("outbound tcp 443 AzureDatabricks");
    assert_eq!(verdict.outcome, Undetermined);
    assert_eq!(verdict.settles, ["Microsoft's service tag file"]);
    assert_eq!(
        place("outbound 100 deny * AzureCloud.westus2 *").outcome("outbound tcp 443 AzureMachineLearning"),
        Partial
    );
}

#[test]
fn a_public_prefix_against_a_tag_is_not_known() {
    let rules = place("outbound 100 deny * 20.0.0.0/8 *\n outbound 200 allow tcp AzureMachineLearning 443");
    let verdict = rules.ask("outbound tcp 443 AzureMachineLearning");
    assert_eq!(verdict.outcome, Undetermined);
    assert_eq!(verdict.settles, ["Microsoft's service tag file"]);
    assert_eq!(
        lines(&verdict),
        [
            "undetermined: outbound tcp 443 to AzureMachineLearning at 20.0.0.0/8 <- subnet rule-0",
            "undetermined: outbound tcp 443 to AzureMachineLearning outside 20.0.0.0/8 <- subnet rule-1",
        ]
    );
    assert_eq!(rules.outcome("outbound tcp 443 20.1.2.3"), Denied);
    // Private prefixes hold no tag.
    assert_eq!(
        place("outbound 100 deny * 10.0.0.0/8,192.168.0.0/16 *").outcome("outbound tcp 443 AzureMachineLearning"),
        Allowed
    );
    // All of IPv4 holds every tag, in one prefix or in two rules.
    assert_eq!(place("outbound 100 deny * 0.0.0.0/0 *").outcome("outbound tcp 443 AzureMachineLearning"), Denied);
    let halves = place("outbound 100 deny * 0.0.0.0/1 *\n outbound 101 deny * 128.0.0.0/1 *")
        .ask("outbound tcp 443 AzureMachineLearning");
    assert_eq!(halves.outcome, Denied);
    assert_eq!(halves.parts.len(), 2);
}

#[test]
fn what_is_denied_for_certain_is_denied_beside_what_is_open() {
    let rules = place(
        "outbound 100 deny * 20.0.0.0/8 *\n outbound 200 allow * Storage.westus2 *\n outbound 300 deny * Internet *",
    );
    let verdict = rules.ask("outbound tcp 443 Storage");
    assert_eq!(verdict.outcome, Undetermined, "whether anything of Storage.westus2 is left is not known");
    assert!(verdict.any_denied());
    assert!(!verdict.any_allowed());
}

#[test]
fn net_tag_vnet_with_and_without_routes() {
    let ask = |tag| place("").routes("0.0.0.0/0", tag).ask("inbound tcp 44224 AzureMachineLearning");
    assert_eq!(ask(VirtualNetworkTag::WithoutRoutes).outcome, Denied);
    assert_eq!(ask(VirtualNetworkTag::WithRoutes).outcome, Allowed);
    let open = ask(VirtualNetworkTag::Unsettled);
    assert_eq!(open.outcome, Undetermined);
    assert_eq!(open.settles, ["`virtual_network_tag: with_routes` or `without_routes`"]);
    let by_tag = place("").routes("AzureMachineLearning", VirtualNetworkTag::Unsettled);
    assert_eq!(by_tag.outcome("inbound tcp 44224 AzureMachineLearning"), Undetermined);
    assert_eq!(by_tag.outcome("inbound tcp 44224 Sql"), Denied);
    // A rule of one's own that decides alike in both cases settles it; `Internet` is not narrowed by routes.
    let own = place("inbound 100 deny * Internet *").routes("0.0.0.0/0", VirtualNetworkTag::Unsettled);
    assert_eq!(own.outcome("inbound tcp 44224 AzureMachineLearning"), Denied);
    assert_eq!(own.outcome("inbound tcp 44224 10.0.9.0/24"), Allowed);
    // Outbound, another default rule allows the same.
    assert_eq!(place("").routes("0.0.0.0/0", VirtualNetworkTag::Unsettled).outcome("outbound tcp 443 Sql"), Allowed);
}

#[test]
fn net_nsg_host_ips_pass_untouched_unless_a_platform_tag_names_them() {
    let closed = place("outbound 100 deny * * *");
    assert_eq!(
        lines(&closed.ask("outbound udp 53 168.63.129.16")),
        ["allowed: outbound udp 53 to 168.63.129.16 <- platform AzurePlatformDNS"]
    );
    assert_eq!(closed.outcome("outbound tcp 80 169.254.169.254"), Allowed);
    assert_eq!(closed.outcome("outbound tcp 8080 168.63.129.16"), Denied);
    assert_eq!(place("inbound 100 deny * * *").outcome("inbound udp 53 168.63.129.16"), Denied);
    let named = place("outbound 100 deny * AzurePlatformDNS *");
    assert_eq!(
        lines(&named.ask("outbound udp 53 168.63.129.16")),
        ["denied: outbound udp 53 to 168.63.129.16 <- subnet rule-0"]
    );
    assert_eq!(named.outcome("outbound tcp 80 169.254.169.254"), Allowed);
    assert_eq!(place("outbound 100 deny * AzurePlatformIMDS *").outcome("outbound tcp 80 169.254.169.254"), Denied);
    let everything = lines(&closed.ask("outbound * * *"));
    assert_eq!(
        everything.iter().filter(|line| line.starts_with("allowed")).count(),
        4,
        "the four services: {everything:#?}"
    );
    assert!(everything.iter().all(|line| line.starts_with("allowed") || line.ends_with("subnet rule-0")));
}

#[test]
fn hosts_are_judged_by_the_tag_that_holds_them() {
    let rules = place("outbound 100 allow tcp AzureMachineLearning 443\n outbound 200 deny * Internet *");
    assert_eq!(rules.outcome("outbound tcp 443 host:*.instances.azureml.ms@AzureMachineLearning"), Allowed);
    assert_eq!(rules.outcome("outbound tcp 443 host:a.blob.core.windows.net@Storage"), Denied);
    let some = rules.ask("outbound tcp 443 host:example.org");
    assert_eq!(some.outcome, Undetermined);
    assert_eq!(some.settles, ["the addresses of `example.org`, or the service tag that holds them"]);
    assert_eq!(place("outbound 200 deny * Internet *").outcome("outbound tcp 443 host:example.org"), Denied);
    assert_eq!(place("").outcome("outbound tcp 443 host:example.org"), Allowed);
    let regional = place("outbound 100 allow tcp Storage.westus2 443\n outbound 200 deny * Internet *");
    assert_eq!(regional.outcome("outbound tcp 443 host:a.blob.core.windows.net@Storage"), Undetermined);
    // One port open and one shut, for every address that the host may have.
    assert_eq!(rules.outcome("outbound tcp 80,443 host:x.azureml.ms@AzureMachineLearning"), Partial);
}

#[test]
fn documented_ports_are_open_through_the_default_rule() {
    let one = place("outbound 100 allow tcp AzureMachineLearning 443");
    for port in ["443", "8787", "18881"] {
        assert_eq!(one.outcome(&format!("outbound tcp {port} AzureMachineLearning")), Allowed);
    }
    assert_eq!(one.outcome("outbound udp 5831 AzureMachineLearning"), Allowed);
}

#[test]
fn local_ends_and_source_ports_are_matched() {
    let mut rules = place("inbound 100 allow tcp Internet 22");
    let rule = &mut rules.subnet.as_mut().unwrap()[0];
    rule.destinations = ips("10.0.1.0/25").into();
    rule.source_ports = PortSet::range(1024, 65535);
    let verdict = rules.ask("inbound tcp 22 20.0.0.1");
    assert_eq!(verdict.outcome, Partial);
    let allowed = verdict.parts.iter().find(|part| part.outcome == Allowed).unwrap();
    assert_eq!(allowed.flow.local, ips("10.0.1.0/25"));
    assert_eq!(allowed.flow.to_string(), "inbound tcp 22 from 20.0.0.1, source ports 1024-65535");
    assert_eq!(allowed.example.to_string(), "tcp from 20.0.0.1:40000 to 10.0.1.4:22");
}

#[test]
fn a_local_end_named_by_tag_is_in_the_virtual_network_only() {
    let mut rules = place("inbound 100 allow tcp Internet 22");
    let network = rules.spec("VirtualNetwork");
    rules.subnet.as_mut().unwrap()[0].destinations = network;
    assert_eq!(rules.outcome("inbound tcp 22 20.0.0.1"), Allowed);
    let internet = rules.spec("Internet");
    rules.subnet.as_mut().unwrap()[0].destinations = internet;
    assert_eq!(rules.outcome("inbound tcp 22 20.0.0.1"), Denied);
}

#[test]
fn an_empty_question_is_not_allowed() {
    let verdict = bare().at("").ask("inbound tcp 22 *");
    assert_eq!(verdict.outcome, Undetermined);
    assert!(!verdict.settles.is_empty());
    let mixed = bare().ask("inbound tcp 22 ::/0");
    assert_eq!(mixed.outcome, Undetermined, "an IPv4 place has no IPv6 packets");
    assert_eq!(Verdict::combine([]).outcome, Undetermined);
}

#[test]
fn a_group_of_another_catalogue_is_refused() {
    let small = TagCatalogue::from_yaml(
        "tags: [{ name: A, purpose: x, direction: both, features: [group], azure_cloud: disjoint }]",
        "regions: []",
    )
    .unwrap();
    let group = Group::compile(&[], &small).unwrap();
    let place = bare();
    let ctx = NetworkContext::new(&place.catalogue, place.network.clone());
    let verdict =
        evaluate(&[Level { kind: LevelKind::Subnet, group: Some(&group) }], &place.flow("inbound tcp 22 *"), &ctx);
    assert_eq!(verdict.outcome, Undetermined);
}

#[test]
fn combined_verdicts_follow_the_display_rule() {
    let rules = place("outbound 100 deny * 20.0.0.0/8 *\n outbound 200 deny tcp Sql *");
    let ask = |flow| rules.ask(flow);
    let (denied, open, allowed) =
        (ask("outbound tcp 443 Sql"), ask("outbound tcp 443 Storage"), ask("outbound tcp 443 10.0.0.0/24"));
    assert_eq!([denied.outcome, open.outcome, allowed.outcome], [Denied, Undetermined, Allowed]);
    assert_eq!(Verdict::combine([denied.clone(), allowed.clone()]).outcome, Partial);
    assert_eq!(Verdict::combine([denied.clone(), open.clone()]).outcome, Undetermined);
    let all = Verdict::combine([allowed, open, denied]);
    assert_eq!(all.outcome, Partial);
    assert_eq!(all.settles, ["Microsoft's service tag file"]);
}

mod issues {
    use super::common::{bare, place};
    use palisade_net::*;

    fn issues(rules: &str) -> Vec<(IssueLevel, Vec<usize>, String)> {
        let place = bare();
        Group::validate(&place.rules(rules), &place.catalogue)
            .into_iter()
            .map(|i| (i.level, i.rules, i.message))
            .collect()
    }

    #[test]
    fn net_nsg_priority_unique_in_a_direction() {
        let found = issues("inbound 100 allow tcp * 22\n outbound 100 allow tcp * 22\n inbound 100 deny tcp * 23");
        assert_eq!(
            found,
            [(
                IssueLevel::Error,
                vec![0, 2],
                "rules `rule-0` and `rule-2` are both inbound with priority 100".to_owned()
            )]
        );
    }

    #[test]
    fn net_nsg_priority_range() {
        assert_eq!(issues("inbound 100 allow tcp * 22\n inbound 4096 allow tcp * 22"), []);
        let found = issues("inbound 99 allow tcp * 22\n inbound 4097 allow tcp * 22");
        assert_eq!(found.iter().map(|i| &i.1).collect::<Vec<_>>(), [&[0], &[1]]);
        assert_eq!(found[0].2, "rule `rule-0` has priority 99, outside 100 to 4096");
    }

    #[test]
    fn names_are_unique_without_regard_to_case() {
        let place = bare();
        let mut rules = place.rules("inbound 100 allow tcp * 22\n inbound 101 allow tcp * 22");
        rules[0].name = "Allow".to_owned();
        rules[1].name = "allow".to_owned();
        let errors = Group::compile(&rules, &place.catalogue).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].rules, [0, 1]);
    }

    #[test]
    fn warnings_do_not_stop_the_group() {
        let rules = "inbound 100 allow icmp * 22\n inbound 101 allow tcp AzureMachineLearning.westus 22\n inbound 102 allow tcp Sql,10.0.0.0/8 22";
        assert_eq!(
            issues(rules).iter().map(|i| (i.0, i.1.clone())).collect::<Vec<_>>(),
            [(IssueLevel::Warning, vec![0]), (IssueLevel::Warning, vec![1]), (IssueLevel::Warning, vec![2]),]
        );
        assert_eq!(place(rules).outcome("inbound icmp * Internet"), Outcome::Denied);
    }

    #[test]
    fn what_matches_nothing_is_an_error() {
        let place = bare();
        let mut rules = place.rules("inbound 100 allow tcp * 22");
        rules[0].sources = IpSet::empty().into();
        assert_eq!(Group::compile(&rules, &place.catalogue).unwrap_err()[0].message, "rule `rule-0` has no source");
        rules[0].sources = ServiceTag::new("Storag", None).into();
        assert_eq!(
            Group::compile(&rules, &place.catalogue).unwrap_err()[0].message,
            "rule `rule-0` has the source `Storag`, which is not a service tag"
        );
    }
}
