//! Ports: one number, or a canonical set of ranges as Azure writes them (`443`, `8704-8710`, `*`; fact `net.nsg.ports`).

use std::{fmt, str::FromStr};

use crate::error::{ValueError, plain_number};
use crate::intervals::Intervals;

/// A TCP or UDP port, 0 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(pub u16);

impl FromStr for Port {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let number = plain_number(text).ok_or_else(|| {
            ValueError::new(format!("`{text}` is not a port"))
                .help("a port is a number from 0 to 65535, without leading zeros")
        })?;
        let port = u16::try_from(number).map_err(|_| {
            ValueError::new(format!("port `{text}` is too large")).help("a port is a number from 0 to 65535")
        })?;
        Ok(Self(port))
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A set of ports. Equal sets are equal values however they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortSet(Intervals<u16, 4>);

impl PortSet {
    /// Every port: `*`.
    pub fn all() -> Self {
        Self(Intervals::all())
    }

    /// No port.
    pub fn empty() -> Self {
        Self::default()
    }

    /// One port.
    pub fn one(port: u16) -> Self {
        Self(Intervals::range(port, port))
    }

    /// The ports from `low` to `high`, both included; empty if reversed.
    pub fn range(low: u16, high: u16) -> Self {
        Self(Intervals::range(low, high))
    }

    /// The union of inclusive ranges in any order.
    pub fn from_ranges(ranges: impl IntoIterator<Item = (u16, u16)>) -> Self {
        Self(Intervals::from_ranges(ranges))
    }

    /// The inclusive ranges, ascending, with a gap between any two.
    pub fn ranges(&self) -> &[(u16, u16)] {
        self.0.ranges()
    }

    /// Whether no port is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every port is.
    pub fn is_all(&self) -> bool {
        self.0.is_all()
    }

    /// How many ports.
    pub fn size(&self) -> u32 {
        u32::try_from(self.0.size()).unwrap_or(u32::MAX)
    }

    /// The smallest port.
    pub fn first(&self) -> Option<u16> {
        self.0.first()
    }

    /// Whether `port` is in the set.
    pub fn contains(&self, port: u16) -> bool {
        self.0.contains(port)
    }

    /// Whether all ports of this set are in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether a port is in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.overlaps(&other.0)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0))
    }

    /// What is in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self(self.0.intersect(&other.0))
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        Self(self.0.subtract(&other.0))
    }
}

impl From<Port> for PortSet {
    fn from(port: Port) -> Self {
        Self::one(port.0)
    }
}

impl FromStr for PortSet {
    type Err = ValueError;

    /// One port, one range `low-high`, or `*`. Lists are unions of these.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        if text == "*" {
            return Ok(Self::all());
        }
        let Some((low, high)) = text.split_once('-') else {
            return text.parse::<Port>().map(Self::from).map_err(|error| match error.help {
                Some(_) if plain_number(text).is_some() => error,
                _ => error.help("ports are a number from 0 to 65535, a range such as `8704-8710`, or `*`"),
            });
        };
        let (low, high): (Port, Port) = (low.parse()?, high.parse()?);
        if low > high {
            return Err(ValueError::new(format!("the port range `{text}` is reversed"))
                .help("the smaller port comes first")
                .suggest(format!("{high}-{low}")));
        }
        Ok(Self::range(low.0, high.0))
    }
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("*");
        }
        for (i, &(low, high)) in self.ranges().iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            if low == high {
                write!(f, "{comma}{low}")?;
            } else {
                write!(f, "{comma}{low}-{high}")?;
            }
        }
        Ok(())
    }
}
