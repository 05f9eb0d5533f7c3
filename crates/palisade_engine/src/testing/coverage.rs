//! What tests saw of the policies: every condition and line that there is, beside what was [`Passed`].

use palisade_source::report::{CoverageReport, CoveredItem, CoveredPoint, Location};
use palisade_syntax::ast::{NodeId, Sense};

use super::Selection;
use crate::check::finding::location;
use crate::evaluate::record::{Branch, Passed, Seen};
use crate::inputs::{Db, Program};
use crate::ir::{Expr, ExprKind, Step, StepKind, TrafficLine, walk};
use crate::names::{DefName, ItemKey, ItemTag, NodeRef};
use crate::policy::items::{find_item, locate};
use crate::policy::lower;
use crate::policy::modules::{modules, name_of};
use crate::texts::texts;

/// The items that tests are to reach, by module and place in the file: of the user's own policies if there are any, else
/// of the library. Where the modules that are meant hold such items it is theirs; a file of tests alone speaks of all.
pub(crate) fn items(db: &dyn Db, program: Program, selection: &Selection) -> Vec<(DefName, ItemKey)> {
    let own = program.policies(db);
    let files = if own.is_empty() { program.library(db) } else { own };
    let kinds = [ItemTag::Rule, ItemTag::Function, ItemTag::Const, ItemTag::Traffic];
    let all = modules(db, program).value.all();
    let all = all.filter(|(_, key)| files.contains(&key.file) && kinds.contains(&key.kind));
    let mut items: Vec<(DefName, ItemKey)> = all.map(|(name, key)| (name, key.clone())).collect();
    if items.iter().any(|(name, _)| selection.takes_module(&name.module)) {
        items.retain(|(name, _)| selection.takes_module(&name.module));
    }
    items.sort_by_cached_key(|(name, key)| (name.module.clone(), locate(db, &name_of(db, key)).range.start()));
    items
}

/// Says of every condition and line how it was seen.
pub fn report(db: &dyn Db, program: Program, selection: &Selection, passed: &Passed) -> CoverageReport {
    let item = |(name, key): (DefName, ItemKey)| {
        let points = points(db, program, &key)?;
        let reached = passed.items.contains(&name) || points.iter().any(|point| point.seen_in(&name, passed).is_some());
        Some(CoveredItem {
            kind: kind_word(key.kind),
            location: place(db, &name_of(db, &key), &name),
            reached,
            points: points.iter().map(|point| point.located(db, &name, passed)).collect(),
            name: name.to_string(),
        })
    };
    let items = items(db, program, selection).into_iter().filter_map(item).collect();
    CoverageReport { items, texts: texts(db, program, &[]) }
}

fn kind_word(kind: ItemTag) -> &'static str {
    match kind {
        ItemTag::Rule => "rule",
        ItemTag::Function => "fn",
        ItemTag::Const => "const",
        _ => "traffic",
    }
}

fn place(db: &dyn Db, at: &NodeRef, name: &DefName) -> Location {
    location(db, at.item.file, locate(db, at), name.to_string())
}

/// A condition, or a line of traffic.
enum What {
    Branch(Branch),
    Line,
}

struct Point {
    at: NodeRef,
    what: What,
    /// What is shown of the policy: the clause, the condition of an `if`, the value of an arm.
    shown: NodeId,
}

impl Point {
    fn seen_in(&self, name: &DefName, passed: &Passed) -> Option<Seen> {
        match self.what {
            What::Branch(branch) => passed.branches.get(&(name.clone(), self.at.node, branch)).copied(),
            What::Line => passed.lines.get(&(self.at.item.clone(), self.at.node)).copied(),
        }
    }

    fn located(&self, db: &dyn Db, name: &DefName, passed: &Passed) -> CoveredPoint {
        let seen = self.seen_in(name, passed).unwrap_or_default();
        let (kind, yes, no) = self.words();
        let at = NodeRef { item: self.at.item.clone(), node: self.shown };
        let sides = [(yes, seen.yes), (no, seen.no)].into_iter().filter(|(word, _)| !word.is_empty());
        let text = policy_text(db, &at);
        let text = if kind == "line" { text.split(" cites ").next().unwrap_or_default() } else { &text };
        CoveredPoint {
            kind,
            text: shortened(text),
            location: place(db, &at, name),
            sides: sides.collect(),
            undetermined: seen.open,
        }
    }

