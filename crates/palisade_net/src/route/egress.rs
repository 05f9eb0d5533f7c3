//! How packets with the next hop Internet leave a network (facts part C.10 and C.11).

use std::fmt;

use super::fate::{DropReason, Fate};
use crate::ip_set::Family;
use crate::protocols::{Protocol, ProtocolSet};
use crate::tag::ServiceTag;

/// What a place has to leave by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Egress {
    /// How many public addresses the subnet's NAT gateway has; without one it gives no egress (fact `net.nat.needs-ip`).
    pub nat_gateway: Option<usize>,
    /// Whether the interface has a public address of its own.
    pub public_ip: bool,
    /// Whether a load balancer has outbound rules for it.
    pub load_balancer: bool,
    /// Whether Azure lends an address where none of these exist.
    pub default_outbound: DefaultOutbound,
    /// Tags that even a private subnet reaches, such as the storage of its region (fact `net.doa.storage-same-region`).
    pub reached_without: Vec<ServiceTag>,
}

/// Whether Azure lends a changing public address to machines without an egress of their own (fact `net.doa.when`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefaultOutbound {
    /// Nobody has said.
    #[default]
    Unknown,
    /// It does.
    Lent,
    /// It does not: the subnet is private, or the machine is of a kind that gets none.
    Withheld,
}

impl DefaultOutbound {
    /// What the settings of Azure mean. `null` and true are not private (fact `net.doa.field`), a delegated subnet is not
    /// private whatever it says (fact `net.doa.delegated`), and flexible scale sets never get an address (fact
    /// `net.doa.flex`). Where the setting was left out of a description, it is [`Self::Unknown`] instead, because what
    /// Azure puts there depends on when the network was made (fact `net.doa.change`).
    pub fn of(default_outbound_access: Option<bool>, delegated: bool, flexible_scale_set: bool) -> Self {
        let private = default_outbound_access == Some(false) && !delegated;
        if private || flexible_scale_set { Self::Withheld } else { Self::Lent }
    }
}

/// What packets left by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EgressMethod {
    /// The subnet's NAT gateway.
    NatGateway,
    /// The interface's own public address.
    PublicIp,
    /// A load balancer's outbound rules.
    LoadBalancer,
    /// The address that Azure lends: implicit, and not to be relied on.
    DefaultOutbound,
    /// None is needed: Azure's network carries it from private subnets too (fact `net.doa.storage-same-region`).
    Backbone,
}

impl EgressMethod {
    /// Whether nobody asked for it.
    pub fn is_implicit(self) -> bool {
        self == Self::DefaultOutbound
    }
}

impl fmt::Display for EgressMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NatGateway => "the NAT gateway",
            Self::PublicIp => "its own public address",
            Self::LoadBalancer => "the load balancer",
            Self::DefaultOutbound => "default outbound access",
            Self::Backbone => "Azure's network, without egress",
        })
    }
}

impl Egress {
    /// Whether somebody gave the place an egress.
    pub fn is_explicit(&self) -> bool {
        self.has_nat_gateway() || self.public_ip || self.load_balancer
    }

    fn has_nat_gateway(&self) -> bool {
        self.nat_gateway.is_some_and(|addresses| addresses > 0)
    }

    /// What becomes of packets to public addresses: NAT gateway before public address before load balancer before default
    /// (fact `net.nat.order`). `free` are those that need no egress. The protocols have ports, are ICMP alone, or are others.
    pub(crate) fn fate(&self, protocols: ProtocolSet, family: Family, free: bool) -> Fate {
        if free && !self.is_explicit() && self.default_outbound != DefaultOutbound::Lent {
            return Fate::Internet(EgressMethod::Backbone);
        }
        // Facts `net.nat.protocols` and `net.nat.basic`: TCP and UDP alone, and no IPv6.
        let translated = protocols.is_subset(ProtocolSet::WITH_PORTS);
        match (self.has_nat_gateway(), family) {
            (true, Family::V4) if translated => Fate::Internet(EgressMethod::NatGateway),
            (true, Family::V4) if self.public_ip || self.load_balancer => {
                Fate::Unknown("whether protocols other than TCP and UDP leave past a NAT gateway")
            }
            (true, Family::V4) => Fate::Dropped(DropReason::NotTranslated),
            _ => self.without_nat(protocols, family),
        }
    }

    fn without_nat(&self, protocols: ProtocolSet, family: Family) -> Fate {
        let translated = protocols.is_subset(ProtocolSet::WITH_PORTS);
        let icmp = protocols.is_subset(Protocol::Icmp.into());
        match self.default_outbound {
            _ if family == Family::V6 && (self.public_ip || self.load_balancer) => {
                Fate::Unknown("whether the place has a public IPv6 address")
            }
            _ if self.public_ip => Fate::Internet(EgressMethod::PublicIp),
            _ if self.load_balancer && translated => Fate::Internet(EgressMethod::LoadBalancer),
            _ if self.load_balancer => Fate::Unknown("which protocols the load balancer's outbound rules are for"),
            DefaultOutbound::Withheld => Fate::Dropped(DropReason::NoEgress),
            DefaultOutbound::Unknown => Fate::Unknown("`default_outbound_access` of the subnet"),
            DefaultOutbound::Lent if family == Family::V6 => Fate::Unknown("whether default outbound access has IPv6"),
            DefaultOutbound::Lent if translated => Fate::Internet(EgressMethod::DefaultOutbound),
            // Fact `net.doa.no-icmp`.
            DefaultOutbound::Lent if icmp => Fate::Dropped(DropReason::NotTranslated),
            DefaultOutbound::Lent => Fate::Unknown("which protocols default outbound access is for"),
        }
    }
}
