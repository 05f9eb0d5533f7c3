//! Rules of which no test expects anything: nothing shows that they find what they are to find.

use std::collections::BTreeSet;

use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::ir::Expectation;
use crate::names::DefName;
use crate::policy::lower::rule_items;
use crate::policy::modules::name_of;
use crate::policy::tests::{test, test_items};
use crate::problem::Problem;

const CODE: &str = "untested-rule";

pub(super) const LINT: Lint =
    Lint { codes: &[(CODE, "a rule of which no test expects anything")], find: Find::Program(find) };

fn find(db: &dyn Db, program: Program) -> Vec<Problem> {
    let tests = test_items(db, program).into_iter().filter_map(|item| test(db, program, item).as_ref());
    let expected: BTreeSet<&DefName> = tests.flat_map(|test| &test.value.expectations).flat_map(rules).collect();
    let untested = rule_items(db, program).into_iter().filter(|(name, _)| !expected.contains(name));
    let problem = |name: &DefName, at| {
        let rule = &name.name;
        let help = format!("add a `test` with `expect violation {rule} on …` and one with `expect pass {rule} on …`");
        Problem::info(CODE, format!("no test expects anything of the rule `{rule}`"), at).help(help)
    };
    untested.map(|(name, item)| problem(&name, name_of(db, item.key(db)))).collect()
}

fn rules(expectation: &Expectation) -> &[DefName] {
    match expectation {
        Expectation::Outcome { rule, .. } => std::slice::from_ref(rule),
        Expectation::NoFindings { rules, .. } => rules,
    }
}
