//! Sets of address ranges, as trees over the bits of their addresses.
//!
//! What conditions say of one range (that it lies in another, holds it, overlaps it, is it) are sets of nodes of the tree
//! of all ranges. They differ only near the paths to the ranges that are named, so that everything else is one leaf.

use std::net::IpAddr;

use palisade_net::Cidr;

/// A set of ranges of both families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefixes {
    v4: Tree,
    v6: Tree,
}

/// A set of ranges that begin with the bits by which the tree is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tree {
    /// All of them, or none.
    Leaf(bool),
    /// Whether the range of just these bits is in it, and those that go on with 0 and with 1.
    Fork(bool, Box<[Tree; 2]>),
}

impl Prefixes {
    pub(super) const ALL: Self = Self { v4: Tree::Leaf(true), v6: Tree::Leaf(true) };

    /// The range itself.
    pub(super) fn one(range: Cidr) -> Self {
        Self::along(range, false, Tree::end(range, true, false))
    }

    /// The ranges in a range, itself included.
    pub(super) fn inside(range: Cidr) -> Self {
        Self::along(range, false, Tree::Leaf(true))
    }

    /// The ranges that hold a range, itself included.
    pub(super) fn around(range: Cidr) -> Self {
        Self::along(range, true, Tree::end(range, true, false))
    }

    /// The ranges that share an address with a range.
    pub(super) fn overlapping(range: Cidr) -> Self {
        Self::along(range, true, Tree::Leaf(true))
    }

    /// Whether the ranges that hold this one are in it, and what is in it from here on; nothing else is.
    fn along(range: Cidr, holders: bool, end: Tree) -> Self {
        let (none, bits) = (Tree::Leaf(false), bits(range));
        let tree = bits.into_iter().rev().fold(end, |below, bit| {
            let other = Tree::Leaf(false);
            Tree::fork(holders, if bit { [other, below] } else { [below, other] })
        });
        if range.is_ipv6() { Self { v4: none, v6: tree } } else { Self { v4: tree, v6: none } }
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self { v4: self.v4.with(&other.v4, |a, b| a && b), v6: self.v6.with(&other.v6, |a, b| a && b) }
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        Self { v4: self.v4.with(&other.v4, |a, b| a || b), v6: self.v6.with(&other.v6, |a, b| a || b) }
    }

    pub(super) fn not(&self) -> Self {
        Self { v4: self.v4.not(), v6: self.v6.not() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.v4 == Tree::Leaf(false) && self.v6 == Tree::Leaf(false)
    }

    /// One of the ranges, as short as any, in the words of the language.
    pub(super) fn example(&self) -> Option<String> {
        let v4 = self.v4.first(Vec::new()).map(|bits| shown(&bits, false));
        v4.or_else(|| self.v6.first(Vec::new()).map(|bits| shown(&bits, true)))
    }
}

impl Tree {
    /// A range, and whether those below it are in the set; below one address there are none.
    fn end(range: Cidr, here: bool, below: bool) -> Self {
        let host = range.first() == range.last();
        if host { Self::Leaf(here) } else { Self::fork(here, [Self::Leaf(below), Self::Leaf(below)]) }
    }

    fn fork(here: bool, below: [Self; 2]) -> Self {
        let even = below.iter().all(|tree| *tree == Self::Leaf(here));
        if even { Self::Leaf(here) } else { Self::Fork(here, Box::new(below)) }
    }

    fn with(&self, other: &Self, op: fn(bool, bool) -> bool) -> Self {
        match (self, other) {
            (Self::Leaf(a), Self::Leaf(b)) => Self::Leaf(op(*a, *b)),
            (Self::Fork(a, below), Self::Leaf(b)) => {
                let leaf = Self::Leaf(*b);
                Self::fork(op(*a, *b), below.each_ref().map(|tree| tree.with(&leaf, op)))
            }
            (Self::Leaf(a), Self::Fork(b, below)) => {
                let leaf = Self::Leaf(*a);
                Self::fork(op(*a, *b), below.each_ref().map(|tree| leaf.with(tree, op)))
            }
            (Self::Fork(a, xs), Self::Fork(b, ys)) => {
                let ([x0, x1], [y0, y1]) = (&**xs, &**ys);
                Self::fork(op(*a, *b), [x0.with(y0, op), x1.with(y1, op)])
            }
        }
    }

