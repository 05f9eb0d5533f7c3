//! Sets of addresses, ports and protocols: whether one lies in another, whether they share something.
//!
//! Where a service tag lies is not known here, so a set with tags lies in another for certain only where its tags are
//! named there; beyond that the answer is left open.

use palisade_net::{AddressSpec, BuiltinTag, Cidr, IpSet, ServiceTag};

use super::value::{Defect, Truth, Unknown};
use crate::data::Data;

/// Whether a set, or one member, lies in another.
pub(super) fn data_inside(small: &Data, large: &Data) -> Result<Truth, Defect> {
    Ok(match (small, large) {
        (Data::Port(port), Data::Ports(ports)) => Truth::known(ports.contains(*port)),
        (Data::Ports(a), Data::Ports(b)) => Truth::known(a.is_subset(b)),
        (Data::Protocols(a), Data::Protocols(b)) => Truth::known(a.is_subset(*b)),
        (Data::Fqdn(host), Data::Fqdn(pattern)) => Truth::known(pattern.matches(host)),
        _ => match (Addresses::of(small), Addresses::of(large)) {
            (Some(small), Some(large)) => small.inside(&large),
            _ => return Err(Defect::new("something that is no set was looked for in another")),
        },
    })
}

/// Whether two sets share something.
pub(super) fn data_overlaps(a: &Data, b: &Data) -> Truth {
    match (a, b) {
        (Data::Ports(a), Data::Ports(b)) => Truth::known(a.overlaps(b)),
        (Data::Protocols(a), Data::Protocols(b)) => Truth::known(a.overlaps(*b)),
        (Data::Port(a), Data::Ports(b)) | (Data::Ports(b), Data::Port(a)) => Truth::known(b.contains(*a)),
        _ => match (Addresses::of(a), Addresses::of(b)) {
            (Some(a), Some(b)) => a.overlaps(&b),
            _ => Truth::known(a == b),
        },
    }
}

/// Addresses that are known, and tags whose addresses are not.
struct Addresses {
    ips: IpSet,
    tags: Vec<ServiceTag>,
}

impl Addresses {
    fn of(data: &Data) -> Option<Self> {
        let only = |ips| Some(Self { ips, tags: Vec::new() });
        match data {
            Data::Ip(address) => only(IpSet::from(Cidr::host(*address))),
            Data::Cidr(cidr) => only(IpSet::from(*cidr)),
            Data::Tag(tag) => Some(Self { ips: IpSet::empty(), tags: vec![(**tag).clone()] }),
            Data::Addresses(spec) => match &**spec {
                AddressSpec::Any => only(IpSet::all()),
                AddressSpec::These { ips, tags } => Some(Self { ips: ips.clone(), tags: tags.to_vec() }),
            },
            _ => None,
        }
    }

    fn is_everything(&self) -> bool {
        IpSet::all().is_subset(&self.ips)
    }

    fn inside(&self, large: &Self) -> Truth {
        if large.is_everything() {
            return Truth::True;
        }
        let tags = self.tags.iter().map(|tag| large.holds_tag(tag));
        let parts = [large.holds_ips(&self.ips)].into_iter().chain(tags);
        and(parts)
    }

    fn holds_ips(&self, ips: &IpSet) -> Truth {
        let rest = ips.subtract(&self.ips);
        if rest.is_empty() {
            return Truth::True;
        }
        if rest.is_subset(&self.reach()) { Truth::Unknown(needs_tags()) } else { Truth::False }
    }

    fn holds_tag(&self, tag: &ServiceTag) -> Truth {
        if self.tags.iter().any(|one| one == tag || *one == tag.global()) {
            return Truth::True;
        }
        if self.ips.union(&self.reach()).overlaps(&reach(tag)) { Truth::Unknown(needs_tags()) } else { Truth::False }
    }

    fn overlaps(&self, other: &Self) -> Truth {
        let shares_tag = self
            .tags
            .iter()
            .any(|one| other.tags.iter().any(|two| one == two || *one == two.global() || *two == one.global()));
        let tags_in_everything = |a: &Self, b: &Self| !a.tags.is_empty() && b.is_everything();
        if self.ips.overlaps(&other.ips)
            || shares_tag
            || tags_in_everything(self, other)
            || tags_in_everything(other, self)
        {
            return Truth::True;
        }
        let (one, two) = (self.reach(), other.reach());
        let may_meet = one.overlaps(&other.ips) || two.overlaps(&self.ips) || one.overlaps(&two);
        if may_meet { Truth::Unknown(needs_tags()) } else { Truth::False }
    }

    /// Where the tags may lie.
    fn reach(&self) -> IpSet {
        self.tags.iter().fold(IpSet::empty(), |all, tag| all.union(&reach(tag)))
    }
}

/// Where a tag may lie: a service's at public addresses (fact C.2b), those of the network and the platform anywhere.
fn reach(tag: &ServiceTag) -> IpSet {
    match BuiltinTag::find(tag.name()) {
        None | Some(BuiltinTag::Internet) => palisade_net::public_addresses(),
        Some(_) => IpSet::all(),
    }
}

fn and(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let never_fails = Truth::fold::<std::convert::Infallible>(false, truths.into_iter().map(Ok));
    match never_fails {
        Ok(truth) => truth,
        Err(never) => match never {},
    }
}

fn needs_tags() -> Unknown {
    Unknown::because("the addresses of a service tag (Microsoft's service tag file)", None)
}
