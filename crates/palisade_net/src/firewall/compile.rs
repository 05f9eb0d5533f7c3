//! The rules of a firewall in the order of judgement, with names and addresses resolved, ready to be searched.

use std::sync::Arc;

use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::address::AddressSpec;
use crate::atom_set::AtomSet;
use crate::atoms::{AtomTable, TagId};
use crate::builtin::BuiltinTag;
use crate::catalogue::TagCatalogue;
use crate::fqdn::Fqdn;
use crate::group::IssueLevel;
use crate::ip_set::IpSet;
use crate::ports::PortSet;
use crate::protocols::{Access, Direction, Protocol, ProtocolSet};
use crate::tag::ServiceTag;
use crate::verdict::Decider;

use super::application::ApplicationProtocol;
use super::names::{HostTarget, NameClasses};
use super::policy::{
    ApplicationRule, CollectionAction, DnatRule, Firewall, FirewallAddresses, FirewallRuleId, FirewallRuleKind,
    NetworkRule, RuleCollection, ThreatIntelligence,
};
use super::unseen::{Kinds, Layout, Slot};
use super::validate::FirewallIssue;

/// A firewall ready to be asked. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CompiledFirewall {
    outbound: Arc<[CompiledRule]>,
    inbound: Arc<[CompiledRule]>,
    pub(crate) names: Arc<NameClasses>,
    pub(crate) layout: Layout,
    notes: FirewallNotes,
    fingerprint: u64,
}

/// What a verdict of a firewall does not judge, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FirewallNotes {
    /// Beside what it lets pass: hostile addresses and names that it stops before any rule (fact `net.fw.threat-intel`).
    pub threat_intelligence: Option<&'static str>,
    /// Beside what no rule lets pass: hosts of Azure's own that pass all the same (fact `net.fw.infra`).
    pub infrastructure: Option<&'static str>,
}

/// A rule with everything that it matches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CompiledRule {
    pub(crate) decider: Decider,
    pub(crate) access: Access,
    pub(crate) masks: SmallVec<[RuleMask; 1]>,
    /// The FQDN tags of unknown contents that it names.
    pub(crate) open_tags: Vec<SmolStr>,
}

/// One box of what a rule matches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RuleMask {
    pub(crate) protocols: ProtocolSet,
    /// `None` is any.
    pub(crate) local: Option<IpSet>,
    pub(crate) local_ports: PortSet,
    pub(crate) remote: RemoteSide,
    pub(crate) remote_ports: PortSet,
    /// `None` is whatever a question leaves open.
    pub(crate) unseen: Option<AtomSet>,
}

/// What a box says about the remote addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum RemoteSide {
    Any,
    Ips(IpSet),
    Tag(TagId),
}

impl CompiledFirewall {
    /// The rules that judge one direction, in order.
    pub(crate) fn rules(&self, direction: Direction) -> &[CompiledRule] {
        match direction {
            Direction::Inbound => &self.inbound,
            Direction::Outbound => &self.outbound,
        }
    }

    /// The print of the catalogue that the firewall was compiled with.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// What stands beside every verdict of this firewall, in words: what comes before its rules, and what is left out.
    pub fn notes(&self) -> FirewallNotes {
        self.notes
    }
}

impl Firewall<'_> {
    /// Compiles the rules, or returns the errors (not the warnings) that [`Firewall::validate`] finds.
    pub fn compile(&self, catalogue: &TagCatalogue) -> Result<CompiledFirewall, Vec<FirewallIssue>> {
        let mut errors = self.validate(catalogue);
        errors.retain(|issue| issue.level == IssueLevel::Error);
        if !errors.is_empty() {
            return Err(errors);
        }
        let compiler = Compiler::new(self, catalogue.atoms());
        let (dnat, network, application) = (compiler.translations(), compiler.network(), compiler.application());
        let outbound = dnat.outbound.into_iter().chain(network.outbound).chain(application);
        let inbound = dnat.inbound.into_iter().chain([compiler.no_translation()]).chain(network.inbound);
        Ok(CompiledFirewall {
            outbound: outbound.collect(),
            inbound: inbound.collect(),
            notes: self.notes(),
            fingerprint: compiler.atoms.fingerprint(),
            layout: compiler.layout,
            names: Arc::new(compiler.names),
        })
    }

    fn notes(&self) -> FirewallNotes {
        // A child may be stricter than its parent, never laxer.
        let threat_intelligence = match self.policies.iter().map(|policy| policy.threat_intelligence).max() {
            Some(ThreatIntelligence::Deny) => {
                Some("threat intelligence stops known hostile addresses and names before any rule")
            }
            Some(ThreatIntelligence::Alert | ThreatIntelligence::Off) | None => None,
        };
        let infrastructure = self
            .infrastructure
            .is_empty()
            .then_some("the hosts of Azure's built-in infrastructure collection are not given, so it is left out");
        FirewallNotes { threat_intelligence, infrastructure }
    }
}

