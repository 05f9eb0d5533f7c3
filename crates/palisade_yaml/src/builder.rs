//! Events → the arena of one document: anchors and aliases, depth and expansion.

use std::collections::HashMap;

use crate::document::{Document, Node, Shape, index, range};
use crate::error::{ErrorKind, YamlError, quoted};
use crate::errors::Errors;
use crate::events::{Event, Place, WrittenTag};
use crate::limits::Limits;
use crate::scalar::{Style, Tag, is_null};
use crate::{keys, layout, syntax, tags};

/// Collections with more children than this get an index when they are searched.
const LARGE: u32 = 64;

/// Builds one document.
pub(crate) struct Builder<'t> {
    text: &'t str,
    document: Document,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchor>,
    errors: Errors,
    limits: Limits,
    /// Nodes so far, aliases counted as what they stand for.
    expanded: u64,
    /// How many of them only aliases added.
    added: u64,
    /// Where the last event ended.
    cursor: u32,
}

/// A collection that is not yet closed.
struct Open {
    node: u32,
    children: u32,
    mapping: bool,
    /// In brackets, and not the bare pair of `[a: b]`.
    bracketed: bool,
    /// How many levels are in it, itself included.
    height: usize,
    anchor: usize,
    /// [`Builder::expanded`] before it.
    before: u64,
}

/// An anchored node.
struct Anchor {
    node: u32,
    /// Expanded nodes in it, itself included; none while it is open.
    size: Option<u64>,
    height: usize,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(text: &'t str, document: Document, cursor: u32, limits: Limits, errors: Errors) -> Self {
        Self {
            text,
            document,
            open: Vec::new(),
            anchors: HashMap::new(),
            errors,
            limits,
            expanded: 0,
            added: 0,
            cursor,
        }
    }

    /// Takes one event. An error breaks the document: what can be worked round is only noted.
    #[inline]
    pub(crate) fn take(&mut self, event: Event<'t>, place: Place) -> Result<(), Box<YamlError>> {
        match event {
            Event::Scalar { text, style, anchor, tag } => self.scalar(&text, style, anchor, tag, place),
            Event::Start { mapping, flow, anchor, tag } => return self.start(mapping, flow, anchor, tag, place),
            Event::End => self.end(place),
            Event::Anchor => self.name_anchor(place),
            Event::Alias(anchor) => self.alias(anchor, place),
            Event::UnknownAlias => self.unknown_alias(place),
            Event::Unknown => return Err(Box::new(self.unknown_event(place))),
            Event::Boundary | Event::DocumentStart { .. } | Event::DocumentEnd => {}
        }
        Ok(())
    }

    /// The document, the errors so far, and where its last value ends. Collections that are still open end here.
    pub(crate) fn finish(mut self) -> (Document, Errors, u32) {
        while let Some(open) = self.open.pop() {
            if open.mapping && open.children % 2 == 1 {
                self.push(Shape::Null, self.cursor, self.cursor, 0, None);
            }
            self.seal(&open, self.cursor);
        }
        self.document.settle();
        (self.document, self.errors, self.cursor)
    }

    #[inline]
    fn push(&mut self, shape: Shape, start: u32, end: u32, link: u32, tag: Option<Tag>) -> u32 {
        let id = index(self.document.nodes.len());
        self.document.nodes.push(Node { start, end, link, shape, tag });
        id
    }

    /// Counts a node that is complete, with `height` levels in it, as a child of the open collection.
    #[inline]
    fn adopt(&mut self, id: u32, height: usize, end: u32) {
        self.cursor = end;
        let Some(parent) = self.open.last_mut() else {
            return;
        };
        parent.height = parent.height.max(height + 1);
        let is_key = parent.mapping && parent.children.is_multiple_of(2);
        parent.children += 1;
        if is_key {
            keys::check_key(&self.document, id, &mut self.errors);
        }
    }

