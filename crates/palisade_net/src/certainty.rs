//! Which sets of packets have a packet for certain, wherever service tags lie.
//!
//! A *model* gives every public address an atom. Blocks of addresses that the question can tell apart may hold any mix of
//! atoms, as long as each block holds at least one and each class of addresses that is known to exist has a place in IPv4
//! (every tag has IPv4 addresses; which have IPv6 ones is not taken for granted). A set of packets is *unavoidable* if it
//! has a packet in every model. So `0.0.0.0/1` may miss a tag, but together with `128.0.0.0/1` it cannot. Blocks of few
//! addresses are treated like large ones, which can only make an answer less certain.
//!
//! With Microsoft's file there is one model, and every box that is left has a packet in it.

use crate::atom_set::AtomSet;
use crate::ip_set::{Family, IpSet};
use crate::space::{Piece, World};

/// With more blocks than this the answer is "avoidable", which is always safe.
const MOST_BLOCKS: usize = 4096;

/// Addresses and the atoms that they may still have.
struct Block {
    ips: IpSet,
    possible: AtomSet,
}

/// How a question picks packets.
pub(crate) enum Asked<'a> {
    /// All of the flow.
    Everything,
    /// Those of some host among these boxes.
    SomeHost(&'a [Piece]),
}

/// Whether the boxes have a packet in every model.
pub(crate) fn unavoidable<'p>(boxes: impl Iterator<Item = &'p Piece>, world: &World<'_>, asked: &Asked<'_>) -> bool {
    match asked {
        Asked::Everything => in_every_model(boxes, world),
        Asked::SomeHost(domain) => on_every_host(boxes, world, domain),
    }
}

fn in_every_model<'p>(mut boxes: impl Iterator<Item = &'p Piece>, world: &World<'_>) -> bool {
    if world.prefixes.is_some() {
        return boxes.next().is_some();
    }
    let public = |family| Block { ips: world.public.only(family), possible: world.atoms.public().clone() };
    let mut blocks = vec![public(Family::V4), public(Family::V6)];
    blocks.retain(|block| !block.ips.is_empty());
    for piece in boxes {
        if piece.atoms.holds_not_public() && piece.remote.overlaps(&world.not_public) {
            return true;
        }
        blocks = exclude(blocks, piece);
        if blocks.iter().any(|block| block.possible.is_empty()) {
            return true;
        }
        if blocks.len() > MOST_BLOCKS {
            return false;
        }
    }
    let v4 = blocks.iter().filter(|block| block.ips.has(Family::V4)).map(|block| block.possible.clone());
    v4.reduce(|a, b| a.union(&b)).is_some_and(|possible| !world.atoms.can_all_live_in(&possible))
}

fn on_every_host<'p>(boxes: impl Iterator<Item = &'p Piece>, world: &World<'_>, domain: &[Piece]) -> bool {
    let mut blocks: Vec<_> =
        domain.iter().map(|piece| Block { ips: piece.remote.clone(), possible: piece.atoms.clone() }).collect();
    for piece in boxes {
        blocks = exclude(blocks, piece);
        blocks.retain(|block| {
            block.possible.holds_public() && block.ips.overlaps(&world.public)
                || block.possible.holds_not_public() && block.ips.overlaps(&world.not_public)
        });
        if blocks.len() > MOST_BLOCKS {
            return false;
        }
    }
    blocks.is_empty()
}

/// The blocks after the remote ends of `piece` have been ruled out.
fn exclude(blocks: Vec<Block>, piece: &Piece) -> Vec<Block> {
    let mut next = Vec::with_capacity(blocks.len() + 1);
    for block in blocks {
        let inside = block.ips.intersect(&piece.remote);
        if inside.is_empty() || !block.possible.overlaps(&piece.atoms) {
            next.push(block);
            continue;
        }
        let outside = block.ips.subtract(&piece.remote);
        let possible = block.possible.subtract(&piece.atoms);
        if !outside.is_empty() {
            next.push(Block { ips: outside, possible: block.possible });
        }
        next.push(Block { ips: inside, possible });
    }
    next
}
