//! A flow: a box of packets, as the language's traffic lines ask about them; and one packet as an example.

use std::fmt;
use std::net::IpAddr;

use crate::builtin::public_addresses;
use crate::fqdn::Fqdn;
use crate::ip_set::{Family, IpSet, SHOWN};
use crate::ports::PortSet;
use crate::protocols::{Direction, Protocol, ProtocolSet};
use crate::tag::ServiceTag;

/// Every packet of some protocols between some local and some remote addresses and ports.
///
/// Local and remote address of a packet are of one family: a flow whose local addresses are IPv4 asks about IPv4 alone,
/// whatever the remote end is. Protocols without ports ignore both port sets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Flow {
    /// As seen from the local end.
    pub direction: Direction,
    /// The protocols.
    pub protocols: ProtocolSet,
    /// The addresses of the place that is asked; by definition inside the virtual network.
    pub local: IpSet,
    /// The ports at that place.
    pub local_ports: PortSet,
    /// The other end.
    pub remote: Remote,
    /// The ports there.
    pub remote_ports: PortSet,
}

/// The other end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Remote {
    /// Any address.
    Any,
    /// These addresses.
    Ips(IpSet),
    /// Every address of a service tag.
    Tag(ServiceTag),
    /// The addresses of one host, which are some of a tag's, or some public ones if the tag is not known.
    Host {
        /// The host, or a pattern of hosts.
        fqdn: Fqdn,
        /// The tag whose addresses hold the host's.
        within: Option<ServiceTag>,
    },
    /// A part of another end; verdicts are made of such parts.
    Narrowed(Box<Narrowed>),
}

/// A part of a remote end, cut out by tags and addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Narrowed {
    /// The whole.
    pub of: Remote,
    /// Only what is in each of these tags.
    pub within: Vec<ServiceTag>,
    /// Nothing that is in any of these tags.
    pub except: Vec<ServiceTag>,
    /// Of a pattern of hosts, none that these name. Addresses do not tell them apart; firewalls do.
    pub except_hosts: Vec<Fqdn>,
    /// Only these addresses.
    pub addresses: Option<IpSet>,
}

impl Flow {
    /// Packets from `remote` to `ports` at `local`.
    pub fn inbound(protocols: ProtocolSet, ports: PortSet, remote: Remote, local: IpSet) -> Self {
        let remote_ports = PortSet::all();
        Self { direction: Direction::Inbound, protocols, local, local_ports: ports, remote, remote_ports }
    }

    /// Packets from `local` to `ports` at `remote`.
    pub fn outbound(protocols: ProtocolSet, ports: PortSet, remote: Remote, local: IpSet) -> Self {
        let local_ports = PortSet::all();
        Self { direction: Direction::Outbound, protocols, local, local_ports, remote, remote_ports: ports }
    }
}

impl fmt::Display for Flow {
    /// The flow in the words of a traffic line, such as `outbound tcp/udp 443 to Storage`. The place is not named.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ports, source_ports, word) = match self.direction {
            Direction::Inbound => (&self.local_ports, &self.remote_ports, "from"),
            Direction::Outbound => (&self.remote_ports, &self.local_ports, "to"),
        };
        write!(f, "{} {}", self.direction, self.protocols)?;
        let only_tcp_udp = self.protocols.is_subset(ProtocolSet::WITH_PORTS);
        if only_tcp_udp || !ports.is_all() {
            write!(f, " {ports}")?;
        }
        write!(f, " {word} {}", self.remote)?;
        if source_ports.is_all() { Ok(()) } else { write!(f, ", source ports {source_ports}") }
    }
}

impl Remote {
    /// The end that this one is a part of; itself if it is no part.
    pub fn whole(&self) -> &Self {
        match self {
            Self::Narrowed(part) => part.of.whole(),
            whole => whole,
        }
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Ips(ips) => ips.fmt(f),
            Self::Tag(tag) => tag.fmt(f),
            Self::Host { fqdn, .. } => fqdn.fmt(f),
            Self::Narrowed(part) => part.fmt(f),
        }
    }
}

impl fmt::Display for Narrowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.of.fmt(f)?;
        list(f, " but not ", ", ", &self.except_hosts)?;
        list(f, " within ", " and ", &self.within)?;
        if let Some(addresses) = &self.addresses {
            let family = if addresses.has(Family::V4) { Family::V4 } else { Family::V6 };
            let others = public_addresses().only(family).subtract(addresses);
            let shorter = others.cidrs().take(SHOWN).count() < addresses.cidrs().take(SHOWN).count();
            if shorter && !others.is_empty() {
                write!(f, " outside {others}")?;
            } else {
                write!(f, " at {addresses}")?;
            }
        }
        list(f, " except ", ", ", &self.except)
    }
}

fn list(f: &mut fmt::Formatter<'_>, start: &str, between: &str, items: &[impl fmt::Display]) -> fmt::Result {
    items.iter().enumerate().try_for_each(|(i, item)| write!(f, "{}{item}", if i == 0 { start } else { between }))
}

/// One packet, as evidence. Where only the remote's tag is known, the remote is that tag and stands for any one of its
/// addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Packet {
    /// Which way it goes.
    pub direction: Direction,
    /// Its protocol.
    pub protocol: Protocol,
    /// The local address.
    pub local: IpAddr,
    /// The local port; none for protocols without ports.
    pub local_port: Option<u16>,
    /// The remote end: one address, or one unnamed address of a tag.
    pub remote: Remote,
    /// The remote port.
    pub remote_port: Option<u16>,
}

impl Packet {
    /// The remote address, where it is known.
    pub fn remote_ip(&self) -> Option<IpAddr> {
        let set = match &self.remote {
            Remote::Ips(set) => Some(set),
            Remote::Narrowed(part) => part.addresses.as_ref(),
            _ => None,
        };
        set.filter(|set| set.size() == 1).and_then(IpSet::first)
    }
}

impl From<&Packet> for Flow {
    fn from(packet: &Packet) -> Self {
        let ports = |port: Option<u16>| port.map_or_else(PortSet::all, PortSet::one);
        Self {
            direction: packet.direction,
            protocols: packet.protocol.into(),
            local: packet.local.into(),
            local_ports: ports(packet.local_port),
            remote: packet.remote.clone(),
            remote_ports: ports(packet.remote_port),
        }
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |ip: Option<IpAddr>, name: String, port: Option<u16>| match (ip, port) {
            (Some(IpAddr::V6(ip)), Some(port)) => format!("[{ip}]:{port}"),
            (_, Some(port)) => format!("{name}:{port}"),
            (_, None) => name,
        };
        let remote = match &self.remote {
            Remote::Ips(ips) => ips.to_string(),
            other => format!("an address of {other}"),
        };
        let local = end(Some(self.local), self.local.to_string(), self.local_port);
        let ip = Some(&self.remote).filter(|remote| matches!(remote, Remote::Ips(_))).and(self.remote_ip());
        let remote = end(ip, remote, self.remote_port);
        let (from, to) = match self.direction {
            Direction::Inbound => (remote, local),
            Direction::Outbound => (local, remote),
        };
        write!(f, "{} from {from} to {to}", self.protocol)
    }
}
