//! Canonical sets of numbers as sorted, disjoint, non-touching inclusive ranges. Ports and both kinds of address are
//! such sets; the algebra is written once, here.

use smallvec::SmallVec;

/// A number type that ranges are made of.
pub(crate) trait Number: Copy + Ord + std::hash::Hash {
    /// The smallest value.
    const MIN: Self;
    /// The largest value.
    const MAX: Self;
    /// The next value; `None` after the largest.
    fn after(self) -> Option<Self>;
    /// The value before; `None` before the smallest.
    fn before(self) -> Option<Self>;
    /// `high - low + 1`, which may be one more than the type holds; `u128::MAX` stands for 2^128 too.
    fn count(low: Self, high: Self) -> u128;
}

macro_rules! number {
    ($($t:ty),*) => {$(
        impl Number for $t {
            const MIN: Self = <$t>::MIN;
            const MAX: Self = <$t>::MAX;
            fn after(self) -> Option<Self> { self.checked_add(1) }
            fn before(self) -> Option<Self> { self.checked_sub(1) }
            fn count(low: Self, high: Self) -> u128 { u128::from(high - low).saturating_add(1) }
        }
    )*};
}
number!(u16, u32, u128);

/// An inclusive range; `low <= high`.
pub(crate) type Range<T> = (T, T);

/// A set of numbers: sorted, disjoint ranges with a gap between any two. `N` ranges are held inline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Intervals<T: Number, const N: usize>(SmallVec<[Range<T>; N]>);

impl<T: Number, const N: usize> Default for Intervals<T, N> {
    fn default() -> Self {
        Self(SmallVec::new())
    }
}

impl<T: Number, const N: usize> Intervals<T, N> {
    /// Every number.
    pub(crate) fn all() -> Self {
        Self::range(T::MIN, T::MAX)
    }

    /// The numbers from `low` to `high`, both included; empty if reversed.
    pub(crate) fn range(low: T, high: T) -> Self {
        let mut set = Self::default();
        if low <= high {
            set.0.push((low, high));
        }
        set
    }

    /// The union of ranges in any order.
    pub(crate) fn from_ranges(ranges: impl IntoIterator<Item = Range<T>>) -> Self {
        let mut sorted: SmallVec<[Range<T>; N]> = ranges.into_iter().filter(|(low, high)| low <= high).collect();
        sorted.sort_unstable();
        let mut set = Self::default();
        for range in sorted {
            set.append(range);
        }
        set
    }

    /// Adds a range that does not start before the last one.
    fn append(&mut self, (low, high): Range<T>) {
        match self.0.last_mut() {
            Some(last) if last.1.after().is_none_or(|next| low <= next) => {
                last.1 = last.1.max(high);
            }
            _ => self.0.push((low, high)),
        }
    }

    /// The ranges, ascending.
    pub(crate) fn ranges(&self) -> &[Range<T>] {
        &self.0
    }

    /// Whether no number is in the set.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every number is.
    pub(crate) fn is_all(&self) -> bool {
        matches!(self.0.as_slice(), [(low, high)] if *low == T::MIN && *high == T::MAX)
    }

    /// The smallest number.
    pub(crate) fn first(&self) -> Option<T> {
        self.0.first().map(|range| range.0)
    }

    /// How many numbers; saturates.
    pub(crate) fn size(&self) -> u128 {
        self.0.iter().fold(0, |sum, &(low, high)| sum.saturating_add(T::count(low, high)))
    }

    /// Whether `number` is in the set.
    pub(crate) fn contains(&self, number: T) -> bool {
        let after = self.0.partition_point(|range| range.0 <= number);
        after.checked_sub(1).and_then(|i| self.0.get(i)).is_some_and(|range| number <= range.1)
    }

    /// What is in either.
    #[must_use]
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::from_ranges(self.0.iter().chain(&other.0).copied())
    }

    /// What is in both.
    #[must_use]
    pub(crate) fn intersect(&self, other: &Self) -> Self {
        let mut set = Self::default();
        self.meet(other, |range| {
            set.0.push(range);
            true
        });
        set
    }

    /// Whether a number is in both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let mut found = false;
        self.meet(other, |_| {
            found = true;
            false
        });
        found
    }

    /// Hands the common ranges to `visit`, ascending, until it returns false.
    fn meet(&self, other: &Self, mut visit: impl FnMut(Range<T>) -> bool) {
        let (mut left, mut right) = (self.0.iter(), other.0.iter());
        let (mut a, mut b) = (left.next(), right.next());
        while let (Some(x), Some(y)) = (a, b) {
            let common = (x.0.max(y.0), x.1.min(y.1));
            if common.0 <= common.1 && !visit(common) {
                return;
            }
            if x.1 < y.1 {
                a = left.next();
            } else {
                b = right.next();
            }
        }
    }

    /// What is not in the set.
    #[must_use]
    pub(crate) fn complement(&self) -> Self {
        let mut set = Self::default();
        let mut start = Some(T::MIN);
        for &(low, high) in &self.0 {
            if let (Some(from), Some(to)) = (start, low.before())
                && from <= to
            {
                set.0.push((from, to));
            }
            start = high.after();
        }
        if let Some(from) = start {
            set.0.push((from, T::MAX));
        }
        set
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub(crate) fn subtract(&self, other: &Self) -> Self {
        if self.overlaps(other) { self.intersect(&other.complement()) } else { self.clone() }
    }

    /// Whether all of this set is in the other.
    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|&(low, high)| {
            let after = other.0.partition_point(|range| range.0 <= low);
            after.checked_sub(1).and_then(|i| other.0.get(i)).is_some_and(|range| high <= range.1)
        })
    }
}
