//! The lines of `docs/ARCHITECTURE.md` that nothing crosses: which crate knows which, which library is used where, and
//! what the sources do not hold.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, Package};
use palisade_tests::rust::{Token, product_tokens, test_modules};
use palisade_tests::workspace::{self, SourceFile};

/// What each crate of the product may know of the others. Nothing is allowed that is not written here.
const ARROWS: &[(&str, &[&str])] = &[
    ("palisade", &["palisade_project", "palisade_report", "palisade_source"]),
    ("palisade_project", &["palisade_engine", "palisade_source", "palisade_yaml"]),
    ("palisade_report", &["palisade_source"]),
    ("palisade_engine", &["palisade_net", "palisade_source", "palisade_syntax", "palisade_yaml"]),
    ("palisade_syntax", &[]),
    ("palisade_yaml", &[]),
    ("palisade_net", &[]),
    ("palisade_source", &[]),
];

/// Libraries that are kept behind one crate's face, so that they can be replaced there.
const CONFINED: &[(&str, &[&str])] = &[
    ("pest", &["palisade_syntax"]),
    ("pest_derive", &["palisade_syntax"]),
    ("granit-parser", &["palisade_yaml"]),
    ("ariadne", &["palisade_report"]),
    ("similar", &["palisade_report"]),
    ("ipnet", &["palisade_net"]),
    ("clap", &["palisade"]),
    ("clap_complete", &["palisade"]),
    ("anstream", &["palisade"]),
    ("indicatif", &["palisade_project"]),
    ("ignore", &["palisade_project"]),
    ("notify", &["palisade_project"]),
    ("quick-junit", &["palisade_report"]),
    ("include_dir", &["palisade_project"]),
    ("salsa", &["palisade_source", "palisade_engine", "palisade_project"]),
];

/// Parts of the standard library through which a program touches the world, and the crates that may. Of `net` it is the
/// sockets: an address is a value like any other.
const WORLD: &[&str] = &["fs", "env", "process", "os"];
const SOCKETS: &[&str] = &["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs", "UnixStream", "UnixListener"];
const WORLD_CRATES: &[&str] = &["palisade", "palisade_project", "palisade_tests"];

/// Product files may have this many lines, test files more. A longer file is named with its reason.
const LINES: usize = 500;
const TEST_LINES: usize = 800;
const LONGER: &[(&str, &str)] = &[
    ("crates/palisade_syntax/src/ast.rs", "the whole syntax tree in one place, most of it documentation"),
    ("crates/palisade_engine/src/ir/mod.rs", "the whole checked tree in one place, most of it documentation"),
];

fn product(metadata: &Metadata) -> Vec<&Package> {
    let packages = metadata.workspace_packages();
    packages.into_iter().filter(|package| package.name != "palisade_tests").collect()
}

/// The names of a package's dependencies that end up in the product.
fn dependencies(package: &Package) -> BTreeSet<&str> {
    let shipped = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
    shipped.map(|dependency| dependency.name.as_str()).collect()
}

#[test]
fn each_crate_knows_only_the_crates_below_it() {
    let metadata = workspace::members();
    let arrows: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let names: BTreeSet<_> = product(&metadata).iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, arrows.keys().copied().collect(), "the crates and the arrows");
    for package in product(&metadata) {
        let allowed = arrows[package.name.as_str()];
        for dependency in dependencies(package).intersection(&names) {
            assert!(allowed.contains(dependency), "{} must not know {dependency}", package.name);
        }
    }
}

#[test]
fn the_arrows_have_no_cycle() {
    let order: Vec<_> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (at, (name, below)) in ARROWS.iter().enumerate() {
        for other in *below {
            let there = order.iter().position(|one| one == other).expect("a crate of the list");
            assert!(there > at, "{other} stands above {name} and below it");
        }
    }
}

#[test]
fn a_confined_library_is_used_by_its_crate_alone() {
    let metadata = workspace::members();
    for package in product(&metadata) {
        let uses = dependencies(package);
        for (library, crates) in CONFINED {
            assert!(
                !uses.contains(library) || crates.contains(&package.name.as_str()),
                "{} must not use {library}: only {crates:?} may",
                package.name
            );
        }
    }
}

#[test]
fn no_path_leads_out_of_the_workspace() {
    let metadata = workspace::members();
    for package in metadata.workspace_packages() {
        for dependency in &package.dependencies {
            if let Some(path) = &dependency.path {
                assert!(path.starts_with(&metadata.workspace_root), "{} → {path}", package.name);
            }
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for package in workspace::members().workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        let inherits = manifest.contains("[lints]\nworkspace = true");
        assert!(inherits, "{} sets its own lints", package.manifest_path);
    }
    let manifest = workspace::root().join("Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\""));
}

