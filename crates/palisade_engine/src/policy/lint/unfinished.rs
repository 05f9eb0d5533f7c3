//! Rules that were begun and not finished. They run, but what they find or pass says nothing.

use palisade_syntax::ast;

use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::names::{ItemTag, NodeRef};
use crate::policy::items::PolicyItem;
use crate::problem::Problem;

const CODE: &str = "unfinished-rule";
/// How the documentation of a rule begins that is not finished.
const MARK: &str = "TODO";

pub(super) const LINT: Lint =
    Lint { codes: &[(CODE, "a rule whose documentation begins with `TODO`")], find: Find::Item(find) };

fn find(db: &dyn Db, _: Program, item: PolicyItem<'_>, tree: &ast::Item) -> Vec<Problem> {
    let key = item.key(db);
    let marked = tree.doc.as_ref().is_some_and(|doc| doc.trim_start().starts_with(MARK));
    let Some(name) = tree.name().filter(|_| marked && key.kind == ItemTag::Rule) else { return Vec::new() };
    let message = format!("the rule `{}` is not finished: its documentation begins with `{MARK}`", name.text);
    let help = "write what must hold and tests for it, then say in the first `///` line what the rule requires";
    vec![Problem::warning(CODE, message, NodeRef { item: key.clone(), node: name.id }).help(help)]
}
