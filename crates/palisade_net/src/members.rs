//! Application security groups: which interfaces are members of which, as far as the place that is asked can tell.
//!
//! A rule that names such groups applies to their members alone (facts `net.nsg.asg-rule`, `net.asg.non-member`). At the
//! remote end membership is a matter of addresses; at the local end too, unless the place is one interface, whose groups are
//! known without its address.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use smol_str::SmolStr;

use crate::ip_set::IpSet;

/// An application security group, by whatever name the caller gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsgId(SmolStr);

impl AsgId {
    /// The group of that name. Names are compared as they are written.
    pub fn new(name: impl Into<SmolStr>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known about application security groups at the place that is asked. Of a group that it does not mention any
/// address of the virtual network may be a member (fact `net.asg.one-vnet`), and a verdict that depends on it is
/// undetermined.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Members {
    own: Option<BTreeSet<AsgId>>,
    addresses: BTreeMap<AsgId, Addresses>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Addresses {
    certain: IpSet,
    possible: IpSet,
}

impl Members {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The place is one interface, a member of exactly these groups (fact `net.asg.many`).
    #[must_use]
    pub fn of_interface(mut self, groups: impl IntoIterator<Item = AsgId>) -> Self {
        self.own = Some(groups.into_iter().collect());
        self
    }

    /// The members of `group` have exactly these addresses.
    #[must_use]
    pub fn with(self, group: AsgId, addresses: IpSet) -> Self {
        self.with_some(group, addresses, &IpSet::empty())
    }

    /// The members of `group` have the addresses `certain` and any or none of `possible`: the subnet of a member whose own
    /// address is not known, for example.
    #[must_use]
    pub fn with_some(mut self, group: AsgId, certain: IpSet, possible: &IpSet) -> Self {
        let possible = possible.subtract(&certain);
        self.addresses.insert(group, Addresses { certain, possible });
        self
    }

    /// Whether the place is one interface, so that its own membership is never in doubt.
    pub(crate) fn knows_place(&self) -> bool {
        self.own.is_some()
    }

    /// The local addresses that are members of `group`; of those in doubt only if `taken` says so.
    pub(crate) fn local(&self, group: &AsgId, network: &IpSet, taken: bool) -> IpSet {
        match &self.own {
            Some(own) if own.contains(group) => IpSet::all(),
            Some(_) => IpSet::empty(),
            None => self.remote(group, network, taken),
        }
    }

    /// The addresses that are members of `group`; those in doubt only if `taken` says so.
    pub(crate) fn remote(&self, group: &AsgId, network: &IpSet, taken: bool) -> IpSet {
        let certain = self.addresses.get(group).map(|known| known.certain.clone()).unwrap_or_default();
        if taken { certain.union(self.in_doubt(group, network)) } else { certain }
    }

    /// The addresses that may be members of `group` or not.
    pub(crate) fn in_doubt<'a>(&'a self, group: &AsgId, network: &'a IpSet) -> &'a IpSet {
        self.addresses.get(group).map_or(network, |known| &known.possible)
    }
}
