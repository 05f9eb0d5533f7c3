//! Names in another style than the language's: `Types` begin with a capital, everything else is `small_with_underscores`.

use palisade_syntax::ast::{self, Clause, ClauseKind, Field, Ident, ItemKind, NodeId, Param};

use super::{Find, Lint, mentions};
use crate::inputs::{Db, Program};
use crate::names::NodeRef;
use crate::policy::items::PolicyItem;
use crate::problem::{Change, Problem, Repair};

const CODE: &str = "name-style";

pub(super) const LINT: Lint = Lint {
    codes: &[(CODE, "a type that is not written `LikeThis`, or another name that is not written `like_this`")],
    find: Find::Item(find),
};

fn find(db: &dyn Db, _: Program, item: PolicyItem<'_>, tree: &ast::Item) -> Vec<Problem> {
    let is_type = matches!(tree.kind, ItemKind::Record(_) | ItemKind::Entity(_) | ItemKind::Enum(_));
    let at = |node| NodeRef { item: item.key(db).clone(), node };
    let own = tree.name().filter(|name| is_type && !is_capitalized(&name.text));
    let own = own.map(|name| (name, "a type begins with a capital and has no underscore", capitalized(&name.text)));
    let others = small_names(tree).into_iter().chain(tree.name().filter(|_| !is_type));
    let others = others.filter(|name| !is_small(&name.text));
    let others = others.map(|name| (name, "this name has small letters and underscores", small(&name.text)));
    let problem = |(name, rule, better): (&Ident, &str, String)| {
        let message = format!("`{}` is not in the language's style: {rule}", name.text);
        let problem = Problem::info(CODE, message, at(name.id)).help(format!("write `{better}`"));
        match renamed(tree, name, &better) {
            Some(nodes) => {
                let changes = nodes.into_iter().map(|node| Change::Write(at(node), better.clone())).collect();
                let title = format!("rename `{}` to `{better}`", name.text);
                problem.repair(Repair { title, safe: true, changes })
            }
            None => problem,
        }
    };
    own.into_iter().chain(others).map(problem).collect()
}

/// Where an item's own variable is written, if the item can be given the better name: fields, variants and items are
/// written elsewhere too.
fn renamed(tree: &ast::Item, name: &Ident, better: &str) -> Option<Vec<NodeId>> {
    let variables = variables(tree);
    let words = mentions::words(tree);
    let is_own = variables.iter().any(|variable| variable.id == name.id);
    let mut texts = variables.iter().map(|variable| &variable.text).chain(words.iter().map(|(text, _)| *text));
    if !is_own || texts.any(|text| *text == *better) {
        return None;
    }
    let declared = variables.iter().filter(|variable| variable.text == name.text).map(|variable| variable.id);
    let used = words.iter().filter(|(text, _)| **text == name.text).map(|(_, node)| *node);
    Some(declared.chain(used).collect())
}

/// The names that an item declares inside. Fields and variants are the keys and words of YAML files.
fn small_names(tree: &ast::Item) -> Vec<&Ident> {
    match &tree.kind {
        ItemKind::Record(record) | ItemKind::Entity(record) => fields(&record.fields),
        ItemKind::Enum(declared) => declared.variants.iter().map(|variant| &variant.name).collect(),
        ItemKind::Environment(declared) => fields(&declared.fields),
        ItemKind::Extend(extend) => fields(&extend.fields),
        _ => variables(tree),
    }
}

/// The parameters and other variables of an item, but for those of quantifiers.
fn variables(tree: &ast::Item) -> Vec<&Ident> {
    match &tree.kind {
        ItemKind::Function(function) => params(&function.params),
        ItemKind::Traffic(traffic) => params(&traffic.params),
        ItemKind::Rule(rule) => params(&rule.params).into_iter().chain(locals(&rule.clauses)).collect(),
        _ => Vec::new(),
    }
}

fn params(params: &[Param]) -> Vec<&Ident> {
    params.iter().map(|param| &param.name).collect()
}

fn fields(fields: &[Field]) -> Vec<&Ident> {
    fields.iter().map(|field| &field.name).collect()
}

fn locals(clauses: &[Clause]) -> Vec<&Ident> {
    let mut names = Vec::new();
    for clause in clauses {
        match &clause.kind {
            ClauseKind::Let { name, .. } => names.push(name),
            ClauseKind::For { variable, clauses, .. } => {
                names.push(variable);
                names.extend(locals(clauses));
            }
            _ => {}
        }
    }
    names
}

fn is_small(name: &str) -> bool {
    !name.chars().any(char::is_uppercase)
}

fn is_capitalized(name: &str) -> bool {
    !name.contains('_') && name.chars().next().is_some_and(char::is_uppercase)
}

/// `publicIP` → `public_ip`
fn small(name: &str) -> String {
    let mut written = String::new();
    let mut before: Option<char> = None;
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_some_and(|before| before != '_' && !before.is_uppercase()) {
            written.push('_');
        }
        written.extend(letter.to_lowercase());
        before = Some(letter);
    }
    written
}

/// `key_vault` → `KeyVault`
fn capitalized(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::{capitalized, small};

    #[test]
    fn a_name_is_offered_in_the_style_of_its_kind() {
        assert_eq!(small("publicIP"), "public_ip");
        assert_eq!(small("Deny_All"), "deny_all");
        assert_eq!(capitalized("key_vault"), "KeyVault");
        assert_eq!(capitalized("subnet"), "Subnet");
    }
}
