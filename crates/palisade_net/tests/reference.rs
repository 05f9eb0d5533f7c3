//! The evaluator against a slow and obvious one, which enumerates every packet of a small universe and every way in which
//! the service tags could lie in it; and the laws of evidence, on the same random questions.
//!
//! The universe: four blocks of public addresses that the rules can tell apart, a few addresses that are not public, a few
//! ports, three protocols. A *model* says which atoms live in each block: at least one in each, and each atom somewhere.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;

use std::net::IpAddr;
use std::sync::LazyLock;

use palisade_net::*;
use proptest::prelude::*;

static BLOCK_IPS: LazyLock<[IpAddr; 4]> = LazyLock::new(|| BLOCKS.map(|ip| ip.parse().unwrap()));
/// What `VirtualNetwork` is without routes.
static NETWORK: LazyLock<IpSet> = LazyLock::new(|| common::ips("10.0.0.0/16 168.63.129.16"));

/// One address of each public block that the networks in [`NETWORKS`] make.
const BLOCKS: [&str; 4] = ["20.0.0.1", "20.128.0.1", "8.8.8.8", "200.1.1.1"];
/// Addresses that no tag holds: in the network, beside the place, outside it, the platform's, and one of each half.
const NOT_PUBLIC: [&str; 7] =
    ["10.0.0.9", "10.0.1.200", "192.168.1.1", "168.63.129.16", "169.254.169.254", "100.64.0.1", "224.0.0.1"];
const NETWORKS: [&str; 10] = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "20.0.0.0/8",
    "20.0.0.0/9",
    "20.128.0.0/9",
    "10.0.0.0/16",
    "192.168.0.0/16",
    "168.63.129.16/32",
    "::/0",
];
const LOCALS: [&str; 2] = ["10.0.1.4", "10.0.1.132"];
/// Ports at the borders of the rules' ranges, those of the platform's services, and one that only `*` has.
const PORTS: [u16; 9] = [0, 1, 2, 3, 53, 67, 80, 1688, 40000];
const PROTOCOLS: [Protocol; 4] = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Other];

/// A catalogue with four atoms, and which of them each tag holds, written down by hand.
struct Universe {
    catalogue: TagCatalogue,
    tags: Vec<(ServiceTag, u8)>,
    /// Every model: the atoms of each block.
    models: Vec<[u8; 4]>,
}

static UNIVERSES: LazyLock<[Universe; 2]> = LazyLock::new(|| {
    let tag = |name: &str, more: &str| {
        format!("  - {{ name: {name}, purpose: x, direction: both, features: [group], {more} }}\n")
    };
    let regional = "regional: { sets: [standard], features: [group] }";
    let universe = |tags: String, regions: &str, sets: &[(&str, u8)]| {
        let catalogue = TagCatalogue::from_yaml(&format!("tags:\n{tags}"), regions).unwrap();
        let sets = sets.iter().chain(&[("Internet", 0b1111)]);
        let tags = sets.map(|(name, atoms)| (catalogue.parse_tag(name).unwrap(), *atoms)).collect();
        Universe { catalogue, tags, models: models() }
    };
    [
        // Atoms: other, A of r, the rest of A, B.
        universe(
            tag("A", &format!("azure_cloud: partly, {regional}")) + &tag("B", "azure_cloud: disjoint"),
            "regions: [{ name: r, suffix: R }]",
            &[("A", 0b0110), ("A.r", 0b0010), ("B", 0b1000)],
        ),
        // Atoms: other, the rest of AzureCloud, P outside of it, P inside.
        universe(
            tag("P", "azure_cloud: partly") + &tag("AzureCloud", "regional: { sets: [], features: [] }"),
            "regions: []",
            &[("P", 0b1100), ("AzureCloud", 0b1010)],
        ),
    ]
});

fn models() -> Vec<[u8; 4]> {
    let sets = || 1u8..16;
    sets()
        .flat_map(|a| sets().flat_map(move |b| sets().flat_map(move |c| sets().map(move |d| [a, b, c, d]))))
        .filter(|model| model.iter().fold(0, |all, atoms| all | atoms) == 0b1111)
        .collect()
}

