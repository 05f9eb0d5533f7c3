//! `lint`: the warnings and the advice on the policies that are the user's own, or on the library where it is the root.

use palisade_source::report::LintReport;
use palisade_source::{Diagnostic, File};

use crate::check::program_diagnostics;
use crate::inputs::{Db, Program};
use crate::policy::infer::codes::ALL as TYPES;
use crate::policy::lint::{advice, codes};
use crate::policy::modules::{files, modules};
use crate::policy::problems::{has_errors, located};
use crate::suggest;
use crate::testing::is_in;
use crate::texts::texts;

/// What is to be said of which policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these codes; empty: all.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Only these modules and those below; empty: all.
    pub modules: Vec<String>,
}

/// Reads the policies. With an error in them, or an unknown code, the report's faults say so and there is no finding.
pub fn lint(db: &dyn Db, program: Program, selection: &Selection) -> LintReport {
    let mut report = LintReport { texts: texts(db, program, &[]), ..LintReport::default() };
    let mut found = program_diagnostics(db, program);
    report.faults.extend(selection.select.iter().chain(&selection.ignore).filter_map(|code| unknown(code)));
    if !report.faults.is_empty() || has_errors(&found) {
        report.faults.append(&mut found);
        return report;
    }
    found.extend(advice(db, program).iter().map(|problem| located(db, problem)));
    let meant: Vec<File> = meant(db, program, selection);
    report.files = meant.len();
    let is_meant = |one: &Diagnostic| {
        let at = one.span.as_ref().map(|span| &*span.path);
        at.is_none_or(|at| meant.iter().any(|file| **file.path(db) == *at)) && selection.takes(one.code)
    };
    found.retain(is_meant);
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    report.findings = found;
    report
}

fn order(one: &Diagnostic) -> impl Ord + '_ {
    let place = one.span.as_ref().map(|span| (&*span.path, span.range.start(), span.range.end()));
    (place, one.code, &*one.message)
}

/// The user's files, or the library's where there is nothing else; of these the modules that are selected.
fn meant(db: &dyn Db, program: Program, selection: &Selection) -> Vec<File> {
    let own = program.policies(db);
    let root = if own.is_empty() { program.library(db) } else { own };
    let modules = &modules(db, program).value;
    let all = files(db, program).into_iter().map(|(_, file)| file).filter(|file| root.contains(file));
    all.filter(|file| {
        let module = modules.of_file(*file);
        selection.modules.is_empty() || selection.modules.iter().any(|above| is_in(&module, above))
    })
    .collect()
}

impl Selection {
    fn takes(&self, code: &str) -> bool {
        (self.select.is_empty() || self.select.iter().any(|one| one == code))
            && !self.ignore.iter().any(|one| one == code)
    }
}

/// The type checker has warnings too.
fn unknown(code: &str) -> Option<Diagnostic> {
    let known: Vec<&str> = codes().map(|(code, _)| code).chain(TYPES.iter().map(|(code, _)| *code)).collect();
    if known.contains(&code) {
        return None;
    }
    let near = suggest::did_you_mean(suggest::nearest(code, known));
    Some(Diagnostic::error("unknown-lint", format!("there is no lint `{code}`"), None).with_help(near))
}
