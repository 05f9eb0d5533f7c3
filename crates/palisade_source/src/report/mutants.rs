//! What became of mutants: policies with one small mistake each.

use super::{Location, Share, Texts};

/// The kinds of mistake, those of traffic last.
pub const MUTANT_KINDS: [&str; 13] = [
    "severity",
    "comparison",
    "logic",
    "quantifier",
    "requirement",
    "clause",
    "number",
    "value",
    "line",
    "direction",
    "protocol",
    "port",
    "destination",
];

/// The mutants of policies and what the tests made of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MutationReport {
    /// By module and place in the file.
    pub mutants: Vec<MutantReport>,
    /// How many were left out since they do not parse or their types do not fit: nobody could write them unnoticed.
    pub refused: usize,
    /// The texts that locations point into.
    pub texts: Texts,
}

/// A mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MutantReport {
    /// One of [`MUTANT_KINDS`].
    pub kind: &'static str,
    /// The full name of the item that has the mistake.
    pub item: String,
    /// What is changed.
    pub location: Location,
    /// The lines as they are.
    pub before: String,
    /// The lines with the mistake.
    pub after: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A test failed, as it should.
    Killed {
        /// `module/name`, the first that did.
        by: String,
    },
    /// Every test that reaches it passed all the same.
    Survived {
        /// How many those are; 0: no test reaches it.
        tests: usize,
    },
    /// It survived, and the policy says that nobody could tell; it counts neither way.
    Excused {
        /// Why, as the policy says it.
        because: String,
    },
}

impl MutantReport {
    /// Whether a test failed.
    #[must_use]
    pub fn killed(&self) -> bool {
        matches!(self.fate, Fate::Killed { .. })
    }
}

impl MutationReport {
    /// How many are excused.
    #[must_use]
    pub fn excused(&self) -> usize {
        self.mutants.iter().filter(|one| matches!(one.fate, Fate::Excused { .. })).count()
    }

    /// The killed ones among some that are not excused.
    #[must_use]
    pub fn share(&self, of: impl Fn(&MutantReport) -> bool) -> Share {
        let all = self.mutants.iter().filter(|one| of(one) && !matches!(one.fate, Fate::Excused { .. }));
        all.fold(Share::default(), |share, one| Share {
            seen: share.seen + usize::from(one.killed()),
            all: share.all + 1,
        })
    }
}
