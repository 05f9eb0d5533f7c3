//! The universe: four blocks of public addresses that the rules can tell apart, a few addresses that are not public, a few
//! ports, four protocols. A *model* says which atoms live in each block: at least one in each, and each atom somewhere.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use palisade_net::*;

use crate::common;

/// What `VirtualNetwork` is without routes.
pub static NETWORK: LazyLock<IpSet> = LazyLock::new(|| common::ips("10.0.0.0/16 168.63.129.16"));

/// The first address of each public block that the networks in [`NETWORKS`] make; the next ones are for its atoms.
pub const BLOCKS: [Ipv4Addr; 4] =
    [Ipv4Addr::new(20, 0, 0, 0), Ipv4Addr::new(20, 128, 0, 0), Ipv4Addr::new(8, 8, 8, 0), Ipv4Addr::new(200, 1, 1, 0)];
/// Addresses that no tag holds: in each part of the network that rules and groups of members can tell apart, outside it, the
/// platform's, and one of each half.
const NOT_PUBLIC: [&str; 9] = [
    "10.0.0.9",
    "10.0.1.9",
    "10.0.1.200",
    "10.0.200.1",
    "192.168.1.1",
    "168.63.129.16",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
];
pub const NETWORKS: [&str; 10] = [
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
/// Where members of application security groups may be.
pub const HOMES: [&str; 4] = ["10.0.0.0/24", "10.0.1.0/25", "10.0.1.128/25", "10.0.0.0/16"];
pub const GROUPS: [&str; 2] = ["web", "db"];
const LOCALS: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 1, 4), Ipv4Addr::new(10, 0, 1, 132)];
/// Ports at the borders of the rules' ranges, and one that only `*` has; and those of the platform's services.
pub const PORTS: [u16; 5] = [0, 1, 2, 3, 40000];
const PLATFORM_PORTS: [u16; 9] = [0, 1, 2, 3, 40000, 53, 67, 80, 1688];
const PROTOCOLS: [Protocol; 4] = [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Other];

/// A catalogue with four atoms, and which of them each tag holds, written down by hand.
pub struct Universe {
    pub catalogue: TagCatalogue,
    pub tags: Vec<(ServiceTag, u8)>,
}

pub static UNIVERSES: LazyLock<[Universe; 2]> = LazyLock::new(|| {
    let tag = |name: &str, more: &str| {
        format!("  - {{ name: {name}, purpose: x, direction: both, features: [group], {more} }}\n")
    };
    let regional = "regional: { sets: [standard], features: [group] }";
    let universe = |tags: String, regions: &str, sets: &[(&str, u8)]| {
        let catalogue = TagCatalogue::from_yaml(&format!("tags:\n{tags}"), regions).unwrap();
        let sets = sets.iter().chain(&[("Internet", 0b1111)]);
        let tags = sets.map(|(name, atoms)| (catalogue.parse_tag(name).unwrap(), *atoms)).collect();
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

impl Universe {
    /// Microsoft's file in which the atoms of each block have one address each, and all other addresses the first atom.
    pub fn file(&self, model: [u8; 4]) -> Arc<ServiceTagFile> {
        let addresses = |atoms: u8| {
            let ends = (0..4).flat_map(|block| (0..4).map(move |atom| (block, atom)));
            let held = ends.filter(|(block, atom)| atoms & model[*block] & (1 << atom) != 0);
            let texts: Vec<String> =
                held.map(|(block, atom)| format!("\"{}/32\"", End::Public { block, atom }.ip())).collect();
            texts.join(",")
        };
        let listed = self.tags.iter().filter(|(tag, _)| tag.name() != "Internet");
        let values: Vec<String> = listed
            .map(|(tag, atoms)| {
                let name = self.catalogue.azure_spelling(tag);
                format!(r#"{{"name":"{name}","properties":{{"addressPrefixes":[{}]}}}}"#, addresses(*atoms))
            })
            .collect();
        let json = format!(r#"{{"changeNumber":1,"cloud":"Public","values":[{}]}}"#, values.join(","));
        Arc::new(ServiceTagFile::from_json(&json).unwrap())
    }
}

/// The remote end of a packet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    Public { block: usize, atom: u8 },
    NotPublic(IpAddr),
}

impl End {
    pub fn ip(self) -> IpAddr {
        match self {
            Self::Public { block, atom } => Ipv4Addr::from_bits(BLOCKS[block].to_bits() + 1 + u32::from(atom)).into(),
            Self::NotPublic(ip) => ip,
        }
    }

    pub fn all() -> Vec<Self> {
        static ALL: LazyLock<Vec<End>> = LazyLock::new(|| {
            let public = (0..BLOCKS.len()).flat_map(|block| (0..4).map(move |atom| End::Public { block, atom }));
            public.chain(NOT_PUBLIC.iter().map(|ip| End::NotPublic(ip.parse().unwrap()))).collect()
        });
        ALL.clone()
    }
}

#[derive(Debug, Clone, Copy)]
pub struct OnePacket {
    pub direction: Direction,
    pub protocol: Protocol,
    pub local: IpAddr,
    pub local_port: u16,
    pub end: End,
    pub remote_port: u16,
}

impl OnePacket {
    /// Whether the flow's sets other than the remote end hold the packet.
    pub fn is_in_sets_of(&self, flow: &Flow) -> bool {
        let ports = !self.protocol.has_ports()
            || flow.local_ports.contains(self.local_port) && flow.remote_ports.contains(self.remote_port);
        flow.direction == self.direction
            && flow.protocols.contains(self.protocol)
            && flow.local.contains(self.local)
            && ports
    }

    /// Every packet of that direction to or from that end.
    pub fn all(direction: Direction, end: End) -> impl Iterator<Item = Self> {
        let platform = [HOST, METADATA].contains(&end.ip()) && direction == Direction::Outbound;
        let remote_ports = if platform { PLATFORM_PORTS.as_slice() } else { PORTS.as_slice() };
        PROTOCOLS.into_iter().flat_map(move |protocol| {
            // Ports say nothing of a protocol without them.
            let many = if protocol.has_ports() { usize::MAX } else { 1 };
            LOCALS.into_iter().flat_map(move |local| {
                PORTS.into_iter().take(many).flat_map(move |local_port| {
                    remote_ports.iter().take(many).map(move |&remote_port| OnePacket {
                        direction,
                        protocol,
                        local: local.into(),
                        local_port,
                        end,
                        remote_port,
                    })
                })
            })
        })
    }
}
