//! The schema: the records, entities, enums and the environment that a program declares.
//!
//! Made in three steps, since types refer to each other: numbers for the names, then fields with their types, then
//! the defaults of fields, which may name variants.

use palisade_syntax::ast::{self, ItemKind, TypeKind};
use rustc_hash::FxHashMap;

use super::infer::{self, Context};
use super::items::{file_items, find_item};
use super::modules::{Target, files, modules};
use super::program_scope::{ProgramScope, SchemaNames, find_target};
use super::scope::Lowered;
use crate::data::Data;
use crate::inputs::{Db, Program};
use crate::names::{DefName, ItemKey, ItemTag, NodeRef};
use crate::problem::Problem;
use crate::types::{EnumDef, EnumId, FieldDef, FieldRole, RecordDef, RecordId, Schema, Type, TypeDef, VariantDef};

/// The numbers of types, before their fields are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeTable {
    /// By full name.
    pub by_name: FxHashMap<DefName, TypeDef>,
    /// Whether a record is an entity.
    pub entities: Vec<bool>,
    /// Whether an enum has a variant `none`.
    pub with_none: Vec<bool>,
    items: Vec<(DefName, ItemKey)>,
}

/// Numbers the types, in the order of their full names.
#[salsa::tracked(returns(ref))]
pub fn type_names(db: &dyn Db, program: Program) -> TypeTable {
    let mut table = TypeTable::default();
    for (name, key) in modules(db, program).value.all() {
        let def = match key.kind {
            ItemTag::Record | ItemTag::Entity => {
                table.entities.push(key.kind == ItemTag::Entity);
                TypeDef::Record(RecordId(number(table.entities.len())))
            }
            ItemTag::Enum => {
                table.with_none.push(declares_none(db, key));
                TypeDef::Enum(EnumId(number(table.with_none.len())))
            }
            _ => continue,
        };
        table.by_name.insert(name.clone(), def);
        table.items.push((name, key.clone()));
    }
    table
}

fn number(count: usize) -> u32 {
    u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX)
}

fn declares_none(db: &dyn Db, key: &ItemKey) -> bool {
    find_item(db, key).is_some_and(|item| match &item.ast(db).kind {
        ItemKind::Enum(e) => e.variants.iter().any(|v| v.name.text == "none"),
        _ => false,
    })
}

/// The schema of a program.
#[salsa::tracked(returns(ref))]
pub fn schema(db: &dyn Db, program: Program) -> Lowered<Schema> {
    let mut builder = Builder { db, program, schema: Schema::default(), problems: Vec::new(), defaults: Vec::new() };
    builder.declare();
    builder.extend();
    builder.mark_names();
    builder.read_defaults();
    Lowered { value: builder.schema, problems: builder.problems }
}

const REQUIRED_EXTENSION: &str = "required-extension";

/// Where a default belongs.
enum Owner {
    Record(usize, usize),
    Variant(usize, usize, usize),
    Environment(usize),
}

struct Builder<'db> {
    db: &'db dyn Db,
    program: Program,
    schema: Schema,
    problems: Vec<Problem>,
    defaults: Vec<(Owner, ItemKey, ast::Expr)>,
}

