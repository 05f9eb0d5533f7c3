//! Firewall policies, each with those that it inherits from, and IP groups.

use palisade_net::{
    AddressSpec, Firewall, FirewallField, FirewallIssue, FirewallPlace, FirewallPolicy, FirewallRuleKind,
};
use palisade_source::Severity;

use super::{Found, NetworkFault, item, key, severity};
use crate::bindings::firewall::Firewalls;
use crate::environment::{EntityId, codes};
use crate::evaluate::path::fields::addresses;
use crate::evaluate::path::policy::{ReadPolicy, chain, ip_groups, own_policy, parent, read_policy};
use crate::evaluate::world::World;
use crate::place::Place;

pub(super) fn judge(world: &dyn World, found: &mut Found) {
    let Some(binding) = world.bindings().firewalls else { return };
    let judge = Judge { world, binding };
    judge.ip_groups(found);
    let policies = world.every(binding.policy.record);
    policies.iter().for_each(|policy| judge.circle(*policy, found));
    let mut judged: Vec<EntityId> = Vec::new();
    for own in judge.own_policies(&policies).into_iter().chain(policies.iter().copied()) {
        // A parent is judged with its children: whether host names work is for the policy of a firewall to say.
        if !judged.contains(&own) {
            judged.extend(judge.policy(own, found));
        }
    }
}

struct Judge<'a> {
    world: &'a dyn World,
    binding: Firewalls,
}

/// A policy with what could be read of it.
type Read = (EntityId, ReadPolicy);

