//! The answer to a question about traffic, with its evidence.

use std::fmt;

use crate::admin::AdminAccess;
use crate::builtin::PlatformService;
use crate::firewall::FirewallRuleId;
use crate::flow::{Flow, Packet};
use crate::protocols::Access;

/// What becomes of a flow, or of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Every packet passes, wherever service tags lie.
    Allowed,
    /// No packet does.
    Denied,
    /// Some packets pass and some do not, wherever service tags lie.
    Partial,
    /// It depends on something that is not known.
    Undetermined,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Partial => "partial",
            Self::Undetermined => "undetermined",
        })
    }
}

/// An outcome and what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The whole.
    pub outcome: Outcome,
    /// Disjoint parts that make up the question, denied ones first, then undetermined, then allowed ones; of one outcome
    /// in the order in which levels and rules decided them.
    pub parts: Vec<Part>,
    /// What would settle an undetermined part, in words; empty if there is none.
    pub settles: Vec<String>,
}

/// A part of a flow that one rule decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `Allowed`, `Denied`, or `Undetermined`: it may have no packet, or another rule may decide it.
    pub outcome: Outcome,
    /// What the deciding rule does with packets of this part.
    pub access: Access,
    /// The part, as a flow that can be asked again.
    pub flow: Flow,
    /// What decided it.
    pub decided_by: Decider,
    /// What let it pass at the levels before.
    pub passed: Vec<Decider>,
    /// One packet of the part.
    pub example: Packet,
}

/// A level at which traffic is judged. Admin rules come first; of the groups Azure's order is ascending for inbound and
/// descending for outbound traffic (facts `net.nsg.admin-rules`, `net.nsg.in-order`, `net.nsg.out-order`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LevelKind {
    /// The network's security admin rules.
    Admin,
    /// The subnet's group.
    Subnet,
    /// The network interface's group.
    Interface,
}

impl fmt::Display for LevelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Admin => "admin",
            Self::Subnet => "subnet",
            Self::Interface => "interface",
        })
    }
}

/// What decided a part of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decider {
    /// A security admin rule.
    Admin {
        /// The place of the admin level in the question.
        level_index: usize,
        /// The place of the rule as it was compiled.
        rule: usize,
        /// The rule's priority.
        priority: u16,
        /// What the rule does.
        access: AdminAccess,
    },
    /// A rule of a group.
    Rule {
        /// Where the group stands.
        level: LevelKind,
        /// The place of that level in the question.
        level_index: usize,
        /// The place of the rule in the group as it was compiled.
        rule: usize,
        /// The rule's priority.
        priority: u16,
    },
    /// A default rule of a group.
    Default {
        /// Where the group stands.
        level: LevelKind,
        /// The place of that level in the question.
        level_index: usize,
        /// Azure's name of the rule.
        name: &'static str,
        /// The rule's priority.
        priority: u16,
    },
    /// No level has a group: everything passes (fact `net.nsg.assoc`).
    NoGroup,
    /// The platform's own traffic, which groups do not judge (fact `net.nsg.host-ips`).
    Platform(PlatformService),
    /// A rule of a firewall's policies.
    FirewallRule(FirewallRuleId),
    /// A name of the firewall's built-in infrastructure collection (fact `net.fw.infra`).
    FirewallInfrastructure,
    /// No translation leads from a public address to the place, and nothing else could (fact `net.fw.dnat`).
    FirewallNoTranslation,
    /// No rule of the firewall matched (fact `net.fw.default-deny`).
    FirewallDefault,
}

impl Decider {
    /// The level that decided, if one did.
    pub fn level(&self) -> Option<LevelKind> {
        match self {
            Self::Admin { .. } => Some(LevelKind::Admin),
            Self::Rule { level, .. } | Self::Default { level, .. } => Some(*level),
            _ => None,
        }
    }

    /// The place of that level in the question.
    pub fn level_index(&self) -> Option<usize> {
        match self {
            Self::Admin { level_index, .. } | Self::Rule { level_index, .. } | Self::Default { level_index, .. } => {
                Some(*level_index)
            }
            _ => None,
        }
    }

    /// The priority of the rule that decided.
    pub fn priority(&self) -> Option<u16> {
        match self {
            Self::Admin { priority, .. } | Self::Rule { priority, .. } | Self::Default { priority, .. } => {
                Some(*priority)
            }
            _ => None,
        }
    }
}

impl Part {
    /// The priority of the deciding rule.
    pub fn priority(&self) -> Option<u16> {
        self.decided_by.priority()
    }
}

impl Verdict {
    /// A verdict from its parts; the outcome follows from theirs.
    pub(crate) fn from_parts(mut parts: Vec<Part>, settles: Vec<String>) -> Self {
        parts.sort_by_key(|part| match part.outcome {
            Outcome::Denied | Outcome::Partial => 0,
            Outcome::Undetermined => 1,
            Outcome::Allowed => 2,
        });
        let outcome = combined(parts.iter().map(|part| part.outcome));
        Self { outcome, parts, settles }
    }

    /// A question that could not be judged at all.
    pub(crate) fn open(settles: impl Into<String>) -> Self {
        Self { outcome: Outcome::Undetermined, parts: Vec::new(), settles: vec![settles.into()] }
    }

    /// The verdict over several flows: all parts together. Allowed and denied parts make it partial, otherwise an
    /// undetermined one makes it undetermined. Of no verdict at all it is undetermined: nothing was asked.
    pub fn combine(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let (mut outcomes, mut parts, mut settles) = (Vec::new(), Vec::new(), Vec::<String>::new());
        for verdict in verdicts {
            outcomes.push(verdict.outcome);
            parts.extend(verdict.parts);
            for text in verdict.settles {
                if !settles.contains(&text) {
                    settles.push(text);
                }
            }
        }
        if outcomes.is_empty() {
            return Self::open("a question: no flow was asked");
        }
        let mut whole = Self::from_parts(parts, settles);
        whole.outcome = combined(outcomes);
        whole
    }

    /// Whether some packets are denied for certain.
    pub fn any_denied(&self) -> bool {
        matches!(self.outcome, Outcome::Denied | Outcome::Partial)
            || self.parts.iter().any(|part| part.outcome == Outcome::Denied)
    }

    /// Whether some packets are allowed for certain.
    pub fn any_allowed(&self) -> bool {
        matches!(self.outcome, Outcome::Allowed | Outcome::Partial)
            || self.parts.iter().any(|part| part.outcome == Outcome::Allowed)
    }

    /// Whether something is open.
    pub fn any_undetermined(&self) -> bool {
        self.outcome == Outcome::Undetermined || self.parts.iter().any(|part| part.outcome == Outcome::Undetermined)
    }
}

fn combined(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let (mut allowed, mut denied, mut open) = (false, false, false);
    for outcome in outcomes {
        allowed |= matches!(outcome, Outcome::Allowed | Outcome::Partial);
        denied |= matches!(outcome, Outcome::Denied | Outcome::Partial);
        open |= outcome == Outcome::Undetermined;
    }
    match (allowed, denied, open) {
        (true, true, _) => Outcome::Partial,
        (true, false, false) => Outcome::Allowed,
        (false, true, false) => Outcome::Denied,
        _ => Outcome::Undetermined,
    }
}
