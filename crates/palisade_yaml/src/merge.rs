//! One document patched by another, written out as YAML that is JSON wherever JSON can say it.

use crate::document::Document;
use crate::locate::Case;
use crate::node::{Entry, Kind, NodeRef};
use crate::scalar::{CoreValue, Scalar, Style, Tag, quoted};
use std::collections::{HashMap, HashSet};

/// The longest key that YAML takes without a `?` before it, less some room for the quotes.
const LONGEST_KEY: usize = 1000;

/// Puts `patch` over `base` and writes the result out, the same text for the same input.
///
/// * Mappings are merged key by key, case counting: the base's keys in their order, then new ones in theirs.
/// * Two lists in which each item is a mapping with a `name` of its own are merged by that name, in the same order.
/// * A null in a mapping of the patch takes its key away; anything else replaces what the base has, with the nulls in
///   any list of the patch that has no such names.
///
/// An empty (or null) patch changes nothing. Aliases and merge keys are written out. Scalars keep their type: a plain
/// `443` stays a number, `"443"` stays a text.
#[must_use]
pub fn merge(base: &Document, patch: &Document) -> String {
    let mut writer = Writer { out: String::new(), level: 0 };
    match patch.root().kind() {
        Kind::Null => writer.whole(base.root()),
        _ => writer.patched(Some(base.root()), patch.root()),
    }
    writer.out.push('\n');
    writer.out
}

/// What to write: a node as it is, or a patch over one.
#[derive(Clone, Copy)]
enum Value<'d> {
    Whole(NodeRef<'d>),
    Patched(Option<NodeRef<'d>>, NodeRef<'d>),
}

struct Writer {
    out: String,
    level: usize,
}

impl Writer {
    fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Whole(node) => self.whole(node),
            Value::Patched(base, patch) => self.patched(base, patch),
        }
    }

    fn whole(&mut self, node: NodeRef<'_>) {
        match node.kind() {
            Kind::Mapping => {
                self.mapping(node.entries().map(|entry| (entry.key, Value::Whole(entry.value))));
            }
            Kind::Sequence => self.sequence(node.items().map(Value::Whole)),
            Kind::Null => self.out.push_str("null"),
            Kind::Scalar => self.scalar(node),
        }
    }

    fn patched(&mut self, base: Option<NodeRef<'_>>, patch: NodeRef<'_>) {
        match patch.kind() {
            Kind::Mapping => self.mapping(patched_entries(base, patch).into_iter()),
            Kind::Sequence => match names(patch) {
                Some(theirs) => self.named(base, patch, &theirs),
                None => self.whole(patch),
            },
            Kind::Null | Kind::Scalar => self.whole(patch),
        }
    }

    fn named(&mut self, base: Option<NodeRef<'_>>, patch: NodeRef<'_>, theirs: &[&str]) {
        let base = base.and_then(|base| Some((base, names(base)?)));
        let ours = base.as_ref().map(|(_, names)| names.as_slice()).unwrap_or_default();
        let in_base: HashSet<&str> = ours.iter().copied().collect();
        let patches: HashMap<&str, NodeRef<'_>> = theirs.iter().copied().zip(patch.items()).collect();
        let mut items: Vec<Value<'_>> = Vec::new();
        if let Some((base, names)) = &base {
            items.extend(base.items().zip(names).map(|(item, name)| match patches.get(name) {
                Some(over) => Value::Patched(Some(item), *over),
                None => Value::Whole(item),
            }));
        }
        let new = patch.items().zip(theirs).filter(|(_, name)| !in_base.contains(*name));
        items.extend(new.map(|(item, _)| Value::Patched(None, item)));
        self.sequence(items.into_iter());
    }

    fn mapping<'d>(&mut self, entries: impl Iterator<Item = (NodeRef<'d>, Value<'d>)>) {
        self.collection('{', '}', entries, |writer, (key, value)| {
            let start = writer.out.len();
            writer.string(key.as_str().unwrap_or_default());
            if writer.out.len() - start > LONGEST_KEY {
                writer.out.insert_str(start, "? ");
                writer.out.push(' ');
            }
            writer.out.push_str(": ");
            writer.value(value);
        });
    }

    fn sequence<'d>(&mut self, items: impl Iterator<Item = Value<'d>>) {
        self.collection('[', ']', items, Self::value);
    }

    fn collection<T>(&mut self, open: char, close: char, items: impl Iterator<Item = T>, write: impl Fn(&mut Self, T)) {
        self.out.push(open);
        self.level += 1;
        let mut empty = true;
        for item in items {
            if !std::mem::take(&mut empty) {
                self.out.push(',');
            }
            self.line();
            write(self, item);
        }
        self.level -= 1;
        if !empty {
            self.line();
        }
        self.out.push(close);
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.level));
    }

    /// Text in quotes; numbers and booleans as they are written, with their tag if the text alone means something else.
    fn scalar(&mut self, node: NodeRef<'_>) {
        let Some(scalar) = node.scalar() else { return };
        let value = scalar.resolve();
        if let CoreValue::Text(text) = value {
            return self.string(text);
        }
        let plain = Scalar { style: Style::Plain, tag: None, ..scalar };
        if scalar.tag.is_none() || plain.resolve() == value {
            self.out.push_str(scalar.text);
        } else {
            self.out.push_str(scalar.tag.map_or("", Tag::as_str));
            self.out.push(' ');
            self.string(scalar.text);
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push_str(&quoted(text));
    }
}

/// The entries of a mapping with a patch over it. Without a base mapping, the patch's own, nulls left out.
fn patched_entries<'d>(base: Option<NodeRef<'d>>, patch: NodeRef<'d>) -> Vec<(NodeRef<'d>, Value<'d>)> {
    let find = |node: NodeRef<'d>, key: NodeRef<'d>| node.entry(key.as_str()?, Case::Exact).map(|found| found.value);
    let base = base.filter(|base| base.kind() == Kind::Mapping);
    let over = |Entry { key, value }: Entry<'d>| match find(patch, key) {
        None => Some((key, Value::Whole(value))),
        Some(over) => (over.kind() != Kind::Null).then_some((key, Value::Patched(Some(value), over))),
    };
    let kept = base.into_iter().flat_map(NodeRef::entries).filter_map(over);
    let new = patch
        .entries()
        .filter(|entry| entry.value.kind() != Kind::Null && base.is_none_or(|base| find(base, entry.key).is_none()));
    kept.chain(new.map(|entry| (entry.key, Value::Patched(None, entry.value)))).collect()
}

/// The names of a list's items, if each is a mapping with a name of its own.
fn names(node: NodeRef<'_>) -> Option<Vec<&str>> {
    let names: Vec<&str> = node.items().map(|item| item.get("name")?.as_str()).collect::<Option<_>>()?;
    let distinct: HashSet<&str> = names.iter().copied().collect();
    (node.kind() == Kind::Sequence && distinct.len() == names.len()).then_some(names)
}
