//! Words: what a bare word, a dotted path, a field, or the name in a call stands for.
//!
//! A word is looked for in three places: variables; the module's items and imports; the words of the expected type
//! (variants, tags, regions, protocols). A word found both in scope and in the expected type is ambiguous, and an
//! error: which of them was meant must not depend on an import.

use palisade_net::{AddressSpec, Protocol, ProtocolSet, ValueError};
use palisade_syntax::ast::{self, Ident, NodeId};
use smol_str::SmolStr;

use super::checker::{Checker, a_type, error_of, kind_of};
use super::codes;
use crate::data::Data;
use crate::ir::{Expr, ExprKind};
use crate::policy::scope::Binding;
use crate::suggest::nearest;
use crate::types::{EnumDef, EnumId, FieldDef, RecordId, Type, TypeDef};

/// Why a word of the expected type is not one.
pub(super) enum WordFault {
    /// A variant with fields.
    HasFields,
    /// Not a tag, region or protocol.
    Value(&'static str, ValueError),
}

impl Checker<'_> {
    /// What a word of a type means: `None` if the type has no words or no such variant.
    pub(super) fn expected_word(&self, text: &str, want: &Type) -> Option<Result<Data, WordFault>> {
        let catalogue = self.cx.scope.catalogue();
        let value = |code, e| WordFault::Value(code, e);
        let tag = || catalogue.parse_tag(text).map_err(|e| value(codes::INVALID_TAG, e));
        let protocol = || text.parse::<Protocol>().map_err(|e| value(codes::INVALID_PROTOCOL, e));
        Some(match want.narrowed() {
            Type::Enum(id) => {
                let (index, variant) = variant_of(self.schema.enumeration(*id)?, text)?;
                if variant.fields.is_empty() { Ok(Data::Variant(index, [].into())) } else { Err(WordFault::HasFields) }
            }
            Type::ServiceTag | Type::Prefix => tag().map(|t| Data::Tag(t.into())),
            Type::Addresses => tag().map(|t| Data::Addresses(AddressSpec::from(t).into())),
            Type::Region => catalogue.parse_region(text).map(Data::Region).map_err(|e| value(codes::INVALID_REGION, e)),
            Type::Protocol | Type::Protocols => protocol().map(|p| Data::Protocols(ProtocolSet::from(p))),
            _ => return None,
        })
    }

    /// Whether a word, or the first word of a path, would be read by the expected type.
    fn is_expected(&self, words: &[&str], want: Option<&Type>) -> bool {
        let Some(want) = want else { return false };
        let means = |text: &str| matches!(self.expected_word(text, want), Some(Ok(_) | Err(WordFault::HasFields)));
        words.first().is_some_and(|first| means(first)) || (words.len() > 1 && means(&words.join(".")))
    }

    /// Whether a word stands for something in scope.
    pub(super) fn is_name(&self, word: &str) -> bool {
        word == "environment" || self.find(word).is_some() || self.cx.scope.word(word).is_some()
    }

    /// A bare word or a dotted path that may begin with one.
    pub(super) fn path(&mut self, e: &ast::Expr, want: Option<&Type>) -> Expr {
        let Some(links) = links(e) else { return self.linked(e) };
        let words: Vec<&str> = links.iter().map(|link| link.word.as_str()).collect();
        let (Some(first), Some(head)) = (words.first(), links.first()) else { return error_of(e.id, Type::Error) };
        if self.is_name(first) && self.is_expected(&words, want) {
            return self.ambiguous(e.id, first, want);
        }
        if self.find(first).is_some() || *first == "environment" {
            return if links.len() == 1 { self.variable(e.id, first) } else { self.linked(e) };
        }
        if let Some(binding) = self.cx.scope.word(first) {
            return self.global(&links, binding);
        }
        self.bare(e.id, head, &words.join("."), want)
    }

