//! Comparisons, membership and sums: which types go with each other, and what gives a bare operand its type.

use palisade_syntax::ast::{self, AddOp, CompareOp, NodeId};

use super::checker::{Checker, a_type, assignable, error_of, quoted};
use super::codes;
use super::source::shown;
use crate::data::Data;
use crate::ir::{Expr, ExprKind};
use crate::types::Type;

/// Sets of one kind, which `in`, `contains` and `overlaps` relate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Addresses,
    Ports,
    Protocols,
}

fn family(ty: &Type) -> Option<Family> {
    match ty {
        Type::Ip | Type::Cidr | Type::Prefix | Type::Addresses | Type::ServiceTag => Some(Family::Addresses),
        Type::Port | Type::Ports => Some(Family::Ports),
        Type::Protocol | Type::Protocols => Some(Family::Protocols),
        _ => None,
    }
}

fn is_literal(e: &ast::Expr) -> bool {
    matches!(e.kind, ast::ExprKind::Literal(_))
}

/// Whether something can be in a value of the type.
fn is_set(ty: &Type) -> bool {
    family(ty).is_some() && !matches!(ty, Type::Ip | Type::Port | Type::Protocol)
}

impl Checker<'_> {
    /// Whether an expression has no type of its own: literals, and words that nothing in scope has.
    pub(super) fn is_open(&self, e: &ast::Expr) -> bool {
        match &e.kind {
            ast::ExprKind::Word(word) => !self.is_name(word),
            ast::ExprKind::Field(of, _) => {
                matches!(of.kind, ast::ExprKind::Word(_) | ast::ExprKind::Field(..)) && self.is_open(of)
            }
            ast::ExprKind::Literal(_) | ast::ExprKind::TagRegion { .. } | ast::ExprKind::Any => true,
            ast::ExprKind::Negate(of) => self.is_open(of),
            ast::ExprKind::List(items) => items.iter().all(|item| self.is_open(item)),
            ast::ExprKind::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    pub(super) fn compare(&mut self, id: NodeId, op: CompareOp, a: &ast::Expr, b: &ast::Expr) -> Expr {
        let (left, right) = match op {
            CompareOp::Contains => {
                let (item, set) = self.member_and_set(b, a);
                self.check_member(id, &item, &set);
                (set, item)
            }
            CompareOp::In | CompareOp::NotIn => {
                let (item, set) = self.member_and_set(a, b);
                self.check_member(id, &item, &set);
                (item, set)
            }
            CompareOp::Overlaps => {
                let (left, right) = self.sides(a, b, set_type);
                self.check_overlap(id, &left, &right);
                (left, right)
            }
            _ => {
                if let Some(fault) = self.compared_absence(id, op, a, b) {
                    return fault;
                }
                let (left, right) = self.sides(a, b, Clone::clone);
                self.check_equal(id, op, (a, &left), (b, &right));
                (left, right)
            }
        };
        Expr { id, ty: Type::Bool, kind: ExprKind::Compare(op, left.into(), right.into()) }
    }

    /// Both sides; one that has no type of its own takes what the other side expects.
    fn sides(&mut self, a: &ast::Expr, b: &ast::Expr, expected: fn(&Type) -> Type) -> (Expr, Expr) {
        if self.is_open(a) && !self.is_open(b) {
            let right = self.value(b, None);
            let left = self.value(a, Some(&expected(&right.ty)));
            (left, right)
        } else {
            let left = self.value(a, None);
            let right = self.value(b, Some(&expected(&left.ty)));
            (left, right)
        }
    }

    /// `x == none`: absence is no value.
    fn compared_absence(&mut self, id: NodeId, op: CompareOp, a: &ast::Expr, b: &ast::Expr) -> Option<Expr> {
        let absent = |e: &ast::Expr| match &e.kind {
            ast::ExprKind::Word(word) => ["none", "null"].contains(&word.as_str()) && !self.is_name(word),
            _ => false,
        };
        let subject = match (absent(a), absent(b)) {
            (false, true) => a,
            (true, false) => b,
            _ => return None,
        };
        let value = self.infer(subject, None);
        let (is, is_not) = match &value.ty {
            Type::Optional(inner) if self.variant_called("none", inner).is_none() => ("is not set", "is set"),
            Type::OrNone(_) => ("is none", "is not none"),
            _ => return None,
        };
        let test = if op == CompareOp::NotEqual { is_not } else { is };
        let help = format!("write `{} {test}`", shown(subject).0);
        self.error(codes::WRONG_ABSENCE_TEST, id, "absence is no value, so nothing is equal to it", help);
        Some(error_of(id, Type::Bool))
    }

    fn check_equal(
        &mut self,
        id: NodeId,
        op: CompareOp,
        (left, a): (&ast::Expr, &Expr),
        (right, b): (&ast::Expr, &Expr),
    ) {
        if a.ty == Type::Error || b.ty == Type::Error {
            return;
        }
        let ordering = !matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        let ordered = |ty: &Type| matches!(ty, Type::Int | Type::Date | Type::Duration | Type::Port);
        let x = self.show(&a.ty);
        if [&a.ty, &b.ty].contains(&&Type::Verdict) {
            let message = "a `Verdict` is not compared: it may be partial or undetermined";
            self.error(
                codes::VERDICT_NOT_BOOL,
                id,
                message,
                "ask `… is allowed`, `denied`, `partial` or `undetermined`",
            );
        } else if !(assignable(&a.ty, &b.ty) || assignable(&b.ty, &a.ty) || share_entity(&a.ty, &b.ty)) {
            self.unlike(id, (left, a), (right, b));
        } else if ordering && !ordered(&a.ty) {
            let message = format!("{} has no order", a_type(&x));
            self.error(
                codes::WRONG_OPERAND,
                id,
                message,
                "`<`, `<=`, `>`, `>=` take an `Int`, a `Date`, a `Duration` or a `Port`",
            );
        } else if matches!(a.ty, Type::Traffic | Type::Flow) {
            let message = format!("{} is not compared", a_type(&x));
            self.error(codes::WRONG_OPERAND, id, message, "ask a place whether it `permits` or `reaches` it");
        }
    }

    /// Two sides of different types.
    fn unlike(&mut self, id: NodeId, (left, a): (&ast::Expr, &Expr), (right, b): (&ast::Expr, &Expr)) {
        let side = |e: &ast::Expr, side: &Expr, otherwise: &str| {
            let (text, path) = shown(e);
            let subject = if path { quoted(&text, path) } else { otherwise.to_owned() };
            format!("{subject} is {}", a_type(&self.show(&side.ty)))
        };
        let message = format!("{}, and {}", side(left, a, "the left side"), side(right, b, "the right side"));
        let help = match (family(&a.ty), family(&b.ty)) {
            (Some(one), Some(other)) if one == other => {
                "for sets use `in`, `contains` or `overlaps`; nothing is converted silently".into()
            }
            _ if b.ty == Type::Text || is_literal(right) => self.mismatch_help(right, &a.ty),
            _ => self.mismatch_help(left, &b.ty),
        };
        self.error(codes::TYPE_MISMATCH, id, message, help);
    }

    /// The operands of `item in set`.
    fn member_and_set(&mut self, item: &ast::Expr, set: &ast::Expr) -> (Expr, Expr) {
        if self.is_open(item) && !self.is_open(set) {
            let set = self.value(set, None);
            let item = self.value(item, item_type(&set.ty).as_ref());
            return (item, set);
        }
        let item = self.value(item, None);
        let want = match (&set.kind, family(&item.ty)) {
            (ast::ExprKind::List(_), _) | (_, None) => Some(Type::List(item.ty.clone().into())),
            (ast::ExprKind::Literal(_), Some(Family::Addresses)) => None,
            (_, Some(Family::Addresses)) => Some(Type::ServiceTag),
            (_, Some(_)) => Some(set_type(&item.ty)),
        };
        let set = self.value(set, want.as_ref());
        (item, set)
    }

    fn check_member(&mut self, id: NodeId, item: &Expr, set: &Expr) {
        let (a, b) = (&item.ty, &set.ty);
        if *a == Type::Error || *b == Type::Error {
            return;
        }
        let (x, y) = (a_type(&self.show(a)), a_type(&self.show(b)));
        match b {
            Type::List(element) if assignable(a, element) || share_entity(a, element) => {}
            Type::List(element) => {
                let message = format!("{x} is never in {y}");
                let sets = is_set(element) && family(a) == family(element);
                let help = if sets {
                    "ask each: `any s in …: … in s`"
                } else {
                    "compare values of one type: nothing is converted silently"
                };
                self.error(codes::TYPE_MISMATCH, id, message, help);
            }
            _ if is_set(b) && family(a) == family(b) => {}
            _ if is_set(b) => {
                let message = format!("{x} is never in {y}");
                self.error(codes::TYPE_MISMATCH, id, message, "compare addresses with addresses, ports with ports");
            }
            Type::Map(..) => {
                let help = "for a key ask `m[key] is set`, for a value `any v in m: …`";
                self.error(codes::WRONG_OPERAND, id, "a map has keys and values, and `in` does not say which", help);
            }
            _ => self.error(
                codes::WRONG_OPERAND,
                id,
                format!("{y} holds nothing"),
                "use a list or a set of addresses, ports or protocols",
            ),
        }
    }

    fn check_overlap(&mut self, id: NodeId, a: &Expr, b: &Expr) {
        if a.ty == Type::Error || b.ty == Type::Error {
            return;
        }
        let (x, y) = (a_type(&self.show(&a.ty)), a_type(&self.show(&b.ty)));
        if !(is_set(&a.ty) && is_set(&b.ty)) {
            let odd = if is_set(&a.ty) { y } else { x };
            self.error(
                codes::WRONG_OPERAND,
                id,
                format!("{odd} is no set"),
                "`overlaps` takes two sets of addresses, ports or protocols",
            );
        } else if family(&a.ty) != family(&b.ty) {
            self.error(
                codes::TYPE_MISMATCH,
                id,
                format!("{x} never overlaps {y}"),
                "compare addresses with addresses, ports with ports",
            );
        }
    }

    // Sums.

    /// `-e`. A literal is folded, so that `-1` is one.
    pub(super) fn negate(&mut self, id: NodeId, of: &ast::Expr, want: Option<&Type>) -> Expr {
        let value = self.value(of, want.filter(|w| matches!(w.narrowed(), Type::Int | Type::Duration)));
        let folded = match &value.kind {
            ExprKind::Literal(Data::Int(n)) => n.checked_neg().map(Data::Int),
            ExprKind::Literal(Data::Duration(n)) => n.checked_neg().map(Data::Duration),
            _ => None,
        };
        match value.ty.clone() {
            ty @ (Type::Int | Type::Duration) => {
                let kind = folded.map_or_else(|| ExprKind::Negate(value.into()), ExprKind::Literal);
                Expr { id, ty, kind }
            }
            Type::Error => error_of(id, Type::Error),
            other => {
                let message = format!("{} has no negative", a_type(&self.show(&other)));
                self.error(codes::WRONG_OPERAND, id, message, "`-` takes an `Int` or a `Duration`");
                error_of(id, Type::Error)
            }
        }
    }

    pub(super) fn sum(&mut self, id: NodeId, first: &ast::Expr, rest: &[(AddOp, ast::Expr)]) -> Expr {
        let first = self.value(first, None);
        let mut ty = first.ty.clone();
        let mut terms = Vec::new();
        for (op, e) in rest {
            let term = self.value(e, None);
            ty = self.add(e.id, *op, &ty, &term.ty);
            terms.push((*op, term));
        }
        Expr { id, ty, kind: ExprKind::Sum(first.into(), terms) }
    }

    fn add(&mut self, id: NodeId, op: AddOp, a: &Type, b: &Type) -> Type {
        match (a, op, b) {
            (Type::Error, _, _) | (_, _, Type::Error) => Type::Error,
            (Type::Int, _, Type::Int) => Type::Int,
            (Type::Duration, _, Type::Duration) | (Type::Date, AddOp::Subtract, Type::Date) => Type::Duration,
            (Type::Date, _, Type::Duration) | (Type::Duration, AddOp::Add, Type::Date) => Type::Date,
            _ => {
                let word = if op == AddOp::Add { "added to" } else { "subtracted from" };
                let message = format!("{} is {word} {}", a_type(&self.show(b)), a_type(&self.show(a)));
                let help = "`+` and `-` take two `Int`s, two `Duration`s, or a `Date` and a `Duration`; two `Date`s have a difference";
                self.error(codes::WRONG_OPERAND, id, message, help);
                Type::Error
            }
        }
    }
}

/// What an open item of a collection is expected to be.
fn item_type(set: &Type) -> Option<Type> {
    match set {
        Type::List(item) => Some((**item).clone()),
        // A literal has its own type there; a word is a tag.
        Type::Cidr | Type::Prefix | Type::Addresses | Type::ServiceTag => Some(Type::ServiceTag),
        Type::Ports => Some(Type::Ports),
        Type::Protocols => Some(Type::Protocol),
        Type::Error => Some(Type::Error),
        _ => None,
    }
}

/// What an open side of `overlaps` is expected to be.
fn set_type(other: &Type) -> Type {
    match family(other) {
        Some(Family::Addresses) => Type::Prefix,
        Some(Family::Ports) => Type::Ports,
        Some(Family::Protocols) => Type::Protocols,
        None => other.clone(),
    }
}

fn share_entity(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::OneOf(some), Type::OneOf(others)) => some.iter().any(|id| others.contains(id)),
        _ => false,
    }
}
