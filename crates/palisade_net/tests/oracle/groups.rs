//! Groups at both levels and admin rules, as sets of packets (facts part C.1).

use biodivine_lib_bdd::Bdd;
use palisade_net::*;
use proptest::prelude::*;

use crate::check_parts;
use crate::common::reference::cases;
use crate::common::{Place, bare, ips, lines, ports};
use crate::packets::{
    self, Ends, Fates, LOCAL, LOCAL_PORT, REMOTE, REMOTE_PORT, everything, nets, nothing, open, protocols, union,
    with_ports,
};

const ADDRESSES: [&str; 20] = [
    "*",
    "Internet",
    "VirtualNetwork",
    "AzureLoadBalancer",
    "Storage",
    "Storage.WestUS2",
    "AzureMachineLearning",
    "AzureCloud",
    "AzureCloud.westus2",
    "AzureFrontDoor.FirstParty",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "20.1.0.0/16",
    "20.1.128.0/17,20.7.15.255/32",
    "40.1.2.255/32,40.1.3.0/24",
    "10.0.0.0/9",
    "10.0.1.37/32",
    "168.63.129.16/32",
    "169.254.169.254/32",
];
const PLATFORM: [&str; 3] = ["AzurePlatformDNS", "AzurePlatformIMDS", "AzurePlatformLKM"];
const PORTS: [&str; 9] = ["*", "443", "440-443", "444-65535", "0-442", "53", "22,80,443", "1688", "67-80"];
const PROTOCOLS: [&str; 5] = ["tcp", "udp", "*", "icmp", "tcp/udp"];
const NETWORK: &str = "10.0.0.0/16";
/// Whether `VirtualNetwork` holds the prefixes of routes.
const ROUTES: packets::Field = open(0, 1);

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(from)
}

fn any_remote() -> impl Strategy<Value = &'static str> {
    prop_oneof![9 => pick(&ADDRESSES), 1 => pick(&PLATFORM)]
}

/// Rules in words, in the order of their priorities, with source ports and local addresses beside.
fn any_rules(accesses: &'static [&'static str]) -> impl Strategy<Value = (String, Vec<[bool; 2]>)> {
    let line = (pick(&["inbound", "outbound"]), pick(accesses), pick(&PROTOCOLS), any_remote(), pick(&PORTS));
    proptest::collection::vec((line, proptest::bool::weighted(0.2), proptest::bool::weighted(0.2)), 0..7).prop_map(
        |rules| {
            let lines = (100..).zip(&rules).map(|(priority, ((direction, access, protocols, remote, ports), ..))| {
                format!("{direction} {priority} {access} {protocols} {remote} {ports}\n")
            });
            (lines.collect(), rules.iter().map(|(_, from, half)| [*from, *half]).collect())
        },
    )
}

/// The rules of a group, some limited to half of the place or to some source ports.
fn narrowed(place: &Place, (text, more): (String, Vec<[bool; 2]>)) -> Vec<GroupRule> {
    let mut rules = place.rules(&text);
    for (rule, [from, half]) in rules.iter_mut().zip(more) {
        if from {
            rule.source_ports = ports("1024-49151");
        }
        let local = if rule.direction == Direction::Inbound { &mut rule.destinations } else { &mut rule.sources };
        if half {
            *local = ips("10.0.1.128/25").into();
        }
    }
    rules
}

fn any_place() -> impl Strategy<Value = Place> {
    let group = || proptest::option::weighted(0.8, any_rules(&["allow", "deny"]));
    let admin = proptest::option::weighted(0.5, any_rules(&["allow", "deny", "always"]));
    let tag = prop_oneof![
        Just(VirtualNetworkTag::Unsettled),
        Just(VirtualNetworkTag::WithRoutes),
        Just(VirtualNetworkTag::WithoutRoutes)
    ];
    let routes = proptest::option::weighted(0.3, (pick(&["0.0.0.0/0", "20.1.0.0/17", "Storage", "10.0.0.0/8"]), tag));
    (group(), group(), admin, routes, any::<bool>()).prop_map(|(subnet, interface, admin, routes, known)| {
        let mut place = bare();
        place.subnet = subnet.map(|rules| narrowed(&place, rules));
        place.interface = interface.map(|rules| narrowed(&place, rules));
        if let Some((text, _)) = admin {
            place = place.admin(&text);
        }
        if let Some((spec, tag)) = routes {
            place = place.routes(spec, tag);
        }
        if known { place.file(packets::file()) } else { place }
    })
}

