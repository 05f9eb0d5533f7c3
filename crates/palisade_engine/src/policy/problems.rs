//! Every fault of a program's policies, located: what is shown before anything is checked.

use std::collections::BTreeSet;

use palisade_source::{Diagnostic, File, Fix, Label, Severity, Span};
use palisade_syntax::ast::ItemKind;
use palisade_syntax::{ParsedFile, ParsedItem, SyntaxError};
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use super::catalogue::catalogue_faults;
use super::cycles::cycles;
use super::host_names::host_name_faults;
use super::infer::codes::{INVALID_REGION, INVALID_TAG, MISSING_REQUIRE};
use super::items::{PolicyItem, file_items, locate, parse_policy};
use super::lint;
use super::lower::{constant, function, hosts, rule, traffic};
use super::modules::{files, module_scope, modules, unbound};
use super::packs::packs;
use super::program_scope::signature;
use super::repair;
use super::schema::schema;
use super::scope::Lowered;
use super::sources::{source, statement_index};
use super::tests::test;
use crate::inputs::{Db, Program};
use crate::problem::Problem;

/// The faults of a program's policies, by file and place.
pub fn diagnostics(db: &dyn Db, program: Program) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = problems(db, program).iter().map(|problem| located(db, problem)).collect();
    for (_, file) in files(db, program) {
        let parsed = parse_policy(db, file);
        let unread = Unread::new(file, parsed);
        let unbound = unbound(db, program, file);
        all.retain(|found| !unread.explains(db, found) && !follows_from_import(db, file, &unbound, found));
        all.extend(parsed.errors.iter().map(|error| syntax(file.path(db), error)));
    }
    let catalogue = catalogue_faults(db, program);
    all.retain(|found| !follows_from_catalogue(&catalogue, found));
    all.extend(catalogue);
    all.extend_from_slice(host_name_faults(db, program));
    let key = |d: &Diagnostic| d.span.as_ref().map(|s| (s.path.clone(), s.range.start(), s.range.end()));
    all.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)));
    all.dedup();
    all
}

/// What could not be read of a file. Faults that only follow from it are not told, so that one mistake is one message.
struct Unread<'a> {
    file: File,
    errors: &'a [SyntaxError],
    /// Where the file's items begin, in order.
    starts: Vec<TextSize>,
    /// The items with an error, by how many begin before it.
    broken: BTreeSet<usize>,
}

impl<'a> Unread<'a> {
    fn new(file: File, parsed: &'a ParsedFile) -> Self {
        let first = |item: &ParsedItem| item.spans.ranges.iter().map(|range| range.start()).min();
        let starts =
            if parsed.errors.is_empty() { Vec::new() } else { parsed.items.iter().filter_map(first).collect() };
        let mut unread = Self { file, errors: &parsed.errors, starts, broken: BTreeSet::new() };
        unread.broken = unread.errors.iter().map(|error| unread.item(error.range)).collect();
        unread
    }

    fn item(&self, range: TextRange) -> usize {
        self.starts.partition_point(|start| *start <= range.start())
    }

    /// Whether a fault is about an expression with a part that could not be read, or about what is missing from an
    /// item with one.
    fn explains(&self, db: &dyn Db, found: &Diagnostic) -> bool {
        let Some(span) = found.span.as_ref().filter(|span| span.path == *self.file.path(db)) else { return false };
        let missing = found.severity != Severity::Error || found.code == MISSING_REQUIRE;
        missing && self.broken.contains(&self.item(span.range))
            || self.errors.iter().any(|error| span.range.contains_range(error.range))
    }
}

/// Whether a fault is only that a name is not there which an import at fault was to bring.
fn follows_from_import(db: &dyn Db, file: File, unbound: &BTreeSet<SmolStr>, found: &Diagnostic) -> bool {
    let missing = ["unknown-name", "unknown-type", "unknown-rule", "unknown-fixture"].contains(&found.code);
    let Some(span) = found.span.as_ref().filter(|span| missing && span.path == *file.path(db)) else { return false };
    let written = file.text(db).get(std::ops::Range::<usize>::from(span.range)).unwrap_or_default();
    let end = written.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(written.len());
    written.get(..end).is_some_and(|word| unbound.contains(word))
}

