//! Deep, long and huge input: read quickly or refused clearly, on the stack of an ordinary thread.

mod support;

use std::time::{Duration, Instant};

use palisade_syntax::ast::{ExprKind, ItemKind};
use palisade_syntax::limits::{MAX_ERRORS, MAX_FILE_BYTES, MAX_ITEMS, MAX_NESTING};
use palisade_syntax::{ParsedFile, parse};
use support::show;

/// Reads a text within a time that is generous for linear work in a debug build, and far too short for anything worse.
fn parse_within(seconds: u64, text: &str) -> ParsedFile {
    let start = Instant::now();
    let file = parse(text);
    let taken = start.elapsed();
    assert!(taken < Duration::from_secs(seconds), "{} bytes took {taken:?}", text.len());
    file
}

fn constant(value: &str) -> String {
    format!("const deep: Bool = {value}\n")
}

fn nested(open: &str, core: &str, close: &str, depth: usize) -> String {
    [&open.repeat(depth), core, &close.repeat(depth)].concat()
}

/// Every construct that can hold itself: what opens it, what closes it, and how many levels that is.
const NESTING: &[(&str, &str, usize)] = &[
    ("(", ")", 1),
    ("[", "]", 1),
    ("{ a: ", " }", 1),
    ("f(", ")", 1),
    ("m[", "]", 1),
    ("Storage.{", "}", 1),
    ("1 + (", ")", 1),
    ("not (", ")", 1),
    ("-(", ")", 1),
    ("(a ?? (", "))", 2),
    ("if a then b else ", "", 1),
    ("if ", " then b else c", 1),
    ("if a then ", " else c", 1),
    ("match e { a => ", " }", 1),
    ("match ", " { a => b }", 1),
    ("all x in xs: ", "", 1),
    ("any x in (", "): p", 2),
    ("[y for x in ", "]", 1),
    ("[x for x in xs if ", "]", 2),
    ("{ outbound tcp 443 to (", ") }", 2),
    ("s permits { inbound tcp 1 from Storage.{", "} }", 2),
];

#[test]
fn every_construct_is_read_up_to_the_limit_and_quickly() {
    for (open, close, levels) in NESTING {
        let text = constant(&nested(open, "x", close, (MAX_NESTING - 4) / levels));
        let file = parse_within(5, &text);
        assert!(file.errors.is_empty(), "`{open}`\n{}", show(&text, &file));
    }
}

#[test]
fn every_construct_is_refused_beyond_the_limit() {
    for (open, close, _) in NESTING {
        for depth in [MAX_NESTING + 1, 10_000] {
            let text = constant(&nested(open, "x", close, depth));
            let file = parse_within(10, &text);
            let codes: Vec<&str> = file.errors.iter().map(|error| error.code).collect();
            assert_eq!(codes, ["syntax-too-deep"], "`{open}` × {depth}");
            assert_eq!(file.items[0].item.kind, ItemKind::Error);
        }
    }
}

#[test]
fn types_are_read_and_refused_alike() {
    for (open, close) in [("List<", ">"), ("Map<Text, ", ">")] {
        let typed = |depth| format!("record Deep {{ f: {} }}\n", nested(open, "Int", close, depth));
        assert!(parse_within(5, &typed(MAX_NESTING - 4)).errors.is_empty());
        assert_eq!(parse_within(5, &typed(10_000)).errors[0].code, "syntax-too-deep");
    }
}

#[test]
fn for_blocks_are_read_and_refused_alike() {
    let rule = |depth| {
        let body = nested("for x in xs { ", "require x", " }", depth);
        format!("rule r(c: C) {{ {body} }}\n")
    };
    assert!(parse_within(5, &rule(MAX_NESTING - 4)).errors.is_empty());
    assert_eq!(parse_within(5, &rule(10_000)).errors[0].code, "syntax-too-deep");
}

#[test]
fn interpolations_are_refused_alike() {
    let told = |depth| constant(&format!("\"{{{}}}\"", nested("(", "x", ")", depth)));
    assert!(parse_within(5, &told(MAX_NESTING - 4)).errors.is_empty());
    assert_eq!(parse_within(5, &told(10_000)).errors.len(), 1);
}

