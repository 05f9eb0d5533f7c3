//! Lists and maps: of values, of records, and of entities, which stand on their own.
//!
//! A map is written as a mapping from names to bodies, or as a list of bodies with `name:`. Names in one collection
//! are unique whatever their case, because places are made of them.

use std::sync::Arc;

use palisade_yaml::{Entry, Kind, NodeRef};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::fault::Spot;
use super::index::folded;
use super::reader::{Naming, Reader, Subject};
use super::values::{Wrong, text};
use super::{LoadedEntity, codes, words};
use crate::data::Data;
use crate::place::{Place, Segment};
use crate::types::{FieldDef, RecordId, Type};

/// The names of a collection so far, with where they stand.
#[derive(Default)]
pub(super) struct Seen(FxHashMap<SmolStr, (Spot, SmolStr)>);

impl Seen {
    /// Adds a name; gives back where it stands already, and how it is written there.
    pub(super) fn insert(&mut self, name: &str, at: Spot) -> Option<(Spot, SmolStr)> {
        let folded = folded(name);
        if let Some(first) = self.0.get(&folded) {
            return Some(first.clone());
        }
        self.0.insert(folded, (at, name.into()));
        None
    }
}

/// An item of a collection, however that is written.
struct Item<'d> {
    name: SmolStr,
    /// Where the name stands.
    at: NodeRef<'d>,
    body: NodeRef<'d>,
    /// Whether the name is the key.
    keyed: bool,
}

