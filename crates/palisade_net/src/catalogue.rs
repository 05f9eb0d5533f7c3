//! The catalogue of service tags and regions: which exist, where they may be used, how they lie in `AzureCloud`. It is
//! data, read from two YAML texts that the caller supplies (`policies/azure/service_tags.yaml` and `regions.yaml`).

use std::sync::Arc;

use serde::Deserialize;
use smol_str::SmolStr;

use crate::atoms::{AZURE_CLOUD, AtomTable};
use crate::builtin::BuiltinTag;
use crate::catalogue_file::{Misspelling, RegionFile, TagFile, check_regions, check_tags, home_region, read, tag_info};
use crate::error::{ValueError, nearest};
use crate::region::Region;
use crate::tag::ServiceTag;

/// A place that takes service tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// A network security group's rule.
    Group,
    /// A user-defined route.
    Route,
    /// A firewall's network rule.
    Firewall,
}

/// The direction that Microsoft recommends for a tag; not a limit (fact `net.tag.direction`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagDirection {
    /// As a source.
    Inbound,
    /// As a destination.
    Outbound,
    /// As either.
    Both,
}

/// Where a global tag's addresses lie (facts part C.2b).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AzureCloudRelation {
    /// All in `AzureCloud`.
    Inside,
    /// Some in it and some not.
    Partly,
    /// None in it.
    Disjoint,
}

/// What the catalogue says about one tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagInfo {
    /// The canonical name.
    pub name: SmolStr,
    /// What it is for, in a few words.
    pub purpose: String,
    /// The recommended direction.
    pub direction: TagDirection,
    /// Where the global tag may be used.
    pub features: Vec<Feature>,
    /// How the global tag lies in `AzureCloud`; `None` for `AzureCloud` itself.
    pub azure_cloud: Option<AzureCloudRelation>,
    /// The regions for which the tag has an entry, ascending.
    pub regions: Vec<Region>,
    /// Where an entry of a region may be used.
    pub regional_features: Vec<Feature>,
    /// Regions whose entry may be used nowhere.
    pub regions_without_features: Vec<Region>,
    /// Tags that are needed together with this one.
    pub needs: Vec<SmolStr>,
    /// The service endpoints that lead to all of the tag (fact `net.se.subnet`).
    pub service_endpoints: Vec<SmolStr>,
    /// The service endpoints that lead to the tag of the network's own region (fact `net.se.region`).
    pub regional_service_endpoints: Vec<SmolStr>,
    /// Whether private subnets reach the tag of their own region without egress (fact `net.doa.storage-same-region`).
    pub near_without_egress: bool,
}

/// What the catalogue says about one region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionInfo {
    /// Azure Resource Manager's name.
    pub name: SmolStr,
    /// The suffix of ordinary tags.
    pub suffix: SmolStr,
    /// `AzureCloud`'s own code, where it has one.
    pub azure_cloud: Option<SmolStr>,
    /// Which tags have the region.
    #[serde(default)]
    pub set: RegionSet,
    /// The region whose `AzureCloud` entry holds this one.
    pub inside_azure_cloud_of: Option<SmolStr>,
}

/// A class of regions that tags have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionSet {
    /// Every regional tag has them.
    #[default]
    Standard,
    /// Staging regions that only some tags have.
    Stage,
    /// Only `AzureCloud` has them.
    AzureCloudOnly,
}

/// All service tags and regions that exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagCatalogue {
    tags: Vec<TagInfo>,
    regions: Vec<RegionInfo>,
    misspellings: Vec<Misspelling>,
    region_misspellings: Vec<Misspelling>,
    atoms: Arc<AtomTable>,
}

impl Default for TagCatalogue {
    /// The catalogue of nobody: only the built-in tags, and no region.
    fn default() -> Self {
        Self {
            tags: Vec::new(),
            regions: Vec::new(),
            misspellings: Vec::new(),
            region_misspellings: Vec::new(),
            atoms: Arc::new(AtomTable::build(&[], Region::clone)),
        }
    }
}

