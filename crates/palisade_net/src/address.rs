//! What a rule says about one end of a packet: anything, or a list of networks and service tags.

use smallvec::SmallVec;

use crate::cidr::Cidr;
use crate::ip_set::IpSet;
use crate::tag::ServiceTag;

/// The source or destination of a rule (fact `net.nsg.address`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AddressSpec {
    /// `*`.
    Any,
    /// Networks and tags; empty matches nothing.
    These {
        /// The networks' addresses.
        ips: IpSet,
        /// The tags.
        tags: SmallVec<[ServiceTag; 1]>,
    },
}

/// One item of such a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AddressItem {
    /// `*`.
    Any,
    /// A network or a single address.
    Cidr(Cidr),
    /// Addresses.
    Ips(IpSet),
    /// A service tag.
    Tag(ServiceTag),
}

impl FromIterator<AddressItem> for AddressSpec {
    fn from_iter<I: IntoIterator<Item = AddressItem>>(items: I) -> Self {
        let (mut cidrs, mut ips, mut tags) = (Vec::new(), IpSet::empty(), SmallVec::new());
        for item in items {
            match item {
                AddressItem::Any => return Self::Any,
                AddressItem::Cidr(cidr) => cidrs.push(cidr),
                AddressItem::Ips(set) => ips = ips.union(&set),
                AddressItem::Tag(tag) => tags.push(tag),
            }
        }
        Self::These { ips: ips.union(&cidrs.into_iter().collect()), tags }
    }
}

impl From<IpSet> for AddressSpec {
    fn from(ips: IpSet) -> Self {
        Self::These { ips, tags: SmallVec::new() }
    }
}

impl From<Cidr> for AddressSpec {
    fn from(cidr: Cidr) -> Self {
        IpSet::from(cidr).into()
    }
}

impl From<ServiceTag> for AddressSpec {
    fn from(tag: ServiceTag) -> Self {
        Self::These { ips: IpSet::empty(), tags: SmallVec::from_elem(tag, 1) }
    }
}
