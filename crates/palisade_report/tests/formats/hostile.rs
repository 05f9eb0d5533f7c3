//! Text that is meant to harm: control characters, invisible characters, huge files, spans that fit nothing.

use palisade_source::report::CheckReport;
use palisade_source::{TextRange, TextSize};
use proptest::prelude::*;

use crate::sample::{self, concise, full, json, report_with};

const HOSTILE: &str = "a\u{1b}[2Jb\nerror[x]: fake\r\nc\u{2028}d\te\u{200b}f\u{202e}g🦀\u{7f}h\u{9b}31m%`\"<&]::;";

fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(TextSize::new(u32::try_from(start).unwrap()), TextSize::new(u32::try_from(end).unwrap()))
}

/// A report with hostile text wherever a user's text can be.
fn hostile_report() -> CheckReport {
    let mut report = sample::check_report();
    let text = |field: &mut String| field.push_str(HOSTILE);
    report.packs.push(HOSTILE.to_owned());
    let environment = &mut report.environments[0];
    text(&mut environment.name);
    environment.notes.push(HOSTILE.to_owned());
    for finding in &mut environment.findings {
        for field in [&mut finding.rule, &mut finding.message, &mut finding.resource, &mut finding.location.pointer] {
            text(field);
        }
        finding.notes.push(HOSTILE.to_owned());
        finding.help = Some(HOSTILE.to_owned());
        finding.flows.iter_mut().for_each(|flow| text(&mut flow.flow));
        finding.cites.iter_mut().for_each(|cite| text(&mut cite.statement));
    }
    let mut fault = sample::unknown_key();
    text(&mut fault.message);
    fault.label = Some(HOSTILE.to_owned());
    environment.diagnostics.push(fault);
    report
}

/// What no terminal may be sent, and no reader should miss.
fn harmless(text: &str) -> bool {
    !text.chars().any(|c| (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{200b}' | '\u{202e}'))
}

#[test]
fn hostile_text_is_shown_and_not_sent() {
    let report = hostile_report();
    for text in [full(&report), concise(&report)] {
        assert!(harmless(&text), "{text:?}");
        assert!(text.contains("\\u{1b}[2J"), "{text}");
        assert!(!text.lines().any(|line| line.starts_with("error[x]")), "{text}");
    }
}

#[test]
fn hostile_text_stays_on_its_line_of_concise() {
    let plain = concise(&sample::check_report()).lines().count();
    assert_eq!(concise(&hostile_report()).lines().count(), plain + 1, "one more diagnostic, no more lines");
}

#[test]
fn hostile_text_comes_back_unchanged_from_json() {
    let document: serde_json::Value = serde_json::from_str(&json(&hostile_report())).unwrap();
    let help = document["findings"][0]["help"].as_str();
    assert_eq!(help, Some(HOSTILE));
}

#[test]
fn a_source_line_with_escapes_is_shown_with_its_label_in_place() {
    let text = "ok: 1\nkey: \"a\u{1b}[31mb\"\t# c\u{2028}d\n";
    let report = report_with("a.yaml", text, sample::range_of(text, "# c"), "found");
    insta::assert_snapshot!(full(&report));
}

#[test]
fn wide_and_combining_characters_keep_the_label_under_the_text() {
    let text = "名前: 漢字🦀 é x: here\r\nnext: 1\r\n";
    let report = report_with("a.yaml", text, sample::range_of(text, "here"), "found");
    insta::assert_snapshot!(full(&report));
}

#[test]
fn a_line_of_a_million_characters_is_cut_around_its_labels() {
    let text = format!("{}TARGET{}", "é".repeat(500_000), "x".repeat(500_000));
    let report = report_with("one.json", &text, sample::range_of(&text, "TARGET"), "found");
    let drawn = full(&report);
    assert!(drawn.contains("one.json:1:500001"), "{}", drawn.len());
    assert!(drawn.contains("éTARGETx") && drawn.contains('…'), "{drawn}");
    assert!(drawn.len() < 2_000, "{}", drawn.len());
}

#[test]
fn a_span_of_a_whole_huge_line_is_cut() {
    let text = "x".repeat(1_000_000);
    let drawn = full(&report_with("one.json", &text, range(0, text.len()), "found"));
    assert!(drawn.len() < 2_000, "{}", drawn.len());
}

#[test]
fn a_huge_file_is_not_drawn_whole_and_keeps_its_line_numbers() {
    let mut text = "key: value of some length to make it big\n".repeat(1_300_000);
    text.push_str("last: TARGET\n");
    let mut report = report_with("big.yaml", &text, sample::range_of(&text, "TARGET"), "found");
    let one = report.diagnostics[0].clone();
    report.diagnostics = vec![one; 200];
    let started = std::time::Instant::now();
    let drawn = full(&report);
    assert!(drawn.contains(" 1300001 │ last: TARGET"), "{}", &drawn[..600]);
    assert!(drawn.len() < 100_000, "{}", drawn.len());
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_file_that_the_report_lacks_is_named() {
    let mut report = report_with("gone.yaml", "", range(0, 0), "found");
    report.texts.clear();
    assert!(full(&report).contains("--> gone.yaml"));
    assert!(concise(&report).starts_with("gone.yaml:1:1: error[test] found"));
}

#[test]
fn an_empty_file_has_a_place() {
    let drawn = full(&report_with("empty.yaml", "", range(0, 0), "found"));
    assert!(drawn.contains("empty.yaml:1:1"), "{drawn}");
}

fn pieces() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            Just("\n"), Just("\r\n"), Just("\r"), Just("\t"), Just("\u{1b}[0m"), Just("\u{2028}"), Just("\u{85}"),
            Just("\u{c}"), Just("é"), Just("🦀"), Just("\u{200d}"), Just("\u{301}"), Just("abc: d"), Just("漢"), Just("   "),
            Just("a line that is a good deal longer than the others, so that a few of them together are cut around the span, "),
        ],
        0..24,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_span_of_any_text_is_drawn_safely(
        text in pieces(),
        spans in proptest::collection::vec((0_u32..2_000, 0_u32..2_000), 1..5),
    ) {
        let mut report = report_with("a.yaml", &text, range(0, 0), HOSTILE);
        let span = |(a, b): (u32, u32)| TextRange::new(TextSize::new(a.min(b)), TextSize::new(a.max(b)));
        let place = |range| palisade_source::Span { path: "a.yaml".into(), range };
        let mut fault = report.diagnostics.remove(0);
        fault.span = Some(place(span(spans[0])));
        fault.related = spans[1..]
            .iter()
            .map(|one| palisade_source::Label { span: place(span(*one)), message: HOSTILE.to_owned() })
            .collect();
        report.diagnostics.push(fault);
        let drawn = full(&report);
        prop_assert!(harmless(&drawn), "{:?}", drawn);
        let labels = drawn.matches("╰").count();
        prop_assert!(labels >= spans.len(), "{} labels for {:?} in\n{}", labels, spans, drawn);
    }
}