    /// Its kind, and the words for its two sides; an arm is taken or not, and its not being taken is nothing to test.
    fn words(&self) -> (&'static str, &'static str, &'static str) {
        match self.what {
            What::Line => ("line", "allowed", "denied"),
            What::Branch(Branch::When) => ("when", "true", "false"),
            What::Branch(Branch::If) => ("if", "true", "false"),
            What::Branch(Branch::Needs) => ("needs", "stated", "missing"),
            What::Branch(Branch::Require) => ("require", "holds", "fails"),
            What::Branch(Branch::Forbid) => ("forbid", "holds", "fails"),
            What::Branch(Branch::Alternative) => ("alternative", "holds", "fails"),
            What::Branch(Branch::Arm) => ("arm", "taken", ""),
        }
    }
}

/// The text of a node of a policy, on one line.
pub(crate) fn policy_text(db: &dyn Db, at: &NodeRef) -> String {
    let range = std::ops::Range::<usize>::from(locate(db, at).range);
    let text = at.item.file.text(db).get(range).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As much of a text as is shown.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// Of a text of the policy this many characters are shown.
const MOST_SHOWN: usize = 90;

/// The conditions and lines of an item, in the order of the text; `None` for a function of the engine's own.
fn points(db: &dyn Db, program: Program, key: &ItemKey) -> Option<Vec<Point>> {
    let item = find_item(db, key)?;
    let mut finder = Finder { item: key, found: Vec::new() };
    match key.kind {
        ItemTag::Rule => finder.rule(&lower::rule(db, program, item).as_ref()?.value.steps),
        ItemTag::Function => finder.expr(&lower::function(db, program, item).as_ref()?.value.body),
        ItemTag::Const => finder.expr(&lower::constant(db, program, item).as_ref()?.value.value),
        _ => finder.lines(&lower::traffic(db, program, item).as_ref()?.value.lines),
    }
    finder.found.sort_by_key(|point| point.shown);
    Some(finder.found)
}

struct Finder<'a> {
    item: &'a ItemKey,
    found: Vec<Point>,
}

impl Finder<'_> {
    fn rule(&mut self, steps: &[Step]) {
        self.steps(steps);
        walk::in_steps(steps, &mut |expr| self.one(expr));
    }

    fn expr(&mut self, expr: &Expr) {
        walk::all(expr, &mut |expr| self.one(expr));
    }

    fn push(&mut self, node: NodeId, branch: Branch, shown: NodeId) {
        self.found.push(Point { at: NodeRef { item: self.item.clone(), node }, what: What::Branch(branch), shown });
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.kind {
                StepKind::When(condition) => self.push(step.id, Branch::When, condition.id),
                StepKind::Needs(path) => self.push(path.id, Branch::Needs, path.id),
                StepKind::Let(..) => {}
                StepKind::Require(require) => {
                    let branch = if require.sense == Sense::Require { Branch::Require } else { Branch::Forbid };
                    match require.alternatives.as_slice() {
                        [only] => self.push(step.id, branch, only.id),
                        several => {
                            self.push(step.id, branch, step.id);
                            for one in several {
                                self.push(one.id, Branch::Alternative, one.id);
                            }
                        }
                    }
                }
                StepKind::For { steps, .. } => self.steps(steps),
            }
        }
    }

    /// The points of an expression itself, its parts excluded.
    fn one(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::If(condition, ..) => self.push(expr.id, Branch::If, condition.id),
            ExprKind::Match(_, arms) => {
                for arm in arms {
                    self.push(arm.value.id, Branch::Arm, arm.value.id);
                }
            }
            ExprKind::Traffic(lines) => self.lines(lines),
            _ => {}
        }
    }

    fn lines(&mut self, lines: &[TrafficLine]) {
        for line in lines {
            let at = NodeRef { item: self.item.clone(), node: line.id };
            self.found.push(Point { at, what: What::Line, shown: line.id });
        }
    }
}
