//! From the data of a body to values: references resolved, collections opened, places remembered.

use std::sync::Arc;

use super::value::{Defect, Evaluated, Origin, Traced, Value};
use super::world::{EntityView, World};
use crate::data::Data;
use crate::environment::EntityId;
use crate::place::Segment;
use crate::types::{FieldDef, FieldRole, RecordId, Type};

/// Reads data of a type.
pub fn read(world: &dyn World, data: &Data, ty: &Type, origin: Origin) -> Evaluated {
    let value = match (data, ty.narrowed()) {
        (Data::Absent, _) => Value::Absent,
        (Data::None, _) => Value::None,
        (Data::Error, _) => return Err(Defect::new("a value at fault was read")),
        (Data::Int(number), _) => Value::Int(i128::from(*number)),
        (Data::Reference(text), ty) => return reference(world, text, ty, origin),
        (Data::Entities(names), ty) => return children(world, names, ty, origin),
        (Data::Record(fields), Type::Record(id)) => Value::Record(*id, fields.clone()),
        (Data::Variant(index, fields), Type::Enum(id)) => Value::Variant(*id, *index, fields.clone()),
        (Data::List(items), Type::List(item)) => Value::List(list(world, items, item, &origin)?),
        (Data::Map(entries), Type::Map(_, item)) => {
            let read_entry = |(key, data): &(smol_str::SmolStr, Data)| {
                let origin = origin.child(Segment::Key(key.clone()));
                Ok((key.clone(), read(world, data, item, origin)?))
            };
            Value::Map(entries.iter().map(read_entry).collect::<Result<_, Defect>>()?)
        }
        (plain, _) => Value::Data(plain.clone()),
    };
    Ok(Traced { value, origin: Some(origin) })
}

fn reference(world: &dyn World, text: &str, ty: &Type, origin: Origin) -> Evaluated {
    let found = match ty {
        Type::Record(id) => world.resolve(&[*id], text),
        Type::OneOf(ids) => world.resolve(ids, text),
        _ => None,
    };
    let entity = found.ok_or_else(|| Defect::new(format!("the reference `{text}` leads nowhere")))?;
    Ok(Traced { value: Value::Entity(entity), origin: Some(origin) })
}

fn children(world: &dyn World, names: &[smol_str::SmolStr], ty: &Type, origin: Origin) -> Evaluated {
    let root = origin.root.map(|id| world.place(id)).unwrap_or_default();
    let place = origin.place(root);
    let is_map = matches!(ty, Type::Map(..));
    let mut entities = Vec::with_capacity(names.len());
    for name in names {
        // What the type calls a map may be written as a list of named items.
        let mut segments = [Segment::Key(name.clone()), Segment::Named(name.clone())].into_iter();
        let entity = segments.find_map(|segment| world.at(&place.child(segment)));
        let entity = entity.ok_or_else(|| Defect::new(format!("`{name}` is not among the entities of `{place}`")))?;
        let traced = Traced { value: Value::Entity(entity), origin: Some(Origin::root(Some(entity))) };
        entities.push((name.clone(), traced));
    }
    let value = if is_map {
        Value::Map(entities.into())
    } else {
        Value::List(entities.into_iter().map(|(_, entity)| entity).collect())
    };
    Ok(Traced { value, origin: Some(origin) })
}

fn list(world: &dyn World, items: &[Data], ty: &Type, origin: &Origin) -> Result<Arc<[Traced]>, Defect> {
    let name_field = match ty {
        Type::Record(id) => name_field(world, *id),
        _ => None,
    };
    let read_item = |(index, data): (usize, &Data)| {
        let segment = item_name(data, name_field)
            .map_or_else(|| Segment::Index(u32::try_from(index).unwrap_or(u32::MAX)), Segment::Named);
        read(world, data, ty, origin.child(segment))
    };
    items.iter().enumerate().map(read_item).collect()
}

fn name_field(world: &dyn World, record: RecordId) -> Option<usize> {
    world.schema().record(record)?.field("name").map(|(index, _)| index)
}

fn item_name(data: &Data, name_field: Option<usize>) -> Option<smol_str::SmolStr> {
    match (data, name_field) {
        (Data::Record(fields), Some(at)) => match fields.get(at) {
            Some(Data::Text(name)) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Reads a field of an entity.
pub fn entity_field(world: &dyn World, id: EntityId, view: &EntityView, index: u32) -> Evaluated {
    let field = field(world, view.record, index)?;
    if field.role == FieldRole::Owner {
        let value = view.owner.map_or(Value::None, Value::Entity);
        return Ok(Traced { value, origin: view.owner.map(|owner| Origin::root(Some(owner))) });
    }
    let data = view.body.get(index as usize).unwrap_or(&Data::Absent);
    let origin = if view.from_defaults.iter().any(|at| u32::from(*at) == index) {
        Origin::root(None).child(Segment::Key("defaults".into()))
    } else {
        Origin::root(Some(id))
    };
    read(world, data, &field.ty, origin.child(Segment::Key(field.name.clone())))
}

/// Reads a field of a record.
pub fn record_field(
    world: &dyn World,
    record: RecordId,
    fields: &[Data],
    index: u32,
    origin: Option<&Origin>,
) -> Evaluated {
    let field = field(world, record, index)?;
    let data = fields.get(index as usize).unwrap_or(&Data::Absent);
    let origin = origin.cloned().unwrap_or_else(|| Origin::root(None));
    read(world, data, &field.ty, origin.child(Segment::Key(field.name.clone())))
}

fn field(world: &dyn World, record: RecordId, index: u32) -> Result<&FieldDef, Defect> {
    let record = world.schema().record(record);
    let field = record.and_then(|r| r.fields.get(index as usize));
    field.ok_or_else(|| Defect::new("a field that its type does not have was read"))
}

/// The value of a literal.
pub(super) fn literal(data: &Data, ty: &Type) -> Evaluated {
    let value = match (data, ty.narrowed()) {
        (Data::Int(number), _) => Value::Int(i128::from(*number)),
        (Data::Variant(index, fields), Type::Enum(id)) => Value::Variant(*id, *index, fields.clone()),
        (Data::List(items), Type::List(ty)) => {
            Value::List(items.iter().map(|item| literal(item, ty)).collect::<Result<_, _>>()?)
        }
        (Data::List(items), _) if items.is_empty() => Value::List(Arc::from([])),
        (Data::Map(entries), _) if entries.is_empty() => Value::Map(Arc::from([])),
        (Data::None, _) => Value::None,
        (Data::Absent, _) => Value::Absent,
        (Data::Error, _) => return Err(Defect::new("a literal at fault was evaluated")),
        (plain, _) => Value::Data(plain.clone()),
    };
    Ok(Traced::computed(value))
}