#[test]
fn unclosed_brackets_are_refused() {
    let file = parse_within(10, &constant(&"(".repeat(100_000)));
    assert_eq!(file.errors[0].code, "syntax-too-deep");
    let file = parse_within(10, &constant(&")".repeat(100_000)));
    assert_eq!(file.errors.len(), 1);
}

#[test]
fn prefixes_without_end_are_errors() {
    for prefix in ["not ", "-", "- ", "if ", "match ", "all x in ", "every ", "not -"] {
        let file = parse_within(10, &constant(&prefix.repeat(10_000)));
        assert!(!file.errors.is_empty(), "`{prefix}`");
    }
}

#[test]
fn chains_are_flat() {
    let operands = 10_000;
    for operator in [" + ", " - ", " ?? ", " and ", " or "] {
        let text = constant(&vec!["a"; operands].join(operator));
        let file = parse_within(10, &text);
        assert!(file.errors.is_empty(), "`{operator}`");
        let ItemKind::Const(constant) = &file.items[0].item.kind else {
            panic!("not a constant");
        };
        let found = match &constant.value.kind {
            ExprKind::Sum { rest, .. } => rest.len() + 1,
            ExprKind::Coalesce(parts) | ExprKind::Logic(_, parts) => parts.len(),
            other => panic!("not a chain: {other:?}"),
        };
        assert_eq!(found, operands);
    }
}

#[test]
fn links_have_a_limit() {
    for link in [".a", "[0]", "(x)"] {
        let file = parse_within(10, &constant(&format!("a{}", link.repeat(10_000))));
        assert!(!file.errors.is_empty(), "`{link}`");
    }
}

#[test]
fn a_million_bytes_on_one_line_are_read() {
    let list = format!("const many: List<Int> = [{}]\n", vec!["12345"; 150_000].join(", "));
    assert!(list.len() > 1_000_000);
    assert!(parse_within(60, &list).errors.is_empty());
}

#[test]
fn a_long_broken_line_is_an_error_and_not_a_wait() {
    let clauses = "require a == b ".repeat(20_000);
    let text = format!("rule r(c: C) {{ {clauses} require = {clauses} }}\n");
    let file = parse_within(60, &text);
    assert_eq!(file.errors.len(), 1);
}

#[test]
fn many_broken_members_are_errors_and_not_a_wait() {
    let members = [
        ("record R {\n", "  /// x\n  x y\n"),
        ("record R {\n", "  x: y\n    /// x\n"),
        ("rule r(c: C) {\n", "  /// x\n  require =\n"),
        ("rule r(c: C) {\n", "  for x in y {\n  require\n"),
        ("traffic t() {\n", "  outbound\n"),
        ("test \"t\" {\n", "  expect \"\"\"\n"),
        ("enum E {\n", "  a b,, c {\n"),
        ("source s {\n", "  section \"a\" {\n must\n"),
    ];
    for (head, member) in members {
        let text = format!("{head}{}}}\n", member.repeat(3_000));
        let file = parse_within(20, &text);
        assert!(!file.errors.is_empty(), "{head}{member}");
    }
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let file = parse_within(5, &" ".repeat(MAX_FILE_BYTES + 1));
    assert_eq!(file.errors[0].code, "syntax-limit");
    assert!(parse_within(5, &" ".repeat(MAX_FILE_BYTES)).errors.is_empty());
}

#[test]
fn too_many_items_are_refused_and_the_first_are_read() {
    let file = parse_within(60, &"import a\n".repeat(MAX_ITEMS + 1));
    assert_eq!(file.items.len(), MAX_ITEMS);
    assert_eq!(file.errors.len(), 1);
    assert_eq!(file.errors[0].code, "syntax-limit");
}

#[test]
fn errors_beyond_the_limit_are_counted() {
    let file = parse_within(60, &"nonsense\n".repeat(MAX_ERRORS + 1));
    assert_eq!(file.errors.len(), MAX_ERRORS);
    assert!(file.errors[MAX_ERRORS - 1].message.contains("1001 errors"));
}
