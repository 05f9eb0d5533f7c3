//! Rules that can never match, and what shadows them.

use crate::certainty::{Asked, unavoidable};
use crate::context::NetworkContext;
use crate::doubt::{doubts, ways};
use crate::evaluate::Level;
use crate::group::{CompiledGroup, CompiledRule, RuleId};
use crate::ip_set::IpSet;
use crate::protocols::Direction;
use crate::questions::{Unanswered, everything, level};
use crate::space::{Piece, World};
use crate::walk::{MOST_BOXES, Walk, too_wide};

/// A rule without effect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shadowed {
    /// The place of the rule in the group as it was compiled.
    pub rule: usize,
    /// The places of the rules that match its packets before it, ascending by priority. Without any the rule matches no
    /// packet of the place: it is about other addresses, or it gives ports to protocols without them.
    pub by: Vec<usize>,
    /// Whether it can match no packet whatever is not known; otherwise it depends on where service tags lie, on who is a
    /// member of an application security group, or on the prefixes of routes.
    pub certain: bool,
}

/// The rules of `group` that match no packet from or to the addresses `local`, because other rules match all of it before
/// them. In the order of the rules; rules of which it cannot be told are marked.
pub fn shadowed_rules(
    group: &CompiledGroup,
    local: &IpSet,
    ctx: &NetworkContext<'_>,
) -> Result<Vec<Shadowed>, Unanswered> {
    let level = level(group, ctx)?;
    let mut shadowed = Vec::new();
    for direction in [Direction::Inbound, Direction::Outbound] {
        shadowed.extend(one_way(level, group, direction, local, ctx)?);
    }
    shadowed.sort_by_key(|found: &Shadowed| found.rule);
    Ok(shadowed)
}

fn one_way(
    level: Level<'_>,
    group: &CompiledGroup,
    direction: Direction,
    local: &IpSet,
    ctx: &NetworkContext<'_>,
) -> Result<Vec<Shadowed>, Unanswered> {
    let whole = World::new(ctx, &[]).pieces(&everything(direction, local))?;
    let mut all: Option<Vec<Fate>> = None;
    let open = doubts(&[level], direction, &whole, ctx)?;
    for taken in std::iter::once(Vec::new()).chain(ways(&open)) {
        let world = World::new(ctx, &taken);
        let walk = Walk { world: &world, direction, levels: &[level] };
        let fates = fates(&walk, group.rules(direction), &whole)?;
        all = Some(match all {
            None => fates,
            Some(before) => before.into_iter().zip(fates).map(|(a, b)| a.and(b)).collect(),
        });
    }
    let found = group.rules(direction).iter().zip(all.unwrap_or_default());
    Ok(found.filter_map(|(rule, fate)| fate.shadowed(rule)).collect())
}

/// What becomes of the packets that a rule would match.
struct Fate {
    /// The rules that match some of them before.
    by: Vec<usize>,
    /// Whether there may be none left.
    may_be_shadowed: bool,
    /// Whether there is none left.
    is_shadowed: bool,
}

impl Fate {
    fn and(mut self, other: Self) -> Self {
        self.by.extend(other.by.into_iter().filter(|rule| !self.by.contains(rule)).collect::<Vec<_>>());
        let may_be_shadowed = self.may_be_shadowed || other.may_be_shadowed;
        Self { by: self.by, may_be_shadowed, is_shadowed: self.is_shadowed && other.is_shadowed }
    }

    fn shadowed(self, rule: &CompiledRule) -> Option<Shadowed> {
        let RuleId::Own(own) = rule.id else { return None };
        self.may_be_shadowed.then_some(Shadowed { rule: own as usize, by: self.by, certain: self.is_shadowed })
    }
}

fn fates(walk: &Walk<'_>, rules: &[CompiledRule], whole: &[Piece]) -> Result<Vec<Fate>, String> {
    let streams = walk.streams(whole);
    let mut fates = Vec::with_capacity(rules.len());
    for (i, rule) in rules.iter().enumerate() {
        let (mut by, mut left) = (Vec::new(), Vec::new());
        for (platform, pieces) in &streams {
            let mut wanted = walk.take(rule, *platform, &mut pieces.clone())?;
            for (before, earlier) in rules.iter().take(i).enumerate() {
                if !walk.take(earlier, *platform, &mut wanted)?.is_empty() && !by.contains(&before) {
                    by.push(before);
                }
                if wanted.is_empty() {
                    break;
                }
                if wanted.len() > MOST_BOXES {
                    return Err(too_wide());
                }
            }
            left.extend(wanted);
        }
        by.sort_unstable();
        let by = by.into_iter().filter_map(|place| match rules.get(place)?.id {
            RuleId::Own(own) => Some(own as usize),
            RuleId::Default(_) => None,
        });
        let may_be_shadowed = !unavoidable(left.iter(), walk.world, &Asked::Everything);
        fates.push(Fate { by: by.collect(), may_be_shadowed, is_shadowed: left.is_empty() });
    }
    Ok(fates)
}