/// The remote end of a packet.
#[derive(Debug, Clone, Copy)]
enum End {
    Public { block: usize, atom: u8 },
    NotPublic(IpAddr),
}

impl End {
    fn ip(self) -> IpAddr {
        match self {
            Self::Public { block, .. } => BLOCK_IPS[block],
            Self::NotPublic(ip) => ip,
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        let public = (0..BLOCKS.len()).flat_map(|block| (0..4).map(move |atom| Self::Public { block, atom }));
        public.chain(NOT_PUBLIC.iter().map(|ip| Self::NotPublic(ip.parse().unwrap())))
    }
}

#[derive(Debug, Clone, Copy)]
struct OnePacket {
    protocol: Protocol,
    local: IpAddr,
    local_port: u16,
    end: End,
    remote_port: u16,
}

/// The question and everything around it.
#[derive(Debug, Clone)]
struct Case {
    universe: usize,
    subnet: Option<Vec<GroupRule>>,
    interface: Option<Vec<GroupRule>>,
    flow: Flow,
    routes: Option<AddressSpec>,
}

impl Case {
    fn universe(&self) -> &'static Universe {
        &UNIVERSES[self.universe]
    }

    fn in_tag(&self, end: End, tag: &ServiceTag, with_routes: bool) -> bool {
        match (tag.name(), end) {
            ("VirtualNetwork", end) => {
                NETWORK.contains(end.ip())
                    || with_routes && self.routes.as_ref().is_some_and(|routes| self.matches(end, routes, false))
            }
            ("AzureLoadBalancer", end) => end.ip() == HOST,
            (_, End::NotPublic(_)) => false,
            (_, End::Public { atom, .. }) => {
                self.universe().tags.iter().any(|(known, atoms)| known == tag && atoms & (1 << atom) != 0)
            }
        }
    }

    fn matches(&self, end: End, spec: &AddressSpec, with_routes: bool) -> bool {
        match spec {
            AddressSpec::Any => true,
            AddressSpec::These { ips, tags } => {
                ips.contains(end.ip()) || tags.iter().any(|tag| self.in_tag(end, tag, with_routes))
            }
        }
    }

    fn allows(&self, packet: &OnePacket, with_routes: bool) -> bool {
        let levels = match self.flow.direction {
            Direction::Inbound => [&self.subnet, &self.interface],
            Direction::Outbound => [&self.interface, &self.subnet],
        };
        levels.into_iter().flatten().all(|rules| self.group_allows(rules, packet, with_routes))
    }

    fn group_allows(&self, rules: &[GroupRule], packet: &OnePacket, with_routes: bool) -> bool {
        let platform = self.platform(packet);
        let first = rules
            .iter()
            .filter(|rule| self.rule_matches(rule, packet, platform, with_routes))
            .min_by_key(|rule| rule.priority);
        if let Some(rule) = first {
            return rule.access == Access::Allow;
        }
        let in_tag = |name: &str| self.in_tag(packet.end, &ServiceTag::new(name, None), with_routes);
        platform.is_some()
            || in_tag("VirtualNetwork")
            || match self.flow.direction {
                Direction::Inbound => in_tag("AzureLoadBalancer"),
                Direction::Outbound => in_tag("Internet"),
            }
    }

    fn platform(&self, packet: &OnePacket) -> Option<PlatformService> {
        let to = |service: &PlatformService| {
            let (protocols, ports) = service.endpoint();
            packet.end.ip() == service.address()
                && protocols.contains(packet.protocol)
                && ports.contains(packet.remote_port)
        };
        PlatformService::ALL.into_iter().find(|service| self.flow.direction == Direction::Outbound && to(service))
    }

