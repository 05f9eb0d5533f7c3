//! From a host to what it stands for: which resources it may mean, and which addresses the asking network gets for it.
//!
//! A host that is a pattern falls apart into [`Portion`]s: those hosts that follow from described resources, and the rest.
//! Of each portion there may be several [`Reading`]s; only what holds in all of them is certain.

use palisade_net::{
    Alias, Answer, DnsQuestion, Feature, Fqdn, HostName, HostNames, IpSet, NamedResource, Narrowed, Remote, Resolution,
    ServiceTag,
};
use smol_str::SmolStr;

use super::fields::{cidrs, entity, place_of};
use super::names::{Names, Record, Resource};
use crate::environment::EntityId;
use crate::evaluate::world::World;
use crate::place::Place;

/// A resource at the end of a path, as far as a host says which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Goal {
    /// None that is known of: any address answers.
    #[default]
    Anything,
    /// That one.
    Resource(EntityId),
    /// One of that type which is not described.
    Other(SmolStr),
}

/// One way to read a host.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What it stands for.
    pub remote: Remote,
    /// The resource.
    pub goal: Goal,
    /// What names made of it.
    pub found: Found,
    /// Where that is written; of a public address, the private endpoint that is missed.
    pub place: Option<Place>,
}

/// What the asking network gets for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its public addresses.
    Public,
    /// The private endpoint of its resource.
    Endpoint(EntityId),
    /// The private endpoint of its resource, whose address is not stated.
    Unaddressed(EntityId),
    /// A record of a zone's own.
    Record,
    /// Nothing: that zone answers and has no record.
    NoRecord(EntityId),
    /// Nothing: its DNS servers ask where nobody answers.
    NoServer,
}

/// A part of the hosts that a question is about.
#[derive(Clone, Debug)]
pub struct Portion {
    /// The part, as it is shown.
    pub shown: Remote,
    /// The ways to read it; at least one.
    pub readings: Vec<Reading>,
    /// What would say which of them holds.
    pub settles: Vec<String>,
    /// Whether it may hold no host at all.
    pub doubtful: bool,
}

/// The host of a remote end, if it is one.
pub fn host(remote: &Remote) -> Option<&Fqdn> {
    match remote {
        Remote::Host { fqdn, .. } => Some(fqdn),
        Remote::Narrowed(part) => host(&part.of),
        _ => None,
    }
}

/// Who asks for a host, and why.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// The network that resolves it.
    pub network: Option<EntityId>,
    /// Whether only groups are asked, which see addresses and know nothing of resources.
    pub groups_only: bool,
}

/// The portions of a host.
pub fn portions(world: &dyn World, asking: Asking, fqdn: &Fqdn, within: Option<&ServiceTag>) -> Vec<Portion> {
    let names = world.names();
    let number = |network| names.networks.iter().position(|one| *one == network);
    let (network, forms) = (asking.network.and_then(number), world.host_names());
    let split = Split { world, names: &names, forms, network, groups_only: asking.groups_only, within };
    if fqdn.is_pattern() { split.pattern(fqdn) } else { vec![split.host(fqdn)] }
}

/// Whether machines of a network certainly get public addresses for a host, or for those of a pattern that belong to
/// nobody who is described.
pub fn is_public(world: &dyn World, network: Option<EntityId>, fqdn: &Fqdn) -> bool {
    let portions = portions(world, Asking { network, groups_only: false }, fqdn, None);
    portions.last().is_some_and(|portion| portion.readings.iter().all(|reading| reading.found == Found::Public))
}

struct Split<'a> {
    world: &'a dyn World,
    names: &'a Names,
    forms: &'a HostNames,
    network: Option<usize>,
    groups_only: bool,
    within: Option<&'a ServiceTag>,
}

/// What a host may mean.
struct Meaning<'a> {
    resource: Option<&'a Resource>,
    form: Option<(&'a NamedResource, &'a HostName)>,
    /// Whether the resource that is not described may have private endpoints that are not described.
    perhaps_private: bool,
}

impl<'a> Split<'a> {
    /// One host.
    fn host(&self, host: &Fqdn) -> Portion {
        let shown = Remote::Host { fqdn: host.clone(), within: self.within.cloned() };
        let mut portion = Portion { shown, readings: Vec::new(), settles: Vec::new(), doubtful: false };
        let meanings = self.meanings(host);
        if meanings.len() > 1 {
            let whose =
                meanings.iter().filter_map(|meaning| meaning.resource).map(|resource| self.whose(host, resource));
            portion.settles.extend(whose);
        }
        for meaning in meanings {
            self.read(host, &meaning, &mut portion);
        }
        portion
    }

