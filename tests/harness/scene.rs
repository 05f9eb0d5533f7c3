//! Policies and environments in memory, edited step by step as an editor would, with the list of queries that ran.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use palisade_engine::api::{
    self, CheckOptions, Document, FlowQuestion, LintSelection, Listing, NewRule, Scaffold, TestEnvironments,
    TestSelection,
};
use palisade_engine::inputs::{Db, Environment, Program};
use palisade_engine::types::Schema;
use palisade_source::report::{CheckReport, FlowReport, LintReport, RulePage, TestResult};
use palisade_source::{Diagnostic, File};
use salsa::{Durability, Setter};

use crate::workspace;

/// Queries that ran, by name, and how often.
pub type Queries = BTreeMap<String, usize>;

/// A database that writes down which queries run.
#[salsa::db]
#[derive(Clone)]
struct LoggingDatabase {
    storage: salsa::Storage<Self>,
    log: Arc<Mutex<Vec<salsa::DatabaseKeyIndex>>>,
}

#[salsa::db]
impl salsa::Database for LoggingDatabase {}

#[salsa::db]
impl palisade_source::Db for LoggingDatabase {}

#[salsa::db]
impl Db for LoggingDatabase {}

impl LoggingDatabase {
    fn new() -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&log);
        let storage = salsa::Storage::new(Some(Box::new(move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                written.lock().unwrap().push(database_key);
            }
        })));
        Self { storage, log }
    }

    /// One that writes nothing down.
    fn unlogged() -> Self {
        Self { storage: salsa::Storage::new(None), log: Arc::default() }
    }

    /// The queries that ran since the last time, without the ids of their arguments.
    fn take_queries(&self) -> Queries {
        let keys = std::mem::take(&mut *self.log.lock().unwrap());
        let mut queries = Queries::new();
        salsa::Database::attach(self, |_| {
            for key in keys {
                let shown = format!("{key:?}");
                let name = shown.split('(').next().unwrap_or(&shown);
                *queries.entry(name.to_owned()).or_default() += 1;
            }
        });
        queries
    }
}

/// The library, one's own policies, and environments.
pub struct Scene {
    db: LoggingDatabase,
    program: Program,
    /// The library's policies by path: `library/…`.
    library: BTreeMap<String, File>,
    /// One's own policies by path.
    policies: BTreeMap<String, File>,
    /// Environment files by path.
    environments: BTreeMap<String, File>,
    /// Each document of each environment file, and what the file's text was when they were counted.
    documents: BTreeMap<String, Vec<Environment>>,
}

/// The folder that one's own policies stand in.
pub const POLICY_ROOT: &str = "policies/";

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

impl Scene {
    /// The library alone.
    pub fn new() -> Self {
        Self::build(LoggingDatabase::new(), &BTreeMap::new())
    }

    /// The library alone, at its full speed: which queries run is not written down.
    pub fn unlogged() -> Self {
        Self::build(LoggingDatabase::unlogged(), &BTreeMap::new())
    }

    /// Only what the library says of a network, without the rules on services: fewer rules to compare with one's own.
    pub fn of_networks() -> Self {
        let all = workspace::files("policies", "pal");
        let kept = |file: &&workspace::SourceFile| {
            let (folder, name) = file.path.rsplit_once('/').unwrap_or_default();
            ["policies/azure", "policies/azureml", "policies/sources"].contains(&folder)
                && !name.ends_with("_tests.pal")
        };
        Self::of_files(LoggingDatabase::unlogged(), all.iter().filter(kept), &BTreeMap::new())
    }

    /// The library with some of its files as they are here, by path: `library/…`.
    pub fn with_library(changed: &BTreeMap<&str, &str>) -> Self {
        Self::build(LoggingDatabase::new(), changed)
    }

    fn build(db: LoggingDatabase, changed: &BTreeMap<&str, &str>) -> Self {
        Self::of_files(db, workspace::files("policies", "pal").iter(), changed)
    }

