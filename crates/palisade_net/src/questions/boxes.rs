//! Sets of packets as lists of boxes, and their summary in few of them.
//!
//! A set that comes out of many rules falls into many small boxes. To sum it up, each is grown as far as the set goes, one
//! dimension after the other, and what the grown box covers is dropped; then each is narrowed to what no other box covers.
//! The boxes that remain may overlap, and together they are the set, no more and no less.

use crate::atom_set::AtomSet;
use crate::certainty::{Asked, unavoidable};
use crate::context::NetworkContext;
use crate::describe::{self, Words};
use crate::flow::Flow;
use crate::ip_set::{Family, IpSet};
use crate::ports::PortSet;
use crate::protocols::ProtocolSet;
use crate::questions::Portion;
use crate::space::{Piece, World};
use crate::tag::ServiceTag;
use crate::walk::{MOST_BOXES, too_wide};

/// Boxes are no longer grown after this many comparisons: the summary stays exact and becomes longer.
const MOST_COMPARISONS: usize = 200_000;
/// With more boxes than this they are not compared with each other.
const MOST_NARROWED: usize = 100;

/// What is in some of `boxes` and in none of `others`.
pub(super) fn subtract(boxes: Vec<Piece>, others: &[Piece], world: &World<'_>) -> Result<Vec<Piece>, String> {
    let mut left = boxes;
    for other in others {
        let mut next = Vec::with_capacity(left.len());
        for piece in left {
            match piece.without(other, world) {
                None => next.push(piece),
                Some(rest) => next.extend(rest),
            }
        }
        left = next;
        if left.len() > MOST_BOXES {
            return Err(too_wide());
        }
    }
    Ok(left)
}

/// What is in some of `boxes` and in some of `others`. Boxes of one list that overlap give boxes that overlap.
pub(super) fn intersect(boxes: &[Piece], others: &[Piece], world: &World<'_>) -> Result<Vec<Piece>, String> {
    let mut both = Vec::new();
    for piece in boxes {
        both.extend(others.iter().filter_map(|other| piece.intersect(other, world)));
        if both.len() > MOST_BOXES {
            return Err(too_wide());
        }
    }
    Ok(both)
}

/// Sums up sets of packets that are parts of one flow.
pub(super) struct Summary<'a> {
    pub(super) whole: &'a Flow,
    pub(super) world: &'a World<'a>,
    words: Vec<&'a (ServiceTag, AtomSet)>,
}

impl<'a> Summary<'a> {
    /// `tags` are those that the boxes may have been cut by.
    pub(super) fn new(
        whole: &'a Flow,
        ctx: &'a NetworkContext<'_>,
        world: &'a World<'a>,
        tags: impl Iterator<Item = &'a (ServiceTag, AtomSet)>,
    ) -> Self {
        let routes = describe::route_tags(ctx);
        Self { whole, world, words: tags.chain(routes).collect() }
    }

    /// The set in few boxes, each as a flow with an example. None of them is called certain unless `certain`.
    pub(super) fn of(&self, set: Vec<Piece>, certain: bool) -> Result<Vec<Portion>, String> {
        let words = Words::new(self.words.iter().copied());
        let grown = self.cover(set)?;
        let worded = grown.into_iter().flat_map(|piece| self.worded(piece, &words));
        let portion = |piece: Piece| {
            let flow = describe::flow_of(&piece, self.whole, self.world, &words);
            let example = describe::example(&flow, &piece, self.world)?;
            let certain = certain && unavoidable(std::iter::once(&piece), self.world, &Asked::Everything);
            Some(Portion { flow, example, certain })
        };
        Ok(join_protocols(worded.filter_map(portion).collect()))
    }

    /// Few boxes that cover the set and nothing else.
    fn cover(&self, set: Vec<Piece>) -> Result<Vec<Piece>, String> {
        let outside = subtract(self.world.pieces(self.whole)?, &set, self.world)?;
        let (mut cover, mut budget): (Vec<Piece>, _) = (Vec::new(), MOST_COMPARISONS);
        for piece in set {
            for left in subtract(vec![piece], &cover, self.world)? {
                let spent = budget.checked_sub(outside.len().max(1));
                let grown = if spent.is_some() { self.grown(&left, &outside) } else { left };
                budget = spent.unwrap_or(0);
                cover.push(grown);
            }
        }
        self.without_needless(cover)
    }

