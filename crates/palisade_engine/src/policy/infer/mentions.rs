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

/// Sees an expression and all of its parts, without recursion: they may be deep.
pub(in crate::policy) fn visit<'a>(expr: &'a Expr, see: &mut impl FnMut(&'a Expr)) {
    let mut left = vec![expr];
    while let Some(expr) = left.pop() {
        see(expr);
        match &expr.kind {
            ExprKind::Text(template) => left.extend(in_template(template)),
            ExprKind::Traffic(lines) => left.extend(lines.iter().flat_map(in_line)),
            ExprKind::Map(entries) => left.extend(entries.iter().map(|(_, e)| e)),
            kind => left.extend(children(kind)),
        }
    }
}

pub(in crate::policy) fn in_template(template: &Template) -> Vec<&Expr> {
    let parts = template.parts.iter();
    parts
        .filter_map(|part| match part {
            TemplatePart::Expr(expr) => Some(expr),
            TemplatePart::Text(_) => None,
        })
        .collect()
}

pub(in crate::policy) fn in_line(line: &TrafficLine) -> Vec<&Expr> {
    let remotes = line.remotes.iter();
    remotes
        .flat_map(|remote| match &remote.kind {
            RemoteKind::Tag { region: Some(expr), .. } | RemoteKind::Expr(expr) => vec![&**expr],
            RemoteKind::Fqdn(template) => in_template(template),
            RemoteKind::Tag { region: None, .. } | RemoteKind::Cidr(_) | RemoteKind::Any => Vec::new(),
        })
        .collect()
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
