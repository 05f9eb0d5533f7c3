//! What can be reached from a record by its fields, and what has to be asked on the way.

use palisade_engine::types::{FieldDef, RecordId, Schema, Type};

/// A path below a variable.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    /// `.subnet.prefixes`
    pub(super) steps: String,
    /// What narrows the steps before the last, in order; `$` stands for the variable.
    pub(super) guards: Vec<String>,
    /// The type of the last step, not narrowed.
    pub(super) ty: Type,
}

impl Reach {
    /// What narrows the last step as well, with the type that it then has.
    pub(super) fn narrowed(&self) -> (Vec<String>, Type) {
        let mut guards = self.guards.clone();
        let test = match &self.ty {
            Type::Optional(_) => Some("is set"),
            Type::OrNone(_) => Some("is not none"),
            _ => None,
        };
        guards.extend(test.map(|test| format!("${} {test}", self.steps)));
        (guards, self.ty.narrowed().clone())
    }
}

/// Every path of at most so many steps below a record.
pub(super) fn reach(schema: &Schema, record: RecordId, steps: usize) -> Vec<Reach> {
    let start = Reach { steps: String::new(), guards: Vec::new(), ty: Type::Record(record) };
    let mut all = Vec::new();
    let mut last = vec![start];
    for _ in 0..steps {
        last = last.iter().flat_map(|from| further(schema, from)).collect();
        all.extend_from_slice(&last);
    }
    all
}

fn further(schema: &Schema, from: &Reach) -> Vec<Reach> {
    let (guards, ty) = from.narrowed();
    let fields_of = |id: RecordId| schema.record(id).map_or(&[][..], |r| &r.fields);
    match ty {
        Type::Record(id) => fields(from, &guards, fields_of(id)),
        Type::OneOf(ids) => {
            let one = |id: &RecordId| {
                let name = schema.record(*id).map(|r| r.name.name.clone()).unwrap_or_default();
                fields(from, &asked(from, &guards, &name), fields_of(*id))
            };
            ids.iter().flat_map(one).collect()
        }
        Type::Enum(id) => {
            let variants = schema.enumeration(id).map_or(&[][..], |e| &e.variants);
            variants.iter().flat_map(|v| fields(from, &asked(from, &guards, &v.name), &v.fields)).collect()
        }
        _ => Vec::new(),
    }
}

fn asked(from: &Reach, guards: &[String], case: &str) -> Vec<String> {
    let mut guards = guards.to_vec();
    guards.push(format!("${} is {case}", from.steps));
    guards
}

fn fields(from: &Reach, guards: &[String], fields: &[FieldDef]) -> Vec<Reach> {
    let step = |field: &FieldDef| Reach {
        steps: format!("{}.{}", from.steps, field.name),
        guards: guards.to_vec(),
        ty: field.ty.clone(),
    };
    fields.iter().map(step).collect()
}
