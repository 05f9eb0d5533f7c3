//! `palisade new rule`: what it writes is checked, tested, laid out, and never mistaken for a finished rule.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::collections::BTreeMap;

use palisade_engine::api::{self, LintSelection, NewRule};
use palisade_tests::scene::Scene;

fn wanted(name: &str, on: &str) -> NewRule {
    NewRule { name: name.to_owned(), on: on.to_owned(), in_library: false }
}

/// Every entity that the library declares.
fn entities(scene: &Scene) -> Vec<String> {
    let entities = scene.schema().records.iter().filter(|record| record.entity);
    entities.map(|record| record.name.to_string()).collect()
}

/// One rule about each entity, all in one module, by the paths of the files.
fn one_about_each(scene: &mut Scene) -> BTreeMap<String, String> {
    let path = "policies/org/new.pal";
    let mut written = BTreeMap::new();
    for (number, entity) in entities(scene).iter().enumerate() {
        let scaffold = scene.new_rule(&wanted(&format!("org.new.rule_{number}"), entity)).unwrap();
        assert_eq!(scaffold.grown, number > 0);
        scene.set(path, &scaffold.text);
        written.insert(path.to_owned(), scaffold.text);
    }
    written
}

#[test]
fn a_new_rule_about_any_entity_passes_its_tests_and_says_that_it_is_not_finished() {
    let mut scene = Scene::unlogged();
    let written = one_about_each(&mut scene);
    let all = entities(&scene).len();
    assert!(all > 20, "{all}");
    for text in written.values() {
        assert_eq!(api::format(&"new.pal".into(), text).as_ref(), Ok(text), "it is laid out");
    }
    let codes = scene.policy_faults().into_iter().map(|fault| fault.code).collect::<Vec<_>>();
    assert_eq!(codes, vec!["unfinished-rule"; all]);
    let report = scene.lint(&LintSelection::default());
    let others: Vec<_> = report.findings.iter().filter(|one| one.code != "unfinished-rule").collect();
    assert!(report.faults.is_empty() && others.is_empty(), "{others:#?}");
    assert_eq!(report.findings.len(), all);
    let results = scene.run_tests("org.new");
    assert_eq!(results.len(), 3 * all);
    let failed: Vec<_> = results.iter().filter(|result| !result.failures.is_empty()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn a_module_grows_and_nothing_in_it_changes() {
    let mut scene = Scene::new();
    let before = "//! Own.\n\nimport azure.network.{Subnet} // of theirs\n\n/// Four.\nconst four:Int = 4 // so\n";
    scene.set("policies/org/own.pal", before);
    let subnets = scene.new_rule(&wanted("org.own.first", "Subnet")).unwrap();
    assert!(subnets.text.starts_with(before), "{}", subnets.text);
    assert!(!subnets.text[before.len()..].contains("import"), "it is there already");
    let stores = scene.new_rule(&wanted("org.own.first", "StorageAccount")).unwrap();
    let (first, rest) = before.split_at(before.find("\n\n/// Four").unwrap());
    assert!(
        stores.text.starts_with(&format!("{first}\nimport azure.storage.{{StorageAccount}}{rest}")),
        "{}",
        stores.text
    );
}

#[test]
fn what_is_there_is_not_replaced_and_what_is_not_is_said() {
    let mut scene = Scene::new();
    scene.set("policies/org/own.pal", "import azure.functions.{size}\n\nconst four: Int = 4\n");
    let said = |name: &str, on: &str| {
        let fault = scene.new_rule(&wanted(name, on)).unwrap_err();
        assert_eq!(fault.code, "new-rule");
        format!("{} ({})", fault.message, fault.help.unwrap_or_default())
    };
    assert!(said("org.own.four", "Subnet").starts_with("the module `org.own` has the constant `four` already"));
    assert!(said("org.own.size", "Subnet").starts_with("`size` is imported in `policies/org/own.pal` already"));
    assert!(said("azure.network.x", "Subnet").starts_with("`azure.network` is a module of the library"));
    assert!(said("open", "Subnet").ends_with("(put the module before it: `org.open`)"));
    assert!(said("org.../x", "Subnet").contains("is no name"));
    assert!(said("org.require", "Subnet").starts_with("`require` is a word of the language"));
    assert!(said("org.x", "Subnets").ends_with("(did you mean `Subnet`?)"));
    assert!(said("org.x", "Toaster").contains("the entities are"));
}

#[test]
fn an_entity_of_ones_own_with_references_and_lists_is_described() {
    let mut scene = Scene::new();
    let own = "\
import azure.network.{Subnet}

/// An office.
entity Office {
  /// Its desks.
  desks: List<Desk> = []
}

/// A desk.
entity Desk {
  /// Where it is.
  office: owner Office
  /// What it is plugged into.
  plugged: ref Subnet
  /// What it is.
  kind: Kind
}

/// What a desk is.
enum Kind {
  standing { height: Int },
  sitting { chairs: List<Text>, since: Date },
}

extend environment {
  /// The offices.
  offices: Map<Office> = {}
}
";
    scene.set("policies/org/desks.pal", own);
    let scaffold = scene.new_rule(&wanted("org.desks.tidy", "Desk")).unwrap();
    scene.set("policies/org/desks.pal", &scaffold.text);
    let results = scene.run_tests("org.desks");
    assert_eq!(results.len(), 3, "{:#?}", scene.policy_faults());
    let failed: Vec<_> = results.iter().filter(|result| !result.failures.is_empty()).collect();
    assert!(failed.is_empty(), "{failed:#?}\n{}", scaffold.text);
}
