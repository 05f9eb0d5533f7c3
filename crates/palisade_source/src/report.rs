//! The model of a report: what a check, a flow question, a test run, or a listing found, located and ready to show.
//!
//! Every format writes from these values alone, so two formats cannot disagree. The order of every list here is
//! final: by file, position, rule.

mod coverage;
mod diff;
mod mutants;
mod pages;
mod why;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::coverage::{CoverageReport, CoveredItem, CoveredPoint, Share};
pub use self::diff::{
    DiffReport, DiffSide, Fate as DiffFate, RequirementChange, RequirementSide, StatementChange, StatementSide,
    TrafficAsk, TrafficChange, TrafficSide,
};
pub use self::mutants::{Fate, MUTANT_KINDS, MutantReport, MutationReport};
pub use self::pages::{
    Clause, ClauseKind, Example, ExampleFinding, Mend, OpenLine, OpenRemote, OpenTraffic, Reason, RulePage, Word,
};
pub use self::why::{WhyInstance, WhyReport, WhyStep};
use crate::{Diagnostic, LineColumn, Severity, TextRange};

/// The texts of the files that a report points into, by path.
pub type Texts = BTreeMap<Arc<str>, Arc<str>>;

/// A range of a file for people and tools.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// The file.
    pub path: Arc<str>,
    /// The symbolic place: `computes.ci-1.public_ip`; for a policy, the item and what is meant in it.
    pub pointer: String,
    /// Bytes.
    pub range: TextRange,
    /// Of the first byte.
    pub start: LineColumn,
    /// Past the last byte.
    pub end: LineColumn,
}

/// How an instance of a rule came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutcomeKind {
    /// The requirement holds.
    Pass,
    /// A `when` was false.
    NotApplicable,
    /// Accepted by a waiver.
    Waived,
    /// Something needed is not stated, or a verdict is open.
    Undetermined,
    /// The requirement does not hold.
    Violation,
    /// A defect: the rule could not be evaluated.
    Error,
}

impl OutcomeKind {
    /// As in JSON and in tests: `pass`, `violation`, ….
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotApplicable => "not_applicable",
            Self::Waived => "waived",
            Self::Undetermined => "undetermined",
            Self::Violation => "violation",
            Self::Error => "error",
        }
    }
}

/// How many instances came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Instances of each outcome.
    pub pass: usize,
    /// See [`OutcomeKind`].
    pub violation: usize,
    /// See [`OutcomeKind`].
    pub not_applicable: usize,
    /// See [`OutcomeKind`].
    pub undetermined: usize,
    /// See [`OutcomeKind`].
    pub waived: usize,
    /// See [`OutcomeKind`].
    pub error: usize,
}

impl Summary {
    /// Counts one more.
    pub fn count(&mut self, kind: OutcomeKind) {
        self.add(kind, 1);
    }

    /// Counts more of one kind.
    pub fn add(&mut self, kind: OutcomeKind, more: usize) {
        *match kind {
            OutcomeKind::Pass => &mut self.pass,
            OutcomeKind::NotApplicable => &mut self.not_applicable,
            OutcomeKind::Waived => &mut self.waived,
            OutcomeKind::Undetermined => &mut self.undetermined,
            OutcomeKind::Violation => &mut self.violation,
            OutcomeKind::Error => &mut self.error,
        } += more;
    }
}

/// A statement that a rule or a traffic line cites.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Citation {
    /// `v1.pip.inbound.aml_tcp44224`
    pub id: String,
    /// The statement's text.
    pub statement: String,
    /// The document.
    pub title: String,
    /// Its section.
    pub section: String,
    /// Its address.
    pub url: String,
    /// Its edition, `2024-07-26`.
    pub edition: String,
}

/// A verdict on one flow or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerdictKind {
    /// All of it passes.
    Allowed,
    /// None of it passes.
    Denied,
    /// Some part each way.
    Partial,
    /// It cannot be told.
    Undetermined,
}

impl VerdictKind {
    /// As in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Partial => "partial",
            Self::Undetermined => "undetermined",
        }
    }
}

