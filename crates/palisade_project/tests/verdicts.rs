//! Flows through security groups with the verdict that Azure's documentation gives them, asked of one described network with the real library.

use std::path::Path;

use palisade_project::{FlowQuestion, Policies, Project, Setup};

/// A network with peers, on-premises and IPv6, and subnets whose groups differ.
const ENVIRONMENT: &str = r#"name: verdicts
virtual_networks:
  hub:
    address_space: [10.30.0.0/16]
    peerings: { to-net: { remote: net, state: connected } }
  far:
    address_space: [10.40.0.0/16]
    peerings: { to-net: { remote: net, state: initiated } }
    subnets: { f: { prefixes: [10.40.1.0/24] } }
  net:
    address_space: [10.20.0.0/16, "fd00:20::/48"]
    peerings:
      to-hub: { remote: hub, state: connected }
      to-far: { remote: far, state: initiated }
      noacc: { remote: closed, state: connected, allow_virtual_network_access: false }
    subnets:
      bare: { prefixes: [10.20.0.0/24] }
      empty: { prefixes: [10.20.1.0/24], network_security_group: empty }
      six: { prefixes: [10.20.9.0/24, "fd00:20:0:9::/64"], network_security_group: empty }
      routed: { prefixes: [10.20.2.0/24], network_security_group: empty, route_table: rt }
      icmp: { prefixes: [10.20.3.0/24], network_security_group: icmp }
      lb: { prefixes: [10.20.4.0/24], network_security_group: nolb }
      plat: { prefixes: [10.20.5.0/24], network_security_group: denyall }
      tags: { prefixes: [10.20.6.0/24], network_security_group: tags }
      platdns: { prefixes: [10.20.7.0/24], network_security_group: platdns }
      cloud: { prefixes: [10.20.10.0/24], network_security_group: cloud }
  closed: { address_space: [10.50.0.0/16], subnets: { c: { prefixes: [10.50.1.0/24] } } }
route_tables: { rt: { routes: [ { name: d, prefix: 0.0.0.0/0, next_hop: virtual_appliance, address: 10.30.1.4 } ] } }
on_premises: { prefixes: [192.168.0.0/16] }
network_security_groups:
  empty: { rules: [] }
  icmp: { rules: [ { name: i, priority: 100, direction: inbound, access: allow, protocol: icmp, source: Internet, destination_ports: "*" }, { name: e, priority: 110, direction: inbound, access: allow, protocol: "*", source: 1.2.3.4, destination_ports: 443 } ] }
  nolb: { rules: [ { name: d, priority: 100, direction: inbound, access: deny, protocol: "*", destination_ports: "*" } ] }
  denyall: { rules: [ { name: d, priority: 100, direction: outbound, access: deny, protocol: "*", destination_ports: "*" } ] }
  platdns: { rules: [ { name: d, priority: 100, direction: outbound, access: deny, protocol: "*", destination: AzurePlatformDNS, destination_ports: "*" } ] }
  tags: { rules: [ { name: st, priority: 100, direction: outbound, access: allow, protocol: tcp, destination: Storage.eastus2, destination_ports: 443 }, { name: d, priority: 200, direction: outbound, access: deny, protocol: "*", destination: Internet, destination_ports: "*" } ] }
  cloud: { rules: [ { name: c, priority: 100, direction: outbound, access: deny, protocol: "*", destination: AzureCloud.eastus2, destination_ports: "*" } ] }
  nicdeny: { rules: [ { name: out, priority: 100, direction: outbound, access: deny, protocol: tcp, destination_ports: 25 } ] }
network_interfaces:
  n1: { subnet: net/empty, ip: 10.20.1.4, network_security_group: nicdeny }
  n2: { subnet: net/empty, ip: 10.20.1.5, network_security_group: nolb }
"#;

