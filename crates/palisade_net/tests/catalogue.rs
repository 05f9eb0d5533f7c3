//! The catalogue that the project ships: how tags are read, what is said of wrong ones, and whether its claims hold in
//! Microsoft's own file.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::catalogue;
use palisade_net::*;

fn wrong(text: &str) -> ValueError {
    catalogue().parse_tag(text).unwrap_err()
}

#[test]
fn tags_are_read_in_any_case_and_written_in_one() {
    for (text, canonical, azure) in [
        ("azuremachinelearning", "AzureMachineLearning", "AzureMachineLearning"),
        ("Storage.EastUS2", "Storage.eastus2", "Storage.EastUS2"),
        ("storage.westus", "Storage.westus", "Storage.WestUS"),
        ("AzureCloud.centralfrance", "AzureCloud.francecentral", "AzureCloud.centralfrance"),
        ("AzureCloud.FranceCentral", "AzureCloud.francecentral", "AzureCloud.centralfrance"),
        ("AzureCloud.WestUS2", "AzureCloud.westus2", "AzureCloud.westus2"),
        ("AzureFrontDoor.frontend", "AzureFrontDoor.Frontend", "AzureFrontDoor.Frontend"),
        ("internet", "Internet", "Internet"),
        ("virtualnetwork", "VirtualNetwork", "VirtualNetwork"),
        ("AzurePlatformDNS", "AzurePlatformDNS", "AzurePlatformDNS"),
    ] {
        let tag = catalogue().parse_tag(text).unwrap();
        assert_eq!((tag.to_string(), catalogue().azure_spelling(&tag)), (canonical.to_owned(), azure.to_owned()));
    }
}

#[test]
fn wrong_tags_are_told_apart_from_wrong_regions() {
    for (text, message, suggestion) in [
        ("Storag", "`Storag` is not a service tag", Some("Storage")),
        ("Storag.eastus", "`Storag.eastus` is not a service tag", Some("Storage.EastUS")),
        ("AzureMachinLearning", "`AzureMachinLearning` is not a service tag", Some("AzureMachineLearning")),
        (
            "Storage.eastus9",
            "`eastus9` in `Storage.eastus9` is not a region of Azure's public cloud",
            Some("Storage.EastUS"),
        ),
        ("AzureDatabricks.eastus", "`AzureDatabricks` has no regional form", Some("AzureDatabricks")),
        ("Internet.eastus", "`Internet` has no regional form", Some("Internet")),
        ("Sql.brazilne", "`Sql` has no entry for region `brazilne`", Some("Sql")),
        (
            "Storage.centralfrance",
            "`centralfrance` is the code of region `francecentral` for `AzureCloud` alone",
            Some("Storage.FranceCentral"),
        ),
        ("Storage.East US 2", "`Storage.East US 2` has a space in it", Some("Storage.EastUS2")),
        ("zzzz", "`zzzz` is not a service tag", None),
        ("", "`` is not a service tag", None),
    ] {
        let error = wrong(text);
        assert_eq!((error.message.as_str(), error.suggestion.as_deref()), (message, suggestion));
    }
}

#[test]
fn k25_misspellings_of_the_documents_have_their_own_words() {
    for (text, suggestion) in [
        ("Keyvault.westus", "AzureKeyVault.WestUS"),
        ("keyvault", "AzureKeyVault"),
        ("Frontdoor.FirstParty", "AzureFrontDoor.FirstParty"),
        ("BatchNodeManagement.uswest", "BatchNodeManagement.WestUS"),
    ] {
        assert_eq!(wrong(text).suggestion.as_deref(), Some(suggestion), "{text}");
    }
    assert_eq!(wrong("Keyvault.westus").message, "`Keyvault.westus` is not a service tag: its name is `AzureKeyVault`");
    assert_eq!(catalogue().parse_tag("AzureFrontDoor.FrontEnd").unwrap().to_string(), "AzureFrontDoor.Frontend");
}

