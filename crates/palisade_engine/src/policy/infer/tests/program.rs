//! A small program to check against: a prelude of types and functions, and the source of one case beside it.

use palisade_net::TagCatalogue;
use palisade_source::{File, Severity};
use palisade_syntax::ast::{Item, ItemKind, Strength, TypeExpr};
use palisade_syntax::{ParsedFile, ParsedItem};
use smol_str::SmolStr;

use crate::ir;
use crate::names::{DefName, ItemKey, ItemTag, NodeRef};
use crate::policy::infer::{self, Context, TypeNames};
use crate::policy::scope::{Binding, Lowered, Scope};
use crate::problem::Problem;
use crate::types::{EnumDef, EnumId, FieldDef, FieldRole, RecordDef, RecordId, Schema, Type, TypeDef, VariantDef};

const TAGS: &str = "
tags:
  - { name: AzureCloud, purpose: all, direction: both, features: [group], regional: { sets: [standard], features: [group] } }
  - { name: Storage, purpose: blobs, direction: outbound, features: [group], azure_cloud: partly, regional: { sets: [standard], features: [group] } }
  - { name: AzureMachineLearning, purpose: ml, direction: both, features: [group], azure_cloud: inside, regional: { sets: [standard], features: [] } }
  - { name: AzureActiveDirectory, purpose: entra, direction: outbound, features: [group], azure_cloud: inside }
  - { name: AzureKeyVault, purpose: keys, direction: outbound, features: [group], azure_cloud: inside, regional: { sets: [standard], features: [group] } }
  - { name: AzureFrontDoor.Frontend, purpose: door, direction: both, features: [group], azure_cloud: inside }
misspellings: [{ wrong: Keyvault, right: AzureKeyVault }]
";
const REGIONS: &str = "regions: [{ name: eastus2, suffix: EastUS2 }, { name: westus, suffix: WestUS }]";

/// The module that a case stands in; the prelude's modules are below.
const CASE: &str = "case";

/// The prelude, module by module. Every name in it is a word of the case.
const PRELUDE: &[(&str, &str)] = &[
    ("azure.network", include_str!("prelude/network.pal")),
    ("azureml.resources", include_str!("prelude/resources.pal")),
    ("helpers", include_str!("prelude/helpers.pal")),
];

/// A prelude and a case, as the type checker sees them.
pub(super) struct Program {
    modules: Vec<(&'static str, ParsedFile)>,
    text: String,
    file: File,
    schema: Schema,
    catalogue: TagCatalogue,
}

#[salsa::db]
#[derive(Clone)]
struct Files {
    storage: salsa::Storage<Self>,
}

#[salsa::db]
impl salsa::Database for Files {}

#[salsa::db]
impl palisade_source::Db for Files {}

/// What an item was lowered to.
#[derive(Debug)]
#[allow(dead_code, reason = "shown by tests")]
pub(super) enum Lowering {
    Rule(ir::Rule),
    Function(ir::Function),
    Const(ir::Const),
    Traffic(ir::TrafficTable),
    Hosts(ir::Hosts),
    Conditions(Vec<Option<ir::PackCondition>>),
    Types,
}

impl Program {
    pub(super) fn new(text: &str) -> Self {
        let mut modules: Vec<_> = PRELUDE.iter().map(|(name, text)| (*name, palisade_syntax::parse(text))).collect();
        modules.push((CASE, palisade_syntax::parse(text)));
        let faults = modules.iter().flat_map(|(name, file)| file.errors.iter().map(move |e| (name, e)));
        let faults: Vec<_> = faults.map(|(name, e)| format!("{name}: {} at {:?}", e.message, e.range)).collect();
        assert!(faults.is_empty(), "{text}\n{faults:#?}");
        let db = Files { storage: salsa::Storage::builder().ingredient::<File>().build() };
        let catalogue = TagCatalogue::from_yaml(TAGS, REGIONS).unwrap();
        let mut program = Self {
            modules,
            text: text.to_owned(),
            file: File::new(&db, "case.pal".into(), text.into()),
            schema: Schema::default(),
            catalogue,
        };
        program.number_types();
        program.schema = program.read_schema(&mut Vec::new());
        program
    }

    fn items(&self) -> impl Iterator<Item = (&'static str, &ParsedItem)> {
        self.modules.iter().flat_map(|(module, file)| file.items.iter().map(|item| (*module, item)))
    }

    fn key(&self, item: &Item, ordinal: u32) -> ItemKey {
        let name = item.name().map_or_else(SmolStr::default, |n| n.text.clone());
        ItemKey { file: self.file, kind: ItemTag::Rule, name, ordinal }
    }

