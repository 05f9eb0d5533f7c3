//! Names, network rules and endpoint policies against slow and obvious references: each enumerates every way in which
//! what is not known could be, and answers in one such world at a time.
//!
//! Short by default; `PALISADE_LONG=1` asks many more questions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test cannot set up fails the test")]

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use palisade_net::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use smol_str::SmolStr;

fn cases() -> ProptestConfig {
    let long = std::env::var_os("PALISADE_LONG").is_some_and(|value| value == "1");
    let cases = if long { 100_000 } else { 2_000 };
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 4_000, ..ProptestConfig::default() }
}

// --- Names -----------------------------------------------------------------------------------------------------------

const NETWORKS: usize = 3;
const NAMES: &[&str] = &["a.x.t", "b.x.t", "x.t", "a.p.t", "b.p.t", "p.t", "a.b.p.t", "other.u"];
const ZONES: &[&str] = &["x.t", "p.t", "t", "b.p.t", "u", "ax.t"];
const SERVERS: usize = 4;

fn server(number: usize) -> IpAddr {
    match number {
        0 => HOST,
        number => IpAddr::V4(Ipv4Addr::new(10, 0, 0, u8::try_from(number).unwrap())),
    }
}

fn any_zone() -> impl Strategy<Value = DnsZone> {
    let records =
        vec((select(&["*.p.t", "*.x.t", "*.b.p.t"][..]).boxed().prop_union(select(NAMES).boxed()), 0..6_usize), 0..3);
    (select(ZONES), subsequence((0..NETWORKS).collect::<Vec<_>>(), 0..=NETWORKS), records).prop_map(
        |(name, networks, records)| {
            let record = |(name, id): (&str, usize)| ZoneRecord { name: name.into(), id };
            DnsZone { name: name.into(), networks, records: records.into_iter().map(record).collect() }
        },
    )
}

fn any_server(number: usize) -> impl Strategy<Value = DnsServer> {
    let zone = select(ZONES).boxed().prop_union(Just(".").boxed());
    let forwards = vec((zone, 0..SERVERS).prop_map(|(zone, to)| Forward { zone: zone.into(), to: server(to) }), 0..3);
    // Two forwarders for one zone are a mistake that no server takes.
    let forwards = forwards.prop_map(|mut all| {
        let mut seen = BTreeSet::new();
        all.retain(|forward: &Forward| seen.insert(forward.zone.clone()));
        all
    });
    (proptest::option::of(0..NETWORKS), forwards).prop_map(move |(network, forwards)| DnsServer {
        address: server(number),
        network,
        forwards,
    })
}

fn any_dns() -> impl Strategy<Value = Dns> {
    let networks = vec(vec((0..SERVERS).prop_map(server), 0..3), NETWORKS);
    let zones = vec(any_zone(), 0..4).prop_map(|mut all| {
        let mut seen = BTreeSet::new();
        all.retain(|zone: &DnsZone| seen.insert(zone.name.clone()));
        all
    });
    let servers = subsequence((1..SERVERS).collect::<Vec<_>>(), 0..SERVERS)
        .prop_flat_map(|numbers| numbers.into_iter().map(any_server).collect::<Vec<_>>());
    (networks, zones, servers).prop_map(|(networks, zones, servers)| Dns { networks, zones, servers })
}

fn any_question() -> impl Strategy<Value = DnsQuestion> {
    let registered = vec((0..3_usize, 10..14_usize), 0..3);
    let alias = (select(NAMES), any::<bool>(), registered).prop_map(|(name, certain, registered)| Alias {
        name: name.into(),
        certain,
        registered,
    });
    (select(NAMES), proptest::option::of(alias)).prop_map(|(host, alias)| DnsQuestion { host: host.into(), alias })
}

/// One way in which everything that is not known could be.
#[derive(Clone, Debug)]
struct World {
    /// Which of the network's servers is asked.
    asked: usize,
    /// Whether the public name points to the alias.
    aliased: bool,
    /// Whether servers apply their forwarders to the alias too.
    follows: bool,
    /// What undescribed servers answer as: a network's DNS, or the public one.
    unknown: Option<usize>,
    /// Which of several records is taken.
    record: usize,
}

