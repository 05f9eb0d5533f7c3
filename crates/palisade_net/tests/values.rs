//! Values: what is read, how it is written back, and what is refused with which words.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up fails the test"
)]

mod common;

use common::{ips, ports};
use palisade_net::*;
use proptest::prelude::*;

fn error<T: std::str::FromStr<Err = ValueError> + std::fmt::Debug>(text: &str) -> ValueError {
    text.parse::<T>().unwrap_err()
}

#[test]
fn ports_are_read_and_written_as_azure_does() {
    for text in ["443", "8704-8710", "*", "0", "65535", "0-1"] {
        assert_eq!(text.parse::<PortSet>().unwrap().to_string(), text);
    }
    assert_eq!("0-65535".parse::<PortSet>().unwrap(), PortSet::all());
    assert_eq!(ports("443,80,444,81-90").to_string(), "80-90, 443-444");
}

#[test]
fn wrong_ports_say_why() {
    assert_eq!(error::<Port>("70000").message, "port `70000` is too large");
    assert_eq!(error::<PortSet>("1-99999999999999").message, "port `99999999999999` is too large");
    let reversed = error::<PortSet>("90-80");
    assert_eq!(
        (reversed.message.as_str(), reversed.suggestion.as_deref()),
        ("the port range `90-80` is reversed", Some("80-90"))
    );
    for text in ["", "-", "80-", "-80", "080", "+80", "80 ", "http", "1-2-3", "８０", "any"] {
        assert!(error::<PortSet>(text).help.is_some(), "{text}");
    }
}

#[test]
fn protocols_and_words_do_not_mind_case() {
    assert_eq!("TCP".parse::<Protocol>().unwrap(), Protocol::Tcp);
    assert_eq!("Tcp/uDP".parse::<ProtocolSet>().unwrap(), ProtocolSet::WITH_PORTS);
    assert_eq!("*".parse::<ProtocolSet>().unwrap(), ProtocolSet::ALL);
    assert_eq!(ProtocolSet::WITH_PORTS.to_string(), "tcp/udp");
    assert_eq!("Inbound".parse::<Direction>().unwrap(), Direction::Inbound);
    assert_eq!("DENY".parse::<Access>().unwrap(), Access::Deny);
    assert_eq!(error::<Protocol>("tpc").suggestion.as_deref(), Some("tcp"));
    assert_eq!(error::<ProtocolSet>("Any").suggestion.as_deref(), Some("*"));
    assert_eq!(error::<Access>("alow").suggestion.as_deref(), Some("allow"));
    assert_eq!(error::<Direction>("outbund").suggestion.as_deref(), Some("outbound"));
    assert!("other".parse::<Protocol>().is_err(), "no rule can name the protocols that have no name");
}

#[test]
fn networks_are_read_strictly() {
    for text in ["10.0.0.0/8", "0.0.0.0/0", "10.0.0.1/32", "fd00::/64", "::/0"] {
        assert_eq!(text.parse::<Cidr>().unwrap().to_string(), text);
    }
    let host_bits = error::<Cidr>("10.0.0.1/8");
    assert_eq!(host_bits.message, "`10.0.0.1/8` has host bits set: the network is `10.0.0.0/8`");
    assert_eq!(host_bits.suggestion.as_deref(), Some("10.0.0.0/8"));
    assert_eq!(error::<Cidr>("fd00::1/64").suggestion.as_deref(), Some("fd00::/64"));
    assert_eq!(error::<Cidr>("10.0.0.0/33").message, "the prefix length of `10.0.0.0/33` is over 32");
    assert_eq!(error::<Cidr>("fd00::/129").message, "the prefix length of `fd00::/129` is over 128");
    assert_eq!(error::<Cidr>("010.0.0.0/8").suggestion.as_deref(), Some("10.0.0.0"));
    assert_eq!(error::<Cidr>("10.0.0.4").suggestion.as_deref(), Some("10.0.0.4/32"));
    assert_eq!(Cidr::parse_or_address("10.0.0.4").unwrap().to_string(), "10.0.0.4/32");
    assert_eq!(Cidr::parse_or_address("fd00::4").unwrap().to_string(), "fd00::4/128");
    for text in [
        "",
        "/",
        "10.0.0.0/",
        "10.0.0.0/08",
        "10.0.0/8",
        "10.0.0.0/8/8",
        "10.0.0.256/32",
        "1.2.3.4/-1",
        "x/8",
        "fd00::1%eth0/64",
    ] {
        assert!(text.parse::<Cidr>().is_err(), "{text}");
        assert!(Cidr::parse_or_address(text).is_err(), "{text}");
    }
}