/// Verdict, place, direction, protocol, the other end, the port that is asked for.
const TABLE: &str = "# A subnet without a group lets everything pass.
allowed      net/bare    inbound  tcp  Internet           22
# The default rules let in the network, what it is joined with, and probes; fact `net.nsg.default`.
denied       net/empty   inbound  tcp  Internet           22
allowed      net/empty   inbound  tcp  VirtualNetwork     22
allowed      net/empty   inbound  tcp  10.20.99.0/24      22
allowed      net/empty   inbound  tcp  10.30.5.5          22
denied       net/empty   inbound  tcp  10.40.1.4          22
allowed      net/empty   inbound  tcp  192.168.3.4        22
allowed      net/empty   inbound  tcp  AzureLoadBalancer  22
allowed      net/empty   inbound  tcp  168.63.129.16      22
denied       net/empty   inbound  tcp  172.16.0.0/12      22
partial      net/empty   inbound  tcp  *                  22
denied       net/empty   inbound  any  Internet           *
partial      net/empty   inbound  any  *                  *
denied       net/empty   inbound  tcp  10.50.1.4          22
# They let out to the network and to the internet, which private ranges elsewhere are not part of.
allowed      net/empty   outbound tcp  Internet           443
allowed      net/empty   outbound tcp  Storage            443
allowed      net/empty   outbound esp  Internet           *
denied       net/empty   outbound tcp  172.16.0.1         443
denied       net/empty   outbound tcp  10.40.1.4          443
denied       net/empty   outbound tcp  100.64.0.1         443
partial      net/empty   outbound tcp  *                  443
# A default route may widen the tag `VirtualNetwork`.
undetermined net/routed  inbound  tcp  Internet           22
undetermined net/routed  outbound tcp  172.16.0.1         22
# Protocols without ports match rules for all ports only.
allowed      net/icmp    inbound  icmp Internet           *
denied       net/icmp    inbound  icmp 10.99.0.1          *
denied       net/icmp    inbound  icmp 172.16.1.1         *
allowed      net/icmp    inbound  tcp  1.2.3.4            443
allowed      net/icmp    inbound  udp  1.2.3.4            443
denied       net/icmp    inbound  esp  1.2.3.4            *
denied       net/icmp    inbound  tcp  1.2.3.4            444
# A deny of everything stops probes, and all but what the platform itself serves, unless a platform tag names that.
denied       net/lb      inbound  tcp  AzureLoadBalancer  443
denied       net/plat    outbound tcp  Internet           443
denied       net/plat    outbound tcp  VirtualNetwork     443
allowed      net/plat    outbound udp  168.63.129.16      53
allowed      net/plat    outbound tcp  169.254.169.254    80
denied       net/platdns outbound udp  168.63.129.16      53
allowed      net/plat    outbound tcp  168.63.129.16      53
allowed      net/plat    outbound udp  168.63.129.16      67
allowed      net/plat    outbound tcp  AzurePlatformIMDS  80
allowed      net/plat    outbound tcp  AzurePlatformDNS   53
# Tags are a partial order.
allowed      net/tags    outbound tcp  Storage.eastus2    443
partial      net/tags    outbound tcp  Storage            443
denied       net/tags    outbound udp  Storage.eastus2    443
denied       net/tags    outbound tcp  Storage.westus2    443
denied       net/tags    outbound tcp  AzureMachineLearning 443
denied       net/tags    outbound tcp  Storage.eastus2    80
partial      net/tags    outbound tcp  AzureCloud         443
denied       net/cloud   outbound tcp  Storage.eastus2    443
partial      net/cloud   outbound tcp  Storage            443
allowed      net/cloud   outbound tcp  Storage.westus2    443
partial      net/cloud   outbound tcp  AzureCloud         443
# The interface and the subnet must both allow.
denied       n1          outbound tcp  Internet           25
allowed      n1          outbound tcp  Internet           26
allowed      n1          outbound udp  Internet           25
denied       n2          inbound  tcp  VirtualNetwork     22
# IPv6 is judged as IPv4 is.
denied       net/six     inbound  tcp  2001:db8::1        22
allowed      net/six     inbound  tcp  fd00:20:0:1::5     22
denied       net/six     inbound  tcp  fd99::1            22
allowed      net/six     outbound tcp  2603:1000::1       443
denied       net/six     outbound tcp  fd99::1            443
denied       net/six     inbound  tcp  ::1                22
";

#[expect(clippy::panic, reason = "a row of this file that is malformed ends the test")]
fn question(row: &str) -> (&str, FlowQuestion) {
    let [verdict, on, direction, protocol, remote, port] = row.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("six words are expected in `{row}`")
    };
    let inbound = direction == "inbound";
    assert!(inbound || direction == "outbound", "{row}");
    let port = (port != "*").then(|| port.to_owned());
    let (local_port, remote_port) = if inbound { (port, None) } else { (None, port) };
    let (on, protocol, remotes) = (on.to_owned(), protocol.to_owned(), vec![remote.to_owned()]);
    let question =
        FlowQuestion { on, inbound, protocol, local: None, local_port, remotes, remote_port, groups_only: true };
    (verdict, question)
}

#[test]
fn each_flow_has_the_verdict_of_the_documentation() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("palisade.yaml"), "").unwrap();
    std::fs::write(folder.path().join("env.yaml"), ENVIRONMENT).unwrap();
    let setup = Setup { here: folder.path().to_owned(), policies: Policies::default() };
    let mut project = Project::open(&setup).unwrap();
    let wrong: Vec<String> = TABLE
        .lines()
        .filter(|row| !row.starts_with('#'))
        .filter_map(|row| {
            let (expected, question) = question(row);
            let report = project.flow(Path::new("env.yaml"), &question).unwrap();
            let found = format!("{:?}", report.verdict).to_lowercase();
            (found != expected).then(|| format!("{row}: {found}, {:?}", report.parts))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
