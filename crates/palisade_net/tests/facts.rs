//! Every fact of part C of the collected facts about Azure's networks is tested, or it is said why not. The facts lie beside
//! the repository; the list here stands for itself where they are absent.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use Held::{By, In, Not};

/// What holds a fact.
#[derive(Clone, Copy)]
enum Held {
    /// A test function of a file beside this one.
    By(&'static str, &'static str),
    /// A file or folder of the repository that names it: a suite of specifications, or what models it with tests of its own.
    In(&'static str),
    /// Nothing, because of this.
    Not(&'static str),
}

const TARGETS: Held = In("tests/suite/targets.md");
const CATALOGUE: Held = In("policies/azure/service_tags.yaml");
const CAPACITY: Held = In("policies/azureml/common.pal");
const NEVER_SEEN: Held = Not("it is about packets after translation, which is how flows are asked about");
const DEPLOYMENT: Held = Not("Azure refuses it when it is deployed; nothing is evaluated otherwise");
const LATER: Held = Not("it is about connections over time; a question is about the first packet of a new one");
const ADVICE: Held = Not("advice of its authors, without effect on what passes");

const FACTS: &[(&str, Held)] = &[
    ("net.nsg.assoc", By("groups.rs", "net_nsg_assoc_no_group_allows_everything")),
    ("net.nsg.in-order", By("groups.rs", "net_nsg_in_order_and_out_order_both_levels_must_allow")),
    ("net.nsg.out-order", By("groups.rs", "net_nsg_in_order_and_out_order_both_levels_must_allow")),
    ("net.nsg.intra-subnet", By("documented.rs", "net_nsg_intra_subnet_traffic_passes_the_group_in_both_directions")),
    ("net.nsg.then-udr", In("crates/palisade_engine/src/evaluate/path")),
    ("net.nsg.one-level", ADVICE),
    ("net.nsg.priority", By("groups.rs", "net_nsg_priority_first_match_ends_it")),
    ("net.nsg.priority-unique", By("groups.rs", "net_nsg_priority_unique_in_a_direction")),
    ("net.nsg.name", By("groups.rs", "names_are_unique_without_regard_to_case")),
    ("net.nsg.tuple", By("groups.rs", "local_ends_and_source_ports_are_matched")),
    ("net.nsg.address", By("documented.rs", "net_nsg_address_each_kind_of_address")),
    ("net.nsg.ports", By("groups.rs", "net_nsg_ports_are_numbers")),
    ("net.nsg.protocol", By("groups.rs", "net_nsg_protocol_udp_by_a_second_rule_and_star")),
    ("net.nsg.any", By("documented.rs", "net_nsg_any_covers_every_protocol")),
    ("net.nsg.nat-in", NEVER_SEEN),
    ("net.nsg.nat-out", NEVER_SEEN),
    ("net.nsg.lb", NEVER_SEEN),
    ("net.nsg.stateful", LATER),
    ("net.nsg.changes", LATER),
    ("net.nsg.defaults-fixed", By("documented.rs", "net_nsg_defaults_fixed_they_are_overridden_and_never_gone")),
    ("net.nsg.admin-rules", By("admin.rs", "net_nsg_admin_rules_always_allow_skips_every_group")),
    ("net.nsg.host-ips", By("groups.rs", "net_nsg_host_ips_pass_untouched_unless_a_platform_tag_names_them")),
    ("net.nsg.kms", By("groups.rs", "net_nsg_host_ips_pass_untouched_unless_a_platform_tag_names_them")),
    ("net.nsg.smtp25", Not("it depends on the kind of subscription, which no description says")),
    ("net.nsg.pe", By("routes.rs", "net_pe_invalidate_a_route_as_long_as_the_address_space")),
    ("net.nsg.asg-rule", By("members.rs", "net_nsg_asg_rule_a_rule_applies_to_members_alone_at_both_ends")),
    ("net.tag.what", By("documented.rs", "net_tag_what_where_tags_may_be_used")),
    ("net.tag.direction", CATALOGUE),
    ("net.tag.cloud", By("prefixes.rs", "a_file_with_a_mistake_is_refused_with_its_place")),
    ("net.tag.internet", By("groups.rs", "net_tag_internet_holds_azure")),
    ("net.tag.vnet", By("groups.rs", "net_tag_vnet_with_and_without_routes")),
    ("net.tag.lb", By("groups.rs", "net_tag_lb_probes_are_allowed_by_default_and_can_be_denied")),
    ("net.tag.azurecloud", By("groups.rs", "c2b_relation_to_azure_cloud_table")),
    ("net.tag.regional", By("groups.rs", "net_tag_regional_containment_table")),
    ("net.tag.storage-not-account", CATALOGUE),
    ("net.tag.dep.mcr", CATALOGUE),
    ("net.tag.dep.kv", CATALOGUE),
    ("net.tag.dep.monitor", CATALOGUE),
    ("net.tag.udr-unsupported", By("documented.rs", "net_tag_udr_unsupported_table")),
    ("net.tag.updates", Not("it is about how old Microsoft's file is; the file is given by its user")),
    (
        "net.asg.one-vnet",
        By("members.rs", "net_asg_one_vnet_unknown_members_may_be_anywhere_in_the_network_and_nowhere_else"),
    ),
    ("net.asg.src-dst-vnet", DEPLOYMENT),
    ("net.asg.many", By("members.rs", "net_asg_many_an_interface_of_several_groups_is_a_member_of_each")),
    (
        "net.asg.non-member",
        By("members.rs", "net_asg_non_member_the_rule_does_not_apply_to_a_local_end_outside_the_group"),
    ),
    ("net.asg.pe50", DEPLOYMENT),
    ("net.ip.reserved5", CAPACITY),
    ("net.ip.usable", CAPACITY),
    ("net.ip.smallest", DEPLOYMENT),
    ("net.ip.ranges", In("policies/sources/README.md")),
    ("net.ip.subnet-no-overlap", In("crates/palisade_engine/src/environment/validate.rs")),
    ("net.ip.region", DEPLOYMENT),
    ("net.ip.protocols", Not("what the network does not carry is not asked about")),
    ("net.ip.max-nodes", Not("it is about how the library counts nodes, and tested there")),
    ("net.rt.default", By("routes.rs", "net_rt_default_system_routes")),
    ("net.rt.optional", By("routes.rs", "net_rt_optional_peering_gateway_and_service_endpoint")),
    ("net.rt.lpm", By("routes.rs", "net_rt_lpm_the_longest_prefix_decides")),
    ("net.rt.tie", By("routes.rs", "net_rt_tie_user_then_bgp_then_system")),
    ("net.rt.nexthops", By("routes.rs", "net_rt_nexthops_table")),
    ("net.rt.table-assoc", In("crates/palisade_net/src/route/table.rs")),
    ("net.rt.tags", By("routes.rs", "net_rt_tags_the_order_among_tags")),
    ("net.rt.default-udr", By("routes.rs", "net_rt_default_udr_takes_azure_services_too")),
    ("net.rt.default-internet", Not("which cables packets take to the internet changes no answer")),
    ("net.rt.appliance", By("routes.rs", "net_rt_appliance_and_tags_are_validated")),
    ("net.rt.propagation", By("routes.rs", "net_rt_propagation_withheld_keeps_gateway_routes_out")),
    ("net.rt.gatewaysubnet", DEPLOYMENT),
    ("net.rt.asymmetric-44224", By("routes.rs", "x_fw_udr_public_ip_and_net_rt_asymmetric_44224")),
    ("net.rt.firewall-subnet", Not("what leaves a firewall is not followed by its own subnet's routes")),
    (
        "net.rt.east-west",
        By("documented.rs", "net_rt_east_west_the_network_by_an_appliance_and_the_own_subnet_directly"),
    ),
    ("net.se.subnet", By("documented.rs", "net_se_subnet_the_services_of_the_catalogue")),
    ("net.se.src-ip", TARGETS),
    ("net.se.route", By("routes.rs", "net_se_route_goes_past_a_default_route")),
    ("net.se.dns", Not("a name is judged by its tag, whose addresses are public with an endpoint or without")),
    ("net.se.nsg", By("documented.rs", "net_se_nsg_groups_still_judge")),
    ("net.se.onprem", Not("questions are asked from subnets, never from on-premises")),
    ("net.se.region", TARGETS),
    ("net.se.each-subnet", TARGETS),
    ("net.se.firewall", Not("advice on where to enable endpoints; both ways are judged as they are")),
    ("net.sep.storage", TARGETS),
    ("net.sep.prereq", DEPLOYMENT),
    ("net.sep.union", TARGETS),
    ("net.sep.alias", TARGETS),
    ("net.sep.aliases-2020", Not("a list of an old edition; any alias is taken as it is written")),
    ("net.sep.managed", Not("what managed services need beside their aliases is not documented")),
    ("net.sep.classic", Not("classic accounts are not described")),
    ("net.sep.not-onprem", Not("questions are asked from subnets, never from on-premises")),
    ("net.pe.region", DEPLOYMENT),
    ("net.pe.approved", TARGETS),
    ("net.pe.reach", By("routes.rs", "net_pe_reach_in_a_peer_but_whether_its_route_comes_along_is_not_documented")),
    ("net.pe.one-resource", TARGETS),
    ("net.pe.route32", By("routes.rs", "net_pe_route32_wins_against_a_default_route")),
    ("net.pe.policies", TARGETS),
    ("net.pe.invalidate", By("routes.rs", "net_pe_invalidate_a_route_as_long_as_the_address_space")),
    ("net.pe.nsg-limits", TARGETS),
    ("net.pe.snat", In("crates/palisade_engine/src/evaluate/path")),
    ("net.pe.delegated", DEPLOYMENT),
    ("net.pe.one-zone", TARGETS),
    ("net.nat.scope", DEPLOYMENT),
    ("net.nat.basic", By("routes_egress.rs", "net_nat_basic_no_ipv6")),
    ("net.nat.protocols", By("routes_egress.rs", "net_nat_protocols_and_net_doa_no_icmp")),
    ("net.nat.order", By("routes_egress.rs", "net_nat_order_table")),
    ("net.nat.ips", DEPLOYMENT),
    ("net.nat.needs-ip", By("routes_egress.rs", "net_nat_needs_ip")),
    ("net.doa.when", By("routes_egress.rs", "net_doa_when_default_outbound_is_implicit")),
    ("net.doa.field", By("routes_egress.rs", "net_doa_field_delegated_and_flex")),
    ("net.doa.change", By("documented.rs", "net_doa_change_a_setting_left_out_is_not_known")),
    (
        "net.doa.udr-internet",
        By("routes_egress.rs", "net_doa_udr_internet_is_broken_in_a_private_subnet_and_service_endpoints_are_not"),
    ),
    ("net.doa.storage-same-region", By("routes_egress.rs", "net_doa_storage_same_region")),
    ("net.doa.delegated", By("routes_egress.rs", "net_doa_field_delegated_and_flex")),
    ("net.doa.flex", By("routes_egress.rs", "net_doa_field_delegated_and_flex")),
    ("net.doa.no-icmp", By("routes_egress.rs", "net_nat_protocols_and_net_doa_no_icmp")),
    ("net.fw.default-deny", By("firewall.rs", "net_fw_default_deny_what_no_rule_matches")),
    ("net.fw.order", By("firewall.rs", "net_fw_order_network_before_application_whatever_the_priority")),
    ("net.fw.priority", By("firewall.rs", "net_fw_priority_of_groups_then_of_collections_then_the_order_of_rules")),
    ("net.fw.action", By("firewall.rs", "other_issues_name_what_is_missing_or_useless")),
    ("net.fw.app-only-http", By("firewall.rs", "net_fw_app_only_http_for_hosts_on_their_usual_ports")),
    ("net.fw.infra", By("firewall.rs", "net_fw_infra_comes_last_and_a_deny_overrides_it")),
    ("net.fw.dnat", By("firewall.rs", "net_fw_dnat_a_translation_allows_and_skips_network_rules")),
    ("net.fw.inbound-no-app", By("firewall.rs", "net_fw_inbound_no_app_rules")),
    ("net.fw.threat-intel", By("firewall.rs", "net_fw_threat_intel_is_a_note")),
    ("net.fw.net-protocol", By("firewall.rs", "net_fw_net_protocol_any_with_ports_is_tcp_and_udp")),
    ("net.fw.net-tags", By("firewall.rs", "net_fw_net_tags_never_as_sources")),
    ("net.fw.net-fqdn", By("firewall.rs", "net_fw_net_fqdn_matches_the_host_by_name")),
    ("net.fw.wildcards", By("firewall.rs", "net_fw_wildcards_table_and_trap_apex")),
    ("net.fw.stateful", LATER),
    ("net.fw.snat", NEVER_SEEN),
    ("net.fw.subnet", DEPLOYMENT),
    ("net.fw.transit", By("routes.rs", "a_hub_and_a_spoke")),
    ("net.fw.fqdn-tags", By("firewall.rs", "net_fw_fqdn_tags_are_open_unless_their_contents_are_given")),
    ("net.peer.two-links", By("routes.rs", "net_peer_two_links_and_access")),
    ("net.peer.no-overlap", By("routes.rs", "net_peer_no_overlap")),
    ("net.peer.not-transitive", By("routes.rs", "net_peer_not_transitive")),
    ("net.peer.access", By("routes.rs", "net_peer_two_links_and_access")),
    ("net.peer.forwarded", By("routes.rs", "net_peer_forwarded_and_gateway")),
    ("net.peer.gateway", By("routes.rs", "net_peer_forwarded_and_gateway")),
    ("net.peer.dns", TARGETS),
    ("net.peer.global-ilb", Not("load balancers' front ends are not described")),
    ("net.peer.tenants", DEPLOYMENT),
    ("net.del.what", Not("what a service's network intent policies hold is not documented")),
    ("net.del.pe", DEPLOYMENT),
    ("net.del.service-rules", Not("each service's own conditions are the library's")),
];

/// Traps of part D.2 that groups, tags, routes or firewalls are about, with a test for each. The others are the library's.
const TRAPS: &[(&str, Held)] = &[
    ("wrong spellings of tags", By("catalogue.rs", "k25_misspellings_of_the_documents_have_their_own_words")),
    ("regional tags that groups do not take", By("catalogue.rs", "regional_tags_that_groups_do_not_take")),
    ("a registry without its front door", By("documented.rs", "trap_a_registry_needs_front_door")),
    ("44224 below a deny", By("documented.rs", "trap_44224_below_a_deny_of_everything")),
    ("44224 from everywhere", In("policies/azureml/hygiene_tests.pal")),
    ("29876-29877 left over", In("policies/azureml/hygiene_tests.pal")),
    ("SSH 22 from the internet", By("documented.rs", "trap_ssh_from_the_internet")),
    ("a peering only initiated", By("routes.rs", "net_peer_two_links_and_access")),
    ("peers that overlap", By("routes.rs", "net_peer_no_overlap")),
    ("zones and forwarders", TARGETS),
    ("a policy of aliases alone", TARGETS),
    ("a service endpoint past a firewall", By("routes.rs", "net_se_route_goes_past_a_default_route")),
    ("the bridge of Docker", In("policies/sources/y19.pal")),
    ("a wildcard in a network rule", By("firewall.rs", "trap_wildcard_fqdn_in_a_network_rule")),
    ("a host name without DNS proxy", By("firewall.rs", "trap_fqdn_network_rule_without_dns_proxy")),
    ("a wildcard and its apex", By("firewall.rs", "net_fw_wildcards_table_and_trap_apex")),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a file, or of all files of a folder.
fn text(path: &Path) -> String {
    if !path.is_dir() {
        return std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let entries = std::fs::read_dir(path).unwrap().map(|entry| text(&entry.unwrap().path()));
    entries.collect()
}

/// Whether a text holds a fact's id, and not only one that is longer.
fn names(text: &str, id: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
    text.match_indices(id).any(|(at, _)| ends(&text[at + id.len()..]))
}

fn check(what: &str, held: Held, id: Option<&str>) {
    match held {
        By(file, test) => {
            let found = text(&root().join("crates/palisade_net/tests").join(file));
            assert!(found.contains(&format!("fn {test}(")), "{what}: {file} has no test {test}");
        }
        In(path) => {
            let found = text(&root().join(path));
            assert!(id.is_none_or(|id| names(&found, id)), "{what}: {path} does not name it");
        }
        Not(reason) => assert!(reason.len() > 20, "{what}"),
    }
}

#[test]
fn every_fact_of_the_list_is_where_the_list_says() {
    for (id, held) in FACTS {
        check(id, *held, Some(id));
    }
}

#[test]
fn every_trap_of_the_list_is_where_the_list_says() {
    for (trap, held) in TRAPS {
        check(trap, *held, None);
    }
}

#[test]
fn no_fact_of_part_c_is_left_out() {
    let path = root().join("../shared/facts/azure-network-facts.md");
    let Ok(facts) = std::fs::read_to_string(&path) else {
        eprintln!("{} is not there: nothing was compared", path.display());
        return;
    };
    let rows = facts.lines().filter_map(|line| line.strip_prefix("| net.")?.split(' ').next());
    let documented: BTreeSet<String> = rows.map(|id| format!("net.{id}")).collect();
    let listed: BTreeSet<String> = FACTS.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert!(documented.len() > 100, "{} facts", documented.len());
    let only_in = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(only_in(&documented, &listed), "", "facts that are not listed");
    assert_eq!(only_in(&listed, &documented), "", "listed, but no facts");
    assert_eq!(listed.len(), FACTS.len(), "a fact stands twice");
}
