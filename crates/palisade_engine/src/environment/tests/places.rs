//! From places back to the text.

use palisade_yaml::Document;

use super::loaded;
use crate::environment::{locate_in, parse_place};
use crate::place::Part;

const TEXT: &str = "# an environment
virtual_networks:
  ml:
    address_space: [10.0.0.0/16]
    peerings:
      - { name: loop, remote: ml }
    subnets:
      - name: a
        prefixes: [10.0.0.0/24]
network_security_groups:
  g:
    rules:
      - &deny { name: deny-all, priority: 100, direction: inbound, access: deny, protocol: tcp, destination_ports: 80 }
      - <<: *deny
        name: second
        priority: 110
route_tables:
  t: { routes: [{ name: r, prefix: 10.0.0.0/8, next_hop: virtual_appliance, address: 10.0.0.4 }] }
computes: { C-1: { kind: kubernetes, size: \"a b\" } }
";

fn at(place: &str, part: Part) -> String {
    let stream = palisade_yaml::parse(TEXT);
    let documents: Vec<&Document> = stream.documents.iter().collect();
    let spot = locate_in(&documents, &parse_place(place).unwrap(), part).unwrap();
    TEXT[spot.text_range()].to_owned()
}

#[test]
fn a_scalar_is_its_key_and_value_and_anything_else_its_key() {
    assert_eq!(at("computes.c-1.size", Part::Entry), "size: \"a b\"");
    assert_eq!(at("computes.c-1.size", Part::Key), "size");
    assert_eq!(at("computes.c-1", Part::Entry), "C-1");
    assert_eq!(at("virtual_networks.ml.address_space", Part::Entry), "address_space");
    assert_eq!(at("virtual_networks.ml.address_space[0]", Part::Entry), "10.0.0.0/16");
}

#[test]
fn a_named_item_is_its_name() {
    assert_eq!(at("network_security_groups.g.rules.deny-all", Part::Entry), "deny-all");
    assert_eq!(at("network_security_groups.g.rules.deny-all.priority", Part::Entry), "priority: 100");
    assert_eq!(at("network_security_groups.g.rules[1].priority", Part::Entry), "priority: 110");
    assert_eq!(at("virtual_networks.ml.peerings.loop.remote", Part::Entry), "remote: ml");
    assert_eq!(at("virtual_networks.ml.subnets.a.prefixes", Part::Key), "prefixes");
}

#[test]
fn what_is_absent_is_the_key_above_it() {
    assert_eq!(at("computes.c-1.region", Part::Entry), "C-1");
    assert_eq!(at("computes.nobody.region", Part::Entry), "computes");
    assert_eq!(at("network_security_groups.g.rules.second.source", Part::Entry), "second");
    assert_eq!(at("nowhere", Part::Key), "virtual_networks");
}

#[test]
fn what_is_merged_is_the_alias() {
    assert_eq!(at("network_security_groups.g.rules.second.access", Part::Entry), "*deny");
}

#[test]
fn a_union_s_field_is_beside_it() {
    assert_eq!(at("route_tables.t.routes.r.next_hop.address", Part::Entry), "address: 10.0.0.4");
    assert_eq!(at("route_tables.t.routes.r.next_hop.weight", Part::Entry), "next_hop");
    assert_eq!(at("route_tables.t.routes.r.next_hop", Part::Entry), "next_hop: virtual_appliance");
}

#[test]
fn the_deepest_file_has_it() {
    let texts = ["computes: { a: { size: s } }\n", "computes: { b: { size: t } }\n"];
    let streams = texts.map(palisade_yaml::parse);
    let documents: Vec<&Document> = streams.iter().flat_map(|stream| &stream.documents).collect();
    let source = |place: &str| locate_in(&documents, &parse_place(place).unwrap(), Part::Key).unwrap().source;
    assert_eq!((source("computes.a.size"), source("computes.b.size"), source("computes.c")), (0, 1, 0));
}

#[test]
fn every_entity_s_place_is_a_key_with_its_name() {
    for entity in loaded(TEXT).entities {
        assert_eq!(at(&entity.place.to_string(), Part::Key), entity.name);
    }
}
