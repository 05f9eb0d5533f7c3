//! Random rules, groups and questions that aim at borders: ranges that touch, tags beside networks, priorities that two
//! directions share.

use palisade_net::*;
use proptest::prelude::*;

use crate::case::{Admin, Case, Place};
use crate::common;
use crate::universe::{GROUPS, HOMES, NETWORKS, UNIVERSES};

fn tags(universe: usize) -> Vec<ServiceTag> {
    UNIVERSES[universe].tags.iter().map(|(tag, _)| tag.clone()).collect()
}

pub fn any_ports() -> impl Strategy<Value = PortSet> {
    prop_oneof![
        3 => Just(PortSet::all()),
        5 => (0u16..4, 0u16..4).prop_map(|(a, b)| PortSet::range(a.min(b), a.max(b))),
        1 => (0u16..4, 0u16..4).prop_map(|(a, b)| PortSet::one(a).union(&PortSet::one(b))),
    ]
}

fn any_protocols() -> impl Strategy<Value = ProtocolSet> {
    prop_oneof![
        Just(ProtocolSet::ALL),
        Just(Protocol::Tcp.into()),
        Just(ProtocolSet::WITH_PORTS),
        Just(Protocol::Icmp.into()),
    ]
}

fn any_spec(universe: usize) -> impl Strategy<Value = AddressSpec> {
    let mut all = tags(universe);
    all.extend(["VirtualNetwork", "AzureLoadBalancer", "AzurePlatformDNS"].map(|name| ServiceTag::new(name, None)));
    let network = || proptest::sample::select(&NETWORKS[..]).prop_map(|text| AddressItem::Cidr(text.parse().unwrap()));
    let tag = proptest::sample::select(all).prop_map(AddressItem::Tag);
    let item = prop_oneof![network(), tag];
    prop_oneof![1 => Just(AddressSpec::Any), 6 => proptest::collection::vec(item, 1..3).prop_map(|items| items.into_iter().collect())]
}

fn any_local_spec() -> impl Strategy<Value = AddressSpec> {
    prop_oneof![
        6 => Just(AddressSpec::Any),
        1 => Just(common::ips("10.0.1.0/25").into()),
        1 => Just(ServiceTag::new("VirtualNetwork", None).into()),
        1 => Just(ServiceTag::new("Internet", None).into()),
    ]
}

fn some_groups() -> impl Strategy<Value = Vec<AsgId>> {
    proptest::sample::subsequence(&GROUPS[..], 1..=2).prop_map(|names| names.into_iter().map(AsgId::new).collect())
}

/// An end of a rule: addresses, or application security groups in their place.
fn any_end(
    spec: impl Strategy<Value = AddressSpec> + 'static,
    with_groups: bool,
) -> impl Strategy<Value = (AddressSpec, Vec<AsgId>)> {
    let addresses = spec.prop_map(|spec| (spec, Vec::new())).boxed();
    let groups = some_groups().prop_map(|groups| (AddressSpec::Any, groups)).boxed();
    if with_groups { prop_oneof![5 => addresses, 1 => groups].boxed() } else { addresses }
}

prop_compose! {
    fn any_rule(universe: usize, with_groups: bool)(
        inbound in any::<bool>(), allow in any::<bool>(), protocols in any_protocols(),
        remote in any_end(any_spec(universe), with_groups), local in any_end(any_local_spec(), with_groups),
        to in any_ports(), from in prop_oneof![4 => Just(PortSet::all()), 1 => any_ports()],
    ) -> GroupRule {
        let direction = if inbound { Direction::Inbound } else { Direction::Outbound };
        let ((sources, source_groups), (destinations, destination_groups)) =
            if inbound { (remote, local) } else { (local, remote) };
        GroupRule {
            name: String::new(), priority: 0, direction, access: if allow { Access::Allow } else { Access::Deny }, protocols,
            sources, source_groups, source_ports: from, destinations, destination_groups, destination_ports: to,
        }
    }
}

/// Rules in any order of priority; rules of two directions share priorities.
pub fn any_rules(universe: usize, with_groups: bool) -> impl Strategy<Value = Vec<GroupRule>> {
    let order = Just((0u16..6).collect::<Vec<_>>()).prop_shuffle();
    (proptest::collection::vec(any_rule(universe, with_groups), 0..6), order).prop_map(|(mut rules, order)| {
        let mut used = [0u16; 2];
        for (i, rule) in rules.iter_mut().enumerate() {
            let side = &mut used[usize::from(rule.direction == Direction::Inbound)];
            rule.name = format!("rule-{i}");
            rule.priority = 100 + order[usize::from(*side)];
            *side += 1;
        }
        rules
    })
}

