//! Conditions that come out the same for every environment.
//!
//! One that cannot hold is an error: a rule behind it never applies. One that always holds is a warning: whoever wrote
//! it believes that it asks something. Literals are folded, and what conditions say of a path (its variants, numbers,
//! texts, whether it is there) is carried along: from one operand to the next, from a `when` to what follows it.

pub(super) mod assume;
mod prefixes;
mod values;

use std::cell::Cell;

use palisade_syntax::ast::{self, LogicOp, NodeId, QuantifierKind, Sense};

use self::assume::{Conflict, Known, MOST_STEPS, Reader};
use super::{Find, Lint};
use crate::data::Data;
use crate::inputs::{Db, Program};
use crate::ir::{Arm, ArmPattern, Expr, ExprKind, Require, Step, StepKind, walk};
use crate::names::{DefName, NodeRef};
use crate::policy::items::PolicyItem;
use crate::policy::lower;
use crate::policy::packs::packs;
use crate::policy::schema::schema;
use crate::problem::Problem;
use crate::types::Type;

const CONSTANT: &str = "constant-condition";
const IMPOSSIBLE: &str = "impossible-condition";

pub(super) const LINT: Lint = Lint {
    codes: &[
        (CONSTANT, "a condition that comes out the same for every environment"),
        (IMPOSSIBLE, "a condition that nothing can meet, so that what stands behind it never happens"),
    ],
    find: Find::Item(find),
};

/// Longer chains of conditions are left alone: each operand is read with all that stand before it.
const LONGEST_CHAIN: usize = 200;

fn find(db: &dyn Db, program: Program, item: PolicyItem<'_>, tree: &ast::Item) -> Vec<Problem> {
    let constant = |name: &DefName| literal_constant(db, program, name);
    let steps_left = Cell::new(MOST_STEPS);
    let reader = Reader { schema: &schema(db, program).value, constant: &constant, rename: &|path| path, steps_left };
    let at = |node| NodeRef { item: item.key(db).clone(), node };
    let mut walker = Walker { reader, at: &at, found: Vec::new() };
    stacker::maybe_grow(lower::STACK.0, lower::STACK.1, || walker.item(db, program, item, tree));
    walker.found
}

pub(super) fn literal_constant(db: &dyn Db, program: Program, name: &DefName) -> Option<Data> {
    let lowered = lower::constant(db, program, lower::find(db, program, name)?).as_ref()?;
    match &lowered.value.value.kind {
        ExprKind::Literal(data) => Some(data.clone()),
        _ => None,
    }
}

/// Where a condition stands, which says what it means that it cannot hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// A `when`, or an operand of an `and`: the whole cannot hold.
    Whole,
    /// An operand of an `or`, the condition of an `if`, the body of a quantifier: a part never happens.
    Part,
    /// A requirement.
    Required(Sense),
}

struct Walker<'a> {
    reader: Reader<'a>,
    at: &'a dyn Fn(NodeId) -> NodeRef,
    found: Vec<Problem>,
}

