//! Which address the machines of a network get for a name: DNS servers, their forwarders, and private zones.
//!
//! Azure's own DNS answers from the zones that are linked to the network that asks it (facts `net.pe.one-zone`,
//! `net.peer.dns`, `x.dns.azure-dns-ip`): a peered network's links count for that network alone.

use std::collections::BTreeSet;
use std::net::IpAddr;

use smol_str::SmolStr;

use crate::builtin::HOST;

/// Everything that decides which address a network gets for a name. Networks are numbered by the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dns {
    /// For each network the servers that its machines ask; none: Azure's own.
    pub networks: Vec<Vec<IpAddr>>,
    /// The private zones.
    pub zones: Vec<DnsZone>,
    /// The servers that are described.
    pub servers: Vec<DnsServer>,
}

/// A private zone. Names are in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DnsZone {
    /// Its name.
    pub name: SmolStr,
    /// The networks that are linked to it.
    pub networks: Vec<usize>,
    /// Its own records, without those of private endpoints.
    pub records: Vec<ZoneRecord>,
}

/// One record of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneRecord {
    /// The whole name; `*.` in front stands for every name below that has no record of its own.
    pub name: SmolStr,
    /// The caller's number of it.
    pub id: usize,
}

/// A DNS server of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsServer {
    /// Its address.
    pub address: IpAddr,
    /// The network in which it stands; outside of Azure there is none.
    pub network: Option<usize>,
    /// What it asks others about; the longest zone that holds a name decides.
    pub forwards: Vec<Forward>,
}

/// A conditional forwarder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The zone, with everything below it; `.` is everything.
    pub zone: SmolStr,
    /// Who answers.
    pub to: IpAddr,
}

/// A name, and what stands behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DnsQuestion {
    /// The name, in lower case.
    pub host: SmolStr,
    /// The name that it points to, if it points to one.
    pub alias: Option<Alias>,
}

/// What Azure makes of the public name of a resource that has private endpoints: it points to a name in a private zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alias {
    /// The other name.
    pub name: SmolStr,
    /// Whether the public name certainly points to it.
    pub certain: bool,
    /// What private endpoints registered for it: the zone, and the caller's number of the record.
    pub registered: Vec<(usize, usize)>,
}

/// What a machine learns about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Its public addresses.
    Public,
    /// The addresses of that record of a private zone.
    Record(usize),
    /// That it does not exist: the zone answers for it and has no record.
    NoRecord {
        /// The zone.
        zone: usize,
    },
    /// Nothing: the question leads nowhere.
    NoServer,
}

/// What a machine may learn about a name. With one answer it is certain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The answers.
    pub answers: BTreeSet<Answer>,
    /// Servers of which is not known what they do.
    pub unknown_servers: BTreeSet<IpAddr>,
    /// Servers that ask elsewhere about the alias but not about the name itself.
    pub partial_servers: BTreeSet<IpAddr>,
}

impl Dns {
    /// What the machines of a network may learn about a name.
    pub fn resolve(&self, network: usize, question: &DnsQuestion) -> Resolution {
        let mut walk = Walk { dns: self, question, found: Resolution::default() };
        match self.networks.get(network).map(Vec::as_slice) {
            None | Some([]) => walk.azure(network),
            Some(servers) => servers.iter().for_each(|server| walk.ask(*server, Some(network), &[])),
        }
        walk.found
    }
}

struct Walk<'a> {
    dns: &'a Dns,
    question: &'a DnsQuestion,
    found: Resolution,
}

impl Walk<'_> {
    fn answer(&mut self, answer: Answer) {
        self.found.answers.insert(answer);
    }

    /// Azure's own DNS, asked from a network.
    fn azure(&mut self, network: usize) {
        if let Some(zone) = self.zone(network, &self.question.host) {
            return self.record(zone, &self.question.host, &[]);
        }
        let alias = self.question.alias.as_ref();
        let zone = alias.and_then(|alias| Some((self.zone(network, &alias.name)?, alias)));
        let Some((zone, alias)) = zone else { return self.answer(Answer::Public) };
        self.record(zone, &alias.name, &alias.registered);
        if !alias.certain {
            self.answer(Answer::Public);
        }
    }

    /// The zone that answers for a name in a network: the longest that is linked.
    fn zone(&self, network: usize, name: &str) -> Option<usize> {
        let linked = self.dns.zones.iter().enumerate().filter(|(_, zone)| zone.networks.contains(&network));
        let holds = linked.filter(|(_, zone)| holds(&zone.name, name));
        holds.max_by_key(|(_, zone)| zone.name.len()).map(|(at, _)| at)
    }

    fn record(&mut self, zone: usize, name: &str, registered: &[(usize, usize)]) {
        let records = self.dns.zones.get(zone).map_or(&[][..], |zone| &zone.records);
        let exact = records.iter().filter(|record| record.name == name).map(|record| record.id);
        let mut ids: Vec<usize> = registered.iter().filter(|(at, _)| *at == zone).map(|(_, id)| *id).collect();
        ids.extend(exact);
        if ids.is_empty() {
            let below = |record: &&ZoneRecord| record.name.strip_prefix("*.").is_some_and(|rest| is_below(rest, name));
            let longest = records.iter().filter(below).map(|record| record.name.len()).max();
            let widest = records.iter().filter(below).filter(|record| Some(record.name.len()) == longest);
            ids.extend(widest.map(|record| record.id));
        }
        if ids.is_empty() {
            self.answer(Answer::NoRecord { zone });
        }
        self.found.answers.extend(ids.into_iter().map(Answer::Record));
    }

    /// A server, asked from a network or from outside of Azure; `asked` are those that passed the question on.
    fn ask(&mut self, address: IpAddr, from: Option<usize>, asked: &[IpAddr]) {
        // Azure's own DNS has an address inside virtual networks alone (fact `x.dns.azure-dns-ip`).
        if address == HOST {
            return match from {
                Some(network) => self.azure(network),
                None => self.answer(Answer::NoServer),
            };
        }
        if asked.contains(&address) {
            return self.answer(Answer::NoServer);
        }
        let Some(server) = self.dns.servers.iter().find(|server| server.address == address) else {
            return self.unknown(address);
        };
        let asked = [asked, &[address]].concat();
        if let Some(to) = server.forward(&self.question.host) {
            return self.ask(to, server.network, &asked);
        }
        // It asks the public servers, which know the alias and not what private zones make of it.
        self.answer(Answer::Public);
        let alias = self.question.alias.as_ref();
        if let Some(to) = alias.and_then(|alias| server.forward(&alias.name)) {
            self.found.partial_servers.insert(address);
            self.ask(to, server.network, &asked);
        }
    }

    /// A server that is not described may answer as any network's would, or as the public ones do.
    fn unknown(&mut self, address: IpAddr) {
        self.found.unknown_servers.insert(address);
        self.answer(Answer::Public);
        (0..self.dns.networks.len()).for_each(|network| self.azure(network));
    }
}

impl DnsServer {
    fn forward(&self, name: &str) -> Option<IpAddr> {
        let holds = self.forwards.iter().filter(|forward| holds(&forward.zone, name));
        holds.max_by_key(|forward| forward.zone.trim_matches('.').len()).map(|forward| forward.to)
    }
}

/// Whether a name is that of the zone or below it.
fn holds(zone: &str, name: &str) -> bool {
    zone == "." || zone == name || is_below(zone, name)
}

fn is_below(zone: &str, name: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|front| front.ends_with('.'))
}
