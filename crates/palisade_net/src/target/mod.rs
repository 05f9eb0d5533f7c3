//! Targets: whether a resource, and the service endpoint on the way to it, lets traffic in.
//!
//! * `rules` asks the network rules of a storage account, key vault or registry;
//! * `policy` asks the service endpoint policies of a subnet (facts part C.8).

mod policy;
mod rules;

pub use policy::{Account, EndpointPolicy, PolicyVerdict, ask_policies};
pub use rules::{Arrival, Passage, Reason, TargetRules};
