//! Random environments: every collection, each with two entities that refer to one another.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use palisade_engine::types::{FieldDef, FieldRole, RecordId, Schema, Type};

use super::{Choices, words};

/// The names of the entities of each collection.
const NAMES: [&str; 2] = ["n0", "n1"];
/// What only concerns the reading of files.
const LEFT_OUT: [&str; 3] = ["include", "waivers", "service_tags"];

/// The text of an environment.
pub fn environment(schema: &Schema, choices: &mut Choices<'_>) -> String {
    let mut writer = Writer { schema, choices, places: BTreeMap::new(), numbers: 0 };
    for field in &schema.environment {
        writer.find_places("", field);
    }
    let fields = schema.environment.iter().filter(|field| !LEFT_OUT.contains(&field.name.as_str()));
    let lines = fields.filter_map(|field| Some(format!("{}: {}\n", field.name, writer.field(field, "")?)));
    let lines: Vec<String> = lines.collect();
    format!("name: random\n{}", lines.iter().filter(|line| !line.starts_with("name:")).cloned().collect::<String>())
}

struct Writer<'a, 'b> {
    schema: &'a Schema,
    choices: &'a mut Choices<'b>,
    /// Where the entities of each type stand.
    places: BTreeMap<RecordId, Vec<String>>,
    /// For what must not occur twice.
    numbers: usize,
}

impl Writer<'_, '_> {
    fn find_places(&mut self, above: &str, field: &FieldDef) {
        let (Type::Map(_, item), FieldRole::Collection) = (&field.ty, field.role) else { return };
        let Type::Record(id) = **item else { return };
        for name in NAMES {
            let place = format!("{above}{}.{name}", field.name);
            self.places.entry(id).or_default().push(place.clone());
            for inner in &self.schema.record(id).expect("a record of the schema").fields {
                self.find_places(&format!("{place}."), inner);
            }
        }
    }

    /// The value of a field; `None` where it is left out. `within` tells the ranges of networks and subnets.
    fn field(&mut self, field: &FieldDef, within: &str) -> Option<String> {
        if matches!(field.role, FieldRole::Owner | FieldRole::Name) {
            return None;
        }
        let collection = field.role == FieldRole::Collection;
        if let Some(text) = accepted(self.schema, field) {
            return Some(text.to_owned());
        }
        let may_lack = field.default.is_some() || matches!(field.ty, Type::Optional(_) | Type::OrNone(_));
        if may_lack && !collection && self.choices.once_in(2) {
            return None;
        }
        self.numbers += 1;
        match field.name.as_str() {
            // An address has to lie in the range of the subnet that is chosen elsewhere.
            "ip" if may_lack => return None,
            // Two policies do not inherit from each other, and only a collection for them translates.
            "parent" | "dnat_rules" => return None,
            // The keys are addresses.
            "dns_servers" if collection => {
                let named = self.value(field.ty.narrowed(), field.role, within);
                return Some(named.replacen("n0: ", "10.0.1.4: ", 1).replacen("n1: ", "10.0.1.5: ", 1));
            }
            // A table has one route for a prefix.
            "prefix" if !self.choices.once_in(3) => return Some(format!("10.{}.0.0/16", self.numbers % 256)),
            "address_space" => return Some(format!("[10.{within}.0.0/16]")),
            "prefixes" if within.contains('.') => return Some(format!("[10.{within}.0/24]")),
            "priority" => return Some((100 + self.numbers % 3900).to_string()),
            "name" => return Some(format!("x{}", self.numbers)),
            _ => {}
        }
        Some(self.value(field.ty.narrowed(), field.role, within))
    }

    fn value(&mut self, ty: &Type, role: FieldRole, within: &str) -> String {
        match (ty, role) {
            (Type::Record(id), role) if role != FieldRole::Collection && self.schema.is_entity(ty) => {
                self.place(&[*id])
            }
            (Type::OneOf(ids), _) => self.place(ids),
            (Type::Record(id), _) => self.body(*id, within),
            (Type::List(item), _) => {
                let items: Vec<String> = (0..self.choices.below(3)).map(|_| self.value(item, role, within)).collect();
                format!("[{}]", items.join(", "))
            }
            (Type::Map(_, item), _) => {
                let entry = |at: usize| if within.is_empty() { at.to_string() } else { format!("{within}.{at}") };
                let items = (0..NAMES.len()).map(|at| format!("{}: {}", NAMES[at], self.value(item, role, &entry(at))));
                let items: Vec<String> = items.collect();
                format!("{{ {} }}", items.join(", "))
            }
            (Type::Enum(id), _) => self.variant(*id),
            (plain, _) => {
                let words = words(self.schema, plain);
                let word = &words[self.choices.below(words.len())];
                // Numbers and truths are no texts.
                if matches!(plain, Type::Bool | Type::Int | Type::Port) { word.clone() } else { format!("\"{word}\"") }
            }
        }
    }

    fn place(&mut self, ids: &[RecordId]) -> String {
        let id = ids[self.choices.below(ids.len())];
        let places = self.places.get(&id).expect("every entity has a collection");
        places[self.choices.below(places.len())].clone()
    }

    fn body(&mut self, id: RecordId, within: &str) -> String {
        let schema = self.schema;
        let fields = &schema.record(id).expect("a record of the schema").fields;
        let mut written = Vec::new();
        for field in fields {
            let Some(value) = self.field(field, within) else { continue };
            written.push(format!("{}: {value}", field.name));
        }
        format!("{{ {} }}", written.join(", "))
    }

    /// A variant, with its fields beside it.
    fn variant(&mut self, id: palisade_engine::types::EnumId) -> String {
        let schema = self.schema;
        let variants = &schema.enumeration(id).expect("an enum of the schema").variants;
        let variant = &variants[self.choices.below(variants.len())];
        let mut text = variant.name.to_string();
        for field in &variant.fields {
            if let Some(value) = self.field(field, "") {
                write!(text, ", {}: {value}", field.name).expect("writing to memory");
            }
        }
        text
    }
}

/// What Azure takes of a firewall's rules, where most values that the type allows would be refused.
fn accepted(schema: &Schema, field: &FieldDef) -> Option<&'static str> {
    let translates = |id| schema.enumeration(id).is_some_and(|e| e.variants.iter().any(|v| v.name == "dnat"));
    match (field.name.as_str(), field.ty.narrowed()) {
        ("sources" | "destinations", _) | ("prefixes", Type::Addresses) => Some("[10.0.1.0/24]"),
        ("fqdns", _) => Some("[a.example.org, \"*.example.net\"]"),
        ("destination_fqdns", _) => Some("[a.example.org]"),
        ("protocols", Type::List(_)) => Some("[\"https:443\", \"http:80\"]"),
        ("action", Type::Enum(id)) if translates(*id) => Some("allow"),
        _ => None,
    }
}
