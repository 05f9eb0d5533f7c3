//! Firewall policies as Azure Resource Manager holds them: groups of collections of rules.
//!
//! Names and protocols of hosts are texts here, so that what is wrong with them is reported with the place of the rule.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use smol_str::SmolStr;

use crate::address::AddressSpec;
use crate::ip_set::IpSet;
use crate::ports::PortSet;
use crate::protocols::ProtocolSet;

/// The priorities of groups and of collections (fact `net.fw.priority`).
pub(crate) const FIREWALL_PRIORITIES: RangeInclusive<i64> = 100..=65000;

/// Everything that decides what a firewall lets pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct Firewall<'a> {
    /// The firewall's own policy last, its parent before it, and so on.
    pub policies: &'a [FirewallPolicy],
    /// The IP groups that rules name.
    pub ip_groups: &'a [IpGroup],
    /// The contents of FQDN tags, where they are known. A rule with another tag may match any name (fact `net.fw.fqdn-tags`).
    pub fqdn_tags: &'a [FqdnTag],
    /// The hosts of the built-in infrastructure collection; where none are given it is left out (fact `net.fw.infra`).
    pub infrastructure: &'a [SmolStr],
}

/// A named set of networks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IpGroup {
    /// What rules call it; case does not count.
    pub name: SmolStr,
    /// Its addresses.
    pub prefixes: IpSet,
}

/// One of Microsoft's sets of host names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FqdnTag {
    /// What rules call it; case does not count.
    pub name: SmolStr,
    /// Its hosts, as a rule would name them.
    pub fqdns: Vec<SmolStr>,
}

/// What a firewall does about addresses and names known to be hostile (fact `net.fw.threat-intel`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ThreatIntelligence {
    /// Nothing.
    Off,
    /// Reports them: Azure's default.
    #[default]
    Alert,
    /// Reports and stops them, before any rule.
    Deny,
}

/// A policy without those that it inherits from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct FirewallPolicy {
    /// Its name, for messages.
    pub name: SmolStr,
    /// Whether the firewall answers DNS questions; `None` is what the parent says, or unknown (fact `net.fw.net-fqdn`).
    pub dns_proxy: Option<bool>,
    /// What it does about known hostile traffic.
    pub threat_intelligence: ThreatIntelligence,
    /// Its rule collection groups, in any order.
    pub groups: Vec<RuleCollectionGroup>,
}

/// Rule collections that are read together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct RuleCollectionGroup {
    /// Unique in the policy.
    pub name: SmolStr,
    /// Smaller is earlier; 100 to 65000.
    pub priority: i64,
    /// Its collections, in any order.
    pub collections: Vec<RuleCollection>,
}

/// What a collection does with what its rules match (fact `net.fw.action`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CollectionAction {
    /// Lets it pass.
    #[default]
    Allow,
    /// Stops it.
    Deny,
    /// Translates its destination and lets it pass (fact `net.fw.dnat`).
    Dnat,
}

/// Rules with one priority and one action. Translations stand only in a collection for them, other rules only in others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct RuleCollection {
    /// Unique in the group.
    pub name: SmolStr,
    /// Smaller is earlier; 100 to 65000.
    pub priority: i64,
    /// What it does.
    pub action: CollectionAction,
    /// Its translations.
    pub dnat_rules: Vec<DnatRule>,
    /// Its rules by address.
    pub network_rules: Vec<NetworkRule>,
    /// Its rules by host name.
    pub application_rules: Vec<ApplicationRule>,
}

/// Addresses, and IP groups by name: together what one end of a rule matches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FirewallAddresses {
    /// `*`, or networks and, as destination of a network rule, service tags (fact `net.fw.net-tags`).
    pub addresses: AddressSpec,
    /// IP groups.
    pub ip_groups: Vec<SmolStr>,
}

impl FirewallAddresses {
    /// `*`.
    pub fn any() -> Self {
        AddressSpec::Any.into()
    }