fn worlds() -> Vec<World> {
    let mut all = Vec::new();
    for asked in 0..3 {
        for aliased in [false, true] {
            for follows in [false, true] {
                for unknown in [None, Some(0), Some(1), Some(2)] {
                    for record in 0..12 {
                        all.push(World { asked, aliased, follows, unknown, record });
                    }
                }
            }
        }
    }
    all
}

/// The labels of a name, the last first.
fn labels(name: &str) -> Vec<&str> {
    if name == "." { Vec::new() } else { name.split('.').rev().collect() }
}

fn in_zone(zone: &str, name: &str) -> bool {
    labels(name).starts_with(&labels(zone))
}

impl World {
    fn resolve(&self, dns: &Dns, network: usize, question: &DnsQuestion) -> Answer {
        let servers = &dns.networks[network];
        let first = if servers.is_empty() { HOST } else { servers[self.asked % servers.len()] };
        let (mut at, mut from) = (first, Some(network));
        // More steps than there are servers are a circle.
        for _ in 0..=SERVERS {
            if at == HOST {
                return from.map_or(Answer::NoServer, |network| self.azure(dns, network, question));
            }
            let Some(server) = dns.servers.iter().find(|server| server.address == at) else {
                return self.unknown.map_or(Answer::Public, |network| self.azure(dns, network, question));
            };
            let forward = |name: &str| {
                let mut all: Vec<&Forward> = server.forwards.iter().filter(|f| in_zone(&f.zone, name)).collect();
                all.sort_by_key(|forward| labels(&forward.zone).len());
                all.last().map(|forward| forward.to)
            };
            let alias = question.alias.as_ref().filter(|_| self.follows).and_then(|alias| forward(&alias.name));
            match forward(&question.host).or(alias) {
                Some(to) => (at, from) = (to, server.network),
                None => return Answer::Public,
            }
        }
        Answer::NoServer
    }

    fn azure(&self, dns: &Dns, network: usize, question: &DnsQuestion) -> Answer {
        let own = self.zone(dns, network, &question.host, &[]);
        let alias = question.alias.as_ref().filter(|alias| alias.certain || self.aliased);
        own.or_else(|| alias.and_then(|alias| self.zone(dns, network, &alias.name, &alias.registered)))
            .unwrap_or(Answer::Public)
    }

    fn zone(&self, dns: &Dns, network: usize, name: &SmolStr, registered: &[(usize, usize)]) -> Option<Answer> {
        let mut linked: Vec<usize> = (0..dns.zones.len())
            .filter(|zone| dns.zones[*zone].networks.contains(&network) && in_zone(&dns.zones[*zone].name, name))
            .collect();
        linked.sort_by_key(|zone| labels(&dns.zones[*zone].name).len());
        let zone = *linked.last()?;
        let records = &dns.zones[zone].records;
        let mut ids: Vec<usize> = registered.iter().filter(|(at, _)| *at == zone).map(|(_, id)| *id).collect();
        ids.extend(records.iter().filter(|record| record.name == *name).map(|record| record.id));
        let mut above = labels(name);
        while ids.is_empty() && above.pop().is_some() {
            let wild = |record: &&ZoneRecord| labels(&record.name) == [&above[..], &["*"]].concat();
            ids.extend(records.iter().filter(wild).map(|record| record.id));
        }
        Some(ids.get(self.record % ids.len().max(1)).map_or(Answer::NoRecord { zone }, |id| Answer::Record(*id)))
    }
}

// --- Targets ---------------------------------------------------------------------------------------------------------

/// The public addresses of the small universe.
fn public(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(20, 0, 0, number))
}

fn any_addresses() -> impl Strategy<Value = IpSet> {
    subsequence((0..6_u8).collect::<Vec<_>>(), 0..=6)
        .prop_map(|some| some.into_iter().fold(IpSet::empty(), |all, one| all.union(&public(one).into())))
}

fn any_rules() -> impl Strategy<Value = TargetRules> {
    let action = select(&[Access::Allow, Access::Deny, Access::Deny][..]);
    (prop::bool::weighted(0.8), action, vec(0..3_usize, 0..3), any_addresses()).prop_map(
        |(public_access, default_action, subnets, addresses)| TargetRules {
            public_access,
            default_action,
            subnets,
            addresses,
        },
    )
}

