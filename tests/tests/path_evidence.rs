//! Whole paths on random small networks: no verdict is without evidence, and the packet that shows it has the verdict that it shows.
//!
//! Short by default; `PALISADE_LONG=1` asks many more questions.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

use std::fmt::Write as _;

use palisade_engine::api::FlowQuestion;
use palisade_source::report::{FlowAnswer, FlowReport, VerdictKind};
use palisade_tests::flows;
use palisade_tests::scene::Scene;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestRunner};

/// A route of the asked subnet: prefix and next hop.
type Route = (&'static str, &'static str);

/// A hub with a firewall and a spoke with computes, as chance has it.
#[derive(Clone, Debug)]
struct Network {
    /// What stands in the spoke's subnet: default outbound access, a NAT gateway, a group, service endpoints.
    subnet: [Option<&'static str>; 4],
    routes: Vec<Route>,
    /// Rules of the spoke's group: access, direction, remote, port.
    group: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    /// What the firewall lets pass or stops: action, whether by name, destination, port.
    firewall: Vec<(&'static str, bool, usize, &'static str)>,
    /// The hub's side and the spoke's side of the peering.
    peering: [Option<&'static str>; 2],
    /// Whether on-premises announces a default route, if it is there.
    on_premises: Option<bool>,
    public_ip: Option<bool>,
    tag: Option<&'static str>,
}

const HOPS: [&str; 6] = [
    "internet",
    "none",
    "vnet_local",
    "virtual_network_gateway",
    "virtual_appliance, address: 10.0.1.4",
    "virtual_appliance, address: 10.1.9.9",
];
const PREFIXES: [&str; 6] =
    ["0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/16", "20.1.0.0/16", "AzureMachineLearning", "Storage.eastus2"];
const DESTINATIONS: [&str; 4] = ["AzureMachineLearning", "20.1.0.0/16", "10.0.0.0/8", "\"*\""];
const NAMES: [&str; 4] = ["pypi.org", "\"*.example.org\"", "login.example.org", "\"*\""];
const REMOTES: [&str; 12] = [
    "AzureMachineLearning",
    "Storage.eastus2",
    "AzureCloud",
    "Internet",
    "*",
    "pypi.org",
    "login.example.org",
    "20.1.2.3",
    "20.0.0.0/15",
    "10.0.2.0/24",
    "10.1.2.7",
    "192.168.1.1",
];

fn network() -> impl Strategy<Value = Network> {
    let maybe = |words: &'static [&'static str]| prop::option::of(select(words));
    let subnet = [
        maybe(&["true", "false"]).boxed(),
        maybe(&["way-out", "no-address"]).boxed(),
        maybe(&["own"]).boxed(),
        maybe(&["Microsoft.KeyVault", "Microsoft.Storage"]).boxed(),
    ];
    let route = (select(&PREFIXES[..]), select(&HOPS[..]));
    let routes = prop::collection::vec(route, 0..4).prop_map(|mut routes| {
        routes.sort_unstable();
        routes.dedup_by_key(|route| route.0);
        routes
    });
    let rule = (
        select(&["allow", "deny"][..]),
        select(&["inbound", "outbound"][..]),
        select(&["AzureMachineLearning", "Internet", "20.1.0.0/16", "10.0.0.0/8", "\"*\""][..]),
        select(&["443", "\"400-500\"", "\"*\""][..]),
    );
    let wall = (select(&["allow", "deny"][..]), any::<bool>(), 0..4_usize, select(&["443", "8443"][..]));
    let side = || maybe(&["connected", "connected, allow_forwarded_traffic: true", "initiated"]);
    (
        subnet,
        routes,
        prop::collection::vec(rule, 0..3),
        prop::collection::vec(wall, 0..4),
        [side().boxed(), side().boxed()],
        prop::option::of(any::<bool>()),
        prop::option::of(any::<bool>()),
        maybe(&["with_routes", "without_routes"]),
    )
        .prop_map(|(subnet, routes, group, firewall, peering, on_premises, public_ip, tag)| Network {
            subnet,
            routes,
            group,
            firewall,
            peering,
            on_premises,
            public_ip,
            tag,
        })
}

impl Network {
    fn yaml(&self) -> String {
        let mut text = String::from("name: random\n");
        if let Some(tag) = self.tag {
            writeln!(text, "virtual_network_tag: {tag}").unwrap();
        }
        if let Some(forced) = self.on_premises {
            let connection = format!("{{ kind: s2s, virtual_network: spoke, forced_tunnelling: {forced} }}");
            writeln!(text, "on_premises: {{ prefixes: [192.168.0.0/16], connections: [{connection}] }}").unwrap();
        }
        let peering = |to: &str, side: Option<&str>| {
            side.map(|side| format!("peerings: {{ p: {{ remote: {to}, state: {side} }} }}, ")).unwrap_or_default()
        };
        let fields = ["default_outbound_access", "nat_gateway", "network_security_group"];
        let mut subnet = fields.iter().zip(&self.subnet).fold(String::new(), |all, (field, value)| {
            value.map_or(all.clone(), |value| format!("{all}, {field}: {value}"))
        });
        if let Some(service) = self.subnet[3] {
            write!(subnet, ", service_endpoints: [{service}]").unwrap();
        }
        let (hub, spoke) = (peering("spoke", self.peering[0]), peering("hub", self.peering[1]));
        writeln!(
            text,
            "virtual_networks:
  hub: {{ address_space: [10.0.0.0/16], region: eastus2, {hub}subnets: {{ AzureFirewallSubnet: {{ prefixes: [10.0.1.0/26] }}, shared: {{ prefixes: [10.0.2.0/24], network_security_group: shared }} }} }}
  spoke: {{ address_space: [10.1.0.0/16], region: eastus2, {spoke}subnets: {{ main: {{ prefixes: [10.1.1.0/24], route_table: own{subnet} }}, other: {{ prefixes: [10.1.2.0/24] }} }} }}
nat_gateways: {{ way-out: {{ public_ips: [out] }}, no-address: {{}} }}
public_ips: {{ out: {{}}, front: {{}} }}
firewalls: {{ fw: {{ subnet: hub/AzureFirewallSubnet, private_address: 10.0.1.4, public_ips: [front], policy: own }} }}"
        )
        .unwrap();
        self.lists(&mut text);
        text
    }