    /// Nothing: for network rules that have host names as destinations.
    pub fn none() -> Self {
        IpSet::empty().into()
    }

    pub(crate) fn is_empty(&self) -> bool {
        let AddressSpec::These { ips, tags } = &self.addresses else { return false };
        ips.is_empty() && tags.is_empty() && self.ip_groups.is_empty()
    }
}

impl<T: Into<AddressSpec>> From<T> for FirewallAddresses {
    fn from(addresses: T) -> Self {
        Self { addresses: addresses.into(), ip_groups: Vec::new() }
    }
}

/// A translation of the destination of what arrives at the firewall (fact `net.fw.dnat`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DnatRule {
    /// Its name.
    pub name: SmolStr,
    /// TCP, UDP, or both.
    pub protocols: ProtocolSet,
    /// Where packets come from; no tags.
    pub sources: FirewallAddresses,
    /// The firewall's addresses to which they are sent; no tags.
    pub destinations: FirewallAddresses,
    /// The ports to which they are sent.
    pub destination_ports: PortSet,
    /// The machine that gets them.
    pub translated_address: IpAddr,
    /// The port there.
    pub translated_port: u16,
}

/// A rule by address, protocol and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NetworkRule {
    /// Its name.
    pub name: SmolStr,
    /// TCP, UDP, ICMP, or all: with ports, all of them are TCP and UDP alone (fact `net.fw.net-protocol`).
    pub protocols: ProtocolSet,
    /// Where packets come from; no tags.
    pub sources: FirewallAddresses,
    /// Where they go.
    pub destinations: FirewallAddresses,
    /// Hosts to which they go; no wildcards, and the policy needs its DNS proxy (fact `net.fw.net-fqdn`).
    pub destination_fqdns: Vec<SmolStr>,
    /// The ports to which they go.
    pub destination_ports: PortSet,
}

/// A rule by host name (fact `net.fw.app-only-http`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApplicationRule {
    /// Its name.
    pub name: SmolStr,
    /// `http:80`, `https:443`, `mssql:1433`, or with other ports.
    pub protocols: Vec<SmolStr>,
    /// Where packets come from; no tags.
    pub sources: FirewallAddresses,
    /// Hosts, by name, as `*.a.b`, `*a.b`, or `*` (fact `net.fw.wildcards`).
    pub fqdns: Vec<SmolStr>,
    /// Microsoft's sets of hosts (fact `net.fw.fqdn-tags`).
    pub fqdn_tags: Vec<SmolStr>,
}

/// A list of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FirewallRuleKind {
    /// Translations.
    Dnat,
    /// Rules by address.
    Network,
    /// Rules by host name.
    Application,
}

/// Which rule of a firewall, by its place in [`Firewall::policies`] and in the lists below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FirewallRuleId {
    /// The policy.
    pub policy: usize,
    /// The group of the policy.
    pub group: usize,
    /// The collection of the group.
    pub collection: usize,
    /// The list of the collection.
    pub kind: FirewallRuleKind,
    /// The rule of the list.
    pub rule: usize,
}

impl<'a> Firewall<'a> {
    /// The IP group of that name.
    pub(crate) fn ip_group(&self, name: &str) -> Option<&'a IpGroup> {
        self.ip_groups.iter().find(|group| group.name.eq_ignore_ascii_case(name))
    }

    /// The FQDN tag of that name, if its contents are known.
    pub(crate) fn fqdn_tag(&self, name: &str) -> Option<&'a FqdnTag> {
        self.fqdn_tags.iter().find(|tag| tag.name.eq_ignore_ascii_case(name))
    }

    /// Whether host names in network rules hold: what the firewall's own policy says, or the nearest parent that does.
    pub(crate) fn dns_proxy(&self) -> Option<bool> {
        self.policies.iter().rev().find_map(|policy| policy.dns_proxy)
    }
}
