//! The diagnostics of the commands themselves and of the report's summary. Each has a page, which `palisade explain CODE`
//! shows; its example is in `codes/command_line.md`, which `tests/tests/pages.rs` runs.

use palisade_project::page_with_example;

/// A code with what it is about, Markdown.
pub(crate) const CODES: &[(&str, &str)] = &[
    ("left-out", "Said with `--verbose` of a YAML file in a folder that has none of the keys of an environment."),
    (
        "nothing-applied",
        "No rule came to pass or violation in an environment: no rule is about what it describes, or the description \
         leaves every answer open. It has not passed, and `check` exits with 3 unless something else is worse.",
    ),
    (
        "nothing-found",
        "No file among those that were looked at is an environment, so nothing was checked; or there are no policies \
         where `palisade fmt` or `palisade lint` looks for them, so nothing was formatted or linted.",
    ),
    ("output", "An answer could not be written where it was to go."),
    ("unknown-id", "Nothing that has a page is called so: no rule, statement, pack or diagnostic code."),
    ("usage", "The options of a command contradict each other, or lack something that the command needs."),
];

const PAGES: &[&str] = &[include_str!("codes/command_line.md")];

/// The page of a code, Markdown.
pub(crate) fn page(code: &str) -> Option<String> {
    let (code, about) = CODES.iter().find(|(known, _)| *known == code)?;
    Some(page_with_example(code, about, PAGES))
}
