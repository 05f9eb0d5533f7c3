//! The tests of the language: fixtures found, rules named, outcomes known.

use palisade_source::Severity;
use palisade_source::report::OutcomeKind;
use palisade_syntax::ast::{self, ExpectationKind, ItemKind};
use smol_str::SmolStr;

use super::infer::read_severity;
use super::items::{PolicyItem, file_items, find_item};
use super::lower::rule_items;
use super::modules::{Target, files, modules};
use super::program_scope::find_target;
use super::scope::Lowered;
use crate::inputs::{Db, Program};
use crate::ir::{Expectation, ExpectedOutcome, Test};
use crate::names::{DefName, ItemKey, ItemTag, NodeRef};
use crate::problem::Problem;
use crate::suggest;

/// Every test of a program, in the order of modules and text.
pub fn test_items(db: &dyn Db, program: Program) -> Vec<PolicyItem<'_>> {
    let items = files(db, program).into_iter().flat_map(|(_, file)| &file_items(db, file).items);
    items.copied().filter(|item| item.key(db).kind == ItemTag::Test).collect()
}

/// Reads a test.
#[salsa::tracked(returns(ref))]
pub fn test<'db>(db: &'db dyn Db, program: Program, item: PolicyItem<'db>) -> Option<Lowered<Test>> {
    let key = item.key(db);
    let ItemKind::Test(written) = &item.ast(db).kind else { return None };
    let module = modules(db, program).value.of_file(key.file);
    let mut reader = Reader { db, program, key, module: &module, problems: Vec::new() };
    let expectations = reader.expectations(written);
    let fixture = reader.fixture(written);
    let patch = written.given.as_ref().and_then(|g| g.patch.as_ref());
    let value = Test {
        item: key.clone(),
        module: module.clone(),
        name: written.name.text.clone(),
        fixture,
        patch: patch.map(|raw| (raw.id, raw.text.clone())),
        expectations,
    };
    Some(Lowered { value, problems: reader.problems })
}

