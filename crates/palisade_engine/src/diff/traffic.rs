//! Streams as the report shows them.

use std::collections::BTreeSet;

use palisade_source::report::{DiffFate, TrafficAsk, TrafficChange, TrafficSide};
use palisade_syntax::ast::Strength;
use smol_str::SmolStr;

use super::asks::Ask;
use super::meaning::includes;
use super::packets::Packets;
use super::pairs::{Paired, pair};
use super::streams::{Stream, streams};
use super::words::Words;
use crate::check::finding::citations;
use crate::policy::sources::strength_word;

/// What became of the traffic that two sides ask, by subject, direction and other end.
pub(super) fn changes(words: &Words<'_>, old: &[Ask], new: &[Ask]) -> Vec<TrafficChange> {
    let mut all: Vec<TrafficChange> = pair(streams(old, new)).into_iter().map(|paired| change(words, paired)).collect();
    all.sort_by_cached_key(|one| {
        let asked = one.was.as_ref().or(one.now.as_ref());
        let rules: Vec<String> = asked.iter().flat_map(|side| &side.asked).map(|ask| ask.rule.clone()).collect();
        (one.subject.clone(), one.fate, rules, asked.map(|side| side.flows.clone()))
    });
    all
}

fn change(words: &Words<'_>, (stream, guess): Paired<'_>) -> TrafficChange {
    let (was, now) = (side(words, &stream, 0), side(words, &stream, 1));
    let mut change = TrafficChange {
        fate: DiffFate::Kept,
        subject: stream.subject.to_string(),
        differs: Vec::new(),
        was,
        now,
        lost: Vec::new(),
        gained: Vec::new(),
        guess,
    };
    change.fate = match stream.only_side() {
        Some(0) => DiffFate::Dropped,
        Some(_) => DiffFate::Added,
        None => {
            change.differs = stream.differences();
            let [(old_way, old_end), (new_way, new_end)] = &stream.ways;
            if stream.ways.first() == stream.ways.last() && stream.is_asked_alike() {
                let (old, new) = (stream.packets(0), stream.packets(1));
                change.lost = old.without(&new).lines(*old_way, old_end);
                change.gained = new.without(&old).lines(*new_way, new_end);
            }
            if change.differs.is_empty() { DiffFate::Kept } else { DiffFate::Changed }
        }
    };
    change
}

fn side(words: &Words<'_>, stream: &Stream<'_>, number: usize) -> Option<TrafficSide> {
    let asks = stream.side(number);
    let (direction, end) = stream.ways.get(number).filter(|_| !asks.is_empty())?;
    let strongest = asks.iter().filter_map(|ask| ask.strength).max();
    let cites = |ids: &[SmolStr]| citations(words.db, words.program, ids.iter());
    let told = told(asks).into_iter().map(|one| TrafficAsk {
        rule: one.first.rule.to_string(),
        severity: one.first.severity,
        manner: one.first.manner.word(),
        of: one.of.iter().copied().collect(),
        flows: one.packets.lines(*direction, end),
        conditions: one.first.told.clone(),
        strength: one.strength.map(strength_word),
        cites: cites(&one.cites),
        rule_cites: cites(&one.rule_cites),
    });
    Some(TrafficSide {
        flows: stream.packets(number).lines(*direction, end),
        strength: strongest.map(strength_word),
        asked: told.collect(),
    })
}

/// What one rule asks in one manner under the same conditions.
struct Told<'a> {
    first: &'a Ask,
    packets: Packets,
    of: BTreeSet<&'static str>,
    cites: Vec<SmolStr>,
    rule_cites: Vec<SmolStr>,
    strength: Option<Strength>,
}

impl<'a> Told<'a> {
    fn new(first: &'a Ask) -> Self {
        let (packets, of) = (Packets::default(), BTreeSet::new());
        Self { first, packets, of, cites: Vec::new(), rule_cites: Vec::new(), strength: None }
    }

    fn add(&mut self, ask: &Ask) {
        self.packets.add(&ask.packets);
        self.of.extend(ask.of);
        self.strength = self.strength.max(ask.strength);
        for (known, cites) in [(&mut self.cites, &ask.cites), (&mut self.rule_cites, &ask.rule_cites)] {
            for id in cites {
                if !known.contains(id) {
                    known.push(id.clone());
                }
            }
        }
    }
}

/// The asks rule by rule; what a rule asks once more under further conditions is not told twice.
fn told<'a>(asks: &[&'a Ask]) -> Vec<Told<'a>> {
    let mut all: Vec<Told<'a>> = Vec::new();
    let alike =
        |one: &Ask, ask: &Ask| (&one.rule, one.manner, &one.conditions) == (&ask.rule, ask.manner, &ask.conditions);
    for ask in asks {
        let once_more = |other: &&&Ask| {
            other.rule == ask.rule && includes(other, ask) && ask.packets.without(&other.packets).is_empty()
        };
        let wider = asks.iter().filter(once_more).min_by_key(|other| other.conditions.len()).unwrap_or(ask);
        if let Some(told) = all.iter_mut().find(|told| alike(told.first, wider)) {
            told.add(ask);
        } else {
            let mut told = Told::new(wider);
            told.add(ask);
            all.push(told);
        }
    }
    all
}