    fn lists(&self, text: &mut String) {
        let public_ip = self.public_ip.map(|is| format!(", public_ip: {is}")).unwrap_or_default();
        let routes = self.routes.iter().enumerate();
        let routes = routes.map(|(at, (prefix, hop))| format!("{{ name: r{at}, prefix: {prefix}, next_hop: {hop} }}"));
        let rules = self.group.iter().enumerate().map(|(at, (access, direction, remote, port))| {
            let end = if *direction == "inbound" { "source" } else { "destination" };
            let (priority, rule) = (100 + at, format!("protocol: tcp, {end}: {remote}, destination_ports: {port}"));
            format!("{{ name: g{at}, priority: {priority}, direction: {direction}, access: {access}, {rule} }}")
        });
        let collections = self.firewall.iter().enumerate().map(|(at, (action, by_name, to, port))| {
            let (kind, what) = if *by_name {
                ("application", format!("protocols: [\"https:{port}\"], fqdns: [{}]", NAMES[*to]))
            } else {
                let to = DESTINATIONS[*to];
                ("network", format!("protocols: tcp, destinations: [{to}], destination_ports: {port}"))
            };
            let rules = format!("{kind}_rules: [{{ name: n, sources: \"*\", {what} }}]");
            format!("c{at}: {{ priority: {}, action: {action}, {rules} }}", 100 + at)
        });
        let joined = |list: &mut dyn Iterator<Item = String>| list.collect::<Vec<_>>().join(",\n      ");
        let (routes, rules, collections) =
            (joined(&mut routes.into_iter()), joined(&mut rules.into_iter()), joined(&mut collections.into_iter()));
        writeln!(
            text,
            "computes: {{ one: {{ kind: compute_instance, subnet: spoke/main{public_ip} }} }}
route_tables: {{ own: {{ routes: [{routes}] }} }}
network_security_groups:
  shared: {{ rules: [{{ name: web, priority: 100, direction: inbound, access: deny, protocol: tcp, destination_ports: 80 }}] }}
  own: {{ rules: [{rules}] }}
firewall_policies: {{ own: {{ rule_collection_groups: {{ all: {{ priority: 200, collections: {{ {collections} }} }} }} }} }}"
        )
        .unwrap();
    }
}

fn question() -> impl Strategy<Value = FlowQuestion> {
    let on = select(&["spoke/main", "computes.one", "hub/shared"][..]);
    (on, any::<bool>(), select(&REMOTES[..]), select(&["443", "80", "400-9000"][..])).prop_map(
        |(on, inbound, remote, port)| {
            let port = Some(port.to_owned());
            let (local_port, remote_port) = if inbound { (port, None) } else { (None, port) };
            FlowQuestion {
                on: on.to_owned(),
                inbound,
                protocol: "tcp".to_owned(),
                local: None,
                local_port,
                remotes: vec![remote.to_owned()],
                remote_port,
                groups_only: false,
            }
        },
    )
}

/// The question about the one packet of a part, if it is a packet with addresses.
fn packet(of: &FlowQuestion, part: &FlowAnswer) -> Option<FlowQuestion> {
    let example = part.example.as_ref()?;
    let (local, local_port) = example.local.rsplit_once(':')?;
    let (remote, remote_port) = example.remote.rsplit_once(':')?;
    let is_address = remote.parse::<std::net::IpAddr>().is_ok();
    is_address.then(|| FlowQuestion {
        local: Some(local.to_owned()),
        local_port: Some(local_port.to_owned()),
        remotes: vec![remote.to_owned()],
        remote_port: Some(remote_port.to_owned()),
        protocol: example.protocol.clone(),
        ..of.clone()
    })
}

fn ask(scene: &mut Scene, question: &FlowQuestion) -> Result<FlowReport, TestCaseError> {
    scene.flow(question).map_err(|faults| TestCaseError::fail(format!("{question:?}: {faults:?}")))
}

/// The verdict on one packet of a part must not contradict the part's. Of an address alone nobody knows in which tags it is,
/// so it may be open where the part is not; a name's rules are not those of its address.
fn agrees(part: VerdictKind, packet: VerdictKind) -> bool {
    part == packet || packet == VerdictKind::Undetermined
}

fn holds(scene: &mut Scene, network: &Network, questions: &[FlowQuestion]) -> TestCaseResult {
    scene.set("env.yaml", &network.yaml());
    for question in questions {
        let report = ask(scene, question)?;
        let faults = flows::faults(&report);
        prop_assert!(faults.is_empty(), "{question:?}: {faults:?}\n{}", flows::drawn(&report));
        let by_name = question.remotes[0].contains(".org");
        let by_address = question.remotes[0].starts_with(|c: char| c.is_ascii_digit());
        for part in report.parts.iter().filter(|part| part.verdict != VerdictKind::Undetermined && !by_name) {
            let Some(packet) = packet(question, part) else { continue };
            let again = ask(scene, &packet)?;
            let exactly = by_address && !part.flow.contains("within") && !part.flow.contains("except");
            let fits = if exactly { again.verdict == part.verdict } else { agrees(part.verdict, again.verdict) };
            let both = [flows::drawn(&report), flows::drawn(&again)].join("\n\n");
            prop_assert!(fits, "{} of {question:?}, but {packet:?}\n{both}", part.verdict.as_str());
        }
    }
    Ok(())
}

#[test]
fn every_verdict_shows_its_evidence_and_its_packet_has_it() {
    let long = std::env::var_os("PALISADE_LONG").is_some_and(|value| value == "1");
    let cases = if long { 3_000 } else { 60 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let scene = std::cell::RefCell::new(Scene::new());
    let cases = (network(), prop::collection::vec(question(), 4));
    let outcome = runner.run(&cases, |(network, questions)| holds(&mut scene.borrow_mut(), &network, &questions));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
