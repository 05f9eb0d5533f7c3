//! Routes as sets of destinations (facts parts C.6 to C.11). How long the prefixes of service tags are, and what the
//! documentation leaves open, are variables beside the address.

use biodivine_lib_bdd::Bdd;
use palisade_net::*;
use proptest::prelude::*;

use crate::check_parts;
use crate::common::reference::cases;
use crate::packets::{
    self, Ends, Fates, Field, OPEN, REMOTE, at_least, at_most, bit, equals, everything, exists, for_all, is, is_subset,
    nets, nothing, open, union, with_ports,
};
use crate::routes_common::{Spoke, lines, spoke};

const PREFIXES: [&str; 16] = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "16.0.0.0/4",
    "20.0.0.0/8",
    "20.1.128.0/17",
    "168.63.0.0/16",
    "10.0.0.0/8",
    "10.10.0.0/16",
    "10.20.2.0/24",
    "10.20.2.5/32",
    "192.168.0.0/16",
    "Storage",
    "Storage.WestUS2",
    "AzureMachineLearning",
    "AzureCloud",
];
const ANNOUNCED: [&str; 7] =
    ["0.0.0.0/0", "10.20.2.0/24", "10.10.7.0/24", "20.0.0.0/8", "20.1.0.0/16", "192.168.7.0/24", "172.16.0.0/12"];
const REMOTES: [&str; 14] = [
    "*",
    "Internet",
    "Storage",
    "Storage.WestUS2",
    "AzureMachineLearning",
    "AzureCloud",
    "AzureFrontDoor.FirstParty",
    "20.1.0.0/16,10.20.2.4/31",
    "10.0.0.0/8",
    "192.168.0.0/16,168.63.129.16",
    "VirtualNetwork",
    "20.1.255.255",
    "host:a.example.org@Storage",
    "host:a.example.org@AzureMachineLearning",
];
const NETWORK: &str = "10.20.0.0/16 10.10.0.0/16";

/// 168.63.129.0/24 but for the host.
const BESIDE_THE_HOST: &str = "168.63.129.0/28 168.63.129.17 168.63.129.18/31 168.63.129.20/30 168.63.129.24/29
                               168.63.129.32/27 168.63.129.64/26 168.63.129.128/25";

/// The length of the prefixes of services' tags at an address, and of those of `AzureCloud`.
const SERVICE: Field = open(0, 6);
const AZURE_CLOUD: Field = open(6, 6);
/// Whether the private ranges stay beside a user-defined default route; whether a peer's endpoint has a route here; whether
/// user-defined routes leave an endpoint without route policies alone.
const READINGS: Field = open(12, 3);

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(from)
}

fn any_spoke() -> impl Strategy<Value = Spoke> {
    let hops = proptest::collection::vec(pick(&["internet", "none", "10.10.0.4", "gateway"]), 6);
    let prefixes = proptest::sample::subsequence(&PREFIXES[..], 0..7);
    let announced = proptest::sample::subsequence(&ANNOUNCED[..], 0..4);
    let endpoint = proptest::option::of(pick(&["Storage", "Storage.WestUS2"]));
    (prefixes, hops, announced, endpoint, any::<[bool; 5]>()).prop_map(|(prefixes, hops, announced, endpoint, more)| {
        let table: Vec<String> =
            prefixes.iter().zip(hops).enumerate().map(|(i, (prefix, hop))| format!("r{i} {prefix} {hop}")).collect();
        let [policies, peered_policies, nat, peered, withheld] = more;
        let mut spoke = spoke(&table.join("\n")).private_endpoint("10.20.2.5", policies).bgp(&announced.join(" "));
        if let Some(tag) = endpoint {
            spoke = spoke.service_endpoint("Microsoft.Storage", tag);
        }
        if peered {
            spoke = spoke.private_endpoint("10.10.9.4", peered_policies);
        }
        if withheld {
            spoke.routes.gateway_routes = GatewayRoutes::Withheld;
        }
        spoke.egress(|egress| {
            egress.default_outbound = DefaultOutbound::Withheld;
            egress.nat_gateway = nat.then_some(1);
        })
    })
}

