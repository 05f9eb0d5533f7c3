//! Service tags as sets of atoms.
//!
//! An *atom* is a class of addresses that no combination of tags can split further: the Storage addresses of West US 2 are
//! one, the Storage addresses without region that lie outside `AzureCloud` another. Every address has exactly one atom; one
//! atom is that of addresses that are not public, which no tag holds. Which public address has which atom is not known
//! without Microsoft's file; what is known of a class is whether it is empty:
//!
//! * `(tag, region)` is not, and lies in `AzureCloud` of that region (facts part C.2b);
//! * a global tag is larger than the union of its regions, so its rest has atoms too: outside `AzureCloud` if the tag is
//!   `partly` in it or `disjoint`; and inside, one for each region of `AzureCloud` and one for its own rest. Of these inside
//!   ones it is only known that not all are empty;
//! * the rest of each `AzureCloud` region, of `AzureCloud`, and of all public addresses are not empty.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::atom_set::AtomSet;
use crate::builtin::BuiltinTag;
use crate::catalogue::{AzureCloudRelation, TagInfo};
use crate::region::Region;
use crate::tag::ServiceTag;

/// The name of the one tag that others lie in.
pub(crate) const AZURE_CLOUD: &str = "AzureCloud";

/// A tag's number in its [`AtomTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TagId(pub(crate) u16);

/// Where a class of addresses lies in `AzureCloud`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cloud {
    Outside,
    Region(Region),
    /// In it, but in none of its regions.
    Rest,
}

/// One class of public addresses.
struct Atom {
    /// The region of the tag other than `AzureCloud` that holds the class, if it has one.
    region: Option<Region>,
    cloud: Cloud,
    /// Whether the class is known to have addresses.
    certain: bool,
}

impl Atom {
    /// Whether `AzureCloud`, or its part of one region, holds the class.
    fn in_cloud(&self, region: Option<&Region>) -> bool {
        match (&self.cloud, region) {
            (Cloud::Outside, _) => false,
            (_, None) => true,
            (cloud, Some(region)) => matches!(cloud, Cloud::Region(own) if own == region),
        }
    }
}

/// The atoms of a catalogue and what each tag is made of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AtomTable {
    ids: BTreeMap<ServiceTag, TagId>,
    sets: Vec<(ServiceTag, AtomSet)>,
    all: AtomSet,
    public: AtomSet,
    certain: AtomSet,
    not_all_empty: Vec<AtomSet>,
    fingerprint: u64,
}

impl AtomTable {
    /// Builds the table. `home` gives the region of `AzureCloud` in which a tag's region lies.
    pub(crate) fn build(tags: &[TagInfo], home: impl Fn(&Region) -> Region) -> Self {
        let azure_cloud = tags.iter().find(|tag| tag.name == AZURE_CLOUD);
        let cloud: Vec<Cloud> = azure_cloud.map_or_else(Vec::new, |tag| {
            let regions = tag.regions.iter().cloned().map(Cloud::Region);
            regions.chain([Cloud::Rest]).collect()
        });
        let rest = |cloud| Atom { region: None, cloud, certain: true };
        let mut builder =
            Builder { atoms: vec![rest(Cloud::Outside)], not_all_empty: Vec::new(), cloud, own: Vec::new() };
        builder.atoms.extend(builder.cloud.iter().cloned().map(rest));
        for tag in tags {
            let start = builder.atoms.len();
            if tag.name != AZURE_CLOUD {
                builder.add(tag, &home);
            }
            builder.own.push(start..builder.atoms.len());
        }
        builder.finish(tags)
    }

    /// The number of `tag`, if the catalogue lists it (built-in tags other than `Internet` are not made of atoms).
    pub(crate) fn id(&self, tag: &ServiceTag) -> Option<TagId> {
        self.ids.get(tag).copied()
    }

    /// The tag and atoms of that number.
    pub(crate) fn get(&self, id: TagId) -> Option<&(ServiceTag, AtomSet)> {
        self.sets.get(usize::from(id.0))
    }

