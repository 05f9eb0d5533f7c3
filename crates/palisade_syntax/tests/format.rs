//! The layout that the formatter gives, and what it never changes.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that fails here has failed")]

mod support;

use std::fmt::Write;

use palisade_syntax::ast::Item;
use palisade_syntax::{format, parse};
use proptest::prelude::*;
use support::tokens::{Piece, comments, letters, pieces};
use support::{every_construct, library};

fn items(text: &str) -> Vec<Item> {
    let file = parse(text);
    assert!(file.errors.is_empty(), "{}\n{text}", support::show(text, &file));
    file.items.into_iter().map(|parsed| parsed.item).collect()
}

/// Shows where two texts begin to differ.
fn assert_same_lines(one: &str, other: &str) {
    let differ = one.lines().zip(other.lines()).position(|(one, other)| one != other);
    let around = |text: &str, at: usize| text.lines().skip(at.saturating_sub(3)).take(8).collect::<Vec<_>>().join("\n");
    let at = differ.unwrap_or_else(|| one.lines().count().min(other.lines().count()));
    assert!(one == other, "line {}:\n{}\n--- formatted again:\n{}", at + 1, around(one, at), around(other, at));
}

/// Formats, and holds the result against everything that must stay.
fn check(text: &str) -> String {
    let formatted = format(text).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
    let twice = format(&formatted).unwrap_or_else(|errors| panic!("{errors:?}\n{formatted}"));
    assert_same_lines(&formatted, &twice);
    assert_eq!(items(text), items(&formatted), "{text}");
    assert_eq!(parse(text).doc, parse(&formatted).doc);
    assert_eq!(comments(text), comments(&formatted), "{text}");
    assert_eq!(letters(text), letters(&formatted), "{text}");
    formatted
}

#[test]
fn the_library_and_all_examples_keep_everything_but_their_layout() {
    for (_, text) in library() {
        check(&text);
    }
    for (_, text) in support::grammar_examples() {
        check(&text);
    }
}

#[test]
fn windows_line_ends_stay() {
    for (_, text) in library().into_iter().filter(|(_, text)| !text.contains("\"\"\"")) {
        let formatted = check(&text.replace('\n', "\r\n"));
        assert_eq!(formatted, check(&text).replace('\n', "\r\n"));
    }
}

/// Each loose text becomes the neat one.
fn assert_layout(loose: &str, neat: &str) {
    assert_same_lines(&check(loose), neat);
    assert_same_lines(&check(neat), neat);
}

#[test]
fn a_line_that_fits_stays_and_one_that_does_not_breaks_at_its_loosest_place() {
    assert_layout(
        "fn f(a:Int,b : Int)->Bool=a==b  or not(a<b)and a in[1,2 , 3,]\n",
        "fn f(a: Int, b: Int) -> Bool = a == b or not (a < b) and a in [1, 2, 3]\n",
    );
    let long = "a_name_that_is_long.and_a_field_that_is_longer";
    assert_layout(
        &format!("fn f(a: A) -> Bool = {long} == 1 and {long} == 2 or {long} == 3\n"),
        &format!("fn f(a: A) -> Bool =\n  {long} == 1 and {long} == 2\n    or {long} == 3\n"),
    );
}

#[test]
fn what_the_author_broke_stays_broken() {
    assert_layout(
        "const m: Map<Region, Ip> = {\neastus: 10.0.0.4, westus: 10.0.0.5,\n}\n"
            .replace("\neastus", "\n eastus")
            .as_str(),
        "const m: Map<Region, Ip> = {\n  eastus: 10.0.0.4,\n  westus: 10.0.0.5\n}\n",
    );
    assert_layout(
        "fn f(a: Int) -> Int =\n if a == 1 then 2 else if a == 2\n  then 3\n   else 4\n",
        "fn f(a: Int) -> Int =\n  if a == 1 then 2\n  else if a == 2 then 3\n  else 4\n",
    );
    assert_layout(
        "fn f(a: A) -> Bool = all x in a.xs:\n x.b and x.c\n     and x.d\n",
        "fn f(a: A) -> Bool =\n  all x in a.xs:\n    x.b\n      and x.c\n      and x.d\n",
    );
}

