//! Microsoft's service tag file: read strictly, and then every answer about tags is exact.
//!
//! The whole file of `PALISADE_SERVICE_TAGS`, or the one beside the workspace, is used where it is there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod common;

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use common::{Place, bare, ips, lines, place};
use palisade_net::Outcome::{Allowed, Denied, Partial, Undetermined};
use palisade_net::*;

const SMALL: &str = r#"{ "changeNumber": 7, "cloud": "Public", "values": [
  { "name": "AzureCloud", "id": "x", "properties": { "networkFeatures": ["NSG"], "addressPrefixes": ["20.0.0.0/8"] } },
  { "name": "Storage", "properties": { "region": "", "addressPrefixes": ["20.1.0.0/16", "40.1.0.0/16", "2603:1030::/32"] } },
  { "name": "Storage.WestUS2", "properties": { "region": "westus2", "addressPrefixes": ["20.1.2.0/24"] } },
  { "name": "NewService", "properties": { "networkFeatures": ["NSG", "UDR"], "addressPrefixes": ["20.7.0.0/16"] } },
  { "name": "NewService.WestUS2", "properties": { "networkFeatures": ["NSG"], "addressPrefixes": ["20.7.1.0/24"] } },
  { "name": "New.Dotted", "properties": { "networkFeatures": ["NSG"], "addressPrefixes": ["30.7.0.0/16"] } } ] }"#;

fn small() -> Arc<ServiceTagFile> {
    Arc::new(ServiceTagFile::from_json(SMALL).unwrap())
}

fn error(text: &str) -> String {
    ServiceTagFile::from_json(text).unwrap_err().error.message
}

#[test]
fn ranges_against_tags_are_exact() {
    let rules = || {
        place("outbound 100 deny * 20.1.0.0/16 *\n outbound 200 allow tcp Storage 443\n outbound 300 deny * Internet *")
    };
    assert_eq!(rules().outcome("outbound tcp 443 Storage"), Undetermined);
    let rules = rules().file(small());
    assert_eq!(
        lines(&rules.ask("outbound tcp 443 Storage")),
        [
            "denied: outbound tcp 443 to Storage at 20.1.0.0/16 <- subnet rule-0",
            "allowed: outbound tcp 443 to Storage at 40.1.0.0/16 <- subnet rule-1",
        ]
    );
    assert_eq!(rules.outcome("outbound tcp 443 Storage.WestUS2"), Denied);
    assert_eq!(rules.outcome("outbound tcp 443 40.1.2.3"), Allowed);
    assert_eq!(rules.outcome("outbound tcp 443 40.2.0.0"), Denied);
}

#[test]
fn examples_have_real_addresses() {
    let verdict = place("outbound 100 deny * Storage *").file(small()).ask("outbound tcp 443 Storage.WestUS2");
    assert_eq!(verdict.parts[0].example.to_string(), "tcp from 10.0.1.4:40000 to 20.1.2.4:443");
}

#[test]
fn a_host_of_a_tag_is_judged_by_all_addresses_that_it_may_have() {
    let rules = place("outbound 100 deny * 20.1.0.0/16 *").file(small());
    assert_eq!(rules.outcome("outbound tcp 443 host:a.example.org@Storage"), Undetermined);
    assert_eq!(rules.outcome("outbound tcp 443 host:a.example.org@Storage.WestUS2"), Denied);
}

#[test]
fn a_tag_that_the_file_lacks_leaves_open_what_depends_on_it() {
    let rules = place("outbound 100 deny tcp Sql 1433").file(small());
    let verdict = rules.ask("outbound tcp 1433 40.1.2.3");
    assert_eq!(
        (verdict.outcome, verdict.settles),
        (Undetermined, vec!["a service tag file that lists `Sql`".to_owned()])
    );
    assert_eq!(rules.outcome("outbound tcp 443 40.1.2.3"), Allowed);
    assert_eq!(rules.outcome("outbound tcp 443 Sql"), Undetermined);
}

