//! What bodies may look like, and what is made of them.

use std::sync::Arc;

use palisade_net::{AddressSpec, PortSet, ProtocolSet};

use super::{load_texts, loaded, value};
use crate::data::Data;
use crate::environment::Match;
use crate::environment::tests::schema::{COMPUTE, GROUP, NETWORK, SUBNET};

fn rules(yaml: &str) -> Vec<Arc<[Data]>> {
    let loaded = loaded(&format!("network_security_groups:\n  g:\n    rules:\n{yaml}"));
    let Data::List(rules) = value(&loaded, "network_security_groups.g", "rules") else { panic!("no list") };
    rules.iter().map(|rule| if let Data::Record(body) = rule { body.clone() } else { panic!("{rule:?}") }).collect()
}

fn ports(written: &str) -> String {
    let rule = format!(
        "      - {{ name: a, priority: 100, direction: inbound, access: allow, protocol: tcp, destination_ports: {written} }}"
    );
    match &rules(&rule)[0][8] {
        Data::Ports(set) => set.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ports_are_one_value_or_a_list() {
    assert_eq!(ports("443"), "443");
    assert_eq!(ports("\"443\""), "443");
    assert_eq!(ports("[443, \"8787\", 8704-8710]"), "443, 8704-8710, 8787");
    assert_eq!(ports("'*'"), "*");
    assert_eq!(ports("[\"*\", 5]"), "*");
}

#[test]
fn sets_and_words_are_read_without_case() {
    let rules = rules(
        "
      - { name: a, priority: 100, direction: INBOUND, access: Allow, protocol: TCP, source: storage.EASTUS2, destination_ports: 1 }
      - { name: b, priority: 101, direction: outbound, access: deny, protocol: [udp, Tcp], source: [10.0.0.4, 10.0.0.5/32], destination_ports: 1 }
      - { name: c, priority: 102, direction: outbound, access: deny, protocol: \"*\", source: \"*\", destination_ports: 1 }
",
    );
    let text = |data: &Data| match data {
        Data::Addresses(spec) => match &**spec {
            AddressSpec::Any => "*".to_owned(),
            AddressSpec::These { ips, tags } => {
                format!("{ips}{}", tags.iter().map(ToString::to_string).collect::<String>())
            }
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(text(&rules[0][5]), "Storage.eastus2");
    assert_eq!(text(&rules[1][5]), "10.0.0.4/31");
    assert_eq!(text(&rules[2][5]), "*");
    assert_eq!(rules[1][4], Data::Protocols(ProtocolSet::WITH_PORTS));
    assert_eq!(rules[2][4], Data::Protocols(ProtocolSet::ALL));
    assert_eq!(rules[0][2], Data::Variant(0, Arc::default()));
    assert_eq!(rules[1][3], Data::Variant(1, Arc::default()));
    assert_eq!(rules[0][6], Data::Ports(Arc::new(PortSet::all())), "left out means any port");
}

#[test]
fn equal_sets_are_shared() {
    let rules = rules(
        "
      - { name: a, priority: 100, direction: inbound, access: allow, protocol: tcp, source: [10.0.0.0/8], destination_ports: [1, 2] }
      - name: b
        priority: 101
        direction: inbound
        access: allow
        protocol: tcp
        source:
          - 10.0.0.0/8
        destination_ports: [1,2]
",
    );
    let (Data::Addresses(a), Data::Addresses(b)) = (&rules[0][5], &rules[1][5]) else { panic!("no addresses") };
    assert!(Arc::ptr_eq(a, b));
    let (Data::Ports(a), Data::Ports(b)) = (&rules[0][8], &rules[1][8]) else { panic!("no ports") };
    assert!(Arc::ptr_eq(a, b));
}

#[test]
fn a_union_takes_its_fields_from_beside_it() {
    let loaded = loaded(
        "
route_tables:
  t:
    routes:
      - { name: a, address: 10.0.0.4, prefix: 0.0.0.0/0, next_hop: Virtual_Appliance }
      - { name: b, prefix: Storage, next_hop: none }
",
    );
    let Data::List(routes) = value(&loaded, "route_tables.t", "routes") else { panic!("no list") };
    let hop = |at: usize| if let Data::Record(body) = &routes[at] { body[2].clone() } else { panic!("no record") };
    let address = Data::Ip("10.0.0.4".parse().unwrap());
    assert_eq!(hop(0), Data::Variant(2, [address, Data::Absent].into()));
    assert_eq!(hop(1), Data::Variant(1, Arc::default()), "a variant `none` is not the absence of one");
}

#[test]
fn absence_is_unknown_or_none_or_a_default_as_declared() {
    let loaded = loaded(
        "
virtual_networks: { ml: { address_space: [10.0.0.0/16], subnets: { a: { prefixes: [10.0.0.0/24], route_table: None } } } }
computes: { c: { kind: kubernetes } }
",
    );
    let subnet = "virtual_networks.ml.subnets.a";
    assert_eq!(value(&loaded, subnet, "used_addresses"), Data::Absent);
    assert_eq!(value(&loaded, subnet, "network_security_group"), Data::None);
    assert_eq!(value(&loaded, subnet, "route_table"), Data::None, "written as the word");
    assert_eq!(value(&loaded, subnet, "service_endpoints"), Data::List(Arc::default()));
    assert_eq!(value(&loaded, "computes.c", "min_nodes"), Data::Int(0));
    assert_eq!(value(&loaded, "", "route_tables"), Data::Entities(Arc::default()));
}

#[test]
fn defaults_stand_in_for_absent_fields_of_entities_and_leave_a_note() {
    let loaded = loaded(
        "
computes:
  near: { kind: kubernetes }
  far: { kind: kubernetes, region: West US 2, subscription: other }
defaults: { region: EastUS2, subscription: sub-a }
",
    );
    let [near, far] = &loaded.entities[..] else { panic!("two computes") };
    assert_eq!(value(&loaded, "computes.near", "region"), Data::Region("eastus2".parse().unwrap()));
    assert_eq!(value(&loaded, "computes.near", "subscription"), Data::Text("sub-a".into()));
    assert_eq!(value(&loaded, "computes.near", "size"), Data::Absent);
    assert_eq!(value(&loaded, "computes.far", "region"), Data::Region("westus2".parse().unwrap()));
    assert_eq!((&near.from_defaults[..], &far.from_defaults[..]), (&[3, 4][..], &[][..]));
}

#[test]
fn entities_stand_on_their_own_with_their_owner() {
    let loaded = loaded(
        "
virtual_networks:
  ml:
    address_space: [10.0.0.0/16]
    subnets:
      a: { prefixes: [10.0.0.0/24] }
      b: { prefixes: [10.0.1.0/24] }
    peerings:
      - { name: loop, remote: ml }
  hub: { address_space: [10.1.0.0/16] }
",
    );
    let places: Vec<String> = loaded.entities.iter().map(|entity| entity.place.to_string()).collect();
    assert_eq!(
        places,
        [
            "virtual_networks.ml",
            "virtual_networks.ml.subnets.a",
            "virtual_networks.ml.subnets.b",
            "virtual_networks.hub"
        ]
    );
    let owners: Vec<Option<usize>> = loaded.entities.iter().map(|entity| entity.owner).collect();
    assert_eq!(owners, [None, Some(0), Some(0), None]);
    assert_eq!(value(&loaded, &places[1], "virtual_network"), Data::Reference("virtual_networks.ml".into()));
    assert_eq!(value(&loaded, &places[0], "subnets"), Data::Entities(["a".into(), "b".into()].into()));
    let stated = [Data::Text("loop".into()), Data::Reference("ml".into())];
    let defaults = [Data::Variant(0, [].into()), Data::Bool(true)];
    let peering = Data::Record(stated.into_iter().chain(defaults).collect());
    assert_eq!(value(&loaded, &places[0], "peerings"), Data::Map([("loop".into(), peering)].into()));
}

#[test]
fn a_map_is_a_mapping_or_a_list_of_named_bodies() {
    let mapping = "computes: { a: { kind: kubernetes }, b: { kind: compute_cluster, size: large } }\n";
    let list = "computes:\n- { kind: kubernetes, name: a }\n- { name: b, kind: compute_cluster, size: large }\n";
    let bodies =
        |text| loaded(text).entities.into_iter().map(|e| (e.place.to_string(), e.name, e.body)).collect::<Vec<_>>();
    assert_eq!(bodies(mapping), bodies(list));
}

#[test]
fn keys_of_maps_are_read_by_their_type() {
    let loaded = loaded("nodes: { East US 2: 3, WESTUS2: 4 }\n");
    let nodes = [("eastus2".into(), Data::Int(3)), ("westus2".into(), Data::Int(4))];
    assert_eq!(value(&loaded, "", "nodes"), Data::Map(nodes.into()));
}

#[test]
fn included_files_add_to_collections_in_order() {
    let own =
        "include: hub.yaml\ncomputes: { a: { kind: kubernetes, subnet: hub/x } }\n".replace("hub.yaml", "[hub.yaml]");
    let hub = "
virtual_networks: { hub: { address_space: [10.0.0.0/16], subnets: { x: { prefixes: [10.0.0.0/24] } } } }
computes: { b: { kind: kubernetes } }
";
    let loaded = load_texts(&[&own, hub]);
    assert_eq!(loaded.faults(), []);
    assert_eq!(value(&loaded, "", "computes"), Data::Entities(["a".into(), "b".into()].into()));
}

#[test]
fn dates_and_lengths_of_time() {
    let loaded = loaded("waivers: [{ rule: r, until: 1970-02-01, grace: 2h }, { rule: r, until: 1970-01-01 }]\n");
    let body = |until, grace| Data::Record([Data::Text("r".into()), Data::Date(until), grace].into());
    let waivers = [body(31, Data::Duration(7200)), body(0, Data::None)];
    assert_eq!(value(&loaded, "", "waivers"), Data::List(waivers.into()));
}

#[test]
fn names_are_bare_short_or_full_and_without_case() {
    let loaded = loaded(
        "
virtual_networks:
  ml:
    address_space: [10.0.0.0/16]
    subnets: { training: { prefixes: [10.0.0.0/24] }, only: { prefixes: [10.0.1.0/24] } }
  hub:
    address_space: [10.1.0.0/16]
    subnets: { training: { prefixes: [10.1.0.0/24] } }
  a.b/c: { address_space: [10.2.0.0/16] }
network_security_groups: { training: {} }
",
    );
    let names = &loaded.names;
    let place = |targets: &[_], text: &str| match names.find(targets, text) {
        Match::Found(at) => names.place(at).to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(place(&[SUBNET], "only"), "virtual_networks.ml.subnets.only");
    assert_eq!(place(&[SUBNET], "ML/Training"), "virtual_networks.ml.subnets.training");
    assert_eq!(place(&[SUBNET], "Virtual_Networks.hub.subnets.\"training\""), "virtual_networks.hub.subnets.training");
    assert_eq!(place(&[SUBNET], "training"), "Ambiguous([1, 4])");
    assert_eq!(place(&[GROUP], "training"), "network_security_groups.training");
    assert_eq!(place(&[], "training"), "Ambiguous([1, 4, 6])");
    assert_eq!(place(&[NETWORK], "a.b/c"), "virtual_networks.\"a.b/c\"");
    assert_eq!(place(&[COMPUTE], "only"), "OtherKind(2)");
    assert_eq!(place(&[], "nobody"), "Missing");
    assert_eq!(names.unique_name(2), "only");
    assert_eq!(names.unique_name(1), "ml/training");
    assert_eq!(names.nearest(&[SUBNET], "hub/trainin").as_deref(), Some("hub/training"));
}
