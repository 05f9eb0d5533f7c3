//! What the commands ask: one project, its policies loaded, its files read when they are needed.

use std::path::{Path, PathBuf};

use palisade_engine::api::{
    self, CheckOptions, FlowQuestion, LintSelection, Listing, MutantSelection, TestEnvironments, TestSelection,
    WhyQuestion,
};
use palisade_engine::inputs::{Environment, Program};
use palisade_source::Diagnostic;
use palisade_source::report::{
    CheckReport, CoverageReport, DiffReport, FlowReport, LintReport, MutationReport, RulePage, TestReport, WhyReport,
};

use crate::config::Config;
use crate::database::Database;
use crate::discover::{Discovery, Item, Request, Selection};
use crate::files::Files;
use crate::library::{self, Policies};
use crate::mend::Mending;
use crate::parallel::{self, Pace};
use crate::service_tags::ServiceTags;
use crate::testing::Tests;
use crate::{Failure, codes};

/// Where a command runs and what it says about policies. A path of the command line goes before the configuration.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The folder in which the command runs; an absolute path.
    pub here: PathBuf,
    /// From the command line.
    pub policies: Policies,
}

/// A configuration, policies, and files.
pub struct Project {
    db: Database,
    files: Files,
    config: Config,
    service_tags: ServiceTags,
    program: Program,
    here: PathBuf,
    environments: TestEnvironments,
    policies: Policies,
}

impl Project {
    /// Reads the configuration and the policies. Environments are read when they are asked for.
    pub fn open(setup: &Setup) -> Result<Self, Failure> {
        let (db, mut files) = (Database::default(), Files::new(&setup.here));
        let config = Config::load(&setup.here, &files)?;
        let own = setup.policies.own.as_ref().map(|folder| setup.here.join(folder)).or_else(|| config.policies.clone());
        let library = setup.policies.library.as_ref().map(|folder| setup.here.join(folder));
        let given = setup.policies.service_tags.as_ref().map(|file| setup.here.join(file));
        let service_tags = ServiceTags::open(given.as_deref(), &config, &mut files, &db)?;
        let policies = Policies { own, library, service_tags: given };
        let program = library::program(&policies, service_tags.of_program(), &files, &db)?;
        let environments = TestEnvironments::default();
        Ok(Self { db, files, config, service_tags, program, here: setup.here.clone(), environments, policies })
    }

    /// The settings of `palisade.yaml`.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Reads the policies again; what is known of those that have not changed stands.
    pub fn refresh(&mut self) -> Result<(), Failure> {
        library::refresh(self.program, &self.policies, &self.files, &mut self.db)
    }

    /// The folders that policies are read from; the embedded library is in none.
    pub fn policy_folders(&self) -> Vec<PathBuf> {
        self.policies.own.iter().chain(&self.policies.library).cloned().collect()
    }

    /// Finds environments.
    pub fn select(&mut self, request: &Request) -> Selection {
        let discovery = Discovery {
            db: &self.db,
            program: self.program,
            files: &mut self.files,
            config: &self.config,
            service_tags: self.service_tags,
            here: &self.here,
        };
        discovery.run(request)
    }

    /// Checks environments; the settings of the configuration are the caller's to put into the options.
    pub fn check(&self, selection: Selection, options: &CheckOptions, pace: Pace) -> Result<CheckReport, Failure> {
        parallel::check(&self.db, self.program, selection, options, pace)
    }

    /// Answers a question about traffic in the one environment of a file.
    pub fn flow(&mut self, path: &Path, question: &FlowQuestion) -> Result<FlowReport, Failure> {
        let environment = self.one(path)?;
        let answer = api::flow(&self.db, self.program, environment, question);
        answer.map_err(|diagnostics| self.unanswered(environment, diagnostics))
    }

    /// Derives the outcome of a rule in the one environment of a file.
    pub fn why(&mut self, path: &Path, question: &WhyQuestion) -> Result<WhyReport, Failure> {
        let environment = self.one(path)?;
        let answer = api::why(&self.db, self.program, environment, question);
        answer.map_err(|diagnostics| self.unanswered(environment, diagnostics))
    }

