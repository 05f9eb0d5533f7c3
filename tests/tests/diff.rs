//! What lies between the editions of the library: each contradiction between two documents that is about traffic, or that one edition alone rules, shows as a difference of
//! their packs.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::{LazyLock, Mutex};

use palisade_tests::program::{palisade, palisade_in};
use palisade_tests::workspace;
use serde_json::Value;

/// What lies between two packs; asked once.
fn between(old: &str, new: &str) -> Value {
    static KNOWN: LazyLock<Mutex<BTreeMap<String, Value>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    let ask = || {
        let run = palisade(["diff", old, new, "--output", "json"]);
        let document: Value = serde_json::from_str(&run.stdout).expect("the difference is JSON");
        assert_eq!(run.code, i32::from(document["same"] != true), "{}", run.stderr);
        document
    };
    known.entry(format!("{old} {new}")).or_insert_with(ask).clone()
}

/// The streams with a flow, by what became of them.
fn streams(old: &str, new: &str, flow: &str) -> Vec<Value> {
    let holds = |side: &Value| side["flows"].as_array().is_some_and(|flows| flows.iter().any(|one| one == flow));
    let document = between(old, new);
    let all = document["traffic"].as_array().unwrap();
    all.iter().filter(|one| holds(&one["was"]) || holds(&one["now"])).cloned().collect()
}

/// What became of a flow, for each stream that holds it.
fn fates(old: &str, new: &str, flow: &str) -> Vec<String> {
    streams(old, new, flow).iter().map(|one| one["change"].as_str().unwrap().to_owned()).collect()
}

fn is(old: &str, new: &str, flow: &str, fate: &str) {
    let fates = fates(old, new, flow);
    assert!(fates.iter().any(|one| one == fate), "{flow} between {old} and {new}: {fates:?}");
}

/// What became of a rule's requirements.
fn rule(old: &str, new: &str, name: &str) -> String {
    let document = between(old, new);
    let all = document["requirements"].as_array().unwrap();
    let found = all.iter().find(|one| one["was"]["rule"] == name || one["now"]["rule"] == name);
    found.map_or_else(|| "nowhere".to_owned(), |one| one["change"].as_str().unwrap().to_owned())
}

const REGION: &str = "{compute.workspace.region}";

#[test]
fn k01_who_comes_in_and_on_which_port() {
    let batch = format!("inbound tcp 29876-29877 from BatchNodeManagement.{REGION}");
    is("azureml_2019", "azureml_v1", &batch, "dropped");
    is("azureml_2019", "azureml_v1", "inbound tcp 44224 from AzureMachineLearning", "added");
    is("azureml_2020", "azureml_v2", "inbound tcp 44224 from AzureMachineLearning", "added");
    let [stream] = &streams("azureml_2019", "azureml_2020", &batch)[..] else { panic!("one stream") };
    assert_eq!(stream["change"], "changed");
    assert_eq!(stream["now"]["asked"][0]["manner"], "some", "2020 names no port");
    let statements = between("public_internet_access_2022", "public_internet_access_2025")["statements"].clone();
    let gone = statements.as_array().unwrap().iter().find(|one| one["path"] == "use.in.batch_29876").unwrap();
    assert_eq!(gone["change"], "dropped");
}

#[test]
fn k04_the_least_that_may_leave() {
    let dropped = format!("outbound tcp 443 to AzureContainerRegistry.{REGION}");
    is("azureml_2019", "azureml_v1", &dropped, "dropped");
    for added in [
        "outbound tcp 80, 443 to AzureActiveDirectory",
        "outbound tcp 443 to AzureResourceManager",
        "outbound tcp 443 to AzureFrontDoor.Frontend",
        "outbound tcp 443 to AzureFrontDoor.FirstParty",
        &format!("outbound tcp 443 to MicrosoftContainerRegistry.{REGION}"),
        &format!("outbound tcp/udp 443 to BatchNodeManagement.{REGION}"),
    ] {
        is("azureml_2019", "azureml_v1", added, "added");
    }
    is("azureml_v1", "kubernetes", "outbound tcp 443 to AzureContainerRegistry.{kubernetes_cluster.region}", "added");
}

