//! The space of packets at one place, and boxes in it.
//!
//! A box is a product of sets: protocols, ports at both ends, local addresses, and at the remote end addresses *and* atoms
//! (see [`crate::atoms`]). A packet's remote end is an address together with the atom it has. An address that is not public
//! here has an atom of its own and a public one any other, so that a network in CIDR notation is a set of
//! addresses with all atoms, a service tag a set of atoms at all addresses, and both are treated alike. Where it is known
//! where tags lie, a tag is a set of addresses with all atoms too, and atoms say nothing.

use std::borrow::Cow;

use crate::address::AddressSpec;
use crate::atom_set::AtomSet;
use crate::atoms::{AtomTable, TagId};
use crate::builtin::{self, BuiltinTag, PlatformService};
use crate::catalogue::TagCatalogue;
use crate::context::{NetworkContext, TagPrefixes, VirtualNetworkTag};
use crate::doubt::Doubt;
use crate::flow::{Flow, Narrowed, Remote};
use crate::group::MemberList;
use crate::ip_set::{Family, IpSet};
use crate::members::{AsgId, Members};
use crate::ports::PortSet;
use crate::prefixes::ServiceTagFile;
use crate::protocols::ProtocolSet;
use crate::tag::ServiceTag;

/// What tags and application security groups mean at one place.
pub(crate) struct World<'a> {
    pub(crate) atoms: &'a AtomTable,
    /// Where tags lie, if that is known.
    pub(crate) prefixes: Option<&'a ServiceTagFile>,
    catalogue: &'a TagCatalogue,
    members: Option<&'a Members>,
    /// The address spaces alone: where members may be.
    spaces: &'a IpSet,
    taken: &'a [Doubt],
    /// Public addresses outside the virtual network: `Internet`, and where service tags lie.
    pub(crate) public: IpSet,
    /// All others.
    pub(crate) not_public: IpSet,
    /// `VirtualNetwork` without the prefixes of routes.
    pub(crate) network: IpSet,
    /// `VirtualNetwork` as rules see it.
    pub(crate) network_tag: Extent,
    /// What is needed to know that, if anything.
    pub(crate) network_open: Option<String>,
}

/// Addresses, and atoms tag by tag, that a tag covers.
pub(crate) struct Extent {
    pub(crate) ips: IpSet,
    pub(crate) atoms: Vec<AtomSet>,
}

