//! The keys of a mapping: scalars, each once, and `<<` only for mappings.

use std::hash::{DefaultHasher, Hash, Hasher};

use smallvec::SmallVec;

use crate::document::{Document, Node, Shape, range};
use crate::error::{ErrorKind, YamlError, quoted};
use crate::errors::Errors;
use crate::scalar::Style;

/// Up to this many keys, comparing each with each is faster than sorting their hashes.
const FEW: usize = 16;

/// Whether a key written so merges the value's entries into its mapping.
pub(crate) fn is_merge_key(document: &Document, key: Node) -> bool {
    key.shape == Shape::Slice(Style::Plain) && key.tag.is_none() && document.scalar_text(key) == "<<"
}

/// Checks that a node can be a key.
#[inline]
pub(crate) fn check_key(document: &Document, id: u32, errors: &mut Errors) {
    let written = document.node(id);
    let (what, help) = match document.followed(written).shape {
        Shape::Slice(_) | Shape::Decoded(_) | Shape::Alias => return,
        Shape::Null if document.slice(written.start, written.end).starts_with('*') => return,
        Shape::Null => ("null", "write a key, in quotes if it is the text `null` or `~`"),
        Shape::Sequence => ("a list", "only a single value can be a key; put a text with brackets in quotes"),
        Shape::Mapping | Shape::Merging => {
            ("a mapping", "only a single value can be a key; put a text with braces in quotes")
        }
    };
    let at = range(written.start, written.end);
    errors.push(document.index, || YamlError::new(ErrorKind::Key, at, format!("a key cannot be {what}")).help(help));
}

/// Checks the keys of a mapping that has just been closed, and notes whether it merges others.
pub(crate) fn check_mapping(document: &mut Document, id: u32, children: u32, errors: &mut Errors) {
    let keys = keys(document, id, children);
    check_duplicates(document, &keys, errors);
    let merge = keys.iter().copied().find(|key| is_merge_key(document, document.node(*key)));
    if let Some(key) = merge {
        check_merge(document, key, errors);
        if let Some(node) = document.nodes.get_mut(id as usize) {
            node.shape = Shape::Merging;
        }
    }
}

fn keys(document: &Document, id: u32, children: u32) -> SmallVec<[u32; FEW]> {
    let mut at = id.saturating_add(1);
    let mut keys = SmallVec::with_capacity(children as usize / 2);
    for _ in 0..children / 2 {
        keys.push(at);
        at = document.after(document.after(at));
    }
    keys
}

/// The text of a key, if it is one.
fn text(document: &Document, id: u32) -> Option<&str> {
    let node = document.followed(document.node(id));
    matches!(node.shape, Shape::Slice(_) | Shape::Decoded(_)).then(|| document.scalar_text(node))
}

fn check_duplicates(document: &Document, keys: &[u32], errors: &mut Errors) {
    let repeated = if keys.len() > FEW { repeated_of_many(document, keys) } else { repeated_of_few(document, keys) };
    for (first, again) in repeated {
        let name = text(document, again).unwrap_or_default();
        errors.push(document.index, || duplicate(document, first, again, name));
    }
}

/// Each key that is there before, after the first one like it.
fn repeated_of_few(document: &Document, keys: &[u32]) -> Vec<(u32, u32)> {
    let texts: SmallVec<[Option<&str>; FEW]> = keys.iter().map(|key| text(document, *key)).collect();
    let mut repeated = Vec::new();
    for (at, (key, name)) in keys.iter().zip(&texts).enumerate().skip(1) {
        let first = texts.iter().zip(keys).take(at).find(|(other, _)| name.is_some() && *other == name);
        repeated.extend(first.map(|(_, first)| (*first, *key)));
    }
    repeated
}

/// The same for a large mapping: keys sorted by hash stand next to those like them.
fn repeated_of_many(document: &Document, keys: &[u32]) -> Vec<(u32, u32)> {
    let with_hash = |key: &u32| Some((hash(text(document, *key)?), *key));
    let mut hashes: Vec<(u64, u32)> = keys.iter().filter_map(with_hash).collect();
    hashes.sort_unstable();
    let mut repeated = Vec::new();
    for alike in hashes.chunk_by(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
        for (at, (_, key)) in alike.iter().enumerate() {
            let first = alike.iter().take(at).find(|(_, other)| text(document, *other) == text(document, *key));
            repeated.extend(first.map(|(_, first)| (*first, *key)));
        }
    }
    repeated.sort_unstable_by_key(|(_, again)| *again);
    repeated
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn duplicate(document: &Document, first: u32, second: u32, name: &str) -> YamlError {
    let place = |id| {
        let node = document.node(id);
        range(node.start, node.end)
    };
    let help = if name == "<<" {
        "merge several mappings with one key: `<<: [*a, *b]`"
    } else {
        "rename or remove one of the two"
    };
    YamlError::new(ErrorKind::DuplicateKey, place(second), format!("the key {} is already there", quoted(name)))
        .related(place(first), "first here")
        .help(help)
}

/// The value of `<<` must be a mapping or a list of mappings.
fn check_merge(document: &Document, key: u32, errors: &mut Errors) {
    let value = document.after(key);
    if let Some(wrong) = not_mergeable(document, value) {
        let node = document.node(wrong);
        let message = "`<<` can only merge a mapping or a list of mappings";
        errors.push(document.index, || {
            YamlError::new(ErrorKind::MergeKey, range(node.start, node.end), message)
                .help("name the anchor of a mapping: `<<: *name`")
        });
    }
}

/// The node under a merge key's value that cannot be merged.
fn not_mergeable(document: &Document, value: u32) -> Option<u32> {
    let written = document.node(value);
    let node = document.followed(written);
    if node.shape != Shape::Sequence {
        return (!mergeable(document, value)).then_some(value);
    }
    let list = if written.shape == Shape::Alias { written.link } else { value };
    let mut item = list.saturating_add(1);
    while item < node.link {
        if !mergeable(document, item) {
            return Some(item);
        }
        item = document.after(item);
    }
    None
}

/// A mapping, or an alias already reported.
fn mergeable(document: &Document, id: u32) -> bool {
    let written = document.node(id);
    let reported = written.shape == Shape::Null && document.slice(written.start, written.end).starts_with('*');
    reported || document.followed(written).shape.is_mapping()
}
