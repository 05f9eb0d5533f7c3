//! `palisade.yaml`: the nearest one above the folder in which the command runs, up to the repository's root.
//!
//! Nothing is read from the home directory. Every key that is unknown or not supported yet is an error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use palisade_source::{Diagnostic, Label, Severity, Span, TextRange};
use palisade_yaml::{Case, Kind, Segment, Stream, YamlError};
use serde::Deserialize;

use crate::codes;
use crate::files::Files;
use crate::suggest::did_you_mean;
use crate::{Failure, read, service_tags};

/// The name of the file.
pub const CONFIG_NAME: &str = "palisade.yaml";

const KEYS: [&str; 6] = ["policies", "packs", "environments", "severity", "fail_on", service_tags::KEY];
/// What will be settings here and in environments, and has no effect yet.
pub(crate) const LATER: [&str; 1] = ["waivers"];
const SEVERITIES: [(&str, Severity); 3] =
    [("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];

/// The settings, or their defaults where there is no file.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The folder that its paths and patterns start from.
    pub root: PathBuf,
    /// The folder of the user's policies: `policies` beside the file, unless it names another.
    pub policies: Option<PathBuf>,
    /// Names of packs.
    pub packs: Vec<String>,
    /// Patterns of environment files.
    pub environments: Vec<String>,
    /// Severities that replace those of rules.
    pub severity: Vec<(String, Severity)>,
    /// The least severity that makes a check fail.
    pub fail_on: Option<Severity>,
    /// The file of the addresses of service tags, as written.
    pub service_tags: Option<String>,
    source: Option<(Arc<str>, Arc<str>)>,
}

/// The file as written.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Written {
    policies: Option<String>,
    packs: Vec<String>,
    environments: Vec<String>,
    severity: BTreeMap<String, String>,
    fail_on: Option<String>,
    service_tags: Option<String>,
}

impl Config {
    /// Finds and reads the configuration for a folder.
    pub(crate) fn load(start: &Path, files: &Files) -> Result<Self, Failure> {
        let Some(path) = find(start) else {
            return Ok(Self { root: start.to_owned(), policies: usual_policies(start), ..Self::default() });
        };
        let shown = files.shown(&path);
        let text = read::file(&path, &shown)?;
        let root = path.parent().unwrap_or(start).to_owned();
        let usual = usual_policies(&root);
        let config = Self::parse(root, Arc::from(shown), text)?;
        Ok(Self { policies: config.policies.or(usual), ..config })
    }

    fn parse(root: PathBuf, path: Arc<str>, text: Arc<str>) -> Result<Self, Failure> {
        let reader = Reader { path, text, stream: None };
        reader.read(root)
    }

    /// The file, if there is one, with its text.
    pub fn source(&self) -> Option<(&Arc<str>, &Arc<str>)> {
        self.source.as_ref().map(|(path, text)| (path, text))
    }

    /// Where the `index`th of the patterns of environments stands.
    pub(crate) fn environment_place(&self, index: usize) -> Option<Span> {
        self.place(&[Segment::Key("environments"), Segment::Index(index)])
    }

