//! `palisade fmt`: what it changes, what it leaves alone, and what it says.

use crate::folder::{Folder, Run};

const LOOSE: &str = "const   a:Int=1 // kept\n";
const NEAT: &str = "const a: Int = 1  // kept\n";
const BROKEN: &str = "const a: Int =\n";

fn read(folder: &Folder, path: &str) -> String {
    std::fs::read_to_string(folder.path().join(path)).expect("the file is there")
}

#[test]
fn files_are_changed_in_place_and_named() {
    let folder = Folder::new().with("rules/a.pal", LOOSE).with("rules/b.pal", NEAT).with("rules/notes.md", LOOSE);
    let run = folder.run(&["fmt", "rules"]).exits(0);
    assert_eq!(run.out, "changed `rules/a.pal`\n1 of 2 files changed\n");
    assert_eq!(read(&folder, "rules/a.pal"), NEAT);
    assert_eq!(read(&folder, "rules/notes.md"), LOOSE);
    assert_eq!(folder.run(&["fmt", "rules"]).exits(0).out, "2 files formatted already\n");
    assert_eq!(std::fs::read_dir(folder.path().join("rules")).expect("a folder").count(), 3, "nothing is left beside");
}

#[test]
fn check_changes_nothing_and_fails_for_what_would_change() {
    let folder = Folder::new().with("a.pal", LOOSE).with("b.pal", NEAT);
    let run = folder.run(&["fmt", "--check", "a.pal", "b.pal"]).exits(1);
    assert_eq!(run.out, "would change `a.pal`\n1 of 2 files would change\n");
    assert_eq!(read(&folder, "a.pal"), LOOSE);
    folder.run(&["fmt", "--check", "b.pal"]).exits(0).says("1 file formatted already");
    assert_eq!(folder.run(&["fmt", "--check", "--quiet", "a.pal"]).exits(1).out, "1 of 1 file would change\n");
}

#[test]
fn a_diff_shows_the_change_and_makes_none() {
    let folder = Folder::new().with("a.pal", LOOSE);
    let run = folder.run(&["fmt", "--diff", "a.pal"]).exits(1);
    assert_eq!(run.out, format!("--- a/a.pal\n+++ b/a.pal\n@@ -1 +1 @@\n-{LOOSE}+{NEAT}"));
    assert_eq!(read(&folder, "a.pal"), LOOSE);
    folder.run(&["fmt", "--diff", "a.pal", "--color", "always"]).exits(1).says("\u{1b}[1m");
    folder.run(&["fmt", "a.pal"]).exits(0);
    assert_eq!(folder.run(&["fmt", "--diff", "a.pal"]).exits(0).out, "");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new();
    assert_eq!(Run::of(folder.command(&["fmt", "-"]).write_stdin(LOOSE)).exits(0).out, NEAT);
    let run = Run::of(folder.command(&["fmt", "-"]).write_stdin(BROKEN)).exits(2).says("<stdin>:1:14");
    assert_eq!(run.out, "", "half an answer would replace a whole file");
    Run::of(folder.command(&["fmt", "--check", "-"]).write_stdin(LOOSE)).exits(1).says("would change `<stdin>`");
    Run::of(folder.command(&["fmt", "-", "a.pal"]).write_stdin(LOOSE)).exits(2).says("cannot be mixed");
}

#[test]
fn a_file_with_mistakes_is_left_alone_and_the_others_are_formatted() {
    let folder = Folder::new().with("a.pal", BROKEN).with("b.pal", LOOSE);
    for options in [&["fmt", "."][..], &["fmt", ".", "--check"], &["fmt", ".", "--diff"]] {
        folder.run(options).exits(2).says("a.pal:1:14").says("expected an expression");
    }
    folder.run(&["fmt", "."]).exits(2).says("1 file formatted already").says("1 file cannot be formatted");
    assert_eq!(read(&folder, "a.pal"), BROKEN);
    assert_eq!(read(&folder, "b.pal"), NEAT);
}

#[test]
fn without_a_path_the_configured_policies_are_meant() {
    let folder = Folder::new().with("palisade.yaml", "policies: own\n").with("own/a.pal", LOOSE).with("b.pal", LOOSE);
    folder.run(&["fmt"]).exits(0).says("changed `own/a.pal`");
    assert_eq!(read(&folder, "b.pal"), LOOSE);
    let folder = Folder::new().with("policies/a.pal", LOOSE);
    folder.run(&["fmt"]).exits(0).says("changed `policies/a.pal`");
}

#[test]
fn nothing_to_format_is_no_success() {
    let folder = Folder::new().with("empty/readme.md", "");
    folder.run(&["fmt"]).exits(3).says("there are no policies to format");
    folder.run(&["fmt", "--check"]).exits(3);
    folder.run(&["fmt", "empty"]).exits(2).says("`empty` holds no `.pal` file");
    folder.run(&["fmt", "none.pal"]).exits(2).says("`none.pal` does not exist");
    folder.run(&["fmt", "empty/readme.md"]).exits(2).says("`empty/readme.md` is no policy");
}

#[test]
fn a_file_that_two_paths_name_is_formatted_once() {
    let folder = Folder::new().with("a.pal", LOOSE);
    folder.run(&["fmt", "a.pal", ".", "./a.pal"]).exits(0).says("1 of 1 file changed");
}

#[test]
#[cfg(unix)]
fn permissions_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new().with("real/a.pal", LOOSE);
    let (real, link) = (folder.path().join("real/a.pal"), folder.path().join("link.pal"));
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    std::os::unix::fs::symlink(&real, &link).expect("links can be made");
    folder.run(&["fmt", "link.pal"]).exits(0);
    assert_eq!(read(&folder, "real/a.pal"), NEAT);
    assert!(std::fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert_eq!(std::fs::metadata(&real).expect("it is there").permissions().mode() & 0o777, 0o640);
}

#[test]
#[cfg(unix)]
fn a_protected_file_is_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new().with("a.pal", LOOSE);
    let path = folder.path().join("a.pal");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).expect("it is ours");
    folder
        .run(&["fmt", "a.pal"])
        .exits(2)
        .says("error[file-unwritable]: `a.pal` could not be written and is as it was");
    assert_eq!(read(&folder, "a.pal"), LOOSE);
}

#[test]
fn what_a_comment_hides_is_shown_in_a_diff() {
    let folder = Folder::new().with("a.pal", "const a:Int = 1 // \u{1b}[2J\n");
    let run = folder.run(&["fmt", "--diff", "a.pal"]).exits(1).says("\\u{1b}[2J");
    assert!(!run.out.contains('\u{1b}'), "{}", run.out);
}
