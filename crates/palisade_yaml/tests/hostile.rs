//! Texts meant to hurt: each is read or refused with one clear error, quickly and in little memory.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says with a panic that it failed"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use palisade_yaml::{Case, ErrorKind, NodeRef, Segment, Stream, comments, merge, parse};

/// Reads within a time that only something worse than linear could exceed, even without optimisation.
fn quickly(text: &str) -> Stream {
    let start = Instant::now();
    let stream = parse(text);
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?} for {} bytes", start.elapsed(), text.len());
    stream
}

fn kinds(text: &str) -> Vec<ErrorKind> {
    quickly(text).errors.iter().map(|error| error.kind).collect()
}

fn count(node: NodeRef<'_>) -> usize {
    let items: usize = node.items().map(count).sum();
    let entries: usize = node.entries().map(|entry| 1 + count(entry.value)).sum();
    1 + items + entries
}

/// `levels` anchors, each nine times the one before.
fn bomb(levels: usize, item: &str, around: (&str, &str)) -> String {
    let mut text = format!("l0: &l0 {item}\n");
    for level in 1..=levels {
        let uses = vec![format!("*l{}", level - 1); 9].join(", ");
        let _ = writeln!(text, "l{level}: &l{level} {}{uses}{}", around.0, around.1);
    }
    text
}

#[test]
fn an_alias_bomb_is_refused_and_stays_small() {
    let stream = quickly(&bomb(9, "[lol]", ("[", "]")));
    assert_eq!(stream.errors.iter().map(|error| error.kind).collect::<Vec<_>>(), [ErrorKind::AliasExpansion]);
    assert!(stream.documents[0].node_count() < 200);
    assert!(count(stream.documents[0].root()) < 3_000_000);
}

#[test]
fn a_bomb_of_merge_keys_is_refused_too() {
    let stream = quickly(&bomb(9, "{a: 1}", ("{<<: [", "]}")));
    assert_eq!(stream.errors.iter().map(|error| error.kind).collect::<Vec<_>>(), [ErrorKind::AliasExpansion]);
    assert!(count(stream.documents[0].root()) < 1000);
}

#[test]
fn what_aliases_may_stand_for_has_a_limit_of_its_own() {
    assert_eq!(kinds(&bomb(5, "[lol]", ("[", "]"))), []);
}

#[test]
fn depth_through_aliases_counts() {
    let nest = |inner: &str| format!("{}{inner}{}", "[".repeat(60), "]".repeat(60));
    let text = format!("- &a {}\n- &b {}\n- {}\n", nest("1"), nest("*a"), nest("*b"));
    assert_eq!(kinds(&text), [ErrorKind::Limit]);
    let text = format!("- &a {}\n- {}\n", nest("1"), nest("*a"));
    assert_eq!(kinds(&text), []);
}

#[test]
fn nesting_has_a_limit() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        assert_eq!(kinds(&(open.repeat(100_000) + &close.repeat(100_000))), [ErrorKind::Limit], "{open}");
    }
    assert_eq!(kinds(&("[".repeat(128) + &"]".repeat(128))), []);
    assert_eq!(kinds(&("[".repeat(129) + &"]".repeat(129))), [ErrorKind::Limit]);
    assert_eq!(kinds(&("- ".repeat(100) + &"[".repeat(28) + &"]".repeat(28))), []);
    assert_eq!(kinds(&("- ".repeat(100) + &"[".repeat(29) + &"]".repeat(29) + "\n---\na: 1\n")), [ErrorKind::Limit]);
}

