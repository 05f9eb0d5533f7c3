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

/// Microsoft's file, by tag: prefixes and the code of the region.
fn microsofts_file() -> Option<BTreeMap<String, (IpSet, String)>> {
    let fallback = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/service-tags-public-376.json");
    let path = std::env::var("PALISADE_SERVICE_TAGS").unwrap_or_else(|_| fallback.to_owned());
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!(
            "SKIPPED: no service tag file at {path}; set PALISADE_SERVICE_TAGS to the file that Microsoft publishes"
        );
        return None;
    };
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