#[derive(Debug, Clone, Copy)]
enum Length {
    Known(u8),
    Service,
    Cloud,
}

/// The route of one prefix from one source.
struct Candidate {
    kind: RouteKind,
    index: usize,
    prefix: RoutePrefix,
    hop: NextHop,
    length: Length,
    /// Which destinations it is for, where the route is there at all.
    set: Bdd,
}

impl Candidate {
    /// Of equal lengths: user-defined, BGP, system (fact `net.rt.tie`); then a network, a region's tag, a service's, that of
    /// `AzureCloud` (fact `net.rt.tags`).
    fn rank(&self) -> (u8, u8) {
        let source = match self.kind {
            RouteKind::User => 2,
            RouteKind::Bgp => 1,
            _ => 0,
        };
        let precision = match &self.prefix {
            RoutePrefix::Cidr(_) => 3,
            RoutePrefix::Tag(tag) if tag.name() == "AzureCloud" => 0,
            RoutePrefix::Tag(tag) => 1 + u8::from(tag.region().is_some()),
        };
        (source, precision)
    }
}

/// Where one length is greater than another.
fn longer(a: Length, b: Length) -> Bdd {
    let field = |length| if matches!(length, Length::Cloud) { AZURE_CLOUD } else { SERVICE };
    match (a, b) {
        (Length::Known(a), Length::Known(b)) => is(a > b),
        (tag, Length::Known(net)) => at_least(field(tag), u32::from(net) + 1),
        (Length::Known(net), tag) => {
            if net == 0 {
                nothing()
            } else {
                at_most(field(tag), u32::from(net) - 1)
            }
        }
        (Length::Service, Length::Cloud) => {
            union((1..=32).map(|n| equals(SERVICE, n).and(&at_most(AZURE_CLOUD, n - 1))))
        }
        (Length::Cloud, Length::Service) => {
            union((1..=32).map(|n| equals(AZURE_CLOUD, n).and(&at_most(SERVICE, n - 1))))
        }
        (Length::Service, Length::Service) | (Length::Cloud, Length::Cloud) => nothing(),
    }
}

/// Where `a` comes before `b`.
fn precedes(a: &Candidate, b: &Candidate) -> Bdd {
    let further = longer(a.length, b.length);
    if a.rank() <= b.rank() { further } else { further.or(&longer(b.length, a.length).not()) }
}

struct Oracle<'a> {
    spoke: &'a Spoke,
    ends: Ends,
    candidates: Vec<Candidate>,
}

impl<'a> Oracle<'a> {
    fn new(spoke: &'a Spoke) -> Self {
        // Around the host's address prefixes of tags cannot but be long. The evaluator takes them for ordinary ones, which
        // leaves open what could be known of a few addresses.
        let ends = Ends::new(NETWORK, false).without(BESIDE_THE_HOST);
        let mut oracle = Self { spoke, ends, candidates: Vec::new() };
        oracle.written_and_announced();
        oracle.system();
        oracle.endpoints();
        oracle.settle();
        oracle
    }

    fn add(&mut self, kind: RouteKind, index: usize, prefix: RoutePrefix, hop: NextHop) {
        let (length, set) = match &prefix {
            RoutePrefix::Cidr(net) => (Length::Known(net.length()), packets::cidr(REMOTE, *net)),
            RoutePrefix::Tag(tag) if tag.name() == "AzureCloud" => (Length::Cloud, self.ends.tag(tag)),
            RoutePrefix::Tag(tag) => (Length::Service, self.ends.tag(tag)),
        };
        self.candidates.push(Candidate { kind, index, prefix, hop, length, set });
    }

    fn net(&mut self, kind: RouteKind, index: usize, text: &str, hop: NextHop) {
        self.add(kind, index, RoutePrefix::Cidr(text.parse().unwrap()), hop);
    }

    fn written_and_announced(&mut self) {
        let routes = &self.spoke.routes;
        for (i, route) in routes.user.iter().enumerate() {
            self.add(RouteKind::User, i, route.prefix.clone(), route.next_hop.into());
        }
        let announced = routes.gateway_routes == GatewayRoutes::Propagated;
        for (i, net) in routes.bgp.iter().enumerate().filter(|_| announced) {
            self.add(RouteKind::Bgp, i, RoutePrefix::Cidr(*net), NextHop::VirtualNetworkGateway);
        }
    }

