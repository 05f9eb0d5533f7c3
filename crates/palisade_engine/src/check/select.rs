//! Which rules run: packs, `--select`, `--ignore`, severities. A name that nothing has is an error with the nearest one.

use std::collections::BTreeMap;

use palisade_source::{Diagnostic, Severity};
use smol_str::SmolStr;

use crate::api::CheckOptions;
use crate::evaluate::queries::Selection;
use crate::inputs::{Db, Program};
use crate::ir::{Pack, Rule};
use crate::names::DefName;
use crate::policy::items::PolicyItem;
use crate::policy::lower::{rule, rule_items};
use crate::policy::packs::packs;
use crate::suggest::{did_you_mean, nearest};
use crate::types::RecordId;

/// The rules of a check.
pub struct Selected<'db> {
    /// The packs that were chosen, sorted.
    pub packs: Vec<String>,
    /// The rules, by full name.
    pub rules: Vec<SelectedRule<'db>>,
}

/// A rule of a check.
pub struct SelectedRule<'db> {
    /// Its item.
    pub item: PolicyItem<'db>,
    /// The rule.
    pub rule: &'db Rule,
    /// Its subject's type.
    pub subject: RecordId,
    /// The packs' conditions.
    pub selection: Selection<'db>,
    /// Its severity in this check.
    pub severity: Severity,
}

/// The conditions of one pack on a rule: the pack's name and the numbers of its conditions.
type Way = Vec<(SmolStr, usize)>;

/// Chooses the rules.
pub fn select<'db>(
    db: &'db dyn Db,
    program: Program,
    options: &CheckOptions,
) -> Result<Selected<'db>, Vec<Diagnostic>> {
    let names: Vec<DefName> = rule_items(db, program).into_iter().map(|(name, _)| name).collect();
    let mut faults = Vec::new();
    let chosen = chosen_packs(&packs(db, program).value, &options.packs, &mut faults);
    let mut ways = pack_rules(&chosen);
    if options.packs.is_empty() {
        add_unpacked(db, program, &names, &mut ways);
    }
    if !options.select.is_empty() {
        ways = picked(&options.select, &names, &ways, &mut faults);
    }
    for name in resolve_all(&options.ignore, "--ignore", &names, &mut faults) {
        ways.remove(&name);
    }
    let severities = severities(&options.severities, &names, &mut faults);
    if faults.is_empty() && ways.is_empty() {
        let help = Some("`palisade rules` lists the rules and their packs".to_owned());
        faults.push(Diagnostic::error("nothing-selected", "no rule is left to check", None).with_help(help));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let rules = ways.into_iter().filter_map(|(name, ways)| selected(db, program, &name, ways, &severities)).collect();
    Ok(Selected { packs: chosen.iter().map(|pack| pack.name.to_string()).collect(), rules })
}

fn selected<'db>(
    db: &'db dyn Db,
    program: Program,
    name: &DefName,
    ways: Vec<Way>,
    severities: &BTreeMap<DefName, Severity>,
) -> Option<SelectedRule<'db>> {
    let item = crate::policy::lower::find(db, program, name)?;
    let rule = &rule(db, program, item).as_ref()?.value;
    let (_, subject) = rule.params.first()?;
    // A way without conditions takes every subject, whatever the others say.
    let ways = if ways.iter().any(Vec::is_empty) { Vec::new() } else { ways };
    let severity = severities.get(name).copied().unwrap_or(rule.severity);
    Some(SelectedRule { item, rule, subject: *subject, selection: Selection::new(db, ways), severity })
}

/// The packs of these names, or the current stable ones.
fn chosen_packs<'a>(all: &'a BTreeMap<SmolStr, Pack>, names: &[String], faults: &mut Vec<Diagnostic>) -> Vec<&'a Pack> {
    if names.is_empty() {
        return all.values().filter(|pack| pack.status == "stable").collect();
    }
    let mut chosen = BTreeMap::new();
    for name in names {
        if let Some(pack) = all.get(name.as_str()) {
            chosen.insert(name, pack);
        } else {
            let near = nearest(name, all.keys().map(SmolStr::as_str));
            let help = did_you_mean(near).or_else(|| Some("`palisade rules` lists the packs".to_owned()));
            let message = format!("there is no pack `{name}`");
            faults.push(Diagnostic::error("unknown-pack", message, None).with_help(help));
        }
    }
    chosen.into_values().collect()
}