    fn unanswered(&self, environment: Environment, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure { diagnostics, texts: api::texts(&self.db, self.program, &[environment]) }
    }

    /// The one environment of a file.
    fn one(&mut self, path: &Path) -> Result<Environment, Failure> {
        let request = Request { paths: vec![path.to_owned()], files_from: None };
        let selection = self.select(&request);
        let texts = selection.texts;
        let mut items = selection.items;
        match (items.pop(), items.len()) {
            (Some(Item::Ready { environment, .. }), 0) => Ok(environment),
            (Some(Item::Broken(report)), 0) => Err(Failure { diagnostics: report.diagnostics, texts }),
            (None, _) => Err(Failure { diagnostics: none_found(selection.diagnostics, path), texts }),
            (Some(_), more) => Err(not_one(path, more + 1).into()),
        }
    }

    /// Runs the tests of the policies that are meant.
    pub fn test(&self, selection: &TestSelection, pace: Pace) -> Result<TestReport, Failure> {
        self.tests().run(selection, pace)
    }

    /// Runs them, and says what of the policies they passed.
    pub fn test_coverage(
        &self,
        selection: &TestSelection,
        pace: Pace,
    ) -> Result<(TestReport, CoverageReport), Failure> {
        self.tests().cover(selection, pace)
    }

    /// Runs them, and tries mutants of the policies on them.
    pub fn test_mutants(
        &self,
        selection: &TestSelection,
        mutants: &MutantSelection,
        pace: Pace,
    ) -> Result<(TestReport, Option<MutationReport>), Failure> {
        self.tests().mutate(selection, mutants, pace)
    }

    fn tests(&self) -> Tests<'_> {
        Tests { db: &self.db, program: self.program, environments: &self.environments }
    }

    /// Reads the policies for what could be better: the user's own, or the library where it is in a folder.
    pub fn lint(&self, selection: &LintSelection) -> LintReport {
        api::lint(&self.db, self.program, selection)
    }

    /// Mends what can be mended safely and writes it back; the report says which files, and what is left.
    pub fn lint_and_fix(&mut self, selection: &LintSelection) -> Result<LintReport, Failure> {
        let (here, policies) = (&self.here, &self.policies);
        let library = policies.library.as_ref().or(policies.own.as_ref());
        let place = |path: &str| match (path.strip_prefix("library/"), library) {
            (Some(below), Some(root)) => root.join(below),
            _ => here.join(path),
        };
        Mending { db: &mut self.db, program: self.program, selection, place: &place }.run()
    }

    /// Compares what two packs, or two documents, ask.
    pub fn diff(&self, old: &str, new: &str) -> Result<DiffReport, Failure> {
        let unanswered = |diagnostics| Failure { diagnostics, texts: api::texts(&self.db, self.program, &[]) };
        api::diff(&self.db, self.program, old, new).map_err(unanswered)
    }

    /// Lists rules, packs and statements.
    pub fn list(&self) -> Listing {
        api::list(&self.db, self.program)
    }

    /// The page of a rule, by its full name.
    pub fn rule_page(&self, id: &str) -> Option<RulePage> {
        api::rule_page(&self.db, self.program, id)
    }

    /// The page of a diagnostic code, of the engine or of this crate.
    pub fn code_page(code: &str) -> Option<String> {
        crate::page(code).or_else(|| api::code_page(code))
    }

    /// Every diagnostic code.
    pub fn codes() -> Vec<&'static str> {
        let mut all = crate::codes();
        all.extend(api::codes());
        all.sort_unstable();
        all
    }
}

fn none_found(mut diagnostics: Vec<Diagnostic>, path: &Path) -> Vec<Diagnostic> {
    let message = format!("`{}` holds no environment", path.display());
    diagnostics.push(Diagnostic::error(codes::NOT_ENVIRONMENT, message, None));
    diagnostics
}

fn not_one(path: &Path, count: usize) -> Diagnostic {
    let message = format!("`{}` holds {count} environments, and a question is asked of one", path.display());
    let help = "name a file with one environment".to_owned();
    Diagnostic::error(codes::QUESTION, message, None).with_help(Some(help))
}