#[test]
fn k05_both_editions_take_any_protocol_to_batch_at_its_word() {
    is("azureml_v1", "azureml_v2", &format!("outbound tcp/udp 443 to BatchNodeManagement.{REGION}"), "kept");
}

#[test]
fn k12_two_ports_for_creating_and_one_for_using() {
    let streams = streams("azureml_2019", "azureml_v1", "outbound tcp 443, 8787, 18881 to AzureMachineLearning");
    let stream = streams.iter().find(|one| one["change"] == "changed").expect("of computes that train");
    let gained = ["outbound tcp 8787, 18881 to AzureMachineLearning", "outbound udp 5831 to AzureMachineLearning"];
    assert_eq!(stream["gained"], serde_json::json!(gained));
    let asked = stream["now"]["asked"].as_array().unwrap();
    let using = asked.iter().find(|one| one["rule"] == "azureml.v1.use.training_outbound").unwrap();
    assert_eq!(using["flows"][0], "outbound tcp 443, 18881 to AzureMachineLearning");
}

#[test]
fn k13_the_host_of_the_graph() {
    is("azureml_2019", "azureml_v1", "outbound tcp 443 to graph.windows.net", "added");
    is("azureml_v1", "azureml_v2", "outbound tcp 443 to graph.windows.net", "kept");
}

#[test]
fn k14_the_port_of_file_shares() {
    is("azureml_2019", "azureml_v1", "outbound tcp 443, 445 to (endpoint.address)", "added");
    // SDK v2 asks HTTPS of the endpoints of all that the workspace uses beside it.
    is("azureml_v1", "azureml_v2", "outbound tcp 443, 445 to (endpoint.address)", "changed");
}

#[test]
fn k16_the_hosts_of_the_firewall() {
    for host in ["*.batchai.core.windows.net", "*.aether.ms", "mlworkspace.azure.ai", "ml.azure.com"] {
        is("azureml_2019", "azureml_v1", &format!("outbound tcp 443 to {host}"), "dropped");
    }
}

#[test]
fn k18_which_answers_skip_the_firewall() {
    let batch = format!("inbound tcp 29876-29877 from BatchNodeManagement.{REGION}");
    let [stream] = &streams("azureml_2019", "azureml_v1", &batch)[..] else { panic!("one stream") };
    let asked = stream["was"]["asked"].as_array().unwrap();
    let routed = asked.iter().find(|one| one["rule"] == "azureml.y2019.ports.batch_routes").unwrap();
    assert_eq!(routed["of"], serde_json::json!(["path"]));
    let [stream] = &streams("azureml_2019", "azureml_v1", "inbound tcp 44224 from AzureMachineLearning")[..1] else {
        panic!("of computes")
    };
    let asked = stream["now"]["asked"].as_array().unwrap();
    let routed = asked.iter().find(|one| one["rule"] == "azureml.v1.public_ip.public_ip_return_route").unwrap();
    assert_eq!(routed["of"], serde_json::json!(["path"]));
}

#[test]
fn k20_the_region_of_a_cluster_elsewhere() {
    is("azureml_v1", "azureml_v2", "outbound tcp 443 to Storage.{compute.region}", "added");
    is("azureml_v1", "azureml_v2", "outbound tcp/udp 443 to BatchNodeManagement.{compute.region}", "added");
}

#[test]
fn k24_the_default_rules_as_one_of_two_ways() {
    for everything in ["outbound * to Internet", "outbound * to VirtualNetwork"] {
        is("azureml_2019", "azureml_v1", everything, "dropped");
    }
}

#[test]
fn k29_the_tags_of_hdinsight() {
    for tag in ["HDInsight.westus", "HDInsight.eastus"] {
        is("azureml_v2", "hdinsight", &format!("inbound tcp 443 from {tag}"), "added");
    }
}