fn pack_rules(packs: &[&Pack]) -> BTreeMap<DefName, Vec<Way>> {
    let mut ways: BTreeMap<DefName, Vec<Way>> = BTreeMap::new();
    for pack in packs {
        for packed in &pack.rules {
            let way: Way = packed.conditions.iter().map(|number| (pack.name.clone(), *number)).collect();
            let known = ways.entry(packed.rule.clone()).or_default();
            if !known.contains(&way) {
                known.push(way);
            }
        }
    }
    ways
}

/// The user's own rules that no pack includes run too: whoever writes a rule expects it to run.
fn add_unpacked(db: &dyn Db, program: Program, names: &[DefName], ways: &mut BTreeMap<DefName, Vec<Way>>) {
    let own = program.policies(db);
    let packed = |name: &DefName| packs(db, program).value.values().any(|p| p.rules.iter().any(|r| r.rule == *name));
    for name in names {
        let file =
            crate::policy::modules::modules(db, program).value.item(&name.module, &name.name).map(|key| key.file);
        if file.is_some_and(|file| own.contains(&file)) && !packed(name) {
            ways.entry(name.clone()).or_default().push(Vec::new());
        }
    }
}

/// The rules of `--select`, under the conditions of the chosen packs where those include them.
fn picked(
    select: &[String],
    names: &[DefName],
    ways: &BTreeMap<DefName, Vec<Way>>,
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<DefName, Vec<Way>> {
    let picked = resolve_all(select, "--select", names, faults);
    picked
        .into_iter()
        .map(|name| {
            let way = ways.get(&name).cloned().unwrap_or_else(|| vec![Vec::new()]);
            (name, way)
        })
        .collect()
}

/// The severity of each rule that is named: the name that means fewer rules decides, and the later of two alike.
fn severities(
    wanted: &[(String, Severity)],
    names: &[DefName],
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<DefName, Severity> {
    let mut named: Vec<(Vec<DefName>, Severity)> = wanted
        .iter()
        .map(|(name, severity)| (resolve_all(std::slice::from_ref(name), "a severity", names, faults), *severity))
        .collect();
    named.sort_by_key(|(rules, _)| std::cmp::Reverse(rules.len()));
    named.into_iter().flat_map(|(rules, severity)| rules.into_iter().map(move |rule| (rule, severity))).collect()
}

/// The rules that names mean: a full name, a unique short name, or a module with all below it.
fn resolve_all(wanted: &[String], what: &str, names: &[DefName], faults: &mut Vec<Diagnostic>) -> Vec<DefName> {
    let mut all = Vec::new();
    for one in wanted {
        match resolve(one, names) {
            Ok(found) => all.extend(found),
            Err((message, help)) => {
                let message = format!("{message}, named by {what}");
                faults.push(Diagnostic::error("unknown-rule", message, None).with_help(help));
            }
        }
    }
    all
}

/// The rules that a name means, or what is wrong with it and what to do.
pub fn resolve(wanted: &str, names: &[DefName]) -> Result<Vec<DefName>, (String, Option<String>)> {
    if let Some(name) = names.iter().find(|name| name.to_string() == wanted) {
        return Ok(vec![name.clone()]);
    }
    let below = format!("{wanted}.");
    let in_module: Vec<DefName> = names.iter().filter(|n| n.to_string().starts_with(&below)).cloned().collect();
    if !in_module.is_empty() {
        return Ok(in_module);
    }
    let short: Vec<&DefName> = names.iter().filter(|name| name.name == wanted).collect();
    match short.as_slice() {
        [one] => return Ok(vec![(*one).clone()]),
        [] => {}
        several => {
            let list: Vec<String> = several.iter().map(|name| format!("`{name}`")).collect();
            let help = format!("write one of {}", list.join(", "));
            return Err((format!("`{wanted}` is the name of {} rules", several.len()), Some(help)));
        }
    }
    let full: Vec<String> = names.iter().map(ToString::to_string).collect();
    let modules: Vec<String> = names.iter().map(|n| n.module.to_string()).collect();
    let near = nearest(wanted, full.iter().chain(&modules).map(String::as_str))
        .or_else(|| nearest(wanted, names.iter().map(|n| n.name.as_str())));
    let help = did_you_mean(near).or_else(|| Some("`palisade rules` lists the rules".to_owned()));
    Err((format!("there is no rule or module `{wanted}`"), help))
}
