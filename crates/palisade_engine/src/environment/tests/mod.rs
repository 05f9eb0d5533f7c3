//! What an environment file may say, what is said about one that is wrong, and what runs again after an edit.

mod faults;
mod places;
mod properties;
mod queries;
pub(crate) mod schema;
mod values;

use std::fmt::Write;

use palisade_net::TagCatalogue;
use palisade_source::{LineIndex, Severity};
use palisade_yaml::Stream;

use super::{Fault, Loaded, Source, Spot, load};
use crate::data::Data;

const TAGS: &str = "
tags:
  - { name: AzureCloud, purpose: all, direction: both, features: [group], regional: { sets: [standard], features: [group] } }
  - { name: Storage, purpose: blobs, direction: both, features: [group, route], azure_cloud: partly,
      regional: { sets: [standard], features: [group] } }
  - { name: AzureMachineLearning, purpose: ml, direction: both, features: [group], azure_cloud: inside }
";
const REGIONS: &str = "regions: [{ name: eastus2, suffix: EastUS2 }, { name: westus2, suffix: WestUS2 }]";

fn catalogue() -> TagCatalogue {
    TagCatalogue::from_yaml(TAGS, REGIONS).unwrap()
}

/// Loads the texts of the environment's own file and of those that it includes.
fn load_texts(texts: &[&str]) -> Loaded {
    let streams: Vec<Stream> = texts.iter().map(|text| palisade_yaml::parse(*text)).collect();
    let sources: Vec<Source<'_>> = streams.iter().map(|stream| Source { stream, document: 0 }).collect();
    load(&sources, &schema::azure(), &catalogue())
}

/// Loads a text that must be right.
fn loaded(text: &str) -> Loaded {
    let loaded = load_texts(&[text]);
    let faults = loaded.faults();
    assert!(faults.is_empty(), "{}", render(&[text], &faults));
    loaded
}

/// The field of an entity or, for a place without a name in it, of the environment.
fn value(loaded: &Loaded, entity: &str, field: &str) -> Data {
    let schema = schema::azure();
    if entity.is_empty() {
        let at = schema.environment.iter().position(|f| f.name == field).unwrap();
        return loaded.top[at].clone();
    }
    let entity = loaded.entities.iter().find(|e| e.place.to_string() == entity).unwrap();
    let (at, _) = schema.record(entity.record).unwrap().field(field).unwrap();
    entity.body[at].clone()
}

/// The faults with the lines that they are about.
fn faults(texts: &[&str]) -> String {
    let faults = load_texts(texts).faults();
    assert!(!faults.is_empty(), "nothing is wrong");
    render(texts, &faults)
}

fn render(texts: &[&str], faults: &[Fault]) -> String {
    let mut out = String::new();
    for fault in faults {
        let grade = if fault.severity == Severity::Error { "error" } else { "warning" };
        writeln!(out, "{grade}[{}]: {}", fault.code, fault.message).unwrap();
        excerpt(&mut out, texts, fault.at, "");
        for (spot, word) in &fault.related {
            excerpt(&mut out, texts, *spot, word);
        }
        fault.notes.iter().for_each(|note| writeln!(out, "  note: {note}").unwrap());
        fault.help.iter().for_each(|help| writeln!(out, "  help: {help}").unwrap());
        out.push('\n');
    }
    out
}

fn excerpt(out: &mut String, texts: &[&str], spot: Spot, word: &str) {
    let text = texts[spot.source];
    let lines = LineIndex::new(text);
    let start = lines.line_column(text, spot.text_range().start());
    let line = &text[lines.line_range(text, start.line).unwrap()];
    let length = text[spot.text_range()].lines().next().unwrap_or("").chars().count().max(1);
    let file = if spot.source == 0 { String::new() } else { format!("file {} ", spot.source) };
    writeln!(out, "{file}{:>4} | {line}", start.line).unwrap();
    let indent = " ".repeat(file.len() + 7 + start.column as usize - 1);
    writeln!(out, "{}", format!("{indent}{} {word}", "^".repeat(length)).trim_end()).unwrap();
}