impl TagCatalogue {
    /// Reads the catalogue from the texts of `service_tags.yaml` and `regions.yaml`.
    pub fn from_yaml(service_tags: &str, regions: &str) -> Result<Self, ValueError> {
        let file: TagFile = read(service_tags, "service tags")?;
        let regions = read::<RegionFile>(regions, "regions")?.regions;
        check_regions(&regions)?;
        let tags = file.tags.into_iter().map(|entry| tag_info(entry, &regions)).collect::<Result<Vec<_>, _>>()?;
        check_tags(&tags)?;
        let home = |region: &Region| home_region(&regions, region);
        let atoms = Arc::new(AtomTable::build(&tags, home));
        let catalogue = Self {
            tags,
            regions,
            misspellings: file.misspellings,
            region_misspellings: file.region_misspellings,
            atoms,
        };
        catalogue.check_misspellings()?;
        Ok(catalogue)
    }

    /// The same catalogue with other tags.
    pub(crate) fn with_tags(&self, tags: Vec<TagInfo>) -> Result<Self, ValueError> {
        check_tags(&tags)?;
        let atoms = Arc::new(AtomTable::build(&tags, |region| home_region(&self.regions, region)));
        Ok(Self { tags, atoms, ..self.clone() })
    }

    /// The tags of the catalogue, built-in ones left out, in the order of the file.
    pub fn tags(&self) -> &[TagInfo] {
        &self.tags
    }

    /// The regions, in the order of the file.
    pub fn regions(&self) -> &[RegionInfo] {
        &self.regions
    }

    /// What the catalogue says about a tag; `None` for built-in tags.
    pub fn info(&self, tag: &ServiceTag) -> Option<&TagInfo> {
        self.tags.iter().find(|info| info.name == tag.name())
    }

    /// Whether a group's rule takes `tag`. Some regional forms are only lists of prefixes (facts part C.2).
    pub fn usable_in_group(&self, tag: &ServiceTag) -> bool {
        BuiltinTag::find(tag.name()).is_some() || self.usable(tag, Feature::Group)
    }

    /// Whether `feature` takes `tag`. Of the built-in tags none is usable in a route (fact `net.tag.udr-unsupported`).
    pub fn usable(&self, tag: &ServiceTag, feature: Feature) -> bool {
        self.info(tag).is_some_and(|info| match tag.region() {
            None => info.features.contains(&feature),
            Some(region) => {
                info.regional_features.contains(&feature) && !info.regions_without_features.contains(region)
            }
        })
    }

    /// Azure's own spelling: `Storage.WestUS2`, `AzureCloud.centralfrance`.
    pub fn azure_spelling(&self, tag: &ServiceTag) -> String {
        let Some(region) = tag.region() else {
            return tag.name().to_owned();
        };
        let suffix = self.regions.iter().find(|info| info.name == region.as_str()).map_or(region.as_str(), |info| {
            if tag.name() == AZURE_CLOUD { info.azure_cloud.as_ref().unwrap_or(&info.name) } else { &info.suffix }
        });
        format!("{}.{suffix}", tag.name())
    }

    /// Reads a region in any of its spellings, and only one that exists.
    pub fn parse_region(&self, text: &str) -> Result<Region, ValueError> {
        let region: Region = text.parse()?;
        if self.regions.iter().any(|info| info.name == region.as_str()) {
            return Ok(region);
        }
        let by_code = self.regions.iter().find(|info| info.azure_cloud.as_deref() == Some(region.as_str()));
        by_code.map_or_else(|| Err(self.unknown_region(text, &region)), |info| info.name.parse())
    }

    fn unknown_region(&self, text: &str, region: &Region) -> ValueError {
        let error = ValueError::new(format!("`{text}` is not a region of Azure's public cloud"));
        if let Some(known) = self.region_misspellings.iter().find(|m| m.wrong == region.as_str()) {
            return error.help("some documents write so; the region has another name").suggest(known.right.as_str());
        }
        error.suggest_if(nearest(region.as_str(), self.regions.iter().map(|info| info.name.as_str())))
    }

    /// Reads a service tag, global or of a region, whatever its case.
    ///
    /// The tag exists; whether a group takes its regional form is for [`Self::usable_in_group`] to say.
    pub fn parse_tag(&self, text: &str) -> Result<ServiceTag, ValueError> {
        if let Some(builtin) = BuiltinTag::find(text) {
            return Ok(ServiceTag::new(builtin.name(), None));
        }
        let found = self
            .tags
            .iter()
            .filter_map(|info| Some((info, strip_name(text, &info.name)?)))
            .max_by_key(|(info, _)| info.name.len());
        match found {
            Some((info, "")) => Ok(ServiceTag::new(info.name.clone(), None)),
            Some((info, suffix)) => self.regional(info, suffix),
            None => Err(self.unknown_tag(text)),
        }
    }

