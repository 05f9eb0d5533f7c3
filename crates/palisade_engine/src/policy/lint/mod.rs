//! Lints: what the types allow and nobody means. One file for each, which exports a [`Lint`].
//!
//! A lint's problems carry their own severity. Those of [`FAULTS`] are asked with every check: an error refuses the
//! policy like any other, and `check` and `test` show warnings beside their answers. Those of [`ADVICE`] are infos, which
//! nobody pays for or sees who does not ask `palisade lint`.

mod constant;
mod contradiction;
mod documentation;
mod duplicate_tag;
mod duplicate_test;
mod mend;
mod mentions;
mod naming;
mod pack_condition;
mod severity;
mod uncited;
mod unfinished;
mod untested;
mod unused;

use palisade_syntax::ast;

use super::items::{PolicyItem, file_items};
use super::modules::files;
use crate::inputs::{Db, Program};
use crate::problem::Problem;

/// A lint.
pub struct Lint {
    /// The codes of its problems, each with one line that completes "reported for …".
    pub codes: &'static [(&'static str, &'static str)],
    /// What finds them.
    pub find: Find,
}

/// What a lint reads.
pub enum Find {
    /// One item: asked again only where the item changes, or something that it names.
    Item(fn(&dyn Db, Program, PolicyItem<'_>, &ast::Item) -> Vec<Problem>),
    /// The whole program.
    Program(fn(&dyn Db, Program) -> Vec<Problem>),
}

/// What must not look as if it meant something.
pub const FAULTS: &[Lint] =
    &[constant::LINT, duplicate_tag::LINT, duplicate_test::LINT, pack_condition::LINT, unfinished::LINT];

/// What could be better.
pub const ADVICE: &[Lint] = &[
    contradiction::LINT,
    documentation::LINT,
    mend::LINT,
    naming::LINT,
    severity::LINT,
    uncited::LINT,
    untested::LINT,
    unused::LINT,
];

/// The codes of every lint.
pub fn codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    FAULTS.iter().chain(ADVICE).flat_map(|lint| lint.codes).copied()
}

/// The faults that the lints find in a program, in the order of modules and text.
#[salsa::tracked(returns(ref))]
pub fn faults(db: &dyn Db, program: Program) -> Vec<Problem> {
    let whole = FAULTS.iter().filter_map(|lint| match lint.find {
        Find::Program(find) => Some(find(db, program)),
        Find::Item(_) => None,
    });
    let mut all: Vec<Problem> = whole.flatten().collect();
    for item in files(db, program).into_iter().flat_map(|(_, file)| &file_items(db, file).items) {
        all.extend_from_slice(item_faults(db, program, *item));
    }
    all
}

/// The faults that the lints find in one item.
#[salsa::tracked(returns(ref))]
fn item_faults<'db>(db: &'db dyn Db, program: Program, item: PolicyItem<'db>) -> Vec<Problem> {
    let found = FAULTS.iter().filter_map(|lint| match lint.find {
        Find::Item(find) => Some(find(db, program, item, item.ast(db))),
        Find::Program(_) => None,
    });
    found.flatten().collect()
}

/// The advice on a program's items. No memo: it is asked for once.
pub fn advice(db: &dyn Db, program: Program) -> Vec<Problem> {
    let items = || files(db, program).into_iter().flat_map(|(_, file)| &file_items(db, file).items);
    let of = |lint: &Lint| match lint.find {
        Find::Program(find) => find(db, program),
        Find::Item(find) => items().flat_map(|item| find(db, program, *item, item.ast(db))).collect(),
    };
    ADVICE.iter().flat_map(of).collect()
}
