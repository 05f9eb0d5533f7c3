//! The committed JSON Schema holds for what is written, and says no to what is not.

use palisade_source::report::CheckReport;
use serde_json::{Value, json};

use crate::sample;

const SCHEMA: &str = include_str!("../../../../docs/schema/check-report.schema.json");

/// What checks a document against a schema that is one itself.
pub(crate) fn validator(schema: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    jsonschema::draft7::meta::validate(&schema).expect("the schema is a schema");
    jsonschema::validator_for(&schema).expect("the schema is valid")
}

/// Every name of the objects at these places is required, and no other is accepted.
pub(crate) fn is_exact(schema: &str, valid: &Value, places: &[&str]) {
    let validator = validator(schema);
    let errors: Vec<String> = validator.iter_errors(valid).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for pointer in places {
        let object = valid.pointer(pointer).and_then(Value::as_object).expect(pointer);
        for name in object.keys() {
            let mut lacking = valid.clone();
            lacking.pointer_mut(pointer).and_then(Value::as_object_mut).unwrap().remove(name);
            assert!(!validator.is_valid(&lacking), "`{name}` may be missing at `{pointer}`");
        }
        let mut more = valid.clone();
        more.pointer_mut(pointer).and_then(Value::as_object_mut).unwrap().insert("surprise".to_owned(), json!(1));
        assert!(!validator.is_valid(&more), "an unknown name is accepted at `{pointer}`");
    }
}

fn document(report: &CheckReport) -> Value {
    serde_json::from_str(&sample::json(report)).expect("the report is JSON")
}

#[test]
fn every_report_is_valid() {
    let with_faults = CheckReport { diagnostics: vec![sample::unknown_key()], ..sample::check_report() };
    for report in [sample::check_report(), with_faults, CheckReport::default()] {
        let document = document(&report);
        let errors: Vec<String> = validator(SCHEMA).iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn a_report_with_a_name_missing_or_unknown_is_not_valid() {
    let places = ["", "/summary", "/findings/0", "/findings/1/flows/0", "/findings/0/location", "/environments/0"];
    is_exact(SCHEMA, &document(&sample::check_report()), &places);
}

#[test]
fn the_schema_knows_every_outcome() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let outcomes = &schema["definitions"]["finding"]["properties"]["outcome"]["enum"];
    assert_eq!(outcomes, &json!(["violation", "undetermined", "waived", "error", "pass", "not_applicable"]));
}
