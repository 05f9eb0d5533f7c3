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
use crate::context::NetworkContext;
use crate::evaluate::is_host;
use crate::flow::Flow;
use crate::ip_set::{Family, IpSet};
use crate::space::{Piece, World};
use crate::verdict::Outcome;

/// With more blocks than this the answer is "avoidable", which is always safe.
const MOST_BLOCKS: usize = 4096;

/// Up to this number of boxes, certainty is judged box by box.
const MOST_JUDGED_ALONE: usize = 64;

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

/// Which of the parts of a flow have a packet for certain, given what became of each: alone or, where none of an outcome
/// has one alone, together with the others of that outcome.
///
/// For those who judge a flow part by part, as a path does: each part is judged as if it had packets, and whether it has
/// shows only beside all the others. Parts of one outcome that make up the whole need no proof.
pub fn certain_parts(whole: &Flow, parts: &[(Outcome, &Flow)], ctx: &NetworkContext<'_>) -> Vec<bool> {
    if parts.windows(2).all(|pair| matches!(pair, [a, b] if a.0 == b.0)) {
        return vec![true; parts.len()];
    }
    let world = World::new(ctx, &[]);
    let Ok(question) = world.pieces(whole) else { return vec![false; parts.len()] };
    let asked = if is_host(&whole.remote) { Asked::SomeHost(&question) } else { Asked::Everything };
    let pieces: Vec<Vec<Piece>> = parts.iter().map(|(_, flow)| world.pieces(flow).unwrap_or_default()).collect();
    let mut certain = vec![false; parts.len()];
    for outcome in [Outcome::Allowed, Outcome::Denied, Outcome::Partial, Outcome::Undetermined] {
        let of_outcome = |at: &usize| parts.get(*at).is_some_and(|part| part.0 == outcome);
        let boxes: Vec<(usize, &Piece)> = pieces
            .iter()
            .enumerate()
            .filter(|(at, _)| of_outcome(at))
            .flat_map(|(at, boxes)| boxes.iter().map(move |one| (at, one)))
            .collect();
        let judged = each_unavoidable(&boxes.iter().map(|(_, piece)| *piece).collect::<Vec<_>>(), &world, &asked);
        for ((at, _), sure) in boxes.iter().zip(judged) {
            if let Some(part) = certain.get_mut(*at) {
                *part |= sure;
            }
        }
    }
    certain
}

/// Which of the boxes of one end have a packet in every model, alone or, where none has one alone, together.
pub(crate) fn each_unavoidable(pieces: &[&Piece], world: &World<'_>, asked: &Asked<'_>) -> Vec<bool> {
    let together = unavoidable(pieces.iter().copied(), world, asked);
    if !together || pieces.len() > MOST_JUDGED_ALONE {
        return vec![together; pieces.len()];
    }
    let beside = |piece: &Piece| {
        let beside = pieces.iter().copied().filter(|other| other.beside(piece));
        unavoidable(beside, world, asked)
    };
    let alone: Vec<bool> = pieces.iter().map(|piece| beside(piece)).collect();
    // Where only all of them together are unavoidable, none can be called open.
    if alone.contains(&true) { alone } else { vec![true; pieces.len()] }
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
