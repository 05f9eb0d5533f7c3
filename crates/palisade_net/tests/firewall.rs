//! Azure Firewall's documented rules, named after the facts that they transcribe, and what people get wrong about them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;
mod firewall_support;

use firewall_support::wall;
use palisade_net::Outcome::{Allowed, Denied, Partial, Undetermined};
use palisade_net::*;

#[test]
fn net_fw_default_deny_what_no_rule_matches() {
    let empty = wall("");
    for flow in ["outbound tcp 443 AzureMachineLearning", "outbound * * *", "outbound tcp 443 host:pypi.org"] {
        assert_eq!(empty.outcome(flow), Denied, "{flow}");
    }
    assert_eq!(
        empty.lines("outbound udp 5831 AzureMachineLearning"),
        ["denied: outbound udp 5831 to AzureMachineLearning <- default"]
    );
}

#[test]
fn net_fw_order_network_before_application_whatever_the_priority() {
    let wall = wall(
        "group 100
           collection 100 allow
             app https:443 * ml.azure.com
         group 65000
           collection 65000 deny
             net tcp * * 443",
    );
    assert_eq!(
        wall.lines("outbound tcp 443 host:ml.azure.com"),
        ["denied: outbound tcp 443 to ml.azure.com <- own r2"]
    );
}

#[test]
fn net_fw_order_translations_before_network_rules() {
    let wall = wall(
        "group 100
           collection 100 deny
             net * * * *
         group 200
           collection 100 dnat
             dnat tcp * 20.1.1.1 44224 10.0.1.4 44224",
    );
    assert_eq!(
        wall.lines("outbound tcp 44224 20.1.1.1,20.1.1.2"),
        ["denied: outbound tcp 44224 to 20.1.1.2 <- own r1", "allowed: outbound tcp 44224 to 20.1.1.1 <- own r2"]
    );
}

#[test]
fn net_fw_order_parents_first_whatever_the_priority() {
    let own = "group 100
                 collection 100 allow
                   net tcp * AzureActiveDirectory 443
                   app https:443 * pypi.org";
    let parent = "group 65000
                    collection 65000 deny
                      app https:443 * pypi.org
                      net tcp * AzureActiveDirectory 443";
    let wall = wall(own).parent(parent);
    assert_eq!(
        wall.lines("outbound tcp 443 AzureActiveDirectory"),
        ["denied: outbound tcp 443 to AzureActiveDirectory <- parent r2"]
    );
    // Network rules come first even so: where the host's addresses are not known, they may be the tag's.
    assert_eq!(
        wall.lines("outbound tcp 443 host:pypi.org"),
        [
            "denied: outbound tcp 443 to pypi.org within AzureActiveDirectory <- parent r2",
            "denied: outbound tcp 443 to pypi.org except AzureActiveDirectory <- parent r1",
        ]
    );
    // All network rules of all policies come before any application rule: the parent's deny of the name is too late.
    let by_tag = firewall_support::wall("group 100\n collection 100 allow\n net tcp * AzureActiveDirectory 443")
        .parent("group 100\n collection 100 deny\n app https:443 * *");
    assert_eq!(
        by_tag.lines("outbound tcp 443 host:login.microsoftonline.com@AzureActiveDirectory"),
        ["allowed: outbound tcp 443 to login.microsoftonline.com <- own r1"]
    );
}

#[test]
fn net_fw_priority_of_groups_then_of_collections_then_the_order_of_rules() {
    let wall = wall(
        "group 300
           collection 100 deny
             net tcp * Sql 1433
         group 200
           collection 400 deny
             net tcp * Sql 1433
             net tcp * Storage 443
           collection 300 allow
             net tcp * Storage 443
             net tcp * Storage 443
             net tcp * Sql 1433",
    );
    assert_eq!(wall.lines("outbound tcp 1433 Sql"), ["allowed: outbound tcp 1433 to Sql <- own r6"]);
    assert_eq!(wall.lines("outbound tcp 443 Storage"), ["allowed: outbound tcp 443 to Storage <- own r4"]);
}