/// A listed tag: some atoms at all addresses or, where it is known where tags lie, some addresses.
pub(crate) enum TagExtent<'a> {
    Atoms(&'a AtomSet),
    Ips(Cow<'a, IpSet>),
}

impl<'a> World<'a> {
    /// The place with every doubt answered: those of `taken` by yes, the others by no.
    pub(crate) fn new(ctx: &'a NetworkContext<'_>, taken: &'a [Doubt]) -> Self {
        let network = ctx.virtual_network.union(&builtin::HOST.into());
        let public = builtin::public_addresses().subtract(&network);
        let mut world = Self {
            atoms: ctx.catalogue.atoms(),
            prefixes: if let TagPrefixes::Known(file) = &ctx.prefixes { Some(file) } else { None },
            catalogue: ctx.catalogue,
            members: ctx.members,
            spaces: &ctx.virtual_network,
            taken,
            not_public: IpSet::all().subtract(&public),
            public,
            network_tag: Extent { ips: network.clone(), atoms: Vec::new() },
            network_open: None,
            network,
        };
        let with_routes = ctx.virtual_network_tag == VirtualNetworkTag::WithRoutes || taken.contains(&Doubt::Routes);
        match ctx.routes.as_ref().filter(|_| with_routes) {
            None => {}
            Some(AddressSpec::Any) => world.network_tag.ips = IpSet::all(),
            Some(AddressSpec::These { ips, tags }) => {
                world.network_tag.ips = world.network_tag.ips.union(ips);
                for tag in tags {
                    world.add_route(tag);
                }
            }
        }
        world
    }

    /// Adds the prefixes of a route's tag to `VirtualNetwork`.
    fn add_route(&mut self, tag: &ServiceTag) {
        let Some(id) = self.atoms.id(tag) else { return };
        let (ips, atoms, open) = match self.listed(id) {
            Ok(TagExtent::Atoms(atoms)) => (None, Some(atoms.clone()), None),
            Ok(TagExtent::Ips(ips)) => (Some(self.network_tag.ips.union(&ips)), None, None),
            Err(needed) => (None, None, Some(needed)),
        };
        self.network_tag.atoms.extend(atoms);
        self.network_tag.ips = ips.unwrap_or_else(|| std::mem::take(&mut self.network_tag.ips));
        self.network_open = self.network_open.take().or(open);
    }

    /// What a tag of the catalogue covers; an error says what is needed.
    pub(crate) fn listed(&self, id: TagId) -> Result<TagExtent<'_>, String> {
        let (tag, atoms) = self.atoms.get(id).ok_or_else(|| "a catalogue of service tags".to_owned())?;
        let Some(file) = self.prefixes else { return Ok(TagExtent::Atoms(atoms)) };
        if BuiltinTag::find(tag.name()).is_some() {
            return Ok(TagExtent::Ips(Cow::Borrowed(&self.public)));
        }
        let name = self.catalogue.azure_spelling(tag);
        let ips = file.find(&name).ok_or_else(|| format!("a service tag file that lists `{name}`"))?;
        // A network with public addresses of its own is rare, so that the sets of the file are hardly ever copied.
        Ok(TagExtent::Ips(if ips.overlaps(self.spaces) {
            Cow::Owned(ips.intersect(&self.public))
        } else {
            Cow::Borrowed(ips)
        }))
    }

    /// The local addresses of the members of some application security groups.
    pub(crate) fn local_members(&self, list: &MemberList) -> IpSet {
        self.union_of(list, |members, group| {
            let taken = self.taken.iter().any(|doubt| matches!(doubt, Doubt::Local(open) if open == group));
            members.local(group, self.spaces, taken)
        })
    }

    /// The addresses of the members of some application security groups at the remote end.
    pub(crate) fn remote_members(&self, list: &MemberList) -> IpSet {
        self.union_of(list, |members, group| {
            let taken = self.taken.iter().any(|doubt| matches!(doubt, Doubt::Remote(open) if open == group));
            members.remote(group, self.spaces, taken)
        })
    }

    fn union_of(&self, list: &MemberList, ips: impl Fn(&Members, &AsgId) -> IpSet) -> IpSet {
        let unknown = Members::new();
        let members = self.members.unwrap_or(&unknown);
        list.0.iter().fold(IpSet::empty(), |all, group| all.union(&ips(members, group)))
    }

    /// The addresses and atoms of a flow's remote end; an error says which tag is not known.
    pub(crate) fn remote(&self, remote: &Remote) -> Result<(IpSet, AtomSet), String> {
        match remote {
            Remote::Any => Ok((IpSet::all(), self.atoms.all().clone())),
            Remote::Ips(ips) => Ok((ips.clone(), self.atoms.all().clone())),
            Remote::Tag(tag) | Remote::Host { within: Some(tag), .. } => self.tag(tag),
            Remote::Host { within: None, .. } => Ok((self.public.clone(), self.atoms.public().clone())),
            Remote::Narrowed(part) => self.narrowed(part),
        }
    }

    fn tag(&self, tag: &ServiceTag) -> Result<(IpSet, AtomSet), String> {
        let fixed = match BuiltinTag::find(tag.name()) {
            Some(BuiltinTag::VirtualNetwork) => self.network.clone(),
            Some(BuiltinTag::AzureLoadBalancer) => builtin::HOST.into(),
            Some(BuiltinTag::Platform(service)) => service.address().into(),
            Some(BuiltinTag::Internet) | None => {
                let id = self.atoms.id(tag);
                let id = id.ok_or_else(|| format!("a catalogue of service tags that lists `{tag}`"))?;
                return Ok(match self.listed(id)? {
                    TagExtent::Atoms(atoms) => (self.public.clone(), atoms.clone()),
                    TagExtent::Ips(ips) => (ips.into_owned(), self.atoms.all().clone()),
                });
            }
        };
        Ok((fixed, self.atoms.all().clone()))
    }

    fn narrowed(&self, part: &Narrowed) -> Result<(IpSet, AtomSet), String> {
        let (mut ips, mut atoms) = self.remote(&part.of)?;
        for tag in &part.within {
            let (tag_ips, tag_atoms) = self.tag(tag)?;
            (ips, atoms) = (ips.intersect(&tag_ips), atoms.intersect(&tag_atoms));
        }
        for tag in &part.except {
            match self.tag(tag)? {
                (_, tag_atoms) if self.prefixes.is_none() && self.atoms.id(tag).is_some() => {
                    atoms = atoms.subtract(&tag_atoms);
                }
                (tag_ips, _) => ips = ips.subtract(&tag_ips),
            }
        }
        Ok((part.addresses.as_ref().map_or_else(|| ips.clone(), |only| ips.intersect(only)), atoms))
    }

    /// The boxes of a flow: one for each family, protocols with ports apart from those without.
    pub(crate) fn pieces(&self, flow: &Flow) -> Result<Vec<Piece>, String> {
        let (ips, atoms) = self.remote(&flow.remote)?;
        let mut pieces = Vec::new();
        for family in [Family::V4, Family::V6] {
            let piece = |protocols, local_ports: &PortSet, remote_ports: &PortSet| Piece {
                protocols,
                local: flow.local.only(family),
                local_ports: local_ports.clone(),
                remote_ports: remote_ports.clone(),
                atoms: atoms.clone(),
                remote: ips.only(family),
            };
            let all = PortSet::all();
            pieces.push(piece(
                flow.protocols.intersect(ProtocolSet::WITH_PORTS),
                &flow.local_ports,
                &flow.remote_ports,
            ));
            pieces.push(piece(flow.protocols.subtract(ProtocolSet::WITH_PORTS), &all, &all));
        }
        Ok(pieces.into_iter().filter_map(|piece| piece.settle(self)).collect())
    }
}

