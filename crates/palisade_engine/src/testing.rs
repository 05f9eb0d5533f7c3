//! Running the tests of the language: each on an environment of its own, through the same queries as a check.

use std::sync::Arc;

use palisade_source::report::{OutcomeKind, TestReport, TestResult};
use palisade_source::{Diagnostic, File};
use palisade_syntax::ast::NodeId;
use palisade_yaml::{Case, Document, Segment};
use text_size::TextRange;

use crate::check::program_diagnostics;
use crate::environment::{self, EntityId, Resolution, parse_place};
use crate::evaluate::outcome::Instance;
use crate::evaluate::queries::{Selection, evaluate_shard};
use crate::inputs::{Db, Environment, Program};
use crate::ir::{Expectation, ExpectedOutcome, Test};
use crate::names::{DefName, ItemKey, NodeRef};
use crate::place::Place;
use crate::policy::items::{locate, locate_raw};
use crate::policy::lower::{find, rule};
use crate::policy::problems::has_errors;
use crate::policy::tests::{test, test_items};
use crate::texts::texts;
use crate::types::RecordId;

/// Runs the tests whose `module/name` contains a text; all without one.
pub fn run(db: &dyn Db, program: Program, filter: Option<&str>) -> TestReport {
    let mut report = TestReport {
        diagnostics: program_diagnostics(db, program),
        texts: texts(db, program, &[]),
        ..TestReport::default()
    };
    if has_errors(&report.diagnostics) {
        return report;
    }
    for item in test_items(db, program) {
        let Some(lowered) = test(db, program, item) else { continue };
        let name = format!("{}/{}", lowered.value.module, lowered.value.name);
        if filter.is_some_and(|filter| !name.contains(filter)) {
            report.filtered_out += 1;
            continue;
        }
        report.tests.push(run_one(db, program, &lowered.value));
    }
    report
}

fn run_one(db: &dyn Db, program: Program, test: &Test) -> TestResult {
    let mut result = TestResult {
        module: test.module.to_string(),
        name: test.name.to_string(),
        failures: Vec::new(),
        expectations: test.expectations.len(),
    };
    match environment_of(db, program, test) {
        Ok(environment) => {
            let runner = Runner { db, program, environment, test };
            result.failures = test.expectations.iter().flat_map(|e| runner.check(e)).collect();
        }
        Err(failures) => result.failures = failures,
    }
    result
}

/// The test's YAML: its fixture, with its own merged over it.
fn environment_of(db: &dyn Db, program: Program, test: &Test) -> Result<Environment, Vec<Diagnostic>> {
    let base = test.fixture.as_ref().map(|(item, node, text)| Written::read(db, item, *node, text)).transpose()?;
    let patch = test.patch.as_ref().map(|(node, text)| Written::read(db, &test.item, *node, text)).transpose()?;
    let text: Arc<str> = match (&base, &patch) {
        (Some(base), Some(patch)) => palisade_yaml::merge(&base.document, &patch.document).into(),
        (Some(one), None) | (None, Some(one)) => one.document.text().clone(),
        (None, None) => Arc::from(""),
    };
    let path: Arc<str> = format!("the environment of test `{}`", test.name).into();
    let environment = Environment::new(db, File::new(db, path, text.clone()), 0, Vec::new(), None);
    let faults = environment::diagnostics(db, program, environment);
    let written: Vec<Written<'_>> = base.into_iter().chain(patch).collect();
    let failures = faults.iter().filter(|f| f.severity == palisade_source::Severity::Error);
    let failures: Vec<Diagnostic> = failures.map(|fault| environment_fault(db, &text, &written, fault)).collect();
    if failures.is_empty() { Ok(environment) } else { Err(failures) }
}

/// The keys of an environment that name other files, and what a test does without them.
const NAMES_FILES: [(&str, &str); 2] = [
    ("include", "write what the test needs into its fixture"),
    ("service_tags", "remove it: a test is judged without the addresses of tags, whatever file a run has"),
];

