//! What the asks for one other end come to, however many rules and lines they are spread over.

use std::collections::{BTreeMap, BTreeSet};

use palisade_source::Severity;
use palisade_syntax::ast::Strength;

use super::asks::{Ask, Manner, weight};
use super::packets::Packets;
use super::words::Clause;

/// What asks come to: for each manner and set of conditions the packets, and how strong the ask is. An ask that another
/// one of the same side already includes adds nothing.
#[derive(PartialEq, Eq)]
pub(super) struct Meaning<'a>(BTreeMap<Way<'a>, (Packets, Weight)>);

/// How strong the strongest statement behind an ask is, and how grave the gravest rule.
type Weight = (Option<Strength>, Option<Severity>);

/// A manner and the conditions under which it is asked.
type Way<'a> = (Manner, &'a BTreeSet<Clause>);

impl<'a> Meaning<'a> {
    pub(super) fn new(asks: &[&'a Ask]) -> Self {
        let mut all: BTreeMap<Way<'a>, (Packets, Weight)> = BTreeMap::new();
        for ask in asks {
            let mut left = ask.packets.clone();
            for wider in asks.iter().filter(|other| includes(other, ask)) {
                left = left.without(&wider.packets);
            }
            if !left.is_empty() {
                let (packets, (strength, severity)) = all.entry((ask.manner, &ask.conditions)).or_default();
                packets.add(&left);
                *strength = (*strength).max(weight(ask.strength));
                *severity = (*severity).max(Some(ask.severity));
            }
        }
        Self(all)
    }

    pub(super) fn manners(&self) -> BTreeSet<Manner> {
        self.0.keys().map(|(manner, _)| *manner).collect()
    }

    pub(super) fn conditions(&self) -> BTreeSet<&'a BTreeSet<Clause>> {
        self.0.keys().map(|(_, conditions)| *conditions).collect()
    }

    pub(super) fn strength(&self) -> Option<Strength> {
        self.0.values().filter_map(|(_, (strength, _))| *strength).max()
    }

    pub(super) fn severity(&self) -> Option<Severity> {
        self.0.values().filter_map(|(_, (_, severity))| *severity).max()
    }

    /// What is asked, however strongly.
    pub(super) fn unweighed(&self) -> Vec<(&Way<'a>, &Packets)> {
        self.0.iter().map(|(key, (packets, _))| (key, packets)).collect()
    }
}

/// Whether what one asks it asks wherever the other does, and as strongly. One of several ways is so only for the rule that
/// knows the others.
pub(super) fn includes(wider: &Ask, narrower: &Ask) -> bool {
    let always = match wider.manner {
        Manner::Required | Manner::Forbidden => true,
        Manner::OneOf => wider.rule == narrower.rule,
        Manner::Some | Manner::AtMost | Manner::Judged => false,
    };
    always
        && wider.manner == narrower.manner
        && weight(wider.strength) >= weight(narrower.strength)
        && wider.severity >= narrower.severity
        && wider.conditions.len() < narrower.conditions.len()
        && wider.conditions.is_subset(&narrower.conditions)
}
