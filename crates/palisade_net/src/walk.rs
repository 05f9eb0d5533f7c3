//! Walks a question through the levels at a place: each rule is intersected with what is left of the question; what it
//! matches is decided, the rest goes on to the next rule, and the search stops when nothing is left. What one level allows
//! is the question to the next.

use smallvec::SmallVec;

use crate::atoms::TagId;
use crate::builtin::PlatformService;
use crate::evaluate::Level;
use crate::group::{CompiledGroup, CompiledRule, LocalEnd, RemoteEnd, RuleId};
use crate::protocols::{Access, Direction};
use crate::space::{Mask, Piece, World, split_platform};
use crate::verdict::{Decider, LevelKind};

/// A question that falls into more boxes than this is given up as undetermined; real ones have a few dozen.
pub(crate) const MOST_BOXES: usize = 20_000;

/// A box with what was decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) piece: Piece,
    pub(crate) access: Access,
    /// What passed it, level by level; the last decided.
    pub(crate) path: SmallVec<[Decider; 2]>,
    /// Whether it is decided alike with and without the prefixes of routes in `VirtualNetwork`.
    pub(crate) settled: bool,
}

/// One walk through all levels.
pub(crate) struct Walk<'a> {
    pub(crate) world: &'a World<'a>,
    pub(crate) direction: Direction,
    pub(crate) levels: &'a [Level<'a>],
}

impl Walk<'_> {
    /// Every box of the question with what becomes of it.
    pub(crate) fn decide(&self, question: &[Piece]) -> Result<Vec<Cell>, String> {
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
        let mut order: SmallVec<[(usize, &Level<'_>); 4]> = self.levels.iter().enumerate().collect();
        order.sort_by_key(|(_, level)| level.kind);
        if self.direction == Direction::Outbound {
            order.reverse();
        }
        let mut open = vec![Cell { piece, access: Access::Allow, path: SmallVec::new(), settled: true }];
        for (index, level) in order {
            let Some(group) = level.group else { continue };
            let mut allowed = Vec::new();
            for cell in open {
                for hit in self.pass_group(&cell, group, index, level.kind, platform)? {
                    if hit.access == Access::Allow {
                        allowed.push(hit);
                    } else {
                        decided.push(hit);
                    }
                }
            }
            open = allowed;
        }
        for cell in &mut open {
            if cell.path.is_empty() {
                cell.path.push(platform.map_or(Decider::NoGroup, Decider::Platform));
            }
        }
        decided.extend(open);
        if decided.len() > MOST_BOXES { Err(too_wide()) } else { Ok(()) }
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
        let defaults = if platform.is_none() { defaults.as_slice() } else { &[] };
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
                            hits.push(Cell { piece: inside, access: rule.access, ..cell.clone() });
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
        hits.extend(left.into_iter().map(|piece| Cell { piece, ..cell.clone() }));
        Ok(hits)
    }

    /// Hands the boxes that a rule matches to `visit`. Rules match the platform's traffic by its tag and nothing else.
    fn masks(&self, rule: &CompiledRule, platform: Option<PlatformService>, visit: &mut dyn FnMut(&Mask<'_>)) {
        let whole = Mask {
            protocols: rule.protocols,
            remote_ports: &rule.remote_ports,
            local_ports: &rule.local_ports,
            local: if let LocalEnd::Ips(ips) = &rule.local { Some(ips) } else { None },
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
            visit(&Mask { remote: Some(&network.ips), ..whole.clone() });
            if let Some(atoms) = &network.atoms {
                visit(&Mask { atoms: Some(atoms), ..whole.clone() });
            }
        };
        match &rule.remote {
            RemoteEnd::Any => visit(&whole),
            RemoteEnd::Tag(id) => self.visit_tag(*id, &whole, visit),
            RemoteEnd::VirtualNetwork => visit_network(visit),
            RemoteEnd::List(list) => {
                visit(&Mask { remote: Some(&list.ips), ..whole.clone() });
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
            visit(&Mask { atoms: Some(atoms), ..whole.clone() });
        }
    }
}

pub(crate) fn too_wide() -> String {
    format!("a narrower question: this one falls into more than {MOST_BOXES} parts")
}

fn decider(rule: &CompiledRule, level_index: usize, level: LevelKind) -> Decider {
    match rule.id {
        RuleId::Own(rule_index) => {
            Decider::Rule { level, level_index, rule: rule_index as usize, priority: rule.priority }
        }
        RuleId::Default(name) => Decider::Default { level, level_index, name, priority: rule.priority },
    }
}