/// A YAML text of a policy, and where it stands.
struct Written<'t> {
    item: &'t ItemKey,
    node: NodeId,
    document: Document,
}

impl<'t> Written<'t> {
    /// The text's one document, or its faults at their places in the policy.
    fn read(db: &dyn Db, item: &'t ItemKey, node: NodeId, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let fault = |range, message: String, help| {
            Diagnostic::error("fixture", message, Some(locate_raw(db, item, node, range))).with_help(help)
        };
        let stream = palisade_yaml::parse(text);
        let mut faults: Vec<Diagnostic> =
            stream.errors.iter().map(|error| fault(error.range, error.message.clone(), error.help.clone())).collect();
        if let Some(second) = stream.documents.get(1) {
            let message = format!("a test has one environment, and this text has {} documents", stream.documents.len());
            let help = "remove the `---`, and write a test for each".to_owned();
            faults.push(fault(TextRange::empty(second.start()), message, Some(help)));
        }
        let document = stream.documents.into_iter().next();
        for (key, help) in NAMES_FILES {
            if let Some(named) = document.as_ref().and_then(|document| document.root().get(key)) {
                let message = format!("a test reads no other file, so `{key}` would add nothing");
                faults.push(fault(named.span(), message, Some(help.to_owned())));
            }
        }
        match document {
            Some(document) if faults.is_empty() => Ok(Self { item, node, document }),
            _ => Err(faults),
        }
    }

    /// How many steps of a path this text has, and where the last of them stands.
    fn nearest(&self, path: &[Segment<'_>], on_key: bool) -> (usize, TextRange) {
        let (found, steps) = self.document.locate_nearest(path, Case::Ignore);
        let key = found.key.filter(|_| on_key || steps < path.len());
        (steps, key.unwrap_or(found.value))
    }
}

/// A fault of the environment, at the place in the policy where it was written.
fn environment_fault(db: &dyn Db, text: &Arc<str>, written: &[Written<'_>], fault: &Diagnostic) -> Diagnostic {
    let message = format!("the environment of this test is at fault: {}", fault.message);
    let stream = palisade_yaml::parse(text.clone());
    let merged = stream.documents.first().zip(fault.span.as_ref());
    let span = merged.and_then(|(merged, span)| {
        let path = merged.path_at(span.range.start());
        let on_key = merged.locate(&path, Case::Exact).is_some_and(|here| here.key == Some(span.range));
        let nearest = written.iter().map(|text| (text, text.nearest(&path, on_key)));
        let (text, (_, range)) = nearest.max_by_key(|(_, (steps, _))| *steps)?;
        Some(locate_raw(db, text.item, text.node, range))
    });
    Diagnostic::error(fault.code, message, span).with_help(fault.help.clone())
}

struct Runner<'db> {
    db: &'db dyn Db,
    program: Program,
    environment: Environment,
    test: &'db Test,
}

impl Runner<'_> {
    fn check(&self, expectation: &Expectation) -> Vec<Diagnostic> {
        match expectation {
            Expectation::Outcome { id, outcome, rule, on, at, message } => {
                let instances = match self.instances_on(*id, rule, on.as_ref()) {
                    Ok(instances) => instances,
                    Err(failure) => return vec![failure],
                };
                let mut failures = self.outcomes(*id, *outcome, rule, &instances);
                if failures.is_empty() {
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
        let Some(subject) = rule(self.db, self.program, item).as_ref().and_then(|l| l.value.params.first()) else {
            return Vec::new();
        };
        let selection = Selection::new(self.db, Vec::new());
        let shards = environment::shards(self.db, self.program, self.environment, subject.1);
        let shard = |n| evaluate_shard(self.db, self.program, self.environment, item, selection, n).iter().cloned();
        (0..shards).flat_map(shard).collect()
    }

    /// The instances on a place; all, but at least one, without a place.
    fn instances_on(
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