    /// A pattern: the hosts of described resources one by one, and the rest.
    fn pattern(&self, pattern: &Fqdn) -> Vec<Portion> {
        let mut named: Vec<Fqdn> = Vec::new();
        let mut unnamed: Vec<(&Resource, (&NamedResource, &HostName))> = Vec::new();
        for (kind, form) in self.all_forms().filter(|(_, form)| form.overlaps(pattern)) {
            for resource in self.names.resources.iter().filter(|one| one.kind == kind.resource) {
                let stated = resource.endpoints.iter().flat_map(|endpoint| &endpoint.hosts);
                named.extend(stated.filter(|host| pattern.matches(host) && form.matches(host).is_some()).cloned());
                match form.host_of(&resource.name, resource.region.as_ref()) {
                    _ if !self.matters(resource) => {}
                    Some(host) if pattern.matches(&host) => named.push(host),
                    Some(_) => {}
                    None if resource.disowns(pattern) => {}
                    None => unnamed.push((resource, (kind, form))),
                }
            }
        }
        named.sort_unstable();
        named.dedup();
        let mut portions: Vec<Portion> = named.iter().map(|host| self.host(host)).collect();
        portions.extend(self.unnamed(pattern, &unnamed));
        portions.push(self.rest(pattern, named));
        portions
    }

    /// Whether a resource is anything but one more public host.
    fn matters(&self, resource: &Resource) -> bool {
        !resource.endpoints.is_empty() || !self.groups_only && (resource.guarded || self.names.policies)
    }

    /// What is left of a pattern: hosts of nobody who is described.
    fn rest(&self, pattern: &Fqdn, named: Vec<Fqdn>) -> Portion {
        let host = Remote::Host { fqdn: pattern.clone(), within: self.within.cloned() };
        let shown = match named.as_slice() {
            [] => host,
            _ => Remote::Narrowed(Box::new(Narrowed {
                of: host,
                within: Vec::new(),
                except: Vec::new(),
                except_hosts: named,
                addresses: None,
            })),
        };
        let form = self.all_forms().find(|(_, form)| form.overlaps(pattern));
        let meaning = Meaning { resource: None, form, perhaps_private: false };
        let mut portion = Portion { shown, readings: Vec::new(), settles: Vec::new(), doubtful: false };
        self.read(pattern, &meaning, &mut portion);
        portion
    }

    /// The hosts of resources whose names do not follow from what is described: they may be any of the pattern's.
    fn unnamed(&self, pattern: &Fqdn, all: &[(&'a Resource, (&'a NamedResource, &'a HostName))]) -> Option<Portion> {
        let shown = Remote::Host { fqdn: pattern.clone(), within: self.within.cloned() };
        let mut portion = Portion { shown, readings: Vec::new(), settles: Vec::new(), doubtful: true };
        for (resource, form) in all {
            portion.settles.push(self.whose(pattern, resource));
            let meaning = Meaning { resource: Some(resource), form: Some(*form), perhaps_private: false };
            self.read(pattern, &meaning, &mut portion);
        }
        (!portion.readings.is_empty()).then_some(portion)
    }

    fn all_forms(&self) -> impl Iterator<Item = (&'a NamedResource, &'a HostName)> {
        self.forms.resources().iter().flat_map(|kind| kind.hosts.iter().map(move |form| (kind, form)))
    }

    fn meanings(&self, host: &Fqdn) -> Vec<Meaning<'a>> {
        let of_form = |form| self.of_form(host, form);
        let mut all: Vec<Meaning<'_>> = self.all_forms().flat_map(of_form).collect();
        let owns = |resource: &&Resource| resource.endpoints.iter().any(|endpoint| endpoint.hosts.contains(host));
        if let Some(owner) = self.names.resources.iter().find(owns) {
            let form = all.iter().find_map(|meaning| meaning.form.filter(|(kind, _)| kind.resource == owner.kind));
            return vec![Meaning { resource: Some(owner), form, perhaps_private: false }];
        }
        if all.is_empty() {
            all.push(Meaning { resource: None, form: None, perhaps_private: false });
        }
        all
    }

    fn of_form(&self, host: &Fqdn, form: (&'a NamedResource, &'a HostName)) -> Vec<Meaning<'a>> {
        let Some(says) = form.1.matches(host) else { return Vec::new() };
        let of_kind = self.names.resources.iter().filter(|one| one.kind == form.0.resource);
        let meaning = |resource| Meaning { resource, form: Some(form), perhaps_private: true };
        if let Some(name) = &says.name {
            return vec![meaning(of_kind.into_iter().find(|one| one.name == *name))];
        }
        let elsewhere = |one: &Resource| match (&one.region, &says.region) {
            (Some(region), Some(said)) => region.as_str() != said.as_str(),
            _ => false,
        };
        let candidates = of_kind.filter(|one| self.matters(one) && !elsewhere(one) && !one.disowns(host));
        candidates.map(Some).chain([None]).map(meaning).collect()
    }