#[test]
fn net_fw_app_only_http_for_hosts_on_their_usual_ports() {
    let wall = wall("group 100\n collection 100 allow\n app http:80,https:443,mssql:1433 * *.example.org");
    for (flow, outcome) in [
        ("outbound tcp 80 host:a.example.org", Allowed),
        ("outbound tcp 443 host:a.example.org", Allowed),
        ("outbound tcp 1433 host:a.example.org", Allowed),
        ("outbound udp 443 host:a.example.org", Denied),
        ("outbound tcp 22 host:a.example.org", Denied),
        ("outbound tcp/udp 443 host:a.example.org", Partial),
        ("outbound icmp * host:a.example.org", Denied),
    ] {
        assert_eq!(wall.outcome(flow), outcome, "{flow}");
    }
    let crossed = firewall_support::wall("group 100\n collection 100 allow\n app http:443,https:80 * *.example.org");
    assert_eq!(crossed.outcome("outbound tcp 443 host:a.example.org"), Denied);
}

#[test]
fn net_fw_app_only_http_on_other_ports_depends_on_what_is_spoken() {
    let mut wall = wall("group 100\n collection 100 allow\n app https:8787 * *.instances.azureml.ms");
    let verdict = wall.ask("outbound tcp 8787 host:*.instances.azureml.ms");
    assert_eq!(verdict.outcome, Undetermined);
    assert_eq!(verdict.settles, ["whether `*.instances.azureml.ms` speaks HTTP, HTTPS or MSSQL on port 8787"]);
    wall.speaks.push("https:8787".parse().unwrap());
    assert_eq!(wall.outcome("outbound tcp 8787 host:*.instances.azureml.ms"), Allowed);
}

#[test]
fn net_fw_app_only_http_address_questions_leave_the_name_open() {
    let wall = wall("group 100\n collection 100 allow\n app https:443 * *");
    let verdict = wall.ask("outbound tcp 443 AzureMachineLearning");
    assert_eq!(verdict.outcome, Undetermined);
    assert_eq!(verdict.settles, ["the host names behind `AzureMachineLearning`: ask about them by name"]);
    assert_eq!(wall.outcome("outbound tcp 8787 AzureMachineLearning"), Denied);
    // Where every name comes to the same, none is needed.
    let shut = firewall_support::wall("group 100\n collection 100 deny\n app https:443 * *.example.org");
    assert_eq!(
        shut.lines("outbound tcp 443 AzureMachineLearning"),
        ["denied: outbound tcp 443 to AzureMachineLearning <- default"]
    );
}

#[test]
fn net_fw_infra_comes_last_and_a_deny_overrides_it() {
    let mut open = wall("");
    open.infrastructure = vec!["*.infra.example.org".into()];
    assert_eq!(
        open.lines("outbound tcp 443 host:a.infra.example.org"),
        ["allowed: outbound tcp 443 to a.infra.example.org <- infrastructure"]
    );
    assert_eq!(open.compile().notes().infrastructure, None);
    let mut shut = wall("group 65000\n collection 65000 deny\n app https:443,http:80 * *");
    shut.infrastructure = open.infrastructure;
    assert_eq!(shut.outcome("outbound tcp 443 host:a.infra.example.org"), Denied);
    assert!(wall("").compile().notes().infrastructure.is_some());
}

#[test]
fn net_fw_dnat_a_translation_allows_and_skips_network_rules() {
    let wall = wall(
        "group 100
           collection 100 dnat
             dnat tcp 20.0.0.0/8 30.1.1.1 8443 10.0.1.4 443
           collection 200 deny
             net * * * *",
    );
    assert_eq!(
        wall.lines("inbound tcp 443 20.7.7.7"),
        ["denied: inbound tcp 443 from 20.7.7.7 <- no translation", "allowed: inbound tcp 443 from 20.7.7.7 <- own r1"]
    );
    let mut machine = wall;
    machine.place = machine.place.at("10.0.1.4");
    assert_eq!(machine.outcome("inbound tcp 443 20.7.7.7"), Allowed);
    assert_eq!(machine.outcome("inbound tcp 8443 20.7.7.7"), Denied);
    assert_eq!(machine.outcome("inbound udp 443 20.7.7.7"), Denied);
    assert_eq!(machine.outcome("inbound tcp 443 21.7.7.7"), Denied);
    assert_eq!(machine.outcome("inbound tcp 443 Internet"), Partial);
}

#[test]
fn net_fw_dnat_a_second_translation_of_one_destination_sends_nothing() {
    let mut wall = wall(
        "group 100
           collection 100 dnat
             dnat tcp 20.0.0.0/8 30.1.1.1 443 10.0.1.5 443
             dnat tcp * 30.1.1.1 443 10.0.1.4 443",
    );
    wall.place = wall.place.at("10.0.1.4");
    assert_eq!(wall.outcome("inbound tcp 443 20.7.7.7"), Denied);
    assert_eq!(wall.outcome("inbound tcp 443 21.7.7.7"), Allowed);
}

