//! From the next hop of a route to what becomes of the packets.

use std::fmt;
use std::net::IpAddr;

use smol_str::SmolStr;

use super::compile::{CompiledRoutes, Route};
use super::egress::{Egress, EgressMethod};
use super::table::{Gateway, RoutePrefix, UserHop};
use crate::ip_set::Family;
use crate::protocols::ProtocolSet;
use crate::verdict::Outcome;

/// Where a route comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteKind {
    /// The subnet's route table.
    User,
    /// Announced to the gateway by BGP.
    Bgp,
    /// Configured at the gateway (fact `net.rt.optional`).
    OnPremises,
    /// The network's own address space (fact `net.rt.default`).
    VirtualNetwork,
    /// A peered network's address space (fact `net.rt.optional`).
    Peering,
    /// A service endpoint (fact `net.rt.optional`).
    ServiceEndpoint,
    /// A private endpoint (fact `net.pe.route32`).
    PrivateEndpoint,
    /// One of the four private ranges that Azure drops by default (fact `net.rt.default`).
    PrivateRange,
    /// Azure's default route to the internet (fact `net.rt.default`).
    Internet,
    /// The host's own addresses, which are answered before any routing (fact `net.nsg.host-ips`; that routes do not touch
    /// them either is an inference).
    Platform,
}

/// Where a route sends packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NextHop {
    /// Out of the network.
    Internet,
    /// Nowhere.
    None,
    /// The virtual network itself.
    VnetLocal,
    /// The virtual network gateway.
    VirtualNetworkGateway,
    /// The appliance with that address.
    VirtualAppliance(IpAddr),
    /// A peered network.
    VnetPeering,
    /// The service, directly.
    ServiceEndpoint,
    /// The private endpoint.
    PrivateEndpoint,
    /// The host under the machine.
    Host,
}

impl From<UserHop> for NextHop {
    fn from(hop: UserHop) -> Self {
        match hop {
            UserHop::Internet => Self::Internet,
            UserHop::None => Self::None,
            UserHop::VnetLocal => Self::VnetLocal,
            UserHop::VirtualNetworkGateway => Self::VirtualNetworkGateway,
            UserHop::VirtualAppliance(address) => Self::VirtualAppliance(address),
        }
    }
}

impl NextHop {
    /// Azure's word for it in the list of effective routes.
    pub fn azure_name(self) -> &'static str {
        match self {
            Self::Internet => "Internet",
            Self::None => "None",
            Self::VnetLocal => "VnetLocal",
            Self::VirtualNetworkGateway => "VirtualNetworkGateway",
            Self::VirtualAppliance(_) => "VirtualAppliance",
            Self::VnetPeering => "VNetPeering",
            Self::ServiceEndpoint => "VirtualNetworkServiceEndpoint",
            Self::PrivateEndpoint => "InterfaceEndpoint",
            // Answered before any routing, and so in no list.
            Self::Host => "Host",
        }
    }
}

impl fmt::Display for NextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Internet => "the internet",
            Self::None => "nowhere",
            Self::VnetLocal => "the virtual network",
            Self::VirtualNetworkGateway => "the virtual network gateway",
            Self::VirtualAppliance(address) => return write!(f, "the appliance {address}"),
            Self::VnetPeering => "the peered network",
            Self::ServiceEndpoint => "the service endpoint",
            Self::PrivateEndpoint => "the private endpoint",
            Self::Host => "the host",
        })
    }
}

/// A route that decides, or may.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DecidingRoute {
    /// Where it comes from.
    pub kind: RouteKind,
    /// Its place in the list of [`super::SubnetRoutes`] that it comes from; 0 for Azure's own.
    pub index: usize,
    /// The name of the route, peering, endpoint or service; empty for routes without one.
    pub name: SmolStr,
    /// Its destinations.
    pub prefix: RoutePrefix,
    /// Where it sends them.
    pub next_hop: NextHop,
}

impl fmt::Display for DecidingRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            RouteKind::User => "route",
            RouteKind::Bgp => "BGP route",
            RouteKind::OnPremises => "on-premises route",
            RouteKind::Peering => "route of peering",
            RouteKind::ServiceEndpoint => "route of service endpoint",
            RouteKind::PrivateEndpoint => "route of private endpoint",
            RouteKind::VirtualNetwork | RouteKind::PrivateRange | RouteKind::Internet | RouteKind::Platform => {
                "system route"
            }
        };
        f.write_str(kind)?;
        if !self.name.is_empty() {
            write!(f, " `{}`", self.name)?;
        }
        write!(f, " ({} to {})", self.prefix, self.next_hop)
    }
}

/// What becomes of packets that a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fate {
    /// They stay in the network, its peers or the host.
    Inside,
    /// They reach a private endpoint.
    PrivateEndpoint,
    /// They go straight to the service from their private address (facts `net.se.route`, `net.se.src-ip`).
    ServiceEndpoint,
    /// They leave to public addresses.
    Internet(EgressMethod),
    /// Answers: they go back the way that the question came.
    Answered,
    /// The gateway hands them to the on-premises network, which others judge.
    OnPremises,
    /// The appliance with that address gets them, which others judge.
    Appliance(IpAddr),
    /// They go nowhere.
    Dropped(DropReason),
    /// It depends on this.
    Unknown(&'static str),
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inside => f.write_str("stays inside"),
            Self::PrivateEndpoint => f.write_str("reaches the private endpoint"),
            Self::ServiceEndpoint => f.write_str("goes straight to the service"),
            Self::Internet(method) => write!(f, "leaves by {method}"),
            Self::Answered => f.write_str("goes back the way the question came"),
            Self::OnPremises => f.write_str("goes on-premises"),
            Self::Appliance(address) => write!(f, "goes to the appliance {address}"),
            Self::Dropped(reason) => write!(f, "is dropped: {reason}"),
            Self::Unknown(what) => write!(f, "depends on {what}"),
        }
    }
}