    /// Every atom, public or not.
    pub(crate) fn all(&self) -> &AtomSet {
        &self.all
    }

    /// Every public atom: `Internet`.
    pub(crate) fn public(&self) -> &AtomSet {
        &self.public
    }

    /// Whether every class that is known to have addresses can have them among `possible`.
    pub(crate) fn can_all_live_in(&self, possible: &AtomSet) -> bool {
        self.certain.is_subset(possible) && self.not_all_empty.iter().all(|group| group.overlaps(possible))
    }

    /// Tells tables apart: two with the same print give every tag the same number and atoms.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

/// Collects the atoms of a catalogue.
struct Builder {
    atoms: Vec<Atom>,
    /// Ranges of atoms of which it is only known that not all are empty.
    not_all_empty: Vec<Range<usize>>,
    /// The parts of `AzureCloud`; none if the catalogue does not list it.
    cloud: Vec<Cloud>,
    /// The atoms of each tag other than `AzureCloud`, in the order of the catalogue.
    own: Vec<Range<usize>>,
}

impl Builder {
    /// Adds the atoms of one tag.
    fn add(&mut self, tag: &TagInfo, home: &impl Fn(&Region) -> Region) {
        let relation = tag.azure_cloud.filter(|_| !self.cloud.is_empty()).unwrap_or(AzureCloudRelation::Disjoint);
        for region in &tag.regions {
            let at_home = Cloud::Region(home(region));
            let fallback = if self.cloud.is_empty() { Cloud::Outside } else { Cloud::Rest };
            let cloud = if self.cloud.contains(&at_home) { at_home } else { fallback };
            self.atoms.push(Atom { region: Some(region.clone()), cloud, certain: true });
        }
        let global = |cloud, certain| Atom { region: None, cloud, certain };
        if relation != AzureCloudRelation::Inside {
            self.atoms.push(global(Cloud::Outside, true));
        }
        if relation != AzureCloudRelation::Disjoint {
            let start = self.atoms.len();
            self.atoms.extend(self.cloud.iter().map(|cloud| global(cloud.clone(), false)));
            if relation == AzureCloudRelation::Inside || tag.regions.is_empty() {
                self.not_all_empty.push(start..self.atoms.len());
            }
        }
    }

    /// Numbers the atoms, from 1 because 0 is the atom that is not public, and collects each tag's.
    fn finish(self, tags: &[TagInfo]) -> AtomTable {
        let size = self.atoms.len() + 1;
        let select = |wanted: &dyn Fn(&Atom) -> bool| {
            let members = self.atoms.iter().zip(1..).filter(|(atom, _)| wanted(atom));
            AtomSet::collect(size, members.map(|(_, number)| number))
        };
        let mut sets = vec![(ServiceTag::new(BuiltinTag::Internet.name(), None), select(&|_| true))];
        for (tag, own) in tags.iter().zip(&self.own) {
            for region in std::iter::once(None).chain(tag.regions.iter().map(Some)) {
                let atoms = if tag.name == AZURE_CLOUD {
                    select(&|atom| atom.in_cloud(region))
                } else {
                    let is_of = |atom: &Atom| region.is_none() || atom.region.as_ref() == region;
                    let of_tag = own.clone().filter(|i| self.atoms.get(*i).is_some_and(is_of));
                    AtomSet::collect(size, of_tag.map(|i| i + 1))
                };
                sets.push((ServiceTag::new(tag.name.clone(), region.cloned()), atoms));
            }
        }
        let mut hasher = DefaultHasher::new();
        sets.hash(&mut hasher);
        AtomTable {
            ids: sets.iter().zip(0..).map(|((tag, _), number)| (tag.clone(), TagId(number))).collect(),
            all: AtomSet::collect(size, 0..size),
            public: AtomSet::collect(size, 1..size),
            certain: select(&|atom| atom.certain),
            not_all_empty: self
                .not_all_empty
                .iter()
                .map(|range| AtomSet::collect(size, range.clone().map(|i| i + 1)))
                .collect(),
            fingerprint: hasher.finish(),
            sets,
        }
    }
}
