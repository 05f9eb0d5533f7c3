//! The mends of a rule: blocks between fences in documentation, where it is said what has to be.
//!
//! A rule's own come first, and alone. A rule without any has those of the functions and fields that it requires: how a
//! key is stated in Azure is written once, at the key, for every rule that asks for it. A function without any has those
//! of what it names in turn.

use std::collections::HashSet;

use palisade_source::report::Mend;
use palisade_syntax::ast::{CompareOp, QuantifierKind, Sense};

use super::requires;
use crate::inputs::{Db, Program};
use crate::ir::{Expr, ExprKind, Rule, walk};
use crate::names::DefName;
use crate::policy::docs::mends;
use crate::policy::items::PolicyItem;
use crate::policy::lower::{find, function};
use crate::policy::schema::schema;

pub(super) fn of_rule(db: &dyn Db, program: Program, item: PolicyItem<'_>, rule: &Rule) -> Vec<Mend> {
    let own = of_item(db, item);
    if !own.is_empty() {
        return own;
    }
    let mut gathered = Gathered { db, program, found: Vec::new(), seen: HashSet::new() };
    for require in requires(&rule.steps).into_iter().filter(|require| require.sense == Sense::Require) {
        require.alternatives.iter().for_each(|expr| gathered.wanted(expr));
    }
    gathered.found
}

fn of_item(db: &dyn Db, item: PolicyItem<'_>) -> Vec<Mend> {
    item.ast(db).doc.as_deref().map(mends).unwrap_or_default()
}

struct Gathered<'db> {
    db: &'db dyn Db,
    program: Program,
    found: Vec<Mend>,
    seen: HashSet<DefName>,
}

impl<'db> Gathered<'db> {
    fn add(&mut self, mends: Vec<Mend>) {
        for mend in mends {
            if !self.found.contains(&mend) {
                self.found.push(mend);
            }
        }
    }

    /// What an expression names that is to hold or to be there. What is to be absent, empty or false is left out: a mend
    /// says how something is made.
    fn wanted(&mut self, expr: &'db Expr) {
        match &expr.kind {
            ExprKind::Not(inner) => {
                if let ExprKind::IsNone(there) = &inner.kind {
                    self.wanted(there);
                }
            }
            kind if is_absence(kind) => {}
            kind => {
                self.named(kind);
                walk::parts(expr, &mut |part| self.wanted(part));
            }
        }
    }

    fn named(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Call(name, _) if self.seen.insert(name.clone()) => {
                let Some(item) = find(self.db, self.program, name) else { return };
                let own = of_item(self.db, item);
                match function(self.db, self.program, item) {
                    Some(lowered) if own.is_empty() => self.wanted(&lowered.value.body),
                    _ => self.add(own),
                }
            }
            ExprKind::Field { record, field, .. } => {
                let record = schema(self.db, self.program).value.record(*record);
                let field = record.and_then(|record| record.fields.get(*field as usize));
                let doc = field.and_then(|field| field.doc.as_deref());
                self.add(doc.map(mends).unwrap_or_default());
            }
            _ => {}
        }
    }
}

/// Whether something is to be absent or empty.
fn is_absence(kind: &ExprKind) -> bool {
    let is_empty = |expr: &Expr| matches!(&expr.kind, ExprKind::List(items) if items.is_empty());
    match kind {
        ExprKind::IsNone(_) | ExprKind::Quantifier { kind: QuantifierKind::No, .. } => true,
        ExprKind::Compare(CompareOp::Equal, one, other) => is_empty(one) || is_empty(other),
        _ => false,
    }
}
