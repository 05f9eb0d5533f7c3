//! Two tests of one module with one name: no report and no filter could tell them apart.

use std::collections::BTreeMap;

use palisade_syntax::ast::{ItemKind, NodeId};
use smol_str::SmolStr;

use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::names::{ItemKey, NodeRef};
use crate::policy::tests::test_items;
use crate::problem::Problem;

const CODE: &str = "duplicate-test";

pub(super) const LINT: Lint =
    Lint { codes: &[(CODE, "two tests of one module with one name")], find: Find::Program(find) };

fn find(db: &dyn Db, program: Program) -> Vec<Problem> {
    let mut first: BTreeMap<(&str, &SmolStr), (&ItemKey, NodeId)> = BTreeMap::new();
    let mut found = Vec::new();
    for item in test_items(db, program) {
        let (key, ItemKind::Test(test)) = (item.key(db), &item.ast(db).kind) else { continue };
        let at = |key: &ItemKey, node| NodeRef { item: key.clone(), node };
        let here = (key, test.name.id);
        if let Some((other, node)) = first.insert((key.file.path(db), &test.name.text), here) {
            let message = format!("there are two tests `{}` in this module", test.name.text);
            let problem =
                Problem::error(CODE, message, at(key, test.name.id)).related(at(other, node), "the first is here");
            found.push(problem.help("say in its name what this one shows that the other does not"));
        }
    }
    found
}