    /// The readings of one meaning.
    fn read(&self, host: &Fqdn, meaning: &Meaning<'_>, portion: &mut Portion) {
        let resolution = self.resolve(host, meaning);
        if resolution.answers.len() > 1 {
            portion.settles.extend(self.unsettled(host, meaning, &resolution));
        }
        for answer in &resolution.answers {
            let (found, remote) = self.found(*answer, meaning, portion);
            let place = self.written(&found, *answer, meaning);
            if let Found::Unaddressed(endpoint) = &found {
                portion.settles.push(format!("`address` of `{}`", self.world.place(*endpoint)));
            }
            let goal = match (meaning.resource, meaning.form) {
                (Some(resource), _) => Goal::Resource(resource.id),
                (None, Some((kind, _))) => Goal::Other(kind.resource.clone()),
                (None, None) => Goal::Anything,
            };
            portion.readings.push(Reading { remote, goal, found, place });
        }
    }

    fn resolve(&self, host: &Fqdn, meaning: &Meaning<'_>) -> Resolution {
        let public = || Resolution { answers: [Answer::Public].into(), ..Resolution::default() };
        let Some(network) = self.network else { return public() };
        if let (Some(resource), None) = (meaning.resource, meaning.form) {
            let records = resource.endpoints.iter().filter(|endpoint| endpoint.hosts.contains(host));
            let mut found = public();
            found.answers.extend(records.map(|endpoint| Answer::Record(endpoint.record)));
            return found;
        }
        let alias = meaning.form.and_then(|(_, form)| self.alias(host, form, meaning));
        self.names.dns.resolve(network, &DnsQuestion { host: host.as_str().into(), alias })
    }

    /// The name in a private zone that the public one points to: a resource with a private endpoint has one.
    fn alias(&self, host: &Fqdn, form: &HostName, meaning: &Meaning<'_>) -> Option<Alias> {
        let name = if host.is_pattern() { format!("*.{}", form.zone).into() } else { form.alias(host)? };
        let Some(resource) = meaning.resource else {
            return meaning.perhaps_private.then(|| Alias { name, ..Alias::default() });
        };
        if resource.endpoints.is_empty() {
            return None;
        }
        let zone_is = |zone: &&usize| self.names.dns.zones.get(**zone).is_some_and(|zone| zone.name == form.zone);
        let of_part = || resource.endpoints_of(&form.subresource);
        let registered = of_part()
            .flat_map(|endpoint| endpoint.zones.iter().filter(zone_is).map(|zone| (*zone, endpoint.record)))
            .collect();
        Some(Alias { name, certain: of_part().any(|endpoint| endpoint.approved), registered })
    }

    fn found(&self, answer: Answer, meaning: &Meaning<'_>, portion: &Portion) -> (Found, Remote) {
        let public = || self.public(meaning, &portion.shown);
        match answer {
            Answer::Public => (Found::Public, public()),
            Answer::NoRecord { zone } => match self.names.zones.get(zone) {
                Some(zone) => (Found::NoRecord(*zone), public()),
                None => (Found::NoServer, public()),
            },
            Answer::NoServer => (Found::NoServer, public()),
            Answer::Record(id) => match self.names.records.get(id) {
                Some(Record::Endpoint(id, Some(address))) => (Found::Endpoint(*id), Remote::Ips((*address).into())),
                Some(Record::Endpoint(id, None)) => (Found::Unaddressed(*id), Remote::Ips(self.subnet_of(*id))),
                Some(Record::Own { addresses, .. }) => {
                    let all = addresses.iter().fold(IpSet::empty(), |all, one| all.union(&(*one).into()));
                    (Found::Record, Remote::Ips(all))
                }
                None => (Found::NoServer, public()),
            },
        }
    }

