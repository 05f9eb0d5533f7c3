//! Asks the groups at a place about a flow: first match by priority, exactly, over boxes of packets.
//!
//! Each rule is intersected with what is left of the question; what it matches is decided, the rest goes on to the next
//! rule, and the search stops when nothing is left. What one level allows is the question to the next.

use smallvec::SmallVec;

use crate::atoms::{AtomSet, TagId};
use crate::builtin::{BuiltinTag, PlatformService};
use crate::certainty::{Asked, unavoidable};
use crate::context::{NetworkContext, VirtualNetworkTag};
use crate::describe::{self, Words};
use crate::flow::{Flow, Remote};
use crate::group::{CompiledGroup, CompiledRule, LocalEnd, RemoteEnd, RuleId};
use crate::protocols::{Access, Direction};
use crate::space::{Mask, Piece, World, split_platform};
use crate::tag::ServiceTag;
use crate::verdict::{Decider, LevelKind, Outcome, Part, Verdict};

/// A question that falls into more boxes than this is given up as undetermined; real ones have a few dozen.
const MOST_BOXES: usize = 20_000;
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
    if levels
        .iter()
        .filter_map(|level| level.group)
        .any(|group| group.fingerprint() != fingerprint)
    {
        return Verdict::open(
            "groups compiled with the catalogue of service tags that the question uses",
        );
    }
    judge(levels, flow, ctx).unwrap_or_else(Verdict::open)
}

fn judge(levels: &[Level<'_>], flow: &Flow, ctx: &NetworkContext<'_>) -> Result<Verdict, String> {
    let has_routes = ctx.routes.is_some();
    let world = World::new(
        ctx,
        has_routes && ctx.virtual_network_tag == VirtualNetworkTag::WithRoutes,
    );
    let question = world.pieces(flow)?;
    if question.is_empty() {
        return Ok(Verdict::open(
            "a question with packets: the flow has no protocol, port or address of one family at both ends",
        ));
    }
    let mut cells = Walk {
        world: &world,
        direction: flow.direction,
        levels,
    }
    .decide(&question)?;
    if has_routes && ctx.virtual_network_tag == VirtualNetworkTag::Unsettled {
        let wide = World::new(ctx, true);
        let other = Walk {
            world: &wide,
            direction: flow.direction,
            levels,
        }
        .decide(&question)?;
        cells = compare(cells, &other, &world)?;
    }
    let asked = if is_host(&flow.remote) {
        Asked::SomeHost(&question)
    } else {
        Asked::Everything
    };
    Ok(Report {
        flow,
        levels,
        ctx,
        world: &world,
    }
    .verdict(merge(cells), &asked))
}

fn is_host(remote: &Remote) -> bool {
    match remote {
        Remote::Host { .. } => true,
        Remote::Narrowed(part) => is_host(&part.of),
        _ => false,
    }
}

/// A box with what was decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    piece: Piece,
    access: Access,
    /// What passed it, level by level; the last decided.
    path: SmallVec<[Decider; 2]>,
    /// Whether it is decided alike with and without the prefixes of routes in `VirtualNetwork`.
    settled: bool,
}

/// One walk through all levels.
struct Walk<'a> {
    world: &'a World<'a>,
    direction: Direction,
    levels: &'a [Level<'a>],
}