/// A box of packets. Its sets are never empty, and its protocols either all have ports or all have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) protocols: ProtocolSet,
    pub(crate) remote_ports: PortSet,
    pub(crate) local_ports: PortSet,
    pub(crate) local: IpSet,
    pub(crate) atoms: AtomSet,
    pub(crate) remote: IpSet,
}

/// What a rule matches, as limits on each dimension; `None` is no limit.
#[derive(Clone)]
pub(crate) struct Mask<'a> {
    pub(crate) protocols: ProtocolSet,
    pub(crate) remote_ports: &'a PortSet,
    pub(crate) local_ports: &'a PortSet,
    pub(crate) local: Option<&'a IpSet>,
    pub(crate) atoms: Option<&'a AtomSet>,
    pub(crate) remote: Option<&'a IpSet>,
}

impl Piece {
    /// Drops addresses that can have none of the atoms; `None` if nothing is left.
    pub(crate) fn settle(mut self, world: &World<'_>) -> Option<Self> {
        match (self.atoms.holds_not_public(), self.atoms.holds_public()) {
            (true, true) => {}
            (true, false) => self.remote = self.remote.intersect(&world.not_public),
            (false, true) => self.remote = self.remote.intersect(&world.public),
            (false, false) => return None,
        }
        let empty = self.protocols.is_empty()
            || self.remote_ports.is_empty()
            || self.local_ports.is_empty()
            || self.local.is_empty()
            || self.remote.is_empty();
        (!empty).then_some(self)
    }

    /// Whether the two boxes may share packets, the remote addresses left aside.
    pub(crate) fn beside(&self, other: &Self) -> bool {
        self.protocols.overlaps(other.protocols)
            && self.remote_ports.overlaps(&other.remote_ports)
            && self.local_ports.overlaps(&other.local_ports)
            && self.local.overlaps(&other.local)
    }

    /// Whether no packet of the box has these ports; one of a protocol without ports has all or none.
    pub(crate) fn misses_ports(&self, remote: &PortSet, local: &PortSet) -> bool {
        if self.protocols.overlaps(ProtocolSet::WITH_PORTS) {
            !self.remote_ports.overlaps(remote) || !self.local_ports.overlaps(local)
        } else {
            !(remote.is_all() && local.is_all())
        }
    }

    /// Whether no packet of the box is inside `mask`.
    pub(crate) fn misses(&self, mask: &Mask<'_>) -> bool {
        self.misses_ports(mask.remote_ports, mask.local_ports)
            || !self.protocols.overlaps(mask.protocols)
            || mask.local.is_some_and(|ips| !self.local.overlaps(ips))
            || mask.atoms.is_some_and(|atoms| !self.atoms.overlaps(atoms))
            || mask.remote.is_some_and(|ips| !self.remote.overlaps(ips))
    }

