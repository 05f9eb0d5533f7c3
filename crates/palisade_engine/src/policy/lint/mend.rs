//! Blocks of documentation that no page would show as they are meant: not closed, or in a language that is none.

use palisade_source::report::Mend;
use palisade_syntax::ast::{self, ItemKind};

use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::names::NodeRef;
use crate::policy::docs::{blocks_are_closed, mends};
use crate::policy::items::PolicyItem;
use crate::problem::Problem;
use crate::suggest;

const CODE: &str = "mend-block";

pub(super) const LINT: Lint = Lint {
    codes: &[(CODE, "a block of documentation that is not closed, or in a language that no mend is written in")],
    find: Find::Item(find),
};

fn find(db: &dyn Db, _: Program, item: PolicyItem<'_>, tree: &ast::Item) -> Vec<Problem> {
    let at = |node| NodeRef { item: item.key(db).clone(), node };
    let documented = documented(tree);
    documented.into_iter().flat_map(|(name, doc)| faults(&name.text, doc, &at(name.id))).collect()
}

/// What of an item has documentation in which mends may stand: the item itself, and its fields.
fn documented(tree: &ast::Item) -> Vec<(&ast::Ident, &str)> {
    let fields: &[ast::Field] = match &tree.kind {
        ItemKind::Record(record) | ItemKind::Entity(record) => &record.fields,
        _ => &[],
    };
    let own = tree.name().zip(tree.doc.as_deref());
    own.into_iter().chain(fields.iter().filter_map(|field| Some((&field.name, field.doc.as_deref()?)))).collect()
}

fn faults(name: &str, doc: &str, at: &NodeRef) -> Vec<Problem> {
    let mut found = Vec::new();
    if !blocks_are_closed(doc) {
        let message = format!("a block in the documentation of `{name}` is not closed");
        found.push(Problem::info(CODE, message, at.clone()).help("end it with ``` on a line of its own"));
    }
    for Mend { language, .. } in mends(doc) {
        if !Mend::LANGUAGES.contains(&language.as_str()) {
            let near = suggest::did_you_mean(suggest::nearest(&language, Mend::LANGUAGES));
            let help = near.unwrap_or_else(|| format!("write ```{}", Mend::LANGUAGES.join(" or ```")));
            let message = format!("a block in the documentation of `{name}` is in `{language}`, which no mend is");
            found.push(Problem::info(CODE, message, at.clone()).help(help));
        }
    }
    found
}
