//! Rules, clause by clause: each `when`, `needs` and `let` narrows what follows it.

use std::collections::BTreeSet;

use palisade_source::Severity;
use palisade_syntax::ast::{self, Clause, ClauseKind, Ident, NodeId, Path, RequireBody, Strength};
use smol_str::SmolStr;

use super::checker::{Checker, a_type, error_of, kind_of, quoted};
use super::facts::Facts;
use super::source::shown;
use super::{codes, mentions};
use crate::ir::{self, Expr, Step, StepKind};
use crate::names::{DefName, NodeRef};
use crate::policy::docs::split_doc;
use crate::policy::scope::Binding;
use crate::problem::Problem;
use crate::suggest::{did_you_mean, nearest};
use crate::types::{RecordId, Type, TypeDef};

/// What holds for a whole rule.
#[derive(Default)]
struct Head {
    severity: Option<Severity>,
    tags: Vec<SmolStr>,
    unwaivable: bool,
    cites: Vec<SmolStr>,
}

impl Checker<'_> {
    pub(super) fn rule(&mut self, doc: Option<&str>, rule: &ast::Rule) -> ir::Rule {
        let params = self.subjects(rule);
        let replaces = rule.replaces.as_ref().and_then(|path| self.replaced(path));
        let mut head = Head::default();
        let steps = self.clauses(&rule.clauses, Some(&mut head));
        self.check_requires(rule);
        self.check_joined(rule);
        let (title, documentation) = split_doc(doc, &rule.name.text);
        ir::Rule {
            item: self.cx.item.clone(),
            name: DefName::new(self.cx.module, rule.name.text.clone()),
            title,
            documentation,
            params,
            locals: self.locals(),
            severity: head.severity.unwrap_or_else(|| severity_of(self.strongest)),
            tags: head.tags,
            unwaivable: head.unwaivable,
            cites: head.cites,
            replaces,
            steps,
        }
    }

    fn subjects(&mut self, rule: &ast::Rule) -> Vec<(SmolStr, RecordId)> {
        if rule.params.is_empty() {
            let message = format!("the rule `{}` has no subject", rule.name.text);
            let help = "give it a parameter, such as `(compute: Compute)`: it runs once for each";
            self.error(codes::PARAM_NOT_ENTITY, rule.name.id, message, help);
        }
        let params = self.declare_params(&rule.params, "parameter");
        let mut subjects = Vec::new();
        for (param, (name, ty)) in rule.params.iter().zip(params) {
            match ty {
                Type::Record(id) if self.schema.record(id).is_some_and(|r| r.entity) => subjects.push((name, id)),
                Type::Error => {}
                other => {
                    let message =
                        format!("the parameter `{name}` is {}, which is not an entity", a_type(&self.show(&other)));
                    let help =
                        "a rule runs once for each entity of a type: use an entity, and `let` or `for` for the rest";
                    self.error(codes::PARAM_NOT_ENTITY, param.ty.id, message, help);
                }
            }
        }
        subjects
    }

    /// The rule that another one replaces. A name of nothing is reported where all rules are known.
    fn replaced(&mut self, path: &Path) -> Option<DefName> {
        let (name, before) = path.segments.split_last()?;
        let module = before.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(".");
        let first = path.segments.first()?;
        let mut binding = self.cx.scope.word(&first.text);
        for word in path.segments.iter().skip(1) {
            binding = match binding {
                Some(Binding::Module(module)) => self.cx.scope.member(&module, &word.text),
                _ => None,
            };
        }
        let binding = binding.or_else(|| self.cx.scope.member(&module, &name.text));
        match binding? {
            Binding::Rule(name) => Some(name),
            other => {
                let message = format!("there is no rule `{}`: that is {}", path.dotted(), kind_of(&other));
                let help = "write the rule's full name, as `palisade rules` lists it";
                self.error(codes::UNKNOWN_RULE, path.id, message, help);
                None
            }
        }
    }

    // Clauses.

    /// The clauses of a rule, or of a `for` (which has no head).
    fn clauses(&mut self, clauses: &[Clause], mut head: Option<&mut Head>) -> Vec<Step> {
        let mut steps = Vec::new();
        for clause in clauses {
            let added = self.clause(clause, &mut head);
            steps.extend(added.into_iter().map(|kind| Step { id: clause.id, kind }));
        }
        steps
    }

    fn clause(&mut self, clause: &Clause, head: &mut Option<&mut Head>) -> Vec<StepKind> {
        match &clause.kind {
            ClauseKind::Cites(_) | ClauseKind::Severity(_) | ClauseKind::Tags(_) | ClauseKind::Unwaivable => {
                // In a `for` it is the parser's to report.
                if let Some(head) = head {
                    self.head_clause(clause, head);
                }
                Vec::new()
            }
            ClauseKind::When(e) => vec![StepKind::When(self.when(e))],
            ClauseKind::Needs(paths) => paths.iter().map(|e| StepKind::Needs(self.needs(e))).collect(),
            ClauseKind::Let { name, ty, value } => vec![self.let_(clause.id, name, ty.as_ref(), value)],
            ClauseKind::Require(require) => vec![StepKind::Require(self.require(require))],
            ClauseKind::For { variable, collection, clauses } => vec![self.for_(variable, collection, clauses)],
            ClauseKind::Error => {
                self.narrowing_lost = true;
                Vec::new()
            }
        }
    }

    fn head_clause(&mut self, clause: &Clause, head: &mut Head) {
        match &clause.kind {
            ClauseKind::Cites(paths) => head.cites.extend(self.cites(paths)),
            ClauseKind::Tags(tags) => head.tags.extend(tags.iter().map(|tag| tag.text.clone())),
            // A second one is the parser's to report.
            ClauseKind::Severity(word) => head.severity = self.severity(word),
            _ => head.unwaivable = true,
        }
    }

    fn severity(&mut self, word: &Ident) -> Option<Severity> {
        read_severity(word, self.at(word.id)).map_err(|problem| self.push(problem)).ok()
    }

    fn when(&mut self, e: &ast::Expr) -> Expr {
        let before = self.unclear();
        let condition = self.condition(e);
        self.narrowing_lost |= self.unclear() > before || mentions::has_error(e);
        self.assume(&condition);
        condition
    }

    /// Narrows every step of a path that may be absent.
    fn needs(&mut self, e: &ast::Expr) -> Expr {
        if !is_path(e) {
            if !mentions::has_error(e) {
                let help = "give the value a name with `let`, and write `needs` with that name";
                self.error(
                    codes::NEEDS_PATH,
                    e.id,
                    "`needs` takes a path such as `compute.region`, and this is computed",
                    help,
                );
            }
            self.narrowing_lost = true;
            self.infer(e, Some(&Type::Error));
            return error_of(e.id, Type::Error);
        }
        let mut absent = false;
        let value = self.loose_path(e, &mut |checker, step, value| {
            if matches!(value.ty, Type::OrNone(_)) {
                checker.needed_none(step);
            }
            absent |= matches!(checker.declared(value), Type::Optional(_) | Type::OrNone(_) | Type::Error);
            let present = Facts::present(value);
            checker.facts.and(&present);
        });
        self.narrowing_lost |= value.ty == Type::Error;
        if !absent {
            self.never_absent(e, &value, "so `needs` never comes to anything");
        }
        Expr { ty: value.ty.narrowed().clone(), ..value }
    }

    /// That there is none of something is known: nothing is missing that `needs` could ask for.
    fn needed_none(&mut self, e: &ast::Expr) {
        let (subject, path) = shown(e);
        let message = format!(
            "{} is `or none`: absent means that there is none, and `needs` asks for what may be unknown",
            quoted(&subject, path)
        );
        let help = format!("write `when {subject} is not none`, or require that it is");
        self.error(codes::WRONG_ABSENCE_TEST, e.id, message, help);
    }

    fn let_(&mut self, clause: NodeId, name: &Ident, ty: Option<&ast::TypeExpr>, value: &ast::Expr) -> StepKind {
        let written = ty.map(|ty| self.read_type(ty));
        let value = match &written {
            Some(ty) => {
                let role = format!("`{}` is {}", name.text, a_type(&self.show(ty)));
                self.check(value, ty, &role)
            }
            None => self.infer(value, None),
        };
        // Whether the type or the value is the slip, what follows is not about it.
        let ty = match (&value.kind, written) {
            (ir::ExprKind::Error, _) => Type::Error,
            (_, Some(ty)) => ty,
            (_, None) => value.ty.clone(),
        };
        StepKind::Let(self.declare_let(name, ty, clause), value)
    }

    fn for_(&mut self, variable: &Ident, collection: &ast::Expr, clauses: &[Clause]) -> StepKind {
        let (collection, item) = self.collection(collection);
        let block = self.enter();
        let variable = self.declare(variable, item, Some("loop variable"));
        let steps = self.clauses(clauses, None);
        self.leave(block);
        StepKind::For { variable, collection, steps }
    }

    fn require(&mut self, require: &ast::Require) -> ir::Require {
        let alternatives = match &require.body {
            RequireBody::Expr(e) => vec![self.judged(e)],
            RequireBody::Either(all) => all.iter().map(|e| self.judged(e)).collect(),
        };
        ir::Require {
            sense: require.sense,
            alternatives,
            otherwise: require.otherwise.as_ref().map(|t| self.template(t)),
            help: require.help.as_ref().map(|t| self.template(t)),
        }
    }

    /// A Bool or a Verdict.
    fn judged(&mut self, e: &ast::Expr) -> Expr {
        let found = self.infer(e, None);
        match found.ty {
            Type::Verdict => found,
            _ => self.fit(e, found, &Type::Bool, "a `Bool` or a `Verdict` is required here"),
        }
    }

    // The whole.

    fn check_requires(&mut self, rule: &ast::Rule) {
        if !has_require(&rule.clauses) {
            let message = format!("the rule `{}` requires nothing, so it could only pass", rule.name.text);
            self.error(codes::MISSING_REQUIRE, rule.name.id, message, "add `require …` or `forbid …`");
        }
    }

    /// Every further parameter is joined to the subject by conditions that mention both.
    fn check_joined(&mut self, rule: &ast::Rule) {
        let names: Vec<SmolStr> = rule.params.iter().map(|p| p.name.text.clone()).collect();
        let Some(subject) = names.first() else { return };
        let groups = conditions(&rule.clauses);
        let mut joined = BTreeSet::from([subject.clone()]);
        // Each round joins a parameter at least, or is the last.
        for _ in &names {
            for group in &groups {
                if !group.is_disjoint(&joined) {
                    joined.extend(group.iter().filter(|word| names.contains(word)).cloned());
                }
            }
        }
        for param in rule.params.iter().filter(|p| !joined.contains(&p.name.text)) {
            let name = &param.name.text;
            let message = format!("no `when` joins `{name}` to `{subject}`, so the rule runs for every pair");
            let help = format!("add `when` with a condition on both `{subject}` and `{name}`");
            self.warning(codes::CROSS_PRODUCT, param.name.id, message, help);
        }
    }

    /// `when T w: e`
    pub(super) fn pack_condition(&mut self, condition: &ast::PackCondition) -> Option<ir::PackCondition> {
        let found = self.type_named(&condition.ty);
        let record = match found {
            Some(TypeDef::Record(id)) if self.schema.record(id).is_some_and(|r| r.entity) => Some(id),
            Some(_) => {
                let message = format!("`{}` is not an entity, so no rule is about one", condition.ty.dotted());
                self.error(codes::PARAM_NOT_ENTITY, condition.ty.id, message, "name an entity, such as `Workspace`");
                None
            }
            None => None,
        };
        let ty = record.map_or(Type::Error, Type::Record);
        self.declare(&condition.variable, ty, Some("variable"));
        let value = self.condition(&condition.condition);
        let item = self.cx.item.clone();
        Some(ir::PackCondition { item, record: record?, locals: self.locals(), condition: value })
    }
}

