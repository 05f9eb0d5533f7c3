//! Network values, sets and security groups as Azure means them, exactly and without a network.
//!
//! The crate knows nothing of YAML structure, of the policy language or of incremental evaluation. From values upwards:
//!
//! * values with strict parsers: [`Port`], [`PortSet`], [`ProtocolSet`], [`Cidr`], [`IpSet`], [`Fqdn`], [`Region`],
//!   [`ServiceTag`]; every parse error is a [`ValueError`];
//! * the [`TagCatalogue`]: which service tags and regions exist and how tags lie in each other, read from data;
//! * [`Group`]s of rules, checked and compiled once, and asked from any number of places;
//! * [`evaluate`]: what becomes of a [`Flow`] at a place, as a [`Verdict`] with the deciding rule of each part;
//! * [`SubnetRoutes`], compiled once, and [`evaluate_routes`]: which route takes a flow, and what its next hop does with it;
//! * [`Firewall`]s, compiled once, and [`evaluate_firewall`]: what becomes of a flow there, by address and by host name;
//! * [`HostNames`] and [`Dns`]: which resource a name means, and which address a network gets for it;
//! * [`TargetRules`] and [`ask_policies`]: whether a resource lets traffic in.
//!
//! # What is known and what is not
//!
//! Which addresses a service tag has is in a file that Microsoft changes weekly. Without it a verdict holds for *every* way
//! in which the tags could lie, given what is always true of them (see [`AzureCloudRelation`]): a deny of `Internet` denies
//! `AzureMachineLearning`; a deny of `20.0.0.0/8` may or may not, and the verdict is [`Outcome::Undetermined`]; a deny of
//! `0.0.0.0/1` and of `128.0.0.0/1` does again. An answer is never guessed, and never empty.
//!
//! A packet's two addresses are of one family. A flow from IPv4 addresses asks about IPv4 alone, so that a rule for
//! `0.0.0.0/0` covers everything that it asks; a flow from both families asks about both, and there such a rule leaves IPv6
//! to the rules below it. Whether a tag has IPv6 addresses is not taken for granted.
//!
//! # Example
//!
//! ```
//! use palisade_net::*;
//!
//! let catalogue = TagCatalogue::from_yaml(
//!     "tags: [{ name: AzureCloud, purpose: all, direction: both, features: [group], regional: { sets: [standard], features: [group] } },
//!             { name: Storage, purpose: blobs, direction: outbound, features: [group], azure_cloud: partly,
//!               regional: { sets: [standard], features: [group] } }]",
//!     "regions: [{ name: westus2, suffix: WestUS2 }, { name: eastus, suffix: EastUS }]",
//! )?;
//! let rule = |name: &str, priority, access, to: &str| -> Result<GroupRule, ValueError> {
//!     Ok(GroupRule {
//!         name: name.into(), priority, access, direction: Direction::Outbound, protocols: ProtocolSet::ALL,
//!         sources: AddressSpec::Any, source_groups: vec![], source_ports: PortSet::all(),
//!         destinations: catalogue.parse_tag(to)?.into(), destination_groups: vec![], destination_ports: PortSet::all(),
//!     })
//! };
//! let rules = [rule("storage", 100, Access::Allow, "Storage.WestUS2")?, rule("rest", 200, Access::Deny, "Internet")?];
//! let group = Group::compile(&rules, &catalogue).expect("the rules have names and priorities of their own");
//!
//! let network: IpSet = "10.0.0.0/16".parse::<Cidr>()?.into();
//! let ctx = NetworkContext::new(&catalogue, network);
//! let ask = |tag: &str| -> Result<Verdict, ValueError> {
//!     let local = "10.0.1.0/24".parse::<Cidr>()?.into();
//!     let flow = Flow::outbound(Protocol::Tcp.into(), PortSet::one(443), Remote::Tag(catalogue.parse_tag(tag)?), local);
//!     Ok(evaluate(&[Level { kind: LevelKind::Subnet, group: Some(&group) }], &flow, &ctx))
//! };
//! assert_eq!(ask("Storage.westus2")?.outcome, Outcome::Allowed);
//! assert_eq!(ask("Storage.eastus")?.outcome, Outcome::Denied);
//!
//! let verdict = ask("Storage")?;
//! assert_eq!(verdict.outcome, Outcome::Partial);
//! assert_eq!(verdict.parts[0].flow.to_string(), "outbound tcp 443 to Storage except Storage.westus2");
//! assert_eq!(verdict.parts[0].priority(), Some(200));
//! # Ok::<(), ValueError>(())
//! ```

