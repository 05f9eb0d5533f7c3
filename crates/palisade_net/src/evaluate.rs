//! Asks the groups at a place about a flow: first match by priority, exactly, over boxes of packets.
//!
//! The walk through the levels is in `walk`, the judgement of what may be empty in `certainty`; here they become a verdict.

use crate::atom_set::AtomSet;
use crate::builtin::BuiltinTag;
use crate::certainty::{Asked, unavoidable};
use crate::context::{NetworkContext, VirtualNetworkTag};
use crate::describe::{self, Words};
use crate::flow::{Flow, Remote};
use crate::group::{CompiledGroup, RemoteEnd};
use crate::protocols::Access;
use crate::space::World;
use crate::tag::ServiceTag;
use crate::verdict::{LevelKind, Outcome, Part, Verdict};
use crate::walk::{Cell, MOST_BOXES, Walk, too_wide};

/// Parts are not merged beyond this number, which keeps the quadratic search short.
const MOST_MERGED: usize = 400;
/// Up to this number of parts, certainty is judged part by part.
const MOST_JUDGED_ALONE: usize = 64;

/// A level at which traffic is judged.
#[derive(Debug, Clone, Copy)]
pub struct Level<'a> {
    /// Which level.
    pub kind: LevelKind,
    /// The group there; without one everything passes.
    pub group: Option<&'a CompiledGroup>,
}