fn has_require(clauses: &[Clause]) -> bool {
    clauses.iter().any(|clause| match &clause.kind {
        // What could not be read may have been one.
        ClauseKind::Require(_) | ClauseKind::Error => true,
        ClauseKind::For { clauses, .. } => has_require(clauses),
        _ => false,
    })
}

/// The words of each `when`, with those of the names that it uses.
fn conditions(clauses: &[Clause]) -> Vec<BTreeSet<SmolStr>> {
    let mut names: Vec<(SmolStr, BTreeSet<SmolStr>)> = Vec::new();
    let mut found = Vec::new();
    for clause in clauses {
        let expand = |e: &ast::Expr| {
            let mut words = mentions::words(e);
            for (name, behind) in &names {
                if words.contains(name) {
                    words.extend(behind.iter().cloned());
                }
            }
            words
        };
        match &clause.kind {
            ClauseKind::When(e) => found.push(expand(e)),
            ClauseKind::Let { name, value, .. } => {
                let words = expand(value);
                names.push((name.text.clone(), words));
            }
            _ => {}
        }
    }
    found
}

pub(super) fn is_path(e: &ast::Expr) -> bool {
    match &e.kind {
        ast::ExprKind::Word(_) => true,
        ast::ExprKind::Field(of, _) => is_path(of),
        _ => false,
    }
}

/// The severity that a word is.
pub(in crate::policy) fn read_severity(word: &Ident, at: NodeRef) -> Result<Severity, Problem> {
    let all = [Severity::Error, Severity::Warning, Severity::Info];
    all.into_iter().find(|severity| severity.as_str() == word.text).ok_or_else(|| {
        let near = did_you_mean(nearest(&word.text, all.map(Severity::as_str)));
        let message = format!("`{}` is not a severity", word.text);
        let help = near.unwrap_or_else(|| "write `error`, `warning` or `info`".to_owned());
        Problem::error(codes::UNKNOWN_SEVERITY, message, at).help(help)
    })
}

fn severity_of(strongest: Option<Strength>) -> Severity {
    match strongest {
        Some(Strength::Must | Strength::MustNot) => Severity::Error,
        Some(Strength::Should) => Severity::Warning,
        Some(Strength::May | Strength::Info) | None => Severity::Info,
    }
}
