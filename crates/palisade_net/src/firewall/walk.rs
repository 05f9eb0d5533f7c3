//! Searches the rules of a firewall for what decides each part of a question.
//!
//! A part is an ordinary box of packets together with what the question leaves unseen. A rule that matches all of the
//! unseen decides the part; one that matches some of it may decide it, so the search goes on with the rest, and what comes
//! out is settled only if all that may decide agree.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::atom_set::AtomSet;
use crate::doubt::Doubt;
use crate::ports::PortSet;
use crate::protocols::{Access, Direction, Protocol};
use crate::space::{Mask, Piece, TagExtent, World};
use crate::verdict::Decider;
use crate::walk::{Cell, MOST_BOXES, too_wide};

use super::compile::{CompiledFirewall, CompiledRule, RemoteSide, RuleMask};

/// A part of a question that nothing has decided yet.
#[derive(Clone)]
pub(crate) struct Open<'a> {
    pub(crate) piece: Piece,
    pub(crate) unseen: AtomSet,
    may_allow: Option<&'a CompiledRule>,
    may_deny: Option<&'a CompiledRule>,
}

impl<'a> Open<'a> {
    pub(crate) fn new(piece: Piece, unseen: AtomSet) -> Self {
        Self { piece, unseen, may_allow: None, may_deny: None }
    }

    fn may(&mut self, rule: &'a CompiledRule) {
        let first = match rule.access {
            Access::Allow => &mut self.may_allow,
            Access::Deny => &mut self.may_deny,
        };
        first.get_or_insert(rule);
    }

    /// What a decision that holds for all that is left makes of the part. The first rule that may decide otherwise is the
    /// one that an open part names.
    fn decide(self, access: Access, decider: &Decider) -> Cell {
        let otherwise = match access {
            Access::Allow => self.may_deny,
            Access::Deny => self.may_allow,
        };
        let decider = otherwise.map_or(decider, |rule| &rule.decider);
        Cell {
            piece: self.piece,
            access: otherwise.map_or(access, |rule| rule.access),
            path: SmallVec::from_elem(decider.clone(), 1),
            doubt: otherwise.map(|_| Doubt::Unseen),
        }
    }
}

/// Every part of the question with what becomes of it.
pub(crate) fn decide<'a>(
    firewall: &'a CompiledFirewall,
    direction: Direction,
    question: Vec<Open<'a>>,
    world: &World<'_>,
) -> Result<Vec<Cell>, String> {
    let (mut open, mut decided) = (question, Vec::new());
    for rule in firewall.rules(direction) {
        for mask in &rule.masks {
            open = apply(rule, mask, open, world, &mut decided)?;
        }
        if open.is_empty() {
            break;
        }
        if open.len() + decided.len() > MOST_BOXES {
            return Err(too_wide());
        }
    }
    decided.extend(open.into_iter().map(|part| part.decide(Access::Deny, &Decider::FirewallDefault)));
    Ok(decided)
}

/// What one box of a rule leaves open.
fn apply<'a>(
    rule: &'a CompiledRule,
    mask: &'a RuleMask,
    open: Vec<Open<'a>>,
    world: &World<'_>,
    decided: &mut Vec<Cell>,
) -> Result<Vec<Open<'a>>, String> {
    let anywhere = seen(mask, None);
    let touches = |part: &Open<'_>| {
        mask.unseen.as_ref().is_none_or(|unseen| part.unseen.overlaps(unseen)) && !part.piece.misses(&anywhere)
    };
    if !open.iter().any(touches) {
        return Ok(open);
    }
    let extent = extent(&mask.remote, world)?;
    let seen = seen(mask, extent.as_ref());
    let mut left = Vec::with_capacity(open.len());
    for part in open {
        let Some((inside, outside)) = Some(&part.piece).filter(|_| touches(&part)).and_then(|p| p.split(&seen, world))
        else {
            left.push(part);
            continue;
        };
        left.extend(outside.into_iter().map(|piece| Open { piece, ..part.clone() }));
        let mut inside = Open { piece: inside, ..part };
        match &mask.unseen {
            Some(unseen) if !inside.unseen.is_subset(unseen) => {
                inside.unseen = inside.unseen.subtract(unseen);
                inside.may(rule);
                left.push(inside);
            }
            _ => decided.push(inside.decide(rule.access, &rule.decider)),
        }
    }
    Ok(left)
}

/// The remote end of a box at one place; `None` is any.
fn extent<'a>(remote: &'a RemoteSide, world: &'a World<'_>) -> Result<Option<TagExtent<'a>>, String> {
    Ok(match remote {
        RemoteSide::Any => None,
        RemoteSide::Ips(ips) => Some(TagExtent::Ips(Cow::Borrowed(ips))),
        RemoteSide::Tag(id) => Some(world.listed(*id)?),
    })
}

/// The box as limits on packets.
fn seen<'a>(mask: &'a RuleMask, extent: Option<&'a TagExtent<'_>>) -> Mask<'a> {
    let (atoms, remote) = match extent {
        None => (None, None),
        Some(TagExtent::Atoms(atoms)) => (Some(*atoms), None),
        Some(TagExtent::Ips(ips)) => (None, Some(&**ips)),
    };
    Mask {
        protocols: mask.protocols,
        remote_ports: &mask.remote_ports,
        local_ports: &mask.local_ports,
        local: mask.local.as_ref(),
        atoms,
        remote,
    }
}

/// The part of a box that is TCP to some remote ports, and the rest.
pub(crate) fn split_tcp(piece: &Piece, ports: &PortSet, world: &World<'_>) -> Option<(Piece, Vec<Piece>)> {
    let mask = Mask {
        protocols: Protocol::Tcp.into(),
        remote_ports: ports,
        local_ports: &PortSet::all(),
        local: None,
        atoms: None,
        remote: None,
    };
    piece.split(&mask, world)
}
