//! How a rule came to its outcome on one subject, as `palisade why` asks it.

use palisade_source::Diagnostic;
use palisade_source::report::{Location, OutcomeKind, WhyInstance, WhyReport, WhyStep};

use crate::api::{CheckOptions, WhyQuestion};
use crate::check::finding::{Locator, location};
use crate::check::program_diagnostics;
use crate::check::select::{SelectedRule, resolve, select};
use crate::environment::{self, EntityId, Resolution};
use crate::evaluate::derive::{Derived, derive};
use crate::evaluate::eval::Evaluator;
use crate::evaluate::outcome::worse;
use crate::evaluate::queries::DbWorld;
use crate::evaluate::rule::{concerned, run, selects};
use crate::evaluate::trail::{Derivation, derivations};
use crate::evaluate::value::{Traced, Truth, Value};
use crate::inputs::{Db, Environment, Program};
use crate::ir::{Local, Pack};
use crate::names::{DefName, ItemKey, NodeRef};
use crate::place::Part;
use crate::policy::items::locate;
use crate::policy::lower::rule_items;
use crate::policy::modules::{modules, name_of};
use crate::policy::packs::packs;
use crate::policy::problems::has_errors;
use crate::suggest::did_you_mean;
use crate::testing::coverage::{policy_text, shortened};
use crate::texts::texts;

/// Of the combinations that a join excludes this many are listed, if there are no others.
const MOST_EXCLUDED: usize = 3;

/// Answers a question.
pub fn why(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    question: &WhyQuestion,
) -> Result<WhyReport, Vec<Diagnostic>> {
    for faults in [program_diagnostics(db, program), environment::diagnostics(db, program, environment)] {
        if has_errors(&faults) {
            return Err(faults);
        }
    }
    let rule = find_rule(db, program, question)?;
    let subject = find_subject(db, program, environment, &rule, &question.place)?;
    Ok(Asker { db, program, environment, rule, subject }.report())
}

/// The rule under the conditions of the packs that a check would choose.
fn find_rule<'db>(
    db: &'db dyn Db,
    program: Program,
    question: &WhyQuestion,
) -> Result<SelectedRule<'db>, Vec<Diagnostic>> {
    let names: Vec<DefName> = rule_items(db, program).into_iter().map(|(name, _)| name).collect();
    let unknown = |message: String, help| vec![Diagnostic::error("unknown-rule", message, None).with_help(help)];
    let found = resolve(&question.rule, &names).map_err(|(message, help)| unknown(message, help))?;
    let [only] = found.as_slice() else {
        let message = format!("`{}` is a module with {} rules, and one is asked about", question.rule, found.len());
        let help = "`palisade rules` lists them".to_owned();
        return Err(unknown(message, Some(help)));
    };
    let (packs, select_only) = (question.packs.clone(), vec![only.to_string()]);
    let selected = select(db, program, &CheckOptions { packs, select: select_only, ..CheckOptions::default() })?;
    let missing = || unknown(format!("the rule `{only}` has no subject"), None);
    selected.rules.into_iter().next().ok_or_else(missing)
}

fn find_subject(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    rule: &SelectedRule<'_>,
    text: &str,
) -> Result<EntityId, Vec<Diagnostic>> {
    let fault = |message: String, help| vec![Diagnostic::error("why-question", message, None).with_help(help)];
    let schema = &crate::policy::schema::schema(db, program).value;
    let kind = schema.record(rule.subject).map_or_else(String::new, |record| record.name.name.to_string());
    match environment::resolve(db, program, environment, &[rule.subject], text) {
        Resolution::Found(id) => Ok(id),
        Resolution::Missing { suggestion } => {
            let all = environment::entities_of(db, program, environment, rule.subject);
            let first = all.first().map(|id| format!("the rule is about each {kind}, such as `{}`", id.place(db)));
            let none = format!("the rule is about each {kind}, and there is none in this environment");
            let help = did_you_mean(suggestion.as_deref()).or(first).or(Some(none));
            Err(fault(format!("there is no `{text}` in this environment"), help))
        }
        Resolution::Ambiguous(several) => {
            let list: Vec<String> = several.iter().map(|id| format!("`{}`", id.place(db))).collect();
            let help = format!("write one of {}", list.join(", "));
            Err(fault(format!("`{text}` may be any of {} things", several.len()), Some(help)))
        }
        Resolution::OtherKind(id) => {
            let message = format!("`{}` is about each {kind}, and `{}` is none", rule.rule.name, id.place(db));
            Err(fault(message, None))
        }
    }
}

struct Asker<'db> {
    db: &'db dyn Db,
    program: Program,
    environment: Environment,
    rule: SelectedRule<'db>,
    subject: EntityId,
}

