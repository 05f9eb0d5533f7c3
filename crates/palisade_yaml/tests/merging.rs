//! A document patched by another.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says with a panic that it failed"
)]

use palisade_yaml::{Document, merge, parse};

fn document(text: &str) -> Document {
    let mut stream = parse(text);
    assert_eq!(stream.errors, [], "{text}");
    stream.documents.remove(0)
}

/// The merged text on one line.
#[track_caller]
fn check(base: &str, patch: &str, expected: &str) {
    let merged = merge(&document(base), &document(patch));
    document(&merged);
    let line: String = merged.lines().map(|line| line.trim_start().to_owned() + " ").collect();
    assert_eq!(line.trim_end(), expected);
}

#[test]
fn mappings_merge_key_by_key_in_order() {
    check("a: 1\nb: {c: 2, d: 3}", "b: {d: 4, e: 5}\nf: 6", r#"{ "a": 1, "b": { "c": 2, "d": 4, "e": 5 }, "f": 6 }"#);
    check("a: 1", "A: 2", r#"{ "a": 1, "A": 2 }"#);
}

#[test]
fn lists_of_named_mappings_merge_by_name() {
    check(
        "[{name: x, p: 1}, {name: y, p: 2}]",
        "[{name: z}, {name: y, p: 3, q: ~}, {name: x, q: 4}]",
        r#"[ { "name": "x", "p": 1, "q": 4 }, { "name": "y", "p": 3 }, { "name": "z" } ]"#,
    );
    check("[]", "[{name: x}]", r#"[ { "name": "x" } ]"#);
}

#[test]
fn anything_else_is_replaced() {
    check("[1, 2]", "[3]", "[ 3 ]");
    check("[{name: x, p: 1}]", "[{p: 2}]", r#"[ { "p": 2 } ]"#);
    check(
        "[{name: x, p: 1}]",
        "[{name: x, q: 1}, {name: x, q: 2}]",
        r#"[ { "name": "x", "q": 1 }, { "name": "x", "q": 2 } ]"#,
    );
    check("a: {b: 1}", "a: [2]", r#"{ "a": [ 2 ] }"#);
    check("a: [1]", "a: {b: 1}", r#"{ "a": { "b": 1 } }"#);
    check("a: 1", "[]", "[]");
}

#[test]
fn null_takes_a_key_away() {
    check("a: 1\nb: 2", "a: ~", r#"{ "b": 2 }"#);
    check("a: 1", "a:\nnew: {x: null, y: 1}", r#"{ "new": { "y": 1 } }"#);
    check("a: 1", "a: \"null\"", r#"{ "a": "null" }"#);
    check("a: ~", "b: 1", r#"{ "a": null, "b": 1 }"#);
}

#[test]
fn an_empty_patch_changes_nothing() {
    for patch in ["", "~", "{}"] {
        check("a: 1", patch, r#"{ "a": 1 }"#);
    }
}

#[test]
fn scalars_keep_their_type() {
    check(
        "[443, \"443\", no, 'true', true, 0x1F, .inf, +1, 10.0.0.0/16, \"\", 2024-01-01]",
        "",
        r#"[ 443, "443", "no", "true", true, 0x1F, .inf, +1, "10.0.0.0/16", "", "2024-01-01" ]"#,
    );
    check("[!!str 443, !!int \"443\", !!float 3]", "", r#"[ "443", 443, !!float "3" ]"#);
    check("\"a\\\"\\\\\\n\\t\\e\\u2028é\"", "", "\"a\\\"\\\\\\n\\t\\u001b\\u2028é\"");
}

#[test]
fn aliases_and_merge_keys_are_written_out() {
    check("a: &a {x: 1}\nb: {<<: *a, y: *a}", "b: {x: 2}", r#"{ "a": { "x": 1 }, "b": { "x": 2, "y": { "x": 1 } } }"#);
}

#[test]
fn long_keys_can_be_read_again() {
    let key = "k".repeat(3000);
    let merged = merge(&document(&format!("? {key}\n: 1\n")), &document("b: 2"));
    assert!(document(&merged).root().get(&key).is_some());
}
