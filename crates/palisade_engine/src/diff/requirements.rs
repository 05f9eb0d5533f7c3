//! What rules ask beside traffic, rule by rule.
//!
//! Which rule of one side answers to which of the other nothing says for certain. Surely the same are a rule that both sides
//! have and rules that ask the same; that rules of one name, or rules that rest on one statement, answer to each other is a
//! guess, and the report says which it was.

use std::collections::{BTreeMap, BTreeSet};

use palisade_source::report::{DiffFate, RequirementChange, RequirementSide};
use smol_str::SmolStr;

use super::asks::weight;
use super::sides::Demand;
use super::words::{Clause, Words};
use crate::policy::sources::strength_word;

/// What became of the requirements of two sides.
pub(super) fn changes(words: &Words<'_>, old: &[Demand<'_>], new: &[Demand<'_>]) -> Vec<RequirementChange> {
    let mut open = Open { old: old.iter().map(Some).collect(), new: new.iter().map(Some).collect(), pairs: Vec::new() };
    open.join("rule", &|one| vec![one.rule.name.to_string()]);
    open.join("text", &|one| vec![format!("{} {:?} {:?}", one.subject, one.conditions, one.requirements)]);
    open.join("name", &|one| vec![format!("{} {}", one.subject, one.rule.name.name)]);
    open.join("statement", &|one| one.cites.iter().map(|id| format!("{} {id}", one.subject)).collect());
    let Open { old, new, pairs } = open;
    let mut all: Vec<RequirementChange> = pairs.into_iter().map(|(by, was, now)| both(words, by, was, now)).collect();
    all.extend(old.into_iter().flatten().map(|was| alone(DiffFate::Dropped, Some(side(words, was)), None)));
    all.extend(new.into_iter().flatten().map(|now| alone(DiffFate::Added, None, Some(side(words, now)))));
    all.sort_by_cached_key(|one| {
        let side = one.was.as_ref().or(one.now.as_ref());
        side.map(|side| (side.subject.clone(), one.fate, side.rule.clone()))
    });
    all
}

/// What has no partner yet, and the pairs.
struct Open<'a, 'db> {
    old: Vec<Option<&'a Demand<'db>>>,
    new: Vec<Option<&'a Demand<'db>>>,
    pairs: Vec<(&'static str, &'a Demand<'db>, &'a Demand<'db>)>,
}

impl<'a, 'db> Open<'a, 'db> {
    /// Pairs what has one key, where each side has it once.
    fn join(&mut self, by: &'static str, keys: &dyn Fn(&Demand<'_>) -> Vec<String>) {
        let index = |all: &[Option<&'a Demand<'db>>]| {
            let mut index: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (at, one) in all.iter().enumerate() {
                let keys: BTreeSet<String> = one.iter().flat_map(|one| keys(one)).collect();
                for key in keys {
                    index.entry(key).or_default().push(at);
                }
            }
            index
        };
        let (old, new) = (index(&self.old), index(&self.new));
        for (key, ours) in old {
            let theirs = new.get(&key).map(Vec::as_slice);
            let ([ours], Some([theirs])) = (ours.as_slice(), theirs) else { continue };
            let (Some(was), Some(now)) = (self.old.get_mut(*ours), self.new.get_mut(*theirs)) else { continue };
            if let (Some(one), Some(other)) = (*was, *now) {
                self.pairs.push((by, one, other));
                (*was, *now) = (None, None);
            }
        }
    }
}

fn alone(fate: DiffFate, was: Option<RequirementSide>, now: Option<RequirementSide>) -> RequirementChange {
    RequirementChange { fate, was, now, paired_by: None, differs: Vec::new(), lost: Vec::new(), gained: Vec::new() }
}

fn both(words: &Words<'_>, by: &'static str, was: &Demand<'_>, now: &Demand<'_>) -> RequirementChange {
    let mut differs = Vec::new();
    let mut note = |same: bool, what| differs.extend((!same).then_some(what));
    note(was.requirements == now.requirements, "requirement");
    note(was.conditions == now.conditions, "conditions");
    note(was.rule.severity == now.rule.severity, "severity");
    note(weight(was.strength) == weight(now.strength), "strength");
    let fate = if differs.is_empty() { DiffFate::Kept } else { DiffFate::Changed };
    RequirementChange {
        fate,
        was: Some(side(words, was)),
        now: Some(side(words, now)),
        paired_by: Some(by),
        differs,
        lost: beyond(was, now),
        gained: beyond(now, was),
    }
}

/// The clauses of one that are not the other's.
fn beyond(one: &Demand<'_>, other: &Demand<'_>) -> Vec<String> {
    let conditions = one.conditions.difference(&other.conditions);
    let conditions = conditions.map(|clause| told(&format!("when {clause}"), clause, &other.conditions));
    let requirements = one.requirements.difference(&other.requirements);
    conditions.chain(requirements.map(|clause| told(&clause.text, clause, &other.requirements))).collect()
}

/// A clause; where the other side has one of the same text, what it names must be what differs.
fn told(text: &str, clause: &Clause, others: &BTreeSet<Clause>) -> String {
    if others.iter().any(|other| other.text == clause.text) {
        return format!("{text} (what it names says something else)");
    }
    text.to_owned()
}

fn side(words: &Words<'_>, one: &Demand<'_>) -> RequirementSide {
    let texts = |clauses: &BTreeSet<Clause>| clauses.iter().map(ToString::to_string).collect();
    RequirementSide {
        rule: one.rule.name.to_string(),
        title: one.rule.title.to_string(),
        subject: SmolStr::as_str(&one.subject).to_owned(),
        severity: one.rule.severity,
        strength: one.strength.map(strength_word),
        conditions: texts(&one.conditions),
        requirements: texts(&one.requirements),
        cites: one.citations(words),
    }
}