    fn of_files<'a>(
        db: LoggingDatabase,
        files: impl Iterator<Item = &'a workspace::SourceFile>,
        changed: &BTreeMap<&str, &str>,
    ) -> Self {
        let input = |file: &workspace::SourceFile| library_file(&db, file, changed);
        let library: Vec<File> = files.map(input).collect();
        let by_path = library.iter().map(|file| (file.path(&db).to_string(), *file)).collect();
        let catalogue = |path: &str| input(&workspace::file(path));
        let tags = catalogue("policies/azure/service_tags.yaml");
        let regions = catalogue("policies/azure/regions.yaml");
        let hosts = catalogue("policies/azure/host_names.yaml");
        let program = Program::new(&db, library, Vec::new(), POLICY_ROOT.to_owned(), tags, regions, hosts, None);
        Self {
            db,
            program,
            library: by_path,
            policies: BTreeMap::new(),
            environments: BTreeMap::new(),
            documents: BTreeMap::new(),
        }
    }

    /// Sets the text of a file: a policy of one's own by its ending, otherwise an environment. An equal text is no edit.
    pub fn set(&mut self, path: &str, text: &str) {
        let policy = Path::new(path).extension().is_some_and(|ending| ending == "pal");
        let known = if policy { &mut self.policies } else { &mut self.environments };
        if let Some(file) = known.get(path).copied() {
            if &**file.text(&self.db) != text {
                file.set_text(&mut self.db).to(Arc::from(text));
            }
            return;
        }
        let file = File::new(&self.db, Arc::from(path), Arc::from(text));
        known.insert(path.to_owned(), file);
        if policy {
            let files = self.policies.values().copied().collect();
            self.program.set_policies(&mut self.db).to(files);
        }
    }

    /// Sets the text of a policy of the library: `library/…`.
    pub fn edit_library(&mut self, path: &str, text: &str) {
        let file = self.library.get(path).unwrap_or_else(|| panic!("the library has no {path}"));
        file.set_text(&mut self.db).with_durability(Durability::HIGH).to(Arc::from(text));
    }

    /// Makes these the only files beside the library.
    pub fn replace(&mut self, files: &BTreeMap<String, &str>) {
        let gone = |known: &BTreeMap<String, File>| known.keys().any(|path| !files.contains_key(path));
        if gone(&self.policies) {
            self.policies.retain(|path, _| files.contains_key(path));
            let left = self.policies.values().copied().collect();
            self.program.set_policies(&mut self.db).to(left);
        }
        if gone(&self.environments) {
            self.environments.retain(|path, _| files.contains_key(path));
            self.documents.retain(|path, _| files.contains_key(path));
        }
        for (path, text) in files {
            self.set(path, text);
        }
    }

    /// Checks every document of every environment, by path.
    pub fn check(&mut self, options: &CheckOptions) -> CheckReport {
        let environments = self.all_environments();
        api::check(&self.db, self.program, &environments, options)
    }

    /// Everything that the policies hold.
    pub fn list(&self) -> Listing {
        api::list(&self.db, self.program)
    }

    /// The page of every rule.
    pub fn rule_pages(&self) -> Vec<RulePage> {
        api::rule_pages(&self.db, self.program)
    }

    /// The report as JSON: what a consumer sees, byte for byte.
    pub fn check_json(&mut self, options: &CheckOptions) -> String {
        let report = self.check(options);
        let mut bytes = Vec::new();
        palisade_report::check_json(&report, &mut bytes).expect("writing to memory");
        String::from_utf8(bytes).expect("JSON is UTF-8")
    }

    /// Asks the first document of `env.yaml` about a flow.
    pub fn flow(&mut self, question: &FlowQuestion) -> Result<FlowReport, Vec<Diagnostic>> {
        let all = self.all_environments();
        let is_asked = |one: &&Environment| &**one.file(&self.db).path(&self.db) == "env.yaml";
        let environment = *all.iter().find(is_asked).expect("an environment `env.yaml`");
        api::flow(&self.db, self.program, environment, question)
    }

    /// What is wrong with the policies, before anything is checked.
    pub fn policy_faults(&self) -> Vec<Diagnostic> {
        palisade_engine::check::program_diagnostics(&self.db, self.program)
    }

    /// What `lint` says of one's own policies.
    pub fn lint(&self, selection: &LintSelection) -> LintReport {
        api::lint(&self.db, self.program, selection)
    }

    /// The declared types.
    pub fn schema(&self) -> &Schema {
        &palisade_engine::policy::schema::schema(&self.db, self.program).value
    }

    /// A new rule with its tests, as text.
    pub fn new_rule(&self, wanted: &NewRule) -> Result<Scaffold, Diagnostic> {
        api::new_rule(&self.db, self.program, wanted)
    }

    /// Runs the tests of a module.
    pub fn run_tests(&self, module: &str) -> Vec<TestResult> {
        let selection = TestSelection { modules: vec![module.to_owned()], ..TestSelection::default() };
        let (tests, _) = api::tests(&self.db, self.program, &selection);
        let environments = TestEnvironments::default();
        tests.iter().filter_map(|test| api::test(&self.db, self.program, test, &environments)).collect()
    }

    /// The queries that ran since the last time that this was asked.
    pub fn take_queries(&self) -> Queries {
        self.db.take_queries()
    }

    /// Each document once; inputs that are already there are kept, so that nothing is checked anew for its own sake.
    fn all_environments(&mut self) -> Vec<Environment> {
        let (included, tags) = (self.included(), self.service_tags());
        let mut all = Vec::new();
        for (path, file) in self.environments.clone() {
            if included.contains_key(&path) || tags.contains_key(&path) {
                continue;
            }
            let documents = api::documents(&self.db, file);
            let known = self.documents.entry(path).or_default();
            known.truncate(documents.len());
            for (at, document) in documents.iter().enumerate() {
                let files: Vec<File> =
                    document.includes.iter().filter_map(|name| included.get(name).copied()).collect();
                let addresses = document.service_tags.as_ref().and_then(|name| tags.get(name).copied());
                match known.get(at).copied() {
                    Some(old) if *old.included(&self.db) == files && old.addresses(&self.db) == addresses => {}
                    Some(old) => {
                        old.set_included(&mut self.db).to(files);
                        old.set_addresses(&mut self.db).to(addresses);
                    }
                    None => known.push(Environment::new(&self.db, file, document.index, files, addresses)),
                }
            }
            all.extend_from_slice(known);
        }
        all
    }

    /// The files that documents name in their `include`.
    fn included(&self) -> BTreeMap<String, File> {
        self.named(|document| document.includes)
    }

    /// The files that documents name as their `service_tags`.
    fn service_tags(&self) -> BTreeMap<String, File> {
        self.named(|document| document.service_tags)
    }

    fn named<I: IntoIterator<Item = String>>(&self, names: impl Fn(Document) -> I) -> BTreeMap<String, File> {
        let documents = self.environments.values();
        let documents = documents.flat_map(|file| api::documents(&self.db, *file));
        let names = documents.flat_map(names);
        names.filter_map(|name| self.environments.get(&name).map(|file| (name, *file))).collect()
    }
}

fn library_file(db: &LoggingDatabase, file: &workspace::SourceFile, changed: &BTreeMap<&str, &str>) -> File {
    let path = file.path.replacen("policies/", "library/", 1);
    let text = changed.get(path.as_str()).copied().unwrap_or(&file.text);
    File::builder(Arc::from(path), Arc::from(text)).durability(Durability::HIGH).new(db)
}