/// The rules of one pass.
#[derive(Default)]
struct Pass {
    outbound: Vec<CompiledRule>,
    inbound: Vec<CompiledRule>,
}

struct Compiler<'a> {
    firewall: &'a Firewall<'a>,
    atoms: &'a AtomTable,
    names: NameClasses,
    open_tags: Vec<SmolStr>,
    layout: Layout,
}

impl<'a> Compiler<'a> {
    fn new(firewall: &'a Firewall<'a>, atoms: &'a AtomTable) -> Self {
        let collections = || ordered(firewall).map(|(_, collection)| collection);
        let applications = || collections().flat_map(|collection| &collection.application_rules);
        let in_networks =
            || collections().flat_map(|collection| &collection.network_rules).flat_map(|rule| &rule.destination_fqdns);
        let (mut patterns, mut open_tags) = (Vec::new(), Vec::new());
        for name in applications().flat_map(|rule| &rule.fqdn_tags) {
            match firewall.fqdn_tag(name) {
                Some(tag) => patterns.extend(&tag.fqdns),
                None => open_tags.push(SmolStr::new(name.to_ascii_lowercase())),
            }
        }
        open_tags.sort();
        open_tags.dedup();
        patterns.extend(applications().flat_map(|rule| &rule.fqdns));
        patterns.extend(in_networks().chain(firewall.infrastructure));
        let names = NameClasses::new(patterns.into_iter().filter_map(|text| text.parse::<Fqdn>().ok()));
        let (named, proxy) = (in_networks().next().is_some(), firewall.dns_proxy() == Some(true));
        let layout = Layout::new(names.len(), open_tags.len(), named, proxy);
        Self { firewall, atoms, names, open_tags, layout }
    }

    /// The first pass. Outbound a rule matches what it is written for; inbound, what it sends to the asked place and no
    /// rule before it has sent elsewhere.
    fn translations(&self) -> Pass {
        let (mut pass, mut before) = (Pass::default(), Vec::<Arrival>::new());
        for (at, collection) in ordered(self.firewall) {
            for (rule, id) in collection.dnat_rules.iter().zip(at.rules(FirewallRuleKind::Dnat)) {
                let arrival = self.arrival(rule);
                let arrivals = before.iter().fold(vec![arrival.clone()], |left, earlier| {
                    left.into_iter().flat_map(|arrival| arrival.subtract(earlier)).collect()
                });
                let inside = |arrival: Arrival| RuleMask {
                    protocols: arrival.protocols,
                    local: Some(rule.translated_address.into()),
                    local_ports: PortSet::one(rule.translated_port),
                    remote: RemoteSide::Ips(arrival.sources),
                    remote_ports: PortSet::all(),
                    unseen: None,
                };
                let compiled = |masks| CompiledRule::new(id, Access::Allow, masks);
                pass.inbound.push(compiled(arrivals.into_iter().map(inside).collect()));
                pass.outbound.push(compiled(SmallVec::from_elem(arrival.mask(), 1)));
                before.push(arrival);
            }
        }
        pass
    }

    fn arrival(&self, rule: &DnatRule) -> Arrival {
        let addresses = |end| self.plain(end).unwrap_or_else(IpSet::all);
        Arrival {
            protocols: rule.protocols,
            sources: addresses(&rule.sources),
            destinations: addresses(&rule.destinations),
            ports: rule.destination_ports.clone(),
        }
    }

    /// What arrives from a public address has the firewall as its destination: without a translation it stays there.
    fn no_translation(&self) -> CompiledRule {
        let internet = self.atoms.id(&ServiceTag::new(BuiltinTag::Internet.name(), None));
        let mask = RuleMask {
            protocols: ProtocolSet::ALL,
            local: None,
            local_ports: PortSet::all(),
            remote: internet.map_or(RemoteSide::Ips(IpSet::empty()), RemoteSide::Tag),
            remote_ports: PortSet::all(),
            unseen: None,
        };
        CompiledRule {
            decider: Decider::FirewallNoTranslation,
            access: Access::Deny,
            masks: SmallVec::from_elem(mask, 1),
            open_tags: Vec::new(),
        }
    }

    /// The second pass.
    fn network(&self) -> Pass {
        let mut pass = Pass::default();
        for (at, collection) in ordered(self.firewall) {
            for (rule, id) in collection.network_rules.iter().zip(at.rules(FirewallRuleKind::Network)) {
                let access = access(collection);
                pass.outbound.push(CompiledRule::new(id, access, self.network_outbound(rule)));
                pass.inbound.push(CompiledRule::new(id, access, self.network_inbound(rule)));
            }
        }
        pass
    }

