//! A tag that a rule carries twice.

use std::collections::BTreeMap;

use palisade_syntax::ast::{self, ClauseKind, ItemKind};

use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::names::NodeRef;
use crate::policy::items::PolicyItem;
use crate::problem::{Change, Problem, Repair};

const CODE: &str = "duplicate-tag";

pub(super) const LINT: Lint = Lint {
    codes: &[(CODE, "a tag that a rule carries twice; one of them was meant to be another")],
    find: Find::Item(find),
};

fn find(db: &dyn Db, _: Program, item: PolicyItem<'_>, tree: &ast::Item) -> Vec<Problem> {
    let ItemKind::Rule(rule) = &tree.kind else { return Vec::new() };
    let at = |node| NodeRef { item: item.key(db).clone(), node };
    let mut first = BTreeMap::new();
    let mut found = Vec::new();
    let tags = rule.clauses.iter().filter_map(|clause| match &clause.kind {
        ClauseKind::Tags(tags) => Some(tags),
        _ => None,
    });
    for tag in tags.flatten() {
        if let Some(other) = first.insert(&tag.text, tag.id) {
            let message = format!("the rule `{}` has the tag `{}` twice", rule.name.text, tag.text);
            let changes = vec![Change::RemoveElement(at(tag.id), at(tag.id))];
            let repair = Repair { title: "remove this one".to_owned(), safe: true, changes };
            let problem = Problem::warning(CODE, message, at(tag.id)).related(at(other), "first here");
            found.push(problem.help("remove one, or write the tag that was meant").repair(repair));
        }
    }
    found
}
