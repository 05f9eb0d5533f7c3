//! Specification suites: Markdown whose sections hold a policy, an environment and what must come of them.
//!
//! | block | what it is |
//! | --- | --- |
//! | `pal [PATH]` | a policy beside the library; `policies/suite.pal` unless a path is given |
//! | `yaml [PATH]` | an environment; `env.yaml` unless a path is given |
//! | `run` | what the check is asked: lines `pack NAME`, `select RULE`, `ignore RULE` |
//! | `expect` | outcomes and faults, see [`crate::expect`] |
//! | `flows` | flows with their verdicts on the whole path, see [`crate::flows`] |
//! | `queries` | which queries ran, and how often, since the stage before |
//! | `console` | commands in a folder with the files, see [`crate::console`] |
//!
//! A block with the word `then` after its language begins a next stage: the file is edited, everything is checked again in the same
//! database. Files of a section titled `Shared` stand in every section after it. `UPDATE=1` in the environment writes
//! `console` and `queries` blocks anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use palisade_engine::api::CheckOptions;
use similar::TextDiff;

use crate::markdown::{self, Block, Section};
use crate::report::Report;
use crate::scene::{Queries, Scene};
use crate::{console, expect, flows, workspace};

/// Runs every section of `tests/suite/NAME.md`; what does not hold is a panic that names the section and the line.
pub fn run(name: &str) {
    let path = folder().join(format!("{name}.md"));
    let markdown = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut outcome = Outcome::default();
    let mut shared = Vec::new();
    let mut sections = 0;
    for section in markdown::sections(&markdown) {
        if section.title == "Shared" {
            shared.extend(section.blocks);
        } else if !section.blocks.is_empty() {
            sections += 1;
            run_section(&section, &shared, &mut outcome);
        }
    }
    assert!(sections > 0, "{name}.md has no section with a block");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, markdown::with_texts(&markdown, outcome.updates)).expect("the suite can be written");
    } else {
        outcome.failures.extend(outcome.differences);
    }
    let failures = outcome.failures.join("\n\n");
    assert!(failures.is_empty(), "{name}.md:\n\n{failures}");
}

/// The names of all suites.
pub fn names() -> Vec<String> {
    let files = workspace::files("tests/suite", "md");
    let name = |path: &str| path.rsplit('/').next().map(|file| file.trim_end_matches(".md").to_owned());
    files.iter().filter_map(|file| name(&file.path)).collect()
}

fn folder() -> PathBuf {
    workspace::root().join("tests/suite")
}

/// What came of the sections so far.
#[derive(Default)]
struct Outcome {
    failures: Vec<String>,
    /// Blocks that can be written anew.
    differences: Vec<String>,
    updates: Vec<(Range<usize>, String)>,
}

/// One stage of a section.
#[derive(Default)]
struct Stage<'a> {
    files: Vec<(String, &'a str)>,
    checks: Vec<&'a Block>,
}

fn run_section(section: &Section, shared: &[Block], outcome: &mut Outcome) {
    let stages = stages(section, shared);
    let options = options(section, shared);
    let mut scene = Scene::new();
    let mut files = BTreeMap::new();
    for stage in &stages {
        assert!(!stage.checks.is_empty(), "`{}` has a stage that expects nothing", section.title);
        for (path, text) in &stage.files {
            scene.set(path, text);
            files.insert(path.clone(), *text);
        }
        let needs_check = stage.checks.iter().any(|block| block.language != "console");
        let report = needs_check.then(|| Report::read(&scene.check_json(&options)));
        let queries = scene.take_queries();
        for block in &stage.checks {
            let place = format!("`{}`, line {}", section.title, block.line);
            match (block.language.as_str(), &report) {
                ("expect", Some(report)) => {
                    let failures = expect::failures(&expect::read(&block.text), report);
                    outcome.failures.extend(failures.iter().map(|what| format!("{place}: {what}")));
                }
                ("flows", Some(_)) => {
                    let failures = flows::failures(&block.text, &mut scene);
                    outcome.failures.extend(failures.iter().map(|what| format!("{place}: {what}")));
                }
                ("queries", Some(_)) => compare(block, written(&queries), &place, outcome),
                _ => compare(block, in_folder(block, &files), &place, outcome),
            }
        }
    }
}

fn stages<'a>(section: &'a Section, shared: &'a [Block]) -> Vec<Stage<'a>> {
    let mut stages = vec![Stage::default()];
    for block in shared.iter().chain(&section.blocks) {
        if block.words.iter().any(|word| word == "then") && !is_check(block) {
            let last = stages.last().expect("there is always one");
            if !last.checks.is_empty() {
                stages.push(Stage::default());
            }
        }
        let stage = stages.last_mut().expect("there is always one");
        match block.language.as_str() {
            "pal" | "yaml" => stage.files.push((path_of(block), &block.text)),
            "run" => {}
            _ if is_check(block) => stage.checks.push(block),
            other => panic!("`{}`, line {}: no block is called `{other}`", section.title, block.line),
        }
    }
    stages
}

fn is_check(block: &Block) -> bool {
    matches!(block.language.as_str(), "expect" | "flows" | "queries" | "console")
}

/// The path of a block that is a file: as given, or the usual one of its language.
pub(crate) fn path_of(block: &Block) -> String {
    let given = block.words.iter().find(|word| *word != "then");
    let usual = || match block.language.as_str() {
        "pal" => "policies/suite.pal".to_owned(),
        "yaml" => "env.yaml".to_owned(),
        other => panic!("line {}: a block of `{other}` needs a path", block.line),
    };
    given.cloned().unwrap_or_else(usual)
}

/// What the check is asked; everything that came out is listed, so that passes can be expected.
fn options(section: &Section, shared: &[Block]) -> CheckOptions {
    let mut options = CheckOptions { all: true, ..CheckOptions::default() };
    let blocks = shared.iter().chain(&section.blocks).filter(|block| block.language == "run");
    for line in blocks.flat_map(|block| block.text.lines()) {
        match line.split_once(' ') {
            Some(("pack", name)) => options.packs.push(name.to_owned()),
            Some(("select", name)) => options.select.push(name.to_owned()),
            Some(("ignore", name)) => options.ignore.push(name.to_owned()),
            _ => panic!("`{}`: a check is not asked `{line}`", section.title),
        }
    }
    options
}

fn written(queries: &Queries) -> String {
    let mut text = String::new();
    for (name, times) in queries {
        writeln!(text, "{name} {times}").expect("writing to memory");
    }
    text
}

/// Runs the commands of a block in a folder that holds the files.
pub(crate) fn in_folder(block: &Block, files: &BTreeMap<String, &str>) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    console::rerun(&block.text, folder.path())
}

fn compare(block: &Block, now: String, place: &str, outcome: &mut Outcome) {
    if block.text == now {
        return;
    }
    let difference = TextDiff::from_lines(&block.text, &now);
    let difference = difference.unified_diff().header("as written", "as it is").to_string();
    outcome.differences.push(format!("{place}:\n{difference}"));
    outcome.updates.push((block.range.clone(), now));
}
