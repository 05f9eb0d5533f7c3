//! The large environment in small: the check ends and counts what the generator put in. The full size is a bench.

use std::fs;

use palisade_tests::generate::{self, SMALL};
use palisade_tests::program::palisade;
use palisade_tests::report::Report;

#[test]
fn a_generated_environment_comes_to_what_was_generated() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("generated.yaml");
    fs::write(&file, generate::environment(SMALL)).unwrap();
    let run = palisade(["check", "--all", "--output", "json", "--pack", "azureml_v2", file.to_str().unwrap()]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report = Report::read(&run.stdout);
    let of = |rule: &str, outcome: &str| {
        let found = report.findings.iter().filter(|one| one.rule.ends_with(rule) && one.outcome == outcome);
        found.count()
    };
    // Each compute has a public IP; the deny above shuts some of them off from one port of the service.
    assert_eq!(of(".public_ip_machine_learning_outbound", "violation"), SMALL.shut_in());
    assert_eq!(of(".public_ip_machine_learning_outbound", "pass"), SMALL.computes - SMALL.shut_in());
    assert_eq!(of(".public_ip_inbound", "pass"), SMALL.computes);
    assert_eq!(of(".public_ip_batch_outbound", "pass"), SMALL.computes);
    assert_eq!(of(".public_ip_storage_outbound", "pass"), SMALL.computes);
    let denied = report.findings.iter().filter(|one| one.outcome == "violation");
    for finding in denied.filter(|one| one.rule.ends_with(".public_ip_machine_learning_outbound")) {
        let number: usize = finding.resource.rsplit('-').next().unwrap().parse().unwrap();
        let deny = format!("network_security_groups.group-{}.rules.deny-high-ports", number % SMALL.subnets);
        assert!(finding.is_at(&deny), "{} is not at {deny}", finding.resource);
    }
}
