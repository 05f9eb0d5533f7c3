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

/// A record and the numbers of those of its fields that are declared.
macro_rules! bound {
    ($(#[$doc:meta])* $name:ident in $module:literal . $record:literal { $($field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is the field of its name")]
        pub struct $name {
            pub record: $crate::types::RecordId,
            $(pub $field: Option<usize>),*
        }

        impl $name {
            pub(super) fn find(lookup: &Lookup<'_>) -> Option<Self> {
                let (record, def) = lookup.record($module, $record)?;
                $(let $field = def.field(stringify!($field)).map(|(at, _)| at);)*
                Some(Self { record, $($field),* })
            }
        }
    };
}
pub(super) use bound;
