//! Types as written → types.

use std::sync::Arc;

use palisade_syntax::ast::{NodeId, Path, TypeExpr, TypeKind};
use smol_str::SmolStr;

use super::codes;
use crate::names::{ItemKey, NodeRef};
use crate::policy::scope::{Binding, Lowered, Scope};
use crate::problem::Problem;
use crate::suggest::nearest;
use crate::types::{COUNT, EnumId, RecordId, Type, TypeDef};

/// What types are called elsewhere, with the name here.
const ELSEWHERE: [(&str, &str); 7] = [
    ("array", "List"),
    ("dict", "Map"),
    ("integer", "Int"),
    ("number", "Int"),
    ("set", "List"),
    ("str", "Text"),
    ("string", "Text"),
];

/// What reading a type asks about names. It does not need the schema, because the schema is made with it.
pub trait TypeNames {
    /// The type of a name, or of a module's alias and a name in it.
    fn find(&self, words: &[&str]) -> Option<TypeDef>;
    /// Whether a record is an entity.
    fn is_entity(&self, record: RecordId) -> bool;
    /// Whether an enum has a variant `none`.
    fn has_none_variant(&self, enumeration: EnumId) -> bool;
    /// The names of types in scope, for did-you-mean.
    fn all(&self) -> Vec<SmolStr>;
}

/// The names of a scope whose schema is complete.
pub(super) struct ScopeTypes<'a>(pub(super) &'a dyn Scope);

impl TypeNames for ScopeTypes<'_> {
    fn find(&self, words: &[&str]) -> Option<TypeDef> {
        let (first, rest) = words.split_first()?;
        let mut binding = self.0.word(first)?;
        for word in rest {
            let Binding::Module(module) = binding else { return None };
            binding = self.0.member(&module, word)?;
        }
        match binding {
            Binding::Type(def) => Some(def),
            _ => None,
        }
    }

    fn is_entity(&self, record: RecordId) -> bool {
        self.0.schema().record(record).is_some_and(|r| r.entity)
    }

    fn has_none_variant(&self, enumeration: EnumId) -> bool {
        self.0.schema().enumeration(enumeration).is_some_and(|e| e.variants.iter().any(|v| v.name == "none"))
    }

    fn all(&self) -> Vec<SmolStr> {
        let is_type = |word: &SmolStr| matches!(self.0.word(word), Some(Binding::Type(_)));
        self.0.words().into_iter().filter(is_type).collect()
    }
}

/// The types that the language itself has, `Count`, `List` and `Map` left out.
const BUILT_IN: &[(&str, Type)] = &[
    ("Addresses", Type::Addresses),
    ("Bool", Type::Bool),
    ("Cidr", Type::Cidr),
    ("Date", Type::Date),
    ("Duration", Type::Duration),
    ("Flow", Type::Flow),
    ("Fqdn", Type::Fqdn),
    ("Int", Type::Int),
    ("Ip", Type::Ip),
    ("Port", Type::Port),
    ("Ports", Type::Ports),
    ("Prefix", Type::Prefix),
    ("Protocol", Type::Protocol),
    ("Protocols", Type::Protocols),
    ("Region", Type::Region),
    ("ServiceTag", Type::ServiceTag),
    ("Text", Type::Text),
    ("Traffic", Type::Traffic),
    ("Verdict", Type::Verdict),
];

/// Reads a type.
pub fn resolve_type(names: &dyn TypeNames, item: &ItemKey, ty: &TypeExpr) -> Lowered<Type> {
    let mut reader = Reader { names, item, count: None, problems: Vec::new() };
    let value = reader.read(ty);
    Lowered { value, problems: reader.problems }
}

/// Reads the type of a field, which may be `Count`.
pub fn resolve_field_type(names: &dyn TypeNames, item: &ItemKey, ty: &TypeExpr) -> Lowered<Type> {
    let mut reader = Reader { names, item, count: count_of(ty), problems: Vec::new() };
    let value = reader.read(ty);
    Lowered { value, problems: reader.problems }
}

/// Where a field's type says `Count`, apart from `?` and `or none`.
pub fn count_of(ty: &TypeExpr) -> Option<NodeId> {
    match &ty.kind {
        TypeKind::Optional(inner) | TypeKind::OrNone(inner) => count_of(inner),
        TypeKind::Named { path, arguments } if arguments.is_empty() && path.dotted() == COUNT => Some(ty.id),
        _ => None,
    }
}

