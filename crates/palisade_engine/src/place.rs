//! Symbolic places in an environment: `network_security_groups.training.rules.deny-all`.
//!
//! Reports write the full place; readers accept shorter forms (see [`crate::environment`]). A segment with other
//! characters than letters, digits, `_` and `-` is quoted.

use std::fmt;

use smol_str::SmolStr;

/// A step down from a value to one of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A key of a mapping: a field's name, or an entry's.
    Key(SmolStr),
    /// The item of a list whose `name` is this.
    Named(SmolStr),
    /// The item of a list at this index.
    Index(u32),
}

/// A path from the top of an environment to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The steps.
    pub segments: Vec<Segment>,
}

/// What of the value is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The key alone: of a collection, or of the parent of something absent.
    Key,
    /// Key and value of a scalar.
    Entry,
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(name) | Self::Named(name) => write_segment(f, name),
        }
    }
}

impl Place {
    /// The place one step further down.
    #[must_use]
    pub fn child(&self, segment: Segment) -> Self {
        let mut segments = self.segments.clone();
        segments.push(segment);
        Self { segments }
    }

    /// The place one step up, if there is one.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.segments.split_last()?;
        Some(Self { segments: above.to_vec() })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments.iter().enumerate() {
            if at > 0 && !matches!(segment, Segment::Index(_)) {
                f.write_str(".")?;
            }
            segment.fmt(f)?;
        }
        Ok(())
    }
}

fn write_segment(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(plain) {
        return f.write_str(name);
    }
    write!(f, "\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}
