//! Puts boxes back into words: the remote end of a part by the tags that the question and the rules name, and one packet.

use crate::address::AddressSpec;
use crate::atom_set::AtomSet;
use crate::atoms::TagId;
use crate::builtin::BuiltinTag;
use crate::context::NetworkContext;
use crate::evaluate::{Level, is_host};
use crate::flow::{Flow, Narrowed, Packet, Remote};
use crate::ip_set::{Family, IpSet};
use crate::ports::PortSet;
use crate::protocols::{Direction, Protocol, ProtocolSet};
use crate::space::{Piece, World};
use crate::tag::ServiceTag;

/// The tags that a part can be described by, with their atoms; smaller ones first.
pub(crate) struct Words<'a>(Vec<&'a (ServiceTag, AtomSet)>);

impl<'a> Words<'a> {
    pub(crate) fn new(tags: impl Iterator<Item = &'a (ServiceTag, AtomSet)>) -> Self {
        let mut words: Vec<_> = tags.collect();
        words.sort_by_cached_key(|(tag, atoms)| (atoms.count(), tag.clone()));
        words.dedup_by(|a, b| a.0 == b.0);
        Self(words)
    }

    /// Tags whose intersection with `from`, less others, is `wanted`.
    fn find(&self, from: &AtomSet, wanted: &AtomSet) -> (Vec<ServiceTag>, Vec<ServiceTag>) {
        let (mut current, mut within, mut except) = (from.clone(), Vec::new(), Vec::new());
        for (tag, atoms) in self.0.iter().copied() {
            if current != *wanted && wanted.is_subset(atoms) && !current.is_subset(atoms) {
                within.push(tag.clone());
                current = current.intersect(atoms);
            }
        }
        for (tag, atoms) in self.0.iter().rev().copied() {
            if current != *wanted && !wanted.overlaps(atoms) && current.overlaps(atoms) {
                except.push(tag.clone());
                current = current.subtract(atoms);
            }
        }
        (within, except)
    }
}

/// The listed tags that the rules of `levels` name, and `Internet`, which the default rules do.
pub(crate) fn rule_tags<'a>(
    levels: &[Level<'a>],
    direction: Direction,
    ctx: &'a NetworkContext<'_>,
) -> impl Iterator<Item = &'a (ServiceTag, AtomSet)> + use<'a> {
    let table = ctx.catalogue.atoms();
    let groups = levels.iter().filter_map(|level| level.group);
    let mut ids: Vec<TagId> = groups.flat_map(|group| group.tags(direction)).copied().collect();
    ids.extend(table.id(&ServiceTag::new(BuiltinTag::Internet.name(), None)));
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(|id| table.get(id))
}

/// The listed tags that the routes name.
pub(crate) fn route_tags<'a>(ctx: &'a NetworkContext<'_>) -> impl Iterator<Item = &'a (ServiceTag, AtomSet)> + use<'a> {
    let tags = match &ctx.routes {
        Some(AddressSpec::These { tags, .. }) => tags.as_slice(),
        _ => &[],
    };
    listed(tags, ctx)
}

/// The listed tags that the end of a flow names.
pub(crate) fn remote_tags<'a>(remote: &'a Remote, ctx: &'a NetworkContext<'_>) -> Vec<&'a (ServiceTag, AtomSet)> {
    match remote {
        Remote::Any | Remote::Ips(_) => Vec::new(),
        Remote::Tag(tag) => listed(std::slice::from_ref(tag), ctx).collect(),
        Remote::Host { within, .. } => listed(within.as_slice(), ctx).collect(),
        Remote::Narrowed(part) => {
            let own = listed(&part.within, ctx).chain(listed(&part.except, ctx));
            remote_tags(&part.of, ctx).into_iter().chain(own).collect()
        }
    }
}

fn listed<'a>(
    tags: &'a [ServiceTag],
    ctx: &'a NetworkContext<'_>,
) -> impl Iterator<Item = &'a (ServiceTag, AtomSet)> + use<'a> {
    let table = ctx.catalogue.atoms();
    tags.iter().filter_map(|tag| table.id(tag)).filter_map(|id| table.get(id))
}

/// The flow of one box of `flow`.
pub(crate) fn flow_of(piece: &Piece, flow: &Flow, world: &World<'_>, words: &Words<'_>) -> Flow {
    Flow {
        direction: flow.direction,
        protocols: piece.protocols,
        local: piece.local.clone(),
        local_ports: piece.local_ports.clone(),
        remote: remote_of(piece, &flow.remote, world, words),
        remote_ports: piece.remote_ports.clone(),
    }
}