/// Why packets go nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// The route says so.
    NextHopNone,
    /// The internet has no such addresses.
    NotPublic,
    /// The place has no egress, and Azure lends it none (facts `net.doa.when`, `net.doa.udr-internet`).
    NoEgress,
    /// The egress is not for this protocol (facts `net.nat.protocols`, `net.doa.no-icmp`) or family (fact `net.nat.basic`).
    NotTranslated,
    /// The peering allows no access (fact `net.peer.access`).
    PeeringWithoutAccess,
    /// Answers leave by another way than the question came, and nobody there knows of it (facts
    /// `net.rt.asymmetric-44224`, `x.fw.udr.public-ip`).
    Asymmetric(NextHop),
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NextHopNone => "the route drops it",
            Self::NotPublic => "the internet has no such address",
            Self::NoEgress => "the place has no egress, and Azure lends it none",
            Self::NotTranslated => "the egress does not carry this protocol",
            Self::PeeringWithoutAccess => "the peering allows no access",
            Self::Asymmetric(hop) => return write!(f, "the answers leave by {hop}, not by the way the question came"),
        })
    }
}

impl Fate {
    /// What is certain of these packets, as far as routes decide.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Inside | Self::PrivateEndpoint | Self::ServiceEndpoint | Self::Internet(_) | Self::Answered => {
                Outcome::Allowed
            }
            Self::Dropped(_) => Outcome::Denied,
            Self::OnPremises | Self::Appliance(_) | Self::Unknown(_) => Outcome::Undetermined,
        }
    }

    /// What would settle it, if it is open.
    pub fn settles(self) -> Option<String> {
        match self {
            Self::OnPremises => Some("what the on-premises network does with it".to_owned()),
            Self::Appliance(address) => Some(format!("the rules of the appliance at `{address}`")),
            Self::Unknown(what) => Some(what.to_owned()),
            _ => None,
        }
    }
}

/// What packets of one box have in common, as far as a next hop asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits {
    pub(crate) protocols: ProtocolSet,
    pub(crate) family: Family,
    /// Whether the destination is public.
    pub(crate) public: bool,
    /// Whether it is in the network's own address space.
    pub(crate) own: bool,
    /// Whether private subnets reach it without egress.
    pub(crate) free: bool,
}

/// What is asked of a next hop.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose<'a> {
    /// To carry packets that start here.
    Send(&'a Egress),
    /// To carry answers to packets that came from there.
    Answer,
}

/// What becomes of packets that `route` takes.
pub(crate) fn fate(route: &Route, traits: Traits, purpose: Purpose<'_>, table: &CompiledRoutes) -> Fate {
    let fate = match route.about.next_hop {
        NextHop::None => Fate::Dropped(DropReason::NextHopNone),
        NextHop::Internet if !traits.public => Fate::Dropped(DropReason::NotPublic),
        NextHop::Internet => return internet(traits, purpose),
        NextHop::VnetLocal if route.about.kind == RouteKind::User && !traits.own => {
            Fate::Unknown("what Azure does with a route to the virtual network for addresses outside of it")
        }
        NextHop::VnetPeering if route.closed => Fate::Dropped(DropReason::PeeringWithoutAccess),
        NextHop::VnetLocal | NextHop::VnetPeering | NextHop::Host => Fate::Inside,
        NextHop::PrivateEndpoint => Fate::PrivateEndpoint,
        NextHop::ServiceEndpoint => Fate::ServiceEndpoint,
        NextHop::VirtualAppliance(address) => Fate::Appliance(address),
        NextHop::VirtualNetworkGateway => gateway(route, table.gateway),
    };
    match purpose {
        Purpose::Send(_) => fate,
        Purpose::Answer => answer(fate, route, traits),
    }
}

fn internet(traits: Traits, purpose: Purpose<'_>) -> Fate {
    match purpose {
        Purpose::Send(egress) => egress.fate(traits.protocols, traits.family, traits.free),
        // What came in by a public address or a load balancer goes back by it, whatever else leaves by a NAT gateway.
        Purpose::Answer => Fate::Answered,
    }
}

fn gateway(route: &Route, gateway: Option<Gateway>) -> Fate {
    match gateway {
        _ if route.about.kind != RouteKind::User => Fate::OnPremises,
        Some(Gateway::Vpn) => Fate::OnPremises,
        Some(Gateway::ExpressRoute) => {
            Fate::Unknown("a VPN gateway: user-defined routes cannot send packets to an ExpressRoute gateway")
        }
        None => Fate::Unknown("the virtual network gateway that the route sends packets to"),
    }
}

/// The same for answers. Those to private addresses may rightly go by a gateway; an appliance may or may not have seen the
/// question.
fn answer(fate: Fate, route: &Route, traits: Traits) -> Fate {
    match fate {
        Fate::Inside | Fate::PrivateEndpoint => Fate::Answered,
        Fate::OnPremises if !traits.public => Fate::Answered,
        Fate::OnPremises | Fate::Appliance(_) if traits.public => {
            Fate::Dropped(DropReason::Asymmetric(route.about.next_hop))
        }
        Fate::Appliance(_) => Fate::Unknown("whether the question came by the appliance too"),
        Fate::ServiceEndpoint => {
            Fate::Unknown("whether a service that asks takes answers by the subnet's service endpoint")
        }
        other => other,
    }
}
