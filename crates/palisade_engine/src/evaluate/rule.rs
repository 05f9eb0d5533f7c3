//! A rule on a subject: its clauses in order, and how each instance came out.

use std::sync::Arc;

use palisade_source::report::OutcomeKind;
use palisade_syntax::ast::NodeId;
use smol_str::SmolStr;

use super::derive::Derived;
use super::eval::{Evaluator, entity};
use super::outcome::{Instance, RawFinding, worse};
use super::print::entity_name;
use super::record::{Branch, Seen};
use super::value::{Defect, Traced, Truth, Unknown, Value};
use super::world::World;
use crate::environment::EntityId;
use crate::ir::{Expr, ExprKind, Local, PackCondition, Rule, Step, StepKind};
use crate::place::{Part, Place};
use crate::types::RecordId;

/// The ways in which packs select a rule's subjects: it applies where the conditions of one way all hold. Without any
/// way it applies everywhere.
pub type Ways<'a> = [Vec<&'a PackCondition>];

/// Runs a rule on a subject: one instance, or one for each joined combination of its further parameters.
pub fn run(world: &dyn World, rule: &Rule, ways: &Ways<'_>, subject: EntityId) -> Vec<Instance> {
    world.recorder().inspect(|recorder| recorder.enter(&rule.name));
    let instances = run_selected(world, rule, ways, subject);
    world.recorder().inspect(|recorder| recorder.leave());
    instances
}

fn run_selected(world: &dyn World, rule: &Rule, ways: &Ways<'_>, subject: EntityId) -> Vec<Instance> {
    let selected = match selects(world, ways, subject) {
        Ok(selected) => selected,
        Err(defect) => return vec![broken(world, rule, subject, &[], &defect)],
    };
    match selected {
        Truth::True => {}
        Truth::False => return vec![excluded(subject, None)],
        Truth::Unknown(unknown) => return vec![open_instance(world, rule, subject, &unknown)],
    }
    let further = rule.params.get(1..).unwrap_or_default();
    if further.is_empty() {
        return vec![Run::new(world, rule, subject, &[]).instance(&mut Vec::new())];
    }
    let mut joined = Vec::new();
    for others in combinations(world, further) {
        let instance = Run::new(world, rule, subject, &others).instance(&mut Vec::new());
        if instance.outcome != OutcomeKind::NotApplicable {
            joined.push(instance);
        }
    }
    if joined.is_empty() { vec![excluded(subject, None)] } else { joined }
}

/// Every combination of entities of these types.
pub(super) fn combinations(world: &dyn World, params: &[(SmolStr, RecordId)]) -> Vec<Vec<EntityId>> {
    params.iter().fold(vec![Vec::new()], |before, (_, record)| {
        let all = world.every(*record);
        let with = |start: &Vec<EntityId>| {
            all.iter().map(|id| start.iter().copied().chain([*id]).collect()).collect::<Vec<Vec<EntityId>>>()
        };
        before.iter().flat_map(with).collect()
    })
}

fn excluded(subject: EntityId, clause: Option<NodeId>) -> Instance {
    Instance {
        subject,
        others: Arc::from([]),
        outcome: OutcomeKind::NotApplicable,
        findings: Vec::new(),
        excluded: clause,
    }
}

/// Whether the packs select a subject.
pub fn selects(world: &dyn World, ways: &Ways<'_>, subject: EntityId) -> Result<Truth, Defect> {
    if ways.is_empty() {
        return Ok(Truth::True);
    }
    Truth::fold(true, ways.iter().map(|way| Truth::fold(false, way.iter().map(|c| holds(world, c, subject)))))
}

/// The entity that a condition `when T w` speaks of: a subject that is a T, or the T that it refers to. Other subjects
/// it does not concern, nor filter.
pub fn concerned(world: &dyn World, condition: &PackCondition, subject: EntityId) -> Result<Option<Traced>, Defect> {
    let Some(view) = world.entity(subject) else { return Ok(None) };
    if view.record == condition.record {
        return Ok(Some(entity(subject)));
    }
    let Some(at) = world.schema().reference_to(view.record, condition.record) else { return Ok(None) };
    super::read::entity_field(world, subject, &view, at).map(Some)
}

