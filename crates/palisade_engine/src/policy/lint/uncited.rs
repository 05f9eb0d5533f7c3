//! Statements of a document that ask for something, that no rule or traffic line cites, and of which nothing says why.

use std::collections::BTreeSet;

use palisade_syntax::ast::{ClauseKind, Expr, ExprKind, Item, ItemKind, Path, RequireBody, Strength, TrafficLine};
use smol_str::SmolStr;

use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::names::NodeRef;
use crate::policy::infer::mentions::visit;
use crate::policy::items::file_items;
use crate::policy::modules::files;
use crate::policy::sources::{source, source_items};
use crate::problem::Problem;

const CODE: &str = "uncited-statement";

pub(super) const LINT: Lint = Lint {
    codes: &[(
        CODE,
        "a `must`, `must_not` or `should` that no rule or traffic line cites, and that is not `unchecked`",
    )],
    find: Find::Program(find),
};

fn find(db: &dyn Db, program: Program) -> Vec<Problem> {
    let items = files(db, program).into_iter().flat_map(|(_, file)| &file_items(db, file).items);
    let cited: BTreeSet<SmolStr> =
        items.flat_map(|item| cites(item.ast(db))).map(|path| path.dotted().into()).collect();
    let mut found = Vec::new();
    for item in source_items(db, program) {
        for statement in &source(db, item).value.statements {
            let Some(word) = demand(statement.strength) else { continue };
            if statement.unchecked.is_none() && !cited.contains(&statement.id) {
                let at = NodeRef { item: item.key(db).clone(), node: statement.node };
                let message = format!("this is a `{word}`, and no rule or traffic line cites `{}`", statement.id);
                let help = "cite it where it is checked, or say why it is not: `unchecked \"…\"`";
                found.push(Problem::info(CODE, message, at).help(help));
            }
        }
    }
    found
}

/// The word of a statement that asks for something.
fn demand(strength: Strength) -> Option<&'static str> {
    match strength {
        Strength::Must => Some("must"),
        Strength::MustNot => Some("must_not"),
        Strength::Should => Some("should"),
        Strength::May | Strength::Info => None,
    }
}

/// What a rule or a traffic table cites, in its clauses and its lines; a function's body may hold lines too.
fn cites(item: &Item) -> Vec<&Path> {
    match &item.kind {
        ItemKind::Traffic(traffic) => of_lines(&traffic.lines),
        ItemKind::Function(function) => function.body.iter().flat_map(of_expr).collect(),
        ItemKind::Rule(rule) => rule.clauses.iter().flat_map(|clause| of_clause(&clause.kind)).collect(),
        _ => Vec::new(),
    }
}

fn of_clause(clause: &ClauseKind) -> Vec<&Path> {
    match clause {
        ClauseKind::Cites(paths) => paths.iter().collect(),
        ClauseKind::When(expr) | ClauseKind::Let { value: expr, .. } => of_expr(expr),
        ClauseKind::Require(require) => match &require.body {
            RequireBody::Expr(expr) => of_expr(expr),
            RequireBody::Either(all) => all.iter().flat_map(of_expr).collect(),
        },
        ClauseKind::For { clauses, .. } => clauses.iter().flat_map(|clause| of_clause(&clause.kind)).collect(),
        _ => Vec::new(),
    }
}

fn of_expr(expr: &Expr) -> Vec<&Path> {
    let mut found = Vec::new();
    visit(expr, &mut |part| {
        if let ExprKind::Traffic(lines) = &part.kind {
            found.extend(of_lines(lines));
        }
    });
    found
}

fn of_lines(lines: &[TrafficLine]) -> Vec<&Path> {
    lines.iter().flat_map(|line| &line.cites).collect()
}