#[test]
fn address_sets_are_canonical() {
    assert_eq!(ips("10.0.0.0/25 10.0.0.128/25"), ips("10.0.0.0/24"));
    assert_eq!(ips("10.0.0.0/9 10.128.0.0/9 10.3.0.0/16").to_string(), "10.0.0.0/8");
    assert_eq!(ips("10.0.0.4 fd00::/64").to_string(), "10.0.0.4, fd00::/64");
    assert_eq!(ips("0.0.0.0/0").size(), 1 << 32);
    assert_eq!(IpSet::all().size(), u128::MAX);
    assert!(ips("10.1.0.0/16").is_subset(&ips("10.0.0.0/8 fd00::/8")));
    assert!(!ips("10.1.0.0/16 fd00::/64").is_subset(&ips("10.0.0.0/8")));
    assert_eq!(IpSet::all().subtract(&ips("0.0.0.0/0 ::/1")), ips("8000::/1"));
}

#[test]
fn hosts_and_patterns() {
    let covers = |pattern: &str, host: &str| pattern.parse::<Fqdn>().unwrap().matches(&host.parse().unwrap());
    assert!(covers("ml.azure.com", "ML.Azure.com"));
    assert!(covers("*.azure.com", "a.b.azure.com"));
    assert!(covers("*.azure.com", "*.ml.azure.com"));
    assert!(!covers("*.azure.com", "azure.com"), "the apex is not below itself");
    assert!(!covers("*.azure.com", "notazure.com"));
    assert!(covers("*azure.com", "notazure.com"));
    assert!(covers("*azure.com", "azure.com"));
    assert!(!covers("*.azure.com", "*azure.com"));
    for text in [
        "",
        "*",
        "*.",
        "a..b",
        "a.*.b",
        "a*.b",
        "-a.b",
        "a b.c",
        "localhost",
        "10.0.0.4",
        "a.b.",
        "https://ml.azure.com/x",
    ] {
        assert!(error::<Fqdn>(text).help.is_some(), "{text}");
    }
    assert_eq!(error::<Fqdn>("https://ml.azure.com/x").suggestion.as_deref(), Some("ml.azure.com"));
}

#[test]
fn regions_have_one_spelling() {
    for text in ["East US 2", "eastus2", "EastUS2"] {
        assert_eq!(text.parse::<Region>().unwrap().as_str(), "eastus2");
    }
    for text in ["", "2", "east-us", "east\tus", "öst"] {
        assert!(text.parse::<Region>().is_err(), "{text}");
    }
}

#[test]
fn flows_read_like_traffic_lines() {
    let place = common::bare();
    for (question, text) in [
        ("inbound tcp 44224 AzureMachineLearning", "inbound tcp 44224 from AzureMachineLearning"),
        ("outbound tcp/udp 443 BatchNodeManagement.EastUS2", "outbound tcp/udp 443 to BatchNodeManagement.eastus2"),
        ("outbound * * *", "outbound * to *"),
        ("outbound icmp * 10.0.0.0/8", "outbound icmp to 10.0.0.0/8"),
        ("outbound tcp * host:*.azureml.ms@AzureMachineLearning", "outbound tcp * to *.azureml.ms"),
    ] {
        assert_eq!(place.flow(question).to_string(), text);
    }
}

