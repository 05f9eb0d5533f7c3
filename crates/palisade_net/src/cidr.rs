//! Address ranges in CIDR notation, read strictly: what Azure would refuse, or read as something else, is an error.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

use crate::error::{ValueError, plain_number};

/// An IPv4 or IPv6 network; the host bits are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr(IpNet);

impl Cidr {
    /// The network of one address, `/32` or `/128`.
    pub fn host(address: IpAddr) -> Self {
        Self(IpNet::from(address))
    }

    /// The network as `ipnet` has it.
    pub fn net(self) -> IpNet {
        self.0
    }

    /// The first address.
    pub fn first(self) -> IpAddr {
        self.0.network()
    }

    /// The last address.
    pub fn last(self) -> IpAddr {
        self.0.broadcast()
    }

    /// The number of leading bits that are fixed.
    pub fn length(self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether this is an IPv6 network.
    pub fn is_ipv6(self) -> bool {
        matches!(self.0, IpNet::V6(_))
    }

    /// Whether `other` lies inside this network.
    pub fn contains(self, other: Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Reads a network, or one address as the network of that address alone.
    pub fn parse_or_address(text: &str) -> Result<Self, ValueError> {
        if text.contains('/') { text.parse() } else { parse_ip(text).map(Self::host) }
    }
}

/// Reads one IPv4 or IPv6 address.
pub fn parse_ip(text: &str) -> Result<IpAddr, ValueError> {
    text.parse().map_err(|_| {
        let error = ValueError::new(format!("`{text}` is not an IP address"));
        match without_leading_zeros(text) {
            Some(plain) => {
                error.help("leading zeros are read as octal by some tools and as decimal by others").suggest(plain)
            }
            None => error.help("write an IPv4 address such as `10.0.0.4` or an IPv6 address such as `2001:db8::4`"),
        }
    })
}

/// The IPv4 address that is meant if only leading zeros are wrong with `text`.
fn without_leading_zeros(text: &str) -> Option<String> {
    let part = |p: &str| match p.trim_start_matches('0') {
        "" if !p.is_empty() => "0".to_owned(),
        digits => digits.to_owned(),
    };
    let plain = text.split('.').map(part).collect::<Vec<_>>().join(".");
    plain.parse::<std::net::Ipv4Addr>().is_ok().then_some(plain)
}

impl FromStr for Cidr {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let Some((address, length)) = text.split_once('/') else {
            let error = ValueError::new(format!("`{text}` is not a CIDR"))
                .help("a CIDR is an address and a length, such as `10.0.0.0/16`");
            return Err(error.suggest_if(parse_ip(text).ok().map(|ip| Self::host(ip).to_string())));
        };
        let address = parse_ip(address)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let number = plain_number(length).ok_or_else(|| {
            ValueError::new(format!("`{length}` in `{text}` is not a prefix length"))
                .help(format!("write a number from 0 to {most}"))
        })?;
        let net = u8::try_from(number).ok().and_then(|n| IpNet::new(address, n).ok()).ok_or_else(|| {
            ValueError::new(format!("the prefix length of `{text}` is over {most}"))
                .help(format!("write a number from 0 to {most}"))
        })?;
        if net.network() != address {
            return Err(ValueError::new(format!("`{text}` has host bits set: the network is `{}`", net.trunc()))
                .help("write the network, or the address alone where one address is meant")
                .suggest(net.trunc().to_string()));
        }
        Ok(Self(net))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<IpNet> for Cidr {
    fn from(net: IpNet) -> Self {
        Self(net.trunc())
    }
}
