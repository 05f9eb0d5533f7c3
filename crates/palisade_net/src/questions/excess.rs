//! What a group allows beyond what is required.

use crate::context::NetworkContext;
use crate::describe;
use crate::doubt;
use crate::evaluate::is_host;
use crate::flow::Flow;
use crate::group::CompiledGroup;
use crate::ip_set::IpSet;
use crate::protocols::{Access, Direction};
use crate::questions::boxes::{Summary, intersect, subtract};
use crate::questions::{Portion, Unanswered, everything, level};
use crate::space::{Piece, World};
use crate::walk::Cell;

/// What `group` allows in `direction` between the addresses `local` and anything, beyond the flows of `required` (those of
/// the other direction left aside), summed up in few boxes that may overlap. Certain ones come first.
///
/// Of a required host it is not known which addresses of its tag it has, so that what is allowed to the rest of the tag is
/// never certain.
pub fn excess(
    group: &CompiledGroup,
    local: &IpSet,
    required: &[Flow],
    direction: Direction,
    ctx: &NetworkContext<'_>,
) -> Result<Vec<Portion>, Unanswered> {
    let level = level(group, ctx)?;
    let whole = everything(direction, local);
    let world = World::new(ctx, &[]);
    let cells = doubt::decide(&[level], direction, &world.pieces(&whole)?, ctx, &world)?;
    let (hosts, others): (Vec<&Flow>, Vec<&Flow>) =
        required.iter().filter(|flow| flow.direction == direction).partition(|flow| is_host(&flow.remote));
    let (hosts, others) = (boxes(&hosts, &world)?, boxes(&others, &world)?);
    let allowed =
        subtract(select(&cells, |cell| cell.doubt.is_none() && cell.access == Access::Allow), &others, &world)?;
    let mut open = subtract(select(&cells, |cell| cell.doubt.is_some()), &others, &world)?;
    open.extend(intersect(&allowed, &hosts, &world)?);
    let allowed = subtract(allowed, &hosts, &world)?;
    let tags = required.iter().flat_map(|flow| describe::remote_tags(&flow.remote, ctx));
    let summary = Summary::new(&whole, ctx, &world, describe::rule_tags(&[level], direction, ctx).chain(tags));
    Ok([summary.of(allowed, true)?, summary.of(open, false)?].concat())
}

fn boxes(flows: &[&Flow], world: &World<'_>) -> Result<Vec<Piece>, String> {
    let mut boxes = Vec::new();
    for flow in flows {
        boxes.extend(world.pieces(flow)?);
    }
    Ok(boxes)
}

fn select(cells: &[Cell], wanted: impl Fn(&Cell) -> bool) -> Vec<Piece> {
    cells.iter().filter(|cell| wanted(cell)).map(|cell| cell.piece.clone()).collect()
}
