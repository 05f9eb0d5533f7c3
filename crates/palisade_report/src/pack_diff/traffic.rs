//! Streams of traffic: what was dropped or added, rule by rule; what changed, with both sides.

use std::io;

use palisade_source::report::{Citation, DiffFate, TrafficAsk, TrafficChange, TrafficSide};

use super::{Writer, sign};
use crate::style::Tone;
use crate::text::visible;

impl Writer<'_> {
    pub(super) fn traffic(&mut self, all: &[TrafficChange]) -> io::Result<()> {
        let listed: Vec<&TrafficChange> = all.iter().filter(|one| self.lists(one.fate)).collect();
        for of_subject in listed.chunk_by(|a, b| a.subject == b.subject) {
            let subject = of_subject.first().map(|one| visible(&one.subject)).unwrap_or_default();
            self.title(&format!("traffic of each {subject}"))?;
            for alike in of_subject.chunk_by(|a, b| asked_alike(a, b)) {
                self.streams(alike)?;
            }
        }
        Ok(())
    }

    /// Streams of which everything but the other end is the same.
    fn streams(&mut self, alike: &[&TrafficChange]) -> io::Result<()> {
        for (sign, tone, flow) in alike.iter().flat_map(|one| opening(one)) {
            let line = format!("{sign} {}", visible(flow));
            writeln!(self.to, "  {}", self.paint.tone(tone, &line))?;
        }
        let Some(change) = alike.first() else { return Ok(()) };
        self.differs(&change.differs, change.guess)?;
        let both = change.was.is_some() && change.now.is_some();
        for (number, side) in [&change.was, &change.now].into_iter().enumerate() {
            let Some(side) = side else { continue };
            if both && change.fate == DiffFate::Kept {
                writeln!(self.to, "      {}", self.name(number))?;
            } else if both {
                let word = if number == 0 { "was" } else { "is" };
                writeln!(self.to, "      {word} {} in {}", visible(&side.flows.join("; ")), self.name(number))?;
            }
            let indent = if both { 8 } else { 6 };
            for (at, ask) in side.asked.iter().enumerate() {
                self.ask(ask, side, indent)?;
                let sides = alike.iter().flat_map(|one| if number == 0 { &one.was } else { &one.now });
                self.cites(&cited(sides.filter_map(|side| side.asked.get(at))), indent + 2)?;
            }
        }
        Ok(())
    }

    fn ask(&mut self, ask: &TrafficAsk, of: &TrafficSide, indent: usize) -> io::Result<()> {
        let conditions: Vec<String> = ask.conditions.iter().map(|one| format!("`{}`", visible(one))).collect();
        let when = if conditions.is_empty() { String::new() } else { format!(" when {}", conditions.join(", ")) };
        let path = match ask.of.as_slice() {
            ["path"] => " on the whole path",
            ["groups", "path"] => ", also on the whole path",
            _ => "",
        };
        // What is asked is named again only where it is not all.
        let flows =
            if ask.flows == of.flows { String::new() } else { format!(" ({})", visible(&ask.flows.join("; "))) };
        writeln!(self.to, "{:indent$}{}{path}{flows}{when}", "", manner(ask.manner))?;
        self.by(&ask.rule, (ask.severity, ask.strength), indent + 2)
    }
}

/// What streams that are told at once cite for the same, each statement once.
fn cited<'a>(asks: impl Iterator<Item = &'a TrafficAsk>) -> Vec<&'a Citation> {
    let mut cites: Vec<&Citation> = Vec::new();
    for cite in asks.flat_map(|ask| ask.cites.iter().chain(&ask.rule_cites)) {
        if !cites.contains(&cite) {
            cites.push(cite);
        }
    }
    cites
}

/// Whether two streams that one side alone asks are asked by the same rules in the same way, so that they are told at once.
fn asked_alike(one: &TrafficChange, other: &TrafficChange) -> bool {
    let (Some(a), Some(b)) = (only_side(one), only_side(other)) else { return false };
    let whole = |side: &TrafficSide| side.asked.iter().all(|ask| ask.flows == side.flows);
    let alike = a.asked.iter().map(way).eq(b.asked.iter().map(way));
    one.fate == other.fate && whole(a) && whole(b) && alike
}

fn only_side(change: &TrafficChange) -> Option<&TrafficSide> {
    match (&change.was, &change.now) {
        (Some(side), None) | (None, Some(side)) => Some(side),
        _ => None,
    }
}

/// How something is asked, whatever is.
fn way(ask: &TrafficAsk) -> impl PartialEq + '_ {
    (&ask.rule, ask.manner, &ask.of, &ask.conditions, ask.strength)
}

/// The lines that open a stream: what is only old, what is only new, else all of it.
fn opening(change: &TrafficChange) -> Vec<(&'static str, Tone, &String)> {
    let minus = |flow| ("-", Tone::Bad, flow);
    let plus = |flow| ("+", Tone::Good, flow);
    match (&change.was, &change.now) {
        (Some(was), Some(now)) if change.guess.is_some() || shares_nothing(change) => {
            was.flows.iter().map(minus).chain(now.flows.iter().map(plus)).collect()
        }
        (Some(_), Some(_)) if !change.lost.is_empty() || !change.gained.is_empty() => {
            change.lost.iter().map(minus).chain(change.gained.iter().map(plus)).collect()
        }
        (was, now) => {
            let (word, tone) = sign(change.fate);
            let side = was.as_ref().or(now.as_ref());
            side.iter().flat_map(|side| &side.flows).map(|flow| (word, tone, flow)).collect()
        }
    }
}

/// Whether the sides ask for other packets, and not simply for more or less of the same.
fn shares_nothing(change: &TrafficChange) -> bool {
    let flows = |side: &Option<TrafficSide>| side.as_ref().map(|side| side.flows.clone());
    change.lost.is_empty() && change.gained.is_empty() && flows(&change.was) != flows(&change.now)
}

/// How traffic is asked for, in words.
fn manner(manner: &str) -> &str {
    match manner {
        "one_of" => "one of several ways",
        "some" => "some of it required",
        "at_most" => "the most that may be open",
        "judged" => "asked within a larger condition",
        other => other,
    }
}
