//! Mistakes of the command line and the configuration, and what needs no environment.

use crate::folder::{Folder, Run};

#[test]
fn every_command_has_help() {
    let folder = Folder::new();
    for command in ["check", "flow", "test", "fmt", "diff", "explain", "rules", "coverage", "version", "completions"] {
        let run = folder.run(&[command, "--help"]).exits(0);
        assert!(run.out.contains("Usage: palisade"), "{}", run.out);
    }
    folder.run(&["--help"]).exits(0).says("Exit codes: 0 fine, 1 violations, 2 no answer, 3 nothing was checked");
    folder.run(&[]).exits(2);
}

#[test]
fn a_slip_on_the_command_line_is_mended() {
    let folder = Folder::new();
    folder.run(&["chekc"]).exits(2).says("similar").says("check");
    folder.run(&["check", "--pakc", "a"]).exits(2).says("--pack");
    folder.run(&["check", "--fail-on", "warn"]).exits(2).says("warning");
    folder.run(&["check", "--quiet", "--verbose"]).exits(2).says("cannot be used with");
}

#[test]
fn what_belongs_to_later_work_is_not_accepted() {
    let folder = Folder::new();
    for option in ["--today", "--baseline", "--watch"] {
        folder.run(&["check", option, "x"]).exits(2).says(option);
    }
    for format in ["sarif", "junit", "github", "jsonl"] {
        folder.run(&["check", "--output", format]).exits(2).says("available are `full`, `concise` and `json`");
    }
    folder.run(&["check", "--output", "jsn"]).exits(2).says("did you mean `json`?");
}

#[test]
fn two_formats_cannot_share_standard_output() {
    Folder::new().run(&["check", "--output", "json", "--output", "full"]).exits(2).says("two formats");
}

#[test]
fn jobs_is_a_number_above_zero() {
    Folder::new().run(&["check", "--jobs", "0"]).exits(2);
}

#[test]
fn a_flow_has_one_direction() {
    let folder = Folder::new();
    let question = ["flow", "e.yaml", "--on", "a", "--protocol", "tcp", "--remote", "*"];
    folder.run(&question).exits(2).says("--inbound");
    folder.run(&[&question[..], &["--inbound", "--outbound"]].concat()).exits(2);
}

#[test]
fn the_version_is_that_of_the_package() {
    let folder = Folder::new();
    let expected = format!("palisade {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(folder.run(&["version"]).exits(0).out, expected);
    assert_eq!(folder.run(&["--version"]).exits(0).out, expected);
    let json: serde_json::Value =
        serde_json::from_str(&folder.run(&["version", "--output", "json"]).exits(0).out).unwrap();
    assert_eq!(json["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json["version"], 1);
}

#[test]
fn each_shell_has_completions() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        folder.run(&["completions", shell]).exits(0).says("groups-only");
    }
    folder.run(&["completions", "bahs"]).exits(2).says("bash");
}

#[test]
fn an_unknown_key_of_the_configuration_is_an_error_in_its_place() {
    let folder = Folder::new().with("palisade.yaml", "packs: []\npolices: rules\n");
    folder
        .run(&["check"])
        .exits(2)
        .says("palisade.yaml:2:1")
        .says("unknown key `polices`")
        .says("did you mean `policies`?")
        .says("nothing was checked");
}

#[test]
fn waivers_are_refused_and_never_passed_over() {
    let folder = Folder::new().with("palisade.yaml", "waivers: []\n");
    folder.run(&["check"]).exits(2).says("`waivers` is not supported yet");
    folder.run(&["rules"]).exits(2).says("`waivers` is not supported yet");
}

#[test]
fn why_there_is_no_answer_is_told_in_json_too() {
    let folder = Folder::new().with("palisade.yaml", "fail_on: eror\n");
    let run = folder.run(&["check", "--output", "json"]).exits(2);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(json["diagnostics"][0]["code"], "config-invalid");
    assert_eq!(json["diagnostics"][0]["location"]["start"]["line"], 1);
}

#[test]
fn a_folder_of_policies_must_hold_policies() {
    let folder = Folder::new().with("empty/readme.md", "");
    folder.run(&["check", "--policies", "empty"]).exits(2).says("`empty` holds no `.pal` file");
    folder.run(&["check", "--policies", "none"]).exits(2).says("`none` does not exist");
    folder.run(&["check", "--library", "none"]).exits(2).says("`none` does not exist");
}

#[test]
fn colour_is_written_only_when_it_is_asked_for() {
    let folder = Folder::new().with("palisade.yaml", "x: 1\n");
    let colored = |run: &Run| run.out.contains('\u{1b}');
    assert!(!colored(&folder.run(&["check"])));
    assert!(colored(&folder.run(&["check", "--color", "always"])));
    assert!(colored(&Run::of(folder.command(&["check"]).env("CLICOLOR_FORCE", "1"))));
    assert!(!colored(&Run::of(folder.command(&["check", "--color", "never"]).env("CLICOLOR_FORCE", "1"))));
    assert!(!colored(&Run::of(folder.command(&["check"]).env("NO_COLOR", "1"))));
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_ends_quietly() {
    let folder = Folder::new();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(["completions", "zsh"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_cannot_be_written_is_no_answer() {
    let folder = Folder::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_palisade"))
        .arg("version")
        .current_dir(folder.path())
        .stdout(full)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}