fn any_question() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        Just("host:a.example.org"),
        Just("host:a.example.org@Storage"),
        Just("host:a.example.org@AzureMachineLearning")
    ];
    let remote = prop_oneof![6 => pick(&ADDRESSES), 1 => host];
    (pick(&["inbound", "outbound"]), pick(&PROTOCOLS), pick(&PORTS), remote)
        .prop_map(|(direction, protocols, ports, remote)| format!("{direction} {protocols} {ports} {remote}"))
}

/// A place with what it is made of as sets.
struct Oracle<'a> {
    place: &'a Place,
    direction: Direction,
    ends: Ends,
    /// `VirtualNetwork` as rules see it.
    network: Bdd,
    /// What goes to each of the platform's services, by the tag that names it (fact `net.nsg.host-ips`).
    platform: Vec<(&'static str, Bdd)>,
}

impl<'a> Oracle<'a> {
    fn new(place: &'a Place, direction: Direction) -> Self {
        let ends = Ends::new(NETWORK, place.file.is_some());
        let to = |address: &str, words: &str, port: &str| {
            let there = nets(REMOTE, address).and(&packets::ports(REMOTE_PORT, &ports(port)));
            there.and(&protocols(words.parse().unwrap()))
        };
        let platform = match direction {
            Direction::Inbound => Vec::new(),
            Direction::Outbound => vec![
                ("AzurePlatformDNS", to("168.63.129.16", "tcp/udp", "53")),
                ("AzurePlatformIMDS", to("169.254.169.254", "tcp", "80")),
                ("AzurePlatformLKM", to("168.63.129.16", "tcp", "1688")),
                ("", to("168.63.129.16", "udp", "67")),
            ],
        };
        let routed = place.routes.as_ref().map_or_else(nothing, |(spec, _)| match spec {
            AddressSpec::Any => everything(),
            AddressSpec::These { ips, tags } => {
                packets::ips(REMOTE, ips).or(&union(tags.iter().map(|tag| ends.tag(tag))))
            }
        });
        let network = ends.network.or(&packets::bit(ROUTES, 0).and(&routed));
        Self { place, direction, ends, network, platform }
    }

    /// Which answers to what is open there are.
    fn ways(&self) -> Bdd {
        match self.place.routes.as_ref().map(|(_, tag)| tag) {
            Some(VirtualNetworkTag::Unsettled) => everything(),
            Some(VirtualNetworkTag::WithRoutes) => packets::bit(ROUTES, 0),
            Some(VirtualNetworkTag::WithoutRoutes) | None => packets::bit(ROUTES, 0).not(),
        }
    }

    fn to_platform(&self) -> Bdd {
        union(self.platform.iter().map(|(_, set)| set.clone()))
    }

    fn remote(&self, spec: &AddressSpec) -> Bdd {
        let ordinary = self.to_platform().not();
        let AddressSpec::These { ips, tags } = spec else { return ordinary };
        let of_tag = |tag: &ServiceTag| match tag.name() {
            "VirtualNetwork" => self.network.and(&ordinary),
            name if name.starts_with("AzurePlatform") => {
                union(self.platform.iter().filter(|(known, _)| *known == name).map(|(_, set)| set.clone()))
            }
            _ => self.ends.tag(tag).and(&ordinary),
        };
        packets::ips(REMOTE, ips).and(&ordinary).or(&union(tags.iter().map(of_tag)))
    }

