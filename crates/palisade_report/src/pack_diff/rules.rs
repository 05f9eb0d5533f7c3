//! What is asked beside traffic, rule by rule, and documents statement by statement.

use std::io;

use palisade_source::report::{Citation, RequirementChange, RequirementSide, StatementChange, StatementSide};

use super::{Writer, sign};
use crate::Detail;
use crate::text::visible;

impl Writer<'_> {
    pub(super) fn requirements(&mut self, all: &[RequirementChange]) -> io::Result<()> {
        let listed: Vec<&RequirementChange> = all.iter().filter(|one| self.lists(one.fate)).collect();
        let subject = |one: &RequirementChange| one.was.as_ref().or(one.now.as_ref()).map(|side| side.subject.clone());
        for of_subject in listed.chunk_by(|a, b| subject(a) == subject(b)) {
            let name = of_subject.first().and_then(|one| subject(one)).unwrap_or_default();
            self.title(&format!("what else is asked of each {}", visible(&name)))?;
            of_subject.iter().try_for_each(|one| self.requirement(one))?;
        }
        Ok(())
    }

    fn requirement(&mut self, change: &RequirementChange) -> io::Result<()> {
        match (&change.was, &change.now) {
            (Some(was), Some(now)) => {
                let (sign, tone) = sign(change.fate);
                let titles =
                    if was.title == now.title { now.title.clone() } else { format!("{} → {}", was.title, now.title) };
                writeln!(self.to, "  {}", self.paint.tone(tone, &format!("{sign} {}", visible(&titles))))?;
                let guess = change.paired_by.and_then(pairing);
                self.differs(&change.differs, guess)?;
                for (sign, clauses) in [("-", &change.lost), ("+", &change.gained)] {
                    clauses.iter().try_for_each(|one| writeln!(self.to, "      {sign} {}", visible(one)))?;
                }
                self.weights(was, now)?;
                self.rule(was)?;
                if was.rule == now.rule { Ok(()) } else { self.rule(now) }
            }
            (one, other) => {
                let Some(side) = one.as_ref().or(other.as_ref()) else { return Ok(()) };
                let (sign, tone) = sign(change.fate);
                writeln!(self.to, "  {}", self.paint.tone(tone, &format!("{sign} {}", visible(&side.title))))?;
                self.rule(side)
            }
        }
    }

    fn weights(&mut self, was: &RequirementSide, now: &RequirementSide) -> io::Result<()> {
        if was.severity == now.severity {
            return Ok(());
        }
        writeln!(self.to, "      severity {} → {}", was.severity.as_str(), now.severity.as_str())
    }

    fn rule(&mut self, side: &RequirementSide) -> io::Result<()> {
        self.by(&side.rule, (side.severity, side.strength), 6)?;
        if self.detail == Detail::Verbose {
            for one in &side.conditions {
                writeln!(self.to, "        when {}", visible(one))?;
            }
            for one in &side.requirements {
                writeln!(self.to, "        {}", visible(one))?;
            }
        }
        self.cites(&side.cites.iter().collect::<Vec<_>>(), 8)
    }

    pub(super) fn statements(&mut self, all: &[StatementChange]) -> io::Result<()> {
        let listed: Vec<&StatementChange> = all.iter().filter(|one| self.lists(one.fate)).collect();
        if listed.is_empty() {
            return Ok(());
        }
        self.title("statements")?;
        for change in listed {
            let (sign, tone) = sign(change.fate);
            writeln!(self.to, "  {}", self.paint.tone(tone, &format!("{sign} {}", visible(&change.path))))?;
            self.differs(&change.differs, None)?;
            for side in change.was.iter().chain(&change.now) {
                self.statement(side)?;
            }
        }
        Ok(())
    }

    fn statement(&mut self, side: &StatementSide) -> io::Result<()> {
        let Citation { id, section, statement, .. } = &side.citation;
        let (id, section, statement) = (visible(id), visible(section), visible(statement));
        writeln!(self.to, "      {id} ({}), “{section}”: {statement}", side.strength)
    }
}

/// Why two rules were taken for one another, where that is a guess.
fn pairing(by: &str) -> Option<&'static str> {
    match by {
        "name" => Some("they have one name"),
        "statement" => Some("they rest on one statement"),
        _ => None,
    }
}
