//! From symbolic places to ranges of the text: what comes last, when a result is shown.

use palisade_source::TextRange;
use palisade_yaml::{Case, Document, Kind, NodeRef, Segment as Step};

use super::fault::{Site, Spot};
use crate::place::{Part, Place, Segment};

/// Where a place stands in the documents of an environment.
///
/// For something absent: the key of its nearest ancestor that is written. The deepest match of all documents counts,
/// since each may hold a part of a collection.
pub fn locate_in(documents: &[&Document], place: &Place, part: Part) -> Option<Spot> {
    nearest(documents, place).map(|(source, found)| found.spot(source, place, part))
}

/// The same for a fault: where there is nothing at all, the beginning of the first document.
pub(super) fn site_in(documents: &[&Document], place: &Place) -> Site {
    let Some((source, found)) = nearest(documents, place) else { return Spot { source: 0, range: (0, 0) }.into() };
    Site { at: found.spot(source, place, Part::Entry), ..Site::of(source, found.node) }
}

fn nearest<'d>(documents: &[&'d Document], place: &Place) -> Option<(usize, Found<'d>)> {
    let found = documents.iter().enumerate().map(|(source, document)| (source, walk(document, &place.segments)));
    // Of equally deep ones the first: `max_by_key` would take the last.
    found.rev().max_by_key(|(_, found)| found.steps)
}

/// Whether any of the documents writes what is at a place.
pub(super) fn is_written_in(documents: &[&Document], place: &Place) -> bool {
    documents.iter().any(|document| walk(document, &place.segments).steps == place.segments.len())
}

/// How far a document has a place.
struct Found<'d> {
    steps: usize,
    /// The last key on the way, or what stands for it in a list.
    key: TextRange,
    keyed: bool,
    node: NodeRef<'d>,
}

fn walk<'d>(document: &'d Document, segments: &[Segment]) -> Found<'d> {
    let mut path: Vec<Step<'_>> = segments.iter().map(step).collect();
    // Steps that were left out: unions, whose fields stand beside them.
    let mut beside = 0;
    loop {
        let (here, steps) = document.locate_nearest(&path, Case::Ignore);
        if let Some(changed) = path.get(steps).and_then(|step| other_spelling(*step, here.node)) {
            path.splice(steps..=steps, [changed]);
        } else if let Some(shorter) = without_union(document, &path, steps, here.node) {
            path = shorter;
            beside += 1;
        } else {
            let last = steps.checked_sub(1).and_then(|at| path.get(at));
            let key = here.key.unwrap_or_else(|| stand_in(here.node, last));
            return Found { steps: steps + beside, key, keyed: here.key.is_some(), node: here.node };
        }
    }
}

fn step(segment: &Segment) -> Step<'_> {
    match segment {
        Segment::Key(name) => Step::Key(name),
        Segment::Named(name) => Step::Named(name),
        Segment::Index(at) => Step::Index(*at as usize),
    }
}

/// A map is written as a mapping or as a list, and a place does not say which.
fn other_spelling<'p>(step: Step<'p>, node: NodeRef<'_>) -> Option<Step<'p>> {
    match (step, node.kind()) {
        (Step::Key(name), Kind::Sequence) => Some(Step::Named(name)),
        (Step::Named(name), Kind::Mapping) => Some(Step::Key(name)),
        _ => None,
    }
}

/// `next_hop.address` is written as `address` beside `next_hop`: the path without `next_hop`, if that leads further.
fn without_union<'p>(document: &Document, path: &[Step<'p>], steps: usize, node: NodeRef<'_>) -> Option<Vec<Step<'p>>> {
    let union = steps.checked_sub(1)?;
    let field = matches!(path.get(steps), Some(Step::Key(_))) && node.kind() == Kind::Scalar;
    let mut shorter = path.to_vec();
    if !field || union >= shorter.len() {
        return None;
    }
    shorter.remove(union);
    let (_, reached) = document.locate_nearest(&shorter, Case::Ignore);
    (reached >= steps).then_some(shorter)
}

/// What stands for the key of something that has none.
fn stand_in(node: NodeRef<'_>, last: Option<&Step<'_>>) -> TextRange {
    let name = node.get("name").filter(|_| matches!(last, Some(Step::Named(_) | Step::Index(_))));
    let first = || node.entries().next().map(|entry| entry.key);
    match name.or_else(first) {
        Some(shown) => shown.place(),
        None => node.place(),
    }
}

impl Found<'_> {
    fn spot(&self, source: usize, place: &Place, part: Part) -> Spot {
        let whole = self.steps == place.segments.len();
        Spot::new(source, if whole { self.range(part) } else { self.key })
    }

    fn range(&self, part: Part) -> TextRange {
        let value = self.node.place();
        let single = matches!(self.node.kind(), Kind::Scalar | Kind::Null);
        match part {
            Part::Entry if single && self.keyed && value.start() >= self.key.end() => self.key.cover(value),
            _ => self.key,
        }
    }
}
