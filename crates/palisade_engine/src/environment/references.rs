//! References: each text that names an entity is looked up when all entities are known.

use palisade_yaml::NodeRef;
use smol_str::SmolStr;

use super::fault::{Fault, Faults};
use super::index::{Match, NameIndex};
use super::{codes, words};
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
pub(super) fn check(references: &[Pending<'_, '_>], index: &NameIndex, schema: &Schema, faults: &mut Faults) {
    for reference in references {
        let targets = targets(reference.targets);
        let fault = match index.find(targets, &reference.text) {
            Match::Found(_) => continue,
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
        || format!("describe it in this environment or in a file that it includes, or name a `{kind}` that is there"),
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
    let message = format!(
        "{} is the `{}` at `{}`, but a `{wanted}` must stand here",
        words::shortened(&reference.text),
        schema.display(&found),
        index.place(at)
    );
    let near = index.nearest(targets, &reference.text);
    let help = near.as_deref().map_or_else(|| format!("name a `{wanted}`"), |near| format!("did you mean `{near}`?"));
    Fault::at(codes::OTHER_KIND, reference.source, reference.node, message).help(Some(help)).instead(near)
}
