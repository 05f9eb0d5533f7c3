//! Asks the groups at a place about a flow: first match by priority, exactly, over boxes of packets.
//!
//! The walk through the levels is in `walk`, the judgement of what may be empty in `certainty`; here they become a verdict.

use crate::certainty::{Asked, unavoidable};
use crate::context::NetworkContext;
use crate::describe::{self, Words};
use crate::doubt;
use crate::flow::{Flow, Remote};
use crate::group::CompiledGroup;
use crate::protocols::Access;
use crate::space::World;
use crate::verdict::{LevelKind, Outcome, Part, Verdict};
use crate::walk::Cell;

/// Parts are not merged beyond this number, which keeps the quadratic search short.
const MOST_MERGED: usize = 400;
/// Up to this number of parts, certainty is judged part by part.
const MOST_JUDGED_ALONE: usize = 64;

/// A level at which traffic is judged.
#[derive(Debug, Clone, Copy)]
pub struct Level<'a> {
    /// Which level.
    pub kind: LevelKind,
    /// The group there, or the admin rules; without them everything passes.
    pub group: Option<&'a CompiledGroup>,
}

/// What becomes of `flow` at a place whose groups are `levels`, in any order: admin rules come first, then inbound traffic
/// meets the subnet's group and outbound traffic the interface's, and both must allow it. Several admin levels are judged in
/// the order given.
pub fn evaluate(levels: &[Level<'_>], flow: &Flow, ctx: &NetworkContext<'_>) -> Verdict {
    check(levels, ctx).and_then(|()| judge(levels, flow, ctx)).unwrap_or_else(Verdict::open)
}

/// Whether the levels can be asked at all; an error says what is needed.
pub(crate) fn check(levels: &[Level<'_>], ctx: &NetworkContext<'_>) -> Result<(), String> {
    let fingerprint = ctx.catalogue.atoms().fingerprint();
    for (level, group) in levels.iter().filter_map(|level| Some((level, level.group?))) {
        if group.fingerprint() != fingerprint {
            return Err("groups compiled with the catalogue of service tags that the question uses".to_owned());
        }
        if group.is_admin() != (level.kind == LevelKind::Admin) {
            return Err("admin rules at the admin level, and groups at the others".to_owned());
        }
    }
    Ok(())
}

fn judge(levels: &[Level<'_>], flow: &Flow, ctx: &NetworkContext<'_>) -> Result<Verdict, String> {
    let world = World::new(ctx, &[]);
    let question = world.pieces(flow)?;
    if question.is_empty() {
        return Ok(Verdict::open(
            "a question with packets: the flow has no protocol, port or address of one family at both ends",
        ));
    }
    let cells = doubt::decide(levels, flow.direction, &question, ctx, &world)?;
    let asked = if is_host(&flow.remote) { Asked::SomeHost(&question) } else { Asked::Everything };
    Ok(Report { flow, levels, ctx, world: &world }.verdict(merge(cells), &asked))
}

pub(crate) fn is_host(remote: &Remote) -> bool {
    match remote {
        Remote::Host { .. } => true,
        Remote::Narrowed(part) => is_host(&part.of),
        _ => false,
    }
}

/// Joins boxes with the same decision where one box can hold both.
pub(crate) fn merge(mut cells: Vec<Cell>) -> Vec<Cell> {
    if cells.len() > MOST_MERGED {
        return cells;
    }
    let mut again = true;
    while std::mem::take(&mut again) {
        let mut merged: Vec<Cell> = Vec::with_capacity(cells.len());
        for cell in cells {
            let same = |m: &Cell| m.doubt == cell.doubt && m.access == cell.access && m.path == cell.path;
            let joined = merged
                .iter_mut()
                .filter(|m| same(m))
                .find_map(|m| m.piece.join(&cell.piece).map(|piece| m.piece = piece));
            if joined.is_some() {
                again = true;
            } else {
                merged.push(cell);
            }
        }
        cells = merged;
    }
    cells
}

/// Which cells are decided as they are, whatever the model.
pub(crate) fn certain(cells: &[Cell], world: &World<'_>, asked: &Asked<'_>) -> Vec<bool> {
    let mut certain: Vec<bool> = cells.iter().map(|cell| cell.doubt.is_none()).collect();
    if cells.iter().all(|cell| cell.doubt.is_none())
        && cells.windows(2).all(|pair| matches!(pair, [a, b] if a.access == b.access))
    {
        return certain;
    }
    for access in [Access::Allow, Access::Deny] {
        let same = |cell: &&Cell| cell.doubt.is_none() && cell.access == access;
        if !unavoidable(cells.iter().filter(same).map(|cell| &cell.piece), world, asked) {
            certain.iter_mut().zip(cells).filter(|(_, cell)| cell.access == access).for_each(|(c, _)| *c = false);
            continue;
        }
        if cells.len() > MOST_JUDGED_ALONE {
            continue;
        }
        let alone = |cell: &Cell| {
            let beside = cells.iter().filter(same).filter(|other| other.piece.beside(&cell.piece));
            cell.doubt.is_none() && cell.access == access && unavoidable(beside.map(|other| &other.piece), world, asked)
        };
        let judged: Vec<bool> = cells.iter().map(alone).collect();
        // Where only all of them together are unavoidable, none can be called open.
        if judged.contains(&true) {
            certain
                .iter_mut()
                .zip(cells)
                .zip(judged)
                .filter(|((_, cell), _)| cell.access == access)
                .for_each(|((c, _), j)| *c = j);
        }
    }
    certain
}

/// Turns decided boxes into a verdict.
struct Report<'a> {
    flow: &'a Flow,
    levels: &'a [Level<'a>],
    ctx: &'a NetworkContext<'a>,
    world: &'a World<'a>,
}

impl Report<'_> {
    fn verdict(&self, cells: Vec<Cell>, asked: &Asked<'_>) -> Verdict {
        let certain = certain(&cells, self.world, asked);
        let tags =
            describe::rule_tags(self.levels, self.flow.direction, self.ctx).chain(describe::route_tags(self.ctx));
        let words = Words::new(tags);
        let mut settles = Vec::new();
        let mut parts = Vec::with_capacity(cells.len());
        for (cell, certain) in cells.into_iter().zip(certain) {
            if !certain {
                let text = self.settles(&cell, asked);
                if !settles.contains(&text) {
                    settles.push(text);
                }
            }
            parts.extend(self.part(cell, certain, &words));
        }
        Verdict::from_parts(parts, settles)
    }

    fn settles(&self, cell: &Cell, asked: &Asked<'_>) -> String {
        match (&cell.doubt, asked) {
            (Some(doubt), _) => doubt.to_string(),
            (None, Asked::SomeHost(_)) => {
                format!("the addresses of `{}`, or the service tag that holds them", self.flow.remote.whole())
            }
            (None, Asked::Everything) => "Microsoft's service tag file".to_owned(),
        }
    }

    fn part(&self, cell: Cell, certain: bool, words: &Words<'_>) -> Option<Part> {
        let flow = describe::flow_of(&cell.piece, self.flow, self.world, words);
        let example = describe::example(&flow, &cell.piece, self.world)?;
        let mut passed = cell.path.into_vec();
        let decided_by = passed.pop()?;
        let outcome = match (certain, cell.access) {
            (false, _) => Outcome::Undetermined,
            (true, Access::Allow) => Outcome::Allowed,
            (true, Access::Deny) => Outcome::Denied,
        };
        Some(Part { outcome, access: cell.access, flow, decided_by, passed, example })
    }
}
