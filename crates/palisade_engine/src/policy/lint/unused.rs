//! Imports and items that nothing uses.

use std::collections::BTreeSet;

use palisade_source::File;
use palisade_syntax::ast::{Ident, Import, ImportNames, ItemKind};
use smol_str::SmolStr;

use super::mentions::{Words, paths};
use super::{Find, Lint};
use crate::bindings::routing::without_default_outbound;
use crate::inputs::{Db, Program};
use crate::names::{ItemTag, NodeRef};
use crate::policy::items::{PolicyItem, file_items};
use crate::policy::modules::{Target, files, name_of};
use crate::policy::program_scope::find_target;
use crate::problem::{Change, Problem, Repair};

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
        found.extend(idle.map(|item| unused_item(db, *item)));
    }
    found
}

/// The words of an import that are not among those that the module's paths begin with.
fn imports(db: &dyn Db, item: PolicyItem<'_>, first: &BTreeSet<&SmolStr>) -> Vec<Problem> {
    let tree = item.ast(db);
    let ItemKind::Import(import) = &tree.kind else { return Vec::new() };
    let bound = bound(import);
    let unused: Vec<_> = bound.iter().filter(|(_, word)| !first.contains(&word.text)).collect();
    let all = unused.len() == bound.len();
    let problem = |(name, word): &&(&Ident, &Ident)| {
        let at = |node| NodeRef { item: item.key(db).clone(), node };
        let (title, change) = if all {
            ("remove the import".to_owned(), Change::RemoveLines(at(tree.id)))
        } else {
            (format!("remove `{}` from the braces", word.text), Change::RemoveElement(at(name.id), at(word.id)))
        };
        let message = format!("nothing in this module uses the import `{}`", word.text);
        let repair = Repair { title: title.clone(), safe: true, changes: vec![change] };
        Problem::info(IMPORT, message, at(word.id)).help(title).repair(repair)
    };
    unused.iter().map(problem).collect()
}

/// The words that an import gives to its module, each after the name that it stands for.
fn bound(import: &Import) -> Vec<(&Ident, &Ident)> {
    match &import.names {
        ImportNames::Module(alias) => {
            alias.iter().chain(import.module.segments.last()).take(1).map(|word| (word, word)).collect()
        }
        ImportNames::Items(items) => {
            items.iter().map(|one| (&one.name, one.alias.as_ref().unwrap_or(&one.name))).collect()
        }
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

/// Taking it out changes no answer, but it may be there for what is to come.
fn unused_item(db: &dyn Db, item: PolicyItem<'_>) -> Problem {
    let key = item.key(db);
    let whole = NodeRef { item: key.clone(), node: item.ast(db).id };
    let message = format!("nothing uses the {} `{}`", key.kind.word(), key.name);
    let title = format!("remove the {} `{}`", key.kind.word(), key.name);
    let repair = Repair { title, safe: false, changes: vec![Change::RemoveLines(whole)] };
    Problem::info(ITEM, message, name_of(db, key)).help("use it, or remove it").repair(repair)
}
