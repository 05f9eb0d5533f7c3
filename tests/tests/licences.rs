//! Every dependency has a licence and a source from a short list, which `deny.toml` repeats for `cargo deny`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use cargo_metadata::{Metadata, Package};
use palisade_tests::workspace;
use spdx::{Expression, ParseMode};

/// Licences under which a dependency may be had. Each is compatible with giving the product away under MIT or Apache-2.0.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The one place that dependencies come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn dependencies(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    let members = &metadata.workspace_members;
    metadata.packages.iter().filter(|package| !members.contains(&package.id))
}

fn allowed(expression: &str) -> bool {
    let parsed = Expression::parse_mode(expression, ParseMode::LAX);
    parsed.is_ok_and(|parsed| parsed.evaluate(|wanted| LICENCES.contains(&wanted.to_string().as_str())))
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let metadata = workspace::dependencies();
    assert!(dependencies(&metadata).count() > 20);
    for package in dependencies(&metadata) {
        let licence = package.license.as_deref().unwrap_or("no licence");
        assert!(allowed(licence), "{} {}: {licence}", package.name, package.version);
    }
}

/// The lock file names the packages of every platform.
#[test]
fn every_dependency_comes_from_the_registry() {
    let lock = std::fs::read_to_string(workspace::root().join("Cargo.lock")).unwrap();
    let members: Vec<_> = workspace::members().packages.iter().map(|package| package.name.to_string()).collect();
    let packages: Vec<_> = lock.split("\n[[package]]\n").skip(1).collect();
    assert!(packages.len() > 50, "{} packages", packages.len());
    for package in packages {
        let value = |key: &str| package.lines().find_map(|line| line.strip_prefix(key)?.strip_suffix('"'));
        let name = value("name = \"").unwrap();
        let member = members.iter().any(|member| member == name);
        assert_eq!(value("source = \""), (!member).then_some(REGISTRY), "{name}");
    }
}

#[test]
fn a_licence_outside_the_list_is_refused() {
    assert!(allowed("MIT OR GPL-3.0-only"));
    assert!(allowed("MIT/Apache-2.0"));
    assert!(allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(!allowed("GPL-3.0-only"));
    assert!(!allowed("MIT AND GPL-3.0-only"));
    assert!(!allowed("no licence"));
}

#[test]
fn cargo_deny_is_given_the_same_lists() {
    let text = workspace::root().join("deny.toml");
    let text = std::fs::read_to_string(text).unwrap();
    let (_, list) = text.split_once("\nallow = [").expect("a list of licences");
    let (list, _) = list.split_once(']').expect("its end");
    let listed: Vec<_> = list.split(',').map(|word| word.trim().trim_matches('"')).collect();
    let listed: Vec<_> = listed.into_iter().filter(|word| !word.is_empty()).collect();
    assert_eq!(listed, LICENCES);
    assert!(text.contains("unknown-registry = \"deny\"") && text.contains("unknown-git = \"deny\""));
}

#[test]
fn both_licence_texts_are_there() {
    for (file, words) in [
        ("LICENSE-MIT", "Permission is hereby granted, free of charge"),
        ("LICENSE-APACHE", "Version 2.0, January 2004"),
    ] {
        let text = std::fs::read_to_string(workspace::root().join(file)).unwrap();
        assert!(text.contains(words), "{file}");
    }
}
