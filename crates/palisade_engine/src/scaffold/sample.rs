//! The least environment with one entity in it, written from the declarations: what must be written, and nothing else.

use std::collections::BTreeSet;
use std::fmt::Write;

use palisade_net::TagCatalogue;
use smol_str::SmolStr;

use crate::types::{EnumId, FieldDef, FieldRole, RecordId, Schema, Type};

/// What everything is called that is there only because something else needs it.
const OTHER: &str = "one";

/// The YAML of an environment, and what messages call the entity in it.
pub(super) struct Sample {
    pub(super) yaml: String,
    pub(super) shown: String,
}

/// An environment with an entity of this kind and name; `None` if no collection holds such.
pub(super) fn sample(schema: &Schema, catalogue: &TagCatalogue, record: RecordId, name: &str) -> Option<Sample> {
    let mut writer = Writer { schema, catalogue, root: Vec::new(), open: BTreeSet::new() };
    let names = writer.place(record, name)?;
    let mut yaml = String::new();
    write_keys(&writer.root, 0, &mut yaml);
    Some(Sample { yaml, shown: names.join("/") })
}

/// YAML to be written.
enum Node {
    Scalar(String),
    List(Vec<Self>),
    Keys(Keys),
    /// A list whose items are written with their names.
    Items(Keys),
}

type Keys = Vec<(SmolStr, Node)>;

struct Writer<'a> {
    schema: &'a Schema,
    catalogue: &'a TagCatalogue,
    root: Keys,
    /// What is being written: it is there already for what refers back to it.
    open: BTreeSet<RecordId>,
}

impl Writer<'_> {
    /// Puts an entity into its collection, in owners that are there for it; its name, after those of its owners.
    fn place(&mut self, record: RecordId, name: &str) -> Option<Vec<String>> {
        let steps = way_to(self.schema, record)?;
        let names: Vec<&str> = (1..steps.len()).map(|_| OTHER).chain([name]).collect();
        if self.open.insert(record) {
            let bodies: Vec<Keys> = steps.iter().map(|step| self.body(step.record)).collect();
            let mut at = &mut self.root;
            for ((step, name), body) in steps.iter().zip(&names).zip(bodies) {
                at = enter(at, step, name, body)?;
            }
            self.open.remove(&record);
        }
        Some(names.into_iter().map(str::to_owned).collect())
    }

    /// The keys that must be written of a record.
    fn body(&mut self, record: RecordId) -> Keys {
        let fields = self.schema.record(record).map_or(&[][..], |record| &record.fields);
        self.required(fields)
    }

    fn required(&mut self, fields: &[FieldDef]) -> Keys {
        let mut keys = Vec::new();
        for field in fields.iter().filter(|field| is_required(field)) {
            let value = match field.ty {
                Type::Enum(id) => self.variant(id, &mut keys, &field.name),
                _ => Some(self.value(&field.ty)),
            };
            keys.extend(value.map(|value| (field.name.clone(), value)));
        }
        keys
    }

    /// The word of a variant; its fields stand beside it, so it is written before them.
    fn variant(&mut self, id: EnumId, keys: &mut Keys, name: &SmolStr) -> Option<Node> {
        let variants = &self.schema.enumeration(id)?.variants;
        let variant = variants.iter().find(|variant| variant.fields.is_empty()).or(variants.first())?;
        keys.push((name.clone(), Node::Scalar(variant.name.to_string())));
        let beside = self.required(&variant.fields);
        keys.extend(beside);
        None
    }

    fn value(&mut self, ty: &Type) -> Node {
        let scalar = |text: &str| Node::Scalar(text.to_owned());
        match ty.narrowed() {
            Type::Bool => scalar("true"),
            Type::Int => scalar("100"),
            Type::Date => scalar("2026-01-31"),
            Type::Duration => scalar("1h"),
            Type::Ip => scalar("10.0.0.4"),
            Type::Cidr | Type::Prefix | Type::Addresses => scalar("10.0.0.0/24"),
            Type::Port => scalar("1"),
            Type::Ports | Type::Protocols => scalar("\"*\""),
            Type::Protocol => scalar("tcp"),
            Type::Region => {
                self.catalogue.regions().first().map_or_else(|| scalar(OTHER), |region| scalar(&region.name))
            }
            Type::ServiceTag => self.catalogue.tags().first().map_or_else(|| scalar(OTHER), |tag| scalar(&tag.name)),
            Type::Fqdn => scalar("one.example.org"),
            Type::List(item) => Node::List(vec![self.value(item)]),
            Type::Map(..) => Node::Keys(Vec::new()),
            Type::OneOf(ids) => ids.first().map_or_else(|| scalar(OTHER), |id| self.reference(*id)),
            Type::Record(id) if self.schema.is_entity(ty.narrowed()) => self.reference(*id),
            Type::Record(id) => Node::Keys(self.body(*id)),
            Type::Enum(id) => {
                let first = self.schema.enumeration(*id).and_then(|declared| declared.variants.first());
                scalar(first.map_or(OTHER, |variant| &variant.name))
            }
            _ => scalar(OTHER),
        }
    }

    /// Another entity, which is described as well.
    fn reference(&mut self, id: RecordId) -> Node {
        let names = self.place(id, OTHER).unwrap_or_default();
        Node::Scalar(names.join("/"))
    }
}

