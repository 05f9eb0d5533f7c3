//! Which declarations of the library hold what the engine itself understands: address spaces, subnets, the rules of
//! security groups. The only place that knows their names.
//!
//! A program without these records is checked without these meanings. One that declares a record and not the fields
//! that belong to it is at fault: half a meaning would be silence about the other half.

use crate::types::{RecordDef, RecordId, Schema, Type};

const MODULE: &str = "azure.network";

/// The records that the engine understands, each `None` if the program does not declare it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bindings {
    pub(crate) network: Option<Network>,
    pub(crate) subnet: Option<Subnet>,
    pub(crate) group: Option<Group>,
}

/// `VirtualNetwork`, with the numbers of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) record: RecordId,
    pub(crate) address_space: usize,
}

/// `Subnet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subnet {
    pub(crate) record: RecordId,
    pub(crate) prefixes: usize,
}

/// `NetworkSecurityGroup`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) record: RecordId,
    pub(crate) rules: usize,
    pub(crate) rule: Rule,
}

/// `SecurityRule`, with the numbers of its fields and of the variants of its enums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) name: usize,
    pub(crate) priority: usize,
    pub(crate) direction: usize,
    pub(crate) access: usize,
    pub(crate) protocol: usize,
    pub(crate) source: usize,
    pub(crate) source_ports: usize,
    pub(crate) destination: usize,
    pub(crate) destination_ports: usize,
    pub(crate) inbound: u16,
    pub(crate) allow: u16,
}

impl Bindings {
    /// Looks the declarations up; the messages say what they lack.
    pub(crate) fn new(schema: &Schema) -> (Self, Vec<String>) {
        let mut lookup = Lookup { schema, missing: Vec::new() };
        let bindings = Self { network: lookup.network(), subnet: lookup.subnet(), group: lookup.group() };
        (bindings, lookup.missing)
    }
}

struct Lookup<'s> {
    schema: &'s Schema,
    missing: Vec<String>,
}

impl<'s> Lookup<'s> {
    fn network(&mut self) -> Option<Network> {
        let (record, def) = self.record("VirtualNetwork")?;
        Some(Network { record, address_space: self.field(def, "address_space", &list(Type::Cidr))? })
    }

    fn subnet(&mut self) -> Option<Subnet> {
        let (record, def) = self.record("Subnet")?;
        Some(Subnet { record, prefixes: self.field(def, "prefixes", &list(Type::Cidr))? })
    }

    fn group(&mut self) -> Option<Group> {
        let (record, def) = self.record("NetworkSecurityGroup")?;
        let Some((rule_record, rule)) = self.record("SecurityRule") else {
            self.missing.push(format!("`{}` needs a record `{MODULE}.SecurityRule`", def.name));
            return None;
        };
        let rules = self.field(def, "rules", &list(Type::Record(rule_record)));
        Some(Group { record, rule: self.rule(rule)?, rules: rules? })
    }

    fn rule(&mut self, def: &RecordDef) -> Option<Rule> {
        let mut field = |name, ty| self.field(def, name, &ty);
        let (name, priority) = (field("name", Type::Text), field("priority", Type::Int));
        let (protocol, source) = (field("protocol", Type::Protocols), field("source", Type::Addresses));
        let (source_ports, destination) = (field("source_ports", Type::Ports), field("destination", Type::Addresses));
        let destination_ports = field("destination_ports", Type::Ports);
        let direction = self.word(def, "direction", "inbound");
        let access = self.word(def, "access", "allow");
        let ((direction, inbound), (access, allow)) = (direction?, access?);
        Some(Rule {
            name: name?,
            priority: priority?,
            direction,
            access,
            protocol: protocol?,
            source: source?,
            source_ports: source_ports?,
            destination: destination?,
            destination_ports: destination_ports?,
            inbound,
            allow,
        })
    }

    fn record(&self, name: &str) -> Option<(RecordId, &'s RecordDef)> {
        let id = self.schema.find_record(MODULE, name)?;
        Some((id, self.schema.record(id)?))
    }

    fn field(&mut self, record: &RecordDef, name: &str, ty: &Type) -> Option<usize> {
        let found = record.field(name).filter(|(_, field)| field.ty == *ty || field.ty == Type::Error);
        if found.is_none() {
            let ty = self.schema.display(ty);
            self.missing.push(format!("the engine needs a field `{name}: {ty}` in `{}`", record.name));
        }
        found.map(|(at, _)| at)
    }

    /// An enum field, and one of its variants.
    fn word(&mut self, record: &RecordDef, name: &str, word: &str) -> Option<(usize, u16)> {
        let found = record.field(name).and_then(|(at, field)| match &field.ty {
            Type::Enum(id) => {
                let variants = &self.schema.enumeration(*id)?.variants;
                let variant = variants.iter().position(|variant| variant.name == word)?;
                Some((at, u16::try_from(variant).ok()?))
            }
            _ => None,
        });
        if found.is_none() {
            self.missing
                .push(format!("the engine needs a field `{name}` with a variant `{word}` in `{}`", record.name));
        }
        found
    }
}

fn list(item: Type) -> Type {
    Type::List(item.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::tests::schema::{self, field, record};

    #[test]
    fn nothing_declared_is_nothing_bound() {
        assert_eq!(Bindings::new(&Schema::default()), (Bindings::default(), Vec::new()));
    }

    #[test]
    fn a_declared_record_without_its_field_is_named() {
        let wrong = vec![field("prefixes", list(Type::Text))];
        let schema = schema::build(vec![record(MODULE, "Subnet", true, wrong)], Vec::new(), Vec::new());
        let (bindings, missing) = Bindings::new(&schema);
        assert_eq!(bindings.subnet, None);
        assert_eq!(missing, ["the engine needs a field `prefixes: List<Cidr>` in `azure.network.Subnet`"]);
    }

    #[test]
    fn the_library_s_declarations_are_bound() {
        let (bindings, missing) = Bindings::new(&schema::azure());
        assert!(missing.is_empty(), "{missing:?}");
        assert!(bindings.network.is_some() && bindings.subnet.is_some() && bindings.group.is_some());
    }
}
