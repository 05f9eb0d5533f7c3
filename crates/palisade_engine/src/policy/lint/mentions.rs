//! Every dotted path that an item writes where a name of the program may stand.
//!
//! A path may also be a variable, a variant or a field: whoever asks resolves it, and what resolves to nothing is no name.

use palisade_syntax::ast::{
    Clause, ClauseKind, ExpectationKind, Expr, ExprKind, Field, IsTest, Item, ItemKind, NodeId, Param, Path, Require,
    RequireBody, Template, TrafficLine, TypeExpr, TypeKind,
};
use smol_str::SmolStr;

use crate::policy::infer::mentions::{in_line, in_template, visit};

/// A path, word by word.
pub(super) type Words<'a> = Vec<&'a SmolStr>;

/// The paths of an item. What an import and a pack's `include` name is not among them: these are full names of modules.
pub(super) fn paths(item: &Item) -> Vec<Words<'_>> {
    let mut gather = Gather::default();
    gather.item(item);
    gather.paths
}

/// Where an item writes a word that may be one of its own variables.
pub(super) fn words(item: &Item) -> Vec<(&SmolStr, NodeId)> {
    let mut gather = Gather::default();
    gather.item(item);
    gather.words
}

#[derive(Default)]
struct Gather<'a> {
    paths: Vec<Words<'a>>,
    words: Vec<(&'a SmolStr, NodeId)>,
}

impl<'a> Gather<'a> {
    fn item(&mut self, item: &'a Item) {
        match &item.kind {
            ItemKind::Record(record) | ItemKind::Entity(record) => self.fields(&record.fields),
            ItemKind::Enum(declared) => declared.variants.iter().for_each(|variant| self.fields(&variant.fields)),
            ItemKind::Environment(declared) => self.fields(&declared.fields),
            ItemKind::Extend(extend) => {
                self.path(&extend.target);
                self.fields(&extend.fields);
            }
            ItemKind::Const(constant) => {
                self.ty(&constant.ty);
                self.expr(&constant.value);
            }
            ItemKind::Function(function) => {
                self.params(&function.params);
                self.ty(&function.result);
                function.body.iter().for_each(|body| self.expr(body));
            }
            ItemKind::Traffic(traffic) => {
                self.params(&traffic.params);
                self.lines(&traffic.lines);
            }
            ItemKind::Hosts(hosts) => {
                self.params(&hosts.params);
                hosts.hosts.iter().for_each(|host| self.template(host));
            }
            ItemKind::Rule(rule) => {
                self.params(&rule.params);
                rule.replaces.iter().for_each(|path| self.path(path));
                self.clauses(&rule.clauses);
            }
            ItemKind::Pack(pack) => {
                for condition in &pack.conditions {
                    self.path(&condition.ty);
                    self.expr(&condition.condition);
                }
            }
            ItemKind::Test(test) => {
                test.given.iter().filter_map(|given| given.fixture.as_ref()).for_each(|path| self.path(path));
                for expectation in &test.expectations {
                    if let ExpectationKind::Outcome { rule, .. } = &expectation.kind {
                        self.path(rule);
                    }
                }
            }
            ItemKind::Import(_) | ItemKind::Source(_) | ItemKind::Fixture(_) | ItemKind::Error => {}
        }
    }

    fn path(&mut self, path: &'a Path) {
        self.paths.push(path.segments.iter().map(|segment| &segment.text).collect());
    }

    fn all_paths(&mut self, paths: &'a [Path]) {
        for path in paths {
            self.path(path);
        }
    }

    fn types(&mut self, types: &'a [TypeExpr]) {
        for ty in types {
            self.ty(ty);
        }
    }

    fn fields(&mut self, fields: &'a [Field]) {
        for field in fields {
            self.ty(&field.ty);
            field.default.iter().for_each(|default| self.expr(default));
        }
    }

    fn params(&mut self, params: &'a [Param]) {
        for param in params {
            self.ty(&param.ty);
        }
    }

    fn ty(&mut self, ty: &'a TypeExpr) {
        match &ty.kind {
            TypeKind::Named { path, arguments } => {
                self.path(path);
                self.types(arguments);
            }
            TypeKind::Optional(of) | TypeKind::OrNone(of) => self.ty(of),
            TypeKind::Ref(paths) => self.all_paths(paths),
            TypeKind::Owner(path) => self.path(path),
            TypeKind::Error => {}
        }
    }

    fn lines(&mut self, lines: &'a [TrafficLine]) {
        lines.iter().flat_map(in_line).for_each(|expr| self.expr(expr));
    }

    fn template(&mut self, template: &'a Template) {
        for expr in in_template(template) {
            self.expr(expr);
        }
    }

    fn clauses(&mut self, clauses: &'a [Clause]) {
        for clause in clauses {
            match &clause.kind {
                ClauseKind::When(expr) => self.expr(expr),
                ClauseKind::Needs(all) => all.iter().for_each(|expr| self.expr(expr)),
                ClauseKind::Let { ty, value, .. } => {
                    self.types(ty.as_slice());
                    self.expr(value);
                }
                ClauseKind::Require(require) => self.require(require),
                ClauseKind::For { collection, clauses, .. } => {
                    self.expr(collection);
                    self.clauses(clauses);
                }
                ClauseKind::Cites(_)
                | ClauseKind::Severity(_)
                | ClauseKind::Tags(_)
                | ClauseKind::Unwaivable
                | ClauseKind::Error => {}
            }
        }
    }

    fn require(&mut self, require: &'a Require) {
        match &require.body {
            RequireBody::Expr(expr) => self.expr(expr),
            RequireBody::Either(all) => all.iter().for_each(|expr| self.expr(expr)),
        }
        require.otherwise.iter().chain(&require.help).for_each(|text| self.template(text));
    }

    fn expr(&mut self, expr: &'a Expr) {
        visit(expr, &mut |part| match &part.kind {
            ExprKind::Word(word) => {
                self.paths.push(vec![word]);
                self.words.push((word, part.id));
            }
            ExprKind::Quantifier { variable, .. } | ExprKind::Comprehension { variable, .. } => {
                self.words.push((&variable.text, variable.id));
            }
            ExprKind::Field(..) => self.paths.extend(chain(part)),
            ExprKind::Call { callee: path, .. } | ExprKind::Every(path) => self.path(path),
            ExprKind::Is { test: IsTest::Variants(paths), .. } => self.all_paths(paths),
            ExprKind::Match { arms, .. } => {
                arms.iter().flat_map(|arm| &arm.variants).for_each(|path| self.path(path));
            }
            _ => {}
        });
    }
}

/// `a.b.c`, where it starts with a word.
fn chain(expr: &Expr) -> Option<Words<'_>> {
    let (mut words, mut at) = (Vec::new(), expr);
    loop {
        match &at.kind {
            ExprKind::Field(of, name) => {
                words.push(&name.text);
                at = of;
            }
            ExprKind::Word(word) => {
                words.push(word);
                words.reverse();
                return Some(words);
            }
            _ => return None,
        }
    }
}
