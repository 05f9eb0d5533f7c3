//! What the engine understands of Azure Firewall.

use super::lookup::{Lookup, bound};

bound! {
    /// `Firewall`
    Firewall in "azure.firewall"."Firewall" { subnet, private_address, public_ips, policy }
}
bound! {
    /// `FirewallPolicy`
    Policy in "azure.firewall"."FirewallPolicy" { parent, dns_proxy, threat_intelligence, rule_collection_groups }
}
bound! {
    /// `RuleCollectionGroup`
    CollectionGroup in "azure.firewall"."RuleCollectionGroup" { priority, collections }
}
bound! {
    /// `RuleCollection`
    Collection in "azure.firewall"."RuleCollection" {
        priority, action, dnat_rules, network_rules, application_rules
    }
}
bound! {
    /// `DnatRule`
    DnatRule in "azure.firewall"."DnatRule" {
        name, protocols, sources, source_ip_groups, destinations, destination_ports, translated_address,
        translated_port
    }
}
bound! {
    /// `NetworkRule`
    NetworkRule in "azure.firewall"."NetworkRule" {
        name, protocols, sources, source_ip_groups, destinations, destination_ip_groups, destination_fqdns,
        destination_ports
    }
}
bound! {
    /// `ApplicationRule`
    ApplicationRule in "azure.firewall"."ApplicationRule" {
        name, protocols, sources, source_ip_groups, fqdns, fqdn_tags
    }
}
bound! {
    /// `IpGroup`
    IpGroup in "azure.firewall"."IpGroup" { prefixes }
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
    let firewall = Firewall::find(lookup)?;
    let (_, collection) = lookup.record("azure.firewall", "RuleCollection")?;
    let (_, policy) = lookup.record("azure.firewall", "FirewallPolicy")?;
    Some(Firewalls {
        firewall,
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
