//! How two groups differ: what one allows and the other denies.

use crate::context::NetworkContext;
use crate::describe;
use crate::doubt::{doubts, ways};
use crate::evaluate::Level;
use crate::group::CompiledGroup;
use crate::ip_set::IpSet;
use crate::protocols::{Access, Direction};
use crate::questions::boxes::{Summary, intersect, subtract};
use crate::questions::{Portion, Unanswered, everything, level};
use crate::space::{Piece, World};
use crate::walk::Walk;

/// What two groups decide differently, inbound before outbound, each direction with what is certain first. Two empty lists
/// mean that they decide every packet alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// What the first group allows and the second denies.
    pub only_a: Vec<Portion>,
    /// What the second group allows and the first denies.
    pub only_b: Vec<Portion>,
}

impl Difference {
    /// Whether the groups decide every packet alike, whatever is not known.
    pub fn is_empty(&self) -> bool {
        self.only_a.is_empty() && self.only_b.is_empty()
    }
}

/// What `a` and `b` decide differently between the addresses `local` and anything.
pub fn difference(
    a: &CompiledGroup,
    b: &CompiledGroup,
    local: &IpSet,
    ctx: &NetworkContext<'_>,
) -> Result<Difference, Unanswered> {
    let (a, b) = (level(a, ctx)?, level(b, ctx)?);
    let mut found = Difference::default();
    for direction in [Direction::Inbound, Direction::Outbound] {
        found.only_a.extend(only_first(a, b, direction, local, ctx)?);
        found.only_b.extend(only_first(b, a, direction, local, ctx)?);
    }
    Ok(found)
}

fn only_first(
    first: Level<'_>,
    second: Level<'_>,
    direction: Direction,
    local: &IpSet,
    ctx: &NetworkContext<'_>,
) -> Result<Vec<Portion>, Unanswered> {
    let whole = everything(direction, local);
    let base = World::new(ctx, &[]);
    let question = base.pieces(&whole)?;
    let mut certain = in_one_world(first, second, direction, &question, &base)?;
    let mut all = certain.clone();
    for taken in ways(&doubts(&[first, second], direction, &question, ctx)?) {
        let here = in_one_world(first, second, direction, &question, &World::new(ctx, &taken))?;
        certain = intersect(&certain, &here, &base)?;
        all.extend(subtract(here, &all, &base)?);
    }
    let open = subtract(all, &certain, &base)?;
    let tags = describe::rule_tags(&[first, second], direction, ctx);
    let summary = Summary::new(&whole, ctx, &base, tags);
    Ok([summary.of(certain, true)?, summary.of(open, false)?].concat())
}

/// What of the question the first level allows and the second denies.
fn in_one_world(
    first: Level<'_>,
    second: Level<'_>,
    direction: Direction,
    question: &[Piece],
    world: &World<'_>,
) -> Result<Vec<Piece>, String> {
    let decided = |level, question: &[Piece], access| -> Result<Vec<Piece>, String> {
        let cells = Walk { world, direction, levels: &[level] }.decide(question)?;
        Ok(cells.into_iter().filter(|cell| cell.access == access).map(|cell| cell.piece).collect())
    };
    decided(second, &decided(first, question, Access::Allow)?, Access::Deny)
}
