//! Mutants: policies with one small mistake each, and which of them no test notices.
//!
//! `sites` finds the places of an item where a mistake could be made and the edits that make it; `compile` reads and
//! checks the edited item by itself, in memory; here the tests that reach the item are run with it in place. The program
//! of the database is never changed, so that every thread may try mutants on the same memos.

mod compile;
mod excuse;
mod sites;
mod traffic;

use std::collections::BTreeSet;

use palisade_source::TextRange;
use palisade_source::report::{Fate, MutantReport, TestResult};

use self::compile::compile;
use self::excuse::excuse;
use self::sites::{Edit, Site};
use crate::check::finding::location;
use crate::evaluate::record::Recording;
use crate::hash::stable;
use crate::inputs::{Db, Environment, Program};
use crate::ir::{Expectation, Test};
use crate::names::{DefName, ItemKey};
use crate::policy::items::find_item;
use crate::testing::coverage::items;
use crate::testing::expect::{Probe, Runner};
use crate::testing::{Environments, Selection as TestSelection, environment_of, find, is_in, result_of};

/// A test that is ready for mutants: its environment, and the items that each of its expectations reaches.
pub struct Bench {
    test: ItemKey,
    environment: Environment,
    reached: Vec<BTreeSet<DefName>>,
}

/// Runs a test as it is and makes it ready. One that fails is ready for nothing: it would kill every mutant.
pub fn bench(
    db: &dyn Db,
    program: Program,
    key: &ItemKey,
    environments: &Environments,
) -> Option<(TestResult, Option<Bench>)> {
    let test = find(db, program, key)?;
    let environment = match environment_of(db, program, test, environments) {
        Ok(environment) => environment,
        Err(failures) => return Some((result_of(test, failures), None)),
    };
    let (mut failures, mut reached) = (Vec::new(), Vec::new());
    for expectation in &test.expectations {
        let recording = Recording::default();
        let probe = Probe { recorder: Some(&recording), changed: None };
        failures.extend(Runner { db, program, environment, test, probe }.check(expectation));
        reached.push(recording.finish().items);
    }
    let ready = failures.is_empty().then(|| Bench { test: key.clone(), environment, reached });
    Some((result_of(test, failures), ready))
}

/// Which mutants are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Those of these kinds, as [`palisade_source::report::MUTANT_KINDS`] names them; empty: all.
    pub kinds: Vec<String>,
    /// Those of these modules and items, and below; empty: those of the modules whose tests are meant.
    pub within: Vec<String>,
    /// Of many about so many, always the same.
    pub sample: Option<usize>,
}

impl Selection {
    fn takes_item(&self, name: &DefName) -> bool {
        self.within.is_empty() || self.within.iter().any(|above| is_in(&name.to_string(), above))
    }

    fn takes_kind(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind)
    }
}

/// A mutant that has not been tried yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    name: DefName,
    item: ItemKey,
    site: Site,
}

impl Mutant {
    /// Whether what an expectation looks at may differ: how grave a rule is shows where a test says so, and nowhere else.
    fn is_seen_by(&self, expectation: &Expectation) -> bool {
        let is_stated =
            matches!(expectation, Expectation::Outcome { severity: Some(_), rule, .. } if *rule == self.name);
        self.site.kind != "severity" || is_stated
    }

    /// What it is, as bytes that are the same in every run: for a sample that is always the same.
    fn identity(&self) -> u64 {
        let edits = self.site.edits.iter().flat_map(|edit| edit.with.bytes().chain([0]));
        let at = u32::from(self.site.start()).to_le_bytes();
        let name = self.name.to_string().into_bytes().into_iter();
        stable(name.chain(at).chain(self.site.kind.bytes()).chain(edits))
    }
}