    fn rule_matches(
        &self,
        rule: &GroupRule,
        packet: &OnePacket,
        platform: Option<PlatformService>,
        with_routes: bool,
    ) -> bool {
        let (local, local_ports, remote, remote_ports) = match rule.direction {
            Direction::Inbound => (&rule.destinations, &rule.destination_ports, &rule.sources, &rule.source_ports),
            Direction::Outbound => (&rule.sources, &rule.source_ports, &rule.destinations, &rule.destination_ports),
        };
        let here = match local {
            AddressSpec::Any => true,
            AddressSpec::These { ips, tags } => {
                ips.contains(packet.local) || tags.iter().any(|tag| tag.name() == "VirtualNetwork")
            }
        };
        let there = match platform {
            None => self.matches(packet.end, remote, with_routes),
            Some(service) => {
                matches!(remote, AddressSpec::These { tags, .. } if tags.iter().any(|tag| Some(tag.name()) == service.tag()))
            }
        };
        let ports = if packet.protocol.has_ports() {
            local_ports.contains(packet.local_port) && remote_ports.contains(packet.remote_port)
        } else {
            local_ports.is_all() && remote_ports.is_all()
        };
        rule.direction == self.flow.direction && rule.protocols.contains(packet.protocol) && here && there && ports
    }

    /// Whether the flow asks about that end.
    fn asks(&self, end: End) -> bool {
        match &self.flow.remote {
            Remote::Any => true,
            Remote::Ips(ips) => ips.contains(end.ip()),
            Remote::Tag(tag) | Remote::Host { within: Some(tag), .. } => self.in_tag(end, tag, false),
            Remote::Host { within: None, .. } => matches!(end, End::Public { .. }),
            Remote::Narrowed(_) => panic!("not generated"),
        }
    }

    fn packets_to(&self, end: End) -> impl Iterator<Item = OnePacket> + '_ {
        let flow = &self.flow;
        let protocols = PROTOCOLS.into_iter().filter(|p| flow.protocols.contains(*p));
        let locals = || LOCALS.iter().map(|ip| ip.parse::<IpAddr>().unwrap()).filter(|ip| flow.local.contains(*ip));
        protocols.flat_map(move |protocol| {
            let wanted = move |set: &PortSet, port: u16| !protocol.has_ports() || set.contains(port);
            locals().flat_map(move |local| {
                PORTS.into_iter().filter(move |p| wanted(&flow.local_ports, *p)).flat_map(move |local_port| {
                    PORTS
                        .into_iter()
                        .filter(move |p| wanted(&flow.remote_ports, *p))
                        .map(move |remote_port| OnePacket { protocol, local, local_port, end, remote_port })
                })
            })
        })
    }

    /// The outcome, and whether some packet is denied in every model.
    fn reference(&self, with_routes: bool) -> (Outcome, bool) {
        // For each block the atoms that are asked about, and those of which a packet is allowed or denied.
        let (mut asked, mut allowed, mut denied) = ([0u8; 4], [0u8; 4], [0u8; 4]);
        let mut fixed = Vec::new();
        for end in End::all().filter(|end| self.asks(*end)) {
            let verdicts: Vec<bool> = self.packets_to(end).map(|packet| self.allows(&packet, with_routes)).collect();
            let seen = (verdicts.contains(&true), verdicts.contains(&false));
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
        let (mut ever, mut always) = ((false, false), (true, true));
        for model in &self.universe().models {
            // A host may have any one of the addresses alone; another question is about all of them.
            let among = |of: &[u8; 4]| (0..4).any(|block| model[block] & of[block] != 0);
            let on_all = |of: &[u8; 4]| (0..4).all(|block| model[block] & asked[block] & !of[block] == 0);
            let some =
                (among(&allowed) || fixed.iter().any(|seen| seen.0), among(&denied) || fixed.iter().any(|seen| seen.1));
            ever = (ever.0 | some.0, ever.1 | some.1);
            let sure = if is_host {
                (
                    on_all(&allowed) && fixed.iter().all(|seen| seen.0),
                    on_all(&denied) && fixed.iter().all(|seen| seen.1),
                )
            } else {
                some
            };
            always = (always.0 & sure.0, always.1 & sure.1);
        }
        let outcome = match (ever, always) {
            ((true, false), _) => Outcome::Allowed,
            ((false, true), _) => Outcome::Denied,
            ((true, true), (true, true)) => Outcome::Partial,
            _ => Outcome::Undetermined,
        };
        (outcome, ever.1 && always.1)
    }

    fn fast(&self, flow: &Flow, tag: VirtualNetworkTag) -> Verdict {
        let catalogue = &self.universe().catalogue;
        let compile =
            |rules: &Option<Vec<GroupRule>>| rules.as_ref().map(|rules| Group::compile(rules, catalogue).unwrap());
        let (subnet, interface) = (compile(&self.subnet), compile(&self.interface));
        let levels = [
            Level { kind: LevelKind::Interface, group: interface.as_ref() },
            Level { kind: LevelKind::Subnet, group: subnet.as_ref() },
        ];
        let mut ctx = NetworkContext::new(catalogue, common::ips("10.0.0.0/16"));
        if let Some(routes) = &self.routes {
            ctx = ctx.with_routes(routes.clone(), tag);
        }
        evaluate(&levels, flow, &ctx)
    }
}