#[test]
fn a_route_by_a_tag_that_the_file_lacks_leaves_the_network_open() {
    let routed =
        |tag| place("").file(small()).routes(tag, VirtualNetworkTag::WithRoutes).outcome("inbound tcp 443 40.1.2.3");
    assert_eq!(routed("Storage"), Allowed);
    assert_eq!(routed("AzureCloud"), Denied);
    assert_eq!(routed("Sql"), Undetermined);
}

#[test]
fn addresses_of_the_network_are_in_no_tag() {
    let mut rules = place("inbound 100 deny * Storage *").file(small());
    rules.network = ips("10.0.0.0/16 20.1.2.0/25");
    assert_eq!(rules.outcome("inbound tcp 443 20.1.2.9"), Allowed);
    assert_eq!(rules.outcome("inbound tcp 443 20.1.2.200"), Denied);
}

#[test]
fn tags_of_the_file_that_the_catalogue_lacks_are_added_to_it() {
    let shipped = bare().catalogue;
    let catalogue = shipped.with_file(&small()).unwrap();
    let tag = |text: &str| catalogue.parse_tag(text).unwrap();
    assert!(shipped.parse_tag("NewService").is_err());
    assert!(
        catalogue.usable(&tag("newservice"), Feature::Route)
            && !catalogue.usable(&tag("NewService"), Feature::Firewall)
    );
    assert!(catalogue.usable_in_group(&tag("NewService.westus2")));
    assert!(!catalogue.usable(&tag("NewService.westus2"), Feature::Route));
    assert!(catalogue.parse_tag("NewService.eastus").is_err());
    assert_eq!(catalogue.info(&tag("NewService")).unwrap().azure_cloud, Some(AzureCloudRelation::Inside));
    assert_eq!(catalogue.info(&tag("New.Dotted")).unwrap().azure_cloud, Some(AzureCloudRelation::Disjoint));
    assert_eq!(catalogue.info(&tag("Storage")), shipped.info(&tag("Storage")));

    let mut place = bare().file(small());
    place.catalogue = catalogue;
    place.subnet = Some(place.rules("outbound 100 deny * NewService.westus2 *"));
    assert_eq!(place.outcome("outbound tcp 443 NewService"), Partial);
    assert_eq!(place.outcome("outbound tcp 443 20.7.1.9"), Denied);
}

