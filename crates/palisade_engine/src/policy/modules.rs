//! Modules and imports: which name stands for which item.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use palisade_source::File;
use palisade_syntax::ast::{Import, ImportNames, ItemKind, NodeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::items::{FileItems, file_items, find_item};
use super::scope::Lowered;
use crate::inputs::{Db, Program};
use crate::names::{DefName, ItemKey, ItemTag, NodeRef};
use crate::problem::Problem;
use crate::suggest;

/// The modules of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modules {
    /// By name.
    pub by_name: BTreeMap<SmolStr, Module>,
    by_file: FxHashMap<File, SmolStr>,
}

/// A module: one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its file.
    pub file: File,
    /// Its own named items. Types, values, rules, packs, … share one space of names.
    pub own: BTreeMap<SmolStr, ItemKey>,
}

/// What a word of a module stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An item.
    Item(DefName, ItemKey),
    /// A module, or a prefix of modules.
    Module(SmolStr),
}

impl Modules {
    /// The item of a full name.
    pub fn item(&self, module: &str, name: &str) -> Option<&ItemKey> {
        self.by_name.get(module)?.own.get(name)
    }

    /// The name of the module in a file; empty for a file that is not of the program.
    pub fn of_file(&self, file: File) -> SmolStr {
        self.by_file.get(&file).cloned().unwrap_or_default()
    }

    /// Whether the name is a module or the beginning of one.
    pub fn is_module(&self, name: &str) -> bool {
        self.below(name).next().is_some()
    }

    /// The modules of this name and below.
    pub fn below<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a SmolStr, &'a Module)> {
        self.by_name
            .range::<str, _>((Bound::Included(name), Bound::Unbounded))
            .take_while(move |(module, _)| module.starts_with(name))
            .filter(move |(module, _)| match module.strip_prefix(name) {
                Some(rest) => rest.is_empty() || rest.starts_with('.'),
                None => false,
            })
    }

    /// Every named item, by module and name.
    pub fn all(&self) -> impl Iterator<Item = (DefName, &ItemKey)> {
        self.by_name.iter().flat_map(|(module, content)| {
            content.own.iter().map(move |(name, key)| (DefName::new(module.clone(), name.clone()), key))
        })
    }
}

/// All files of a program with their module names, the library's first.
pub fn files(db: &dyn Db, program: Program) -> Vec<(SmolStr, File)> {
    let library = program.library(db).iter().map(|file| (module_name(file.path(db), "library/"), *file));
    let root = program.policy_root(db);
    let own = program.policies(db).iter().map(|file| (module_name(file.path(db), root), *file));
    library.chain(own).collect()
}

fn module_name(path: &str, root: &str) -> SmolStr {
    let inner = path.strip_prefix(root).unwrap_or(path);
    inner.strip_suffix(".pal").unwrap_or(inner).replace('/', ".").into()
}

/// Finds the modules of a program and what they declare.
#[salsa::tracked(returns(ref))]
pub fn modules(db: &dyn Db, program: Program) -> Lowered<Modules> {
    let mut result = Modules::default();
    let mut problems = Vec::new();
    for (name, file) in files(db, program) {
        if let Some(other) = result.by_name.get(&name) {
            problems.push(twice(db, &name, file, other.file));
            continue;
        }
        let own = declarations(db, file_items(db, file), &mut problems);
        result.by_file.insert(file, name.clone());
        result.by_name.insert(name, Module { file, own });
    }
    Lowered { value: result, problems }
}

fn twice(db: &dyn Db, name: &str, file: File, other: File) -> Problem {
    let message = format!("the module `{name}` is in two places: `{}` and `{}`", other.path(db), file.path(db));
    Problem::error("duplicate-module", message, start_of(file))
        .related(start_of(other), "and here")
        .help("rename one of the files, or use `replaces` to put a rule in the place of a library rule")
}

fn start_of(file: File) -> NodeRef {
    let item = ItemKey { file, kind: ItemTag::Error, name: SmolStr::default(), ordinal: u32::MAX };
    NodeRef { item, node: NodeId(0) }
}

fn declarations(db: &dyn Db, file: &FileItems<'_>, problems: &mut Vec<Problem>) -> BTreeMap<SmolStr, ItemKey> {
    let mut own: BTreeMap<SmolStr, ItemKey> = BTreeMap::new();
    let named = |key: &&ItemKey| is_named(key.kind) && !key.name.is_empty();
    for key in file.items.iter().map(|item| item.key(db)).filter(named) {
        match own.get(&key.name) {
            None => {
                own.insert(key.name.clone(), key.clone());
            }
            Some(first) => {
                let message = format!("`{}` is declared twice in this module", key.name);
                problems.push(
                    Problem::error("duplicate-name", message, name_of(db, key))
                        .related(name_of(db, first), "first declared here")
                        .help("rename one of them"),
                );
            }
        }
    }
    own
}

fn is_named(kind: ItemTag) -> bool {
    use ItemTag::{Const, Entity, Enum, Fixture, Function, Pack, Record, Rule, Source, Traffic};
    matches!(kind, Record | Entity | Enum | Const | Function | Traffic | Source | Rule | Pack | Fixture)
}

