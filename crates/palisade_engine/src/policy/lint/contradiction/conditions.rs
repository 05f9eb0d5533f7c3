//! Whether two rules apply together to some subject. Where it cannot be told, they do not.

use std::collections::BTreeSet;

use crate::inputs::{Db, Program};
use crate::ir::path::{Path, path_of};
use crate::ir::{Expr, ExprKind, Local, PackCondition, Rule, StepKind, walk};
use crate::names::DefName;
use crate::policy::lint::constant::assume::{Known, Reader};
use crate::policy::lower::{find, function};
use crate::types::RecordId;

/// What decides whether a rule applies.
pub(super) struct Conditions<'a> {
    whens: Vec<&'a Expr>,
    needs: Vec<&'a Expr>,
    lets: Vec<&'a Expr>,
    packs: Vec<&'a PackCondition>,
}

/// A field that something reads.
type Field = (RecordId, u32);

impl<'a> Conditions<'a> {
    /// Those of a rule, and of the packs that bring it.
    pub(super) fn new(rule: &'a Rule, packs: Vec<&'a PackCondition>) -> Self {
        let mut all = Self { whens: Vec::new(), needs: Vec::new(), lets: Vec::new(), packs };
        for step in &rule.steps {
            match &step.kind {
                StepKind::When(condition) => all.whens.push(condition),
                StepKind::Needs(path) => all.needs.push(path),
                StepKind::Let(_, value) => all.lets.push(value),
                StepKind::Require(_) | StepKind::For { .. } => {}
            }
        }
        all
    }

    /// Whether each condition is one of another rule's too, so that this one applies wherever that one does.
    pub(super) fn are_among(&self, others: &Self) -> bool {
        let plain = |path| path;
        let present = |one: &Expr| others.needs.iter().any(|other| same(one, other, &plain));
        self.packs.is_empty()
            && self.whens.iter().all(|one| others.whens.iter().any(|other| same(one, other, &plain)))
            && self.needs.iter().all(|one| present(one))
    }

    /// What is known where the rule applies.
    pub(super) fn known(&self, reader: &Reader<'_>, from: &Known) -> Option<Known> {
        let known = self.needs.iter().fold(from.clone(), |known, path| reader.present(&known, path));
        self.whens.iter().try_fold(known, |known, when| reader.assume(&known, when, true)).ok()
    }

    fn fields(&self, db: &dyn Db, program: Program, place: &Expr) -> BTreeSet<Field> {
        let packs = self.packs.iter().map(|pack| &pack.condition);
        let all = self.whens.iter().chain(&self.needs).chain(&self.lets).copied().chain(packs).chain([place]);
        let mut reads = Reads { db, program, seen: BTreeSet::new(), fields: BTreeSet::new() };
        for expr in all {
            reads.expr(expr);
        }
        reads.fields
    }
}

/// A rule's conditions, how its paths are read, and the place by which the other's subject is found.
pub(super) struct Side<'a> {
    pub(super) conditions: &'a Conditions<'a>,
    pub(super) reader: &'a Reader<'a>,
    pub(super) place: &'a Expr,
}

/// Whether two rules apply together somewhere. `filled` is a path of which it is known that it leads somewhere.
pub(super) fn meet(db: &dyn Db, program: Program, a: &Side<'_>, b: &Side<'_>, filled: Option<&Path>) -> bool {
    joins(db, program, a, b, filled) || joins(db, program, b, a, filled)
}

/// Whether `b` asks nothing more than `a`, but what can be had besides: plain conditions on what `a` does not read.
fn joins(db: &dyn Db, program: Program, a: &Side<'_>, b: &Side<'_>, filled: Option<&Path>) -> bool {
    let named = |expr: &Expr| path_of(expr).map(b.reader.rename);
    let shared = |one: &Expr| a.conditions.whens.iter().any(|other| alike(one, b.reader, other, a.reader));
    let settled = |one: &Expr| match (&one.kind, filled) {
        (ExprKind::Not(of), Some(filled)) => match &of.kind {
            ExprKind::IsNone(of) => named(of).is_some_and(|path| path.begins(filled)),
            _ => false,
        },
        _ => false,
    };
    let more: Vec<&Expr> = b.conditions.whens.iter().copied().filter(|one| !shared(one) && !settled(one)).collect();
    let plain = |side: &Side<'_>, all: &[&Expr]| all.iter().all(|one| side.reader.reads_all(one) && about_subject(one));
    if !b.conditions.packs.is_empty() || !plain(b, &more) {
        return false;
    }
    let own = a.conditions.known(a.reader, &Known::default());
    let both = own.and_then(|known| b.conditions.known(b.reader, &known));
    if both.is_none() {
        return false;
    }
    let mut reads = Reads { db, program, seen: BTreeSet::new(), fields: BTreeSet::new() };
    for one in &more {
        reads.expr(one);
    }
    plain(a, &a.conditions.whens) && a.conditions.packs.is_empty()
        || reads.fields.is_disjoint(&a.conditions.fields(db, program, a.place))
}

