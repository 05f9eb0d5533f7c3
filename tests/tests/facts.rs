//! A fact of Azure lives in `policies/`, never in Rust: no documented port, host or tag is a literal of the product.
//!
//! Rust holds what the words mean (how a group is evaluated, what the built-in tags are); which port Azure Machine
//! Learning needs is the library's. The lists are read from the library itself, so a new fact is guarded as it is added.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::BTreeSet;

use palisade_tests::rust::product_tokens;
use palisade_tests::workspace;

/// Ports that only a document of Azure knows.
const PORTS: &[&str] = &["44224", "29876", "29877", "18881", "8787", "5831"];

/// Tags that the network layer itself gives a meaning, as `network.md` describes it.
const BUILT_IN_TAGS: &[&str] = &["Internet", "VirtualNetwork", "AzureLoadBalancer", "AzureCloud"];

/// Tags of Azure's platform that groups treat apart from all others (`net.nsg.platform`).
const PLATFORM_TAGS: &[&str] = &["AzurePlatformDNS", "AzurePlatformIMDS", "AzurePlatformLKM"];

/// Parts of host names by which any documented host is known.
const HOSTS: &[&str] =
    &["azureml.ms", "azureml.net", ".core.windows.net", ".azure.com", ".windows.net", ".azure.net", ".microsoft.com"];

/// Files whose literals are only ever shown, with what they hold.
const SHOWN: &[(&str, &str)] = &[("crates/palisade/src/args.rs", "examples in the help of the commands")];

#[test]
fn no_documented_port_is_a_literal() {
    for literal in literals() {
        let digits = literal.text.replace('_', "");
        let number = digits.trim_end_matches(char::is_alphabetic);
        assert!(!PORTS.contains(&number), "{literal}");
        let text = literal.text.split(|c: char| !c.is_ascii_digit());
        assert!(!text.into_iter().any(|part| PORTS.contains(&part)), "{literal}");
    }
}

#[test]
fn no_documented_host_is_a_literal() {
    let named = named_hosts();
    assert!(named.len() > 20, "{named:?}");
    for literal in literals() {
        let text = literal.text.to_ascii_lowercase();
        assert!(!HOSTS.iter().any(|host| text.contains(host)), "{literal}");
        assert!(!named.iter().any(|host| text.contains(host)), "{literal}");
    }
}

/// The public names and the private zones of resources.
fn named_hosts() -> BTreeSet<String> {
    let stream = palisade_yaml::parse(workspace::file("policies/azure/host_names.yaml").text);
    let kinds = stream.documents.iter().flat_map(|document| document.root().entries().flat_map(|e| e.value.items()));
    let hosts = kinds.filter_map(|kind| kind.get("hosts")).flat_map(palisade_yaml::NodeRef::items);
    let both = hosts.flat_map(|host| ["under", "zone"].into_iter().filter_map(move |key| host.get(key)));
    both.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

#[test]
fn no_service_tag_of_the_catalogue_is_a_literal() {
    let tags = catalogue_tags();
    assert!(tags.len() > 15, "{tags:?}");
    for literal in literals() {
        let mut words = literal.text.split(|c: char| !c.is_ascii_alphanumeric());
        assert!(!words.any(|word| tags.contains(word)), "{literal}");
    }
}

#[test]
fn no_region_of_the_catalogue_is_a_literal() {
    let regions = names("policies/azure/regions.yaml");
    assert!(regions.len() > 20, "{regions:?}");
    for literal in literals() {
        let mut words = literal.text.split(|c: char| !c.is_ascii_alphanumeric());
        assert!(!words.any(|word| regions.contains(word)), "{literal}");
    }
}

/// The tags of the library's catalogue, without those that are semantics.
fn catalogue_tags() -> BTreeSet<String> {
    let mut tags = names("policies/azure/service_tags.yaml");
    for semantic in BUILT_IN_TAGS.iter().chain(PLATFORM_TAGS) {
        tags.remove(*semantic);
    }
    // A word of everyday language says nothing of Azure.
    tags.retain(|tag| tag != "Storage" && tag != "Sql");
    tags
}

/// Every `name:` of a catalogue.
fn names(path: &str) -> BTreeSet<String> {
    let text = workspace::file(path).text;
    let stream = palisade_yaml::parse(text);
    let mut found = BTreeSet::new();
    for document in &stream.documents {
        let lists = document.root().entries().flat_map(|entry| entry.value.items());
        let names = lists.filter_map(|item| item.get("name"));
        found.extend(names.filter_map(|name| name.as_str().map(str::to_owned)));
    }
    found
}

struct Literal {
    text: String,
    place: String,
}

impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} belongs in policies/", self.place, self.text)
    }
}

/// The text without what stands in backticks: an example in a message is shown, never compared with anything.
fn without_examples(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The literals of the product: no documentation, no tests.
fn literals() -> Vec<Literal> {
    let files = workspace::rust_files();
    let product = files.iter().filter(|file| !file.is_test() && file.package() != "palisade_tests");
    let product = product.filter(|file| !file.path.ends_with("/tests.rs"));
    let product = product.filter(|file| !SHOWN.iter().any(|(path, _)| *path == file.path));
    let found = product.flat_map(|file| {
        let tokens = product_tokens(&file.text).into_iter().filter(|token| token.literal);
        tokens.map(|token| Literal {
            place: format!("{}:{}", file.path, token.line),
            text: without_examples(&token.text),
        })
    });
    let found: Vec<_> = found.collect();
    assert!(found.len() > 500, "only {} literals seen", found.len());
    found
}
