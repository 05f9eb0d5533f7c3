//! The names that a module sees, answered by queries: what the type checker is given.

use palisade_net::TagCatalogue;
use palisade_source::File;
use palisade_syntax::ast::{Function, ItemKind, Param, Strength, TypeExpr};
use smol_str::SmolStr;

use super::catalogue::catalogue;
use super::infer::{self, TypeNames};
use super::items::find_item;
use super::modules::{Target, module_scope, modules, name_of};
use super::schema::{schema, type_names};
use super::scope::{Binding, Lowered, Scope};
use super::sources::statement_index;
use crate::inputs::{Db, Program};
use crate::ir::ExternFn;
use crate::names::{DefName, ItemKey, ItemTag, NodeRef};
use crate::problem::Problem;
use crate::suggest;
use crate::types::{RecordId, Schema, Type, TypeDef};

/// The parameters and the result of a function, a traffic table, or a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The parameters.
    pub params: Vec<(SmolStr, Type)>,
    /// What it gives; `Traffic` for a table.
    pub result: Type,
    /// Whether it is an `extern fn`.
    pub external: bool,
}

/// Reads a signature.
#[salsa::tracked(returns(ref))]
pub fn signature<'db>(db: &'db dyn Db, program: Program, item: super::items::PolicyItem<'db>) -> Lowered<Signature> {
    let mut types = TypeReader { db, program, item: item.key(db), problems: Vec::new() };
    let value = match &item.ast(db).kind {
        ItemKind::Function(f) => {
            if f.body.is_none() {
                types.check_external(f);
            }
            Signature { params: types.params(&f.params), result: types.read(&f.result), external: f.body.is_none() }
        }
        ItemKind::Traffic(t) => Signature { params: types.params(&t.params), result: Type::Traffic, external: false },
        ItemKind::Const(c) => Signature { params: Vec::new(), result: types.read(&c.ty), external: false },
        _ => Signature { params: Vec::new(), result: Type::Error, external: false },
    };
    Lowered { value, problems: types.problems }
}

struct TypeReader<'a> {
    db: &'a dyn Db,
    program: Program,
    item: &'a ItemKey,
    problems: Vec<Problem>,
}

impl TypeReader<'_> {
    fn read(&mut self, ty: &TypeExpr) -> Type {
        let names = SchemaNames { db: self.db, program: self.program, file: self.item.file };
        let lowered = infer::resolve_type(&names, self.item, ty);
        self.problems.extend(lowered.problems);
        lowered.value
    }

    /// Only the library declares the engine's own functions, and only those that the engine has.
    fn check_external(&mut self, function: &Function) {
        let at = NodeRef { item: self.item.clone(), node: function.name.id };
        let name = &function.name.text;
        if !self.program.library(self.db).contains(&self.item.file) {
            let message = format!("`extern fn {name}` stands outside the library");
            let help = "give the function a body: `fn … = …`";
            self.problems.push(Problem::error("extern-outside-library", message, at).help(help));
        } else if ExternFn::find(name).is_none() {
            let message = format!("the engine has no function `{name}`");
            let near = suggest::nearest(name, ExternFn::ALL.iter().map(|(name, _)| *name));
            let problem = Problem::error("unknown-extern", message, at);
            self.problems.push(problem.meant(near, "give the function a body: `fn … = …`"));
        }
    }

    fn params(&mut self, params: &[Param]) -> Vec<(SmolStr, Type)> {
        params.iter().map(|p| (p.name.text.clone(), self.read(&p.ty))).collect()
    }
}

/// What types are called, while the schema itself is being made.
pub struct SchemaNames<'db> {
    /// The database.
    pub db: &'db dyn Db,
    /// The program.
    pub program: Program,
    /// The module's file.
    pub file: File,
}

impl TypeNames for SchemaNames<'_> {
    fn find(&self, words: &[&str]) -> Option<TypeDef> {
        let target = find_target(self.db, self.program, self.file, words)?;
        match target {
            Target::Item(name, _) => type_names(self.db, self.program).by_name.get(&name).copied(),
            Target::Module(_) => None,
        }
    }

    fn is_entity(&self, record: RecordId) -> bool {
        type_names(self.db, self.program).entities.get(record.0 as usize).copied().unwrap_or(false)
    }

    fn has_none_variant(&self, enumeration: crate::types::EnumId) -> bool {
        type_names(self.db, self.program).with_none.get(enumeration.0 as usize).copied().unwrap_or(false)
    }

    fn all(&self) -> Vec<SmolStr> {
        let scope = &module_scope(self.db, self.program, self.file).value;
        let is_type = |kind| matches!(kind, ItemTag::Record | ItemTag::Entity | ItemTag::Enum);
        let types = scope.iter().filter(|(_, target)| matches!(target, Target::Item(_, key) if is_type(key.kind)));
        types.map(|(word, _)| word.clone()).collect()
    }
}

