//! What a text means: documents, scalars, aliases, merge keys.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says with a panic that it failed"
)]

use std::sync::Arc;

use palisade_yaml::{AliasUse, CoreValue, Document, Kind, NodeRef, Stream, Tag, comments, parse, parse_bytes};

const ENVIRONMENT: &str = "\
name: contoso-ml-dev
defaults: { subscription: sub-a, resource_group: rg-ml, region: eastus2 }
virtual_networks:
  ml:
    address_space: [10.20.0.0/16]
    subnets:
      training:
        prefixes: [10.20.1.0/24]
        service_endpoints: [Microsoft.Storage]
        used_addresses: 12
      endpoints: { prefixes: [10.20.2.0/27] }
network_security_groups:
  training:
    rules:
      - { name: allow-aml, priority: 110, direction: inbound, access: allow, protocol: tcp,
          source: AzureMachineLearning, source_ports: \"*\", destination: \"*\", destination_ports: 44224 }
      - name: deny-internet
        priority: 4000
        direction: outbound
        access: deny
        protocol: \"*\"
        destination: Internet
computes:
  ci-1: { kind: compute_instance, workspace: ml-ws, subnet: ml/training, public_ip: true }
  cpu:  { kind: compute_cluster, workspace: ml-ws, subnet: ml/training, public_ip: false, min_nodes: 0 }
";

#[track_caller]
fn sound(text: &str) -> Document {
    let mut stream = parse(text);
    assert_eq!(stream.errors, []);
    assert_eq!(stream.documents.len(), 1);
    stream.documents.remove(0)
}

/// A node as JSON without quotes, aliases and merge keys followed.
fn shown(node: NodeRef<'_>) -> String {
    match node.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Scalar => match node.value().unwrap() {
            CoreValue::Text(text) => text.to_owned(),
            value => format!("{value:?}"),
        },
        Kind::Sequence => format!("[{}]", node.items().map(shown).collect::<Vec<_>>().join(", ")),
        Kind::Mapping => {
            let entries = node.entries().map(|entry| format!("{}: {}", shown(entry.key), shown(entry.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn an_environment_reads_as_it_stands() {
    let document = sound(ENVIRONMENT);
    let root = document.root();
    assert_eq!(
        root.entries().filter_map(|entry| entry.key.as_str()).collect::<Vec<_>>(),
        ["name", "defaults", "virtual_networks", "network_security_groups", "computes"]
    );
    let rules = root.get("network_security_groups").and_then(|node| node.get("training")?.get("rules")).unwrap();
    assert_eq!(rules.len(), 2);
    let first = rules.items().next().unwrap();
    assert_eq!(first.get("destination_ports").unwrap().value(), Some(CoreValue::Int(44224)));
    assert_eq!(first.get("source_ports").unwrap().value(), Some(CoreValue::Text("*")));
    let cluster = root.get("computes").and_then(|node| node.get("cpu")).unwrap();
    assert_eq!(cluster.get("public_ip").unwrap().value(), Some(CoreValue::Bool(false)));
}

#[test]
fn json_reads_with_its_escapes() {
    let document = sound("{\"a\\u0020b\": [\"\\ud83d\\ude00\\n\\/\", -1.5e3, true, null], \"c\": {}}");
    assert_eq!(shown(document.root()), "{a b: [😀\n/, Float(-1500.0), Bool(true), null], c: {}}");
}

#[test]
fn quotes_and_block_scalars_are_unfolded() {
    let document = sound("- 'it''s'\n- \"a\\tb\"\n- |\n  x\n   y\n- >-\n  x\n  y\n- x\n  y\n- ''\n");
    let texts: Vec<&str> = document.root().items().filter_map(NodeRef::as_str).collect();
    assert_eq!(texts, ["it's", "a\tb", "x\n y\n", "x y", "x y", ""]);
}

#[test]
fn nothing_and_null_are_null_and_quoted_null_is_text() {
    let document = sound("a:\nb: ~\nc: null\nd: \"null\"\ne: ''\nf: !!str\ng: !!null ''\n");
    let kinds: Vec<Kind> = document.root().entries().map(|entry| entry.value.kind()).collect();
    let (null, scalar) = (Kind::Null, Kind::Scalar);
    assert_eq!(kinds, [null, null, null, scalar, scalar, scalar, null]);
    assert!(document.root().entries().all(|entry| entry.value.as_str().is_none() == (entry.value.kind() == null)));
}

#[test]
fn tags_of_the_core_schema_are_read() {
    let document = sound(
        "%TAG !c! tag:yaml.org,2002:\n---\n- !!str 443\n- !!int \"443\"\n- !<tag:yaml.org,2002:float> 3\n- ! true\n- !c!bool true\n- !!map {a: !!seq [b]}\n",
    );
    assert_eq!(shown(document.root()), "[443, Int(443), Float(3.0), true, Bool(true), {a: [b]}]");
    assert_eq!(document.root().items().next().unwrap().tag(), Some(Tag::Str));
}

#[test]
fn huge_numbers_keep_their_digits() {
    let digits = "9".repeat(10_000);
    let document = sound(&digits);
    assert_eq!(document.root().value(), Some(CoreValue::HugeInt));
    assert_eq!(document.root().as_str(), Some(digits.as_str()));
}

#[test]
fn a_place_inside_an_alias_is_the_alias() {
    let text = "base: &b { ports: [1, 2] }\nuse: *b\n";
    let document = sound(text);
    let ports = document.root().get("use").and_then(|node| node.get("ports")).unwrap();
    let second = ports.items().nth(1).unwrap();
    let via = second.via().unwrap();
    assert_eq!(via.anchor, "b");
    assert_eq!(&text[usize::from(second.place().start())..usize::from(second.place().end())], "*b");
    assert_eq!(&text[usize::from(second.span().start())..usize::from(second.span().end())], "2");
    let at_home = document.root().get("base").unwrap();
    assert_eq!((at_home.via(), at_home.anchor()), (None, Some("b")));
}

#[test]
fn of_nested_aliases_the_outermost_counts() {
    let document = sound("a: &a [1]\nb: &b {x: *a}\nc: *b\n");
    let one = document.root().get("c").and_then(|node| node.get("x")?.items().next()).unwrap();
    let anchor = |via: AliasUse<'_>| via.anchor.to_owned();
    assert_eq!(one.via().map(anchor), Some("b".to_owned()));
    let one = document.root().get("b").and_then(|node| node.get("x")?.items().next()).unwrap();
    assert_eq!(one.via().map(anchor), Some("a".to_owned()));
}

#[test]
fn an_anchor_defined_twice_means_its_last_definition() {
    let document = sound("- &a 1\n- *a\n- &a 2\n- *a\n");
    assert_eq!(shown(document.root()), "[Int(1), Int(1), Int(2), Int(2)]");
}

#[test]
fn aliases_can_be_keys() {
    let document = sound("a: &k name\n*k : 1\n");
    assert_eq!(document.root().get("name").unwrap().value(), Some(CoreValue::Int(1)));
}

#[test]
fn merge_keys_are_applied_where_they_stand_and_own_keys_win() {
    let document = sound("b: &b {x: 1, y: 2}\nc: &c {y: 3, z: 4}\nd:\n  w: 0\n  <<: [*b, *c]\n  x: own\n");
    assert_eq!(shown(document.root().get("d").unwrap()), "{w: Int(0), y: Int(2), z: Int(4), x: own}");
    let entry = document.root().get("d").and_then(|node| node.entry("z", palisade_yaml::Case::Exact)).unwrap();
    assert_eq!(entry.key.via().map(|via| via.anchor), Some("c"));
    assert_eq!(document.root().get("d").and_then(|node| node.get("<<")).map(shown), None);
}

#[test]
fn merge_keys_nest_and_a_quoted_one_is_a_key() {
    let document = sound("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\nd: {\"<<\": 1}\ne: {<<: {q: 1}}\n");
    assert_eq!(shown(document.root().get("c").unwrap()), "{x: Int(1), y: Int(2)}");
    assert_eq!(shown(document.root().get("d").unwrap()), "{<<: Int(1)}");
    assert_eq!(shown(document.root().get("e").unwrap()), "{q: Int(1)}");
    assert!(document.root().get("c").and_then(|node| node.get("x")).is_some());
}

#[test]
fn a_stream_always_has_a_document() {
    for text in ["", "# only a comment\n", "\u{feff}", "---\n"] {
        let stream = parse(text);
        assert_eq!(stream.errors, []);
        let empty: Vec<bool> = stream.documents.iter().map(Document::is_empty).collect();
        assert_eq!(empty, [true], "{text:?}");
    }
    assert!(!sound("~").is_empty());
    assert!(!sound("''").is_empty());
}

#[test]
fn empty_documents_are_not_dropped() {
    let stream = parse("a\n---\n---\nb\n---\n");
    let empty: Vec<bool> = stream.documents.iter().map(Document::is_empty).collect();
    assert_eq!(empty, [false, true, false, true]);
    assert_eq!(stream.documents.iter().map(Document::index).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn documents_are_equal_when_their_texts_are() {
    let text: Arc<str> = "a: 1\n---\nb: 2\n".into();
    let one: Stream = parse(Arc::clone(&text));
    assert!(Arc::ptr_eq(one.documents[0].text(), &text));
    assert_eq!(one, parse("a: 1\n---\nb: 2\n"));
    assert_ne!(one.documents[0], one.documents[1]);
    assert_ne!(one, parse("a: 1\n---\nb: 3\n"));
}

#[test]
fn bytes_must_be_utf8() {
    let stream = parse_bytes(b"\xEF\xBB\xBFa: 1\n").unwrap();
    assert_eq!(stream.errors, []);
    let error = parse_bytes(b"a: 1\nb: \xFF\n").unwrap_err();
    assert_eq!(error.message, "line 2 is not UTF-8: found the byte 0xFF");
    assert_eq!((u32::from(error.range.start()), u32::from(error.range.end())), (8, 9));
    assert_eq!(parse_bytes(b"\xFF\xFEa\0").unwrap_err().message, "the file is UTF-16, expected UTF-8");
    assert_eq!(parse_bytes(b"a: \xE2\x82").unwrap_err().range.end(), 5.into());
}

#[test]
fn comments_have_their_place_and_text() {
    let text = "# one\r\na: 1 #two\nb: '# no'\nc: |\n  # no\n# three";
    let found: Vec<_> = comments(text).into_iter().map(|c| (c.text, c.trailing, &text[c.range])).collect();
    assert_eq!(found, [("one", false, "# one"), ("two", true, "#two"), ("three", false, "# three")]);
}

#[test]
fn comments_of_documents_after_a_broken_one_are_found() {
    let found: Vec<_> = comments("a: [ # one\n---\nb: 1 # two\n").into_iter().map(|c| c.text).collect();
    assert_eq!(found, ["one", "two"]);
    let many = "# x\n".repeat(10_000);
    assert_eq!(comments(&many).len(), 10_000);
}
