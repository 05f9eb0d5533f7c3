//! An item with edits, read and checked by itself.

use palisade_source::Severity;
use palisade_syntax::ast::ItemKind;

use super::edited;
use super::sites::Edit;
use crate::evaluate::queries::Changed;
use crate::inputs::{Db, Program};
use crate::names::{DefName, NodeRef};
use crate::policy::infer;
use crate::policy::items::{PolicyItem, locate};
use crate::policy::lower::with_context;
use crate::policy::scope::Lowered;

/// The item as it is with the edits; `None` if it is no longer one item of its kind without errors.
pub(super) fn compile(
    db: &dyn Db,
    program: Program,
    item: PolicyItem<'_>,
    name: &DefName,
    edits: &[Edit],
) -> Option<Changed> {
    let key = item.key(db);
    let range = locate(db, &NodeRef { item: key.clone(), node: item.ast(db).id }).range;
    let text = key.file.text(db).get(std::ops::Range::<usize>::from(range))?;
    let parsed = palisade_syntax::parse(&edited(text, usize::from(range.start()), edits));
    let [changed] = parsed.items.as_slice() else { return None };
    if !parsed.errors.is_empty() {
        return None;
    }
    with_context(db, program, key, |context| {
        Some(match &changed.item.kind {
            ItemKind::Rule(rule) => {
                Changed::Rule(Box::new(sound(infer::rule(context, item.ast(db).doc.as_deref(), rule))?))
            }
            ItemKind::Function(function) => {
                Changed::Function(name.clone(), Box::new(sound(infer::function(context, function))?))
            }
            ItemKind::Const(constant) => {
                Changed::Const(name.clone(), Box::new(sound(infer::constant(context, constant))?))
            }
            ItemKind::Traffic(table) => {
                Changed::Traffic(name.clone(), Box::new(sound(infer::traffic(context, table))?))
            }
            _ => return None,
        })
    })
}

/// The value, if nothing was at fault.
fn sound<T>(lowered: Lowered<T>) -> Option<T> {
    let faulty = lowered.problems.iter().any(|problem| problem.severity == Severity::Error);
    (!faulty).then_some(lowered.value)
}