#[test]
fn net_fw_dnat_without_one_nothing_comes_in_from_public_addresses() {
    let wall = wall("group 100\n collection 100 allow\n net * * * *");
    assert_eq!(wall.lines("inbound tcp 22 Internet"), ["denied: inbound tcp 22 from Internet <- no translation"]);
    assert_eq!(wall.lines("inbound tcp 22 10.0.9.9"), ["allowed: inbound tcp 22 from 10.0.9.9 <- own r1"]);
}

#[test]
fn net_fw_inbound_no_app_rules() {
    let wall = wall("group 100\n collection 100 allow\n app https:443 * *");
    assert_eq!(wall.outcome("inbound tcp 443 10.0.9.9"), Denied);
}

#[test]
fn net_fw_threat_intel_is_a_note() {
    let mut wall = wall("group 100\n collection 100 allow\n net * * * *");
    wall.policies[0].threat_intelligence = ThreatIntelligence::Deny;
    assert_eq!(wall.outcome("outbound tcp 443 Internet"), Allowed);
    let note = wall.compile().notes().threat_intelligence;
    assert_eq!(note, Some("threat intelligence stops known hostile addresses and names before any rule"));
    for stops_nothing in [ThreatIntelligence::Off, ThreatIntelligence::Alert] {
        wall.policies[0].threat_intelligence = stops_nothing;
        assert_eq!(wall.compile().notes().threat_intelligence, None);
    }
    // A child is at least as strict as its parent.
    let mut wall = wall.parent("");
    wall.policies[0].threat_intelligence = ThreatIntelligence::Deny;
    assert_eq!(wall.compile().notes().threat_intelligence, note);
}

#[test]
fn net_fw_net_protocol_any_with_ports_is_tcp_and_udp() {
    let wall = wall(
        "group 100
           collection 100 allow
             net * * 20.0.0.0/8 443
             net * * 30.0.0.0/8 *
             net icmp * 40.0.0.0/8 *",
    );
    for (flow, outcome) in [
        ("outbound tcp/udp 443 20.1.1.1", Allowed),
        ("outbound tcp/udp 444 20.1.1.1", Denied),
        ("outbound icmp * 20.1.1.1", Denied),
        ("outbound * * 30.1.1.1", Allowed),
        ("outbound icmp * 40.1.1.1", Allowed),
        ("outbound tcp 443 40.1.1.1", Denied),
    ] {
        assert_eq!(wall.outcome(flow), outcome, "{flow}");
    }
}

#[test]
fn net_fw_net_tags_as_destinations_lie_as_they_do_in_groups() {
    let wall = wall("group 100\n collection 100 allow\n net tcp * Storage.eastus2,AzureCloud.eastus2 443");
    for (flow, outcome) in [
        ("outbound tcp 443 Storage.eastus2", Allowed),
        ("outbound tcp 443 Storage", Partial),
        ("outbound tcp 443 Storage.westus2", Denied),
        ("outbound tcp 443 BatchNodeManagement.eastus2", Allowed),
        // Which addresses the tag has is not known.
        ("outbound tcp 443 20.1.1.1", Undetermined),
        ("outbound tcp 443 10.0.9.9", Denied),
    ] {
        assert_eq!(wall.outcome(flow), outcome, "{flow}");
    }
    assert_eq!(wall.ask("outbound tcp 443 20.1.1.1").settles, ["Microsoft's service tag file"]);
}

#[test]
fn net_fw_net_tags_are_exact_where_their_addresses_are_known() {
    let file = r#"{ "changeNumber": 1, "cloud": "Public", "values": [
        { "name": "Storage", "properties": { "networkFeatures": ["FW"], "addressPrefixes": ["20.1.0.0/16"] } } ] }"#;
    let file = std::sync::Arc::new(ServiceTagFile::from_json(file).unwrap());
    let wall = wall("group 100\n collection 100 allow\n net tcp * Storage 443");
    let network = NetworkContext::new(&wall.place.catalogue, wall.place.network.clone()).with_prefixes(file);
    let ctx = FirewallContext::new(&network);
    for (remote, outcome) in
        [("20.1.1.1", Allowed), ("20.2.1.1", Denied), ("20.0.0.0/8", Partial), ("Storage", Allowed)]
    {
        let flow = wall.place.flow(&format!("outbound tcp 443 {remote}"));
        assert_eq!(evaluate_firewall(&wall.compile(), &flow, &ctx).outcome, outcome, "{remote}");
    }
}

