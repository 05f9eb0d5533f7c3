//! What a rule asks, as far as it can be compared with what another rule asks.

use palisade_syntax::ast::{NodeId, QuantifierKind, Sense, VerdictQuery};

use super::boxes::{Boxes, boxes};
use crate::inputs::{Db, Program};
use crate::ir::path::{Path, path_of};
use crate::ir::{Expr, ExprKind, Local, Rule, Step, StepKind};
use crate::policy::lower::{find, function};

/// A requirement of a rule.
pub(super) struct Demand<'a> {
    /// The requirement.
    pub(super) node: NodeId,
    /// Where paths of it may lead to the subject of another rule.
    pub(super) within: &'a Expr,
    /// What it asks.
    pub(super) kind: Kind<'a>,
}

impl Demand<'_> {
    /// The variable that stands for an element.
    pub(super) fn variable(&self) -> Option<Local> {
        match &self.kind {
            Kind::Some { variable, .. } | Kind::Each { variable, .. } => Some(*variable),
            Kind::Condition(..) | Kind::Traffic { .. } => None,
        }
    }
}

/// The kinds of demand.
pub(super) enum Kind<'a> {
    /// A condition that must come out so.
    Condition(&'a Expr, bool),
    /// Traffic that must be allowed (`true`) or shut out at a place.
    Traffic { query: VerdictQuery, place: Path, boxes: Boxes, allowed: bool },
    /// Of some elements of a collection one must meet a condition.
    Some { collection: Path, variable: Local, body: &'a Expr },
    /// Each element of a collection that meets all of `given` must come out so.
    Each { collection: Path, variable: Local, given: Vec<&'a Expr>, body: &'a Expr, holds: bool },
}

/// The demands of a rule. An alternative of an `either` is no demand.
pub(super) fn demands<'a>(db: &dyn Db, program: Program, rule: &'a Rule) -> Vec<Demand<'a>> {
    rule.steps.iter().flat_map(|step| of_step(db, program, step)).collect()
}

fn of_step<'a>(db: &dyn Db, program: Program, step: &'a Step) -> Vec<Demand<'a>> {
    match &step.kind {
        StepKind::Require(require) => match require.alternatives.as_slice() {
            [asked] => of_expr(db, program, asked, require.sense == Sense::Require).into_iter().collect(),
            _ => Vec::new(),
        },
        StepKind::For { variable, collection, steps } => of_block(db, program, *variable, collection, steps),
        _ => Vec::new(),
    }
}

/// What a `for` asks of each element. A `needs` in it only makes less come out as a pass; after anything else that is no
/// condition or requirement it is not read further.
fn of_block<'a>(
    db: &dyn Db,
    program: Program,
    variable: Local,
    collection: &'a Expr,
    steps: &'a [Step],
) -> Vec<Demand<'a>> {
    let Some(path) = collection_path(db, program, collection) else { return Vec::new() };
    let (mut given, mut found) = (Vec::new(), Vec::new());
    for step in steps {
        match &step.kind {
            StepKind::When(condition) => given.push(condition),
            StepKind::Needs(_) => {}
            StepKind::Require(require) => {
                let [body] = require.alternatives.as_slice() else { continue };
                let holds = require.sense == Sense::Require;
                let kind = Kind::Each { collection: path.clone(), variable, given: given.clone(), body, holds };
                found.push(Demand { node: body.id, within: collection, kind });
            }
            StepKind::Let(..) | StepKind::For { .. } => break,
        }
    }
    found
}

fn of_expr<'a>(db: &dyn Db, program: Program, asked: &'a Expr, holds: bool) -> Option<Demand<'a>> {
    let demand = |kind| Some(Demand { node: asked.id, within: asked, kind });
    match &asked.kind {
        ExprKind::Not(of) => of_expr(db, program, of, !holds),
        ExprKind::Verdict { query, place, traffic } => {
            let boxes = boxes(db, program, traffic)?;
            demand(Kind::Traffic { query: *query, place: path_of(place)?, boxes, allowed: holds })
        }
        ExprKind::Quantifier { kind, variable, collection, body } => {
            let (collection, variable) = (collection_path(db, program, collection)?, *variable);
            match (kind, holds) {
                (QuantifierKind::Any, true) | (QuantifierKind::No, false) => {
                    demand(Kind::Some { collection, variable, body })
                }
                (QuantifierKind::Any, false) | (QuantifierKind::No, true) => {
                    demand(Kind::Each { collection, variable, given: Vec::new(), body, holds: false })
                }
                (QuantifierKind::All, true) => {
                    demand(Kind::Each { collection, variable, given: Vec::new(), body, holds: true })
                }
                _ => None,
            }
        }
        _ => demand(Kind::Condition(asked, holds)),
    }
}

/// The path of a collection, also where a function gives it or nothing: `if x is none then [] else x.items`.
fn collection_path(db: &dyn Db, program: Program, collection: &Expr) -> Option<Path> {
    if let Some(path) = path_of(collection) {
        return Some(path);
    }
    let ExprKind::Call(name, arguments) = &collection.kind else { return None };
    let [argument] = arguments.as_slice() else { return None };
    let body = &function(db, program, find(db, program, name)?).as_ref()?.value.body;
    let items = match &body.kind {
        ExprKind::If(_, then, otherwise) if matches!(&then.kind, ExprKind::List(none) if none.is_empty()) => otherwise,
        _ => body,
    };
    let argument = path_of(argument)?;
    Some(path_of(items)?.rebased(|_| argument))
}
