//! The default of a field: a value that is written out.

use palisade_syntax::ast;
use smol_str::SmolStr;

use super::checker::{Checker, a_type};
use super::codes;
use crate::data::Data;
use crate::ir::{Expr, ExprKind};
use crate::types::Type;

impl Checker<'_> {
    pub(super) fn default_value(&mut self, e: &ast::Expr, ty: &Type) -> Data {
        let mark = self.mark();
        let role = format!("the field is {}", a_type(&self.show(ty)));
        let value = self.check(e, ty, &role);
        let data = self.written_out(&value, ty);
        if let Some(data) = data.filter(|_| !self.has_problems_since(mark)) {
            return data;
        }
        if !self.has_problems_since(mark) && *ty != Type::Error {
            let help = "write a literal, a variant, `[]`, `{}`, or `*`";
            self.error(
                codes::DEFAULT_NOT_CONSTANT,
                e.id,
                "the default of a field must be written out, and this one is computed",
                help,
            );
        }
        Data::Error
    }

    fn written_out(&self, value: &Expr, ty: &Type) -> Option<Data> {
        match &value.kind {
            ExprKind::Literal(data) => Some(data.clone()),
            ExprKind::List(items) => {
                let items: Option<Vec<Data>> = items.iter().map(|item| self.written_out(item, &item.ty)).collect();
                Some(Data::List(items?.into()))
            }
            // The entities of a collection stand on their own: nothing but the empty collection can be a default.
            ExprKind::Map(entries) if entries.is_empty() && self.holds_entities(ty) => Some(Data::Entities([].into())),
            ExprKind::Map(entries) => {
                let entry = |(key, e): &(SmolStr, Expr)| Some((key.clone(), self.written_out(e, &e.ty)?));
                let entries: Option<Vec<_>> = entries.iter().map(entry).collect();
                Some(Data::Map(entries?.into()))
            }
            _ => None,
        }
    }

    fn holds_entities(&self, ty: &Type) -> bool {
        matches!(ty.narrowed(), Type::Map(_, item) if self.schema.is_entity(item))
    }
}
