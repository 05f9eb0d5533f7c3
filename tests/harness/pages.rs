//! The pages of the diagnostic codes, whose examples run as they are read: what is wrong, what is said of it, what mends it.
//!
//! A page is a section of a file in `src/codes` of the crate that reports it, titled with its code. Its blocks, from top to
//! bottom:
//!
//! | block | what it is |
//! | --- | --- |
//! | `pal [PATH]`, `yaml [PATH]`, `json PATH` | files, as in a suite: see [`crate::suite`] |
//! | `text` | what a check says of the files above, word for word |
//! | `console` | instead of `text` where a command is at fault: what it prints, then what the mended one prints; `…` for counts |
//! | files again | they take the place of those above, an empty one takes it away: nothing is wrong any more |
//!
//! `UPDATE=1` in the environment writes the `text` and `console` blocks anew.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;

use palisade_engine::api::CheckOptions;
use palisade_report::Options;
use palisade_source::report::CheckReport;
use palisade_source::{Diagnostic, Fix};

use crate::markdown::{self, Block, Section};
use crate::scene::Scene;
use crate::suite;
use crate::workspace::{self, SourceFile};

/// Where the pages stand.
pub const FOLDERS: [&str; 3] =
    ["crates/palisade/src/codes", "crates/palisade_engine/src/codes", "crates/palisade_project/src/codes"];

/// The files of an example, by path.
type Files<'a> = BTreeMap<String, &'a str>;

/// The files with pages.
pub fn files() -> Vec<SourceFile> {
    FOLDERS.iter().flat_map(|folder| workspace::files(folder, "md")).collect()
}

/// The codes of the pages in all files, sorted, each as often as it has a page; `true` where the page has an example.
pub fn titles() -> Vec<(String, bool)> {
    let files = files();
    let sections = files.iter().flat_map(|file| markdown::sections(&file.text));
    let pages = sections.filter(is_page);
    let mut titles: Vec<_> = pages.map(|page| (page.title, !page.blocks.is_empty())).collect();
    titles.sort();
    titles
}

/// Runs every example of a file of pages; what does not hold is a panic that names the pages.
pub fn run(name: &str) {
    let of_name = |file: &SourceFile| file.path.ends_with(&format!("/{name}.md"));
    let file = files().into_iter().find(of_name).unwrap_or_else(|| panic!("there are no pages `{name}`"));
    let (path, markdown) = (file.path, file.text);
    let mut scene = Scene::new();
    let mut outcome = Outcome::default();
    let sections = markdown::sections(&markdown);
    for page in sections.iter().filter(|section| is_page(section) && !section.blocks.is_empty()) {
        run_page(page, &mut scene, &mut outcome);
    }
    if std::env::var_os("UPDATE").is_some() {
        let written = markdown::with_texts(&markdown, outcome.updates);
        fs::write(workspace::root().join(&path), written).expect("the pages can be written");
    } else {
        outcome.failures.extend(outcome.differences);
    }
    assert!(outcome.failures.is_empty(), "{path}:\n\n{}", outcome.failures.join("\n\n"));
}

/// Headings of one word are codes; the others say what the file is about.
fn is_page(section: &Section) -> bool {
    section.title.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !section.title.is_empty()
}

#[derive(Default)]
struct Outcome {
    failures: Vec<String>,
    /// Blocks that can be written anew.
    differences: Vec<String>,
    updates: Vec<(Range<usize>, String)>,
}

impl Outcome {
    fn compare(&mut self, block: &Block, now: String, code: &str) {
        if block.text == now {
            return;
        }
        self.differences.push(format!("`{code}` says something else now:\n{now}"));
        self.updates.push((block.range.clone(), now));
    }

    fn require(&mut self, holds: bool, code: &str, what: impl FnOnce() -> String) {
        if !holds {
            self.failures.push(format!("`{code}` {}", what()));
        }
    }
}

