//! The names of an environment: its resources as hosts may mean them, its private endpoints, zones and DNS servers.
//!
//! Put together once for each environment and shared by all who ask about a host.

use std::net::IpAddr;

use palisade_net::{Dns, DnsServer, DnsZone, Forward, Fqdn, HOST, Region, ZoneRecord, parse_ip};
use smol_str::SmolStr;

use super::fields::{entities, entity, entries, get, ip, items, place_of, record, text, texts, variant};
use super::firewall;
use crate::bindings::endpoints::{Endpoints, Target};
use crate::data::Data;
use crate::environment::EntityId;
use crate::evaluate::world::{EntityView, World};
use crate::place::{Place, Segment};

/// The names of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// How networks resolve names. Its networks, zones and records are those below, by number.
    pub dns: Dns,
    /// The networks.
    pub networks: Vec<EntityId>,
    /// The private zones.
    pub zones: Vec<EntityId>,
    /// What zones hold.
    pub records: Vec<Record>,
    /// What private endpoints may lead to.
    pub resources: Vec<Resource>,
    /// Whether any service endpoint policy is described.
    pub policies: bool,
}

/// A record of a private zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// That of a private endpoint, with its address, if it is stated.
    Endpoint(EntityId, Option<IpAddr>),
    /// The zone's own.
    Own {
        /// Where it is written.
        place: Place,
        /// What it says.
        addresses: Vec<IpAddr>,
    },
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The entity.
    pub id: EntityId,
    /// The full name of its type.
    pub kind: SmolStr,
    /// Its name, in lower case.
    pub name: SmolStr,
    /// Its region, if it is known.
    pub region: Option<Region>,
    /// Whether it has network rules, or answers privately alone, or may.
    pub guarded: bool,
    /// Its private endpoints.
    pub endpoints: Vec<Endpoint>,
}

/// A private endpoint of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The entity.
    pub id: EntityId,
    /// The number of its record.
    pub record: usize,
    /// Whether it carries traffic (fact `net.pe.approved`).
    pub approved: bool,
    /// The parts of the resource that it reaches (fact `net.pe.one-resource`), in lower case.
    pub subresources: Vec<SmolStr>,
    /// The zones in which it registers, by number.
    pub zones: Vec<usize>,
    /// The names that are stated for it.
    pub hosts: Vec<Fqdn>,
}

impl Resource {
    /// The endpoints of one part of it.
    pub fn endpoints_of<'a>(&'a self, subresource: &'a str) -> impl Iterator<Item = &'a Endpoint> {
        let reaches =
            |endpoint: &&Endpoint| endpoint.subresources.iter().any(|one| one.eq_ignore_ascii_case(subresource));
        self.endpoints.iter().filter(reaches)
    }

    /// Whether its endpoints state which names are theirs, and this is none of them.
    pub fn disowns(&self, host: &Fqdn) -> bool {
        let stated = !self.endpoints.is_empty() && self.endpoints.iter().all(|endpoint| !endpoint.hosts.is_empty());
        stated && !self.endpoints.iter().any(|endpoint| endpoint.hosts.contains(host))
    }
}

impl Names {
    /// Puts the names of an environment together.
    pub fn of(world: &dyn World) -> Self {
        let bindings = world.bindings();
        let (Some(binding), Some(network)) = (bindings.endpoints.as_ref(), bindings.network) else {
            return Self::default();
        };
        let networks = world.every(network.record).to_vec();
        let zones = world.every(binding.zone.record).to_vec();
        let mut found = Builder { world, binding, networks: &networks, zones: &zones, records: Vec::new() };
        let dns_zones = zones.iter().map(|id| found.zone(*id)).collect();
        let dns = Dns { networks: found.servers_of_networks(), zones: dns_zones, servers: found.servers() };
        let resources = binding.targets.iter().flat_map(|target| found.resources(target)).collect();
        let (records, policies) = (found.records, !world.every(binding.policy.record).is_empty());
        Self { dns, networks, zones, records, resources, policies }
    }
}

struct Builder<'a> {
    world: &'a dyn World,
    binding: &'a Endpoints,
    networks: &'a [EntityId],
    zones: &'a [EntityId],
    records: Vec<Record>,
}

