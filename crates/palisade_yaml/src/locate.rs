//! Symbolic places: a path of keys, positions and names ↔ a node and where it stands.
//!
//! Results name places symbolically, so that a comment above them changes nothing; here they become
//! ranges of the text. A collection with many children is searched through an index that is built when it is first
//! searched and kept with the document.

use std::hash::{DefaultHasher, Hash, Hasher};

use text_size::{TextRange, TextSize};

use crate::document::Document;
use crate::node::{Entry, Kind, NodeRef};

/// One step from a node to one inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Segment<'a> {
    /// The value of a key of a mapping.
    Key(&'a str),
    /// An item of a sequence, from 0.
    Index(usize),
    /// The first item of a sequence that is a mapping with this `name`.
    Named(&'a str),
}

/// How keys and names are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// Letter by letter.
    #[default]
    Exact,
    /// As Azure compares names: an exact match first, otherwise the first one that differs only in case.
    Ignore,
}

/// What stands at a symbolic place.
#[derive(Clone, Copy, Debug)]
pub struct Located<'d> {
    /// The key, if the last step was one; where the alias is used, if the key stands behind an alias.
    pub key: Option<TextRange>,
    /// The value; where the alias is used, if it was reached through one.
    pub value: TextRange,
    /// The node itself, which knows its alias.
    pub node: NodeRef<'d>,
}

/// The children of a large collection, sorted by the hash of their folded key or name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    names: Vec<(u64, u32)>,
    /// Items of a sequence in order.
    items: Vec<u32>,
    /// The merge key of a mapping.
    merge: Option<u32>,
}

impl Document {
    /// The node at a path from the root, if there is one. An empty path is the root.
    #[must_use]
    pub fn locate(&self, path: &[Segment<'_>], case: Case) -> Option<Located<'_>> {
        let (found, steps) = self.locate_nearest(path, case);
        (steps == path.len()).then_some(found)
    }

    /// The node at a path as far as the path exists, and how many of its steps do.
    #[must_use]
    pub fn locate_nearest(&self, path: &[Segment<'_>], case: Case) -> (Located<'_>, usize) {
        let mut here = Located::new(None, self.root());
        for (steps, segment) in path.iter().enumerate() {
            match step(here.node, *segment, case) {
                Some(next) => here = next,
                None => return (here, steps),
            }
        }
        (here, path.len())
    }

    /// The path of the innermost value whose key or value touches an offset. Stops at an alias and at a merge key.
    #[must_use]
    pub fn path_at(&self, offset: TextSize) -> Vec<Segment<'_>> {
        let mut path = Vec::new();
        let mut here = self.root();
        while let Some((segment, next)) = child_at(here, offset) {
            path.push(segment);
            if next.via().is_some() {
                break;
            }
            here = next;
        }
        path
    }

    fn index_of(&self, node: NodeRef<'_>) -> Option<&Index> {
        let at = self.large.binary_search_by_key(&node.id().0, |(id, _)| *id).ok()?;
        let (_, index) = self.large.get(at)?;
        Some(index.get_or_init(|| Index::of(node)))
    }
}

impl<'d> Located<'d> {
    fn new(key: Option<TextRange>, node: NodeRef<'d>) -> Self {
        Self { key, value: node.place(), node }
    }

    fn entry(entry: Entry<'d>) -> Self {
        Self::new(Some(entry.key.place()), entry.value)
    }
}

fn step<'d>(node: NodeRef<'d>, segment: Segment<'_>, case: Case) -> Option<Located<'d>> {
    match segment {
        Segment::Key(key) => entry(node, key, case).map(Located::entry),
        Segment::Index(at) => item(node, at).map(|item| Located::new(None, item)),
        Segment::Named(name) => named(node, name, case).map(|item| Located::new(None, item)),
    }
}

/// The entry with a key: the mapping's own, otherwise one that it merges.
pub(crate) fn entry<'d>(node: NodeRef<'d>, key: &str, case: Case) -> Option<Entry<'d>> {
    entry_exactly(node, key, Case::Exact).or_else(|| match case {
        Case::Exact => None,
        Case::Ignore => entry_exactly(node, key, case),
    })
}

