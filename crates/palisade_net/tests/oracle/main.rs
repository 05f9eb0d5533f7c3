//! A second oracle: groups, routes and firewalls as binary decision diagrams, written from Azure's documentation and from
//! nothing of this crate but the descriptions that it judges.
//!
//! The enumeration of the other references takes one packet at a time out of a small universe. Here rules are sets of
//! packets and Azure's order of judgement is set algebra, so that every bit of real IPv4 addresses and ports counts, and what
//! is not known is a variable like any other: *may* is "there is", *must* is "for all".
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "what a test cannot set up fails the test"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../firewall_support/mod.rs"]
mod firewall_support;
#[path = "../routes_common/mod.rs"]
mod routes_common;

mod firewalls;
mod groups;
mod packets;
mod routes;

use biodivine_lib_bdd::Bdd;
use palisade_net::{Flow, Outcome};
use proptest::prelude::*;

use packets::Fates;

/// The parts of a verdict are disjoint, make up the question, and what is called allowed or denied is.
fn check_parts<'a>(
    asked: &Bdd,
    parts: impl Iterator<Item = (Bdd, &'a Flow, Outcome)>,
    fates: &Fates,
) -> Result<(), TestCaseError> {
    let mut left = asked.clone();
    for (part, flow, outcome) in parts {
        prop_assert!(!part.is_false(), "{} has no packet", flow);
        prop_assert!(packets::is_subset(&part, &left), "{} is not part of what is left", flow);
        left = left.and_not(&part);
        match outcome {
            Outcome::Allowed => prop_assert!(packets::is_subset(&part, &fates.passes), "{} is allowed", flow),
            Outcome::Denied => prop_assert!(packets::is_subset(&part, &fates.stops), "{} is denied", flow),
            Outcome::Partial | Outcome::Undetermined => {}
        }
    }
    prop_assert!(left.is_false(), "the parts leave something out");
    Ok(())
}