fn is_required(field: &FieldDef) -> bool {
    let absent = field.default.is_some() || matches!(field.ty, Type::Optional(_) | Type::OrNone(_));
    !absent && !matches!(field.role, FieldRole::Owner | FieldRole::Name | FieldRole::Collection)
}

/// A collection on the way from the top of a file to a kind of entity.
#[derive(Clone)]
struct Step {
    key: SmolStr,
    record: RecordId,
    /// Written as a list of bodies with names.
    is_list: bool,
}

/// The shortest way.
fn way_to(schema: &Schema, target: RecordId) -> Option<Vec<Step>> {
    let mut ways: Vec<Vec<Step>> = collections(&schema.environment).map(|step| vec![step]).collect();
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let last = |way: &Vec<Step>| way.last().map(|step| step.record);
        if let Some(found) = ways.iter().find(|way| last(way) == Some(target)) {
            return Some(found.clone());
        }
        ways.retain(|way| last(way).is_some_and(|record| seen.insert(record)));
        let longer = ways.iter().flat_map(|way| {
            let inner = last(way).and_then(|record| schema.record(record));
            let steps = inner.into_iter().flat_map(|record| collections(&record.fields));
            steps.map(|step| [way.as_slice(), &[step]].concat())
        });
        ways = longer.collect();
    }
    None
}

fn collections(fields: &[FieldDef]) -> impl Iterator<Item = Step> {
    let held = fields.iter().filter(|field| field.role == FieldRole::Collection);
    held.filter_map(|field| {
        let (item, is_list) = match field.ty.narrowed() {
            Type::Map(_, item) => (item, false),
            Type::List(item) => (item, true),
            _ => return None,
        };
        let Type::Record(record) = *item.narrowed() else { return None };
        Some(Step { key: field.name.clone(), record, is_list })
    })
}

/// The body of an entity in a collection, written if it is not there.
fn enter<'k>(keys: &'k mut Keys, step: &Step, name: &str, body: Keys) -> Option<&'k mut Keys> {
    let empty = if step.is_list { Node::Items(Vec::new()) } else { Node::Keys(Vec::new()) };
    let (Node::Keys(items) | Node::Items(items)) = entry(keys, &step.key, empty)? else { return None };
    match entry(items, name, Node::Keys(body))? {
        Node::Keys(body) => Some(body),
        _ => None,
    }
}

fn entry<'k>(keys: &'k mut Keys, key: &str, new: Node) -> Option<&'k mut Node> {
    if !keys.iter().any(|(known, _)| known == key) {
        keys.push((key.into(), new));
    }
    keys.iter_mut().find(|(known, _)| known == key).map(|(_, node)| node)
}

fn write_keys(keys: &Keys, indent: usize, to: &mut String) {
    for (key, node) in keys {
        // Writing to memory does not fail.
        let _ = match node {
            Node::Keys(inner) | Node::Items(inner) if inner.is_empty() => writeln!(to, "{:indent$}{key}: {{}}", ""),
            Node::Keys(inner) => {
                let written = writeln!(to, "{:indent$}{key}:", "");
                write_keys(inner, indent + 2, to);
                written
            }
            Node::Items(inner) => {
                let written = writeln!(to, "{:indent$}{key}:", "");
                for (name, body) in inner {
                    let _ = writeln!(to, "{:indent$}- name: {name}", "");
                    if let Node::Keys(body) = body {
                        write_keys(body, indent + 2, to);
                    }
                }
                written
            }
            plain => writeln!(to, "{:indent$}{key}: {}", "", flow(plain)),
        };
    }
}

/// A value on one line.
fn flow(node: &Node) -> String {
    match node {
        Node::Scalar(text) => text.clone(),
        Node::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Node::Keys(keys) | Node::Items(keys) => {
            let keys: Vec<String> = keys.iter().map(|(key, node)| format!("{key}: {}", flow(node))).collect();
            format!("{{ {} }}", keys.join(", "))
        }
    }
}
