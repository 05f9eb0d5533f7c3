//! Packs: which rules belong together, and for which resources.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use palisade_syntax::ast::{self, Include, ItemKind};
use smol_str::SmolStr;

use super::docs::split_doc;
use super::infer::{self, Context};
use super::items::{PolicyItem, find_item};
use super::lower::{rule, rule_items};
use super::modules::{Modules, modules, name_of};
use super::program_scope::{ProgramScope, find_target};
use super::scope::Lowered;
use super::sources::invalid_edition;
use crate::inputs::{Db, Program};
use crate::ir::{Pack, PackCondition, PackedRule};
use crate::names::{DefName, ItemKey, ItemTag, NodeRef};
use crate::problem::Problem;
use crate::suggest;

/// The packs of a program by name.
#[salsa::tracked(returns(ref))]
pub fn packs(db: &dyn Db, program: Program) -> Lowered<BTreeMap<SmolStr, Pack>> {
    let mut reader = Reader { db, program, problems: Vec::new(), items: BTreeMap::new() };
    reader.collect();
    let replaced = reader.replacements();
    let mut all = BTreeMap::new();
    for (name, key) in reader.items.clone() {
        if let Some(pack) = reader.pack(&key, &replaced) {
            all.insert(name, pack);
        }
    }
    Lowered { value: all, problems: reader.problems }
}

/// What a pack and the packs that it includes hold.
#[derive(Default)]
struct Gathered {
    conditions: Vec<Arc<PackCondition>>,
    rules: Vec<PackedRule>,
    /// The packs that are being read.
    open: BTreeSet<SmolStr>,
}

struct Reader<'db> {
    db: &'db dyn Db,
    program: Program,
    problems: Vec<Problem>,
    items: BTreeMap<SmolStr, ItemKey>,
}