/// A packet as proof.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExamplePacket {
    /// `tcp`
    pub protocol: String,
    /// Address and port at the place.
    pub local: String,
    /// Address and port at the other end.
    pub remote: String,
}

/// The verdict on a flow (or part of one), and who decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FlowAnswer {
    /// `inbound tcp 44224 from AzureMachineLearning`
    pub flow: String,
    /// The verdict.
    pub verdict: VerdictKind,
    /// `admin`, `subnet`, `interface`, `route`, `nat`, `firewall`, `endpoint`, `target`.
    pub level: Option<&'static str>,
    /// The place of the deciding rule: `network_security_groups.training.rules.deny-all`.
    pub decided_by: Option<String>,
    /// The deciding default rule, by Azure's name.
    pub default_rule: Option<&'static str>,
    /// The deciding rule's priority.
    pub priority: Option<u16>,
    /// Where the deciding rule stands.
    pub location: Option<Location>,
    /// A packet that shows it.
    pub example: Option<ExamplePacket>,
    /// What would settle an undetermined verdict.
    pub settles: Vec<String>,
}

/// A further place of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// One (rule, subject, requirement) that did not simply pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `azureml.v1.compute.public_ip_inbound`
    pub rule: String,
    /// First line of the rule's documentation.
    pub title: String,
    /// How it came out.
    pub outcome: OutcomeKind,
    /// The rule's severity.
    pub severity: Severity,
    /// The environment's name.
    pub environment: String,
    /// The subject's place: `computes.ci-1`.
    pub resource: String,
    /// What was found and what is required.
    pub message: String,
    /// The smallest value that shows the fault.
    pub location: Location,
    /// Other places: the deciding rule, the other side of a comparison, ….
    pub related: Vec<Related>,
    /// Where the requirement stands in the policy; `None` in listings of passes.
    pub requirement: Option<Location>,
    /// Why: which conjunct was false and what its sides were; what would settle it; notes of the semantics.
    pub notes: Vec<String>,
    /// The flows asked, if it is about traffic: those that failed first.
    pub flows: Vec<FlowAnswer>,
    /// The statements.
    pub cites: Vec<Citation>,
    /// What to do.
    pub help: Option<String>,
    /// Stable over unrelated edits.
    pub fingerprint: String,
}

/// One environment of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentReport {
    /// Its name: from the file, else the file's stem.
    pub name: String,
    /// Its file.
    pub path: Arc<str>,
    /// Its counts; all zero if it could not be read.
    pub summary: Summary,
    /// Faults of the file itself. With an error among them nothing of it was checked.
    pub diagnostics: Vec<Diagnostic>,
    /// The findings.
    pub findings: Vec<Finding>,
    /// Words about defaults that were used and the like.
    pub notes: Vec<String>,
}

/// The result of `check`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// By path, then place in the file.
    pub environments: Vec<EnvironmentReport>,
    /// Faults of policies, the configuration, or the command line. With an error among them nothing was checked.
    pub diagnostics: Vec<Diagnostic>,
    /// The rules that ran, by id.
    pub rules: Vec<RuleInfo>,
    /// The packs that were chosen.
    pub packs: Vec<String>,
    /// The texts that locations point into.
    pub texts: Texts,
}

impl CheckReport {
    /// The counts over all environments.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut sum = Summary::default();
        for one in self.environments.iter().map(|e| &e.summary) {
            sum.add(OutcomeKind::Pass, one.pass);
            sum.add(OutcomeKind::Violation, one.violation);
            sum.add(OutcomeKind::NotApplicable, one.not_applicable);
            sum.add(OutcomeKind::Undetermined, one.undetermined);
            sum.add(OutcomeKind::Waived, one.waived);
            sum.add(OutcomeKind::Error, one.error);
        }
        sum
    }
}

