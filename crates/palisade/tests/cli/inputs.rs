//! Which files are checked, and what becomes of those that cannot be.

use crate::folder::{Folder, Run, shared_environment};

const SMALL: &str = "name: small\nvirtual_networks: {}\n";

#[test]
fn an_empty_folder_is_nothing_checked() {
    let folder = Folder::new();
    folder.run(&["check"]).exits(3).says("no environment was found");
    folder.run(&["check", "."]).exits(3).says("nothing was checked: no environment was found");
}

#[test]
fn other_yaml_in_a_folder_is_no_environment() {
    let folder = Folder::new()
        .with("workflow.yaml", "name: ci\non: push\njobs: {}\n")
        .with("manifest.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {}\n");
    folder.run(&["check"]).exits(3).says("and 1 more have none of the keys of an environment");
    folder.run(&["check", "workflow.yaml"]).exits(2).says("`workflow.yaml` describes no environment");
}

#[test]
fn a_named_file_must_exist_be_a_file_and_be_full() {
    let folder = Folder::new().with("empty.yaml", "# nothing\n");
    folder.run(&["check", "none.yaml"]).exits(2).says("`none.yaml` does not exist");
    folder.run(&["check", "empty.yaml"]).exits(2).says("it is empty");
    folder.run(&["check", "--files-from", "."]).exits(2).says("is a folder");
}

#[test]
fn broken_yaml_names_its_line() {
    let folder = Folder::new().with("bad.yaml", "name: bad\ncomputes:\n  a: [1, 2\nb: }\n");
    let run = folder.run(&["check", "bad.yaml", "--output", "concise"]).exits(2);
    assert!(run.out.starts_with("bad.yaml:") && run.out.contains("error["), "{}", run.out);
}

#[test]
fn bytes_that_are_not_utf_8_name_their_line() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("latin.yaml"), b"name: a\nowner: J\xf6rg\n").unwrap();
    folder.run(&["check", "latin.yaml"]).exits(2).says("error[file-encoding]").says("line 2");
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let folder = Folder::new();
    let file = std::fs::File::create(folder.path().join("huge.yaml")).expect("it can be made");
    file.set_len(1 << 40).expect("a file may have holes");
    folder.run(&["check", "huge.yaml"]).exits(2).says("error[file-too-large]: `huge.yaml` is larger than");
}

#[test]
fn one_broken_file_does_not_stop_the_others() {
    let folder = Folder::new()
        .with("envs/a.yaml", "computes: [\n")
        .with("envs/b.yaml", &shared_environment("quickstart-locked-down.yaml"));
    folder.run(&["check", "envs"]).exits(2).says("checked 1 environment").says("1 environment could not be checked");
}

#[test]
fn yaml_that_cannot_be_read_in_a_folder_is_never_passed_over() {
    let folder = Folder::new().with("template.yaml", "{{ if }}: [\n").with("small.yaml", SMALL);
    folder.run(&["check"]).says("`template.yaml` cannot be read as YAML and was not checked");
}

#[test]
fn an_environment_whose_first_line_is_broken_is_still_one() {
    let folder = Folder::new()
        .with("a.yaml", "name: \"open\ncomputes:\n  ci: {}\n")
        .with("b.yaml", &shared_environment("quickstart-locked-down.yaml"));
    folder.run(&["check"]).exits(2).says("a.yaml:").says("1 environment could not be checked");
}

#[test]
fn a_document_that_is_no_mapping_is_never_passed_over() {
    let text = "name: first\nvirtual_networks: {}\n---\n- computes: {}\n";
    let folder = Folder::new().with("two.yaml", text).with("list.yaml", "- a\n").with("notes/list.yaml", "- a\n");
    folder.run(&["check", "two.yaml"]).exits(2).says("two.yaml:4:1").says("found a list");
    folder.run(&["check", "list.yaml"]).exits(2).says("list.yaml:1:1").says("found a list");
    folder.run(&["check", "notes"]).exits(3).says("no environment was found");
}

#[test]
fn what_has_no_effect_yet_is_said() {
    let folder = Folder::new().with("a.yaml", &format!("waivers: []\n{SMALL}"));
    let run = folder.run(&["check", "a.yaml", "--output", "concise"]).exits(3);
    run.says("a.yaml:1:1: warning[not-supported] `waivers`");
}

/// A subnet with a group that lets the service in, and what stands beside it.
fn with_group(more: &str) -> Folder {
    let text = "
virtual_networks: { ml: { address_space: [10.0.0.0/16], subnets: { a: { prefixes: [10.0.0.0/24], network_security_group: g } } } }
network_security_groups: { g: { rules: [
  { name: allow-web, priority: 100, direction: inbound, access: allow, protocol: tcp, source: 20.38.96.0/24, destination_groups: [web], destination_ports: 443 } ] } }
application_security_groups: { web: { members: [nic-1] } }
network_interfaces: { nic-1: { subnet: ml/a, ip: 10.0.0.4 }, nic-2: { subnet: ml/a, ip: 10.0.0.5 } }
";
    Folder::new().with("a.yaml", &format!("{text}{more}"))
}

const FROM_RANGE: [&str; 9] =
    ["flow", "a.yaml", "--groups-only", "--inbound", "--protocol", "tcp", "--remote", "20.38.96.0/24", "--local-port"];