    fn variable(&mut self, id: NodeId, word: &str) -> Expr {
        if let Some(local) = self.find(word) {
            return self.read_local(id, local);
        }
        let help = "name a field of it, such as `environment.name`";
        self.error(codes::NOT_A_VALUE, id, "`environment` alone is not a value", help);
        error_of(id, Type::Error)
    }

    fn ambiguous(&mut self, id: NodeId, word: &str, want: Option<&Type>) -> Expr {
        let ty = want.map_or(Type::Error, |w| w.narrowed().clone());
        let name = self.show(&ty);
        let (what, help) = match ty {
            Type::Enum(_) => (
                format!("a variant of `{name}`"),
                format!("write `{name}.{word}` for the variant, or rename the other"),
            ),
            _ => (format!("a word for a `{name}`"), format!("rename what `{word}` names in this module")),
        };
        let found = match self.cx.scope.word(word) {
            _ if self.find(word).is_some() => "a variable",
            Some(binding) => kind_of(&binding),
            None => "the environment",
        };
        let message = format!("`{word}` is both {found} and {what}");
        self.error(codes::AMBIGUOUS_WORD, id, message, help);
        error_of(id, ty)
    }

    /// A word that nothing in scope has: the expected type must know it.
    fn bare(&mut self, id: NodeId, head: &Link<'_>, text: &str, want: Option<&Type>) -> Expr {
        let ty = want.map(|w| w.narrowed().clone());
        match ty.as_ref().and_then(|ty| self.expected_word(text, ty)) {
            Some(Ok(data)) => Expr { id, ty: ty.unwrap_or(Type::Error), kind: ExprKind::Literal(data) },
            Some(Err(WordFault::HasFields)) => {
                let help = format!("ask `… is {text}`");
                self.error(
                    codes::VARIANT_WITH_FIELDS,
                    id,
                    format!("the variant `{text}` has fields, so it is no value alone"),
                    help,
                );
                error_of(id, ty.unwrap_or(Type::Error))
            }
            Some(Err(WordFault::Value(code, error))) => {
                // A word may just as well be a misspelt variable.
                match nearest(head.word, self.variable_names().iter().map(SmolStr::as_str)) {
                    Some(_) if error.suggestion.is_none() => self.unknown_word(head),
                    _ => self.value_error(code, id, error),
                }
                error_of(id, ty.unwrap_or(Type::Error))
            }
            None => {
                self.unknown_in(id, head, text, ty.as_ref());
                error_of(id, ty.unwrap_or(Type::Error))
            }
        }
    }

    fn unknown_in(&mut self, id: NodeId, head: &Link<'_>, text: &str, want: Option<&Type>) {
        match want {
            // Whatever it was to be is at fault already.
            Some(Type::Error) => {}
            Some(Type::Enum(enumeration)) => match self.schema.enumeration(*enumeration) {
                Some(def) if self.is_rather_a_variant(head.word, def) => {
                    self.unknown_variant(&Ident { id, text: text.into() }, def);
                }
                _ => self.unknown_word(head),
            },
            _ => self.unknown_word(head),
        }
    }

    /// Whether an unknown word is nearer to a variant than to any name in scope.
    fn is_rather_a_variant(&self, word: &str, def: &EnumDef) -> bool {
        let variants = def.variants.iter().map(|v| v.name.as_str());
        match self.nearest_name(word) {
            None => true,
            Some(name) => nearest(word, variants.chain([name.as_str()])) != Some(name.as_str()),
        }
    }

    fn unknown_word(&mut self, head: &Link<'_>) {
        let word = head.word;
        let near = || self.nearest_name(word).map(|n| format!("did you mean `{n}`?"));
        let help = self.where_else(word).or_else(near);
        let help = help.unwrap_or_else(|| "declare it, or import it from its module".into());
        self.error(codes::UNKNOWN_NAME, head.id, format!("there is no `{word}` here"), help);
    }

