//! Every fault with its source: the snapshots are the specification of the messages.

use std::collections::BTreeSet;
use std::fmt::Write;

use insta::assert_snapshot;

use super::{faults, load_texts};
use crate::environment::{MAX_FAULTS, codes};

/// Every test of this file: a name, and the texts of the file and of those that it includes.
const CASES: &[(&str, &[&str])] = &[
    ("unknown_key", &["
virtual_networks:
  ml:
    adress_space: [10.0.0.0/16]
    region: eastus2
    colour: red
computes:
  c: { kind: compute_instance, name: c, pubic_ip: true }
colours: {}
"]),
    ("owners_and_names_are_not_written", &["
virtual_networks:
  ml:
    address_space: [10.0.0.0/16]
    subnets:
      a: { prefixes: [10.0.0.0/24], virtual_network: ml }
    peerings:
      self: { name: self, remote: ml }
"]),
    ("missing_key", &["
virtual_networks:
  ml: { region: eastus2 }
network_security_groups:
  g:
    rules:
      - name: deny
        priority: 100
      - { priority: 110, direction: inbound, access: allow, protocol: tcp, destination_ports: 80 }
computes:
  - kind: compute_instance
"]),
    ("unions", &["
route_tables:
  t:
    routes:
      - { name: a, prefix: 10.0.0.0/8, next_hop: virtual_appliance }
      - { name: b, prefix: 10.1.0.0/16, next_hop: internet, address: 10.0.0.4 }
      - { name: c, prefix: 10.2.0.0/16, next_hop: { virtual_appliance: { address: 10.0.0.4 } } }
      - { name: d, prefix: 10.3.0.0/16, next_hop: VirtualAppliance, address: 10.0.0.4 }
"]),
    ("wrong_type", &["
name: 5
defaults: [eastus2]
waivers:
  - { rule: r, until: soon, grace: 3 }
nodes: [1]
computes:
  a: { kind: [x], public_ip: yes, size: 1.10, ssh_port: {}, min_nodes: \"3\" }
  b: { kind: kubernetes, public_ip: \"true\", min_nodes: 99999999999999999999, ssh_port: 70000 }
  c: hello
  d:
virtual_networks:
  ml: { address_space: 10.0.0.0/16, subnets: [10.0.0.0/24] }
private_endpoints: 7
"]),
    ("empty_value", &["
name:
virtual_networks:
computes:
  c: { kind: compute_instance, size: ~ }
network_security_groups:
  g:
    rules:
"]),
    ("unknown_word", &["
computes:
  a: { kind: compute_instances }
  b: { kind: toaster }
"]),
    ("invalid_value", &["
defaults: { region: westeros }
nodes: { nowhere: 3, East US 2: many, eastus2: 1 }
virtual_networks:
  ml: { address_space: [10.0.0.1/8, 10.0.0.0/33] }
network_security_groups:
  g:
    rules:
      - { name: a, priority: 100, direction: inbound, access: allow, protocol: any, source: Storag, destination_ports: 90-80 }
      - { name: b, priority: 110, direction: inbound, access: allow, protocol: [tcp, tpc], source: [10.0.0.256], destination_ports: \"80,443\" }
private_endpoints:
  p: { target: virtual_networks.ml, address: 010.0.0.1, hosts: [\"https://a.example.org/x\"], transport: tcpp, tag: Storage.eastus }
"]),
    ("duplicate_name", &["
virtual_networks:
  ml: { address_space: [10.0.0.0/16] }
  ML: { address_space: [10.0.0.0/16], subnets: { s: { prefixes: [10.0.1.0/24], network_security_group: g } } }
network_security_groups:
  G: {}
  g:
    rules:
      - { name: a, priority: 100, direction: inbound, access: allow, protocol: tcp, destination_ports: 80 }
      - { name: a, priority: 110, direction: inbound, access: allow, protocol: tcp, destination_ports: 80 }
"]),
    ("duplicate_name_across_files", &["
include: [hub.yaml]
network_security_groups:
  shared: {}
", "
network_security_groups:
  hub: {}
  Shared: {}
"]),
    ("included_file", &["
include: [hub.yaml]
", "
name: hub
network_security_group: {}
network_security_groups: { g: {} }
---
name: second
"]),
    ("references", &["
virtual_networks:
  ml:
    address_space: [10.0.0.0/16]
    subnets:
      training: { prefixes: [10.0.0.0/24], network_security_group: trainin }
      only: { prefixes: [10.0.1.0/24], network_security_group: zebra, route_table: training }
  hub:
    address_space: [10.1.0.0/16]
    subnets:
      training: { prefixes: [10.1.0.0/24] }
network_security_groups: { training: {} }
computes:
  a: { kind: compute_instance, subnet: training }
  b: { kind: compute_instance, subnet: ml/trainig }
  c: { kind: compute_instance, subnet: mll/only }
  d: { kind: compute_instance, subnet: virtual_networks.ml.subnets.onyl }
  e: { kind: compute_instance, subnet: network_security_groups.training }
private_endpoints:
  p: { target: computes.z, also: [a, x] }
"]),
    ("aliases", &["
network_security_groups:
  g:
    rules:
      - &rule { name: a, priority: 100, direction: inbound, access: allow, protocol: tcp, destination_ports: &p 80-70 }
      - { <<: *rule, name: b, priority: 110 }
      - { name: c, priority: 120, direction: inbound, access: allow, protocol: tcp, destination_ports: *p }
"]),
    ("groups", &["
network_security_groups:
  g:
    rules:
      - { name: low, priority: 99, direction: inbound, access: allow, protocol: tcp, destination_ports: 80 }
      - { name: huge, priority: 70000, direction: inbound, access: allow, protocol: tcp, destination_ports: 80 }
      - { name: a, priority: 100, direction: inbound, access: allow, protocol: tcp, destination_ports: 80 }
      - { name: other-way, priority: 100, direction: outbound, access: allow, protocol: tcp, destination_ports: 80 }
      - { name: b, priority: 100, direction: Inbound, access: allow, protocol: tcp, destination_ports: 80 }
      - { name: ping, priority: 120, direction: inbound, access: allow, protocol: icmp, destination_ports: 7 }
"]),
    ("networks", &["
virtual_networks:
  ml:
    address_space: [10.0.0.0/16]
    subnets:
      a: { prefixes: [10.0.1.0/24] }
      b: { prefixes: [10.1.0.0/24, 10.0.0.0/22] }
  other:
    address_space: [10.0.0.0/16]
    subnets:
      a: { prefixes: [10.0.1.0/24] }
"]),
    ("empty_file", &["# nothing here\n"]),
    ("list_file", &["- a\n- b\n"]),
    ("word_file", &["hello\n"]),
    ("yaml_duplicate_key", &["name: a\nname: b\n"]),
    ("yaml_tab", &["defaults:\n\tregion: eastus2\n"]),
    ("yaml_syntax", &["name: [a\n"]),
    ("yaml_alias", &["name: *nobody\n"]),
    ("yaml_tag", &["name: !secret x\n"]),
    ("yaml_key", &["? [a, b]\n: c\n"]),
    ("yaml_merge_key", &["defaults: { <<: 5 }\n"]),
    ("yaml_directive", &["%YAML 1.1\n---\nname: a\n"]),
    ("yaml_encoding", &["name: \"a\u{1}b\"\n"]),
];

#[test]
fn each_fault_says_what_was_found_and_what_to_do() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    for (name, texts) in CASES {
        settings.set_description(*name);
        settings.bind(|| assert_snapshot!(*name, faults(texts)));
    }
}

#[test]
fn every_code_is_listed_once_and_seen() {
    let listed: BTreeSet<&str> = codes::CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(listed.len(), codes::CODES.len());
    let mut seen: BTreeSet<&str> =
        CASES.iter().flat_map(|(_, texts)| load_texts(texts).faults()).map(|fault| fault.code).collect();
    // These have tests of their own: below, in `bindings.rs`, in `palisade_yaml`, and with the library's schema.
    seen.extend([codes::MORE_FAULTS, codes::LIBRARY_BINDING, codes::YAML_LIMIT]);
    // What is found when all is read: see `tests/suite/network_faults.md`.
    seen.extend([codes::DUPLICATE_ROUTE, codes::FIREWALL_POLICY, codes::PEERING_OVERLAP, codes::ROUTE_TABLE]);
    assert_eq!(seen, listed);
}

#[test]
fn a_file_s_faults_are_listed_up_to_a_limit_and_then_counted() {
    let mut text = String::from("computes:\n");
    for number in 0..MAX_FAULTS + 7 {
        writeln!(text, "  c{number}: {{ kind: toaster }}").unwrap();
    }
    let faults = load_texts(&[&text]).faults();
    assert_eq!(faults.len(), MAX_FAULTS + 1);
    let last = faults.last().unwrap();
    assert_eq!((last.code, last.message.as_str()), (codes::MORE_FAULTS, "… and 7 more in this file"));
}

#[test]
fn a_broken_included_file_does_not_hide_the_faults_of_the_others_nor_make_new_ones() {
    let own = "include: [hub.yaml]\nname: 5\ncomputes: { c: { kind: kubernetes, subnet: hub/a } }\n";
    let codes: Vec<&str> = load_texts(&[own, "a: [\n"]).faults().iter().map(|fault| fault.code).collect();
    assert_eq!(codes, [codes::WRONG_TYPE, codes::YAML_SYNTAX]);
}

#[test]
fn a_document_that_is_not_there_is_said() {
    let stream = palisade_yaml::parse("name: a\n");
    let source = crate::environment::Source { stream: &stream, document: 3 };
    let loaded = crate::environment::load(&[source], &super::schema::azure(), &super::catalogue());
    assert_eq!(loaded.faults()[0].message, "the file has no document 4");
}