fn any_arrival() -> impl Strategy<Value = Arrival> {
    prop_oneof![
        Just(Arrival::PrivateEndpoint),
        (0..3_usize).prop_map(|subnet| Arrival::ServiceEndpoint { subnet }),
        proptest::option::of(any_addresses()).prop_map(|sources| Arrival::Public { sources }),
    ]
}

/// Whether one packet passes.
fn packet_passes(rules: &TargetRules, arrival: &Arrival, source: IpAddr) -> bool {
    if *arrival == Arrival::PrivateEndpoint {
        return true;
    }
    if !rules.public_access {
        return false;
    }
    let listed = match arrival {
        Arrival::ServiceEndpoint { subnet } => rules.subnets.iter().any(|one| one == subnet),
        _ => rules.addresses.contains(source),
    };
    listed || rules.default_action == Access::Allow
}

/// Every address that a packet may have.
fn sources(arrival: &Arrival) -> Vec<IpAddr> {
    // One more than rules can name: what is not known may be an address that nobody wrote.
    let all = || (0..7_u8).map(public);
    match arrival {
        Arrival::Public { sources: Some(known) } if !known.is_empty() => {
            all().filter(|ip| known.contains(*ip)).collect()
        }
        _ => all().collect(),
    }
}

fn unanimous(all: &BTreeSet<bool>) -> Outcome {
    match (all.contains(&true), all.contains(&false)) {
        (true, false) => Outcome::Allowed,
        (false, true) => Outcome::Denied,
        _ => Outcome::Undetermined,
    }
}

/// What an account meets in one world: whether it is one of Microsoft's own, and what a list of nothing means.
fn policies_let(policies: &[EndpointPolicy], account: Account, microsofts: bool, nothing_is_all: bool) -> bool {
    let mut listed = BTreeSet::new();
    let mut aliases = 0;
    for policy in policies {
        listed.extend(policy.accounts.iter().copied());
        aliases += usize::from(policy.aliases);
    }
    if policies.is_empty() || (listed.is_empty() && aliases > 0) {
        return true;
    }
    if listed.is_empty() {
        return nothing_is_all;
    }
    match account {
        Account::Described(id) => listed.contains(&id),
        Account::Other => microsofts && aliases > 0,
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn names_resolve_as_in_every_world(dns in any_dns(), network in 0..NETWORKS, question in any_question()) {
        let found = dns.resolve(network, &question);
        let expected: BTreeSet<Answer> =
            worlds().iter().map(|world| world.resolve(&dns, network, &question)).collect();
        prop_assert_eq!(&found.answers, &expected, "{:#?}", found);
        let described = |address: &IpAddr| dns.servers.iter().any(|server| server.address == *address);
        prop_assert!(found.unknown_servers.iter().all(|address| !described(address)));
        prop_assert!(found.partial_servers.iter().all(described));
    }

    #[test]
    fn targets_let_in_what_each_packet_shows(rules in any_rules(), arrival in any_arrival()) {
        let packets = sources(&arrival).into_iter().map(|source| packet_passes(&rules, &arrival, source)).collect();
        prop_assert_eq!(rules.ask(&arrival).outcome, unanimous(&packets));
    }

    #[test]
    fn policies_let_out_what_each_world_shows(
        policies in vec((vec(0..3_usize, 0..3), any::<bool>()), 0..4),
        account in prop_oneof![(0..4_usize).prop_map(Account::Described), Just(Account::Other)],
    ) {
        let policies: Vec<EndpointPolicy> =
            policies.into_iter().map(|(accounts, aliases)| EndpointPolicy { accounts, aliases }).collect();
        let worlds = [(false, false), (false, true), (true, false), (true, true)];
        let all = worlds.into_iter().map(|(own, nothing)| policies_let(&policies, account, own, nothing)).collect();
        let expected = match ask_policies(&policies, account) {
            PolicyVerdict::NoPolicy | PolicyVerdict::OnlyAliases => Outcome::Allowed,
            PolicyVerdict::Listed { policy } => {
                prop_assert!(matches!(account, Account::Described(id) if policies[policy].accounts.contains(&id)));
                Outcome::Allowed
            }
            PolicyVerdict::NotListed => Outcome::Denied,
            PolicyVerdict::PerhapsAlias | PolicyVerdict::Empty => Outcome::Undetermined,
        };
        prop_assert_eq!(expected, unanimous(&all));
    }
}