    /// The nearest name in scope; variables come first.
    fn nearest_name(&self, word: &str) -> Option<SmolStr> {
        let near = |names: Vec<SmolStr>| nearest(word, names.iter().map(SmolStr::as_str)).map(SmolStr::from);
        near(self.variable_names()).or_else(|| {
            let mut names = self.cx.scope.words();
            names.push("environment".into());
            near(names)
        })
    }

    /// What the word would be if something expected it.
    fn where_else(&self, word: &str) -> Option<String> {
        let holder = self.schema.enums.iter().find(|e| e.variants.iter().any(|v| v.name == word));
        if let Some(holder) = holder {
            return Some(format!(
                "`{word}` is a variant of `{0}`; where nothing expects one, write `{0}.{word}`",
                holder.name.name
            ));
        }
        let tag = self.cx.scope.catalogue().parse_tag(word).ok()?;
        Some(format!("`{tag}` is a service tag, but nothing here expects one"))
    }

    pub(super) fn unknown_variant(&mut self, name: &Ident, def: &EnumDef) {
        let variants: Vec<&str> = def.variants.iter().map(|v| v.name.as_str()).collect();
        let message = format!("`{}` has no variant `{}`", def.name.name, name.text);
        let all = format!("its variants are `{}`", variants.join("`, `"));
        self.unknown(codes::UNKNOWN_VARIANT, name, message, &variants, all);
    }

