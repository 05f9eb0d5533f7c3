//! Azure Firewall as described: from its policy and their parents to rules that can be asked, and back to their places.

use std::net::IpAddr;
use std::sync::Arc;

use palisade_net::{
    ApplicationRule, CollectionAction, CompiledFirewall, DnatRule, Firewall, FirewallAddresses, FirewallPolicy,
    FirewallRuleId, FirewallRuleKind, IpGroup, IpSet, NetworkRule, RuleCollection, RuleCollectionGroup,
    ThreatIntelligence,
};
use smol_str::SmolStr;

use super::fields::{
    addresses, entity, entries, flag, get, ip, items, number, place_of, ports, protocols, record, text, texts, variant,
};
use crate::bindings::firewall::Firewalls;
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::{EntityView, World};
use crate::place::{Place, Segment};

/// A firewall as it can be asked.
#[derive(Clone, Debug)]
pub enum AskedFirewall {
    /// Ready.
    Known(Arc<DescribedFirewall>),
    /// It cannot be judged; what would settle it.
    Open(String),
}

/// The rules of a firewall, and where they are written.
#[derive(Clone, Debug)]
pub struct DescribedFirewall {
    /// Ready to be asked.
    pub compiled: CompiledFirewall,
    /// Its own policy last, its parent before it, and so on.
    pub policies: Vec<(EntityId, FirewallPolicy)>,
}

/// The firewall at a private address.
pub fn at(world: &dyn World, address: IpAddr) -> Option<EntityId> {
    let binding = world.bindings().firewalls?.firewall;
    let stands = |id: &&EntityId| {
        world.entity(**id).is_some_and(|view| ip(&view.body, binding.private_address) == Some(address))
    };
    world.every(binding.record).iter().find(stands).copied()
}

/// The subnet in which a firewall stands.
pub fn subnet(world: &dyn World, firewall: &EntityView) -> Option<EntityId> {
    let bindings = world.bindings();
    entity(world, &firewall.body, bindings.firewalls?.firewall.subnet, bindings.routing?.subnet.record)
}

/// Whether a firewall answers DNS questions: its own policy says so, or one above it.
pub fn answers_dns(world: &dyn World, firewall: EntityId) -> bool {
    let (Some(binding), Some(view)) = (world.bindings().firewalls, world.entity(firewall)) else { return false };
    let proxy =
        |id: &EntityId| world.entity(*id).is_some_and(|view| flag(&view.body, binding.policy.dns_proxy) == Some(true));
    chain(world, &binding, &view).iter().any(proxy)
}

/// The rules of a firewall.
pub fn firewall(world: &dyn World, id: EntityId) -> AskedFirewall {
    let place = world.place(id);
    let lost = || AskedFirewall::Open(format!("the rules of `{place}`"));
    let (Some(binding), Some(view)) = (world.bindings().firewalls, world.entity(id)) else { return lost() };
    let chain = chain(world, &binding, &view);
    let policies: Option<Vec<_>> =
        chain.iter().enumerate().map(|(at, id)| Some((*id, policy(world, &binding, *id, at == 0)?))).collect();
    let (Some(policies), Some(ip_groups)) = (policies, ip_groups(world, &binding)) else { return lost() };
    let plain: Vec<FirewallPolicy> = policies.iter().map(|(_, policy)| policy.clone()).collect();
    let firewall = Firewall { policies: &plain, ip_groups: &ip_groups, fqdn_tags: &[], infrastructure: &[] };
    match firewall.compile(world.catalogue()) {
        Ok(compiled) => AskedFirewall::Known(Arc::new(DescribedFirewall { compiled, policies })),
        Err(issues) => {
            let first = issues.first().map_or("", |issue| issue.message.as_str());
            AskedFirewall::Open(format!("rules of `{place}` without faults: {first}"))
        }
    }
}

/// The firewall's policies, the outermost parent first. A circle of parents ends where it closes.
fn chain(world: &dyn World, binding: &Firewalls, firewall: &EntityView) -> Vec<EntityId> {
    let mut chain: Vec<EntityId> = Vec::new();
    let mut next = entity(world, &firewall.body, binding.firewall.policy, binding.policy.record);
    while let Some(id) = next.filter(|id| !chain.contains(id)) {
        chain.push(id);
        next =
            world.entity(id).and_then(|view| entity(world, &view.body, binding.policy.parent, binding.policy.record));
    }
    chain.reverse();
    chain
}

