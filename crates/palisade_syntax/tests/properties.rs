//! What holds for every text: nothing panics, nothing is lost, every place lies in the file, and a mistake stays where
//! it was made.

#![allow(clippy::indexing_slicing, reason = "a test that fails here has failed")]

mod support;

use std::ops::Range;

use palisade_syntax::ast::Item;
use palisade_syntax::{ParsedFile, parse};
use proptest::prelude::*;
use support::{every_construct, library, show};

/// Every place that a parsed file names lies in the text, on the boundaries of characters.
fn assert_places(text: &str, file: &ParsedFile) {
    let places = file.items.iter().flat_map(|item| item.spans.ranges.iter());
    let related = file.errors.iter().flat_map(|error| error.related.iter().map(|(range, _)| range));
    let errors = file.errors.iter().map(|error| &error.range);
    for range in places.chain(errors).chain(related) {
        let range = Range::<usize>::from(*range);
        assert!(text.get(range.clone()).is_some(), "{range:?} of {}", text.len());
    }
    let in_order = file.errors.is_sorted_by_key(|error| error.range.start());
    assert!(in_order, "{}", show(text, file));
}

fn assert_no_defect(text: &str, file: &ParsedFile) {
    let defect = file.errors.iter().any(|error| error.code == "syntax-internal");
    assert!(!defect, "{}", show(text, file));
}

fn check(text: &str) -> ParsedFile {
    let file = parse(text);
    assert_places(text, &file);
    assert_no_defect(text, &file);
    file
}

fn items(file: &ParsedFile) -> Vec<&Item> {
    file.items.iter().map(|parsed| &parsed.item).collect()
}

/// The lines of the item that holds a line: from after the item before to before the item after, seen from column 0.
fn item_around(lines: &[&str], at: usize) -> Range<usize> {
    let heads: Vec<usize> =
        (0..lines.len()).filter(|i| lines[*i].starts_with(|c: char| c.is_ascii_alphabetic())).collect();
    let doc = |line: &str| line.starts_with("///");
    let first_doc = |head: usize| {
        let above = lines[..head].iter().rev().take_while(|line| doc(line)).count();
        head - above
    };
    let next = heads.partition_point(|head| first_doc(*head) <= at);
    let start = next.checked_sub(1).map_or(0, |i| first_doc(heads[i]));
    let end = heads.get(next).map_or(lines.len(), |head| first_doc(*head));
    start..end
}

/// Deletes each of these lines in turn: every error then lies in the item that lost it.
fn assert_damage_stays(name: &str, text: &str, deleted: impl IntoIterator<Item = usize>) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for deleted in deleted {
        let damaged = [lines[..deleted].concat(), lines[deleted + 1..].concat()].concat();
        let item = item_around(&lines, deleted);
        let file = check(&damaged);
        for error in &file.errors {
            let line = support::line_of(&damaged, error) - 1;
            let line = if line >= deleted { line + 1 } else { line };
            assert!(item.contains(&line), "{name}: without line {}\n{}", deleted + 1, show(&damaged, &file));
        }
    }
}

#[test]
fn deleting_any_line_of_the_examples_leaves_the_other_items_without_error() {
    let text = every_construct();
    assert_damage_stays("examples", &text, 0..text.lines().count());
}

#[test]
fn deleting_a_line_of_the_library_leaves_the_other_items_without_error() {
    for (path, text) in library() {
        let some = (0..text.lines().count()).step_by(47);
        assert_damage_stays(&path.display().to_string(), &text, some);
    }
}

/// The item that loses a line is read together with the item before and after it: the file is cut at column 0, so that no
/// other can notice. The test above holds that for whole files.
#[test]
fn deleting_any_line_of_the_library_leaves_its_neighbours_without_error() {
    let mut deleted = 0;
    for (path, text) in library() {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut at = 0;
        while at < lines.len() {
            let item = item_around(&lines, at);
            let before = item_around(&lines, item.start.saturating_sub(1)).start;
            let after = lines.get(item.end).map_or(item.end, |_| item_around(&lines, item.end).end);
            let name = format!("{}, from line {}", path.display(), before + 1);
            let part = lines[before..after].concat();
            let own = item.start - before..item.end - before;
            deleted += own.len();
            assert_damage_stays(&name, &part, own);
            at = item.end;
        }
    }
    assert!(deleted > 10_000, "only {deleted} lines were deleted");
}

