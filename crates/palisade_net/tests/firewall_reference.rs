//! Firewalls against a slow and obvious judge, which enumerates every packet of a small universe, every way in which the
//! service tags could lie in it, and everything that a question leaves open; and the laws of evidence on the same questions.
//!
//! Like that of the groups, the universe has four blocks of public addresses; beside it a handful of host names, one for
//! each class into which the patterns divide all names.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;

use std::net::IpAddr;
use std::sync::LazyLock;

use common::reference::{MODELS, cases};
use palisade_net::*;
use proptest::prelude::*;
use smol_str::SmolStr;

const BLOCKS: [&str; 4] = ["20.0.0.1", "20.128.0.1", "8.8.8.8", "200.1.1.1"];
const NOT_PUBLIC: [&str; 5] = ["10.0.0.9", "10.0.1.9", "100.64.0.1", "192.168.1.1", "168.63.129.16"];
const NETWORKS: [&str; 7] =
    ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "20.0.0.0/8", "20.0.0.0/9", "20.128.0.0/9", "10.0.0.0/16"];
/// In each half of the place: a machine that translations may lead to, and another.
const LOCALS: [&str; 4] = ["10.0.1.4", "10.0.1.132", "10.0.1.5", "10.0.1.133"];
const MACHINES: [&str; 2] = ["10.0.1.4", "10.0.1.132"];
/// The ports of rules, one that only hosts know, and one that only `*` has.
const PORTS: [u16; 5] = [80, 443, 8787, 1433, 9];
const RULE_PORTS: [u16; 3] = [80, 443, 8787];
const PROTOCOLS: [Protocol; 4] = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Other];
/// The kinds of traffic; `None` is none that application rules see.
const KINDS: [Option<ApplicationKind>; 4] =
    [None, Some(ApplicationKind::Http), Some(ApplicationKind::Https), Some(ApplicationKind::Mssql)];
const PATTERNS: [&str; 9] = ["a.x.y", "b.x.y", "*.x.y", "*x.y", "x.y", "*.y", "*.a.x.y", "q.r", "*"];
/// One name of each class, and the ones between.
const NAMES: [&str; 9] = ["a.x.y", "b.x.y", "c.x.y", "x.y", "zx.y", "w.y", "d.a.x.y", "q.r", "o.t"];
const FQDN_TAGS: [&str; 3] = ["Known", "T1", "T2"];
const KNOWN: [&str; 2] = ["b.x.y", "*.a.x.y"];

/// Atoms: other, A of r, the rest of A, B.
static CATALOGUE: LazyLock<TagCatalogue> = LazyLock::new(|| {
    let tags = "tags:
  - { name: A, purpose: x, direction: both, features: [firewall], azure_cloud: partly, regional: { sets: [standard], features: [firewall] } }
  - { name: B, purpose: x, direction: both, features: [firewall], azure_cloud: disjoint }";
    TagCatalogue::from_yaml(tags, "regions: [{ name: r, suffix: R }]").unwrap()
});
const TAGS: [(&str, u8); 4] = [("A", 0b0110), ("A.r", 0b0010), ("B", 0b1000), ("Internet", 0b1111)];

static BLOCK_IPS: LazyLock<[IpAddr; 4]> = LazyLock::new(|| BLOCKS.map(|ip| ip.parse().unwrap()));
static OTHER_IPS: LazyLock<[IpAddr; 5]> = LazyLock::new(|| NOT_PUBLIC.map(|ip| ip.parse().unwrap()));
static LOCAL_IPS: LazyLock<[IpAddr; 4]> = LazyLock::new(|| LOCALS.map(|ip| ip.parse().unwrap()));
static NETWORK: LazyLock<IpSet> = LazyLock::new(|| common::ips("10.0.0.0/16 168.63.129.16"));

#[derive(Debug, Clone, Copy)]
enum End {
    Public { block: usize, atom: u8 },
    NotPublic(usize),
}