fn tags(universe: usize) -> Vec<ServiceTag> {
    UNIVERSES[universe].tags.iter().map(|(tag, _)| tag.clone()).collect()
}

fn any_ports() -> impl Strategy<Value = PortSet> {
    prop_oneof![
        3 => Just(PortSet::all()),
        5 => (0u16..4, 0u16..4).prop_map(|(a, b)| PortSet::range(a.min(b), a.max(b))),
        1 => (0u16..4, 0u16..4).prop_map(|(a, b)| PortSet::one(a).union(&PortSet::one(b))),
    ]
}

fn any_protocols() -> impl Strategy<Value = ProtocolSet> {
    prop_oneof![
        Just(ProtocolSet::ALL),
        Just(Protocol::Tcp.into()),
        Just(ProtocolSet::WITH_PORTS),
        Just(Protocol::Icmp.into()),
    ]
}

fn any_spec(universe: usize) -> impl Strategy<Value = AddressSpec> {
    let mut all = tags(universe);
    all.extend(["VirtualNetwork", "AzureLoadBalancer", "AzurePlatformDNS"].map(|name| ServiceTag::new(name, None)));
    let network = || proptest::sample::select(&NETWORKS[..]).prop_map(|text| AddressItem::Cidr(text.parse().unwrap()));
    let tag = proptest::sample::select(all).prop_map(AddressItem::Tag);
    let item = prop_oneof![network(), tag];
    prop_oneof![1 => Just(AddressSpec::Any), 6 => proptest::collection::vec(item, 1..3).prop_map(|items| items.into_iter().collect())]
}

fn any_local_spec() -> impl Strategy<Value = AddressSpec> {
    prop_oneof![
        6 => Just(AddressSpec::Any),
        1 => Just(common::ips("10.0.1.0/25").into()),
        1 => Just(ServiceTag::new("VirtualNetwork", None).into()),
        1 => Just(ServiceTag::new("Internet", None).into()),
    ]
}

prop_compose! {
    fn any_rule(universe: usize)(
        inbound in any::<bool>(), allow in any::<bool>(), protocols in any_protocols(), remote in any_spec(universe),
        local in any_local_spec(), to in any_ports(), from in prop_oneof![4 => Just(PortSet::all()), 1 => any_ports()],
    ) -> GroupRule {
        let direction = if inbound { Direction::Inbound } else { Direction::Outbound };
        let (sources, destinations) = if inbound { (remote, local) } else { (local, remote) };
        GroupRule {
            name: String::new(), priority: 0, direction, access: if allow { Access::Allow } else { Access::Deny }, protocols,
            sources, source_ports: from, destinations, destination_ports: to,
        }
    }
}

/// Rules in any order of priority; rules of two directions share priorities.
fn any_group(universe: usize) -> impl Strategy<Value = Option<Vec<GroupRule>>> {
    let order = Just((0u16..6).collect::<Vec<_>>()).prop_shuffle();
    let rules = (proptest::collection::vec(any_rule(universe), 0..6), order).prop_map(|(mut rules, order)| {
        let mut used = [0u16; 2];
        for (i, rule) in rules.iter_mut().enumerate() {
            let side = &mut used[usize::from(rule.direction == Direction::Inbound)];
            rule.name = format!("rule-{i}");
            rule.priority = 100 + order[usize::from(*side)];
            *side += 1;
        }
        rules
    });
    prop_oneof![4 => rules.prop_map(Some), 1 => Just(None)]
}

