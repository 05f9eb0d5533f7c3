//! The JSON of a check, version 1: valid, and enough for a consumer that has the YAML and nothing else.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use palisade_tests::program::palisade;
use palisade_tests::report::{Finding, Location, Report};
use palisade_tests::workspace;
use palisade_yaml::{Case, Segment};

const EXAMPLE: &str = "tests/envs/contoso-ml-dev.yaml";

fn json() -> String {
    let run = palisade(["check", "--output", "json", EXAMPLE]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    run.stdout
}

#[test]
fn the_document_is_valid_against_its_schema() {
    let schema = workspace::file("docs/schema/check-report.schema.json").text;
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let document: serde_json::Value = serde_json::from_str(&json()).unwrap();
    assert_eq!(document["version"], 1);
    let errors: Vec<_> = validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn every_offset_cuts_the_text_that_its_pointer_names() {
    let report = Report::read(&json());
    assert!(!report.findings.is_empty());
    let text = workspace::file(EXAMPLE).text;
    let stream = palisade_yaml::parse(text.as_str());
    for location in report.findings.iter().flat_map(Finding::places) {
        assert_eq!(location.path, EXAMPLE);
        let cut = &text[location.start.offset..location.end.offset];
        let segments = segments(&location.pointer);
        let found = stream.documents[0]
            .locate(&segments, Case::Exact)
            .unwrap_or_else(|| panic!("{} names nothing", location.pointer));
        let key = found.key.map(|key| &text[key]);
        let value = &text[found.value];
        let both = found.key.map(|key| &text[key.cover(found.value)]);
        // An item of a list goes by its name, which is its key in all but spelling.
        let name = found.node.get("name").map(|name| &text[name.place()]);
        let named = name == Some(cut) || key == Some(cut) || value == cut || both == Some(cut);
        assert!(named, "{} names {key:?}: {value:?}, and the offsets cut {cut:?}", location.pointer);
    }
}

#[test]
fn every_line_and_column_is_that_of_its_offset() {
    let text = workspace::file(EXAMPLE).text;
    for finding in Report::read(&json()).findings {
        for Location { start, end, .. } in finding.places() {
            for place in [start, end] {
                let before = &text[..place.offset];
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
                assert_eq!((place.line, place.column), (line, column));
            }
        }
    }
}

#[test]
fn the_counts_are_those_of_the_findings() {
    let run = palisade(["check", "--all", "--output", "json", EXAMPLE]);
    let report = Report::read(&run.stdout);
    let violated: std::collections::BTreeSet<_> = report
        .findings
        .iter()
        .filter(|finding| finding.outcome == "violation")
        .map(|finding| (&finding.rule, &finding.resource))
        .collect();
    assert_eq!(report.summary.violation, violated.len());
    assert!(report.findings.iter().any(|finding| finding.outcome == "pass"));
}

#[test]
fn the_same_check_is_the_same_document() {
    assert_eq!(json(), json());
}

/// `a.b[0]."c.d"` as steps; the items of `rules` go by their names.
fn segments(pointer: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut rest = pointer;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let (segment, length) = if let Some(inner) = rest.strip_prefix('"') {
            let end = inner.find('"').expect("a closed quote");
            (Segment::Key(&inner[..end]), end + 2)
        } else if let Some(inner) = rest.strip_prefix('[') {
            let end = inner.find(']').expect("a closed bracket");
            (Segment::Index(inner[..end].parse().expect("a number")), end + 2)
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            (Segment::Key(&rest[..end]), end)
        };
        let in_list = matches!(segments.last(), Some(Segment::Key("rules" | "routes")));
        segments.push(match segment {
            Segment::Key(name) if in_list => Segment::Named(name),
            other => other,
        });
        rest = &rest[length..];
    }
    segments
}
