//! One requirement: how its alternatives came out, and the finding if none holds.

use std::sync::Arc;

use palisade_source::report::OutcomeKind;
use palisade_syntax::ast::{NodeId, Sense};

use super::evidence::raw_flows;
use super::explain::{Explanation, explain};
use super::outcome::RawFinding;
use super::print::entity_name;
use super::record::{Branch, Seen};
use super::rule::{Run, finding};
use super::traffic::TrafficVerdict;
use super::value::{Defect, Reason, Truth, Unknown, Value};
use crate::ir::{Expr, ExprKind, Require};
use crate::place::{Part, Place};

impl Run<'_> {
    pub(super) fn require(&mut self, clause: NodeId, require: &Require) -> Result<(), Defect> {
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
