//! What the tests of policies saw of them.

use super::{Location, Texts};

/// What a run of tests saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageReport {
    /// By module and place in the file.
    pub items: Vec<CoveredItem>,
    /// The texts that locations point into.
    pub texts: Texts,
}

/// A rule, function, constant or traffic table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredItem {
    /// `rule`, `fn`, `const`, `traffic`.
    pub kind: &'static str,
    /// Its full name.
    pub name: String,
    /// Where its name stands.
    pub location: Location,
    /// Whether any test reached it.
    pub reached: bool,
    /// Its conditions and lines, in the order of the text.
    pub points: Vec<CoveredPoint>,
}

/// A condition or a line of traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredPoint {
    /// `when`, `needs`, `require`, `forbid`, `alternative`, `if`, `arm`, `line`.
    pub kind: &'static str,
    /// Its text in the policy, on one line.
    pub text: String,
    /// Where it stands.
    pub location: Location,
    /// The ways in which it can come out and whether a test saw it: `true`, `false`; `stated`, `missing`; `holds`,
    /// `fails`; `taken`; `allowed`, `denied`.
    pub sides: Vec<(&'static str, bool)>,
    /// Whether a test saw it undetermined. Not every condition can be, so that nothing is counted by it.
    pub undetermined: bool,
}

/// How many of what there is were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Seen.
    pub seen: usize,
    /// All.
    pub all: usize,
}

impl Share {
    fn of<'a>(sides: impl Iterator<Item = &'a bool>) -> Self {
        sides.fold(Self::default(), |share, seen| Self { seen: share.seen + usize::from(*seen), all: share.all + 1 })
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { seen: self.seen + other.seen, all: self.all + other.all }
    }

    /// In tenths of a percent, rounded down, so that 1000 is all and nothing less; of nothing there is no share.
    #[must_use]
    pub fn per_mille(self) -> Option<usize> {
        (self.seen * 1000).checked_div(self.all)
    }

    /// In percent with one decimal, rounded down; `-` of nothing.
    #[must_use]
    pub fn percent(self) -> String {
        self.per_mille().map_or_else(|| "-".to_owned(), |share| format!("{}.{}", share / 10, share % 10))
    }

    /// Whether it is at least so many percent. A share of nothing reaches none, not even 0.
    #[must_use]
    pub fn reaches(self, percent: u8) -> bool {
        self.per_mille().is_some_and(|share| share >= usize::from(percent) * 10)
    }
}

impl CoveredPoint {
    /// Whether it is a line of traffic.
    #[must_use]
    pub fn is_line(&self) -> bool {
        self.kind == "line"
    }
}

impl CoverageReport {
    /// The rules that were reached.
    #[must_use]
    pub fn rules(&self) -> Share {
        Share::of(self.items.iter().filter(|item| item.kind == "rule").map(|item| &item.reached))
    }

    /// The sides of conditions that were seen.
    #[must_use]
    pub fn branches(&self) -> Share {
        Share::of(self.points().filter(|point| !point.is_line()).flat_map(|point| point.sides.iter().map(|(_, s)| s)))
    }

    /// The sides of traffic lines that were seen.
    #[must_use]
    pub fn lines(&self) -> Share {
        Share::of(self.points().filter(|point| point.is_line()).flat_map(|point| point.sides.iter().map(|(_, s)| s)))
    }

    /// All together.
    #[must_use]
    pub fn total(&self) -> Share {
        self.rules().and(self.branches()).and(self.lines())
    }

    fn points(&self) -> impl Iterator<Item = &CoveredPoint> {
        self.items.iter().flat_map(|item| &item.points)
    }
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn a_share_is_rounded_down_and_of_nothing_there_is_none() {
        let share = |seen, all| Share { seen, all };
        assert_eq!(share(1999, 2000).percent(), "99.9");
        assert_eq!(share(2000, 2000).percent(), "100.0");
        assert!(share(9, 10).reaches(90) && !share(899, 1000).reaches(90));
        assert_eq!(share(0, 0).percent(), "-");
        assert!(!share(0, 0).reaches(0));
    }
}
