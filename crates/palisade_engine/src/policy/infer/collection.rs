//! Lists, maps, sets, and what runs over them.

use std::sync::Arc;

use palisade_net::{AddressItem, AddressSpec, PortSet, ProtocolSet};
use palisade_syntax::ast::{self, Ident, MapKey, NodeId, Path};
use smol_str::SmolStr;

use super::checker::{Checker, a_type, assignable, error_of, join, quoted};
use super::facts::Facts;
use super::{codes, name};
use crate::data::Data;
use crate::ir::{Expr, ExprKind};
use crate::problem::Problem;
use crate::suggest::nearest;
use crate::types::{Type, TypeDef};

/// What becomes of expressions that must be of one type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Kept in a list or map: there, and not a Verdict.
    Stored,
    /// One of them is the value of the whole.
    Branch,
}

impl Checker<'_> {
    /// An entry of a map, by its key.
    pub(super) fn index(&mut self, id: NodeId, of: &ast::Expr, map: Expr, key: &ast::Expr) -> Expr {
        match map.ty.narrowed().clone() {
            Type::Map(key_type, value) => {
                let map = self.present(of, map);
                let role = format!("each key of this map is {}", a_type(&self.show(&key_type)));
                let key = self.check(key, &key_type, &role);
                Expr { id, ty: Type::Optional(value), kind: ExprKind::Index(map.into(), key.into()) }
            }
            other => {
                self.infer(key, Some(&Type::Error));
                if other != Type::Error {
                    let message = format!("only a map has entries by key, and this is {}", a_type(&self.show(&other)));
                    self.error(
                        codes::WRONG_OPERAND,
                        of.id,
                        message,
                        "use `any`, `all` or `[… for … in …]` to look into a list",
                    );
                }
                error_of(id, Type::Error)
            }
        }
    }

    pub(super) fn list(&mut self, e: &ast::Expr, items: &[ast::Expr], want: Option<&Type>) -> Expr {
        let id = e.id;
        let want = match want.map(Type::narrowed) {
            Some(set @ (Type::Addresses | Type::Ports | Type::Protocols)) => return self.set(id, items, set),
            Some(Type::List(item)) => Some((**item).clone()),
            Some(Type::Error) => Some(Type::Error),
            _ => None,
        };
        if items.is_empty() && want.is_none() {
            let help = "give it a type: `let name: List<T> = []`";
            self.error(codes::CANNOT_INFER, id, "nothing says what `[]` is a list of", help);
            return error_of(id, Type::Error);
        }
        let facts = self.facts.clone();
        let branches: Vec<_> = items.iter().map(|item| (item, facts.clone())).collect();
        let (values, item) = self.alike(&branches, want.as_ref(), "each item of this list is", Use::Stored);
        let item = want.unwrap_or(item);
        Expr { id, ty: Type::List(item.into()), kind: ExprKind::List(values) }
    }

    /// Expressions of one type: the one that is expected, or the one of the first that has a type of its own.
    ///
    /// Each is looked at once, so that nesting costs no more than length.
    pub(super) fn alike(
        &mut self,
        parts: &[(&ast::Expr, Facts)],
        want: Option<&Type>,
        role: &str,
        used: Use,
    ) -> (Vec<Expr>, Type) {
        let first = parts.iter().position(|(e, _)| want.is_none() && !self.is_open(e)).unwrap_or(0);
        let order = std::iter::once(first).chain((0..parts.len()).filter(|i| *i != first));
        let mut expected = want.cloned();
        let mut joined: Option<Type> = None;
        let mut values: Vec<Option<Expr>> = vec![None; parts.len()];
        for index in order {
            let (Some((e, facts)), Some(slot)) = (parts.get(index), values.get_mut(index)) else { continue };
            let value = self.part(e, facts, (expected.as_ref(), want.is_some()), role, used);
            // Where two of them disagree, nothing follows for the whole.
            let both = joined.map_or(Some(value.ty.clone()), |j| join(&j, &value.ty));
            joined = Some(both.filter(|_| want.is_some() || value.kind != ExprKind::Error).unwrap_or(Type::Error));
            if want.is_none() {
                expected.clone_from(&joined);
            }
            *slot = Some(value);
        }
        (values.into_iter().flatten().collect(), joined.unwrap_or(Type::Error))
    }

    fn part(
        &mut self,
        e: &ast::Expr,
        facts: &Facts,
        (want, fixed): (Option<&Type>, bool),
        role: &str,
        used: Use,
    ) -> Expr {
        let before = std::mem::replace(&mut self.facts, facts.clone());
        let mut value = self.infer(e, want);
        if used == Use::Stored {
            value = self.present(e, value);
            value = self.storable(e, value);
        }
        let agrees = |want: &Type| if fixed { assignable(&value.ty, want) } else { join(want, &value.ty).is_some() };
        if let Some(want) = want
            && !agrees(want)
        {
            let role = format!("{role} {}", a_type(&self.show(want)));
            value = self.fit(e, value, want, &role);
        }
        self.facts = before;
        value
    }

    fn storable(&mut self, e: &ast::Expr, value: Expr) -> Expr {
        if value.ty == Type::Verdict {
            self.verdict_not_bool(e);
            return error_of(e.id, Type::Error);
        }
        value
    }

    /// `[Storage, 10.0.0.0/8]` where a set is expected.
    fn set(&mut self, id: NodeId, items: &[ast::Expr], want: &Type) -> Expr {
        let role = format!("each part of this set is {}", a_type(&self.show(want)));
        let parts: Vec<Expr> = items.iter().map(|e| self.check(e, want, &role)).collect();
        let mut data = Vec::new();
        for (part, e) in parts.iter().zip(items) {
            match &part.kind {
                ExprKind::Literal(value) => data.push(value.clone()),
                ExprKind::Error => return error_of(id, want.clone()),
                _ => {
                    let help = "write out what it holds, or compare with each set on its own";
                    self.error(codes::WRONG_OPERAND, e.id, "a set is written with literals only", help);
                    return error_of(id, want.clone());
                }
            }
        }
        Expr { id, ty: want.clone(), kind: ExprKind::Literal(union(want, &data)) }
    }

    pub(super) fn comprehension(
        &mut self,
        id: NodeId,
        (element, variable, collection, filter): (&ast::Expr, &Ident, &ast::Expr, Option<&ast::Expr>),
        want: Option<&Type>,
    ) -> Expr {
        let (collection, item) = self.collection(collection);
        let block = self.enter();
        let variable = self.declare(variable, item, None);
        let filter = filter.map(|f| {
            let filter = self.condition(f);
            self.assume(&filter);
            filter
        });
        let want = match want.map(Type::narrowed) {
            Some(Type::List(item)) => Some((**item).clone()),
            _ => None,
        };
        let value = self.value(element, want.as_ref());
        let value = self.storable(element, value);
        self.leave(block);
        let ty = Type::List(value.ty.clone().into());
        let filter = filter.map(Box::new);
        Expr {
            id,
            ty,
            kind: ExprKind::Comprehension { element: value.into(), variable, collection: collection.into(), filter },
        }
    }

    /// A list or a map, with the type of what it holds.
    pub(super) fn collection(&mut self, e: &ast::Expr) -> (Expr, Type) {
        let found = self.infer(e, None);
        let item = match found.ty.narrowed() {
            Type::List(item) | Type::Map(_, item) => {
                let item = (**item).clone();
                return (self.present(e, found), item);
            }
            Type::Error => Type::Error,
            other => {
                let (subject, path) = super::source::shown(e);
                let subject = quoted(&subject, path);
                let message = format!("{subject} is {}, which holds no items", a_type(&self.show(other)));
                self.error(codes::NOT_A_COLLECTION, e.id, message, "use a list or a map");
                Type::Error
            }
        };
        (found, item)
    }

    pub(super) fn every(&mut self, id: NodeId, path: &Path) -> Expr {
        match self.type_named(path) {
            Some(TypeDef::Record(record)) if self.schema.record(record).is_some_and(|r| r.entity) => {
                let ty = Type::List(Type::Record(record).into());
                return Expr { id, ty, kind: ExprKind::Every(record) };
            }
            Some(_) => {
                let message = format!("`every` takes an entity, and `{}` is none", path.dotted());
                self.error(codes::REF_NOT_ENTITY, path.id, message, "only entities stand on their own");
            }
            None => {}
        }
        error_of(id, Type::Error)
    }

    /// The record or enum of a name; a missing one is reported.
    pub(super) fn type_named(&mut self, path: &Path) -> Option<TypeDef> {
        use super::type_names::{ScopeTypes, TypeNames};
        let names = ScopeTypes(self.cx.scope);
        let words: Vec<&str> = path.segments.iter().map(|s| s.text.as_str()).collect();
        let found = names.find(&words);
        if found.is_none() {
            let all = names.all();
            let near = nearest(&path.dotted(), all.iter().map(SmolStr::as_str));
            let message = format!("there is no type `{}` here", path.dotted());
            let problem = Problem::error(codes::UNKNOWN_TYPE, message, self.at(path.id));
            self.push(problem.meant(near, "declare it, or import it from its module"));
        }
        found
    }

    pub(super) fn map(&mut self, id: NodeId, entries: &[(MapKey, ast::Expr)], want: Option<&Type>) -> Expr {
        let (key, value) = match want.map(Type::narrowed) {
            Some(Type::Map(key, value)) => ((**key).clone(), Some((**value).clone())),
            Some(Type::Error) => (Type::Error, Some(Type::Error)),
            Some(Type::Traffic) if entries.is_empty() => {
                let help = "write at least one line, such as `outbound tcp 443 to Storage`";
                self.error(codes::CANNOT_INFER, id, "this traffic has no lines, so it would ask nothing", help);
                return error_of(id, Type::Traffic);
            }
            _ => (Type::Text, None),
        };
        if value.is_none() && entries.is_empty() {
            self.error(
                codes::CANNOT_INFER,
                id,
                "nothing says what `{}` is a map of",
                "give it a type: `let name: Map<T> = {}`",
            );
            return error_of(id, Type::Error);
        }
        let mut names: Vec<SmolStr> = Vec::new();
        for (map_key, _) in entries {
            let name = self.map_key(map_key, &key);
            if names.contains(&name) {
                let message = format!("the key `{}` stands twice in this map", map_key.text);
                self.error(codes::DUPLICATE_KEY, map_key.id, message, "keep one of them");
            }
            names.push(name);
        }
        let facts = self.facts.clone();
        let parts: Vec<_> = entries.iter().map(|(_, e)| (e, facts.clone())).collect();
        let (values, found) = self.alike(&parts, value.as_ref(), "each value of this map is", Use::Stored);
        let ty = Type::Map(Arc::new(key), Arc::new(value.unwrap_or(found)));
        Expr { id, ty, kind: ExprKind::Map(names.into_iter().zip(values).collect()) }
    }

    fn map_key(&mut self, key: &MapKey, ty: &Type) -> SmolStr {
        if !key.quoted && self.find(&key.text).is_some() {
            let message = format!("the key `{0}` is the text `{0}`, not the variable of that name", key.text);
            self.error(codes::KEY_NAMES_VARIABLE, key.id, message, format!("write `\"{}\"`", key.text));
        }
        match (ty, self.expected_word(&key.text, ty)) {
            (Type::Region, Some(Ok(Data::Region(region)))) => return region.as_str().into(),
            (Type::Region, Some(Err(name::WordFault::Value(code, error)))) => self.value_error(code, key.id, error),
            (Type::Enum(id), None) => {
                let name = Ident { id: key.id, text: key.text.clone() };
                if let Some(def) = self.schema.enumeration(*id) {
                    self.unknown_variant(&name, def);
                }
            }
            _ => {}
        }
        key.text.clone()
    }

    /// `a ?? b`: the last operand decides whether the whole may be absent.
    pub(super) fn coalesce(&mut self, id: NodeId, operands: &[ast::Expr], want: Option<&Type>) -> Expr {
        let Some((last, before)) = operands.split_last() else { return error_of(id, Type::Error) };
        let mut ty: Option<Type> = None;
        let mut values = Vec::new();
        for e in before {
            let expected = ty.clone().or_else(|| want.cloned());
            let value = self.infer(e, expected.as_ref());
            if !matches!(value.ty, Type::Optional(_) | Type::OrNone(_) | Type::Error) {
                self.never_absent(e, &value, "so `??` never comes to what follows");
            }
            ty = ty.or_else(|| Some(value.ty.narrowed().clone()));
            values.push(value);
        }
        let ty = ty.unwrap_or(Type::Error);
        let value = self.infer(last, Some(&ty));
        let result = value.ty.clone();
        let there = assignable(result.narrowed(), &ty);
        if there {
            values.push(value);
        } else {
            let role = format!("what stands before `??` is {}", a_type(&self.show(&ty)));
            values.push(self.fit(last, value, &ty, &role));
        }
        let result = if there { result } else { ty };
        Expr { id, ty: result, kind: ExprKind::Coalesce(values) }
    }
}

/// The union of literals of one set type.
fn union(want: &Type, parts: &[Data]) -> Data {
    match want {
        Type::Ports => {
            let none = PortSet::empty();
            let all = parts.iter().fold(none, |all, part| match part {
                Data::Ports(some) => all.union(some),
                _ => all,
            });
            Data::Ports(all.into())
        }
        Type::Protocols => Data::Protocols(parts.iter().fold(ProtocolSet::EMPTY, |all, part| match part {
            Data::Protocols(some) => all.union(*some),
            _ => all,
        })),
        _ => {
            let items = parts.iter().flat_map(|part| match part {
                Data::Addresses(spec) => address_items(spec),
                _ => Vec::new(),
            });
            Data::Addresses(Arc::new(items.collect()))
        }
    }
}

fn address_items(spec: &AddressSpec) -> Vec<AddressItem> {
    match spec {
        AddressSpec::Any => vec![AddressItem::Any],
        AddressSpec::These { ips, tags } => {
            let tags = tags.iter().cloned().map(AddressItem::Tag);
            std::iter::once(AddressItem::Ips(ips.clone())).chain(tags).collect()
        }
    }
}