    /// Drops boxes that lie in the others, and narrows each to what it alone covers.
    fn without_needless(&self, mut cover: Vec<Piece>) -> Result<Vec<Piece>, String> {
        if cover.len() > MOST_NARROWED {
            return Ok(cover);
        }
        let mut i = 0;
        while let Some(piece) = cover.get(i).cloned() {
            let others: Vec<Piece> =
                cover.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, other)| other.clone()).collect();
            let alone = subtract(vec![piece], &others, self.world)?;
            match alone.into_iter().reduce(|a, b| a.hull(&b)).map(|piece| self.tidy(piece)) {
                None => cover = others,
                Some(narrow) => {
                    cover.get_mut(i).into_iter().for_each(|piece| *piece = narrow.clone());
                    i += 1;
                }
            }
        }
        Ok(cover)
    }

    /// Of all public addresses the atom that is not public says nothing; without it they are `Internet`.
    fn tidy(&self, mut piece: Piece) -> Piece {
        let family = if piece.local.has(Family::V4) { Family::V4 } else { Family::V6 };
        if self.world.prefixes.is_none() && piece.remote == self.world.public.only(family) {
            piece.atoms = piece.atoms.intersect(self.world.atoms.public());
        }
        piece
    }

    /// The box as large as it can be without touching what is outside.
    fn grown(&self, piece: &Piece, outside: &[Piece]) -> Piece {
        let family = if piece.local.has(Family::V4) { Family::V4 } else { Family::V6 };
        let mut grown = piece.clone();
        macro_rules! grow {
            ($field:ident, $whole:expr) => {
                let whole = $whole;
                if grown.$field != whole {
                    let wide = Piece { $field: whole, ..grown.clone() };
                    let mut reach = wide.$field.clone();
                    for met in outside.iter().filter_map(|other| wide.intersect(other, self.world)) {
                        reach = reach.subtract(&met.$field);
                    }
                    grown.$field = grown.$field.union(&reach);
                }
            };
        }
        grow!(remote_ports, PortSet::all());
        grow!(local_ports, PortSet::all());
        grow!(local, self.whole.local.only(family));
        grow!(atoms, self.world.atoms.all().clone());
        grow!(remote, IpSet::family(family));
        self.grow_protocols(&mut grown, outside);
        grown.settle(self.world).map_or_else(|| piece.clone(), |grown| self.tidy(grown))
    }

    fn grow_protocols(&self, grown: &mut Piece, outside: &[Piece]) {
        let with_ports = grown.protocols.overlaps(ProtocolSet::WITH_PORTS);
        let others = ProtocolSet::ALL.subtract(ProtocolSet::WITH_PORTS);
        let wide = Piece { protocols: if with_ports { ProtocolSet::WITH_PORTS } else { others }, ..grown.clone() };
        let met = outside.iter().filter_map(|other| wide.intersect(other, self.world));
        let reach = met.fold(wide.protocols, |reach, met| reach.subtract(met.protocols));
        grown.protocols = grown.protocols.union(reach);
    }

    /// The box itself if the tags at hand can name it, else parts that they can.
    fn worded(&self, piece: Piece, words: &Words<'_>) -> Vec<Piece> {
        if self.world.prefixes.is_some() {
            // Addresses name any box.
            return vec![piece];
        }
        let flow = describe::flow_of(&piece, self.whole, self.world, words);
        if self.world.pieces(&flow).is_ok_and(|pieces| pieces.as_slice() == [piece.clone()]) {
            return vec![piece];
        }
        let mut parts = vec![piece];
        for (_, atoms) in &self.words {
            let split = |part: Piece| {
                let (inside, outside) = (part.atoms.intersect(atoms), part.atoms.subtract(atoms));
                let part = |atoms| Piece { atoms, ..part.clone() }.settle(self.world);
                [part(inside), part(outside)].into_iter().flatten()
            };
            parts = parts.into_iter().flat_map(split).collect();
        }
        parts
    }
}

/// Boxes of protocols with and without ports are apart; where they say the same, one line says it for both.
fn join_protocols(portions: Vec<Portion>) -> Vec<Portion> {
    let mut joined: Vec<Portion> = Vec::with_capacity(portions.len());
    for portion in portions {
        let same = |other: &&mut Portion| {
            let with = Flow { protocols: portion.flow.protocols, ..other.flow.clone() };
            other.certain == portion.certain && with == portion.flow
        };
        match joined.iter_mut().find(same) {
            Some(other) => other.flow.protocols = other.flow.protocols.union(portion.flow.protocols),
            None => joined.push(portion),
        }
    }
    joined
}
