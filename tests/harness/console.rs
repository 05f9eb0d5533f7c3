//! Commands with what they print: ```` ```console ```` blocks in suites and documents.
//!
//! A line that begins with `$ ` is a command; what follows is everything that it prints, standard output first, then
//! standard error; a last line `? 1` is an exit code other than 0. `palisade …` runs the binary, and so does
//! `cargo run [--release] -- …`, since building it is what the tests have done; other commands are not run, and a
//! document that needs one uses another kind of block.

use std::fmt::Write as _;
use std::path::Path;

use crate::program::{self, Run};

/// Runs the commands of a block in a folder and returns the block as it should read.
pub fn rerun(block: &str, folder: &Path) -> String {
    let commands: Vec<_> = block.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(!commands.is_empty(), "a console block has no command:\n{block}");
    let mut written = String::new();
    for command in commands {
        let run = run(command, folder);
        writeln!(written, "$ {command}").expect("writing to memory");
        written.push_str(&transcript(&run));
    }
    written
}

/// Output, errors and exit code as a block shows them.
pub fn transcript(run: &Run) -> String {
    let mut written = String::new();
    for output in [&run.stdout, &run.stderr] {
        written.push_str(output);
        if !output.is_empty() && !output.ends_with('\n') {
            written.push('\n');
        }
    }
    if run.code != 0 {
        writeln!(written, "? {}", run.code).expect("writing to memory");
    }
    written
}

fn run(command: &str, folder: &Path) -> Run {
    let words: Vec<_> = command.split_whitespace().collect();
    let arguments = arguments(&words).unwrap_or_else(|| panic!("`{command}` is no command of palisade"));
    program::palisade_in(folder, arguments)
}

/// What is handed to the binary.
fn arguments<'a, 'w>(words: &'a [&'w str]) -> Option<&'a [&'w str]> {
    match words {
        ["palisade", rest @ ..]
        | ["cargo", "run", "--", rest @ ..]
        | ["cargo", "run", "--release", "--", rest @ ..] => Some(rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_call_the_program_are_one() {
        let of = |command: &str| {
            let words: Vec<_> = command.split(' ').collect();
            arguments(&words).map(|rest| rest.join(" "))
        };
        assert_eq!(of("palisade check a.yaml").as_deref(), Some("check a.yaml"));
        assert_eq!(of("cargo run --release -- check a.yaml").as_deref(), Some("check a.yaml"));
        assert_eq!(of("rm -rf a"), None);
    }

    #[test]
    fn an_exit_code_other_than_0_is_shown_last() {
        let run = |code| Run { code, stdout: "a".to_owned(), stderr: "b\n".to_owned() };
        assert_eq!(transcript(&run(0)), "a\nb\n");
        assert_eq!(transcript(&run(2)), "a\nb\n? 2\n");
    }
}
