//! The network rules of a resource: who passes depends on how one arrives.

use crate::ip_set::IpSet;
use crate::protocols::Access;
use crate::verdict::Outcome;

/// The network rules of a storage account, key vault or registry. Subnets are numbered by the caller.
///
/// What lets Azure's own services or single resource instances pass is left out: it is for their traffic, by their
/// identity, and not for that of a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRules {
    /// Whether it answers on its public address at all.
    pub public_access: bool,
    /// What happens to what no rule mentions.
    pub default_action: Access,
    /// Subnets that pass through their service endpoints.
    pub subnets: Vec<usize>,
    /// Public addresses that pass.
    pub addresses: IpSet,
}

/// How traffic arrives at a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// By one of its private endpoints.
    PrivateEndpoint,
    /// By the service endpoint of that subnet, from a private address.
    ServiceEndpoint {
        /// The subnet.
        subnet: usize,
    },
    /// At its public address, from one of these; `None` if they are not known.
    Public {
        /// The addresses that the traffic may have.
        sources: Option<IpSet>,
    },
}

/// What became of traffic at a resource, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// What became of it.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

/// Why a resource lets traffic in or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Its network rules are not for private endpoints.
    PrivateEndpoint,
    /// It does not answer on its public address.
    PublicAccess,
    /// No rule mentions it.
    DefaultAction,
    /// A rule for the subnet.
    Subnet,
    /// A rule for public addresses.
    Addresses,
    /// Whether a rule for public addresses mentions it depends on its address.
    UnknownAddress,
}

impl TargetRules {
    /// Whether traffic passes (facts `net.se.src-ip`, `net.se.each-subnet`).
    pub fn ask(&self, arrival: &Arrival) -> Passage {
        let passage = |outcome, reason| Passage { outcome, reason };
        match arrival {
            Arrival::PrivateEndpoint => passage(Outcome::Allowed, Reason::PrivateEndpoint),
            _ if !self.public_access => passage(Outcome::Denied, Reason::PublicAccess),
            _ if self.default_action == Access::Allow => passage(Outcome::Allowed, Reason::DefaultAction),
            Arrival::ServiceEndpoint { subnet } if self.subnets.contains(subnet) => {
                passage(Outcome::Allowed, Reason::Subnet)
            }
            Arrival::ServiceEndpoint { .. } => passage(Outcome::Denied, Reason::DefaultAction),
            Arrival::Public { sources } => match self.mentions(sources.as_ref()) {
                Some(true) => passage(Outcome::Allowed, Reason::Addresses),
                Some(false) => passage(Outcome::Denied, Reason::DefaultAction),
                None => passage(Outcome::Undetermined, Reason::UnknownAddress),
            },
        }
    }

    /// Whether a rule mentions each of these addresses, or none.
    fn mentions(&self, sources: Option<&IpSet>) -> Option<bool> {
        match sources {
            _ if self.addresses.is_empty() => Some(false),
            Some(sources) if sources.is_empty() => None,
            Some(sources) if sources.is_subset(&self.addresses) => Some(true),
            Some(sources) if !sources.overlaps(&self.addresses) => Some(false),
            _ => None,
        }
    }
}
