//! Calls: of functions, of traffic tables, and of `sum`, `min` and `max`.

use palisade_syntax::ast::{self, NodeId, Path};
use smol_str::SmolStr;

use super::checker::{Checker, a_type, error_of, kind_of};
use super::codes;
use crate::ir::{Aggregate, Expr, ExprKind};
use crate::policy::scope::Binding;
use crate::types::Type;

impl Checker<'_> {
    pub(super) fn call(&mut self, id: NodeId, callee: &Path, arguments: &[ast::Expr]) -> Expr {
        let words: Vec<&str> = callee.segments.iter().map(|s| s.text.as_str()).collect();
        let aggregate = match words.as_slice() {
            ["sum"] => Some(Aggregate::Sum),
            ["min"] => Some(Aggregate::Min),
            ["max"] => Some(Aggregate::Max),
            _ => None,
        };
        if let Some(aggregate) = aggregate {
            return self.aggregate(id, callee, aggregate, arguments);
        }
        match self.callee(callee) {
            Some(Binding::Function { name, params, result, external }) => {
                let arguments = self.arguments(callee, &params, arguments);
                let kind = match external {
                    Some(external) => ExprKind::Extern(external, arguments),
                    None => ExprKind::Call(name, arguments),
                };
                Expr { id, ty: result, kind }
            }
            Some(Binding::Traffic { name, params }) => {
                let arguments = self.arguments(callee, &params, arguments);
                Expr { id, ty: Type::Traffic, kind: ExprKind::TrafficTable(name, arguments) }
            }
            other => {
                if let Some(binding) = other {
                    let message = format!("`{}` is {}, which cannot be called", callee.dotted(), kind_of(&binding));
                    self.error(codes::NOT_CALLABLE, callee.id, message, "only functions and traffic tables can");
                }
                // Faults in the arguments are faults of their own.
                for argument in arguments {
                    self.infer(argument, Some(&Type::Error));
                }
                error_of(id, Type::Error)
            }
        }
    }

    /// What a call names; a missing name is reported.
    fn callee(&mut self, callee: &Path) -> Option<Binding> {
        let (first, rest) = callee.segments.split_first()?;
        if self.find(&first.text).is_some() {
            let what = if rest.is_empty() { "a variable" } else { "a part of a value" };
            let message = format!("`{}` is {what}, which cannot be called", callee.dotted());
            let help = match rest.last().map(|word| word.text.as_str()) {
                Some(operator @ ("contains" | "overlaps")) => format!("`{operator}` is an operator: `a {operator} b`"),
                Some(_) => "values have no functions of their own: give them to one, as in `f(value)`".to_owned(),
                None => "only functions and traffic tables can".to_owned(),
            };
            self.error(codes::NOT_CALLABLE, callee.id, message, help);
            return None;
        }
        let Some(mut binding) = self.cx.scope.word(&first.text) else {
            let mut names = self.cx.scope.words();
            names.extend(["sum", "min", "max"].map(SmolStr::new_static));
            let message = format!("there is no function or traffic table `{}` here", first.text);
            self.unknown(codes::UNKNOWN_NAME, first, message, &names, "declare it, or import it from its module");
            return None;
        };
        for word in rest {
            let Binding::Module(module) = &binding else { break };
            let Some(found) = self.cx.scope.member(module, &word.text) else {
                let message = format!("the module `{module}` has no `{}`", word.text);
                let members = self.cx.scope.members(module);
                self.unknown(codes::UNKNOWN_NAME, word, message, &members, "write a name that the module declares");
                return None;
            };
            binding = found;
        }
        Some(binding)
    }

    fn arguments(&mut self, callee: &Path, params: &[(SmolStr, Type)], arguments: &[ast::Expr]) -> Vec<Expr> {
        let name = callee.dotted();
        if params.len() != arguments.len() {
            let names: Vec<String> = params.iter().map(|(p, ty)| format!("{p}: {}", self.show(ty))).collect();
            let message = format!("`{name}` takes {}, and {} given here", count(params.len()), given(arguments.len()));
            self.error(
                codes::WRONG_ARGUMENTS,
                callee.id,
                message,
                format!("its parameters are ({})", names.join(", ")),
            );
        }
        let unknown = Type::Error;
        let types = params.iter().map(|(p, ty)| (p.as_str(), ty)).chain(std::iter::repeat(("", &unknown)));
        let checked = arguments.iter().zip(types).map(|(argument, (param, ty))| {
            let role = format!("the parameter `{param}` of `{name}` is {}", a_type(&self.show(ty)));
            self.check(argument, ty, &role)
        });
        checked.collect()
    }

    fn aggregate(&mut self, id: NodeId, callee: &Path, aggregate: Aggregate, arguments: &[ast::Expr]) -> Expr {
        let name = callee.dotted();
        let [argument] = arguments else {
            let message = format!("`{name}` takes one list, and {} given here", given(arguments.len()));
            self.error(codes::WRONG_ARGUMENTS, callee.id, message, format!("write `{name}([…])`"));
            return error_of(id, Type::Error);
        };
        let list = self.value(argument, None);
        let item = match &list.ty {
            Type::List(item) => (**item).clone(),
            Type::Error => Type::Error,
            other => {
                let message = format!("`{name}` takes a list, and this is {}", a_type(&self.show(other)));
                self.error(codes::WRONG_OPERAND, argument.id, message, format!("write `{name}([…])`"));
                Type::Error
            }
        };
        let ordered = matches!(item, Type::Int | Type::Error)
            || aggregate != Aggregate::Sum && matches!(item, Type::Date | Type::Duration | Type::Port);
        if !ordered {
            let message = format!("`{name}` takes a list of numbers, and this is {}", a_type(&self.show(&list.ty)));
            self.error(codes::WRONG_OPERAND, argument.id, message, "use a list of `Int`");
            return error_of(id, Type::Error);
        }
        let ty = if aggregate == Aggregate::Sum { item } else { Type::Optional(item.into()) };
        Expr { id, ty, kind: ExprKind::Aggregate(aggregate, list.into()) }
    }
}

fn count(arguments: usize) -> String {
    match arguments {
        0 => "no arguments".into(),
        1 => "one argument".into(),
        n => format!("{n} arguments"),
    }
}

fn given(arguments: usize) -> String {
    match arguments {
        0 => "none is".into(),
        1 => "one is".into(),
        n => format!("{n} are"),
    }
}
