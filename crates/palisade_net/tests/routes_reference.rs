//! Routes against a slow and obvious evaluator, which takes one packet at a time through every length that the prefixes of
//! service tags may have and every reading of the documentation, and enumerates every way in which tags could lie.
//!
//! The universe is that of `reference.rs`: blocks of public addresses that the routes can tell apart, a few addresses that
//! are not public, and atoms written down by hand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;
mod routes_common;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::LazyLock;

use common::reference::{MODELS, cases};
use palisade_net::*;
use proptest::prelude::*;
use routes_common::{cidrs, lines, peering};

/// One address of each public block that [`NETWORKS`] makes.
const BLOCKS: [&str; 4] = ["20.0.0.1", "20.128.0.1", "8.8.8.8", "200.1.1.1"];
const NETWORKS: [&str; 6] = ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "20.0.0.0/8", "20.0.0.0/9", "20.128.0.0/9"];
/// More networks, which make more blocks than models can be enumerated for.
const MORE_NETWORKS: [&str; 5] = ["16.0.0.0/4", "20.0.0.1/32", "200.0.0.0/7", "8.0.0.0/6", "8.8.8.0/24"];
const PRIVATE_NETWORKS: [&str; 7] =
    ["10.0.0.0/8", "10.0.0.0/16", "10.0.2.0/24", "10.0.2.5/32", "10.1.0.0/16", "10.1.2.5/32", "192.168.0.0/16"];
/// The place, its network, an endpoint in it and its neighbour, the peer and an endpoint there, on-premises, ranges of
/// nobody in both halves, the host.
const NOT_PUBLIC: [&str; 15] = [
    "10.0.1.4",
    "10.0.9.9",
    "10.0.2.5",
    "10.0.2.9",
    "10.1.9.9",
    "10.1.2.5",
    "10.9.9.9",
    "10.7.7.7",
    "192.168.1.1",
    "172.16.1.1",
    "100.64.0.1",
    "127.0.0.1",
    "224.0.0.1",
    "168.63.129.16",
    "169.254.169.254",
];
const PROTOCOLS: [Protocol; 3] = [Protocol::Tcp, Protocol::Icmp, Protocol::Esp];

struct Universe {
    catalogue: TagCatalogue,
    /// The atoms of each tag.
    tags: Vec<(ServiceTag, u8)>,
}

