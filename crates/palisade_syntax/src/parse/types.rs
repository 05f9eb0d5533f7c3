//! Types as written, parameters, and fields.

use smol_str::SmolStr;

use super::Reader;
use crate::ast::{Field, Param, Path, TypeExpr, TypeKind, Variant};
use crate::grammar::{Node, Rule};

impl Reader<'_> {
    pub(crate) fn type_expr(&mut self, node: &Node<'_>) -> Option<TypeExpr> {
        let core = node.children().next()?;
        let kind = match core.rule() {
            Rule::ref_type => TypeKind::Ref(self.children_as_paths(&core, Rule::type_path)),
            Rule::owner_type => TypeKind::Owner(self.path(&core.child(Rule::type_path)?)),
            Rule::generic_type => self.generic_type(&core)?,
            _ => TypeKind::Named { path: self.path(&core), arguments: Vec::new() },
        };
        let id = self.node_of(&core);
        let mut ty = TypeExpr { id, kind };
        let optional = node.has(Rule::question);
        let or_none = node.has(Rule::or_none);
        if optional {
            ty = self.wrap(node, TypeKind::Optional(Box::new(ty)));
        }
        if or_none {
            ty = self.wrap(node, TypeKind::OrNone(Box::new(ty)));
        }
        self.check_absence(node, optional, or_none);
        Some(ty)
    }

    fn wrap(&mut self, node: &Node<'_>, kind: TypeKind) -> TypeExpr {
        let id = self.node_of(node);
        TypeExpr { id, kind }
    }

    fn generic_type(&mut self, node: &Node<'_>) -> Option<TypeKind> {
        let name = self.ident(&node.child(Rule::generic_name)?);
        let path = Path { id: name.id, segments: vec![name] };
        let arguments = node.all(Rule::type_expr).map(|argument| self.type_expr(&argument)).collect::<Option<_>>()?;
        Some(TypeKind::Named { path, arguments })
    }

    fn check_absence(&mut self, node: &Node<'_>, optional: bool, or_none: bool) {
        if optional && or_none {
            self.error(
                "syntax-absence",
                node.range(),
                "`T? or none` gives absence two meanings",
                "write `T?` if the file may not say it, `T or none` if absent means that there is none",
            );
        } else if node.all(Rule::question).nth(1).is_some() {
            self.error("syntax-absence", node.range(), "`?` is written once", "remove the other");
        }
    }

    pub(crate) fn params(&mut self, node: Option<Node<'_>>) -> Option<Vec<Param>> {
        let Some(node) = node else {
            return Some(Vec::new());
        };
        node.all(Rule::param)
            .map(|param| {
                let name = self.declared(&param.child(Rule::name)?);
                let ty = self.type_expr(&param.child(Rule::type_expr)?)?;
                Some(Param { name, ty })
            })
            .collect()
    }

    pub(crate) fn field(&mut self, node: &Node<'_>) -> Option<Field> {
        let doc = self.doc(node.start());
        let id = self.node_of(node);
        let name = self.ident(&node.child(Rule::any_word)?);
        let ty = self.type_expr(&node.child(Rule::type_expr)?)?;
        let default = match node.child(Rule::default_value) {
            Some(value) => Some(self.default_value(&value)?),
            None => None,
        };
        Some(Field { id, doc, name, ty, default })
    }

    pub(crate) fn variant(&mut self, node: &Node<'_>) -> Option<Variant> {
        let doc = self.doc(node.start());
        let name = self.ident(&node.child(Rule::any_word)?);
        self.check_separated(node);
        let fields = match node.child(Rule::variant_body) {
            Some(body) => body.all(Rule::field).map(|field| self.field(&field)).collect::<Option<_>>()?,
            None => Vec::new(),
        };
        Some(Variant { doc, name, fields })
    }

    /// Variants are separated by commas or stand on lines of their own: two words side by side are a mistake.
    fn check_separated(&mut self, node: &Node<'_>) {
        let index = self.token_at(node.start());
        let first = self.tokens.get(index).is_none_or(|token| token.first);
        let before = index.checked_sub(1).map_or("{", |i| self.token_text(i));
        if !first && !matches!(before, "{" | "," | "}") {
            let name: SmolStr = self.token_text(index).into();
            self.error(
                "syntax-expected",
                node.range(),
                format!("expected `,` after `{before}`, found `{name}`"),
                "separate the variants by `,`",
            );
        }
    }
}
