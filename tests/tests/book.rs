//! The book is true: every block of every page is checked, and what is written from the policies is up to date.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::BTreeSet;
use std::fs;

use palisade_tests::program::palisade;
use palisade_tests::scene::Scene;
use palisade_tests::{book, markdown, reference, workspace};

/// Whether pages are to be written anew.
fn update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// One test for each page, so that they run at the same time.
macro_rules! pages {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(concat!(stringify!($name), ".md")); })*

        #[test]
        fn no_page_is_left_out() {
            // Those of the library are written from it: see `library_pages.rs`.
            let pages = workspace::files("docs/book", "md").into_iter();
            let pages = pages.filter(|page| !page.path.starts_with("docs/book/library/"));
            let pages: BTreeSet<_> = pages.map(|page| page.path["docs/book/".len()..].to_lowercase()).collect();
            assert_eq!(pages, [$(concat!(stringify!($name), ".md").to_owned()),*].into());
        }
    };
}

pages! {
    comparing
    cookbook
    coverage
    environments
    language
    performance
    readme
    tutorial
}

fn check(name: &str) {
    let mut pages = workspace::files("docs/book", "md").into_iter();
    let page = pages.find(|page| page.path.to_lowercase().ends_with(&format!("/{name}"))).expect(name);
    let mut outcome = book::check(&page);
    if update() {
        let written = markdown::with_texts(&page.text, outcome.updates);
        if written != page.text {
            fs::write(workspace::root().join(&page.path), written).unwrap();
        }
    } else {
        outcome.failures.append(&mut outcome.differences);
    }
    assert!(outcome.failures.is_empty(), "{}", outcome.failures.join("\n"));
}

#[test]
fn the_reference_of_environments_is_what_is_declared() {
    let page = workspace::file("docs/book/environments.md");
    let written = reference::environments(&page.text, Scene::new().schema());
    if update() {
        fs::write(workspace::root().join(page.path), written).unwrap();
    } else {
        assert!(page.text == written, "docs/book/environments.md is not up to date: UPDATE=1 writes it");
    }
}

#[test]
fn the_matrix_of_statements_is_what_the_program_prints() {
    let page = workspace::file("docs/book/coverage.md");
    let run = palisade(["coverage", "--output", "markdown"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    if update() {
        fs::write(workspace::root().join(page.path), run.stdout).unwrap();
    } else {
        assert!(page.text == run.stdout, "docs/book/coverage.md is not up to date: UPDATE=1 writes it");
    }
}

#[test]
fn every_link_to_a_heading_finds_it() {
    let mut links = 0;
    for page in workspace::files("docs/book", "md") {
        for target in page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let Some((file, anchor)) = target.split_once('#').filter(|_| !target.contains("://")) else { continue };
            let path = if file.is_empty() { page.path.clone() } else { format!("docs/book/{file}") };
            let sections = markdown::sections(&workspace::file(&path).text);
            links += 1;
            assert!(sections.iter().any(|section| heading_anchor(&section.title) == anchor), "{}: {target}", page.path);
        }
    }
    assert!(links > 20, "{links} links to headings");
}

/// What the heading is called in a link, as hosts of Markdown make it.
fn heading_anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn the_cookbook_holds_every_rule_of_the_organisation() {
    let text = workspace::file("docs/book/cookbook.md").text;
    let quoted: BTreeSet<_> = heads(&text).map(str::to_owned).collect();
    let policies = workspace::files("tests/envs/org/policies", "pal");
    let written: BTreeSet<_> = policies.iter().flat_map(|file| heads(&file.text)).map(str::to_owned).collect();
    assert!(written.len() >= 22, "{} rules", written.len());
    assert_eq!(written, quoted);
}

fn heads(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with("rule "))
}