fn entry_exactly<'d>(node: NodeRef<'d>, key: &str, case: Case) -> Option<Entry<'d>> {
    if node.kind() != Kind::Mapping {
        return None;
    }
    let index = node.document().index_of(node);
    let own = match index {
        Some(index) => index.candidates(key).find_map(|at| written_entry(node, at).filter(|e| same(e.key, key, case))),
        None => node.written_entries().find(|entry| same(entry.key, key, case) && !entry.key.is_merge_key()),
    };
    if own.is_some() || !node.is_merging() {
        return own;
    }
    let merge = match index {
        Some(index) => index.merge.and_then(|at| written_entry(node, at)),
        None => node.written_entries().find(|entry| entry.key.is_merge_key()),
    };
    merge?.value.merge_sources().find_map(|source| entry_exactly(source, key, case))
}

/// The entry whose key is the child with this number.
fn written_entry(node: NodeRef<'_>, key: u32) -> Option<Entry<'_>> {
    let mut children = node.children(true).starting_at(key);
    Some(Entry { key: children.next()?, value: children.next()? })
}

fn item(node: NodeRef<'_>, at: usize) -> Option<NodeRef<'_>> {
    if node.kind() != Kind::Sequence {
        return None;
    }
    match node.document().index_of(node) {
        Some(index) => node.children(true).starting_at(*index.items.get(at)?).next(),
        None => node.items().nth(at),
    }
}

fn named<'d>(node: NodeRef<'d>, name: &str, case: Case) -> Option<NodeRef<'d>> {
    let exact = named_exactly(node, name, Case::Exact);
    if exact.is_some() || case == Case::Exact { exact } else { named_exactly(node, name, case) }
}

fn named_exactly<'d>(node: NodeRef<'d>, name: &str, case: Case) -> Option<NodeRef<'d>> {
    let has_name = |item: &NodeRef<'d>| item.get("name").is_some_and(|found| same(found, name, case));
    if node.kind() != Kind::Sequence {
        return None;
    }
    match node.document().index_of(node) {
        Some(index) => {
            index.candidates(name).find_map(|at| node.children(true).starting_at(at).next().filter(has_name))
        }
        None => node.items().find(has_name),
    }
}

fn same(node: NodeRef<'_>, name: &str, case: Case) -> bool {
    node.as_str().is_some_and(|text| match case {
        Case::Exact => text == name,
        Case::Ignore => folded(text).eq(folded(name)),
    })
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for letter in folded(name) {
        letter.hash(&mut hasher);
    }
    hasher.finish()
}

impl Index {
    fn of(node: NodeRef<'_>) -> Self {
        let mut index = Self::default();
        let mapping = node.kind() == Kind::Mapping;
        let mut children = node.children(true);
        loop {
            let id = children.next_id();
            let Some(child) = children.next() else { break };
            let name = if mapping {
                children.next();
                if child.is_merge_key() && index.merge.is_none() {
                    index.merge = Some(id);
                }
                (!child.is_merge_key()).then_some(child)
            } else {
                index.items.push(id);
                child.get("name")
            };
            if let Some(name) = name.and_then(NodeRef::as_str) {
                index.names.push((hash(name), id));
            }
        }
        index.names.sort_unstable();
        index.names.shrink_to_fit();
        index
    }

    /// Children that may have a name, in the order of the text.
    fn candidates(&self, name: &str) -> impl Iterator<Item = u32> {
        let hash = hash(name);
        let start = self.names.partition_point(|(other, _)| *other < hash);
        let rest = self.names.get(start..).unwrap_or_default();
        rest.iter().take_while(move |(other, _)| *other == hash).map(|(_, id)| *id)
    }
}

/// The child whose key or value touches an offset, and the step to it.
fn child_at(node: NodeRef<'_>, offset: TextSize) -> Option<(Segment<'_>, NodeRef<'_>)> {
    match node.kind() {
        Kind::Mapping => entry_at(node, offset),
        Kind::Sequence => item_at(node, offset),
        Kind::Null | Kind::Scalar => None,
    }
}

fn entry_at(node: NodeRef<'_>, offset: TextSize) -> Option<(Segment<'_>, NodeRef<'_>)> {
    let mut children = node.children(true);
    loop {
        let start = children.next_place().start();
        let key = children.next()?;
        let end = children.next_place().end();
        let value = children.next()?;
        if start <= offset && offset <= end {
            let name = key.as_str().filter(|_| !key.is_merge_key())?;
            return Some((Segment::Key(name), value));
        }
    }
}

fn item_at(node: NodeRef<'_>, offset: TextSize) -> Option<(Segment<'_>, NodeRef<'_>)> {
    let mut items = node.items();
    let mut at = 0;
    loop {
        let place = items.next_place();
        let item = items.next()?;
        if place.start() <= offset && offset <= place.end() {
            return Some((Segment::Index(at), item));
        }
        at += 1;
    }
}