#[test]
fn what_one_edition_alone_rules_is_dropped_or_added() {
    for (id, old, new, name, fate) in [
        ("K02", "azureml_2019", "azureml_v1", "azureml.y2019.compute.network_region", "dropped"),
        ("K02", "azureml_v1", "azureml_v2", "azureml.v1.limitations.cluster_region", "dropped"),
        ("K03", "azureml_v1", "azureml_v2", "azureml.v1.no_public_ip.no_public_ip_default_outbound", "dropped"),
        ("K06", "azureml_2020", "azureml_v1", "azureml.y2020.studio.studio_without_private_endpoints", "dropped"),
        ("K07", "azureml_2019", "azureml_v1", "azureml.y2019.compute.no_designer", "dropped"),
        ("K07", "azureml_2019", "azureml_v1", "azureml.y2019.compute.no_studio_automl", "dropped"),
        ("K09", "azureml_2019", "azureml_v1", "azureml.y2019.storage.storage_network", "dropped"),
        ("K10", "azureml_v1", "azureml_v2", "azureml.v1.public_ip.networking_quota", "changed"),
        ("K15", "azureml_2020", "azureml_v1", "azureml.y2020.inference.one_network", "dropped"),
    ] {
        assert_eq!(rule(old, new, name), fate, "{id}: {name} between {old} and {new}");
    }
}

#[test]
fn a_pack_and_itself_ask_the_same_and_the_other_way_round_is_turned() {
    let same = between("azureml_v2", "azureml_v2");
    assert_eq!(same["same"], true);
    assert!(!same["traffic"].as_array().unwrap().is_empty() && !same["requirements"].as_array().unwrap().is_empty());
    let counts = |document: &Value, fate: &str| {
        ["traffic", "requirements"]
            .map(|kind| document[kind].as_array().unwrap().iter().filter(|one| one["change"] == fate).count())
    };
    let (forth, back) = (between("azureml_2019", "azureml_v1"), between("azureml_v1", "azureml_2019"));
    for (fate, turned) in [("dropped", "added"), ("added", "dropped"), ("changed", "changed"), ("kept", "kept")] {
        assert_eq!(counts(&forth, fate), counts(&back, turned), "{fate}");
    }
}

#[test]
fn everything_that_was_dropped_or_added_says_by_which_statement() {
    let document = between("azureml_2019", "azureml_v1");
    for change in document["traffic"].as_array().unwrap() {
        for side in [&change["was"], &change["now"]].into_iter().filter(|side| !side.is_null()) {
            for ask in side["asked"].as_array().unwrap() {
                let cites = ask["cites"].as_array().unwrap();
                assert!(!cites.is_empty(), "{ask}");
                for cite in cites {
                    let filled = |key: &str| cite[key].as_str().is_some_and(|text| !text.is_empty());
                    assert!(
                        ["id", "statement", "title", "section", "url", "edition"].into_iter().all(filled),
                        "{cite}"
                    );
                }
            }
        }
    }
}

/// Values and functions that each name another twice would be read without end.
#[test]
fn what_doubles_with_every_line_is_read_once() {
    let mut policy = "import azure.network.{Subnet}\n\nfn f0(s: Subnet) -> Bool =\n  s permits { outbound tcp 443 to Storage } is allowed\n".to_owned();
    for n in 1..60 {
        let before = n - 1;
        writeln!(policy, "\nfn f{n}(s: Subnet) -> Bool =\n  f{before}(s) or f{before}(s)").unwrap();
    }
    policy.push_str("\nrule doubled(s: Subnet) {\n  severity error\n  let x0 = 1\n");
    for n in 1..60 {
        let before = n - 1;
        writeln!(policy, "  let x{n} = x{before} + x{before}").unwrap();
    }
    policy.push_str("  require f59(s) or x59 > 3\n    else \"it is shut\"\n}\n");
    policy.push_str("\npack one {\n  status stable\n  edition 2026-01-01\n  include own\n}\n");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("policies")).unwrap();
    fs::write(folder.path().join("policies/own.pal"), policy).unwrap();
    let run = palisade_in(folder.path(), ["diff", "one", "one", "--policies", "policies"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.ends_with("one and one ask the same: 1 stream of traffic, 1 other requirement\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_document_is_valid_against_its_schema() {
    let schema = workspace::file("docs/schema/diff-report.schema.json").text;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    for (old, new) in
        [("azureml_2019", "azureml_v1"), ("public_internet_access_2022", "public_internet_access_2025"), ("y19", "v1")]
    {
        let document = between(old, new);
        let errors: Vec<_> = validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}
