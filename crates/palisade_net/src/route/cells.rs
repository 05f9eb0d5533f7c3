//! Splits a question into boxes of packets that the same routes take.

use std::borrow::Cow;
use std::collections::HashMap;

use smallvec::SmallVec;

use super::choose::{Choice, choose};
use super::compile::{CompiledRoutes, Route, Target, shortest_around};
use super::fate::{Fate, Purpose, Traits, fate};
use super::table::RoutePrefix;
use crate::atoms::TagId;
use crate::ip_set::Family;
use crate::ports::PortSet;
use crate::protocols::{Protocol, ProtocolSet};
use crate::space::{Mask, Piece, TagExtent, World};
use crate::walk::{MOST_BOXES, too_wide};

/// Boxes of one fate are not merged beyond this number, which keeps the quadratic search short.
const MOST_MERGED: usize = 400;

/// A box with the routes that may take it and what becomes of it on each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) piece: Piece,
    pub(crate) choice: Choice,
    /// One for each route of the choice.
    pub(crate) fates: SmallVec<[Fate; 1]>,
}

/// Splits questions by the routes of one table.
pub(crate) struct Splitter<'a> {
    pub(crate) world: &'a World<'a>,
    pub(crate) table: &'a CompiledRoutes,
    pub(crate) purpose: Purpose<'a>,
    /// The tags that need no egress.
    pub(crate) free: &'a [TagId],
}

impl Splitter<'_> {
    /// The boxes of the question with their routes.
    pub(crate) fn split(&self, question: Vec<Piece>) -> Result<Vec<Cell>, String> {
        let mut cells = Vec::new();
        for (piece, matching) in self.by_routes(question)? {
            let routes = matching.iter().filter_map(|i| self.table.routes.get(*i).map(|route| (*i, route)));
            let choice = choose(routes, self.table.user_default, |tag, net| self.shortest(tag, net));
            for (piece, traits) in self.by_traits(piece)? {
                let taken = choice.routes.iter().filter_map(|i| self.table.routes.get(*i));
                let fates = taken.map(|route| fate(route, traits, self.purpose, self.table)).collect();
                cells.push(Cell { piece, choice: choice.clone(), fates });
            }
            if cells.len() > MOST_BOXES {
                return Err(too_wide());
            }
        }
        Ok(merge(cells))
    }

    /// Boxes that the same routes match, with the places of those.
    fn by_routes(&self, question: Vec<Piece>) -> Result<Vec<(Piece, Vec<usize>)>, String> {
        let mut cells: Vec<(Piece, Vec<usize>)> = question.into_iter().map(|piece| (piece, Vec::new())).collect();
        for (i, route) in self.table.routes.iter().enumerate() {
            let ports = PortSet::all();
            let extent = match &route.target {
                Target::Net { ips, .. } => TagExtent::Ips(Cow::Borrowed(ips)),
                Target::Tag { id, .. } => self.world.listed(*id)?,
            };
            let mask = masked(&extent, &ports);
            let mut next = Vec::with_capacity(cells.len() + 1);
            for (piece, mut matching) in cells {
                match piece.split(&mask, self.world) {
                    None => next.push((piece, matching)),
                    Some((inside, rest)) => {
                        next.extend(rest.into_iter().map(|piece| (piece, matching.clone())));
                        matching.push(i);
                        next.push((inside, matching));
                    }
                }
            }
            cells = next;
            if cells.len() > MOST_BOXES {
                return Err(too_wide());
            }
        }
        Ok(cells)
    }

    /// How short the prefixes of a tag that overlap the network of a route may be.
    fn shortest(&self, tag: TagId, net: &Route) -> u8 {
        let (Target::Net { tags_from, .. }, RoutePrefix::Cidr(cidr)) = (&net.target, &net.about.prefix) else {
            return 0;
        };
        match self.world.listed(tag) {
            Ok(TagExtent::Ips(ips)) => shortest_around(*cidr, &ips),
            _ => *tags_from,
        }
    }

    /// Boxes whose packets a next hop treats alike.
    fn by_traits(&self, piece: Piece) -> Result<Vec<(Piece, Traits)>, String> {
        let ports = PortSet::all();
        let all = unlimited(&ports);
        let icmp = Mask { protocols: Protocol::Icmp.into(), ..all.clone() };
        let not_public = Mask { remote: Some(&self.world.not_public), ..all.clone() };
        let own = Mask { remote: Some(&self.table.address_space), ..all.clone() };
        let mut marked = vec![(piece, Marks::default())];
        self.mark(&mut marked, &icmp, |_| {});
        self.mark(&mut marked, &not_public, |marks| marks.not_public = true);
        self.mark(&mut marked, &own, |marks| marks.own = true);
        for id in self.free {
            let extent = self.world.listed(*id)?;
            self.mark(&mut marked, &masked(&extent, &ports), |marks| marks.free = true);
        }
        let traits = |piece: &Piece, marks: Marks| Traits {
            protocols: piece.protocols,
            family: if piece.remote.has(Family::V4) { Family::V4 } else { Family::V6 },
            public: !marks.not_public,
            own: marks.own,
            free: marks.free,
        };
        Ok(marked.into_iter().map(|(piece, marks)| (piece.clone(), traits(&piece, marks))).collect())
    }

    /// Splits boxes by `mask` and sets a mark on those inside.
    fn mark(&self, marked: &mut Vec<(Piece, Marks)>, mask: &Mask<'_>, set: impl Fn(&mut Marks)) {
        for (piece, mut marks) in std::mem::take(marked) {
            match piece.split(mask, self.world) {
                None => marked.push((piece, marks)),
                Some((inside, rest)) => {
                    marked.extend(rest.into_iter().map(|piece| (piece, marks)));
                    set(&mut marks);
                    marked.push((inside, marks));
                }
            }
        }
    }
}