/// The result of `flow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowReport {
    /// The question as understood: `outbound tcp 443 to Storage.eastus2`, and where it was asked.
    pub question: String,
    /// The place it was asked at.
    pub on: String,
    /// The verdict on all of it.
    pub verdict: VerdictKind,
    /// Its parts.
    pub parts: Vec<FlowAnswer>,
    /// The steps of the path.
    pub path: Vec<FlowStep>,
    /// What would settle it.
    pub undetermined: Vec<String>,
    /// The texts that locations point into.
    pub texts: Texts,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowStep {
    /// `admin_rules`, `interface_group`, `subnet_group`, `route`, `nat`, `firewall`, `endpoint`, `target`.
    pub step: &'static str,
    /// What it said.
    pub verdict: VerdictKind,
    /// In words.
    pub detail: String,
    /// The line that said it, if one did.
    pub location: Option<Location>,
}

/// A rule, for listings and pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Full name.
    pub id: String,
    /// First line of its documentation.
    pub title: String,
    /// The rest of its documentation, Markdown.
    pub documentation: String,
    /// Its severity.
    pub severity: Severity,
    /// The packs it is in.
    pub packs: Vec<String>,
    /// What it cites.
    pub cites: Vec<Citation>,
    /// `stable`, `preview`, `deprecated`: that of its packs, the best first; `unpacked` if it is in none.
    pub status: String,
    /// `network`, ….
    pub tags: Vec<String>,
    /// Where it stands.
    pub location: Option<Location>,
    /// Its text in the policy, as an example of itself.
    pub text: String,
}

/// A pack, for listings and pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackInfo {
    /// Its name.
    pub name: String,
    /// First line of its documentation.
    pub title: String,
    /// The rest of its documentation.
    pub documentation: String,
    /// `stable`, `preview`, `deprecated`.
    pub status: String,
    /// The edition of the documents that it encodes.
    pub edition: String,
    /// What must hold besides the rules' own conditions, as it is written: `Workspace w: w.sdk == v1`.
    pub conditions: Vec<String>,
    /// Its rules, by id.
    pub rules: Vec<String>,
}

/// A statement, for the coverage matrix and pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementInfo {
    /// What it is and where it comes from.
    pub citation: Citation,
    /// The source's name.
    pub source: String,
    /// `must`, `must_not`, `should`, `may`, `info`.
    pub strength: &'static str,
    /// The rules that cite it, also through a traffic line.
    pub rules: Vec<String>,
    /// How many tests expect something of those rules; each counts once.
    pub tests: usize,
    /// How many of them expect a violation.
    pub violations: usize,
    /// What the tests expect of each of the rules. A rule that rests on several statements is tested as a whole.
    pub checks: Vec<StatementCheck>,
    /// Why it is not checked.
    pub unchecked: Option<String>,
}

/// A rule that cites a statement, and how many tests expect which outcome of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementCheck {
    /// The rule.
    pub rule: String,
    /// Whether it cites the statement through lines of traffic only.
    pub by_line: bool,
    /// Tests that expect a pass.
    pub pass: usize,
    /// Tests that expect a violation.
    pub violation: usize,
    /// Tests that expect it undetermined.
    pub undetermined: usize,
    /// Tests that expect it not to apply.
    pub not_applicable: usize,
}

/// How a test of a policy came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// The module it is in.
    pub module: String,
    /// Its name.
    pub name: String,
    /// What failed; none: it passed.
    pub failures: Vec<Diagnostic>,
    /// How many expectations were checked.
    pub expectations: usize,
}

/// The result of `test`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestReport {
    /// By module, then place in the file.
    pub tests: Vec<TestResult>,
    /// Faults of the policies. With an error among them no test ran.
    pub diagnostics: Vec<Diagnostic>,
    /// How many tests the filter left out.
    pub filtered_out: usize,
    /// The texts that diagnostics point into.
    pub texts: Texts,
}

/// The result of `lint`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LintReport {
    /// How many files were read for findings.
    pub files: usize,
    /// The files that were mended, by path.
    pub mended: Vec<Arc<str>>,
    /// What could be better, by file and place.
    pub findings: Vec<Diagnostic>,
    /// Why nothing could be said: errors of the policies or of the question. With one there is no finding.
    pub faults: Vec<Diagnostic>,
    /// The texts that both point into.
    pub texts: Texts,
}
