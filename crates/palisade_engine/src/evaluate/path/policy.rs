//! Firewall policies read from what the environment describes: the parts that can be read, each with its number in the
//! file, and whether they are all.

use palisade_net::{
    AddressSpec, ApplicationRule, CollectionAction, DnatRule, FirewallAddresses, FirewallPolicy, IpGroup, IpSet,
    NetworkRule, RuleCollection, RuleCollectionGroup, ThreatIntelligence,
};
use smol_str::SmolStr;

use super::fields::{
    addresses, broken, entity, entries, flag, get, ip, items, number, ports, protocols, readable, record, text, texts,
    variant,
};
use crate::bindings::firewall::Firewalls;
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::{EntityView, World};

/// A policy as described, and what of it could be read.
pub struct ReadPolicy {
    /// What could be read.
    pub policy: FirewallPolicy,
    /// For each collection of each group, the numbers that its rules have in the file: where one could not be read, they
    /// are not those in `policy`.
    pub numbers: Vec<Vec<Numbers>>,
    /// Whether that is all of it.
    pub whole: bool,
}

/// Of DNAT, network and application rules.
pub type Numbers = [Vec<u32>; 3];

/// A firewall's own policy.
pub fn own_policy(world: &dyn World, binding: &Firewalls, firewall: &EntityView) -> Option<EntityId> {
    entity(world, &firewall.body, binding.firewall.policy, binding.policy.record)
}

/// The policy from which another one inherits.
pub fn parent(world: &dyn World, binding: &Firewalls, policy: EntityId) -> Option<EntityId> {
    entity(world, &world.entity(policy)?.body, binding.policy.parent, binding.policy.record)
}

/// A policy and those that it inherits from, the outermost first. A circle of parents ends where it closes.
pub fn chain(world: &dyn World, binding: &Firewalls, own: Option<EntityId>) -> Vec<EntityId> {
    let mut chain: Vec<EntityId> = Vec::new();
    let mut next = own;
    while let Some(id) = next.filter(|id| !chain.contains(id)) {
        chain.push(id);
        next = parent(world, binding, id);
    }
    chain.reverse();
    chain
}

/// Reads a policy; `None` if nothing of it can be.
pub fn read_policy(world: &dyn World, binding: &Firewalls, id: EntityId, outermost: bool) -> Option<ReadPolicy> {
    let view = world.entity(id)?;
    if view.body.iter().any(broken) {
        return None;
    }
    let mut reader = Reader { world, binding, whole: true };
    let groups = entries(&view.body, binding.policy.rule_collection_groups).iter();
    let (groups, numbers) = groups.filter_map(|(name, data)| reader.group(name, data)).unzip();
    let threat = variant(&view.body, binding.policy.threat_intelligence);
    let policy = FirewallPolicy {
        name: view.name.clone(),
        // A policy that does not say takes its parent's word, and the outermost one Azure's default.
        dns_proxy: flag(&view.body, binding.policy.dns_proxy).or(outermost.then_some(false)),
        threat_intelligence: match threat {
            word if word == Some(binding.threat_off) => ThreatIntelligence::Off,
            word if word == Some(binding.threat_deny) => ThreatIntelligence::Deny,
            _ => ThreatIntelligence::Alert,
        },
        groups,
    };
    Some(ReadPolicy { policy, numbers, whole: reader.whole })
}

/// The IP groups, and whether that is all of them: service tags, which Azure does not take there, are left out.
pub fn ip_groups(world: &dyn World, binding: &Firewalls) -> (Vec<IpGroup>, bool) {
    let mut whole = true;
    let mut one = |id: &EntityId| {
        let view = world.entity(*id)?;
        let prefixes = match addresses(&view.body, binding.ip_group.prefixes) {
            AddressSpec::Any => IpSet::all(),
            AddressSpec::These { ips, tags } => {
                whole &= tags.is_empty();
                ips
            }
        };
        Some(IpGroup { name: world.place(*id).to_string().into(), prefixes })
    };
    let groups = world.every(binding.ip_group.record).iter().filter_map(&mut one).collect();
    (groups, whole)
}

struct Reader<'a> {
    world: &'a dyn World,
    binding: &'a Firewalls,
    whole: bool,
}

