//! Bodies: from a mapping of YAML to the fields of a record, in the order of its declaration.
//!
//! A [`Reader`] walks down a document together with the schema. What it finds goes four ways: values into bodies,
//! entities into a list of their own (see [`super::collections`]), references into a list that is checked when all
//! names are known, faults into a list with their places.

use std::collections::BTreeSet;
use std::sync::Arc;

use palisade_yaml::{Entry, Kind, NodeRef};
use smallvec::{SmallVec, smallvec};
use smol_str::SmolStr;

use super::collections::Seen;
use super::fault::{Fault, Faults, Spot};
use super::references::Pending;
use super::shapes::{Shape, Shapes};
use super::values::{Values, Wrong, text};
use super::{LoadedEntity, codes, words};
use crate::data::Data;
use crate::place::Segment;
use crate::suggest::{did_you_mean, nearest};
use crate::types::{EnumDef, EnumId, FieldDef, FieldRole, RecordId, Schema, Type};

/// The state of reading an environment. `'s`: schema and catalogue; `'d`: documents.
pub(super) struct Reader<'s, 'd> {
    pub(super) shapes: &'s Shapes<'s>,
    pub(super) values: Values<'s>,
    pub(super) faults: Faults,
    pub(super) entities: Vec<LoadedEntity>,
    pub(super) references: Vec<Pending<'s, 'd>>,
    /// The kinds of entity of which some could not be read: what refers to them may be right.
    pub(super) unread: BTreeSet<RecordId>,
    /// The body of the environment's `defaults`; empty if there is none.
    pub(super) defaults: Arc<[Data]>,
    /// Which file is being read.
    pub(super) source: usize,
    /// The place of the value being read.
    pub(super) path: Vec<Segment>,
    /// The entity being read.
    pub(super) owner: Option<usize>,
    /// Which fields of the entity being read came from `defaults`.
    pub(super) inherited: SmallVec<[u16; 4]>,
    pub(super) no_fields: Arc<[Data]>,
}

/// What a body belongs to.
#[derive(Clone, Copy)]
pub(super) struct Subject<'n, 'd> {
    /// Where a missing key is reported.
    pub(super) at: NodeRef<'d>,
    /// What it is called in messages.
    pub(super) title: &'n str,
    /// How it got its name.
    pub(super) naming: Naming<'n>,
}

