//! Pages of rules: what a rule asks, why, an environment that breaks it and one that keeps it, and how to mend it.
//!
//! A page is made from what is there anyway: the rule's clauses and documentation (`clauses`), the statements that it
//! cites, its tests (`examples`), the mends written in documentation (`mends`), and what it wants open (`traffic`). So a
//! page is never older than its rule.

mod clauses;
mod examples;
mod mends;
mod traffic;

use palisade_source::report::{Reason, RulePage};

use crate::check::finding::citation;
use crate::inputs::{Db, Program};
use crate::ir::{Require, Rule, Step, StepKind};
use crate::listing::{all_cites, rule_info};
use crate::policy::items::PolicyItem;
use crate::policy::lower::{rule, rule_items};
use crate::policy::sources::{find_statement, strength_word};
use crate::testing::Environments;

/// The pages of these rules, or of all, by id.
pub fn pages(db: &dyn Db, program: Program, of: Option<&str>) -> Vec<RulePage> {
    let tests = examples::Tests::gather(db, program);
    let environments = Environments::default();
    let items = rule_items(db, program).into_iter();
    let wanted = items.filter(|(name, _)| of.is_none_or(|of| name.to_string() == of));
    wanted.filter_map(|(_, item)| page(db, program, item, &tests, &environments)).collect()
}

fn page<'db>(
    db: &'db dyn Db,
    program: Program,
    item: PolicyItem<'db>,
    tests: &examples::Tests<'db>,
    environments: &Environments,
) -> Option<RulePage> {
    let lowered = &rule(db, program, item).as_ref()?.value;
    let (failing, passing) = tests.of(lowered, environments);
    let schema = &crate::policy::schema::schema(db, program).value;
    Some(RulePage {
        rule: rule_info(db, program, item, None)?,
        parameters: lowered
            .params
            .iter()
            .filter_map(|(name, record)| Some((name.to_string(), schema.record(*record)?.name.name.to_string())))
            .collect(),
        clauses: clauses::clauses(db, &lowered.item, &lowered.steps),
        words: clauses::words(db, program, &lowered.steps),
        reasons: reasons(db, program, lowered),
        failing,
        passing,
        mends: mends::of_rule(db, program, item, lowered),
        opens: traffic::opens(db, program, &lowered.steps),
    })
}

fn reasons(db: &dyn Db, program: Program, rule: &Rule) -> Vec<Reason> {
    let reason = |id: &smol_str::SmolStr| {
        let strength = strength_word(find_statement(db, program, id)?.1.strength);
        Some(Reason { citation: citation(db, program, id)?, strength })
    };
    all_cites(db, program, rule).iter().filter_map(reason).collect()
}

/// The requirements of some steps and of those inside them.
fn requires(steps: &[Step]) -> Vec<&Require> {
    let mut all = Vec::new();
    for step in steps {
        match &step.kind {
            StepKind::Require(require) => all.push(require),
            StepKind::For { steps, .. } => all.extend(requires(steps)),
            _ => {}
        }
    }
    all
}