#[test]
fn long_lines_and_many_of_anything_are_read() {
    assert_eq!(kinds(&format!("a: {}", "x".repeat(1 << 20))), []);
    assert_eq!(kinds(&format!("a: {}", "x ".repeat(1 << 19))), []);
    assert_eq!(kinds(&format!("a: \"{}\"", "\\n".repeat(1 << 19))), []);
    assert_eq!(kinds(&format!("[{}]", "1,".repeat(1 << 19))), []);
    assert_eq!(kinds(&"\n".repeat(1 << 20)), []);
    assert_eq!(kinds(&format!("a: |\n{}", "  x\n\n".repeat(1 << 18))), []);
    assert_eq!(kinds(&"- |\n- >\n-\n- \"\"\n".repeat(1 << 16)), []);
    assert_eq!(kinds(&format!("{}a: 1\n", "# comment\n".repeat(1 << 17))), []);
    assert_eq!(kinds(&format!("- &a {}\n", "\n- &a x\n- *a".repeat(1 << 16))), []);
}

#[test]
fn the_arena_costs_less_than_twice_the_text() {
    let rule = "- name: allow-azure-ml\n  priority: 110\n  source: AzureMachineLearning\n  destination_ports: [443, \"8787\"]\n";
    let stream = quickly(&rule.repeat(10_000));
    assert_eq!(stream.errors, []);
    assert!(stream.documents[0].heap_size() < 2 * stream.documents[0].text().len());
}

#[test]
fn what_is_never_closed_is_found_at_its_start() {
    for open in ["\"", "'", "[", "{"] {
        let stream = quickly(&format!("a: {open}{}", "x\n ".repeat(1 << 18)));
        assert_eq!(stream.errors.len(), 1, "{open}");
        assert_eq!(stream.errors[0].kind, ErrorKind::Syntax);
    }
}

#[test]
fn endless_errors_end() {
    for text in [
        "- *no\n".repeat(100_000),
        "- !no x\n".repeat(100_000),
        "--- [\n".repeat(5_000),
        "a: 1\n".repeat(100_000),
        "\0".repeat(1 << 20),
        "\u{7f}\u{9b}".repeat(1 << 18),
    ] {
        let stream = quickly(&text);
        assert!(!stream.errors.is_empty() && stream.errors.len() <= 201, "{}", stream.errors.len());
        assert!(stream.documents.iter().all(|document| !document.is_sound()));
    }
    let last = quickly(&"- *no\n".repeat(1000)).errors.pop().unwrap();
    assert_eq!((last.kind, last.message.as_str()), (ErrorKind::Limit, "800 more errors are not listed"));
}

#[test]
fn too_many_documents_are_refused() {
    let stream = quickly(&"---\n".repeat(1_000_000));
    assert_eq!(stream.documents.len(), 10_000);
    assert_eq!(stream.errors.len(), 1);
    assert_eq!(stream.errors[0].message, "more than the 10000 documents that are read in one stream");
}

#[test]
fn repeated_indicators_are_refused_in_linear_time() {
    for piece in [
        ": ",
        "? ",
        "- ",
        "!",
        "&",
        "*",
        "%",
        "%a\n",
        "|",
        ">",
        "`",
        "@",
        ",",
        "}",
        "]",
        "a: ",
        "&a ",
        "!!str ",
        "\t",
        "\r",
        "...\n",
        "--- ",
        "<<: ",
        "\"\" ",
        "{}",
        "[]",
        "[a]: ",
        "\u{feff}",
        "\"\\u\"",
        "- - \n",
        "a:\n b:\n",
    ] {
        let text = piece.repeat(100_000);
        quickly(&text);
        assert!(comments(&text).len() <= 100_000);
    }
}

#[test]
fn large_mappings_are_checked_and_searched_in_linear_time() {
    let mut text = String::new();
    for number in 0..100_000 {
        let _ = writeln!(text, "key-{number}: {{}}");
    }
    let stream = quickly(&text);
    assert_eq!(stream.errors, []);
    let start = Instant::now();
    for number in 0..100_000 {
        let key = format!("KEY-{number}");
        assert!(stream.documents[0].locate(&[Segment::Key(&key)], Case::Ignore).is_some());
    }
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn broken_documents_can_still_be_walked_and_merged() {
    let stream = quickly("a: &a {b: *a, <<: 1}\n[x]: {c: *no}\nd: [");
    let document = &stream.documents[0];
    assert!(!document.is_sound());
    assert!(count(document.root()) > 3);
    assert!(!merge(document, document).is_empty());
}
