//! The names of an environment's entities: bare (`training`), short (`ml/training`) and full
//! (`virtual_networks.ml.subnets.training`), all without case.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::load::LoadedEntity;
use super::paths::parse_place;
use crate::suggest::nearest;
use crate::types::RecordId;

/// Finds entities by what people call them. Entities are numbers: their order in the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameIndex {
    entries: Vec<Named>,
    bare: FxHashMap<SmolStr, SmallVec<[u32; 1]>>,
    short: FxHashMap<SmolStr, SmallVec<[u32; 1]>>,
    places: FxHashMap<SmolStr, u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    record: RecordId,
    name: SmolStr,
    /// With the names of the entities around it, where there are any.
    short: Option<SmolStr>,
    place: SmolStr,
}

/// What a text refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// One entity.
    Found(u32),
    /// Nothing; [`NameIndex::nearest`] may know what was meant.
    Missing,
    /// Several entities.
    Ambiguous(Vec<u32>),
    /// An entity that is not of the kinds asked for.
    OtherKind(u32),
}

/// A name as names are compared.
pub(super) fn folded(name: &str) -> SmolStr {
    if name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        name.into()
    } else {
        name.to_lowercase().into()
    }
}

impl NameIndex {
    pub(super) fn new(entities: &[LoadedEntity]) -> Self {
        let mut index = Self::default();
        for (at, entity) in (0..).zip(entities) {
            let owner = entity.owner.and_then(|owner| index.entries.get(owner));
            let short = owner.map(|owner| {
                let above = owner.short.as_ref().unwrap_or(&owner.name);
                SmolStr::from(format!("{above}/{}", entity.name))
            });
            let place = SmolStr::from(entity.place.to_string());
            // Of two that share a place, which is a fault of its own, the first is meant.
            let first = *index.places.entry(folded(&place)).or_insert(at) == at;
            if first {
                index.bare.entry(folded(&entity.name)).or_default().push(at);
                if let Some(short) = &short {
                    index.short.entry(folded(short)).or_default().push(at);
                }
            }
            index.entries.push(Named { record: entity.record, name: entity.name.clone(), short, place });
        }
        index
    }

    /// The entity of one of these kinds that a text means: by its bare name, its short form or its place; of any
    /// kind if none is given.
    pub fn find(&self, targets: &[RecordId], text: &str) -> Match {
        let key = folded(text);
        let lists = [&self.bare, &self.short].map(|names| names.get(&key).map_or(&[][..], SmallVec::as_slice));
        for named in lists {
            match *self.of_kind(targets, named) {
                [] => {}
                [one] => return Match::Found(one),
                ref several => return Match::Ambiguous(several.to_vec()),
            }
        }
        let written = || parse_place(text).ok().map(|place| folded(&place.to_string()));
        let placed = self.places.get(&key).or_else(|| self.places.get(&written()?)).copied();
        if let Some(at) = placed.filter(|at| self.is_of_kind(targets, *at)) {
            return Match::Found(at);
        }
        let other = placed.or_else(|| lists.iter().find_map(|named| named.first().copied()));
        other.map_or(Match::Missing, Match::OtherKind)
    }

    fn is_of_kind(&self, targets: &[RecordId], at: u32) -> bool {
        let record = self.entries.get(at as usize).map(|entry| entry.record);
        targets.is_empty() || record.is_some_and(|record| targets.contains(&record))
    }

    fn of_kind(&self, targets: &[RecordId], named: &[u32]) -> SmallVec<[u32; 1]> {
        named.iter().copied().filter(|at| self.is_of_kind(targets, *at)).collect()
    }

    /// The nearest name of an entity of these kinds, in the form that a text is written in.
    pub fn nearest(&self, targets: &[RecordId], text: &str) -> Option<SmolStr> {
        let wanted = self.entries.iter().filter(|entry| targets.is_empty() || targets.contains(&entry.record));
        let bare = wanted.clone().map(|entry| entry.name.as_str());
        let short = wanted.clone().filter_map(|entry| entry.short.as_deref());
        let near = if text.contains('/') {
            nearest(text, short).or_else(|| self.other_owner(targets, text))
        } else if let Some(near) = short.clone().find(|short| text.contains('.') && *short == text.replace('.', "/")) {
            Some(near)
        } else {
            nearest(text, bare).or_else(|| nearest(text, wanted.map(|entry| entry.place.as_str())))
        };
        near.map(SmolStr::from)
    }

    /// For `network/subnet` with a wrong network, or the wrong way round: the subnet of that name elsewhere.
    fn other_owner(&self, targets: &[RecordId], text: &str) -> Option<&str> {
        let (owner, name) = text.rsplit_once('/')?;
        [name, owner].into_iter().find_map(|name| match self.find(targets, name) {
            Match::Found(at) => self.entries.get(at as usize)?.short.as_deref(),
            _ => None,
        })
    }

    /// The first entity of these kinds, in the shortest form that means it.
    pub fn first_of(&self, targets: &[RecordId]) -> Option<&str> {
        let at = self.entries.iter().position(|entry| targets.contains(&entry.record))?;
        Some(self.unique_name(u32::try_from(at).ok()?))
    }

    /// The shortest form that means this entity alone: `ml/training`, or its place.
    pub fn unique_name(&self, at: u32) -> &str {
        let Some(entry) = self.entries.get(at as usize) else { return "" };
        let forms = [Some(&entry.name), entry.short.as_ref(), Some(&entry.place)];
        let means_it = |form: &&SmolStr| self.find(&[entry.record], form) == Match::Found(at);
        forms.into_iter().flatten().find(means_it).unwrap_or(&entry.place)
    }

    /// The full place of an entity.
    pub fn place(&self, at: u32) -> &str {
        self.entries.get(at as usize).map_or("", |entry| entry.place.as_str())
    }

    pub(super) fn record(&self, at: u32) -> Option<RecordId> {
        Some(self.entries.get(at as usize)?.record)
    }
}
