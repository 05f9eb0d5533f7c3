//! A rule on a subject: its clauses in order, and how each instance came out.

use std::sync::Arc;

use palisade_source::report::OutcomeKind;
use palisade_syntax::ast::{NodeId, Sense};
use smol_str::SmolStr;

use super::eval::{Evaluator, entity};
use super::evidence::raw_flows;
use super::explain::{Explanation, explain};
use super::outcome::{Instance, RawFinding, worse};
use super::print::entity_name;
use super::record::{Branch, Seen};
use super::traffic::TrafficVerdict;
use super::value::{Defect, Reason, Traced, Truth, Unknown, Value};
use super::world::World;
use crate::environment::EntityId;
use crate::ir::{Expr, ExprKind, Local, PackCondition, Require, Rule, Step, StepKind};
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
        return vec![Run::new(world, rule, subject, &[]).instance()];
    }
    let mut joined = Vec::new();
    for others in combinations(world, further) {
        let instance = Run::new(world, rule, subject, &others).instance();
        if instance.outcome != OutcomeKind::NotApplicable {
            joined.push(instance);
        }
    }
    if joined.is_empty() { vec![excluded(subject, None)] } else { joined }
}

/// Every combination of entities of these types.
fn combinations(world: &dyn World, params: &[(SmolStr, RecordId)]) -> Vec<Vec<EntityId>> {
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
fn selects(world: &dyn World, ways: &Ways<'_>, subject: EntityId) -> Result<Truth, Defect> {
    if ways.is_empty() {
        return Ok(Truth::True);
    }
    Truth::fold(true, ways.iter().map(|way| Truth::fold(false, way.iter().map(|c| holds(world, c, subject)))))
}

/// A condition `when T w` speaks of subjects that are a T or refer to one; others are not filtered.
fn holds(world: &dyn World, condition: &PackCondition, subject: EntityId) -> Result<Truth, Defect> {
    let Some(view) = world.entity(subject) else { return Ok(Truth::False) };
    let value = if view.record == condition.record {
        entity(subject)
    } else {
        let Some(at) = world.schema().reference_to(view.record, condition.record) else { return Ok(Truth::True) };
        super::read::entity_field(world, subject, &view, at)?
    };
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

fn finding(world: &dyn World, subject: EntityId, outcome: OutcomeKind, clause: NodeId, message: String) -> RawFinding {
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
enum Stop {
    /// A `when` was false.
    Excluded(NodeId),
    /// Something needed is not known.
    Open(NodeId, Unknown),
}

struct Run<'w> {
    world: &'w dyn World,
    rule: &'w Rule,
    subject: EntityId,
    others: Vec<EntityId>,
    evaluator: Evaluator<'w>,
    findings: Vec<RawFinding>,
    /// The value that made the rule apply: where its last `when` looked at the subject.
    cause: Option<(Place, Part)>,
}

impl<'w> Run<'w> {
    fn new(world: &'w dyn World, rule: &'w Rule, subject: EntityId, others: &[EntityId]) -> Self {
        let mut evaluator = Evaluator::new(world, rule.locals);
        for (at, id) in (0..).zip([&[subject], others].concat()) {
            evaluator.set(Local(at), entity(id));
        }
        Self { world, rule, subject, others: others.to_vec(), evaluator, findings: Vec::new(), cause: None }
    }

    fn instance(mut self) -> Instance {
        let rule = self.rule;
        match self.steps(&rule.steps) {
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
        let collection = self.evaluator.eval(collection)?;
        let elements = match self.evaluator.elements(&collection)? {
            Ok(elements) => elements,
            Err(unknown) => return Ok(Some(Stop::Open(clause, unknown))),
        };
        for element in elements {
            self.evaluator.set(variable, element);
            if let Some(Stop::Open(clause, unknown)) = self.steps(steps)? {
                self.findings.push(open_finding(self.world, self.subject, clause, &unknown));
            }
        }
        Ok(None)
    }

    fn require(&mut self, clause: NodeId, require: &Require) -> Result<(), Defect> {
        let branch = if require.sense == Sense::Require { Branch::Require } else { Branch::Forbid };
        let mut answers = Vec::new();
        for alternative in &require.alternatives {
            let answer = self.answer(require.sense, alternative)?;
            if require.alternatives.len() > 1 {
                self.evaluator.passes(alternative.id, Branch::Alternative, seen(answer.outcome));
            }
            if answer.outcome == OutcomeKind::Pass {
                self.evaluator.passes(clause, branch, seen(answer.outcome));
                return Ok(());
            }
            answers.push((alternative, answer));
        }
        // All alternatives violated: a violation; else one of them is open, and so is the whole. The nearer one is shown.
        let violated = answers.iter().all(|(_, answer)| answer.outcome == OutcomeKind::Violation);
        let outcome = if violated { OutcomeKind::Violation } else { OutcomeKind::Undetermined };
        self.evaluator.passes(clause, branch, seen(outcome));
        let nearest = answers.into_iter().min_by_key(|(_, answer)| (answer.outcome != outcome, answer.failed));
        let Some((alternative, answer)) = nearest else { return Ok(()) };
        let mut finding = self.failed(clause, require, outcome, alternative, answer)?;
        if require.alternatives.len() > 1 {
            finding.notes.insert(0, alternatives_note(require.alternatives.len(), outcome).to_owned());
        }
        self.findings.push(finding);
        Ok(())
    }

    /// How one alternative came out.
    fn answer(&mut self, sense: Sense, alternative: &Expr) -> Result<Answer, Defect> {
        let traced = self.evaluator.eval(alternative)?;
        let require = sense == Sense::Require;
        if let Value::Verdict(verdict) = &traced.value {
            return Ok(verdict_answer(verdict, require));
        }
        let truth = match self.evaluator.as_truth(&traced)? {
            truth if require => truth,
            truth => !truth,
        };
        Ok(match truth {
            Truth::True => Answer::new(OutcomeKind::Pass),
            Truth::False => Answer { failed: 1, ..Answer::new(OutcomeKind::Violation) },
            Truth::Unknown(unknown) => Answer { unknown: Some(unknown), ..Answer::new(OutcomeKind::Undetermined) },
        })
    }

    fn failed(
        &mut self,
        clause: NodeId,
        require: &Require,
        outcome: OutcomeKind,
        alternative: &Expr,
        answer: Answer,
    ) -> Result<RawFinding, Defect> {
        let explanation = match &answer.verdict {
            Some(_) => Explanation::default(),
            None => explain(&mut self.evaluator, alternative, require.sense == Sense::Require)?,
        };
        let message = match (&require.otherwise, outcome) {
            (Some(parts), OutcomeKind::Violation) => self.evaluator.template(parts)?,
            (_, OutcomeKind::Violation) => format!("`{}`: {}", entity_name(self.world, self.subject), self.rule.title),
            _ => self.open_message(require, answer.unknown.as_ref())?,
        };
        let mut raw = finding(self.world, self.subject, outcome, clause, message);
        if let Some(parts) = &require.help {
            raw.help = Some(self.evaluator.template(parts)?);
        }
        raw.notes = explanation.notes;
        raw.settles = answer.unknown.map(|u| u.reasons.to_vec()).unwrap_or_default();
        raw.location = self.location(alternative, answer.verdict.as_deref(), &explanation.places, &raw.settles)?;
        let location = raw.location.0.clone();
        raw.related = explanation.related.into_iter().filter(|(_, place, _)| *place != location).collect();
        if let Some(verdict) = answer.verdict {
            self.add_evidence(&mut raw, &verdict, require.sense);
        }
        Ok(raw)
    }

    fn open_message(&mut self, require: &Require, unknown: Option<&Unknown>) -> Result<String, Defect> {
        let reasons = unknown.map(|u| u.reasons.iter().map(|r| r.text.clone()).collect::<Vec<_>>().join("; on "));
        let reasons = reasons.unwrap_or_else(|| "something that is not known".to_owned());
        let name = entity_name(self.world, self.subject);
        let about = match &require.otherwise {
            Some(parts) => format!(" whether {}", self.evaluator.template(parts)?),
            None => String::new(),
        };
        Ok(format!("cannot tell for `{name}`{about}: it depends on {reasons}"))
    }

    /// The smallest value that shows the fault.
    fn location(
        &mut self,
        alternative: &Expr,
        verdict: Option<&TrafficVerdict>,
        places: &[(Place, Part)],
        settles: &[Reason],
    ) -> Result<(Place, Part), Defect> {
        if verdict.is_some() {
            if let Some(cause) = &self.cause {
                return Ok(cause.clone());
            }
            if let ExprKind::Verdict { place, .. } = &alternative.kind
                && let Some(origin) = self.evaluator.eval(place)?.origin
            {
                let part = if origin.is_root() { Part::Key } else { Part::Entry };
                return Ok((self.evaluator.place(&origin), part));
            }
        }
        let missing = settles.iter().find_map(|reason| reason.place.clone()).map(|place| (place, Part::Key));
        let found = places.first().cloned().or(missing).or_else(|| self.cause.clone());
        Ok(found.unwrap_or_else(|| (self.world.place(self.subject), Part::Key)))
    }

    fn add_evidence(&self, raw: &mut RawFinding, verdict: &TrafficVerdict, sense: Sense) {
        use palisade_net::Outcome::{Allowed, Denied};
        let bad = if sense == Sense::Require { Denied } else { Allowed };
        let failed = |outcome| outcome == bad || (raw.outcome != OutcomeKind::Violation && outcome != opposite(bad));
        raw.flows = raw_flows(self.world, verdict, |outcome| outcome == bad);
        let mut cites = Vec::new();
        for flow in &verdict.flows {
            let parts = super::evidence::flow_parts(self.world, flow);
            if parts.iter().any(|part| failed(part.outcome)) {
                cites.extend(flow.spec.cites.iter().cloned());
            }
        }
        cites.dedup();
        raw.cites = cites;
        for flow in raw.flows.iter().filter(|flow| failed(flow.outcome)) {
            let Some((message, place)) = decider(flow) else { continue };
            let known = raw.related.iter().any(|(m, p, _)| *p == place && *m == message);
            if !known {
                raw.related.push((message, place, Part::Key));
            }
        }
    }
}

/// How a requirement came out, for whoever listens.
fn seen(outcome: OutcomeKind) -> Seen {
    Seen {
        yes: outcome == OutcomeKind::Pass,
        no: outcome == OutcomeKind::Violation,
        open: outcome == OutcomeKind::Undetermined,
    }
}

/// What is said of an `either` besides the alternative that is shown.
fn alternatives_note(count: usize, outcome: OutcomeKind) -> &'static str {
    match (count, outcome) {
        (2, OutcomeKind::Violation) => "both alternatives fail; the nearer one is shown",
        (_, OutcomeKind::Violation) => "every alternative fails; the nearest one is shown",
        _ => "no alternative holds for certain; an open one is shown",
    }
}

fn opposite(outcome: palisade_net::Outcome) -> palisade_net::Outcome {
    match outcome {
        palisade_net::Outcome::Denied => palisade_net::Outcome::Allowed,
        _ => palisade_net::Outcome::Denied,
    }
}

/// What decided a part, with its place.
fn decider(flow: &super::outcome::RawFlow) -> Option<(String, Place)> {
    let verb = match flow.outcome {
        palisade_net::Outcome::Denied => "denied",
        palisade_net::Outcome::Allowed => "allowed",
        _ => "perhaps decided",
    };
    let priority = flow.priority.map(|p| format!(" (priority {p})")).unwrap_or_default();
    match (&flow.decided_by, &flow.default_rule) {
        (Some(place), _) => Some((format!("{verb} by this rule{priority}"), place.clone())),
        (None, Some((name, Some(at)))) => {
            let by = match flow.level {
                Some("route") => format!("Azure's own route to {name} here"),
                Some("firewall") => format!("this firewall's {name}"),
                _ => format!("this group's default rule {name}"),
            };
            Some((format!("{verb} by {by}{priority}"), at.clone()))
        }
        _ => None,
    }
}

/// How one alternative of a requirement came out.
struct Answer {
    outcome: OutcomeKind,
    /// How much of it failed: fewer is nearer.
    failed: usize,
    unknown: Option<Unknown>,
    verdict: Option<Arc<TrafficVerdict>>,
}

impl Answer {
    fn new(outcome: OutcomeKind) -> Self {
        Self { outcome, failed: 0, unknown: None, verdict: None }
    }
}

/// `require V`: violation if any part is denied; else undetermined if any is; else pass. `forbid V`: the mirror image.
fn verdict_answer(verdict: &Arc<TrafficVerdict>, require: bool) -> Answer {
    let bad = |flow: &&super::traffic::FlowVerdict| {
        if require { flow.verdict.any_denied() } else { flow.verdict.any_allowed() }
    };
    let failed = verdict.flows.iter().filter(bad).count();
    let open = verdict.open();
    let outcome = match (failed, &open) {
        (1.., _) => OutcomeKind::Violation,
        (0, Some(_)) => OutcomeKind::Undetermined,
        (0, None) => OutcomeKind::Pass,
    };
    Answer { outcome, failed, unknown: open, verdict: Some(verdict.clone()) }
}
