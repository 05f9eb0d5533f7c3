//! Peerings: two links that must agree (facts part C.13).

use smol_str::SmolStr;

use crate::cidr::Cidr;

/// A peering as both networks have it, seen from the near one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Peering {
    /// Its name in the near network.
    pub name: SmolStr,
    /// The address space of the far network.
    pub prefixes: Vec<Cidr>,
    /// The near network's link.
    pub near: PeeringLink,
    /// The far network's link, if there is one.
    pub far: Option<PeeringLink>,
}

/// One side of a peering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "Azure's own five switches, each independent of the others")]
pub struct PeeringLink {
    /// Whether its state is `Connected`.
    pub connected: bool,
    /// Whether the two networks may talk at all.
    pub allow_virtual_network_access: bool,
    /// Whether traffic that did not start in the other network may come in from there.
    pub allow_forwarded_traffic: bool,
    /// Whether the other network may use this one's gateway.
    pub allow_gateway_transit: bool,
    /// Whether this network uses the other one's gateway.
    pub use_remote_gateways: bool,
}

impl Default for PeeringLink {
    /// A connected link as Azure creates it: access, and nothing else.
    fn default() -> Self {
        Self {
            connected: true,
            allow_virtual_network_access: true,
            allow_forwarded_traffic: false,
            allow_gateway_transit: false,
            use_remote_gateways: false,
        }
    }
}

impl Peering {
    /// Whether both sides are connected; only then there are routes (fact `net.peer.two-links`).
    pub fn is_connected(&self) -> bool {
        self.near.connected && self.far.is_some_and(|far| far.connected)
    }

    /// Whether traffic between the two networks passes (facts `net.peer.two-links`, `net.peer.access`).
    pub fn carries(&self) -> bool {
        let access = |link: PeeringLink| link.allow_virtual_network_access;
        self.is_connected() && access(self.near) && self.far.is_some_and(access)
    }

    /// Whether traffic from elsewhere that an appliance here forwards reaches the far network (fact `net.peer.forwarded`).
    pub fn carries_forwarded(&self) -> bool {
        self.carries() && self.far.is_some_and(|far| far.allow_forwarded_traffic)
    }

    /// Whether the near network uses the far one's gateway, and so has its routes (fact `net.peer.gateway`).
    pub fn uses_remote_gateway(&self) -> bool {
        self.is_connected() && self.near.use_remote_gateways && self.far.is_some_and(|far| far.allow_gateway_transit)
    }
}
