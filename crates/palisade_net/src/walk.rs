//! Walks a question through the levels at a place: each rule is intersected with what is left of the question; what it
//! matches is decided, the rest goes on to the next rule, and the search stops when nothing is left. What one level allows
//! is the question to the next.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::admin::AdminAccess;
use crate::atoms::TagId;
use crate::builtin::PlatformService;
use crate::doubt::Doubt;
use crate::evaluate::Level;
use crate::group::{CompiledGroup, CompiledRule, LocalEnd, RemoteEnd, RuleId};
use crate::ip_set::IpSet;
use crate::protocols::{Access, Direction};
use crate::space::{Mask, Piece, TagExtent, World, split_platform};
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
    /// What its fate depends on that is not known, if anything.
    pub(crate) doubt: Option<Doubt>,
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
        for (platform, pieces) in self.streams(question) {
            for piece in pieces {
                self.pass_levels(piece, platform, &mut decided)?;
            }
        }
        Ok(decided)
    }

    /// The question by platform service: those boxes that go to one, and the ordinary ones last. Only outbound traffic goes
    /// to the platform's services.
    pub(crate) fn streams(&self, question: &[Piece]) -> Vec<(Option<PlatformService>, Vec<Piece>)> {
        let (mut streams, mut ordinary) = (Vec::new(), question.to_vec());
        let services = PlatformService::ALL.into_iter().filter(|_| self.direction == Direction::Outbound);
        for service in services {
            let (mut to_service, mut rest) = (Vec::new(), Vec::new());
            for piece in ordinary {
                match split_platform(&piece, service, self.world) {
                    None => rest.push(piece),
                    Some((inside, outside)) => {
                        rest.extend(outside);
                        to_service.push(inside);
                    }
                }
            }
            ordinary = rest;
            streams.push((Some(service), to_service));
        }
        streams.push((None, ordinary));
        streams
    }

    /// The levels in Azure's order: admin rules first, then by direction.
    fn in_order(&self) -> SmallVec<[(usize, &Level<'_>); 4]> {
        let mut order: SmallVec<[(usize, &Level<'_>); 4]> = self.levels.iter().enumerate().collect();
        let rank = |kind| match (kind, self.direction) {
            (LevelKind::Admin, _) => 0,
            (LevelKind::Subnet, Direction::Inbound) | (LevelKind::Interface, Direction::Outbound) => 1,
            (LevelKind::Interface, Direction::Inbound) | (LevelKind::Subnet, Direction::Outbound) => 2,
        };
        order.sort_by_key(|(_, level)| rank(level.kind));
        order
    }

    /// Takes one box through the levels in Azure's order.
    fn pass_levels(
        &self,
        piece: Piece,
        platform: Option<PlatformService>,
        decided: &mut Vec<Cell>,
    ) -> Result<(), String> {
        let mut open = vec![Cell { piece, access: Access::Allow, path: SmallVec::new(), doubt: None }];
        for (index, level) in self.in_order() {
            let Some(group) = level.group else { continue };
            let mut allowed = Vec::new();
            for cell in open {
                for hit in self.pass_group(&cell, group, index, level.kind, platform)? {
                    let always =
                        matches!(hit.path.last(), Some(Decider::Admin { access: AdminAccess::AlwaysAllow, .. }));
                    if hit.access == Access::Allow && !always {
                        allowed.push(hit);
                    } else {
                        decided.push(hit);
                    }
                }
            }
            open = allowed;
        }
        for cell in &mut open {
            // What an admin rule allows is left to the groups, of which there is none.
            if matches!(cell.path.last(), None | Some(Decider::Admin { .. })) {
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
        let defaults = if platform.is_none() && !group.is_admin() { defaults.as_slice() } else { &[] };
        let (mut left, mut hits) = (vec![cell.piece.clone()], Vec::new());
        for rule in group.rules(self.direction).iter().chain(defaults) {
            // Most rules are about other ports, which is told at a glance.
            if left.iter().all(|piece| piece.misses_ports(&rule.remote_ports, &rule.local_ports)) {
                continue;
            }
            for piece in self.take(rule, platform, &mut left)? {
                let mut hit = Cell { piece, access: rule.access, ..cell.clone() };
                hit.path.push(decider(rule, index, kind));
                hits.push(hit);
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

    /// Takes out of `left` what a rule matches.
    pub(crate) fn take(
        &self,
        rule: &CompiledRule,
        platform: Option<PlatformService>,
        left: &mut Vec<Piece>,
    ) -> Result<Vec<Piece>, String> {
        let local = match &rule.local {
            LocalEnd::Any => None,
            LocalEnd::Ips(ips) => Some(Cow::Borrowed(&**ips)),
            LocalEnd::Members(list) => Some(Cow::Owned(self.world.local_members(list))),
        };
        let whole = Mask {
            protocols: rule.protocols,
            remote_ports: &rule.remote_ports,
            local_ports: &rule.local_ports,
            local: local.as_deref(),
            atoms: None,
            remote: None,
        };
        let mut taken = Vec::new();
        if left.iter().all(|piece| piece.misses(&whole)) {
            return Ok(taken);
        }
        self.masks(rule, &whole, platform, &mut |mask| {
            let mut rest = Vec::with_capacity(left.len());
            for piece in left.drain(..) {
                match piece.split(mask, self.world) {
                    None => rest.push(piece),
                    Some((inside, outside)) => {
                        rest.extend(outside);
                        taken.push(inside);
                    }
                }
            }
            *left = rest;
        })?;
        Ok(taken)
    }

    /// Hands the boxes that a rule matches to `visit`. Rules match the platform's traffic by its tag and nothing else, which
    /// is taken to hold for admin rules as it does for groups.
    fn masks(
        &self,
        rule: &CompiledRule,
        whole: &Mask<'_>,
        platform: Option<PlatformService>,
        visit: &mut dyn FnMut(&Mask<'_>),
    ) -> Result<(), String> {
        if let Some(service) = platform {
            if matches!(&rule.remote, RemoteEnd::List(list) if list.platform.contains(&service)) {
                visit(whole);
            }
            return Ok(());
        }
        let at = |ips: &IpSet, visit: &mut dyn FnMut(&Mask<'_>)| visit(&Mask { remote: Some(ips), ..whole.clone() });
        match &rule.remote {
            RemoteEnd::Any => visit(whole),
            RemoteEnd::Tag(id) => self.visit_tag(*id, whole, visit)?,
            RemoteEnd::VirtualNetwork => self.visit_network(whole, visit)?,
            RemoteEnd::Members(list) => at(&self.world.remote_members(list), visit),
            RemoteEnd::List(list) => {
                at(&list.ips, visit);
                if list.virtual_network {
                    self.visit_network(whole, visit)?;
                }
                for id in &list.tags {
                    self.visit_tag(*id, whole, visit)?;
                }
            }
        }
        Ok(())
    }

    fn visit_network(&self, whole: &Mask<'_>, visit: &mut dyn FnMut(&Mask<'_>)) -> Result<(), String> {
        if let Some(needed) = &self.world.network_open {
            return Err(needed.clone());
        }
        let network = &self.world.network_tag;
        visit(&Mask { remote: Some(&network.ips), ..whole.clone() });
        for atoms in &network.atoms {
            visit(&Mask { atoms: Some(atoms), ..whole.clone() });
        }
        Ok(())
    }

    fn visit_tag(&self, id: TagId, whole: &Mask<'_>, visit: &mut dyn FnMut(&Mask<'_>)) -> Result<(), String> {
        match self.world.listed(id)? {
            TagExtent::Atoms(atoms) => visit(&Mask { atoms: Some(atoms), ..whole.clone() }),
            TagExtent::Ips(ips) => visit(&Mask { remote: Some(&ips), ..whole.clone() }),
        }
        Ok(())
    }
}

pub(crate) fn too_wide() -> String {
    format!("a narrower question: this one falls into more than {MOST_BOXES} parts")
}

fn decider(rule: &CompiledRule, level_index: usize, level: LevelKind) -> Decider {
    let priority = rule.priority;
    match (rule.id, rule.admin) {
        (RuleId::Own(own), Some(access)) => Decider::Admin { level_index, rule: own as usize, priority, access },
        (RuleId::Own(own), None) => Decider::Rule { level, level_index, rule: own as usize, priority },
        (RuleId::Default(name), _) => Decider::Default { level, level_index, name, priority },
    }
}
