//! What Azure would refuse although each value alone is well formed: rules of one group that collide, subnets outside
//! their network or over each other. What a group may hold is `palisade_net`'s to say.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use palisade_net::{
    ADMIN_PRIORITIES, AdminRule, AdminRules, AsgId, Cidr, Group, GroupIssue, GroupRule, IpSet, IssueLevel, PRIORITIES,
    TagCatalogue,
};
use palisade_yaml::Document;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::codes;
use super::fault::{Fault, Faults, Site};
use super::index::{NameIndex, folded};
use super::interfaces::Interfaces;
use super::load::{LoadedEntity, Source};
use super::locate::site_in;
use crate::bindings::{self, Bindings, admin_rule_of, group_rule};
use crate::data::Data;
use crate::place::{Place, Segment};
use crate::types::Schema;

/// Checks groups and networks as wholes.
pub(super) fn check(
    entities: &[LoadedEntity],
    names: &NameIndex,
    schema: &Schema,
    catalogue: &TagCatalogue,
    sources: &[Source<'_>],
    faults: &mut Faults,
) {
    // What a schema lacks is a fault of the program, reported before any environment is read.
    let (bindings, _) = Bindings::new(schema);
    let documents: Vec<&Document> =
        sources.iter().filter_map(|source| source.stream.documents.get(source.document)).collect();
    Interfaces { entities, names, documents: &documents }.check(&bindings, faults);
    let mut check = Check { entities, catalogue, documents, faults };
    if let Some(group) = bindings.group {
        entities.iter().filter(|entity| entity.record == group.record).for_each(|entity| check.group(entity, &group));
    }
    if let (Some(network), Some(subnet)) = (bindings.network, bindings.subnet) {
        check.networks(network, subnet);
    }
    if let (Some(rule), Some(network)) = (bindings.admin_rule, bindings.network) {
        check.admin_rules(&rule, &network);
    }
}

struct Check<'a> {
    entities: &'a [LoadedEntity],
    catalogue: &'a TagCatalogue,
    documents: Vec<&'a Document>,
    faults: &'a mut Faults,
}

/// A range of a subnet.
struct Prefix<'a> {
    subnet: &'a LoadedEntity,
    number: u32,
    cidr: Cidr,
    /// The order in the files.
    order: usize,
}

impl<'a> Check<'a> {
    fn site(&self, place: &Place) -> Site {
        site_in(&self.documents, place)
    }

    fn group(&mut self, entity: &LoadedEntity, group: &bindings::Group) {
        let Some(Data::List(bodies)) = entity.body.get(group.rules) else { return };
        let at = |rule: usize| {
            let rules = entity.place.child(Segment::Key("rules".into()));
            rules.child(Segment::Index(u32::try_from(rule).unwrap_or(u32::MAX)))
        };
        let (mut rules, mut numbers) = (Vec::with_capacity(bodies.len()), Vec::with_capacity(bodies.len()));
        for (number, body) in bodies.iter().enumerate() {
            let Data::Record(body) = body else { continue };
            if let Some(Data::Text(name)) = body.get(group.rule.name) {
                self.priority(body.get(group.rule.priority), name, &PRIORITIES, &at(number));
            }
            // A rule at fault is not judged further.
            if let Some(rule) = group_rule(&group.rule, body, &|name| AsgId::new(name)) {
                rules.push(rule);
                numbers.push(number);
            }
        }
        for issue in Group::validate(&rules, self.catalogue) {
            if !same_name(&issue, &rules) {
                let places: Vec<Place> = issue.rules.iter().filter_map(|rule| Some(at(*numbers.get(*rule)?))).collect();
                self.issue(issue, &places);
            }
        }
    }

    fn priority(&mut self, stated: Option<&Data>, name: &str, range: &RangeInclusive<u16>, place: &Place) {
        let Some(Data::Int(priority)) = stated else { return };
        if u16::try_from(*priority).is_ok_and(|priority| range.contains(&priority)) {
            return;
        }
        let message = format!("rule `{name}` has priority {priority}, outside {} to {}", range.start(), range.end());
        let site = self.site(&place.child(Segment::Key("priority".into())));
        let help = "choose a number in that range; the lowest one that matches decides".to_owned();
        self.faults.push(Fault::on(codes::PRIORITY_RANGE, site, message).help(Some(help)));
    }

    fn issue(&mut self, issue: GroupIssue, places: &[Place]) {
        let Some((last, earlier)) = places.split_last() else { return };
        let (code, part) = if earlier.is_empty() {
            (codes::SECURITY_RULE, None)
        } else {
            (codes::DUPLICATE_PRIORITY, Some("priority"))
        };
        let of = |place: &Place| part.map_or_else(|| place.clone(), |part| place.child(Segment::Key(part.into())));
        let mut fault = Fault::on(code, self.site(&of(last)), issue.message).help(Some(issue.help));
        for place in earlier {
            fault = fault.related(self.site(&of(place)).at, "the other rule");
        }
        self.faults.push(if issue.level == IssueLevel::Warning { fault.warning() } else { fault });
    }

