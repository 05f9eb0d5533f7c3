//! Expressions: the type of each form, from what its parts give and what its place expects.

use palisade_net::{AddressSpec, PortSet, ProtocolSet};
use palisade_syntax::ast::{self, Ident, NodeId, Template, VerdictQuery};
use smol_str::SmolStr;

use super::checker::{Checker, a_type, error_of};
use super::codes;
use crate::data::Data;
use crate::ir::{Expr, ExprKind, TemplatePart};
use crate::types::Type;

/// What `permits` and `reaches` may be asked of: the declarations to which the network semantics are bound.
const PLACES: &[(&str, &str)] =
    &[("azure.network", "Subnet"), ("azure.network", "NetworkInterface"), ("azureml.resources", "Compute")];

impl Checker<'_> {
    /// An expression with its type. What is expected gives literals and bare words their type and requires nothing.
    pub(super) fn infer(&mut self, e: &ast::Expr, want: Option<&Type>) -> Expr {
        let id = e.id;
        match &e.kind {
            ast::ExprKind::Error => error_of(id, want.cloned().unwrap_or(Type::Error)),
            ast::ExprKind::Bool(value) => literal(id, Type::Bool, Data::Bool(*value)),
            ast::ExprKind::Literal(text) => self.literal(id, text, want),
            ast::ExprKind::Text(template) => self.text(id, template),
            ast::ExprKind::Word(_) | ast::ExprKind::Field(..) => self.path(e, want),
            ast::ExprKind::TagRegion { words, region } => self.tag_region(id, words, region, want),
            ast::ExprKind::Index(..) => self.linked(e),
            ast::ExprKind::Call { callee, arguments } => self.call(id, callee, arguments),
            ast::ExprKind::List(items) => self.list(e, items, want),
            ast::ExprKind::Comprehension { element, variable, collection, filter } => {
                self.comprehension(id, (element, variable, collection, filter.as_deref()), want)
            }
            ast::ExprKind::Map(entries) => self.map(id, entries, want),
            ast::ExprKind::Traffic(lines) => {
                Expr { id, ty: Type::Traffic, kind: ExprKind::Traffic(self.traffic_lines(lines)) }
            }
            ast::ExprKind::Not(of) => Expr { id, ty: Type::Bool, kind: ExprKind::Not(self.condition(of).into()) },
            ast::ExprKind::Negate(of) => self.negate(id, of, want),
            ast::ExprKind::Logic(op, operands) => self.logic(id, *op, operands),
            ast::ExprKind::Compare(op, a, b) => self.compare(id, *op, a, b),
            ast::ExprKind::Is { subject, negated, test } => self.is(id, subject, *negated, test),
            ast::ExprKind::Verdict { query, place, traffic } => self.verdict(id, *query, place, traffic),
            ast::ExprKind::Coalesce(operands) => self.coalesce(id, operands, want),
            ast::ExprKind::Sum { first, rest } => self.sum(id, first, rest),
            ast::ExprKind::If { condition, then, otherwise } => {
                self.conditional(id, (condition, then, otherwise), want)
            }
            ast::ExprKind::Match { subject, arms } => self.match_(id, subject, arms, want),
            ast::ExprKind::Quantifier { kind, variable, collection, body } => {
                self.quantifier(id, *kind, variable, collection, body)
            }
            ast::ExprKind::Every(path) => self.every(id, path),
            ast::ExprKind::Any => self.any(id, want),
        }
    }

    fn any(&mut self, id: NodeId, want: Option<&Type>) -> Expr {
        let data = match want.map(Type::narrowed) {
            Some(Type::Addresses) => Data::Addresses(AddressSpec::Any.into()),
            Some(Type::Ports) => Data::Ports(PortSet::all().into()),
            Some(Type::Protocols) => Data::Protocols(ProtocolSet::ALL),
            Some(Type::Error) => return error_of(id, Type::Error),
            _ => {
                let help = "`*` stands for all `Addresses`, `Ports` or `Protocols`";
                self.error(codes::TYPE_MISMATCH, id, "`*` is no value of this type", help);
                return error_of(id, Type::Error);
            }
        };
        literal(id, want.map_or(Type::Error, |w| w.narrowed().clone()), data)
    }

    // Texts.

    fn text(&mut self, id: NodeId, template: &Template) -> Expr {
        let parts = self.template(template);
        let kind = match parts.as_slice() {
            [] => ExprKind::Literal(Data::Text(SmolStr::default())),
            [TemplatePart::Text(text)] => ExprKind::Literal(Data::Text(text.clone())),
            _ => ExprKind::Template(parts),
        };
        Expr { id, ty: Type::Text, kind }
    }

    /// A text with interpolations, each of which, and each step to it, may be absent.
    pub(super) fn template(&mut self, template: &Template) -> Vec<TemplatePart> {
        let parts = template.parts.iter();
        parts
            .map(|part| match part {
                ast::TemplatePart::Text(text) => TemplatePart::Text(text.clone()),
                ast::TemplatePart::Expr(e) => {
                    let value = self.loose_path(e, &mut |_, _, _| {});
                    TemplatePart::Expr(self.printable(e, value))
                }
            })
            .collect()
    }

    fn printable(&mut self, e: &ast::Expr, value: Expr) -> Expr {
        match value.ty.narrowed() {
            Type::Verdict => self.verdict_not_text(e, "Verdict"),
            Type::Traffic => self.verdict_not_text(e, "Traffic"),
            Type::Flow => self.verdict_not_text(e, "Flow"),
            _ => return value,
        }
        error_of(e.id, Type::Error)
    }

    fn verdict_not_text(&mut self, e: &ast::Expr, name: &str) {
        let message = format!("a `{name}` cannot be put into a text");
        self.error(codes::TYPE_MISMATCH, e.id, message, "the report shows it with its evidence by itself");
    }

    // Traffic questions.

    fn verdict(&mut self, id: NodeId, query: VerdictQuery, place: &ast::Expr, traffic: &ast::Expr) -> Expr {
        let found = self.value(place, None);
        if !self.is_place(&found.ty) {
            let word = if query == VerdictQuery::Permits { "permits" } else { "reaches" };
            let message = format!("`{word}` is asked of a place, and this is {}", a_type(&self.show(&found.ty)));
            self.error(
                codes::WRONG_OPERAND,
                place.id,
                message,
                "a place is a `Subnet`, a `NetworkInterface` or a `Compute`",
            );
        }
        let traffic = self.check(traffic, &Type::Traffic, "`Traffic` is required here");
        Expr { id, ty: Type::Verdict, kind: ExprKind::Verdict { query, place: found.into(), traffic: traffic.into() } }
    }

    fn is_place(&self, ty: &Type) -> bool {
        let place = |id| {
            self.schema.record(id).is_some_and(|r| PLACES.contains(&(r.name.module.as_str(), r.name.name.as_str())))
        };
        match ty {
            Type::Record(id) => place(*id),
            Type::OneOf(ids) => ids.iter().all(|id| place(*id)),
            other => *other == Type::Error,
        }
    }

    /// A tag with a computed region.
    fn tag_region(&mut self, id: NodeId, words: &[Ident], region: &ast::Expr, want: Option<&Type>) -> Expr {
        let region = self.check(region, &Type::Region, "the region of a tag is a `Region`");
        let Some(tag) = self.tag(id, words, true) else { return error_of(id, Type::ServiceTag) };
        let ty = match want.map(Type::narrowed) {
            Some(Type::Prefix) => Type::Prefix,
            _ => Type::ServiceTag,
        };
        Expr { id, ty, kind: ExprKind::TagRegion { tag: tag.name().into(), region: region.into() } }
    }
}

fn literal(id: NodeId, ty: Type, data: Data) -> Expr {
    Expr { id, ty, kind: ExprKind::Literal(data) }
}
