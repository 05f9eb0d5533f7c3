//! Sets of IPv4 and IPv6 addresses, exact and canonical: two equal sets are equal values however they were written.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Subnets, Ipv6Subnets};

use crate::cidr::Cidr;
use crate::intervals::Intervals;

/// How many networks of a set are displayed.
pub(crate) const SHOWN: usize = 8;

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// A set of addresses of both families.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpSet {
    v4: Intervals<u32, 2>,
    v6: Intervals<u128, 0>,
}

impl IpSet {
    /// No address.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every address of both families.
    pub fn all() -> Self {
        Self { v4: Intervals::all(), v6: Intervals::all() }
    }

    /// Every address of one family.
    pub fn family(family: Family) -> Self {
        Self::all().only(family)
    }

    /// The addresses of this set that are of one family.
    #[must_use]
    pub fn only(&self, family: Family) -> Self {
        match family {
            Family::V4 => Self { v4: self.v4.clone(), v6: Intervals::default() },
            Family::V6 => Self { v4: Intervals::default(), v6: self.v6.clone() },
        }
    }

    /// Whether no address is in the set.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether the set has addresses of `family`.
    pub fn has(&self, family: Family) -> bool {
        match family {
            Family::V4 => !self.v4.is_empty(),
            Family::V6 => !self.v6.is_empty(),
        }
    }

    /// How many addresses; `u128::MAX` if there are more than that.
    pub fn size(&self) -> u128 {
        self.v4.size().saturating_add(self.v6.size())
    }

    /// The smallest address, IPv4 first.
    pub fn first(&self) -> Option<IpAddr> {
        let v4 = self.v4.first().map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)));
        v4.or_else(|| self.v6.first().map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))))
    }

    /// An address for an example: Azure's first usable address of a subnet where the set has it, else the first.
    pub fn sample(&self) -> Option<IpAddr> {
        let first = self.first()?;
        let usable = match first {
            IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits().saturating_add(4))),
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits().saturating_add(4))),
        };
        Some(if self.contains(usable) { usable } else { first })
    }

    /// Whether `address` is in the set.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(ip) => self.v4.contains(ip.to_bits()),
            IpAddr::V6(ip) => self.v6.contains(ip.to_bits()),
        }
    }

    /// Whether all addresses of this set are in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.v4.is_subset(&other.v4) && self.v6.is_subset(&other.v6)
    }

    /// Whether an address is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.v4.overlaps(&other.v4) || self.v6.overlaps(&other.v6)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// What is in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersect(&other.v4), v6: self.v6.intersect(&other.v6) }
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        Self { v4: self.v4.subtract(&other.v4), v6: self.v6.subtract(&other.v6) }
    }

    /// The addresses from `low` to `high`, both included; empty if reversed or of two families.
    pub fn range(low: IpAddr, high: IpAddr) -> Self {
        match (low, high) {
            (IpAddr::V4(low), IpAddr::V4(high)) => {
                Self { v4: Intervals::range(low.to_bits(), high.to_bits()), v6: Intervals::default() }
            }
            (IpAddr::V6(low), IpAddr::V6(high)) => {
                Self { v4: Intervals::default(), v6: Intervals::range(low.to_bits(), high.to_bits()) }
            }
            _ => Self::empty(),
        }
    }

    /// The fewest networks that make up the set, IPv4 first, ascending.
    pub fn cidrs(&self) -> impl Iterator<Item = Cidr> + '_ {
        let v4 = self.v4.ranges().iter().flat_map(|&(low, high)| {
            Ipv4Subnets::new(Ipv4Addr::from_bits(low), Ipv4Addr::from_bits(high), 0)
                .map(|net| Cidr::from(ipnet::IpNet::V4(net)))
        });
        let v6 = self.v6.ranges().iter().flat_map(|&(low, high)| {
            Ipv6Subnets::new(Ipv6Addr::from_bits(low), Ipv6Addr::from_bits(high), 0)
                .map(|net| Cidr::from(ipnet::IpNet::V6(net)))
        });
        v4.chain(v6)
    }
}

impl From<Cidr> for IpSet {
    fn from(cidr: Cidr) -> Self {
        Self::range(cidr.first(), cidr.last())
    }
}

impl From<IpAddr> for IpSet {
    fn from(address: IpAddr) -> Self {
        Self::range(address, address)
    }
}

impl FromIterator<Cidr> for IpSet {
    fn from_iter<I: IntoIterator<Item = Cidr>>(cidrs: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for cidr in cidrs {
            match (cidr.first(), cidr.last()) {
                (IpAddr::V4(low), IpAddr::V4(high)) => v4.push((low.to_bits(), high.to_bits())),
                (IpAddr::V6(low), IpAddr::V6(high)) => v6.push((low.to_bits(), high.to_bits())),
                _ => {}
            }
        }
        Self { v4: Intervals::from_ranges(v4), v6: Intervals::from_ranges(v6) }
    }
}

impl fmt::Display for IpSet {
    /// The networks, separated by commas; after eight of them only how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cidrs = self.cidrs();
        for (i, cidr) in cidrs.by_ref().take(SHOWN).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            if cidr.first() == cidr.last() {
                write!(f, "{comma}{}", cidr.first())?;
            } else {
                write!(f, "{comma}{cidr}")?;
            }
        }
        match cidrs.count() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
