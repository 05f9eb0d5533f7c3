//! Security admin rules of a virtual network manager: judged before every group, inbound and outbound (fact
//! `net.nsg.admin-rules`). What they allow goes on to the groups, what they always allow skips them, what they deny ends
//! there, and what none of them matches goes on as if there were none.

use std::fmt;
use std::ops::RangeInclusive;

use crate::address::AddressSpec;
use crate::catalogue::TagCatalogue;
use crate::group::{CompiledGroup, GroupIssue, GroupRule, compile_rules, validate_rules};
use crate::ports::PortSet;
use crate::protocols::{Access, Direction, ProtocolSet};

/// The priorities that admin rules may have.
pub const ADMIN_PRIORITIES: RangeInclusive<u16> = 1..=4096;

/// What an admin rule does with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdminAccess {
    /// The groups decide.
    Allow,
    /// It is delivered, whatever the groups say.
    AlwaysAllow,
    /// It is dropped, whatever the groups say.
    Deny,
}

impl fmt::Display for AdminAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::AlwaysAllow => "always allow",
            Self::Deny => "deny",
        })
    }
}

/// A security admin rule. It names no application security groups.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AdminRule {
    /// Unique among the rules.
    pub name: String,
    /// Smaller is earlier.
    pub priority: u16,
    /// Which traffic it judges.
    pub direction: Direction,
    /// What it does with it.
    pub access: AdminAccess,
    /// The protocols it matches.
    pub protocols: ProtocolSet,
    /// The sources it matches.
    pub sources: AddressSpec,
    /// The source ports it matches.
    pub source_ports: PortSet,
    /// The destinations it matches.
    pub destinations: AddressSpec,
    /// The destination ports it matches.
    pub destination_ports: PortSet,
}

impl AdminRule {
    /// The same rule in a group: it matches the same packets.
    fn as_group_rule(&self) -> GroupRule {
        GroupRule {
            name: self.name.clone(),
            priority: self.priority,
            direction: self.direction,
            access: if self.access == AdminAccess::Deny { Access::Deny } else { Access::Allow },
            protocols: self.protocols,
            sources: self.sources.clone(),
            source_groups: Vec::new(),
            source_ports: self.source_ports.clone(),
            destinations: self.destinations.clone(),
            destination_groups: Vec::new(),
            destination_ports: self.destination_ports.clone(),
        }
    }
}

/// The admin rules that apply to a network, as an entry to [`AdminRules::validate`] and [`AdminRules::compile`].
#[derive(Debug, Clone, Copy)]
pub struct AdminRules;

impl AdminRules {
    /// Everything that is wrong with `rules`. Which of two rules of one direction and priority is the first is not defined,
    /// so that they are an error here as in a group.
    pub fn validate(rules: &[AdminRule], catalogue: &TagCatalogue) -> Vec<GroupIssue> {
        let rules: Vec<_> = rules.iter().map(AdminRule::as_group_rule).collect();
        validate_rules(&rules, &ADMIN_PRIORITIES, catalogue)
    }

    /// Compiles `rules` for a [`crate::Level`] of the kind [`crate::LevelKind::Admin`], or returns the errors (not the
    /// warnings) that [`AdminRules::validate`] finds.
    pub fn compile(rules: &[AdminRule], catalogue: &TagCatalogue) -> Result<CompiledGroup, Vec<GroupIssue>> {
        let access: Vec<_> = rules.iter().map(|rule| rule.access).collect();
        let rules: Vec<_> = rules.iter().map(AdminRule::as_group_rule).collect();
        compile_rules(&rules, Some(&access), &ADMIN_PRIORITIES, catalogue)
    }
}