fn holds(world: &dyn World, condition: &PackCondition, subject: EntityId) -> Result<Truth, Defect> {
    let Some(value) = concerned(world, condition, subject)? else { return Ok(Truth::True) };
    let mut evaluator = Evaluator::new(world, condition.locals);
    match value.value {
        Value::Absent | Value::Unknown(_) => Ok(Truth::Unknown(evaluator.why_unknown(&value))),
        Value::None => Ok(Truth::False),
        _ => {
            evaluator.set(Local(0), value);
            evaluator.truth(&condition.condition)
        }
    }
}

fn broken(world: &dyn World, rule: &Rule, subject: EntityId, others: &[EntityId], defect: &Defect) -> Instance {
    let clause = rule.steps.first().map_or(NodeId(0), |step| step.id);
    let finding = finding(
        world,
        subject,
        OutcomeKind::Error,
        clause,
        format!("the rule could not be evaluated: {}", defect.message),
    );
    instance(subject, others, vec![finding], OutcomeKind::Error)
}

fn open_instance(world: &dyn World, rule: &Rule, subject: EntityId, unknown: &Unknown) -> Instance {
    let clause = rule.steps.first().map_or(NodeId(0), |step| step.id);
    let finding = open_finding(world, subject, clause, unknown);
    instance(subject, &[], vec![finding], OutcomeKind::Undetermined)
}

fn instance(subject: EntityId, others: &[EntityId], findings: Vec<RawFinding>, outcome: OutcomeKind) -> Instance {
    Instance { subject, others: others.into(), outcome, findings, excluded: None }
}

pub(super) fn finding(
    world: &dyn World,
    subject: EntityId,
    outcome: OutcomeKind,
    clause: NodeId,
    message: String,
) -> RawFinding {
    RawFinding {
        outcome,
        clause,
        message,
        help: None,
        location: (world.place(subject), Part::Key),
        related: Vec::new(),
        notes: Vec::new(),
        settles: Vec::new(),
        flows: Vec::new(),
        cites: Vec::new(),
    }
}

fn open_finding(world: &dyn World, subject: EntityId, clause: NodeId, unknown: &Unknown) -> RawFinding {
    let reasons: Vec<&str> = unknown.reasons.iter().map(|r| r.text.as_str()).collect();
    let message = format!("cannot tell for `{}`: it depends on {}", entity_name(world, subject), reasons.join("; on "));
    let mut finding = finding(world, subject, OutcomeKind::Undetermined, clause, message);
    if let Some(place) = unknown.reasons.iter().find_map(|r| r.place.clone()) {
        finding.location = (place, Part::Key);
    }
    finding.settles = unknown.reasons.to_vec();
    finding
}

/// What ends a block of clauses early.
pub(super) enum Stop {
    /// A `when` was false.
    Excluded(NodeId),
    /// Something needed is not known.
    Open(NodeId, Unknown),
}

/// A rule that runs on one combination of entities.
pub(super) struct Run<'w> {
    pub(super) world: &'w dyn World,
    pub(super) rule: &'w Rule,
    pub(super) subject: EntityId,
    others: Vec<EntityId>,
    pub(super) evaluator: Evaluator<'w>,
    pub(super) findings: Vec<RawFinding>,
    /// The value that made the rule apply: where its last `when` looked at the subject.
    pub(super) cause: Option<(Place, Part)>,
    /// The clauses of the present block that were taken, if somebody wants to know.
    pub(super) trail: Option<Vec<Derived>>,
}

impl<'w> Run<'w> {
    pub(super) fn new(world: &'w dyn World, rule: &'w Rule, subject: EntityId, others: &[EntityId]) -> Self {
        let mut evaluator = Evaluator::new(world, rule.locals);
        for (at, id) in (0..).zip([&[subject], others].concat()) {
            evaluator.set(Local(at), entity(id));
        }
        Self {
            world,
            rule,
            subject,
            others: others.to_vec(),
            evaluator,
            findings: Vec::new(),
            cause: None,
            trail: None,
        }
    }

    /// Runs all clauses, and leaves those that were taken if there is a trail.
    pub(super) fn instance(mut self, taken: &mut Vec<Derived>) -> Instance {
        let rule = self.rule;
        let stop = self.steps(&rule.steps);
        taken.extend(self.trail.take().into_iter().flatten());
        match stop {
            Err(defect) => broken(self.world, rule, self.subject, &self.others, &defect),
            Ok(Some(Stop::Excluded(clause))) if self.findings.is_empty() => {
                Instance { others: self.others.into(), ..excluded(self.subject, Some(clause)) }
            }
            Ok(stop) => {
                if let Some(Stop::Open(clause, unknown)) = stop {
                    self.findings.push(open_finding(self.world, self.subject, clause, &unknown));
                }
                let outcome = self.findings.iter().map(|f| f.outcome).fold(OutcomeKind::Pass, worse);
                instance(self.subject, &self.others, self.findings, outcome)
            }
        }
    }

