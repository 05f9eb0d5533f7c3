//! Symbolic places ↔ nodes.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says with a panic that it failed"
)]

use std::fmt::Write as _;

use palisade_yaml::Segment::{Index, Key, Named};
use palisade_yaml::{Case, Document, Segment, parse};

const RULES: &str = "\
groups:
  Training:
    rules:
      - { name: allow, port: 443 }
      - name: deny
        port: 80
base: &base { x: 1, y: [a, b] }
use: { <<: *base, z: 3 }
";

fn document(text: &str) -> Document {
    let mut stream = parse(text);
    assert_eq!(stream.errors, []);
    stream.documents.remove(0)
}

/// Key and value at a path, as they are written.
fn at(document: &Document, path: &[Segment<'_>], case: Case) -> Option<(Option<String>, String)> {
    let cut = |range: palisade_yaml::TextRange| document.text()[range].to_owned();
    document.locate(path, case).map(|found| (found.key.map(cut), cut(found.value)))
}

#[track_caller]
fn check(path: &[Segment<'_>], key: Option<&str>, value: &str) {
    let found = at(&document(RULES), path, Case::Exact);
    assert_eq!(found, Some((key.map(str::to_owned), value.to_owned())));
}

#[test]
fn paths_lead_to_keys_positions_and_names() {
    let rules = [Key("groups"), Key("Training"), Key("rules")];
    check(&[&rules[..], &[Index(0), Key("port")]].concat(), Some("port"), "443");
    check(&[&rules[..], &[Named("deny"), Key("port")]].concat(), Some("port"), "80");
    check(&[&rules[..], &[Named("allow")]].concat(), None, "{ name: allow, port: 443 }");
    check(&[Key("base"), Key("x")], Some("x"), "1");
}

#[test]
fn a_place_behind_an_alias_is_the_alias() {
    check(&[Key("use"), Key("y"), Index(1)], None, "*base");
    check(&[Key("use"), Key("x")], Some("*base"), "*base");
    check(&[Key("use"), Key("z")], Some("z"), "3");
}

#[test]
fn a_path_that_does_not_exist_says_how_far_it_does() {
    let document = document(RULES);
    for path in [&[Key("groups"), Key("none")][..], &[Key("groups"), Index(0)], &[Key("groups"), Named("Training")]] {
        let (nearest, steps) = document.locate_nearest(path, Case::Exact);
        assert_eq!((steps, nearest.key.map(|key| &document.text()[key])), (1, Some("groups")));
        assert!(document.locate(path, Case::Exact).is_none());
    }
    assert_eq!(document.locate(&[], Case::Exact).unwrap().value, document.root().span());
}

#[test]
fn case_is_ignored_only_if_asked_and_only_after_an_exact_match() {
    let text = "ML: 1\nml: 2\nlist: [{name: Ä}, {name: ä}]\nStraße: 3\n";
    let document = document(text);
    let value = |path: &[Segment<'_>], case| at(&document, path, case).map(|(_, value)| value);
    assert_eq!(value(&[Key("ml")], Case::Ignore).as_deref(), Some("2"));
    assert_eq!(value(&[Key("Ml")], Case::Ignore).as_deref(), Some("1"));
    assert_eq!(value(&[Key("Ml")], Case::Exact), None);
    assert_eq!(value(&[Key("list"), Named("ä")], Case::Ignore).as_deref(), Some("{name: ä}"));
    assert_eq!(value(&[Key("STRAßE")], Case::Ignore).as_deref(), Some("3"));
}

#[test]
fn large_collections_are_searched_alike() {
    let count = 3000;
    let mut text = String::from("map:\n  <<: {extra: 1}\n");
    for number in 0..count {
        let _ = writeln!(text, "  Key-{number}: {number}");
    }
    text.push_str("list:\n");
    for number in 0..count {
        let _ = writeln!(text, "- name: Item-{}\n  at: {number}", number / 2);
    }
    let document = document(&text);
    for number in 0..count {
        let exact = format!("Key-{number}");
        let folded = exact.to_uppercase();
        let key = |name, case| at(&document, &[Key("map"), Key(name)], case).map(|(_, value)| value);
        assert_eq!(key(&exact, Case::Exact), Some(number.to_string()));
        assert_eq!(key(&folded, Case::Ignore), Some(number.to_string()));
        assert_eq!(key(&folded, Case::Exact), None);
        let item = |step| at(&document, &[Key("list"), step, Key("at")], Case::Exact).map(|(_, value)| value);
        assert_eq!(item(Index(number)), Some(number.to_string()));
        let first = (number / 2 * 2).to_string();
        assert_eq!(item(Named(&format!("Item-{}", number / 2))), Some(first));
    }
    assert!(document.locate(&[Key("map"), Key("extra")], Case::Exact).is_some());
    assert!(document.locate(&[Key("map"), Key("<<")], Case::Exact).is_none());
    assert!(document.locate(&[Key("list"), Index(count)], Case::Exact).is_none());
}

#[test]
fn an_offset_has_a_path() {
    let document = document(RULES);
    let path = |needle: &str| {
        let at = u32::try_from(RULES.find(needle).unwrap()).unwrap();
        document.path_at(at.into())
    };
    assert_eq!(path("443"), [Key("groups"), Key("Training"), Key("rules"), Index(0), Key("port")]);
    assert_eq!(path("port: 80"), [Key("groups"), Key("Training"), Key("rules"), Index(1), Key("port")]);
    assert_eq!(path("b]"), [Key("base"), Key("y"), Index(1)]);
    assert_eq!(path("<<"), [Key("use")]);
    assert_eq!(path("z:"), [Key("use"), Key("z")]);
}
