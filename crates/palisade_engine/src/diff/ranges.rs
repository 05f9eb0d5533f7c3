//! Ranges of addresses cut where any of them begins or ends, so that two ways to write the same addresses are the same.

use std::collections::BTreeMap;

use palisade_net::{Cidr, IpSet};

/// Each range without those inside it. Ranges nest or lie apart, so that these pieces lie apart.
pub(super) struct Pieces {
    /// In order: a range comes before those inside it.
    all: Vec<(Cidr, IpSet)>,
}

impl Pieces {
    pub(super) fn new(ranges: impl Iterator<Item = Cidr>) -> Self {
        let mut sorted: Vec<Cidr> = ranges.collect();
        sorted.sort_by_key(|range| (range.first(), range.length()));
        sorted.dedup();
        let mut left: BTreeMap<Cidr, IpSet> = sorted.iter().map(|range| (*range, IpSet::from(*range))).collect();
        let mut around: Vec<Cidr> = Vec::new();
        for range in &sorted {
            while around.last().is_some_and(|outer| !outer.contains(*range)) {
                around.pop();
            }
            if let Some(outer) = around.last().and_then(|outer| left.get_mut(outer)) {
                *outer = outer.subtract(&IpSet::from(*range));
            }
            around.push(*range);
        }
        let piece = |range: Cidr| Some((range, left.remove(&range)?));
        Self { all: sorted.into_iter().filter_map(piece).collect() }
    }

    /// The numbers of the pieces of a range; pieces without addresses are left out.
    pub(super) fn of(&self, range: Cidr) -> impl Iterator<Item = usize> + '_ {
        let start =
            self.all.partition_point(|(other, _)| (other.first(), other.length()) < (range.first(), range.length()));
        let inside = self.all.iter().enumerate().skip(start).take_while(move |(_, (other, _))| range.contains(*other));
        inside.filter(|(_, (_, addresses))| !addresses.is_empty()).map(|(number, _)| number)
    }

    /// The addresses of some pieces.
    pub(super) fn addresses(&self, numbers: impl Iterator<Item = usize>) -> IpSet {
        let pieces = numbers.filter_map(|number| self.all.get(number));
        pieces.fold(IpSet::empty(), |all, (_, piece)| all.union(piece))
    }
}

#[cfg(test)]
mod tests {
    use palisade_net::Cidr;
    use proptest::prelude::*;

    use super::Pieces;

    /// Ranges of a small universe, which nest often.
    fn range() -> impl Strategy<Value = Cidr> {
        (0_u8..16, 26_u8..=32).prop_map(|(low, length)| {
            let base = (u32::from(low) << 2) & (u32::MAX << (32 - u32::from(length)));
            format!("10.0.0.{base}/{length}").parse().unwrap()
        })
    }

    proptest! {
        #[test]
        fn the_pieces_of_a_range_are_its_addresses_and_pieces_lie_apart(ranges in prop::collection::vec(range(), 1..12)) {
            let pieces = Pieces::new(ranges.iter().copied());
            for range in &ranges {
                prop_assert_eq!(pieces.addresses(pieces.of(*range)), (*range).into());
            }
            for (number, (_, one)) in pieces.all.iter().enumerate() {
                for (_, other) in pieces.all.iter().skip(number + 1) {
                    prop_assert!(!one.overlaps(other));
                }
            }
        }
    }
}
