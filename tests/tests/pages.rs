//! Every diagnostic code has a page, and what the page shows is what happens: the example gives the code and nothing else,
//! the message reads as shown, and what mends it leaves nothing to say.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::{BTreeMap, BTreeSet};

use palisade_engine::api::{self, CheckOptions};
use palisade_tests::rust::{Token, product_tokens};
use palisade_tests::scene::Scene;
use palisade_tests::{pages, workspace};

macro_rules! pages {
    ($($name:ident)*) => {
        $(#[test] fn $name() { pages::run(stringify!($name)); })*

        #[test]
        fn no_file_of_pages_is_left_out() {
            let run = [$(concat!("/", stringify!($name), ".md")),*];
            let files = pages::files();
            assert_eq!(files.len(), run.len(), "each file is run once");
            for file in files {
                assert!(run.iter().any(|name| file.path.ends_with(name)), "{} is not run", file.path);
            }
        }
    };
}

pages! {
    advice
    command_line
    commands
    environments
    files
    lints
    names
    syntax
    types
}

/// Codes that no short text can show, with the tests that do.
const SHOWN_ELSEWHERE: &[(&str, &str)] = &[
    ("file-encoding", "crates/palisade/tests/cli/inputs.rs::bytes_that_are_not_utf_8_name_their_line"),
    ("file-too-large", "crates/palisade/tests/cli/inputs.rs::a_file_over_the_limit_is_not_read"),
    ("file-unwritable", "crates/palisade/tests/cli/formatting.rs::a_protected_file_is_left_as_it_is"),
    ("library-binding", "tests/tests/pages.rs::a_library_that_lacks_a_declaration_is_refused"),
    ("library-data", "tests/tests/pages.rs::a_list_of_service_tags_that_cannot_be_read_is_refused"),
    ("more-faults", "tests/tests/pages.rs::the_faults_of_a_file_are_listed_up_to_a_limit"),
    ("syntax-internal", "crates/palisade_syntax/tests/properties.rs::assert_no_defect"),
    ("syntax-limit", "crates/palisade_syntax/tests/hostile.rs::a_file_that_is_too_large_is_refused"),
    ("unknown-extern", "tests/tests/pages.rs::a_function_that_the_engine_does_not_have_is_refused"),
    ("yaml-encoding", "tests/tests/pages.rs::a_control_character_is_refused"),
    ("yaml-limit", "tests/tests/pages.rs::a_text_that_nests_too_deep_is_refused"),
];

/// Where the codes of the project and of the commands are listed.
const OTHER_LISTS: &[&str] = &["crates/palisade_project/src/codes.rs", "crates/palisade/src/codes.rs"];

/// Every code that has a page, sorted.
fn codes() -> Vec<String> {
    let mut listed: Vec<String> = api::codes().into_iter().map(str::to_owned).collect();
    for path in OTHER_LISTS {
        listed.extend(product_tokens(&workspace::file(path).text).iter().filter_map(code_in));
    }
    listed.sort();
    listed.dedup();
    listed
}

#[test]
fn every_code_has_a_page_with_an_example_and_its_message() {
    let titles = pages::titles();
    let found: Vec<&str> = titles.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(found, codes(), "the pages, and the codes that are listed");
    let without: Vec<&str> = titles.iter().filter(|(_, example)| !example).map(|(code, _)| code.as_str()).collect();
    let excused: Vec<&str> = SHOWN_ELSEWHERE.iter().map(|(code, _)| *code).collect();
    assert_eq!(without, excused, "the pages without an example, and those whose example is a test");
}

#[test]
fn what_no_page_can_show_is_shown_by_a_test() {
    for (code, test) in SHOWN_ELSEWHERE {
        let (path, name) = test.split_once("::").expect("FILE::TEST");
        let text = workspace::file(path).text;
        let body = text.split(&format!("fn {name}(")).nth(1).unwrap_or_else(|| panic!("{test} does not exist"));
        let body = body.split("\n#[test]").next().unwrap_or(body);
        let constant = code.replace('-', "_").to_uppercase();
        let speaks = [format!("\"{code}\""), format!("[{code}]"), constant].iter().any(|form| body.contains(form));
        assert!(speaks, "{test} does not speak of `{code}`");
    }
}

/// What is said of a library with one file changed.
fn said_of_library(path: &str, change: impl Fn(&str) -> String) -> String {
    let file = workspace::file(&path.replacen("library/", "policies/", 1));
    let changed = change(&file.text);
    assert_ne!(changed, file.text, "{path}");
    let mut scene = Scene::with_library(&BTreeMap::from([(path, changed.as_str())]));
    pages::told(&scene.check(&CheckOptions::default()))
}

/// What is said of an environment.
fn said_of_environment(text: &str) -> String {
    let mut scene = Scene::new();
    scene.set("env.yaml", text);
    pages::told(&scene.check(&CheckOptions::default()))
}

#[test]
fn a_library_that_lacks_a_declaration_is_refused() {
    let said = said_of_library("library/azure/network.pal", |text| {
        text.replace("allow_virtual_network_access", "allow_access")
    });
    let code = "library-binding";
    assert!(
        said.starts_with(&format!("error[{code}]: ")) && said.contains("`allow_virtual_network_access: Bool`"),
        "{said}"
    );
    assert_eq!(said.matches("error[").count(), 1, "{said}");
}

#[test]
fn a_list_of_service_tags_that_cannot_be_read_is_refused() {
    let said = said_of_library("library/azure/service_tags.yaml", |text| format!("{text}\nbroken: [\n"));
    assert!(said.starts_with("error[library-data]: "), "{said}");
    assert_eq!(said.matches("error[").count(), 1, "no tag is unknown because of it: {said}");
}

#[test]
fn a_function_that_the_engine_does_not_have_is_refused() {
    let extra = "\n/// None of the engine's.\nextern fn sice(prefix: Cidr) -> Int\n";
    let said = said_of_library("library/azure/functions.pal", |text| format!("{text}{extra}"));
    assert!(said.starts_with("error[unknown-extern]: ") && said.contains("`size`"), "{said}");
}

#[test]
fn the_faults_of_a_file_are_listed_up_to_a_limit() {
    let computes: Vec<String> = (0..300).map(|number| format!("  c{number}: {{ kind: toaster }}\n")).collect();
    let said = said_of_environment(&format!("computes:\n{}", computes.concat()));
    assert!(said.contains("error[more-faults]: … and "), "{said}");
}

#[test]
fn a_control_character_is_refused() {
    let said = said_of_environment("name: \"a\u{1}b\"\n");
    assert!(said.starts_with("error[yaml-encoding]: the control character U+0001 "), "{said}");
    assert!(!said.contains('\u{1}'), "it is shown, not sent");
}

#[test]
fn a_text_that_nests_too_deep_is_refused() {
    let said = said_of_environment(&format!("name: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)));
    assert!(said.starts_with("error[yaml-limit]: "), "{said}");
    assert_eq!(said.matches("error[").count(), 1, "{said}");
}

#[test]
fn every_code_in_the_sources_is_listed() {
    let listed: BTreeSet<String> = codes().into_iter().collect();
    let mut used = 0;
    for file in workspace::rust_files().into_iter().filter(|file| !file.is_test()) {
        for (code, line) in codes_of(&product_tokens(&file.text)) {
            used += 1;
            assert!(listed.contains(&code), "{}:{line}: `{code}` stands in no list of codes", file.path);
        }
    }
    assert!(used > 100, "only {used} codes were seen in the sources");
}

/// The codes that diagnostics are made with: the first argument of what is called for an error or warning, and the values
/// of constants that have a hyphen.
fn codes_of(tokens: &[Token]) -> Vec<(String, usize)> {
    let makers = ["error", "warning", "info", "fault", "bad"];
    let made = tokens.windows(3).filter(|at| makers.contains(&at[0].text.as_str()) && at[1].text == "(");
    let constants = tokens.windows(3).filter(|at| at[0].text == "str" && at[1].text == "=" && at[2].text.contains('-'));
    made.chain(constants).filter_map(|at| code_in(&at[2]).map(|code| (code, at[2].line))).collect()
}

/// Words joined by hyphens, as a literal.
fn code_in(token: &Token) -> Option<String> {
    let text = token.text.strip_prefix('"')?.strip_suffix('"')?;
    let words = text.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()));
    (words && token.literal).then(|| text.to_owned())
}

#[test]
fn a_code_is_seen_where_it_is_used() {
    let rust = "const A: &str = \"one-code\"; fn f() { error(\"two\", at); Problem::warning(\n \"three-of-it\", x) } // error(\"no-code\")";
    let found: Vec<String> = codes_of(&product_tokens(rust)).into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, ["two", "three-of-it", "one-code"]);
}