fn any_remote(universe: usize) -> impl Strategy<Value = Remote> {
    let mut all = tags(universe);
    all.extend(["VirtualNetwork", "AzureLoadBalancer"].map(|name| ServiceTag::new(name, None)));
    let tag = || proptest::sample::select(all.clone());
    let fqdn = || "a.example.org".parse::<Fqdn>().unwrap();
    prop_oneof![
        1 => Just(Remote::Any),
        4 => tag().prop_map(Remote::Tag),
        2 => proptest::sample::subsequence(&NETWORKS[..], 1..3).prop_map(|texts| Remote::Ips(common::ips(&texts.join(" ")))),
        2 => proptest::sample::select(tags(universe)).prop_map(move |tag| Remote::Host { fqdn: fqdn(), within: Some(tag) }),
        1 => Just(Remote::Host { fqdn: fqdn(), within: None }),
    ]
}

prop_compose! {
    fn any_case()(universe in 0usize..2)(
        universe in Just(universe), subnet in any_group(universe), interface in any_group(universe), remote in any_remote(universe),
        inbound in any::<bool>(), protocols in any_protocols(), to in any_ports(), from in prop_oneof![4 => Just(PortSet::all()), 1 => any_ports()],
        local in proptest::sample::select(vec!["10.0.1.0/24", "10.0.1.0/25", "10.0.1.128/25"]),
        routes in proptest::option::weighted(0.3, any_spec(universe)),
    ) -> Case {
        let local = common::ips(local);
        let mut flow = if inbound { Flow::inbound(protocols, to, remote, local) } else { Flow::outbound(protocols, to, remote, local) };
        if inbound { flow.remote_ports = from } else { flow.local_ports = from }
        Case { universe, subnet, interface, flow, routes }
    }
}

/// Each part and its example packet, asked alone, are decided alike by the same rule.
fn check_evidence(case: &Case, verdict: &Verdict, tag: VirtualNetworkTag) -> Result<(), TestCaseError> {
    prop_assert_eq!(
        verdict.outcome == Outcome::Undetermined,
        !verdict.settles.is_empty() && verdict.outcome != Outcome::Partial
    );
    for part in &verdict.parts {
        for question in [part.flow.clone(), Flow::from(&part.example)] {
            let again = case.fast(&question, tag);
            prop_assert!(!again.parts.is_empty(), "{} has no packet", question);
            for inner in &again.parts {
                prop_assert_eq!(
                    (&inner.decided_by, inner.access, &inner.passed),
                    (&part.decided_by, part.access, &part.passed),
                    "{} in {}",
                    question,
                    part.flow
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_evaluator_agrees_with_the_enumeration(case in any_case(), with_routes in any::<bool>()) {
        let tag = if with_routes { VirtualNetworkTag::WithRoutes } else { VirtualNetworkTag::WithoutRoutes };
        let verdict = case.fast(&case.flow, tag);
        let (expected, denied) = case.reference(with_routes);
        prop_assert_eq!(verdict.outcome, expected, "{:#?}", verdict);
        prop_assert_eq!(verdict.any_denied(), denied, "{:#?}", verdict);
        check_evidence(&case, &verdict, tag)?;
    }

    #[test]
    fn what_is_not_settled_about_routes_is_never_called_certain(case in any_case()) {
        let verdict = case.fast(&case.flow, VirtualNetworkTag::Unsettled);
        let (without, with) = (case.reference(false).0, case.reference(true).0);
        match (without, with) {
            (Outcome::Allowed, Outcome::Allowed) | (Outcome::Denied, Outcome::Denied) => prop_assert_eq!(verdict.outcome, without),
            (Outcome::Partial, Outcome::Partial) => prop_assert!(matches!(verdict.outcome, Outcome::Partial | Outcome::Undetermined)),
            _ => prop_assert_eq!(verdict.outcome, Outcome::Undetermined),
        }
        check_evidence(&case, &verdict, VirtualNetworkTag::Unsettled)?;
    }
}
