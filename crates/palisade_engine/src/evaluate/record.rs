//! What an evaluation passes on its way. Whoever runs the tests with `--coverage` listens; nobody else pays for it.
//!
//! The evaluator tells a [`Recorder`], if its world has one, which item it enters, how each condition of it came out,
//! and what the network said to each line of traffic. A [`Recording`] is a recorder that remembers.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use palisade_net::Outcome;
use palisade_syntax::ast::NodeId;

use super::value::Truth;
use crate::names::{DefName, ItemKey};

/// A condition of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Branch {
    /// `when`: whether the rule applies.
    When,
    /// `needs`: whether it is stated.
    Needs,
    /// `require`: whether it holds.
    Require,
    /// `forbid`: whether it is kept.
    Forbid,
    /// One of the alternatives of an `either`: whether it holds.
    Alternative,
    /// The condition of an `if`.
    If,
    /// An arm of a `match`: whether it was taken.
    Arm,
}

/// How something has come out, over all evaluations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// True, stated, held, taken; allowed, for traffic.
    pub yes: bool,
    /// False, missing, failed; denied, for traffic.
    pub no: bool,
    /// Undetermined.
    pub open: bool,
}

impl Seen {
    /// Both together.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { yes: self.yes || other.yes, no: self.no || other.no, open: self.open || other.open }
    }
}

impl From<&Truth> for Seen {
    fn from(truth: &Truth) -> Self {
        match truth {
            Truth::True => Self { yes: true, ..Self::default() },
            Truth::False => Self { no: true, ..Self::default() },
            Truth::Unknown(_) => Self { open: true, ..Self::default() },
        }
    }
}

impl From<Outcome> for Seen {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Allowed => Self { yes: true, ..Self::default() },
            Outcome::Denied => Self { no: true, ..Self::default() },
            Outcome::Partial => Self { yes: true, no: true, open: false },
            Outcome::Undetermined => Self { open: true, ..Self::default() },
        }
    }
}

/// Listens to an evaluation.
pub trait Recorder {
    /// A rule, function, constant or traffic table is evaluated from here on, within whatever was before.
    fn enter(&self, item: &DefName);
    /// It is done.
    fn leave(&self);
    /// A condition of the item that was entered last came out.
    fn branch(&self, node: NodeId, branch: Branch, seen: Seen);
    /// A line of traffic was asked about.
    fn line(&self, line: &(ItemKey, NodeId), seen: Seen);
}

/// What evaluations have passed. Lines are kept by item and node, conditions by the item's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// The items that were entered.
    pub items: BTreeSet<DefName>,
    /// How conditions came out.
    pub branches: BTreeMap<(DefName, NodeId, Branch), Seen>,
    /// What was said to lines of traffic.
    pub lines: rustc_hash::FxHashMap<(ItemKey, NodeId), Seen>,
}

impl Passed {
    /// Adds what another evaluation passed.
    pub fn add(&mut self, other: Self) {
        self.items.extend(other.items);
        for (at, seen) in other.branches {
            let known = self.branches.entry(at).or_default();
            *known = known.or(seen);
        }
        for (at, seen) in other.lines {
            let known = self.lines.entry(at).or_default();
            *known = known.or(seen);
        }
    }
}

/// A recorder that remembers, for one evaluation after another on one thread.
#[derive(Debug, Default)]
pub struct Recording {
    inside: RefCell<Vec<DefName>>,
    passed: RefCell<Passed>,
}

impl Recording {
    /// What was passed.
    pub fn finish(self) -> Passed {
        self.passed.into_inner()
    }
}

impl Recorder for Recording {
    fn enter(&self, item: &DefName) {
        self.passed.borrow_mut().items.insert(item.clone());
        self.inside.borrow_mut().push(item.clone());
    }

    fn leave(&self) {
        self.inside.borrow_mut().pop();
    }

    fn branch(&self, node: NodeId, branch: Branch, seen: Seen) {
        let Some(item) = self.inside.borrow().last().cloned() else { return };
        let mut passed = self.passed.borrow_mut();
        let known = passed.branches.entry((item, node, branch)).or_default();
        *known = known.or(seen);
    }

    fn line(&self, line: &(ItemKey, NodeId), seen: Seen) {
        let mut passed = self.passed.borrow_mut();
        let known = passed.lines.entry(line.clone()).or_default();
        *known = known.or(seen);
    }
}