#[test]
fn an_example_reads_like_a_packet() {
    let verdict = common::place("").ask("inbound tcp 44224 AzureMachineLearning");
    assert_eq!(
        verdict.parts[0].example.to_string(),
        "tcp from an address of AzureMachineLearning:40000 to 10.0.1.4:44224"
    );
    assert_eq!(verdict.parts[0].example.remote_ip(), None);
    let verdict = common::place("").ask("outbound tcp 443 20.38.96.0/24");
    assert_eq!(verdict.parts[0].example.to_string(), "tcp from 10.0.1.4:40000 to 20.38.96.4:443");
}

/// A set of small numbers as a plain list, to compare with.
fn members(set: &PortSet) -> Vec<u16> {
    (0..40).chain(65530..=65535).filter(|port| set.contains(*port)).collect()
}

fn small_set() -> impl Strategy<Value = PortSet> {
    let edge = prop_oneof![0u16..12, Just(65534u16), Just(65535u16)];
    proptest::collection::vec((edge, 0u16..6), 0..5)
        .prop_map(|ranges| PortSet::from_ranges(ranges.into_iter().map(|(low, more)| (low, low.saturating_add(more)))))
}

proptest! {
    #[test]
    fn the_algebra_of_sets_is_that_of_their_members(a in small_set(), b in small_set()) {
        let (x, y) = (members(&a), members(&b));
        let filter = |keep: &dyn Fn(&u16) -> bool| (0..40).chain(65530..=65535).filter(|p| keep(p)).collect::<Vec<u16>>();
        prop_assert_eq!(members(&a.union(&b)), filter(&|p| x.contains(p) || y.contains(p)));
        prop_assert_eq!(members(&a.intersect(&b)), filter(&|p| x.contains(p) && y.contains(p)));
        prop_assert_eq!(members(&a.subtract(&b)), filter(&|p| x.contains(p) && !y.contains(p)));
        prop_assert_eq!(members(&PortSet::all().subtract(&a)), filter(&|p| !x.contains(p)));
        prop_assert_eq!(a.is_subset(&b), x.iter().all(|p| y.contains(p)));
        prop_assert_eq!(a.overlaps(&b), x.iter().any(|p| y.contains(p)));
        prop_assert_eq!(a == b, x == y);
        prop_assert_eq!(a.size() as usize, x.len());
    }

    #[test]
    fn a_set_is_the_union_of_its_networks(pairs in proptest::collection::vec((any::<u32>(), any::<u32>()), 0..4), six in any::<(u128, u128)>()) {
        let v4 = pairs.iter().map(|(a, b)| IpSet::range(std::net::Ipv4Addr::from_bits(*a.min(b)).into(), std::net::Ipv4Addr::from_bits(*a.max(b)).into()));
        let v6 = IpSet::range(std::net::Ipv6Addr::from_bits(six.0.min(six.1)).into(), std::net::Ipv6Addr::from_bits(six.0.max(six.1)).into());
        let set = v4.fold(v6, |all, one| all.union(&one));
        prop_assert_eq!(set.cidrs().collect::<IpSet>(), set.clone());
        prop_assert!(!set.overlaps(&IpSet::all().subtract(&set)));
        prop_assert_eq!(set.union(&IpSet::all().subtract(&set)), IpSet::all());
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "[ -~\u{e9}\u{1f600}]{0,12}") {
        let _ = (text.parse::<PortSet>(), text.parse::<ProtocolSet>(), Cidr::parse_or_address(&text), text.parse::<Fqdn>(), text.parse::<Region>());
        let _ = common::catalogue().parse_tag(&text);
        let _ = common::catalogue().parse_region(&text);
    }

    #[test]
    fn what_is_written_is_read_again(a in any::<u16>(), b in any::<u16>(), ip in any::<u32>(), length in 0u8..=32) {
        let range = PortSet::range(a.min(b), a.max(b));
        prop_assert_eq!(range.to_string().parse::<PortSet>().unwrap(), range);
        let net = Cidr::from(ipnet_of(ip, length));
        prop_assert_eq!(net.to_string().parse::<Cidr>().unwrap(), net);
    }
}

fn ipnet_of(ip: u32, length: u8) -> ipnet::IpNet {
    ipnet::Ipv4Net::new(std::net::Ipv4Addr::from_bits(ip), length).unwrap().into()
}
