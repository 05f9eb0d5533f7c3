//! Short words for the firewall tests: policies as lines, and questions.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own share")]

use palisade_net::*;

use crate::common::{Place, bare, ips, ports};

/// A firewall and the place behind it that is asked.
pub struct Wall {
    pub place: Place,
    pub policies: Vec<FirewallPolicy>,
    pub ip_groups: Vec<IpGroup>,
    pub fqdn_tags: Vec<FqdnTag>,
    pub infrastructure: Vec<smol_str::SmolStr>,
    pub speaks: Vec<ApplicationProtocol>,
    pub host: Option<Fqdn>,
}

impl std::fmt::Debug for Wall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wall").field("policies", &self.policies).finish_non_exhaustive()
    }
}

/// A firewall with one policy and DNS proxy, of lines:
///
/// * `group PRIORITY`, `collection PRIORITY allow|deny|dnat`;
/// * `net PROTOCOLS SOURCES DESTINATIONS PORTS`, where an item may be `fqdn:NAME` or `group:NAME`;
/// * `app PROTOCOLS SOURCES NAMES`, where a name may be `tag:NAME`;
/// * `dnat PROTOCOLS SOURCES DESTINATIONS PORTS ADDRESS PORT`.
///
/// Rules are named `r1`, `r2`, … in the order of the lines.
pub fn wall(text: &str) -> Wall {
    let place = bare();
    let policies = vec![policy(&place, "own", text)];
    let (ip_groups, fqdn_tags, infrastructure) = (Vec::new(), Vec::new(), Vec::new());
    let speaks = ApplicationProtocol::USUAL.to_vec();
    Wall { place, policies, ip_groups, fqdn_tags, infrastructure, speaks, host: None }
}

pub fn policy(place: &Place, name: &str, text: &str) -> FirewallPolicy {
    let mut policy = FirewallPolicy { name: name.into(), dns_proxy: Some(true), ..FirewallPolicy::default() };
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut number = 0;
    for words in lines.filter(|words| !words.is_empty()) {
        match words.as_slice() {
            ["group", priority] => {
                let name = format!("g{}", policy.groups.len() + 1).into();
                policy.groups.push(RuleCollectionGroup {
                    name,
                    priority: priority.parse().unwrap(),
                    collections: Vec::new(),
                });
            }
            ["collection", priority, action] => {
                let group = policy.groups.last_mut().unwrap();
                let action = match *action {
                    "allow" => CollectionAction::Allow,
                    "deny" => CollectionAction::Deny,
                    "dnat" => CollectionAction::Dnat,
                    other => panic!("{other}"),
                };
                group.collections.push(RuleCollection {
                    name: format!("c{}", group.collections.len() + 1).into(),
                    priority: priority.parse().unwrap(),
                    action,
                    ..RuleCollection::default()
                });
            }
            rule => {
                number += 1;
                add_rule(place, policy.groups.last_mut().unwrap().collections.last_mut().unwrap(), rule, number);
            }
        }
    }
    policy
}

fn add_rule(place: &Place, collection: &mut RuleCollection, words: &[&str], number: usize) {
    let name: smol_str::SmolStr = format!("r{number}").into();
    match words {
        ["net", protocols, sources, destinations, to_ports] => {
            let (fqdns, others): (Vec<&str>, Vec<&str>) =
                destinations.split(',').partition(|item| item.starts_with("fqdn:"));
            collection.network_rules.push(NetworkRule {
                name,
                protocols: protocols.parse().unwrap(),
                sources: end(place, sources),
                destinations: if others.is_empty() { FirewallAddresses::none() } else { end(place, &others.join(",")) },
                destination_fqdns: fqdns.iter().map(|item| item["fqdn:".len()..].into()).collect(),
                destination_ports: ports(to_ports),
            });
        }
        ["app", protocols, sources, names] => {
            let (tags, fqdns): (Vec<&str>, Vec<&str>) = names.split(',').partition(|item| item.starts_with("tag:"));
            collection.application_rules.push(ApplicationRule {
                name,
                protocols: protocols.split(',').map(Into::into).collect(),
                sources: end(place, sources),
                fqdns: fqdns.iter().map(|item| (*item).into()).collect(),
                fqdn_tags: tags.iter().map(|item| item["tag:".len()..].into()).collect(),
            });
        }
        ["dnat", protocols, sources, destinations, to_ports, address, port] => {
            collection.dnat_rules.push(DnatRule {
                name,
                protocols: protocols.parse().unwrap(),
                sources: end(place, sources),
                destinations: end(place, destinations),
                destination_ports: ports(to_ports),
                translated_address: address.parse().unwrap(),
                translated_port: port.parse().unwrap(),
            });
        }
        other => panic!("{other:?}"),
    }
}

