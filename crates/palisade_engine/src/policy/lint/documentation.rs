//! Items without documentation, where the documentation is what `explain` and reports show.

use palisade_syntax::ast;

use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::names::{ItemTag, NodeRef};
use crate::policy::items::PolicyItem;
use crate::problem::Problem;

const CODE: &str = "missing-doc";

pub(super) const LINT: Lint =
    Lint { codes: &[(CODE, "a rule, pack, traffic table or function without documentation")], find: Find::Item(find) };

fn find(db: &dyn Db, _: Program, item: PolicyItem<'_>, tree: &ast::Item) -> Vec<Problem> {
    let key = item.key(db);
    let shown = matches!(key.kind, ItemTag::Rule | ItemTag::Pack | ItemTag::Traffic | ItemTag::Function);
    let documented = tree.doc.as_ref().is_some_and(|doc| !doc.trim().is_empty());
    let Some(name) = tree.name().filter(|_| shown && !documented) else { return Vec::new() };
    let message = format!("the {} `{}` has no documentation", key.kind.word(), name.text);
    let help = match key.kind {
        ItemTag::Rule => "say in `///` lines above it what must hold and why: findings and `palisade explain` show it",
        _ => "say in `///` lines above it what it is for",
    };
    vec![Problem::info(CODE, message, NodeRef { item: key.clone(), node: name.id }).help(help)]
}