    fn not(&self) -> Self {
        match self {
            Self::Leaf(all) => Self::Leaf(!all),
            Self::Fork(here, below) => Self::Fork(!here, Box::new(below.each_ref().map(Self::not))),
        }
    }

    /// The bits of the shortest range in it; of two that are as short the one that begins with 0.
    fn first(&self, bits: Vec<bool>) -> Option<Vec<bool>> {
        match self {
            Self::Leaf(true) | Self::Fork(true, _) => Some(bits),
            Self::Leaf(false) => None,
            Self::Fork(false, below) => {
                let next = below.iter().zip([false, true]).filter_map(|(tree, bit)| {
                    let longer = bits.iter().copied().chain([bit]).collect();
                    tree.first(longer)
                });
                next.min_by_key(Vec::len)
            }
        }
    }
}

fn bits(range: Cidr) -> Vec<bool> {
    let (number, width) = match range.first() {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    (0..u32::from(range.length())).map(|at| number >> (width - 1 - at) & 1 == 1).collect()
}

fn shown(bits: &[bool], v6: bool) -> String {
    let width = if v6 { 128_usize } else { 32 };
    let number = bits.iter().fold(0_u128, |number, bit| number << 1 | u128::from(*bit));
    let number = number.checked_shl(u32::try_from(width - bits.len()).unwrap_or(0)).unwrap_or(0);
    let address = if v6 {
        IpAddr::from(number.to_be_bytes())
    } else {
        IpAddr::from(u32::try_from(number).unwrap_or(0).to_be_bytes())
    };
    format!("{address}/{}", bits.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ranges of few bits, of which there are few: every one up to four bits, those of one address, and one of IPv6.
    fn universe() -> Vec<Cidr> {
        let short = (0..5_u32)
            .flat_map(|length| (0..1_u32 << length).map(move |n| (n.checked_shl(32 - length).unwrap_or(0), length)));
        let hosts = (0..16_u32).map(|n| (n << 28, 32));
        let v4 = short.chain(hosts).map(|(number, length)| format!("{}/{length}", std::net::Ipv4Addr::from(number)));
        v4.chain(["::/0".to_owned(), "fd00::/8".to_owned()]).map(|text| text.parse().unwrap()).collect()
    }

    fn named() -> impl Strategy<Value = Cidr> {
        proptest::sample::select(universe())
    }

    fn overlap(a: Cidr, b: Cidr) -> bool {
        a.contains(b) || b.contains(a)
    }

    fn has(set: &Prefixes, range: Cidr) -> bool {
        !set.and(&Prefixes::one(range)).is_empty()
    }

    #[test]
    fn the_example_is_the_widest_range_that_is_left() {
        let range = |text: &str| text.parse::<Cidr>().unwrap();
        let inside = Prefixes::inside(range("10.0.0.0/8"));
        assert_eq!(inside.example().unwrap(), "10.0.0.0/8");
        assert_eq!(inside.and(&Prefixes::one(range("10.0.0.0/8")).not()).example().unwrap(), "10.0.0.0/9");
        assert_eq!(Prefixes::inside(range("fd00::/8")).example().unwrap(), "fd00::/8");
        assert_eq!(Prefixes::ALL.not().example(), None);
        let address = range("10.0.0.1/32");
        assert!(Prefixes::inside(address).and(&Prefixes::one(address).not()).is_empty());
    }

    proptest! {
        #[test]
        fn sets_of_ranges_are_sets(a in named(), b in named(), x in named()) {
            let all = [
                (Prefixes::one(a), x == a),
                (Prefixes::inside(a), a.contains(x)),
                (Prefixes::around(a), x.contains(a)),
                (Prefixes::overlapping(a), overlap(x, a)),
            ];
            for (set, holds) in &all {
                prop_assert_eq!(has(set, x), *holds);
                prop_assert_eq!(has(&set.not(), x), !holds);
                for (other, also) in [(Prefixes::inside(b), b.contains(x)), (Prefixes::around(b), x.contains(b))] {
                    prop_assert_eq!(has(&set.and(&other), x), *holds && also);
                    prop_assert_eq!(has(&set.or(&other), x), *holds || also);
                }
                prop_assert_eq!(&set.not().not(), set);
            }
        }
    }
}
