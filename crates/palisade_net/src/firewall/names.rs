//! Host names as rules see them: patterns, and the classes into which the patterns of a firewall divide all names.
//!
//! A pattern is an exact name or an ending, so two patterns are nested or share no name: they form a tree. A *class* is what
//! a pattern names less what deeper patterns do; class 0 is every name that no pattern has. All names of a class match the
//! same rules. A class is taken to have names although in theory deeper patterns could use a shallower one up.

use std::{fmt, str::FromStr};

use crate::error::ValueError;
use crate::fqdn::Fqdn;

/// The target of an application rule (fact `net.fw.wildcards`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostTarget {
    /// `*`: every name.
    Any,
    /// A name, or every name with an ending.
    Pattern(Fqdn),
}

impl FromStr for HostTarget {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        if text == "*" { Ok(Self::Any) } else { text.parse().map(Self::Pattern) }
    }
}

impl fmt::Display for HostTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Pattern(fqdn) => fqdn.fmt(f),
        }
    }
}

/// A class by its number.
pub(crate) type Class = usize;

/// The patterns of a firewall; the class of each is its place and one. A pattern stands before those inside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct NameClasses(Vec<Fqdn>);

impl NameClasses {
    pub(crate) fn new(patterns: impl IntoIterator<Item = Fqdn>) -> Self {
        let mut patterns: Vec<Fqdn> = patterns.into_iter().collect();
        // An exact name is inside every pattern that covers it; of two endings the longer is inside the shorter.
        patterns.sort_unstable_by(|a, b| {
            let depth = |fqdn: &Fqdn| (!fqdn.is_pattern(), fqdn.as_str().len());
            depth(a).cmp(&depth(b)).then_with(|| a.cmp(b))
        });
        patterns.dedup();
        Self(patterns)
    }

    /// How many classes there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len() + 1
    }

    /// The classes that make up a target that was among the patterns.
    pub(crate) fn covered(&self, target: &HostTarget) -> Vec<Class> {
        match target {
            HostTarget::Any => (0..self.len()).collect(),
            HostTarget::Pattern(pattern) => self.inside(pattern).map(|(class, _)| class).collect(),
        }
    }

    /// The patterns that `pattern` covers with their classes, itself included, outer ones first.
    pub(crate) fn inside<'s>(&'s self, pattern: &'s Fqdn) -> impl Iterator<Item = (Class, &'s Fqdn)> {
        (1..).zip(&self.0).filter(|(_, other)| pattern.matches(other))
    }

    /// The class of a name; of a pattern that of the names that no deeper pattern has.
    pub(crate) fn home(&self, name: &Fqdn) -> Class {
        self.0.iter().rposition(|pattern| pattern.matches(name)).map_or(0, |place| place + 1)
    }
}

/// Those of `patterns` that no other of them covers.
pub(crate) fn outermost(patterns: &[Fqdn]) -> Vec<Fqdn> {
    let mut outer: Vec<Fqdn> = Vec::new();
    for (i, pattern) in patterns.iter().enumerate() {
        let inside = |(j, other): (usize, &Fqdn)| j != i && other.matches(pattern) && (other != pattern || j < i);
        if !patterns.iter().enumerate().any(inside) {
            outer.push(pattern.clone());
        }
    }
    outer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fqdn(text: &str) -> Fqdn {
        text.parse().unwrap()
    }

    #[test]
    fn the_deepest_pattern_is_a_names_home() {
        let classes = NameClasses::new(["a.b.c", "*.b.c", "*b.c", "*.c", "x.y"].map(fqdn));
        let of = |name: &str| match classes.home(&fqdn(name)) {
            0 => "none",
            class => classes.0[class - 1].as_str(),
        };
        for (name, home) in [
            ("a.b.c", "a.b.c"),
            ("d.b.c", "*.b.c"),
            ("b.c", "*b.c"),
            ("xb.c", "*b.c"),
            ("z.c", "*.c"),
            ("x.y", "x.y"),
            ("w.y", "none"),
            ("*.d.b.c", "*.b.c"),
            ("*.b.c", "*.b.c"),
        ] {
            assert_eq!(of(name), home, "{name}");
        }
    }

    #[test]
    fn an_exact_name_is_deeper_than_a_longer_ending_that_covers_it() {
        let classes = NameClasses::new(["*b.c", "b.c"].map(fqdn));
        assert_eq!(classes.home(&fqdn("b.c")), classes.len() - 1);
        assert_eq!(classes.home(&fqdn("xb.c")), 1);
    }

    #[test]
    fn a_pattern_covers_itself_and_what_is_inside() {
        let classes = NameClasses::new(["a.b.c", "*.b.c", "*b.c", "*.c", "x.y"].map(fqdn));
        let names = |pattern: &str| {
            let pattern = fqdn(pattern);
            classes.inside(&pattern).map(|(_, name)| name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names("*b.c"), ["*b.c", "*.b.c", "a.b.c"]);
        assert_eq!(names("*.q"), [""; 0]);
        assert_eq!(outermost(&["*.b.c", "a.b.c", "x.y", "x.y"].map(fqdn)), ["*.b.c", "x.y"].map(fqdn));
    }
}