impl Walk<'_> {
    fn decide(&self, question: &[Piece]) -> Result<Vec<Cell>, String> {
        let mut decided = Vec::new();
        let mut ordinary = question.to_vec();
        if self.direction == Direction::Outbound {
            for service in PlatformService::ALL {
                let mut rest = Vec::new();
                for piece in ordinary {
                    match split_platform(&piece, service, self.world) {
                        None => rest.push(piece),
                        Some((inside, outside)) => {
                            rest.extend(outside);
                            self.pass_levels(inside, Some(service), &mut decided)?;
                        }
                    }
                }
                ordinary = rest;
            }
        }
        for piece in ordinary {
            self.pass_levels(piece, None, &mut decided)?;
        }
        Ok(decided)
    }

    /// Takes one box through the levels in Azure's order.
    fn pass_levels(
        &self,
        piece: Piece,
        platform: Option<PlatformService>,
        decided: &mut Vec<Cell>,
    ) -> Result<(), String> {
        let mut order: SmallVec<[(usize, &Level<'_>); 4]> =
            self.levels.iter().enumerate().collect();
        order.sort_by_key(|(_, level)| level.kind);
        if self.direction == Direction::Outbound {
            order.reverse();
        }
        let mut open = vec![Cell {
            piece,
            access: Access::Allow,
            path: SmallVec::new(),
            settled: true,
        }];
        for (index, level) in order {
            let Some(group) = level.group else { continue };
            let mut allowed = Vec::new();
            for cell in open {
                for hit in self.pass_group(&cell, group, index, level.kind, platform)? {
                    if hit.access == Access::Allow {
                        allowed.push(hit)
                    } else {
                        decided.push(hit)
                    }
                }
            }
            open = allowed;
        }
        for cell in &mut open {
            if cell.path.is_empty() {
                cell.path
                    .push(platform.map_or(Decider::NoGroup, Decider::Platform));
            }
        }
        decided.extend(open);
        if decided.len() > MOST_BOXES {
            Err(too_wide())
        } else {
            Ok(())
        }
    }

    /// Splits one box by the rules of one group.
    fn pass_group(
        &self,
        cell: &Cell,
        group: &CompiledGroup,
        index: usize,
        kind: LevelKind,
        platform: Option<PlatformService>,
    ) -> Result<Vec<Cell>, String> {
        let defaults = CompiledRule::defaults(self.direction, self.world.atoms);
        let defaults = if platform.is_none() {
            defaults.as_slice()
        } else {
            &[]
        };
        let (mut left, mut hits) = (vec![cell.piece.clone()], Vec::new());
        for rule in group.rules(self.direction).iter().chain(defaults) {
            let before = hits.len();
            self.masks(rule, platform, &mut |mask| {
                let mut rest = Vec::with_capacity(left.len());
                for piece in left.drain(..) {
                    match piece.split(mask, self.world) {
                        None => rest.push(piece),
                        Some((inside, outside)) => {
                            rest.extend(outside);
                            hits.push(Cell {
                                piece: inside,
                                access: rule.access,
                                ..cell.clone()
                            });
                        }
                    }
                }
                left = rest;
            });
            for hit in hits.iter_mut().skip(before) {
                hit.path.push(decider(rule, index, kind));
            }
            if left.is_empty() {
                break;
            }
            if left.len() + hits.len() > MOST_BOXES {
                return Err(too_wide());
            }
        }
        hits.extend(left.into_iter().map(|piece| Cell {
            piece,
            ..cell.clone()
        }));
        Ok(hits)
    }

    /// Hands the boxes that a rule matches to `visit`. Rules match the platform's traffic by its tag and nothing else.
    fn masks(
        &self,
        rule: &CompiledRule,
        platform: Option<PlatformService>,
        visit: &mut dyn FnMut(&Mask<'_>),
    ) {
        let whole = Mask {
            protocols: rule.protocols,
            remote_ports: &rule.remote_ports,
            local_ports: &rule.local_ports,
            local: if let LocalEnd::Ips(ips) = &rule.local {
                Some(ips)
            } else {
                None
            },
            atoms: None,
            remote: None,
        };
        if let Some(service) = platform {
            if matches!(&rule.remote, RemoteEnd::List(list) if list.platform.contains(&service)) {
                visit(&whole);
            }
            return;
        }
        let network = &self.world.network_tag;
        let visit_network = |visit: &mut dyn FnMut(&Mask<'_>)| {
            visit(&Mask {
                remote: Some(&network.ips),
                ..whole.clone()
            });
            if let Some(atoms) = &network.atoms {
                visit(&Mask {
                    atoms: Some(atoms),
                    ..whole.clone()
                });
            }
        };
        match &rule.remote {
            RemoteEnd::Any => visit(&whole),
            RemoteEnd::Tag(id) => self.visit_tag(*id, &whole, visit),
            RemoteEnd::VirtualNetwork => visit_network(visit),
            RemoteEnd::List(list) => {
                visit(&Mask {
                    remote: Some(&list.ips),
                    ..whole.clone()
                });
                if list.virtual_network {
                    visit_network(visit);
                }
                for id in &list.tags {
                    self.visit_tag(*id, &whole, visit);
                }
            }
        }
    }

    fn visit_tag(&self, id: TagId, whole: &Mask<'_>, visit: &mut dyn FnMut(&Mask<'_>)) {
        if let Some((_, atoms)) = self.world.atoms.get(id) {
            visit(&Mask {
                atoms: Some(atoms),
                ..whole.clone()
            });
        }
    }
}

fn too_wide() -> String {
    format!("a narrower question: this one falls into more than {MOST_BOXES} parts")
}

fn decider(rule: &CompiledRule, level_index: usize, level: LevelKind) -> Decider {
    match rule.id {
        RuleId::Own(rule_index) => Decider::Rule {
            level,
            level_index,
            rule: rule_index as usize,
            priority: rule.priority,
        },
        RuleId::Default(name) => Decider::Default {
            level,
            level_index,
            name,
            priority: rule.priority,
        },
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
                both.push(Cell {
                    piece,
                    settled: cell.access == against.access,
                    ..cell.clone()
                });
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
            let same = |m: &Cell| {
                m.settled == cell.settled && m.access == cell.access && m.path == cell.path
            };
            let joined = merged
                .iter_mut()
                .filter(|m| same(m))
                .find_map(|m| m.piece.join(&cell.piece).map(|piece| m.piece = piece));
            if joined.is_some() {
                again = true
            } else {
                merged.push(cell)
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
            && cells
                .windows(2)
                .all(|pair| matches!(pair, [a, b] if a.access == b.access))
        {
            return certain;
        }
        for access in [Access::Allow, Access::Deny] {
            let same = |cell: &&Cell| cell.settled && cell.access == access;
            if !unavoidable(
                cells.iter().filter(same).map(|cell| &cell.piece),
                self.world,
                asked,
            ) {
                certain
                    .iter_mut()
                    .zip(cells)
                    .filter(|(_, cell)| cell.access == access)
                    .for_each(|(c, _)| *c = false);
                continue;
            }
            if cells.len() > MOST_JUDGED_ALONE {
                continue;
            }
            let alone = |cell: &Cell| {
                let beside = cells
                    .iter()
                    .filter(same)
                    .filter(|other| other.piece.beside(&cell.piece));
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
            _ if !cell.settled => {
                "`virtual_network_tag: with_routes` or `without_routes`".to_owned()
            }
            Asked::SomeHost(_) => format!(
                "the addresses of `{}`, or the service tag that holds them",
                self.flow.remote
            ),
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
        Some(Part {
            outcome,
            access: cell.access,
            flow,
            decided_by,
            passed,
            example,
        })
    }

    /// The tags that the question, the rules and the routes name, and `Internet`.
    fn tags(&self) -> impl Iterator<Item = &(ServiceTag, AtomSet)> {
        let table = self.world.atoms;
        let rules = self
            .levels
            .iter()
            .filter_map(|level| level.group)
            .flat_map(|group| group.rules(self.flow.direction));
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
