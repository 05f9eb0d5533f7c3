//! Finding declarations by name and type, and saying what is missing.

use crate::types::{RecordDef, RecordId, Schema, Type};

/// Looks declarations up and collects what they lack.
pub(super) struct Lookup<'s> {
    pub(super) schema: &'s Schema,
    pub(super) missing: Vec<String>,
}

impl<'s> Lookup<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        Self { schema, missing: Vec::new() }
    }

    /// A record; a program may do without it.
    pub(super) fn record(&self, module: &str, name: &str) -> Option<(RecordId, &'s RecordDef)> {
        let id = self.schema.find_record(module, name)?;
        Some((id, self.schema.record(id)?))
    }

    /// A record that another one needs.
    pub(super) fn part(&mut self, of: &RecordDef, module: &str, name: &str) -> Option<(RecordId, &'s RecordDef)> {
        let found = self.record(module, name);
        if found.is_none() {
            self.missing.push(format!("`{}` needs a record `{module}.{name}`", of.name));
        }
        found
    }

    /// A field of a type, apart from `?` and `or none`.
    pub(super) fn field(&mut self, record: &RecordDef, name: &str, ty: &Type) -> Option<usize> {
        let fits = |found: &Type| found == ty || *found == Type::Error;
        let found = record.field(name).filter(|(_, field)| fits(field.ty.narrowed()));
        if found.is_none() {
            let ty = self.schema.display(ty);
            self.missing.push(format!("the engine needs a field `{name}: {ty}` in `{}`", record.name));
        }
        found.map(|(at, _)| at)
    }

    /// A field, whatever its type: of one that refers to several types, each is looked at by itself.
    pub(super) fn any(&mut self, record: &RecordDef, name: &str) -> Option<usize> {
        let found = record.field(name).map(|(at, _)| at);
        if found.is_none() {
            self.missing.push(format!("the engine needs a field `{name}` in `{}`", record.name));
        }
        found
    }

    /// A field that refers to an entity.
    pub(super) fn reference(&mut self, record: &RecordDef, name: &str, module: &str, target: &str) -> Option<usize> {
        let (target, _) = self.part(record, module, target)?;
        self.field(record, name, &Type::Record(target))
    }

    /// An enum field, and one of its variants.
    pub(super) fn word(&mut self, record: &RecordDef, name: &str, word: &str) -> Option<(usize, u16)> {
        let found = record.field(name).and_then(|(at, field)| Some((at, self.variant(&field.ty, word)?)));
        if found.is_none() {
            self.missing
                .push(format!("the engine needs a field `{name}` with a variant `{word}` in `{}`", record.name));
        }
        found
    }

    /// The number of a variant of an enum type.
    pub(super) fn variant(&self, ty: &Type, word: &str) -> Option<u16> {
        let Type::Enum(id) = ty.narrowed() else { return None };
        let variants = &self.schema.enumeration(*id)?.variants;
        u16::try_from(variants.iter().position(|variant| variant.name == word)?).ok()
    }

    /// A field of the environment itself, with its type; a program may do without it.
    pub(super) fn top(&self, name: &str) -> Option<(usize, &'s Type)> {
        let at = self.schema.environment.iter().position(|field| field.name == name)?;
        Some((at, self.schema.environment.get(at)?.ty.narrowed()))
    }
}

/// `List<T>`
pub(super) fn list(item: Type) -> Type {
    Type::List(item.into())
}

/// What a field must be, apart from `?` and `or none`.
pub(super) enum Shape {
    Plain(Type),
    /// An enum, whatever its variants.
    Words,
    /// A record or entity, by module and name.
    Of(&'static str, &'static str),
    List(&'static Shape),
    Map(&'static Shape),
}

impl Shape {
    fn fits(&self, ty: &Type, schema: &Schema) -> bool {
        match (self, ty.narrowed()) {
            (_, Type::Error) | (Self::Words, Type::Enum(_)) => true,
            (Self::Plain(wanted), found) => wanted == found,
            (Self::Of(module, name), Type::Record(found)) => schema.find_record(module, name) == Some(*found),
            (Self::List(item), Type::List(found)) | (Self::Map(item), Type::Map(_, found)) => item.fits(found, schema),
            _ => false,
        }
    }

    fn words(&self, schema: &Schema) -> String {
        match self {
            Self::Plain(ty) => schema.display(ty).to_string(),
            Self::Words => "an enum".to_owned(),
            Self::Of(_, name) => (*name).to_owned(),
            Self::List(item) => format!("List<{}>", item.words(schema)),
            Self::Map(item) => format!("Map<{}>", item.words(schema)),
        }
    }
}

impl Lookup<'_> {
    /// A field of a shape; of any if none is given.
    pub(super) fn shaped(&mut self, record: &RecordDef, name: &str, shape: Option<&Shape>) -> Option<usize> {
        let fits = |ty: &Type| shape.is_none_or(|shape| shape.fits(ty, self.schema));
        let found = record.field(name).filter(|(_, field)| fits(&field.ty));
        if found.is_none() {
            let shape = shape.map(|shape| format!(": {}", shape.words(self.schema))).unwrap_or_default();
            self.missing.push(format!("the engine needs a field `{name}{shape}` in `{}`", record.name));
        }
        found.map(|(at, _)| at)
    }
}

/// A record and the numbers of its fields. A program may do without the record, but not without a field of it.
macro_rules! bound {
    ($(#[$doc:meta])* $name:ident in $module:literal . $record:literal { $($field:ident $(: $shape:expr)?),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is the field of its name")]
        pub struct $name {
            pub record: $crate::types::RecordId,
            $(pub $field: Option<usize>),*
        }

        impl $name {
            pub(super) fn find(lookup: &mut Lookup<'_>) -> Option<Self> {
                let (record, def) = lookup.record($module, $record)?;
                $(let $field = lookup.shaped(def, stringify!($field), bound!(@shape $($shape)?));)*
                Some(Self { record, $($field),* })
            }
        }
    };
    (@shape) => { None };
    (@shape $shape:expr) => { Some(&$shape) };
}
pub(super) use bound;
