//! Which words an expression mentions: to see what a quantifier's operands and a rule's conditions are about.

use std::collections::BTreeSet;

use palisade_syntax::ast::{Expr, ExprKind, RemoteKind, Template, TemplatePart, TrafficLine};
use smol_str::SmolStr;

/// The bare words and first words of paths in an expression.
pub(super) fn words(expr: &Expr) -> BTreeSet<SmolStr> {
    let mut found = BTreeSet::new();
    visit(expr, &mut |e| {
        if let ExprKind::Word(word) = &e.kind {
            found.insert(word.clone());
        }
    });
    found
}

/// Whether a part of the expression could not be read, so that nothing follows from what it does not mention.
pub(super) fn has_error(expr: &Expr) -> bool {
    let mut found = false;
    visit(expr, &mut |e| found |= matches!(e.kind, ExprKind::Error));
    found
}

fn visit(expr: &Expr, see: &mut impl FnMut(&Expr)) {
    see(expr);
    match &expr.kind {
        ExprKind::Text(template) => visit_template(template, see),
        ExprKind::Traffic(lines) => lines.iter().for_each(|line| visit_line(line, see)),
        ExprKind::Map(entries) => entries.iter().for_each(|(_, e)| visit(e, see)),
        kind => children(kind).into_iter().for_each(|e| visit(e, see)),
    }
}

fn visit_template(template: &Template, see: &mut impl FnMut(&Expr)) {
    for part in &template.parts {
        if let TemplatePart::Expr(expr) = part {
            visit(expr, see);
        }
    }
}

fn visit_line(line: &TrafficLine, see: &mut impl FnMut(&Expr)) {
    for remote in &line.remotes {
        match &remote.kind {
            RemoteKind::Tag { region: Some(expr), .. } | RemoteKind::Expr(expr) => visit(expr, see),
            RemoteKind::Fqdn(template) => visit_template(template, see),
            RemoteKind::Tag { region: None, .. } | RemoteKind::Cidr(_) | RemoteKind::Any => {}
        }
    }
}

fn children(kind: &ExprKind) -> Vec<&Expr> {
    match kind {
        ExprKind::Field(e, _)
        | ExprKind::Not(e)
        | ExprKind::Negate(e)
        | ExprKind::TagRegion { region: e, .. }
        | ExprKind::Is { subject: e, .. } => vec![e],
        ExprKind::Index(a, b) | ExprKind::Compare(_, a, b) => vec![a, b],
        ExprKind::Verdict { place, traffic, .. } => vec![place, traffic],
        ExprKind::Quantifier { collection, body, .. } => vec![collection, body],
        ExprKind::If { condition, then, otherwise } => vec![condition, then, otherwise],
        ExprKind::Call { arguments: list, .. }
        | ExprKind::List(list)
        | ExprKind::Logic(_, list)
        | ExprKind::Coalesce(list) => list.iter().collect(),
        ExprKind::Comprehension { element, collection, filter, .. } => {
            [Some(element), Some(collection), filter.as_ref()].into_iter().flatten().map(|e| &**e).collect()
        }
        ExprKind::Sum { first, rest } => std::iter::once(&**first).chain(rest.iter().map(|(_, e)| e)).collect(),
        ExprKind::Match { subject, arms } => {
            std::iter::once(&**subject).chain(arms.iter().map(|arm| &arm.value)).collect()
        }
        _ => Vec::new(),
    }
}
