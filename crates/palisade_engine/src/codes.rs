//! Every code that a diagnostic may carry, with what it stands for: what `palisade explain CODE` shows.

use crate::environment::codes::CODES as ENVIRONMENT;
use crate::policy::catalogue::SERVICE_TAGS_INVALID;
use crate::policy::infer::codes::ALL as TYPES;
use crate::policy::lint;

/// Codes of the parser.
const SYNTAX: &[(&str, &str)] = &[
    ("syntax-absence", "a form of absence that the language does not have; `is set`, `is none` and `??` are its words"),
    ("syntax-brace", "a lone brace in a text; `{{` and `}}` are braces, `{…}` interpolates"),
    ("syntax-call", "a call of something other than a name"),
    ("syntax-chain", "comparisons in a chain; each needs its own operands, joined by `and`"),
    ("syntax-cite", "a citation that is not an id of a statement, which has at least one dot"),
    ("syntax-doc", "documentation (`///`, `//!`) where nothing can be documented"),
    ("syntax-either", "`either` with something other than alternatives in braces, joined by `or`"),
    ("syntax-empty-traffic", "a traffic literal without a line"),
    ("syntax-escape", "an escape that texts do not have"),
    ("syntax-expected", "something else was expected here"),
    ("syntax-internal", "a fault of the parser itself"),
    ("syntax-item", "a line at the left edge that begins no item"),
    ("syntax-limit", "a file larger than the documented limits"),
    ("syntax-literal", "a literal that is written in a way the language does not have"),
    ("syntax-minus", "a `-` without space around it, which could be part of a name"),
    ("syntax-mistake", "a form of another language"),
    ("syntax-mixed", "operators whose order is not obvious; parentheses say it"),
    ("syntax-not", "`not` where it would bind otherwise than it reads"),
    ("syntax-parenthesise", "an expression that needs parentheses here"),
    ("syntax-reserved-name", "a name that is a word of the language"),
    ("syntax-tag", "a service tag in a form that it cannot have"),
    ("syntax-too-deep", "brackets nested deeper than the documented limit"),
    ("syntax-trailing", "something after the end of a clause or an item"),
    ("syntax-twice", "a clause that may stand once stands twice"),
    ("syntax-unclosed", "a bracket that is never closed"),
    ("syntax-unclosed-text", "a text that is never closed"),
    ("clause-misplaced", "a `when`, `needs` or `let` after the first requirement"),
];

/// Codes of names, modules, packs, sources and tests.
const POLICY: &[(&str, &str)] = &[
    ("cycle", "items that use each other in a circle; the language has no recursion"),
    ("duplicate-field", "two fields of one type with one name"),
    ("duplicate-import", "an import whose name is taken"),
    ("duplicate-module", "one module in two files"),
    ("duplicate-name", "two items of one module with one name"),
    ("duplicate-pack", "a pack whose name is taken"),
    ("duplicate-statement", "one statement id twice"),
    ("duplicate-variant", "two variants of one enum with one name"),
    ("empty-include", "a pack that includes a module without rules"),
    ("extern-outside-library", "`extern fn` outside the library"),
    ("incomplete-source", "a source without title, edition or url"),
    ("invalid-edition", "an edition that is not a day of the calendar"),
    ("library-binding", "something that the network's semantics needs and the library does not declare"),
    ("library-data", "a data file of the library that cannot be read"),
    ("misplaced-source", "a source outside the module `sources.NAME`"),
    ("pack-status", "a pack without a status, or with an unknown one"),
    ("replaced-parameters", "a rule that replaces one with other parameters"),
    ("replaced-twice", "a rule that two rules replace"),
    ("required-extension", "an added field that existing environments would lack"),
    ("test-without-expectation", "a test that expects nothing"),
    ("test-without-given", "a test without an environment"),
    ("unknown-extern", "an `extern fn` that the engine does not have"),
    ("unknown-fixture", "a fixture that does not exist"),
    ("unknown-import", "an import of something that its module does not declare"),
    ("unknown-module", "a module that does not exist"),
    ("unknown-outcome", "an outcome that no rule can have"),
    ("unknown-pack", "a pack that does not exist"),
    ("unknown-rule", "a rule that does not exist"),
    ("unknown-type", "a type that does not exist"),
];

/// Codes of commands.
const COMMANDS: &[(&str, &str)] = &[
    ("fixture", "a fault in the YAML of a fixture"),
    ("flow-question", "a question about traffic that cannot be asked"),
    ("new-rule", "a new rule that cannot be written as it was asked for"),
    ("nothing-selected", "a selection that leaves no rule to check"),
    (SERVICE_TAGS_INVALID, "a file of the addresses of service tags that cannot be read"),
    ("test-failed", "a test whose expectation did not hold"),
    ("unknown-lint", "a selection of lints by a code that none has"),
    ("why-question", "a question about an outcome that cannot be asked"),
];

/// Every code with one line about it; a code of two layers comes once.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lists = [SYNTAX, POLICY, TYPES, ENVIRONMENT, COMMANDS];
    let mut codes: Vec<_> = lists.into_iter().flatten().copied().chain(lint::codes()).collect();
    codes.sort_by_key(|(code, _)| *code);
    codes.dedup_by_key(|(code, _)| *code);
    codes.into_iter()
}

/// The pages, each a section titled with its code. What they show is run by `tests/tests/pages.rs`.
const PAGES: &[&str] = &[
    include_str!("codes/advice.md"),
    include_str!("codes/commands.md"),
    include_str!("codes/environments.md"),
    include_str!("codes/lints.md"),
    include_str!("codes/names.md"),
    include_str!("codes/syntax.md"),
    include_str!("codes/types.md"),
];

/// The page of a code, Markdown: what it is reported for, then an example with its message and what mends it.
pub fn page(code: &str) -> Option<String> {
    let (code, line) = all().find(|(known, _)| *known == code)?;
    Some(with_example(code, &format!("Reported for {line}."), PAGES))
}

/// The page of a code whose example stands in one of these texts.
pub fn with_example(code: &str, about: &str, pages: &[&str]) -> String {
    let example = pages.iter().find_map(|pages| section(pages, code)).unwrap_or_default();
    format!("# {code}\n\n{about}\n{example}")
}

/// What stands below a heading, up to the next.
fn section<'a>(pages: &'a str, title: &str) -> Option<&'a str> {
    let mut sections = pages.split("\n## ").skip(1).filter_map(|section| section.split_once('\n'));
    sections.find_map(|(heading, body)| (heading == title).then_some(body))
}