    /// Admin rules are judged together for each network that they apply to (fact `net.nsg.admin-rules`), and each by itself,
    /// since one that applies to none can be at fault as well.
    fn admin_rules(&mut self, binding: &bindings::AdminRule, network: &bindings::Network) {
        let all: Vec<&LoadedEntity> = self.entities.iter().filter(|entity| entity.record == binding.record).collect();
        for rule in &all {
            self.priority(rule.body.get(binding.priority), &rule.name, &ADMIN_PRIORITIES, &rule.place);
        }
        let networks = self.entities.iter().filter(|entity| entity.record == network.record);
        let of_network = networks.map(|network| {
            all.iter().copied().filter(|rule| applies(binding, rule, &network.name)).collect::<Vec<_>>()
        });
        for together in of_network.chain(all.iter().map(|rule| vec![*rule])).collect::<Vec<_>>() {
            // A rule at fault is not judged further.
            let read = together.into_iter().filter_map(|e| Some((&e.place, admin_rule_of(binding, &e.name, &e.body)?)));
            let (places, rules): (Vec<&Place>, Vec<AdminRule>) = read.unzip();
            for issue in AdminRules::validate(&rules, self.catalogue) {
                let of_issue: Vec<Place> =
                    issue.rules.iter().filter_map(|rule| places.get(*rule).copied().cloned()).collect();
                self.issue(issue, &of_issue);
            }
        }
    }

    fn networks(&mut self, network: bindings::Network, subnet: bindings::Subnet) {
        let mut prefixes: FxHashMap<usize, Vec<Prefix<'a>>> = FxHashMap::default();
        for entity in self.entities.iter().filter(|entity| entity.record == subnet.record) {
            let Some(owner) = entity.owner else { continue };
            let of_network = prefixes.entry(owner).or_default();
            let cidrs = (0..).zip(list(&entity.body, subnet.prefixes));
            for (number, data) in cidrs {
                let Data::Cidr(cidr) = data else { continue };
                of_network.push(Prefix { subnet: entity, number, cidr: *cidr, order: of_network.len() });
            }
        }
        for (at, entity) in self.entities.iter().enumerate().filter(|(_, entity)| entity.record == network.record) {
            let Some(mut prefixes) = prefixes.remove(&at) else { continue };
            // Of a space that could not be read nothing is known.
            if !matches!(entity.body.get(network.address_space), Some(Data::Error)) {
                self.outside(entity, list(&entity.body, network.address_space), &prefixes);
            }
            prefixes.sort_by_key(|prefix| (prefix.cidr.first(), prefix.order));
            self.overlaps(entity, &prefixes);
        }
    }

    /// Fact `net.ip.subnet-no-overlap`: subnets lie inside the network's address space.
    fn outside(&mut self, network: &LoadedEntity, space: &[Data], prefixes: &[Prefix<'_>]) {
        let cidrs: Option<Vec<Cidr>> =
            space.iter().map(|data| if let Data::Cidr(cidr) = data { Some(*cidr) } else { None }).collect();
        let Some(cidrs) = cidrs else { return };
        let set: IpSet = cidrs.into_iter().collect();
        for prefix in prefixes.iter().filter(|prefix| !IpSet::from(prefix.cidr).is_subset(&set)) {
            let message = format!(
                "`{}` of subnet `{}` is outside the address space of `{}`, {set}",
                prefix.cidr, prefix.subnet.name, network.name
            );
            let site = self.site(&prefix.place());
            let help = "choose a range inside it, or add the range to `address_space`".to_owned();
            let space = self.site(&network.place.child(Segment::Key("address_space".into())));
            let fault = Fault::on(codes::SUBNET_OUTSIDE, site, message).warning().help(Some(help));
            self.faults.push(fault.related(space.at, "the address space"));
        }
    }

    /// The same fact: subnets of a network share no address. `prefixes` are sorted by their first addresses.
    fn overlaps(&mut self, network: &LoadedEntity, prefixes: &[Prefix<'_>]) {
        let mut widest: Option<(IpAddr, &Prefix<'_>)> = None;
        for prefix in prefixes {
            if let Some((last, other)) = widest
                && prefix.cidr.first() <= last
            {
                let (first, second) = if other.order < prefix.order { (other, prefix) } else { (prefix, other) };
                let message = format!(
                    "`{}` of subnet `{}` overlaps `{}` of subnet `{}` in `{}`",
                    second.cidr, second.subnet.name, first.cidr, first.subnet.name, network.name
                );
                let fault = Fault::on(codes::SUBNET_OVERLAP, self.site(&second.place()), message)
                    .help(Some("give each subnet addresses of its own".to_owned()))
                    .related(self.site(&first.place()).at, "the other range");
                self.faults.push(fault);
            }
            if widest.is_none_or(|(last, _)| prefix.cidr.last() > last) {
                widest = Some((prefix.cidr.last(), prefix));
            }
        }
    }
}

/// Whether an admin rule names a network. References to networks are their names or places.
fn applies(binding: &bindings::AdminRule, rule: &LoadedEntity, network: &str) -> bool {
    let named = list(&rule.body, binding.virtual_networks);
    let ends = |text: &str| folded(text.rsplit('.').next().unwrap_or(text)) == folded(network);
    named.iter().any(|data| matches!(data, Data::Reference(text) if ends(text)))
}

impl Prefix<'_> {
    fn place(&self) -> Place {
        self.subnet.place.child(Segment::Key("prefixes".into())).child(Segment::Index(self.number))
    }
}

/// A group's duplicate names are already reported, like those of every list.
fn same_name(issue: &GroupIssue, rules: &[GroupRule]) -> bool {
    let mut names = issue.rules.iter().filter_map(|rule| rules.get(*rule)).map(|rule| folded(&rule.name));
    let first: Option<SmolStr> = names.next();
    issue.rules.len() > 1 && names.all(|name| Some(name) == first)
}

fn list(body: &[Data], field: usize) -> &[Data] {
    match body.get(field) {
        Some(Data::List(items)) => items,
        _ => &[],
    }
}
