//! Words about an environment that are no findings: where a pack chose by a default.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::check::select::Selected;
use crate::environment;
use crate::inputs::{Db, Environment, Program};
use crate::ir::{Expr, ExprKind, Local, walk};
use crate::place::Segment;
use crate::policy::packs::packs;
use crate::policy::schema::schema;
use crate::types::RecordId;

/// For each field that a selected pack's condition reads: the entities that do not write it, so that its default chose.
pub fn defaulted_conditions(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    selected: &Selected<'_>,
) -> Vec<String> {
    let mut fields: BTreeSet<(RecordId, u32)> = BTreeSet::new();
    for pack in selected.packs.iter().filter_map(|name| packs(db, program).value.get(name.as_str())) {
        for condition in &pack.conditions {
            for field in fields_of_subject(&condition.condition) {
                fields.insert((condition.record, field));
            }
        }
    }
    fields.into_iter().filter_map(|(record, field)| note(db, program, environment, record, field)).collect()
}

fn fields_of_subject(condition: &Expr) -> Vec<u32> {
    let mut found = Vec::new();
    walk::all(condition, &mut |e| {
        if let ExprKind::Field { of, field, .. } = &e.kind
            && of.kind == ExprKind::Local(Local(0))
        {
            found.push(*field);
        }
    });
    found
}

fn note(db: &dyn Db, program: Program, environment: Environment, record: RecordId, field: u32) -> Option<String> {
    let declared = schema(db, program).value.record(record)?.fields.get(field as usize)?;
    declared.default.as_ref()?;
    let mut names: Vec<SmolStr> = Vec::new();
    let mut value = None;
    for id in environment::entities_of(db, program, environment, record).iter() {
        let place = id.place(db).child(Segment::Key(declared.name.clone()));
        if !environment::is_written(db, environment, &place) {
            names.push(format!("`{}`", id.place(db)).into());
            value = value.or_else(|| default_word(db, program, declared));
        }
    }
    let (first, value) = (names.first()?, value?);
    let more = names.len() - 1;
    let who = if more == 0 { first.to_string() } else { format!("{first} and {more} more") };
    Some(format!("{who} does not state `{}`: its default `{value}` chose the rules", declared.name))
}

fn default_word(db: &dyn Db, program: Program, field: &crate::types::FieldDef) -> Option<String> {
    match (field.default.as_ref()?, field.ty.narrowed()) {
        (crate::data::Data::Variant(at, _), crate::types::Type::Enum(id)) => {
            let variants = &schema(db, program).value.enumeration(*id)?.variants;
            Some(variants.get(usize::from(*at))?.name.to_string())
        }
        (crate::data::Data::Bool(value), _) => Some(value.to_string()),
        _ => None,
    }
}
