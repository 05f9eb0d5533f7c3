//! Values that are well formed and that Azure refuses where they stand: service tags that routes or firewalls do not take, an
//! interface's address outside its subnet.

use palisade_net::{AddressSpec, Feature, IpSet, ServiceTag, TagCatalogue};
use palisade_yaml::Document;

use super::codes;
use super::fault::{Fault, Faults, Spot};
use super::index::{Match, NameIndex};
use super::load::LoadedEntity;
use super::locate::locate_in;
use crate::bindings::Bindings;
use crate::bindings::firewall::Firewalls;
use crate::bindings::routing::Routing;
use crate::data::Data;
use crate::evaluate::path::fields::{entries, get, items, record};
use crate::place::{Part, Place, Segment};

/// What the check asks.
pub(super) struct Refused<'a> {
    pub(super) entities: &'a [LoadedEntity],
    pub(super) names: &'a NameIndex,
    pub(super) catalogue: &'a TagCatalogue,
    pub(super) documents: &'a [&'a Document],
}

/// What takes a service tag or not.
struct End<'a> {
    place: Place,
    /// Such as ``route `default` is for``.
    says: String,
    tag: &'a ServiceTag,
}

impl Refused<'_> {
    /// Checks routes, firewall policies and interfaces.
    pub(super) fn check(&self, bindings: &Bindings, faults: &mut Faults) {
        for entity in self.entities {
            if let Some(routing) = bindings.routing.as_ref().filter(|routing| routing.table.record == entity.record) {
                self.routes(entity, routing, faults);
            }
            if let Some(firewalls) = bindings.firewalls.as_ref().filter(|all| all.policy.record == entity.record) {
                self.policy(entity, firewalls, faults);
            }
            self.interface(entity, bindings, faults);
        }
    }

    fn fault(&self, place: &Place, message: String, help: &str) -> Fault {
        let spot = locate_in(self.documents, place, Part::Entry).unwrap_or(Spot { source: 0, range: (0, 0) });
        Fault::new(codes::INVALID_VALUE, spot, message).help(Some(help.to_owned()))
    }

    /// Facts `net.tag.udr-unsupported`, `net.rt.tags`.
    fn routes(&self, table: &LoadedEntity, routing: &Routing, faults: &mut Faults) {
        for (number, route) in (0..).zip(items(&table.body, routing.table.routes)) {
            let Some(fields) = record(route) else { continue };
            let (Some(Data::Tag(tag)), Some(Data::Text(name))) =
                (get(fields, routing.route.prefix), get(fields, routing.route.name))
            else {
                continue;
            };
            let place = key(&item(&key(&table.place, "routes"), number), "prefix");
            let end = End { place, says: format!("route `{name}` is for"), tag };
            faults_of(self.misused(&end, Feature::Route), faults);
        }
    }

    /// A tag where `feature` does not take it. One that the catalogue does not describe belongs to groups alone.
    fn misused(&self, end: &End<'_>, feature: Feature) -> Option<Fault> {
        if self.catalogue.usable(end.tag, feature) {
            return None;
        }
        let End { place, says, tag } = end;
        let who = if feature == Feature::Route { "routes" } else { "firewalls" };
        let message = format!("{says} `{tag}`, which {who} do not take");
        if self.catalogue.info(tag).is_none() {
            return Some(self.fault(place, message, "write address ranges, or the tag of a service"));
        }
        let help = "use another form of the tag, or address ranges";
        Some(self.fault(place, message, help).warning())
    }

    fn policy(&self, policy: &LoadedEntity, all: &Firewalls, faults: &mut Faults) {
        let groups = key(&policy.place, "rule_collection_groups");
        for (group, body) in entries(&policy.body, all.policy.rule_collection_groups) {
            let Some(body) = record(body) else { continue };
            let collections = key(&key(&groups, group), "collections");
            for (name, collection) in entries(body, all.group.collections) {
                if let Some(fields) = record(collection) {
                    self.collection(&key(&collections, name), fields, all, faults);
                }
            }
        }
    }

    /// Firewalls take service tags only as destinations of network rules (fact `net.fw.net-tags`).
    fn collection(&self, at: &Place, fields: &[Data], all: &Firewalls, faults: &mut Faults) {
        let Firewalls { collection, dnat, network, application, .. } = all;
        let kinds = [
            ("dnat_rules", collection.dnat_rules, dnat.name, dnat.sources, dnat.destinations, false),
            ("network_rules", collection.network_rules, network.name, network.sources, network.destinations, true),
            ("application_rules", collection.application_rules, application.name, application.sources, None, false),
        ];
        for (kind, rules, name, sources, destinations, takes_tags) in kinds {
            for (number, rule) in (0..).zip(items(fields, rules)) {
                let Some(rule) = record(rule) else { continue };
                let Some(Data::Text(name)) = get(rule, name) else { continue };
                let place = item(&key(at, kind), number);
                self.ends(&key(&place, "sources"), name, tags(rule, sources), false, faults);
                self.ends(&key(&place, "destinations"), name, tags(rule, destinations), takes_tags, faults);
            }
        }
    }

    /// The tags at one end of a firewall's rule.
    fn ends(&self, place: &Place, rule: &str, tags: &[ServiceTag], takes_tags: bool, faults: &mut Faults) {
        let word = place.segments.last().map(ToString::to_string).unwrap_or_default();
        for tag in tags {
            let end = End { place: place.clone(), says: format!("rule `{rule}` has in `{word}`"), tag };
            let fault = if takes_tags { self.misused(&end, Feature::Firewall) } else { Some(self.tagged(&end)) };
            faults_of(fault, faults);
        }
    }

    fn tagged(&self, end: &End<'_>) -> Fault {
        let message = format!(
            "{} the service tag `{}`, which firewalls take only as destinations of network rules",
            end.says, end.tag
        );
        self.fault(&end.place, message, "write address ranges or IP groups")
    }

    /// An interface's address lies in its subnet.
    fn interface(&self, interface: &LoadedEntity, bindings: &Bindings, faults: &mut Faults) {
        let (Some(binding), Some(subnet)) = (&bindings.interface, &bindings.subnet) else { return };
        if interface.record != binding.record {
            return;
        }
        let (Some(Data::Ip(ip)), Some(Data::Reference(name))) =
            (interface.body.get(binding.ip), interface.body.get(binding.subnet))
        else {
            return;
        };
        let Match::Found(at) = self.names.find(&[subnet.record], name) else { return };
        let Some(stands) = self.entities.get(at as usize) else { return };
        let prefixes = items(&stands.body, Some(subnet.prefixes)).iter();
        let ranges: Option<Vec<_>> =
            prefixes.map(|data| if let Data::Cidr(cidr) = data { Some(*cidr) } else { None }).collect();
        let Some(set) = ranges.map(|ranges| ranges.into_iter().collect::<IpSet>()).filter(|set| !set.is_empty()) else {
            return;
        };
        if !set.contains(*ip) {
            let message = format!("`{ip}` of `{}` is outside its subnet `{name}`, {set}", interface.name);
            faults.push(self.fault(
                &key(&interface.place, "ip"),
                message,
                "name the subnet in which it stands, or mend the address",
            ));
        }
    }
}

fn faults_of(fault: Option<Fault>, faults: &mut Faults) {
    if let Some(fault) = fault {
        faults.push(fault);
    }
}

fn key(place: &Place, key: &str) -> Place {
    place.child(Segment::Key(key.into()))
}

fn item(place: &Place, number: u32) -> Place {
    place.child(Segment::Index(number))
}

fn tags(body: &[Data], field: Option<usize>) -> &[ServiceTag] {
    match get(body, field) {
        Some(Data::Addresses(spec)) => match &**spec {
            AddressSpec::These { tags, .. } => tags,
            AddressSpec::Any => &[],
        },
        _ => &[],
    }
}
