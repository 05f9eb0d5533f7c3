//! Questions over a whole group: what in it is without effect, what it allows beyond a need, which ports it exposes, and how
//! it differs from another.
//!
//! Unlike [`crate::evaluate`], which asks about one flow, these ask about every packet that can pass the group at a place:
//! between any of its local addresses and any remote address. They are exact in the sense of the crate: what they call
//! certain holds wherever service tags lie and whoever is a member of an application security group, and what depends on
//! such things is named and marked. A group that falls into more boxes than can be handled is not answered at all.
//!
//! Admin rules may be asked about in the place of a group; what none of them matches counts as allowed.

mod boxes;
mod difference;
mod excess;
mod exposed;
mod shadowed;

use std::fmt;

pub use difference::{Difference, difference};
pub use excess::excess;
pub use exposed::{Exposure, exposed_to};
pub use shadowed::{Shadowed, shadowed_rules};

use crate::context::NetworkContext;
use crate::evaluate::{Level, check};
use crate::flow::{Flow, Packet, Remote};
use crate::group::CompiledGroup;
use crate::ip_set::IpSet;
use crate::ports::PortSet;
use crate::protocols::{Direction, ProtocolSet};
use crate::verdict::LevelKind;

/// A box of traffic in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// The box, as a flow that can be asked again.
    pub flow: Flow,
    /// One packet of it.
    pub example: Packet,
    /// Whether it has packets that the answer is true of whatever is not known; otherwise it may have none.
    pub certain: bool,
}

/// A question that could not be answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unanswered {
    /// What would settle it, in words.
    pub settles: String,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "undetermined without {}", self.settles)
    }
}

impl std::error::Error for Unanswered {}

impl From<String> for Unanswered {
    fn from(settles: String) -> Self {
        Self { settles }
    }
}

/// The one level that a group, or a set of admin rules, is asked at.
fn level<'a>(group: &'a CompiledGroup, ctx: &NetworkContext<'_>) -> Result<Level<'a>, Unanswered> {
    let kind = if group.is_admin() { LevelKind::Admin } else { LevelKind::Subnet };
    let level = Level { kind, group: Some(group) };
    check(&[level], ctx)?;
    Ok(level)
}

/// Every packet of one direction at a place.
fn everything(direction: Direction, local: &IpSet) -> Flow {
    Flow {
        direction,
        protocols: ProtocolSet::ALL,
        local: local.clone(),
        local_ports: PortSet::all(),
        remote: Remote::Any,
        remote_ports: PortSet::all(),
    }
}