    /// Facts `net.rt.default` and `net.rt.optional`. The network uses a part of 10.0.0.0/8, so that no route drops that.
    fn system(&mut self) {
        self.net(RouteKind::VirtualNetwork, 0, "10.20.0.0/16", NextHop::VnetLocal);
        self.net(RouteKind::Peering, 0, "10.10.0.0/16", NextHop::VnetPeering);
        self.net(RouteKind::Internet, 0, "0.0.0.0/0", NextHop::Internet);
        for range in ["172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] {
            self.net(RouteKind::PrivateRange, 0, range, NextHop::None);
        }
        for address in ["168.63.129.16/32", "169.254.169.254/32"] {
            self.net(RouteKind::Platform, 0, address, NextHop::Host);
        }
    }

    /// Facts `net.se.route` and `net.pe.route32`.
    fn endpoints(&mut self) {
        let routes = &self.spoke.routes;
        for (i, endpoint) in routes.service_endpoints.iter().enumerate() {
            self.add(RouteKind::ServiceEndpoint, i, RoutePrefix::Tag(endpoint.tag.clone()), NextHop::ServiceEndpoint);
        }
        for (i, endpoint) in routes.private_endpoints.iter().enumerate() {
            self.net(RouteKind::PrivateEndpoint, i, &format!("{}/32", endpoint.address), NextHop::PrivateEndpoint);
        }
    }

    /// Takes out of each set the destinations at which the route is not there.
    fn settle(&mut self) {
        let host = nets(REMOTE, "168.63.129.16 169.254.169.254");
        let of_kind = |all: &[Candidate], wanted: &dyn Fn(&Candidate) -> bool| {
            union(all.iter().filter(|candidate| wanted(candidate)).map(|candidate| candidate.set.clone()))
        };
        let is_default = |candidate: &Candidate| candidate.kind == RouteKind::User && candidate.set == everything();
        let user_default = self.candidates.iter().any(is_default);
        let long = of_kind(&self.candidates, &|candidate| {
            candidate.kind == RouteKind::User && matches!(candidate.length, Length::Known(16..))
        });
        let mut exempt = nothing();
        for (i, endpoint) in self.spoke.routes.private_endpoints.iter().enumerate() {
            let own = |candidate: &&mut Candidate| candidate.kind == RouteKind::PrivateEndpoint && candidate.index == i;
            let candidate = self.candidates.iter_mut().find(own).unwrap();
            if endpoint.address.to_string().starts_with("10.10.") {
                candidate.set = candidate.set.and(&bit(READINGS, 1));
            }
            if endpoint.route_policies {
                // Fact `net.pe.invalidate`; both networks have 16 bits.
                candidate.set = candidate.set.and_not(&long);
            } else {
                exempt = exempt.or(&candidate.set);
            }
        }
        let kinds = [RouteKind::VirtualNetwork, RouteKind::Peering, RouteKind::ServiceEndpoint];
        let preferred = of_kind(&self.candidates, &|candidate| kinds.contains(&candidate.kind));
        for candidate in &mut self.candidates {
            match candidate.kind {
                RouteKind::Platform => continue,
                RouteKind::User => candidate.set = candidate.set.and_not(&exempt.and(&bit(READINGS, 2))),
                RouteKind::Bgp => candidate.set = candidate.set.and_not(&preferred),
                RouteKind::PrivateRange if user_default => candidate.set = candidate.set.and(&bit(READINGS, 0)),
                _ => {}
            }
            candidate.set = candidate.set.and_not(&host);
        }
    }

    /// Which lengths the prefixes of tags may have: those of `AzureCloud` are no longer than others, and a prefix holds
    /// nothing but public addresses.
    fn ways(&self) -> Bdd {
        let mut of_prefixes = [nothing(), nothing()];
        let mut order = nothing();
        for length in 0..=32u32 {
            let inside = for_all(&self.ends.public, &[packets::low_bits(REMOTE, length)]);
            let inside = inside.or(&self.ends.public.not());
            for (set, field) in of_prefixes.iter_mut().zip([SERVICE, AZURE_CLOUD]) {
                *set = set.or(&equals(field, length).and(&inside));
            }
            order = order.or(&equals(SERVICE, length).and(&at_most(AZURE_CLOUD, length)));
        }
        order.and(&of_prefixes[0]).and(&of_prefixes[1])
    }

