//! The environment of a test: its fixture with its own YAML merged over it, and the faults of either at their places.

use std::sync::{Arc, Mutex, PoisonError};

use palisade_source::{Diagnostic, File, Fix};
use palisade_syntax::ast::NodeId;
use palisade_yaml::{Case, Document, Segment};
use rustc_hash::FxHashMap;
use text_size::TextRange;

use crate::environment;
use crate::inputs::{Db, Environment, Program};
use crate::ir::Test;
use crate::names::ItemKey;
use crate::policy::items::locate_raw;

/// An environment's path, which names its test, and its text.
type Named = (Arc<str>, Arc<str>);

/// The environments that tests were run in. A test whose YAML has not changed is run in the one that it had, so that
/// what was found out about it stands.
#[derive(Default)]
pub struct Environments {
    known: Mutex<FxHashMap<Named, Environment>>,
}

impl Environments {
    fn get(&self, db: &dyn Db, named: Named) -> Environment {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (path, text) = named.clone();
        *known.entry(named).or_insert_with(|| Environment::new(db, File::new(db, path, text), 0, Vec::new(), None))
    }
}

/// The test's YAML: its fixture, with its own merged over it.
pub(crate) fn environment_of(
    db: &dyn Db,
    program: Program,
    test: &Test,
    environments: &Environments,
) -> Result<Environment, Vec<Diagnostic>> {
    let base = test.fixture.as_ref().map(|(item, node, text)| Written::read(db, item, *node, text)).transpose()?;
    let patch = test.patch.as_ref().map(|(node, text)| Written::read(db, &test.item, *node, text)).transpose()?;
    let text: Arc<str> = match (&base, &patch) {
        (Some(base), Some(patch)) => palisade_yaml::merge(&base.document, &patch.document).into(),
        (Some(one), None) | (None, Some(one)) => one.document.text().clone(),
        (None, None) => Arc::from(""),
    };
    let path: Arc<str> = format!("the environment of test `{}`", test.name).into();
    let environment = environments.get(db, (path, text.clone()));
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
    let mut moved = Diagnostic::error(fault.code, message, span.clone()).with_help(fault.help.clone());
    let texts = fault.fixes.iter().flat_map(|fix| &fix.edits).filter(|edit| Some(&edit.span) == fault.span.as_ref());
    moved.fixes.extend(span.into_iter().zip(texts).map(|(span, edit)| Fix::guess(span, &edit.text)));
    moved
}
