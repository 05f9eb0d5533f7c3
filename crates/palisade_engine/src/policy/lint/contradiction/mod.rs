//! Rules that no environment can satisfy together, and rules that hold wherever another does.
//!
//! Three kinds of demand are compared: conditions on one path, traffic at one place, and what some and each element of a
//! collection (such as the routes of a table) must be. Two rules are set side by side where they run together and one's
//! subject is the other's, or stands in what the other asks about. Every claim is sound: whatever cannot be read is left out,
//! and then nothing is said.

mod boxes;
mod conditions;
mod demand;

use std::cell::Cell;
use std::collections::BTreeSet;

use smol_str::SmolStr;

use self::conditions::{Conditions, Side, meet};
use self::demand::{Demand, Kind, demands};
use super::constant::assume::{Known, MOST_STEPS, Reader};
use super::constant::literal_constant;
use super::{Find, Lint};
use crate::inputs::{Db, Program};
use crate::ir::path::{Path, path_of};
use crate::ir::{Expr, Local, PackCondition, Rule, walk};
use crate::names::{DefName, NodeRef};
use crate::policy::catalogue::catalogue;
use crate::policy::lower::{rule, rule_items};
use crate::policy::packs::packs;
use crate::policy::schema::schema;
use crate::problem::Problem;
use crate::types::{RecordId, Type};

const CONTRADICTION: &str = "contradiction";
const IMPLIED: &str = "implied-rule";

pub(super) const LINT: Lint = Lint {
    codes: &[
        (CONTRADICTION, "two rules that run together and that nothing can satisfy together"),
        (IMPLIED, "a rule that holds wherever another one does"),
    ],
    find: Find::Program(find),
};

/// A rule that can be compared.
struct Candidate<'a> {
    rule: &'a Rule,
    subject: RecordId,
    own: bool,
    conditions: Conditions<'a>,
    /// The packs in which it stands, with the conditions there.
    ways: BTreeSet<(SmolStr, Vec<usize>)>,
    /// Whether it runs where no pack is named.
    usual: bool,
    demands: Vec<Demand<'a>>,
}

impl Candidate<'_> {
    fn types(&self) -> impl Iterator<Item = RecordId> {
        self.rule.params.iter().map(|(_, ty)| *ty)
    }
}

fn find(db: &dyn Db, program: Program) -> Vec<Problem> {
    let all: Vec<Candidate<'_>> = rule_items(db, program)
        .into_iter()
        .filter_map(|(name, item)| candidate(db, program, &name, &rule(db, program, item).as_ref()?.value))
        .collect();
    let mut found = Vec::new();
    for (at, a) in all.iter().enumerate() {
        for b in all.iter().skip(at + 1).filter(|b| together(a, b)) {
            let pair = Pair { db, program };
            found.extend(pair.contradiction(a, b).or_else(|| pair.contradiction(b, a)));
            found.extend(pair.implied(a, b).or_else(|| pair.implied(b, a)));
        }
    }
    found
}

fn candidate<'a>(db: &'a dyn Db, program: Program, name: &DefName, rule: &'a Rule) -> Option<Candidate<'a>> {
    let (_, subject) = rule.params.first()?;
    let mut ways = BTreeSet::new();
    let (mut usual, mut under, mut free) = (false, Vec::<&'a PackCondition>::new(), false);
    for pack in packs(db, program).value.values() {
        for packed in pack.rules.iter().filter(|packed| packed.rule == *name) {
            ways.insert((pack.name.clone(), packed.conditions.clone()));
            usual |= pack.status == "stable";
            free |= packed.conditions.is_empty();
            under.extend(packed.conditions.iter().filter_map(|number| Some(&**pack.conditions.get(*number)?)));
        }
    }
    let own = program.policies(db).contains(&rule.item.file);
    let conditions = Conditions::new(rule, if free { Vec::new() } else { under });
    let usual = usual || own && ways.is_empty();
    let demands = demands(db, program, rule);
    Some(Candidate { rule, subject: *subject, own, conditions, ways, usual, demands })
        .filter(|one| !one.demands.is_empty())
}

/// Editions run apart from each other: rules are compared only where one run has both. One with several parameters is
/// compared with those of the same, parameter by parameter.
fn together(a: &Candidate<'_>, b: &Candidate<'_>) -> bool {
    let comparable = a.rule.params.len() == 1 && b.rule.params.len() == 1 || a.types().eq(b.types());
    comparable && (a.usual && b.usual || !a.ways.is_disjoint(&b.ways))
}

struct Pair<'a> {
    db: &'a dyn Db,
    program: Program,
}

