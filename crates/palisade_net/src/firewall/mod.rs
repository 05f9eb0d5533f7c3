//! Azure Firewall: what its policies let pass, by address and by host name.
//!
//! # The order of judgement
//!
//! Three passes over all policies: translations (DNAT), then network rules, then application rules. In each pass a parent's
//! rules come before its child's, then groups, then collections by priority, then rules as they stand; the first match
//! ends it (facts `net.fw.order`, `net.fw.priority`). What no rule matches is denied (`net.fw.default-deny`). Threat
//! intelligence comes before all rules and is only noted (`net.fw.threat-intel`, see [`CompiledFirewall::notes`]).
//!
//! # What a firewall sees
//!
//! Network rules see addresses, protocols and ports; a host name in one stands for the addresses that the name has just now
//! (`net.fw.net-fqdn`). Application rules see the name that a client asks for, over HTTP, HTTPS or MSSQL and nothing else
//! (`net.fw.app-only-http`), and only on the way out (`net.fw.inbound-no-app`). So a question is judged by what it says:
//!
//! * A *host* ([`Remote::Host`](crate::Remote::Host)) is judged by its name where rules have names, and by its tag's
//!   addresses where they have tags or networks: the first rule that matches either way decides. An address that two hosts
//!   share does not make a rule for one of them a rule for the other. On the ports that [`FirewallContext::speaks`] lists the
//!   host speaks that protocol; on any other it may speak anything, so that an application rule alone settles nothing.
//! * A *pattern* of hosts is all of its hosts. A rule covers it as a whole only if its own pattern does; one that covers
//!   some of them splits the question, and both parts are reported with the names that each is about.
//! * An *address* question (a tag, a network, anything) leaves the name open, and whether the address is that name's: a
//!   client may ask for any name wherever it connects to. It is settled only where every name and every protocol lead to the
//!   same answer; otherwise it is undetermined, and the names would settle it.
//!
//! What is not modelled: URLs and web categories, the infrastructure collection unless its names are given, and that a
//! client must ask the firewall for names in order that both agree on their addresses.
//!
//! [`policy`] is what people write, [`validate`] what is wrong with it, [`compile`] its rules in order, [`walk`] the search
//! for what decides, [`evaluate`] the verdict. Names are in [`names`], and what a question leaves open in [`unseen`].

mod application;
mod compile;
mod evaluate;
mod names;
mod policy;
mod unseen;
mod validate;
mod walk;

pub use application::{ApplicationKind, ApplicationProtocol};
pub use compile::{CompiledFirewall, FirewallNotes};
pub use evaluate::{FirewallContext, evaluate_firewall};
pub use names::HostTarget;
pub use policy::{
    ApplicationRule, CollectionAction, DnatRule, Firewall, FirewallAddresses, FirewallPolicy, FirewallRuleId,
    FirewallRuleKind, FqdnTag, IpGroup, NetworkRule, RuleCollection, RuleCollectionGroup, ThreatIntelligence,
};
pub use validate::{FirewallField, FirewallIssue, FirewallPlace};