impl<'s, 'd> Reader<'s, 'd> {
    /// Reads a collection of entities from one or, at the top, several files.
    pub(super) fn collection(&mut self, field: &'s FieldDef, parts: &[(usize, Entry<'d>)]) -> Data {
        let (mapped, item) = match field.ty.narrowed() {
            Type::Map(_, item) => (true, item),
            Type::List(item) => (false, item),
            _ => return Data::Error,
        };
        let Type::Record(id) = item.narrowed() else { return Data::Error };
        let (mut names, mut seen) = (Vec::new(), Seen::default());
        for (source, entry) in parts {
            self.source = *source;
            let Some(items) = self.items(mapped, entry.value) else {
                self.no_collection(field, entry.value);
                self.lose(*id);
                continue;
            };
            if items.len() < entry.value.items().count() {
                self.lose(*id);
            }
            for item in items {
                self.unique(&mut seen, &item.name, item.at);
                names.push(item.name.clone());
                self.entity(*id, &item);
            }
        }
        Data::Entities(names.into())
    }

    fn no_collection(&mut self, field: &FieldDef, node: NodeRef<'d>) {
        let expected = words::expected_of(self.schema(), field);
        let message = format!("`{}` must be {expected}, found {}", field.name, words::found(node));
        self.fault(codes::WRONG_TYPE, node, message, Some(words::instead(&field.ty, node)));
    }

    /// The items of a collection with their names; `None` if it is neither a list nor, where one may be, a mapping.
    fn items(&mut self, mapped: bool, node: NodeRef<'d>) -> Option<Vec<Item<'d>>> {
        match node.kind() {
            Kind::Mapping if mapped => {
                let item = |entry: Entry<'d>| {
                    let name = SmolStr::from(entry.key.as_str()?);
                    Some(Item { name, at: entry.key, body: entry.value, keyed: true })
                };
                Some(node.entries().filter_map(item).collect())
            }
            Kind::Sequence => Some(node.items().filter_map(|item| self.named_item(item)).collect()),
            _ => None,
        }
    }

    /// An item of a list that must have a name.
    fn named_item(&mut self, item: NodeRef<'d>) -> Option<Item<'d>> {
        let Some(at) = item.get("name").filter(|name| name.kind() != Kind::Null) else {
            let message = format!("an item of this list needs a `name`, found {}", words::found(item));
            let first = item.entries().next();
            let lone = |entry: &Entry<'_>| match entry.value.kind() {
                Kind::Null => true,
                Kind::Mapping => item.entries().count() == 1,
                _ => false,
            };
            let only = first.filter(lone).and_then(|entry| entry.key.as_str());
            let help = match (item.as_str(), only) {
                (Some(text), _) => format!("write `- name: {text}`"),
                (None, Some(key)) => format!("write `- name: {key}` with its keys beside it, or leave out the `-`"),
                (None, None) => "add `name:` with text".to_owned(),
            };
            self.fault(codes::MISSING_KEY, start_of(item), message, Some(help));
            return None;
        };
        match text(at) {
            Ok(name) => Some(Item { name, at, body: item, keyed: false }),
            Err(wrong) => {
                self.wrong("name", &Type::Text, wrong);
                None
            }
        }
    }

    fn entity(&mut self, record: RecordId, item: &Item<'d>) {
        let Some(shape) = self.record_shape(record) else { return };
        self.path.push(item.segment());
        let place = Place { segments: self.path.clone() };
        let index = self.entities.len();
        let outer = self.owner.replace(index);
        self.entities.push(LoadedEntity {
            record,
            place,
            name: item.name.clone(),
            owner: outer,
            body: self.no_fields.clone(),
            from_defaults: Arc::default(),
        });
        let around = std::mem::take(&mut self.inherited);
        let body = self.body(shape, item.body, item.subject());
        if let Some(entity) = self.entities.get_mut(index) {
            entity.body = body;
            entity.from_defaults = self.inherited.as_slice().into();
        }
        (self.inherited, self.owner) = (around, outer);
        self.path.pop();
    }

    /// Reads a list of values or records.
    pub(super) fn list(&mut self, field: &'s FieldDef, item: &'s Type, node: NodeRef<'d>) -> Data {
        if node.kind() != Kind::Sequence {
            let help = node.as_str().map(|text| format!("write a list: `[{text}]`"));
            let ty = Type::List(Arc::new(item.clone()));
            return self.wrong(&field.name, &ty, Wrong::Type(node, help));
        }
        let record = self.is_record(item);
        let mut seen = Seen::default();
        let read = (0..).zip(node.items()).map(|(at, value)| {
            if record {
                self.list_record(field, item, value, at, &mut seen)
            } else {
                self.list_value(field, item, value)
            }
        });
        let read: Vec<Data> = read.collect();
        Data::List(read.into())
    }

    fn is_record(&self, ty: &Type) -> bool {
        matches!(ty.narrowed(), Type::Record(_)) && !self.schema().is_entity(ty.narrowed())
    }

    fn list_value(&mut self, field: &'s FieldDef, ty: &'s Type, node: NodeRef<'d>) -> Data {
        self.item(field, ty, node, Subject { at: node, title: &field.name, naming: Naming::None })
    }

    fn list_record(&mut self, field: &'s FieldDef, ty: &'s Type, node: NodeRef<'d>, at: u32, seen: &mut Seen) -> Data {
        let named = node.get("name").and_then(|name| Some((name, SmolStr::from(name.as_str()?))));
        if let Some((key, name)) = &named {
            self.unique(seen, name, *key);
        }
        let (place, title, segment) = match named {
            Some((key, name)) => (key, name.clone(), Segment::Named(name)),
            None => (start_of(node), SmolStr::from(format!("{}[{at}]", field.name)), Segment::Index(at)),
        };
        self.path.push(segment);
        let data = self.item(field, ty, node, Subject { at: place, title: &title, naming: Naming::None });
        self.path.pop();
        data
    }

    /// Reads a map of values or records.
    pub(super) fn map(&mut self, field: &'s FieldDef, key: &'s Type, item: &'s Type, node: NodeRef<'d>) -> Data {
        // Only records have room for a `name`.
        let listed = self.is_record(item) || node.kind() != Kind::Sequence;
        let Some(items) = listed.then(|| self.items(true, node)).flatten() else {
            let ty = Type::Map(Arc::new(key.clone()), Arc::new(item.clone()));
            return self.wrong(&field.name, &ty, Wrong::Type(node, None));
        };
        let mut seen = Seen::default();
        let read = items.iter().map(|part| {
            let name = self.map_key(field, key, part);
            self.unique(&mut seen, &name, part.at);
            self.path.push(part.segment());
            let data = self.item(field, item, part.body, part.subject());
            self.path.pop();
            (name, data)
        });
        let read: Vec<(SmolStr, Data)> = read.collect();
        Data::Map(read.into())
    }

    /// The key of a map in its canonical spelling.
    fn map_key(&mut self, field: &FieldDef, ty: &Type, item: &Item<'d>) -> SmolStr {
        let read = match ty {
            Type::Region => self.values.read(ty, item.at),
            Type::Enum(id) => {
                let declared = self.schema().enumeration(*id);
                let word = declared.and_then(|e| e.variants.iter().find(|v| v.name.eq_ignore_ascii_case(&item.name)));
                word.map(|variant| Data::Text(variant.name.clone())).ok_or(Wrong::Type(item.at, None))
            }
            _ => return item.name.clone(),
        };
        match read {
            Ok(Data::Region(region)) => region.as_str().into(),
            Ok(Data::Text(word)) => word,
            Ok(_) => item.name.clone(),
            Err(wrong) => {
                self.wrong(&field.name, ty, wrong);
                item.name.clone()
            }
        }
    }
}

impl<'d> Item<'d> {
    fn segment(&self) -> Segment {
        if self.keyed { Segment::Key(self.name.clone()) } else { Segment::Named(self.name.clone()) }
    }

    fn subject(&self) -> Subject<'_, 'd> {
        let naming = if self.keyed { Naming::Key(&self.name) } else { Naming::Item(&self.name) };
        Subject { at: self.at, title: &self.name, naming }
    }
}

/// A short range that stands for a nameless item: its first key, or all of it.
fn start_of(item: NodeRef<'_>) -> NodeRef<'_> {
    item.entries().next().map_or(item, |entry| entry.key)
}
