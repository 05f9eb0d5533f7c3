//! The tags and addresses that are part of the semantics and not of Microsoft's list: what `Internet` leaves out, where the
//! platform's own services listen, and which tags name them.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use crate::cidr::Cidr;
use crate::ip_set::IpSet;
use crate::ports::PortSet;
use crate::protocols::{Protocol, ProtocolSet};

/// A tag with a meaning of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuiltinTag {
    /// Every public address outside the virtual network, Azure's included (fact `net.tag.internet`).
    Internet,
    /// The virtual network and what is connected to it (fact `net.tag.vnet`).
    VirtualNetwork,
    /// The host address as the origin of health probes (fact `net.tag.lb`).
    AzureLoadBalancer,
    /// One of the platform's services (fact `net.nsg.host-ips`).
    Platform(PlatformService),
}

impl BuiltinTag {
    /// Every built-in tag.
    pub const ALL: [Self; 6] = [
        Self::Internet,
        Self::VirtualNetwork,
        Self::AzureLoadBalancer,
        Self::Platform(PlatformService::Dns),
        Self::Platform(PlatformService::Imds),
        Self::Platform(PlatformService::Lkm),
    ];

    /// The canonical name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Internet => "Internet",
            Self::VirtualNetwork => "VirtualNetwork",
            Self::AzureLoadBalancer => "AzureLoadBalancer",
            Self::Platform(service) => service.tag().unwrap_or_default(),
        }
    }

    /// The tag of that name, whatever its case.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.name().eq_ignore_ascii_case(name))
    }
}

/// A service of the platform that outbound rules do not stop unless they name its tag (fact `net.nsg.host-ips`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlatformService {
    /// Name resolution.
    Dns,
    /// Address assignment, which no tag names.
    Dhcp,
    /// Instance metadata.
    Imds,
    /// Licensing and key management.
    Lkm,
}

impl PlatformService {
    /// Every service.
    pub const ALL: [Self; 4] = [Self::Dns, Self::Dhcp, Self::Imds, Self::Lkm];

    /// The tag that names the service in a rule.
    pub fn tag(self) -> Option<&'static str> {
        match self {
            Self::Dns => Some("AzurePlatformDNS"),
            Self::Imds => Some("AzurePlatformIMDS"),
            Self::Lkm => Some("AzurePlatformLKM"),
            Self::Dhcp => None,
        }
    }

    /// What reports call it.
    pub fn name(self) -> &'static str {
        self.tag().unwrap_or("DHCP")
    }

    /// Where the service listens.
    pub fn address(self) -> IpAddr {
        match self {
            Self::Imds => METADATA,
            Self::Dns | Self::Dhcp | Self::Lkm => HOST,
        }
    }

    /// The protocols and ports it listens on.
    pub fn endpoint(self) -> (ProtocolSet, PortSet) {
        match self {
            Self::Dns => (ProtocolSet::WITH_PORTS, PortSet::one(53)),
            Self::Dhcp => (Protocol::Udp.into(), PortSet::one(67)),
            Self::Imds => (Protocol::Tcp.into(), PortSet::one(80)),
            Self::Lkm => (Protocol::Tcp.into(), PortSet::one(1688)),
        }
    }
}

/// The host's address, the same in every virtual network: DNS, DHCP, licensing, health probes.
pub const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));
/// The address of the instance metadata service.
pub const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// The public addresses: what `Internet` is made of and where every service tag lies. Special-purpose ranges (RFC 6890) and
/// the host's address are left out; of IPv6 only what is assigned as global unicast counts.
pub fn public_addresses() -> IpSet {
    static PUBLIC: LazyLock<IpSet> = LazyLock::new(read_public_addresses);
    PUBLIC.clone()
}

fn read_public_addresses() -> IpSet {
    const NOT_PUBLIC: [&str; 12] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "168.63.129.16/32",
        "2001:db8::/32",
    ];
    let cidrs = |texts: &[&str]| texts.iter().filter_map(|text| text.parse::<Cidr>().ok()).collect::<IpSet>();
    cidrs(&["0.0.0.0/0", "2000::/3"]).subtract(&cidrs(&NOT_PUBLIC))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constant_range_is_read() {
        for address in [
            "10.1.1.1",
            "172.31.0.1",
            "192.168.9.9",
            "100.127.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "0.0.0.0",
            "2001:db8::1",
            "fd00::1",
            "192.0.2.7",
            "198.19.0.1",
            "127.0.0.1",
            "169.254.169.254",
        ] {
            assert!(!public_addresses().contains(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "20.0.0.1", "172.32.0.1", "168.63.129.17", "2603:1030::1"] {
            assert!(public_addresses().contains(address.parse().unwrap()), "{address}");
        }
    }
}