#[test]
fn regional_tags_that_groups_do_not_take() {
    let usable = |text: &str| catalogue().usable_in_group(&catalogue().parse_tag(text).unwrap());
    for text in [
        "AzureMachineLearning.westus",
        "AzureResourceManager.westus",
        "BatchNodeManagement.australiacentral2",
        "HDInsight.westindia",
    ] {
        assert!(!usable(text), "{text}");
    }
    for text in [
        "AzureMachineLearning",
        "BatchNodeManagement.westus",
        "AzureMonitor.westus",
        "AzureCloud.westus",
        "Internet",
        "AzurePlatformLKM",
    ] {
        assert!(usable(text), "{text}");
    }
    let tag = |text: &str| catalogue().parse_tag(text).unwrap();
    assert!(!catalogue().usable(&tag("BatchNodeManagement.westus"), Feature::Route));
    assert!(catalogue().usable(&tag("BatchNodeManagement"), Feature::Route));
    assert!(!catalogue().usable(&tag("Internet"), Feature::Route), "net.tag.udr-unsupported");
}

#[test]
fn regions_are_read_in_all_spellings() {
    for text in ["West US 2", "westus2", "WestUS2"] {
        assert_eq!(catalogue().parse_region(text).unwrap().as_str(), "westus2");
    }
    assert_eq!(catalogue().parse_region("germanywc").unwrap().as_str(), "germanywestcentral");
    assert_eq!(catalogue().parse_region("uswest").unwrap_err().suggestion.as_deref(), Some("westus"));
    assert_eq!(catalogue().parse_region("westeurop").unwrap_err().suggestion.as_deref(), Some("westeurope"));
}

#[test]
fn a_catalogue_with_a_mistake_is_refused() {
    let tag = |more: &str| format!("tags: [{{ name: A, purpose: x, direction: both, features: [group], {more} }}]");
    let load = |tags: &str, regions: &str| TagCatalogue::from_yaml(tags, regions);
    assert!(load(&tag("azure_cloud: inside"), "regions: []").is_ok());
    for (tags, regions) in [
        (tag("azure_cloud: insid"), "regions: []"),
        (tag("azure_cloud: inside, extra: 1"), "regions: []"),
        (tag(""), "regions: []"),
        (tag("azure_cloud: inside, needs: [B]"), "regions: []"),
        (
            tag("azure_cloud: inside, regional: { sets: [standard], features: [], without_features: [x] }"),
            "regions: []",
        ),
        (tag("azure_cloud: inside"), "regions: [{ name: a, suffix: A }, { name: a, suffix: A }]"),
        (tag("azure_cloud: inside"), "regions: [{ name: a, suffix: B }]"),
        (tag("azure_cloud: inside") + "\nmisspellings: [{ wrong: a, right: A }]", "regions: []"),
        (tag("azure_cloud: inside") + "\nmisspellings: [{ wrong: b, right: C }]", "regions: []"),
        ("tags: 3".to_owned(), "regions: []"),
        (tag("azure_cloud: inside"), "nothing"),
    ] {
        assert!(load(&tags, regions).is_err(), "{tags} {regions}");
    }
}

/// The text of Microsoft's file, if it is there.
fn microsofts_text() -> Option<String> {
    let fallback = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/service-tags-public-376.json");
    let path = std::env::var("PALISADE_SERVICE_TAGS").unwrap_or_else(|_| fallback.to_owned());
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!(
            "SKIPPED: no service tag file at {path}; set PALISADE_SERVICE_TAGS to the file that Microsoft publishes"
        );
    }
    text
}

