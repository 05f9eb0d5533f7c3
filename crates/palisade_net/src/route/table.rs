//! What the routes of one subnet are made of: its route table, and what Azure adds to it.

use std::fmt;
use std::net::IpAddr;

use smol_str::SmolStr;

use super::peering::Peering;
use crate::cidr::Cidr;
use crate::ip_set::IpSet;
use crate::tag::ServiceTag;

/// Everything that decides where packets from one subnet go.
///
/// The default is a subnet of nothing: fill in what exists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SubnetRoutes {
    /// The addresses of the subnet itself.
    pub subnet: IpSet,
    /// The address space of its virtual network, as written.
    pub address_space: Vec<Cidr>,
    /// The routes of its route table; a subnet has at most one table (fact `net.rt.table-assoc`).
    pub user: Vec<UserRoute>,
    /// Whether the route table lets in what gateways announce (fact `net.rt.propagation`).
    pub gateway_routes: GatewayRoutes,
    /// The gateway that the network has or uses, if any.
    pub gateway: Option<Gateway>,
    /// Prefixes announced to the gateway by BGP, a default route included.
    pub bgp: Vec<Cidr>,
    /// Prefixes configured at the gateway as on-premises.
    pub on_premises: Vec<Cidr>,
    /// The networks peered with this one. Those that these are peered with are not reached (fact `net.peer.not-transitive`).
    pub peerings: Vec<Peering>,
    /// The service endpoints of this subnet; each subnet has its own (fact `net.se.each-subnet`).
    pub service_endpoints: Vec<ServiceEndpoint>,
    /// Private endpoints in this network and in its peers.
    pub private_endpoints: Vec<PrivateEndpoint>,
}

/// A route that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserRoute {
    /// Its name in the route table.
    pub name: SmolStr,
    /// Which destinations it is for.
    pub prefix: RoutePrefix,
    /// Where it sends them.
    pub next_hop: UserHop,
}

/// The destinations of a route: a network, or every prefix of a service tag (fact `net.rt.tags`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoutePrefix {
    /// A network.
    Cidr(Cidr),
    /// A service tag.
    Tag(ServiceTag),
}

impl fmt::Display for RoutePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(cidr) => cidr.fmt(f),
            Self::Tag(tag) => tag.fmt(f),
        }
    }
}

/// The next hops that a user-defined route may have (fact `net.rt.nexthops`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserHop {
    /// Out of the network, by whatever egress the subnet has.
    Internet,
    /// Nowhere.
    None,
    /// The virtual network itself.
    VnetLocal,
    /// The virtual network gateway, which must be a VPN gateway.
    VirtualNetworkGateway,
    /// The appliance with that address.
    VirtualAppliance(IpAddr),
}

/// Whether a route table takes the routes that gateways announce.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum GatewayRoutes {
    /// It does, as does a subnet without a table.
    #[default]
    Propagated,
    /// It does not.
    Withheld,
}

/// The kind of a virtual network gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gateway {
    /// A VPN gateway.
    Vpn,
    /// An `ExpressRoute` gateway, which user-defined routes cannot name (fact `net.rt.nexthops`).
    ExpressRoute,
}

/// A service endpoint: routes for the prefixes of a tag, straight to the service (facts `net.se.route`, `net.rt.optional`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServiceEndpoint {
    /// The service, such as `Microsoft.KeyVault`.
    pub service: SmolStr,
    /// Whose prefixes are routed; of one region where the endpoint is (fact `net.se.region`).
    pub tag: ServiceTag,
}

/// A private endpoint whose connection is approved; others carry nothing (fact `net.pe.approved`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PrivateEndpoint {
    /// Its name.
    pub name: SmolStr,
    /// Its address.
    pub address: IpAddr,
    /// Whether its own subnet has network policies for route tables (fact `net.pe.policies`).
    pub route_policies: bool,
}
