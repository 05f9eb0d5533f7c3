//! Streams: what both sides ask of the traffic with one other end, set side by side.
//!
//! A stream is all traffic of one subject with one end in one direction. Within it, only what shares a condition is compared:
//! what is asked of attached machines says nothing about clusters. What only one side asks is dropped or added; what both ask
//! is kept if it is the same packets in the same manner under the same conditions and as strong, however it is written.

use std::collections::{BTreeMap, BTreeSet};

use palisade_net::Direction;
use palisade_syntax::ast::Strength;
use smol_str::SmolStr;

use super::asks::{Ask, End, Manner};
use super::meaning::Meaning;
use super::packets::Packets;
use super::ranges::Pieces;
use super::words::Clause;

/// What both sides ask of some traffic; at least one asks something.
pub(super) struct Stream<'a> {
    pub(super) subject: SmolStr,
    /// Whether it is a limit: the most that may be open, and no demand.
    pub(super) limit: bool,
    /// Of the old side and of the new one: the same unless streams were paired.
    pub(super) ways: [(Direction, String); 2],
    pub(super) asked: [Vec<&'a Ask>; 2],
}

/// Sets the asks of two sides side by side.
pub(super) fn streams<'a>(old: &'a [Ask], new: &'a [Ask]) -> Vec<Stream<'a>> {
    let all = || old.iter().map(|ask| (0, ask)).chain(new.iter().map(|ask| (1, ask)));
    let ranges = all().filter_map(|(_, ask)| if let End::Range(range) = ask.end { Some(range) } else { None });
    let pieces = Pieces::new(ranges);
    let mut by_end: BTreeMap<(Kind, Place<'_>), Sides<'a>> = BTreeMap::new();
    for (side, ask) in all() {
        let places: Vec<Place<'_>> = match &ask.end {
            End::Named(name) => vec![Place::Named(name)],
            End::Range(range) => pieces.of(*range).map(Place::Piece).collect(),
        };
        for place in places {
            let sides = by_end.entry((kind(ask), place)).or_default();
            sides.push((side, ask));
        }
    }
    let mut streams = Vec::new();
    let mut addresses: BTreeMap<AddressKey<'a>, (Vec<usize>, Sides<'a>)> = BTreeMap::new();
    for ((kind, place), asks) in by_end {
        for group in concerned_together(asks) {
            match place {
                Place::Named(name) => streams.push(Stream::new(&kind, name, &group)),
                // Pieces of addresses of which both sides ask the same belong together again.
                Place::Piece(number) => {
                    let likeness: BTreeSet<Likeness<'a>> = group.iter().map(likeness).collect();
                    let key = (kind.clone(), likeness.into_iter().collect());
                    let (numbers, sides) = addresses.entry(key).or_default();
                    numbers.push(number);
                    sides.extend(group);
                }
            }
        }
    }
    for ((kind, _), (numbers, asks)) in addresses {
        let end = pieces.addresses(numbers.into_iter()).to_string();
        streams.push(Stream::new(&kind, &end, &asks));
    }
    streams
}

/// Asks of both sides: which side, and what it asks.
type Sides<'a> = Vec<(usize, &'a Ask)>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place<'a> {
    Named(&'a str),
    Piece(usize),
}

/// What makes asks of two ranges alike.
type Likeness<'a> = (usize, Manner, &'a BTreeSet<Clause>, &'a Packets, Option<Strength>);

/// What pieces of addresses have in common that belong together.
type AddressKey<'a> = (Kind, Vec<Likeness<'a>>);

/// Subject, whether it is a limit, direction: what streams are told apart by besides their ends.
type Kind = (SmolStr, bool, Direction);

fn kind(ask: &Ask) -> Kind {
    (ask.subject.clone(), ask.manner == Manner::AtMost, ask.direction)
}

fn likeness<'a>((side, ask): &(usize, &'a Ask)) -> Likeness<'a> {
    (*side, ask.manner, &ask.conditions, &ask.packets, ask.strength)
}