impl Walker<'_> {
    fn item<'db>(&mut self, db: &'db dyn Db, program: Program, item: PolicyItem<'db>, tree: &ast::Item) {
        match &tree.kind {
            ast::ItemKind::Rule(_) => {
                if let Some(rule) = lower::rule(db, program, item) {
                    self.steps(&rule.value.steps, Known::default());
                }
            }
            ast::ItemKind::Function(_) => {
                if let Some(function) = lower::function(db, program, item) {
                    self.expr(&function.value.body, &Known::default());
                }
            }
            ast::ItemKind::Pack(written) => {
                let pack = packs(db, program).value.get(&written.name.text).filter(|pack| pack.item == *item.key(db));
                // Those of included packs follow its own.
                let own = pack.into_iter().flat_map(|pack| &pack.conditions).take(written.conditions.len());
                for condition in own {
                    self.condition(&condition.condition, &Known::default(), Position::Whole);
                }
            }
            _ => {}
        }
    }

    fn steps(&mut self, steps: &[Step], mut known: Known) {
        for step in steps {
            match &step.kind {
                StepKind::When(condition) => {
                    self.condition(condition, &known, Position::Whole);
                    // After one that cannot hold everything would be said to be impossible.
                    let Ok(after) = self.reader.assume(&known, condition, true) else { return };
                    known = after;
                }
                StepKind::Needs(path) => known = self.reader.present(&known, path),
                StepKind::Let(_, value) => self.expr(value, &known),
                StepKind::Require(require) => self.require(require, &known),
                StepKind::For { collection, steps, .. } => {
                    self.expr(collection, &known);
                    self.steps(steps, known.clone());
                }
            }
        }
    }

    fn require(&mut self, require: &Require, known: &Known) {
        for alternative in &require.alternatives {
            if alternative.ty == Type::Bool {
                self.condition(alternative, known, Position::Required(require.sense));
            } else {
                self.expr(alternative, known);
            }
        }
    }

    /// A condition, operand by operand.
    fn condition(&mut self, e: &Expr, known: &Known, position: Position) {
        let ExprKind::Logic(op, operands) = &e.kind else {
            self.judge(e, known, position);
            return self.parts(e, known);
        };
        if operands.len() > LONGEST_CHAIN {
            return;
        }
        if *op == LogicOp::Or
            && let Err(conflict) = self.reader.assume(known, e, true)
        {
            return self.impossible(e, conflict, position);
        }
        let inner = if *op == LogicOp::And { Position::Whole } else { Position::Part };
        let mut here = known.clone();
        for operand in operands {
            self.condition(operand, &here, inner);
            match self.reader.assume(&here, operand, *op == LogicOp::And) {
                Ok(after) => here = after,
                Err(_) => return,
            }
        }
    }

    fn judge(&mut self, e: &Expr, known: &Known, position: Position) {
        if let Err(conflict) = self.reader.assume(known, e, true) {
            self.impossible(e, conflict, position);
        } else if let Err(conflict) = self.reader.assume(known, e, false) {
            self.always(e, conflict, position);
        }
    }

    fn impossible(&mut self, e: &Expr, conflict: Conflict, position: Position) {
        if on_purpose(e, conflict, position, Sense::Require) {
            return;
        }
        let at = (self.at)(e.id);
        let problem = match position {
            Position::Whole => Problem::error(IMPOSSIBLE, "this condition can never hold", at)
                .help("change it, or what contradicts it: nothing behind it ever happens"),
            Position::Part => Problem::warning(CONSTANT, "this condition never holds here", at)
                .help("remove it, or ask what was meant"),
            Position::Required(Sense::Require) => Problem::warning(CONSTANT, "this requirement is never met", at)
                .help("write `require false` if that is meant"),
            Position::Required(Sense::Forbid) => {
                Problem::error(IMPOSSIBLE, "this is never so, so it could only pass", at).help("forbid what can happen")
            }
        };
        self.say(problem, conflict, "this says otherwise");
    }

    fn always(&mut self, e: &Expr, conflict: Conflict, position: Position) {
        if on_purpose(e, conflict, position, Sense::Forbid) {
            return;
        }
        let at = (self.at)(e.id);
        let problem = match position {
            Position::Required(Sense::Require) => {
                Problem::error(CONSTANT, "this always holds, so it could only pass", at).help("require what may fail")
            }
            Position::Required(Sense::Forbid) => {
                Problem::warning(CONSTANT, "this is always so", at).help("write `require false` if that is meant")
            }
            _ => Problem::warning(CONSTANT, "this condition always holds here", at)
                .help("remove it, or ask what was meant"),
        };
        self.say(problem, conflict, "because of this");
    }

    fn say(&mut self, problem: Problem, conflict: Conflict, because: &str) {
        self.found.push(match conflict.with {
            Some(node) => problem.related((self.at)(node), because),
            None => problem,
        });
    }

    /// An expression that is no condition itself, with the conditions in it.
    fn expr(&mut self, e: &Expr, known: &Known) {
        if matches!(e.kind, ExprKind::Logic(..)) {
            self.condition(e, known, Position::Part);
        } else {
            self.parts(e, known);
        }
    }

    fn parts(&mut self, e: &Expr, known: &Known) {
        match &e.kind {
            ExprKind::If(condition, then, otherwise) => self.choice(condition, then, otherwise, known),
            ExprKind::Quantifier { kind, collection, body, .. } => {
                self.expr(collection, known);
                // `all x in xs: false` says in words that there is none; `count x in xs: true` that all count.
                if !matches!(body.kind, ExprKind::Literal(_)) {
                    let whole = matches!(kind, QuantifierKind::Any | QuantifierKind::Count);
                    self.condition(body, known, if whole { Position::Whole } else { Position::Part });
                }
            }
            ExprKind::Comprehension { element, collection, filter, .. } => {
                self.expr(collection, known);
                let filtered = filter.as_deref().map(|filter| {
                    self.condition(filter, known, Position::Whole);
                    self.reader.assume(known, filter, true)
                });
                match filtered {
                    Some(Ok(known)) => self.expr(element, &known),
                    None => self.expr(element, known),
                    Some(Err(_)) => {}
                }
            }
            ExprKind::Match(subject, arms) => {
                self.expr(subject, known);
                for arm in arms {
                    self.arm(subject, arm, known);
                }
            }
            _ => walk::parts(e, &mut |part| self.expr(part, known)),
        }
    }

    fn choice(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr, known: &Known) {
        self.condition(condition, known, Position::Part);
        for (branch, holds) in [(then, true), (otherwise, false)] {
            if let Ok(known) = self.reader.assume(known, condition, holds) {
                self.expr(branch, &known);
            }
        }
    }

    /// An arm of a `match` knows which case it is for; `else` knows nothing.
    fn arm(&mut self, subject: &Expr, arm: &Arm, known: &Known) {
        let test = match &arm.pattern {
            ArmPattern::Variants(variants) => ExprKind::IsVariant(subject.clone().into(), variants.clone()),
            ArmPattern::Records(records) => ExprKind::IsRecord(subject.clone().into(), records.clone()),
            ArmPattern::Verdicts(_) | ArmPattern::Else => return self.expr(&arm.value, known),
        };
        let test = Expr { id: subject.id, ty: Type::Bool, kind: test };
        if let Ok(known) = self.reader.assume(known, &test, true) {
            self.expr(&arm.value, &known);
        }
    }
}

/// `require false` after a `when`, or the opposite of that `when`, says that the thing must not be there at all.
fn on_purpose(e: &Expr, conflict: Conflict, position: Position, sense: Sense) -> bool {
    position == Position::Required(sense) && (conflict.with.is_some() || matches!(e.kind, ExprKind::Literal(_)))
}
