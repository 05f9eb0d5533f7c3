//! What the engine understands of Azure Firewall.

use super::lookup::{Lookup, Shape, bound};
use crate::types::Type;

const FIREWALL: &str = "azure.firewall";

const TEXT: Shape = Shape::Plain(Type::Text);
const INT: Shape = Shape::Plain(Type::Int);
const IP: Shape = Shape::Plain(Type::Ip);
const PORTS: Shape = Shape::Plain(Type::Ports);
const PROTOCOLS: Shape = Shape::Plain(Type::Protocols);
const ADDRESSES: Shape = Shape::Plain(Type::Addresses);
const TEXTS: Shape = Shape::List(&TEXT);
const HOSTS: Shape = Shape::List(&Shape::Plain(Type::Fqdn));
const IP_GROUPS: Shape = Shape::List(&Shape::Of(FIREWALL, "IpGroup"));

bound! {
    /// `Firewall`
    Firewall in "azure.firewall"."Firewall" {
        subnet: Shape::Of("azure.network", "Subnet"),
        private_address: IP,
        public_ips: Shape::List(&Shape::Of("azure.routing", "PublicIp")),
        policy: Shape::Of(FIREWALL, "FirewallPolicy"),
    }
}
bound! {
    /// `FirewallPolicy`
    Policy in "azure.firewall"."FirewallPolicy" {
        parent: Shape::Of(FIREWALL, "FirewallPolicy"),
        dns_proxy: Shape::Plain(Type::Bool),
        threat_intelligence: Shape::Words,
        rule_collection_groups: Shape::Map(&Shape::Of(FIREWALL, "RuleCollectionGroup")),
    }
}
bound! {
    /// `RuleCollectionGroup`
    CollectionGroup in "azure.firewall"."RuleCollectionGroup" {
        priority: INT,
        collections: Shape::Map(&Shape::Of(FIREWALL, "RuleCollection")),
    }
}
bound! {
    /// `RuleCollection`
    Collection in "azure.firewall"."RuleCollection" {
        priority: INT,
        action: Shape::Words,
        dnat_rules: Shape::List(&Shape::Of(FIREWALL, "DnatRule")),
        network_rules: Shape::List(&Shape::Of(FIREWALL, "NetworkRule")),
        application_rules: Shape::List(&Shape::Of(FIREWALL, "ApplicationRule")),
    }
}
bound! {
    /// `DnatRule`
    DnatRule in "azure.firewall"."DnatRule" {
        name: TEXT,
        protocols: PROTOCOLS,
        sources: ADDRESSES,
        source_ip_groups: IP_GROUPS,
        destinations: ADDRESSES,
        destination_ports: PORTS,
        translated_address: IP,
        translated_port: Shape::Plain(Type::Port),
    }
}
bound! {
    /// `NetworkRule`
    NetworkRule in "azure.firewall"."NetworkRule" {
        name: TEXT,
        protocols: PROTOCOLS,
        sources: ADDRESSES,
        source_ip_groups: IP_GROUPS,
        destinations: ADDRESSES,
        destination_ip_groups: IP_GROUPS,
        destination_fqdns: HOSTS,
        destination_ports: PORTS,
    }
}
bound! {
    /// `ApplicationRule`
    ApplicationRule in "azure.firewall"."ApplicationRule" {
        name: TEXT,
        protocols: TEXTS,
        sources: ADDRESSES,
        source_ip_groups: IP_GROUPS,
        fqdns: HOSTS,
        fqdn_tags: TEXTS,
    }
}
bound! {
    /// `IpGroup`
    IpGroup in "azure.firewall"."IpGroup" { prefixes: ADDRESSES }
}

/// Everything that a firewall is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the record or the variant of its name")]
pub struct Firewalls {
    pub firewall: Firewall,
    pub policy: Policy,
    pub group: CollectionGroup,
    pub collection: Collection,
    pub dnat: DnatRule,
    pub network: NetworkRule,
    pub application: ApplicationRule,
    pub ip_group: IpGroup,
    pub deny: u16,
    pub dnat_action: u16,
    pub threat_off: u16,
    pub threat_deny: u16,
}

/// The declarations of firewalls; `None` if the program has none.
pub(super) fn firewalls(lookup: &mut Lookup<'_>) -> Option<Firewalls> {
    let (_, firewall) = lookup.record(FIREWALL, "Firewall")?;
    for part in ["RuleCollectionGroup", "DnatRule", "NetworkRule", "ApplicationRule", "IpGroup"] {
        lookup.part(firewall, FIREWALL, part);
    }
    let (_, collection) = lookup.part(firewall, FIREWALL, "RuleCollection")?;
    let (_, policy) = lookup.part(firewall, FIREWALL, "FirewallPolicy")?;
    Some(Firewalls {
        firewall: Firewall::find(lookup)?,
        policy: Policy::find(lookup)?,
        group: CollectionGroup::find(lookup)?,
        collection: Collection::find(lookup)?,
        dnat: DnatRule::find(lookup)?,
        network: NetworkRule::find(lookup)?,
        application: ApplicationRule::find(lookup)?,
        ip_group: IpGroup::find(lookup)?,
        deny: lookup.word(collection, "action", "deny")?.1,
        dnat_action: lookup.word(collection, "action", "dnat")?.1,
        threat_off: lookup.word(policy, "threat_intelligence", "off")?.1,
        threat_deny: lookup.word(policy, "threat_intelligence", "deny")?.1,
    })
}
