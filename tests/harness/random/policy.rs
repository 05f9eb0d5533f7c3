//! Random policies: functions and rules over the declared types, well typed more often than not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use palisade_engine::types::{RecordId, Schema, Type};

use super::reach::{Reach, reach};
use super::{Choices, words};

/// What rules are about.
const SUBJECTS: [(&str, &str); 10] = [
    ("azure.network", "Subnet"),
    ("azure.network", "VirtualNetwork"),
    ("azure.network", "NetworkSecurityGroup"),
    ("azure.network", "NetworkInterface"),
    ("azure.routing", "RouteTable"),
    ("azure.firewall", "FirewallPolicy"),
    ("azure.endpoints", "PrivateEndpoint"),
    ("azureml.resources", "Workspace"),
    ("azureml.resources", "Compute"),
    ("azure.storage", "StorageAccount"),
];
/// Where traffic may be asked about.
const PLACES: [&str; 3] = ["Subnet", "NetworkInterface", "Compute"];
/// Expressions nest no deeper.
const DEEPEST: usize = 4;

/// The text of a policy, item by item, so that the faulty ones can be left out. The first one is the imports.
pub fn policy(schema: &Schema, choices: &mut Choices<'_>, rules: usize) -> Vec<String> {
    let mut writer = Writer { schema, choices, scopes: Vec::new(), variables: 0, reaches: BTreeMap::new() };
    let mut items: Vec<String> = (0..rules).map(|number| writer.item(number)).collect();
    items.insert(0, imports(schema));
    items
}

/// Every entity and record of the library, so that `every T` and `is T` find theirs.
fn imports(schema: &Schema) -> String {
    let mut by_module: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for record in schema.records.iter().filter(|record| record.entity) {
        by_module.entry(&record.name.module).or_default().insert(&record.name.name);
    }
    let mut text = "import azure.functions.{exposed_to, matches, shadowed_rules, size}\n".to_owned();
    for (module, names) in by_module {
        let names: Vec<&str> = names.into_iter().collect();
        writeln!(text, "import {module}.{{{}}}", names.join(", ")).expect("writing to memory");
    }
    text
}

/// Variables that come and go together, and what has to be asked before they are read.
#[derive(Default)]
struct Scope {
    variables: Vec<(String, Type)>,
    guards: Vec<String>,
}

struct Writer<'a, 'b> {
    schema: &'a Schema,
    choices: &'a mut Choices<'b>,
    scopes: Vec<Scope>,
    variables: usize,
    reaches: BTreeMap<RecordId, Vec<Reach>>,
}

impl Writer<'_, '_> {
    fn item(&mut self, number: usize) -> String {
        let (module, name) = SUBJECTS[self.choices.below(SUBJECTS.len())];
        let subject = self.schema.find_record(module, name).expect("a type of the library");
        self.scopes = vec![Scope { variables: vec![("s".to_owned(), Type::Record(subject))], guards: Vec::new() }];
        let asked =
            if PLACES.contains(&name) && self.choices.once_in(4) { self.question("s") } else { self.boolean(0) };
        let guards = self.scopes.pop().expect("the scope of the rule").guards;
        let whens: Vec<String> = guards.iter().map(|guard| format!("  when {guard}\n")).collect();
        format!("rule r{number}(s: {name}) {{\n  severity error\n{}  require {asked}\n}}\n", whens.concat())
    }

    /// A path below a variable in scope whose last step fits; its guards go to the variable's scope.
    fn path(&mut self, fits: impl Fn(&Schema, &Reach) -> bool) -> Option<(String, Reach)> {
        let variables: Vec<(usize, String, Type)> = self
            .scopes
            .iter()
            .enumerate()
            .flat_map(|(at, scope)| scope.variables.iter().map(move |(name, ty)| (at, name.clone(), ty.clone())))
            .collect();
        let (scope, variable, ty) = &variables[self.choices.below(variables.len())];
        let Type::Record(record) = ty else {
            let own = Reach { steps: String::new(), guards: Vec::new(), ty: ty.clone() };
            return fits(self.schema, &own).then(|| (variable.clone(), own));
        };
        let all = self.reaches.entry(*record).or_insert_with(|| reach(self.schema, *record, 3));
        let fitting: Vec<&Reach> = all.iter().filter(|one| fits(self.schema, one)).collect();
        if fitting.is_empty() {
            return None;
        }
        // Two bytes' worth: there are many paths.
        let at = self.choices.below(16) * 16 + self.choices.below(16);
        let found = fitting[at * fitting.len() / 256].clone();
        if found.narrowed().0.iter().any(|guard| self.excluded(*scope, &guard.replacen('$', variable, 1))) {
            return None;
        }
        self.guard(*scope, variable, &found.guards);
        Some((format!("{variable}{}", found.steps), found))
    }