#[test]
fn net_fw_net_tags_never_as_sources() {
    let wall = wall("group 100\n collection 100 allow\n net tcp Storage * 443\n app https:443 Sql *");
    let messages: Vec<_> = wall.issues().into_iter().map(|issue| (issue.level, issue.message)).collect();
    assert_eq!(
        messages,
        [
            (IssueLevel::Error, "network rule `r1` has the service tag `Storage` as its source".to_owned()),
            (IssueLevel::Error, "application rule `r2` has the service tag `Sql` as its source".to_owned()),
        ]
    );
}

#[test]
fn net_fw_net_fqdn_matches_the_host_by_name() {
    let wall = wall("group 100\n collection 100 allow\n net udp * fqdn:eastus2.tundra.azureml.ms 5831");
    assert_eq!(
        wall.lines("outbound udp 5831 host:eastus2.tundra.azureml.ms@AzureMachineLearning"),
        ["allowed: outbound udp 5831 to eastus2.tundra.azureml.ms <- own r1"]
    );
    assert_eq!(wall.outcome("outbound udp 5831 host:westus2.tundra.azureml.ms@AzureMachineLearning"), Denied);
    // The addresses of the host are some, nobody knows which.
    assert_eq!(wall.outcome("outbound udp 5831 AzureMachineLearning"), Undetermined);
    assert_eq!(wall.outcome("outbound udp 5832 AzureMachineLearning"), Denied);
}

#[test]
fn net_fw_net_fqdn_knows_addresses_and_a_client_may_ask_for_the_name_elsewhere() {
    let wall = wall(
        "group 200
           collection 100 deny
             net * * fqdn:a.example.org *
           collection 200 allow
             app http:80 * a.example.org",
    );
    assert_eq!(wall.outcome("outbound tcp 80 host:a.example.org@Storage"), Denied);
    // The address may not be one that the name has, and the client asks for the name all the same.
    assert_eq!(wall.outcome("outbound tcp 80 Storage"), Undetermined);
    assert_eq!(wall.outcome("outbound tcp 443 Storage"), Denied);
}

#[test]
fn trap_fqdn_network_rule_without_dns_proxy() {
    let rules = "group 100\n collection 100 allow\n net udp * fqdn:ntp.example.org 123";
    for proxy in [Some(false), None] {
        let wall = wall(rules).dns_proxy(proxy);
        let verdict = wall.ask("outbound udp 123 host:ntp.example.org");
        assert_eq!(verdict.outcome, Undetermined);
        assert_eq!(
            verdict.settles,
            ["`dns_proxy: true` in the firewall's policy, which host names in network rules need"]
        );
        let issues = wall.issues();
        assert_eq!(issues.len(), 1);
        assert_eq!(issues[0].level, IssueLevel::Warning);
        assert!(issues[0].message.starts_with("network rule `r1` has a host name as its destination"), "{issues:?}");
    }
    // The firewall's own policy says it for its parents too.
    let mut child = wall("").parent(rules);
    child.policies[0].dns_proxy = Some(false);
    assert_eq!(child.outcome("outbound udp 123 host:ntp.example.org"), Allowed);
    child.policies[1].dns_proxy = None;
    assert_eq!(child.outcome("outbound udp 123 host:ntp.example.org"), Undetermined);
}

#[test]
fn trap_wildcard_fqdn_in_a_network_rule() {
    let wall = wall("group 100\n collection 100 allow\n net tcp * fqdn:*.instances.azureml.ms 8787");
    let issues = wall.issues();
    assert_eq!(issues.len(), 1);
    assert_eq!(
        issues[0].message,
        "network rule `r1` has the wildcard `*.instances.azureml.ms` as its destination, which network rules do not take"
    );
    assert!(issues[0].help.contains("application rule"));
    assert_eq!(
        issues[0].places,
        [FirewallPlace {
            policy: 0,
            group: Some(0),
            collection: Some(0),
            rule: Some((FirewallRuleKind::Network, 0)),
            field: Some(FirewallField::Host(0))
        }]
    );
    assert_eq!(wall.firewall().compile(&wall.place.catalogue), Err(issues));
}

