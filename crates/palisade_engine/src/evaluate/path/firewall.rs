//! Azure Firewall as described: from its policy and their parents to rules that can be asked, and back to their places.

use std::net::IpAddr;
use std::sync::Arc;

use palisade_net::{CompiledFirewall, Firewall, FirewallPolicy, FirewallRuleId, FirewallRuleKind};

use super::fields::{entity, flag, ip, place_of};
use super::policy::{chain, ip_groups, own_policy, read_policy};
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
    chain(world, &binding, own_policy(world, &binding, &view)).iter().any(proxy)
}

/// The rules of a firewall.
pub fn firewall(world: &dyn World, id: EntityId) -> AskedFirewall {
    let place = world.place(id);
    let lost = || AskedFirewall::Open(format!("the rules of `{place}`"));
    let (Some(binding), Some(view)) = (world.bindings().firewalls, world.entity(id)) else { return lost() };
    let chain = chain(world, &binding, own_policy(world, &binding, &view));
    let read = chain.iter().enumerate().map(|(at, id)| read_policy(world, &binding, *id, at == 0));
    let policies: Option<Vec<FirewallPolicy>> =
        read.map(|read| read.filter(|read| read.whole).map(|read| read.policy)).collect();
    let (Some(plain), (ip_groups, true)) = (policies, ip_groups(world, &binding)) else { return lost() };
    let firewall = Firewall { policies: &plain, ip_groups: &ip_groups, fqdn_tags: &[], infrastructure: &[] };
    match firewall.compile(world.catalogue()) {
        Ok(compiled) => {
            let policies = chain.into_iter().zip(plain).collect();
            AskedFirewall::Known(Arc::new(DescribedFirewall { compiled, policies }))
        }
        Err(issues) => {
            let first = issues.first().map_or("", |issue| issue.message.as_str());
            AskedFirewall::Open(format!("rules of `{place}` without faults: {first}"))
        }
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
        let priority = u16::try_from(collection.priority).ok()?;
        Some((rules.child(Segment::Named(name.clone())), priority))
    }
}
