//! A new rule with its tests: text that is checked, tested and formatted from the start, and says what is to be filled in.
//!
//! The rule speaks of nothing but names, since only its author knows what must hold; `unfinished-rule` says so with every
//! check until the documentation no longer begins with `TODO`.

mod sample;

use palisade_source::{Diagnostic, File};
use palisade_syntax::ast::ItemKind;
use palisade_syntax::{format, keywords, parse};

use self::sample::sample;
use crate::evaluate::queries::bindings;
use crate::inputs::{Db, Program};
use crate::policy::catalogue::catalogue;
use crate::policy::modules::{Target, modules};
use crate::policy::program_scope::find_target;
use crate::policy::schema::schema;
use crate::suggest::{did_you_mean, nearest};
use crate::types::{RecordDef, RecordId, Schema};

/// The code of what a new rule cannot be.
const CODE: &str = "new-rule";

/// What `new rule` is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRule {
    /// Its full name: `org.subnets.no_open_ports`.
    pub name: String,
    /// The entity that it is about, by its name or full name.
    pub on: String,
    /// Whether the library itself is written.
    pub in_library: bool,
}

/// A module with the new rule in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaffold {
    /// Whether the module was there already.
    pub grown: bool,
    /// The module: `org.subnets`.
    pub module: String,
    /// The text of its file.
    pub text: String,
}

/// Writes a rule and three tests: one that it passes, one that it does not, and one that it is not about.
pub fn new_rule(db: &dyn Db, program: Program, wanted: &NewRule) -> Result<Scaffold, Diagnostic> {
    let (module, rule) = named(&wanted.name)?;
    let schema = &schema(db, program).value;
    let (id, entity) = entity(schema, &wanted.on)?;
    let file = existing(db, program, wanted, (module, rule))?;
    let is_taken =
        |word: &str| word == rule || file.is_some_and(|file| find_target(db, program, file, &[word]).is_some());
    let word = &entity.name.name;
    let bound = file.and_then(|file| find_target(db, program, file, &[word]));
    let (name, import) = match bound {
        Some(Target::Item(name, _)) if name == entity.name => (word.to_string(), None),
        Some(_) => (format!("Checked{word}"), Some(format!("{word} as Checked{word}"))),
        None => (word.to_string(), Some(word.to_string())),
    };
    let import = import.map(|item| format!("import {}.{{{item}}}\n", entity.name.module));
    let samples = names(db, program, id).map(|name| sample(schema, catalogue(db, program), id, name));
    let [Some(kept), Some(broken), Some(exempt)] = samples else {
        let message = format!("no collection of an environment holds a `{word}`, so no rule would come to one");
        return Err(fault(message).with_help(Some("add one with `extend environment`".to_owned())));
    };
    let items = [
        rule_text(rule, (&parameter(&name, is_taken), &name), &exempt.shown, &broken.shown),
        test_text(rule, "what keeps it passes", "pass", &kept.yaml),
        test_text(rule, "what does not is found", "violation", &broken.yaml),
        test_text(rule, "what it is not about is left alone", "not_applicable", &exempt.yaml),
    ]
    .join("\n");
    let before = file.map(|file| file.text(db).to_string());
    let text = match &before {
        Some(text) => with_items(text, import.as_deref(), &items),
        None => {
            format!("//! TODO: say what the rules of this module are about.\n\n{}\n{items}", import.unwrap_or_default())
        }
    };
    // What somebody lays out otherwise stays so.
    let laid_out = before.is_none_or(|text| format(&text).is_ok_and(|same| same == text));
    let text = if laid_out { format(&text).unwrap_or(text) } else { text };
    Ok(Scaffold { grown: file.is_some(), module: module.to_owned(), text })
}

/// What the three samples are called. A DNS server is called by its address.
fn names(db: &dyn Db, program: Program, id: RecordId) -> [&'static str; 3] {
    let endpoints = bindings(db, program).0.endpoints.as_ref();
    if endpoints.is_some_and(|endpoints| endpoints.server.record == id) {
        return ["10.0.0.4", "10.0.0.5", "10.0.0.6"];
    }
    ["kept", "broken", "exempt"]
}

fn fault(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(CODE, message, None)
}

/// The module and the rule's own name.
fn named(name: &str) -> Result<(&str, &str), Diagnostic> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    if let Some(word) = name.split('.').find(|word| !is_word(word)) {
        let message = format!(
            "`{word}` in `{name}` is no name: names have small letters, digits and `_`, and begin with a letter"
        );
        return Err(fault(message).with_help(Some("write it like `org.subnets.no_open_ports`".to_owned())));
    }
    let Some((module, rule)) = name.rsplit_once('.') else {
        let message = format!("`{name}` names no module, and a rule stands in one");
        return Err(fault(message).with_help(Some(format!("put the module before it: `org.{name}`"))));
    };
    if keywords().contains(&rule) {
        let help = format!("write more of what must hold: `{name}_…`");
        return Err(fault(format!("`{rule}` is a word of the language")).with_help(Some(help)));
    }
    Ok((module, rule))
}

