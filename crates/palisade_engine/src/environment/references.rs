//! References: each text that names an entity is looked up when all entities are known.

use std::collections::BTreeSet;

use palisade_yaml::NodeRef;
use smol_str::SmolStr;

use super::fault::{Fault, Faults};
use super::index::{Match, NameIndex};
use super::{codes, words};
use crate::suggest::did_you_mean;
use crate::types::{RecordId, Schema, Type};

/// A reference still to be looked up.
pub(super) struct Pending<'s, 'd> {
    pub(super) source: usize,
    pub(super) node: NodeRef<'d>,
    /// `Record` or `OneOf`.
    pub(super) targets: &'s Type,
    pub(super) text: SmolStr,
}

/// Reports references that name nothing, several things, or something else.
pub(super) fn check(
    references: &[Pending<'_, '_>],
    unread: &BTreeSet<RecordId>,
    index: &NameIndex,
    schema: &Schema,
    faults: &mut Faults,
) {
    for reference in references {
        let targets = targets(reference.targets);
        let fault = match index.find(targets, &reference.text) {
            Match::Found(_) => continue,
            // What could not be read is reported already, and may be what is meant.
            Match::Missing if targets.iter().any(|target| unread.contains(target)) => continue,
            // Looking for near names is slow, and nobody would see them.
            _ if faults.full(reference.source) => {
                Fault::at(codes::UNKNOWN_REFERENCE, reference.source, reference.node, "")
            }
            Match::Missing => missing(reference, targets, index, schema),
            Match::Ambiguous(several) => ambiguous(reference, &several, index, schema),
            Match::OtherKind(at) => other_kind(reference, at, targets, index, schema),
        };
        faults.push(fault);
    }
}

/// The kinds of entity that a type of reference takes.
pub(super) fn targets(ty: &Type) -> &[RecordId] {
    match ty.narrowed() {
        Type::Record(id) => std::slice::from_ref(id),
        Type::OneOf(ids) => ids,
        _ => &[],
    }
}

fn missing(reference: &Pending<'_, '_>, targets: &[RecordId], index: &NameIndex, schema: &Schema) -> Fault {
    let kind = schema.display(reference.targets);
    let message = format!("there is no `{kind}` named {}", words::shortened(&reference.text));
    let near = index.nearest(targets, &reference.text);
    let help = near.as_deref().map_or_else(
        || "describe it in this environment or in a file that it includes, or name one that is there".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Fault::at(codes::UNKNOWN_REFERENCE, reference.source, reference.node, message).help(Some(help)).instead(near)
}

fn ambiguous(reference: &Pending<'_, '_>, several: &[u32], index: &NameIndex, schema: &Schema) -> Fault {
    const SHOWN: usize = 8;
    let kind = schema.display(reference.targets);
    let message =
        format!("{} entities of kind `{kind}` are named {}", several.len(), words::shortened(&reference.text));
    let mut names = words::list(several.iter().take(SHOWN).map(|at| index.unique_name(*at)));
    if several.len() > SHOWN {
        names.push_str(", …");
    }
    let help = format!("say which one: {names}");
    Fault::at(codes::AMBIGUOUS_REFERENCE, reference.source, reference.node, message).help(Some(help))
}

fn other_kind(reference: &Pending<'_, '_>, at: u32, targets: &[RecordId], index: &NameIndex, schema: &Schema) -> Fault {
    let wanted = schema.display(reference.targets);
    let found = index.record(at).map_or(Type::Error, Type::Record);
    let (text, found) = (words::shortened(&reference.text), schema.display(&found));
    let found = match index.place(at) {
        place if place == reference.text => format!("a `{found}`"),
        place => format!("the `{found}` at `{place}`"),
    };
    let message = format!("{text} is {found}, but a `{wanted}` must stand here");
    let near = index.nearest(targets, &reference.text);
    let help = did_you_mean(near.as_deref()).or_else(|| {
        let some = index.first_of(targets)?;
        Some(format!("name a `{wanted}`, such as `{some}`"))
    });
    let help = help.unwrap_or_else(|| format!("name a `{wanted}`; none is described here"));
    Fault::at(codes::OTHER_KIND, reference.source, reference.node, message).help(Some(help)).instead(near)
}