#[test]
fn a_rule_for_an_application_security_group_is_for_its_members() {
    let folder = with_group("");
    let ask = |on| folder.run(&[&FROM_RANGE[..], &["443", "--on", on]].concat());
    ask("nic-1").exits(0).says("allow-web");
    ask("nic-2").exits(1).says("DenyAllInBound");
    ask("ml/a").exits(1).says("partial");
}

#[test]
fn admin_rules_come_before_every_group() {
    let deny = "security_admin_rules: { closed: { virtual_networks: [ml], priority: 1, direction: inbound, action: deny, protocol: tcp } }\n";
    let folder = with_group(deny);
    let run = folder.run(&[&FROM_RANGE[..], &["443", "--on", "nic-1"]].concat()).exits(1);
    run.says("denied by `security_admin_rules.closed` (priority 1) before every group");
    let elsewhere = with_group(&deny.replace("[ml]", "[]"));
    elsewhere.run(&[&FROM_RANGE[..], &["443", "--on", "nic-1"]].concat()).exits(0);
}

#[test]
fn admin_rules_of_one_network_with_one_priority_are_refused() {
    let rule = |name: &str| {
        format!("{name}: {{ virtual_networks: [ml], priority: 1, direction: inbound, action: deny, protocol: tcp }}")
    };
    let folder = with_group(&format!("security_admin_rules: {{ {}, {} }}\n", rule("one"), rule("two")));
    folder.run(&["check", "a.yaml"]).exits(2).says("`one` and `two` are both inbound with priority 1");
}

#[test]
fn any_number_of_jobs_ends() {
    let folder = Folder::new().with("small.yaml", SMALL);
    folder.run(&["check", "small.yaml", "--jobs", "99999999"]).exits(3);
}

#[test]
fn an_environment_comes_from_standard_input() {
    let folder = Folder::new();
    let text = shared_environment("quickstart-broken-inbound-44224.yaml");
    let run = Run::of(folder.command(&["check", "-", "--output", "concise"]).write_stdin(text)).exits(1);
    assert!(run.out.contains("<stdin>:"), "{}", run.out);
}

#[test]
fn paths_come_from_a_file() {
    let folder = Folder::new()
        .with("a b.yaml", &shared_environment("quickstart-locked-down.yaml"))
        .with("list.txt", "a b.yaml\r\n\n");
    folder.run(&["check", "--files-from", "list.txt"]).exits(0).says("checked 1 environment");
    let piped = Run::of(folder.command(&["check", "--files-from", "-"]).write_stdin("none.yaml\n"));
    piped.exits(2).says("`none.yaml` does not exist");
}

#[test]
fn a_file_that_is_named_twice_is_checked_once() {
    let folder = Folder::new().with("small.yaml", SMALL);
    folder.run(&["check", "small.yaml", "./small.yaml", "."]).says("checked 1 environment");
}

#[test]
fn the_configuration_lists_environments() {
    let folder = Folder::new()
        .with("palisade.yaml", "environments: ['envs/*.yaml', 'gone/*.yaml']\n")
        .with("envs/a.yaml", SMALL)
        .with("other/b.yaml", SMALL)
        .with("deep/down/readme.md", "");
    let run = folder.run(&["check"]).says("`gone/*.yaml` matches no file").says("checked 1 environment");
    assert!(run.out.contains("palisade.yaml:1:31"), "{}", run.out);
}

#[test]
fn a_broken_pattern_of_the_configuration_is_an_error_in_its_place() {
    let folder = Folder::new().with("palisade.yaml", "environments: ['envs/[a.yaml']\n");
    folder.run(&["check"]).exits(2).says("palisade.yaml:1:16").says("cannot be read");
}

#[test]
fn a_missing_include_is_an_error_at_its_place() {
    let folder = Folder::new().with("envs/dev.yaml", "name: dev\ncomputes: {}\ninclude: [hub.yaml, 'nsgs/*.yaml']\n");
    folder
        .run(&["check", "envs/dev.yaml"])
        .exits(2)
        .says("envs/dev.yaml:3:11")
        .says("`envs/hub.yaml` does not exist")
        .says("`nsgs/*.yaml` matches no file in `envs`");
}

#[test]
fn an_include_stays_below_the_project() {
    let outer = Folder::new().with("secret.yaml", "virtual_networks: {}\n");
    let inner = outer.with("repo/dev.yaml", "computes: {}\ninclude: [../secret.yaml]\n").with("repo/palisade.yaml", "");
    inner.run(&["check", "repo/dev.yaml"]).exits(2).says("is outside of the project");
}

#[test]
fn an_include_may_lie_beside_the_environments() {
    let folder = Folder::new()
        .with("shared/hub.yaml", "virtual_networks:\n  hub: { address_space: [10.0.0.0/16] }\n")
        .with("envs/dev.yaml", "name: dev\ncomputes: {}\ninclude: [../shared/*.yaml]\n");
    let run = folder.run(&["check", "envs/dev.yaml"]);
    assert_ne!(run.code, 2, "{}{}", run.out, run.err);
}

#[test]
fn what_is_ignored_in_a_repository_is_not_checked_unless_named() {
    let folder = Folder::new().with(".gitignore", "local.yaml\n").with("local.yaml", SMALL);
    folder.run(&["check"]).exits(3).says("no environment was found");
    folder.run(&["check", "local.yaml"]).says("checked 1 environment");
}

#[test]
fn the_settings_of_the_configuration_do_not_make_an_environment() {
    let folder = Folder::new().with("palisade.yaml", "packs: []\n");
    folder.run(&["check"]).exits(3);
}
