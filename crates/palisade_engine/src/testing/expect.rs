//! What a test expects, held against what its rules come to.

use palisade_source::report::OutcomeKind;
use palisade_source::{Diagnostic, Severity};
use palisade_syntax::ast::NodeId;

use crate::environment::{self, EntityId, Resolution, parse_place};
use crate::evaluate::outcome::Instance;
use crate::evaluate::queries::{Changed, DbWorld, Selection, evaluate_shard};
use crate::evaluate::record::Recorder;
use crate::evaluate::rule as evaluate_rule;
use crate::inputs::{Db, Environment, Program};
use crate::ir::{Expectation, ExpectedOutcome, Rule, Test};
use crate::names::{DefName, NodeRef};
use crate::place::Place;
use crate::policy::items::locate;
use crate::policy::lower::{find, rule};
use crate::types::RecordId;

/// How the rules of a test are run: through the memos of a check, or apart from them, with somebody who listens or with
/// an item changed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Probe<'p> {
    /// Who listens.
    pub(crate) recorder: Option<&'p dyn Recorder>,
    /// What is changed.
    pub(crate) changed: Option<&'p Changed>,
}

/// A test in its environment.
pub(crate) struct Runner<'db> {
    pub(crate) db: &'db dyn Db,
    pub(crate) program: Program,
    pub(crate) environment: Environment,
    pub(crate) test: &'db Test,
    pub(crate) probe: Probe<'db>,
}