/// Microsoft's file, by tag: prefixes and the code of the region.
fn microsofts_file() -> Option<BTreeMap<String, (IpSet, String)>> {
    let text = microsofts_text()?;
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let entry = |value: &serde_json::Value| {
        let properties = &value["properties"];
        let prefixes = properties["addressPrefixes"].as_array().unwrap().iter();
        let ips = prefixes.map(|prefix| Cidr::parse_or_address(prefix.as_str().unwrap()).unwrap()).collect();
        (value["name"].as_str().unwrap().to_owned(), (ips, properties["region"].as_str().unwrap().to_owned()))
    };
    Some(file["values"].as_array().unwrap().iter().map(entry).collect())
}

#[test]
fn c2b_the_relations_hold_in_microsofts_file() {
    let Some(file) = microsofts_file() else {
        return;
    };
    let (catalogue, v4) = (catalogue(), |ips: &IpSet| ips.only(Family::V4));
    let cloud = v4(&file["AzureCloud"].0);
    for info in catalogue.tags().iter().filter(|info| info.name != "AzureCloud") {
        let global = v4(&file[info.name.as_str()].0);
        let measured = match (global.is_subset(&cloud), global.overlaps(&cloud)) {
            (true, _) => AzureCloudRelation::Inside,
            (false, true) => AzureCloudRelation::Partly,
            (false, false) => AzureCloudRelation::Disjoint,
        };
        assert_eq!(info.azure_cloud, Some(measured), "{}", info.name);
        assert!(global.is_subset(&public_addresses()), "{} has an address that is not public", info.name);
        let mut regions = IpSet::empty();
        for region in &info.regions {
            let tag = ServiceTag::new(info.name.clone(), Some(region.clone()));
            let (ips, code) = &file[&catalogue.azure_spelling(&tag)];
            assert!(v4(ips).is_subset(&global), "{tag}");
            assert!(v4(ips).is_subset(&file[&format!("AzureCloud.{code}")].0), "{tag} in AzureCloud.{code}");
            let home = catalogue.regions().iter().find(|r| r.name == region.as_str()).unwrap();
            let expected = home.inside_azure_cloud_of.as_ref().or(home.azure_cloud.as_ref()).unwrap_or(&home.name);
            assert_eq!(expected, code, "{tag}");
            regions = regions.union(&v4(ips));
        }
        assert!(regions.is_subset(&global) && regions != global, "{} is larger than its regions", info.name);
    }
}

#[test]
fn c2b_tags_are_pairwise_disjoint_in_microsofts_file() {
    let Some(file) = microsofts_file() else {
        return;
    };
    let catalogue = catalogue();
    let tags: Vec<_> = catalogue.tags().iter().filter(|info| info.name != "AzureCloud").collect();
    for (i, a) in tags.iter().enumerate() {
        for b in tags.iter().skip(i + 1) {
            assert!(!file[a.name.as_str()].0.overlaps(&file[b.name.as_str()].0), "{} and {}", a.name, b.name);
        }
    }
}

#[test]
fn c2c_the_regions_are_those_of_microsofts_file() {
    let Some(file) = microsofts_file() else {
        return;
    };
    let catalogue = catalogue();
    for info in catalogue.tags() {
        let ours: BTreeSet<String> = info
            .regions
            .iter()
            .map(|r| catalogue.azure_spelling(&ServiceTag::new(info.name.clone(), Some(r.clone()))))
            .collect();
        // Entries without a region's code are parts of another kind, such as AzureMonitor.Core.
        let prefix = format!("{}.", info.name);
        let theirs: BTreeSet<String> = file
            .iter()
            .filter(|(name, (_, code))| name.starts_with(&prefix) && !code.is_empty())
            .map(|(name, _)| name.clone())
            .collect();
        assert_eq!(ours, theirs, "{}", info.name);
    }
}