/// A condition on nothing but the subject and the environment: a `let` could hide what it is about.
fn about_subject(condition: &Expr) -> bool {
    let mut only = true;
    walk::all(condition, &mut |part| only &= !matches!(part.kind, ExprKind::Local(Local(1..))));
    only
}

/// Whether conditions of two rules are one.
fn alike(one: &Expr, its: &Reader<'_>, other: &Expr, others: &Reader<'_>) -> bool {
    match (path_of(one), path_of(other)) {
        (Some(a), Some(b)) => (its.rename)(a) == (others.rename)(b),
        (None, None) => {
            head(one).is_some_and(|a| head(other) == Some(a)) && pairs(one, other, &|a, b| alike(a, its, b, others))
        }
        _ => false,
    }
}

fn same(one: &Expr, other: &Expr, rename: &dyn Fn(Path) -> Path) -> bool {
    match (path_of(one), path_of(other)) {
        (Some(a), Some(b)) => rename(a) == rename(b),
        (None, None) => {
            head(one).is_some_and(|a| head(other) == Some(a)) && pairs(one, other, &|a, b| same(a, b, rename))
        }
        _ => false,
    }
}

fn pairs(one: &Expr, other: &Expr, same: &dyn Fn(&Expr, &Expr) -> bool) -> bool {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    walk::parts(one, &mut |part| a.push(part));
    walk::parts(other, &mut |part| b.push(part));
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same(a, b))
}

/// An expression without its parts, where that is all there is to it.
fn head(expr: &Expr) -> Option<ExprKind> {
    let none = || std::boxed::Box::new(Expr { id: expr.id, ty: crate::types::Type::Error, kind: ExprKind::Error });
    Some(match &expr.kind {
        ExprKind::Literal(data) => ExprKind::Literal(data.clone()),
        ExprKind::Const(name) => ExprKind::Const(name.clone()),
        ExprKind::Every(record) => ExprKind::Every(*record),
        ExprKind::Call(name, _) => ExprKind::Call(name.clone(), Vec::new()),
        ExprKind::List(_) => ExprKind::List(Vec::new()),
        ExprKind::Not(_) => ExprKind::Not(none()),
        ExprKind::Logic(op, _) => ExprKind::Logic(*op, Vec::new()),
        ExprKind::Compare(op, ..) => ExprKind::Compare(*op, none(), none()),
        ExprKind::IsSet(_) => ExprKind::IsSet(none()),
        ExprKind::IsNone(_) => ExprKind::IsNone(none()),
        ExprKind::IsVariant(_, variants) => ExprKind::IsVariant(none(), variants.clone()),
        ExprKind::IsRecord(_, records) => ExprKind::IsRecord(none(), records.clone()),
        _ => return None,
    })
}

/// The fields that expressions read, functions included.
struct Reads<'a> {
    db: &'a dyn Db,
    program: Program,
    seen: BTreeSet<DefName>,
    fields: BTreeSet<Field>,
}

impl Reads<'_> {
    fn expr(&mut self, expr: &Expr) {
        let mut called = Vec::new();
        walk::all(expr, &mut |part| match &part.kind {
            ExprKind::Field { record, field, .. } => {
                self.fields.insert((*record, *field));
            }
            ExprKind::Environment(field) => {
                self.fields.insert((RecordId(u32::MAX), *field));
            }
            ExprKind::Call(name, _) => called.push(name.clone()),
            _ => {}
        });
        for name in called {
            if self.seen.insert(name.clone())
                && let Some(item) = find(self.db, self.program, &name)
                && let Some(lowered) = function(self.db, self.program, item)
            {
                self.expr(&lowered.value.body);
            }
        }
    }
}
