//! The repository as data: its root, its packages, its Rust files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};

/// The root of the repository.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ lies in the root").to_owned()
}

/// What cargo knows of the packages of the workspace, without what they depend on.
pub fn members() -> Metadata {
    asked(&["--no-deps", "--offline"]).unwrap_or_else(|e| panic!("cargo metadata: {e}"))
}

/// What cargo knows of everything that the workspace depends on, by the lock file and without a network.
///
/// For every platform where their packages are there (`cargo fetch` gets them), otherwise for this one, which is said;
/// with `EVERY_PLATFORM` in the environment that is a failure.
pub fn dependencies() -> Metadata {
    let known = ["--locked", "--offline"];
    asked(&known).unwrap_or_else(|error| {
        assert!(std::env::var_os("EVERY_PLATFORM").is_none(), "cargo metadata: {error}");
        eprintln!("only this platform's dependencies are there: {error}");
        let host = host();
        let filtered = [&known[..], &["--filter-platform", &host]].concat();
        asked(&filtered).unwrap_or_else(|e| panic!("cargo metadata: {e}"))
    })
}

fn asked(options: &[&str]) -> Result<Metadata, cargo_metadata::Error> {
    let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).other_options(options).exec()
}

/// The platform that the tests run on: `x86_64-unknown-linux-gnu`.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc names its host").to_owned()
}

/// A file below the root, its path with `/`.
pub struct SourceFile {
    /// `crates/palisade_net/src/lib.rs`
    pub path: String,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// Whether the file holds tests or benches only.
    pub fn is_test(&self) -> bool {
        let is = |part: &str| matches!(part, "tests" | "benches" | "examples");
        self.path.split('/').any(is)
    }

    /// The crate that the file belongs to: `palisade_net`, or `palisade_tests`.
    pub fn package(&self) -> &str {
        match self.path.split('/').collect::<Vec<_>>()[..] {
            ["crates", package, ..] => package,
            _ => "palisade_tests",
        }
    }
}

/// Every Rust file of the workspace, by path.
pub fn rust_files() -> Vec<SourceFile> {
    let mut paths = Vec::new();
    for folder in ["crates", "tests"] {
        collect(&root().join(folder), "rs", &mut paths);
    }
    let files: Vec<_> = paths.iter().map(|path| read(path)).collect();
    assert!(files.len() > 50, "only {} Rust files found", files.len());
    files
}

/// Every file below a folder of the repository with one extension, by path.
pub fn files(folder: &str, extension: &str) -> Vec<SourceFile> {
    let mut paths = Vec::new();
    collect(&root().join(folder), extension, &mut paths);
    paths.iter().map(|path| read(path)).collect()
}

/// One file by its path below the root.
pub fn file(path: &str) -> SourceFile {
    read(&root().join(path))
}

fn read(path: &Path) -> SourceFile {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let below = path.strip_prefix(root()).expect("a path below the root");
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    SourceFile { path: parts.join("/"), text }
}

fn collect(folder: &Path, extension: &str, paths: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, extension, paths);
        } else if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
}