    fn network_outbound(&self, rule: &NetworkRule) -> SmallVec<[RuleMask; 1]> {
        let mask = |remote, unseen| RuleMask {
            protocols: rule.protocols,
            local: self.plain(&rule.sources),
            local_ports: PortSet::all(),
            remote,
            remote_ports: rule.destination_ports.clone(),
            unseen,
        };
        let sides = self.sides(&rule.destinations).into_iter().map(|side| mask(side, None));
        sides.chain(self.network_names(rule).map(|unseen| mask(RemoteSide::Any, Some(unseen)))).collect()
    }

    /// Inbound the rule's sources are the remote end, and its destinations are among the addresses that are asked; no
    /// service tag has those.
    fn network_inbound(&self, rule: &NetworkRule) -> SmallVec<[RuleMask; 1]> {
        let mask = |local, unseen| RuleMask {
            protocols: rule.protocols,
            local,
            local_ports: rule.destination_ports.clone(),
            remote: self.plain(&rule.sources).map_or(RemoteSide::Any, RemoteSide::Ips),
            remote_ports: PortSet::all(),
            unseen,
        };
        let sides = self.sides(&rule.destinations).into_iter().filter_map(|side| match side {
            RemoteSide::Any => Some(mask(None, None)),
            RemoteSide::Ips(ips) => Some(mask(Some(ips), None)),
            RemoteSide::Tag(_) => None,
        });
        sides.chain(self.network_names(rule).map(|unseen| mask(None, Some(unseen)))).collect()
    }

    /// What a network rule's host names ask for.
    fn network_names(&self, rule: &NetworkRule) -> Option<AtomSet> {
        let classes = self.classes(&rule.destination_fqdns);
        (!classes.is_empty()).then(|| self.layout.set(Kinds::ALL, &classes, &self.layout.names_hold()))
    }

    /// The third pass, with the built-in collection at its end.
    fn application(&self) -> Vec<CompiledRule> {
        let mut rules = Vec::new();
        for (at, collection) in ordered(self.firewall) {
            for (rule, id) in collection.application_rules.iter().zip(at.rules(FirewallRuleKind::Application)) {
                let protocols = rule.protocols.iter().filter_map(|text| text.parse().ok());
                let targets = self.targets(rule);
                let local = self.plain(&rule.sources);
                let masks = protocols.map(|protocol| self.application_mask(protocol, local.clone(), &targets));
                let mut compiled = CompiledRule::new(id, access(collection), masks.collect());
                compiled.open_tags = self.unknown_tags(rule).cloned().collect();
                rules.push(compiled);
            }
        }
        rules.extend(self.infrastructure());
        rules
    }

    fn infrastructure(&self) -> Option<CompiledRule> {
        let targets = Targets { classes: self.classes(self.firewall.infrastructure), slots: Vec::new() };
        let mask = |protocol| self.application_mask(protocol, None, &targets);
        let masks = ApplicationProtocol::WEB.map(mask).into_iter().collect();
        (!targets.classes.is_empty()).then_some(CompiledRule {
            decider: Decider::FirewallInfrastructure,
            access: Access::Allow,
            masks,
            open_tags: Vec::new(),
        })
    }

    fn application_mask(&self, protocol: ApplicationProtocol, local: Option<IpSet>, targets: &Targets) -> RuleMask {
        let kinds = Kinds::of([protocol.kind]);
        let named = self.layout.set(kinds, &targets.classes, &self.layout.any_slot());
        let tagged = self.layout.set(kinds, &self.layout.every_class(), &targets.slots);
        RuleMask {
            protocols: Protocol::Tcp.into(),
            local,
            local_ports: PortSet::all(),
            remote: RemoteSide::Any,
            remote_ports: PortSet::one(protocol.port),
            unseen: Some(named.union(&tagged)),
        }
    }

    fn targets(&self, rule: &ApplicationRule) -> Targets {
        let known = rule.fqdn_tags.iter().filter_map(|name| self.firewall.fqdn_tag(name));
        let number = |name: &SmolStr| self.open_tags.iter().position(|tag| tag.eq_ignore_ascii_case(name));
        Targets {
            classes: self.classes(rule.fqdns.iter().chain(known.flat_map(|tag| &tag.fqdns))),
            slots: self.unknown_tags(rule).filter_map(number).flat_map(|number| self.layout.tag(number)).collect(),
        }
    }