impl Pair<'_> {
    fn contradiction(&self, a: &Candidate<'_>, b: &Candidate<'_>) -> Option<Problem> {
        let demands = a.demands.iter().flat_map(|ours| b.demands.iter().map(move |theirs| (ours, theirs)));
        demands.into_iter().find_map(|(ours, theirs)| {
            let places = places(ours, a, b.subject);
            let why = places.into_iter().find_map(|place| self.torn(a, b, ours, theirs, place))?;
            Some(report(a, b, ours, theirs, &why))
        })
    }

    /// What is asked of one side and shut out by the other, where the other's subject is `place`.
    fn torn(
        &self,
        a: &Candidate<'_>,
        b: &Candidate<'_>,
        ours: &Demand<'_>,
        theirs: &Demand<'_>,
        place: &Expr,
    ) -> Option<String> {
        let base = path_of(place)?;
        let element =
            |variable: Option<Local>, local: Local| (Some(local) == variable).then(|| Path::variable(ELEMENT));
        let (x, y) = (ours.variable(), theirs.variable());
        let here = |path: Path| path.rebased(|local| element(x, local).unwrap_or_else(|| Path::variable(local)));
        let there = |path: Path| {
            path.rebased(|local| element(y, local).unwrap_or_else(|| moved(&base, local, b.rule.params.len())))
        };
        let constant = |name: &DefName| literal_constant(self.db, self.program, name);
        let schema = &schema(self.db, self.program).value;
        let reader = |rename| Reader { schema, constant: &constant, rename, steps_left: Cell::new(MOST_STEPS) };
        let (first, second) = (reader(&here), reader(&there));
        let one = Side { conditions: &a.conditions, reader: &first, place };
        let other = Side { conditions: &b.conditions, reader: &second, place };
        let meet = |filled| meet(self.db, self.program, &one, &other, filled);
        match (&ours.kind, &theirs.kind) {
            (
                Kind::Traffic { query, place, boxes: required, allowed: true },
                Kind::Traffic { query: asked, place: same, boxes: shut, allowed: false },
            ) if query == asked && *place == there(same.clone()) => {
                let packet = boxes::torn(catalogue(self.db, self.program), required, shut)?;
                meet(None).then(|| format!("one requires and the other shuts out `{packet}`"))
            }
            (Kind::Some { collection, body, .. }, Kind::Each { collection: same, given, body: each, holds, .. })
                if *collection == there(same.clone()) =>
            {
                let nothing = Known::default();
                let known = first.assume(&nothing, body, true).ok()?;
                let meant = given.iter().all(|condition| second.assume(&known, condition, false).is_err());
                let alone = second.assume(&nothing, each, *holds).is_ok();
                let apart = meant && alone && second.assume(&known, each, *holds).is_err();
                (apart && meet(Some(collection))).then(|| match first.element(&known, ELEMENT) {
                    Some(element) => format!("one requires an element with {element}, and the other rules it out"),
                    None => "what one requires of some element the other rules out for each".to_owned(),
                })
            }
            (Kind::Condition(one, holds), Kind::Condition(other, holds_too)) => {
                // A rule that cannot hold where it applies is reported alone.
                let nothing = Known::default();
                let met = first.assume(&a.conditions.known(&first, &nothing)?, one, *holds).ok()?;
                second.assume(&b.conditions.known(&second, &nothing)?, other, *holds_too).ok()?;
                let known = first.assume(&nothing, one, *holds).ok()?;
                let apart = second.assume(&known, other, *holds_too).is_err();
                let example = first.example(&met, one);
                (apart && meet(None)).then(|| match example {
                    Some(value) => format!("`{value}` meets one, and nothing that does meets the other"),
                    None => "no value meets both".to_owned(),
                })
            }
            _ => None,
        }
    }

    /// That `b` holds wherever `a` does, if `b` asks one thing only.
    fn implied(&self, a: &Candidate<'_>, b: &Candidate<'_>) -> Option<Problem> {
        let [theirs] = b.demands.as_slice() else { return None };
        if !a.types().eq(b.types()) || b.rule.steps.iter().filter(|step| step.kind.demands()).count() != 1 {
            return None;
        }
        if !a.conditions.are_among(&b.conditions) {
            return None;
        }
        let ours = a.demands.iter().find(|ours| self.covers(ours, theirs))?;
        let message = format!("`{}` holds wherever `{}` does", b.rule.name.name, a.rule.name.name);
        let (at, other) = (node(b, theirs), node(a, ours));
        Some(
            Problem::info(IMPLIED, message, at)
                .related(other, "this asks as much or more")
                .help("remove it, or say what it asks beyond the other"),
        )
    }

    fn covers(&self, ours: &Demand<'_>, theirs: &Demand<'_>) -> bool {
        let constant = |name: &DefName| literal_constant(self.db, self.program, name);
        let schema = &schema(self.db, self.program).value;
        let reader = Reader { schema, constant: &constant, rename: &|path| path, steps_left: Cell::new(MOST_STEPS) };
        match (&ours.kind, &theirs.kind) {
            (
                Kind::Traffic { query, place, boxes, allowed },
                Kind::Traffic { query: asked, place: same, boxes: inner, allowed: wanted },
            ) => {
                query == asked
                    && place == same
                    && allowed == wanted
                    && boxes::within(catalogue(self.db, self.program), inner, boxes)
            }
            (Kind::Condition(one, holds), Kind::Condition(other, wanted)) => {
                let other_alone = reader.assume(&Known::default(), other, !*wanted).is_ok();
                let known = reader.assume(&Known::default(), one, *holds);
                other_alone && known.is_ok_and(|known| reader.assume(&known, other, !*wanted).is_err())
            }
            _ => false,
        }
    }
}