impl Runner<'_> {
    /// In what ways an expectation fails; none: it holds.
    pub(crate) fn check(&self, expectation: &Expectation) -> Vec<Diagnostic> {
        match expectation {
            Expectation::Outcome { id, outcome, rule, on, severity, at, message } => {
                let instances = match self.instances_on(*id, rule, on.as_ref()) {
                    Ok(instances) => instances,
                    Err(failure) => return vec![failure],
                };
                let mut failures = self.outcomes(*id, *outcome, rule, &instances);
                if failures.is_empty() {
                    failures.extend(severity.and_then(|(node, wanted)| self.severity(node, wanted, rule)));
                    failures.extend(at.iter().filter_map(|at| self.place(at, &instances)));
                    failures.extend(message.iter().filter_map(|wanted| self.message(wanted, &instances)));
                }
                failures
            }
            Expectation::NoFindings { id, rules } => {
                let all: Vec<_> = rules.iter().map(|rule| (rule, self.instances(rule))).collect();
                if all.iter().all(|(_, instances)| instances.is_empty()) {
                    let message = "no rule of this module has a subject in this environment, so nothing was tested";
                    return vec![self.fail(*id, message.to_owned())];
                }
                let none = ExpectedOutcome::None;
                all.iter().flat_map(|(rule, instances)| self.outcomes(*id, none, rule, instances)).collect()
            }
        }
    }

    fn fail(&self, node: NodeId, message: String) -> Diagnostic {
        let at = NodeRef { item: self.test.item.clone(), node };
        Diagnostic::error("test-failed", message, Some(locate(self.db, &at)))
    }

    /// Every instance of a rule.
    fn instances(&self, name: &DefName) -> Vec<Instance> {
        let Some(item) = find(self.db, self.program, name) else { return Vec::new() };
        let Some(lowered) = rule(self.db, self.program, item) else { return Vec::new() };
        if self.probe.recorder.is_some() || self.probe.changed.is_some() {
            return self.instances_apart(self.as_changed(&lowered.value));
        }
        let Some((_, subject)) = lowered.value.params.first() else { return Vec::new() };
        let selection = Selection::new(self.db, Vec::new());
        let shards = environment::shards(self.db, self.program, self.environment, *subject);
        let shard = |n| evaluate_shard(self.db, self.program, self.environment, item, selection, n).iter().cloned();
        (0..shards).flat_map(shard).collect()
    }

    fn as_changed<'r>(&'r self, rule: &'r Rule) -> &'r Rule {
        match self.probe.changed {
            Some(Changed::Rule(changed)) if changed.name == rule.name => changed,
            _ => rule,
        }
    }

    /// The same, evaluated once more and apart from the memos.
    fn instances_apart(&self, rule: &Rule) -> Vec<Instance> {
        let world = DbWorld::new(self.db, self.program, self.environment);
        let world = world.heard_by(self.probe.recorder).with(self.probe.changed);
        let Some((_, subject)) = rule.params.first() else { return Vec::new() };
        let subjects = environment::entities_of(self.db, self.program, self.environment, *subject);
        subjects.iter().flat_map(|id| evaluate_rule::run(&world, rule, &[], *id)).collect()
    }

    /// The instances on a place; all, but at least one, without a place.
    pub(crate) fn instances_on(
        &self,
        id: NodeId,
        rule: &DefName,
        on: Option<&(NodeId, smol_str::SmolStr)>,
    ) -> Result<Vec<Instance>, Diagnostic> {
        let mut instances = self.instances(rule);
        let Some((node, text)) = on else {
            if instances.is_empty() {
                let message = format!("`{rule}` has no subject in this environment, so nothing was tested");
                return Err(self.fail(id, message));
            }
            return Ok(instances);
        };
        let subject = self.entity(*node, text, self.subject(rule))?;
        instances.retain(|instance| instance.subject == subject);
        if instances.is_empty() {
            return Err(self.fail(*node, format!("`{rule}` is not about `{text}`")));
        }
        Ok(instances)
    }

    fn subject(&self, name: &DefName) -> Option<RecordId> {
        let item = find(self.db, self.program, name)?;
        let lowered = rule(self.db, self.program, item).as_ref()?;
        Some(lowered.value.params.first()?.1)
    }

    fn entity(&self, node: NodeId, text: &str, kind: Option<RecordId>) -> Result<EntityId, Diagnostic> {
        let kinds: Vec<RecordId> = kind.into_iter().collect();
        match environment::resolve(self.db, self.program, self.environment, &kinds, text) {
            Resolution::Found(id) => Ok(id),
            Resolution::Missing { suggestion } => {
                let failure = self.fail(node, format!("there is no `{text}` in the environment of this test"));
                Err(failure.with_help(crate::suggest::did_you_mean(suggestion.as_deref())))
            }
            Resolution::Ambiguous(_) => {
                let failure = self.fail(node, format!("`{text}` may be any of several things"));
                Err(failure.with_help(Some("write the full place".to_owned())))
            }
            Resolution::OtherKind(id) => {
                let message = format!("`{}` is not of the kind that the rule is about", id.place(self.db));
                Err(self.fail(node, message))
            }
        }
    }

    fn outcomes(
        &self,
        node: NodeId,
        wanted: ExpectedOutcome,
        rule: &DefName,
        instances: &[Instance],
    ) -> Vec<Diagnostic> {
        let wrong = instances.iter().filter(|instance| !fits(wanted, instance.outcome));
        wrong.map(|instance| self.wrong_outcome(node, wanted, rule, instance)).collect()
    }

    fn wrong_outcome(&self, node: NodeId, wanted: ExpectedOutcome, rule: &DefName, got: &Instance) -> Diagnostic {
        let subject = got.subject.place(self.db);
        let wanted = match wanted {
            ExpectedOutcome::Kind(kind) => kind.as_str(),
            ExpectedOutcome::None => "no finding",
        };
        let message =
            format!("expected {wanted} of `{rule}` on `{subject}`, but it came out as {}", got.outcome.as_str());
        let mut failure = self.fail(node, message);
        for finding in &got.findings {
            failure.notes.push(format!("{}: {}", finding.outcome.as_str(), finding.message));
            failure.notes.push(format!("at `{}`", finding.location.0));
            failure.notes.extend(finding.related.iter().map(|(text, place, _)| format!("`{place}`: {text}")));
            failure.notes.extend(finding.notes.iter().cloned());
        }
        if let (Some(clause), Some(item)) = (got.excluded, find(self.db, self.program, rule)) {
            let span = locate(self.db, &NodeRef { item: item.key(self.db).clone(), node: clause });
            failure.related.push(palisade_source::Label { span, message: "this was false".to_owned() });
        }
        failure
    }

    /// A rule is as grave as it says, or else as the strongest statement that it cites.
    fn severity(&self, node: NodeId, wanted: Severity, name: &DefName) -> Option<Diagnostic> {
        let item = find(self.db, self.program, name)?;
        let lowered = rule(self.db, self.program, item).as_ref()?;
        let found = self.as_changed(&lowered.value).severity;
        let message = || format!("expected severity {} of `{name}`, but it is {}", wanted.as_str(), found.as_str());
        (found != wanted).then(|| self.fail(node, message()))
    }

    /// `at` holds for a finding's location or a related place.
    fn place(&self, (node, text): &(NodeId, smol_str::SmolStr), instances: &[Instance]) -> Option<Diagnostic> {
        let findings = instances.iter().flat_map(|instance| &instance.findings);
        let places: Vec<Place> = findings
            .flat_map(|f| [&f.location.0].into_iter().chain(f.related.iter().map(|(_, place, _)| place)))
            .flat_map(|place| [Some(place.clone()), self.written_above(place)])
            .flatten()
            .collect();
        let found = |wanted: &Place| places.iter().any(|p| p.to_string().eq_ignore_ascii_case(&wanted.to_string()));
        // A finding may stand where something is missing.
        if parse_place(text).is_ok_and(|wanted| found(&wanted)) {
            return None;
        }
        let wanted = match self.wanted_place(*node, text) {
            Ok(wanted) if found(&wanted) => return None,
            Ok(wanted) => wanted,
            Err(failure) => return Some(failure),
        };
        let mut failure = self.fail(*node, format!("expected a finding at `{wanted}`"));
        failure.notes = places.iter().map(|place| format!("found at `{place}`")).collect();
        Some(failure)
    }

    /// Where a report points for something that is missing: what would hold it.
    fn written_above(&self, place: &Place) -> Option<Place> {
        let written = |place: &Place| environment::is_written(self.db, self.environment, place);
        let mut above = Some(place.clone()).filter(|place| !written(place))?.parent();
        while let Some(place) = above.as_ref().filter(|place| !written(place)) {
            above = place.parent();
        }
        above
    }

    fn wanted_place(&self, node: NodeId, text: &str) -> Result<Place, Diagnostic> {
        if let Resolution::Found(id) = environment::resolve(self.db, self.program, self.environment, &[], text) {
            return Ok(id.place(self.db).clone());
        }
        let place = parse_place(text).map_err(|error| self.fail(node, error))?;
        if environment::is_written(self.db, self.environment, &place) {
            return Ok(place);
        }
        Err(self.fail(node, format!("there is no `{place}` in the environment of this test")))
    }

    fn message(&self, (node, wanted): &(NodeId, smol_str::SmolStr), instances: &[Instance]) -> Option<Diagnostic> {
        let findings: Vec<_> = instances.iter().flat_map(|instance| &instance.findings).collect();
        if findings.iter().any(|finding| finding.message.contains(wanted.as_str())) {
            return None;
        }
        let mut failure = self.fail(*node, format!("no message contains `{wanted}`"));
        failure.notes = findings.iter().map(|finding| format!("message: {}", finding.message)).collect();
        Some(failure)
    }
}

fn fits(wanted: ExpectedOutcome, got: OutcomeKind) -> bool {
    match wanted {
        ExpectedOutcome::Kind(kind) => kind == got,
        ExpectedOutcome::None => matches!(got, OutcomeKind::Pass | OutcomeKind::NotApplicable | OutcomeKind::Waived),
    }
}