#[test]
fn net_fw_wildcards_table_and_trap_apex() {
    for (pattern, host, outcome) in [
        ("*.contoso.com", "a.contoso.com", Allowed),
        ("*.contoso.com", "a.b.contoso.com", Allowed),
        ("*.contoso.com", "contoso.com", Denied),
        ("*contoso.com", "contoso.com", Allowed),
        ("*contoso.com", "evilcontoso.com", Allowed),
        ("*contoso.com", "a.contoso.com", Allowed),
        ("contoso.com", "a.contoso.com", Denied),
        ("*", "anything.example.org", Allowed),
    ] {
        let wall = wall(&format!("group 100\n collection 100 allow\n app https:443 * {pattern}"));
        assert_eq!(wall.outcome(&format!("outbound tcp 443 host:{host}")), outcome, "{pattern} {host}");
        assert_eq!(wall.issues(), [], "{pattern}");
    }
    for pattern in ["www.contoso.*", "*.contoso.*", "a*.contoso.com", "https://contoso.com", "contoso", ""] {
        let wall = wall(&format!("group 100\n collection 100 allow\n app https:443 * x.y,{pattern}"));
        let issues = wall.issues();
        assert_eq!(issues.len(), 1, "{pattern} {issues:?}");
        assert_eq!(issues[0].level, IssueLevel::Error);
        assert!(issues[0].message.contains(&format!("`{pattern}` is not a host name")), "{}", issues[0].message);
    }
}

#[test]
fn an_exact_name_and_an_ending_that_covers_it_are_told_apart() {
    let wall = wall(
        "group 100
           collection 100 deny
             app https:443 * contoso.com
           collection 200 allow
             app https:443 * *contoso.com",
    );
    assert_eq!(wall.outcome("outbound tcp 443 host:contoso.com"), Denied);
    assert_eq!(wall.outcome("outbound tcp 443 host:evilcontoso.com"), Allowed);
    assert_eq!(
        wall.lines("outbound tcp 443 host:*contoso.com"),
        [
            "denied: outbound tcp 443 to contoso.com <- own r1",
            "allowed: outbound tcp 443 to *contoso.com but not contoso.com <- own r2",
        ]
    );
}

#[test]
fn a_pattern_of_hosts_is_covered_only_by_a_pattern_that_holds_all_of_it() {
    let asked = "outbound tcp 443 host:*.instances.azureml.ms@AzureMachineLearning";
    for (targets, outcome) in [
        ("*.instances.azureml.ms", Allowed),
        ("*.azureml.ms", Allowed),
        ("*azureml.ms", Allowed),
        ("*", Allowed),
        ("instances.azureml.ms", Denied),
        ("*.other.azureml.ms", Denied),
    ] {
        let wall = wall(&format!("group 100\n collection 100 allow\n app https:443 * {targets}"));
        assert_eq!(wall.outcome(asked), outcome, "{targets}");
    }
    let wall = wall(
        "group 100
           collection 100 deny
             app https:443 * b.a.instances.azureml.ms
           collection 200 allow
             app https:443 * *.a.instances.azureml.ms",
    );
    assert_eq!(
        wall.lines(asked),
        [
            "denied: outbound tcp 443 to *.instances.azureml.ms but not *.a.instances.azureml.ms <- default",
            "denied: outbound tcp 443 to b.a.instances.azureml.ms <- own r1",
            "allowed: outbound tcp 443 to *.a.instances.azureml.ms but not b.a.instances.azureml.ms <- own r2",
        ]
    );
    let packets: Vec<_> = wall.ask(asked).parts.iter().map(|part| part.example.to_string()).collect();
    assert_eq!(packets[0], "tcp from 10.0.1.4:40000 to an address of host.instances.azureml.ms:443");
}

