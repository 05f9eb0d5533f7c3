//! Which files are environments: what was named, what a folder holds, what the configuration lists.
//!
//! A file that was named must be an environment. In a folder a YAML file is one if a key at its top is a key of
//! environments (or nearly one, so that a slip is reported and does not hide the file). Whatever is left out for a
//! reason that may surprise is said in a warning.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;
use palisade_engine::api::{self, Document};
use palisade_engine::inputs::{Environment, Program};
use palisade_source::report::{EnvironmentReport, Summary, Texts};
use palisade_source::{Diagnostic, File, Severity, Span, TextRange};
use palisade_yaml::{Case, Segment};
use salsa::Durability;

use crate::config::{CONFIG_NAME, Config, LATER};
use crate::database::Database;
use crate::files::{Files, STDIN, texts_of};
use crate::include::Includes;
use crate::library::unreadable;
use crate::service_tags::{self, ServiceTags};
use crate::suggest::{did_you_mean, nearest};
use crate::{Failure, codes, patterns, read};

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Files, folders, and `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// A file that lists more of them, one a line; `-` for standard input.
    pub files_from: Option<PathBuf>,
}

impl Request {
    fn names_any(&self) -> bool {
        !self.paths.is_empty() || self.files_from.is_some()
    }
}

/// The environments that were found.
#[derive(Default)]
pub struct Selection {
    /// By path, then place in the file.
    pub(crate) items: Vec<Item>,
    /// Warnings about what was left out, and errors that leave nothing to check.
    pub diagnostics: Vec<Diagnostic>,
    /// YAML files of folders that are no environments.
    pub skipped: Vec<String>,
    pub(crate) texts: Texts,
}

/// One environment that can be checked, or why it cannot.
pub(crate) enum Item {
    Ready { path: Arc<str>, document: usize, environment: Environment },
    Broken(EnvironmentReport),
}

impl Item {
    /// What the order of a report goes by.
    fn order(&self) -> (&str, usize) {
        match self {
            Self::Ready { path, document, .. } => (path, *document),
            Self::Broken(report) => (&report.path, 0),
        }
    }
}

/// A file that may be an environment.
struct Candidate {
    path: PathBuf,
    /// It was named, so it must be one.
    named: bool,
}

/// Keys that other kinds of YAML have as well: alone they say nothing.
const COMMON_KEYS: [&str; 6] = ["name", "cloud", "defaults", "include", service_tags::KEY, "version"];

/// Finds environments.
pub(crate) struct Discovery<'a> {
    pub(crate) db: &'a Database,
    pub(crate) program: Program,
    pub(crate) files: &'a mut Files,
    pub(crate) config: &'a Config,
    pub(crate) service_tags: ServiceTags,
    /// The folder in which the command runs.
    pub(crate) here: &'a Path,
}

impl Discovery<'_> {
    pub(crate) fn run(mut self, request: &Request) -> Selection {
        let mut selection = Selection::default();
        let keys = api::environment_keys(self.db, self.program);
        for candidate in self.candidates(request, &mut selection) {
            self.open(&candidate, &keys, &mut selection);
        }
        selection.items.sort_by(|a, b| a.order().cmp(&b.order()));
        selection
    }

    fn candidates(&mut self, request: &Request, selection: &mut Selection) -> Vec<Candidate> {
        if !request.names_any() {
            return self.unnamed(selection);
        }
        let mut named = request.paths.clone();
        if let Some(list) = &request.files_from {
            match self.listed(list) {
                Ok(paths) => named.extend(paths),
                Err(failure) => selection.fail(failure),
            }
        }
        let mut candidates = Vec::new();
        for path in named {
            let full = self.here.join(&path);
            if full.is_dir() {
                walk(&full, None, &mut candidates, selection);
            } else {
                candidates.push(Candidate { path: if is_stdin(&path) { path } else { full }, named: true });
            }
        }
        candidates
    }

    /// Without a path: what the configuration lists, else the folder itself.
    fn unnamed(&mut self, selection: &mut Selection) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        if self.config.environments.is_empty() {
            walk(self.here, Some(1), &mut candidates, selection);
            return candidates;
        }
        selection.texts.extend(self.config.source().map(|(path, text)| (Arc::clone(path), Arc::clone(text))));
        for (index, pattern) in self.config.environments.iter().enumerate() {
            match patterns::matches(pattern, &self.config.root) {
                Ok(paths) if paths.is_empty() => selection.diagnostics.push(self.no_match(pattern, index)),
                Ok(paths) => candidates.extend(paths.into_iter().map(|path| Candidate { path, named: true })),
                Err(why) => {
                    let message = format!("the pattern `{pattern}` cannot be read: {why}");
                    let place = self.config.environment_place(index);
                    let fault = Diagnostic::error(codes::BAD_PATTERN, message, place);
                    selection.diagnostics.push(fault.with_help(Some(patterns::HELP.to_owned())));
                }
            }
        }
        candidates
    }

    fn no_match(&self, pattern: &str, index: usize) -> Diagnostic {
        let message = format!("`{pattern}` matches no file");
        let mut warning = Diagnostic::error(codes::NO_MATCH, message, self.config.environment_place(index));
        warning.severity = Severity::Warning;
        warning.with_help(Some("a pattern starts from the folder of `palisade.yaml`: mend it, or remove it".to_owned()))
    }

    /// The paths that a list names, one a line, blank lines left out.
    fn listed(&mut self, list: &Path) -> Result<Vec<PathBuf>, Failure> {
        let text = if is_stdin(list) {
            read::standard_input(STDIN)?
        } else {
            read::file(&self.here.join(list), &self.files.shown(list))?
        };
        Ok(text.lines().filter(|line| !line.trim().is_empty()).map(PathBuf::from).collect())
    }

    fn open(&mut self, candidate: &Candidate, keys: &[String], selection: &mut Selection) {
        let stdin = is_stdin(&candidate.path);
        let read = if stdin { self.files.standard_input(self.db) } else { self.files.get(&candidate.path, self.db) };
        let path: Arc<str> = if stdin { Arc::from(STDIN) } else { Arc::from(self.files.shown(&candidate.path)) };
        match read {
            Ok(file) if selection.has(file.path(self.db)) => {}
            Ok(file) => self.environments(file, candidate, keys, selection),
            Err(failure) => selection.broken(&path, failure),
        }
    }

    /// The documents of a file that are environments.
    fn environments(&mut self, file: File, candidate: &Candidate, keys: &[String], selection: &mut Selection) {
        let documents = api::documents(self.db, file);
        let full: Vec<&Document> = documents.iter().filter(|one| one.keyless || !one.keys.is_empty()).collect();
        let is_one = full.iter().any(|document| looks_like_environment(document, keys));
        if !is_one && !self.must_be_one(file, candidate, &full, keys, selection) {
            return;
        }
        // A file that cannot be read as YAML may have no key at all: the engine says what is wrong with it.
        let first = documents.first().into_iter().collect();
        for document in if full.is_empty() { first } else { full } {
            self.environment(file, document, candidate, selection);
        }
    }

    /// What becomes of a file that does not look like an environment: `true` if the engine is to say what is wrong.
    fn must_be_one(
        &self,
        file: File,
        candidate: &Candidate,
        full: &[&Document],
        keys: &[String],
        selection: &mut Selection,
    ) -> bool {
        let path = file.path(self.db);
        let broken = !palisade_yaml::parse(Arc::clone(file.text(self.db))).errors.is_empty();
        let keyless = full.iter().any(|document| document.keyless);
        match (candidate.named, broken) {
            (true, true) => true,
            (true, false) if keyless => true,
            (false, true) if names_a_collection(file.text(self.db), keys) => true,
            (true, false) => {
                let failure =
                    Failure { diagnostics: vec![no_environment(path, full, keys)], texts: texts_of(file, self.db) };
                selection.broken(path, failure);
                false
            }
            (false, true) => {
                let message = format!("`{path}` cannot be read as YAML and was not checked");
                let mut warning = Diagnostic::error(codes::NOT_CHECKED, message, None);
                warning.severity = Severity::Warning;
                let help = "name the file to have it checked, or list it in a `.ignore` file".to_owned();
                selection.diagnostics.push(warning.with_help(Some(help)));
                false
            }
            (false, false) => {
                selection.skipped.push(path.to_string());
                false
            }
        }
    }

    fn environment(&mut self, file: File, document: &Document, candidate: &Candidate, selection: &mut Selection) {
        let path = (!is_stdin(&candidate.path)).then_some(candidate.path.as_path());
        let shown = Arc::clone(file.path(self.db));
        let later = LATER.into_iter().filter(|key| document.keys.iter().any(|written| written == key));
        selection.diagnostics.extend(later.map(|key| self.without_effect(file, document, key)));
        let folder = path.and_then(Path::parent).map_or_else(|| self.here.to_owned(), |folder| self.here.join(folder));
        match self.inputs(file, document, &folder) {
            Ok(environment) => {
                selection.items.push(Item::Ready { path: shown, document: document.index, environment });
            }
            Err(failure) => selection.broken(&shown, failure),
        }
    }

    /// The environment with all files that belong to it. `folder`: where its paths start from.
    fn inputs(&mut self, file: File, document: &Document, folder: &Path) -> Result<Environment, Failure> {
        let included = Includes::of(file, document, folder, self.db, self.files)?;
        let addresses = self.service_tags.of_environment(file, document, folder, self.files, self.db)?;
        let environment = Environment::builder(file, document.index, included, addresses);
        Ok(environment.addresses_durability(Durability::HIGH).new(self.db))
    }
}

impl Discovery<'_> {
    /// A setting that is passed over would look as if it had an effect.
    fn without_effect(&self, file: File, document: &Document, key: &str) -> Diagnostic {
        let stream = palisade_yaml::parse(Arc::clone(file.text(self.db)));
        let found = stream.documents.get(document.index).and_then(|d| d.locate(&[Segment::Key(key)], Case::Exact));
        let span = found.map(|at| Span { path: Arc::clone(file.path(self.db)), range: at.key.unwrap_or(at.value) });
        let message = format!("`{key}` is not supported yet: what is checked is checked without it");
        let mut warning = Diagnostic::error(codes::NOT_SUPPORTED, message, span);
        warning.severity = Severity::Warning;
        warning.with_help(Some(format!("remove `{key}`: it would look as if it had an effect")))
    }
}

impl Selection {
    /// How many environments there are, broken ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn has(&self, path: &str) -> bool {
        self.items.iter().any(|item| item.order().0 == path)
    }

    fn fail(&mut self, failure: Failure) {
        self.diagnostics.extend(failure.diagnostics);
        self.texts.extend(failure.texts);
    }

    /// An environment of which nothing can be checked.
    fn broken(&mut self, path: &Arc<str>, failure: Failure) {
        self.texts.extend(failure.texts);
        let name =
            Path::new(&**path).file_stem().map_or_else(|| path.to_string(), |stem| stem.to_string_lossy().into());
        self.items.push(Item::Broken(EnvironmentReport {
            name,
            path: Arc::clone(path),
            summary: Summary::default(),
            diagnostics: failure.diagnostics,
            findings: Vec::new(),
            notes: Vec::new(),
        }));
    }
}

/// The YAML and JSON files below a folder that are neither hidden nor ignored.
fn walk(folder: &Path, depth: Option<usize>, to: &mut Vec<Candidate>, selection: &mut Selection) {
    for entry in WalkBuilder::new(folder).max_depth(depth).build() {
        match entry {
            Ok(entry) if is_yaml(entry.path()) && entry.path().is_file() => {
                to.push(Candidate { path: entry.into_path(), named: false });
            }
            Ok(_) => {}
            Err(error) => selection.fail(unreadable(&error)),
        }
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn is_yaml(path: &Path) -> bool {
    let yaml = path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|one| extension == *one));
    yaml && path.file_name().is_some_and(|name| name != CONFIG_NAME)
}

/// Whether a key at the top is one that environments have and other kinds of YAML do not, or nearly so.
fn looks_like_environment(document: &Document, keys: &[String]) -> bool {
    let known = || keys.iter().map(String::as_str).filter(|key| !COMMON_KEYS.contains(key));
    let own = document.keys.iter().any(|key| known().any(|one| one.eq_ignore_ascii_case(key)));
    // A short word is near to too many others.
    own || document.keys.iter().any(|key| key.len() > 8 && nearest(key, known()).is_some())
        || (!document.includes.is_empty() && document.keys.iter().all(|key| keys.contains(key) || key == "include"))
}

/// Whether a line of a text that is no YAML begins with a collection's key: what is broken may stand above it.
fn names_a_collection(text: &str, keys: &[String]) -> bool {
    let starts = text.lines().filter_map(|line| line.split_once(':')).map(|(start, _)| start);
    let mut at_the_top = starts.filter(|start| start.contains('"') || !start.starts_with([' ', '\t']));
    at_the_top.any(|start| {
        let key = start.trim_matches(['{', '"', '\'', ' ', '\t']);
        keys.iter().any(|one| !COMMON_KEYS.contains(&one.as_str()) && one.eq_ignore_ascii_case(key))
    })
}

fn no_environment(path: &Arc<str>, documents: &[&Document], known: &[String]) -> Diagnostic {
    let written = documents.iter().flat_map(|document| &document.keys);
    let mut strange = written.clone().filter(|key| !known.contains(key));
    let near = strange.find_map(|key| did_you_mean(key, known.iter().map(String::as_str)));
    let mut keys: Vec<String> = written.map(|key| format!("`{key}`")).collect();
    keys.truncate(5);
    let message = match keys.as_slice() {
        [] => format!("`{path}` describes no environment: it is empty"),
        keys => format!("`{path}` describes no environment: none of its keys ({}) is a collection", keys.join(", ")),
    };
    let span = Span { path: Arc::clone(path), range: TextRange::default() };
    let usual = "an environment has collections such as `virtual_networks`, `network_security_groups`, `computes`";
    let help = near.unwrap_or_else(|| usual.to_owned());
    Diagnostic::error(codes::NOT_ENVIRONMENT, message, Some(span)).with_help(Some(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(keys: &[&str], includes: &[&str]) -> bool {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let document =
            Document { index: 0, keys: owned(keys), includes: owned(includes), service_tags: None, keyless: false };
        let known: Vec<String> = owned(&["name", "defaults", "virtual_networks", "computes", "locks"]);
        looks_like_environment(&document, &known)
    }

    #[test]
    fn a_collection_makes_an_environment() {
        assert!(looks(&["name", "computes"], &[]));
        assert!(looks(&["Virtual_Networks"], &[]));
    }

    #[test]
    fn a_slip_in_a_collection_does_not_hide_the_file() {
        assert!(looks(&["name", "virtual_netwroks"], &[]));
    }

    #[test]
    fn other_yaml_is_left_out() {
        for keys in [&["name", "on", "jobs"][..], &["apiVersion", "kind", "metadata"], &["name"], &["services"], &[]] {
            assert!(!looks(keys, &[]), "{keys:?}");
        }
    }

    #[test]
    fn a_broken_text_is_known_by_its_lines() {
        let keys = ["name".to_owned(), "computes".to_owned()];
        for text in ["name: \"open\ncomputes:\n", "{ \"computes\": [\n", "x: [\n \"computes\" : {\n"] {
            assert!(names_a_collection(text, &keys), "{text}");
        }
        for text in ["name: [\n", "jobs:\n  computes: [\n", "my computes: [\n"] {
            assert!(!names_a_collection(text, &keys), "{text}");
        }
    }

    #[test]
    fn an_environment_may_only_include() {
        assert!(looks(&["name", "include"], &["hub.yaml"]));
        assert!(!looks(&["stages", "include"], &["jobs.yaml"]));
    }
}