#[test]
fn only_the_project_and_the_binary_touch_the_world() {
    for (file, tokens) in product_files() {
        if WORLD_CRATES.contains(&file.package()) {
            continue;
        }
        for (part, line) in parts_of_std(&tokens) {
            assert!(!WORLD.contains(&part.as_str()), "{}:{line}: std::{part} is for {WORLD_CRATES:?}", file.path);
        }
    }
}

#[test]
fn nothing_opens_a_socket() {
    for (file, tokens) in product_files() {
        let found = tokens.iter().find(|token| SOCKETS.contains(&token.text.as_str()));
        assert_eq!(found, None, "{}", file.path);
    }
}

#[test]
fn nothing_reads_a_clock_or_the_hash_order_of_the_process() {
    for (file, tokens) in product_files() {
        if WORLD_CRATES.contains(&file.package()) {
            continue;
        }
        let banned = ["SystemTime", "Instant", "RandomState"];
        if let Some(token) = tokens.iter().find(|t| banned.contains(&t.text.as_str())) {
            panic!("{}:{}: {} has no place here", file.path, token.line, token.text);
        }
    }
}

/// salsa has options of its own that are called `unsafe(…)`; they are attributes, and what they promise is said there.
#[test]
fn nothing_is_unsafe() {
    for (file, tokens) in product_files() {
        let code = tokens.windows(2).find(|pair| pair[0].text == "unsafe" && pair[1].text != "(");
        assert_eq!(code, None, "{}", file.path);
    }
}

#[test]
fn every_file_opens_by_teaching_its_layer() {
    for file in workspace::rust_files() {
        assert!(file.text.starts_with("//! "), "{} does not open with `//!`", file.path);
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut wrong = Vec::new();
    for file in workspace::rust_files() {
        let lines = file.text.lines().count();
        let is_test = file.is_test() || file.path.ends_with("/tests.rs");
        let allowed = if is_test { TEST_LINES } else { LINES };
        let listed = LONGER.iter().any(|(path, _)| *path == file.path);
        match (lines > allowed, listed) {
            (true, false) => wrong.push(format!("{} has {lines} lines", file.path)),
            (false, true) => wrong.push(format!("{} need not be listed", file.path)),
            _ => {}
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_ways_to_name_a_part_of_std_are_seen() {
    let parts = |rust: &str| -> Vec<String> {
        let found = parts_of_std(&product_tokens(rust));
        found.into_iter().map(|(part, _)| part).collect()
    };
    assert_eq!(parts("fn f() { std::fs::read(p) }"), ["fs"]);
    assert_eq!(parts("use std::{io, fs::{self, File}};"), ["io", "fs"]);
    assert_eq!(parts("use ::std::env; use std::sync::Arc;"), ["env", "sync"]);
    assert_eq!(parts("#[cfg(test)] mod t { use std::fs; }"), Vec::<String>::new());
}

/// The files of the product with their tokens; test files are left out, and modules that are test modules.
fn product_files() -> Vec<(SourceFile, Vec<Token>)> {
    let files = workspace::rust_files();
    let tests: BTreeSet<String> = files
        .iter()
        .flat_map(|file| {
            let folder = module_folder(&file.path);
            test_modules(&file.text).into_iter().map(move |name| format!("{folder}/{name}"))
        })
        .collect();
    let is_product = |file: &SourceFile| {
        let module = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
        !file.is_test() && !tests.iter().any(|test| module == test || module.starts_with(&format!("{test}/")))
    };
    let product = files.into_iter().filter(is_product);
    product
        .map(|file| {
            let tokens = product_tokens(&file.text);
            (file, tokens)
        })
        .collect()
}

/// The folder in which a file's `mod name;` is looked for.
fn module_folder(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        other => format!("{folder}/{}", other.trim_end_matches(".rs")),
    }
}

/// The first segments after `std::`, with their lines, also those of a group.
fn parts_of_std(tokens: &[Token]) -> Vec<(String, usize)> {
    let mut parts = Vec::new();
    for (at, window) in tokens.windows(4).enumerate() {
        let [std, colon, colons, first] = window else { continue };
        if std.text != "std" || colon.text != ":" || colons.text != ":" {
            continue;
        }
        if first.text == "{" {
            parts.extend(group_heads(&tokens[at + 4..]));
        } else {
            parts.push((first.text.clone(), first.line));
        }
    }
    parts
}

/// The first word of each part of `{a, b::{c, d}}`, its opening mark already passed.
fn group_heads(tokens: &[Token]) -> Vec<(String, usize)> {
    let mut heads = Vec::new();
    let (mut depth, mut expected) = (0, true);
    for token in tokens {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 0 => break,
            "}" => depth -= 1,
            "," if depth == 0 => expected = true,
            text if depth == 0 && expected => {
                heads.push((text.to_owned(), token.line));
                expected = false;
            }
            _ => {}
        }
    }
    heads
}
