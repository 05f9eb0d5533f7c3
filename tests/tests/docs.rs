//! What the documents say is true: their commands print what they show, and the files that they name are there.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use palisade_tests::workspace::SourceFile;
use palisade_tests::{console, markdown, workspace};
use similar::TextDiff;

fn documents() -> Vec<SourceFile> {
    let top = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(workspace::file);
    let mut documents = Vec::from(top);
    documents.extend(["docs", "tests/envs"].iter().flat_map(|folder| workspace::files(folder, "md")));
    documents
}

/// The commands of the book are run with its other blocks, in `book.rs`.
#[test]
fn every_command_prints_what_is_shown() {
    let mut wrong = Vec::new();
    let mut commands = 0;
    for document in documents().iter().filter(|document| !document.path.starts_with("docs/book/")) {
        let sections = markdown::sections(&document.text);
        let blocks = sections.iter().flat_map(|section| &section.blocks);
        let mut updates = Vec::new();
        for block in blocks.filter(|block| block.language == "console") {
            commands += 1;
            let now = console::rerun(&block.text, &workspace::root());
            if now != block.text {
                let difference = TextDiff::from_lines(&block.text, &now);
                wrong.push(format!("{}:{}:\n{}", document.path, block.line, difference.unified_diff()));
                updates.push((block.range.clone(), now));
            }
        }
        if std::env::var_os("UPDATE").is_some() {
            let written = markdown::with_texts(&document.text, updates);
            std::fs::write(workspace::root().join(&document.path), written).unwrap();
            wrong.clear();
        }
    }
    assert!(commands > 0, "no document has a console block");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    for document in documents() {
        let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in links(&document.text) {
            let path = workspace::root().join(folder).join(target);
            assert!(path.exists(), "{}: {target} does not exist", document.path);
        }
    }
}

#[test]
fn every_test_that_the_architecture_names_exists() {
    let architecture = workspace::file("docs/ARCHITECTURE.md").text;
    let files = workspace::rust_files();
    let mut named = 0;
    for word in architecture.split('`').skip(1).step_by(2) {
        let Some((file, test)) = word.split_once("::") else { continue };
        let Some(file) = files.iter().find(|one| one.path == file) else {
            assert!(!file.contains('/'), "{file} does not exist");
            continue;
        };
        named += 1;
        assert!(file.text.contains(&format!("fn {test}(")), "{} has no {test}", file.path);
    }
    assert!(named > 10, "the architecture names {named} tests");
}

/// The targets of `[text](target)` that are files of the repository.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let inside = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    inside.map(|target| target.split('#').next().unwrap_or(target)).collect()
}
