//! All routes of a subnet in one list: what somebody wrote, what gateways announce, what Azure adds.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use smol_str::SmolStr;

use super::fate::{DecidingRoute, NextHop, RouteKind};
use super::table::{Gateway, GatewayRoutes, PrivateEndpoint, RoutePrefix, SubnetRoutes};
use super::validate::RouteIssue;
use crate::atoms::{AZURE_CLOUD, AtomTable, TagId};
use crate::builtin::{HOST, METADATA, public_addresses};
use crate::catalogue::TagCatalogue;
use crate::cidr::Cidr;
use crate::group::IssueLevel;
use crate::ip_set::IpSet;
use crate::tag::ServiceTag;

/// The ranges that Azure drops unless the network uses them (fact `net.rt.default`).
const PRIVATE_RANGES: [(Ipv4Addr, u8); 4] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// The routes of a subnet, ready to be asked. Cheap to clone; equal for equal routes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CompiledRoutes {
    /// In an order of their own, so that the order in which they were written says nothing.
    pub(crate) routes: Arc<[Route]>,
    pub(crate) address_space: IpSet,
    pub(crate) gateway: Option<Gateway>,
    /// Whether a user-defined route is for every IPv4 address.
    pub(crate) user_default: bool,
    fingerprint: u64,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Route {
    pub(crate) target: Target,
    pub(crate) about: DecidingRoute,
    /// A peering that allows no access.
    pub(crate) closed: bool,
    /// What a private endpoint's route depends on.
    pub(crate) endpoint: Option<Endpoint>,
}

/// Which destinations a route is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Target {
    Net {
        ips: IpSet,
        length: u8,
        /// No prefix of a service tag that overlaps the network is shorter than this.
        tags_from: u8,
    },
    Tag {
        id: TagId,
        /// Whether it is `AzureCloud` or of its regions.
        cloud: bool,
        regional: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Endpoint {
    /// Whether it is in a peered network.
    pub(crate) peered: bool,
    pub(crate) route_policies: bool,
    /// The length of the prefix of its network's address space.
    pub(crate) space: u8,
}

impl SubnetRoutes {
    /// Makes one list of all routes, or returns the errors (not the warnings) that [`Self::validate`] finds.
    pub fn compile(&self, catalogue: &TagCatalogue) -> Result<CompiledRoutes, Vec<RouteIssue>> {
        let mut errors = self.validate(catalogue);
        errors.retain(|issue| issue.level == IssueLevel::Error);
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut builder = Builder { routes: Vec::new(), atoms: catalogue.atoms(), public: public_addresses() };
        builder.written(self);
        builder.announced(self);
        builder.system(self);
        builder.endpoints(self);
        let mut routes = builder.routes;
        routes.sort();
        let is_default = |prefix: &RoutePrefix| matches!(prefix, RoutePrefix::Cidr(cidr) if *cidr == all_v4());
        Ok(CompiledRoutes {
            routes: routes.into(),
            address_space: self.address_space.iter().copied().collect(),
            gateway: self.gateway,
            user_default: self.user.iter().any(|route| is_default(&route.prefix)),
            fingerprint: catalogue.atoms().fingerprint(),
        })
    }
}

impl CompiledRoutes {
    /// The print of the catalogue that the routes were compiled with.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

struct Builder<'a> {
    routes: Vec<Route>,
    atoms: &'a AtomTable,
    public: IpSet,
}

impl Builder<'_> {
    /// The routes of the table.
    fn written(&mut self, subnet: &SubnetRoutes) {
        for (index, route) in subnet.user.iter().enumerate() {
            let about = DecidingRoute {
                kind: RouteKind::User,
                index,
                name: route.name.clone(),
                prefix: route.prefix.clone(),
                next_hop: route.next_hop.into(),
            };
            self.add(about);
        }
    }

    /// What gateways announce, unless the table keeps it out (fact `net.rt.propagation`).
    fn announced(&mut self, subnet: &SubnetRoutes) {
        if subnet.gateway_routes == GatewayRoutes::Withheld {
            return;
        }
        for (kind, prefixes) in [(RouteKind::Bgp, &subnet.bgp), (RouteKind::OnPremises, &subnet.on_premises)] {
            for (index, cidr) in prefixes.iter().enumerate() {
                self.net(kind, index, "", *cidr, NextHop::VirtualNetworkGateway);
            }
        }
    }

    /// The network, its peers, the default route and the private ranges. One that the network uses wholly becomes its own
    /// route, one that it uses in part goes (fact `net.rt.default`).
    fn system(&mut self, subnet: &SubnetRoutes) {
        for (index, cidr) in subnet.address_space.iter().enumerate() {
            self.net(RouteKind::VirtualNetwork, index, "", *cidr, NextHop::VnetLocal);
        }
        for (index, peering) in subnet.peerings.iter().enumerate().filter(|(_, peering)| peering.is_connected()) {
            for cidr in &peering.prefixes {
                let route = self.net(RouteKind::Peering, index, &peering.name, *cidr, NextHop::VnetPeering);
                if let Some(route) = route {
                    route.closed = !peering.carries();
                }
            }
        }
        let used: IpSet = subnet.address_space.iter().copied().collect();
        for cidr in PRIVATE_RANGES.into_iter().filter_map(|(address, length)| Ipv4Net::new(address, length).ok()) {
            let cidr = Cidr::from(IpNet::V4(cidr));
            if !used.overlaps(&cidr.into()) {
                self.net(RouteKind::PrivateRange, 0, "", cidr, NextHop::None);
            }
        }
        for cidr in [all_v4(), all_v6()] {
            self.net(RouteKind::Internet, 0, "", cidr, NextHop::Internet);
        }
        for address in [HOST, METADATA] {
            self.net(RouteKind::Platform, 0, "", Cidr::host(address), NextHop::Host);
        }
    }

    /// Service endpoints, and private endpoints in this network and in connected peers (facts `net.pe.reach`).
    fn endpoints(&mut self, subnet: &SubnetRoutes) {
        for (index, endpoint) in subnet.service_endpoints.iter().enumerate() {
            self.add(DecidingRoute {
                kind: RouteKind::ServiceEndpoint,
                index,
                name: endpoint.service.clone(),
                prefix: RoutePrefix::Tag(endpoint.tag.clone()),
                next_hop: NextHop::ServiceEndpoint,
            });
        }
        for (index, endpoint) in subnet.private_endpoints.iter().enumerate() {
            let cidr = Cidr::host(endpoint.address);
            let Some((space, peered)) = home(subnet, endpoint) else { continue };
            let name = endpoint.name.clone();
            let route = self.net(RouteKind::PrivateEndpoint, index, &name, cidr, NextHop::PrivateEndpoint);
            if let Some(route) = route {
                let (route_policies, space) = (endpoint.route_policies, space.length());
                route.endpoint = Some(Endpoint { peered, route_policies, space });
            }
        }
    }

    fn net(&mut self, kind: RouteKind, index: usize, name: &str, cidr: Cidr, next_hop: NextHop) -> Option<&mut Route> {
        let prefix = RoutePrefix::Cidr(cidr);
        self.add(DecidingRoute { kind, index, name: SmolStr::new(name), prefix, next_hop })
    }

    /// Adds a route. Validation has refused tags that the catalogue does not list.
    fn add(&mut self, about: DecidingRoute) -> Option<&mut Route> {
        let target = match &about.prefix {
            RoutePrefix::Cidr(cidr) => self.target(*cidr),
            RoutePrefix::Tag(tag) => tag_target(tag, self.atoms)?,
        };
        self.routes.push(Route { target, about, closed: false, endpoint: None });
        self.routes.last_mut()
    }

    fn target(&self, cidr: Cidr) -> Target {
        Target::Net { ips: cidr.into(), length: cidr.length(), tags_from: shortest_around(cidr, &self.public) }
    }
}

