//! Imports and items that nothing uses.

use std::collections::BTreeSet;

use palisade_source::File;
use palisade_syntax::ast::{Ident, Import, ImportNames, ItemKind};
use smol_str::SmolStr;

use super::mentions::{Words, paths};
use super::{Find, Lint};
use crate::bindings::routing::without_default_outbound;
use crate::inputs::{Db, Program};
use crate::names::{ItemKey, ItemTag, NodeRef};
use crate::policy::items::{PolicyItem, file_items};
use crate::policy::modules::{Target, files, name_of};
use crate::policy::program_scope::find_target;
use crate::problem::Problem;

const IMPORT: &str = "unused-import";
const ITEM: &str = "unused-item";

pub(super) const LINT: Lint = Lint {
    codes: &[
        (IMPORT, "an import that nothing in its module uses"),
        (ITEM, "a type, constant, function, traffic table or fixture that nothing uses"),
    ],
    find: Find::Program(find),
};

fn find(db: &dyn Db, program: Program) -> Vec<Problem> {
    let mut found = Vec::new();
    let read = without_default_outbound();
    let mut used: BTreeSet<(SmolStr, SmolStr)> = BTreeSet::from([(read.module, read.name)]);
    for (_, file) in files(db, program) {
        let items = &file_items(db, file).items;
        let all: BTreeSet<Words<'_>> = items.iter().flat_map(|item| paths(item.ast(db))).collect();
        let first: BTreeSet<&SmolStr> = all.iter().filter_map(|words| words.first().copied()).collect();
        found.extend(items.iter().flat_map(|item| imports(db, *item, &first)));
        used.extend(all.iter().flat_map(|words| named(db, program, file, words)));
    }
    for (module, file) in files(db, program) {
        let own = file_items(db, file).items.iter().filter(|item| may_be_unused(db, **item));
        let idle = own.filter(|item| !used.contains(&(module.clone(), item.key(db).name.clone())));
        found.extend(idle.map(|item| unused_item(db, item.key(db))));
    }
    found
}

/// The words of an import that are not among those that the module's paths begin with.
fn imports(db: &dyn Db, item: PolicyItem<'_>, first: &BTreeSet<&SmolStr>) -> Vec<Problem> {
    let ItemKind::Import(import) = &item.ast(db).kind else { return Vec::new() };
    let bound = bound(import);
    let unused: Vec<&Ident> = bound.iter().copied().filter(|word| !first.contains(&word.text)).collect();
    let all = unused.len() == bound.len();
    let problem = |word: &&Ident| {
        let at = NodeRef { item: item.key(db).clone(), node: word.id };
        let help = if all { "remove the import".to_owned() } else { format!("remove `{}` from the braces", word.text) };
        Problem::info(IMPORT, format!("nothing in this module uses the import `{}`", word.text), at).help(help)
    };
    unused.iter().map(problem).collect()
}

/// The words that an import gives to its module.
fn bound(import: &Import) -> Vec<&Ident> {
    match &import.names {
        ImportNames::Module(alias) => alias.iter().chain(import.module.segments.last()).take(1).collect(),
        ImportNames::Items(items) => items.iter().map(|one| one.alias.as_ref().unwrap_or(&one.name)).collect(),
    }
}

/// The items that a path names: `network.NextHop.internet` names the enum by its first two words.
fn named(db: &dyn Db, program: Program, file: File, words: &Words<'_>) -> Vec<(SmolStr, SmolStr)> {
    let words: Vec<&str> = words.iter().map(|word| word.as_str()).collect();
    let beginnings = (1..=words.len()).filter_map(|end| words.get(..end));
    let items = beginnings.filter_map(|beginning| match find_target(db, program, file, beginning)? {
        Target::Item(name, _) => Some((name.module, name.name)),
        Target::Module(_) => None,
    });
    items.collect()
}

/// The engine asks for its own functions and types by name; rules and packs are run, not named.
fn may_be_unused(db: &dyn Db, item: PolicyItem<'_>) -> bool {
    use ItemTag::{Const, Entity, Enum, Fixture, Record, Traffic};
    match &item.ast(db).kind {
        ItemKind::Function(function) => function.body.is_some(),
        _ => matches!(item.key(db).kind, Const | Entity | Enum | Fixture | Record | Traffic),
    }
}

fn unused_item(db: &dyn Db, key: &ItemKey) -> Problem {
    let message = format!("nothing uses the {} `{}`", key.kind.word(), key.name);
    Problem::info(ITEM, message, name_of(db, key)).help("use it, or remove it")
}
