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

use crate::builtin::BuiltinTag;
use crate::catalogue::{AzureCloudRelation, TagInfo};
use crate::region::Region;
use crate::tag::ServiceTag;

/// The name of the one tag that others lie in.
pub(crate) const AZURE_CLOUD: &str = "AzureCloud";

/// A set of atoms of one [`AtomTable`]. The first bit is the atom of addresses that are not public.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AtomSet(Box<[u64]>);

impl AtomSet {
    fn none(atoms: usize) -> Self {
        Self(vec![0; atoms.div_ceil(64)].into())
    }

    fn collect(atoms: usize, members: impl Iterator<Item = usize>) -> Self {
        let mut set = Self::none(atoms);
        for atom in members {
            if let Some(word) = set.0.get_mut(atom / 64) {
                *word |= 1 << (atom % 64);
            }
        }
        set
    }

    fn zip(&self, other: &Self, op: impl Fn(u64, u64) -> u64) -> Self {
        Self(
            self.0
                .iter()
                .zip(&other.0)
                .map(|(a, b)| op(*a, *b))
                .collect(),
        )
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
        self.0
            .iter()
            .enumerate()
            .any(|(i, word)| if i == 0 { word & !1 != 0 } else { *word != 0 })
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

/// A tag's number in its [`AtomTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TagId(pub(crate) u16);

/// One class of public addresses.
struct Atom {
    /// The tag other than `AzureCloud`, with its region.
    tag: Option<(usize, Option<Region>)>,
    /// In `AzureCloud`: of a region, or in its rest.
    cloud: Option<Option<Region>>,
    /// Whether the class is known to have addresses.
    certain: bool,
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
        let cloud: Vec<Option<Region>> = tags
            .iter()
            .find(|tag| tag.name == AZURE_CLOUD)
            .map_or_else(Vec::new, |tag| {
                tag.regions
                    .iter()
                    .cloned()
                    .map(Some)
                    .chain([None])
                    .collect()
            });
        let mut atoms = vec![Atom {
            tag: None,
            cloud: None,
            certain: true,
        }];
        atoms.extend(cloud.iter().map(|cell| Atom {
            tag: None,
            cloud: Some(cell.clone()),
            certain: true,
        }));
        let mut groups = Vec::new();
        for (index, tag) in tags
            .iter()
            .enumerate()
            .filter(|(_, tag)| tag.name != AZURE_CLOUD)
        {
            groups.extend(tag_atoms(index, tag, &cloud, &home, &mut atoms));
        }
        Self::number(tags, &atoms, &groups)
    }

    /// Numbers the atoms, from 1 because 0 is the atom that is not public, and collects each tag's.
    fn number(tags: &[TagInfo], atoms: &[Atom], groups: &[std::ops::Range<usize>]) -> Self {
        let size = atoms.len() + 1;
        let select = |wanted: &dyn Fn(&Atom) -> bool| {
            AtomSet::collect(
                size,
                atoms
                    .iter()
                    .enumerate()
                    .filter(|(_, atom)| wanted(atom))
                    .map(|(i, _)| i + 1),
            )
        };
        let mut sets = vec![(
            ServiceTag::new(BuiltinTag::Internet.name(), None),
            select(&|_| true),
        )];
        for (index, tag) in tags.iter().enumerate() {
            let is_cloud = tag.name == AZURE_CLOUD;
            let global = select(&|atom| {
                if is_cloud {
                    atom.cloud.is_some()
                } else {
                    atom.tag.as_ref().is_some_and(|t| t.0 == index)
                }
            });
            sets.push((ServiceTag::new(tag.name.clone(), None), global));
            for region in &tag.regions {
                let of_region = |atom: &Atom| match is_cloud {
                    true => atom
                        .cloud
                        .as_ref()
                        .is_some_and(|cell| cell.as_ref() == Some(region)),
                    false => atom
                        .tag
                        .as_ref()
                        .is_some_and(|t| t.0 == index && t.1.as_ref() == Some(region)),
                };
                sets.push((
                    ServiceTag::new(tag.name.clone(), Some(region.clone())),
                    select(&of_region),
                ));
            }
        }
        let mut hasher = DefaultHasher::new();
        sets.hash(&mut hasher);
        Self {
            ids: sets
                .iter()
                .enumerate()
                .filter_map(|(i, (tag, _))| Some((tag.clone(), TagId(u16::try_from(i).ok()?))))
                .collect(),
            all: AtomSet::collect(size, 0..size),
            public: AtomSet::collect(size, 1..size),
            certain: select(&|atom| atom.certain),
            not_all_empty: groups
                .iter()
                .map(|group| AtomSet::collect(size, group.clone().map(|i| i + 1)))
                .collect(),
            fingerprint: hasher.finish(),
            sets,
        }
    }

    /// The number of `tag`, if the catalogue lists it (built-in tags other than `Internet` are not made of atoms).
    pub(crate) fn id(&self, tag: &ServiceTag) -> Option<TagId> {
        self.ids.get(tag).copied()
    }

    /// The tag and atoms of that number.
    pub(crate) fn get(&self, id: TagId) -> Option<&(ServiceTag, AtomSet)> {
        self.sets.get(usize::from(id.0))
    }

    /// The atoms of `tag`.
    pub(crate) fn atoms(&self, tag: &ServiceTag) -> Option<&AtomSet> {
        self.id(tag)
            .and_then(|id| self.get(id))
            .map(|(_, atoms)| atoms)
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
        self.certain.is_subset(possible)
            && self
                .not_all_empty
                .iter()
                .all(|group| group.overlaps(possible))
    }

    /// Tells tables apart: two with the same print give every tag the same number and atoms.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

/// Adds the atoms of one tag; returns the range of those that are not all empty, if that is all that is known of them.
fn tag_atoms(
    index: usize,
    tag: &TagInfo,
    cloud: &[Option<Region>],
    home: &impl Fn(&Region) -> Region,
    atoms: &mut Vec<Atom>,
) -> Option<std::ops::Range<usize>> {
    let in_cloud = |region: &Region| {
        (!cloud.is_empty())
            .then(|| Some(home(region)).filter(|home| cloud.contains(&Some(home.clone()))))
    };
    atoms.extend(tag.regions.iter().map(|r| Atom {
        tag: Some((index, Some(r.clone()))),
        cloud: in_cloud(r),
        certain: true,
    }));
    let outside = tag.azure_cloud != Some(AzureCloudRelation::Inside) || cloud.is_empty();
    if outside {
        atoms.push(Atom {
            tag: Some((index, None)),
            cloud: None,
            certain: true,
        });
    }
    if tag.azure_cloud == Some(AzureCloudRelation::Disjoint) || cloud.is_empty() {
        return None;
    }
    let start = atoms.len();
    atoms.extend(cloud.iter().map(|cell| Atom {
        tag: Some((index, None)),
        cloud: Some(cell.clone()),
        certain: false,
    }));
    (!outside || tag.regions.is_empty()).then(|| start..atoms.len())
}
