//! Types of the language, and the schema: the records, entities and enums that a program declares.
//!
//! One schema serves the type checker, the reader of environments, and later hover and the JSON Schema.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::data::Data;
use crate::names::{DefName, NodeRef};

/// A record or entity of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub u32);

/// An enum of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumId(pub u32);

/// A type. `Error` stands for one that could not be read; it agrees with everything, because its fault is reported.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `true`, `false`
    Bool,
    /// A whole number, 128 bits wide.
    Int,
    /// Text.
    Text,
    /// A day.
    Date,
    /// A length of time.
    Duration,
    /// One address.
    Ip,
    /// A range of addresses.
    Cidr,
    /// A Cidr or a service tag.
    Prefix,
    /// A set of addresses, ranges and tags, or `*`.
    Addresses,
    /// One port.
    Port,
    /// A set of ports.
    Ports,
    /// One protocol.
    Protocol,
    /// A set of protocols.
    Protocols,
    /// An Azure region.
    Region,
    /// A service tag.
    ServiceTag,
    /// A host name or pattern.
    Fqdn,
    /// One flow.
    Flow,
    /// A list of flows.
    Traffic,
    /// What a place says to traffic. Not a Bool.
    Verdict,
    /// `List<T>`
    List(Arc<Type>),
    /// `Map<K, V>`; `Map<V>` has Text keys.
    Map(Arc<Type>, Arc<Type>),
    /// `T?`: absent means unknown.
    Optional(Arc<Type>),
    /// `T or none`: absent means that there is none.
    OrNone(Arc<Type>),
    /// A record or an entity (a `ref` and an `owner` too: they are read as their target).
    Record(RecordId),
    /// `ref A | B`
    OneOf(Arc<[RecordId]>),
    /// An enum.
    Enum(EnumId),
    /// Already reported.
    Error,
}

/// What a field is declared as that holds a number of things: see [`FieldRole::Count`].
pub const COUNT: &str = "Count";

/// Everything that a program declares about the shape of environments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Records and entities, by full name.
    pub records: Vec<RecordDef>,
    /// Enums, by full name.
    pub enums: Vec<EnumDef>,
    /// The top level of an environment file, `extend environment` included.
    pub environment: Vec<FieldDef>,
    /// Where each name is.
    pub by_name: FxHashMap<DefName, TypeDef>,
}

/// What a type's name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TypeDef {
    /// A record or entity.
    Record(RecordId),
    /// An enum.
    Enum(EnumId),
}

/// A record or entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDef {
    /// Full name.
    pub name: DefName,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// Whether it has identity and can be referred to.
    pub entity: bool,
    /// Its fields in order: its own, then those of `extend`s.
    pub fields: Vec<FieldDef>,
    /// Where its name stands.
    pub at: NodeRef,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDef {
    /// The key in the YAML.
    pub name: SmolStr,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// Its type, `Optional` or `OrNone` included.
    pub ty: Type,
    /// How it comes to its value.
    pub role: FieldRole,
    /// Its value where the file says nothing.
    pub default: Option<Data>,
    /// Where its name stands.
    pub at: NodeRef,
}

/// How a field comes to its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldRole {
    /// Written in the body.
    Value,
    /// `Count`: written in the body as a whole number that is not below 0. Whoever reads it reads an Int.
    Count,
    /// `ref`: written as the target's name or place.
    Reference,
    /// `owner`: filled in by nesting, never written.
    Owner,
    /// `Map<Entity>` or `List<Entity>`: its entities stand on their own, this body holds their names.
    Collection,
    /// The `name: Text` of an item of a `Map`: filled in from the key.
    Name,
}

/// An enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumDef {
    /// Full name.
    pub name: DefName,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// Its variants in order.
    pub variants: Vec<VariantDef>,
    /// Where its name stands.
    pub at: NodeRef,
}

/// A variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantDef {
    /// Its name.
    pub name: SmolStr,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// Its fields; empty for a plain variant.
    pub fields: Vec<FieldDef>,
}

impl Schema {
    /// The record or entity of an id. Ids are only made with the schema that they index.
    pub fn record(&self, id: RecordId) -> Option<&RecordDef> {
        self.records.get(id.0 as usize)
    }

    /// The enum of an id.
    pub fn enumeration(&self, id: EnumId) -> Option<&EnumDef> {
        self.enums.get(id.0 as usize)
    }

    /// A record or entity by module and name.
    pub fn find_record(&self, module: &str, name: &str) -> Option<RecordId> {
        match self.by_name.get(&DefName::new(module, name))? {
            TypeDef::Record(id) => Some(*id),
            TypeDef::Enum(_) => None,
        }
    }

    /// Whether the type names an entity, or one of several.
    pub fn is_entity(&self, ty: &Type) -> bool {
        match ty {
            Type::Record(id) => self.record(*id).is_some_and(|r| r.entity),
            Type::OneOf(_) => true,
            _ => false,
        }
    }

    /// The first field by which a record's entities refer to one of another type: through it a pack's `when` is about
    /// them.
    pub fn reference_to(&self, record: RecordId, target: RecordId) -> Option<u32> {
        let refers = |f: &FieldDef| f.role == FieldRole::Reference && *f.ty.narrowed() == Type::Record(target);
        (0..).zip(&self.record(record)?.fields).find(|(_, field)| refers(field)).map(|(at, _)| at)
    }

    /// The type in the words of the language: `List<Subnet>`, `Region?`.
    pub fn display<'a>(&'a self, ty: &'a Type) -> DisplayType<'a> {
        DisplayType { schema: self, ty }
    }
}

impl RecordDef {
    /// The field of a name, with its index.
    pub fn field(&self, name: &str) -> Option<(usize, &FieldDef)> {
        self.fields.iter().enumerate().find(|(_, f)| f.name == name)
    }
}

impl Type {
    /// The type without `?` and `or none`.
    #[must_use]
    pub fn narrowed(&self) -> &Self {
        match self {
            Self::Optional(inner) | Self::OrNone(inner) => inner.narrowed(),
            other => other,
        }
    }
}

/// See [`Schema::display`].
pub struct DisplayType<'a> {
    schema: &'a Schema,
    ty: &'a Type,
}

impl fmt::Display for DisplayType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |ty| self.schema.display(ty);
        let record = |id: &RecordId| self.schema.record(*id).map_or("?", |r| r.name.name.as_str());
        match self.ty {
            Type::List(item) => write!(f, "List<{}>", show(item)),
            Type::Map(key, value) if **key == Type::Text => write!(f, "Map<{}>", show(value)),
            Type::Map(key, value) => write!(f, "Map<{}, {}>", show(key), show(value)),
            Type::Optional(inner) => write!(f, "{}?", show(inner)),
            Type::OrNone(inner) => write!(f, "{} or none", show(inner)),
            Type::Record(id) => f.write_str(record(id)),
            Type::OneOf(ids) => f.write_str(&ids.iter().map(record).collect::<Vec<_>>().join(" | ")),
            Type::Enum(id) => f.write_str(self.schema.enumeration(*id).map_or("?", |e| e.name.name.as_str())),
            Type::Error => f.write_str("?"),
            simple => write!(f, "{simple:?}"),
        }
    }
}
