//! Firewalls as sets of packets (facts part C.12): the three passes, one below the other. What a packet does not show, such as
//! the name that is asked for, is a variable beside it.

use std::collections::BTreeMap;

use biodivine_lib_bdd::Bdd;
use palisade_net::*;
use proptest::prelude::*;

use crate::check_parts;
use crate::common::reference::cases;
use crate::firewall_support::{Wall, policy, wall};
use crate::packets::{
    self, ARRIVAL, ARRIVAL_PORT, Ends, Fates, Field, LOCAL, LOCAL_PORT, REMOTE, REMOTE_PORT, bit, equals, everything,
    exists, is, nets, nothing, open, protocols, union, with_ports,
};

const PATTERNS: [&str; 11] =
    ["a.x.org", "b.x.org", "*.x.org", "*x.org", "x.org", "*.org", "*.a.x.org", "q.net", "*", "tag:T1", "tag:T2"];
/// One name of each class that the patterns make, and the ones between.
const NAMES: [&str; 9] = ["a.x.org", "b.x.org", "c.x.org", "x.org", "zx.org", "w.org", "d.a.x.org", "q.net", "o.t"];
/// The names that network rules have.
const IN_NETWORK_RULES: [&str; 3] = ["a.x.org", "x.org", "q.net"];
const DESTINATIONS: [&str; 12] = [
    "*",
    "Storage",
    "Storage.WestUS2",
    "AzureMachineLearning",
    "20.1.0.0/16",
    "20.1.128.0/17,40.1.2.255/32",
    "0.0.0.0/1",
    "10.0.0.0/16",
    "10.0.1.128/25",
    "fqdn:a.x.org",
    "fqdn:x.org,fqdn:q.net",
    "AzureFrontDoor.FirstParty",
];
const SOURCES: [&str; 5] = ["*", "10.0.1.0/25", "10.0.0.0/16", "20.0.0.0/9", "10.0.1.77/32"];
const PORTS: [&str; 6] = ["*", "443", "80,443", "400-500", "1433", "8787"];
const REMOTES: [&str; 16] = [
    "*",
    "Internet",
    "VirtualNetwork",
    "Storage",
    "Storage.WestUS2",
    "AzureMachineLearning",
    "20.1.0.0/16",
    "40.1.2.254/31",
    "10.0.0.0/15",
    "host:a.x.org@Storage",
    "host:c.x.org@AzureMachineLearning",
    "host:x.org",
    "host:*.x.org@Storage.WestUS2",
    "host:*x.org",
    "host:*.org@Storage",
    "host:o.t",
];

/// What a client speaks: nothing that application rules see, or the kind of that number less one.
const KIND: Field = open(0, 2);
/// The place of the name that is asked for in [`NAMES`].
const NAME: Field = open(2, 4);
/// Which of [`IN_NETWORK_RULES`] have the address.
const HAS_ADDRESS: Field = open(6, 3);
/// Whether T1 and T2, whose contents nobody knows, hold the name.
const HOLDS: Field = open(9, 2);
/// Whether names in network rules hold, which they do with DNS proxy.
const PROXY: Field = open(11, 1);

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(from)
}

fn any_collection() -> impl Strategy<Value = String> {
    let some = |rule: proptest::strategy::BoxedStrategy<String>| {
        proptest::collection::vec(rule, 1..3).prop_map(|rules| rules.concat())
    };
    let network = (pick(&["tcp", "udp", "tcp/udp", "icmp", "*"]), pick(&SOURCES), pick(&DESTINATIONS), pick(&PORTS))
        .prop_map(|(protocols, from, to, ports)| format!("net {protocols} {from} {to} {ports}\n"));
    let spoken = pick(&["https:443", "http:80,https:443", "https:8787", "mssql:1433", "http:443,mssql:443"]);
    let application = (spoken, pick(&SOURCES), pick(&PATTERNS))
        .prop_map(|(protocols, from, names)| format!("app {protocols} {from} {names}\n"));
    let public = pick(&["20.0.0.0/9", "0.0.0.0/1", "128.0.0.0/1", "40.1.2.3/32"]);
    let inside = (pick(&["10.0.1.4", "10.0.1.132"]), pick(&["443", "8787"]));
    let dnat = (pick(&["tcp", "tcp/udp"]), pick(&SOURCES), public, pick(&PORTS), inside).prop_map(
        |(protocols, from, to, ports, (address, port))| {
            format!("dnat {protocols} {from} {to} {ports} {address} {port}\n")
        },
    );
    let action = || pick(&["allow", "deny"]);
    prop_oneof![
        3 => (action(), some(network.boxed())).prop_map(|(action, rules)| format!("{action}\n{rules}")),
        4 => (action(), some(application.boxed())).prop_map(|(action, rules)| format!("{action}\n{rules}")),
        2 => some(dnat.boxed()).prop_map(|rules| format!("dnat\n{rules}")),
    ]
}

