//! `cargo bench -p palisade_tests`: what a check of 200,000 group rules takes, in one run, as ratios.
//!
//! Processor time is held against what the same YAML parser needs for its bare events on the same file; peak memory
//! against the file's size. Both programs run as processes of their own, each measured by a process that has no other child.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::env;
use std::path::Path;
use std::process::{Command, exit};

use palisade_tests::generate::{self, FULL};
use palisade_tests::measure::Usage;
use palisade_tests::program;

/// A cold check takes at most this many times the time of the bare events.
const MOST_TIME: f64 = 3.0;
/// And holds less than this many times the file.
const MOST_MEMORY: f64 = 8.0;
/// Each is run this often; the least counts, since everything else on the machine only adds.
const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["events", file] => events(file),
        ["measure", program, ..] => measure(program, &words[2..]),
        _ => compare(),
    }
}

/// The child whose time is the yardstick.
fn events(file: &str) {
    let text = std::fs::read_to_string(file).expect("the generated file");
    let count = palisade_yaml::bare_events(&text);
    assert!(count > text.len() / 100, "the events end early: {count}");
}

/// The process in between, which has one child.
fn measure(program: &str, arguments: &[&str]) {
    let usage = Usage::of_only_child(Command::new(program).args(arguments));
    println!("{}", serde_json::to_string(&usage).expect("numbers"));
}

fn compare() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("generated.yaml");
    let text = generate::environment(FULL);
    std::fs::write(&file, &text).expect("the generated file");
    let megabytes = f64::from(u32::try_from(text.len()).expect("under 4 GiB")) / 1e6;
    drop(text);

    let own = env::current_exe().expect("this program");
    let palisade = program::release_binary();
    let yardstick = least(&own, &["events".as_ref(), file.as_os_str()], 0);
    let one = least(palisade, &["check".as_ref(), "--jobs=1".as_ref(), "-q".as_ref(), file.as_os_str()], 1);
    let all = least(palisade, &["check".as_ref(), "-q".as_ref(), file.as_os_str()], 1);

    println!(
        "{} computes, {} subnets, {} groups of {} rules: {megabytes:.1} MB",
        FULL.computes, FULL.subnets, FULL.subnets, FULL.rules
    );
    print_usage("bare events", &yardstick);
    print_usage("check, one job", &one);
    print_usage("check, as many jobs as processors", &all);
    let time = all.seconds().max(one.seconds()) / yardstick.seconds();
    let memory = all.mebibytes().max(one.mebibytes()) * 1.048_576 / megabytes;
    println!("processor time: {time:.2} times the bare events (goal: at most {MOST_TIME})");
    println!("peak memory:    {memory:.2} times the file (goal: under {MOST_MEMORY})");
    if time > MOST_TIME || memory >= MOST_MEMORY {
        println!("a goal is missed");
        exit(1);
    }
}

fn print_usage(what: &str, usage: &Usage) {
    println!("{what}: {:.2} s of processor time, {:.0} MiB at the peak", usage.seconds(), usage.mebibytes());
}

/// The round that took least time, with the most memory of any. Every round must end with the code that is right.
fn least(program: &Path, arguments: &[&std::ffi::OsStr], code: i32) -> Usage {
    let mut rounds: Vec<Usage> = (0..ROUNDS).map(|_| round(program, arguments)).collect();
    assert!(rounds.iter().all(|round| round.code == code), "{}: {rounds:?}", program.display());
    rounds.sort_by_key(|round| round.processor_microseconds);
    let peak_kib = rounds.iter().map(|round| round.peak_kib).max().expect("rounds");
    Usage { peak_kib, ..rounds[0] }
}

fn round(program: &Path, arguments: &[&std::ffi::OsStr]) -> Usage {
    let own = env::current_exe().expect("this program");
    let output = Command::new(own).arg("measure").arg(program).args(arguments).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a usage")
}
