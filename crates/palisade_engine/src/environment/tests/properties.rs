//! Whatever a file holds, it is read to the end: values or faults, never a panic.

use proptest::prelude::*;

use super::{load_texts, schema};
use crate::data::Data;
use crate::environment::{locate_in, parse_place};
use crate::place::Part;

/// Words that mean something to the schema, and some that do not.
fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "virtual_networks",
        "network_security_groups",
        "route_tables",
        "computes",
        "private_endpoints",
        "subnets",
        "address_space",
        "prefixes",
        "rules",
        "routes",
        "name",
        "priority",
        "direction",
        "access",
        "protocol",
        "source",
        "destination_ports",
        "next_hop",
        "virtual_appliance",
        "address",
        "kind",
        "kubernetes",
        "region",
        "eastus2",
        "defaults",
        "10.0.0.0/16",
        "10.0.0.1/8",
        "Storage.eastus2",
        "'*'",
        "443",
        "80-90",
        "none",
        "~",
        "true",
        "-1",
        "ml/a",
        "ml",
        "a",
        "inbound",
        "allow",
        "tcp",
        "include",
        "waivers",
        "until",
        "2024-02-30",
        "99999999999999999999",
        "subnet",
        "target",
        "nodes",
        "peerings",
        "remote",
        "''",
        "\"a\\nb\"",
    ]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => "[a-z.\\[\\]\"/]{0,6}".prop_map(|text| format!("{text:?}"))]
}

/// Flow style: any tree of words.
fn tree() -> impl Strategy<Value = String> {
    word().prop_recursive(6, 96, 6, |inner| {
        let entry = (word(), inner.clone()).prop_map(|(key, value)| format!("{key}: {value}"));
        prop_oneof![
            prop::collection::vec(entry, 0..6).prop_map(|entries| format!("{{ {} }}", entries.join(", "))),
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[ {} ]", items.join(", "))),
        ]
    })
}

/// A file that begins like an environment, so that trees reach deep into the schema.
fn environment() -> impl Strategy<Value = String> {
    let fields: Vec<String> = schema::azure().environment.iter().map(|field| field.name.to_string()).collect();
    prop::collection::btree_map(prop::sample::select(fields), tree(), 1..5)
        .prop_map(|entries| entries.iter().map(|(key, value)| format!("{key}: {value}\n")).collect::<Vec<_>>().concat())
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_map("[a-z0-9.é \"\\\\-]{1,6}", "", 1..8).prop_map(|names| names.into_keys().collect())
}

fn fields_agree(record: usize, body: &[Data]) -> bool {
    schema::azure().records[record].fields.len() == body.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn loading_never_panics_and_bodies_have_every_field(own in environment(), other in prop_oneof![tree(), environment()]) {
        let loaded = load_texts(&[&own, &other]);
        for entity in &loaded.entities {
            prop_assert!(fields_agree(entity.record.0 as usize, &entity.body));
        }
        for fault in loaded.faults() {
            let text = if fault.at.source == 0 { &own } else { &other };
            prop_assert!(text.get(std::ops::Range::<usize>::from(fault.at.text_range())).is_some());
            prop_assert!(!fault.message.is_empty());
        }
        let errors = |data: &Data| format!("{data:?}").contains("Error");
        let unread = loaded.top.iter().any(errors) || loaded.entities.iter().any(|entity| entity.body.iter().any(errors));
        prop_assert!(!unread || !loaded.faults().is_empty(), "nothing is unread in silence");
    }

    #[test]
    fn any_text_is_read_to_the_end(text in "[a-z:{}\\[\\], \n*&<-]{0,60}") {
        load_texts(&[&text]);
    }

    #[test]
    fn a_place_finds_the_name_that_it_ends_with(names in names(), listed in any::<bool>()) {
        let body = "kind: kubernetes";
        let item = |name: &String| if listed { format!("- {{ name: {name:?}, {body} }}\n") } else { format!("  {name:?}: {{ {body} }}\n") };
        let text = format!("computes:\n{}", names.iter().map(item).collect::<String>());
        let loaded = load_texts(&[&text]);
        prop_assume!(loaded.faults().is_empty());
        prop_assert_eq!(loaded.entities.len(), names.len());
        let stream = palisade_yaml::parse(text.as_str());
        for (entity, name) in loaded.entities.iter().zip(&names) {
            let place = parse_place(&entity.place.to_string()).unwrap();
            let spot = locate_in(&[&stream.documents[0]], &place, Part::Key).unwrap();
            prop_assert_eq!(&text[spot.text_range()], format!("{name:?}"));
        }
    }
}
