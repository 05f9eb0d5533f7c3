//! Walking typed expressions: every place that asks "what is inside" asks here.

use super::{Expr, ExprKind, RemoteKind, Step, StepKind, TemplatePart, TrafficLine};
use crate::names::DefName;

/// Calls `visit` on every direct part of an expression.
pub fn parts<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Error
        | ExprKind::Literal(_)
        | ExprKind::Local(_)
        | ExprKind::Const(_)
        | ExprKind::Environment(_)
        | ExprKind::Every(_) => {}
        ExprKind::Template(parts) => template(parts, visit),
        ExprKind::Field { of, .. } | ExprKind::VariantField { of, .. } => visit(of),
        ExprKind::TagRegion { region, .. } => visit(region),
        ExprKind::Index(a, b) | ExprKind::Compare(_, a, b) => [a, b].into_iter().for_each(|e| visit(e)),
        ExprKind::Call(_, all)
        | ExprKind::Extern(_, all)
        | ExprKind::TrafficTable(_, all)
        | ExprKind::List(all)
        | ExprKind::Logic(_, all)
        | ExprKind::Coalesce(all) => all.iter().for_each(visit),
        ExprKind::Aggregate(_, inner)
        | ExprKind::Not(inner)
        | ExprKind::Negate(inner)
        | ExprKind::IsSet(inner)
        | ExprKind::IsNone(inner)
        | ExprKind::IsVariant(inner, _)
        | ExprKind::IsRecord(inner, _)
        | ExprKind::IsVerdict(inner, _) => visit(inner),
        ExprKind::Comprehension { element, collection, filter, .. } => {
            visit(collection);
            if let Some(filter) = filter {
                visit(filter);
            }
            visit(element);
        }
        ExprKind::Map(entries) => entries.iter().for_each(|(_, e)| visit(e)),
        ExprKind::Traffic(lines) => lines.iter().for_each(|line| traffic_line(line, visit)),
        ExprKind::Verdict { place, traffic, .. } => [place, traffic].into_iter().for_each(|e| visit(e)),
        ExprKind::Sum(first, rest) => {
            visit(first);
            for (_, operand) in rest {
                visit(operand);
            }
        }
        ExprKind::If(a, b, c) => [a, b, c].into_iter().for_each(|e| visit(e)),
        ExprKind::Match(subject, arms) => {
            visit(subject);
            for arm in arms {
                visit(&arm.value);
            }
        }
        ExprKind::Quantifier { collection, body, .. } => [collection, body].into_iter().for_each(|e| visit(e)),
    }
}

fn template<'a>(parts: &'a [TemplatePart], visit: &mut dyn FnMut(&'a Expr)) {
    for part in parts {
        if let TemplatePart::Expr(expr) = part {
            visit(expr);
        }
    }
}

fn traffic_line<'a>(line: &'a TrafficLine, visit: &mut dyn FnMut(&'a Expr)) {
    for remote in &line.remotes {
        match &remote.kind {
            RemoteKind::Tag { region, .. } => region.iter().for_each(|e| visit(e)),
            RemoteKind::Fqdn(parts) => template(parts, visit),
            RemoteKind::Expr(expr) => visit(expr),
            RemoteKind::Cidr(_) | RemoteKind::Any => {}
        }
    }
}

/// Calls `visit` on an expression and everything in it, outside first.
pub fn all<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    parts(expr, &mut |part| all(part, visit));
}

/// Calls `visit` on every expression of some steps, texts included.
pub fn in_steps<'a>(steps: &'a [Step], visit: &mut dyn FnMut(&'a Expr)) {
    for step in steps {
        match &step.kind {
            StepKind::When(e) | StepKind::Needs(e) | StepKind::Let(_, e) => all(e, visit),
            StepKind::Require(require) => {
                require.alternatives.iter().for_each(|e| all(e, visit));
                for parts in require.otherwise.iter().chain(&require.help) {
                    template(parts, &mut |e| all(e, visit));
                }
            }
            StepKind::For { collection, steps, .. } => {
                all(collection, visit);
                in_steps(steps, visit);
            }
        }
    }
}

/// The functions, constants and traffic tables that an expression names.
pub fn called_by(expr: &Expr) -> Vec<DefName> {
    let mut names = Vec::new();
    all(expr, &mut |e| names.extend(named(e)));
    names
}

/// The functions, constants and traffic tables that traffic lines name.
pub fn called_by_lines(lines: &[TrafficLine]) -> Vec<DefName> {
    let mut names = Vec::new();
    for line in lines {
        traffic_line(line, &mut |e| all(e, &mut |e| names.extend(named(e))));
    }
    names
}

/// The item that an expression itself names.
pub fn named(expr: &Expr) -> Option<DefName> {
    match &expr.kind {
        ExprKind::Const(name) | ExprKind::Call(name, _) | ExprKind::TrafficTable(name, _) => Some(name.clone()),
        _ => None,
    }
}
