//! What is open about a place besides where service tags lie: whether `VirtualNetwork` holds the prefixes of routes, and who
//! is a member of which application security group.
//!
//! Each doubt is a yes or no for one packet, so a packet's fate in every case is found by one walk for each combination of
//! answers. Boxes on which the walks disagree are in doubt; the first answer that changes one is the one to ask for.

use std::fmt;

use crate::context::{NetworkContext, VirtualNetworkTag};
use crate::evaluate::Level;
use crate::group::{LocalEnd, RemoteEnd};
use crate::ip_set::IpSet;
use crate::members::AsgId;
use crate::protocols::Direction;
use crate::space::{Piece, World};
use crate::walk::{Cell, MOST_BOXES, Walk, too_wide};

/// With more doubts than this a question is given up as undetermined: each doubles the work.
const MOST_DOUBTS: usize = 6;

/// A question of yes or no that the context leaves open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Whether `VirtualNetwork` holds the prefixes of routes.
    Routes,
    /// Whether a local address is a member of a group.
    Local(AsgId),
    /// Whether a remote address is.
    Remote(AsgId),
    /// What a firewall sees and the question does not say: the name that is asked for, the protocol that is spoken.
    Unseen,
}

impl fmt::Display for Doubt {
    /// What would settle it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Routes => f.write_str("`virtual_network_tag: with_routes` or `without_routes`"),
            Self::Local(group) | Self::Remote(group) => {
                write!(f, "the addresses of every member of the application security group `{group}`")
            }
            Self::Unseen => f.write_str("the host names that are asked for"),
        }
    }
}

/// Every box of the question with what becomes of it in every case.
pub(crate) fn decide(
    levels: &[Level<'_>],
    direction: Direction,
    question: &[Piece],
    ctx: &NetworkContext<'_>,
    world: &World<'_>,
) -> Result<Vec<Cell>, String> {
    let mut cells = Walk { world, direction, levels }.decide(question)?;
    for taken in ways(&doubts(levels, direction, question, ctx)?) {
        let other = World::new(ctx, &taken);
        let other = Walk { world: &other, direction, levels }.decide(question)?;
        if let Some(cause) = taken.first() {
            cells = compare(cells, &other, cause, world)?;
        }
    }
    Ok(cells)
}

/// Every combination of answers in which some are yes, fewer first; that of no yes is the world as it is.
pub(crate) fn ways(doubts: &[Doubt]) -> Vec<Vec<Doubt>> {
    let mut ways: Vec<Vec<Doubt>> = vec![Vec::new()];
    for doubt in doubts {
        let more: Vec<_> = ways.iter().map(|way| [way.as_slice(), std::slice::from_ref(doubt)].concat()).collect();
        ways.extend(more);
    }
    ways.sort_by_key(Vec::len);
    ways.retain(|way| !way.is_empty());
    ways
}

/// What is open about the question and may change its answer.
pub(crate) fn doubts(
    levels: &[Level<'_>],
    direction: Direction,
    question: &[Piece],
    ctx: &NetworkContext<'_>,
) -> Result<Vec<Doubt>, String> {
    let unsettled = ctx.routes.is_some() && ctx.virtual_network_tag == VirtualNetworkTag::Unsettled;
    let mut doubts: Vec<Doubt> = if unsettled { vec![Doubt::Routes] } else { Vec::new() };
    let mut add = |groups: &[AsgId], end: fn(&Piece) -> &IpSet, doubt: fn(AsgId) -> Doubt| {
        for group in groups {
            let open = in_doubt(group, ctx);
            let doubt = doubt(group.clone());
            if !doubts.contains(&doubt) && question.iter().any(|piece| end(piece).overlaps(&open)) {
                doubts.push(doubt);
            }
        }
    };
    let knows_place = ctx.members.is_some_and(crate::members::Members::knows_place);
    let groups = levels.iter().filter_map(|level| level.group).filter(|group| group.names_members(direction));
    for rule in groups.flat_map(|group| group.rules(direction)) {
        if let LocalEnd::Members(list) = &rule.local
            && !knows_place
        {
            add(&list.0, |piece| &piece.local, Doubt::Local);
        }
        if let RemoteEnd::Members(list) = &rule.remote {
            add(&list.0, |piece| &piece.remote, Doubt::Remote);
        }
    }
    if doubts.len() > MOST_DOUBTS { Err(too_many(&doubts)) } else { Ok(doubts) }
}

fn in_doubt(group: &AsgId, ctx: &NetworkContext<'_>) -> IpSet {
    ctx.members.map_or(&ctx.virtual_network, |members| members.in_doubt(group, &ctx.virtual_network)).clone()
}

fn too_many(doubts: &[Doubt]) -> String {
    let mut names: Vec<String> = doubts
        .iter()
        .filter_map(|doubt| match doubt {
            Doubt::Routes | Doubt::Unseen => None,
            Doubt::Local(group) | Doubt::Remote(group) => Some(format!("`{group}`")),
        })
        .collect();
    names.sort();
    names.dedup();
    format!("the addresses of every member of the application security groups {}", names.join(", "))
}

/// Two walks in one: boxes on which they disagree are in doubt because of `cause`.
fn compare(cells: Vec<Cell>, other: &[Cell], cause: &Doubt, world: &World<'_>) -> Result<Vec<Cell>, String> {
    if cells == other {
        return Ok(cells);
    }
    let mut both = Vec::new();
    for cell in &cells {
        for against in other {
            if let Some(piece) = cell.piece.intersect(&against.piece, world) {
                let new = (cell.access != against.access).then(|| cause.clone());
                both.push(Cell { piece, doubt: cell.doubt.clone().or(new), ..cell.clone() });
            }
        }
        if both.len() > MOST_BOXES {
            return Err(too_wide());
        }
    }
    Ok(both)
}