#[test]
fn a_file_with_a_mistake_is_refused_with_its_place() {
    assert_eq!(
        error(
            "{ \"changeNumber\": 7, \"cloud\": \"Public\",\n \"values\": [{ \"name\": \"A\", \"properties\": { \"addressPrefixes\": [\"20.0.0.1/8\"] } }] }"
        ),
        "the service tag file cannot be read: `20.0.0.1/8` has host bits set: the network is `20.0.0.0/8` (did you mean `20.0.0.0/8`?) at line 2 column 75"
    );
    assert!(error("").starts_with("the service tag file cannot be read: EOF"));
    assert!(error("7").contains("invalid type"));
    assert!(error(r#"{ "changeNumber": 7, "cloud": "Public" }"#).contains("missing field `values`"));
    assert_eq!(
        error(&SMALL.replace("\"Public\"", "\"AzureGovernment\"")),
        "the service tag file is of the cloud `AzureGovernment`"
    );
    assert_eq!(error(&SMALL.replace("New.Dotted", "storage")), "the service tag file lists `storage` twice");
}

/// The text of Microsoft's file, if there is one.
static TEXT: LazyLock<Option<String>> = LazyLock::new(|| {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/service-tags-public-376.json");
    let path = std::env::var_os("PALISADE_SERVICE_TAGS").unwrap_or_else(|| beside.into());
    std::fs::read_to_string(path).ok()
});

/// The file, or a line that says that the test was skipped.
fn whole(test: &str) -> Option<Arc<ServiceTagFile>> {
    static FILE: LazyLock<Option<Arc<ServiceTagFile>>> =
        LazyLock::new(|| TEXT.as_deref().map(|text| Arc::new(ServiceTagFile::from_json(text).unwrap())));
    if FILE.is_none() {
        eprintln!("SKIPPED {test}: no service tag file; set PALISADE_SERVICE_TAGS");
    }
    FILE.clone()
}

fn fastest<T>(mut run: impl FnMut() -> T) -> Duration {
    let once = |_| {
        let start = Instant::now();
        std::hint::black_box(run());
        start.elapsed()
    };
    (0..5).map(once).min().unwrap()
}

#[test]
fn the_whole_file_is_read_within_three_times_the_time_of_parsing_it() {
    let (Some(_), Some(text)) = (whole("the cost of the whole file"), TEXT.as_deref()) else { return };
    let parse = fastest(|| serde_json::from_str::<serde_json::Value>(text).unwrap());
    let load = fastest(|| ServiceTagFile::from_json(text).unwrap());
    eprintln!("parsing {parse:?}, loading {load:?}");
    if cfg!(debug_assertions) {
        eprintln!("SKIPPED the comparison: without optimization it says nothing");
    } else {
        assert!(load <= parse * 3, "parsing takes {parse:?}, loading {load:?}");
    }
}

#[test]
fn every_tag_of_the_catalogue_is_in_the_whole_file_and_lies_as_the_catalogue_says() {
    let Some(file) = whole("the catalogue against the whole file") else { return };
    let catalogue = bare().catalogue;
    let cloud = file.find("AzureCloud").unwrap();
    for info in catalogue.tags() {
        let global = ServiceTag::new(info.name.clone(), None);
        let ips = file.find(&info.name).unwrap_or_else(|| panic!("{global} is not in the file"));
        let v4 = ips.only(Family::V4);
        match info.azure_cloud {
            Some(AzureCloudRelation::Inside) => assert!(v4.is_subset(cloud), "{global}"),
            Some(AzureCloudRelation::Disjoint) => assert!(!v4.overlaps(cloud), "{global}"),
            Some(AzureCloudRelation::Partly) => assert!(v4.overlaps(cloud) && !v4.is_subset(cloud), "{global}"),
            None => {}
        }
        for region in &info.regions {
            let tag = ServiceTag::new(info.name.clone(), Some(region.clone()));
            let regional =
                file.find(&catalogue.azure_spelling(&tag)).unwrap_or_else(|| panic!("{tag} is not in the file"));
            assert!(regional.only(Family::V4).is_subset(&v4), "{tag}");
        }
    }
}

#[test]
fn the_whole_file_can_be_added_to_the_catalogue() {
    let Some(file) = whole("the whole file as a catalogue") else { return };
    let start = Instant::now();
    let catalogue = bare().catalogue.with_file(&file).unwrap();
    eprintln!("extending the catalogue took {:?}", start.elapsed());
    for name in file.names() {
        let tag = catalogue.parse_tag(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(file.find(&catalogue.azure_spelling(&tag)).is_some(), "{name}");
    }
}

#[test]
fn what_is_certain_without_the_file_stays_so_with_it() {
    let Some(file) = whole("symbolic answers against the whole file") else { return };
    let rules = "outbound 100 allow tcp Storage.westus2 443\n outbound 110 deny tcp AzureCloud.eastus *
        outbound 120 allow tcp AzureMachineLearning *\n outbound 130 deny * 20.0.0.0/8 *\n outbound 140 allow tcp AzureKeyVault 443
        outbound 200 deny * Internet *";
    let (symbolic, exact): (Place, Place) = (place(rules), place(rules).file(file));
    let mut settled = 0;
    for remote in [
        "Storage",
        "Storage.westus2",
        "Storage.eastus",
        "AzureMachineLearning",
        "AzureKeyVault",
        "AzureCloud.eastus",
        "AzureFrontDoor.FirstParty",
        "AzureActiveDirectory",
        "Sql.eastus",
        "20.60.0.0/16",
        "Internet",
        "*",
    ] {
        for ports in ["443", "80", "*"] {
            let flow = format!("outbound tcp {ports} {remote}");
            let (before, after) = (symbolic.outcome(&flow), exact.outcome(&flow));
            assert_ne!(after, Undetermined, "{flow}");
            assert!(before == Undetermined || before == after, "{flow}: {before} without the file, {after} with it");
            settled += usize::from(before == Undetermined);
        }
    }
    assert!(settled > 3, "the file settles something");
}
