//! A part of a document written out for a reader: some of its entries, in blocks above and on one line below.

use crate::document::Document;
use crate::node::{Entry, Kind, NodeRef};
use crate::scalar::{CoreValue, Scalar, Style, quoted};

/// The columns of a line that a reader takes in.
const WIDTH: usize = 120;

/// Writes the entries of a document's top that are wanted: `wanted` is asked with a key of the top alone, then, if that
/// is not wanted as a whole, with it and each key below.
///
/// Nothing of a value is lost but its anchors and comments: aliases and merge keys are written out. The same document
/// gives the same text.
#[must_use]
pub fn excerpt(document: &Document, wanted: &dyn Fn(&str, Option<&str>) -> bool) -> String {
    let mut writer = Writer { out: String::new() };
    for Entry { key, value } in document.root().entries() {
        let name = key.as_str().unwrap_or_default();
        if wanted(name, None) {
            writer.entry(0, key, value);
            continue;
        }
        let below: Vec<Entry<'_>> =
            value.entries().filter(|entry| wanted(name, Some(entry.key.as_str().unwrap_or_default()))).collect();
        if !below.is_empty() {
            writer.out.push_str(&string(name));
            writer.out.push_str(":\n");
            for Entry { key, value } in below {
                writer.entry(1, key, value);
            }
        }
    }
    writer.out
}

struct Writer {
    out: String,
}

impl Writer {
    fn indent(&mut self, level: usize) {
        self.out.extend(std::iter::repeat_n("  ", level));
    }

    fn entry(&mut self, level: usize, key: NodeRef<'_>, value: NodeRef<'_>) {
        self.indent(level);
        self.entry_here(level, key, value);
    }

    /// An entry whose line has begun.
    fn entry_here(&mut self, level: usize, key: NodeRef<'_>, value: NodeRef<'_>) {
        let key = string(key.as_str().unwrap_or_default());
        self.out.push_str(&key);
        self.out.push(':');
        let line = flow(value);
        // The top's own entries are blocks: there each line is a resource.
        let nested = level == 0 && value.kind() == Kind::Mapping && value.entries().next().is_some();
        if !nested && (is_leaf(value) || 2 * level + key.len() + 2 + line.len() <= WIDTH) {
            self.out.push(' ');
            self.out.push_str(&line);
            self.out.push('\n');
            return;
        }
        self.out.push('\n');
        self.block(level + 1, value);
    }

    fn block(&mut self, level: usize, node: NodeRef<'_>) {
        for Entry { key, value } in node.entries() {
            self.entry(level, key, value);
        }
        for item in node.items() {
            self.item(level, item);
        }
    }

    fn item(&mut self, level: usize, item: NodeRef<'_>) {
        self.indent(level);
        self.out.push_str("- ");
        let line = flow(item);
        if item.kind() != Kind::Mapping || 2 * level + 2 + line.len() <= WIDTH {
            self.out.push_str(&line);
            self.out.push('\n');
            return;
        }
        for (number, Entry { key, value }) in item.entries().enumerate() {
            if number > 0 {
                self.indent(level + 1);
            }
            self.entry_here(level + 1, key, value);
        }
    }
}

fn is_leaf(node: NodeRef<'_>) -> bool {
    node.entries().next().is_none() && node.items().next().is_none()
}

/// A value on one line.
fn flow(node: NodeRef<'_>) -> String {
    match node.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Scalar => scalar(node),
        Kind::Sequence => format!("[{}]", node.items().map(flow).collect::<Vec<_>>().join(", ")),
        Kind::Mapping => {
            let entry =
                |entry: Entry<'_>| format!("{}: {}", string(entry.key.as_str().unwrap_or_default()), flow(entry.value));
            let entries: Vec<String> = node.entries().map(entry).collect();
            if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
        }
    }
}

fn scalar(node: NodeRef<'_>) -> String {
    let Some(scalar) = node.scalar() else { return String::new() };
    match scalar.resolve() {
        CoreValue::Text(text) => string(text),
        value => {
            let plain = Scalar { style: Style::Plain, tag: None, ..scalar };
            let tag = scalar.tag.filter(|_| plain.resolve() != value);
            tag.map_or_else(|| scalar.text.to_owned(), |tag| format!("{} {}", tag.as_str(), quoted(scalar.text)))
        }
    }
}

/// A text without quotes where it stands for itself, otherwise in quotes.
fn string(text: &str) -> String {
    let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_'));
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'.'));
    let same = Scalar { text, style: Style::Plain, tag: None }.resolve() == CoreValue::Text(text);
    if starts && plain && same { text.to_owned() } else { quoted(text) }
}