mod address;
mod admin;
mod atom_set;
mod atoms;
mod builtin;
mod catalogue;
mod catalogue_file;
mod certainty;
mod cidr;
mod context;
mod describe;
mod doubt;
mod error;
mod evaluate;
mod firewall;
mod flow;
mod fqdn;
mod group;
mod intervals;
mod ip_set;
mod members;
mod names;
mod ports;
mod prefixes;
mod protocols;
mod questions;
mod region;
mod route;
mod space;
mod tag;
mod target;
mod verdict;
mod walk;

pub use address::{AddressItem, AddressSpec};
pub use admin::{ADMIN_PRIORITIES, AdminAccess, AdminRule, AdminRules};
pub use builtin::{BuiltinTag, HOST, METADATA, PlatformService, public_addresses};
pub use catalogue::{AzureCloudRelation, Feature, RegionInfo, RegionSet, TagCatalogue, TagDirection, TagInfo};
pub use certainty::certain_parts;
pub use cidr::{Cidr, parse_ip};
pub use context::{NetworkContext, TagPrefixes, VirtualNetworkTag};
pub use error::{TagFileError, ValueError};
pub use evaluate::{Level, evaluate};
pub use firewall::{
    ApplicationKind, ApplicationProtocol, ApplicationRule, CollectionAction, CompiledFirewall, DnatRule, Firewall,
    FirewallAddresses, FirewallContext, FirewallField, FirewallIssue, FirewallNotes, FirewallPlace, FirewallPolicy,
    FirewallRuleId, FirewallRuleKind, FqdnTag, HostTarget, IpGroup, NetworkRule, RuleCollection, RuleCollectionGroup,
    ThreatIntelligence, evaluate_firewall,
};
pub use flow::{Flow, Narrowed, Packet, Remote};
pub use fqdn::Fqdn;
pub use group::{CompiledGroup, Group, GroupIssue, GroupRule, IssueLevel, PRIORITIES};
pub use ip_set::{Family, IpSet};
pub use members::{AsgId, Members};
pub use names::{
    Alias, Answer, Dns, DnsQuestion, DnsServer, DnsZone, Forward, HostMatch, HostName, HostNames, NamedResource,
    Resolution, ZoneRecord,
};
pub use ports::{Port, PortSet};
pub use prefixes::ServiceTagFile;
pub use protocols::{Access, Direction, Protocol, ProtocolSet};
pub use questions::{
    Difference, Exposure, Portion, Shadowed, Unanswered, difference, excess, exposed_to, shadowed_rules,
};
pub use region::Region;
pub use route::{
    CompiledRoutes, DecidingRoute, DefaultOutbound, DropReason, Egress, EgressMethod, Fate, Gateway, GatewayRoutes,
    NextHop, Peering, PeeringLink, PrivateEndpoint, RouteIssue, RouteKind, RoutePart, RoutePlace, RoutePrefix,
    RouteVerdict, ServiceEndpoint, SubnetRoutes, UserHop, UserRoute, Way, evaluate_return_path, evaluate_routes,
    validate_table,
};
pub use tag::ServiceTag;
pub use target::{Account, Arrival, EndpointPolicy, Passage, PolicyVerdict, Reason, TargetRules, ask_policies};
pub use verdict::{Decider, LevelKind, Outcome, Part, Verdict};
