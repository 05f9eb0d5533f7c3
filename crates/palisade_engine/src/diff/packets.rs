//! Packets of some protocols and ports, and how a traffic line says them.

use std::collections::BTreeMap;

use palisade_net::{Direction, PortSet, Protocol, ProtocolSet};

/// The ports of each protocol. A protocol without ports has all, and none has no port at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Packets(BTreeMap<Protocol, PortSet>);

impl Packets {
    pub(super) fn new(protocols: ProtocolSet, ports: &PortSet) -> Self {
        let of = |one: Protocol| (one, if one.has_ports() { ports.clone() } else { PortSet::all() });
        Self(protocols.iter().map(of).filter(|(_, ports)| !ports.is_empty()).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (protocol, ports) in &other.0 {
            let known = self.0.entry(*protocol).or_default();
            *known = known.union(ports);
        }
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        let left = |(protocol, ports): (&Protocol, &PortSet)| {
            (*protocol, other.0.get(protocol).map_or_else(|| ports.clone(), |gone| ports.subtract(gone)))
        };
        Self(self.0.iter().map(left).filter(|(_, ports)| !ports.is_empty()).collect())
    }

    pub(super) fn protocols(&self) -> ProtocolSet {
        self.0.keys().copied().collect()
    }

    /// Whether some protocol that both have has other ports.
    pub(super) fn differ_in_ports(&self, other: &Self) -> bool {
        self.0.iter().any(|(protocol, ports)| other.0.get(protocol).is_some_and(|others| others != ports))
    }

    /// In the words of traffic lines, one for protocols that have the same ports.
    pub(super) fn lines(&self, direction: Direction, end: &str) -> Vec<String> {
        let word = if direction == Direction::Inbound { "from" } else { "to" };
        if self.protocols() == ProtocolSet::ALL && self.0.values().all(PortSet::is_all) {
            return vec![format!("{direction} * {word} {end}")];
        }
        let mut lines: Vec<(ProtocolSet, Option<&PortSet>)> = Vec::new();
        for (protocol, ports) in &self.0 {
            let ports = protocol.has_ports().then_some(ports);
            match lines.iter_mut().find(|(_, known)| *known == ports) {
                Some((protocols, _)) => *protocols = protocols.union((*protocol).into()),
                None => lines.push(((*protocol).into(), ports)),
            }
        }
        let line = |(protocols, ports): (ProtocolSet, Option<&PortSet>)| match ports {
            Some(ports) => format!("{direction} {protocols} {ports} {word} {end}"),
            None => format!("{direction} {protocols} {word} {end}"),
        };
        lines.into_iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use palisade_net::{Direction, PortSet, ProtocolSet};

    use super::Packets;

    fn packets(protocols: &str, ports: &[(u16, u16)]) -> Packets {
        Packets::new(protocols.parse().unwrap(), &PortSet::from_ranges(ports.iter().copied()))
    }

    #[test]
    fn two_ways_to_write_ports_are_the_same() {
        let mut pieces = packets("tcp", &[(20, 20)]);
        pieces.add(&packets("tcp", &[(21, 25)]));
        assert_eq!(pieces, packets("tcp", &[(20, 25)]));
    }

    #[test]
    fn what_is_left_is_said_as_lines() {
        let mut all = packets("tcp/udp", &[(443, 443)]);
        all.add(&packets("tcp", &[(80, 80)]));
        all.add(&packets("icmp", &[]));
        let lines = ["outbound tcp 80, 443 to X", "outbound udp 443 to X", "outbound icmp to X"];
        assert_eq!(all.lines(Direction::Outbound, "X"), lines);
        let left = all.without(&packets("tcp/udp", &[(443, 443)]));
        assert_eq!(left.lines(Direction::Outbound, "X"), ["outbound tcp 80 to X", "outbound icmp to X"]);
        assert!(all.without(&all).is_empty());
    }

    #[test]
    fn everything_is_a_star() {
        let all = Packets::new(ProtocolSet::ALL, &PortSet::all());
        assert_eq!(all.lines(Direction::Inbound, "Internet"), ["inbound * from Internet"]);
    }
}
