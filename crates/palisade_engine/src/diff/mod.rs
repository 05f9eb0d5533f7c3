//! What lies between two packs, or two documents, as `palisade diff` asks it.
//!
//! Traffic is compared by its packets, whatever the lines look like: `asks` gathers what each rule asks, `streams` sets the
//! asks for one other end side by side by their `meaning`, `pairs` finds what went to another end or turned round. What else rules ask is
//! compared clause by clause (`requirements`), and two documents statement by statement (`statements`). `words` gives
//! expressions of two modules one text. See decision 0019.

mod asks;
mod meaning;
mod packets;
mod pairs;
mod ranges;
mod requirements;
mod sides;
mod statements;
mod streams;
mod traffic;
mod words;

use palisade_source::Diagnostic;
use palisade_source::report::DiffReport;

use self::sides::{Named, find_named};
use self::words::Words;
use crate::check::program_diagnostics;
use crate::inputs::{Db, Program};
use crate::policy::problems::has_errors;

/// Where less of the stack is left than this, more is added: a chain of functions may be longer than the stack is deep.
const RED_ZONE: usize = 256 * 1024;
const MORE_STACK: usize = 4 * 1024 * 1024;

/// Compares what two packs or sources ask. The diagnostics say what is wrong with the names or with the policies.
pub fn diff(db: &dyn Db, program: Program, old: &str, new: &str) -> Result<DiffReport, Vec<Diagnostic>> {
    let faults = program_diagnostics(db, program);
    if has_errors(&faults) {
        return Err(faults);
    }
    let words = Words::new(db, program);
    let (was, now) = match (find_named(&words, old), find_named(&words, new)) {
        (Ok(was), Ok(now)) => (was, now),
        (was, now) => return Err([was.err(), now.err()].into_iter().flatten().collect()),
    };
    let (before, after) = (was.side(&words), now.side(&words));
    let statements = match (was, now) {
        (Named::Source(old), Named::Source(new)) => statements::changes(old, new),
        _ => Vec::new(),
    };
    let mut cut: Vec<String> = before.cut.iter().chain(&after.cut).map(ToString::to_string).collect();
    cut.dedup();
    let note =
        |rule: String| format!("the traffic of `{rule}` goes through too many functions to be followed to its end");
    Ok(DiffReport {
        sides: [was.info(&words), now.info(&words)],
        traffic: traffic::changes(&words, &before.traffic, &after.traffic),
        requirements: requirements::changes(&words, &before.demands, &after.demands),
        statements,
        notes: cut.into_iter().map(note).collect(),
    })
}