fn end(place: &Place, items: &str) -> FirewallAddresses {
    let (groups, others): (Vec<&str>, Vec<&str>) = items.split(',').partition(|item| item.starts_with("group:"));
    let mut end = if others.is_empty() { FirewallAddresses::none() } else { place.spec(&others.join(",")).into() };
    end.ip_groups = groups.iter().map(|item| item["group:".len()..].into()).collect();
    end
}

impl Wall {
    /// The same firewall with a parent of its policies.
    pub fn parent(mut self, text: &str) -> Self {
        self.policies.insert(0, policy(&self.place, "parent", text));
        self
    }

    pub fn ip_group(mut self, name: &str, prefixes: &str) -> Self {
        self.ip_groups.push(IpGroup { name: name.into(), prefixes: ips(prefixes) });
        self
    }

    pub fn fqdn_tag(mut self, name: &str, fqdns: &[&str]) -> Self {
        self.fqdn_tags.push(FqdnTag { name: name.into(), fqdns: fqdns.iter().map(|name| (*name).into()).collect() });
        self
    }

    pub fn dns_proxy(mut self, proxy: Option<bool>) -> Self {
        self.policies.iter_mut().for_each(|policy| policy.dns_proxy = proxy);
        self
    }

    pub fn firewall(&self) -> Firewall<'_> {
        Firewall {
            policies: &self.policies,
            ip_groups: &self.ip_groups,
            fqdn_tags: &self.fqdn_tags,
            infrastructure: &self.infrastructure,
        }
    }

    pub fn issues(&self) -> Vec<FirewallIssue> {
        self.firewall().validate(&self.place.catalogue)
    }

    pub fn compile(&self) -> CompiledFirewall {
        self.firewall().compile(&self.place.catalogue).unwrap()
    }

    pub fn evaluate(&self, flow: &Flow) -> Verdict {
        let network = NetworkContext::new(&self.place.catalogue, self.place.network.clone());
        let mut ctx = FirewallContext::new(&network);
        (ctx.host, ctx.speaks) = (self.host.clone(), self.speaks.clone());
        evaluate_firewall(&self.compile(), flow, &ctx)
    }

    pub fn ask(&self, flow: &str) -> Verdict {
        self.evaluate(&self.place.flow(flow))
    }

    pub fn outcome(&self, flow: &str) -> Outcome {
        self.ask(flow).outcome
    }

    /// The parts as lines `outcome: flow <- rule`.
    pub fn lines(&self, flow: &str) -> Vec<String> {
        let line = |part: &Part| format!("{}: {} <- {}", part.outcome, part.flow, self.decider(&part.decided_by));
        self.ask(flow).parts.iter().map(line).collect()
    }

    pub fn decider(&self, decider: &Decider) -> String {
        match decider {
            Decider::FirewallRule(id) => {
                let policy = &self.policies[id.policy];
                let collection = &policy.groups[id.group].collections[id.collection];
                let name = match id.kind {
                    FirewallRuleKind::Dnat => &collection.dnat_rules[id.rule].name,
                    FirewallRuleKind::Network => &collection.network_rules[id.rule].name,
                    FirewallRuleKind::Application => &collection.application_rules[id.rule].name,
                };
                format!("{} {name}", policy.name)
            }
            Decider::FirewallDefault => "default".to_owned(),
            Decider::FirewallNoTranslation => "no translation".to_owned(),
            Decider::FirewallInfrastructure => "infrastructure".to_owned(),
            other => format!("{other:?}"),
        }
    }
}
