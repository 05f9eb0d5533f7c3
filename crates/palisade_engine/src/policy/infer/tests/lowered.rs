//! What items become, where it is not simply their own shape.

use palisade_source::Severity;

use super::program::Lowering;
use crate::ir::{ExprKind, Rule, Step, StepKind};
use crate::types::Type;

fn rule(case: &str) -> Rule {
    let program = super::program(case);
    let [(_, Lowering::Rule(rule), problems)] = &program.check()[..] else { panic!("one rule: {case}") };
    assert!(problems.is_empty(), "{}", program.show());
    rule.clone()
}

#[test]
fn severity_is_written_or_that_of_the_strongest_statement() {
    let severity = |clauses: &str| rule(&format!("{clauses}\nrequire compute.nodes is set")).severity;
    assert_eq!(severity("tags a"), Severity::Info);
    assert_eq!(severity("cites v1.pip.fact"), Severity::Info);
    assert_eq!(severity("cites v1.pip.fact, v1.pip.cost"), Severity::Warning);
    assert_eq!(severity("cites v1.pip.cost, v1.pip.inbound.aml"), Severity::Error);
    assert_eq!(severity("cites v1.pip.inbound.aml\nseverity info"), Severity::Info);
    let line = "require compute permits { inbound tcp 1 from Storage cites v1.pip.inbound.aml }";
    assert_eq!(rule(line).severity, Severity::Error, "a line of the rule counts");
    assert_eq!(rule(line).cites, Vec::<&str>::new(), "and is cited by the line alone");
}

#[test]
fn the_documentation_gives_title_and_text() {
    let case = "/// One line.\n///\n/// And more.\nrule r(compute: Compute) {\n  require compute.nodes is set\n}\n";
    let program = super::program::Program::new(case);
    let [(_, Lowering::Rule(rule), _)] = &program.check()[..] else { panic!("one rule") };
    assert_eq!((rule.title.as_str(), rule.documentation.as_str()), ("One line.", "And more."));
}

#[test]
fn parameters_are_the_first_locals_and_every_variable_has_its_own() {
    let rule = rule(
        "let a = any s in every Subnet: s.delegations == []\nlet b = any s in every Subnet: s.routes == []\nrequire a or b or compute.nodes is set",
    );
    assert_eq!(rule.params.len(), 1);
    assert_eq!(rule.locals, 5);
    let lets: Vec<u32> = rule
        .steps
        .iter()
        .filter_map(|s| match &s.kind {
            StepKind::Let(local, _) => Some(local.0),
            _ => None,
        })
        .collect();
    assert_eq!(lets, [2, 4]);
}

#[test]
fn a_step_of_needs_stands_for_each_path() {
    let rule = rule("needs compute.workspace.region, compute.nodes\nrequire compute.nodes > 3");
    let needs: Vec<_> = rule.steps.iter().filter(|s| matches!(s.kind, StepKind::Needs(_))).collect();
    assert_eq!(needs.len(), 2);
    let Step { kind: StepKind::Needs(path), .. } = needs[0] else { unreachable!() };
    assert_eq!(path.ty, Type::Region);
    let ExprKind::Field { of, .. } = &path.kind else { panic!("a field: {path:?}") };
    assert!(matches!(of.ty, Type::Record(_)), "each step is narrowed: {:?}", of.ty);
}