fn policy(world: &dyn World, binding: &Firewalls, id: EntityId, outermost: bool) -> Option<FirewallPolicy> {
    let view = world.entity(id)?;
    let reader = Reader { world, binding };
    let groups = entries(&view.body, binding.policy.rule_collection_groups);
    let threat = variant(&view.body, binding.policy.threat_intelligence);
    Some(FirewallPolicy {
        name: view.name.clone(),
        // A policy that does not say takes its parent's word, and the outermost one Azure's default.
        dns_proxy: flag(&view.body, binding.policy.dns_proxy).or(outermost.then_some(false)),
        threat_intelligence: match threat {
            word if word == Some(binding.threat_off) => ThreatIntelligence::Off,
            word if word == Some(binding.threat_deny) => ThreatIntelligence::Deny,
            _ => ThreatIntelligence::Alert,
        },
        groups: groups.iter().map(|(name, data)| reader.group(name, record(data)?)).collect::<Option<_>>()?,
    })
}

fn ip_groups(world: &dyn World, binding: &Firewalls) -> Option<Vec<IpGroup>> {
    let one = |id: &EntityId| {
        let view = world.entity(*id)?;
        let prefixes = match addresses(&view.body, binding.ip_group.prefixes) {
            palisade_net::AddressSpec::Any => IpSet::all(),
            palisade_net::AddressSpec::These { ips, tags } if tags.is_empty() => ips,
            palisade_net::AddressSpec::These { .. } => return None,
        };
        Some(IpGroup { name: world.place(*id).to_string().into(), prefixes })
    };
    world.every(binding.ip_group.record).iter().map(one).collect()
}

struct Reader<'a> {
    world: &'a dyn World,
    binding: &'a Firewalls,
}

impl Reader<'_> {
    fn group(&self, name: &SmolStr, fields: &[Data]) -> Option<RuleCollectionGroup> {
        let collections = entries(fields, self.binding.group.collections);
        Some(RuleCollectionGroup {
            name: name.clone(),
            priority: number(fields, self.binding.group.priority)?,
            collections: collections
                .iter()
                .map(|(name, data)| self.collection(name, record(data)?))
                .collect::<Option<_>>()?,
        })
    }

    fn collection(&self, name: &SmolStr, fields: &[Data]) -> Option<RuleCollection> {
        let binding = self.binding.collection;
        let action = variant(fields, binding.action)?;
        let all = |field| items(fields, field).iter().map(record);
        Some(RuleCollection {
            name: name.clone(),
            priority: number(fields, binding.priority)?,
            action: match action {
                word if word == self.binding.deny => CollectionAction::Deny,
                word if word == self.binding.dnat_action => CollectionAction::Dnat,
                _ => CollectionAction::Allow,
            },
            dnat_rules: all(binding.dnat_rules).map(|rule| self.dnat(rule?)).collect::<Option<_>>()?,
            network_rules: all(binding.network_rules).map(|rule| self.network(rule?)).collect::<Option<_>>()?,
            application_rules: all(binding.application_rules)
                .map(|rule| self.application(rule?))
                .collect::<Option<_>>()?,
        })
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

impl DescribedFirewall {
    /// The place of a rule, and the priority of its collection.
    pub fn rule(&self, world: &dyn World, id: FirewallRuleId) -> Option<(Place, u16)> {
        let binding = world.bindings().firewalls?;
        let (policy, content) = self.policies.get(id.policy)?;
        let group = content.groups.get(id.group)?;
        let collection = group.collections.get(id.collection)?;
        let (list, name) = match id.kind {
            FirewallRuleKind::Dnat => (binding.collection.dnat_rules, &collection.dnat_rules.get(id.rule)?.name),
            FirewallRuleKind::Network => {
                (binding.collection.network_rules, &collection.network_rules.get(id.rule)?.name)
            }
            FirewallRuleKind::Application => {
                (binding.collection.application_rules, &collection.application_rules.get(id.rule)?.name)
            }
        };
        let groups =
            place_of(world, &world.place(*policy), binding.policy.record, binding.policy.rule_collection_groups)?;
        let group_place = groups.child(Segment::Key(group.name.clone()));
        let collections = place_of(world, &group_place, binding.group.record, binding.group.collections)?;
        let collection_place = collections.child(Segment::Key(collection.name.clone()));
        let rules = place_of(world, &collection_place, binding.collection.record, list)?;
        Some((rules.child(Segment::Named(name.clone())), collection.priority))
    }
}
