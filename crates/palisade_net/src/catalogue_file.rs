//! The two YAML texts of the catalogue, and the checks that make them one consistent whole.

use serde::Deserialize;
use smol_str::SmolStr;

use crate::atoms::AZURE_CLOUD;
use crate::builtin::BuiltinTag;
use crate::catalogue::{AzureCloudRelation, Feature, RegionInfo, RegionSet, TagDirection, TagInfo};
use crate::error::ValueError;
use crate::region::Region;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagFile {
    pub(crate) tags: Vec<TagEntry>,
    #[serde(default)]
    pub(crate) misspellings: Vec<Misspelling>,
    #[serde(default)]
    pub(crate) region_misspellings: Vec<Misspelling>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagEntry {
    name: SmolStr,
    purpose: String,
    direction: TagDirection,
    features: Vec<Feature>,
    azure_cloud: Option<AzureCloudRelation>,
    regional: Option<RegionalEntry>,
    #[serde(default)]
    needs: Vec<SmolStr>,
    #[serde(default)]
    service_endpoints: Vec<SmolStr>,
    #[serde(default)]
    regional_service_endpoints: Vec<SmolStr>,
    #[serde(default)]
    near_without_egress: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionalEntry {
    sets: Vec<RegionSet>,
    features: Vec<Feature>,
    #[serde(default)]
    without_features: Vec<SmolStr>,
}

/// A name that documents use although it is not the tag's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Misspelling {
    pub(crate) wrong: SmolStr,
    pub(crate) right: SmolStr,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionFile {
    pub(crate) regions: Vec<RegionInfo>,
}

pub(crate) fn read<T: for<'de> Deserialize<'de>>(text: &str, what: &str) -> Result<T, ValueError> {
    serde_yaml::from_str(text)
        .map_err(|error| ValueError::new(format!("the catalogue of {what} cannot be read: {error}")))
}

pub(crate) fn home_region(regions: &[RegionInfo], region: &Region) -> Region {
    let info = regions.iter().find(|info| info.name == region.as_str());
    info.and_then(|info| info.inside_azure_cloud_of.as_ref())
        .and_then(|home| home.parse().ok())
        .unwrap_or_else(|| region.clone())
}

pub(crate) fn check_regions(regions: &[RegionInfo]) -> Result<(), ValueError> {
    for (i, info) in regions.iter().enumerate() {
        let name: Region = info.name.parse()?;
        if name.as_str() != info.name || info.suffix.to_ascii_lowercase() != info.name {
            return Err(ValueError::new(format!(
                "region `{}` and its suffix `{}` are not one name in two spellings",
                info.name, info.suffix
            )));
        }
        let again = |other: &RegionInfo| {
            other.name == info.name
                || info
                    .azure_cloud
                    .as_ref()
                    .is_some_and(|code| *code == other.name || other.azure_cloud.as_ref() == Some(code))
        };
        if regions.iter().take(i).any(again) {
            return Err(ValueError::new(format!("region `{}` is listed twice, or has the code of another", info.name)));
        }
        if let Some(home) = &info.inside_azure_cloud_of
            && !regions.iter().any(|other| other.name == *home)
        {
            return Err(ValueError::new(format!("region `{}` lies in `{home}`, which is not listed", info.name)));
        }
    }
    Ok(())
}

pub(crate) fn tag_info(entry: TagEntry, regions: &[RegionInfo]) -> Result<TagInfo, ValueError> {
    let name = &entry.name;
    if (name == AZURE_CLOUD) != entry.azure_cloud.is_none() {
        return Err(ValueError::new(format!(
            "tag `{name}` must say how it lies in `{AZURE_CLOUD}`, and only `{AZURE_CLOUD}` must not"
        )));
    }
    let (sets, regional_features, without) =
        entry.regional.map_or_else(Default::default, |r| (r.sets, r.features, r.without_features));
    let mut own = regions
        .iter()
        .filter(|info| sets.contains(&info.set))
        .map(|info| info.name.parse())
        .collect::<Result<Vec<Region>, _>>()?;
    own.sort_unstable();
    let regions_without_features = without.iter().map(|text| text.parse()).collect::<Result<Vec<Region>, _>>()?;
    if let Some(odd) = regions_without_features.iter().find(|region| !own.contains(region)) {
        return Err(ValueError::new(format!("tag `{name}` has no region `{odd}`")));
    }
    Ok(TagInfo {
        name: entry.name,
        purpose: entry.purpose,
        direction: entry.direction,
        features: entry.features,
        azure_cloud: entry.azure_cloud,
        regions: own,
        regional_features,
        regions_without_features,
        needs: entry.needs,
        service_endpoints: entry.service_endpoints,
        regional_service_endpoints: entry.regional_service_endpoints,
        near_without_egress: entry.near_without_egress,
    })
}

pub(crate) fn check_tags(tags: &[TagInfo]) -> Result<(), ValueError> {
    for (i, info) in tags.iter().enumerate() {
        let same = |other: &TagInfo| other.name.eq_ignore_ascii_case(&info.name);
        if tags.iter().take(i).any(same) || BuiltinTag::find(&info.name).is_some() {
            return Err(ValueError::new(format!("tag `{}` is listed twice or built in", info.name)));
        }
        if let Some(odd) = info.needs.iter().find(|need| !tags.iter().any(|other| other.name == **need)) {
            return Err(ValueError::new(format!("tag `{}` needs `{odd}`, which is not listed", info.name)));
        }
    }
    // Tags are numbered in sixteen bits; a catalogue of Microsoft's whole file has about three thousand.
    let entries: usize = tags.iter().map(|info| info.regions.len() + 1).sum();
    if entries >= usize::from(u16::MAX) {
        Err(ValueError::new("the catalogue has more than 65534 tags"))
    } else {
        Ok(())
    }
}