/// What becomes of `flow` at a place whose groups are `levels`, in any order: inbound traffic meets the subnet's group
/// first, outbound traffic the interface's, and both must allow it.
pub fn evaluate(levels: &[Level<'_>], flow: &Flow, ctx: &NetworkContext<'_>) -> Verdict {
    let fingerprint = ctx.catalogue.atoms().fingerprint();
    if levels.iter().filter_map(|level| level.group).any(|group| group.fingerprint() != fingerprint) {
        return Verdict::open("groups compiled with the catalogue of service tags that the question uses");
    }
    judge(levels, flow, ctx).unwrap_or_else(Verdict::open)
}

fn judge(levels: &[Level<'_>], flow: &Flow, ctx: &NetworkContext<'_>) -> Result<Verdict, String> {
    let has_routes = ctx.routes.is_some();
    let world = World::new(ctx, has_routes && ctx.virtual_network_tag == VirtualNetworkTag::WithRoutes);
    let question = world.pieces(flow)?;
    if question.is_empty() {
        return Ok(Verdict::open(
            "a question with packets: the flow has no protocol, port or address of one family at both ends",
        ));
    }
    let mut cells = Walk { world: &world, direction: flow.direction, levels }.decide(&question)?;
    if has_routes && ctx.virtual_network_tag == VirtualNetworkTag::Unsettled {
        let wide = World::new(ctx, true);
        let other = Walk { world: &wide, direction: flow.direction, levels }.decide(&question)?;
        cells = compare(cells, &other, &world)?;
    }
    let asked = if is_host(&flow.remote) { Asked::SomeHost(&question) } else { Asked::Everything };
    Ok(Report { flow, levels, ctx, world: &world }.verdict(merge(cells), &asked))
}

fn is_host(remote: &Remote) -> bool {
    match remote {
        Remote::Host { .. } => true,
        Remote::Narrowed(part) => is_host(&part.of),
        _ => false,
    }
}

/// Two walks in one: boxes on which they disagree are not settled.
fn compare(cells: Vec<Cell>, other: &[Cell], world: &World<'_>) -> Result<Vec<Cell>, String> {
    if cells == other {
        return Ok(cells);
    }
    let mut both = Vec::new();
    for cell in &cells {
        for against in other {
            if let Some(piece) = cell.piece.intersect(&against.piece, world) {
                both.push(Cell { piece, settled: cell.access == against.access, ..cell.clone() });
            }
        }
        if both.len() > MOST_BOXES {
            return Err(too_wide());
        }
    }
    Ok(both)
}

/// Joins boxes with the same decision where one box can hold both.
fn merge(mut cells: Vec<Cell>) -> Vec<Cell> {
    if cells.len() > MOST_MERGED {
        return cells;
    }
    let mut again = true;
    while std::mem::take(&mut again) {
        let mut merged: Vec<Cell> = Vec::with_capacity(cells.len());
        for cell in cells {
            let same = |m: &Cell| m.settled == cell.settled && m.access == cell.access && m.path == cell.path;
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

/// Turns decided boxes into a verdict.
struct Report<'a> {
    flow: &'a Flow,
    levels: &'a [Level<'a>],
    ctx: &'a NetworkContext<'a>,
    world: &'a World<'a>,
}

impl Report<'_> {
    fn verdict(&self, cells: Vec<Cell>, asked: &Asked<'_>) -> Verdict {
        let certain = self.certain(&cells, asked);
        let words = Words::new(self.tags());
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

    /// Which cells are decided as they are, whatever the model.
    fn certain(&self, cells: &[Cell], asked: &Asked<'_>) -> Vec<bool> {
        let mut certain: Vec<bool> = cells.iter().map(|cell| cell.settled).collect();
        if cells.iter().all(|cell| cell.settled)
            && cells.windows(2).all(|pair| matches!(pair, [a, b] if a.access == b.access))
        {
            return certain;
        }
        for access in [Access::Allow, Access::Deny] {
            let same = |cell: &&Cell| cell.settled && cell.access == access;
            if !unavoidable(cells.iter().filter(same).map(|cell| &cell.piece), self.world, asked) {
                certain.iter_mut().zip(cells).filter(|(_, cell)| cell.access == access).for_each(|(c, _)| *c = false);
                continue;
            }
            if cells.len() > MOST_JUDGED_ALONE {
                continue;
            }
            let alone = |cell: &Cell| {
                let beside = cells.iter().filter(same).filter(|other| other.piece.beside(&cell.piece));
                cell.settled
                    && cell.access == access
                    && unavoidable(beside.map(|other| &other.piece), self.world, asked)
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

    fn settles(&self, cell: &Cell, asked: &Asked<'_>) -> String {
        match asked {
            _ if !cell.settled => "`virtual_network_tag: with_routes` or `without_routes`".to_owned(),
            Asked::SomeHost(_) => {
                format!("the addresses of `{}`, or the service tag that holds them", self.flow.remote)
            }
            Asked::Everything => "Microsoft's service tag file".to_owned(),
        }
    }

    fn part(&self, cell: Cell, certain: bool, words: &Words<'_>) -> Option<Part> {
        let flow = describe::flow_of(&cell.piece, self.flow, self.world, words);
        let example = describe::example(&flow, &cell.piece)?;
        let mut passed = cell.path.into_vec();
        let decided_by = passed.pop()?;
        let outcome = match (certain, cell.access) {
            (false, _) => Outcome::Undetermined,
            (true, Access::Allow) => Outcome::Allowed,
            (true, Access::Deny) => Outcome::Denied,
        };
        Some(Part { outcome, access: cell.access, flow, decided_by, passed, example })
    }

    /// The tags that the question, the rules and the routes name, and `Internet`.
    fn tags(&self) -> impl Iterator<Item = &(ServiceTag, AtomSet)> {
        let table = self.world.atoms;
        let rules =
            self.levels.iter().filter_map(|level| level.group).flat_map(|group| group.rules(self.flow.direction));
        let ids = rules.flat_map(|rule| match &rule.remote {
            RemoteEnd::Tag(id) => std::slice::from_ref(id),
            RemoteEnd::List(list) => list.tags.as_slice(),
            RemoteEnd::Any | RemoteEnd::VirtualNetwork => &[],
        });
        let routes = match &self.ctx.routes {
            Some(crate::AddressSpec::These { tags, .. }) => tags.as_slice(),
            _ => &[],
        };
        let internet = ServiceTag::new(BuiltinTag::Internet.name(), None);
        ids.copied()
            .chain(routes.iter().filter_map(|tag| table.id(tag)))
            .chain(table.id(&internet))
            .filter_map(|id| table.get(id))
    }
}