/// The mutants of the items that tests are to reach, in the order of modules and text.
pub fn mutants(db: &dyn Db, program: Program, tests: &TestSelection, selection: &Selection) -> Vec<Mutant> {
    let reachable = if selection.within.is_empty() { tests } else { &TestSelection::default() };
    let of_item = |(name, key): (DefName, ItemKey)| {
        let sites = sites::sites(db, program, &key).into_iter().filter(|site| selection.takes_kind(site.kind));
        sites.map(move |site| Mutant { name: name.clone(), item: key.clone(), site })
    };
    let items = items(db, program, reachable).into_iter().filter(|(name, _)| selection.takes_item(name));
    let all: Vec<Mutant> = items.flat_map(of_item).collect();
    match selection.sample {
        Some(sample) => sampled(all, sample),
        None => all,
    }
}

/// About so many of them, always the same.
fn sampled(mut all: Vec<Mutant>, sample: usize) -> Vec<Mutant> {
    if sample < all.len() {
        let mut order: Vec<u64> = all.iter().map(Mutant::identity).collect();
        order.sort_unstable();
        let limit = order.get(sample).copied().unwrap_or(u64::MAX);
        all.retain(|mutant| mutant.identity() < limit);
    }
    all
}

/// Tries a mutant on the tests that reach its item, until one kills it. `None` if it is no policy: it does not parse, or
/// its types do not fit.
pub fn attempt(db: &dyn Db, program: Program, mutant: &Mutant, benches: &[Bench]) -> Option<MutantReport> {
    let item = find_item(db, &mutant.item)?;
    let changed = compile(db, program, item, &mutant.name, &mutant.site.edits)?;
    let mut tried = 0;
    let mut fate = None;
    for bench in benches {
        let Some(test) = find(db, program, &bench.test) else { continue };
        let probe = Probe { recorder: None, changed: Some(&changed) };
        let runner = Runner { db, program, environment: bench.environment, test, probe };
        let reaching = test.expectations.iter().zip(&bench.reached).filter(|(_, items)| items.contains(&mutant.name));
        let mut reaching = reaching.map(|(expectation, _)| expectation).peekable();
        tried += usize::from(reaching.peek().is_some());
        if reaching.any(|expectation| mutant.is_seen_by(expectation) && !runner.check(expectation).is_empty()) {
            fate = Some(Fate::Killed { by: full_name(test) });
            break;
        }
    }
    let excused = || excuse(mutant.item.file.text(db), mutant.site.start()).map(|because| Fate::Excused { because });
    let fate = fate.or_else(excused).unwrap_or(Fate::Survived { tests: tried });
    Some(report(db, mutant, fate))
}

fn full_name(test: &Test) -> String {
    format!("{}/{}", test.module, test.name)
}

fn report(db: &dyn Db, mutant: &Mutant, fate: Fate) -> MutantReport {
    let file = mutant.item.file;
    let text = file.text(db);
    let (start, end) = (usize::from(mutant.site.start()), usize::from(mutant.site.end()));
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line_end = text.get(end..).and_then(|after| after.find('\n')).map_or(text.len(), |at| end + at);
    let before = text.get(line_start..line_end).unwrap_or_default();
    let span = palisade_source::Span {
        path: file.path(db).clone(),
        range: TextRange::new(mutant.site.start(), mutant.site.end()),
    };
    MutantReport {
        kind: mutant.site.kind,
        item: mutant.name.to_string(),
        location: location(db, file, span, mutant.name.to_string()),
        before: before.to_owned(),
        after: edited(before, line_start, &mutant.site.edits),
        fate,
    }
}

/// A piece of a file that begins at an offset, with edits made. They do not overlap and stand in order.
fn edited(piece: &str, offset: usize, edits: &[Edit]) -> String {
    let mut text = String::with_capacity(piece.len() + 16);
    let mut done = 0;
    for edit in edits {
        let (from, to) = (usize::from(edit.range.start()) - offset, usize::from(edit.range.end()) - offset);
        text.push_str(piece.get(done..from).unwrap_or_default());
        text.push_str(&edit.with);
        done = to;
    }
    text.push_str(piece.get(done..).unwrap_or_default());
    text
}
