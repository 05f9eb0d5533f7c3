//! The evaluator, and the questions over a whole group, against a slow and obvious reference, which enumerates every packet
//! of a small universe, every way in which the service tags could lie in it, and every answer to what is not known; and the
//! laws of evidence, on the same random questions.
//!
//! Short by default; `PALISADE_LONG=1` asks many more questions.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "what a test cannot set up fails the test"
)]

#[path = "../common/mod.rs"]
mod common;

mod case;
mod generate;
mod questions;
mod universe;

use palisade_net::*;
use proptest::prelude::*;

use case::Case;
use common::reference::cases;
use generate::any_case;

/// Each part and its example packet, asked alone, are decided alike by the same rule; with Microsoft's file the example has
/// an address.
fn check_evidence(case: &Case, verdict: &Verdict) -> Result<(), TestCaseError> {
    prop_assert_eq!(
        verdict.outcome == Outcome::Undetermined,
        !verdict.settles.is_empty() && verdict.outcome != Outcome::Partial
    );
    for part in &verdict.parts {
        let host = matches!(case.flow.remote, Remote::Host { .. });
        prop_assert!(case.place.file.is_none() || host || part.example.remote_ip().is_some(), "{:?}", part.example);
        for question in [part.flow.clone(), Flow::from(&part.example)] {
            let again = case.fast(&question);
            prop_assert!(!again.parts.is_empty(), "{} has no packet", question);
            for inner in &again.parts {
                prop_assert_eq!(
                    (&inner.decided_by, inner.access, &inner.passed),
                    (&part.decided_by, part.access, &part.passed),
                    "{} in {}",
                    question,
                    part.flow
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(1))]

    #[test]
    fn the_evaluator_agrees_with_the_enumeration(case in any_case()) {
        let verdict = case.fast(&case.flow);
        let (expected, denied) = case.reference();
        prop_assert_eq!(verdict.outcome, expected, "{:#?}", verdict);
        prop_assert_eq!(verdict.any_denied(), denied, "{:#?}", verdict);
        check_evidence(&case, &verdict)?;
    }
}
