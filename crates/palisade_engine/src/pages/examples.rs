//! Examples of a rule: the smallest of its tests in which it is broken, and the test nearest to that in which it is kept.
//!
//! An example is the part of a test's environment that matters: the subject, what the test's own YAML states, and what
//! the finding points to. It is evaluated when the page is made, so what is shown of it is what is said.

use std::collections::BTreeSet;

use palisade_source::report::{Example, ExampleFinding, OutcomeKind};
use palisade_syntax::ast::NodeId;
use palisade_yaml::{Document, Kind};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::evaluate::outcome::{Instance, RawFinding};
use crate::inputs::{Db, Environment, Program};
use crate::ir::{Expectation, ExpectedOutcome, Rule, Test};
use crate::names::DefName;
use crate::place::{Place, Segment};
use crate::policy::tests::{test, test_items};
use crate::testing::expect::{Probe, Runner};
use crate::testing::{Environments, environment_of};

/// An expectation of a rule in a test.
#[derive(Clone, Copy)]
struct Expected<'db> {
    test: &'db Test,
    clause: NodeId,
    fails: bool,
    on: Option<&'db (NodeId, SmolStr)>,
}

impl Expected<'_> {
    /// How much a reader would have to read: what the test states itself, or else its whole fixture.
    fn size(&self) -> usize {
        let own = self.test.patch.as_ref().map(|(_, text)| text);
        let text = own.or(self.test.fixture.as_ref().map(|(_, _, text)| text));
        text.map_or(0, |text| text.split_whitespace().map(str::len).sum())
    }
}

/// The rules of which an expectation says that they are broken or kept.
fn of_expectation<'db>(test: &'db Test, expectation: &'db Expectation) -> Vec<(&'db DefName, Expected<'db>)> {
    match expectation {
        Expectation::Outcome { id, outcome, rule, on, .. } => {
            let fails = match outcome {
                ExpectedOutcome::Kind(OutcomeKind::Violation) => true,
                // What is not applicable is kept, where nothing shows more.
                ExpectedOutcome::Kind(OutcomeKind::Pass | OutcomeKind::NotApplicable) | ExpectedOutcome::None => false,
                ExpectedOutcome::Kind(_) => return Vec::new(),
            };
            vec![(rule, Expected { test, clause: *id, fails, on: on.as_ref() })]
        }
        Expectation::NoFindings { id, rules } => {
            let expected = Expected { test, clause: *id, fails: false, on: None };
            rules.iter().map(|rule| (rule, expected)).collect()
        }
    }
}

/// The tests of a program, by the rules of which they expect something.
pub(super) struct Tests<'db> {
    db: &'db dyn Db,
    program: Program,
    by_rule: FxHashMap<DefName, Vec<Expected<'db>>>,
}

/// A part of an environment: a key of its top, perhaps with one below it.
type Part = (String, Option<String>);

impl<'db> Tests<'db> {
    pub(super) fn gather(db: &'db dyn Db, program: Program) -> Self {
        let mut by_rule: FxHashMap<DefName, Vec<Expected<'db>>> = FxHashMap::default();
        let all = test_items(db, program).into_iter().filter_map(|item| test(db, program, item).as_ref());
        for test in all.map(|lowered| &lowered.value) {
            for (rule, expected) in test.expectations.iter().flat_map(|one| of_expectation(test, one)) {
                by_rule.entry(rule.clone()).or_default().push(expected);
            }
        }
        Self { db, program, by_rule }
    }

    /// A failing and a passing example of a rule. The passing one is that which differs least from the failing one, and
    /// shows the same resources.
    pub(super) fn of(&self, rule: &Rule, environments: &Environments) -> (Option<Example>, Option<Example>) {
        let all = self.by_rule.get(&rule.name).map(Vec::as_slice).unwrap_or_default();
        let mut failing: Vec<&Expected<'_>> = all.iter().filter(|expected| expected.fails).collect();
        failing.sort_by_key(|expected| expected.size());
        let broken = failing.into_iter().find_map(|expected| self.shown(rule, expected, environments));
        let passing = all.iter().filter(|expected| !expected.fails);
        let passing = passing.filter_map(|expected| Some((expected.size(), self.shown(rule, expected, environments)?)));
        let distance = |(size, kept): &(usize, Shown<'_>)| {
            let away = broken.as_ref().map(|broken| broken.distance(kept));
            (kept.outcome != OutcomeKind::Pass, away, *size)
        };
        let kept = passing.min_by_key(distance).map(|(_, kept)| kept);
        let none = BTreeSet::new();
        let too = broken.as_ref().map_or(&none, |broken| &broken.parts);
        (broken.as_ref().map(|shown| shown.example(&none)), kept.map(|shown| shown.example(too)))
    }

