//! A rule on a subject with its derivation: each clause that was reached, in order, and how it came out.
//!
//! The clauses are run by [`super::rule`] as in any check; here they only leave a trail.

use palisade_syntax::ast::Sense;

use super::derive::{Derived, derive};
use super::outcome::{Instance, RawFinding};
use super::print::show;
use super::rule::{Run, Stop};
use super::value::{Defect, Traced};
use super::world::World;
use crate::environment::EntityId;
use crate::ir::{Expr, Rule, Step, StepKind};
use crate::place::Part;

/// An instance with its derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// How it came out.
    pub instance: Instance,
    /// The clauses that were reached.
    pub clauses: Vec<Derived>,
}

/// Runs a rule on a subject and, for one with further parameters, on each combination; those that the join excludes come
/// too. What packs say of the subject is not asked.
pub fn derivations(world: &dyn World, rule: &Rule, subject: EntityId) -> Vec<Derivation> {
    let further = rule.params.get(1..).unwrap_or_default();
    let combinations = super::rule::combinations(world, further);
    combinations.iter().map(|others| Run::new(world, rule, subject, others).derivation()).collect()
}

impl Run<'_> {
    fn derivation(mut self) -> Derivation {
        let mut clauses = Vec::new();
        self.trail = Some(Vec::new());
        let instance = self.instance(&mut clauses);
        Derivation { instance, clauses }
    }

    /// Takes a step and adds it to the trail.
    pub(super) fn step_on_trail(&mut self, step: &Step, outer: Vec<Derived>) -> Result<Option<Stop>, Defect> {
        self.trail = Some(Vec::new());
        let (found, mut clause) = (self.findings.len(), self.clause(step));
        let stop = self.take(step);
        clause.parts.append(self.trail.as_mut().unwrap_or(&mut Vec::new()));
        let findings = self.findings.get(found..).unwrap_or_default();
        clause.value = came_to(step, &stop, findings, &clause);
        if matches!(step.kind, StepKind::For { .. }) {
            clause.keep(|element| element.value != PASSES);
        }
        let trail = self.trail.insert(outer);
        trail.push(clause);
        stop
    }

    /// The clause with what its expressions are made of. A defect in one of them is the clause's own, too.
    fn clause(&mut self, step: &Step) -> Derived {
        let (kind, expressions): (_, Vec<&Expr>) = match &step.kind {
            StepKind::When(condition) => ("when", vec![condition]),
            StepKind::Needs(path) => ("needs", vec![path]),
            StepKind::Let(_, value) => ("let", vec![value]),
            StepKind::For { collection, .. } => ("for", vec![collection]),
            StepKind::Require(require) => {
                let kind = if require.sense == Sense::Require { "require" } else { "forbid" };
                (kind, require.alternatives.iter().collect())
            }
        };
        let node = expressions.first().filter(|_| expressions.len() == 1).map_or(step.id, |only| only.id);
        let mut clause = Derived::new(kind, &self.rule.name, node, String::new());
        let alternatives = expressions.len() > 1;
        for expr in expressions {
            let Ok(mut derived) = derive(&mut self.evaluator, &self.rule.name, expr) else { continue };
            if alternatives {
                derived.kind = "alternative";
                clause.parts.push(derived);
            } else if kind != "for" {
                // The clause shows the expression's own text: what is new are its value, its place and its parts.
                clause.value = derived.value;
                clause.place = derived.place;
                clause.flows = derived.flows;
                clause.parts = derived.parts;
                clause.omitted = derived.omitted;
            }
        }
        clause
    }

    /// Adds an element of a `for` to the trail, with the clauses that it was run through.
    pub(super) fn element_on_trail(
        &mut self,
        mut outer: Vec<Derived>,
        collection: &Expr,
        element: &Traced,
        before: usize,
        skipped: bool,
    ) {
        let findings = self.findings.get(before..).unwrap_or_default();
        let value = match findings.iter().map(|finding| finding.outcome).max() {
            Some(outcome) => outcome.as_str(),
            None if skipped => "skipped",
            None => PASSES,
        };
        let mut part = Derived::new("element", &self.rule.name, collection.id, value.to_owned());
        part.element = Some(show(self.world, element));
        part.place = self.evaluator.written_at(element).map(|(place, _)| (place, Part::Key));
        part.parts = self.trail.take().unwrap_or_default();
        outer.push(part);
        self.trail = Some(outer);
    }
}

/// The word for an element that came through all clauses.
const PASSES: &str = "pass";

/// What a clause came to, in words.
fn came_to(step: &Step, stop: &Result<Option<Stop>, Defect>, findings: &[RawFinding], clause: &Derived) -> String {
    let worst = findings.iter().max_by_key(|finding| finding.outcome);
    match (&step.kind, stop, worst) {
        (_, Err(defect), _) => format!("error: {}", defect.message),
        (StepKind::When(_), Ok(Some(Stop::Excluded(_))), _) => "false: it does not apply".to_owned(),
        (_, Ok(Some(Stop::Open(_, unknown))), _) => super::derive::undetermined(unknown),
        (StepKind::Require(_), _, Some(finding)) => format!("{}: {}", finding.outcome.as_str(), finding.message),
        (StepKind::Require(_), _, None) => "holds".to_owned(),
        (StepKind::For { .. }, _, Some(finding)) => finding.outcome.as_str().to_owned(),
        (StepKind::For { .. }, _, None) if clause.parts.is_empty() => "there is no element".to_owned(),
        (StepKind::For { .. }, _, None) => PASSES.to_owned(),
        _ => clause.value.clone(),
    }
}
