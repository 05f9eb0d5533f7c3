//! Walking a document: aliases are followed and merge keys applied on the way.

use std::collections::HashSet;

use text_size::TextRange;

use crate::document::{Document, Node, NodeId, Shape, range};
use crate::keys;
use crate::locate::Case;
use crate::scalar::{CoreValue, Scalar, Style, Tag, is_null};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A value left out, `~` or `null`.
    Null,
    /// Any other single value.
    Scalar,
    /// A list.
    Sequence,
    /// Keys with their values.
    Mapping,
}

/// A node of a document, and the alias through which it was reached, if any.
#[derive(Clone, Copy)]
pub struct NodeRef<'d> {
    document: &'d Document,
    id: u32,
    via: Option<u32>,
}

/// The use of an alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AliasUse<'d> {
    /// The anchor's name, without `*`.
    pub anchor: &'d str,
    /// Where the alias stands, `*` included.
    pub range: TextRange,
}

/// A key of a mapping and its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'d> {
    /// The key: a scalar, in a sound document.
    pub key: NodeRef<'d>,
    /// The value.
    pub value: NodeRef<'d>,
}

impl<'d> NodeRef<'d> {
    /// The node with this number, or the one that it names if it is an alias. Of nested aliases, the outermost counts.
    pub(crate) fn at(document: &'d Document, id: u32, via: Option<u32>) -> Self {
        let node = document.node(id);
        if node.shape == Shape::Alias {
            return Self { document, id: node.link, via: via.or(Some(id)) };
        }
        Self { document, id, via }
    }

    pub(crate) fn node(self) -> Node {
        self.document.node(self.id)
    }

    /// The document it is in.
    #[must_use]
    pub fn document(self) -> &'d Document {
        self.document
    }

    /// Its number. [`Document::get`] finds it again, without the alias.
    #[must_use]
    pub fn id(self) -> NodeId {
        NodeId(self.id)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.node().shape {
            Shape::Null | Shape::Alias => Kind::Null,
            Shape::Slice(_) | Shape::Decoded(_) => Kind::Scalar,
            Shape::Sequence => Kind::Sequence,
            Shape::Mapping | Shape::Merging => Kind::Mapping,
        }
    }

    /// Where it is written: quotes and brackets included, anchors and tags not. For a block scalar, from its `|` or `>`
    /// to its last line that is not blank; for a block collection, to the end of its last value. A value left out is
    /// an empty range where it would stand.
    #[must_use]
    pub fn span(self) -> TextRange {
        let node = self.node();
        range(node.start, node.end)
    }

    /// Where to report it: where the alias is used if it was reached through one, otherwise where it is written.
    #[must_use]
    pub fn place(self) -> TextRange {
        self.via().map_or_else(|| self.span(), |via| via.range)
    }

    /// The alias through which it was reached; of several, the outermost.
    #[must_use]
    pub fn via(self) -> Option<AliasUse<'d>> {
        let node = self.document.node(self.via?);
        let anchor = self.document.slice(node.start.saturating_add(1), node.end);
        Some(AliasUse { anchor, range: range(node.start, node.end) })
    }

    /// The name of the anchor written on it, without `&`.
    #[must_use]
    pub fn anchor(self) -> Option<&'d str> {
        let anchors = &self.document.anchors;
        let at = anchors.binary_search_by_key(&self.id, |(node, _)| *node).ok()?;
        let (_, name) = anchors.get(at)?;
        Some(self.document.slice(name.start().into(), name.end().into()))
    }

    /// The tag written on it.
    #[must_use]
    pub fn tag(self) -> Option<Tag> {
        self.node().tag
    }

    /// The scalar, a null included.
    #[must_use]
    pub fn scalar(self) -> Option<Scalar<'d>> {
        let node = self.node();
        let style = match node.shape {
            Shape::Null => Style::Plain,
            Shape::Slice(style) | Shape::Decoded(style) => style,
            _ => return None,
        };
        let text = self.document.scalar_text(node);
        let text = if node.shape == Shape::Null && !is_null(text) { "" } else { text };
        Some(Scalar { text, style, tag: node.tag })
    }

    /// The text of a scalar that is not null, however it is written: `443` and `"443"` alike.
    #[must_use]
    pub fn as_str(self) -> Option<&'d str> {
        if self.kind() == Kind::Scalar { self.scalar().map(|scalar| scalar.text) } else { None }
    }

    /// The value of a scalar in the core schema.
    #[must_use]
    pub fn value(self) -> Option<CoreValue<'d>> {
        self.scalar().map(|scalar| scalar.resolve())
    }

    /// The items of a sequence; nothing for any other node.
    #[must_use]
    pub fn items(self) -> Items<'d> {
        self.children(self.kind() == Kind::Sequence)
    }

    /// Keys and values of a mapping in the order in which they are written; nothing for any other node.
    ///
    /// Merge keys are applied: the entries of a merged mapping stand where its `<<` stands, those with a key that the
    /// mapping has itself left out; of several merged mappings, the first one with a key counts.
    #[must_use]
    pub fn entries(self) -> Entries<'d> {
        match self.node().shape {
            Shape::Merging => Entries(Source::Merged(self.merged().into_iter())),
            Shape::Mapping => Entries(Source::Written(self.children(true))),
            _ => Entries(Source::Written(self.children(false))),
        }
    }

    /// The entry of a mapping with this key, merge keys applied.
    #[must_use]
    pub fn entry(self, key: &str, case: Case) -> Option<Entry<'d>> {
        crate::locate::entry(self, key, case)
    }

    /// The value of a mapping's key, written exactly so.
    #[must_use]
    pub fn get(self, key: &str) -> Option<NodeRef<'d>> {
        self.entry(key, Case::Exact).map(|entry| entry.value)
    }

    /// How many items or entries it has. Counts them one by one.
    #[must_use]
    pub fn len(self) -> usize {
        match self.kind() {
            Kind::Mapping => self.entries().count(),
            _ => self.items().count(),
        }
    }

    /// Whether it has neither items nor entries.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.items().next().is_none() && self.entries().next().is_none()
    }

    /// The nodes directly in it, keys and values alike; nothing unless `wanted`.
    pub(crate) fn children(self, wanted: bool) -> Items<'d> {
        let first = self.id.saturating_add(1);
        let end = if wanted { self.node().link } else { first };
        Items { document: self.document, next: first, end, via: self.via }
    }

    /// Keys and values as they are written, merge keys among them.
    pub(crate) fn written_entries(self) -> Entries<'d> {
        Entries(Source::Written(self.children(self.kind() == Kind::Mapping)))
    }

    pub(crate) fn is_merge_key(self) -> bool {
        keys::is_merge_key(self.document, self.node())
    }

    pub(crate) fn is_merging(self) -> bool {
        self.node().shape == Shape::Merging
    }

    /// The mappings that the value of a merge key names.
    pub(crate) fn merge_sources(self) -> impl Iterator<Item = NodeRef<'d>> {
        let one = (self.kind() == Kind::Mapping).then_some(self);
        one.into_iter().chain(self.items().filter(|item| item.kind() == Kind::Mapping))
    }

    fn merged(self) -> Vec<Entry<'d>> {
        let own = self.written_entries().filter(|entry| !entry.key.is_merge_key());
        let mut seen: HashSet<&str> = own.filter_map(|entry| entry.key.as_str()).collect();
        let mut entries = Vec::new();
        for entry in self.written_entries() {
            if entry.key.is_merge_key() {
                let merged = entry.value.merge_sources().flat_map(NodeRef::entries);
                entries.extend(merged.filter(|entry| entry.key.as_str().is_none_or(|key| seen.insert(key))));
            } else {
                entries.push(entry);
            }
        }
        entries
    }
}

