//! The schema prepared for reading: where each key of a body goes, and which fields `defaults` may fill.

use rustc_hash::FxHashMap;

use crate::types::{EnumDef, FieldDef, FieldRole, RecordId, Schema, Type, VariantDef};

/// A list of fields with what reading it needs to know.
pub(super) struct Shape<'s> {
    /// What it is called in messages: `SecurityRule`.
    pub(super) name: &'s str,
    /// Its fields.
    pub(super) fields: &'s [FieldDef],
    /// Pairs of a field and the field of `defaults` that stands in for it.
    inherited: Vec<(usize, usize)>,
    keys: FxHashMap<&'s str, usize>,
}

/// The shapes of everything that a schema declares.
pub(super) struct Shapes<'s> {
    pub(super) schema: &'s Schema,
    pub(super) environment: Shape<'s>,
    records: Vec<Shape<'s>>,
}

impl<'s> Shapes<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        let defaults = defaults_fields(schema);
        let records = schema.records.iter().map(|record| {
            let filled = if record.entity { defaults } else { &[] };
            Shape::new(&record.name.name, &record.fields, filled)
        });
        let records = records.collect();
        Self { schema, records, environment: Shape::new("environment", &schema.environment, &[]) }
    }

    pub(super) fn record(&self, id: RecordId) -> Option<&Shape<'s>> {
        self.records.get(id.0 as usize)
    }

    /// The enum of a field that may have variants with fields.
    pub(super) fn union(&self, field: &FieldDef) -> Option<&'s EnumDef> {
        match field.ty.narrowed() {
            Type::Enum(id) => self.schema.enumeration(*id).filter(|e| e.variants.iter().any(|v| !v.fields.is_empty())),
            _ => None,
        }
    }

    /// Every variant's field that may stand beside the fields of a shape, with the union and the variant.
    pub(super) fn beside<'a>(
        &'a self,
        shape: &'a Shape<'s>,
    ) -> impl Iterator<Item = (&'s FieldDef, &'s VariantDef, &'s FieldDef)> + 'a {
        let unions = shape.fields.iter().filter_map(|field| Some((field, self.union(field)?)));
        unions.flat_map(|(union, declared)| {
            let variants = declared.variants.iter();
            variants.flat_map(move |variant| variant.fields.iter().map(move |field| (union, variant, field)))
        })
    }
}

/// The fields of the record that the environment's `defaults` holds.
fn defaults_fields(schema: &Schema) -> &[FieldDef] {
    let field = schema.environment.iter().find(|field| field.name == "defaults");
    let record = field.and_then(|field| match field.ty.narrowed() {
        Type::Record(id) => schema.record(*id).filter(|record| !record.entity),
        _ => None,
    });
    record.map_or(&[], |record| &record.fields)
}

impl<'s> Shape<'s> {
    fn new(name: &'s str, fields: &'s [FieldDef], defaults: &[FieldDef]) -> Self {
        let written = |field: &&FieldDef| field.role != FieldRole::Owner;
        let inherits = |(at, field): (usize, &FieldDef)| {
            let same = |default: &FieldDef| default.name == field.name && default.ty == field.ty;
            let optional = matches!(field.ty, Type::Optional(_)) && field.default.is_none();
            Some((at, defaults.iter().position(|default| optional && same(default))?))
        };
        Self {
            name,
            fields,
            inherited: fields.iter().enumerate().filter_map(inherits).collect(),
            keys: (0..).zip(fields).filter(|(_, f)| written(f)).map(|(at, f)| (f.name.as_str(), at)).collect(),
        }
    }

    /// The field that a key writes.
    pub(super) fn slot(&self, key: &str) -> Option<usize> {
        self.keys.get(key).copied()
    }

    /// The field of `defaults` that stands in for an absent field.
    pub(super) fn inherited(&self, field: usize) -> Option<usize> {
        self.inherited.iter().find(|(own, _)| *own == field).map(|(_, default)| *default)
    }

    /// The keys that may be written.
    pub(super) fn known(&self) -> impl Iterator<Item = &'s str> + '_ {
        self.fields.iter().filter(|field| field.role != FieldRole::Owner).map(|field| field.name.as_str())
    }
}