impl Judge<'_> {
    /// The policies of firewalls, then those that no other inherits from.
    fn own_policies(&self, policies: &[EntityId]) -> Vec<EntityId> {
        let firewalls = self.world.every(self.binding.firewall.record);
        let of_firewall = |id: &EntityId| own_policy(self.world, &self.binding, &self.world.entity(*id)?);
        let mut own: Vec<EntityId> = Vec::new();
        for policy in firewalls.iter().filter_map(of_firewall) {
            if !own.contains(&policy) {
                own.push(policy);
            }
        }
        let parents: Vec<EntityId> =
            policies.iter().filter_map(|policy| parent(self.world, &self.binding, *policy)).collect();
        own.extend(policies.iter().filter(|policy| !parents.contains(policy)));
        own
    }

    /// Judges a policy with those that it inherits from, and gives all of them back.
    fn policy(&self, own: EntityId, found: &mut Found) -> Vec<EntityId> {
        let chain = chain(self.world, &self.binding, Some(own));
        let read = chain.iter().enumerate();
        let read: Vec<Read> =
            read.filter_map(|(at, id)| Some((*id, read_policy(self.world, &self.binding, *id, at == 0)?))).collect();
        let policies: Vec<FirewallPolicy> = read.iter().map(|(_, read)| read.policy.clone()).collect();
        let (ip_groups, _) = ip_groups(self.world, &self.binding);
        let firewall = Firewall { policies: &policies, ip_groups: &ip_groups, fqdn_tags: &[], infrastructure: &[] };
        for issue in firewall.validate(self.world.catalogue()) {
            found.extend(self.fault(issue, &read, own));
        }
        chain
    }

    fn fault(&self, issue: FirewallIssue, read: &[Read], own: EntityId) -> Option<NetworkFault> {
        let (last, earlier) = issue.places.split_last()?;
        let code = match (last.field, earlier) {
            // Two entries of one name are a fault of every map, which the reader reports.
            (Some(FirewallField::Name), _) => return None,
            (Some(FirewallField::Priority), []) => codes::PRIORITY_RANGE,
            (Some(FirewallField::Priority), _) => codes::DUPLICATE_PRIORITY,
            _ => codes::FIREWALL_POLICY,
        };
        let mut related: Vec<_> =
            earlier.iter().filter_map(|place| Some((self.place(place, read)?, "the other one"))).collect();
        let stands_in = read.get(last.policy).map(|(id, _)| *id)?;
        // The rules of a parent work or not as the policy of the firewall says.
        if last.field == Some(FirewallField::Hosts)
            && issue.level == palisade_net::IssueLevel::Warning
            && stands_in != own
        {
            related.push((self.world.place(own), "the policy of the firewall"));
        }
        Some(NetworkFault {
            code,
            severity: severity(issue.level),
            place: self.place(last, read)?,
            message: issue.message,
            related,
            help: match issue.suggestion {
                Some(near) => format!("did you mean `{near}`? {}", issue.help),
                None => issue.help,
            },
        })
    }

    fn place(&self, of: &FirewallPlace, read: &[Read]) -> Option<Place> {
        let (id, ReadPolicy { policy, numbers, .. }) = read.get(of.policy)?;
        let mut place = self.world.place(*id);
        let Some(index) = of.group else { return Some(place) };
        let (group, numbers) = (policy.groups.get(index)?, numbers.get(index)?);
        place = key(&key(&place, "rule_collection_groups"), &group.name);
        if let Some(index) = of.collection {
            place = key(&key(&place, "collections"), &group.collections.get(index)?.name);
            if let Some((kind, rule)) = of.rule {
                let [dnat, network, application] = numbers.get(index)?;
                let (list, numbers) = match kind {
                    FirewallRuleKind::Dnat => ("dnat_rules", dnat),
                    FirewallRuleKind::Network => ("network_rules", network),
                    FirewallRuleKind::Application => ("application_rules", application),
                };
                place = item(&key(&place, list), *numbers.get(rule)?);
            }
        }
        Some(of.field.map_or_else(|| place.clone(), |field| part(&place, field, of.rule.map(|(kind, _)| kind))))
    }

    /// A policy that inherits from itself. The circle is reported at the first of its policies.
    fn circle(&self, policy: EntityId, found: &mut Found) {
        let mut circle = vec![policy];
        while let Some(next) = circle.last().and_then(|last| parent(self.world, &self.binding, *last)) {
            if next == policy {
                break;
            }
            if circle.contains(&next) {
                return;
            }
            circle.push(next);
        }
        let closes = circle.last().and_then(|last| parent(self.world, &self.binding, *last)) == Some(policy);
        let order = self.world.every(self.binding.policy.record);
        let first = order.iter().find(|id| circle.contains(id));
        if !closes || first != Some(&policy) {
            return;
        }
        let name = |id: &EntityId| self.world.entity(*id).map(|view| view.name).unwrap_or_default();
        let way: Vec<String> = circle.iter().chain([&policy]).map(|id| format!("`{}`", name(id))).collect();
        let others = circle.iter().skip(1).map(|id| (key(&self.world.place(*id), "parent"), "goes on here"));
        found.push(NetworkFault {
            code: codes::FIREWALL_POLICY,
            severity: Severity::Error,
            place: key(&self.world.place(policy), "parent"),
            message: format!("`{}` inherits from itself: {}", name(&policy), way.join(" → ")),
            related: others.collect(),
            help: "a policy inherits from one above it, and the uppermost from none".to_owned(),
        });
    }

    /// IP groups hold addresses and nothing else.
    fn ip_groups(&self, found: &mut Found) {
        let record = self.binding.ip_group;
        for id in self.world.every(record.record).iter() {
            let Some(view) = self.world.entity(*id) else { continue };
            let AddressSpec::These { tags, .. } = addresses(&view.body, record.prefixes) else { continue };
            for tag in tags {
                found.push(NetworkFault {
                    code: codes::FIREWALL_POLICY,
                    severity: Severity::Error,
                    place: key(&self.world.place(*id), "prefixes"),
                    message: format!(
                        "IP group `{}` holds the service tag `{tag}`, but IP groups hold addresses alone",
                        view.name
                    ),
                    related: Vec::new(),
                    help: "name the tag in the destinations of a network rule".to_owned(),
                });
            }
        }
    }
}

/// Where a part of a group, collection or rule stands in it.
fn part(of: &Place, field: FirewallField, kind: Option<FirewallRuleKind>) -> Place {
    let hosts = if kind == Some(FirewallRuleKind::Network) { "destination_fqdns" } else { "fqdns" };
    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    match field {
        FirewallField::Name => key(of, "name"),
        FirewallField::Priority => key(of, "priority"),
        FirewallField::Protocols => key(of, "protocols"),
        FirewallField::Protocol(index) => item(&key(of, "protocols"), number(index)),
        FirewallField::Ports => key(of, "destination_ports"),
        FirewallField::Sources => key(of, "sources"),
        FirewallField::Destinations => key(of, "destinations"),
        FirewallField::Hosts => key(of, hosts),
        FirewallField::Host(index) => item(&key(of, hosts), number(index)),
        FirewallField::FqdnTags => key(of, "fqdn_tags"),
    }
}