/// Groups whose priorities, and those of their collections, are not in the order in which they are written.
fn any_policy() -> impl Strategy<Value = String> {
    let order = || Just([300u16, 100, 200, 400]).prop_shuffle();
    let group = (proptest::collection::vec(any_collection(), 0..4), order());
    (proptest::collection::vec(group, 0..3), order()).prop_map(|(groups, order)| {
        let groups = order.iter().zip(groups).map(|(priority, (collections, order))| {
            let collections = order.iter().zip(collections);
            let collections = collections.map(|(priority, text)| format!("collection {priority} {text}"));
            format!("group {priority}\n{}", collections.collect::<String>())
        });
        groups.collect()
    })
}

fn any_wall() -> impl Strategy<Value = Wall> {
    let host = proptest::option::weighted(0.2, pick(&["a.x.org", "*.x.org", "o.t"]));
    let proxy = proptest::sample::select(vec![Some(true), Some(true), Some(false), None]);
    (any_policy(), proptest::option::weighted(0.3, any_policy()), proxy, host).prop_map(|(own, parent, proxy, host)| {
        let mut wall = wall(&own);
        if let Some(text) = parent {
            wall.policies.insert(0, policy(&wall.place, "parent", &text));
        }
        let mut wall = wall.dns_proxy(proxy);
        wall.host = host.map(|name| name.parse().unwrap());
        wall
    })
}

fn any_question() -> impl Strategy<Value = String> {
    let direction = prop_oneof![2 => Just("outbound"), 1 => Just("inbound")];
    (direction, pick(&["tcp", "udp", "*", "icmp"]), pick(&PORTS), pick(&REMOTES))
        .prop_map(|(direction, protocols, ports, remote)| format!("{direction} {protocols} {ports} {remote}"))
}

/// `*` stands at the far left alone; before a dot it does not cover the rest itself (fact `net.fw.wildcards`).
fn covers(pattern: &str, name: &str) -> bool {
    pattern.strip_prefix('*').map_or(pattern == name, |ending| name.ends_with(ending))
}

fn named(pattern: &str) -> Bdd {
    let places = (0u32..).zip(NAMES).filter(|(_, name)| covers(pattern, name));
    union(places.map(|(place, _)| equals(NAME, place)))
}

/// The names that a remote end is about; every one if it is about addresses.
fn asked_names(remote: &Remote) -> Bdd {
    match remote {
        Remote::Host { fqdn, .. } => named(fqdn.as_str()),
        Remote::Narrowed(part) => {
            let except = part.except_hosts.iter().map(|fqdn| named(fqdn.as_str()));
            asked_names(&part.of).and_not(&union(except))
        }
        _ => everything(),
    }
}

struct Oracle<'a> {
    wall: &'a Wall,
    flow: &'a Flow,
    ends: Ends,
}

