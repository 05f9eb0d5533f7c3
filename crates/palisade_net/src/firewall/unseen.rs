//! What a question may leave open and a rule may ask for: the application protocol of a packet, the host name that a client
//! asks for, whether that name is in an FQDN tag of unknown contents, whether the address is known as that name's.
//!
//! Each is a coordinate; an *unseen* set is a set of points, as bits. A question is at one unknown point of its set, and a
//! rule decides it for certain only if its own set holds all of that one's.
//!
//! A name may be in several tags of unknown contents at once. One at a time is enough here: of the tags that a name is in,
//! the one that the first rule asks for decides, and the name in that tag alone is decided by the same rule. Nor does it
//! matter whether an address is known as another name's than the one that is asked for: a network rule by that name decides
//! as if it were asked for, and without one the address is as good as known for none.

use crate::atom_set::AtomSet;

use super::application::ApplicationKind;
use super::names::Class;

/// A set of application protocols; the first bit is traffic of none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub(crate) const NONE_OF_THEM: Self = Self(1);
    pub(crate) const ALL: Self = Self(0b1111);
    const COUNT: usize = 4;

    pub(crate) fn of(kinds: impl IntoIterator<Item = ApplicationKind>) -> Self {
        Self(kinds.into_iter().fold(0, |set, kind| set | 2 << kind as u8))
    }

    fn iter(self) -> impl Iterator<Item = usize> {
        (0..Self::COUNT).filter(move |kind| self.0 >> kind & 1 != 0)
    }
}

/// A circumstance that a question hardly ever states: in which unknown tag the name is, none being the first, and whether
/// the address is known as the name's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(usize);

/// The coordinates of one firewall.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Layout {
    classes: usize,
    /// FQDN tags of unknown contents.
    tags: usize,
    /// Whether network rules have host names.
    names: bool,
    /// Whether DNS proxy is on for certain, so that the firewall knows the addresses of those.
    proxy: bool,
}

impl Layout {
    pub(crate) fn new(classes: usize, tags: usize, names: bool, proxy: bool) -> Self {
        Self { classes, tags, names, proxy }
    }

    /// Every circumstance.
    pub(crate) fn any_slot(&self) -> Vec<Slot> {
        (0..self.slots()).map(Slot).collect()
    }

    /// That the address is known as the name's: the second half.
    pub(crate) fn names_hold(&self) -> Vec<Slot> {
        (self.in_tags()..self.slots()).map(Slot).collect()
    }

    /// That the name is in the unknown tag of that number.
    pub(crate) fn tag(&self, number: usize) -> impl Iterator<Item = Slot> + use<> {
        (number + 1..self.slots()).step_by(self.in_tags()).map(Slot)
    }

    /// What a question leaves open: of a host that is asked for by name the address is the name's.
    pub(crate) fn asked(&self, by_name: bool) -> Vec<Slot> {
        if by_name && self.names && self.proxy { self.names_hold() } else { self.any_slot() }
    }

    fn in_tags(&self) -> usize {
        1 + self.tags
    }

    fn slots(&self) -> usize {
        self.in_tags() * (1 + usize::from(self.names))
    }

    /// The points of these kinds, classes and circumstances.
    pub(crate) fn set(&self, kinds: Kinds, classes: &[Class], slots: &[Slot]) -> AtomSet {
        let points = classes.iter().flat_map(|class| {
            slots.iter().flat_map(move |slot| {
                let start = (class * self.slots() + slot.0) * Kinds::COUNT;
                kinds.iter().map(move |kind| start + kind)
            })
        });
        AtomSet::collect(self.classes * self.slots() * Kinds::COUNT, points)
    }

    /// Every class.
    pub(crate) fn every_class(&self) -> Vec<Class> {
        (0..self.classes).collect()
    }
}
