//! What a question may leave open and a rule may ask for: the application protocol of a packet, the host name behind it,
//! whether that name is in an FQDN tag of unknown contents, whether a name holds without DNS proxy.
//!
//! Each is a coordinate; an *unseen* set is a set of points, as bits. A question is at one unknown point of its set, and a
//! rule decides it for certain only if its own set holds all of that one's.
//!
//! A name may be in several tags of unknown contents at once. One at a time is enough here: of the tags that a name is in,
//! the one that the first rule asks for decides, and the name in that tag alone is decided by the same rule.

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

/// A circumstance that a question never states: that of no such circumstance is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(usize);

impl Slot {
    /// That the name is in the unknown tag of that number.
    pub(crate) fn tag(number: usize) -> Self {
        Self(number + 1)
    }
}

/// The coordinates of one firewall.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Layout {
    classes: usize,
    /// FQDN tags of unknown contents.
    tags: usize,
    /// Whether there may be no DNS proxy although rules need it.
    proxy_open: bool,
}

impl Layout {
    pub(crate) fn new(classes: usize, tags: usize, proxy_open: bool) -> Self {
        Self { classes, tags, proxy_open }
    }

    /// That names in network rules hold: always, or only in a circumstance of its own.
    pub(crate) fn names_hold(&self) -> Vec<Slot> {
        if self.proxy_open { vec![Slot(self.tags + 1)] } else { self.any_slot() }
    }

    /// Every circumstance.
    pub(crate) fn any_slot(&self) -> Vec<Slot> {
        (0..self.slots()).map(Slot).collect()
    }

    fn slots(&self) -> usize {
        1 + self.tags + usize::from(self.proxy_open)
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