impl Oracle<'_> {
    fn outbound(&self) -> bool {
        self.flow.direction == Direction::Outbound
    }

    fn is_host(&self) -> bool {
        self.outbound() && matches!(self.flow.remote, Remote::Host { .. })
    }

    fn asked_port(&self) -> Field {
        if self.outbound() { REMOTE_PORT } else { LOCAL_PORT }
    }

    /// The rules of one list in the order of judgement (fact `net.fw.order`): parents first, then by priorities.
    fn ordered<'w, R: 'w>(&'w self, list: impl Fn(&'w RuleCollection) -> &'w [R]) -> Vec<(CollectionAction, &'w R)> {
        let mut places = BTreeMap::new();
        for (policy, of) in self.wall.policies.iter().enumerate() {
            for group in &of.groups {
                places.extend(group.collections.iter().map(|one| ((policy, group.priority, one.priority), one)));
            }
        }
        places.values().flat_map(|one| list(one).iter().map(|rule| (one.action, rule))).collect()
    }

    /// A way of judgement in which `rules` come before everything `below`.
    fn pass<R>(rules: &[(CollectionAction, &R)], matches: impl Fn(&R) -> Bdd, below: Bdd) -> Bdd {
        rules.iter().rev().fold(below, |below, (action, rule)| match action {
            CollectionAction::Deny => below.and_not(&matches(rule)),
            CollectionAction::Allow | CollectionAction::Dnat => below.or(&matches(rule)),
        })
    }

    /// All packets that are allowed: translations, then network rules, then application rules, then nothing.
    fn allowed(&self) -> Bdd {
        let dnat = self.ordered(|collection| collection.dnat_rules.as_slice());
        let network = self.ordered(|collection| collection.network_rules.as_slice());
        let application = self.ordered(|collection| collection.application_rules.as_slice());
        let by_name = Self::pass(&application, Self::by_name, nothing());
        if self.outbound() {
            let filtered = Self::pass(&network, |rule| self.outbound_match(rule), by_name);
            return Self::pass(&dnat, |rule| arrives(rule, LOCAL, REMOTE, REMOTE_PORT), filtered);
        }
        // From a public address there is no way in but a translation (facts `net.fw.dnat`, `net.fw.inbound-no-app`).
        let filtered = Self::pass(&network, |rule| self.inbound_match(rule), nothing());
        translated(&dnat).or(&filtered.and_not(&self.ends.public))
    }

    fn end(&self, end: &FirewallAddresses, field: Field) -> Bdd {
        match &end.addresses {
            AddressSpec::Any => everything(),
            AddressSpec::These { ips, tags } => {
                let tags = tags.iter().filter(|_| self.outbound()).map(|tag| self.ends.tag(tag));
                packets::ips(field, ips).or(&union(tags))
            }
        }
    }

    fn names_in(rule: &NetworkRule) -> Bdd {
        let places = (0u16..).zip(IN_NETWORK_RULES);
        let named = places.filter(|(_, name)| rule.destination_fqdns.iter().any(|fqdn| fqdn == name));
        union(named.map(|(place, _)| bit(HAS_ADDRESS, place))).and(&bit(PROXY, 0))
    }

    fn outbound_match(&self, rule: &NetworkRule) -> Bdd {
        let to = self.end(&rule.destinations, REMOTE).or(&Self::names_in(rule));
        at(rule.protocols, &rule.destination_ports, REMOTE_PORT).and(&plain(&rule.sources, LOCAL)).and(&to)
    }

    fn inbound_match(&self, rule: &NetworkRule) -> Bdd {
        let to = self.end(&rule.destinations, LOCAL).or(&Self::names_in(rule));
        at(rule.protocols, &rule.destination_ports, LOCAL_PORT).and(&plain(&rule.sources, REMOTE)).and(&to)
    }

    /// Fact `net.fw.app-only-http`.
    fn by_name(rule: &ApplicationRule) -> Bdd {
        let spoken = rule.protocols.iter().map(|text| {
            let protocol: ApplicationProtocol = text.parse().unwrap();
            kind(protocol.kind).and(&equals(REMOTE_PORT, protocol.port.into()))
        });
        let tags = (0u16..).zip(["T1", "T2"]).filter(|(_, tag)| rule.fqdn_tags.iter().any(|name| name == tag));
        let tags = union(tags.map(|(place, _)| bit(HOLDS, place)));
        let names = union(rule.fqdns.iter().map(|pattern| named(pattern))).or(&tags);
        protocols(Protocol::Tcp.into()).and(&plain(&rule.sources, LOCAL)).and(&union(spoken)).and(&names)
    }

    /// Everything that may be unseen about packets.
    fn ways(&self) -> Bdd {
        let tcp = protocols(Protocol::Tcp.into());
        let mut ways = tcp.or(&equals(KIND, 0)).and(&packets::at_most(NAME, 8));
        if self.wall.policies.iter().rev().find_map(|policy| policy.dns_proxy) == Some(true) {
            ways = ways.and(&bit(PROXY, 0));
        }
        let pattern = match &self.flow.remote {
            _ if !self.outbound() => None,
            Remote::Host { fqdn, .. } => Some(fqdn),
            _ => self.wall.host.as_ref(),
        };
        let Some(pattern) = pattern else { return ways };
        ways = ways.and(&named(pattern.as_str()));
        for usual in ApplicationProtocol::USUAL {
            let there = tcp.and(&equals(self.asked_port(), usual.port.into()));
            ways = ways.and(&there.imp(&kind(usual.kind)));
        }
        // Of a host that is asked for by name, no other name's rule is taken to know the address.
        let own = (0u16..).zip(IN_NETWORK_RULES).map(|(place, name)| bit(HAS_ADDRESS, place).iff(&named(name)));
        own.fold(ways, |all, set| all.and(&set))
    }

    fn asked(&self, flow: &Flow) -> Bdd {
        let asked = self.ends.flow(flow);
        if self.is_host() { asked.and(&asked_names(&flow.remote)) } else { asked }
    }

    /// A pattern of hosts is a question for each of them.
    fn outcome(&self, fates: &Fates) -> Outcome {
        let asked = self.asked(self.flow);
        if !self.is_host() {
            return self.ends.outcome(&asked, fates, matches!(self.flow.remote, Remote::Host { .. }));
        }
        let one = |place| asked.and(&equals(NAME, place));
        let hosts = (0..9).map(one).filter(|asked| !asked.is_false());
        let seen: Vec<_> = hosts.map(|asked| self.ends.seen(&asked, fates, true)).collect();
        packets::outcome(&seen)
    }
}

