//! Microsoft's file of the addresses of service tags: who may name it, which one holds, and what is said without it.

use crate::folder::{Folder, Run};

/// A group that lets a public range in, so that only the file can say what of a tag that is.
const ENVIRONMENT: &str = "
virtual_networks: { ml: { address_space: [10.0.0.0/16], subnets: { a: { prefixes: [10.0.0.0/24], network_security_group: g } } } }
network_security_groups: { g: { rules: [
  { name: allow-web, priority: 100, direction: inbound, access: allow, protocol: tcp, source: 20.38.96.0/24, destination_ports: 443 } ] } }
";

/// A rule of one's own that the file settles.
const POLICY: &str = "//! Storage comes in.

import azure.network.{Subnet}

/// Storage comes in.
rule storage_in(subnet: Subnet) {
  severity error
  require subnet permits { inbound tcp 443 from Storage }
    else \"`{subnet}` shuts storage out\"
}

/// The rules of the test.
pack own {
  status  stable
  edition 2026-01-01
  include rules
}
";

/// A file in which `Storage` lies in one range.
fn tags(range: &str) -> String {
    format!(
        r#"{{ "changeNumber": 1, "cloud": "Public", "values": [ {{ "name": "Storage", "properties": {{ "addressPrefixes": ["{range}"], "networkFeatures": ["NSG"] }} }} ] }}"#
    )
}

/// The range of the rule, and another.
fn inside() -> String {
    tags("20.38.96.0/24")
}

fn outside() -> String {
    tags("20.40.0.0/24")
}

fn folder(first_line: &str) -> Folder {
    Folder::new()
        .with("envs/a.yaml", &format!("{first_line}{ENVIRONMENT}"))
        .with("envs/tags.json", &inside())
        .with("policies/rules.pal", POLICY)
}

const ASK: [&str; 11] = [
    "flow",
    "envs/a.yaml",
    "--groups-only",
    "--inbound",
    "--protocol=tcp",
    "--remote=Storage",
    "--local-port=443",
    "--on",
    "ml/a",
    "--color",
    "never",
];

fn asked(folder: &Folder, more: &[&str]) -> Run {
    folder.run(&[&ASK[..], more].concat())
}

fn checked(folder: &Folder, more: &[&str]) -> Run {
    folder.run(&[&["check", "envs", "--policies", "policies", "--pack", "own", "--output", "concise"], more].concat())
}

#[test]
fn without_the_file_the_answer_is_open_and_says_that_the_file_would_settle_it() {
    let folder = folder("");
    asked(&folder, &[]).exits(4).says("Microsoft's service tag file");
    checked(&folder, &[]).exits(3).says("undetermined").says("Microsoft's service tag file");
}

#[test]
fn the_file_of_the_command_line_settles_it() {
    let folder = folder("");
    asked(&folder, &["--service-tags", "envs/tags.json"]).exits(0);
    checked(&folder, &["--service-tags", "envs/tags.json"]).exits(0);
}

#[test]
fn the_file_that_an_environment_names_settles_it_and_its_path_starts_there() {
    let folder = folder("service_tags: tags.json\n");
    asked(&folder, &[]).exits(0);
    checked(&folder, &[]).exits(0);
}

#[test]
fn the_file_of_the_configuration_settles_it_and_its_path_starts_there() {
    let folder = folder("").with("palisade.yaml", "service_tags: envs/tags.json\n");
    asked(&folder, &[]).exits(0);
    checked(&folder, &[]).exits(0);
}

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_configuration() {
    let folder = folder("service_tags: tags.json\n").with("outside.json", &outside());
    let folder = folder.with("palisade.yaml", "service_tags: outside.json\n");
    asked(&folder, &[]).exits(0);
    asked(&folder, &["--service-tags", "outside.json"]).exits(1);
}

#[test]
fn environments_of_one_run_have_each_their_own_file() {
    let environment = |name: &str| format!("name: {name}\nservice_tags: {name}.json\n{ENVIRONMENT}");
    let folder = Folder::new()
        .with("policies/rules.pal", POLICY)
        .with("envs/in.yaml", &environment("in"))
        .with("envs/in.json", &inside())
        .with("envs/out.yaml", &environment("out"))
        .with("envs/out.json", &outside())
        .with("envs/without.yaml", &format!("name: without\n{ENVIRONMENT}"));
    for jobs in ["1", "3"] {
        let run = checked(&folder, &["--jobs", jobs]).exits(1);
        run.says("envs/out.yaml:4:68: error[rules.storage_in]").says("1 passed, 1 violation, 1 undetermined");
    }
}

