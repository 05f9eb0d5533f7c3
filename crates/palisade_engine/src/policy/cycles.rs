//! Cycles among functions, constants and traffic tables: the language has no recursion, so every program ends.

use std::collections::BTreeMap;

use super::lower::{constant, find, function, traffic};
use super::modules::{modules, name_of};
use crate::inputs::{Db, Program};
use crate::ir::walk::{called_by, called_by_lines};
use crate::names::{DefName, ItemTag};
use crate::problem::Problem;

/// Finds the cycles of a program; each is reported once, at its first name.
#[salsa::tracked(returns(ref))]
pub fn cycles(db: &dyn Db, program: Program) -> Vec<Problem> {
    let graph = graph(db, program);
    let mut search = Search { graph: &graph, state: BTreeMap::new(), path: Vec::new(), found: Vec::new() };
    for name in graph.keys() {
        search.visit(name);
    }
    search.found.iter().filter_map(|cycle| describe(db, program, cycle)).collect()
}

fn graph(db: &dyn Db, program: Program) -> BTreeMap<DefName, Vec<DefName>> {
    let mut graph = BTreeMap::new();
    for (name, key) in modules(db, program).value.all() {
        if !matches!(key.kind, ItemTag::Function | ItemTag::Const | ItemTag::Traffic) {
            continue;
        }
        let Some(item) = find(db, program, &name) else { continue };
        let calls = match key.kind {
            ItemTag::Function => function(db, program, item).as_ref().map(|f| called_by(&f.value.body)),
            ItemTag::Const => constant(db, program, item).as_ref().map(|c| called_by(&c.value.value)),
            _ => traffic(db, program, item).as_ref().map(|t| called_by_lines(&t.value.lines)),
        };
        graph.insert(name, calls.unwrap_or_default());
    }
    graph
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Done,
}

struct Search<'a> {
    graph: &'a BTreeMap<DefName, Vec<DefName>>,
    state: BTreeMap<DefName, State>,
    path: Vec<DefName>,
    found: Vec<Vec<DefName>>,
}

impl Search<'_> {
    /// Depth first, without recursion: chains of calls may be long.
    fn visit(&mut self, root: &DefName) {
        let mut stack = vec![(root.clone(), 0)];
        while let Some((name, next)) = stack.pop() {
            if next == 0 {
                match self.state.get(&name) {
                    Some(State::Done) => continue,
                    Some(State::Open) => {
                        self.report(&name);
                        continue;
                    }
                    None => {}
                }
                self.state.insert(name.clone(), State::Open);
                self.path.push(name.clone());
            }
            if let Some(callee) = self.graph.get(&name).and_then(|calls| calls.get(next)) {
                stack.push((name, next + 1));
                stack.push((callee.clone(), 0));
            } else {
                self.state.insert(name, State::Done);
                self.path.pop();
            }
        }
    }

    fn report(&mut self, name: &DefName) {
        let start = self.path.iter().position(|n| n == name).unwrap_or(0);
        self.found.push(self.path.iter().skip(start).cloned().collect());
    }
}

fn describe(db: &dyn Db, program: Program, cycle: &[DefName]) -> Option<Problem> {
    let first = cycle.first()?;
    let chain: Vec<&str> = cycle.iter().chain([first]).map(|name| name.name.as_str()).collect();
    let message = format!("`{}` uses itself: {}", first.name, chain.join(" → "));
    let at = name_of(db, find(db, program, first)?.key(db));
    let mut problem =
        Problem::error("cycle", message, at).help("recursion is not part of the language: break the circle");
    for other in cycle.iter().skip(1) {
        problem = problem.related(name_of(db, find(db, program, other)?.key(db)), "on the way");
    }
    Some(problem)
}
