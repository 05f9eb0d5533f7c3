//! `cargo bench -p palisade_tests --bench library`: what parsing and type-checking the whole library costs, cold and after one
//! edit, as ratios to reading its files and cutting them into tokens. Processor time, which other programs disturb less
//! than the clock.

#![allow(clippy::expect_used, clippy::panic, reason = "a bench stops where it cannot go on")]

use std::hint::black_box;
use std::time::Duration;

use palisade_tests::scene::Scene;
use palisade_tests::workspace::{self, SourceFile};

/// Each is run this often; the least counts, since everything else on the machine only adds.
const ROUNDS: usize = 10;

/// Edits of one file of the library: what they are, the file, what is looked for, and what stands in its place.
const EDITS: &[(&str, &str, &str, &str)] = &[
    ("a comment in a rule's file", "azure/hygiene.pal", "\n\n/// ", "\n\n// A comment.\n\n/// "),
    ("the message of a rule", "azure/hygiene.pal", "    else \"", "    else \"edited: "),
    (
        "a field of an entity that most rules use",
        "azure/network.pal",
        "\nentity Subnet {",
        "\nentity Subnet {\n  edited: Int?",
    ),
];

fn main() {
    let files = library();
    let bytes: usize = files.iter().map(|file| file.text.len()).sum();
    let lines: usize = files.iter().map(|file| file.text.lines().count()).sum();
    let tokens = || library().iter().map(|file| palisade_syntax::count_tokens(&file.text)).sum::<usize>();
    println!("{} files, {lines} lines, {bytes} bytes, {} tokens", files.len(), tokens());

    let yardstick = least(|| (), |()| tokens());
    println!("reading and cutting into tokens: {yardstick:.1?}");
    let parsing = || library().iter().map(|file| palisade_syntax::parse(&file.text).items.len()).sum::<usize>();
    print("parsing alone, cold", least(|| (), |()| parsing()), yardstick);
    print("parsing and type-checking, cold", least(|| (), |()| checked(&Scene::unlogged())), yardstick);
    for (what, path, from, to) in EDITS {
        let file = files.iter().find(|file| file.path == format!("policies/{path}")).expect("a file of the library");
        let edited = file.text.replacen(from, to, 1);
        assert_ne!(edited, file.text, "{path} has no {from:?}");
        let warm = || {
            let scene = Scene::unlogged();
            checked(&scene);
            scene
        };
        let edit = |mut scene: Scene| {
            scene.edit_library(&format!("library/{path}"), &edited);
            checked(&scene)
        };
        print(&format!("after one edit: {what}"), least(warm, edit), yardstick);
    }
}

/// What this process has computed so far.
#[cfg(unix)]
fn processor_time() -> Duration {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process knows its own usage");
    let micros = [usage.user_time(), usage.system_time()].map(|time| time.tv_sec() * 1_000_000 + time.tv_usec());
    Duration::from_micros(micros.iter().sum::<i64>().unsigned_abs())
}

/// The clock, where there is no better.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

fn library() -> Vec<SourceFile> {
    workspace::files("policies", "pal")
}

/// Reads and checks whatever is not known yet; the library is correct.
fn checked(scene: &Scene) -> usize {
    let faults = scene.policy_faults();
    assert!(faults.is_empty(), "{faults:?}");
    faults.len()
}

fn print(what: &str, time: Duration, yardstick: Duration) {
    println!("{what}: {time:.1?}, {:.2} times the reading and cutting", time.as_secs_f64() / yardstick.as_secs_f64());
}

/// The shortest time of `run`; what it needs is made ready outside of it.
fn least<A, B>(ready: impl Fn() -> A, run: impl Fn(A) -> B) -> Duration {
    let once = |_| {
        let given = ready();
        let start = processor_time();
        let result = black_box(run(given));
        let taken = processor_time().saturating_sub(start);
        drop(result);
        taken
    };
    (0..ROUNDS).map(once).min().expect("rounds")
}