fn run_page(page: &Section, scene: &mut Scene, outcome: &mut Outcome) {
    let code = page.title.as_str();
    let mut files = Files::new();
    let mut said = 0;
    for block in &page.blocks {
        match block.language.as_str() {
            "text" => {
                said += 1;
                let report = checked(scene, &files);
                expect_only(code, &report, outcome);
                outcome.compare(block, told(&report), code);
                expect_mended(code, &report, &files, scene, outcome);
            }
            "console" => {
                let now = without_counts(&suite::in_folder(block, &files));
                let shows = now.contains(&format!("[{code}]"));
                outcome.require(shows == (said == 0), code, || format!("is in the wrong output:\n{now}"));
                outcome.compare(block, now, code);
                said += 1;
            }
            _ if block.text.is_empty() => drop(files.remove(&suite::path_of(block))),
            _ => drop(files.insert(suite::path_of(block), &block.text)),
        }
    }
    if page.blocks.iter().any(|block| block.language == "console") {
        outcome.require(said == 2, code, || "needs one output with it and one without".to_owned());
        return;
    }
    outcome.require(said == 1, code, || format!("has {said} messages, and needs one"));
    let last_is_file = page.blocks.last().is_some_and(|block| block.language != "text");
    outcome.require(last_is_file, code, || "does not show what mends it".to_owned());
    let mended = checked(scene, &files);
    let quiet = diagnostics(&mended).is_empty();
    outcome.require(quiet, code, || format!("is not mended:\n{}", told(&mended)));
}

/// The lines that count what was checked change with the library, which pages are not about.
fn without_counts(output: &str) -> String {
    let counts = |line: &str| line.starts_with("checked ") || line.starts_with(|c: char| c.is_ascii_digit());
    output.lines().map(|line| if counts(line) { "…\n".to_owned() } else { format!("{line}\n") }).collect()
}

/// One mistake is one diagnostic.
fn expect_only(code: &str, report: &CheckReport, outcome: &mut Outcome) {
    let codes: Vec<&str> = diagnostics(report).iter().map(|one| one.code).collect();
    outcome.require(codes == [code], code, || format!("is not all that is said: {codes:?}\n{}", told(report)));
}

/// What is offered as a fix mends what it is offered for.
fn expect_mended(code: &str, report: &CheckReport, files: &Files<'_>, scene: &mut Scene, outcome: &mut Outcome) {
    for fix in diagnostics(report).iter().flat_map(|one| &one.fixes) {
        let mut one = Diagnostic::error("", "", None);
        one.fixes.push(Fix { safe: true, ..fix.clone() });
        let edited = |(path, text): (&String, &&str)| {
            let edits_it = fix.edits.iter().any(|edit| *edit.span.path == **path);
            let text = palisade_source::mended(path, text, std::slice::from_ref(&one)).filter(|_| edits_it);
            text.map(|text| (path.clone(), text))
        };
        let changed: BTreeMap<String, String> = files.iter().filter_map(edited).collect();
        outcome.require(!changed.is_empty(), code, || format!("has a fix that cannot be made: {fix:?}"));
        let mut after = files.clone();
        after.extend(changed.iter().map(|(path, text)| (path.clone(), text.as_str())));
        let report = checked(scene, &after);
        let gone = diagnostics(&report).iter().all(|one| one.code != code);
        outcome.require(gone, code, || format!("stays after the fix `{}`:\n{}", fix.title, told(&report)));
    }
}

fn checked(scene: &mut Scene, files: &Files<'_>) -> CheckReport {
    scene.replace(files);
    scene.check(&CheckOptions::default())
}

fn diagnostics(report: &CheckReport) -> Vec<Diagnostic> {
    let own = report.environments.iter().flat_map(|one| &one.diagnostics);
    report.diagnostics.iter().chain(own).cloned().collect()
}

/// The diagnostics as `palisade check` shows them.
pub fn told(report: &CheckReport) -> String {
    let mut bytes = Vec::new();
    palisade_report::diagnostics(&diagnostics(report), &report.texts, &Options::default(), &mut bytes)
        .expect("writing to memory");
    let text = String::from_utf8(bytes).expect("a report is UTF-8");
    format!("{}\n", text.trim_end())
}