/// The place of an item's name. Only for messages about faults: it reads the item's tree.
pub fn name_of(db: &dyn Db, key: &ItemKey) -> NodeRef {
    let node = find_item(db, key).and_then(|item| item.ast(db).name().map(|name| name.id));
    NodeRef { item: key.clone(), node: node.unwrap_or(NodeId(0)) }
}

/// The words that imports and own items give to a module.
#[salsa::tracked(returns(ref))]
pub fn module_scope(db: &dyn Db, program: Program, file: File) -> Lowered<BTreeMap<SmolStr, Target>> {
    let modules = &modules(db, program).value;
    let module = modules.of_file(file);
    let mut scope = ScopeBuilder { modules, words: BTreeMap::new(), problems: Vec::new(), imported: BTreeMap::new() };
    if let Some(content) = modules.by_name.get(&module) {
        for (name, key) in &content.own {
            let target = Target::Item(DefName::new(module.clone(), name.clone()), key.clone());
            scope.words.insert(name.clone(), target);
        }
    }
    for item in &file_items(db, file).items {
        let key = item.key(db);
        if key.kind == ItemTag::Import
            && let ItemKind::Import(import) = &item.ast(db).kind
        {
            scope.import(key, import);
        }
    }
    Lowered { value: scope.words, problems: scope.problems }
}

/// The words that a file's imports were to give to its module, and do not.
pub fn unbound(db: &dyn Db, program: Program, file: File) -> BTreeSet<SmolStr> {
    let scope = &module_scope(db, program, file).value;
    let items = file_items(db, file).items.iter();
    let imports = items.filter_map(|item| match &item.ast(db).kind {
        ItemKind::Import(import) => Some(words_of(import)),
        _ => None,
    });
    imports.flatten().filter(|word| !scope.contains_key(word)).collect()
}

fn words_of(import: &Import) -> Vec<SmolStr> {
    match &import.names {
        ImportNames::Module(alias) => {
            alias.iter().chain(import.module.segments.last()).take(1).map(|word| word.text.clone()).collect()
        }
        ImportNames::Items(items) => {
            items.iter().map(|one| one.alias.as_ref().unwrap_or(&one.name).text.clone()).collect()
        }
    }
}

struct ScopeBuilder<'a> {
    modules: &'a Modules,
    words: BTreeMap<SmolStr, Target>,
    imported: BTreeMap<SmolStr, NodeRef>,
    problems: Vec<Problem>,
}

impl ScopeBuilder<'_> {
    fn import(&mut self, key: &ItemKey, import: &Import) {
        let module = import.module.dotted();
        let at = |node| NodeRef { item: key.clone(), node };
        if !self.modules.is_module(&module) {
            let near = suggest::nearest(&module, self.modules.by_name.keys().map(SmolStr::as_str));
            let message = format!("there is no module `{module}`");
            let otherwise = "a module is the path of its file under the policies' folder, with dots and without `.pal`";
            let problem = Problem::error("unknown-module", message, at(import.module.id));
            self.problems.push(problem.meant(near, otherwise));
            return;
        }
        match &import.names {
            ImportNames::Module(alias) => {
                let last = import.module.segments.last();
                if let Some(word) = alias.as_ref().or(last) {
                    self.bind(word.text.clone(), Target::Module(module.into()), at(word.id));
                }
            }
            ImportNames::Items(items) => {
                for one in items {
                    let word = one.alias.as_ref().unwrap_or(&one.name);
                    match self.member(&module, &one.name.text) {
                        Some(target) => self.bind(word.text.clone(), target, at(word.id)),
                        None => self.unknown_item(&module, &one.name.text, at(one.name.id)),
                    }
                }
            }
        }
    }

    fn member(&self, module: &str, name: &SmolStr) -> Option<Target> {
        if let Some(key) = self.modules.item(module, name) {
            return Some(Target::Item(DefName::new(module, name.clone()), key.clone()));
        }
        let inner = format!("{module}.{name}");
        self.modules.is_module(&inner).then(|| Target::Module(inner.into()))
    }

    fn unknown_item(&mut self, module: &str, name: &str, at: NodeRef) {
        let own = self.modules.by_name.get(module).map(|m| m.own.keys().map(SmolStr::as_str).collect::<Vec<_>>());
        let near = suggest::nearest(name, own.unwrap_or_default());
        let otherwise = "import what the module declares, or another module";
        let message = format!("the module `{module}` declares no `{name}`");
        self.problems.push(Problem::error("unknown-import", message, at).meant(near, otherwise));
    }

    fn bind(&mut self, word: SmolStr, target: Target, at: NodeRef) {
        if let Some(first) = self.imported.get(&word) {
            let message = format!("`{word}` is imported twice");
            self.problems.push(
                Problem::error("duplicate-import", message, at)
                    .related(first.clone(), "first imported here")
                    .help(format!("give one of them another name: `as other_{word}`")),
            );
            return;
        }
        if let Some(Target::Item(_, own)) = self.words.get(&word) {
            let own = NodeRef { item: own.clone(), node: NodeId(0) };
            let message = format!("the import `{word}` has the name of an item of this module");
            self.problems.push(
                Problem::error("duplicate-import", message, at)
                    .related(own, "declared here")
                    .help(format!("give the import another name: `as other_{word}`")),
            );
            return;
        }
        self.imported.insert(word.clone(), at);
        self.words.insert(word, target);
    }
}