    fn steps(&mut self, steps: &[Step]) -> Result<Option<Stop>, Defect> {
        for step in steps {
            if let Some(stop) = self.step(step)? {
                return Ok(Some(stop));
            }
        }
        Ok(None)
    }

    fn step(&mut self, step: &Step) -> Result<Option<Stop>, Defect> {
        match self.trail.take() {
            Some(outer) => self.step_on_trail(step, outer),
            None => self.take(step),
        }
    }

    pub(super) fn take(&mut self, step: &Step) -> Result<Option<Stop>, Defect> {
        match &step.kind {
            StepKind::When(condition) => self.when(step.id, condition),
            StepKind::Needs(path) => self.needs(step.id, path),
            StepKind::Let(local, value) => {
                let value = self.evaluator.eval(value)?;
                self.evaluator.set(*local, value);
                Ok(None)
            }
            StepKind::Require(require) => self.require(step.id, require).map(|()| None),
            StepKind::For { variable, collection, steps } => self.for_each(step.id, *variable, collection, steps),
        }
    }

    fn when(&mut self, clause: NodeId, condition: &Expr) -> Result<Option<Stop>, Defect> {
        let truth = self.evaluator.truth(condition)?;
        self.evaluator.passes(clause, Branch::When, Seen::from(&truth));
        match truth {
            Truth::True => {
                self.remember_cause(condition)?;
                Ok(None)
            }
            Truth::False => Ok(Some(Stop::Excluded(clause))),
            Truth::Unknown(unknown) => Ok(Some(Stop::Open(clause, unknown))),
        }
    }

    /// A `when` that looks at one field of the subject names the value that asks for the requirement.
    fn remember_cause(&mut self, condition: &Expr) -> Result<(), Defect> {
        let mut inner = condition;
        while let ExprKind::Not(of) | ExprKind::IsVariant(of, _) = &inner.kind {
            inner = of;
        }
        let ExprKind::Field { of, .. } = &inner.kind else { return Ok(()) };
        if of.kind != ExprKind::Local(Local(0)) {
            return Ok(());
        }
        if let Some(origin) = self.evaluator.eval(inner)?.origin {
            self.cause = Some((self.evaluator.place(&origin), Part::Entry));
        }
        Ok(())
    }

    fn needs(&mut self, clause: NodeId, path: &Expr) -> Result<Option<Stop>, Defect> {
        let value = self.evaluator.eval(path)?;
        let missing = matches!(value.value, Value::Absent | Value::Unknown(_) | Value::None);
        self.evaluator.passes(path.id, Branch::Needs, Seen { yes: !missing, no: missing, open: false });
        Ok(match value.value {
            Value::Absent | Value::Unknown(_) => Some(Stop::Open(clause, self.evaluator.why_unknown(&value))),
            Value::None => Some(Stop::Open(clause, self.why_none(&value))),
            _ => None,
        })
    }

    fn why_none(&self, value: &Traced) -> Unknown {
        match &value.origin {
            Some(origin) => {
                let place = self.evaluator.place(origin);
                Unknown::because(format!("`{place}`, of which there is none"), Some(place))
            }
            None => Unknown::because("something of which there is none", None),
        }
    }

    fn for_each(
        &mut self,
        clause: NodeId,
        variable: Local,
        collection: &Expr,
        steps: &[Step],
    ) -> Result<Option<Stop>, Defect> {
        let value = self.evaluator.eval(collection)?;
        let elements = match self.evaluator.elements(&value)? {
            Ok(elements) => elements,
            Err(unknown) => return Ok(Some(Stop::Open(clause, unknown))),
        };
        for element in elements {
            let (outer, before) = (self.trail.as_mut().map(std::mem::take), self.findings.len());
            self.evaluator.set(variable, element.clone());
            let stop = self.steps(steps)?;
            let skipped = matches!(stop, Some(Stop::Excluded(_)));
            if let Some(Stop::Open(clause, unknown)) = stop {
                self.findings.push(open_finding(self.world, self.subject, clause, &unknown));
            }
            if let Some(outer) = outer {
                self.element_on_trail(outer, collection, &element, before, skipped);
            }
        }
        Ok(None)
    }
}
