//! Faults that only follow from others, so that one mistake is one message: whatever is left out here is told again if
//! it is still there when the mistake is mended.

use std::collections::BTreeSet;
use std::ops::Range;

use palisade_source::{Diagnostic, File, Severity, TextRange, TextSize};
use palisade_syntax::ast::ItemKind;
use palisade_syntax::{ParsedFile, ParsedItem, SyntaxError};
use smol_str::SmolStr;

use super::infer::codes::{INVALID_REGION, INVALID_TAG, MISSING_REQUIRE, UNKNOWN_NAME, UNKNOWN_TYPE};
use crate::inputs::Db;

/// Codes that say that something is missing from an item: it may stand in the part that could not be read.
const MISSING: [&str; 5] =
    [MISSING_REQUIRE, "incomplete-source", "pack-status", "test-without-expectation", "test-without-given"];

/// Codes that say that a name is not there.
const ABSENT: [&str; 5] = [UNKNOWN_NAME, UNKNOWN_TYPE, "unknown-fixture", "unknown-pack", "unknown-rule"];

/// What could not be read of a file.
pub(super) struct Unread<'a> {
    file: File,
    text: &'a str,
    errors: &'a [SyntaxError],
    /// Where the file's items begin, in order.
    starts: Vec<TextSize>,
    /// The items with an error, by how many begin before it.
    broken: BTreeSet<usize>,
}

impl<'a> Unread<'a> {
    pub(super) fn new(db: &'a dyn Db, file: File, parsed: &'a ParsedFile) -> Self {
        let text = file.text(db);
        let first = |item: &ParsedItem| item.spans.ranges.iter().map(|range| range.start()).min();
        let starts =
            if parsed.errors.is_empty() { Vec::new() } else { parsed.items.iter().filter_map(first).collect() };
        let mut unread = Self { file, text, errors: &parsed.errors, starts, broken: BTreeSet::new() };
        unread.broken = unread.errors.iter().map(|error| unread.item(error.range)).collect();
        unread
    }

    fn item(&self, range: TextRange) -> usize {
        self.starts.partition_point(|start| *start <= range.start())
    }

    /// Whether a fault is about an expression with a part that could not be read, about what is missing from an item with
    /// one, or about a name that a clause beside it was to declare.
    pub(super) fn explains(&self, db: &dyn Db, found: &Diagnostic) -> bool {
        let Some(span) = found.span.as_ref().filter(|span| span.path == *self.file.path(db)) else { return false };
        let missing = found.severity != Severity::Error || MISSING.contains(&found.code);
        missing && self.broken.contains(&self.item(span.range))
            || self.errors.iter().any(|error| span.range.contains_range(error.range))
            || self.is_lost_beside(found, span.range)
    }

    fn is_lost_beside(&self, found: &Diagnostic, range: TextRange) -> bool {
        if !ABSENT.contains(&found.code) {
            return false;
        }
        let written = slice(self.text, range);
        let item = self.item(range);
        let beside = self.errors.iter().filter(|error| self.item(error.range) == item);
        let mut lines =
            beside.map(|error| line(self.text, error.range)).filter(|line| !line.contains(&range.start().into()));
        lines.any(|line| words(self.text.get(line).unwrap_or_default()).any(|word| word == written))
    }
}

/// The names that the items of a file would declare or import that could not be read at all.
pub(super) fn lost_names<'a>(db: &'a dyn Db, file: File, parsed: &'a ParsedFile) -> impl Iterator<Item = &'a str> {
    let lost = parsed.items.iter().filter(|item| matches!(item.item.kind, ItemKind::Error));
    lost.flat_map(move |item| would_declare(slice(file.text(db), item.spans.range(item.item.id))))
}

/// The names that an item could not declare: those of an import, else the word after the first.
fn would_declare(item: &str) -> impl Iterator<Item = &str> {
    let is_import = item.contains(".{") || item.starts_with("import");
    words(item).skip(1).take(if is_import { usize::MAX } else { 1 })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let others = |c: char| !c.is_alphanumeric() && c != '_';
    text.split(others).filter(|word| word.starts_with(|c: char| c.is_alphabetic()))
}

fn slice(text: &str, range: TextRange) -> &str {
    text.get(Range::<usize>::from(range)).unwrap_or_default()
}

/// The line on which something begins.
fn line(text: &str, range: TextRange) -> Range<usize> {
    let start = usize::from(range.start());
    let (before, after) = text.split_at_checked(start).unwrap_or((text, ""));
    let first = before.rfind('\n').map_or(0, |at| at + 1);
    first..start + after.find('\n').unwrap_or(after.len())
}

/// Whether a fault is only that a name is not there which is not declared because of another fault: what could not be
/// read of any file, and what the imports of this one do not bind.
pub(super) fn follows_from_names(
    db: &dyn Db,
    file: File,
    [lost, unbound]: [&BTreeSet<SmolStr>; 2],
    found: &Diagnostic,
) -> bool {
    let Some(span) = found.span.as_ref().filter(|span| span.path == *file.path(db)) else { return false };
    let absent = ABSENT.contains(&found.code);
    let mut words = words(slice(file.text(db), span.range));
    match found.code {
        "unknown-import" => words.any(|word| lost.contains(word)),
        _ => absent && words.any(|word| lost.contains(word) || unbound.contains(word)),
    }
}

/// Whether a fault may be only that a tag or region is not known because a list of them could not be read. Without the
/// library's own nothing is certain; without a file that was given, its tags are missing.
pub(super) fn follows_from_catalogue(faults: &[Diagnostic], found: &Diagnostic) -> bool {
    let of_library = faults.iter().any(|fault| fault.code == "library-data");
    of_library || !faults.is_empty() && [INVALID_TAG, INVALID_REGION].contains(&found.code)
}

/// Leaves the first of those that say of one file that one name is not there, with a word about the others.
pub(super) fn fold_repeated(all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<(Diagnostic, usize)> = Vec::with_capacity(all.len());
    for found in all {
        let path = |one: &Diagnostic| one.span.as_ref().map(|span| span.path.clone());
        let same = |(one, _): &&mut (Diagnostic, usize)| {
            one.code == found.code && one.message == found.message && path(one) == path(&found)
        };
        match kept.iter_mut().find(same).filter(|_| [UNKNOWN_NAME, UNKNOWN_TYPE].contains(&found.code)) {
            Some((_, more)) => *more += 1,
            None => kept.push((found, 0)),
        }
    }
    let noted = kept.into_iter().map(|(mut found, more)| {
        let places = if more == 1 { "in one more place" } else { "in more places" };
        found.notes.extend((more > 0).then(|| format!("it is written {places} of this file")));
        found
    });
    noted.collect()
}
