//! The layout of policies changes nothing that a user is told.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::path::{Path, PathBuf};

use palisade_tests::program::{palisade, palisade_in};
use palisade_tests::workspace;
use serde_json::Value;

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// A copy of the library in which lines are indented otherwise and columns are gone.
///
/// Lines of raw texts stay: their layout is their meaning.
fn loose_library(to: &Path) {
    let root = workspace::root().join("policies");
    for path in files(&root) {
        let text = std::fs::read_to_string(&path).unwrap();
        let copy = to.join(path.strip_prefix(&root).unwrap());
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        let policy = path.extension().is_some_and(|extension| extension == "pal");
        std::fs::write(copy, if policy { loosened(&text) } else { text }).unwrap();
    }
}

fn loosened(text: &str) -> String {
    let mut raw = false;
    let mut loose = String::new();
    for line in text.lines() {
        let in_raw = raw;
        raw ^= line.contains("\"\"\"");
        let code = line.trim_start();
        let words = code.split_whitespace().collect::<Vec<_>>().join(" ");
        if in_raw || code.starts_with("//") || line.contains('"') {
            loose.push_str(line);
        } else if line.len() > code.len() && !code.starts_with('}') {
            loose.push_str(&["     ", &words, "   "].concat());
        } else {
            loose.push_str(&words);
        }
        loose.push('\n');
    }
    loose
}

/// What a check says, without where in the library its requirements stand: that is what a layout moves.
fn check(library: &str) -> (i32, Value) {
    // Away from the repository's root, where the library is the policies.
    let envs = workspace::root().join("tests/envs");
    let run = palisade_in(&envs, ["check", ".", "--all", "--output", "json", "--library", library]);
    let mut report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{}", run.stderr));
    let findings = report["findings"].as_array_mut().unwrap();
    assert!(findings.len() > 100);
    findings.iter_mut().for_each(forget_places);
    (run.code, report)
}

fn forget_places(value: &mut Value) {
    let in_library = value.get("path").and_then(Value::as_str).is_some_and(|path| path.starts_with("library/"));
    if let (true, Some(place)) = (in_library, value.as_object_mut()) {
        place.remove("start");
        place.remove("end");
    }
    match value {
        Value::Array(values) => values.iter_mut().for_each(forget_places),
        Value::Object(fields) => fields.values_mut().for_each(forget_places),
        _ => {}
    }
}

#[test]
fn the_library_is_laid_out_and_laying_it_out_again_changes_nothing() {
    let run = palisade(["fmt", "--check", "policies"]);
    assert_eq!(run.code, 0, "run `palisade fmt policies`\n{}{}", run.stdout, run.stderr);
}

#[test]
fn a_library_in_another_layout_gives_the_same_answers_and_is_brought_back_to_the_letter() {
    let folder = tempfile::tempdir().unwrap();
    loose_library(folder.path());
    let library = folder.path().to_str().unwrap();
    assert_eq!(palisade(["fmt", "--check", library]).code, 1);
    let loose = check(library);

    assert_eq!(palisade(["fmt", library]).code, 0);
    assert!(check(library) == loose, "the layout changed an answer");

    let root = workspace::root().join("policies");
    for path in files(folder.path()) {
        let below = path.strip_prefix(folder.path()).unwrap();
        let (text, original) = (std::fs::read_to_string(&path), std::fs::read_to_string(root.join(below)));
        assert_eq!(text.unwrap(), original.unwrap(), "{}", below.display());
    }
}
