//! The type checker: syntax trees → typed [`crate::ir`], with the problems that were found on the way.
//!
//! Pure functions, one for each kind of item; what they know of other items comes through [`Scope`]. The work is done by
//! `checker`, whose methods are spread by subject: `name` (words and fields), `expr`, `literal`, `collection`,
//! `call`, `logic` and `compare`, `traffic`, `rule`. `facts` holds what conditions say of paths.
//!
//! Types go two ways. A place *expects* a type, which gives literals and bare words theirs; an expression *has* a type,
//! which must be the one that is required. One mistake is one message: what is at fault gets the type
//! [`Type::Error`] or the required one, and nothing more is said about it.

mod call;
mod checker;
pub mod codes;
mod collection;
mod compare;
mod default;
mod expr;
mod facts;
mod literal;
mod logic;
pub(in crate::policy) mod mentions;
mod name;
mod rule;
mod source;
#[cfg(test)]
mod tests;
mod traffic;
mod type_names;

use palisade_syntax::ast;
use smol_str::SmolStr;

use self::checker::Checker;
pub(in crate::policy) use self::rule::read_severity;
pub use self::type_names::{TypeNames, count_of, resolve_field_type, resolve_type};
use crate::data::Data;
use crate::ir;
use crate::names::ItemKey;
use crate::policy::scope::{Lowered, Scope};
use crate::types::Type;

/// Where an item stands.
pub struct Context<'a> {
    /// The names that it sees.
    pub scope: &'a dyn Scope,
    /// Its identity.
    pub item: &'a ItemKey,
    /// Its module.
    pub module: &'a str,
}

/// Checks a rule. `doc` is the text of its `///` lines.
pub fn rule(cx: &Context<'_>, doc: Option<&str>, rule: &ast::Rule) -> Lowered<ir::Rule> {
    let mut checker = Checker::new(cx);
    let value = checker.rule(doc, rule);
    checker.finish(value)
}

/// Checks a function; one without a body (`extern fn`) has nothing but its signature.
///
/// Faults of the types in a signature (here, and of constants and traffic tables) are reported by whoever reads the
/// signature with [`params`] and [`resolve_type`], so that they are reported once.
pub fn function(cx: &Context<'_>, function: &ast::Function) -> Lowered<ir::Function> {
    let mut checker = Checker::new(cx);
    let kind = function.body.as_ref().map(|_| "parameter");
    let params = checker.declare_signature(&function.params, kind);
    let result = checker.signature_type(&function.result);
    let role = format!("`{}` gives {}", function.name.text, checker::a_type(&checker.show(&result)));
    let body = match &function.body {
        Some(body) => checker.check(body, &result, &role),
        None => checker::error_of(function.name.id, result),
    };
    let locals = checker.locals();
    checker.finish(ir::Function { params, locals, body })
}

/// Checks a constant.
pub fn constant(cx: &Context<'_>, constant: &ast::Const) -> Lowered<ir::Const> {
    let mut checker = Checker::new(cx);
    let ty = checker.signature_type(&constant.ty);
    let role = format!("`{}` is {}", constant.name.text, checker::a_type(&checker.show(&ty)));
    let value = checker.check(&constant.value, &ty, &role);
    let locals = checker.locals();
    checker.finish(ir::Const { locals, value })
}

/// Checks a traffic table.
pub fn traffic(cx: &Context<'_>, table: &ast::Traffic) -> Lowered<ir::TrafficTable> {
    let mut checker = Checker::new(cx);
    let params = checker.declare_signature(&table.params, Some("parameter"));
    let lines = checker.traffic_lines(&table.lines);
    let locals = checker.locals();
    checker.finish(ir::TrafficTable { params, locals, lines })
}

/// Checks in which tag's addresses hosts lie.
pub fn hosts(cx: &Context<'_>, hosts: &ast::Hosts) -> Lowered<ir::Hosts> {
    let mut checker = Checker::new(cx);
    let value = checker.hosts(hosts);
    checker.finish(value)
}

/// Checks a pack's condition; `None` if its type is no entity.
pub fn pack_condition(cx: &Context<'_>, condition: &ast::PackCondition) -> Lowered<Option<ir::PackCondition>> {
    let mut checker = Checker::new(cx);
    let value = checker.pack_condition(condition);
    checker.finish(value)
}

/// Reads a field's default: literals, variants, `[]`, `{}`, `*`. Anything computed is an error.
pub fn default_value(cx: &Context<'_>, value: &ast::Expr, ty: &Type) -> Lowered<Data> {
    let mut checker = Checker::new(cx);
    let data = checker.default_value(value, ty);
    checker.finish(data)
}

/// Reads the names and types of parameters.
pub fn params(cx: &Context<'_>, params: &[ast::Param]) -> Lowered<Vec<(SmolStr, Type)>> {
    let mut checker = Checker::new(cx);
    let value = params.iter().map(|p| (p.name.text.clone(), checker.read_type(&p.ty))).collect();
    checker.finish(value)
}