fn remote_of(piece: &Piece, whole: &Remote, world: &World<'_>, words: &Words<'_>) -> Remote {
    let whole = if let Remote::Narrowed(part) = whole { part.clone() } else { Box::new(whole_of(whole.clone())) };
    let Ok((ips, atoms)) = world.remote(&Remote::Narrowed(whole.clone())) else {
        return Remote::Narrowed(whole);
    };
    let family = if piece.local.has(Family::V4) { Family::V4 } else { Family::V6 };
    let ips = ips.only(family);
    let (mut atoms, mut wanted) = (atoms, piece.atoms.clone());
    if ips.is_subset(&world.public) {
        // Of public addresses the atom that is not public says nothing.
        atoms = atoms.intersect(world.atoms.public());
        wanted = wanted.intersect(world.atoms.public());
    }
    let (within, except) = words.find(&atoms, &wanted);
    let reachable = match (piece.atoms.holds_not_public(), piece.atoms.holds_public()) {
        (false, _) => ips.intersect(&world.public),
        (true, false) => ips.intersect(&world.not_public),
        (true, true) => ips,
    };
    // Where the box holds no public address, atoms say nothing: it is a plain set of addresses.
    let plain = !piece.remote.overlaps(&world.public) || (within.is_empty() && except.is_empty());
    if matches!(whole.of, Remote::Any | Remote::Ips(_)) && plain && whole.within.is_empty() && whole.except.is_empty() {
        let any = matches!(whole.of, Remote::Any);
        return if any && piece.remote == IpSet::family(family) {
            Remote::Any
        } else if any && world.prefixes.is_some() && piece.remote == world.public.only(family) {
            Remote::Tag(ServiceTag::new(BuiltinTag::Internet.name(), None))
        } else {
            Remote::Ips(piece.remote.clone())
        };
    }
    let mut part = *whole;
    for tag in within {
        if !part.within.contains(&tag) {
            part.within.push(tag);
        }
    }
    part.except.extend(except);
    if piece.remote != reachable {
        part.addresses = Some(piece.remote.clone());
    }
    simplified(part)
}

pub(crate) fn whole_of(of: Remote) -> Narrowed {
    Narrowed { of, within: Vec::new(), except: Vec::new(), except_hosts: Vec::new(), addresses: None }
}

/// A tag within anything, or within its global form, is that tag; a part that is the whole is the whole.
pub(crate) fn simplified(mut part: Narrowed) -> Remote {
    if matches!(part.of, Remote::Any)
        && let Some(tag) = part.within.pop()
    {
        part.of = Remote::Tag(tag);
    }
    if let Remote::Tag(whole) = &part.of
        && let Some(i) = part.within.iter().position(|tag| tag.global() == *whole && tag != whole)
    {
        part.of = Remote::Tag(part.within.remove(i));
    }
    if part.within.is_empty() && part.except.is_empty() && part.except_hosts.is_empty() && part.addresses.is_none() {
        return part.of;
    }
    Remote::Narrowed(Box::new(part))
}

/// One packet of a part. The remote is an address where any address of the part will do, which it always will if it is
/// known where tags lie; else an address with its tags, else the tags alone.
pub(crate) fn example(part: &Flow, piece: &Piece, world: &World<'_>) -> Option<Packet> {
    let protocol = piece.protocols.iter().next().unwrap_or(Protocol::Other);
    let with_ports = ProtocolSet::from(protocol).overlaps(ProtocolSet::WITH_PORTS);
    let pick = |set: &PortSet| {
        if with_ports { if set.contains(40000) { Some(40000) } else { set.first() } } else { None }
    };
    let one = || piece.remote.sample().map(IpSet::from);
    let remote = match &part.remote {
        Remote::Any | Remote::Ips(_) => Remote::Ips(one()?),
        other if world.prefixes.is_some() && !is_host(other) => Remote::Ips(one()?),
        Remote::Narrowed(narrowed) if narrowed.addresses.is_some() => {
            Remote::Narrowed(Box::new(Narrowed { addresses: one(), ..(**narrowed).clone() }))
        }
        other => other.clone(),
    };
    Some(Packet {
        direction: part.direction,
        protocol,
        local: piece.local.sample()?,
        local_port: pick(&piece.local_ports),
        remote,
        remote_port: pick(&piece.remote_ports),
    })
}
