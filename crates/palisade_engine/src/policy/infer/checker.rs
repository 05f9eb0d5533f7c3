//! The state of checking one item: its variables, what is known of them, what was found wrong.

use palisade_net::ValueError;
use palisade_source::Severity;
use palisade_syntax::ast::{self, Ident, NodeId, Strength};
use smol_str::SmolStr;

use super::codes;
use super::facts::{self, Facts};
use super::rule::is_path;
use super::source::shown;
use super::{Context, type_names};
use crate::ir::{Expr, ExprKind, Local};
use crate::names::{DefName, NodeRef};
use crate::policy::scope::{Binding, Lowered};
use crate::problem::{Change, Problem, Repair};
use crate::suggest::nearest;
use crate::types::{Schema, Type};

pub(super) struct Checker<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) schema: &'a Schema,
    pub(super) facts: Facts,
    /// The strongest statement that the item cites.
    pub(super) strongest: Option<Strength>,
    /// A clause that may have narrowed what follows is at fault.
    pub(super) narrowing_lost: bool,
    problems: Vec<Problem>,
    /// Every variable of the item.
    locals: Vec<Variable>,
    /// Those in scope, innermost last.
    visible: Vec<Local>,
}

struct Variable {
    name: SmolStr,
    ty: Type,
    at: NodeId,
    used: bool,
    /// What it is called in a message if nothing uses it; `None`: that is nobody's business.
    kind: Option<&'static str>,
    /// The clause that is there for it alone.
    clause: Option<NodeId>,
}

/// A point to which [`Checker::leave`] returns: the variables and facts of a block end with it.
pub(super) struct Block {
    visible: usize,
    facts: Facts,
}

impl<'a> Checker<'a> {
    pub(super) fn new(cx: &'a Context<'a>) -> Self {
        Self {
            cx,
            schema: cx.scope.schema(),
            facts: Facts::default(),
            strongest: None,
            narrowing_lost: false,
            problems: Vec::new(),
            locals: Vec::new(),
            visible: Vec::new(),
        }
    }

    /// The result, with the problems in the order of the text.
    pub(super) fn finish<T>(mut self, value: T) -> Lowered<T> {
        self.report_unused();
        self.problems.sort_by_key(|p| p.at.node);
        Lowered { value, problems: self.problems }
    }

    // Problems.

    pub(super) fn at(&self, node: NodeId) -> NodeRef {
        NodeRef { item: self.cx.item.clone(), node }
    }

    pub(super) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// How many faults were found that leave open what their clause would narrow.
    pub(super) fn unclear(&self) -> usize {
        let unclear = |one: &&Problem| one.severity == Severity::Error && one.code != codes::NOT_NARROWED;
        self.problems.iter().filter(unclear).count()
    }

    /// The use of a value as something that it may not be; not said where the clause is at fault that was to rule it out.
    pub(super) fn not_narrowed(&mut self, at: NodeId, message: String, help: String) {
        if !self.narrowing_lost {
            self.error(codes::NOT_NARROWED, at, message, help);
        }
    }

    /// An error with what to do about it.
    pub(super) fn error(
        &mut self,
        code: &'static str,
        node: NodeId,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = Problem::error(code, message, self.at(node)).help(help);
        self.push(problem);
    }

    /// An error about a name that does not exist, with the nearest that does or else other advice.
    pub(super) fn unknown<S: AsRef<str>>(
        &mut self,
        code: &'static str,
        name: &Ident,
        message: impl Into<String>,
        candidates: &[S],
        otherwise: impl Into<String>,
    ) {
        let near = nearest(&name.text, candidates.iter().map(AsRef::as_ref));
        let problem = Problem::error(code, message, self.at(name.id)).meant(near, otherwise);
        self.push(problem);
    }

    pub(super) fn warning(
        &mut self,
        code: &'static str,
        node: NodeId,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mut problem = Problem::error(code, message, self.at(node)).help(help);
        problem.severity = Severity::Warning;
        self.push(problem);
    }

    /// What a parser of network values found wrong.
    pub(super) fn value_error(&mut self, code: &'static str, node: NodeId, error: ValueError) {
        let mut problem = Problem::error(code, error.message, self.at(node));
        match (error.suggestion, error.help) {
            (Some(near), more) => {
                problem = problem.meant(Some(&near), "");
                problem.notes.extend(more);
            }
            (None, help) => problem.help = help,
        }
        self.push(problem);
    }

    pub(super) fn show(&self, ty: &Type) -> String {
        self.schema.display(ty).to_string()
    }

    pub(super) fn has_problems_since(&self, mark: usize) -> bool {
        self.problems.len() > mark
    }