/// The length of the largest network around `cidr` that lies in `ips`; one more than its own if it does not.
///
/// A service tag holds no other addresses than `ips`, so its prefixes that overlap `cidr` are no shorter: they are longer
/// than any network that holds another address.
pub(crate) fn shortest_around(cidr: Cidr, ips: &IpSet) -> u8 {
    let mut shortest = cidr.length().saturating_add(1);
    let mut around = Some(cidr.net());
    while let Some(net) = around.filter(|net| IpSet::from(Cidr::from(*net)).is_subset(ips)) {
        shortest = net.prefix_len();
        around = net.supernet();
    }
    shortest
}

fn tag_target(tag: &ServiceTag, atoms: &AtomTable) -> Option<Target> {
    let id = atoms.id(tag)?;
    Some(Target::Tag { id, cloud: tag.name() == AZURE_CLOUD, regional: tag.region().is_some() })
}

/// The prefix of the network that holds an endpoint, and whether that network is a peer. An endpoint elsewhere is not
/// reached, and has no route.
fn home(subnet: &SubnetRoutes, endpoint: &PrivateEndpoint) -> Option<(Cidr, bool)> {
    let holds = |cidr: &&Cidr| cidr.contains(Cidr::host(endpoint.address));
    let own = subnet.address_space.iter().find(holds).map(|cidr| (*cidr, false));
    let connected = || subnet.peerings.iter().filter(|peering| peering.carries());
    own.or_else(|| connected().flat_map(|peering| &peering.prefixes).find(holds).map(|cidr| (*cidr, true)))
}

fn all_v4() -> Cidr {
    Cidr::from(IpNet::V4(Ipv4Net::default()))
}

fn all_v6() -> Cidr {
    Cidr::from(IpNet::V6(Ipv6Net::default()))
}

impl Target {
    /// The longest prefix of the family that the route is for; 0 for tags, which have both.
    pub(crate) fn longest(&self) -> u8 {
        match self {
            Self::Net { ips, .. } => match ips.first() {
                Some(IpAddr::V6(_)) => Ipv6Addr::BITS,
                _ => Ipv4Addr::BITS,
            }
            .try_into()
            .unwrap_or(u8::MAX),
            Self::Tag { .. } => 0,
        }
    }
}