    /// Where a value stands.
    pub(crate) fn place(&self, at: &[Segment<'_>]) -> Option<Span> {
        let (path, text) = self.source.as_ref()?;
        let range = place(&palisade_yaml::parse(Arc::clone(text)), at)?;
        Some(Span { path: Arc::clone(path), range })
    }
}

/// The folders from `start` up to the repository's root; without a repository only `start`.
fn folders(start: &Path) -> Vec<&Path> {
    let above: Vec<&Path> = start.ancestors().collect();
    let last = above.iter().position(|folder| folder.join(".git").exists()).unwrap_or(0);
    above.into_iter().take(last + 1).collect()
}

/// The folder `policies` beside the configuration: rules that stand there and do not run would look as if they passed.
fn usual_policies(root: &Path) -> Option<PathBuf> {
    Some(root.join("policies")).filter(|folder| folder.is_dir())
}

fn find(start: &Path) -> Option<PathBuf> {
    folders(start).into_iter().map(|folder| folder.join(CONFIG_NAME)).find(|path| path.is_file())
}

/// The root of the project that a file in this folder belongs to: where the configuration is, else the repository's
/// root, else the folder itself.
pub(crate) fn project_root(folder: &Path) -> PathBuf {
    if let Some(config) = find(folder) {
        return config.parent().unwrap_or(folder).to_owned();
    }
    folders(folder).last().copied().unwrap_or(folder).to_owned()
}

fn place(stream: &Stream, path: &[Segment<'_>]) -> Option<TextRange> {
    let found = stream.documents.first()?.locate(path, Case::Exact)?;
    Some(found.value)
}

struct Reader {
    path: Arc<str>,
    text: Arc<str>,
    stream: Option<Stream>,
}

impl Reader {
    fn read(mut self, root: PathBuf) -> Result<Config, Failure> {
        let stream = palisade_yaml::parse(Arc::clone(&self.text));
        let mut faults: Vec<Diagnostic> =
            stream.errors.iter().map(|error| yaml_diagnostic(codes::CONFIG_INVALID, error, &self.path)).collect();
        if faults.is_empty() {
            faults = self.key_faults(&stream);
        }
        self.stream = Some(stream);
        if !faults.is_empty() {
            return Err(self.failure(faults));
        }
        let written = self.written().map_err(|fault| self.failure(vec![*fault]))?;
        self.config(written, root)
    }

    /// Keys at the top that are unknown or not supported yet.
    fn key_faults(&self, stream: &Stream) -> Vec<Diagnostic> {
        let Some(root) = stream.documents.first().map(palisade_yaml::Document::root) else {
            return Vec::new();
        };
        let mut faults = Vec::new();
        if let Some(second) = stream.documents.get(1) {
            let span = self.span(second.root().span());
            faults.push(Diagnostic::error(
                codes::CONFIG_INVALID,
                "the configuration is one document, and here is a second",
                span,
            ));
        }
        if !matches!(root.kind(), Kind::Mapping | Kind::Null) {
            let message = "the configuration is a mapping of settings, and here is something else";
            faults.push(Diagnostic::error(codes::CONFIG_INVALID, message, self.span(root.span())));
        }
        for entry in root.entries() {
            let name = entry.key.as_str().unwrap_or_default();
            faults.extend(self.key_fault(name, entry.key.span()));
        }
        faults
    }

    fn key_fault(&self, name: &str, range: TextRange) -> Option<Diagnostic> {
        if KEYS.contains(&name) {
            return None;
        }
        if LATER.contains(&name) {
            let message = format!("`{name}` is not supported yet");
            let help = format!("remove `{name}`: a setting that has no effect would look as if it had one");
            return Some(Diagnostic::error(codes::NOT_SUPPORTED, message, self.span(range)).with_help(Some(help)));
        }
        let help = did_you_mean(name, KEYS).unwrap_or_else(|| format!("the keys are `{}`", KEYS.join("`, `")));
        let message = format!("unknown key `{name}` in the configuration");
        Some(Diagnostic::error(codes::CONFIG_KEY, message, self.span(range)).with_help(Some(help)))
    }

    fn written(&self) -> Result<Written, Box<Diagnostic>> {
        if self.stream.iter().flat_map(|stream| &stream.documents).all(palisade_yaml::Document::is_empty) {
            return Ok(Written::default());
        }
        serde_yaml::from_str(&self.text).map_err(|error| {
            let offset = error.location().and_then(|at| u32::try_from(at.index()).ok()).unwrap_or(0);
            let span = self.span(TextRange::empty(offset.into()));
            Box::new(Diagnostic::error(codes::CONFIG_INVALID, error.to_string(), span))
        })
    }

    fn config(&self, written: Written, root: PathBuf) -> Result<Config, Failure> {
        let mut faults = Vec::new();
        let mut severity = Vec::new();
        for (rule, word) in written.severity {
            let path = [Segment::Key("severity"), Segment::Key(&rule)];
            match self.severity(&word, &path) {
                Ok(value) => severity.push((rule, value)),
                Err(fault) => faults.push(*fault),
            }
        }
        let fail_on = written.fail_on.map(|word| self.severity(&word, &[Segment::Key("fail_on")]));
        let fail_on = fail_on.transpose().unwrap_or_else(|fault| {
            faults.push(*fault);
            None
        });
        if !faults.is_empty() {
            return Err(self.failure(faults));
        }
        Ok(Config {
            policies: written.policies.map(|folder| root.join(folder)),
            root,
            packs: written.packs,
            environments: written.environments,
            severity,
            fail_on,
            service_tags: written.service_tags,
            source: Some((Arc::clone(&self.path), Arc::clone(&self.text))),
        })
    }

    fn severity(&self, word: &str, path: &[Segment<'_>]) -> Result<Severity, Box<Diagnostic>> {
        if let Some((_, severity)) = SEVERITIES.iter().find(|(name, _)| *name == word) {
            return Ok(*severity);
        }
        let range = self.stream.as_ref().and_then(|stream| place(stream, path));
        let message = format!("`{word}` is no severity: `error`, `warning` or `info` is expected");
        let help = did_you_mean(word, SEVERITIES.map(|(name, _)| name));
        let fault = Diagnostic::error(codes::CONFIG_INVALID, message, range.and_then(|at| self.span(at)));
        Err(Box::new(fault.with_help(help)))
    }

    #[expect(clippy::unnecessary_wraps, reason = "a diagnostic's span is optional")]
    fn span(&self, range: TextRange) -> Option<Span> {
        Some(Span { path: Arc::clone(&self.path), range })
    }

    fn failure(&self, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure { diagnostics, texts: [(Arc::clone(&self.path), Arc::clone(&self.text))].into() }
    }
}

/// A fault of YAML as a diagnostic.
fn yaml_diagnostic(code: &'static str, error: &YamlError, path: &Arc<str>) -> Diagnostic {
    let span = |range| Span { path: Arc::clone(path), range };
    let mut fault = Diagnostic::error(code, error.message.clone(), Some(span(error.range)));
    fault.related =
        error.related.iter().map(|(range, message)| Label { span: span(*range), message: message.clone() }).collect();
    fault.with_help(error.help.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, Vec<Diagnostic>> {
        Config::parse(PathBuf::from("/net"), CONFIG_NAME.into(), text.into()).map_err(|failure| failure.diagnostics)
    }

    fn fault(text: &str) -> Diagnostic {
        let mut faults = parse(text).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.remove(0)
    }

    fn pointed_at(text: &str) -> String {
        let span = fault(text).span.unwrap();
        text[span.range].to_owned()
    }

    #[test]
    fn every_setting_is_read() {
        let config = parse(
            "policies: rules\npacks: [azureml_v1]\nenvironments: ['envs/*.yaml']\nseverity: { a.b: info }\nfail_on: warning\nservice_tags: tags.json\n",
        )
        .unwrap();
        assert_eq!(config.policies, Some(PathBuf::from("/net/rules")));
        assert_eq!(config.packs, ["azureml_v1"]);
        assert_eq!(config.environments, ["envs/*.yaml"]);
        assert_eq!(config.severity, [("a.b".to_owned(), Severity::Info)]);
        assert_eq!(config.fail_on, Some(Severity::Warning));
        assert_eq!(config.service_tags.as_deref(), Some("tags.json"));
    }

    #[test]
    fn an_empty_file_is_all_defaults() {
        for text in ["", "# nothing\n", "---\n", "packs: []\n"] {
            assert!(parse(text).unwrap().packs.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_with_the_nearest_one() {
        let text = "packs: []\npolices: rules\n";
        assert_eq!(fault(text).help.as_deref(), Some("did you mean `policies`?"));
        assert_eq!(pointed_at(text), "polices");
        assert!(fault("colour: red").help.unwrap().contains("`fail_on`"));
    }

    #[test]
    fn what_is_not_supported_yet_is_never_passed_over() {
        for key in LATER {
            let text = format!("{key}: []\n");
            assert_eq!(fault(&text).message, format!("`{key}` is not supported yet"));
            assert_eq!(fault(&text).code, codes::NOT_SUPPORTED);
        }
    }

    #[test]
    fn a_severity_that_is_none_is_shown_in_its_place() {
        let text = "severity:\n  a.b: warn\n";
        assert_eq!(pointed_at(text), "warn");
        assert_eq!(pointed_at("fail_on: eror\n"), "eror");
        assert_eq!(fault("fail_on: eror\n").help.as_deref(), Some("did you mean `error`?"));
    }

    #[test]
    fn a_value_of_another_form_is_an_error_with_its_line() {
        let text = "packs: []\nenvironments: { a: b }\n";
        assert_eq!(fault(text).code, codes::CONFIG_INVALID);
        assert!(fault(text).message.contains("environments"), "{}", fault(text).message);
        assert!(parse("packs: [a\n").is_err() && parse("- a\n").is_err() && parse("a: 1\n---\nb: 1\n").is_err());
        assert!(parse("packs: []\npacks: []\n").is_err(), "a key twice");
    }

    #[test]
    fn the_search_ends_at_the_repository() {
        let outer = tempfile::tempdir().unwrap();
        let repository = outer.path().join("repo");
        let deep = repository.join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir(repository.join(".git")).unwrap();
        std::fs::write(outer.path().join(CONFIG_NAME), "").unwrap();
        assert_eq!(find(&deep), None);
        assert_eq!(project_root(&deep), repository);
        std::fs::write(repository.join(CONFIG_NAME), "").unwrap();
        assert_eq!(find(&deep), Some(repository.join(CONFIG_NAME)));
        std::fs::write(repository.join("a").join(CONFIG_NAME), "").unwrap();
        assert_eq!(find(&deep), Some(repository.join("a").join(CONFIG_NAME)));
        assert_eq!(project_root(&deep), repository.join("a"));
    }

    #[test]
    fn the_folder_policies_is_read_without_being_named() {
        let folder = tempfile::tempdir().unwrap();
        let load = || Config::load(folder.path(), &Files::new(folder.path())).unwrap().policies;
        assert_eq!(load(), None);
        std::fs::create_dir(folder.path().join("policies")).unwrap();
        assert_eq!(load(), Some(folder.path().join("policies")));
        std::fs::write(folder.path().join(CONFIG_NAME), "fail_on: error\n").unwrap();
        assert_eq!(load(), Some(folder.path().join("policies")));
        std::fs::write(folder.path().join(CONFIG_NAME), "policies: rules\n").unwrap();
        assert_eq!(load(), Some(folder.path().join("rules")));
    }

    #[test]
    fn without_a_repository_only_the_folder_itself_counts() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("a");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(outer.path().join(CONFIG_NAME), "").unwrap();
        assert_eq!(find(&inner), None);
        assert_eq!(find(outer.path()), Some(outer.path().join(CONFIG_NAME)));
    }
}