/// The element of a collection, in both rules.
const ELEMENT: Local = Local(u32::MAX);

/// The other rule's subject is what `base` leads to, and its further parameters are this rule's; its other variables are
/// none of them.
fn moved(base: &Path, local: Local, params: usize) -> Path {
    match local {
        Local(0) => base.clone(),
        Local(number) if usize::try_from(number).is_ok_and(|number| number < params) => Path::variable(local),
        Local(number) => Path::variable(Local(number.saturating_add(u32::MAX / 2))),
    }
}

/// The expressions in a demand that lead to an entity of a type; first of all the subject itself.
fn places<'a>(demand: &Demand<'a>, of: &Candidate<'_>, record: RecordId) -> Vec<&'a Expr> {
    let mut found: Vec<&Expr> = Vec::new();
    walk::all(demand.within, &mut |part| {
        let is_subject = path_of(part).is_some_and(|path| path == Path::variable(Local(0)));
        let fits = *part.ty.narrowed() == Type::Record(record) && path_of(part).is_some();
        // Where both are about one type, they are about one entity.
        let known = found.iter().any(|other| path_of(other) == path_of(part));
        if fits && !known && (is_subject || of.subject != record) {
            found.push(part);
        }
    });
    found
}

fn node(of: &Candidate<'_>, demand: &Demand<'_>) -> NodeRef {
    NodeRef { item: of.rule.item.clone(), node: demand.node }
}

/// The user's own rule is the one to point at.
fn report(a: &Candidate<'_>, b: &Candidate<'_>, ours: &Demand<'_>, theirs: &Demand<'_>, why: &str) -> Problem {
    let (first, second) = ((a, ours), (b, theirs));
    let ((at, here), (other, there)) = if a.own && !b.own { (first, second) } else { (second, first) };
    let message = format!("`{}` and `{}` cannot both hold: {why}", at.rule.name.name, other.rule.name);
    Problem::info(CONTRADICTION, message, node(at, here))
        .related(node(other, there), "this asks the opposite")
        .help("narrow one of them by a `when`, or let one take the other's place with `replaces`")
}