/// Parts asks that share no condition, not even through others. What has no condition concerns all.
fn concerned_together(asks: Sides<'_>) -> Vec<Sides<'_>> {
    if asks.iter().any(|(_, ask)| ask.conditions.is_empty()) {
        return vec![asks];
    }
    let mut groups: Vec<(BTreeSet<&Clause>, Sides<'_>)> = Vec::new();
    for (side, ask) in asks {
        let mut joined = (ask.conditions.iter().collect::<BTreeSet<_>>(), vec![(side, ask)]);
        let (with, apart) = groups.into_iter().partition(|(known, _)| !known.is_disjoint(&joined.0));
        groups = apart;
        for (known, asks) in <Vec<(BTreeSet<&Clause>, Sides<'_>)>>::into_iter(with) {
            joined.0.extend(known);
            joined.1.splice(0..0, asks);
        }
        groups.push(joined);
    }
    groups.into_iter().map(|(_, asks)| asks).collect()
}

impl<'a> Stream<'a> {
    fn new((subject, limit, direction): &Kind, end: &str, asks: &[(usize, &'a Ask)]) -> Self {
        let of = |side: usize| {
            let mut all: Vec<&'a Ask> = Vec::new();
            for (_, ask) in asks.iter().filter(|(of, _)| *of == side) {
                if !all.iter().any(|known| std::ptr::eq(*known, *ask)) {
                    all.push(ask);
                }
            }
            all
        };
        let way = (*direction, end.to_owned());
        Self { subject: subject.clone(), limit: *limit, ways: [way.clone(), way], asked: [of(0), of(1)] }
    }

    /// All that a side asks about.
    pub(super) fn packets(&self, side: usize) -> Packets {
        let mut all = Packets::default();
        self.side(side).iter().for_each(|ask| all.add(&ask.packets));
        all
    }

    pub(super) fn side(&self, side: usize) -> &[&'a Ask] {
        self.asked.get(side).map_or(&[], Vec::as_slice)
    }

    /// The side that asks it, where only one does.
    pub(super) fn only_side(&self) -> Option<usize> {
        match (self.side(0).is_empty(), self.side(1).is_empty()) {
            (true, false) => Some(1),
            (false, true) => Some(0),
            _ => None,
        }
    }

    /// Whether some ask of one shares a condition with one of the other.
    pub(super) fn concerns(&self, other: &Self) -> bool {
        let of = |stream: &Self| -> Vec<&'a Ask> { stream.asked.iter().flatten().copied().collect() };
        let (mine, theirs) = (of(self), of(other));
        let free = |asks: &[&Ask]| asks.iter().any(|ask| ask.conditions.is_empty());
        let known: BTreeSet<&Clause> = mine.iter().flat_map(|ask| &ask.conditions).collect();
        free(&mine) || free(&theirs) || theirs.iter().any(|ask| ask.conditions.iter().any(|c| known.contains(c)))
    }

    /// Whether both sides ask for all of it, so that what only one asks is more or less of the same.
    pub(super) fn is_asked_alike(&self) -> bool {
        let [old, new] = [0, 1].map(|side| Meaning::new(self.side(side)).manners());
        let open = |manner: &Manner| matches!(manner, Manner::Required | Manner::OneOf);
        old == new || old.union(&new).all(open)
    }

    /// How the two sides differ; nothing where they do not.
    pub(super) fn differences(&self) -> Vec<&'static str> {
        let (old, new) = (Meaning::new(self.side(0)), Meaning::new(self.side(1)));
        let [(direction, end), (other_direction, other_end)] = &self.ways;
        let mut found = Vec::new();
        let mut note = |differs: bool, what| found.extend(differs.then_some(what));
        note(direction != other_direction, "direction");
        note(end != other_end, "remote");
        let (was, now) = (self.packets(0), self.packets(1));
        note(was.protocols() != now.protocols(), "protocol");
        note(was.differ_in_ports(&now), "ports");
        note(old.manners() != new.manners(), "manner");
        note(old.strength() != new.strength(), "strength");
        note(old.severity() != new.severity(), "severity");
        note(old.conditions() != new.conditions(), "conditions");
        if found.is_empty() && old != new {
            found.push(if old.unweighed() == new.unweighed() { "strength" } else { "conditions" });
        }
        found
    }
}
