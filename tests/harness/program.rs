//! The `palisade` binary, built as the tests were built and run as a user runs it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use cargo_metadata::Message;

use crate::workspace;

/// What a run of the program gave.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; a signal is a panic.
    pub code: i32,
    /// What it wrote to its standard output.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
}

/// Runs `palisade` in the root of the repository, without a terminal.
pub fn palisade<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    palisade_in(&workspace::root(), arguments)
}

/// Runs `palisade` in a folder, without a terminal.
pub fn palisade_in<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Run {
    run(Command::new(binary()).current_dir(folder).args(arguments))
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Run {
    command.stdin(Stdio::null()).env_remove("RUST_BACKTRACE");
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let code = output.status.code();
    Run {
        code: code.unwrap_or_else(|| panic!("{command:?} ended by a signal: {}", text(&output))),
        stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("output is UTF-8"),
    }
}

/// The binary with the profile of the tests. Built now if it is not up to date, so that no test ever asks an older one.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| build("dev"))
}

/// The binary as it is released.
pub fn release_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| build("release"))
}

fn build(profile: &str) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(workspace::root())
        .args(["build", "--locked", "--offline", "--package", "palisade", "--profile", profile])
        .arg("--message-format=json-render-diagnostics");
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "palisade does not build: {}", text(&output));
    let messages = Message::parse_stream(output.stdout.as_slice()).map(|m| m.expect("cargo's message"));
    let executables = messages.filter_map(|message| match message {
        Message::CompilerArtifact(artifact) if artifact.target.name == "palisade" => artifact.executable,
        _ => None,
    });
    let path = executables.last().expect("cargo says where it put the program");
    path.into_std_path_buf()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
