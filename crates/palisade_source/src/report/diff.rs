//! What lies between two packs, or two documents: what each asks, and what became of it.

use super::Citation;
use crate::Severity;

/// The result of `diff`. Nothing that either side asks is left out: what both ask alike is [`Fate::Kept`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffReport {
    /// What was compared: the old, then the new.
    pub sides: [DiffSide; 2],
    /// Traffic: by subject, direction and other end.
    pub traffic: Vec<TrafficChange>,
    /// What rules ask beside traffic.
    pub requirements: Vec<RequirementChange>,
    /// Statements, where both sides are documents.
    pub statements: Vec<StatementChange>,
    /// What could not be compared, in words.
    pub notes: Vec<String>,
}

/// A pack or a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffSide {
    /// `pack` or `source`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// First line of a pack's documentation; a document's title.
    pub title: String,
    /// `2024-07-26`
    pub edition: String,
    /// A pack's status.
    pub status: Option<String>,
    /// A document's address.
    pub url: Option<String>,
    /// The conditions of the pack on everything that it asks.
    pub conditions: Vec<String>,
}

/// What became of something that one side or both ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// Only the old side asks it.
    Dropped,
    /// Only the new side does.
    Added,
    /// Both do, and not alike.
    Changed,
    /// Both do, alike.
    Kept,
}

impl Fate {
    /// As in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Kept => "kept",
        }
    }
}

/// Traffic between the subjects of rules and one other end, in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficChange {
    /// What became of it.
    pub fate: Fate,
    /// The type of the rules' subject: `Compute`.
    pub subject: String,
    /// What differs where both ask it: `ports`, `protocol`, `direction`, `remote`, `manner`, `conditions`, `strength`,
    /// `severity`.
    pub differs: Vec<&'static str>,
    /// What the old side asks; nothing where it was added.
    pub was: Option<TrafficSide>,
    /// What the new side asks; nothing where it was dropped.
    pub now: Option<TrafficSide>,
    /// Flows that only the old side asks, where both ask some.
    pub lost: Vec<String>,
    /// Flows that only the new side asks, where both ask some.
    pub gained: Vec<String>,
    /// Why two things were taken for one another where that is a guess.
    pub guess: Option<&'static str>,
}

/// What one side asks of the traffic with one other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficSide {
    /// All that is asked, in the words of traffic lines.
    pub flows: Vec<String>,
    /// How strong the strongest statement behind it is: `must`; `None` if none is cited.
    pub strength: Option<&'static str>,
    /// Rule by rule.
    pub asked: Vec<TrafficAsk>,
}

/// How one rule asks for traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficAsk {
    /// The rule.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// `required`, `one_of` (one of several ways), `some` (not all of it shut), `forbidden`, `at_most` (no more than it),
    /// `judged` (part of a condition).
    pub manner: &'static str,
    /// What is asked: the security `groups`, the whole `path`, or both; nothing where no place is asked.
    pub of: Vec<&'static str>,
    /// The flows.
    pub flows: Vec<String>,
    /// When it is asked; all must hold.
    pub conditions: Vec<String>,
    /// The strength of the strongest statement.
    pub strength: Option<&'static str>,
    /// The statements that the lines cite; those of the rule where they cite none.
    pub cites: Vec<Citation>,
    /// The statements that the rule cites besides.
    pub rule_cites: Vec<Citation>,
}

/// What a rule asks beside traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementChange {
    /// What became of it.
    pub fate: Fate,
    /// The rule of the old side.
    pub was: Option<RequirementSide>,
    /// The rule of the new side.
    pub now: Option<RequirementSide>,
    /// How the two were found to belong together: `rule` (they are the same), `text` (they ask the same), or, which is a
    /// guess, `name` and `statement`.
    pub paired_by: Option<&'static str>,
    /// What differs: `requirement`, `conditions`, `severity`, `strength`.
    pub differs: Vec<&'static str>,
    /// Clauses of the old rule alone.
    pub lost: Vec<String>,
    /// Clauses of the new rule alone.
    pub gained: Vec<String>,
}

/// A rule on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementSide {
    /// Its full name.
    pub rule: String,
    /// The first line of its documentation.
    pub title: String,
    /// The type of its subject.
    pub subject: String,
    /// Its severity.
    pub severity: Severity,
    /// The strength of the strongest statement.
    pub strength: Option<&'static str>,
    /// When it applies.
    pub conditions: Vec<String>,
    /// What it asks beside traffic, clause by clause.
    pub requirements: Vec<String>,
    /// The statements.
    pub cites: Vec<Citation>,
}

/// A statement of two editions, found by its path in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementChange {
    /// What became of it.
    pub fate: Fate,
    /// `use.out.aad_80`
    pub path: String,
    /// What differs: `strength`, `text`, `section`.
    pub differs: Vec<&'static str>,
    /// In the old document.
    pub was: Option<StatementSide>,
    /// In the new one.
    pub now: Option<StatementSide>,
}

/// A statement of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementSide {
    /// `must`, ….
    pub strength: &'static str,
    /// Where it stands and what it says.
    pub citation: Citation,
}

impl DiffReport {
    /// Whether both sides ask the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.fates().all(|fate| fate == Fate::Kept)
    }

    /// What became of everything that was compared.
    pub fn fates(&self) -> impl Iterator<Item = Fate> + '_ {
        let traffic = self.traffic.iter().map(|one| one.fate);
        let requirements = self.requirements.iter().map(|one| one.fate);
        traffic.chain(requirements).chain(self.statements.iter().map(|one| one.fate))
    }
}
