//! Protocols, directions and access words, with Azure's spelling and without regard to case.

use std::{fmt, str::FromStr};

use crate::error::{ValueError, nearest};

/// A protocol that a group rule can name, or any other (which only `*` matches; fact `net.nsg.protocol`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP, which has no ports.
    Icmp,
    /// ESP, which has no ports.
    Esp,
    /// AH, which has no ports.
    Ah,
    /// Every other protocol: no rule can name it, `*` matches it.
    Other,
}

impl Protocol {
    /// Every protocol, in the order of display.
    pub const ALL: [Self; 6] = [Self::Tcp, Self::Udp, Self::Icmp, Self::Esp, Self::Ah, Self::Other];

    /// The word that policies and reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Esp => "esp",
            Self::Ah => "ah",
            Self::Other => "other",
        }
    }

    /// Whether packets of this protocol have ports.
    pub fn has_ports(self) -> bool {
        matches!(self, Self::Tcp | Self::Udp)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Protocol {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let word = text.to_ascii_lowercase();
        Self::ALL.into_iter().filter(|p| *p != Self::Other).find(|p| p.word() == word).ok_or_else(|| {
            let suggestion = match word.as_str() {
                "any" | "all" => Some("*"),
                _ => nearest(&word, ["tcp", "udp", "icmp", "esp", "ah"]),
            };
            ValueError::new(format!("`{text}` is not a protocol"))
                .help("the protocols are `tcp`, `udp`, `icmp`, `esp`, `ah` and `*` for all of them")
                .suggest_if(suggestion)
        })
    }
}

/// A set of protocols; `*` is all of them, the ones that cannot be named included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolSet(u8);

impl ProtocolSet {
    /// No protocol.
    pub const EMPTY: Self = Self(0);
    /// `*`.
    pub const ALL: Self = Self(0b11_1111);
    /// TCP and UDP: the protocols with ports.
    pub const WITH_PORTS: Self = Self(0b11);

    /// Whether no protocol is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `protocol` is in the set.
    pub fn contains(self, protocol: Protocol) -> bool {
        self.overlaps(protocol.into())
    }

    /// Whether all protocols of this set are in the other.
    pub fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether a protocol is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What is in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn subtract(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The protocols, in the order of display.
    pub fn iter(self) -> impl Iterator<Item = Protocol> {
        Protocol::ALL.into_iter().filter(move |p| self.contains(*p))
    }
}

impl From<Protocol> for ProtocolSet {
    fn from(protocol: Protocol) -> Self {
        Self(1 << protocol as u8)
    }
}

impl FromIterator<Protocol> for ProtocolSet {
    fn from_iter<I: IntoIterator<Item = Protocol>>(protocols: I) -> Self {
        protocols.into_iter().fold(Self::EMPTY, |set, p| set.union(p.into()))
    }
}

impl FromStr for ProtocolSet {
    type Err = ValueError;

    /// `*`, one protocol, or several joined by `/` as in `tcp/udp`.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        if text == "*" { Ok(Self::ALL) } else { text.split('/').map(str::parse::<Protocol>).collect() }
    }
}

impl fmt::Display for ProtocolSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("*");
        }
        for (i, protocol) in self.iter().enumerate() {
            write!(f, "{}{protocol}", if i == 0 { "" } else { "/" })?;
        }
        Ok(())
    }
}

/// Which way a packet or a rule goes, as seen from the place that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Towards the place.
    Inbound,
    /// Away from it.
    Outbound,
}

/// What a rule does with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Lets it pass.
    Allow,
    /// Drops it.
    Deny,
}

macro_rules! words {
    ($type:ident, $what:literal, $first:ident = $a:literal, $second:ident = $b:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    Self::$first => $a,
                    Self::$second => $b,
                })
            }
        }

        impl FromStr for $type {
            type Err = ValueError;

            fn from_str(text: &str) -> Result<Self, ValueError> {
                match text.to_ascii_lowercase().as_str() {
                    $a => Ok(Self::$first),
                    $b => Ok(Self::$second),
                    word => Err(ValueError::new(format!(concat!("`{}` is not ", $what), text))
                        .help(concat!("write `", $a, "` or `", $b, "`"))
                        .suggest_if(nearest(word, [$a, $b]))),
                }
            }
        }
    };
}
words!(Direction, "a direction", Inbound = "inbound", Outbound = "outbound");
words!(Access, "an access word", Allow = "allow", Deny = "deny");