    pub(super) fn mark(&self) -> usize {
        self.problems.len()
    }

    // Types.

    pub(super) fn read_type(&mut self, ty: &ast::TypeExpr) -> Type {
        let names = type_names::ScopeTypes(self.cx.scope);
        let lowered = type_names::resolve_type(&names, self.cx.item, ty);
        self.problems.extend(lowered.problems);
        lowered.value
    }

    /// Declares parameters; the types are those of the declaration.
    pub(super) fn declare_params(&mut self, params: &[ast::Param], kind: &'static str) -> Vec<(SmolStr, Type)> {
        params
            .iter()
            .map(|param| {
                let ty = self.read_type(&param.ty);
                self.declare(&param.name, ty.clone(), Some(kind));
                (param.name.text.clone(), ty)
            })
            .collect()
    }

    /// The type of a signature, whose faults are reported where the signature is read for others.
    pub(super) fn signature_type(&self, ty: &ast::TypeExpr) -> Type {
        type_names::resolve_type(&type_names::ScopeTypes(self.cx.scope), self.cx.item, ty).value
    }

    /// Declares the parameters of an item that is called; says how many there are.
    pub(super) fn declare_signature(&mut self, params: &[ast::Param], kind: Option<&'static str>) -> u32 {
        for param in params {
            let ty = self.signature_type(&param.ty);
            self.declare(&param.name, ty, kind);
        }
        self.locals()
    }

    // Variables.