impl End {
    fn ip(self) -> IpAddr {
        match self {
            Self::Public { block, .. } => BLOCK_IPS[block],
            Self::NotPublic(place) => OTHER_IPS[place],
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        let public = (0..BLOCKS.len()).flat_map(|block| (0..4).map(move |atom| Self::Public { block, atom }));
        public.chain((0..NOT_PUBLIC.len()).map(Self::NotPublic))
    }

    fn in_tag(self, tag: &ServiceTag) -> bool {
        match (tag.name(), self) {
            ("VirtualNetwork", end) => NETWORK.contains(end.ip()),
            (_, Self::NotPublic(_)) => false,
            (_, Self::Public { atom, .. }) => {
                let bits = TAGS.iter().find(|(name, _)| *name == tag.to_string()).map_or(0, |(_, bits)| *bits);
                bits & (1 << atom) != 0
            }
        }
    }

    fn matches(self, spec: &AddressSpec) -> bool {
        match spec {
            AddressSpec::Any => true,
            AddressSpec::These { ips, tags } => ips.contains(self.ip()) || tags.iter().any(|tag| self.in_tag(tag)),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct OnePacket {
    protocol: Protocol,
    local: IpAddr,
    port: u16,
    end: End,
}

/// The rules of each pass in order, with what their collections do.
struct Passes<'a> {
    dnat: Vec<(Access, &'a DnatRule)>,
    network: Vec<(Access, &'a NetworkRule)>,
    application: Vec<(Access, &'a ApplicationRule)>,
}

/// Everything that a packet does not show, or that nobody knows.
#[derive(Debug, Clone)]
struct Unseen {
    kind: Option<ApplicationKind>,
    /// The name that is asked for.
    name: &'static str,
    /// The names that have the packet's address.
    of_address: Vec<&'static str>,
    /// The FQDN tags of unknown contents that hold the name.
    tags: Vec<&'static str>,
    /// Whether names in network rules hold.
    names_hold: bool,
}

#[derive(Clone)]
struct Case {
    policies: Vec<FirewallPolicy>,
    flow: Flow,
    host: Option<Fqdn>,
    speaks: Vec<ApplicationProtocol>,
}

impl std::fmt::Debug for Case {
    /// The rules in order as lines, and the question: what a failure needs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = |end: &FirewallAddresses| match &end.addresses {
            AddressSpec::Any => "*".to_owned(),
            AddressSpec::These { ips, tags } => {
                let tags: Vec<_> = tags.iter().map(ToString::to_string).collect();
                format!("[{ips} {}]", tags.join(" "))
            }
        };
        writeln!(f, "{} | local {} | host {:?}", self.flow, self.flow.local, self.host)?;
        if let Remote::Host { within, .. } = &self.flow.remote {
            writeln!(f, "within {within:?}")?;
        }
        writeln!(f, "speaks {:?}", self.speaks.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        writeln!(f, "proxy {:?}", self.policies.iter().map(|policy| policy.dns_proxy).collect::<Vec<_>>())?;
        for (_, rule) in self.ordered(|collection| collection.dnat_rules.as_slice()) {
            let (sources, destinations) = (end(&rule.sources), end(&rule.destinations));
            let to = (rule.translated_address, rule.translated_port);
            writeln!(f, "dnat {} {sources} {destinations} {} {to:?}", rule.protocols, rule.destination_ports)?;
        }
        for (access, rule) in self.ordered(|collection| collection.network_rules.as_slice()) {
            let (sources, destinations) = (end(&rule.sources), end(&rule.destinations));
            let (fqdns, ports) = (&rule.destination_fqdns, &rule.destination_ports);
            writeln!(f, "{access} net {} {sources} {destinations} {fqdns:?} {ports}", rule.protocols)?;
        }
        for (access, rule) in self.ordered(|collection| collection.application_rules.as_slice()) {
            let (protocols, sources) = (&rule.protocols, end(&rule.sources));
            writeln!(f, "{access} app {protocols:?} {sources} {:?} {:?}", rule.fqdns, rule.fqdn_tags)?;
        }
        Ok(())
    }
}

fn covers(target: &str, name: &str) -> bool {
    match target.strip_prefix('*') {
        None => target == name,
        Some(ending) => name.ends_with(ending),
    }
}

fn subsets<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    items.iter().fold(vec![Vec::new()], |all, item| {
        let with = all.iter().map(|set: &Vec<T>| [set.as_slice(), std::slice::from_ref(item)].concat());
        all.iter().cloned().chain(with).collect()
    })
}

impl Case {
    /// Every rule of one list in order: whether its collection allows, and the rule.
    fn ordered<'a, R>(&'a self, list: impl Fn(&'a RuleCollection) -> &'a [R]) -> Vec<(Access, &'a R)> {
        let mut rules = Vec::new();
        for policy in &self.policies {
            let mut places = Vec::new();
            for group in &policy.groups {
                places.extend(
                    group.collections.iter().map(|collection| (group.priority, collection.priority, collection)),
                );
            }
            places.sort_by_key(|(group, own, _)| (*group, *own));
            for (_, _, collection) in places {
                let access = if collection.action == CollectionAction::Deny { Access::Deny } else { Access::Allow };
                rules.extend(list(collection).iter().map(|rule| (access, rule)));
            }
        }
        rules
    }

    fn passes(&self) -> Passes<'_> {
        Passes {
            dnat: self.ordered(|collection| collection.dnat_rules.as_slice()),
            network: self.ordered(|collection| collection.network_rules.as_slice()),
            application: self.ordered(|collection| collection.application_rules.as_slice()),
        }
    }

    fn access(&self, passes: &Passes<'_>, packet: &OnePacket, unseen: &Unseen) -> Access {
        if self.translated(passes, packet) {
            return Access::Allow;
        }
        let inbound = self.flow.direction == Direction::Inbound;
        if inbound && matches!(packet.end, End::Public { .. }) {
            return Access::Deny;
        }
        if let Some((access, _)) = passes.network.iter().find(|(_, rule)| self.network_matches(rule, packet, unseen)) {
            return *access;
        }
        let found = passes.application.iter().find(|(_, rule)| !inbound && application_matches(rule, packet, unseen));
        found.map_or(Access::Deny, |(access, _)| *access)
    }

    fn translated(&self, passes: &Passes<'_>, packet: &OnePacket) -> bool {
        let first = |source: IpAddr, destination: IpAddr, port: u16| {
            passes.dnat.iter().map(|(_, rule)| *rule).find(|rule| {
                rule.protocols.contains(packet.protocol)
                    && plain(&rule.sources, source)
                    && plain(&rule.destinations, destination)
                    && rule.destination_ports.contains(port)
            })
        };
        match self.flow.direction {
            Direction::Outbound => first(packet.local, packet.end.ip(), packet.port).is_some(),
            Direction::Inbound => BLOCK_IPS.iter().any(|destination| {
                PORTS.iter().any(|port| {
                    first(packet.end.ip(), *destination, *port).is_some_and(|rule| {
                        rule.translated_address == packet.local && rule.translated_port == packet.port
                    })
                })
            }),
        }
    }

    fn network_matches(&self, rule: &NetworkRule, packet: &OnePacket, unseen: &Unseen) -> bool {
        let by_name =
            unseen.names_hold && rule.destination_fqdns.iter().any(|fqdn| unseen.of_address.contains(&fqdn.as_str()));
        let (source, destination) = match self.flow.direction {
            Direction::Outbound => {
                (plain(&rule.sources, packet.local), packet.end.matches(&rule.destinations.addresses))
            }
            Direction::Inbound => (
                plain(&rule.sources, packet.end.ip()),
                match &rule.destinations.addresses {
                    AddressSpec::Any => true,
                    AddressSpec::These { ips, .. } => ips.contains(packet.local),
                },
            ),
        };
        let ports = if packet.protocol.has_ports() {
            rule.destination_ports.contains(packet.port)
        } else {
            rule.destination_ports.is_all()
        };
        rule.protocols.contains(packet.protocol) && source && (destination || by_name) && ports
    }

    fn asks(&self, end: End) -> bool {
        match &self.flow.remote {
            Remote::Any => true,
            Remote::Ips(ips) => ips.contains(end.ip()),
            Remote::Tag(tag) | Remote::Host { within: Some(tag), .. } => end.in_tag(tag),
            Remote::Host { within: None, .. } => matches!(end, End::Public { .. }),
            Remote::Narrowed(_) => panic!("not generated"),
        }
    }

    fn packets_to(&self, end: End) -> Vec<OnePacket> {
        let asked = match self.flow.direction {
            Direction::Inbound => &self.flow.local_ports,
            Direction::Outbound => &self.flow.remote_ports,
        };
        let mut packets = Vec::new();
        for protocol in PROTOCOLS.into_iter().filter(|protocol| self.flow.protocols.contains(*protocol)) {
            for local in LOCAL_IPS.into_iter().filter(|ip| self.flow.local.contains(*ip)) {
                let ports = PORTS.into_iter().filter(|port| !protocol.has_ports() || asked.contains(*port));
                packets.extend(ports.map(|port| OnePacket { protocol, local, port, end }));
            }
        }
        packets
    }

    /// The name or pattern that the question is about, if it says one.
    fn asked_names(&self) -> Option<&str> {
        match &self.flow.remote {
            _ if self.flow.direction == Direction::Inbound => None,
            Remote::Host { fqdn, .. } => Some(fqdn.as_str()),
            _ => self.host.as_ref().map(Fqdn::as_str),
        }
    }

    /// Everything that may be unseen about a packet, given the name of its host if that is known.
    fn unseen(&self, passes: &Passes<'_>, packet: &OnePacket, host: Option<&'static str>) -> Vec<Unseen> {
        let mut fqdns: Vec<_> = passes
            .network
            .iter()
            .flat_map(|(_, rule)| &rule.destination_fqdns)
            .map(|fqdn| *NAMES.iter().find(|name| *name == fqdn).unwrap())
            .collect();
        fqdns.sort_unstable();
        fqdns.dedup();
        let named =
            |tag: &&str| passes.application.iter().any(|(_, rule)| rule.fqdn_tags.iter().any(|name| name == tag));
        let open_tags: Vec<_> = ["T1", "T2"].into_iter().filter(named).collect();
        let proxy = self.policies.iter().rev().find_map(|policy| policy.dns_proxy);
        let spoken: Vec<_> = KINDS
            .into_iter()
            .filter(|kind| {
                self.speaks.iter().any(|protocol| protocol.port == packet.port && Some(protocol.kind) == *kind)
            })
            .collect();
        let kinds = match packet.protocol {
            Protocol::Tcp if self.asked_names().is_some() && !spoken.is_empty() => spoken,
            Protocol::Tcp => KINDS.to_vec(),
            _ => vec![None],
        };
        let mut all = Vec::new();
        for name in NAMES.into_iter().filter(|name| match (host, self.asked_names()) {
            (Some(host), _) => host == *name,
            (None, Some(asked)) => covers(asked, name),
            (None, None) => true,
        }) {
            // Of a host that is asked for by name, no other name's rule is taken to know the address.
            let addresses = if self.asked_names().is_some() { vec![vec![name]] } else { subsets(&fqdns) };
            for of_address in addresses {
                for tags in subsets(&open_tags) {
                    for names_hold in
                        if proxy == Some(true) || fqdns.is_empty() { vec![true] } else { vec![false, true] }
                    {
                        for kind in kinds.clone() {
                            let (of_address, tags) = (of_address.clone(), tags.clone());
                            all.push(Unseen { kind, name, of_address, tags, names_hold });
                        }
                    }
                }
            }
        }
        all
    }

    /// Whether the packet may pass, and whether it may be stopped.
    fn fates(&self, passes: &Passes<'_>, packet: &OnePacket, host: Option<&'static str>) -> (bool, bool) {
        let mut fates = (false, false);
        for unseen in self.unseen(passes, packet, host) {
            match self.access(passes, packet, &unseen) {
                Access::Allow => fates.0 = true,
                Access::Deny => fates.1 = true,
            }
        }
        fates
    }

    /// The outcome, and whether something is denied for certain.
    fn reference(&self) -> (Outcome, bool) {
        let hosts: Vec<Option<&'static str>> = match (&self.flow.remote, self.flow.direction) {
            (Remote::Host { fqdn, .. }, Direction::Outbound) => {
                NAMES.into_iter().filter(|name| covers(fqdn.as_str(), name)).map(Some).collect()
            }
            _ => vec![None],
        };
        let (mut ever, mut sure) = ((false, false), (false, false));
        for host in hosts {
            let (may, must) = self.reference_for(host);
            ever = (ever.0 | may.0, ever.1 | may.1);
            sure = (sure.0 | must.0, sure.1 | must.1);
        }
        let outcome = match (ever, sure) {
            ((_, false), _) => Outcome::Allowed,
            ((false, _), _) => Outcome::Denied,
            (_, (true, true)) => Outcome::Partial,
            _ => Outcome::Undetermined,
        };
        (outcome, sure.1)
    }

    /// What may happen to some packet, and what happens to some packet whatever the model.
    fn reference_for(&self, host: Option<&'static str>) -> ((bool, bool), (bool, bool)) {
        let (mut asked, mut allowed, mut denied) = ([0u8; 4], [0u8; 4], [0u8; 4]);
        let (mut fixed, mut ever) = (Vec::new(), (false, false));
        let passes = self.passes();
        for end in End::all().filter(|end| self.asks(*end)) {
            let packets = self.packets_to(end);
            let fates: Vec<_> = packets.iter().map(|packet| self.fates(&passes, packet, host)).collect();
            let seen = (fates.contains(&(true, false)), fates.contains(&(false, true)));
            for (may_pass, may_stop) in fates {
                ever = (ever.0 | may_pass, ever.1 | may_stop);
            }
            match end {
                End::NotPublic(_) => fixed.push(seen),
                End::Public { block, atom } => {
                    asked[block] |= 1 << atom;
                    allowed[block] |= u8::from(seen.0) << atom;
                    denied[block] |= u8::from(seen.1) << atom;
                }
            }
        }
        let is_host = matches!(self.flow.remote, Remote::Host { .. });
        let sure = |of: &[u8; 4], fixed: &dyn Fn(bool) -> bool| {
            MODELS.iter().all(|model| {
                if is_host {
                    (0..4).all(|block| model[block] & asked[block] & !of[block] == 0) && fixed(true)
                } else {
                    (0..4).any(|block| model[block] & of[block] != 0) || fixed(false)
                }
            })
        };
        let pick = |side: fn(&(bool, bool)) -> bool| {
            let fixed = fixed.clone();
            move |all: bool| if all { fixed.iter().all(side) } else { fixed.iter().any(side) }
        };
        (ever, (sure(&allowed, &pick(|seen| seen.0)), sure(&denied, &pick(|seen| seen.1))))
    }

    /// Hands the evaluator, with the firewall compiled, to `check`.
    fn judged<T>(&self, check: impl FnOnce(&dyn Fn(&Flow) -> Verdict) -> T) -> T {
        let known = [FqdnTag { name: "known".into(), fqdns: KNOWN.map(SmolStr::from).to_vec() }];
        let firewall = Firewall { policies: &self.policies, fqdn_tags: &known, ..Firewall::default() };
        let network = NetworkContext::new(&CATALOGUE, common::ips("10.0.0.0/16"));
        let mut ctx = FirewallContext::new(&network);
        (ctx.host, ctx.speaks) = (self.host.clone(), self.speaks.clone());
        let firewall = firewall.compile(&CATALOGUE).unwrap();
        check(&|flow| evaluate_firewall(&firewall, flow, &ctx))
    }
}

fn plain(end: &FirewallAddresses, ip: IpAddr) -> bool {
    match &end.addresses {
        AddressSpec::Any => true,
        AddressSpec::These { ips, .. } => ips.contains(ip),
    }
}

fn application_matches(rule: &ApplicationRule, packet: &OnePacket, unseen: &Unseen) -> bool {
    let spoken = rule.protocols.iter().any(|text| {
        let protocol: ApplicationProtocol = text.parse().unwrap();
        protocol.port == packet.port && Some(protocol.kind) == unseen.kind
    });
    let named = rule.fqdns.iter().any(|target| covers(target, unseen.name));
    let tagged = rule.fqdn_tags.iter().any(|tag| match tag.as_str() {
        "Known" => KNOWN.iter().any(|target| covers(target, unseen.name)),
        tag => unseen.tags.contains(&tag),
    });
    packet.protocol == Protocol::Tcp && plain(&rule.sources, packet.local) && spoken && (named || tagged)
}

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(from)
}

fn any_ports() -> impl Strategy<Value = PortSet> {
    prop_oneof![
        2 => Just(PortSet::all()),
        3 => proptest::sample::select(&RULE_PORTS[..]).prop_map(PortSet::one),
        1 => Just(PortSet::one(80).union(&PortSet::one(443))),
    ]
}

fn any_protocols() -> impl Strategy<Value = ProtocolSet> {
    proptest::sample::select(vec![
        ProtocolSet::ALL,
        Protocol::Tcp.into(),
        Protocol::Tcp.into(),
        ProtocolSet::WITH_PORTS,
        Protocol::Icmp.into(),
    ])
}

fn any_sources() -> impl Strategy<Value = FirewallAddresses> {
    prop_oneof![
        3 => Just(FirewallAddresses::any()),
        2 => pick(&["10.0.1.0/25", "10.0.0.0/16", "20.0.0.0/9", "128.0.0.0/1"]).prop_map(|text| common::ips(text).into()),
    ]
}

fn tag(name: &str) -> ServiceTag {
    CATALOGUE.parse_tag(name).unwrap()
}

fn any_destinations() -> impl Strategy<Value = FirewallAddresses> {
    let item = prop_oneof![
        pick(&NETWORKS).prop_map(|text| AddressItem::Cidr(text.parse().unwrap())),
        pick(&["A", "A.r", "B"]).prop_map(|name| AddressItem::Tag(tag(name))),
    ];
    let list =
        proptest::collection::vec(item, 1..3).prop_map(|items| items.into_iter().collect::<AddressSpec>().into());
    prop_oneof![1 => Just(FirewallAddresses::any()), 5 => list]
}

fn texts(from: &'static [&'static str], size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<SmolStr>> {
    proptest::collection::vec(pick(from).prop_map(SmolStr::from), size)
}

prop_compose! {
    fn any_network_rule()(
        protocols in any_protocols(), sources in any_sources(), destinations in any_destinations(),
        fqdns in texts(&["a.x.y", "x.y", "q.r"], 1..3), by_name in prop::bool::weighted(0.3), destination_ports in any_ports(),
    ) -> NetworkRule {
        NetworkRule {
            name: "n".into(), protocols, sources, destination_ports,
            destinations: if by_name { FirewallAddresses::none() } else { destinations },
            destination_fqdns: if by_name { fqdns } else { Vec::new() },
        }
    }
}

prop_compose! {
    fn any_application_rule()(
        protocols in texts(&["http:80", "https:443", "https:8787", "mssql:443"], 1..4), sources in any_sources(),
        fqdns in texts(&PATTERNS, 1..3), tags in texts(&FQDN_TAGS, 1..3), by_tag in prop::bool::weighted(0.25),
    ) -> ApplicationRule {
        ApplicationRule {
            name: "a".into(), protocols, sources,
            fqdns: if by_tag { Vec::new() } else { fqdns },
            fqdn_tags: if by_tag { tags } else { Vec::new() },
        }
    }
}

prop_compose! {
    fn any_dnat_rule()(
        protocols in proptest::sample::select(vec![Protocol::Tcp.into(), ProtocolSet::WITH_PORTS]), sources in any_sources(),
        destination in pick(&["20.0.0.0/9", "128.0.0.0/1", "0.0.0.0/1", "20.128.0.0/9"]), destination_ports in any_ports(),
        inside in pick(&MACHINES), port in proptest::sample::select(&RULE_PORTS[..]),
    ) -> DnatRule {
        DnatRule {
            name: "d".into(), protocols, sources, destinations: common::ips(destination).into(), destination_ports,
            translated_address: inside.parse().unwrap(), translated_port: port,
        }
    }
}

fn any_collection() -> impl Strategy<Value = RuleCollection> {
    let dnat = proptest::collection::vec(any_dnat_rule(), 1..3).prop_map(|dnat_rules| RuleCollection {
        action: CollectionAction::Dnat,
        dnat_rules,
        ..RuleCollection::default()
    });
    let action = |deny: bool| if deny { CollectionAction::Deny } else { CollectionAction::Allow };
    let network =
        (any::<bool>(), proptest::collection::vec(any_network_rule(), 1..3)).prop_map(move |(deny, rules)| {
            RuleCollection { action: action(deny), network_rules: rules, ..RuleCollection::default() }
        });
    let application =
        (any::<bool>(), proptest::collection::vec(any_application_rule(), 1..3)).prop_map(move |(deny, rules)| {
            RuleCollection { action: action(deny), application_rules: rules, ..RuleCollection::default() }
        });
    prop_oneof![1 => dnat, 3 => network, 4 => application]
}

/// Priorities in any order, equal ones only in different lists.
fn any_policy() -> impl Strategy<Value = FirewallPolicy> {
    let collections = proptest::collection::vec((any_collection(), 100i64..105), 0..3);
    let groups = proptest::collection::vec((collections, 100i64..200), 0..3);
    let proxy = proptest::sample::select(vec![Some(true), Some(true), Some(false), None]);
    (groups, proxy).prop_map(|(groups, dns_proxy)| {
        let mut policy = FirewallPolicy { dns_proxy, ..FirewallPolicy::default() };
        for (place, (collections, priority)) in (0i64..).zip(groups) {
            let collections = (0i64..).zip(collections).map(|(place, (mut collection, priority))| {
                collection.name = format!("c{place}").into();
                collection.priority = if place == 0 { priority } else { 99 + 2 * priority % 97 + 100 * place };
                collection
            });
            let priority = 3 * priority + place;
            policy.groups.push(RuleCollectionGroup {
                name: format!("g{place}").into(),
                priority,
                collections: collections.collect(),
            });
        }
        policy
    })
}

fn any_remote() -> impl Strategy<Value = Remote> {
    let names = ["a.x.y", "c.x.y", "x.y", "*.x.y", "*x.y", "*.y", "*.a.x.y", "q.r", "o.t"];
    let host = || proptest::sample::select(names.to_vec()).prop_map(|name| name.parse::<Fqdn>().unwrap());
    prop_oneof![
        1 => Just(Remote::Any),
        3 => pick(&["A", "A.r", "B", "Internet", "VirtualNetwork"]).prop_map(|name| Remote::Tag(tag(name))),
        2 => pick(&NETWORKS).prop_map(|text| Remote::Ips(common::ips(text))),
        5 => (host(), pick(&["A", "A.r", "B"])).prop_map(|(fqdn, name)| Remote::Host { fqdn, within: Some(tag(name)) }),
        3 => host().prop_map(|fqdn| Remote::Host { fqdn, within: None }),
    ]
}

prop_compose! {
    fn any_case()(
        policies in proptest::collection::vec(any_policy(), 1..3), remote in any_remote(), inbound in prop::bool::weighted(0.25),
        protocols in any_protocols(), ports in any_ports(), local in pick(&["10.0.1.0/24", "10.0.1.0/25", "10.0.1.128/25"]),
        host in proptest::option::weighted(0.3, pick(&["a.x.y", "*.x.y", "o.t"])),
        more in proptest::option::weighted(0.4, pick(&["https:8787", "http:443"])),
    ) -> Case {
        let local = common::ips(local);
        let flow = if inbound { Flow::inbound(protocols, ports, remote, local) } else { Flow::outbound(protocols, ports, remote, local) };
        let host = host.filter(|_| !matches!(flow.remote, Remote::Host { .. })).map(|name| name.parse().unwrap());
        let speaks = ApplicationProtocol::USUAL.into_iter().chain(more.map(|text| text.parse().unwrap())).collect();
        Case { policies, flow, host, speaks }
    }
}

fn lines(verdict: &Verdict) -> Vec<String> {
    let line = |part: &Part| format!("{}: {} <- {:?}", part.outcome, part.flow, part.decided_by);
    verdict.parts.iter().map(line).collect()
}

/// Each part and its example packet, asked alone, are decided alike by the same rule.
fn check_evidence(fast: &dyn Fn(&Flow) -> Verdict, verdict: &Verdict) -> Result<(), TestCaseError> {
    prop_assert_eq!(
        verdict.outcome == Outcome::Undetermined,
        !verdict.settles.is_empty() && verdict.outcome != Outcome::Partial
    );
    for part in &verdict.parts {
        for question in [part.flow.clone(), Flow::from(&part.example)] {
            let again = fast(&question);
            prop_assert!(!again.parts.is_empty(), "{} has no packet", question);
            for inner in &again.parts {
                let (found, wanted) = ((&inner.decided_by, inner.access), (&part.decided_by, part.access));
                prop_assert_eq!(found, wanted, "{} in {}", question, part.flow);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(1))]

    #[test]
    fn the_evaluator_agrees_with_the_enumeration(case in any_case()) {
        case.judged(|fast| {
            let verdict = fast(&case.flow);
            let (expected, denied) = case.reference();
            prop_assert_eq!(verdict.outcome, expected, "{:#?}", lines(&verdict));
            prop_assert_eq!(verdict.any_denied(), denied, "{:#?}", lines(&verdict));
            check_evidence(fast, &verdict)
        })?;
    }
}