    /// A path whose first word is an item or a module.
    fn global(&mut self, links: &[Link<'_>], binding: Binding) -> Expr {
        let mut rest = links.iter();
        let Some(mut here) = rest.next() else { return error_of(NodeId(0), Type::Error) };
        let mut binding = binding;
        while let Binding::Module(module) = &binding {
            let Some(next) = rest.next() else { return self.no_value(here, &binding) };
            let Some(found) = self.member(module, next) else { return error_of(next.id, Type::Error) };
            (binding, here) = (found, next);
        }
        let value = match binding {
            Binding::Const { name, ty } => Expr { id: here.id, ty, kind: ExprKind::Const(name) },
            Binding::Type(TypeDef::Enum(id)) => match rest.next() {
                Some(next) => self.variant(next, id),
                None => return self.no_value(here, &binding),
            },
            other => return self.no_value(here, &other),
        };
        rest.fold(value, |value, link| match link.name {
            Some(name) => self.select(link.id, value, name, None),
            None => value,
        })
    }

    fn member(&mut self, module: &SmolStr, link: &Link<'_>) -> Option<Binding> {
        let found = self.cx.scope.member(module, link.word);
        if found.is_none()
            && let Some(name) = link.name
        {
            let message = format!("the module `{module}` has no `{}`", name.text);
            let members = self.cx.scope.members(module);
            self.unknown(codes::UNKNOWN_NAME, name, message, &members, "write a name that the module declares");
        }
        found
    }

    fn variant(&mut self, link: &Link<'_>, id: EnumId) -> Expr {
        let ty = Type::Enum(id);
        match (self.expected_word(link.word, &ty), self.schema.enumeration(id), link.name) {
            (None, Some(def), Some(name)) => {
                self.unknown_variant(name, def);
                error_of(link.id, ty)
            }
            _ => self.bare(link.id, link, link.word, Some(&ty)),
        }
    }

    fn no_value(&mut self, link: &Link<'_>, binding: &Binding) -> Expr {
        let help = match binding {
            Binding::Function { .. } | Binding::Traffic { .. } => format!("call it: `{}(…)`", link.word),
            Binding::Type(TypeDef::Record(_)) => format!("write `every {}` for all of them", link.word),
            Binding::Type(TypeDef::Enum(_)) => format!("write `{}.` and a variant", link.word),
            Binding::Module(_) => format!("write `{}.` and a name in it", link.word),
            _ => "use a variable, a constant or a call".into(),
        };
        let message = format!("`{}` is {}, which is not a value", link.word, kind_of(binding));
        self.error(codes::NOT_A_VALUE, link.id, message, help);
        error_of(link.id, Type::Error)
    }

    // Fields.

    /// `a.b[k].c`: what stands before the first link, then link by link. A loop, because links may be many.
    pub(super) fn linked(&mut self, e: &ast::Expr) -> Expr {
        let mut links = Vec::new();
        let mut base = e;
        while let ast::ExprKind::Field(of, _) | ast::ExprKind::Index(of, _) = &base.kind {
            if self.is_global_path(base) {
                break;
            }
            links.push((base, &**of));
            base = of;
        }
        let mut value = if is_environment(base) { None } else { Some(self.infer(base, None)) };
        for (link, of) in links.into_iter().rev() {
            value = Some(match (&link.kind, value) {
                (ast::ExprKind::Field(_, name), None) => self.environment_field(link.id, name),
                (ast::ExprKind::Field(_, name), Some(value)) => {
                    let value = self.present(of, value);
                    self.select(link.id, value, name, Some(of))
                }
                (ast::ExprKind::Index(_, key), Some(value)) => self.index(link.id, of, value, key),
                _ => self.infer(of, None),
            });
        }
        value.unwrap_or_else(|| error_of(e.id, Type::Error))
    }

    /// Whether an expression is a path through modules or types, such as `network.limits`.
    fn is_global_path(&self, e: &ast::Expr) -> bool {
        let first = links(e).and_then(|links| links.first().map(|link| link.word.clone()));
        first.is_some_and(|word| word != "environment" && self.find(&word).is_none())
    }

    fn environment_field(&mut self, id: NodeId, name: &Ident) -> Expr {
        let fields = &self.schema.environment;
        if let Some((index, field)) = field_of(fields, &name.text) {
            return self.read(id, ExprKind::Environment(index), &field.ty);
        }
        let message = format!("the environment has no field `{}`", name.text);
        self.unknown(codes::UNKNOWN_FIELD, name, message, &field_names(fields), "see `palisade schema` for its fields");
        error_of(id, Type::Error)
    }

    /// A path in which every step may be absent: in texts, and after `needs`.
    pub(super) fn loose_path(&mut self, e: &ast::Expr, see: &mut impl FnMut(&mut Self, &ast::Expr, &Expr)) -> Expr {
        let steps_from_variable = links(e)
            .and_then(|links| links.first().map(|l| self.find(l.word).is_some() || l.word == "environment"))
            .unwrap_or_else(|| links(e).is_none());
        let value = match &e.kind {
            ast::ExprKind::Field(of, name) if steps_from_variable && !is_environment(of) => {
                let mut value = self.loose_path(of, see);
                value.ty = value.ty.narrowed().clone();
                self.select(e.id, value, name, Some(of))
            }
            _ => self.infer(e, None),
        };
        see(self, e, &value);
        value
    }

    /// `value.name`, where the value is there.
    fn select(&mut self, id: NodeId, value: Expr, name: &Ident, written: Option<&ast::Expr>) -> Expr {
        match value.ty.clone() {
            Type::Error => error_of(id, Type::Error),
            Type::Record(record) => self.select_field(id, value, record, name),
            Type::Enum(enumeration) => self.select_variant(id, value, enumeration, name, written),
            Type::OneOf(_) => self.several(id, &value, name, written),
            other => {
                let message = format!("{} has no fields, so no `{}`", a_type(&self.show(&other)), name.text);
                self.error(codes::UNKNOWN_FIELD, name.id, message, "only records, entities and variants have fields");
                error_of(id, Type::Error)
            }
        }
    }

    fn select_field(&mut self, id: NodeId, value: Expr, record: RecordId, name: &Ident) -> Expr {
        let Some(def) = self.schema.record(record) else { return error_of(id, Type::Error) };
        if let Some((field, found)) = field_of(&def.fields, &name.text) {
            return self.read(id, ExprKind::Field { of: value.into(), record, field }, &found.ty);
        }
        let what = format!("`{}` has no field `{}`", def.name.name, name.text);
        let all = format!("its fields are `{}`", field_names(&def.fields).join("`, `"));
        self.unknown(codes::UNKNOWN_FIELD, name, what, &field_names(&def.fields), all);
        error_of(id, Type::Error)
    }

    fn several(&mut self, id: NodeId, value: &Expr, name: &Ident, written: Option<&ast::Expr>) -> Expr {
        let subject = written.map_or_else(|| "it".into(), |e| super::source::shown(e).0);
        let kinds = self.show(&value.ty).replace(" | ", "` or `");
        let message = format!("`{subject}` may be `{kinds}`, and `{}` is a field of one of them at most", name.text);
        let help = format!("ask `{subject} is …` first, or use `match {subject} {{ … }}`");
        self.not_narrowed(id, message, help);
        error_of(id, Type::Error)
    }

    fn select_variant(
        &mut self,
        id: NodeId,
        value: Expr,
        enumeration: EnumId,
        name: &Ident,
        written: Option<&ast::Expr>,
    ) -> Expr {
        let Some(def) = self.schema.enumeration(enumeration) else { return error_of(id, Type::Error) };
        let subject = written.map_or_else(|| "it".into(), |e| super::source::shown(e).0);
        let with_field: Vec<_> =
            (0..).zip(&def.variants).filter_map(|(i, v)| Some((i, v, field_of(&v.fields, &name.text)?))).collect();
        let known = self.facts.cases_of(&value).and_then(|cases| match cases.len() {
            1 => cases.first().copied(),
            _ => None,
        });
        let found = with_field.iter().find(|(index, ..)| known == Some(u32::from(*index)));
        if let Some((variant, _, (field, of))) = found {
            let kind = ExprKind::VariantField { of: value.into(), enumeration, variant: *variant, field: *field };
            return self.read(id, kind, &of.ty);
        }
        if let Some((_, variant, _)) = with_field.first() {
            let message = format!(
                "only the variant `{}` has a field `{}`, and `{subject}` may be another",
                variant.name, name.text
            );
            let help = format!("ask `{subject} is {} and …`, or use `match {subject} {{ … }}`", variant.name);
            self.not_narrowed(id, message, help);
        } else {
            let fields: Vec<&str> = def.variants.iter().flat_map(|v| field_names(&v.fields)).collect();
            let message = format!("no variant of `{}` has a field `{}`", def.name.name, name.text);
            self.unknown(codes::UNKNOWN_FIELD, name, message, &fields, "only variants that declare fields have some");
        }
        error_of(id, Type::Error)
    }
}

/// One word of a path: the expression that it ends, and the name (the first word is none of a field).
struct Link<'a> {
    id: NodeId,
    word: &'a SmolStr,
    name: Option<&'a Ident>,
}

/// The words of an expression that is nothing but a bare word and names after dots.
fn links(e: &ast::Expr) -> Option<Vec<Link<'_>>> {
    match &e.kind {
        ast::ExprKind::Word(word) => Some(vec![Link { id: e.id, word, name: None }]),
        ast::ExprKind::Field(of, name) => {
            let mut before = links(of)?;
            before.push(Link { id: e.id, word: &name.text, name: Some(name) });
            Some(before)
        }
        _ => None,
    }
}

fn is_environment(e: &ast::Expr) -> bool {
    matches!(&e.kind, ast::ExprKind::Word(word) if word == "environment")
}

fn field_of<'a>(fields: &'a [FieldDef], name: &str) -> Option<(u32, &'a FieldDef)> {
    (0..).zip(fields).find(|(_, f)| f.name == name)
}

fn field_names(fields: &[FieldDef]) -> Vec<&str> {
    fields.iter().map(|f| f.name.as_str()).collect()
}

/// A variant by name, with its index.
pub(super) fn variant_of<'a>(def: &'a EnumDef, name: &str) -> Option<(u16, &'a crate::types::VariantDef)> {
    (0..).zip(&def.variants).find(|(_, v)| v.name == name)
}
