//! Short words for the tests of routes: a spoke of a hub, its routes, and questions.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own share")]

use palisade_net::*;

use crate::common::{catalogue, ips, ports};

/// A subnet with its routes and egress.
#[derive(Debug, Clone)]
pub struct Spoke {
    pub catalogue: TagCatalogue,
    pub routes: SubnetRoutes,
    pub egress: Egress,
    /// The file of service tags, if it is known.
    pub file: Option<std::sync::Arc<ServiceTagFile>>,
}

/// A subnet of 10.20.0.0/16, peered with the hub 10.10.0.0/16, with these routes, one a line: `NAME PREFIX HOP`. A hop is
/// `internet`, `none`, `local`, `gateway` or an appliance's address. It leaves by default outbound access.
pub fn spoke(table: &str) -> Spoke {
    let catalogue = catalogue();
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    let user = lines.map(|line| user_route(line, &catalogue)).collect();
    let routes = SubnetRoutes {
        subnet: ips("10.20.1.0/24"),
        address_space: cidrs("10.20.0.0/16"),
        user,
        gateway: Some(Gateway::Vpn),
        peerings: vec![peering("hub", "10.10.0.0/16")],
        ..SubnetRoutes::default()
    };
    let egress = Egress { default_outbound: DefaultOutbound::Lent, ..Egress::default() };
    Spoke { catalogue, routes, egress, file: None }
}

pub fn cidrs(text: &str) -> Vec<Cidr> {
    text.split_whitespace().map(|cidr| cidr.parse().unwrap()).collect()
}

pub fn peering(name: &str, prefixes: &str) -> Peering {
    let link = PeeringLink::default();
    Peering { name: name.into(), prefixes: cidrs(prefixes), near: link, far: Some(link) }
}

fn user_route(line: &str, catalogue: &TagCatalogue) -> UserRoute {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [name, prefix, hop] = words.as_slice() else { panic!("{line}") };
    let prefix =
        prefix.parse().map_or_else(|_| RoutePrefix::Tag(catalogue.parse_tag(prefix).unwrap()), RoutePrefix::Cidr);
    let next_hop = match *hop {
        "internet" => UserHop::Internet,
        "none" => UserHop::None,
        "local" => UserHop::VnetLocal,
        "gateway" => UserHop::VirtualNetworkGateway,
        address => UserHop::VirtualAppliance(address.parse().unwrap()),
    };
    UserRoute { name: (*name).into(), prefix, next_hop }
}

impl Spoke {
    pub fn bgp(mut self, prefixes: &str) -> Self {
        self.routes.bgp = cidrs(prefixes);
        self
    }

    pub fn on_premises(mut self, prefixes: &str) -> Self {
        self.routes.on_premises = cidrs(prefixes);
        self
    }

    pub fn service_endpoint(mut self, service: &str, tag: &str) -> Self {
        let tag = self.catalogue.parse_tag(tag).unwrap();
        self.routes.service_endpoints.push(ServiceEndpoint { service: service.into(), tag });
        self
    }

    pub fn private_endpoint(mut self, address: &str, route_policies: bool) -> Self {
        let address = address.parse().unwrap();
        self.routes.private_endpoints.push(PrivateEndpoint { name: "pe".into(), address, route_policies });
        self
    }

    pub fn egress(mut self, change: impl FnOnce(&mut Egress)) -> Self {
        change(&mut self.egress);
        self
    }

    pub fn compiled(&self) -> CompiledRoutes {
        self.routes.compile(&self.catalogue).unwrap()
    }

    pub fn context(&self) -> NetworkContext<'_> {
        let peers = self.routes.peerings.iter().flat_map(|peering| &peering.prefixes);
        let network = self.routes.address_space.iter().chain(peers).copied().collect();
        let ctx = NetworkContext::new(&self.catalogue, network);
        match &self.file {
            Some(file) => ctx.with_prefixes(file.clone()),
            None => ctx,
        }
    }

    /// Where a flow goes; inbound, where the answers go.
    pub fn evaluate(&self, flow: &Flow) -> RouteVerdict {
        match flow.direction {
            Direction::Outbound => evaluate_routes(&self.compiled(), &self.egress, flow, &self.context()),
            Direction::Inbound => evaluate_return_path(&self.compiled(), flow, &self.context()),
        }
    }

    /// A flow such as `outbound tcp 443 Storage`; a remote may be a tag, CIDRs joined by commas, `*` or `host:NAME@TAG`.
    pub fn flow(&self, text: &str) -> Flow {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [direction, protocols, to_ports, remote] = words.as_slice() else { panic!("{text}") };
        let remote = self.remote(remote);
        let (protocols, to_ports, local) = (protocols.parse().unwrap(), ports(to_ports), self.routes.subnet.clone());
        match *direction {
            "inbound" => Flow::inbound(protocols, to_ports, remote, local),
            _ => Flow::outbound(protocols, to_ports, remote, local),
        }
    }

    fn remote(&self, text: &str) -> Remote {
        if let Some((name, tag)) = text.strip_prefix("host:").and_then(|host| host.split_once('@')) {
            return Remote::Host { fqdn: name.parse().unwrap(), within: Some(self.catalogue.parse_tag(tag).unwrap()) };
        }
        match text {
            "*" => Remote::Any,
            list if list.contains(['.', ':']) && !list.contains(char::is_uppercase) => {
                Remote::Ips(ips(&list.replace(',', " ")))
            }
            tag => Remote::Tag(self.catalogue.parse_tag(tag).unwrap()),
        }
    }

    pub fn ask(&self, flow: &str) -> RouteVerdict {
        self.evaluate(&self.flow(flow))
    }

    pub fn outcome(&self, flow: &str) -> Outcome {
        self.ask(flow).outcome
    }

    /// What becomes of a flow to `remote` that one route takes, as `route: fate`.
    pub fn to(&self, remote: &str) -> String {
        self.ways(&format!("outbound tcp 443 {remote}"))
    }

    /// The ways of a flow of one part, separated by ` | `.
    pub fn ways(&self, flow: &str) -> String {
        let verdict = self.ask(flow);
        assert_eq!(verdict.parts.len(), 1, "{flow}: {:#?}", lines(&verdict));
        ways(&verdict.parts[0])
    }
}

pub fn ways(part: &RoutePart) -> String {
    let way = |way: &Way| format!("{}: {}", called(&way.route), way.fate);
    part.ways.iter().map(way).collect::<Vec<_>>().join(" | ")
}

/// The name of a route, or its kind and prefix.
fn called(route: &DecidingRoute) -> String {
    match route.kind {
        RouteKind::User => route.name.to_string(),
        kind => format!("{kind:?} {}", route.prefix),
    }
}

/// The parts as lines `outcome: flow <- ways`.
pub fn lines(verdict: &RouteVerdict) -> Vec<String> {
    verdict.parts.iter().map(|part| format!("{}: {} <- {}", part.outcome, part.flow, ways(part))).collect()
}