    /// The destinations that each route takes.
    fn taken(&self) -> Vec<Bdd> {
        let beaten = |candidate: &Candidate| {
            let others = self.candidates.iter().filter(|other| !std::ptr::eq(*other, candidate));
            union(others.map(|other| other.set.and(&precedes(other, candidate))))
        };
        self.candidates.iter().map(|candidate| candidate.set.and_not(&beaten(candidate))).collect()
    }

    /// What a next hop lets pass, and what it drops; the rest is for others to judge.
    fn fate(&self, hop: NextHop) -> (Bdd, Bdd) {
        let public = &self.ends.public;
        match hop {
            // Facts `net.nat.protocols` and `net.doa.udr-internet`.
            NextHop::Internet if self.spoke.egress.nat_gateway.is_some() => {
                let passes = public.and(&with_ports());
                (passes.clone(), passes.not())
            }
            NextHop::Internet | NextHop::None => (nothing(), everything()),
            NextHop::VirtualNetworkGateway | NextHop::VirtualAppliance(_) => (nothing(), nothing()),
            _ => (everything(), nothing()),
        }
    }
}

fn check_ways(oracle: &Oracle<'_>, verdict: &RouteVerdict, may: &[Bdd]) -> Result<(), TestCaseError> {
    for part in &verdict.parts {
        let set = oracle.ends.flow(&part.flow);
        for (candidate, may) in oracle.candidates.iter().zip(may) {
            let is_way = part.ways.iter().any(|way| {
                let route = &way.route;
                (route.kind, route.index, &route.prefix) == (candidate.kind, candidate.index, &candidate.prefix)
            });
            let agrees = if is_way { is_subset(&set, may) } else { set.and(may).is_false() };
            let (flow, ways) = (&part.flow, crate::routes_common::ways(part));
            prop_assert!(agrees, "{} takes {}; and {:?} {}?", flow, ways, candidate.kind, candidate.prefix);
        }
        prop_assert!(!part.ways.is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn routes_are_what_set_algebra_makes_of_them(
        spoke in any_spoke(), protocol in pick(&["tcp", "udp", "icmp", "*"]), remote in pick(&REMOTES)
    ) {
        let flow = spoke.flow(&format!("outbound {protocol} * {remote}"));
        let verdict = spoke.evaluate(&flow);
        let oracle = Oracle::new(&spoke);
        let (ways, taken) = (oracle.ways(), oracle.taken());
        let (mut pass, mut stop) = (nothing(), nothing());
        for (candidate, set) in oracle.candidates.iter().zip(&taken) {
            let (passes, stops) = oracle.fate(candidate.hop);
            pass = pass.or(&set.and(&passes));
            stop = stop.or(&set.and(&stops));
        }
        let (pass, stop) = (Fates::new(&pass, &ways, &[OPEN]), Fates::new(&stop, &ways, &[OPEN]));
        // What is neither for certain may be either.
        let fates = Fates {
            may_pass: stop.passes.not(), may_stop: pass.passes.not(), passes: pass.passes, stops: stop.passes,
        };
        let asked = oracle.ends.flow(&flow);
        let is_host = matches!(flow.remote, Remote::Host { .. });
        let expected = oracle.ends.outcome(&asked, &fates, is_host);
        prop_assert_eq!(verdict.outcome, expected, "{} {}: {:#?}", protocol, remote, lines(&verdict));
        let parts = verdict.parts.iter().map(|part| (oracle.ends.flow(&part.flow), &part.flow, part.outcome));
        check_parts(&asked, parts, &fates)?;
        let may: Vec<Bdd> = taken.iter().map(|set| exists(&set.and(&ways), &[OPEN])).collect();
        check_ways(&oracle, &verdict, &may)?;
    }
}