impl<'db> Reader<'db> {
    fn modules(&self) -> &'db Modules {
        &modules(self.db, self.program).value
    }

    /// Pack names are global.
    fn collect(&mut self) {
        for (name, key) in self.modules().all().filter(|(_, key)| key.kind == ItemTag::Pack) {
            let at = name_of(self.db, key);
            if let Some(first) = self.items.get(&name.name) {
                let message = format!("there are two packs `{}`", name.name);
                let first = name_of(self.db, first);
                let problem = Problem::error("duplicate-pack", message, at).related(first, "the first is here");
                self.problems.push(problem.help("rename one of them"));
                continue;
            }
            if self.modules().is_module(&name.name) {
                let message = format!("the pack `{}` has the name of a module", name.name);
                self.problems.push(Problem::error("duplicate-pack", message, at).help("rename the pack"));
            }
            self.items.insert(name.name, key.clone());
        }
    }

    /// Which rule takes the place of which.
    fn replacements(&mut self) -> BTreeMap<DefName, DefName> {
        let mut by_old: BTreeMap<DefName, (DefName, NodeRef)> = BTreeMap::new();
        for (new, item) in rule_items(self.db, self.program) {
            let ItemKind::Rule(written) = &item.ast(self.db).kind else { continue };
            let Some(path) = &written.replaces else { continue };
            let at = NodeRef { item: item.key(self.db).clone(), node: path.id };
            let Some(old) = self.replaced_rule(&new, item, path, &at) else { continue };
            if let Some((_, first)) = by_old.get(&old) {
                let message = format!("two rules replace `{old}`");
                let problem = Problem::error("replaced-twice", message, at).related(first.clone(), "the other");
                self.problems.push(problem.help("let one of them replace the other, or remove one"));
                continue;
            }
            by_old.insert(old, (new, at));
        }
        self.replacement_cycles(&by_old);
        by_old.into_iter().map(|(old, (new, _))| (old, new)).collect()
    }

    /// A rule that replaces itself, or its own replacement, would never stand for anything.
    fn replacement_cycles(&mut self, by_old: &BTreeMap<DefName, (DefName, NodeRef)>) {
        let mut seen: BTreeSet<&DefName> = BTreeSet::new();
        for (start, (_, at)) in by_old {
            let mut circle = vec![start];
            let mut here = start;
            while let Some((new, _)) = by_old.get(here).filter(|_| seen.insert(here)) {
                circle.push(new);
                here = new;
            }
            if circle.len() > 1 && here == start {
                let names: Vec<String> = circle.iter().map(ToString::to_string).collect();
                let message = format!("`{start}` is replaced by itself: {}", names.join(" → "));
                let help = "break the circle: a rule takes the place of another";
                self.problems.push(Problem::error("cycle", message, at.clone()).help(help));
            }
        }
    }

    fn replaced_rule(
        &mut self,
        new: &DefName,
        new_item: PolicyItem<'db>,
        path: &ast::Path,
        at: &NodeRef,
    ) -> Option<DefName> {
        let lowered = |item| rule(self.db, self.program, item).as_ref().map(|lowered| &lowered.value);
        let Some(old) = lowered(new_item)?.replaces.clone() else {
            self.unknown_replaced(path, at);
            return None;
        };
        let old_item = super::lower::find(self.db, self.program, &old)?;
        let params = |item| lowered(item).map(|rule| types(&rule.params));
        if params(new_item) != params(old_item) {
            let message = format!("`{new}` replaces `{old}`, but their parameters have other types");
            let old_at = name_of(self.db, old_item.key(self.db));
            let problem =
                Problem::error("replaced-parameters", message, at.clone()).related(old_at, "the replaced rule");
            self.problems
                .push(problem.help("give it the same types in the same order, or another name without `replaces`"));
            return None;
        }
        Some(old)
    }

    /// Something else of that name is reported where the rule is read.
    fn unknown_replaced(&mut self, path: &ast::Path, at: &NodeRef) {
        let words: Vec<&str> = path.segments.iter().map(|s| s.text.as_str()).collect();
        let dotted = path.dotted();
        let full = dotted.rsplit_once('.').and_then(|(module, name)| self.modules().item(module, name));
        if full.is_some() || find_target(self.db, self.program, at.item.file, &words).is_some() {
            return;
        }
        let names: Vec<String> = rule_items(self.db, self.program).iter().map(|(n, _)| n.to_string()).collect();
        let near = suggest::nearest(&dotted, names.iter().map(String::as_str));
        let message = format!("there is no rule `{dotted}` to replace");
        let problem = Problem::error("unknown-rule", message, at.clone());
        self.problems.push(problem.meant(near, "write the rule's full name, as `palisade rules` lists it"));
    }

    fn full_rule_name(&self, dotted: &str) -> Option<(DefName, PolicyItem<'db>)> {
        let (module, name) = dotted.rsplit_once('.')?;
        let key = self.modules().item(module, name)?;
        let item = find_item(self.db, key)?;
        (key.kind == ItemTag::Rule).then(|| (DefName::new(module, name), item))
    }

    fn pack(&mut self, key: &ItemKey, replaced: &BTreeMap<DefName, DefName>) -> Option<Pack> {
        let item = find_item(self.db, key)?;
        let ItemKind::Pack(written) = &item.ast(self.db).kind else { return None };
        let mut gathered = Gathered::default();
        self.gather(key, written, &[], &mut gathered);
        let Gathered { mut rules, conditions, .. } = gathered;
        for packed in &mut rules {
            // The replacement may be replaced in turn; a circle is reported, and here it only has to end.
            for _ in 0..replaced.len() {
                let Some(new) = replaced.get(&packed.rule) else { break };
                packed.rule = new.clone();
            }
        }
        rules.sort_by(|a, b| a.rule.cmp(&b.rule));
        rules.dedup();
        let (title, documentation) = split_doc(item.ast(self.db).doc.as_deref(), &written.name.text);
        Some(Pack {
            item: key.clone(),
            name: written.name.text.clone(),
            title,
            documentation,
            status: self.status(key, written),
            edition: self.edition(key, written),
            conditions,
            rules,
        })
    }

    fn status(&mut self, key: &ItemKey, written: &ast::Pack) -> SmolStr {
        let known = ["stable", "preview", "deprecated"];
        let Some(status) = &written.status else {
            let at = NodeRef { item: key.clone(), node: written.name.id };
            let message = format!("the pack `{}` has no `status`", written.name.text);
            self.problems.push(Problem::error("pack-status", message, at).help("add `status stable`"));
            return SmolStr::default();
        };
        if !known.contains(&status.text.as_str()) {
            let at = NodeRef { item: key.clone(), node: status.id };
            let message = format!("`{}` is not a status of a pack: `stable`, `preview` or `deprecated`", status.text);
            let near = suggest::nearest(&status.text, known);
            let otherwise = "write `stable` for what runs without being named, else `preview` or `deprecated`";
            self.problems.push(Problem::error("pack-status", message, at).meant(near, otherwise));
        }
        status.text.clone()
    }

    fn edition(&mut self, key: &ItemKey, written: &ast::Pack) -> SmolStr {
        let Some(edition) = &written.edition else { return SmolStr::default() };
        let at = NodeRef { item: key.clone(), node: edition.id };
        self.problems.extend(invalid_edition(edition, at));
        edition.text.clone()
    }

    /// Adds the rules of a pack, under the conditions of the packs that include it.
    fn gather(&mut self, key: &ItemKey, written: &ast::Pack, outer: &[usize], gathered: &mut Gathered) {
        if !gathered.open.insert(written.name.text.clone()) {
            let at = NodeRef { item: key.clone(), node: written.name.id };
            let message = format!("the pack `{}` includes itself", written.name.text);
            self.problems.push(Problem::error("cycle", message, at).help("break the circle of `include pack`s"));
            return;
        }
        let mut conditions = outer.to_vec();
        for condition in self.conditions(key, written) {
            conditions.push(gathered.conditions.len());
            gathered.conditions.push(condition);
        }
        for include in &written.includes {
            match include {
                Include::Module(path) => self.include_module(key, path, &conditions, gathered),
                Include::Pack(name) => self.include_pack(key, name, &conditions, gathered),
            }
        }
        gathered.open.remove(&written.name.text);
    }

    fn conditions(&mut self, key: &ItemKey, written: &ast::Pack) -> Vec<Arc<PackCondition>> {
        let scope = ProgramScope::new(self.db, self.program, key.file);
        let module = self.modules().of_file(key.file);
        let context = Context { scope: &scope, item: key, module: &module };
        let mut all = Vec::new();
        for condition in &written.conditions {
            let lowered = infer::pack_condition(&context, condition);
            self.problems.extend(lowered.problems);
            all.extend(lowered.value.map(Arc::new));
        }
        all
    }

    fn include_module(&mut self, key: &ItemKey, path: &ast::Path, conditions: &[usize], gathered: &mut Gathered) {
        let dotted = path.dotted();
        let at = NodeRef { item: key.clone(), node: path.id };
        if let Some((name, _)) = self.full_rule_name(&dotted) {
            gathered.rules.push(PackedRule { rule: name, conditions: conditions.to_vec() });
            return;
        }
        let modules = self.modules();
        if !modules.is_module(&dotted) {
            let rules: Vec<String> =
                rule_items(self.db, self.program).iter().map(|(name, _)| name.to_string()).collect();
            let names = modules.by_name.keys().map(SmolStr::as_str).chain(rules.iter().map(String::as_str));
            let near = suggest::nearest(&dotted, names);
            let message = format!("there is no module or rule `{dotted}` to include");
            let otherwise = "a module is the path of its file under the policies' folder, with dots and without `.pal`";
            self.problems.push(Problem::error("unknown-module", message, at).meant(near, otherwise));
            return;
        }
        let before = gathered.rules.len();
        for (module, content) in modules.below(&dotted) {
            for (name, _) in content.own.iter().filter(|(_, key)| key.kind == ItemTag::Rule) {
                let rule = DefName::new(module.clone(), name.clone());
                gathered.rules.push(PackedRule { rule, conditions: conditions.to_vec() });
            }
        }
        if gathered.rules.len() == before {
            let message = format!("`include {dotted}` adds no rule: there is none in that module or below");
            let help = "include a module that declares rules, or remove it";
            self.problems.push(Problem::error("empty-include", message, at).help(help));
        }
    }

    fn include_pack(&mut self, key: &ItemKey, name: &ast::Ident, conditions: &[usize], gathered: &mut Gathered) {
        let Some(inner) = self.items.get(&name.text).cloned() else {
            let near = suggest::nearest(&name.text, self.items.keys().map(SmolStr::as_str));
            let at = NodeRef { item: key.clone(), node: name.id };
            let message = format!("there is no pack `{}`", name.text);
            self.problems
                .push(Problem::error("unknown-pack", message, at).meant(near, "`palisade rules` lists the packs"));
            return;
        };
        let Some(item) = find_item(self.db, &inner) else { return };
        if let ItemKind::Pack(written) = &item.ast(self.db).kind {
            self.gather(&inner, written, conditions, gathered);
        }
    }
}

fn types(params: &[(SmolStr, crate::types::RecordId)]) -> Vec<crate::types::RecordId> {
    params.iter().map(|(_, ty)| *ty).collect()
}