#[test]
fn net_fw_fqdn_tags_are_open_unless_their_contents_are_given() {
    let rules = "group 100\n collection 100 allow\n app https:443 * tag:AzureKubernetesService,mcr.example.org";
    let open = wall(rules);
    let verdict = open.ask("outbound tcp 443 host:a.hcp.example.org");
    assert_eq!(verdict.outcome, Undetermined);
    assert_eq!(verdict.settles, ["the host names of FQDN tag `AzureKubernetesService`"]);
    assert_eq!(open.outcome("outbound tcp 443 host:mcr.example.org"), Allowed);
    assert_eq!(open.outcome("outbound tcp 80 host:a.hcp.example.org"), Denied);
    let known = wall(rules).fqdn_tag("azurekubernetesservice", &["*.hcp.example.org"]);
    assert_eq!(known.outcome("outbound tcp 443 host:a.hcp.example.org"), Allowed);
    assert_eq!(known.outcome("outbound tcp 443 host:b.example.org"), Denied);
    // A second rule for the same tag can decide nothing.
    let twice = wall(
        "group 100
           collection 100 deny
             app https:443 * tag:WindowsUpdate
           collection 200 allow
             app https:443 * tag:windowsupdate",
    );
    assert_eq!(twice.outcome("outbound tcp 443 host:a.example.org"), Denied);
}

#[test]
fn a_host_is_judged_by_its_name_or_by_its_tag_whichever_a_rule_has() {
    let by_tag = wall("group 100\n collection 100 allow\n net tcp * AzureMachineLearning 8787");
    let by_name = wall("group 100\n collection 100 allow\n app https:443 * *.azureml.ms");
    let host = "host:*.instances.azureml.ms@AzureMachineLearning";
    assert_eq!(by_tag.outcome(&format!("outbound tcp 8787 {host}")), Allowed);
    assert_eq!(by_tag.outcome(&format!("outbound tcp 443 {host}")), Denied);
    assert_eq!(by_name.outcome(&format!("outbound tcp 443 {host}")), Allowed);
    // A tag that holds the host's tag covers it; a network may or may not.
    let cloud = wall("group 100\n collection 100 allow\n net tcp * AzureCloud 443");
    assert_eq!(cloud.outcome(&format!("outbound tcp 443 {host}")), Allowed);
    let network = wall("group 100\n collection 100 allow\n net tcp * 20.0.0.0/8 443");
    assert_eq!(network.outcome(&format!("outbound tcp 443 {host}")), Undetermined);
    let all = wall("group 100\n collection 100 allow\n net tcp * 0.0.0.0/0 443");
    assert_eq!(all.outcome(&format!("outbound tcp 443 {host}")), Allowed);
}

#[test]
fn a_host_behind_a_private_endpoint_has_an_address_and_a_name() {
    let mut wall = wall("group 100\n collection 100 allow\n app https:443 * *.blob.example.net");
    assert_eq!(wall.outcome("outbound tcp 443 10.0.9.9"), Undetermined);
    wall.host = Some("store.blob.example.net".parse().unwrap());
    assert_eq!(wall.outcome("outbound tcp 443 10.0.9.9"), Allowed);
    wall.host = Some("store.file.example.net".parse().unwrap());
    assert_eq!(wall.outcome("outbound tcp 443 10.0.9.9"), Denied);
}

#[test]
fn x_fw_fqdn_rule_kind_web_ports_by_name_and_others_by_network_rule() {
    let wall = wall(
        "group 100
           collection 100 allow
             net udp * AzureMachineLearning 5831
             net tcp * fqdn:mlstore.file.core.windows.net 445
           collection 200 allow
             app https:443,http:80 * *.ubuntu.com",
    );
    assert_eq!(wall.outcome("outbound tcp 80 host:archive.ubuntu.com"), Allowed);
    assert_eq!(wall.outcome("outbound tcp 445 host:mlstore.file.core.windows.net@Storage.eastus2"), Allowed);
    assert_eq!(wall.outcome("outbound udp 5831 host:eastus2.tundra.azureml.ms@AzureMachineLearning"), Allowed);
}

#[test]
fn sources_are_networks_and_ip_groups() {
    let wall = wall("group 100\n collection 100 allow\n net tcp 10.0.1.0/26,group:Spokes Sql 1433")
        .ip_group("spokes", "10.0.1.64/26");
    assert_eq!(
        wall.lines("outbound tcp 1433 Sql"),
        ["denied: outbound tcp 1433 to Sql <- default", "allowed: outbound tcp 1433 to Sql <- own r1"]
    );
    let parts = wall.ask("outbound tcp 1433 Sql").parts;
    assert_eq!(
        (&parts[0].flow.local, &parts[1].flow.local),
        (&common::ips("10.0.1.128/25"), &common::ips("10.0.1.0/25"))
    );
    let missing = firewall_support::wall("group 100\n collection 100 allow\n net tcp group:spoks * 443")
        .ip_group("spokes", "10.0.1.64/26");
    let issues = missing.issues();
    assert_eq!(issues[0].message, "network rule `r1` has the source IP group `spoks`, which does not exist");
    assert_eq!(issues[0].suggestion.as_deref(), Some("spokes"));
}

