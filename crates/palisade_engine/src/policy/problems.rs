//! Every fault of a program's policies, located: what is shown before anything is checked.

use std::collections::BTreeSet;

use palisade_source::{Diagnostic, Fix, Label, Severity, Span};
use palisade_syntax::ast::ItemKind;
use smol_str::SmolStr;

use super::catalogue::catalogue_faults;
use super::consequences::{Unread, fold_repeated, follows_from_catalogue, follows_from_names, lost_names};
use super::cycles::cycles;
use super::host_names::host_name_faults;
use super::imports;
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
    let parsed = || files(db, program).into_iter().map(|(_, file)| (file, parse_policy(db, file)));
    let lost: BTreeSet<SmolStr> =
        parsed().flat_map(|(file, parsed)| lost_names(db, file, parsed)).map(SmolStr::from).collect();
    for (file, parsed) in parsed() {
        let unread = Unread::new(db, file, parsed);
        let unbound = unbound(db, program, file);
        all.retain(|found| !unread.explains(db, found) && !follows_from_names(db, file, [&lost, &unbound], found));
        for found in &mut all {
            imports::offer(db, program, file, found);
        }
        all.extend(parsed.errors.iter().map(|error| syntax(file.path(db), error)));
    }
    let catalogue = catalogue_faults(db, program);
    all.retain(|found| !follows_from_catalogue(&catalogue, found));
    all.extend(catalogue);
    all.extend_from_slice(host_name_faults(db, program));
    let key = |d: &Diagnostic| d.span.as_ref().map(|s| (s.path.clone(), s.range.start(), s.range.end()));
    all.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)));
    all.dedup();
    fold_repeated(all)
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
