//! Two documents, statement by statement: a statement of one edition answers to that of the other which has the same path.

use std::collections::{BTreeMap, BTreeSet};

use palisade_source::report::{Citation, DiffFate, StatementChange, StatementSide};

use crate::ir::{Source, Statement};
use crate::policy::sources::strength_word;

/// What became of the statements of a document.
pub(super) fn changes(old: &Source, new: &Source) -> Vec<StatementChange> {
    let (before, after) = (by_path(old), by_path(new));
    let paths: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let mut all: Vec<StatementChange> =
        paths.into_iter().map(|path| change(path, (old, before.get(path)), (new, after.get(path)))).collect();
    all.sort_by_key(|one| one.fate);
    all
}

fn by_path(source: &Source) -> BTreeMap<&str, &Statement> {
    let path = |id: &'_ str| id.find('.').map(|dot| dot + 1);
    source.statements.iter().filter_map(|one| Some((one.id.get(path(&one.id)?..)?, one))).collect()
}

type Found<'a> = (&'a Source, Option<&'a &'a Statement>);

fn change(path: &str, (old, was): Found<'_>, (new, now): Found<'_>) -> StatementChange {
    let mut differs = Vec::new();
    let fate = match (was, now) {
        (Some(was), Some(now)) => {
            let mut note = |same: bool, what| differs.extend((!same).then_some(what));
            note(was.strength == now.strength, "strength");
            note(was.text == now.text, "text");
            note(was.section == now.section, "section");
            if differs.is_empty() { DiffFate::Kept } else { DiffFate::Changed }
        }
        (Some(_), None) => DiffFate::Dropped,
        _ => DiffFate::Added,
    };
    let was = was.map(|one| side(old, one));
    let now = now.map(|one| side(new, one));
    StatementChange { fate, path: path.to_owned(), differs, was, now }
}

fn side(source: &Source, statement: &Statement) -> StatementSide {
    StatementSide {
        strength: strength_word(statement.strength),
        citation: Citation {
            id: statement.id.to_string(),
            statement: statement.text.to_string(),
            title: source.title.to_string(),
            section: statement.section.to_string(),
            url: source.url.to_string(),
            edition: source.edition.to_string(),
        },
    }
}