impl Builder<'_> {
    fn number(&self, network: EntityId) -> Option<usize> {
        self.networks.iter().position(|one| *one == network)
    }

    fn network_of(&self, body: &[Data], field: usize) -> Option<usize> {
        let network = self.world.bindings().network?;
        self.number(entity(self.world, body, Some(field), network.record)?)
    }

    fn servers_of_networks(&self) -> Vec<Vec<IpAddr>> {
        let servers = |id: &EntityId| {
            let view = self.world.entity(*id);
            view.map_or_else(Vec::new, |view| addresses(items(&view.body, Some(self.binding.dns_servers))))
        };
        self.networks.iter().map(servers).collect()
    }

    fn zone(&mut self, id: EntityId) -> DnsZone {
        let Some((view, network)) = self.world.entity(id).zip(self.world.bindings().network) else {
            return DnsZone::default();
        };
        let binding = self.binding.zone;
        let name = SmolStr::from(view.name.trim_end_matches('.').to_ascii_lowercase());
        let linked = entities(self.world, &view.body, Some(binding.virtual_networks), network.record);
        let networks = linked.into_iter().filter_map(|network| self.number(network)).collect();
        let place = self.world.place(id);
        let written = place_of(self.world, &place, binding.record, Some(binding.records)).unwrap_or(place);
        let mut records = Vec::new();
        for (key, data) in entries(&view.body, Some(binding.records)) {
            let addresses = if let Data::List(items) = data { addresses(items) } else { Vec::new() };
            if addresses.is_empty() {
                continue;
            }
            records.push(ZoneRecord { name: whole_name(key, &name), id: self.records.len() });
            let place = written.child(Segment::Key(key.clone()));
            self.records.push(Record::Own { place, addresses });
        }
        DnsZone { name, networks, records }
    }

    /// The servers that are described, and the firewalls that answer DNS questions as Azure does in their network.
    fn servers(&self) -> Vec<DnsServer> {
        let described = self.world.every(self.binding.server.record);
        let mut servers: Vec<DnsServer> = described.iter().filter_map(|id| self.server(*id)).collect();
        let Some(binding) = self.world.bindings().firewalls else { return servers };
        for id in self.world.every(binding.firewall.record).iter().filter(|id| firewall::answers_dns(self.world, **id))
        {
            let Some(view) = self.world.entity(*id) else { continue };
            let Some(address) = ip(&view.body, binding.firewall.private_address) else { continue };
            let network = firewall::subnet(self.world, &view).and_then(|subnet| self.world.entity(subnet)?.owner);
            let network = network.and_then(|network| self.number(network));
            if !servers.iter().any(|server| server.address == address) {
                let forwards = vec![Forward { zone: ".".into(), to: HOST }];
                servers.push(DnsServer { address, network, forwards });
            }
        }
        servers
    }

    fn server(&self, id: EntityId) -> Option<DnsServer> {
        let view = self.world.entity(id)?;
        let binding = self.binding.server;
        let forward = |data: &Data| {
            let fields = record(data)?;
            let zone = text(fields, Some(binding.zone))?.to_ascii_lowercase();
            let zone = if zone == "." { zone } else { zone.trim_matches('.').to_owned() };
            Some(Forward { zone: zone.into(), to: ip(fields, Some(binding.to))? })
        };
        Some(DnsServer {
            // Of a key that is no address the environment is at fault.
            address: parse_ip(&view.name).ok()?,
            network: self.network_of(&view.body, binding.virtual_network),
            forwards: items(&view.body, Some(binding.forwards)).iter().filter_map(forward).collect(),
        })
    }

    fn resources(&mut self, target: &Target) -> Vec<Resource> {
        let ids = self.world.every(target.record);
        let views = ids.iter().filter_map(|id| Some((*id, self.world.entity(*id)?))).collect::<Vec<_>>();
        let resource = |(id, view): (EntityId, EntityView)| Resource {
            id,
            kind: target.name.to_string().into(),
            name: view.name.to_ascii_lowercase().into(),
            region: match get(&view.body, target.region) {
                Some(Data::Region(region)) => Some(region.clone()),
                _ => None,
            },
            guarded: matches!(get(&view.body, target.firewall), Some(Data::Record(_)))
                || target.public_access.is_some_and(|(field, disabled)| {
                    variant(&view.body, Some(field)).is_none_or(|word| word == disabled)
                }),
            endpoints: self.endpoints(id, target),
        };
        views.into_iter().map(resource).collect()
    }

    fn endpoints(&mut self, resource: EntityId, target: &Target) -> Vec<Endpoint> {
        let binding = self.binding.private;
        let mut found = Vec::new();
        for id in self.world.every(binding.record).iter() {
            let Some(view) = self.world.entity(*id) else { continue };
            if entity(self.world, &view.body, Some(binding.target), target.record) != Some(resource) {
                continue;
            }
            let zones = entities(self.world, &view.body, Some(binding.dns_zone_groups), self.binding.zone.record);
            let zones = zones.iter().filter_map(|zone| self.zones.iter().position(|one| one == zone)).collect();
            let hosts = items(&view.body, Some(binding.hosts)).iter();
            found.push(Endpoint {
                id: *id,
                record: self.records.len(),
                approved: variant(&view.body, Some(binding.status)) == Some(binding.approved),
                subresources: texts(&view.body, Some(binding.subresources)),
                zones,
                hosts: hosts
                    .filter_map(|data| if let Data::Fqdn(host) = data { Some((**host).clone()) } else { None })
                    .collect(),
            });
            self.records.push(Record::Endpoint(*id, ip(&view.body, Some(binding.address))));
        }
        found
    }
}

fn addresses(items: &[Data]) -> Vec<IpAddr> {
    items.iter().filter_map(|data| if let Data::Ip(address) = data { Some(*address) } else { None }).collect()
}

/// The whole name of a record that is written whole, or by what stands before the zone's name.
fn whole_name(key: &str, zone: &str) -> SmolStr {
    let key = key.trim_end_matches('.').to_ascii_lowercase();
    match key.strip_suffix(zone) {
        _ if key == "@" => zone.into(),
        Some(front) if front.is_empty() || front.ends_with('.') => key.into(),
        _ => format!("{key}.{zone}").into(),
    }
}