/// Where a body's name comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming<'n> {
    /// It is the key of the body: `name:` must not be written inside.
    Key(&'n SmolStr),
    /// It is the body's `name:`, also where the declaration has no such field.
    Item(&'n SmolStr),
    /// The body stands by itself; a `name` is a field like others.
    None,
}

/// The keys of one mapping, sorted to the fields that they write.
pub(super) struct Written<'d> {
    pub(super) fields: SmallVec<[Option<Entry<'d>>; 16]>,
    /// Keys that are no field's; those of variants are taken out when the variant is known.
    pub(super) extras: SmallVec<[Entry<'d>; 2]>,
}

impl<'d> Written<'d> {
    pub(super) fn of(shape: &Shape<'_>, node: NodeRef<'d>) -> Self {
        let mut written = Self { fields: smallvec![None; shape.fields.len()], extras: SmallVec::new() };
        for entry in node.entries() {
            let slot = entry.key.as_str().and_then(|key| shape.slot(key));
            match slot.and_then(|at| written.fields.get_mut(at)) {
                Some(field) => *field = Some(entry),
                None => written.extras.push(entry),
            }
        }
        written
    }

    fn take_extra(&mut self, name: &str) -> Option<Entry<'d>> {
        let at = self.extras.iter().position(|entry| entry.key.as_str() == Some(name))?;
        Some(self.extras.remove(at))
    }
}

impl<'s, 'd> Reader<'s, 'd> {
    pub(super) fn new(shapes: &'s Shapes<'s>, values: Values<'s>) -> Self {
        Self {
            shapes,
            values,
            faults: Faults::default(),
            entities: Vec::new(),
            references: Vec::new(),
            unread: BTreeSet::new(),
            defaults: Arc::default(),
            source: 0,
            path: Vec::new(),
            owner: None,
            inherited: SmallVec::new(),
            no_fields: Arc::default(),
        }
    }

    /// Remembers that entities of a kind could not be read, and with them those that they hold.
    pub(super) fn lose(&mut self, record: RecordId) {
        if !self.unread.insert(record) {
            return;
        }
        let fields = self.schema().record(record).map_or(&[][..], |record| &record.fields);
        for inner in fields.iter().filter_map(held) {
            self.lose(inner);
        }
    }

    pub(super) fn schema(&self) -> &'s Schema {
        self.shapes.schema
    }

    pub(super) fn spot(&self, node: NodeRef<'_>) -> Spot {
        Spot::new(self.source, node.place())
    }

    /// Reports a fault at a node, unless its file has too many already.
    pub(super) fn fault(&mut self, code: &'static str, node: NodeRef<'d>, message: String, help: Option<String>) {
        self.faults.push(Fault::at(code, self.source, node, message).help(help));
    }

    /// Reads a body; every field is `Error` if it is none.
    pub(super) fn body(&mut self, shape: &'s Shape<'s>, node: NodeRef<'d>, subject: Subject<'_, 'd>) -> Arc<[Data]> {
        if node.kind() != Kind::Mapping {
            let message = format!(
                "`{}` must be a mapping with the keys of `{}`, found {}",
                subject.title,
                shape.name,
                words::found(node)
            );
            let help = (node.kind() == Kind::Null).then(|| "write `{}` where nothing is to be said".to_owned());
            let at = if node.kind() == Kind::Null { subject.at } else { node };
            self.fault(codes::WRONG_TYPE, at, message, help);
            return shape.fields.iter().map(|_| Data::Error).collect();
        }
        let mut written = Written::of(shape, node);
        let fields = 0..shape.fields.len();
        let body = fields.map(|at| self.field(shape, at, &mut written, subject)).collect();
        self.unknown_keys(shape, &written, subject);
        body
    }

    fn field(&mut self, shape: &'s Shape<'s>, at: usize, written: &mut Written<'d>, subject: Subject<'_, 'd>) -> Data {
        let Some(field) = shape.fields.get(at) else { return Data::Error };
        let entry = written.fields.get(at).copied().flatten();
        match (field.role, subject.naming, entry) {
            (FieldRole::Owner, _, _) => self.owner_of(field, subject),
            (FieldRole::Name, Naming::Key(name), None) => Data::Text(name.clone()),
            (FieldRole::Name, Naming::Key(name), Some(entry)) => {
                let message = format!("`name` is not written here: the key `{name}` is the name");
                self.fault(codes::UNKNOWN_KEY, entry.key, message, Some("remove it".to_owned()));
                Data::Text(name.clone())
            }
            (_, _, Some(entry)) => self.entry(field, entry, written),
            (_, _, None) => self.inherit(shape, at).unwrap_or_else(|| self.absent(field, written, subject)),
        }
    }

    /// The value that `defaults` gives to an absent field.
    fn inherit(&mut self, shape: &Shape<'_>, at: usize) -> Option<Data> {
        let value = self.defaults.get(shape.inherited(at)?).filter(|value| **value != Data::Absent)?;
        self.inherited.extend(u16::try_from(at));
        Some(value.clone())
    }

    pub(super) fn absent(&mut self, field: &FieldDef, written: &Written<'d>, subject: Subject<'_, 'd>) -> Data {
        match (&field.default, &field.ty) {
            (Some(_), _) if field.role == FieldRole::Collection => Data::Entities(Arc::default()),
            (Some(default), _) => default.clone(),
            (None, Type::Optional(_)) => Data::Absent,
            (None, Type::OrNone(_)) => Data::None,
            (None, Type::Error) => Data::Error,
            _ => {
                self.missing(field, written, subject);
                Data::Error
            }
        }
    }

    fn missing(&mut self, field: &FieldDef, written: &Written<'d>, subject: Subject<'_, 'd>) {
        let misspelled = |entry: &Entry<'d>| {
            let near = |key| nearest(key, [field.name.as_str()]).is_some();
            entry.key.as_str().is_some_and(near) || self.may_be_meant(entry, field)
        };
        // The unknown key says it already.
        if written.extras.iter().any(misspelled) {
            return;
        }
        if self.faults.full(self.source) {
            return self.fault(codes::MISSING_KEY, subject.at, String::new(), None);
        }
        let message = format!("`{}` has no `{}`", subject.title, field.name);
        let help = format!("add `{}:` with {}", field.name, words::expected_of(self.schema(), field));
        self.fault(codes::MISSING_KEY, subject.at, message, Some(help));
    }

    /// Whether a required field was meant by another key, since the value is a word of its enum.
    fn may_be_meant(&self, entry: &Entry<'d>, field: &FieldDef) -> bool {
        let Type::Enum(id) = field.ty else { return false };
        let word = entry.value.as_str().unwrap_or_default();
        let declared = self.schema().enumeration(id).filter(|_| field.default.is_none());
        declared.is_some_and(|declared| declared.variants.iter().any(|variant| variant.name == word))
    }

    fn owner_of(&mut self, field: &FieldDef, subject: Subject<'_, 'd>) -> Data {
        match self.around() {
            Some(entity) if *field.ty.narrowed() == Type::Record(entity.record) => {
                Data::Reference(entity.place.to_string().into())
            }
            _ => {
                let ty = self.schema().display(&field.ty);
                let message = format!("`{}` must stand in a `{ty}`, its `{}`", subject.title, field.name);
                self.fault(codes::LIBRARY_BINDING, subject.at, message, None);
                Data::Error
            }
        }
    }

    /// The entity in which the body being read stands: for an entity's own body, the one around that.
    fn around(&self) -> Option<&LoadedEntity> {
        let inner = self.entities.get(self.owner?)?;
        let own_body = inner.place.segments.len() == self.path.len();
        if own_body { self.entities.get(inner.owner?) } else { Some(inner) }
    }

    /// Reads the value of a key.
    pub(super) fn entry(&mut self, field: &'s FieldDef, entry: Entry<'d>, written: &mut Written<'d>) -> Data {
        if entry.value.kind() == Kind::Null {
            self.empty(field, &field.ty, entry.key);
            return Data::Error;
        }
        self.path.push(Segment::Key(field.name.clone()));
        let data = self.value(field, &field.ty, entry, written);
        self.path.pop();
        data
    }

    fn empty(&mut self, field: &FieldDef, ty: &Type, at: NodeRef<'d>) {
        let help = match ty.narrowed() {
            Type::Map(..) => "write `{}` where there is nothing, or remove the key".to_owned(),
            Type::List(_) => "write `[]` where there is nothing, or remove the key".to_owned(),
            other => format!("write {}, or remove the key", words::expected(self.schema(), other)),
        };
        self.fault(codes::EMPTY_VALUE, at, format!("`{}` has no value", field.name), Some(help));
    }

    fn value(&mut self, field: &'s FieldDef, ty: &'s Type, entry: Entry<'d>, written: &mut Written<'d>) -> Data {
        let node = entry.value;
        match ty {
            Type::OrNone(_) if node.as_str().is_some_and(|word| word.eq_ignore_ascii_case("none")) => Data::None,
            Type::Optional(inner) | Type::OrNone(inner) => self.value(field, inner, entry, written),
            Type::Enum(id) => self.variant(field, *id, entry, written),
            Type::List(_) | Type::Map(..) if field.role == FieldRole::Collection => {
                self.collection(field, &[(self.source, entry)])
            }
            Type::Record(id) if !self.schema().is_entity(ty) => {
                let Some(shape) = self.shapes.record(*id) else { return Data::Error };
                let subject = Subject { at: entry.key, title: &field.name, naming: Naming::None };
                Data::Record(self.body(shape, node, subject))
            }
            _ => self.part(field, ty, node),
        }
    }

    /// Reads a value that may also be an item of a list.
    fn part(&mut self, field: &'s FieldDef, ty: &'s Type, node: NodeRef<'d>) -> Data {
        match ty {
            Type::Optional(inner) | Type::OrNone(inner) => self.part(field, inner, node),
            Type::List(item) => self.list(field, item, node),
            Type::Map(key, item) => self.map(field, key, item, node),
            Type::Record(_) | Type::OneOf(_) => self.reference(field, ty, node),
            Type::Error => Data::Error,
            simple => match self.values.read(simple, node) {
                Ok(Data::Int(number)) if number < 0 && field.role == FieldRole::Count => {
                    let message = format!("`{}` is a count, so it cannot be `{number}`", field.name);
                    self.fault(codes::INVALID_VALUE, node, message, Some("write 0 or more".to_owned()));
                    Data::Error
                }
                Ok(data) => data,
                Err(wrong) => self.wrong(&field.name, simple, wrong),
            },
        }
    }

    /// Reads an item of a list or map: what stands behind a key of its own is not beside it.
    pub(super) fn item(
        &mut self,
        field: &'s FieldDef,
        ty: &'s Type,
        node: NodeRef<'d>,
        subject: Subject<'_, 'd>,
    ) -> Data {
        match ty.narrowed() {
            Type::Record(id) if !self.schema().is_entity(ty) => {
                let Some(shape) = self.shapes.record(*id) else { return Data::Error };
                Data::Record(self.body(shape, node, subject))
            }
            _ if node.kind() == Kind::Null => {
                self.empty(field, ty, node);
                Data::Error
            }
            Type::Enum(id) => {
                let mut beside = Written { fields: SmallVec::new(), extras: SmallVec::new() };
                self.variant(field, *id, Entry { key: subject.at, value: node }, &mut beside)
            }
            _ => self.part(field, ty, node),
        }
    }

    fn reference(&mut self, field: &FieldDef, ty: &'s Type, node: NodeRef<'d>) -> Data {
        match text(node) {
            Ok(name) => {
                let pending = Pending { source: self.source, node, targets: ty, text: name.clone() };
                self.references.push(pending);
                Data::Reference(name)
            }
            Err(wrong) => self.wrong(&field.name, ty, wrong),
        }
    }

    /// Reads the word of an enum, and the fields of a variant from the keys beside it.
    fn variant(&mut self, field: &'s FieldDef, id: EnumId, entry: Entry<'d>, written: &mut Written<'d>) -> Data {
        let Some(declared) = self.schema().enumeration(id) else { return Data::Error };
        let node = entry.value;
        let Some(word) = node.as_str() else {
            let help = (node.kind() == Kind::Mapping).then(|| "write the word, and its fields beside it".to_owned());
            return self.wrong(&field.name, &field.ty, Wrong::Type(node, help));
        };
        let same = |name: &SmolStr| name.eq_ignore_ascii_case(word);
        let Some((at, variant)) = (0..).zip(&declared.variants).find(|(_, variant)| same(&variant.name)) else {
            self.unknown_word(field, declared, node, word);
            return Data::Error;
        };
        if variant.fields.is_empty() {
            return Data::Variant(at, self.no_fields.clone());
        }
        let title = format!("{}: {}", field.name, variant.name);
        let subject = Subject { at: entry.key, title: &title, naming: Naming::None };
        let mut fields = Vec::with_capacity(variant.fields.len());
        for own in &variant.fields {
            let beside = written.take_extra(&own.name);
            fields.push(match beside {
                Some(entry) => self.entry(own, entry, written),
                None => self.absent(own, written, subject),
            });
        }
        Data::Variant(at, fields.into())
    }

    fn unknown_word(&mut self, field: &FieldDef, declared: &EnumDef, node: NodeRef<'d>, word: &str) {
        if self.faults.full(self.source) {
            return self.fault(codes::UNKNOWN_WORD, node, String::new(), None);
        }
        let names = || declared.variants.iter().map(|variant| variant.name.as_str());
        let all = words::one_of(declared);
        let near = nearest(word, names());
        let help = match near {
            Some(near) => format!("did you mean `{near}`? It is {all}"),
            None => format!("write {all}"),
        };
        let message = format!("`{}` cannot be {}", field.name, words::shortened(word));
        self.faults.push(Fault::at(codes::UNKNOWN_WORD, self.source, node, message).help(Some(help)).instead(near));
    }

    pub(super) fn wrong(&mut self, name: &str, ty: &Type, wrong: Wrong<'d>) -> Data {
        let fault = match wrong {
            Wrong::Type(node, help) => {
                let message =
                    format!("`{name}` must be {}, found {}", words::expected(self.schema(), ty), words::found(node));
                let help = help.unwrap_or_else(|| words::instead(ty, node));
                Fault::at(codes::WRONG_TYPE, self.source, node, message).help(Some(help))
            }
            Wrong::Value(node, error) => Fault::value(self.source, node, error),
        };
        self.faults.push(fault);
        Data::Error
    }

    pub(super) fn unknown_keys(&mut self, shape: &Shape<'s>, written: &Written<'d>, subject: Subject<'_, 'd>) {
        let takes_name = matches!(subject.naming, Naming::Item(_)) && shape.slot("name").is_none();
        for entry in &written.extras {
            let Some(key) = entry.key.as_str().filter(|key| !(takes_name && *key == "name")) else { continue };
            if self.of_unread_union(shape, written, key) {
                continue;
            }
            if let Some(record) = misspelled_collection(shape, key) {
                self.lose(record);
            }
            let fault = Fault::at(codes::UNKNOWN_KEY, self.source, entry.key, "");
            let fault =
                if self.faults.full(self.source) { fault } else { self.unknown_key(fault, shape, written, entry) };
            self.faults.push(fault);
        }
    }

    /// Whether a key belongs to a variant of a union whose word is at fault: that is reported already.
    fn of_unread_union(&self, shape: &Shape<'s>, written: &Written<'d>, key: &str) -> bool {
        let mut unions = self.shapes.beside(shape).filter(|(_, _, field)| field.name == key).map(|(union, ..)| union);
        unions.any(|union| {
            let word = shape.slot(&union.name).and_then(|at| written.fields.get(at).copied().flatten());
            let declared = self.shapes.union(union);
            let known =
                |word: &str| declared.is_some_and(|e| e.variants.iter().any(|v| v.name.eq_ignore_ascii_case(word)));
            word.is_some_and(|entry| !entry.value.as_str().is_some_and(known))
        })
    }

    fn unknown_key(&self, fault: Fault, shape: &Shape<'s>, written: &Written<'d>, entry: &Entry<'d>) -> Fault {
        const FEW: usize = 40;
        let key = entry.key.as_str().unwrap_or_default();
        let shown = words::shortened(key);
        if let Some(owner) = shape.fields.iter().find(|field| field.name == key && field.role == FieldRole::Owner) {
            let ty = self.schema().display(&owner.ty);
            let message = format!("{shown} is never written: it is the `{ty}` in which this stands");
            return fault.saying(message).help(Some("remove it".to_owned()));
        }
        if let Some((union, variant, _)) = self.shapes.beside(shape).find(|(_, _, field)| field.name == key) {
            let at = shape.slot(&union.name).and_then(|at| written.fields.get(at).copied().flatten());
            let now = at.map_or_else(
                || "is not given".to_owned(),
                |entry| format!("is `{}`", entry.value.as_str().unwrap_or_default()),
            );
            let message = format!("{shown} belongs to `{}: {}`, but `{}` {now}", union.name, variant.name, union.name);
            let help = format!("remove it, or write `{}: {}`", union.name, variant.name);
            return fault.saying(message).help(Some(help));
        }
        let known: Vec<&str> =
            shape.known().chain(self.shapes.beside(shape).map(|(_, _, field)| field.name.as_str())).collect();
        let by_value = || {
            let missing = shape.fields.iter().zip(&written.fields).filter(|(_, entry)| entry.is_none());
            let mut fields = missing.map(|(field, _)| field);
            fields.find(|field| self.may_be_meant(entry, field)).map(|field| field.name.as_str())
        };
        let near = nearest(key, known.iter().copied()).or_else(by_value);
        let all = || format!("the keys are {}", words::list(known.iter().copied()));
        let help = did_you_mean(near).or_else(|| (1..=FEW).contains(&known.len()).then(all));
        let message = format!("unknown key {shown} in `{}`", shape.name);
        fault.saying(message).help(help).instead(near)
    }

    /// Remembers a name, and reports one that is there already.
    pub(super) fn unique(&mut self, seen: &mut Seen, name: &str, at: NodeRef<'d>) {
        let here = self.spot(at);
        if let Some((first, spelled)) = seen.insert(name, here) {
            let message = format!("the name {} is given twice", words::shortened(name));
            let mut fault = Fault::at(codes::DUPLICATE_NAME, self.source, at, message)
                .related(first, "first given here")
                .help(Some("rename one of them".to_owned()));
            if spelled != name {
                fault = fault.note("upper and lower case are the same in names, as in Azure");
            }
            self.faults.push(fault);
        }
    }

    /// The shape of a record's fields.
    pub(super) fn record_shape(&self, id: RecordId) -> Option<&'s Shape<'s>> {
        self.shapes.record(id)
    }
}

/// The kind of entity that a field holds a collection of.
fn held(field: &FieldDef) -> Option<RecordId> {
    let (Type::Map(_, item) | Type::List(item)) = field.ty.narrowed() else { return None };
    match item.narrowed() {
        Type::Record(id) if field.role == FieldRole::Collection => Some(*id),
        _ => None,
    }
}

/// The kind of entity of the collection that a key was probably meant to be.
fn misspelled_collection(shape: &Shape<'_>, key: &str) -> Option<RecordId> {
    let near = nearest(key, shape.known())?;
    shape.fields.iter().find(|field| field.name == near).and_then(held)
}
