//! The path of an answer: what each level of groups said and what was met beyond, in the order of travel, each with the
//! line that said it.

use palisade_net::{Decider, Direction, LevelKind, Outcome};
use palisade_source::report::FlowStep;

use crate::check::finding::{Locator, verdict_kind};
use crate::environment::EntityId;
use crate::evaluate::evidence::decider_place;
use crate::evaluate::path::Step;
use crate::evaluate::print::entity_name;
use crate::evaluate::queries::DbWorld;
use crate::evaluate::traffic::{FlowVerdict, LevelVerdict};
use crate::evaluate::world::World;
use crate::place::{Part, Place};

/// A step before it has a position in a text.
#[derive(Clone, PartialEq, Eq)]
struct Drawn {
    step: &'static str,
    outcome: Outcome,
    detail: String,
    place: Option<Place>,
}

/// What the answers met. Where several were asked, a step that not all of them met says whose it is.
pub(super) fn steps(
    locator: &Locator<'_>,
    world: &DbWorld<'_>,
    place: EntityId,
    answers: &[FlowVerdict],
) -> Vec<FlowStep> {
    let each: Vec<Vec<(usize, Drawn)>> = answers.iter().map(|answer| of_one(world, place, answer)).collect();
    let mut all: Vec<(usize, Drawn)> = Vec::new();
    for (answer, met) in answers.iter().zip(&each) {
        for step in met {
            let common = each.iter().all(|other| other.contains(step));
            let mut step = step.clone();
            if !common {
                step.1.detail = format!("{} (asked about {})", step.1.detail, answer.spec.remote);
            }
            if !all.contains(&step) {
                all.push(step);
            }
        }
    }
    all.sort_by_key(|(rank, _)| *rank);
    let drawn = |(_, step): (usize, Drawn)| FlowStep {
        step: step.step,
        verdict: verdict_kind(step.outcome),
        detail: step.detail,
        location: step.place.map(|place| locator.place(&place, Part::Key)),
    };
    all.into_iter().map(drawn).collect()
}

/// The steps of one answer with their ranks.
fn of_one(world: &DbWorld<'_>, place: EntityId, answer: &FlowVerdict) -> Vec<(usize, Drawn)> {
    // Azure's order: admin rules, then towards the interface inbound and away from it outbound.
    let (mut levels, mut groups): (Vec<_>, Vec<_>) = answer.levels.iter().partition(|l| l.kind == LevelKind::Admin);
    if answer.spec.direction == Direction::Outbound {
        groups.reverse();
    }
    levels.extend(groups);
    let beyond = |step: &Step| Drawn {
        step: step.word(),
        outcome: step.outcome,
        detail: step.detail.clone(),
        place: step.place.clone(),
    };
    let levels = levels.iter().enumerate().flat_map(|(at, level)| {
        of_level(world, place, level).into_iter().map(move |step| (Step::AFTER_ENTRY + at, step))
    });
    let count = answer.levels.len();
    let rank = |step: &Step| if step.is_entry() { 0 } else { Step::AFTER_ENTRY + count + step.rank() };
    levels.chain(answer.steps.iter().map(|step| (rank(step), beyond(step)))).collect()
}

/// A level: one step for each thing that it does to a part of the flow, and what decided there.
fn of_level(world: &DbWorld<'_>, place: EntityId, level: &LevelVerdict) -> Vec<Drawn> {
    let of = |outcome: Outcome| level.verdict.parts.iter().find(move |part| part.outcome == outcome);
    let found: Vec<(Outcome, &Decider)> = [Outcome::Denied, Outcome::Undetermined, Outcome::Allowed]
        .into_iter()
        .filter_map(|outcome| of(outcome).map(|part| (outcome, &part.decided_by)))
        .collect();
    if found.is_empty() {
        return vec![level_step(world, place, level, level.verdict.outcome, None)];
    }
    found.into_iter().map(|(outcome, decider)| level_step(world, place, level, outcome, Some(decider))).collect()
}

fn level_step(
    world: &DbWorld<'_>,
    place: EntityId,
    level: &LevelVerdict,
    outcome: Outcome,
    decider: Option<&Decider>,
) -> Drawn {
    let named = decider.map(rule_words).unwrap_or_default();
    let open = match outcome {
        Outcome::Undetermined => format!("; depends on {}", level.verdict.settles.join("; on ")),
        _ => String::new(),
    };
    let detail = match level.group {
        Some(network) if level.kind == LevelKind::Admin => {
            format!("security admin rules of `{}`{named}{open}", entity_name(world, network))
        }
        Some(group) => format!("security group `{}`{named}{open}", entity_name(world, group)),
        None => {
            let on = entity_name(world, place);
            format!("no security group at the {} of `{on}`: everything passes", level.kind)
        }
    };
    let rule = level.group.zip(decider).and_then(|(group, decider)| decider_place(world, group, decider));
    Drawn {
        step: match level.kind {
            LevelKind::Admin => "admin_rules",
            LevelKind::Interface => "interface_group",
            _ => "subnet_group",
        },
        outcome,
        detail,
        place: rule.or_else(|| level.group.map(|group| world.place(group))),
    }
}

/// What decided a part.
fn rule_words(decider: &Decider) -> String {
    match decider {
        Decider::Default { name, .. } => format!(", default rule {name}"),
        Decider::Platform(_) => ", which does not judge the platform's own traffic".to_owned(),
        decider => decider.priority().map(|priority| format!(", priority {priority}")).unwrap_or_default(),
    }
}
