//! The reference of environment files, written from the types that the library declares.
//!
//! The page says of each key what may stand there, what its absence means, and the words of its declaration.

use std::fmt::Write as _;

use palisade_engine::data::Data;
use palisade_engine::policy::docs::prose;
use palisade_engine::types::{COUNT, EnumDef, FieldDef, FieldRole, RecordDef, Schema, Type};
use palisade_net::{AddressSpec, ProtocolSet};

/// The page: what stands above this line is written by hand, the rest from the declarations.
const MARK: &str = "<!-- From here on this page is written from the declarations in `policies/`: see `tests/harness/reference.rs`. -->\n";

/// The page with everything after the mark written anew.
pub fn environments(page: &str, schema: &Schema) -> String {
    let head = page.split(MARK).next().unwrap_or_default();
    let mut writer = Writer { schema, page: format!("{head}{MARK}\n## The top level\n\n") };
    writer.fields(&schema.environment);
    for module in modules(schema) {
        writer.module(module);
    }
    writer.page
}

/// The modules that declare types, in the order of the alphabet.
fn modules(schema: &Schema) -> Vec<&str> {
    let records = schema.records.iter().map(|record| &record.name);
    let names = records.chain(schema.enums.iter().map(|one| &one.name));
    let mut modules: Vec<&str> = names.map(|name| name.module.as_str()).collect();
    modules.sort_unstable();
    modules.dedup();
    modules
}

struct Writer<'a> {
    schema: &'a Schema,
    page: String,
}

impl Writer<'_> {
    fn module(&mut self, module: &str) {
        self.line(&format!("## Declared in `{module}`\n"));
        for record in self.schema.records.iter().filter(|record| record.name.module == module) {
            self.record(record);
        }
        for one in self.schema.enums.iter().filter(|one| one.name.module == module) {
            self.enumeration(one);
        }
    }

    fn record(&mut self, record: &RecordDef) {
        let kind = if record.entity { "entity" } else { "record" };
        self.line(&format!("### {}\n\n{kind}: {}\n", record.name.name, doc(record.doc.as_deref())));
        self.fields(&record.fields);
    }

    fn enumeration(&mut self, one: &EnumDef) {
        self.line(&format!("### {}\n\none of these words: {}\n", one.name.name, doc(one.doc.as_deref())));
        self.line("| word | what it says |\n| --- | --- |");
        for variant in &one.variants {
            self.line(&format!("| `{}` | {} |", variant.name, doc(variant.doc.as_deref())));
        }
        self.line("");
        for variant in one.variants.iter().filter(|variant| !variant.fields.is_empty()) {
            self.line(&format!("Beside `{}` stand:\n", variant.name));
            self.fields(&variant.fields);
        }
    }

    fn fields(&mut self, fields: &[FieldDef]) {
        self.line("| key | what stands there | absent | what it says |\n| --- | --- | --- | --- |");
        for field in fields {
            let (written, absent) = match field.role {
                FieldRole::Owner => ("nothing: nesting says it".to_owned(), "always".to_owned()),
                FieldRole::Name => ("nothing: the key above says it".to_owned(), "always".to_owned()),
                _ => (self.written(&field.ty, field.role), self.absence(field)),
            };
            self.line(&format!("| `{}` | {written} | {absent} | {} |", field.name, doc(field.doc.as_deref())));
        }
        self.line("");
    }

    /// What absence means: the declaration has exactly one way to say it.
    fn absence(&self, field: &FieldDef) -> String {
        match (&field.ty, &field.default) {
            (_, Some(default)) => format!("`{}`", self.default(default, &field.ty)),
            (Type::Optional(_), None) => "unknown".to_owned(),
            (Type::OrNone(_), None) => "there is none".to_owned(),
            (_, None) => "an error".to_owned(),
        }
    }

    fn written(&self, ty: &Type, role: FieldRole) -> String {
        let owned = role == FieldRole::Collection;
        match ty.narrowed() {
            Type::List(item) if owned => format!("a list of bodies of {}", self.name(item)),
            Type::Map(_, item) if owned => format!("names with bodies of {}", self.name(item)),
            Type::List(item) => format!("a list: {}", self.written(item, FieldRole::Value)),
            Type::Map(_, item) => format!("names, each with: {}", self.written(item, FieldRole::Value)),
            several @ Type::OneOf(_) => format!("the place of a {}", self.name(several)),
            _ if role == FieldRole::Count => COUNT.to_owned(),
            entity if self.schema.is_entity(entity) => format!("the name of a {}", self.name(entity)),
            other => self.name(other),
        }
    }

    /// A type's name, with a link to what this page says of it.
    fn name(&self, ty: &Type) -> String {
        let linked = |name: String| format!("[{name}](#{})", name.to_lowercase());
        match ty {
            Type::OneOf(ids) => {
                let names: Vec<_> = ids.iter().map(|id| self.name(&Type::Record(*id))).collect();
                names.join(" or ")
            }
            Type::Record(_) | Type::Enum(_) => linked(self.schema.display(ty).to_string()),
            simple => self.schema.display(simple).to_string(),
        }
    }

    fn default(&self, data: &Data, ty: &Type) -> String {
        match (data, ty) {
            (Data::Variant(index, _), Type::Enum(id)) => {
                let one = self.schema.enumeration(*id).expect("the enum of a field");
                one.variants[usize::from(*index)].name.to_string()
            }
            (Data::Text(text), _) => format!("\"{text}\""),
            (Data::Bool(value), _) => value.to_string(),
            (Data::Int(value), _) => value.to_string(),
            (Data::Ports(ports), _) if ports.is_all() => "*".to_owned(),
            (Data::Addresses(addresses), _) if **addresses == AddressSpec::Any => "*".to_owned(),
            (Data::Protocols(protocols), _) if *protocols == ProtocolSet::ALL => "*".to_owned(),
            (Data::List(items), _) if items.is_empty() => "[]".to_owned(),
            (Data::Entities(names), _) if names.is_empty() => "{}".to_owned(),
            (Data::Map(entries), _) if entries.is_empty() => "{}".to_owned(),
            (other, _) => panic!("the reference has no words for the default {other:?}"),
        }
    }

    fn line(&mut self, text: &str) {
        writeln!(self.page, "{text}").expect("writing to memory");
    }
}

/// Documentation as one cell of a table.
fn doc(text: Option<&str>) -> String {
    let text = text.expect("everything that the library declares is documented");
    // How a key is stated in Azure is shown on the pages of the rules that ask for it.
    prose(text).split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
