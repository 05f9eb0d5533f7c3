//! Which ports of a place a remote end reaches through a group.

use crate::certainty::{Asked, unavoidable};
use crate::context::NetworkContext;
use crate::doubt;
use crate::evaluate::is_host;
use crate::flow::{Flow, Remote};
use crate::group::CompiledGroup;
use crate::ip_set::IpSet;
use crate::ports::PortSet;
use crate::protocols::{Access, ProtocolSet};
use crate::questions::{Unanswered, level};
use crate::space::{Piece, World};
use crate::walk::Cell;

/// The ports that some part of a remote end reaches at some address of a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Exposure {
    /// Those that it reaches whatever is not known.
    pub certain: PortSet,
    /// Those that it may reach or not.
    pub possible: PortSet,
}

/// Which of `ports` at the addresses `local` any part of `remote` reaches through `group`, by any of `protocols`. Only
/// protocols with ports count.
pub fn exposed_to(
    group: &CompiledGroup,
    local: &IpSet,
    remote: &Remote,
    protocols: ProtocolSet,
    ports: &PortSet,
    ctx: &NetworkContext<'_>,
) -> Result<Exposure, Unanswered> {
    let level = level(group, ctx)?;
    let protocols = protocols.intersect(ProtocolSet::WITH_PORTS);
    let flow = Flow::inbound(protocols, ports.clone(), remote.clone(), local.clone());
    let world = World::new(ctx, &[]);
    let question = world.pieces(&flow)?;
    let asked = if is_host(remote) { Asked::SomeHost(&question) } else { Asked::Everything };
    let cells = doubt::decide(&[level], flow.direction, &question, ctx, &world)?;
    let mut exposure = Exposure::default();
    for (low, high) in ranges(&cells) {
        let here = |cell: &&Cell| cell.piece.local_ports.contains(low);
        let allowed = |cell: &&Cell| cell.doubt.is_none() && cell.access == Access::Allow;
        let reached: Vec<&Piece> = cells.iter().filter(here).filter(allowed).map(|cell| &cell.piece).collect();
        let open = !reached.is_empty() || cells.iter().filter(here).any(|cell| cell.doubt.is_some());
        let range = PortSet::range(low, high);
        if !reached.is_empty() && unavoidable(reached.into_iter(), &world, &asked) {
            exposure.certain = exposure.certain.union(&range);
        } else if open {
            exposure.possible = exposure.possible.union(&range);
        }
    }
    Ok(exposure)
}

/// The ranges of ports that no box of `cells` tells apart inside.
fn ranges(cells: &[Cell]) -> Vec<(u16, u16)> {
    let edges = cells.iter().flat_map(|cell| cell.piece.local_ports.ranges());
    let mut starts: Vec<u16> = edges.flat_map(|&(low, high)| [Some(low), high.checked_add(1)]).flatten().collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([u16::MAX]);
    starts.iter().copied().zip(ends).collect()
}