    /// Whether a scope asks already for another case of the same path.
    fn excluded(&self, scope: usize, guard: &str) -> bool {
        let case = |guard: &str| guard.split_once(" is ").map(|(path, case)| (path.to_owned(), case.to_owned()));
        let Some((path, wanted)) = case(guard) else { return false };
        let known = self.scopes[scope].guards.iter().filter_map(|known| case(known));
        known.filter(|(other, _)| *other == path).any(|(_, other)| {
            let plain = |case: &str| ["set", "not none"].contains(&case);
            other != wanted && !plain(&other) && !plain(&wanted)
        })
    }

    fn guard(&mut self, scope: usize, variable: &str, guards: &[String]) {
        // Now and then one is forgotten: the type checker has to notice.
        if self.choices.once_in(24) {
            return;
        }
        for guard in guards {
            let guard = guard.replacen('$', variable, 1);
            if !self.scopes[scope].guards.contains(&guard) {
                self.scopes[scope].guards.push(guard);
            }
        }
    }

    /// A value of a type: a path to one, or a literal, or something computed.
    fn value(&mut self, ty: &Type, depth: usize) -> String {
        if depth < DEEPEST {
            match self.choices.below(8) {
                1..=3 => {
                    if let Some(path) = self.narrowed_path(ty) {
                        return path;
                    }
                }
                4 => {
                    return format!(
                        "(if {} then {} else {})",
                        self.boolean(depth + 1),
                        self.value(ty, depth + 1),
                        self.value(ty, depth + 1)
                    );
                }
                5 => {
                    if let Some((path, _)) = self.path(|_, one| one.ty == Type::Optional(ty.clone().into())) {
                        return format!("({path} ?? {})", self.value(ty, depth + 1));
                    }
                }
                6 | 7 => {
                    if let Some(computed) = self.computed(ty, depth) {
                        return computed;
                    }
                }
                _ => {}
            }
        }
        self.literal(ty)
    }

    fn narrowed_path(&mut self, ty: &Type) -> Option<String> {
        let (path, found) = self.path(|_, one| one.ty.narrowed() == ty)?;
        let (guards, _) = found.narrowed();
        if guards.len() > found.guards.len() {
            let variable = path.split('.').next().unwrap_or_default().to_owned();
            let scope =
                self.scopes.iter().position(|scope| scope.variables.iter().any(|(name, _)| *name == variable))?;
            self.guard(scope, &variable, &guards);
        }
        Some(path)
    }

    fn literal(&mut self, ty: &Type) -> String {
        match ty {
            Type::List(item) => {
                let items = [self.literal(item), self.literal(item)];
                if items.iter().any(String::is_empty) { "[]".to_owned() } else { format!("[{}]", items.join(", ")) }
            }
            // Nothing is written where there is none: whoever needs one writes something else.
            Type::Record(_) | Type::OneOf(_) => self.narrowed_path(ty).unwrap_or_default(),
            _ => {
                let words = words(self.schema, ty);
                let Some(word) = words.get(self.choices.below(words.len().max(1))) else { return "[]".to_owned() };
                if matches!(ty, Type::Text | Type::Fqdn) { format!("\"{word}\"") } else { word.clone() }
            }
        }
    }

