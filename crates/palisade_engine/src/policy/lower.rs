//! One query for each kind of item that is lowered: rules, functions, constants, traffic tables, hosts.
//!
//! Each reads one item's tree, the signatures of what it names, and the schema: never another item's body.

use palisade_syntax::ast::ItemKind;

use super::infer::{self, Context};
use super::items::{PolicyItem, file_items, find_item};
use super::modules::{files, modules};
use super::program_scope::ProgramScope;
use super::scope::Lowered;
use crate::inputs::{Db, Program};
use crate::ir;
use crate::names::{DefName, ItemKey, ItemTag};

/// Runs a lowering of one item in its module's scope.
fn in_context<'db, T>(
    db: &'db dyn Db,
    program: Program,
    item: PolicyItem<'db>,
    lower: impl FnOnce(&Context<'_>, &palisade_syntax::ast::Item) -> Option<Lowered<T>>,
) -> Option<Lowered<T>> {
    with_context(db, program, item.key(db), |context| lower(context, item.ast(db)))
}

/// Does something in the scope of an item.
pub(crate) fn with_context<T>(db: &dyn Db, program: Program, key: &ItemKey, run: impl FnOnce(&Context<'_>) -> T) -> T {
    let scope = ProgramScope::new(db, program, key.file);
    let module = modules(db, program).value.of_file(key.file);
    let context = Context { scope: &scope, item: key, module: &module };
    // The deepest expressions that the parser accepts need more than a worker's stack.
    stacker::maybe_grow(STACK.0, STACK.1, || run(&context))
}

/// Room that lowering one item may take on the stack, and what is added where less is left.
pub(super) const STACK: (usize, usize) = (6 * 1024 * 1024, 16 * 1024 * 1024);

/// A rule.
#[salsa::tracked(returns(ref))]
pub fn rule<'db>(db: &'db dyn Db, program: Program, item: PolicyItem<'db>) -> Option<Lowered<ir::Rule>> {
    in_context(db, program, item, |context, item| match &item.kind {
        ItemKind::Rule(rule) => Some(infer::rule(context, item.doc.as_deref(), rule)),
        _ => None,
    })
}

/// A function of the language.
#[salsa::tracked(returns(ref))]
pub fn function<'db>(db: &'db dyn Db, program: Program, item: PolicyItem<'db>) -> Option<Lowered<ir::Function>> {
    in_context(db, program, item, |context, item| match &item.kind {
        ItemKind::Function(function) if function.body.is_some() => Some(infer::function(context, function)),
        _ => None,
    })
}

/// A constant.
#[salsa::tracked(returns(ref))]
pub fn constant<'db>(db: &'db dyn Db, program: Program, item: PolicyItem<'db>) -> Option<Lowered<ir::Const>> {
    in_context(db, program, item, |context, item| match &item.kind {
        ItemKind::Const(constant) => Some(infer::constant(context, constant)),
        _ => None,
    })
}

/// A traffic table.
#[salsa::tracked(returns(ref))]
pub fn traffic<'db>(db: &'db dyn Db, program: Program, item: PolicyItem<'db>) -> Option<Lowered<ir::TrafficTable>> {
    in_context(db, program, item, |context, item| match &item.kind {
        ItemKind::Traffic(traffic) => Some(infer::traffic(context, traffic)),
        _ => None,
    })
}

/// Some hosts' tag.
#[salsa::tracked(returns(ref))]
pub fn hosts<'db>(db: &'db dyn Db, program: Program, item: PolicyItem<'db>) -> Option<Lowered<ir::Hosts>> {
    in_context(db, program, item, |context, item| match &item.kind {
        ItemKind::Hosts(hosts) => Some(infer::hosts(context, hosts)),
        _ => None,
    })
}

/// The item of a full name.
pub fn find<'db>(db: &'db dyn Db, program: Program, name: &DefName) -> Option<PolicyItem<'db>> {
    find_item(db, modules(db, program).value.item(&name.module, &name.name)?)
}

/// Every rule of a program, by full name.
pub fn rule_items(db: &dyn Db, program: Program) -> Vec<(DefName, PolicyItem<'_>)> {
    let all = modules(db, program).value.all().filter(|(_, key)| key.kind == ItemTag::Rule);
    all.filter_map(|(name, key)| Some((name, find_item(db, key)?))).collect()
}

/// Every `hosts within` item of a program, in the order of modules and text.
pub fn hosts_items(db: &dyn Db, program: Program) -> Vec<PolicyItem<'_>> {
    let items = files(db, program).into_iter().flat_map(|(_, file)| &file_items(db, file).items);
    items.copied().filter(|item| item.key(db).kind == ItemTag::Hosts).collect()
}

/// The hosts of all `hosts within` items, for the evaluator.
#[salsa::tracked(returns(ref))]
pub fn all_hosts(db: &dyn Db, program: Program) -> Vec<ir::Hosts> {
    let lowered = hosts_items(db, program).into_iter().filter_map(|item| hosts(db, program, item).as_ref());
    lowered.map(|l| l.value.clone()).collect()
}
