//! `cargo bench -p palisade_net --bench instructions`: how many instructions a question and a compilation take, counted by
//! valgrind, which does not depend on what else the machine does. Where valgrind is not installed it says so.
//!
//! The program runs itself under valgrind, each job once and several times; the difference is what the job takes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a bench stops where it cannot go on"
)]

mod fixtures;

use std::hint::black_box;
use std::process::{Command, exit};

use fixtures::Place;
use palisade_net::{Egress, Firewall, FirewallContext, Group, evaluate_firewall, evaluate_routes};

/// A rule of a large group takes at most this many times the instructions of one of a small group.
const MOST_GROWTH: f64 = 1.25;
/// How often a job is repeated.
const REPEATED: u64 = 4;

/// Something to count, and how many rules it has.
#[derive(Clone, Copy)]
enum Job {
    Compile(u16),
    Requirement(u16),
    Routes(u16),
    Firewall(u16),
}

const JOBS: [(&str, Job); 9] = [
    ("compile a group of 100 rules", Job::Compile(100)),
    ("compile a group of 1,000 rules", Job::Compile(1000)),
    ("compile a group of 4,000 rules", Job::Compile(4000)),
    ("ask a group of 100 rules", Job::Requirement(100)),
    ("ask a group of 1,000 rules", Job::Requirement(1000)),
    ("ask a group of 4,000 rules", Job::Requirement(4000)),
    ("ask 40 routes", Job::Routes(40)),
    ("ask 400 routes", Job::Routes(400)),
    ("ask a firewall of 40 rules", Job::Firewall(40)),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["run", job, times] => run(JOBS[job.parse::<usize>().unwrap()].1, times.parse().unwrap()),
        _ => count_all(),
    }
}

/// Does a job so many times.
fn run(job: Job, times: u64) {
    let place = Place::new();
    match job {
        Job::Compile(count) => {
            let rules = fixtures::rules(count, &place.catalogue);
            repeat(times, || Group::compile(black_box(&rules), &place.catalogue).unwrap());
        }
        Job::Requirement(count) => {
            let (group, flow, ctx) = (place.group(count), place.requirement("Storage.WestUS2"), place.context());
            repeat(times, || fixtures::ask(&group, black_box(&flow), &ctx));
        }
        Job::Routes(count) => {
            let routes = place.routes(count).compile(&place.catalogue).unwrap();
            let (egress, flow, ctx) = (Egress::default(), place.requirement("AzureMachineLearning"), place.context());
            repeat(times, || evaluate_routes(&routes, &egress, black_box(&flow), &ctx));
        }
        Job::Firewall(count) => {
            let policies = [fixtures::policy(count)];
            let firewall = Firewall { policies: &policies, ..Firewall::default() };
            let (firewall, network) = (firewall.compile(&place.catalogue).unwrap(), place.context());
            let (flow, ctx) = (place.host(count), FirewallContext::new(&network));
            repeat(times, || evaluate_firewall(&firewall, black_box(&flow), &ctx));
        }
    }
}

fn repeat<T>(times: u64, mut job: impl FnMut() -> T) {
    for _ in 0..times {
        black_box(job());
    }
}

fn count_all() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("valgrind is not installed: no instructions were counted");
        return;
    }
    let counted: Vec<u64> = (0..JOBS.len()).map(|job| (count(job, 1 + REPEATED) - count(job, 1)) / REPEATED).collect();
    for ((name, _), instructions) in JOBS.iter().zip(&counted) {
        println!("{name}: {instructions} instructions");
    }
    let (small, large) = (per_rule(counted[0], 100), per_rule(counted[2], 4000));
    println!(
        "compile: {:.2} times the instructions for a rule among 4,000 (goal: at most {MOST_GROWTH})",
        large / small
    );
    if large > small * MOST_GROWTH {
        println!("a goal is missed");
        exit(1);
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of this size are exact")]
fn per_rule(instructions: u64, rules: u64) -> f64 {
    instructions as f64 / rules as f64
}

/// The instructions of a process that does a job so many times.
fn count(job: usize, times: u64) -> u64 {
    let own = std::env::current_exe().expect("this program");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(own);
    let output = valgrind.args(["run", &job.to_string(), &times.to_string()]).output().expect("valgrind runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let collected = text.lines().find_map(|line| line.split_once("Collected : "));
    collected.and_then(|(_, number)| number.trim().parse().ok()).expect("valgrind says how many it collected")
}