struct Reader<'a> {
    db: &'a dyn Db,
    program: Program,
    key: &'a ItemKey,
    module: &'a SmolStr,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn at(&self, node: ast::NodeId) -> NodeRef {
        NodeRef { item: self.key.clone(), node }
    }

    fn target(&self, path: &ast::Path) -> Option<Target> {
        let words: Vec<&str> = path.segments.iter().map(|s| s.text.as_str()).collect();
        find_target(self.db, self.program, self.key.file, &words)
    }

    fn fixture(&mut self, written: &ast::Test) -> Option<(ItemKey, ast::NodeId, SmolStr)> {
        let Some(given) = &written.given else {
            let at = self.at(written.name.id);
            let message = "this test has no `given`: it would run on nothing";
            self.problems.push(
                Problem::error("test-without-given", message, at).help("add `given FIXTURE` or `given \"\"\"…\"\"\"`"),
            );
            return None;
        };
        let path = given.fixture.as_ref()?;
        if let Some(Target::Item(_, key)) = self.target(path)
            && let Some(item) = find_item(self.db, &key)
            && let ItemKind::Fixture(fixture) = &item.ast(self.db).kind
        {
            return Some((key, fixture.text.id, fixture.text.text.clone()));
        }
        let known = self.names_of(ItemTag::Fixture);
        let near = suggest::nearest(&path.dotted(), known.iter().map(SmolStr::as_str));
        let message = format!("there is no fixture `{}`", path.dotted());
        let at = self.at(path.id);
        let otherwise = "declare it: `fixture NAME \"\"\"…\"\"\"`, or import it from its module";
        self.problems.push(Problem::error("unknown-fixture", message, at).meant(near, otherwise));
        None
    }

    fn names_of(&self, kind: ItemTag) -> Vec<SmolStr> {
        let all = modules(self.db, self.program).value.all();
        all.filter(|(_, key)| key.kind == kind).map(|(name, _)| name.name).collect()
    }

    fn expectations(&mut self, written: &ast::Test) -> Vec<Expectation> {
        if written.expectations.is_empty() {
            let at = self.at(written.name.id);
            let message = "this test expects nothing, so it cannot fail";
            self.problems
                .push(Problem::error("test-without-expectation", message, at).help("add `expect pass RULE on PLACE`"));
        }
        written.expectations.iter().filter_map(|expected| self.expectation(expected)).collect()
    }

    fn expectation(&mut self, expected: &ast::Expectation) -> Option<Expectation> {
        match &expected.kind {
            ExpectationKind::NoFindings => {
                let rules = self.own_rules();
                if rules.is_empty() {
                    let message = "`expect no_findings` asks the rules of this module, and it has none";
                    let at = self.at(expected.id);
                    self.problems
                        .push(Problem::error("unknown-rule", message, at).help("expect an outcome of a named rule"));
                }
                Some(Expectation::NoFindings { id: expected.id, rules })
            }
            ExpectationKind::Outcome { outcome, rule, on, severity, at, message } => {
                let outcome = self.outcome(outcome);
                let severity = severity.as_ref().map(|word| self.severity(word));
                let rule = self.rule(rule);
                let severity = match severity {
                    Some(read) => Some(read?),
                    None => None,
                };
                let text = |plain: &ast::PlainText| (plain.id, plain.text.clone());
                Some(Expectation::Outcome {
                    id: expected.id,
                    outcome: outcome?,
                    rule: rule?,
                    on: on.as_ref().map(text),
                    severity,
                    at: at.iter().map(text).collect(),
                    message: message.as_ref().map(text),
                })
            }
        }
    }

    fn own_rules(&self) -> Vec<DefName> {
        let rules = rule_items(self.db, self.program).into_iter().map(|(name, _)| name);
        rules.filter(|name| name.module == *self.module).collect()
    }

    fn outcome(&mut self, word: &ast::Ident) -> Option<ExpectedOutcome> {
        use OutcomeKind::{Error, NotApplicable, Pass, Undetermined, Violation, Waived};
        let kinds = [Violation, Pass, Undetermined, Error, Waived, NotApplicable];
        if word.text == "none" {
            return Some(ExpectedOutcome::None);
        }
        if let Some(kind) = kinds.iter().find(|kind| kind.as_str() == word.text) {
            return Some(ExpectedOutcome::Kind(*kind));
        }
        let near = match word.text.as_str() {
            "fail" | "fails" | "failure" | "deny" | "denied" => Some(Violation.as_str()),
            "ok" | "success" | "allow" | "allowed" => Some(Pass.as_str()),
            "skip" | "skipped" => Some(NotApplicable.as_str()),
            other => suggest::nearest(other, kinds.iter().map(|kind| kind.as_str()).chain(["none"])),
        };
        let message = format!("`{}` is not an outcome", word.text);
        let all =
            "write `violation`, `pass`, `undetermined`, `error`, `waived`, `not_applicable`, `none` or `no_findings`";
        let at = self.at(word.id);
        self.problems.push(Problem::error("unknown-outcome", message, at).meant(near, all));
        None
    }

    fn severity(&mut self, word: &ast::Ident) -> Option<(ast::NodeId, Severity)> {
        match read_severity(word, self.at(word.id)) {
            Ok(severity) => Some((word.id, severity)),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// A rule in scope, or by its full name.
    fn rule(&mut self, path: &ast::Path) -> Option<DefName> {
        if let Some(Target::Item(name, key)) = self.target(path)
            && key.kind == ItemTag::Rule
        {
            return Some(name);
        }
        let dotted = path.dotted();
        let rules = rule_items(self.db, self.program);
        if let Some((name, _)) = rules.iter().find(|(name, _)| name.to_string() == dotted) {
            return Some(name.clone());
        }
        let names: Vec<DefName> = rules.into_iter().map(|(name, _)| name).collect();
        let problem = Problem::error("unknown-rule", format!("there is no rule `{dotted}`"), self.at(path.id));
        let problem = self.rule_meant(problem, &dotted, &names);
        self.problems.push(problem);
        None
    }

    /// The rules that a word may have meant: those of that name to import, else the nearest.
    fn rule_meant(&self, problem: Problem, dotted: &str, rules: &[DefName]) -> Problem {
        const LISTED: &str = "`palisade rules` lists the rules of the library and your own";
        let named: Vec<&DefName> = rules.iter().filter(|rule| rule.name == dotted).collect();
        match named.as_slice() {
            [] if dotted.contains('.') => {
                let full: Vec<String> = rules.iter().map(ToString::to_string).collect();
                problem.meant(suggest::nearest(dotted, full.iter().map(String::as_str)), LISTED)
            }
            [] => {
                let near = suggest::nearest(dotted, rules.iter().map(|rule| rule.name.as_str()));
                let Some(near) = rules.iter().find(|rule| Some(rule.name.as_str()) == near) else {
                    return problem.help(LISTED);
                };
                let bound = find_target(self.db, self.program, self.key.file, &[&near.name]).is_some();
                let written = if bound { near.name.to_string() } else { near.to_string() };
                problem.guess(written).help(format!("did you mean `{}` of `{}`?", near.name, near.module))
            }
            [one] => {
                problem.guess(one.to_string()).help(format!("import it: `import {}.{{{}}}`", one.module, one.name))
            }
            [_, ..] => {
                let all: Vec<String> = named.iter().map(ToString::to_string).collect();
                problem.help(format!("import the one that is meant: `{}`", all.join("`, `")))
            }
        }
    }
}