#[test]
fn deleting_any_character_of_an_example_is_survived() {
    for (_, text) in support::grammar_examples() {
        for (at, c) in text.char_indices() {
            check(&[&text[..at], &text[at + c.len_utf8()..]].concat());
        }
    }
}

#[test]
fn cutting_the_examples_anywhere_is_survived() {
    let text = every_construct();
    for (at, _) in text.char_indices().step_by(29) {
        check(&text[..at]);
        check(&text[at..]);
    }
}

#[test]
fn layout_and_comments_leave_every_item_equal() {
    for (path, text) in library() {
        if text.contains("\"\"\"") {
            continue;
        }
        let plain = parse(&text);
        let changed: Vec<String> = text
            .lines()
            .map(|line| {
                let code = !line.trim_start().starts_with("//");
                let comment = if code { "   // said here\n\n  // and below\n" } else { "\n" };
                [line, comment].concat()
            })
            .collect();
        let changed = changed.concat();
        let commented = parse(&changed);
        assert!(commented.errors.is_empty(), "{}\n{}", path.display(), show(&changed, &commented));
        assert_eq!(items(&plain), items(&commented), "{}", path.display());
    }
}

#[test]
fn windows_line_ends_change_nothing_but_raw_texts() {
    for (_, text) in library().into_iter().filter(|(_, text)| !text.contains("\"\"\"")) {
        let changed = text.replace('\n', "\r\n");
        assert_eq!(items(&parse(&text)), items(&check(&changed)));
    }
}

#[test]
fn nodes_are_numbered_once_each_and_lie_within_their_item() {
    for (_, text) in library() {
        for parsed in parse(&text).items {
            let whole = parsed.spans.range(parsed.item.id);
            assert!(parsed.spans.ranges.iter().all(|range| whole.contains_range(*range)));
        }
    }
}

/// Texts made of the words and signs of the language, in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = [
        "rule ",
        "r",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "  ",
        "\n  ",
        "require ",
        "when ",
        "needs ",
        "let ",
        "for x in xs ",
        "if ",
        "then ",
        "else ",
        "match ",
        "=> ",
        "= ",
        "== ",
        "and ",
        "or ",
        "not ",
        "is ",
        "in ",
        "none ",
        "all x in y: ",
        "\"",
        "\"\"\"",
        "\"a {b} c\"",
        "//",
        "///",
        "//! x\n",
        "outbound tcp 443 to ",
        "inbound ",
        "cites v1.a",
        ",",
        ";",
        ":",
        ".",
        ".{",
        "- ",
        "-",
        "?? ",
        "1",
        "10.0.0.0/8",
        "::1",
        "fe80::",
        "2024-07-26",
        "é",
        "\u{1F600}",
        "\r\n",
        "\t",
        "const c: Int = ",
        "traffic t() {\n",
        "test \"t\" {\n",
        "expect pass r on a.b",
        "given f with ",
        "source s {\n",
        "must a.b ",
        "section \"s\" {\n",
        "enum E { a, b }\n",
        "record R {\n",
        "f: Int?\n",
        "List<",
        ">",
        "import a.b\n",
        "}\n",
        "\u{feff}",
        "\\",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_row_of_words_and_signs_is_read(text in soup()) {
        check(&text);
    }

    #[test]
    fn an_item_reads_the_same_beside_any_broken_neighbour(noise in soup()) {
        let item = "\n\n/// Kept.\nrule kept(c: C) {\n  require c.a == 1\n}\n";
        let alone = parse(item);
        let file = check(&format!("{noise}{item}"));
        let kept = &alone.items[0].item;
        prop_assert!(file.items.iter().any(|parsed| parsed.item == *kept));
    }

    #[test]
    fn any_two_cuts_of_a_real_file_are_read((from, to) in (0usize..9_000, 0usize..9_000)) {
        let text = every_construct();
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let (from, to) = (boundary(from.min(to)), boundary(from.max(to)));
        check(&[&text[..from], &text[to..]].concat());
    }
}
