//! Microsoft's service tag file: where every tag lies, in the weekly JSON that Microsoft publishes for each cloud.
//!
//! The file is read as a stream into sets of addresses; no text of a prefix is kept. What it lists beyond the catalogue is
//! usable through [`TagCatalogue::with_file`].

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use smol_str::SmolStr;

use crate::atoms::AZURE_CLOUD;
use crate::builtin::public_addresses;
use crate::catalogue::{AzureCloudRelation, Feature, TagCatalogue, TagDirection, TagInfo};
use crate::cidr::Cidr;
use crate::error::{TagFileError, ValueError};
use crate::ip_set::IpSet;
use crate::region::Region;

/// The cloud whose tags and regions the catalogue lists (fact `net.tag.cloud`).
const CLOUD: &str = "Public";

/// The addresses of every tag at one time (fact `net.tag.what`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTagFile {
    change_number: u64,
    tags: BTreeMap<SmolStr, FileTag>,
}

/// What the file says about one tag.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FileTag {
    name: SmolStr,
    features: Vec<Feature>,
    ips: IpSet,
}

impl ServiceTagFile {
    /// Reads the text of the file. Addresses that are not public are left out: no tag holds them.
    pub fn from_json(text: &str) -> Result<Self, TagFileError> {
        let file: File = serde_json::from_str(text).map_err(|error| TagFileError {
            error: ValueError::new(format!("the service tag file cannot be read: {error}"))
                .help("it is Microsoft's JSON with `changeNumber`, `cloud` and `values`, as downloaded"),
            at: offset(text, error.line(), error.column()),
        })?;
        if file.cloud != CLOUD {
            return Err(ValueError::new(format!("the service tag file is of the cloud `{}`", file.cloud))
                .help(format!("download the file of the cloud `{CLOUD}`, whose tags the catalogue lists"))
                .into());
        }
        let public = public_addresses();
        let mut tags = BTreeMap::new();
        for Entry { name, properties } in file.values {
            let ips = properties.address_prefixes.0;
            let ips = if ips.is_subset(&public) { ips } else { ips.intersect(&public) };
            let features = properties.network_features.unwrap_or_default().iter().filter_map(feature).collect();
            let tag = FileTag { name: name.clone(), features, ips };
            if tags.insert(key(&name), tag).is_some() {
                return Err(ValueError::new(format!("the service tag file lists `{name}` twice"))
                    .help("download the file again: as it is, one of the two would be lost")
                    .into());
            }
        }
        Ok(Self { change_number: file.change_number, tags })
    }

    /// The number of the edition; a later one is larger.
    pub fn change_number(&self) -> u64 {
        self.change_number
    }

    /// The names of all tags in Azure's spelling.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tags.values().map(|tag| tag.name.as_str())
    }

    /// The public addresses of the tag of that name in Azure's spelling (see [`TagCatalogue::azure_spelling`]), whatever its
    /// case.
    pub fn find(&self, name: &str) -> Option<&IpSet> {
        self.tags.get(&key(name)).map(|tag| &tag.ips)
    }
}

/// The byte at a line and column of `serde_json`, which ends lines at `\n` and counts columns in bytes from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

fn key(name: &str) -> SmolStr {
    name.chars().map(|c| c.to_ascii_lowercase()).collect()
}

fn feature(word: &SmolStr) -> Option<Feature> {
    match word.as_str() {
        "NSG" => Some(Feature::Group),
        "UDR" => Some(Feature::Route),
        "FW" => Some(Feature::Firewall),
        _ => None,
    }
}

impl TagCatalogue {
    /// The same catalogue with every tag and region that `file` lists and it does not, so that rules may name them.
    ///
    /// What holds of an added tag is what the file shows, so that the catalogue is for use with that file: see
    /// [`crate::NetworkContext::with_prefixes`].
    pub fn with_file(&self, file: &ServiceTagFile) -> Result<Self, ValueError> {
        let mut added = Added { catalogue: self, file, tags: self.tags().to_vec() };
        // A global tag comes before its regions: its name is a prefix of theirs.
        file.tags.values().for_each(|tag| added.add(tag));
        added.tags.iter_mut().for_each(|info| info.regions.sort_unstable());
        self.with_tags(added.tags)
    }
}

/// Collects the tags that a file adds to a catalogue.
struct Added<'a> {
    catalogue: &'a TagCatalogue,
    file: &'a ServiceTagFile,
    tags: Vec<TagInfo>,
}

impl Added<'_> {
    fn add(&mut self, tag: &FileTag) {
        if self.tags.iter().any(|info| info.name.eq_ignore_ascii_case(&tag.name)) {
            return;
        }
        let regional = tag.name.rsplit_once('.').and_then(|(name, suffix)| {
            let region = self.catalogue.parse_region(suffix).ok()?;
            Some((self.tags.iter_mut().find(|info| info.name.eq_ignore_ascii_case(name))?, region))
        });
        match regional {
            Some((info, region)) if info.regions.contains(&region) => {}
            Some((info, region)) => add_region(info, region, &tag.features),
            None => {
                let info = self.global(tag);
                self.tags.push(info);
            }
        }
    }

    fn global(&self, tag: &FileTag) -> TagInfo {
        let cloud = self.file.find(AZURE_CLOUD);
        TagInfo {
            name: tag.name.clone(),
            purpose: "listed in the service tag file".to_owned(),
            direction: TagDirection::Both,
            features: tag.features.clone(),
            azure_cloud: (tag.name != AZURE_CLOUD).then(|| match cloud {
                Some(cloud) if tag.ips.is_subset(cloud) => AzureCloudRelation::Inside,
                Some(cloud) if tag.ips.overlaps(cloud) => AzureCloudRelation::Partly,
                _ => AzureCloudRelation::Disjoint,
            }),
            regions: Vec::new(),
            regional_features: Vec::new(),
            regions_without_features: Vec::new(),
            needs: Vec::new(),
            service_endpoints: Vec::new(),
            regional_service_endpoints: Vec::new(),
            near_without_egress: false,
        }
    }
}

fn add_region(info: &mut TagInfo, region: Region, features: &[Feature]) {
    if features.is_empty() {
        info.regions_without_features.push(region.clone());
    }
    for feature in features {
        if !info.regional_features.contains(feature) {
            info.regional_features.push(*feature);
        }
    }
    info.regions.push(region);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    change_number: u64,
    cloud: SmolStr,
    values: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: SmolStr,
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    network_features: Option<Vec<SmolStr>>,
    address_prefixes: Prefixes,
}

struct Prefixes(IpSet);

impl<'de> Deserialize<'de> for Prefixes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Prefixes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of address ranges")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Prefixes, A::Error> {
                let items = std::iter::from_fn(|| items.next_element::<Prefix>().transpose());
                items.map(|prefix| prefix.map(|prefix| prefix.0)).collect::<Result<_, _>>().map(Prefixes)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

struct Prefix(Cidr);

impl<'de> Deserialize<'de> for Prefix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Prefix;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an address range")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Prefix, E> {
                Cidr::parse_or_address(text).map(Prefix).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}