static UNIVERSES: LazyLock<[Universe; 2]> = LazyLock::new(|| {
    let tag = |name: &str, more: &str| {
        format!("  - {{ name: {name}, purpose: x, direction: both, features: [route], {more} }}\n")
    };
    let regional = "regional: { sets: [standard], features: [route] }";
    let universe = |tags: String, regions: &str, sets: &[(&str, u8)]| {
        let catalogue = TagCatalogue::from_yaml(&format!("tags:\n{tags}"), regions).unwrap();
        let tags = sets.iter().map(|(name, atoms)| (catalogue.parse_tag(name).unwrap(), *atoms)).collect();
        Universe { catalogue, tags }
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

static PUBLIC: LazyLock<IpSet> = LazyLock::new(public_addresses);

static PEER: LazyLock<IpSet> = LazyLock::new(|| common::ips("10.1.0.0/16"));

/// The remote end of a packet: the places of its address in [`BLOCKS`] and its atom if it is public.
#[derive(Debug, Clone, Copy)]
struct End {
    ip: IpAddr,
    public: Option<(usize, u8)>,
}

static ENDS: LazyLock<Vec<End>> = LazyLock::new(|| {
    let at = |(block, ip): (usize, &&str)| {
        let ip = ip.parse().unwrap();
        (0..4).map(move |atom| End { ip, public: Some((block, atom)) })
    };
    let public = BLOCKS.iter().enumerate().flat_map(at);
    public.chain(NOT_PUBLIC.iter().map(|ip| End { ip: ip.parse().unwrap(), public: None })).collect()
});

fn ends() -> impl Iterator<Item = End> {
    ENDS.iter().copied()
}

/// A candidate of the reference: its source, its place there, its prefix and where it leads.
#[derive(Debug, Clone)]
struct Candidate {
    kind: RouteKind,
    index: usize,
    prefix: RoutePrefix,
    hop: NextHop,
}

type Judge<'a> = dyn Fn(&Flow) -> RouteVerdict + 'a;

type Winner = (RouteKind, usize, RoutePrefix, Fate);

#[derive(Debug, Clone)]
struct Case {
    universe: usize,
    routes: SubnetRoutes,
    egress: Egress,
    flow: Flow,
}

impl Case {
    fn universe(&self) -> &'static Universe {
        &UNIVERSES[self.universe]
    }

    /// Hands the evaluator, with the routes compiled, to `check`.
    fn judged<T>(&self, check: impl FnOnce(&Judge<'_>) -> T) -> T {
        let catalogue = &self.universe().catalogue;
        let compiled = self.routes.compile(catalogue).unwrap();
        let ctx = NetworkContext::new(catalogue, common::ips("10.0.0.0/16 10.1.0.0/16"));
        check(&|flow| match flow.direction {
            Direction::Outbound => evaluate_routes(&compiled, &self.egress, flow, &ctx),
            Direction::Inbound => evaluate_return_path(&compiled, flow, &ctx),
        })
    }

    fn in_tag(&self, end: End, tag: &ServiceTag) -> bool {
        match (tag.name(), end.public) {
            ("Internet", public) => public.is_some(),
            (_, None) => false,
            (_, Some((_, atom))) => {
                self.universe().tags.iter().any(|(known, atoms)| known == tag && atoms & (1 << atom) != 0)
            }
        }
    }

    fn in_remote(&self, end: End, remote: &Remote) -> bool {
        match remote {
            Remote::Any => true,
            Remote::Ips(ips) => ips.contains(end.ip),
            Remote::Tag(tag) | Remote::Host { within: Some(tag), .. } => self.in_tag(end, tag),
            Remote::Host { within: None, .. } => end.public.is_some(),
            Remote::Narrowed(part) => {
                self.in_remote(end, &part.of)
                    && part.within.iter().all(|tag| self.in_tag(end, tag))
                    && !part.except.iter().any(|tag| self.in_tag(end, tag))
                    && part.addresses.as_ref().is_none_or(|ips| ips.contains(end.ip))
            }
        }
    }

    /// Every route for that end, from the description alone.
    fn matching(&self, end: End) -> Vec<Candidate> {
        let mut all = Vec::new();
        let mut add = |kind, index, prefix: RoutePrefix, hop| all.push(Candidate { kind, index, prefix, hop });
        let routes = &self.routes;
        let net = |text: &str| RoutePrefix::Cidr(text.parse().unwrap());
        for (i, route) in routes.user.iter().enumerate() {
            add(RouteKind::User, i, route.prefix.clone(), route.next_hop.into());
        }
        if routes.gateway_routes == GatewayRoutes::Propagated {
            for (kind, list) in [(RouteKind::Bgp, &routes.bgp), (RouteKind::OnPremises, &routes.on_premises)] {
                for (i, cidr) in list.iter().enumerate() {
                    add(kind, i, RoutePrefix::Cidr(*cidr), NextHop::VirtualNetworkGateway);
                }
            }
        }
        add(RouteKind::VirtualNetwork, 0, net("10.0.0.0/16"), NextHop::VnetLocal);
        add(RouteKind::Peering, 0, net("10.1.0.0/16"), NextHop::VnetPeering);
        for range in ["100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"] {
            add(RouteKind::PrivateRange, 0, net(range), NextHop::None);
        }
        add(RouteKind::Internet, 0, net("0.0.0.0/0"), NextHop::Internet);
        for host in ["168.63.129.16/32", "169.254.169.254/32"] {
            add(RouteKind::Platform, 0, net(host), NextHop::Host);
        }
        for (i, endpoint) in routes.service_endpoints.iter().enumerate() {
            add(RouteKind::ServiceEndpoint, i, RoutePrefix::Tag(endpoint.tag.clone()), NextHop::ServiceEndpoint);
        }
        for (i, endpoint) in routes.private_endpoints.iter().enumerate() {
            let prefix = RoutePrefix::Cidr(Cidr::host(endpoint.address));
            add(RouteKind::PrivateEndpoint, i, prefix, NextHop::PrivateEndpoint);
        }
        all.retain(|candidate| match &candidate.prefix {
            RoutePrefix::Cidr(cidr) => IpSet::from(*cidr).contains(end.ip),
            RoutePrefix::Tag(tag) => self.in_tag(end, tag),
        });
        all
    }

    /// Every route that is taken in some reading and for some lengths of tags' prefixes, with what becomes of the packet.
    fn winners(&self, end: End, protocol: Protocol) -> BTreeSet<Winner> {
        let winner = |c: Candidate| (c.kind, c.index, c.prefix.clone(), self.fate(&c, end, protocol));
        self.chosen(end).into_iter().map(winner).collect()
    }

    fn chosen(&self, end: End) -> Vec<Candidate> {
        let matching = self.matching(end);
        let with_tags = matching.iter().any(|c| matches!(c.prefix, RoutePrefix::Tag(_)));
        let lengths: Vec<u8> =
            if with_tags { (0..=32).filter(|length| is_possible(*length, end)).collect() } else { vec![32] };
        let mut chosen = vec![false; matching.len()];
        for reading in 0u8..8 {
            let there = self.there(&matching, reading & 1 != 0, reading & 2 != 0, reading & 4 != 0);
            for &service in &lengths {
                for &cloud in lengths.iter().filter(|cloud| **cloud <= service) {
                    let top = there.iter().map(|i| rank(&matching[*i], service, cloud)).max();
                    for i in there.iter().filter(|i| Some(rank(&matching[**i], service, cloud)) == top) {
                        chosen[*i] = true;
                    }
                }
            }
        }
        matching.into_iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(candidate, _)| candidate).collect()
    }

    /// The places of the routes that are there in one reading.
    fn there(&self, matching: &[Candidate], ranges: bool, peer_endpoint: bool, exempt: bool) -> Vec<usize> {
        let mut there: Vec<usize> = (0..matching.len()).collect();
        let is = |i: &usize, kind: RouteKind| matching[*i].kind == kind;
        if there.iter().any(|i| is(i, RouteKind::Platform)) {
            there.retain(|i| is(i, RouteKind::Platform));
        }
        let is_default = |route: &UserRoute| matches!(route.prefix, RoutePrefix::Cidr(cidr) if cidr.length() == 0);
        if !ranges && self.routes.user.iter().any(is_default) {
            there.retain(|i| !is(i, RouteKind::PrivateRange));
        }
        let endpoint =
            |i: &usize| is(i, RouteKind::PrivateEndpoint).then(|| &self.routes.private_endpoints[matching[*i].index]);
        if !peer_endpoint {
            there.retain(|i| !endpoint(i).is_some_and(|endpoint| PEER.contains(endpoint.address)));
        }
        // Both address spaces have 16 bits.
        let long = |c: &Candidate| {
            c.kind == RouteKind::User && matches!(c.prefix, RoutePrefix::Cidr(cidr) if cidr.length() >= 16)
        };
        if matching.iter().any(long) {
            there.retain(|i| !endpoint(i).is_some_and(|endpoint| endpoint.route_policies));
        }
        if exempt && there.iter().any(|i| endpoint(i).is_some_and(|endpoint| !endpoint.route_policies)) {
            there.retain(|i| !is(i, RouteKind::User));
        }
        let preferred = [RouteKind::VirtualNetwork, RouteKind::Peering, RouteKind::ServiceEndpoint];
        if there.iter().any(|i| preferred.contains(&matching[*i].kind)) {
            there.retain(|i| !is(i, RouteKind::Bgp));
        }
        there
    }

    fn fate(&self, route: &Candidate, end: End, protocol: Protocol) -> Fate {
        let inbound = self.flow.direction == Direction::Inbound;
        let public = end.public.is_some();
        let outside = |hop| if inbound { Fate::Dropped(DropReason::Asymmetric(hop)) } else { Fate::OnPremises };
        match route.hop {
            NextHop::None => Fate::Dropped(DropReason::NextHopNone),
            NextHop::Internet if !public => Fate::Dropped(DropReason::NotPublic),
            NextHop::Internet if inbound => Fate::Answered,
            NextHop::Internet => self.egress(protocol),
            NextHop::VirtualNetworkGateway if inbound && !public => Fate::Answered,
            hop @ NextHop::VirtualNetworkGateway => outside(hop),
            NextHop::VirtualAppliance(ip) if !inbound => Fate::Appliance(ip),
            hop @ NextHop::VirtualAppliance(_) if public => outside(hop),
            NextHop::VirtualAppliance(_) => Fate::Unknown("whether the question came by the appliance too"),
            NextHop::ServiceEndpoint if inbound => {
                Fate::Unknown("whether a service that asks takes answers by the subnet's service endpoint")
            }
            NextHop::ServiceEndpoint => Fate::ServiceEndpoint,
            _ if inbound => Fate::Answered,
            NextHop::PrivateEndpoint => Fate::PrivateEndpoint,
            NextHop::VnetLocal | NextHop::VnetPeering | NextHop::Host => Fate::Inside,
        }
    }

    fn egress(&self, protocol: Protocol) -> Fate {
        let egress = &self.egress;
        match (egress.nat_gateway.is_some(), egress.public_ip, protocol.has_ports()) {
            (true, _, true) => Fate::Internet(EgressMethod::NatGateway),
            (true, true, false) => Fate::Unknown("whether protocols other than TCP and UDP leave past a NAT gateway"),
            (true, false, false) => Fate::Dropped(DropReason::NotTranslated),
            (false, true, _) => Fate::Internet(EgressMethod::PublicIp),
            (false, false, _) => Fate::Dropped(DropReason::NoEgress),
        }
    }

    /// The outcome over all models.
    fn reference(&self) -> Outcome {
        // Of each block the atoms that are asked about, and those of allowed, denied and open packets.
        let (mut asked, mut of) = ([0u8; 4], [[0u8; 4]; 3]);
        let mut fixed = Vec::new();
        for end in ends().filter(|end| self.in_remote(*end, &self.flow.remote)) {
            let mut seen = [false; 3];
            for protocol in PROTOCOLS.into_iter().filter(|protocol| self.flow.protocols.contains(*protocol)) {
                seen[class(self.winners(end, protocol).into_iter().map(|winner| winner.3)) as usize] = true;
            }
            let Some((block, atom)) = end.public else {
                fixed.push(seen);
                continue;
            };
            asked[block] |= 1 << atom;
            for (atoms, seen) in of.iter_mut().zip(seen) {
                atoms[block] |= u8::from(seen) << atom;
            }
        }
        let is_host = matches!(self.flow.remote, Remote::Host { .. });
        let (mut ever, mut always) = ([false; 3], [true; 3]);
        for model in MODELS.iter() {
            for class in 0..3 {
                let among = (0..4).any(|block| model[block] & of[class][block] != 0);
                let on_all = (0..4).all(|block| model[block] & asked[block] & !of[class][block] == 0);
                let some = among || fixed.iter().any(|seen| seen[class]);
                ever[class] |= some;
                always[class] &= if is_host { on_all && fixed.iter().all(|seen| seen[class]) } else { some };
            }
        }
        match (ever, always) {
            ([true, false, false], _) => Outcome::Allowed,
            ([false, true, false], _) => Outcome::Denied,
            (_, [true, true, _]) => Outcome::Partial,
            _ => Outcome::Undetermined,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Allowed,
    Denied,
    Open,
}

fn class(fates: impl Iterator<Item = Fate>) -> Class {
    let outcomes: BTreeSet<Outcome> = fates.map(Fate::outcome).collect();
    match outcomes.into_iter().collect::<Vec<_>>().as_slice() {
        [Outcome::Allowed] => Class::Allowed,
        [Outcome::Denied] => Class::Denied,
        _ => Class::Open,
    }
}

/// Whether a tag may have a prefix of that length around an address: it holds public addresses alone.
fn is_possible(length: u8, end: End) -> bool {
    end.public.is_none() || {
        let net = ipnet::IpNet::new(end.ip, length).unwrap().trunc();
        IpSet::range(net.network(), net.broadcast()).is_subset(&PUBLIC)
    }
}

/// Length, source, and a network before a region's tag before a global tag before `AzureCloud`.
fn rank(candidate: &Candidate, service: u8, cloud: u8) -> (u8, u8, u8) {
    let (length, precision) = match &candidate.prefix {
        RoutePrefix::Cidr(cidr) => (cidr.length(), 9),
        RoutePrefix::Tag(tag) if tag.name() == "AzureCloud" => (cloud, 0),
        RoutePrefix::Tag(tag) => (service, if tag.region().is_some() { 2 } else { 1 }),
    };
    let source = match candidate.kind {
        RouteKind::User => 9,
        RouteKind::Bgp => 8,
        RouteKind::Internet => 0,
        RouteKind::PrivateRange => 1,
        RouteKind::OnPremises => 2,
        _ => 3,
    };
    (length, source, precision)
}

fn any_hop() -> impl Strategy<Value = UserHop> {
    proptest::sample::select(vec![
        UserHop::Internet,
        UserHop::None,
        UserHop::VirtualNetworkGateway,
        UserHop::VirtualAppliance("10.1.0.4".parse().unwrap()),
    ])
}

/// Routes of a table over the given networks and the tags of a universe.
fn any_table(universe: usize, networks: Vec<&'static str>) -> impl Strategy<Value = Vec<UserRoute>> {
    let tags = UNIVERSES[universe].tags.iter().map(|(tag, _)| RoutePrefix::Tag(tag.clone()));
    let nets = networks.into_iter().map(|text| RoutePrefix::Cidr(text.parse().unwrap()));
    let prefixes: Vec<RoutePrefix> = nets.chain(tags).collect();
    let hops = proptest::collection::vec(any_hop(), 6);
    (proptest::sample::subsequence(prefixes, 0..=6).prop_shuffle(), hops).prop_map(|(prefixes, hops)| {
        let routes = prefixes.into_iter().zip(hops).enumerate();
        routes.map(|(i, (prefix, next_hop))| UserRoute { name: format!("r{i}").into(), prefix, next_hop }).collect()
    })
}

fn any_remote(universe: usize, networks: Vec<&'static str>) -> impl Strategy<Value = Remote> {
    let mut tags: Vec<ServiceTag> = UNIVERSES[universe].tags.iter().map(|(tag, _)| tag.clone()).collect();
    tags.push(ServiceTag::new("Internet", None));
    let fqdn = || "a.example.org".parse::<Fqdn>().unwrap();
    let within = proptest::option::of(proptest::sample::select(tags.clone()));
    prop_oneof![
        1 => Just(Remote::Any),
        4 => proptest::sample::select(tags).prop_map(Remote::Tag),
        3 => proptest::sample::subsequence(networks, 1..3).prop_map(|texts| Remote::Ips(common::ips(&texts.join(" ")))),
        2 => within.prop_map(move |within| Remote::Host { fqdn: fqdn(), within }),
    ]
}

prop_compose! {
    fn any_routes(universe: usize, networks: Vec<&'static str>)(
        user in any_table(universe, networks.clone()),
        bgp in proptest::sample::subsequence([&networks[..], &["10.0.2.0/24", "10.9.0.0/16"]].concat(), 0..3),
        on_premises in proptest::sample::subsequence(vec!["192.168.0.0/16", "0.0.0.0/0", "128.0.0.0/1"], 0..2),
        endpoint in proptest::option::of(proptest::sample::select(UNIVERSES[universe].tags.clone())),
        withheld in proptest::bool::weighted(0.2), policies in any::<[bool; 2]>(),
    ) -> SubnetRoutes {
        let private = |(address, route_policies): (&str, bool)| PrivateEndpoint {
            name: "pe".into(), address: address.parse().unwrap(), route_policies,
        };
        SubnetRoutes {
            subnet: common::ips("10.0.1.0/24"),
            address_space: cidrs("10.0.0.0/16"),
            user,
            gateway_routes: if withheld { GatewayRoutes::Withheld } else { GatewayRoutes::Propagated },
            gateway: Some(Gateway::Vpn),
            bgp: cidrs(&bgp.join(" ")),
            on_premises: cidrs(&on_premises.join(" ")),
            peerings: vec![peering("peer", "10.1.0.0/16")],
            service_endpoints: endpoint.into_iter().map(|(tag, _)| ServiceEndpoint { service: "s".into(), tag }).collect(),
            private_endpoints: [("10.0.2.5", policies[0]), ("10.1.2.5", policies[1])].into_iter().map(private).collect(),
        }
    }
}

fn any_case(networks: &'static [&'static str]) -> impl Strategy<Value = Case> {
    let all = move || [networks, &PRIVATE_NETWORKS[..]].concat();
    (0usize..2).prop_flat_map(move |universe| {
        let protocols = proptest::sample::select(vec![ProtocolSet::ALL, Protocol::Tcp.into(), Protocol::Icmp.into()]);
        let parts = (any_routes(universe, all()), any_remote(universe, all()), protocols, any::<[bool; 3]>());
        parts.prop_map(move |(routes, remote, protocols, [inbound, nat, public])| {
            let local = common::ips("10.0.1.0/24");
            let flow = if inbound { Flow::inbound } else { Flow::outbound };
            let egress = Egress {
                nat_gateway: nat.then_some(1),
                public_ip: public,
                default_outbound: DefaultOutbound::Withheld,
                ..Egress::default()
            };
            Case { universe, routes, egress, flow: flow(protocols, PortSet::all(), remote, local) }
        })
    })
}

/// Every packet is in one part, and that part has the routes that may take it.
fn check_packets(case: &Case, verdict: &RouteVerdict) -> Result<(), TestCaseError> {
    for end in ends().filter(|end| case.in_remote(*end, &case.flow.remote)) {
        for protocol in PROTOCOLS.into_iter().filter(|protocol| case.flow.protocols.contains(*protocol)) {
            let holds =
                |part: &&RoutePart| part.flow.protocols.contains(protocol) && case.in_remote(end, &part.flow.remote);
            let parts: Vec<_> = verdict.parts.iter().filter(holds).collect();
            prop_assert_eq!(parts.len(), 1, "{:?} {} in {:#?}", end, protocol, lines(verdict));
            let winner = |way: &Way| (way.route.kind, way.route.index, way.route.prefix.clone(), way.fate);
            let ways: BTreeSet<Winner> = parts[0].ways.iter().map(winner).collect();
            prop_assert_eq!(ways, case.winners(end, protocol), "{:?} {} in {:#?}", end, protocol, lines(verdict));
        }
    }
    Ok(())
}

/// Each part and its example packet, asked alone, take the same ways.
fn check_evidence(fast: &Judge<'_>, verdict: &RouteVerdict) -> Result<(), TestCaseError> {
    prop_assert!(verdict.outcome != Outcome::Undetermined || !verdict.settles.is_empty());
    for part in &verdict.parts {
        for question in [part.flow.clone(), Flow::from(&part.example)] {
            let again = fast(&question);
            prop_assert!(!again.parts.is_empty(), "{} has no packet", question);
            for inner in &again.parts {
                prop_assert_eq!(&inner.ways, &part.ways, "{} in {}", question, part.flow);
            }
        }
    }
    Ok(())
}

/// What parts have in common that are judged together: allowed, denied, or the same open fates.
fn end_of(part: &RoutePart) -> (Class, Vec<Fate>) {
    let fates: Vec<Fate> = part.ways.iter().map(|way| way.fate).collect();
    let class = class(fates.iter().copied());
    (class, if class == Class::Open { fates } else { Vec::new() })
}

/// Whether in every model one of the parts has a packet.
fn always(case: &Case, parts: &[&RoutePart]) -> bool {
    let held: Vec<End> =
        ends().filter(|end| parts.iter().any(|part| case.in_remote(*end, &part.flow.remote))).collect();
    let of = [0, 1, 2, 3].map(|block| {
        let atoms = held.iter().filter_map(|end| end.public).filter(|(place, _)| *place == block);
        atoms.fold(0u8, |all, (_, atom)| all | 1 << atom)
    });
    let holds = |model: &[u8; 4]| (0..4).any(|block| model[block] & of[block] != 0);
    held.iter().any(|end| end.public.is_none()) || MODELS.iter().all(holds)
}

/// Parts exist that have, with those of the same end and protocols, a packet in every model; where an end has no such part,
/// all of its parts together. A flow of one end exists.
fn check_existence(case: &Case, verdict: &RouteVerdict) -> Result<(), TestCaseError> {
    let one_end = verdict.parts.iter().all(|part| end_of(part) == end_of(&verdict.parts[0]));
    for part in &verdict.parts {
        let same: Vec<_> = verdict.parts.iter().filter(|other| end_of(other) == end_of(part)).collect();
        let alone = |part: &RoutePart| {
            let beside = same.iter().copied().filter(|other| other.flow.protocols.overlaps(part.flow.protocols));
            always(case, &beside.collect::<Vec<_>>())
        };
        let expected = one_end || alone(part) || !same.iter().any(|part| alone(part)) && always(case, &same);
        prop_assert_eq!(part.exists, expected, "{} in {:#?}", part.flow, lines(verdict));
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(1))]

    #[test]
    fn every_packet_takes_the_routes_of_the_enumeration(case in any_case(&ALL_NETWORKS)) {
        case.judged(|fast| {
            let verdict = fast(&case.flow);
            check_packets(&case, &verdict)?;
            check_evidence(fast, &verdict)
        })?;
    }

    #[test]
    fn the_outcome_agrees_with_the_enumeration(case in any_case(&NETWORKS)) {
        case.judged(|fast| {
            let verdict = fast(&case.flow);
            prop_assert_eq!(verdict.outcome, case.reference(), "{:#?}", lines(&verdict));
            if !matches!(case.flow.remote, Remote::Host { .. }) {
                check_existence(&case, &verdict)?;
            }
            check_evidence(fast, &verdict)
        })?;
    }
}

const ALL_NETWORKS: [&str; 11] = {
    let mut all = [""; 11];
    let mut i = 0;
    while i < 11 {
        all[i] = if i < 6 { NETWORKS[i] } else { MORE_NETWORKS[i - 6] };
        i += 1;
    }
    all
};
