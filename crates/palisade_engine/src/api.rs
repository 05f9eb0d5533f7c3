//! What the command line, the tests and the language server ask of the engine.
//!
//! Every answer is located and complete: whoever shows it needs no further question.

use palisade_source::report::{
    CheckReport, CoverageReport, DiffReport, FlowReport, LintReport, MutantReport, PackInfo, RuleInfo, RulePage,
    StatementInfo, TestReport, TestResult, WhyReport,
};
use palisade_source::{Diagnostic, File, Severity};

pub use crate::evaluate::record::Passed;
use crate::inputs::{Db, Environment, Program};
pub use crate::lint::Selection as LintSelection;
pub use crate::mutate::{Bench, Mutant, Selection as MutantSelection};
pub use crate::names::ItemKey;
pub use crate::scaffold::{NewRule, Scaffold};
pub use crate::testing::{Environments as TestEnvironments, Selection as TestSelection};

/// What `check` is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckOptions {
    /// Packs by name; empty: the current stable ones.
    pub packs: Vec<String>,
    /// Only these rules (full name, unique short name, or a module); empty: all of the packs.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Severities that replace the rules' own.
    pub severities: Vec<(String, Severity)>,
    /// Passes and not-applicable instances are listed too.
    pub all: bool,
}

/// A listing of what the program holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// By id.
    pub rules: Vec<RuleInfo>,
    /// By name.
    pub packs: Vec<PackInfo>,
    /// By source, then in the document's order.
    pub statements: Vec<StatementInfo>,
    /// Faults of the policies.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that locations and diagnostics point into.
    pub texts: palisade_source::report::Texts,
}

/// The question of `flow`, as written by the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowQuestion {
    /// A compute, an interface or a subnet.
    pub on: String,
    /// `true`: inbound.
    pub inbound: bool,
    /// `tcp`, `udp`, `icmp`, `esp`, `ah`, `any`.
    pub protocol: String,
    /// An address at the place; `None`: any of the place's.
    pub local: Option<String>,
    /// Ports at the place; `None`: any.
    pub local_port: Option<String>,
    /// Addresses, CIDRs, tags, host names, or `*`; each text may be a list with commas.
    pub remotes: Vec<String>,
    /// Port, range, list, or `*`.
    pub remote_port: Option<String>,
    /// Only the security groups.
    pub groups_only: bool,
}

/// The documents of a YAML file that could be environments, and what each includes.
pub fn documents(db: &dyn Db, file: File) -> Vec<Document> {
    crate::environment::documents(db, file)
}

/// The keys that an environment may have at its top.
pub fn environment_keys(db: &dyn Db, program: Program) -> Vec<String> {
    let schema = &crate::policy::schema::schema(db, program).value;
    schema.environment.iter().map(|field| field.name.to_string()).collect()
}

/// A document of a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its number in the file, from 0.
    pub index: usize,
    /// Its top-level keys, by which a caller may tell an environment from other YAML.
    pub keys: Vec<String>,
    /// The patterns of its `include`, as written.
    pub includes: Vec<String>,
    /// The path of its `service_tags`, as written.
    pub service_tags: Option<String>,
    /// Whether it holds something else than keys: a list or a lone value.
    pub keyless: bool,
}

/// Checks environments. With an error in the policies or the options nothing is checked.
pub fn check(db: &dyn Db, program: Program, environments: &[Environment], options: &CheckOptions) -> CheckReport {
    crate::check::check(db, program, environments, options)
}

/// Answers one question about traffic. The diagnostics say what is wrong with the question or its files.
pub fn flow(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    question: &FlowQuestion,
) -> Result<FlowReport, Vec<Diagnostic>> {
    crate::flow::flow(db, program, environment, question)
}

/// The question of `why`, as written by the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyQuestion {
    /// A rule's full name, or its last word where only one has it.
    pub rule: String,
    /// The place of a subject, in any of the forms in which references are written.
    pub place: String,
    /// Packs by name; empty: the current stable ones.
    pub packs: Vec<String>,
}

/// Derives the outcome of a rule on a subject. The diagnostics say what is wrong with the question or its files.
pub fn why(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    question: &WhyQuestion,
) -> Result<WhyReport, Vec<Diagnostic>> {
    crate::why::why(db, program, environment, question)
}