    /// Where what was found is written.
    fn written(&self, found: &Found, answer: Answer, meaning: &Meaning<'_>) -> Option<Place> {
        match (found, answer) {
            (Found::Public, _) => {
                let (resource, (_, form)) = (meaning.resource?, meaning.form?);
                let missed = resource.endpoints_of(&form.subresource).find(|endpoint| endpoint.approved)?;
                Some(self.world.place(missed.id))
            }
            (Found::Endpoint(id) | Found::Unaddressed(id) | Found::NoRecord(id), _) => Some(self.world.place(*id)),
            (Found::Record, Answer::Record(id)) => match self.names.records.get(id) {
                Some(Record::Own { place, .. }) => Some(place.clone()),
                _ => None,
            },
            (Found::Record | Found::NoServer, _) => {
                let network = self.world.place(*self.names.networks.get(self.network?)?);
                let bindings = self.world.bindings();
                let field = bindings.endpoints.as_ref()?.dns_servers;
                place_of(self.world, &network, bindings.network?.record, Some(field))
            }
        }
    }

    /// The addresses that a private endpoint may have.
    fn subnet_of(&self, endpoint: EntityId) -> IpSet {
        let bindings = self.world.bindings();
        let found = bindings.endpoints.as_ref().zip(bindings.routing).and_then(|(endpoints, routing)| {
            let view = self.world.entity(endpoint)?;
            let subnet = entity(self.world, &view.body, Some(endpoints.private.subnet), routing.subnet.record)?;
            Some(cidrs(&self.world.entity(subnet)?.body, routing.subnet.prefixes).into_iter().collect())
        });
        found.unwrap_or_else(IpSet::empty)
    }

    /// The public addresses of a host: those of its service, in the region of the resource where that is known.
    fn public(&self, meaning: &Meaning<'_>, shown: &Remote) -> Remote {
        let Remote::Host { fqdn, within } = shown else { return shown.clone() };
        let Some((kind, _)) = meaning.form.filter(|_| !fqdn.is_pattern()) else { return shown.clone() };
        let region = meaning.resource.and_then(|resource| resource.region.clone());
        let regional = kind.tag.clone().map(|tag| ServiceTag::new(tag, region));
        let known = |tag: &ServiceTag| self.world.catalogue().usable(tag, Feature::Group);
        let tag = regional.and_then(|tag| [tag.clone(), tag.global()].into_iter().find(known));
        // Without a region the catalogue of host names knows no better than the policies.
        let better = tag.filter(|tag| tag.region().is_some() || within.is_none());
        Remote::Host { fqdn: fqdn.clone(), within: better.or_else(|| within.clone()) }
    }

    /// What would say whether a host is one of a resource's.
    fn whose(&self, host: &Fqdn, resource: &Resource) -> String {
        match resource.endpoints.iter().find(|endpoint| endpoint.hosts.is_empty()) {
            Some(endpoint) => format!("`hosts` of `{}`", self.world.place(endpoint.id)),
            None => format!("whether `{host}` is a host of `{}`", self.world.place(resource.id)),
        }
    }

    /// What would say which answer a host gets.
    fn unsettled(&self, host: &Fqdn, meaning: &Meaning<'_>, resolution: &Resolution) -> Vec<String> {
        let unknown = resolution
            .unknown_servers
            .iter()
            .map(|server| format!("what the DNS server `{server}` does with `{host}`: describe it in `dns_servers`"));
        let partial = resolution.partial_servers.iter().map(|server| {
            format!("whether `{server}` forwards what `{host}` points to: a forwarder for the public name settles it")
        });
        let mut all: Vec<String> = unknown.chain(partial).collect();
        let Some((_, form)) = meaning.form else {
            all.push(format!("in which private zone `{host}` stands"));
            return all;
        };
        match meaning.resource {
            None if meaning.perhaps_private => {
                all.push(format!("the resource of `{host}`: whether it has private endpoints"));
            }
            Some(resource) if !resource.endpoints_of(&form.subresource).any(|endpoint| endpoint.approved) => {
                let (place, part) = (self.world.place(resource.id), &form.subresource);
                all.push(format!("an approved private endpoint of `{place}` for `{part}`, or none of it at all"));
            }
            _ if all.is_empty() => all.push(format!("which of several private endpoints answers for `{host}`")),
            _ => {}
        }
        all
    }
}
