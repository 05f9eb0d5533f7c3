//! What a rule asks, clause by clause as it is written, and the words in it that stand for something.

use palisade_source::report::{Clause, ClauseKind, Word};
use palisade_syntax::ast::{NodeId, Sense};

use crate::inputs::{Db, Program};
use crate::ir::{ExprKind, Step, StepKind, TrafficLine, walk};
use crate::names::{DefName, ItemKey, NodeRef};
use crate::policy::docs::split_doc;
use crate::policy::lower::{find, traffic};
use crate::testing::coverage::policy_text;

/// The clauses of a rule.
pub(super) fn clauses(db: &dyn Db, item: &ItemKey, steps: &[Step]) -> Vec<Clause> {
    steps.iter().map(|step| clause(db, item, step)).collect()
}

fn clause(db: &dyn Db, item: &ItemKey, step: &Step) -> Clause {
    let text = |node: NodeId| policy_text(db, &NodeRef { item: item.clone(), node });
    let plain = |kind, node| Clause { kind, texts: vec![text(node)], inner: Vec::new() };
    // What stands between the clause's first word and its value: `zone in`, `open =`.
    let head = |value: &str| {
        let whole = text(step.id);
        let head = whole.split_once(' ').and_then(|(_, rest)| rest.split_once(value));
        format!("{} {value}", head.map_or("", |(head, _)| head.trim()))
    };
    match &step.kind {
        StepKind::When(expr) => plain(ClauseKind::When, expr.id),
        StepKind::Needs(expr) => plain(ClauseKind::Needs, expr.id),
        StepKind::Let(_, value) => {
            Clause { kind: ClauseKind::Let, texts: vec![head(&text(value.id))], inner: Vec::new() }
        }
        StepKind::Require(require) => Clause {
            kind: if require.sense == Sense::Require { ClauseKind::Require } else { ClauseKind::Forbid },
            texts: require.alternatives.iter().map(|one| text(one.id)).collect(),
            inner: Vec::new(),
        },
        StepKind::For { collection, steps, .. } => {
            Clause { kind: ClauseKind::For, texts: vec![head(&text(collection.id))], inner: clauses(db, item, steps) }
        }
    }
}

/// What the conditions and requirements of a rule name, in the order in which they do. Messages name nothing new.
pub(super) fn words(db: &dyn Db, program: Program, steps: &[Step]) -> Vec<Word> {
    let mut names: Vec<DefName> = Vec::new();
    walk::in_steps(steps, &mut |expr| {
        names.extend(walk::named(expr).filter(|name| !names.contains(name)));
    });
    names.iter().filter_map(|name| word(db, program, name)).collect()
}

fn word(db: &dyn Db, program: Program, name: &DefName) -> Option<Word> {
    let item = find(db, program, name)?;
    let doc = item.ast(db).doc.as_deref();
    let title = doc.map(|doc| split_doc(Some(doc), &name.name).0.to_string()).unwrap_or_default();
    let table = traffic(db, program, item).as_ref();
    let lines = table.map(|table| table.value.lines.iter().map(|line| written(db, line)).collect());
    Some(Word { name: name.to_string(), title, lines: lines.unwrap_or_default() })
}

/// A line of traffic as it is written, without what it cites.
fn written(db: &dyn Db, line: &TrafficLine) -> (String, Vec<String>) {
    let text = policy_text(db, &NodeRef { item: line.item.clone(), node: line.id });
    let shown = text.split(" cites ").next().unwrap_or_default().trim_end();
    (shown.to_owned(), line.cites.iter().map(ToString::to_string).collect())
}

/// The lines of the traffic that an expression stands for, where it is a literal or a table.
pub(super) fn lines<'db>(db: &'db dyn Db, program: Program, traffic_expr: &'db ExprKind) -> &'db [TrafficLine] {
    match traffic_expr {
        ExprKind::Traffic(lines) => lines,
        ExprKind::TrafficTable(name, _) => {
            let table = find(db, program, name).and_then(|item| traffic(db, program, item).as_ref());
            table.map(|table| &*table.value.lines).unwrap_or_default()
        }
        _ => &[],
    }
}