impl Asker<'_> {
    fn report(&self) -> WhyReport {
        let world = DbWorld::new(self.db, self.program, self.environment);
        let ways = crate::evaluate::queries::ways(self.db, self.program, self.rule.selection);
        let as_checked = run(&world, self.rule.rule, &ways, self.subject);
        let outcome = as_checked.iter().map(|instance| instance.outcome).reduce(worse);
        let (instances, omitted) = match selects(&world, &ways, self.subject) {
            Ok(Truth::True) => self.instances(&world),
            _ => (Vec::new(), 0),
        };
        WhyReport {
            rule: self.rule.rule.name.to_string(),
            title: self.rule.rule.title.to_string(),
            location: self.policy(&name_of(self.db, &self.rule.rule.item), &self.rule.rule.name),
            resource: self.subject.place(self.db).to_string(),
            subject: self.locator().place(self.subject.place(self.db), Part::Key),
            outcome: outcome.unwrap_or(OutcomeKind::NotApplicable),
            packs: self.packs(&world),
            instances,
            omitted,
            texts: texts(self.db, self.program, &[self.environment]),
        }
    }

    /// The combinations that the join leaves or, without any, a few of those that it excludes; and how many others.
    fn instances(&self, world: &DbWorld<'_>) -> (Vec<WhyInstance>, usize) {
        let all = derivations(world, self.rule.rule, self.subject);
        let applies = |one: &&Derivation| one.instance.outcome != OutcomeKind::NotApplicable;
        let joined = all.iter().filter(applies).count();
        let listed: Vec<WhyInstance> = match joined {
            0 => all.iter().take(MOST_EXCLUDED).map(|one| self.instance(one)).collect(),
            _ => all.iter().filter(applies).map(|one| self.instance(one)).collect(),
        };
        let omitted = all.len() - listed.len();
        (listed, omitted)
    }

    fn locator(&self) -> Locator<'_> {
        Locator { db: self.db, program: self.program, environment: self.environment, name: String::new() }
    }

    fn instance(&self, derivation: &Derivation) -> WhyInstance {
        let others = derivation.instance.others.iter().map(|id| id.place(self.db).to_string());
        WhyInstance {
            together_with: others.collect(),
            outcome: derivation.instance.outcome,
            steps: derivation.clauses.iter().map(|clause| self.step(clause)).collect(),
        }
    }

    fn step(&self, derived: &Derived) -> WhyStep {
        let at = NodeRef { item: self.item(&derived.item), node: derived.node };
        let locator = self.locator();
        WhyStep {
            kind: derived.kind,
            text: shortened(without_word(derived.kind, &policy_text(self.db, &at))),
            policy: self.policy(&at, &derived.item),
            element: derived.element.clone(),
            value: derived.value.clone(),
            location: derived.place.as_ref().map(|(place, part)| locator.written(place, *part)),
            flows: derived.flows.iter().map(|flow| locator.flow(flow)).collect(),
            steps: derived.parts.iter().map(|part| self.step(part)).collect(),
            omitted: derived.omitted,
        }
    }

    fn policy(&self, at: &NodeRef, name: &DefName) -> Location {
        location(self.db, at.item.file, locate(self.db, at), name.to_string())
    }

    fn item(&self, name: &DefName) -> ItemKey {
        let found = modules(self.db, self.program).value.item(&name.module, &name.name);
        found.cloned().unwrap_or_else(|| self.rule.rule.item.clone())
    }

    /// What the chosen packs demand of the subject, each with how it came out.
    fn packs(&self, world: &DbWorld<'_>) -> Vec<WhyStep> {
        let all = &packs(self.db, self.program).value;
        let mut conditions: Vec<_> = self.rule.selection.ways(self.db).iter().flatten().collect();
        conditions.dedup();
        let step = |(pack, number): &(smol_str::SmolStr, usize)| {
            let pack = all.get(pack)?;
            Some(self.step(&self.pack_condition(world, pack, *number)?))
        };
        conditions.into_iter().filter_map(step).collect()
    }

    fn pack_condition(&self, world: &DbWorld<'_>, pack: &Pack, number: usize) -> Option<Derived> {
        let condition = pack.conditions.get(number)?;
        let module = modules(self.db, self.program).value.of_file(pack.item.file);
        let name = DefName::new(module, pack.name.clone());
        let plain = |value: String| Derived::new("pack", &name, condition.condition.id, value);
        let mut derived = match concerned(world, condition, self.subject) {
            Err(defect) => plain(format!("error: {}", defect.message)),
            Ok(None) => plain("true: it does not concern this resource".to_owned()),
            Ok(Some(Traced { value: Value::None, .. })) => plain("false: there is none".to_owned()),
            Ok(Some(value)) => {
                let mut evaluator = Evaluator::new(world, condition.locals);
                evaluator.set(Local(0), value);
                derive(&mut evaluator, &name, &condition.condition)
                    .unwrap_or_else(|defect| plain(format!("error: {}", defect.message)))
            }
        };
        derived.kind = "pack";
        derived.element = Some(pack.name.to_string());
        Some(derived)
    }
}

/// The text of a clause without the word that says which it is: of `require either { … }` the whole clause is one node.
fn without_word<'t>(word: &str, text: &'t str) -> &'t str {
    let rest = text.strip_prefix(word).filter(|rest| rest.starts_with(char::is_whitespace));
    rest.map_or(text, str::trim_start)
}