impl std::fmt::Debug for NodeRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}@{:?}", self.kind(), self.span())?;
        self.via().map_or(Ok(()), |via| write!(f, " via *{}", via.anchor))
    }
}

/// Iterates over the items of a sequence.
#[derive(Clone)]
pub struct Items<'d> {
    document: &'d Document,
    next: u32,
    end: u32,
    via: Option<u32>,
}

impl Items<'_> {
    /// The number of the next child as it is written: an alias is itself.
    pub(crate) fn next_id(&self) -> u32 {
        self.next
    }

    /// Where the next child is written: an alias, where it stands.
    pub(crate) fn next_place(&self) -> TextRange {
        let node = self.document.node(self.next);
        range(node.start, node.end)
    }

    /// The same children from the one with this number on.
    pub(crate) fn starting_at(mut self, id: u32) -> Self {
        self.next = id;
        self
    }
}

impl<'d> Iterator for Items<'d> {
    type Item = NodeRef<'d>;

    fn next(&mut self) -> Option<NodeRef<'d>> {
        if self.next >= self.end {
            return None;
        }
        let node = NodeRef::at(self.document, self.next, self.via);
        self.next = self.document.after(self.next);
        Some(node)
    }
}

/// Iterates over the entries of a mapping.
pub struct Entries<'d>(Source<'d>);

enum Source<'d> {
    Written(Items<'d>),
    Merged(std::vec::IntoIter<Entry<'d>>),
}

impl<'d> Iterator for Entries<'d> {
    type Item = Entry<'d>;

    fn next(&mut self) -> Option<Entry<'d>> {
        match &mut self.0 {
            Source::Written(items) => Some(Entry { key: items.next()?, value: items.next()? }),
            Source::Merged(entries) => entries.next(),
        }
    }
}
