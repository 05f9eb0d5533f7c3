//! What is wrong with the policies of a firewall, rule by rule, with the place and the way out.

use std::collections::HashMap;

use smol_str::SmolStr;

use crate::address::AddressSpec;
use crate::builtin::BuiltinTag;
use crate::catalogue::{Feature, TagCatalogue};
use crate::error::{ValueError, nearest};
use crate::fqdn::Fqdn;
use crate::group::IssueLevel;
use crate::ports::PortSet;
use crate::protocols::ProtocolSet;
use crate::tag::ServiceTag;

use super::application::ApplicationProtocol;
use super::names::HostTarget;
use super::policy::{
    ApplicationRule, CollectionAction, DnatRule, FIREWALL_PRIORITIES, Firewall, FirewallAddresses, FirewallRuleKind,
    NetworkRule, RuleCollection,
};

/// A place in [`Firewall::policies`]: the deepest that is given is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FirewallPlace {
    /// The policy.
    pub policy: usize,
    /// The group of the policy.
    pub group: Option<usize>,
    /// The collection of the group.
    pub collection: Option<usize>,
    /// The list of the collection and the rule of the list.
    pub rule: Option<(FirewallRuleKind, usize)>,
    /// What the group, the collection or the rule says there.
    pub field: Option<FirewallField>,
}

/// A part of a group, a collection or a rule; an item of a list by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FirewallField {
    /// What it is called.
    Name,
    /// Its priority.
    Priority,
    /// Its protocols.
    Protocols,
    /// One of [`ApplicationRule::protocols`].
    Protocol(usize),
    /// Its destination ports.
    Ports,
    /// Its sources.
    Sources,
    /// Its destinations.
    Destinations,
    /// Its host names.
    Hosts,
    /// One of its host names.
    Host(usize),
    /// Its FQDN tags.
    FqdnTags,
}

/// Something wrong with the policies of a firewall.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FirewallIssue {
    /// How bad it is.
    pub level: IssueLevel,
    /// Where, the place to change last.
    pub places: Vec<FirewallPlace>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// A text that may stand in the place of a wrong one.
    pub suggestion: Option<String>,
}

impl Firewall<'_> {
    /// Everything that is wrong with the policies, in the order in which they are written.
    pub fn validate(&self, catalogue: &TagCatalogue) -> Vec<FirewallIssue> {
        let mut check = Check {
            firewall: self,
            catalogue,
            place: FirewallPlace::default(),
            what: String::new(),
            issues: Vec::new(),
        };
        for (policy, content) in self.policies.iter().enumerate() {
            let place = FirewallPlace { policy, ..FirewallPlace::default() };
            let keys = content.groups.iter().map(|group| (&group.name, group.priority, ()));
            check.siblings("rule collection group", keys, |group| FirewallPlace { group: Some(group), ..place });
            for (group, content) in content.groups.iter().enumerate() {
                let place = FirewallPlace { group: Some(group), ..place };
                check.group(place, &content.collections);
            }
        }
        check.issues
    }
}

struct Check<'a> {
    firewall: &'a Firewall<'a>,
    catalogue: &'a TagCatalogue,
    place: FirewallPlace,
    /// What stands at the place, in words.
    what: String,
    issues: Vec<FirewallIssue>,
}

