//! `cargo bench -p palisade_tests --bench service_tags`: what loading Microsoft's file of service tags takes, as a ratio to what
//! `serde_json` needs to parse it.
//!
//! The file is the one of `PALISADE_SERVICE_TAGS`, or the one beside the workspace.

#![allow(clippy::expect_used, reason = "a bench stops where it cannot go on")]

use std::hint::black_box;
use std::path::PathBuf;
use std::process::exit;
use std::time::{Duration, Instant};

use palisade_net::ServiceTagFile;
use palisade_tests::workspace;

/// Loading takes at most this many times the time of parsing.
const MOST_TIME: f64 = 3.0;
/// Each is run this often; the least counts, since everything else on the machine only adds.
const ROUNDS: usize = 20;

fn main() {
    let beside = workspace::root().join("../shared/data/service-tags-public-376.json");
    let path = std::env::var_os("PALISADE_SERVICE_TAGS").map_or(beside, PathBuf::from);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: no service tag file; set PALISADE_SERVICE_TAGS to the file that Microsoft publishes");
        return;
    };
    let parsing = least(|| serde_json::from_str::<serde_json::Value>(&text).expect("the file is JSON"));
    let loading = least(|| ServiceTagFile::from_json(&text).expect("the file can be read"));
    let ratio = loading.as_secs_f64() / parsing.as_secs_f64();
    let megabytes = f64::from(u32::try_from(text.len()).expect("under 4 GiB")) / 1e6;
    println!("service tag file, {megabytes:.1} MB: parsing {parsing:.1?}, loading {loading:.1?}");
    println!("loading: {ratio:.2} times the parsing (goal: at most {MOST_TIME})");
    if ratio > MOST_TIME {
        println!("the goal is missed");
        exit(1);
    }
}

fn least<T>(mut run: impl FnMut() -> T) -> Duration {
    let once = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    (0..ROUNDS).map(once).min().expect("rounds")
}