struct Reader<'a> {
    names: &'a dyn TypeNames,
    item: &'a ItemKey,
    /// Where `Count` may stand.
    count: Option<NodeId>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn fault(&mut self, code: &'static str, node: &TypeExpr, message: impl Into<String>, help: &str) -> Type {
        let at = NodeRef { item: self.item.clone(), node: node.id };
        self.problems.push(Problem::error(code, message, at).help(help));
        Type::Error
    }

    fn read(&mut self, ty: &TypeExpr) -> Type {
        match &ty.kind {
            TypeKind::Error => Type::Error,
            TypeKind::Named { path, arguments } => self.named(ty, path, arguments),
            // Two absences on one type are the parser's to report.
            TypeKind::Optional(inner) => match self.read(inner) {
                Type::Optional(_) | Type::OrNone(_) => Type::Error,
                inner => Type::Optional(Arc::new(inner)),
            },
            TypeKind::OrNone(inner) => self.or_none(ty, inner),
            TypeKind::Owner(path) => self.entity(path).map_or(Type::Error, Type::Record),
            TypeKind::Ref(paths) => {
                let targets: Option<Vec<RecordId>> = paths.iter().map(|path| self.entity(path)).collect();
                targets.map_or(Type::Error, super::facts::one_of)
            }
        }
    }

    fn or_none(&mut self, ty: &TypeExpr, inner: &TypeExpr) -> Type {
        match self.read(inner) {
            Type::Optional(_) | Type::OrNone(_) => Type::Error,
            Type::Enum(id) if self.names.has_none_variant(id) => {
                let message = "this enum has a variant `none`, so with `or none` the word would have two meanings";
                let help = "leave out `or none` and use the variant, or rename the variant";
                self.fault(codes::NESTED_OPTIONAL, ty, message, help)
            }
            inner => Type::OrNone(Arc::new(inner)),
        }
    }

    fn named(&mut self, ty: &TypeExpr, path: &Path, arguments: &[TypeExpr]) -> Type {
        match (path.dotted().as_str(), arguments) {
            ("List", [item]) => Type::List(Arc::new(self.item_type(item))),
            ("Map", [value]) => Type::Map(Arc::new(Type::Text), Arc::new(self.item_type(value))),
            ("Map", [key, value]) => {
                let key = self.key_type(key);
                Type::Map(Arc::new(key), Arc::new(self.item_type(value)))
            }
            ("List", _) => self.arguments(ty, "`List` takes one type", "write `List<T>`"),
            ("Map", _) => self.arguments(ty, "`Map` takes one or two types", "write `Map<T>` or `Map<K, T>`"),
            (COUNT, []) => self.counted(ty),
            (name, []) => self.plain(path, name),
            (name, _) => self.arguments(ty, &format!("`{name}` takes no types"), "only `List` and `Map` do"),
        }
    }

    /// A count is checked where a file states it; from there on it is a number like others.
    fn counted(&mut self, ty: &TypeExpr) -> Type {
        if self.count == Some(ty.id) {
            return Type::Int;
        }
        let message = "`Count` is what a field states, and no other value is declared so";
        self.fault(codes::MISPLACED_COUNT, ty, message, "write `Int`: a field that is a `Count` is read as one")
    }

    fn arguments(&mut self, ty: &TypeExpr, message: &str, help: &str) -> Type {
        self.fault(codes::TYPE_ARGUMENTS, ty, message, help)
    }

    fn item_type(&mut self, ty: &TypeExpr) -> Type {
        match self.read(ty) {
            Type::Optional(_) | Type::OrNone(_) => {
                let message = "what a list or map holds is never absent: an entry is there or it is not";
                self.fault(codes::NESTED_OPTIONAL, ty, message, "leave out `?` or `or none` between `<` and `>`")
            }
            item => item,
        }
    }

    fn key_type(&mut self, ty: &TypeExpr) -> Type {
        match self.read(ty) {
            key @ (Type::Text | Type::Region | Type::Enum(_) | Type::Error) => key,
            _ => {
                self.arguments(ty, "the keys of a map are Text, Region or an enum", "write `Map<Text, T>`, or `Map<T>`")
            }
        }
    }

    fn plain(&mut self, path: &Path, name: &str) -> Type {
        if let Some((_, ty)) = BUILT_IN.iter().find(|(word, _)| *word == name) {
            return ty.clone();
        }
        match self.definition(path) {
            Some(TypeDef::Record(id)) => Type::Record(id),
            Some(TypeDef::Enum(id)) => Type::Enum(id),
            None => Type::Error,
        }
    }

    fn definition(&mut self, path: &Path) -> Option<TypeDef> {
        let words: Vec<&str> = path.segments.iter().map(|s| s.text.as_str()).collect();
        let found = self.names.find(&words);
        if found.is_none() {
            let declared = self.names.all();
            let built_in = BUILT_IN.iter().map(|(word, _)| *word).chain([COUNT, "List", "Map"]);
            let known = ELSEWHERE.iter().find(|(word, _)| path.dotted().eq_ignore_ascii_case(word));
            let near = known.map(|(_, here)| *here);
            let near = near.or_else(|| nearest(&path.dotted(), declared.iter().map(SmolStr::as_str).chain(built_in)));
            let at = NodeRef { item: self.item.clone(), node: path.id };
            let message = format!("there is no type `{}` here", path.dotted());
            let problem = Problem::error(codes::UNKNOWN_TYPE, message, at);
            self.problems.push(problem.meant(near, "declare it, or import it from its module"));
        }
        found
    }

    fn entity(&mut self, path: &Path) -> Option<RecordId> {
        let built_in = path.dotted() == COUNT || BUILT_IN.iter().any(|(word, _)| *word == path.dotted());
        let found = if built_in { None } else { Some(self.definition(path)?) };
        match found {
            Some(TypeDef::Record(id)) if self.names.is_entity(id) => Some(id),
            _ => {
                let at = NodeRef { item: self.item.clone(), node: path.id };
                let message = format!("`{}` is not an entity, so nothing can refer to one", path.dotted());
                let help = "declare it as `entity`, or write the type without `ref` or `owner`";
                self.problems.push(Problem::error(codes::REF_NOT_ENTITY, message, at).help(help));
                None
            }
        }
    }
}
