//! How instances of rules came out, without positions: what the memo of (rule, shard) holds.

use std::sync::Arc;

use palisade_source::report::OutcomeKind;
use palisade_syntax::ast::NodeId;
use smol_str::SmolStr;

use super::value::Reason;
use crate::environment::EntityId;
use crate::names::ItemKey;
use crate::place::{Part, Place};

/// One instance: a rule on a subject, with the further entities of its join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The subject.
    pub subject: EntityId,
    /// The further entities.
    pub others: Arc<[EntityId]>,
    /// The worst of its requirements.
    pub outcome: OutcomeKind,
    /// What did not simply pass.
    pub findings: Vec<RawFinding>,
    /// For one that is not applicable: the clause that was false, or the pack's condition.
    pub excluded: Option<NodeId>,
}

/// A requirement that did not simply pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFinding {
    /// Violation, undetermined or error.
    pub outcome: OutcomeKind,
    /// The clause.
    pub clause: NodeId,
    /// What was found.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The smallest value that shows the fault.
    pub location: (Place, Part),
    /// Other places with a word each.
    pub related: Vec<(String, Place, Part)>,
    /// Why, in words.
    pub notes: Vec<String>,
    /// What would settle it.
    pub settles: Vec<Reason>,
    /// The flows that were asked, failed ones first.
    pub flows: Vec<RawFlow>,
    /// What the failed lines cite.
    pub cites: Vec<SmolStr>,
}

/// A part of a flow with its decider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFlow {
    /// The part of the flow, in words.
    pub flow: String,
    /// What became of it.
    pub outcome: palisade_net::Outcome,
    /// At which level it was decided.
    pub level: Option<&'static str>,
    /// The deciding rule's place.
    pub decided_by: Option<Place>,
    /// The deciding default rule and its group.
    pub default_rule: Option<(&'static str, Option<Place>)>,
    /// The priority of either.
    pub priority: Option<u16>,
    /// A packet: protocol, local end, remote end.
    pub example: Option<(String, String, String)>,
    /// What would settle it.
    pub settles: Vec<String>,
    /// The line of traffic.
    pub line: Option<(ItemKey, NodeId)>,
}

/// Whether two kinds of outcome: the worse.
pub fn worse(a: OutcomeKind, b: OutcomeKind) -> OutcomeKind {
    a.max(b)
}