/// Follows words from a module's scope: a name, or a module and a name in it.
pub fn find_target(db: &dyn Db, program: Program, file: File, words: &[&str]) -> Option<Target> {
    let (first, rest) = words.split_first()?;
    let mut target = module_scope(db, program, file).value.get(*first).cloned()?;
    for word in rest {
        let Target::Module(module) = target else { return None };
        target = find_member(db, program, &module, word)?;
    }
    Some(target)
}

/// An item or an inner module of a module.
pub fn find_member(db: &dyn Db, program: Program, module: &str, name: &str) -> Option<Target> {
    let modules = &modules(db, program).value;
    if let Some(key) = modules.item(module, name) {
        return Some(Target::Item(DefName::new(module, name), key.clone()));
    }
    let inner = format!("{module}.{name}");
    modules.is_module(&inner).then(|| Target::Module(inner.into()))
}

/// The scope of one module.
pub struct ProgramScope<'db> {
    /// The database.
    pub db: &'db dyn Db,
    /// The program.
    pub program: Program,
    /// The module's file.
    pub file: File,
    /// The schema, where it is not yet the program's own (while defaults of fields are read).
    pub schema: Option<&'db Schema>,
}

impl<'db> ProgramScope<'db> {
    /// The scope of the module in a file.
    pub fn new(db: &'db dyn Db, program: Program, file: File) -> Self {
        Self { db, program, file, schema: None }
    }

    fn binding(&self, target: Target) -> Option<Binding> {
        match target {
            Target::Module(name) => Some(Binding::Module(name)),
            Target::Item(name, key) => self.item_binding(name, &key),
        }
    }

    fn item_binding(&self, name: DefName, key: &ItemKey) -> Option<Binding> {
        let signature = || {
            let item = find_item(self.db, key)?;
            Some(&signature(self.db, self.program, item).value)
        };
        Some(match key.kind {
            ItemTag::Record | ItemTag::Entity | ItemTag::Enum => {
                Binding::Type(*type_names(self.db, self.program).by_name.get(&name)?)
            }
            ItemTag::Const => Binding::Const { ty: signature()?.result.clone(), name },
            ItemTag::Function => {
                let found = signature()?;
                let external = if found.external { ExternFn::find(&name.name) } else { None };
                Binding::Function { params: found.params.clone(), result: found.result.clone(), external, name }
            }
            ItemTag::Traffic => Binding::Traffic { params: signature()?.params.clone(), name },
            ItemTag::Rule => Binding::Rule(name),
            ItemTag::Pack => Binding::Pack(name),
            ItemTag::Source => Binding::Source(name.name),
            ItemTag::Fixture => Binding::Fixture(key.clone()),
            _ => return None,
        })
    }
}

impl Scope for ProgramScope<'_> {
    fn word(&self, word: &str) -> Option<Binding> {
        self.binding(find_target(self.db, self.program, self.file, &[word])?)
    }

    fn member(&self, module: &str, name: &str) -> Option<Binding> {
        self.binding(find_member(self.db, self.program, module, name)?)
    }

    fn words(&self) -> Vec<SmolStr> {
        module_scope(self.db, self.program, self.file).value.keys().cloned().collect()
    }

    fn members(&self, module: &str) -> Vec<SmolStr> {
        let modules = &modules(self.db, self.program).value;
        modules.by_name.get(module).map(|m| m.own.keys().cloned().collect()).unwrap_or_default()
    }

    fn schema(&self) -> &Schema {
        self.schema.unwrap_or_else(|| &schema(self.db, self.program).value)
    }

    fn catalogue(&self) -> &TagCatalogue {
        catalogue(self.db, self.program)
    }

    fn statement(&self, id: &str) -> Option<Strength> {
        statement_index(self.db, self.program).value.strengths.get(id).copied()
    }

    fn statements(&self) -> Vec<SmolStr> {
        statement_index(self.db, self.program).value.strengths.keys().cloned().collect()
    }

    fn declaration(&self, name: &DefName) -> Option<NodeRef> {
        let key = modules(self.db, self.program).value.item(&name.module, &name.name)?;
        Some(name_of(self.db, key))
    }
}