fn kind(kind: ApplicationKind) -> Bdd {
    let place = ApplicationKind::ALL.into_iter().zip(1..).find(|(known, _)| *known == kind).unwrap().1;
    equals(KIND, place)
}

/// Protocols at ports; those without match `*` alone.
fn at(set: ProtocolSet, ports: &PortSet, field: Field) -> Bdd {
    let at_ports = with_ports().and(&packets::ports(field, ports));
    protocols(set).and(&at_ports.or(&with_ports().not().and(&is(ports.is_all()))))
}

fn plain(end: &FirewallAddresses, field: Field) -> Bdd {
    match &end.addresses {
        AddressSpec::Any => everything(),
        AddressSpec::These { ips, .. } => packets::ips(field, ips),
    }
}

/// What arrives for a translation.
fn arrives(rule: &DnatRule, from: Field, to: Field, port: Field) -> Bdd {
    at(rule.protocols, &rule.destination_ports, port)
        .and(&plain(&rule.sources, from))
        .and(&plain(&rule.destinations, to))
}

/// What some packet that arrived has become by the first translation for it.
fn translated(rules: &[(CollectionAction, &DnatRule)]) -> Bdd {
    let (mut found, mut before) = (nothing(), nothing());
    for (_, rule) in rules {
        let arrives = arrives(rule, REMOTE, ARRIVAL, ARRIVAL_PORT);
        let inside = nets(LOCAL, &rule.translated_address.to_string());
        let inside = inside.and(&equals(LOCAL_PORT, rule.translated_port.into()));
        found = found.or(&arrives.and_not(&before).and(&inside));
        before = before.or(&arrives);
    }
    exists(&found, &[ARRIVAL, ARRIVAL_PORT])
}

proptest! {
    #![proptest_config(cases(2))]

    #[test]
    fn firewalls_are_what_set_algebra_makes_of_them(wall in any_wall(), question in any_question()) {
        let flow = wall.place.flow(&question);
        let verdict = wall.evaluate(&flow);
        let oracle = Oracle { wall: &wall, flow: &flow, ends: Ends::new("10.0.0.0/16", false) };
        let unseen: &[Field] = if oracle.is_host() { &[KIND, HAS_ADDRESS, HOLDS, PROXY] } else { &[packets::OPEN] };
        let fates = Fates::new(&oracle.allowed(), &oracle.ways(), unseen);
        let lines = || verdict.parts.iter().map(|part| format!("{}: {}", part.outcome, part.flow)).collect::<Vec<_>>();
        prop_assert_eq!(verdict.outcome, oracle.outcome(&fates), "{}: {:#?}", question, lines());
        let parts = verdict.parts.iter().map(|part| (oracle.asked(&part.flow), &part.flow, part.outcome));
        check_parts(&oracle.asked(&flow), parts, &fates)?;
    }
}