fn entity<'s>(schema: &'s Schema, on: &str) -> Result<(RecordId, &'s RecordDef), Diagnostic> {
    let all = || (0..).map(RecordId).zip(&schema.records).filter(|(_, record)| record.entity);
    let meant = |record: &RecordDef| record.name.name == on || record.name.to_string() == on;
    let found: Vec<_> = all().filter(|(_, record)| meant(record)).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            let near = nearest(on, all().map(|(_, record)| record.name.name.as_str()));
            let names: Vec<String> = all().map(|(_, record)| format!("`{}`", record.name.name)).collect();
            let help = did_you_mean(near).unwrap_or_else(|| format!("the entities are {}", names.join(", ")));
            Err(fault(format!("there is no entity `{on}`")).with_help(Some(help)))
        }
        several => {
            let names: Vec<String> = several.iter().map(|(_, record)| format!("`{}`", record.name)).collect();
            let help = format!("say which one: {}", names.join(", "));
            Err(fault(format!("{} entities are called `{on}`", names.len())).with_help(Some(help)))
        }
    }
}

/// The module's file, if there is one; what is there is never replaced.
fn existing(
    db: &dyn Db,
    program: Program,
    wanted: &NewRule,
    (module, rule): (&str, &str),
) -> Result<Option<File>, Diagnostic> {
    let modules = &modules(db, program).value;
    let Some(found) = modules.by_name.get(module) else { return Ok(None) };
    let path = found.file.path(db);
    if program.library(db).contains(&found.file) && !wanted.in_library {
        let help = format!("choose a module of your own, such as `org.{module}.{rule}`");
        return Err(fault(format!("`{module}` is a module of the library")).with_help(Some(help)));
    }
    if let Some(key) = found.own.get(rule) {
        let message = format!("the module `{module}` has the {} `{rule}` already, in `{path}`", key.kind.word());
        return Err(fault(message).with_help(Some("choose another name; nothing was written".to_owned())));
    }
    if find_target(db, program, found.file, &[rule]).is_some() {
        let message = format!("`{rule}` is imported in `{path}` already");
        return Err(fault(message).with_help(Some("choose another name, or another module".to_owned())));
    }
    if !parse(found.file.text(db)).errors.is_empty() {
        let message = format!("`{path}` cannot be read, so nothing can be added to it");
        return Err(fault(message).with_help(Some("mend it first; `palisade check` shows what is wrong".to_owned())));
    }
    Ok(Some(found.file))
}

/// A module's text with items at its end, and an import after the last one that it has.
fn with_items(text: &str, import: Option<&str>, items: &str) -> String {
    let file = parse(text);
    let last = file.items.iter().rfind(|item| matches!(item.item.kind, ItemKind::Import(_)));
    let last = last.map(|item| usize::from(item.spans.range(item.item.id).end()));
    let line = last.and_then(|end| Some(end + text.get(end..)?.find('\n')? + 1));
    let (before, after) = line.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match import {
        Some(import) if line.is_some() => format!("{before}{import}{after}{end}\n{items}"),
        Some(import) => format!("{text}{end}\n{import}\n{items}"),
        None => format!("{text}{end}\n{items}"),
    }
}

fn rule_text(rule: &str, (parameter, entity): (&str, &str), exempt: &str, broken: &str) -> String {
    format!(
        "/// TODO: say in one sentence what must hold.\n\
         ///\n\
         /// Then why, and what follows if it does not: reports and `palisade explain` show these lines.\n\
         rule {rule}({parameter}: {entity}) {{\n  \
           // How grave it is. A rule that checks a document cites its statements instead: `cites house.net.ports`.\n  \
           severity error\n  \
           // Whom it is about; to all others it does not apply.\n  \
           when \"{{{parameter}}}\" != \"{exempt}\"\n  \
           // What must hold.\n  \
           require \"{{{parameter}}}\" != \"{broken}\"\n    \
             else \"`{{{parameter}}}` is …, and must be …\"\n  \
           help \"write … in `{{{parameter}}}`\"\n\
         }}\n"
    )
}

/// The entity's name as a variable: `VirtualNetwork` → `virtual_network`.
fn parameter(entity: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = String::new();
    for letter in entity.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    if keywords().contains(&name.as_str()) || is_taken(&name) { format!("the_{name}") } else { name }
}

fn test_text(rule: &str, about: &str, outcome: &str, yaml: &str) -> String {
    let yaml = yaml.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n");
    format!("test \"{rule}: {about}\" {{\n  given \"\"\"\n{yaml}\n  \"\"\"\n  expect {outcome} {rule}\n}}\n")
}