    #[inline]
    fn scalar(&mut self, text: &str, style: Style, anchor: usize, tag: WrittenTag, place: Place) {
        let tag = match tag {
            WrittenTag::None => None,
            tag => tags::of_scalar(&self.document, tag, text, place, &mut self.errors),
        };
        let (start, end) = self.scalar_place(style, place);
        let shape = self.scalar_shape(text, style, tag, start, end);
        let link = if matches!(shape, Shape::Decoded(_)) { self.document.strings.push(text) } else { 0 };
        let id = self.push(shape, start, end, link, tag);
        self.expanded = self.expanded.saturating_add(1);
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor { node: id, size: Some(1), height: 0 });
        }
        self.adopt(id, 0, end);
    }

    #[inline]
    fn scalar_place(&self, style: Style, place: Place) -> (u32, u32) {
        match style {
            Style::Literal | Style::Folded => layout::block_scalar(self.text, self.cursor, place.start, place.end),
            Style::Plain if place.start == place.end => {
                let after_key = self.open.last().is_some_and(|open| open.mapping && open.children % 2 == 1);
                let at = if after_key { layout::absent(self.text, place.start) } else { place.start };
                (at, at)
            }
            _ => (place.start, place.end),
        }
    }

    #[inline]
    fn scalar_shape(&self, text: &str, style: Style, tag: Option<Tag>, start: u32, end: u32) -> Shape {
        let is_plain_null = style == Style::Plain && tag.is_none() && (start == end || is_null(text));
        if is_plain_null || tag == Some(Tag::Null) {
            return Shape::Null;
        }
        let (from, to) = match style {
            Style::Plain => (start, end),
            Style::Single | Style::Double => (start.saturating_add(1), end.saturating_sub(1)),
            Style::Literal | Style::Folded => return Shape::Decoded(style),
        };
        let as_written = self.text.get(from as usize..to as usize) == Some(text);
        if as_written { Shape::Slice(style) } else { Shape::Decoded(style) }
    }

    fn note(&mut self, error: impl FnOnce() -> YamlError) {
        self.errors.push(self.document.index, error);
    }

    fn start(
        &mut self,
        mapping: bool,
        flow: bool,
        anchor: usize,
        tag: WrittenTag,
        place: Place,
    ) -> Result<(), Box<YamlError>> {
        if self.open.len() >= self.limits.depth {
            return Err(Box::new(self.too_deep(place)));
        }
        let tag = tags::of_collection(&self.document, tag, mapping, place, &mut self.errors);
        let bracketed = flow && place.end > place.start;
        let start = self.collection_start(mapping, flow, place);
        if !flow && let Some(tab) = layout::tab_before(self.text, start) {
            self.note(|| syntax::tab_error(tab));
        }
        let shape = if mapping { Shape::Mapping } else { Shape::Sequence };
        let node = self.push(shape, start, start, 0, tag);
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor { node, size: None, height: 0 });
        }
        let before = self.expanded;
        self.expanded = self.expanded.saturating_add(1);
        self.open.push(Open { node, children: 0, mapping, bracketed, height: 1, anchor, before });
        let dash = u32::from(!mapping || bracketed);
        self.cursor = start.saturating_add(dash);
        Ok(())
    }

    /// The parser puts a list that is not indented below its key at its first item; it starts at its dash.
    fn collection_start(&self, mapping: bool, flow: bool, place: Place) -> u32 {
        let below_key = self.open.last().is_some_and(|open| open.mapping);
        if mapping || flow || !below_key {
            return place.start;
        }
        let dash = layout::value_start(self.text, self.cursor, place.start, false);
        if self.text.as_bytes().get(dash as usize) == Some(&b'-') { dash } else { place.start }
    }

    #[cold]
    fn unknown_event(&self, place: Place) -> YamlError {
        let what = quoted(self.document.slice(place.start, place.end));
        YamlError::new(ErrorKind::Syntax, range(place.start, place.end), format!("cannot read {what}"))
            .help("write it in another way; this sort of YAML is not known here")
    }

    fn too_deep(&self, place: Place) -> YamlError {
        let depth = self.limits.depth;
        let message = "values are nested too deep";
        YamlError::new(ErrorKind::Limit, range(place.start, place.end), message)
            .help(format!("nest at most {depth} lists and mappings in each other"))
    }

    fn end(&mut self, place: Place) {
        let Some(open) = self.open.pop() else { return };
        let end = if open.bracketed { place.end } else { self.cursor };
        self.seal(&open, end);
        if open.mapping {
            keys::check_mapping(&mut self.document, open.node, open.children, &mut self.errors);
        }
        if let Some(anchor) = self.anchors.get_mut(&open.anchor) {
            anchor.size = Some(self.expanded.saturating_sub(open.before));
            anchor.height = open.height;
        }
        self.adopt(open.node, open.height, end);
    }

    /// Writes down where a collection ends.
    fn seal(&mut self, open: &Open, end: u32) {
        let after = index(self.document.nodes.len());
        if let Some(node) = self.document.nodes.get_mut(open.node as usize) {
            node.end = end.max(node.start);
            node.link = after;
        }
        if open.children > LARGE {
            self.document.large.push((open.node, std::sync::OnceLock::new()));
        }
    }

    /// The event belongs to the node just pushed.
    fn name_anchor(&mut self, place: Place) {
        let node = index(self.document.nodes.len().saturating_sub(1));
        self.document.anchors.push((node, range(place.start.saturating_add(1), place.end)));
    }

    fn alias(&mut self, anchor: usize, place: Place) {
        match self.followable(anchor, place) {
            Ok((node, size, height)) => {
                self.expanded = self.expanded.saturating_add(size);
                let id = self.push(Shape::Alias, place.start, place.end, node, None);
                self.adopt(id, height, place.end);
            }
            Err(error) => {
                if let Some(error) = error {
                    self.note(|| error);
                }
                self.instead_of_alias(place);
            }
        }
    }

    /// The anchored node, its size and its height, if the alias may stand for it.
    fn followable(&mut self, anchor: usize, place: Place) -> Result<(u32, u64, usize), Option<YamlError>> {
        let at = range(place.start, place.end);
        let name = self.document.slice(place.start, place.end);
        let Some(found) = self.anchors.get(&anchor) else {
            return Err(Some(unknown(name, at)));
        };
        let Some(size) = found.size else {
            let message = format!("the alias {} stands inside the value that it names", quoted(name));
            let error = YamlError::new(ErrorKind::AliasCycle, at, message);
            return Err(Some(error.help("write out the value, or name another anchor")));
        };
        if self.open.len() + found.height > self.limits.depth {
            return Err(Some(self.too_deep(place)));
        }
        let added = self.added.saturating_add(size);
        let most = self.limits.expansion.max(self.text.len() as u64);
        if added > most {
            let first = self.added <= most;
            self.added = u64::MAX;
            return Err(first.then(|| too_much(name, at, most)));
        }
        let found = (found.node, size, found.height);
        self.added = added;
        Ok(found)
    }

    fn unknown_alias(&mut self, place: Place) {
        let name = self.document.slice(place.start, place.end);
        let mut error = unknown(name, range(place.start, place.end));
        if let Some(near) = self.near_anchor(name) {
            error.help = Some(format!("did you mean `*{near}`?"));
        }
        self.note(|| error);
        self.instead_of_alias(place);
    }

    fn near_anchor(&self, alias: &str) -> Option<&str> {
        let name = alias.get(1..)?;
        let anchors = self.document.anchors.iter().rev().take(100);
        let names = anchors.map(|(_, at)| self.document.slice(at.start().into(), at.end().into()));
        names.filter(|near| near.len() < 100 && name.len() < 100).find(|near| strsim::osa_distance(near, name) <= 2)
    }

    /// A null in the place of an alias that cannot be followed: the document is broken, its tree is whole.
    fn instead_of_alias(&mut self, place: Place) {
        let id = self.push(Shape::Null, place.start, place.end, 0, None);
        self.expanded = self.expanded.saturating_add(1);
        self.adopt(id, 0, place.end);
    }
}

fn unknown(name: &str, at: text_size::TextRange) -> YamlError {
    let message = format!("the alias {} names an anchor that is not defined before it", quoted(name));
    YamlError::new(ErrorKind::UnknownAlias, at, message)
        .help(format!("define it with `&`, or put the text in quotes: `\"{}\"`", quoted(name).trim_matches('`')))
}

fn too_much(name: &str, at: text_size::TextRange, most: u64) -> YamlError {
    let message = format!("with the alias {}, aliases stand for more than {most} values", quoted(name));
    YamlError::new(ErrorKind::AliasExpansion, at, message).help("write the values out, or remove aliases of aliases")
}
