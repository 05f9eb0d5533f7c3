//! Rules that say nowhere how grave they are: neither by a severity nor by what they cite.

use palisade_syntax::ast::{self, ClauseKind, ItemKind};

use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::listing::all_cites;
use crate::names::NodeRef;
use crate::policy::items::PolicyItem;
use crate::policy::lower;
use crate::problem::Problem;

const CODE: &str = "unstated-severity";

pub(super) const LINT: Lint = Lint {
    codes: &[(CODE, "a rule without a severity and without a citation, which is therefore only `info`")],
    find: Find::Item(find),
};

fn find(db: &dyn Db, program: Program, item: PolicyItem<'_>, tree: &ast::Item) -> Vec<Problem> {
    let ItemKind::Rule(written) = &tree.kind else { return Vec::new() };
    let stated = written.clauses.iter().any(|clause| matches!(clause.kind, ClauseKind::Severity(_)));
    let Some(lowered) = lower::rule(db, program, item).as_ref().filter(|_| !stated) else { return Vec::new() };
    if !all_cites(db, program, &lowered.value).is_empty() {
        return Vec::new();
    }
    let at = NodeRef { item: item.key(db).clone(), node: written.name.id };
    let message = format!("the rule `{}` has no severity and cites nothing, so it is `info`", written.name.text);
    let help = "add `severity error`, `severity warning` or `severity info`, or cite the statement that it checks";
    vec![Problem::info(CODE, message, at).help(help)]
}