#[test]
fn a_rule_has_a_clause_a_line_and_its_conditions_in_columns() {
    assert_layout(
        "rule r(c: C) { cites v1.a,v1.b severity error\n when c.a\n needs c.b\n let x=c.c\n\n\n when x require c.d\n  else \"no\" help \"do\" }\n",
        "rule r(c: C) {\n  cites v1.a, v1.b\n  severity error\n  when  c.a\n  needs c.b\n  let   x = c.c\n\n  when x\n  require c.d\n    else \"no\"\n  help \"do\"\n}\n",
    );
    let id = "a_source.with.a_statement.of_a_long_name_that_fills_the_line";
    assert_layout(
        &format!("rule r(c: C) {{\n  cites {id}, {id}, {id}\n  require c.a\n}}\n"),
        &format!("rule r(c: C) {{\n  cites {id},\n        {id},\n        {id}\n  require c.a\n}}\n"),
    );
}

#[test]
fn a_traffic_table_has_columns() {
    assert_layout(
        "traffic t() { outbound tcp 443,8787 to Storage, \"a.b\" cites v1.a ; outbound udp 1 to * cites v1.b\n\n\n inbound icmp from * }\n",
        "traffic t() {\n  outbound tcp 443, 8787 to Storage, \"a.b\" cites v1.a\n  outbound udp 1         to *              cites v1.b\n\n  inbound icmp from *\n}\n",
    );
    let id = "a_source.with.a_statement.of_a_long_name_that_fills_the_line_and_then_some_more_of_it";
    assert_layout(
        &format!("traffic t() {{\n  outbound tcp 1 to A cites {id}, {id}\n  outbound tcp 22 to A\n}}\n"),
        &format!(
            "traffic t() {{\n  outbound tcp 1  to A\n    cites {id},\n          {id}\n  outbound tcp 22 to A\n}}\n"
        ),
    );
    assert_layout(
        "rule r(s: S) {\n  forbid s permits {outbound tcp 1 to A;outbound tcp 22 to B;}\n}\n",
        "rule r(s: S) {\n  forbid s permits { outbound tcp 1 to A; outbound tcp 22 to B }\n}\n",
    );
}

#[test]
fn declarations_have_a_member_a_line_unless_they_were_written_on_one() {
    assert_layout("enum E{a,b{c:Ip},}\n", "enum E { a, b { c: Ip } }\n");
    assert_layout(
        "record R {\n  a: Int, b: ref A|B or none=none,\n  /// C.\n  c: List<T>?\n}\n",
        "record R {\n  a: Int\n  b: ref A | B or none = none\n  /// C.\n  c: List<T>?\n}\n",
    );
    assert_layout(
        "hosts within A.{r}(r: Region) {\n  \"a\";\n  \"b\"}\n",
        "hosts within A.{r} (r: Region) {\n  \"a\"\n  \"b\"\n}\n",
    );
    assert_layout("record R {\n}\n", "record R {}\n");
}

#[test]
fn items_stand_apart_and_short_ones_as_their_author_likes() {
    assert_layout(
        "import a\nimport b\nconst a: Int = 1\nconst b: Int = 2\n\n\n\nconst c: Int = 3\n/// D.\nconst d: Int = 4\nenum E {\n  a }\n// end\n\n\n",
        "import a\nimport b\n\nconst a: Int = 1\nconst b: Int = 2\n\nconst c: Int = 3\n\n/// D.\nconst d: Int = 4\n\nenum E {\n  a\n}\n// end\n",
    );
}

#[test]
fn comments_keep_their_place() {
    assert_layout(
        "//! Module.\n\n// alone\n\n/// R.\nrule r(c: C) { // head\n\n   // before\n   when c.a // beside\n    // between\n\n\n   require c.b and // middle\n  c.c\n  // last\n}  // behind\n",
        "//! Module.\n\n// alone\n\n/// R.\nrule r(c: C) {  // head\n  // before\n  when c.a  // beside\n  // between\n\n  require c.b\n    and  // middle\n      c.c\n  // last\n}  // behind\n",
    );
    assert_layout(
        "const a: List<Int> = [1, // one\n  2 // two\n  ,\n  // three\n  3,\n  // end\n  ]\n",
        "const a: List<Int> = [\n  1,  // one\n  2,  // two\n  // three\n  3\n  // end\n]\n",
    );
}

#[test]
fn raw_texts_stay_to_the_letter() {
    let fixture = "fixture f \"\"\"\n      a:   1   # x\n\n\n\t  b: 2\n\"\"\"\n";
    assert_layout(
        &format!("{fixture}test   \"t\" {{ given   f expect pass r on a.b at c.d }}\n"),
        &format!("{fixture}\ntest \"t\" {{\n  given f\n  expect pass r on a.b\n    at c.d\n}}\n"),
    );
}