    fn computed(&mut self, ty: &Type, depth: usize) -> Option<String> {
        let deeper = depth + 1;
        Some(match ty {
            Type::Int => match self.choices.below(6) {
                0 => format!("({} + {})", self.value(ty, deeper), self.value(ty, deeper)),
                1 => format!("({} - {})", self.value(ty, deeper), self.value(ty, deeper)),
                2 => format!("size({})", self.value(&Type::Cidr, deeper)),
                3 => format!("(max([{}, {}]) ?? 0)", self.value(ty, deeper), self.value(ty, deeper)),
                4 => format!("({})", self.quantifier("count", deeper)?),
                _ => self.sum(deeper)?,
            },
            Type::Duration => match self.choices.below(3) {
                0 => format!("({} + {})", self.value(ty, deeper), self.value(ty, deeper)),
                1 => format!("({} - {})", self.value(&Type::Date, deeper), self.value(&Type::Date, deeper)),
                _ => format!("(-{})", self.narrowed_path(ty)?),
            },
            Type::Date => format!("({} + {})", self.value(ty, deeper), self.value(&Type::Duration, deeper)),
            Type::Text => format!("\"{{{}}}\"", self.path(|_, _| true)?.0),
            Type::Enum(id) => {
                let subject = self.narrowed_path(ty)?;
                let variants = &self.schema.enumeration(*id)?.variants;
                let arms: Vec<String> =
                    variants.iter().map(|v| format!("{} => {}", v.name, self.literal(ty))).collect();
                format!("(match {subject} {{ {} }})", arms.join(", "))
            }
            Type::Bool => self.boolean(deeper),
            _ => return None,
        })
    }

    /// `sum` over a collection.
    fn sum(&mut self, depth: usize) -> Option<String> {
        let (collection, item) = self.collection()?;
        let (element, filter, variable) = self.inside(&item, |writer| writer.value(&Type::Int, depth));
        let filter = if filter.is_empty() { String::new() } else { format!(" if {}", filter.join(" and ")) };
        Some(format!("sum([{element} for {variable} in {collection}{filter}])"))
    }

    /// A list or map to look into, with the type of its elements.
    fn collection(&mut self) -> Option<(String, Type)> {
        if self.choices.once_in(4) {
            let (module, name) = SUBJECTS[self.choices.below(SUBJECTS.len())];
            return Some((format!("every {name}"), Type::Record(self.schema.find_record(module, name)?)));
        }
        let (path, found) = self.path(|_, one| matches!(one.ty, Type::List(_) | Type::Map(..)))?;
        match found.ty {
            Type::List(item) | Type::Map(_, item) => Some((path, (*item).clone())),
            _ => None,
        }
    }

    /// Something written with one more variable; the guards of that variable, and its name.
    fn inside(&mut self, item: &Type, write: impl FnOnce(&mut Self) -> String) -> (String, Vec<String>, String) {
        self.variables += 1;
        let variable = format!("v{}", self.variables);
        self.scopes.push(Scope { variables: vec![(variable.clone(), item.clone())], guards: Vec::new() });
        let text = write(self);
        let guards = self.scopes.pop().map(|scope| scope.guards).unwrap_or_default();
        (text, guards, variable)
    }

    fn quantifier(&mut self, kind: &str, depth: usize) -> Option<String> {
        let (collection, item) = self.collection()?;
        let (body, mut guards, variable) = self.inside(&item, |writer| writer.boolean(depth));
        guards.push(format!("({body})"));
        Some(format!("{kind} {variable} in {collection}: {}", guards.join(" and ")))
    }

    fn boolean(&mut self, depth: usize) -> String {
        if depth >= DEEPEST {
            return self.test(depth).unwrap_or_else(|| "1 == 2".to_owned());
        }
        let deeper = depth + 1;
        let found = match self.choices.below(10) {
            0 => {
                let op = self.choices.one(&["and", "or"]);
                Some(format!("({} {op} {})", self.boolean(deeper), self.boolean(deeper)))
            }
            1 => Some(format!("(not {})", self.boolean(deeper))),
            2 | 3 => {
                let kind = self.choices.one(&["all", "any", "no"]);
                self.quantifier(kind, deeper).map(|text| format!("({text})"))
            }
            4 => Some(format!(
                "(if {} then {} else {})",
                self.boolean(deeper),
                self.boolean(deeper),
                self.boolean(deeper)
            )),
            5 => self.verdict(),
            _ => self.test(deeper),
        };
        found.unwrap_or_else(|| self.test(DEEPEST).unwrap_or_else(|| "1 == 2".to_owned()))
    }

