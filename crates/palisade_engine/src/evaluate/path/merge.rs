//! From the answers to the readings of a host to one answer: what does not hold in every reading is open.

use palisade_net::{Outcome, Remote, Verdict};

use super::portions::{Found, Portion, Reading};
use super::{Hop, Path, Step, add_new, combined, in_order};
use crate::evaluate::world::World;
use crate::place::Place;

/// The step, and the level, of what names say.
const NAME: &str = "name";

impl Path {
    /// What the groups say, and nothing else.
    pub fn of_groups(verdict: Verdict) -> Self {
        Self { hops: vec![None; verdict.parts.len()], verdict, steps: Vec::new() }
    }

    /// The same, where names leave or make every part of it that the groups do not deny.
    fn decided(mut self, outcome: Outcome, reading: &Reading, settles: &[String]) -> Self {
        let settles = if outcome == Outcome::Undetermined { settles } else { &[] };
        let hop = hop(reading.place.clone(), settles);
        for (part, at) in self.verdict.parts.iter_mut().zip(&mut self.hops) {
            if part.outcome != Outcome::Denied {
                part.outcome = outcome;
                *at = Some(hop.clone());
            }
        }
        self.verdict.settles = settles.to_vec();
        self.verdict.outcome = if self.verdict.outcome == Outcome::Denied { Outcome::Denied } else { outcome };
        self
    }

    /// The same with every part open, those that are denied too: it depends on the name.
    fn open(mut self, portion: &Portion) -> Self {
        add_new(&mut self.verdict.settles, portion.settles.clone());
        let hop = hop(portion.readings.iter().find_map(|reading| reading.place.clone()), &self.verdict.settles);
        for (part, at) in self.verdict.parts.iter_mut().zip(&mut self.hops) {
            part.outcome = Outcome::Undetermined;
            *at = Some(hop.clone());
        }
        self.verdict.outcome = Outcome::Undetermined;
        self
    }
}

fn hop(place: Option<Place>, settles: &[String]) -> Hop {
    Hop { level: NAME, place, priority: None, default_rule: None, settles: settles.to_vec() }
}

/// The answer to one reading, given what the groups say of it; `beyond` asks what comes after them.
pub fn reading(
    world: &dyn World,
    portion: &Portion,
    reading: &Reading,
    groups: Verdict,
    beyond: Option<&dyn Fn(Verdict) -> Path>,
) -> Path {
    let mut path = match (&reading.found, beyond) {
        (Found::NoRecord(_) | Found::NoServer, Some(_)) => {
            Path::of_groups(groups).decided(Outcome::Denied, reading, &[])
        }
        (Found::Unaddressed(_), Some(_)) if groups.outcome != Outcome::Denied => {
            Path::of_groups(groups).decided(Outcome::Undetermined, reading, &portion.settles)
        }
        (_, Some(beyond)) => beyond(groups),
        (Found::Unaddressed(_), None) if groups.outcome == Outcome::Partial => {
            Path::of_groups(groups).decided(Outcome::Undetermined, reading, &portion.settles)
        }
        (_, None) => Path::of_groups(groups),
    };
    if beyond.is_some() {
        path.steps.splice(0..0, step(world, portion, reading));
    }
    named(path, &portion.shown, reading)
}

/// What names say, if it is worth a step: a public name goes without saying, unless it may be another or a private endpoint is missed.
fn step(world: &dyn World, portion: &Portion, reading: &Reading) -> Option<Step> {
    let shown = &portion.shown;
    let (outcome, detail) = match &reading.found {
        Found::Public => match &reading.place {
            Some(endpoint) => {
                (Outcome::Allowed, format!("`{shown}` is public: the address of `{endpoint}` is not found"))
            }
            None => (Outcome::Allowed, format!("`{shown}` is public")),
        },
        Found::Record => (Outcome::Allowed, format!("`{shown}` is {}", reading.remote)),
        Found::Endpoint(endpoint) => {
            (Outcome::Allowed, format!("`{shown}` is `{}` at {}", world.place(*endpoint), reading.remote))
        }
        Found::Unaddressed(endpoint) => {
            (Outcome::Undetermined, format!("`{shown}` is `{}`, whose address is not stated", world.place(*endpoint)))
        }
        Found::NoRecord(zone) => {
            let zone = world.place(*zone);
            (Outcome::Denied, format!("`{shown}` does not exist: `{zone}` answers for it and has no record of it"))
        }
        Found::NoServer => {
            (Outcome::Denied, format!("`{shown}` has no address: the DNS servers ask where nobody answers"))
        }
    };
    let place = reading.place.clone();
    if portion.readings.iter().any(|other| other.found != reading.found) {
        let detail = format!("perhaps {detail}");
        return Some(Step { step: NAME, outcome: Outcome::Undetermined, detail, place });
    }
    (reading.found != Found::Public || place.is_some()).then_some(Step { step: NAME, outcome, detail, place })
}

/// Parts are shown by the host that was asked about, not by the addresses that were found for it.
fn named(mut path: Path, shown: &Remote, reading: &Reading) -> Path {
    if matches!(reading.remote, Remote::Ips(_)) {
        for part in &mut path.verdict.parts {
            part.flow.remote = shown.clone();
        }
    }
    path
}

/// The answer to a portion: that of its readings if they agree.
pub fn agreed(portion: &Portion, answers: Vec<Path>) -> Path {
    let certain = |outcome| matches!(outcome, Outcome::Allowed | Outcome::Denied);
    let mut answers = answers.into_iter();
    let Some(mut first) = answers.next() else {
        return Path::of_groups(Verdict { outcome: Outcome::Undetermined, parts: Vec::new(), settles: Vec::new() });
    };
    let (mut agree, alone) = (true, answers.len() == 0);
    for other in answers {
        agree &= other.verdict.outcome == first.verdict.outcome;
        add_new(&mut first.steps, other.steps);
        add_new(&mut first.verdict.settles, other.verdict.settles);
    }
    if alone || agree && certain(first.verdict.outcome) { first } else { first.open(portion) }
}

/// The answer to all portions; the last is the rest of a pattern. One that may hold no host counts only where it differs
/// from that, and is open there.
pub fn joined(portions: &[Portion], answers: Vec<Path>) -> Path {
    let rest = answers.last().map(|path| path.verdict.outcome);
    let mut kept: Vec<Path> = Vec::new();
    for (portion, path) in portions.iter().zip(answers) {
        match (portion.doubtful, Some(path.verdict.outcome) == rest) {
            (true, true) => {}
            (true, false) => kept.push(path.open(portion)),
            (false, _) => kept.push(path),
        }
    }
    let outcome = combined(kept.iter().map(|path| path.verdict.outcome));
    let (mut parts, mut settles, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    for path in kept {
        parts.extend(path.verdict.parts.into_iter().zip(path.hops));
        add_new(&mut settles, path.verdict.settles);
        add_new(&mut steps, path.steps);
    }
    in_order(outcome, parts, settles, steps)
}