/// The texts that places in a program and in environments point into.
pub fn texts(db: &dyn Db, program: Program, environments: &[Environment]) -> palisade_source::report::Texts {
    crate::texts::texts(db, program, environments)
}

/// The tests that are meant, in their order, and a report without results. With an error in the policies there is none.
pub fn tests(db: &dyn Db, program: Program, selection: &TestSelection) -> (Vec<ItemKey>, TestReport) {
    crate::testing::plan(db, program, selection)
}

/// Runs one of the tests; `None` if it is gone.
pub fn test(db: &dyn Db, program: Program, test: &ItemKey, environments: &TestEnvironments) -> Option<TestResult> {
    crate::testing::run(db, program, test, environments)
}

/// Runs one of the tests, and says what it passed on its way; `None` if it is gone.
pub fn listened_test(
    db: &dyn Db,
    program: Program,
    test: &ItemKey,
    environments: &TestEnvironments,
) -> Option<(TestResult, Passed)> {
    crate::testing::listen(db, program, test, environments)
}

/// What of the policies the tests passed, and what none did.
pub fn test_coverage(db: &dyn Db, program: Program, selection: &TestSelection, passed: &Passed) -> CoverageReport {
    crate::testing::coverage::report(db, program, selection, passed)
}

/// Lays a policy out; the diagnostics say what in it could not be read.
pub fn format(path: &std::sync::Arc<str>, text: &str) -> Result<String, Vec<Diagnostic>> {
    let located = |error| crate::policy::problems::syntax(path, &error);
    palisade_syntax::format(text).map_err(|errors| errors.into_iter().map(located).collect())
}

/// Runs a test and makes it ready for mutants, if it passes; `None` if it is gone.
pub fn bench(
    db: &dyn Db,
    program: Program,
    test: &ItemKey,
    environments: &TestEnvironments,
) -> Option<(TestResult, Option<Bench>)> {
    crate::mutate::bench(db, program, test, environments)
}

/// The mutants of the policies that the tests are to reach.
pub fn mutants(db: &dyn Db, program: Program, tests: &TestSelection, selection: &MutantSelection) -> Vec<Mutant> {
    crate::mutate::mutants(db, program, tests, selection)
}

/// Tries a mutant on the tests that reach it; `None` if it does not parse or its types do not fit.
pub fn attempt(db: &dyn Db, program: Program, mutant: &Mutant, benches: &[Bench]) -> Option<MutantReport> {
    crate::mutate::attempt(db, program, mutant, benches)
}

/// Reads the user's own policies, or the library where it is the root, for what could be better.
pub fn lint(db: &dyn Db, program: Program, selection: &LintSelection) -> LintReport {
    crate::lint::lint(db, program, selection)
}

/// Writes a new rule with its tests, for the file of its module.
pub fn new_rule(db: &dyn Db, program: Program, wanted: &NewRule) -> Result<Scaffold, Diagnostic> {
    crate::scaffold::new_rule(db, program, wanted)
}

/// Compares what two packs, or two sources, ask. The diagnostics say what is wrong with the names or the policies.
pub fn diff(db: &dyn Db, program: Program, old: &str, new: &str) -> Result<DiffReport, Vec<Diagnostic>> {
    crate::diff::diff(db, program, old, new)
}

/// Lists rules, packs and statements.
pub fn list(db: &dyn Db, program: Program) -> Listing {
    crate::listing::list(db, program)
}

/// The page of a rule; `None` if there is none of that full name.
pub fn rule_page(db: &dyn Db, program: Program, id: &str) -> Option<RulePage> {
    crate::pages::pages(db, program, Some(id)).pop()
}

/// The page of every rule, by id.
pub fn rule_pages(db: &dyn Db, program: Program) -> Vec<RulePage> {
    crate::pages::pages(db, program, None)
}

/// The offline page of a diagnostic code, Markdown; `None` for an unknown code.
pub fn code_page(code: &str) -> Option<String> {
    crate::codes::page(code)
}

/// A page in the form of [`code_page`] for a code of another layer: what it is about, then its section in these texts.
pub fn page_with_example(code: &str, about: &str, pages: &[&str]) -> String {
    crate::codes::with_example(code, about, pages)
}

/// Every diagnostic code that the engine may report, sorted.
pub fn codes() -> Vec<&'static str> {
    crate::codes::all().map(|(code, _)| code).collect()
}