#[test]
fn a_tag_that_only_the_file_lists_may_be_named_where_the_file_holds() {
    let listed = inside().replace("\"Storage\"", "\"NewService\"");
    let environment = ENVIRONMENT.replace("20.38.96.0/24", "NewService");
    let folder = Folder::new()
        .with("known.yaml", &format!("service_tags: tags.json\n{environment}"))
        .with("unknown.yaml", &environment)
        .with("tags.json", &listed);
    assert_ne!(folder.run(&["check", "known.yaml"]).code, 2);
    folder.run(&["check", "unknown.yaml"]).exits(2).says("`NewService` is not a service tag");
}

#[test]
fn a_file_that_is_not_there_is_an_error_where_it_is_named() {
    let folder = folder("service_tags: none.json\n");
    let run = checked(&folder, &[]).exits(2);
    run.says("envs/a.yaml:1:15: error[service-tags-file]").says("`envs/none.json` does not exist");
    asked(&folder, &[]).exits(2).says("`envs/none.json` does not exist");
    checked(&folder, &["--service-tags", "none.json"]).exits(2).says("`none.json` does not exist");
    let configured = folder.with("palisade.yaml", "packs: []\nservice_tags: none.json\n");
    let run = checked(&configured, &[]).exits(2);
    run.says("palisade.yaml:2:15: error[service-tags-file]").says("`none.json` does not exist");
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_in_its_place_that_says_who_names_it() {
    let folder = folder("service_tags: tags.json\n").with("envs/tags.json", "{\n  \"cloud\": 7\n}");
    let run = folder.run(&["check", "envs/a.yaml", "--output", "full", "--color", "never"]).exits(2);
    run.says("envs/tags.json:2:12").says("the file is named here").says("expected a string");
    asked(&folder, &[]).exits(2).says("envs/tags.json:2:12");
    let configured = folder.with("palisade.yaml", "service_tags: envs/tags.json\n");
    checked(&configured, &[]).exits(2).says("envs/tags.json:2:12: error[service-tags-invalid]");
}

#[test]
fn one_broken_file_leaves_the_other_environments_checked() {
    let folder = folder("service_tags: broken.json\n").with("envs/broken.json", "{}");
    let folder = folder.with("envs/b.yaml", &format!("service_tags: tags.json\n{ENVIRONMENT}"));
    checked(&folder, &[]).exits(2).says("1 passed").says("1 environment could not be checked");
}

#[test]
fn a_file_outside_of_the_project_is_refused_unless_the_command_line_names_it() {
    let folder = folder("service_tags: ../../tags.json\n").with("tags.json", &inside());
    let folder = folder.with("envs/inner/palisade.yaml", "").with("envs/inner/b.yaml", "");
    let inner = format!("service_tags: ../tags.json\n{ENVIRONMENT}");
    let folder = folder.with("envs/inner/b.yaml", &inner);
    let run = folder.run(&["check", "envs/inner/b.yaml", "--output", "concise"]).exits(2);
    run.says("envs/inner/b.yaml:1:15: error[service-tags-file] `envs/tags.json` is outside of the project");
    let run = folder.run(&["check", "envs/inner/b.yaml", "--service-tags", "tags.json"]);
    assert_ne!(run.code, 2, "{}{}", run.out, run.err);
}

#[test]
fn the_file_among_the_environments_is_not_taken_for_one() {
    let folder = folder("service_tags: tags.json\n");
    let run = checked(&folder, &[]).exits(0).says("checked 1 environment");
    assert!(!run.out.contains("tags.json") && !run.err.contains("tags.json"), "{}{}", run.out, run.err);
}

#[test]
fn a_path_that_is_no_text_is_an_error_in_its_place() {
    for (written, place) in [("[tags.json]", "a.yaml:1:15"), ("", "a.yaml:1:1")] {
        let folder = Folder::new().with("a.yaml", &format!("service_tags: {written}\n{ENVIRONMENT}"));
        folder.run(&["check", "a.yaml", "--output", "concise"]).exits(2).says(place);
    }
}

#[test]
fn tests_of_policies_are_judged_without_addresses_whatever_file_there_is() {
    let folder = Folder::new().with("tags.json", &inside()).with("palisade.yaml", "service_tags: tags.json\n");
    folder.run(&["test", "--filter", "not known without"]).exits(0);
    let naming = "test \"a file\" {\n  given \"\"\"\n    service_tags: tags.json\n  \"\"\"\n  expect pass storage_in on net/a\n}\n";
    let folder = folder.with("policies/rules.pal", &format!("{POLICY}\n{naming}"));
    let run = folder.run(&["test", "policies"]);
    assert_ne!(run.code, 0);
    run.says("a test reads no other file, so `service_tags` would add nothing");
}