    /// Gives the types their numbers, with bodies still empty.
    fn number_types(&mut self) {
        let mut schema = Schema::default();
        for (module, item) in self.items() {
            let Some(name) = item.item.name() else { continue };
            let full = DefName::new(module, name.text.clone());
            let at = NodeRef { item: self.key(&item.item, 0), node: name.id };
            let def = match &item.item.kind {
                kind @ (ItemKind::Record(_) | ItemKind::Entity(_)) => {
                    let entity = matches!(kind, ItemKind::Entity(_));
                    schema.records.push(RecordDef { name: full.clone(), doc: None, entity, fields: Vec::new(), at });
                    TypeDef::Record(RecordId(u32::try_from(schema.records.len() - 1).unwrap()))
                }
                ItemKind::Enum(e) => {
                    let plain = |name: &SmolStr| VariantDef { name: name.clone(), doc: None, fields: Vec::new() };
                    let variants = e.variants.iter().map(|v| plain(&v.name.text)).collect();
                    schema.enums.push(EnumDef { name: full.clone(), doc: None, variants, at });
                    TypeDef::Enum(EnumId(u32::try_from(schema.enums.len() - 1).unwrap()))
                }
                _ => continue,
            };
            schema.by_name.insert(full, def);
        }
        self.schema = schema;
    }

    /// Reads the fields of all types; the case's own problems with them are added.
    fn read_schema(&self, problems: &mut Vec<Problem>) -> Schema {
        let mut schema = self.schema.clone();
        let (mut records, mut enums) = (0, 0);
        for (module, item) in self.items() {
            let mut fields = |fields: &[palisade_syntax::ast::Field]| -> Vec<FieldDef> {
                fields.iter().map(|f| self.field(&item.item, module, f, problems)).collect()
            };
            match &item.item.kind {
                ItemKind::Record(r) | ItemKind::Entity(r) => {
                    schema.records[records].fields = fields(&r.fields);
                    records += 1;
                }
                ItemKind::Enum(e) => {
                    for (def, variant) in schema.enums[enums].variants.iter_mut().zip(&e.variants) {
                        def.fields = fields(&variant.fields);
                    }
                    enums += 1;
                }
                ItemKind::Environment(e) => schema.environment = fields(&e.fields),
                _ => {}
            }
        }
        schema
    }

    fn field(
        &self,
        item: &Item,
        module: &str,
        field: &palisade_syntax::ast::Field,
        problems: &mut Vec<Problem>,
    ) -> FieldDef {
        let key = self.key(item, 0);
        let ty = infer::resolve_field_type(self, &key, &field.ty);
        let mut found = ty.problems;
        let default = field.default.as_ref().map(|default| {
            let cx = Context { scope: self, item: &key, module };
            let lowered = infer::default_value(&cx, default, &ty.value);
            found.extend(lowered.problems);
            lowered.value
        });
        if module == CASE {
            problems.extend(found);
        }
        let at = NodeRef { item: key, node: field.name.id };
        FieldDef { name: field.name.text.clone(), doc: None, ty: ty.value, role: FieldRole::Value, default, at }
    }

    /// Checks the items of the case.
    pub(super) fn check(&self) -> Vec<(&ParsedItem, Lowering, Vec<Problem>)> {
        let case = self.items().filter(|(module, _)| *module == CASE);
        case.map(|(_, item)| {
            let (lowering, problems) = self.check_item(&item.item);
            (item, lowering, problems)
        })
        .collect()
    }

    fn check_item(&self, item: &Item) -> (Lowering, Vec<Problem>) {
        fn pair<T>(lowered: Lowered<T>, wrap: impl FnOnce(T) -> Lowering) -> (Lowering, Vec<Problem>) {
            (wrap(lowered.value), lowered.problems)
        }
        let key = self.key(item, 0);
        let cx = Context { scope: self, item: &key, module: CASE };
        match &item.kind {
            ItemKind::Rule(r) => pair(infer::rule(&cx, item.doc.as_deref(), r), Lowering::Rule),
            ItemKind::Function(f) => {
                let (lowering, problems) = pair(infer::function(&cx, f), Lowering::Function);
                let mut signature = infer::params(&cx, &f.params).problems;
                signature.extend(infer::resolve_type(self, &key, &f.result).problems);
                (lowering, [signature, problems].concat())
            }
            ItemKind::Const(c) => pair(infer::constant(&cx, c), Lowering::Const),
            ItemKind::Traffic(t) => pair(infer::traffic(&cx, t), Lowering::Traffic),
            ItemKind::Hosts(h) => pair(infer::hosts(&cx, h), Lowering::Hosts),
            ItemKind::Pack(p) => {
                let all = p.conditions.iter().map(|c| infer::pack_condition(&cx, c));
                let (values, problems): (Vec<_>, Vec<_>) = all.map(|l| (l.value, l.problems)).unzip();
                (Lowering::Conditions(values), problems.concat())
            }
            _ => {
                let mut problems = Vec::new();
                self.read_schema(&mut problems);
                problems.retain(|p| p.at.item == key);
                (Lowering::Types, problems)
            }
        }
    }

