//! Sources: the documents and their statements.

use std::collections::BTreeMap;

use palisade_syntax::ast::{self, ItemKind, Strength};
use smol_str::SmolStr;

use super::items::{PolicyItem, find_item};
use super::modules::{modules, name_of};
use super::scope::Lowered;
use crate::dates::parse_date;
use crate::inputs::{Db, Program};
use crate::ir;
use crate::names::{ItemKey, ItemTag, NodeRef};
use crate::problem::Problem;

/// Reads a source.
#[salsa::tracked(returns(ref))]
pub fn source<'db>(db: &'db dyn Db, item: PolicyItem<'db>) -> Lowered<ir::Source> {
    let key = item.key(db);
    let mut problems = Vec::new();
    let ItemKind::Source(source) = &item.ast(db).kind else {
        return Lowered { value: empty(key), problems };
    };
    let mut missing = |what: &str, example: &str| {
        let at = NodeRef { item: key.clone(), node: source.name.id };
        let message = format!("the source `{}` has no `{what}`", source.name.text);
        problems.push(Problem::error("incomplete-source", message, at).help(format!("add `{what} {example}`")));
        SmolStr::default()
    };
    let text = |plain: &ast::PlainText| plain.text.clone();
    let title = source.title.as_ref().map_or_else(|| missing("title", "\"…\""), text);
    let url = source.url.as_ref().map_or_else(|| missing("url", "\"https://…\""), text);
    let edition = source.edition.as_ref().map(|e| e.text.clone());
    let edition = edition.unwrap_or_else(|| missing("edition", "2024-07-26"));
    let invalid = |edition: &ast::Ident| invalid_edition(edition, NodeRef { item: key.clone(), node: edition.id });
    problems.extend(source.edition.as_ref().and_then(invalid));
    let statements = statements(key, source, &mut problems);
    let value = ir::Source { name: source.name.text.clone(), title, edition, url, statements };
    Lowered { value, problems }
}

/// An edition is a day of the calendar.
pub(super) fn invalid_edition(edition: &ast::Ident, at: NodeRef) -> Option<Problem> {
    let message = format!("the edition `{}` is not a date", edition.text);
    let help = "write the day of the document's edition, such as `2024-07-26`";
    parse_date(&edition.text).is_none().then(|| Problem::error("invalid-edition", message, at).help(help))
}

fn empty(key: &ItemKey) -> ir::Source {
    let none = SmolStr::default();
    ir::Source { name: key.name.clone(), title: none.clone(), edition: none.clone(), url: none, statements: Vec::new() }
}

fn statements(key: &ItemKey, source: &ast::Source, problems: &mut Vec<Problem>) -> Vec<ir::Statement> {
    let mut seen: BTreeMap<SmolStr, ast::NodeId> = BTreeMap::new();
    let mut all = Vec::new();
    for section in &source.sections {
        for statement in &section.statements {
            let id: SmolStr = format!("{}.{}", source.name.text, statement.path.dotted()).into();
            let at = |node| NodeRef { item: key.clone(), node };
            if let Some(first) = seen.insert(id.clone(), statement.path.id) {
                let message = format!("the statement `{id}` stands twice in this source");
                problems.push(
                    Problem::error("duplicate-statement", message, at(statement.path.id))
                        .related(at(first), "first here")
                        .help("give one of them another id"),
                );
            }
            all.push(ir::Statement {
                id,
                section: section.title.text.clone(),
                strength: statement.strength,
                text: statement.text.text.clone(),
                unchecked: statement.unchecked.as_ref().map(|u| u.text.clone()),
                node: statement.path.id,
            });
        }
    }
    all
}

/// Every source item of a program, by name of module.
pub fn source_items(db: &dyn Db, program: Program) -> Vec<PolicyItem<'_>> {
    let all = modules(db, program).value.all();
    all.filter(|(_, key)| key.kind == ItemTag::Source).filter_map(|(_, key)| find_item(db, key)).collect()
}

/// The statements of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementIndex {
    /// How strong each is.
    pub strengths: BTreeMap<SmolStr, Strength>,
    /// Which source item holds it.
    pub sources: BTreeMap<SmolStr, ItemKey>,
}

/// Finds the statements of all sources by id.
#[salsa::tracked(returns(ref))]
pub fn statement_index(db: &dyn Db, program: Program) -> Lowered<StatementIndex> {
    let mut index = StatementIndex::default();
    let mut problems = Vec::new();
    for item in source_items(db, program) {
        let key = item.key(db);
        problems.extend(misplaced(db, program, key));
        for statement in &source(db, item).value.statements {
            index.strengths.insert(statement.id.clone(), statement.strength);
            if let Some(other) = index.sources.insert(statement.id.clone(), key.clone())
                && other != *key
            {
                let at = NodeRef { item: key.clone(), node: statement.node };
                let message = format!("the statement `{}` stands in another source of the same name too", statement.id);
                problems.push(Problem::error("duplicate-statement", message, at).help("give one of them another id"));
            }
        }
    }
    Lowered { value: index, problems }
}

/// A source has a module of its own, by which whoever reads an id finds it.
fn misplaced(db: &dyn Db, program: Program, key: &ItemKey) -> Option<Problem> {
    let (module, wanted) = (modules(db, program).value.of_file(key.file), format!("sources.{}", key.name));
    let message = format!("the source `{}` stands in the module `{module}`, and its place is `{wanted}`", key.name);
    let help = format!("move it to `sources/{}.pal`", key.name);
    (module != wanted).then(|| Problem::error("misplaced-source", message, name_of(db, key)).help(help))
}

/// A statement with its source, by id.
pub fn find_statement<'db>(
    db: &'db dyn Db,
    program: Program,
    id: &str,
) -> Option<(&'db ir::Source, &'db ir::Statement)> {
    let key = statement_index(db, program).value.sources.get(id)?;
    let source = &source(db, find_item(db, key)?).value;
    let statement = source.statements.iter().find(|s| s.id == id)?;
    Some((source, statement))
}

/// `must`, `must_not`, ….
pub fn strength_word(strength: Strength) -> &'static str {
    match strength {
        Strength::Must => "must",
        Strength::MustNot => "must_not",
        Strength::Should => "should",
        Strength::May => "may",
        Strength::Info => "info",
    }
}