impl Reader<'_> {
    /// Remembers where something could not be read.
    fn or_left_out<T>(&mut self, read: Option<T>) -> Option<T> {
        self.whole &= read.is_some();
        read
    }

    fn group(&mut self, name: &SmolStr, data: &Data) -> Option<(RuleCollectionGroup, Vec<Numbers>)> {
        let binding = self.binding.group;
        let fields = self.or_left_out(readable(data))?;
        let priority = self.or_left_out(number(fields, binding.priority))?;
        let collections = entries(fields, binding.collections).iter();
        let (collections, numbers) = collections.filter_map(|(name, data)| self.collection(name, data)).unzip();
        Some((RuleCollectionGroup { name: name.clone(), priority, collections }, numbers))
    }

    fn collection(&mut self, name: &SmolStr, data: &Data) -> Option<(RuleCollection, Numbers)> {
        let binding = self.binding.collection;
        let fields = self.or_left_out(record(data))?;
        let priority = self.or_left_out(number(fields, binding.priority))?;
        let action = match self.or_left_out(variant(fields, binding.action))? {
            word if word == self.binding.deny => CollectionAction::Deny,
            word if word == self.binding.dnat_action => CollectionAction::Dnat,
            _ => CollectionAction::Allow,
        };
        let (dnat_rules, dnat) = self.rules(items(fields, binding.dnat_rules), Self::dnat);
        let (network_rules, network) = self.rules(items(fields, binding.network_rules), Self::network);
        let (application_rules, application) = self.rules(items(fields, binding.application_rules), Self::application);
        let name = name.clone();
        let collection = RuleCollection { name, priority, action, dnat_rules, network_rules, application_rules };
        Some((collection, [dnat, network, application]))
    }

    /// The rules of a list that can be read, with their numbers.
    fn rules<T>(&mut self, bodies: &[Data], one: impl Fn(&Self, &[Data]) -> Option<T>) -> (Vec<T>, Vec<u32>) {
        let read = (0..).zip(bodies);
        read.filter_map(|(number, data)| {
            let rule = readable(data).and_then(|fields| one(self, fields));
            Some((self.or_left_out(rule)?, number))
        })
        .unzip()
    }

    fn dnat(&self, fields: &[Data]) -> Option<DnatRule> {
        let binding = self.binding.dnat;
        let port = |field| if let Data::Port(port) = get(fields, field)? { Some(*port) } else { None };
        Some(DnatRule {
            name: text(fields, binding.name)?,
            protocols: protocols(fields, binding.protocols)?,
            sources: self.ends(fields, binding.sources, binding.source_ip_groups)?,
            destinations: self.ends(fields, binding.destinations, None)?,
            destination_ports: ports(fields, binding.destination_ports)?,
            translated_address: ip(fields, binding.translated_address)?,
            translated_port: port(binding.translated_port)?,
        })
    }

    fn network(&self, fields: &[Data]) -> Option<NetworkRule> {
        let binding = self.binding.network;
        Some(NetworkRule {
            name: text(fields, binding.name)?,
            protocols: protocols(fields, binding.protocols)?,
            sources: self.ends(fields, binding.sources, binding.source_ip_groups)?,
            destinations: self.ends(fields, binding.destinations, binding.destination_ip_groups)?,
            destination_fqdns: texts(fields, binding.destination_fqdns),
            destination_ports: ports(fields, binding.destination_ports)?,
        })
    }

    fn application(&self, fields: &[Data]) -> Option<ApplicationRule> {
        let binding = self.binding.application;
        Some(ApplicationRule {
            name: text(fields, binding.name)?,
            protocols: texts(fields, binding.protocols),
            sources: self.ends(fields, binding.sources, binding.source_ip_groups)?,
            fqdns: texts(fields, binding.fqdns),
            fqdn_tags: texts(fields, binding.fqdn_tags),
        })
    }

    /// One end of a rule; `None` if it names an IP group that is not described.
    fn ends(&self, fields: &[Data], own: Option<usize>, groups: Option<usize>) -> Option<FirewallAddresses> {
        let named = |data: &Data| match data {
            Data::Reference(text) => self.world.resolve(&[self.binding.ip_group.record], text),
            _ => None,
        };
        let name = |data: &Data| Some(SmolStr::from(self.world.place(named(data)?).to_string()));
        let ip_groups = items(fields, groups).iter().map(name).collect::<Option<_>>()?;
        Some(FirewallAddresses { addresses: addresses(fields, own), ip_groups })
    }
}