#[test]
fn a_file_with_mistakes_is_not_laid_out() {
    let errors = format("const a:Int=1\nrule r(c: C) { require }\n").unwrap_err();
    assert_eq!(errors[0].code, "syntax-expected");
}

#[test]
fn an_empty_file_stays_empty_and_one_of_comments_keeps_them() {
    assert_layout("\n  \n", "");
    assert_layout("\n\n//! M.\n\n\n// c", "//! M.\n\n// c\n");
}

#[test]
fn what_nests_as_deep_as_may_be_is_laid_out_quickly() {
    let deep = |open: &str, close: &str| format!("const a: Int = {}1{}\n", open.repeat(60), close.repeat(60));
    let nested = format!("const a: Traffic = {}{{}}{}\n", "{ outbound tcp 1 to (".repeat(30), ") }".repeat(30));
    for text in
        [deep("(", ")"), deep("[", "]"), deep("if a then ", " else 2"), deep("f(1, ", ")"), deep("{ a: ", " }"), nested]
    {
        check(&text);
    }
}

/// A file with other white space between its tokens, and with comments where there were none.
///
/// Two tokens stay on two lines, or apart, where they were; documentation stays directly before what it documents.
fn disturbed(text: &str, choices: &[u8], comments: bool) -> String {
    let pieces = pieces(text);
    let mut out = String::new();
    let mut choices = choices.iter().copied().cycle();
    for (i, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Token(text) | Piece::Comment(text) => out.push_str(text),
            Piece::Blank(blank) if keeps_its_place(&pieces, i) => out.push_str(blank),
            Piece::Blank(blank) => {
                let number = out.len();
                match choices.next().unwrap_or(0) {
                    0 => out.push_str("\n      "),
                    1 if comments => write!(out, " // c{number}\n  ").unwrap(),
                    2 if comments => write!(out, "\n // c{number}\n\n   //d{number}\n    ").unwrap(),
                    3 if comments => write!(out, "\n\n\n         // c{number}\n\n\n  ").unwrap(),
                    4 => out.push_str("\n\n\n "),
                    _ if blank.contains('\n') => out.push_str("\n   "),
                    5 => out.push_str("\t \t"),
                    _ => out.push(' '),
                }
                // A closer stands no deeper than the line of its opener.
                if pieces.get(i + 1).is_some_and(|next| matches!(next, Piece::Token("}"))) && out.ends_with(' ') {
                    out.truncate(
                        out.trim_end_matches(' ').len() + usize::from(!out.trim_end_matches(' ').ends_with('\n')),
                    );
                }
            }
        }
    }
    out
}

/// White space at the edge of the file, beside a comment, or before column 0 is left alone.
fn keeps_its_place(pieces: &[Piece<'_>], at: usize) -> bool {
    let Piece::Blank(blank) = pieces[at] else {
        return true;
    };
    let beside = [at.checked_sub(1).and_then(|i| pieces.get(i)), pieces.get(at + 1)];
    blank.ends_with('\n') || beside.iter().any(|piece| !matches!(piece, Some(Piece::Token(_))))
}

fn texts() -> impl Strategy<Value = String> {
    let mut texts: Vec<String> = support::grammar_examples().into_iter().map(|(_, text)| text).collect();
    texts.push(every_construct());
    let short = |(_, text): (std::path::PathBuf, String)| (text.len() < 3_000).then_some(text);
    texts.extend(library().into_iter().filter_map(short));
    prop::sample::select(texts)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_layout_with_comments_anywhere_keeps_everything(text in texts(), choices in prop::collection::vec(0u8..12, 1..300)) {
        check(&disturbed(&text, &choices, true));
    }

    #[test]
    fn few_comments_in_an_otherwise_plain_file_keep_their_place(text in texts(), choices in prop::collection::vec(0u8..120, 1..900)) {
        check(&disturbed(&text, &choices, true));
    }

    #[test]
    fn spaces_within_a_line_change_nothing(text in texts(), choices in prop::collection::vec(0usize..6, 1..300)) {
        let mut choices = choices.into_iter().cycle();
        let spaced: String = pieces(&text).into_iter().map(|piece| match piece {
            Piece::Blank(blank) if !blank.contains('\n') => " ".repeat(1 + choices.next().unwrap_or(0)),
            Piece::Token(text) | Piece::Comment(text) | Piece::Blank(text) => text.to_owned(),
        }).collect();
        prop_assert_eq!(check(&spaced), check(&text));
    }
}
