//! Every span cut from the text is what a reader would point at.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says with a panic that it failed"
)]

use palisade_yaml::{Kind, NodeRef, TextRange, parse};

fn cut(text: &str, range: TextRange) -> &str {
    &text[usize::from(range.start())..usize::from(range.end())]
}

/// The texts of all spans, keys before values, outside in.
fn spans<'t>(text: &'t str, node: NodeRef<'_>) -> Vec<&'t str> {
    let mut found = vec![cut(text, node.span())];
    for item in node.items() {
        found.extend(spans(text, item));
    }
    for entry in node.entries() {
        found.push(cut(text, entry.key.span()));
        found.extend(spans(text, entry.value));
    }
    found
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let stream = parse(text);
    assert_eq!(stream.errors, []);
    assert_eq!(spans(text, stream.documents[0].root()), expected);
}

#[test]
fn block_collections_end_with_their_last_value() {
    check(
        "a: 1 # one\nb:\n  c: x y  # hi\n\n# comment\nd: 'q'\n\n",
        &["a: 1 # one\nb:\n  c: x y  # hi\n\n# comment\nd: 'q'", "a", "1", "b", "c: x y", "c", "x y", "d", "'q'"],
    );
}

#[test]
fn carriage_returns_bytes_and_a_byte_order_mark_count() {
    check(
        "\u{feff}ключ: \"é\"\r\nlist:\r\n  - ü\r\n  - |\r\n    x\r\n    y\r\n\r\nend: ~\r\n",
        &[
            "ключ: \"é\"\r\nlist:\r\n  - ü\r\n  - |\r\n    x\r\n    y\r\n\r\nend: ~",
            "ключ",
            "\"é\"",
            "list",
            "- ü\r\n  - |\r\n    x\r\n    y",
            "ü",
            "|\r\n    x\r\n    y",
            "end",
            "~",
        ],
    );
}

#[test]
fn lists_start_at_their_first_dash() {
    check("a:\n- 1\n- - 2\n  -\n", &["a:\n- 1\n- - 2\n  -", "a", "- 1\n- - 2\n  -", "1", "- 2\n  -", "2", ""]);
    check("a: # - no\n# - no\n- -1\n", &["a: # - no\n# - no\n- -1", "a", "- -1", "-1"]);
    check("a: &x !!seq\n- - 1\n", &["a: &x !!seq\n- - 1", "a", "- - 1", "- 1", "1"]);
    check("- a:\n  - b\n- c\n", &["- a:\n  - b\n- c", "a:\n  - b", "a", "- b", "b", "c"]);
}

#[test]
fn flow_collections_include_their_brackets() {
    check(
        "{ a: [1, {b: c}, d: e ], 'f' : }",
        &[
            "{ a: [1, {b: c}, d: e ], 'f' : }",
            "a",
            "[1, {b: c}, d: e ]",
            "1",
            "{b: c}",
            "b",
            "c",
            "d: e",
            "d",
            "e",
            "'f'",
            "",
        ],
    );
    check("{\"a\":1}", &["{\"a\":1}", "\"a\"", "1"]);
}

#[test]
fn block_scalars_start_at_their_header() {
    check(
        "a: &x |2-  # c\n   x\n\n  y\n\n\n# c\nb: >\n",
        &["a: &x |2-  # c\n   x\n\n  y\n\n\n# c\nb: >", "a", "|2-  # c\n   x\n\n  y", "b", ">"],
    );
    check("--- |\n  x\n", &["|\n  x"]);
    check("# c\n>+\n  x\n  \n", &[">+\n  x"]);
    check(
        "- - >\n    x\n  - |\n    y\n",
        &["- - >\n    x\n  - |\n    y", "- >\n    x\n  - |\n    y", ">\n    x", "|\n    y"],
    );
}

#[test]
fn values_left_out_stand_after_their_colon() {
    let text = "a:\nb: [x, ]\nc: {d, e: }\n";
    let stream = parse(text);
    let root = stream.documents[0].root();
    let places = |node: NodeRef<'_>| (node.kind(), u32::from(node.span().start()), node.span().is_empty());
    assert_eq!(places(root.get("a").unwrap()), (Kind::Null, 2, true));
    assert_eq!(places(root.get("c").unwrap().get("d").unwrap()), (Kind::Null, 17, true));
    assert_eq!(places(root.get("c").unwrap().get("e").unwrap()), (Kind::Null, 21, true));
}

#[test]
fn scalars_over_several_lines_are_one_span() {
    check(
        "a: x\n  y\n\n  z # c\nb: \"p\n   q\"\n",
        &["a: x\n  y\n\n  z # c\nb: \"p\n   q\"", "a", "x\n  y\n\n  z", "b", "\"p\n   q\""],
    );
}

#[test]
fn every_document_keeps_offsets_of_the_whole_text() {
    let text = "a: 1\n---\n---\nb: 2\n...\n";
    let stream = parse(text);
    assert_eq!(stream.errors, []);
    let found: Vec<_> = stream.documents.iter().map(|document| cut(text, document.root().span())).collect();
    assert_eq!(found, ["a: 1", "", "b: 2"]);
    let empty: Vec<_> = stream.documents.iter().map(palisade_yaml::Document::is_empty).collect();
    assert_eq!(empty, [false, true, false]);
}
