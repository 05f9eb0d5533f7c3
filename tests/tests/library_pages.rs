//! The pages of the library, one for each rule and one for each pack: written from the sources, and all that they say is
//! there.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use palisade_engine::api::Listing;
use palisade_report::{Links, PackPage, pack_markdown, packs_markdown, rule_markdown};
use palisade_source::report::{Mend, OutcomeKind, RulePage};
use palisade_tests::scene::Scene;
use palisade_tests::workspace;

/// The folder of the pages.
const FOLDER: &str = "docs/book/library";

/// The library, and the page of each of its rules.
static LIBRARY: LazyLock<(Listing, Vec<RulePage>)> = LazyLock::new(|| {
    let scene = Scene::unlogged();
    (scene.list(), scene.rule_pages())
});

/// Every page, by its path in the folder.
fn written() -> BTreeMap<String, String> {
    let (listing, rule_pages) = &*LIBRARY;
    let (rules, statements) = (listing.rules.as_slice(), listing.statements.as_slice());
    let mut pages = BTreeMap::from([("README.md".to_owned(), packs_markdown(&listing.packs, statements))]);
    for pack in &listing.packs {
        let page = pack_markdown(&PackPage { pack, rules, statements }, Links::Book);
        pages.insert(format!("packs/{}.md", pack.name), page);
    }
    for page in rule_pages {
        pages.insert(format!("rules/{}.md", page.rule.id), rule_markdown(page, Links::Book));
    }
    pages
}

#[test]
fn the_pages_of_the_library_are_what_its_sources_say() {
    let pages = written();
    let prefix = format!("{FOLDER}/");
    let files = workspace::files(FOLDER, "md").into_iter();
    let there: BTreeMap<String, String> = files.map(|file| (file.path[prefix.len()..].to_owned(), file.text)).collect();
    if std::env::var_os("UPDATE").is_some() {
        let root = workspace::root().join(FOLDER);
        for gone in there.keys().filter(|path| !pages.contains_key(*path)) {
            fs::remove_file(root.join(gone)).unwrap();
        }
        for (path, text) in pages.iter().filter(|(path, text)| there.get(*path) != Some(text)) {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
        return;
    }
    let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&there), names(&pages), "UPDATE=1 writes {FOLDER}");
    let old: Vec<&String> = pages.keys().filter(|path| there[*path] != pages[*path]).collect();
    assert!(old.is_empty(), "not up to date in {FOLDER}, UPDATE=1 writes them: {old:?}");
}

#[test]
fn every_rule_shows_what_breaks_it_and_what_keeps_it() {
    for page in LIBRARY.1.clone() {
        let id = &page.rule.id;
        let failing = page.failing.unwrap_or_else(|| panic!("no test breaks {id}"));
        let passing = page.passing.unwrap_or_else(|| panic!("no test keeps {id}"));
        assert_eq!(failing.outcome, OutcomeKind::Violation, "{id}");
        assert!(failing.finding.is_some_and(|finding| !finding.message.is_empty()), "{id}");
        assert!(matches!(passing.outcome, OutcomeKind::Pass | OutcomeKind::NotApplicable), "{id}");
        assert!(passing.finding.is_none(), "{id}");
        let (one, other) = ((failing.test, failing.subject), (passing.test, passing.subject));
        assert_ne!(one, other, "{id}: both are the same");
        for yaml in [failing.yaml, passing.yaml] {
            assert!(!yaml.is_empty() && palisade_yaml::parse(yaml.as_str()).errors.is_empty(), "{id}:\n{yaml}");
        }
    }
}

#[test]
fn every_pack_says_what_it_covers_and_what_it_cannot_see() {
    for pack in &LIBRARY.0.packs {
        for words in ["It covers ", "It cannot see "] {
            assert!(pack.documentation.contains(words), "{}: no sentence begins with `{words}`", pack.name);
        }
    }
}

/// No compiler of these languages runs here; what is torn or cut off is found without.
#[test]
fn every_mend_is_whole() {
    let mends: Vec<&Mend> = LIBRARY.1.iter().flat_map(|page| &page.mends).collect();
    assert!(mends.len() > 100, "{} mends", mends.len());
    for Mend { language, title, text } in mends {
        match language.as_str() {
            "azurecli" => {
                let commands = text.replace("\\\n", "");
                assert!(commands.lines().all(|line| line.starts_with("az ")), "{title}:\n{text}");
                assert!(!commands.contains('\\') && commands.matches('\'').count() % 2 == 0, "{title}:\n{text}");
            }
            "bicep" => {
                let count = |c: char| text.matches(c).count();
                assert_eq!((count('{'), count('[')), (count('}'), count(']')), "{title}:\n{text}");
                assert!(count('\'') % 2 == 0, "{title}:\n{text}");
            }
            _ => assert!(palisade_yaml::parse(text.as_str()).errors.is_empty(), "{title}:\n{text}"),
        }
    }
}