    /// What an expectation shows, if the rule does come out as it says.
    fn shown<'t>(&self, rule: &Rule, expected: &Expected<'t>, environments: &Environments) -> Option<Shown<'t>> {
        let environment = environment_of(self.db, self.program, expected.test, environments).ok()?;
        let runner =
            Runner { db: self.db, program: self.program, environment, test: expected.test, probe: Probe::default() };
        let instances = runner.instances_on(expected.clause, &rule.name, expected.on).ok()?;
        let instance = if expected.fails {
            instances.iter().find(|instance| instance.outcome == OutcomeKind::Violation)
        } else {
            // Of several the one that was asked something.
            let quiet = instances.iter().filter(|instance| instance.findings.is_empty());
            quiet.min_by_key(|instance| instance.outcome != OutcomeKind::Pass)
        }?;
        let finding = instance.findings.iter().find(|finding| finding.outcome == OutcomeKind::Violation);
        Some(Shown {
            test: expected.test,
            parts: self.parts(environment, expected.test, instance, finding),
            document: document(environment.file(self.db).text(self.db))?,
            subject: instance.subject.place(self.db).to_string(),
            outcome: instance.outcome,
            finding: finding.map(|finding| ExampleFinding {
                message: finding.message.clone(),
                place: finding.location.0.to_string(),
                help: finding.help.clone(),
            }),
        })
    }

    fn parts(
        &self,
        environment: Environment,
        test: &Test,
        instance: &Instance,
        finding: Option<&RawFinding>,
    ) -> BTreeSet<Part> {
        let written = |place: &&Place| crate::environment::is_written(self.db, environment, place);
        let entities = [instance.subject].into_iter().chain(instance.others.iter().copied());
        let mut parts: BTreeSet<Part> = entities.filter_map(|id| part(id.place(self.db))).collect();
        if let Some(finding) = finding {
            let related = finding.related.iter().map(|(_, place, _)| place);
            let deciders = finding.flows.iter().filter_map(|flow| flow.decided_by.as_ref());
            let places = [&finding.location.0].into_iter().chain(related).chain(deciders);
            parts.extend(places.filter(written).filter_map(part));
        }
        let own = test.patch.as_ref().and_then(|(_, text)| document(text));
        parts.extend(own.iter().flat_map(stated));
        parts
    }
}

fn document(text: &str) -> Option<Document> {
    palisade_yaml::parse(text).documents.into_iter().next()
}

/// The key of the top and the one below it of a place.
fn part(place: &Place) -> Option<Part> {
    let mut segments = place.segments.iter().map(|segment| match segment {
        Segment::Key(name) => Some(name.to_string()),
        Segment::Named(_) | Segment::Index(_) => None,
    });
    Some((segments.next()??, segments.next().flatten()))
}

/// The parts that a text states; a key that it takes away is meant as a whole.
fn stated(document: &Document) -> Vec<Part> {
    let part = |entry: palisade_yaml::Entry<'_>| {
        let name = entry.key.as_str().unwrap_or_default().to_owned();
        if entry.value.kind() != Kind::Mapping {
            return vec![(name, None)];
        }
        let below = entry.value.entries().filter_map(|below| Some(below.key.as_str()?.to_owned()));
        below.map(|below| (name.clone(), Some(below))).collect()
    };
    document.root().entries().flat_map(part).collect()
}

/// An example that is still to be cut out of its environment.
struct Shown<'t> {
    test: &'t Test,
    document: Document,
    parts: BTreeSet<Part>,
    subject: String,
    outcome: OutcomeKind,
    finding: Option<ExampleFinding>,
}

/// So many words in a row are compared: a word alone does not say of what it is said.
const PHRASE: usize = 8;

impl Shown<'_> {
    fn yaml(&self, too: &BTreeSet<Part>) -> String {
        let wanted = |name: &str, below: Option<&str>| {
            let part = (name.to_owned(), below.map(str::to_owned));
            self.parts.contains(&part) || too.contains(&part)
        };
        palisade_yaml::excerpt(&self.document, &wanted)
    }

    /// How far two examples are from showing one difference: whether they are the same test, or about something else, and
    /// how much stands in one of them and not in the other, where both show the same resources.
    fn distance(&self, other: &Self) -> (bool, bool, usize) {
        let texts = [self.yaml(&other.parts), other.yaml(&self.parts)];
        let [one, two] = texts.each_ref().map(|text| text.split_whitespace().collect::<Vec<_>>());
        let mut counts: FxHashMap<&[&str], isize> = FxHashMap::default();
        for (words, sign) in [(&one, 1), (&two, -1)] {
            for phrase in words.windows(PHRASE) {
                *counts.entry(phrase).or_default() += sign;
            }
        }
        let differing = counts.values().map(|count| count.unsigned_abs()).sum();
        (self.test.item == other.test.item, self.subject != other.subject, differing)
    }

    fn example(&self, too: &BTreeSet<Part>) -> Example {
        Example {
            module: self.test.module.to_string(),
            test: self.test.name.to_string(),
            yaml: self.yaml(too),
            subject: self.subject.clone(),
            outcome: self.outcome,
            finding: self.finding.clone(),
        }
    }
}