impl Check<'_> {
    fn at(&mut self, place: FirewallPlace, what: String) {
        (self.place, self.what) = (place, what);
    }

    /// A part of what stands at the place.
    fn part(&self, field: FirewallField) -> FirewallPlace {
        FirewallPlace { field: Some(field), ..self.place }
    }

    fn issue(&mut self, level: IssueLevel, field: FirewallField, why: &str, help: &str) {
        let message = format!("{} {why}", self.what);
        self.push(level, vec![self.part(field)], message, help.to_owned(), None);
    }

    /// An error of all that stands at the place.
    fn whole(&mut self, why: &str, help: &str) {
        let message = format!("{} {why}", self.what);
        self.push(IssueLevel::Error, vec![self.place], message, help.to_owned(), None);
    }

    fn error(&mut self, field: FirewallField, why: &str, help: &str) {
        self.issue(IssueLevel::Error, field, why, help);
    }

    /// A text that cannot be read.
    fn unreadable(&mut self, field: FirewallField, error: ValueError, fallback: &str) {
        let message = format!("{}: {}", self.what, error.message);
        let help = error.help.unwrap_or_else(|| fallback.to_owned());
        self.push(IssueLevel::Error, vec![self.part(field)], message, help, error.suggestion);
    }

    fn push(
        &mut self,
        level: IssueLevel,
        places: Vec<FirewallPlace>,
        message: String,
        help: String,
        suggestion: Option<String>,
    ) {
        self.issues.push(FirewallIssue { level, places, message, help, suggestion });
    }

    /// Priorities (fact `net.fw.priority`) and names of groups, or of collections; equal priorities are an error only where
    /// their order would matter, that is within one `list`.
    fn siblings<'k, L: std::hash::Hash + Eq>(
        &mut self,
        kind: &str,
        items: impl Iterator<Item = (&'k SmolStr, i64, L)>,
        place: impl Fn(usize) -> FirewallPlace,
    ) {
        let (mut slots, mut names) = (HashMap::new(), HashMap::new());
        let part = |index, field| FirewallPlace { field: Some(field), ..place(index) };
        for (index, (name, priority, list)) in items.enumerate() {
            self.at(place(index), format!("{kind} `{name}`"));
            if !FIREWALL_PRIORITIES.contains(&priority) {
                let (low, high) = (FIREWALL_PRIORITIES.start(), FIREWALL_PRIORITIES.end());
                let why = format!("has priority {priority}, outside {low} to {high}");
                let help = "choose a priority in that range; a smaller number is matched first";
                self.error(FirewallField::Priority, &why, help);
            }
            if let Some(first) = names.insert(name.to_lowercase(), index) {
                let message = format!("two {kind}s are named `{name}`");
                let help = "rename one: names do not differ by case".to_owned();
                let places = [first, index].map(|index| part(index, FirewallField::Name)).to_vec();
                self.push(IssueLevel::Error, places, message, help, None);
            }
            if let Some((first, other)) = slots.insert((priority, list), (index, name)) {
                let message = format!("{kind}s `{other}` and `{name}` both have priority {priority}");
                let help = "give one of them another priority".to_owned();
                let places = [first, index].map(|index| part(index, FirewallField::Priority)).to_vec();
                self.push(IssueLevel::Error, places, message, help, None);
            }
        }
    }

    fn group(&mut self, place: FirewallPlace, collections: &[RuleCollection]) {
        let at = |collection| FirewallPlace { collection: Some(collection), ..place };
        let keys = collections.iter().map(|collection| {
            let list = match collection {
                _ if collection.action == CollectionAction::Dnat => FirewallRuleKind::Dnat,
                RuleCollection { network_rules, .. } if network_rules.is_empty() => FirewallRuleKind::Application,
                _ => FirewallRuleKind::Network,
            };
            (&collection.name, collection.priority, list)
        });
        self.siblings("rule collection", keys, at);
        for (index, collection) in collections.iter().enumerate() {
            self.collection(at(index), collection);
        }
    }

    fn collection(&mut self, place: FirewallPlace, collection: &RuleCollection) {
        self.at(place, format!("rule collection `{}`", collection.name));
        let translates = collection.action == CollectionAction::Dnat;
        let filters = !(collection.network_rules.is_empty() && collection.application_rules.is_empty());
        if translates && filters {
            self.whole(
                "translates, but has other rules than DNAT",
                "move its network and application rules to a collection that allows or denies",
            );
        }
        if !translates && !collection.dnat_rules.is_empty() {
            self.whole("has DNAT rules, but does not translate", "move them to a collection with action `dnat`");
        }
        let at = |kind, rule| FirewallPlace { rule: Some((kind, rule)), ..place };
        for (index, rule) in collection.dnat_rules.iter().enumerate() {
            self.at(at(FirewallRuleKind::Dnat, index), format!("DNAT rule `{}`", rule.name));
            self.dnat(rule);
        }
        for (index, rule) in collection.network_rules.iter().enumerate() {
            self.at(at(FirewallRuleKind::Network, index), format!("network rule `{}`", rule.name));
            self.network(rule);
        }
        for (index, rule) in collection.application_rules.iter().enumerate() {
            self.at(at(FirewallRuleKind::Application, index), format!("application rule `{}`", rule.name));
            self.application(rule);
        }
    }

    fn dnat(&mut self, rule: &DnatRule) {
        self.protocols_and_ports(rule.protocols, &rule.destination_ports);
        if !rule.protocols.is_subset(ProtocolSet::WITH_PORTS) {
            let why = "translates a protocol without ports";
            self.error(FirewallField::Protocols, why, "write `tcp`, `udp`, or both");
        }
        self.end(FirewallField::Sources, &rule.sources, false);
        self.end(FirewallField::Destinations, &rule.destinations, false);
    }

    fn network(&mut self, rule: &NetworkRule) {
        self.protocols_and_ports(rule.protocols, &rule.destination_ports);
        let portless = !rule.protocols.is_empty() && !rule.protocols.overlaps(ProtocolSet::WITH_PORTS);
        if portless && !rule.destination_ports.is_all() {
            let why = format!("gives ports to {}, which has none: it matches nothing", rule.protocols);
            self.issue(IssueLevel::Warning, FirewallField::Ports, &why, "write `*` as its destination ports");
        }
        self.end(FirewallField::Sources, &rule.sources, false);
        if rule.destination_fqdns.is_empty() || !rule.destinations.is_empty() {
            self.end(FirewallField::Destinations, &rule.destinations, true);
        }
        self.network_fqdns(rule);
    }

    /// Host names in network rules (fact `net.fw.net-fqdn`).
    fn network_fqdns(&mut self, rule: &NetworkRule) {
        for (index, text) in rule.destination_fqdns.iter().enumerate() {
            let field = FirewallField::Host(index);
            match text.parse::<HostTarget>() {
                Err(error) => self.unreadable(field, error, "write a full host name"),
                Ok(HostTarget::Pattern(fqdn)) if !fqdn.is_pattern() => {}
                Ok(pattern) => {
                    let why =
                        format!("has the wildcard `{pattern}` as its destination, which network rules do not take");
                    self.error(field, &why, "write an application rule for HTTP, HTTPS or MSSQL; for other protocols a service tag, or each host by its full name");
                }
            }
        }
        if rule.destination_fqdns.is_empty() || self.firewall.dns_proxy() == Some(true) {
            return;
        }
        let why = match self.firewall.dns_proxy() {
            Some(_) => "has a host name as its destination, but the firewall's DNS proxy is off",
            None => "has a host name as its destination, and nothing says that the firewall's DNS proxy is on",
        };
        self.issue(
            IssueLevel::Warning,
            FirewallField::Hosts,
            why,
            "set `dns_proxy: true` in the firewall's policy, and let clients ask the firewall for names",
        );
    }

    fn application(&mut self, rule: &ApplicationRule) {
        if rule.protocols.is_empty() {
            let help = "write protocols with their ports, such as `https:443`";
            self.error(FirewallField::Protocols, "names no protocol", help);
        }
        for (index, text) in rule.protocols.iter().enumerate() {
            if let Err(error) = text.parse::<ApplicationProtocol>() {
                self.unreadable(
                    FirewallField::Protocol(index),
                    error,
                    "write a protocol with its port, such as `https:443`",
                );
            }
        }
        self.end(FirewallField::Sources, &rule.sources, false);
        if rule.fqdns.is_empty() && rule.fqdn_tags.is_empty() {
            let help = "write host names or FQDN tags; `*` where any host is meant";
            self.error(FirewallField::Hosts, "names no host", help);
        }
        for (index, text) in rule.fqdns.iter().enumerate() {
            if let Err(error) = text.parse::<HostTarget>() {
                self.unreadable(FirewallField::Host(index), error, "write a host name, `*.a.b`, `*a.b` or `*`");
            }
        }
        let known = rule.fqdn_tags.iter().filter_map(|name| self.firewall.fqdn_tag(name));
        let unread: Vec<_> =
            known.flat_map(|tag| &tag.fqdns).filter_map(|text| text.parse::<HostTarget>().err()).collect();
        for error in unread {
            self.unreadable(FirewallField::FqdnTags, error, "correct the contents of the FQDN tag");
        }
        self.repeated(rule);
    }

    /// Names that another name of the same rule covers.
    fn repeated(&mut self, rule: &ApplicationRule) {
        let texts = rule.fqdns.iter().enumerate();
        let names: Vec<(usize, Fqdn)> = texts.filter_map(|(index, text)| Some((index, text.parse().ok()?))).collect();
        for (index, name) in &names {
            let covers = |(other, wider): &&(usize, Fqdn)| {
                other != index && wider.matches(name) && (wider != name || other < index)
            };
            if let Some((_, wider)) = names.iter().find(covers) {
                let why = format!("names `{name}`, which its `{wider}` covers");
                self.issue(IssueLevel::Warning, FirewallField::Host(*index), &why, "remove the narrower one");
            }
        }
    }

    fn protocols_and_ports(&mut self, protocols: ProtocolSet, ports: &PortSet) {
        let help = "write `*` where anything is meant";
        if protocols.is_empty() {
            self.error(FirewallField::Protocols, "names no protocol", help);
        }
        if ports.is_empty() {
            self.error(FirewallField::Ports, "names no port", help);
        }
    }

    /// One end of a rule; service tags stand only as destinations of network rules (fact `net.fw.net-tags`).
    fn end(&mut self, field: FirewallField, end: &FirewallAddresses, takes_tags: bool) {
        let word = if field == FirewallField::Sources { "source" } else { "destination" };
        if end.is_empty() {
            self.error(field, &format!("has no {word}"), "write `*` where any address is meant");
        }
        for name in &end.ip_groups {
            if self.firewall.ip_group(name).is_none() {
                self.unknown_ip_group(field, word, name);
            }
        }
        let AddressSpec::These { tags, .. } = &end.addresses else { return };
        for tag in tags {
            if takes_tags {
                self.tag(field, word, tag);
            } else {
                let why = format!("has the service tag `{tag}` as its {word}");
                let help =
                    "write networks or IP groups: a firewall takes service tags only as destinations of network rules";
                self.error(field, &why, help);
            }
        }
    }

    /// A service tag where one may stand. Those that no file lists belong to groups alone.
    fn tag(&mut self, field: FirewallField, word: &str, tag: &ServiceTag) {
        let refused = format!("has the {word} `{tag}`, which firewalls do not take");
        if BuiltinTag::find(tag.name()).is_some() {
            self.error(field, &refused, "write networks, or the tag of a service");
        } else if self.catalogue.atoms().id(tag).is_none() {
            let why = format!("has the {word} `{tag}`, which is not a service tag");
            self.error(field, &why, "write a tag of the catalogue");
        } else if !self.catalogue.usable(tag, Feature::Firewall) {
            self.issue(IssueLevel::Warning, field, &refused, "use another form of the tag, or networks");
        }
    }

    fn unknown_ip_group(&mut self, field: FirewallField, word: &str, name: &str) {
        let meant = nearest(name, self.firewall.ip_groups.iter().map(|group| group.name.as_str()));
        let message = format!("{} has the {word} IP group `{name}`, which does not exist", self.what);
        let help = "write the name of an IP group".to_owned();
        self.push(IssueLevel::Error, vec![self.part(field)], message, help, meant.map(str::to_owned));
    }
}
