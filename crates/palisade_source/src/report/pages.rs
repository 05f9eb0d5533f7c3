//! The page of a rule: what it asks, why, an environment that breaks it and one that keeps it, and how to mend it.

use super::{Citation, OutcomeKind, RuleInfo};

/// Everything that a reader may want to know of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePage {
    /// The rule as it is listed.
    pub rule: RuleInfo,
    /// Its parameters, each with its type: `compute`, `Compute`. The first is what it is about.
    pub parameters: Vec<(String, String)>,
    /// What it asks, in order.
    pub clauses: Vec<Clause>,
    /// The functions, constants and traffic tables that the clauses name.
    pub words: Vec<Word>,
    /// Why, one for each citation of the rule.
    pub reasons: Vec<Reason>,
    /// An environment that breaks it; `None`: no test shows one.
    pub failing: Option<Example>,
    /// An environment that keeps it; `None`: no test shows one.
    pub passing: Option<Example>,
    /// How to make it hold.
    pub mends: Vec<Mend>,
    /// The traffic that it asks to be open, from which commands can be made.
    pub opens: Vec<OpenTraffic>,
}

/// A clause of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// What it does.
    pub kind: ClauseKind,
    /// The expression as it is written, on one line; of an `either`, each of its ways.
    pub texts: Vec<String>,
    /// The clauses inside a `for`.
    pub inner: Vec<Self>,
}

/// What a clause does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClauseKind {
    /// The rule is about nothing else.
    When,
    /// It has to be stated, otherwise nothing can be said.
    Needs,
    /// A name for a value.
    Let,
    /// It has to hold.
    Require,
    /// It must not hold.
    Forbid,
    /// The clauses inside are asked of each.
    For,
}

impl ClauseKind {
    /// As in the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::When => "when",
            Self::Needs => "needs",
            Self::Let => "let",
            Self::Require => "require",
            Self::Forbid => "forbid",
            Self::For => "for",
        }
    }
}

/// Something of the language that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its full name.
    pub name: String,
    /// The first line of its documentation.
    pub title: String,
    /// Of a traffic table, its lines as they are written, each with the ids of the statements that it cites.
    pub lines: Vec<(String, Vec<String>)>,
}

/// A statement, and how strongly its document means it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The statement and where it stands.
    pub citation: Citation,
    /// `must`, `must_not`, `should`, `may`, `info`.
    pub strength: &'static str,
}

/// A part of an environment in which a rule came out in some way: a test of the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The module of the test.
    pub module: String,
    /// Its name.
    pub test: String,
    /// The resources that matter, as YAML.
    pub yaml: String,
    /// What the rule was asked of: `computes.ci-1`.
    pub subject: String,
    /// How it came out.
    pub outcome: OutcomeKind,
    /// What was said, for one that breaks the rule.
    pub finding: Option<ExampleFinding>,
}

/// What a rule says of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFinding {
    /// What was found and what is required.
    pub message: String,
    /// The place that it points to.
    pub place: String,
    /// What to do.
    pub help: Option<String>,
}

/// Text in another language that makes a rule hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    /// One of [`Mend::LANGUAGES`].
    pub language: String,
    /// What it is for, if that is said.
    pub title: String,
    /// Lines.
    pub text: String,
}

impl Mend {
    /// The languages in which a mend is written.
    pub const LANGUAGES: [&str; 3] = ["azurecli", "bicep", "yaml"];
}

/// Lines of traffic that a rule wants open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTraffic {
    /// Whether the whole path is asked about, firewalls included, and not the security groups alone.
    pub whole_path: bool,
    /// Its lines.
    pub lines: Vec<OpenLine>,
}

/// A line of traffic that is to be open: one protocol, one other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLine {
    /// Whether it comes in.
    pub inbound: bool,
    /// `tcp`, `udp`, `icmp`, `esp`, `ah`; `any` for all of them.
    pub protocol: String,
    /// Ports and ranges at the far end of the connection; `*` for all.
    pub ports: Vec<String>,
    /// The other end.
    pub remote: OpenRemote,
}

/// The other end of a line of traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenRemote {
    /// A service tag; a region that the policy computes stands in braces: `Storage.{region}`.
    Tag(String),
    /// A host name or a pattern of them; what the policy computes stands in braces.
    Host(String),
    /// A range of addresses.
    Cidr(String),
    /// Anything.
    Any,
    /// Whatever this expression of the policy comes to.
    Computed(String),
}