    fn regional(&self, info: &TagInfo, suffix: &str) -> Result<ServiceTag, ValueError> {
        let name = &info.name;
        let spelled = |region: &str| self.azure_spelling(&ServiceTag::new(name.clone(), region.parse().ok()));
        if suffix.contains(' ') {
            return Err(ValueError::new(format!("`{name}.{suffix}` has a space in it"))
                .suggest_if(self.parse_region(suffix).ok().map(|region| spelled(region.as_str()))));
        }
        let region = self.parse_region(suffix).map_err(|error| {
            let suggestion = error.suggestion.as_deref().map(spelled);
            let mut error =
                ValueError::new(format!("`{suffix}` in `{name}.{suffix}` is not a region of Azure's public cloud"))
                    .suggest_if(suggestion);
            if info.regions.is_empty() {
                error = error.help(format!("`{name}` has no regional form"));
            }
            error
        })?;
        if info.regions.is_empty() {
            return Err(ValueError::new(format!("`{name}` has no regional form"))
                .help("use the global tag")
                .suggest(name.as_str()));
        }
        if !info.regions.contains(&region) {
            return Err(ValueError::new(format!("`{name}` has no entry for region `{region}`"))
                .help("use the global tag, or another region")
                .suggest(name.as_str()));
        }
        if name != AZURE_CLOUD && !self.regions.iter().any(|r| r.name.eq_ignore_ascii_case(suffix)) {
            return Err(ValueError::new(format!(
                "`{suffix}` is the code of region `{region}` for `{AZURE_CLOUD}` alone"
            ))
            .suggest(spelled(region.as_str())));
        }
        Ok(ServiceTag::new(name.clone(), Some(region)))
    }

    fn unknown_tag(&self, text: &str) -> ValueError {
        for Misspelling { wrong, right } in &self.misspellings {
            if let Some(rest) = strip_name(text, wrong) {
                let suggestion = if rest.is_empty() { right.to_string() } else { format!("{right}.{rest}") };
                return ValueError::new(format!("`{text}` is not a service tag: its name is `{right}`"))
                    .help("some documents shorten the name, Azure does not know the short one")
                    .suggest(self.parse_tag(&suggestion).map_or(suggestion, |tag| self.azure_spelling(&tag)));
            }
        }
        let names = || self.tags.iter().map(|info| info.name.as_str()).chain(BuiltinTag::ALL.map(BuiltinTag::name));
        if let Some(builtin) = names().find_map(|name| strip_name(text, name).map(|_| name)) {
            return ValueError::new(format!("`{builtin}` has no regional form"))
                .help("use the tag without region")
                .suggest(builtin);
        }
        let (head, tail) = text.split_once('.').map_or((text, None), |(head, tail)| (head, Some(tail)));
        let suggestion = match (nearest(text, names().filter(|name| name.contains('.'))), tail) {
            (Some(whole), Some(_)) => Some(whole.to_owned()),
            (_, Some(region)) => nearest(head, names()).map(|name| {
                let guess = format!("{name}.{region}");
                self.parse_tag(&guess).map_or(guess, |tag| self.azure_spelling(&tag))
            }),
            (_, None) => nearest(text, names()).map(str::to_owned),
        };
        ValueError::new(format!("`{text}` is not a service tag"))
            .help("write a service tag's name as Azure's documentation has it")
            .suggest_if(suggestion)
    }

    fn check_misspellings(&self) -> Result<(), ValueError> {
        for Misspelling { wrong, right } in &self.misspellings {
            self.parse_tag(right)?;
            if self.parse_tag(wrong).is_ok() {
                return Err(ValueError::new(format!("`{wrong}` is listed as a misspelling and is a service tag")));
            }
        }
        self.region_misspellings.iter().try_for_each(|m| self.parse_region(&m.right).map(drop))
    }

    pub(crate) fn atoms(&self) -> &Arc<AtomTable> {
        &self.atoms
    }
}

/// What follows `name` and a dot in `text`, empty if nothing does; `None` if `text` does not start with that name.
fn strip_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(name.len())?;
    if !head.eq_ignore_ascii_case(name) {
        return None;
    }
    if rest.is_empty() { Some("") } else { rest.strip_prefix('.').filter(|suffix| !suffix.is_empty()) }
}