    /// A new variable, in scope until its block ends.
    pub(super) fn declare(&mut self, name: &Ident, ty: Type, kind: Option<&'static str>) -> Local {
        self.check_shadowing(name);
        let local = Local(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        self.locals.push(Variable { name: name.text.clone(), ty, at: name.id, used: false, kind, clause: None });
        self.visible.push(local);
        local
    }

    /// A variable that a `let` declares: without it nothing needs the clause.
    pub(super) fn declare_let(&mut self, name: &Ident, ty: Type, clause: NodeId) -> Local {
        let local = self.declare(name, ty, Some("name"));
        if let Some(variable) = self.locals.get_mut(local.0 as usize) {
            variable.clause = Some(clause);
        }
        local
    }

    fn check_shadowing(&mut self, name: &Ident) {
        let word = &name.text;
        let (what, place) = if let Some(variable) = self.find(word).and_then(|l| self.info(l)) {
            ("a variable", Some(self.at(variable.at)))
        } else if word == "environment" {
            ("the environment", None)
        } else if let Some(binding) = self.cx.scope.word(word) {
            (kind_of(&binding), def_of(&binding).and_then(|def| self.cx.scope.declaration(def)))
        } else {
            return;
        };
        let message = format!("`{word}` is already the name of {what}");
        let mut problem = Problem::error(codes::SHADOWED_NAME, message, self.at(name.id))
            .help("use another name: a name means one thing in its scope");
        if let Some(place) = place {
            problem = problem.related(place, format!("`{word}` is declared here"));
        }
        self.push(problem);
    }

    fn info(&self, local: Local) -> Option<&Variable> {
        self.locals.get(local.0 as usize)
    }

    pub(super) fn find(&self, word: &str) -> Option<Local> {
        let named = |l: &&Local| self.info(**l).is_some_and(|v| v.name == word);
        self.visible.iter().rev().find(named).copied()
    }

    /// The names of the variables in scope.
    pub(super) fn variable_names(&self) -> Vec<SmolStr> {
        self.visible.iter().filter_map(|l| Some(self.info(*l)?.name.clone())).collect()
    }

    pub(super) fn read_local(&mut self, node: NodeId, local: Local) -> Expr {
        let declared = self.locals.get_mut(local.0 as usize).map_or(Type::Error, |v| {
            v.used = true;
            v.ty.clone()
        });
        self.read(node, ExprKind::Local(local), &declared)
    }

    pub(super) fn locals(&self) -> u32 {
        u32::try_from(self.locals.len()).unwrap_or(u32::MAX)
    }

    /// Unused variables, where nothing else is wrong: what is at fault may have been about to use them.
    fn report_unused(&mut self) {
        if self.problems.iter().any(|p| p.severity == Severity::Error) {
            return;
        }
        let unused = |v: &Variable| {
            let kind = v.kind.filter(|_| !v.used && !v.name.starts_with('_'))?;
            let message = format!("the {kind} `{}` is not used", v.name);
            let problem = Problem::warning(codes::UNUSED_VARIABLE, message, self.at(v.at));
            let repaired = match v.clause {
                Some(clause) => problem.repair(Repair {
                    title: format!("remove `let {} = …`", v.name),
                    safe: true,
                    changes: vec![Change::RemoveLines(self.at(clause))],
                }),
                None => problem.guess(format!("_{}", v.name)),
            };
            Some(repaired.help("remove it, or begin its name with `_`"))
        };
        let found: Vec<Problem> = self.locals.iter().filter_map(unused).collect();
        self.problems.extend(found);
    }

    // Blocks and facts.

    pub(super) fn enter(&self) -> Block {
        Block { visible: self.visible.len(), facts: self.facts.clone() }
    }

    pub(super) fn leave(&mut self, block: Block) {
        self.visible.truncate(block.visible);
        self.facts = block.facts;
    }

    /// Takes as known what follows from a condition that holds.
    pub(super) fn assume(&mut self, condition: &Expr) {
        let branches = facts::branches(self.schema, condition);
        self.facts.and(&branches.yes);
    }

    /// Takes as known what follows from a condition that does not hold.
    pub(super) fn assume_not(&mut self, condition: &Expr) {
        let branches = facts::branches(self.schema, condition);
        self.facts.and(&branches.no);
    }

    /// A path with its type after narrowing.
    pub(super) fn read(&self, id: NodeId, kind: ExprKind, declared: &Type) -> Expr {
        let ty = self.facts.narrow(&kind, declared);
        Expr { id, ty, kind }
    }

    /// The type that an expression has before narrowing.
    pub(super) fn declared(&self, expr: &Expr) -> Type {
        let found = match &expr.kind {
            ExprKind::Local(local) => self.info(*local).map(|v| v.ty.clone()),
            ExprKind::Environment(field) => self.schema.environment.get(*field as usize).map(|f| f.ty.clone()),
            ExprKind::Field { record, field, .. } => {
                self.schema.record(*record).and_then(|r| r.fields.get(*field as usize)).map(|f| f.ty.clone())
            }
            ExprKind::VariantField { enumeration, variant, field, .. } => self
                .schema
                .enumeration(*enumeration)
                .and_then(|e| e.variants.get(usize::from(*variant)))
                .and_then(|v| v.fields.get(*field as usize))
                .map(|f| f.ty.clone()),
            _ => None,
        };
        found.unwrap_or_else(|| expr.ty.clone())
    }

    // What an expression must be.

    /// An expression of a type, or one that is silently at fault after a message.
    pub(super) fn check(&mut self, e: &ast::Expr, want: &Type, role: &str) -> Expr {
        let found = self.infer(e, Some(want));
        self.fit(e, found, want, role)
    }

    /// A Bool.
    pub(super) fn condition(&mut self, e: &ast::Expr) -> Expr {
        self.check(e, &Type::Bool, "a `Bool` is required here")
    }

    /// An expression that is there.
    pub(super) fn value(&mut self, e: &ast::Expr, want: Option<&Type>) -> Expr {
        let found = self.infer(e, want);
        self.present(e, found)
    }

    /// Reports an expression that may be absent.
    pub(super) fn present(&mut self, e: &ast::Expr, mut found: Expr) -> Expr {
        let (subject, path) = shown(e);
        let (what, test, clause) = match &found.ty {
            Type::Optional(_) => ("absent", "is set", format!("needs {subject}")),
            Type::OrNone(_) => ("none", "is not none", format!("when {subject} is not none")),
            _ => return found,
        };
        // What is known is known of paths, not of calls and entries.
        let help = if path && is_path(e) {
            format!("use `{clause}` in a rule, `{subject} {test} and …`, or `{subject} ?? …`")
        } else {
            format!("give it a name with `let`, then use `needs`, `{test}`, or `??`")
        };
        let message = format!("{} may be {what}, and a value is required here", quoted(&subject, path));
        self.not_narrowed(e.id, message, help);
        // Said once, it need not be said again of the same path.
        self.facts.and(&Facts::present(&found));
        found.ty = found.ty.narrowed().clone();
        found
    }

    /// Checks a found type against a required one; `role` says who requires it.
    pub(super) fn fit(&mut self, e: &ast::Expr, found: Expr, want: &Type, role: &str) -> Expr {
        if assignable(&found.ty, want) {
            return found;
        }
        if matches!(found.ty, Type::Optional(_) | Type::OrNone(_)) && assignable(found.ty.narrowed(), want) {
            return self.present(e, found);
        }
        if found.ty == Type::Verdict && *want == Type::Bool {
            self.verdict_not_bool(e);
        } else {
            let (subject, path) = shown(e);
            let message = format!("{} is {}, but {role}", quoted(&subject, path), a_type(&self.show(&found.ty)));
            let help = match found.ty {
                Type::Optional(_) if *want == Type::Bool => format!("ask whether it is there: `{subject} is set`"),
                Type::OrNone(_) if *want == Type::Bool => format!("ask whether it is there: `{subject} is not none`"),
                _ => self.mismatch_help(e, want),
            };
            let problem = Problem::error(codes::TYPE_MISMATCH, message, self.at(e.id)).help(help);
            self.push(problem);
        }
        error_of(e.id, want.clone())
    }

    pub(super) fn mismatch_help(&self, e: &ast::Expr, want: &Type) -> String {
        if let ast::ExprKind::Text(text) = &e.kind
            && let [ast::TemplatePart::Text(text)] = text.parts.as_slice()
            && (self.expected_word(text, want).is_some_and(|w| w.is_ok()) || super::literal::shape_fits(text, want))
        {
            return format!("write `{text}` without quotes");
        }
        if let ast::ExprKind::Literal(text) = &e.kind
            && *want == Type::Text
        {
            return format!("write `\"{text}\"`, in quotes");
        }
        format!("use a value of type `{}`: nothing is converted silently", self.show(want))
    }

    pub(super) fn verdict_not_bool(&mut self, e: &ast::Expr) {
        let help = "ask `… is allowed` (or `denied`, `partial`, `undetermined`), or let `require`, `forbid` or `either` judge it";
        let message = "this is a `Verdict`, which is not a `Bool`: it may also be partial or undetermined";
        self.error(codes::VERDICT_NOT_BOOL, e.id, message, help);
    }
}

/// An expression at fault, already reported, that may pass for this type.
pub(super) fn error_of(id: NodeId, ty: Type) -> Expr {
    Expr { id, ty, kind: ExprKind::Error }
}

/// A subject of a message: a path in backticks, or words.
pub(super) fn quoted(subject: &str, path: bool) -> String {
    if path { format!("`{subject}`") } else { subject.to_owned() }
}

/// `a List<Int>`, `an Int`, in backticks.
pub(super) fn a_type(name: &str) -> String {
    let vowel = name.starts_with(['A', 'E', 'I', 'O']);
    format!("{} `{name}`", if vowel { "an" } else { "a" })
}

/// Whether a value of one type may stand where another is required. Only absence widens: a `T` is a `T?`.
pub(super) fn assignable(found: &Type, want: &Type) -> bool {
    match (found, want) {
        (Type::Error, _) | (_, Type::Error) => true,
        (Type::Optional(a), Type::Optional(b))
        | (Type::OrNone(a), Type::OrNone(b))
        | (Type::List(a), Type::List(b)) => assignable(a, b),
        (Type::Optional(_), Type::OrNone(_)) | (Type::OrNone(_), Type::Optional(_)) => false,
        (a, Type::Optional(b) | Type::OrNone(b)) => assignable(a, b),
        (Type::Map(k, v), Type::Map(l, w)) => k == l && assignable(v, w),
        (Type::Record(id), Type::OneOf(ids)) => ids.contains(id),
        (Type::OneOf(some), Type::OneOf(ids)) => some.iter().all(|id| ids.contains(id)),
        (a, b) => a == b,
    }
}

/// The least type that both may stand for.
pub(super) fn join(a: &Type, b: &Type) -> Option<Type> {
    if assignable(a, b) {
        return Some(if *b == Type::Error { a.clone() } else { b.clone() });
    }
    if assignable(b, a) {
        return Some(a.clone());
    }
    match (a, b) {
        (Type::Optional(x), y) | (y, Type::Optional(x)) if !matches!(y, Type::OrNone(_)) => {
            Some(Type::Optional(join(x, y.narrowed())?.into()))
        }
        (Type::OrNone(x), y) | (y, Type::OrNone(x)) if !matches!(y, Type::Optional(_)) => {
            Some(Type::OrNone(join(x, y.narrowed())?.into()))
        }
        (Type::List(x), Type::List(y)) => Some(Type::List(join(x, y)?.into())),
        _ => None,
    }
}

/// What a binding is, in words.
pub(super) fn kind_of(binding: &Binding) -> &'static str {
    match binding {
        Binding::Type(_) => "a type",
        Binding::Const { .. } => "a constant",
        Binding::Function { .. } => "a function",
        Binding::Traffic { .. } => "a traffic table",
        Binding::Rule(_) => "a rule",
        Binding::Pack(_) => "a pack",
        Binding::Source(_) => "a source",
        Binding::Fixture(_) => "a fixture",
        Binding::Module(_) => "a module",
    }
}

fn def_of(binding: &Binding) -> Option<&DefName> {
    match binding {
        Binding::Const { name, .. }
        | Binding::Function { name, .. }
        | Binding::Traffic { name, .. }
        | Binding::Rule(name)
        | Binding::Pack(name) => Some(name),
        _ => None,
    }
}