    /// The part inside `mask`, and disjoint boxes that make up the rest; `None` if the part is empty.
    pub(crate) fn split(&self, mask: &Mask<'_>, world: &World<'_>) -> Option<(Self, Vec<Self>)> {
        if self.misses(mask) {
            return None;
        }
        let mut inside = self.clone();
        let mut rest = Vec::new();
        macro_rules! cut {
            ($field:ident, $limit:expr) => {
                let limit = $limit;
                if !inside.$field.is_subset(limit) {
                    rest.push(Self { $field: inside.$field.subtract(limit), ..inside.clone() });
                    inside.$field = inside.$field.intersect(limit);
                }
            };
        }
        if !self.protocols.is_subset(mask.protocols) {
            rest.push(Self { protocols: self.protocols.subtract(mask.protocols), ..self.clone() });
            inside.protocols = self.protocols.intersect(mask.protocols);
        }
        cut!(remote_ports, mask.remote_ports);
        cut!(local_ports, mask.local_ports);
        if let Some(local) = mask.local {
            cut!(local, local);
        }
        if let Some(atoms) = mask.atoms {
            cut!(atoms, atoms);
        }
        if let Some(remote) = mask.remote {
            cut!(remote, remote);
        }
        let inside = inside.settle(world)?;
        Some((inside, rest.into_iter().filter_map(|piece| piece.settle(world)).collect()))
    }

    /// The box as limits.
    fn mask(&self) -> Mask<'_> {
        Mask {
            protocols: self.protocols,
            remote_ports: &self.remote_ports,
            local_ports: &self.local_ports,
            local: Some(&self.local),
            atoms: Some(&self.atoms),
            remote: Some(&self.remote),
        }
    }

    /// The part that both boxes share.
    pub(crate) fn intersect(&self, other: &Self, world: &World<'_>) -> Option<Self> {
        self.split(&other.mask(), world).map(|(inside, _)| inside)
    }

    /// Disjoint boxes that make up what `other` does not hold; `None` if that is the whole box.
    pub(crate) fn without(&self, other: &Self, world: &World<'_>) -> Option<Vec<Self>> {
        self.split(&other.mask(), world).map(|(_, rest)| rest)
    }

    /// The smallest box that holds both.
    pub(crate) fn hull(&self, other: &Self) -> Self {
        Self {
            protocols: self.protocols.union(other.protocols),
            remote_ports: self.remote_ports.union(&other.remote_ports),
            local_ports: self.local_ports.union(&other.local_ports),
            local: self.local.union(&other.local),
            atoms: self.atoms.union(&other.atoms),
            remote: self.remote.union(&other.remote),
        }
    }

    /// One box for both, if they differ in one dimension other than the atoms.
    pub(crate) fn join(&self, other: &Self) -> Option<Self> {
        if self.atoms != other.atoms {
            return None;
        }
        let mut joined = self.clone();
        let mut differing = 0;
        macro_rules! unite {
            ($($field:ident),*) => {$(
                if self.$field != other.$field {
                    differing += 1;
                    joined.$field = self.$field.union(&other.$field);
                }
            )*};
        }
        unite!(remote_ports, local_ports, local, remote);
        if self.protocols != other.protocols {
            differing += 1;
            joined.protocols = self.protocols.union(other.protocols);
        }
        (differing <= 1).then_some(joined)
    }
}

/// The part of a box that goes to one of the platform's services, and the rest.
pub(crate) fn split_platform(
    piece: &Piece,
    service: PlatformService,
    world: &World<'_>,
) -> Option<(Piece, Vec<Piece>)> {
    let (all, address) = (PortSet::all(), IpSet::from(service.address()));
    let at_address = Mask {
        protocols: ProtocolSet::ALL,
        remote_ports: &all,
        local_ports: &all,
        local: None,
        atoms: None,
        remote: Some(&address),
    };
    let (protocols, ports) = service.endpoint();
    let endpoint = Mask { protocols, remote_ports: &ports, ..at_address.clone() };
    // By address first, so that all other addresses stay in one box.
    let (near, mut rest) = piece.split(&at_address, world)?;
    let (inside, others) = near.split(&endpoint, world)?;
    rest.extend(others);
    Some((inside, rest))
}
