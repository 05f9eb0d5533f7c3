//! A pack's `when T` that is about none of the pack's rules: they run where the pack's author meant them not to.

use palisade_syntax::ast::ItemKind;

use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::ir::{Pack, PackCondition};
use crate::names::{DefName, NodeRef};
use crate::policy::items::find_item;
use crate::policy::lower::{find as find_rule, rule};
use crate::policy::packs::packs;
use crate::policy::schema::schema;
use crate::problem::Problem;
use crate::types::RecordId;

const CODE: &str = "pack-condition";

pub(super) const LINT: Lint = Lint {
    codes: &[(
        CODE,
        "a pack's `when` about a type that no rule of the pack is about or refers to, so that it chooses nothing",
    )],
    find: Find::Program(find),
};

fn find(db: &dyn Db, program: Program) -> Vec<Problem> {
    packs(db, program).value.values().flat_map(|pack| of_pack(db, program, pack)).collect()
}

/// A pack's own conditions stand before those of the packs that it includes.
fn of_pack(db: &dyn Db, program: Program, pack: &Pack) -> Vec<Problem> {
    let Some(item) = find_item(db, &pack.item) else { return Vec::new() };
    let ItemKind::Pack(written) = &item.ast(db).kind else { return Vec::new() };
    let own = written.conditions.iter().zip(&pack.conditions).enumerate();
    let idle = own.filter(|(number, (_, condition))| !chooses(db, program, pack, *number, condition));
    idle.map(|(_, (condition, _))| {
        let name = condition.ty.dotted();
        let message = format!(
            "no rule of the pack `{}` is about a `{name}` or refers to one, so this chooses nothing",
            pack.name
        );
        let help = "name the type that its rules are about, or include the rules that are meant";
        Problem::error(CODE, message, NodeRef { item: pack.item.clone(), node: condition.ty.id }).help(help)
    })
    .collect()
}

fn chooses(db: &dyn Db, program: Program, pack: &Pack, number: usize, condition: &PackCondition) -> bool {
    let schema = &schema(db, program).value;
    let under = pack.rules.iter().filter(|packed| packed.conditions.contains(&number));
    under
        .filter_map(|packed| subject(db, program, &packed.rule))
        .any(|subject| subject == condition.record || schema.reference_to(subject, condition.record).is_some())
}

fn subject(db: &dyn Db, program: Program, name: &DefName) -> Option<RecordId> {
    let lowered = rule(db, program, find_rule(db, program, name)?).as_ref()?;
    lowered.value.params.first().map(|(_, record)| *record)
}