/// What is known of a box so far.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    not_public: bool,
    own: bool,
    free: bool,
}

/// The limits of a network or tag at the remote end.
fn masked<'m>(extent: &'m TagExtent<'_>, ports: &'m PortSet) -> Mask<'m> {
    match extent {
        TagExtent::Atoms(atoms) => Mask { atoms: Some(atoms), ..unlimited(ports) },
        TagExtent::Ips(ips) => Mask { remote: Some(ips), ..unlimited(ports) },
    }
}

fn unlimited(ports: &PortSet) -> Mask<'_> {
    Mask {
        protocols: ProtocolSet::ALL,
        remote_ports: ports,
        local_ports: ports,
        local: None,
        atoms: None,
        remote: None,
    }
}

/// Joins boxes with the same routes and fates where one box can hold both.
fn merge(cells: Vec<Cell>) -> Vec<Cell> {
    let mut alike: Vec<(Cell, Vec<Piece>)> = Vec::new();
    let mut places: HashMap<(Choice, SmallVec<[Fate; 1]>), usize> = HashMap::new();
    for cell in cells {
        let place = *places.entry((cell.choice.clone(), cell.fates.clone())).or_insert(alike.len());
        match alike.get_mut(place) {
            Some((_, pieces)) => pieces.push(cell.piece),
            None => alike.push((cell.clone(), vec![cell.piece])),
        }
    }
    let merged = alike
        .into_iter()
        .flat_map(|(cell, pieces)| merge_pieces(pieces).into_iter().map(move |piece| Cell { piece, ..cell.clone() }));
    merged.collect()
}

fn merge_pieces(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let mut again = pieces.len() <= MOST_MERGED;
    while std::mem::take(&mut again) {
        let mut merged: Vec<Piece> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let joined = merged.iter_mut().find_map(|other| {
                let both = other.join(&piece).or_else(|| join_atoms(other, &piece))?;
                *other = both;
                Some(())
            });
            if joined.is_some() {
                again = true;
            } else {
                merged.push(piece);
            }
        }
        pieces = merged;
    }
    pieces
}

/// One box for both, if they differ in their atoms alone.
fn join_atoms(a: &Piece, b: &Piece) -> Option<Piece> {
    let joined = Piece { atoms: a.atoms.union(&b.atoms), ..a.clone() };
    (joined == Piece { atoms: joined.atoms.clone(), ..b.clone() }).then_some(joined)
}