    /// The case and its problems: each with its code, its place, and the text there.
    pub(super) fn show(&self) -> String {
        let mut shown = self.text.trim_end().to_owned() + "\n";
        for (item, _, problems) in self.check() {
            for problem in &problems {
                shown += &self.show_problem(item, problem);
            }
        }
        shown
    }

    fn show_problem(&self, item: &ParsedItem, problem: &Problem) -> String {
        let range = item.spans.range(problem.at.node);
        let (start, end) = (usize::from(range.start()), usize::from(range.end()));
        let before = &self.text[..start];
        let line = before.matches('\n').count() + 1;
        let column = start - before.rfind('\n').map_or(0, |at| at + 1) + 1;
        let text = self.text[start..end].split('\n').next().unwrap();
        let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
        let mut lines = vec![
            format!("  ── {severity}[{}] {line}:{column}: {text}", problem.code),
            format!("     {}", problem.message),
        ];
        lines.extend(problem.related.iter().map(|(_, message)| format!("     related: {message}")));
        lines.extend(problem.notes.iter().map(|note| format!("     note: {note}")));
        lines.extend(problem.help.iter().map(|help| format!("     help: {help}")));
        lines.join("\n") + "\n"
    }

    fn binding(&self, module: &str, item: &Item) -> Option<Binding> {
        let name = DefName::new(module, item.name()?.text.clone());
        let key = self.key(item, 0);
        let read = |ty: &TypeExpr| infer::resolve_type(self, &key, ty).value;
        let params = |params: &[palisade_syntax::ast::Param]| -> Vec<(SmolStr, Type)> {
            params.iter().map(|p| (p.name.text.clone(), read(&p.ty))).collect()
        };
        Some(match &item.kind {
            ItemKind::Record(_) | ItemKind::Entity(_) | ItemKind::Enum(_) => {
                Binding::Type(*self.schema.by_name.get(&name)?)
            }
            ItemKind::Const(c) => Binding::Const { name, ty: read(&c.ty) },
            ItemKind::Function(f) => {
                let external = if f.body.is_none() { ir::ExternFn::find(&name.name) } else { None };
                Binding::Function { params: params(&f.params), result: read(&f.result), external, name }
            }
            ItemKind::Traffic(t) => Binding::Traffic { params: params(&t.params), name },
            ItemKind::Rule(_) => Binding::Rule(name),
            ItemKind::Pack(_) => Binding::Pack(name),
            _ => return None,
        })
    }
}

impl Scope for Program {
    fn word(&self, word: &str) -> Option<Binding> {
        if word == "network" {
            return Some(Binding::Module("azure.network".into()));
        }
        self.modules.iter().find_map(|(module, _)| self.member(module, word))
    }

    fn member(&self, module: &str, name: &str) -> Option<Binding> {
        let named =
            |(of, item): &(&str, &ParsedItem)| *of == module && item.item.name().is_some_and(|n| n.text == name);
        let (module, item) = self.items().find(named)?;
        self.binding(module, &item.item)
    }

    fn words(&self) -> Vec<SmolStr> {
        self.items().filter_map(|(_, item)| Some(item.item.name()?.text.clone())).chain(["network".into()]).collect()
    }

    fn members(&self, module: &str) -> Vec<SmolStr> {
        let own = self.items().filter(|(of, _)| *of == module);
        own.filter_map(|(_, item)| Some(item.item.name()?.text.clone())).collect()
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn catalogue(&self) -> &TagCatalogue {
        &self.catalogue
    }

    fn statement(&self, id: &str) -> Option<Strength> {
        match id {
            "v1.pip.inbound.aml" => Some(Strength::Must),
            "v1.pip.cost" => Some(Strength::Should),
            "v1.pip.fact" => Some(Strength::Info),
            _ => None,
        }
    }

    fn statements(&self) -> Vec<SmolStr> {
        ["v1.pip.inbound.aml", "v1.pip.cost", "v1.pip.fact"].map(SmolStr::new_static).to_vec()
    }

    fn declaration(&self, _: &DefName) -> Option<NodeRef> {
        None
    }
}

impl TypeNames for Program {
    fn find(&self, words: &[&str]) -> Option<TypeDef> {
        let found = match words {
            [name] => Scope::word(self, name)?,
            ["network", name] => self.member("azure.network", name)?,
            _ => return None,
        };
        match found {
            Binding::Type(def) => Some(def),
            _ => None,
        }
    }

    fn is_entity(&self, record: RecordId) -> bool {
        self.schema.records[record.0 as usize].entity
    }

    fn has_none_variant(&self, enumeration: EnumId) -> bool {
        self.schema.enums[enumeration.0 as usize].variants.iter().any(|v| v.name == "none")
    }

    fn all(&self) -> Vec<SmolStr> {
        self.schema.by_name.keys().map(|def| def.name.clone()).collect()
    }
}