/// Whether a fault may be only that a tag or region is not known because a list of them could not be read. Without the
/// library's own nothing is certain; without a file that was given, its tags are missing.
fn follows_from_catalogue(faults: &[Diagnostic], found: &Diagnostic) -> bool {
    let of_library = faults.iter().any(|fault| fault.code == "library-data");
    of_library || !faults.is_empty() && [INVALID_TAG, INVALID_REGION].contains(&found.code)
}

/// Whether a program may be evaluated.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}

/// An error of syntax in a file.
pub(crate) fn syntax(path: &std::sync::Arc<str>, error: &palisade_syntax::SyntaxError) -> Diagnostic {
    let span = |range| Span { path: path.clone(), range };
    let mut diagnostic = Diagnostic::error(error.code, error.message.clone(), Some(span(error.range)));
    diagnostic.help.clone_from(&error.help);
    diagnostic.fixes = error.instead.iter().map(|text| Fix::guess(span(error.range), text)).collect();
    diagnostic.related =
        error.related.iter().map(|(range, message)| Label { span: span(*range), message: message.clone() }).collect();
    diagnostic
}

/// Gives a problem its positions.
pub fn located(db: &dyn Db, problem: &Problem) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(problem.code, problem.message.clone(), Some(locate(db, &problem.at)));
    diagnostic.severity = problem.severity;
    diagnostic.help.clone_from(&problem.help);
    diagnostic.notes.clone_from(&problem.notes);
    diagnostic.related =
        problem.related.iter().map(|(at, message)| Label { span: locate(db, at), message: message.clone() }).collect();
    diagnostic.fixes = problem.repair.iter().filter_map(|repair| repair::located(db, repair)).collect();
    diagnostic
}

/// The faults of a program's policies, without positions; errors of syntax are not among them.
#[salsa::tracked(returns(ref))]
pub fn problems(db: &dyn Db, program: Program) -> Vec<Problem> {
    let mut all = modules(db, program).problems.clone();
    all.extend_from_slice(&schema(db, program).problems);
    all.extend_from_slice(&statement_index(db, program).problems);
    all.extend_from_slice(&packs(db, program).problems);
    all.extend_from_slice(cycles(db, program));
    for (_, file) in files(db, program) {
        all.extend_from_slice(&module_scope(db, program, file).problems);
        for item in &file_items(db, file).items {
            all.extend_from_slice(item_problems(db, program, *item));
        }
    }
    all.extend_from_slice(lint::faults(db, program));
    all
}

/// The faults of one item.
#[salsa::tracked(returns(ref))]
fn item_problems<'db>(db: &'db dyn Db, program: Program, item: PolicyItem<'db>) -> Vec<Problem> {
    fn of<T>(lowered: Option<&Lowered<T>>) -> Vec<Problem> {
        lowered.map(|l| l.problems.clone()).unwrap_or_default()
    }
    let with_signature = |rest: Vec<Problem>| {
        let mut all = signature(db, program, item).problems.clone();
        all.extend(rest);
        all
    };
    match &item.ast(db).kind {
        ItemKind::Rule(_) => of(rule(db, program, item).as_ref()),
        ItemKind::Function(_) => with_signature(of(function(db, program, item).as_ref())),
        ItemKind::Const(_) => with_signature(of(constant(db, program, item).as_ref())),
        ItemKind::Traffic(_) => with_signature(of(traffic(db, program, item).as_ref())),
        ItemKind::Hosts(_) => of(hosts(db, program, item).as_ref()),
        ItemKind::Source(_) => source(db, item).problems.clone(),
        ItemKind::Test(_) => of(test(db, program, item).as_ref()),
        _ => Vec::new(),
    }
}
