//! The arena: a document is its nodes in the order in which they are written.

use std::sync::{Arc, OnceLock};

use text_size::{TextRange, TextSize};

use crate::error::YamlError;
use crate::locate::Index;
use crate::node::NodeRef;
use crate::scalar::{Style, Tag};

/// What [`crate::parse`] read: never without a document, whatever the text holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The documents in order, broken ones included: see [`Document::is_sound`].
    pub documents: Vec<Document>,
    /// Everything wrong with any document, in the order of the text.
    pub errors: Vec<YamlError>,
}

/// One node of a document, as a number that one can keep. Meaningless in another document.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

/// One document of a stream.
///
/// Its nodes are immutable, so that it can be shared between threads in an `Arc`. Two documents are
/// equal when they are the same document of equal texts.
#[derive(Clone, Debug)]
pub struct Document {
    pub(crate) text: Arc<str>,
    /// Which document of the stream.
    pub(crate) index: usize,
    /// Where it starts in the text.
    pub(crate) start: u32,
    /// In the order of the text; the first is the root.
    pub(crate) nodes: Vec<Node>,
    /// The texts of scalars that are not a slice of the text.
    pub(crate) strings: Strings,
    /// Anchored nodes and the anchors' names, in the order of the text.
    pub(crate) anchors: Vec<(u32, TextRange)>,
    /// Collections too long to search item by item, in the order of the text.
    pub(crate) large: Vec<(u32, OnceLock<Index>)>,
    pub(crate) sound: bool,
}

/// One node. What `link` means depends on the shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Collection: the first node after its last descendant. Decoded scalar: which string. Alias: the node it names.
    pub(crate) link: u32,
    pub(crate) shape: Shape,
    pub(crate) tag: Option<Tag>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A null: left out, or written without quotes.
    Null,
    /// A scalar whose text is a slice of the source.
    Slice(Style),
    /// A scalar whose text is in [`Strings`].
    Decoded(Style),
    Sequence,
    Mapping,
    /// A mapping with a merge key.
    Merging,
    Alias,
}

impl Shape {
    pub(crate) fn is_collection(self) -> bool {
        matches!(self, Self::Sequence | Self::Mapping | Self::Merging)
    }

    pub(crate) fn is_mapping(self) -> bool {
        matches!(self, Self::Mapping | Self::Merging)
    }
}

/// Many small strings in one allocation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(crate) fn push(&mut self, text: &str) -> u32 {
        let at = index(self.ends.len());
        self.text.push_str(text);
        self.ends.push(index(self.text.len()));
        at
    }

    pub(crate) fn get(&self, at: u32) -> &str {
        let at = at as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        let end = self.ends.get(at).map_or(start, |end| *end as usize);
        self.text.get(start..end).unwrap_or_default()
    }

    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Offsets and node numbers are 32 bits: the limit on the text's size keeps them so.
pub(crate) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(crate) fn range(start: u32, end: u32) -> TextRange {
    TextRange::new(TextSize::new(start), TextSize::new(end.max(start)))
}

impl Document {
    pub(crate) fn new(text: Arc<str>, number: usize, start: u32) -> Self {
        Self {
            text,
            index: number,
            start,
            nodes: Vec::new(),
            strings: Strings::default(),
            anchors: Vec::new(),
            large: Vec::new(),
            sound: true,
        }
    }

    /// Puts the tables into their final order and gives back what they do not need.
    pub(crate) fn settle(&mut self) {
        self.nodes.shrink_to_fit();
        self.strings.shrink();
        self.large.sort_unstable_by_key(|(node, _)| *node);
    }

    /// The text of the whole stream.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Which document of the stream this is, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Where the document starts in the text.
    #[must_use]
    pub fn start(&self) -> TextSize {
        TextSize::new(self.start)
    }

    /// Whether nothing is wrong with it. A document that is not sound still has the nodes read before its error, for
    /// editors; nothing may be concluded from them. What is wrong is in [`Stream::errors`].
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.sound
    }

    /// Whether nothing is written in it. An empty document's root is null.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let root = self.node(0);
        self.nodes.len() <= 1 && root.shape == Shape::Null && root.start == root.end
    }

    /// The outermost node.
    #[must_use]
    pub fn root(&self) -> NodeRef<'_> {
        NodeRef::at(self, 0, None)
    }

    /// The node with a number of this document; the root for a number that is not of it.
    #[must_use]
    pub fn get(&self, id: NodeId) -> NodeRef<'_> {
        let known = (id.0 as usize) < self.nodes.len();
        NodeRef::at(self, if known { id.0 } else { 0 }, None)
    }

    /// How many nodes are written; an alias is one, whatever it stands for.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Bytes on the heap, the text and the indexes built by [`Document::locate`] not counted.
    #[must_use]
    pub fn heap_size(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
            + self.strings.text.capacity()
            + self.strings.ends.capacity() * size_of::<u32>()
            + self.anchors.capacity() * size_of::<(u32, TextRange)>()
            + self.large.capacity() * size_of::<(u32, OnceLock<Index>)>()
    }

    pub(crate) fn node(&self, id: u32) -> Node {
        let nothing = Node { start: self.start, end: self.start, link: 0, shape: Shape::Null, tag: None };
        self.nodes.get(id as usize).copied().unwrap_or(nothing)
    }

    pub(crate) fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The text of a scalar; of an alias's target, when it is one; empty for a collection.
    pub(crate) fn scalar_text(&self, node: Node) -> &str {
        match node.shape {
            Shape::Null | Shape::Slice(Style::Plain) => self.slice(node.start, node.end),
            Shape::Slice(_) => self.slice(node.start.saturating_add(1), node.end.saturating_sub(1)),
            Shape::Decoded(_) => self.strings.get(node.link),
            _ => "",
        }
    }

    /// The node itself, or the one that it names if it is an alias.
    pub(crate) fn followed(&self, node: Node) -> Node {
        if node.shape == Shape::Alias { self.node(node.link) } else { node }
    }

    /// The number of the node after `id` and everything in it.
    pub(crate) fn after(&self, id: u32) -> u32 {
        let node = self.node(id);
        if node.shape.is_collection() { node.link } else { id.saturating_add(1) }
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && (Arc::ptr_eq(&self.text, &other.text) || self.text == other.text)
    }
}

impl Eq for Document {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_small_and_documents_can_be_shared() {
        fn shareable<T: Send + Sync>() {}
        shareable::<Document>();
        shareable::<Stream>();
        assert_eq!(size_of::<Node>(), 16);
    }

    #[test]
    fn strings_come_back_as_they_went_in() {
        let mut strings = Strings::default();
        let numbers: Vec<u32> = ["", "a", "é\n", ""].map(|text| strings.push(text)).into();
        let texts: Vec<&str> = numbers.into_iter().map(|number| strings.get(number)).collect();
        assert_eq!(texts, ["", "a", "é\n", ""]);
    }
}