fn any_group(universe: usize) -> impl Strategy<Value = Option<Vec<GroupRule>>> {
    proptest::option::weighted(0.8, any_rules(universe, true))
}

fn any_admin(universe: usize) -> impl Strategy<Value = Option<Vec<Admin>>> {
    let access = proptest::sample::select(vec![AdminAccess::Allow, AdminAccess::AlwaysAllow, AdminAccess::Deny]);
    let accesses = proptest::collection::vec(access, 6);
    let rules =
        (any_rules(universe, false), accesses).prop_map(|(rules, accesses)| rules.into_iter().zip(accesses).collect());
    proptest::option::weighted(0.3, rules)
}

fn any_remote(universe: usize) -> impl Strategy<Value = Remote> {
    let mut all = tags(universe);
    all.extend(["VirtualNetwork", "AzureLoadBalancer"].map(|name| ServiceTag::new(name, None)));
    let tag = || proptest::sample::select(all.clone());
    let fqdn = || "a.example.org".parse::<Fqdn>().unwrap();
    prop_oneof![
        1 => Just(Remote::Any),
        4 => tag().prop_map(Remote::Tag),
        2 => proptest::sample::subsequence(&NETWORKS[..], 1..3).prop_map(|texts| Remote::Ips(common::ips(&texts.join(" ")))),
        2 => proptest::sample::select(tags(universe)).prop_map(move |tag| Remote::Host { fqdn: fqdn(), within: Some(tag) }),
        1 => Just(Remote::Host { fqdn: fqdn(), within: None }),
    ]
}

/// What is known of one application security group.
fn any_members() -> impl Strategy<Value = Option<(IpSet, IpSet)>> {
    let home = || proptest::sample::select(&HOMES[..]).prop_map(common::ips);
    let nowhere = || Just(IpSet::empty());
    prop_oneof![
        5 => home().prop_map(|certain| Some((certain, IpSet::empty()))),
        1 => Just(Some((IpSet::empty(), IpSet::empty()))),
        1 => (prop_oneof![home(), nowhere()], home()).prop_map(Some),
        1 => Just(None),
    ]
}

prop_compose! {
    pub fn any_place()(universe in 0usize..2)(
        universe in Just(universe), routes in proptest::option::weighted(0.3, any_spec(universe)),
        tag in proptest::sample::select(vec![VirtualNetworkTag::WithRoutes, VirtualNetworkTag::WithoutRoutes, VirtualNetworkTag::Unsettled]),
        own in proptest::option::weighted(0.3, proptest::sample::subsequence(&GROUPS[..], 0..=2)),
        groups in [any_members(), any_members()],
        file in proptest::option::weighted(0.3, [0u8..16, 0u8..16, 0u8..16, 0u8..16]),
    ) -> Place {
        Place {
            universe, routes, tag, own: own.map(|names| names.into_iter().map(AsgId::new).collect()), groups,
            // All addresses of a block but a few have the first atom.
            file: file.map(|model| model.map(|atoms| atoms | 1)),
        }
    }
}

/// A remote end other than a host.
pub fn any_addresses(universe: usize) -> impl Strategy<Value = Remote> {
    any_remote(universe).prop_map(|remote| match remote {
        Remote::Host { within: Some(tag), .. } => Remote::Tag(tag),
        Remote::Host { within: None, .. } => Remote::Any,
        other => other,
    })
}

pub fn any_flow(universe: usize) -> impl Strategy<Value = Flow> {
    let parts = (
        any_remote(universe),
        any::<bool>(),
        any_protocols(),
        any_ports(),
        prop_oneof![4 => Just(PortSet::all()), 1 => any_ports()],
        proptest::sample::select(vec!["10.0.1.0/24", "10.0.1.0/25", "10.0.1.128/25"]),
    );
    parts.prop_map(|(remote, inbound, protocols, to, from, local)| {
        let local = common::ips(local);
        let mut flow = if inbound {
            Flow::inbound(protocols, to, remote, local)
        } else {
            Flow::outbound(protocols, to, remote, local)
        };
        if inbound {
            flow.remote_ports = from;
        } else {
            flow.local_ports = from;
        }
        flow
    })
}

pub fn any_case() -> impl Strategy<Value = Case> {
    any_place().prop_flat_map(|place| {
        let universe = place.universe;
        let levels = (any_admin(universe), any_group(universe), any_group(universe), any_flow(universe));
        (Just(place), levels).prop_map(|(place, (admin, subnet, interface, flow))| Case {
            place,
            admin,
            subnet,
            interface,
            flow,
        })
    })
}