    fn unknown_tags(&self, rule: &'a ApplicationRule) -> impl Iterator<Item = &'a SmolStr> {
        rule.fqdn_tags.iter().filter(|name| self.firewall.fqdn_tag(name).is_none())
    }

    fn classes<'t>(&self, targets: impl IntoIterator<Item = &'t SmolStr>) -> Vec<usize> {
        let targets = targets.into_iter().filter_map(|text| text.parse::<HostTarget>().ok());
        let mut classes: Vec<_> = targets.flat_map(|target| self.names.covered(&target)).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    /// An end's networks and IP groups; `None` is any address.
    fn plain(&self, end: &FirewallAddresses) -> Option<IpSet> {
        let AddressSpec::These { ips, .. } = &end.addresses else { return None };
        let groups = end.ip_groups.iter().filter_map(|name| self.firewall.ip_group(name));
        Some(groups.fold(ips.clone(), |all, group| all.union(&group.prefixes)))
    }

    /// What an end matches, item by item.
    fn sides(&self, end: &FirewallAddresses) -> Vec<RemoteSide> {
        let (Some(ips), AddressSpec::These { tags, .. }) = (self.plain(end), &end.addresses) else {
            return vec![RemoteSide::Any];
        };
        // Validation has refused tags that the catalogue does not list.
        let tags = tags.iter().filter_map(|tag| self.atoms.id(tag));
        let mut sides: Vec<RemoteSide> = tags.map(RemoteSide::Tag).collect();
        if !ips.is_empty() {
            sides.push(RemoteSide::Ips(ips));
        }
        sides
    }
}

/// The hosts of an application rule: whole classes, and whatever unknown tags hold.
struct Targets {
    classes: Vec<usize>,
    slots: Vec<Slot>,
}

/// Packets as they arrive at the firewall, before translation.
#[derive(Clone)]
struct Arrival {
    protocols: ProtocolSet,
    sources: IpSet,
    destinations: IpSet,
    ports: PortSet,
}

impl Arrival {
    /// Disjoint boxes of what is not in the other.
    fn subtract(self, other: &Self) -> Vec<Self> {
        let mut rest = Vec::new();
        let mut left = self.clone();
        rest.push(Self { protocols: left.protocols.subtract(other.protocols), ..left.clone() });
        left.protocols = left.protocols.intersect(other.protocols);
        rest.push(Self { sources: left.sources.subtract(&other.sources), ..left.clone() });
        left.sources = left.sources.intersect(&other.sources);
        rest.push(Self { destinations: left.destinations.subtract(&other.destinations), ..left.clone() });
        left.destinations = left.destinations.intersect(&other.destinations);
        rest.push(Self { ports: left.ports.subtract(&other.ports), ..left });
        rest.retain(|arrival| !arrival.is_empty());
        rest
    }

    fn is_empty(&self) -> bool {
        self.protocols.is_empty() || self.sources.is_empty() || self.destinations.is_empty() || self.ports.is_empty()
    }

    /// The box as outbound traffic meets it.
    fn mask(&self) -> RuleMask {
        RuleMask {
            protocols: self.protocols,
            local: Some(self.sources.clone()),
            local_ports: PortSet::all(),
            remote: RemoteSide::Ips(self.destinations.clone()),
            remote_ports: self.ports.clone(),
            unseen: None,
        }
    }
}

impl CompiledRule {
    fn new(id: FirewallRuleId, access: Access, masks: SmallVec<[RuleMask; 1]>) -> Self {
        Self { decider: Decider::FirewallRule(id), access, masks, open_tags: Vec::new() }
    }
}

/// The place of a collection.
#[derive(Clone, Copy)]
struct At {
    policy: usize,
    group: usize,
    collection: usize,
}

impl At {
    /// The places of one of its lists.
    fn rules(self, kind: FirewallRuleKind) -> impl Iterator<Item = FirewallRuleId> {
        let Self { policy, group, collection } = self;
        (0..).map(move |rule| FirewallRuleId { policy, group, collection, kind, rule })
    }
}

/// The collections in the order of judgement: parents first, then by the priority of groups, then by their own.
fn ordered<'a>(firewall: &Firewall<'a>) -> impl Iterator<Item = (At, &'a RuleCollection)> {
    firewall.policies.iter().enumerate().flat_map(|(policy, content)| {
        let mut groups: Vec<_> = content.groups.iter().enumerate().collect();
        groups.sort_by_key(|(_, group)| group.priority);
        groups.into_iter().flat_map(move |(group, content)| {
            let mut collections: Vec<_> = content.collections.iter().enumerate().collect();
            collections.sort_by_key(|(_, collection)| collection.priority);
            let place = move |(collection, content)| (At { policy, group, collection }, content);
            collections.into_iter().map(place)
        })
    })
}

fn access(collection: &RuleCollection) -> Access {
    match collection.action {
        CollectionAction::Allow | CollectionAction::Dnat => Access::Allow,
        CollectionAction::Deny => Access::Deny,
    }
}