    fn verdict(&mut self) -> Option<String> {
        let place = |schema: &Schema, one: &Reach| match one.ty.narrowed() {
            Type::Record(id) => schema.record(*id).is_some_and(|r| PLACES.contains(&r.name.name.as_str())),
            _ => false,
        };
        let (path, found) = self.path(place)?;
        self.narrow_last(&path, &found);
        let word = self.choices.one(&["allowed", "denied", "partial", "undetermined"]);
        let question = self.question(&path);
        Some(format!("(({question}) is {word})"))
    }

    fn narrow_last(&mut self, path: &str, found: &Reach) {
        let variable = path.split('.').next().unwrap_or_default().to_owned();
        let scope = self.scopes.iter().position(|scope| scope.variables.iter().any(|(name, _)| *name == variable));
        if let Some(scope) = scope {
            let (guards, _) = found.narrowed();
            self.guard(scope, &variable, &guards);
        }
    }

    fn question(&mut self, place: &str) -> String {
        let verb = self.choices.one(&["permits", "reaches"]);
        let line = self.choices.one(&[
            "outbound tcp 443 to Storage",
            "inbound tcp 22 from Internet",
            "outbound udp 53 to 10.0.0.0/8",
            "outbound tcp 443 to \"a.example.org\"",
            "inbound * from *",
        ]);
        format!("{place} {verb} {{ {line} }}")
    }

    /// A question about something that can be reached, by its type.
    fn test(&mut self, depth: usize) -> Option<String> {
        let (path, found) = self.path(|_, _| true)?;
        if matches!(found.ty, Type::Optional(_)) && self.choices.once_in(3) {
            return Some(format!("{path} is set"));
        }
        if matches!(found.ty, Type::OrNone(_)) && self.choices.once_in(3) {
            return Some(format!("{path} is none"));
        }
        self.narrow_last(&path, &found);
        let deeper = depth + 1;
        let ty = found.ty.narrowed().clone();
        Some(match &ty {
            Type::Int | Type::Port | Type::Date | Type::Duration => {
                let op = self.choices.one(&["==", "!=", "<", "<=", ">", ">="]);
                format!("{path} {op} {}", self.value(&ty, deeper))
            }
            Type::Ip | Type::Cidr | Type::Prefix | Type::Addresses | Type::ServiceTag => {
                self.addresses(&path, &ty, deeper)
            }
            Type::Ports | Type::Protocols => {
                let op = self.choices.one(&["==", "!=", "in", "contains", "overlaps", "not in"]);
                format!("{path} {op} {}", self.value(&ty, deeper))
            }
            Type::Enum(_) if self.choices.once_in(2) => format!("{path} is {}", self.literal(&ty)),
            Type::Map(_, item) if !matches!(**item, Type::Record(_)) => format!("{path}[\"n0\"] is set"),
            Type::Map(..) => format!("{path} == {path}"),
            Type::List(item) if self.choices.once_in(2) => format!("{} in {path}", self.value(item, deeper)),
            Type::Text if self.choices.once_in(3) => format!("matches({}, {path})", self.value(&ty, deeper)),
            Type::Bool => path,
            _ if self.choices.once_in(3) => {
                format!("{path} in [{}, {}]", self.value(&ty, deeper), self.value(&ty, deeper))
            }
            _ => {
                let op = self.choices.one(&["==", "!="]);
                format!("{path} {op} {}", self.value(&ty, deeper))
            }
        })
    }

    fn addresses(&mut self, path: &str, ty: &Type, depth: usize) -> String {
        if self.choices.once_in(3) {
            return format!("{path} == {}", self.value(ty, depth));
        }
        let family = [Type::Ip, Type::Cidr, Type::Prefix, Type::Addresses, Type::ServiceTag];
        let other = &family[self.choices.below(family.len())];
        let op = self.choices.one(&["in", "not in", "contains", "overlaps"]);
        format!("{path} {op} {}", self.value(other, depth))
    }
}