/// The table of facts C.2 and the last column of C.2b: tag; features of the global entry; relation to `AzureCloud`; how many
/// regional entries there are; their features; the regions whose entry has none.
type Row = (&'static str, &'static str, Option<AzureCloudRelation>, usize, &'static str, &'static [&'static str]);

const C2: &[Row] = {
    use AzureCloudRelation::{Disjoint, Inside, Partly};
    &[
        ("AzureMachineLearning", "grf", Some(Inside), 69, "", &[]),
        ("AzureMachineLearningInference", "grf", Some(Inside), 0, "", &[]),
        ("BatchNodeManagement", "grf", Some(Inside), 69, "g", &["australiacentral2"]),
        ("Storage", "grf", Some(Partly), 71, "grf", &[]),
        ("AzureActiveDirectory", "grf", Some(Partly), 0, "", &[]),
        ("AzureResourceManager", "grf", Some(Inside), 69, "", &[]),
        ("AzureFrontDoor.Frontend", "grf", Some(Partly), 0, "", &[]),
        ("AzureFrontDoor.FirstParty", "grf", Some(Disjoint), 0, "", &[]),
        ("AzureFrontDoor.Backend", "grf", Some(Partly), 0, "", &[]),
        ("MicrosoftContainerRegistry", "grf", Some(Inside), 69, "grf", &["australiacentral", "australiacentral2"]),
        ("AzureContainerRegistry", "grf", Some(Inside), 69, "grf", &[]),
        ("AzureKeyVault", "grf", Some(Inside), 69, "grf", &[]),
        ("AzureMonitor", "grf", Some(Inside), 69, "g", &[]),
        ("AzureCloud", "g", None, 71, "g", &[]),
        ("AzureDatabricks", "grf", Some(Inside), 0, "", &[]),
        ("HDInsight", "grf", Some(Inside), 69, "grf", &["australiacentral2", "westindia"]),
        ("Sql", "grf", Some(Inside), 71, "grf", &[]),
        ("EventHub", "grf", Some(Inside), 69, "grf", &[]),
        ("GatewayManager", "grf", Some(Inside), 69, "g", &[]),
        ("GuestAndHybridManagement", "grf", Some(Partly), 0, "", &[]),
        ("AzureTrafficManager", "grf", Some(Inside), 0, "", &[]),
    ]
};

const FEATURES: [(Feature, char); 3] = [(Feature::Group, 'g'), (Feature::Route, 'r'), (Feature::Firewall, 'f')];

fn letters(features: &[Feature]) -> String {
    FEATURES.iter().filter(|(feature, _)| features.contains(feature)).map(|(_, letter)| *letter).collect()
}

#[test]
fn c2_every_tag_of_the_table_has_its_features_regions_and_relation() {
    let catalogue = catalogue();
    let names: BTreeSet<&str> = catalogue.tags().iter().map(|info| info.name.as_str()).collect();
    assert_eq!(names, C2.iter().map(|row| row.0).collect());
    for (name, features, relation, regions, regional, without) in C2 {
        let info = catalogue.tags().iter().find(|info| info.name == *name).unwrap();
        assert_eq!(letters(&info.features), *features, "{name}");
        assert_eq!(info.azure_cloud, *relation, "{name}");
        assert_eq!(info.regions.len(), *regions, "{name}");
        assert_eq!(letters(&info.regional_features), *regional, "{name}");
        let listed: Vec<&str> = info.regions_without_features.iter().map(Region::as_str).collect();
        assert_eq!(listed, *without, "{name}");
    }
    for name in
        ["Internet", "VirtualNetwork", "AzureLoadBalancer", "AzurePlatformDNS", "AzurePlatformIMDS", "AzurePlatformLKM"]
    {
        let tag = catalogue.parse_tag(name).unwrap();
        let taken = FEATURES.map(|(feature, _)| catalogue.usable(&tag, feature));
        assert!(catalogue.usable_in_group(&tag) && taken == [false; 3], "net.tag.udr-unsupported: {name}");
    }
}

/// The suffixes that C.2c lists for `BatchNodeManagement`; in parentheses the code of `AzureCloud` where it differs.
const C2C: &str = "AustraliaCentral AustraliaCentral2 AustraliaEast AustraliaSoutheast AustriaEast BelgiumCentral BrazilSouth
    BrazilSoutheast(brazilse) CanadaCentral CanadaEast CentralIndia CentralUS CentralUSEUAP ChileCentral(chilec) EastAsia EastUS
    EastUS2 EastUS2EUAP EastUSSTG(usstagee) FranceCentral(centralfrance) FranceSouth(southfrance) GermanyNorth(germanyn)
    GermanyWestCentral(germanywc) IndonesiaCentral IsraelCentral IsraelNorthwest ItalyNorth JapanEast JapanWest JioIndiaCentral
    JioIndiaWest KoreaCentral KoreaSouth MalaysiaSouth MalaysiaWest MexicoCentral NewZealandNorth NorthCentralUS NorthEurope
    NorwayEast(norwaye) NorwayWest(norwayw) PolandCentral QatarCentral SouthAfricaNorth SouthAfricaWest SouthCentralUS
    SouthCentralUS2 SouthCentralUSSTG(usstagec) SouthIndia SoutheastAsia SoutheastUS SoutheastUS3 SpainCentral SwedenCentral
    SwedenSouth SwitzerlandNorth(switzerlandn) SwitzerlandWest(switzerlandw) TaiwanNorth TaiwanNorthwest UAECentral UAENorth
    UKSouth UKWest WestCentralUS WestEurope WestIndia WestUS WestUS2 WestUS3";

#[test]
fn c2c_every_region_is_read_in_both_spellings_for_every_regional_tag() {
    let catalogue = catalogue();
    assert_eq!(C2C.split_whitespace().count(), 69);
    for word in C2C.split_whitespace() {
        let (suffix, code) = word.trim_end_matches(')').split_once('(').unwrap_or((word, ""));
        let code = if code.is_empty() { suffix.to_lowercase() } else { code.to_owned() };
        for (name, ..) in C2.iter().filter(|row| row.3 > 0) {
            let azure = if *name == "AzureCloud" { &code } else { suffix };
            for written in [suffix.to_owned(), suffix.to_lowercase(), suffix.to_uppercase()] {
                let tag = catalogue.parse_tag(&format!("{name}.{written}")).unwrap();
                assert_eq!(tag.region().unwrap().as_str(), suffix.to_lowercase());
                assert_eq!(catalogue.azure_spelling(&tag), format!("{name}.{azure}"));
            }
        }
        let cloud = catalogue.parse_tag(&format!("AzureCloud.{code}")).unwrap();
        assert_eq!(cloud.region().unwrap().as_str(), suffix.to_lowercase());
    }
    for stage in ["EastUS2Stage", "NorthCentralUSStage"] {
        assert!(catalogue.parse_tag(&format!("Storage.{stage}")).is_ok());
        assert!(catalogue.parse_tag(&format!("AzureKeyVault.{stage}")).is_err());
    }
}

#[test]
fn c2_features_are_those_of_microsofts_file() {
    let Some(text) = microsofts_text() else {
        return;
    };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let catalogue = catalogue();
    let mut compared = 0;
    for value in file["values"].as_array().unwrap() {
        let name = value["name"].as_str().unwrap();
        let Ok(tag) = catalogue.parse_tag(name) else { continue };
        let words = value["properties"]["networkFeatures"].as_array().into_iter().flatten();
        let words: Vec<&str> = words.filter_map(serde_json::Value::as_str).collect();
        for (feature, word) in [(Feature::Group, "NSG"), (Feature::Route, "UDR"), (Feature::Firewall, "FW")] {
            assert_eq!(catalogue.usable(&tag, feature), words.contains(&word), "{name}: {word}");
        }
        compared += 1;
    }
    assert_eq!(compared, C2.iter().map(|row| row.3 + 1).sum::<usize>(), "every entry of the catalogue is in the file");
}