impl Builder<'_> {
    /// Declares records, entities and enums with their own fields.
    fn declare(&mut self) {
        let table = type_names(self.db, self.program);
        self.schema.by_name = table.by_name.clone();
        for (name, key) in &table.items {
            let Some(item) = find_item(self.db, key) else { continue };
            let at = |node| NodeRef { item: key.clone(), node };
            match &item.ast(self.db).kind {
                ItemKind::Record(record) | ItemKind::Entity(record) => {
                    let index = self.schema.records.len();
                    self.schema.records.push(RecordDef {
                        name: name.clone(),
                        doc: item.ast(self.db).doc.clone(),
                        entity: key.kind == ItemTag::Entity,
                        fields: Vec::new(),
                        at: at(record.name.id),
                    });
                    self.add_record_fields(index, key, &record.fields);
                }
                ItemKind::Enum(declared) => {
                    let index = self.schema.enums.len();
                    let variants = self.variants(index, key, declared);
                    self.schema.enums.push(EnumDef {
                        name: name.clone(),
                        doc: item.ast(self.db).doc.clone(),
                        variants,
                        at: at(declared.name.id),
                    });
                }
                _ => {}
            }
        }
    }

    fn variants(&mut self, index: usize, key: &ItemKey, declared: &ast::Enum) -> Vec<VariantDef> {
        let mut variants: Vec<VariantDef> = Vec::new();
        for (position, variant) in declared.variants.iter().enumerate() {
            if variants.iter().any(|v| v.name == variant.name.text) {
                let at = NodeRef { item: key.clone(), node: variant.name.id };
                let message = format!("the variant `{}` is declared twice", variant.name.text);
                self.problems
                    .push(Problem::error("duplicate-variant", message, at).help("rename one of them, or remove it"));
            }
            let mut fields = Vec::new();
            for field in &variant.fields {
                let owner = Owner::Variant(index, position, fields.len());
                if let Some(def) = self.field(key, field, &fields, owner) {
                    fields.push(def);
                }
            }
            variants.push(VariantDef { name: variant.name.text.clone(), doc: variant.doc.clone(), fields });
        }
        variants
    }

    fn add_record_fields(&mut self, index: usize, key: &ItemKey, fields: &[ast::Field]) {
        for field in fields {
            let Some(existing) = self.schema.records.get(index).map(|r| r.fields.clone()) else { continue };
            let owner = Owner::Record(index, existing.len());
            let Some(def) = self.field(key, field, &existing, owner) else { continue };
            if let Some(record) = self.schema.records.get_mut(index) {
                record.fields.push(def);
            }
        }
    }

    /// Reads one field; `None` if the name is taken.
    fn field(&mut self, key: &ItemKey, field: &ast::Field, before: &[FieldDef], owner: Owner) -> Option<FieldDef> {
        let at = NodeRef { item: key.clone(), node: field.name.id };
        if let Some(first) = before.iter().find(|f| f.name == field.name.text) {
            let message = format!("the field `{}` is declared twice", field.name.text);
            self.problems.push(
                Problem::error("duplicate-field", message, at)
                    .related(first.at.clone(), "first declared here")
                    .help("rename one of them, or remove it"),
            );
            return None;
        }
        let names = SchemaNames { db: self.db, program: self.program, file: key.file };
        let lowered = infer::resolve_field_type(&names, key, &field.ty);
        self.problems.extend(lowered.problems);
        if let Some(default) = &field.default {
            self.defaults.push((owner, key.clone(), default.clone()));
        }
        Some(FieldDef {
            name: field.name.text.clone(),
            doc: field.doc.clone(),
            role: self.role(&field.ty, &lowered.value),
            ty: lowered.value,
            default: None,
            at,
        })
    }

    fn role(&self, written: &ast::TypeExpr, ty: &Type) -> FieldRole {
        match &written.kind {
            _ if infer::count_of(written).is_some() => FieldRole::Count,
            TypeKind::Optional(inner) | TypeKind::OrNone(inner) => self.role(inner, ty.narrowed()),
            TypeKind::Ref(_) => FieldRole::Reference,
            TypeKind::Owner(_) => FieldRole::Owner,
            _ => match ty {
                Type::List(item) | Type::Map(_, item) if self.is_owned_entity(&written.kind, item) => {
                    FieldRole::Collection
                }
                _ => FieldRole::Value,
            },
        }
    }

    /// Whether the collection holds entities themselves, not references to them.
    fn is_owned_entity(&self, written: &TypeKind, item: &Type) -> bool {
        let refers = match written {
            TypeKind::Named { arguments, .. } => arguments.last().is_some_and(|a| matches!(a.kind, TypeKind::Ref(_))),
            _ => false,
        };
        let entities = &type_names(self.db, self.program).entities;
        let is_entity = matches!(item, Type::Record(id) if entities.get(id.0 as usize) == Some(&true));
        is_entity && !refers
    }

    /// Adds the fields of `environment`, `extend environment` and `extend T`.
    fn extend(&mut self) {
        let mut own: Option<NodeRef> = None;
        for (_, file) in files(self.db, self.program) {
            for item in &file_items(self.db, file).items {
                let key = item.key(self.db);
                match (key.kind, &item.ast(self.db).kind) {
                    (ItemTag::Environment, ItemKind::Environment(declared)) => {
                        if !declared.extend {
                            self.single_environment(&mut own, key, item.ast(self.db).id);
                        }
                        self.add_environment_fields(key, &declared.fields);
                    }
                    (ItemTag::Extend, ItemKind::Extend(extend)) => self.extend_record(key, extend),
                    _ => {}
                }
            }
        }
    }

    fn single_environment(&mut self, own: &mut Option<NodeRef>, key: &ItemKey, node: ast::NodeId) {
        let at = NodeRef { item: key.clone(), node };
        match own {
            None => *own = Some(at),
            Some(first) => self.problems.push(
                Problem::error("duplicate-name", "`environment` is declared twice", at)
                    .related(first.clone(), "first declared here")
                    .help("write `extend environment { … }` to add to it"),
            ),
        }
    }

    fn add_environment_fields(&mut self, key: &ItemKey, fields: &[ast::Field]) {
        for field in fields {
            let existing = self.schema.environment.clone();
            let owner = Owner::Environment(existing.len());
            if let Some(def) = self.field(key, field, &existing, owner) {
                self.schema.environment.push(def);
            }
        }
    }

    fn extend_record(&mut self, key: &ItemKey, extend: &ast::Extend) {
        let at = NodeRef { item: key.clone(), node: extend.target.id };
        let words: Vec<&str> = extend.target.segments.iter().map(|s| s.text.as_str()).collect();
        let target = match find_target(self.db, self.program, key.file, &words) {
            Some(Target::Item(name, _)) => self.schema.by_name.get(&name).copied(),
            _ => None,
        };
        let Some(TypeDef::Record(id)) = target else {
            let message = format!("there is no record or entity `{}` to extend", extend.target.dotted());
            let help = "import it first: `import azureml.resources.{Compute}`";
            self.problems.push(Problem::error("unknown-type", message, at).help(help));
            return;
        };
        for field in &extend.fields {
            self.must_be_optional(key, field);
        }
        self.add_record_fields(id.0 as usize, key, &extend.fields);
    }

    fn must_be_optional(&mut self, key: &ItemKey, field: &ast::Field) {
        let optional = matches!(field.ty.kind, TypeKind::Optional(_) | TypeKind::OrNone(_) | TypeKind::Error);
        if optional || field.default.is_some() {
            return;
        }
        let at = NodeRef { item: key.clone(), node: field.name.id };
        let message =
            format!("the added field `{}` is required, but existing environments do not have it", field.name.text);
        let help = "make it optional (`T?`, `T or none`) or give it a default (`= …`)";
        self.problems.push(Problem::error(REQUIRED_EXTENSION, message, at).help(help));
    }

    /// `name: Text` of whatever is an item of a `Map` comes from the key.
    fn mark_names(&mut self) {
        let named = self.items_of_maps();
        for id in named {
            let Some(record) = self.schema.records.get_mut(id.0 as usize) else { continue };
            let is_name = |f: &&mut FieldDef| f.name == "name" && f.ty.narrowed() == &Type::Text;
            if let Some(field) = record.fields.iter_mut().find(is_name) {
                field.role = FieldRole::Name;
                // Existing environments have it already: it is the key.
                self.problems.retain(|p| p.code != REQUIRED_EXTENSION || p.at != field.at);
            }
        }
    }

    fn items_of_maps(&self) -> Vec<RecordId> {
        let records = self.schema.records.iter().flat_map(|r| &r.fields);
        let variants = self.schema.enums.iter().flat_map(|e| &e.variants).flat_map(|v| &v.fields);
        let fields = self.schema.environment.iter().chain(records).chain(variants);
        fields
            .filter(|f| f.role != FieldRole::Reference)
            .filter_map(|f| match f.ty.narrowed() {
                Type::Map(_, item) => match item.narrowed() {
                    Type::Record(id) => Some(*id),
                    _ => None,
                },
                _ => None,
            })
            .collect()
    }

    fn read_defaults(&mut self) {
        let before = self.schema.clone();
        for (owner, key, expr) in std::mem::take(&mut self.defaults) {
            let scope = ProgramScope { db: self.db, program: self.program, file: key.file, schema: Some(&before) };
            let module = modules(self.db, self.program).value.of_file(key.file);
            let context = Context { scope: &scope, item: &key, module: &module };
            let Some(field) = self.field_mut(&owner) else { continue };
            let lowered = infer::default_value(&context, &expr, &field.ty);
            let below = matches!(lowered.value, Data::Int(number) if number < 0 && field.role == FieldRole::Count);
            field.default = Some(if below { Data::Error } else { lowered.value });
            self.problems.extend(lowered.problems);
            if below {
                let at = NodeRef { item: key, node: expr.id };
                let message = "the field is a `Count`, and its default is below 0";
                self.problems.push(Problem::error("type-mismatch", message, at).help("write 0 or more"));
            }
        }
    }

    fn field_mut(&mut self, owner: &Owner) -> Option<&mut FieldDef> {
        match owner {
            Owner::Record(record, field) => self.schema.records.get_mut(*record)?.fields.get_mut(*field),
            Owner::Variant(enumeration, variant, field) => {
                let variants = &mut self.schema.enums.get_mut(*enumeration)?.variants;
                variants.get_mut(*variant)?.fields.get_mut(*field)
            }
            Owner::Environment(field) => self.schema.environment.get_mut(*field),
        }
    }
}