    /// The packets that a rule matches (fact `net.nsg.tuple`).
    fn matches(&self, rule: &GroupRule) -> Bdd {
        if rule.direction != self.direction {
            return nothing();
        }
        let (source, destination) = (&rule.sources, &rule.destinations);
        let (local, remote, local_ports, remote_ports) = match rule.direction {
            Direction::Inbound => (destination, source, &rule.destination_ports, &rule.source_ports),
            Direction::Outbound => (source, destination, &rule.source_ports, &rule.destination_ports),
        };
        let here = match local {
            AddressSpec::Any => everything(),
            AddressSpec::These { ips, .. } => packets::ips(LOCAL, ips),
        };
        let by_port = packets::ports(LOCAL_PORT, local_ports).and(&packets::ports(REMOTE_PORT, remote_ports));
        let whatever = packets::is(local_ports.is_all() && remote_ports.is_all());
        let at_ports = with_ports().and(&by_port).or(&with_ports().not().and(&whatever));
        protocols(rule.protocols).and(&here).and(&at_ports).and(&self.remote(remote))
    }

    /// First match by priority; then the defaults (facts `net.nsg.priority`, `net.nsg.defaults-fixed`).
    fn group(&self, rules: Option<&Vec<GroupRule>>) -> Bdd {
        let Some(rules) = rules else { return everything() };
        let mut rules: Vec<_> = rules.iter().collect();
        rules.sort_by_key(|rule| rule.priority);
        let third = match self.direction {
            Direction::Inbound => nets(REMOTE, "168.63.129.16"),
            Direction::Outbound => self.ends.public.clone(),
        };
        let unmatched = self.to_platform().or(&self.network).or(&third);
        rules.into_iter().rev().fold(unmatched, |below, rule| {
            let matched = self.matches(rule);
            if rule.access == Access::Allow { below.or(&matched) } else { below.and_not(&matched) }
        })
    }

    /// Admin rules before both levels (fact `net.nsg.admin-rules`); both levels must allow (`net.nsg.in-order`).
    fn allowed(&self) -> Bdd {
        let levels = self.group(self.place.subnet.as_ref()).and(&self.group(self.place.interface.as_ref()));
        let mut admin: Vec<_> = self.place.admin.iter().flatten().collect();
        admin.sort_by_key(|rule| rule.priority);
        admin.into_iter().rev().fold(levels.clone(), |below, rule| {
            let matched = self.matches(&as_group_rule(rule));
            match rule.access {
                AdminAccess::AlwaysAllow => below.or(&matched),
                AdminAccess::Deny => below.and_not(&matched),
                AdminAccess::Allow => Bdd::if_then_else(&matched, &levels, &below),
            }
        })
    }
}

fn as_group_rule(rule: &AdminRule) -> GroupRule {
    let rule = rule.clone();
    GroupRule {
        name: rule.name,
        priority: rule.priority,
        direction: rule.direction,
        access: Access::Allow,
        protocols: rule.protocols,
        sources: rule.sources,
        source_groups: Vec::new(),
        source_ports: rule.source_ports,
        destinations: rule.destinations,
        destination_groups: Vec::new(),
        destination_ports: rule.destination_ports,
    }
}

proptest! {
    #![proptest_config(cases(2))]

    #[test]
    fn groups_are_what_set_algebra_makes_of_them(place in any_place(), question in any_question()) {
        let flow = place.flow(&question);
        let verdict = place.evaluate(&flow);
        let oracle = Oracle::new(&place, flow.direction);
        let fates = Fates::new(&oracle.allowed(), &oracle.ways(), &[ROUTES]);
        let asked = oracle.ends.flow(&flow);
        let is_host = matches!(flow.remote, Remote::Host { .. });
        let expected = oracle.ends.outcome(&asked, &fates, is_host);
        prop_assert_eq!(verdict.outcome, expected, "{}: {:#?}", question, lines(&verdict));
        let parts = verdict.parts.iter().map(|part| (oracle.ends.flow(&part.flow), &part.flow, part.outcome));
        check_parts(&asked, parts, &fates)?;
    }
}
