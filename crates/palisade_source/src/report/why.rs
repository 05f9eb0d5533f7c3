//! How a rule came to its outcome.

use super::{FlowAnswer, Location, OutcomeKind, Texts};

/// The answer of `why`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyReport {
    /// The rule's full name.
    pub rule: String,
    /// First line of its documentation.
    pub title: String,
    /// Where the rule stands.
    pub location: Location,
    /// The subject's place.
    pub resource: String,
    /// Where the subject stands.
    pub subject: Location,
    /// The worst outcome of its instances, as a check reports it.
    pub outcome: OutcomeKind,
    /// What packs demand of the subject, if the rule is in a pack with conditions.
    pub packs: Vec<WhyStep>,
    /// The instances: one, or for a rule with further parameters one for each combination that the join leaves; where it
    /// leaves none, the first that it excludes.
    pub instances: Vec<WhyInstance>,
    /// How many combinations the join excludes that are not listed.
    pub omitted: usize,
    /// The texts that locations point into.
    pub texts: Texts,
}

/// A run of the rule's clauses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyInstance {
    /// The further entities, by place.
    pub together_with: Vec<String>,
    /// How it came out.
    pub outcome: OutcomeKind,
    /// The clauses that were reached, in order.
    pub steps: Vec<WhyStep>,
}

/// A clause, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyStep {
    /// `when`, `needs`, `let`, `require`, `forbid`, `for`; `alternative`, `element`, `expression`; `pack`.
    pub kind: &'static str,
    /// Its text in the policy, on one line.
    pub text: String,
    /// Where that stands.
    pub policy: Location,
    /// The element that it is about.
    pub element: Option<String>,
    /// What it came to.
    pub value: String,
    /// Where that was read in the environment.
    pub location: Option<Location>,
    /// The flows that were asked, with what decided them.
    pub flows: Vec<FlowAnswer>,
    /// What it was made of.
    pub steps: Vec<WhyStep>,
    /// How many further parts or elements are not listed.
    pub omitted: usize,
}
