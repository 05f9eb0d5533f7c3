//! Sets of atoms as bits. What the atoms are is told in `atoms`.

/// A set of atoms of one [`AtomTable`](crate::atoms::AtomTable). The first bit is the atom of addresses that are not public.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AtomSet(Box<[u64]>);

impl AtomSet {
    fn none(atoms: usize) -> Self {
        Self(vec![0; atoms.div_ceil(64)].into())
    }

    pub(crate) fn collect(atoms: usize, members: impl Iterator<Item = usize>) -> Self {
        let mut set = Self::none(atoms);
        for atom in members {
            if let Some(word) = set.0.get_mut(atom / 64) {
                *word |= 1 << (atom % 64);
            }
        }
        set
    }

    fn zip(&self, other: &Self, op: impl Fn(u64, u64) -> u64) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| op(*a, *b)).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Whether the set holds the atom that is not public.
    pub(crate) fn holds_not_public(&self) -> bool {
        self.0.first().is_some_and(|word| word & 1 != 0)
    }

    /// Whether the set holds a public atom.
    pub(crate) fn holds_public(&self) -> bool {
        self.0.iter().enumerate().any(|(i, word)| if i == 0 { word & !1 != 0 } else { *word != 0 })
    }

    pub(crate) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    pub(crate) fn intersect(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    pub(crate) fn subtract(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }
}