#[test]
fn net_fw_priority_issues() {
    let wall = wall(
        "group 100
           collection 100 allow
             net tcp * Sql 1433
           collection 100 deny
             net tcp * Sql 1433
           collection 100 allow
             app https:443 * a.example.org
           collection 99 dnat
         group 100
         group 65001",
    );
    let found: Vec<_> = wall.issues().into_iter().map(|issue| issue.message).collect();
    assert_eq!(
        found,
        [
            "rule collection groups `g1` and `g2` both have priority 100",
            "rule collection group `g3` has priority 65001, outside 100 to 65000",
            "rule collections `c1` and `c2` both have priority 100",
            "rule collection `c4` has priority 99, outside 100 to 65000",
        ]
    );
    assert_eq!(wall.issues()[0].places.iter().map(|place| place.group).collect::<Vec<_>>(), [Some(0), Some(1)]);
}

#[test]
fn net_fw_app_only_http_issues() {
    for (protocol, message, suggestion) in [
        ("ssh:22", "application rule `r1`: `ssh:22` is not a protocol of application rules", None),
        ("htps:443", "application rule `r1`: `htps:443` is not a protocol of application rules", Some("https:443")),
        ("https", "application rule `r1`: `https` has no port", Some("https:443")),
        ("https:70000", "application rule `r1`: port `70000` is too large", None),
        ("https:0", "application rule `r1`: port 0 of `https:0` is no port of a host", None),
    ] {
        let wall = wall(&format!("group 100\n collection 100 allow\n app {protocol} * a.example.org"));
        let issues = wall.issues();
        assert_eq!(issues.len(), 1, "{issues:?}");
        assert_eq!((issues[0].message.as_str(), issues[0].suggestion.as_deref()), (message, suggestion));
        assert_eq!(issues[0].level, IssueLevel::Error);
        assert!(!issues[0].help.is_empty());
    }
    assert_eq!("MSSQL:1433".parse::<ApplicationProtocol>().unwrap().to_string(), "mssql:1433");
}

#[test]
fn other_issues_name_what_is_missing_or_useless() {
    for (rules, message) in [
        (
            "collection 100 allow\n dnat tcp * 20.1.1.1 80 10.0.1.4 80",
            "rule collection `c1` has DNAT rules, but does not translate",
        ),
        ("collection 100 dnat\n net tcp * * 80", "rule collection `c1` translates, but has other rules than DNAT"),
        (
            "collection 100 dnat\n dnat icmp * 20.1.1.1 80 10.0.1.4 80",
            "DNAT rule `r1` translates a protocol without ports",
        ),
        (
            "collection 100 dnat\n dnat tcp * Storage 80 10.0.1.4 80",
            "DNAT rule `r1` has the service tag `Storage` as its destination",
        ),
        (
            "collection 100 allow\n net icmp * * 80",
            "network rule `r1` gives ports to icmp, which has none: it matches nothing",
        ),
        (
            "collection 100 allow\n net tcp * VirtualNetwork 80",
            "network rule `r1` has the destination `VirtualNetwork`, which firewalls do not take",
        ),
        (
            "collection 100 allow\n app https:443 * a.b.org,*.b.org",
            "application rule `r1` names `a.b.org`, which its `*.b.org` covers",
        ),
    ] {
        let wall = wall(&format!("group 100\n {rules}"));
        let issues = wall.issues();
        assert_eq!(issues.iter().map(|issue| issue.message.as_str()).collect::<Vec<_>>(), [message]);
    }
}

#[test]
fn a_catalogue_other_than_the_compiled_one_is_refused() {
    let other = TagCatalogue::from_yaml(
        "tags: [{ name: A, purpose: x, direction: both, features: [firewall], azure_cloud: disjoint }]",
        "regions: []",
    )
    .unwrap();
    let wall = wall("group 100\n collection 100 allow\n net * * * *");
    let network = NetworkContext::new(&other, wall.place.network.clone());
    let flow = wall.place.flow("outbound tcp 443 *");
    let verdict = evaluate_firewall(&wall.compile(), &flow, &FirewallContext::new(&network));
    assert_eq!(verdict.outcome, Undetermined);
    assert!(!verdict.settles.is_empty());
}
