//! Sets of packets as binary decision diagrams over the bits of real IPv4 packets: all 32 bits of both addresses, all 16 of
//! both ports. Which service tags hold the remote address are bits of their own, tied to it by what is known of tags.

use std::net::IpAddr;
use std::sync::LazyLock;

use biodivine_lib_bdd::{Bdd, BddVariable, BddVariableSet};
use palisade_net::*;

use crate::common;

/// Some bits of the space.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    first: u16,
    bits: u16,
}

impl Field {
    const fn after(before: Self, bits: u16) -> Self {
        Self { first: before.first + before.bits, bits }
    }

    fn variable(self, bit: u16) -> BddVariable {
        VARIABLES[usize::from(self.first + bit)]
    }

    /// Its bits, the most significant first.
    fn variables(self) -> impl DoubleEndedIterator<Item = BddVariable> {
        (0..self.bits).map(move |bit| self.variable(bit))
    }
}

pub const REMOTE: Field = Field { first: 0, bits: 32 };
/// One bit for each of [`TAGS`].
pub const TAGGED: Field = Field::after(REMOTE, 6);
pub const LOCAL: Field = Field::after(TAGGED, 32);
pub const REMOTE_PORT: Field = Field::after(LOCAL, 16);
pub const LOCAL_PORT: Field = Field::after(REMOTE_PORT, 16);
pub const PROTOCOL: Field = Field::after(LOCAL_PORT, 3);
/// What a question leaves open, and each oracle gives a meaning.
pub const OPEN: Field = Field::after(PROTOCOL, 16);
/// What a packet had as its destination before a translation.
pub const ARRIVAL: Field = Field::after(OPEN, 32);
pub const ARRIVAL_PORT: Field = Field::after(ARRIVAL, 16);

static SPACE: LazyLock<BddVariableSet> =
    LazyLock::new(|| BddVariableSet::new_anonymous(ARRIVAL_PORT.first + ARRIVAL_PORT.bits));
static VARIABLES: LazyLock<Vec<BddVariable>> = LazyLock::new(|| SPACE.variables());

/// A part of [`OPEN`].
pub const fn open(first: u16, bits: u16) -> Field {
    Field { first: OPEN.first + first, bits }
}

/// All bits of a field after the first `length`.
pub fn low_bits(field: Field, length: u32) -> Field {
    let length = u16::try_from(length).unwrap();
    Field { first: field.first + length, bits: field.bits - length }
}

pub fn everything() -> Bdd {
    SPACE.mk_true()
}

pub fn nothing() -> Bdd {
    SPACE.mk_false()
}

pub fn is(yes: bool) -> Bdd {
    if yes { everything() } else { nothing() }
}

pub fn bit(field: Field, bit: u16) -> Bdd {
    SPACE.mk_var(field.variable(bit))
}

pub fn union(sets: impl IntoIterator<Item = Bdd>) -> Bdd {
    sets.into_iter().fold(nothing(), |all, set| all.or(&set))
}

pub fn exists(set: &Bdd, fields: &[Field]) -> Bdd {
    set.exists(&fields.iter().flat_map(|field| field.variables()).collect::<Vec<_>>())
}

pub fn for_all(set: &Bdd, fields: &[Field]) -> Bdd {
    set.for_all(&fields.iter().flat_map(|field| field.variables()).collect::<Vec<_>>())
}

pub fn is_subset(a: &Bdd, b: &Bdd) -> bool {
    a.and_not(b).is_false()
}

pub fn at_least(field: Field, value: u32) -> Bdd {
    let bits = field.variables().rev().enumerate();
    bits.fold(everything(), |rest, (i, variable)| {
        let one = SPACE.mk_var(variable);
        if value >> i & 1 == 1 { one.and(&rest) } else { one.or(&rest) }
    })
}

pub fn at_most(field: Field, value: u32) -> Bdd {
    let bits = field.variables().rev().enumerate();
    bits.fold(everything(), |rest, (i, variable)| {
        let zero = SPACE.mk_not_var(variable);
        if value >> i & 1 == 1 { zero.or(&rest) } else { zero.and(&rest) }
    })
}

pub fn equals(field: Field, value: u32) -> Bdd {
    at_least(field, value).and(&at_most(field, value))
}

/// The first `length` bits are those of `value`.
fn prefix(field: Field, value: u32, length: u8) -> Bdd {
    (0..u16::from(length)).rev().fold(everything(), |rest, i| {
        SPACE.mk_literal(field.variable(i), value >> (field.bits - 1 - i) & 1 == 1).and(&rest)
    })
}

pub fn cidr(field: Field, cidr: Cidr) -> Bdd {
    match cidr.net().addr() {
        IpAddr::V4(ip) => prefix(field, ip.to_bits(), cidr.length()),
        IpAddr::V6(_) => nothing(),
    }
}

pub fn ips(field: Field, ips: &IpSet) -> Bdd {
    union(ips.cidrs().map(|net| cidr(field, net)))
}

/// Networks by their texts.
pub fn nets(field: Field, texts: &str) -> Bdd {
    union(texts.split_whitespace().map(|text| cidr(field, Cidr::parse_or_address(text).unwrap())))
}

pub fn ports(field: Field, ports: &PortSet) -> Bdd {
    let range = |(low, high): &(u16, u16)| at_least(field, (*low).into()).and(&at_most(field, (*high).into()));
    union(ports.ranges().iter().map(range))
}

pub const PROTOCOLS: [Protocol; 6] =
    [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Esp, Protocol::Ah, Protocol::Other];

pub fn protocols(set: ProtocolSet) -> Bdd {
    let known = (0u32..).zip(PROTOCOLS);
    union(known.filter(|(_, protocol)| set.contains(*protocol)).map(|(i, _)| equals(PROTOCOL, i)))
}

pub fn with_ports() -> Bdd {
    protocols(ProtocolSet::WITH_PORTS)
}

/// Both ports are as asked. Of protocols without ports it does not matter what a flow asks.
pub fn asked_ports(flow: &Flow) -> Bdd {
    let both = ports(LOCAL_PORT, &flow.local_ports).and(&ports(REMOTE_PORT, &flow.remote_ports));
    with_ports().not().or(&both)
}

/// The tags that the oracles ask about, by the bits of [`TAGGED`].
pub const TAGS: [&str; 6] = [
    "Storage",
    "Storage.WestUS2",
    "AzureMachineLearning",
    "AzureCloud",
    "AzureCloud.westus2",
    "AzureFrontDoor.FirstParty",
];
const STORAGE: u16 = 0;
const STORAGE_WEST: u16 = 1;
const LEARNING: u16 = 2;
const CLOUD: u16 = 3;
const CLOUD_WEST: u16 = 4;
const FRONT_DOOR: u16 = 5;

/// The kinds of public addresses that exist for certain, by the tags that hold them (facts part C.2b): storage of the
/// region, of others, and outside of `AzureCloud`; machine learning of the region and of others; Front Door; the rest of the
/// region, of `AzureCloud`, of the internet.
const CLASSES: [&[u16]; 9] = [
    &[STORAGE, STORAGE_WEST, CLOUD, CLOUD_WEST],
    &[STORAGE, CLOUD],
    &[STORAGE],
    &[LEARNING, CLOUD, CLOUD_WEST],
    &[LEARNING, CLOUD],
    &[FRONT_DOOR],
    &[CLOUD, CLOUD_WEST],
    &[CLOUD],
    &[],
];

/// Microsoft's file, where a case has one: the prefixes of each of [`TAGS`].
pub const FILE: [&str; 6] = [
    "20.1.0.0/16 40.1.2.0/23 52.7.7.7/32",
    "20.1.128.0/18",
    "20.7.0.0/20 20.9.0.128/25",
    "20.0.0.0/10 40.1.3.0/24",
    "20.1.128.0/17 20.7.8.0/21",
    "13.107.0.0/17",
];

/// Which addresses there are at the remote end of a packet, and which tags may hold each.
pub struct Ends {
    pub public: Bdd,
    pub network: Bdd,
    /// Every address with the tags that may hold it.
    pub possible: Bdd,
    known: bool,
}

impl Ends {
    /// `network` is the address space and what is connected to it. `known` says whether [`FILE`] is.
    pub fn new(network: &str, known: bool) -> Self {
        let network = nets(REMOTE, network).or(&nets(REMOTE, "168.63.129.16"));
        let reserved = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 127.0.0.0/8 198.18.0.0/15
                        192.0.2.0/24 224.0.0.0/3 0.0.0.0/8 168.63.129.16";
        let public = nets(REMOTE, reserved).or(&network).not();
        let tag = |i| bit(TAGGED, i);
        let possible = if known {
            (0u16..).zip(FILE).fold(everything(), |all, (i, prefixes)| all.and(&tag(i).iff(&nets(REMOTE, prefixes))))
        } else {
            let inside = [(STORAGE_WEST, STORAGE), (STORAGE_WEST, CLOUD_WEST), (CLOUD_WEST, CLOUD), (LEARNING, CLOUD)];
            let apart = [(STORAGE, LEARNING), (STORAGE, FRONT_DOOR), (FRONT_DOOR, CLOUD)];
            let inside = inside.map(|(smaller, larger)| tag(smaller).imp(&tag(larger)));
            let apart = apart.map(|(one, other)| tag(one).and(&tag(other)).not());
            let on_the_internet = (0..TAGGED.bits).map(|i| tag(i).imp(&public));
            inside.into_iter().chain(apart).chain(on_the_internet).fold(everything(), |all, set| all.and(&set))
        };
        Self { public, network, possible, known }
    }

    /// The same without some addresses, about which nothing is asked.
    pub fn without(mut self, texts: &str) -> Self {
        let left = nets(REMOTE, texts).not();
        (self.public, self.possible) = (self.public.and(&left), self.possible.and(&left));
        self
    }

    pub fn tag(&self, tag: &ServiceTag) -> Bdd {
        match tag.name() {
            "Internet" => self.public.clone(),
            "VirtualNetwork" => self.network.clone(),
            "AzureLoadBalancer" => nets(REMOTE, "168.63.129.16"),
            _ => bit(TAGGED, (0u16..).zip(TAG_VALUES.iter()).find(|(_, known)| *known == tag).unwrap().0),
        }
    }

    pub fn remote(&self, remote: &Remote) -> Bdd {
        match remote {
            Remote::Any => everything(),
            Remote::Ips(set) => ips(REMOTE, set),
            Remote::Tag(tag) | Remote::Host { within: Some(tag), .. } => self.tag(tag),
            Remote::Host { within: None, .. } => self.public.clone(),
            Remote::Narrowed(part) => {
                let within = part.within.iter().map(|tag| self.tag(tag));
                let except = part.except.iter().map(|tag| self.tag(tag).not());
                let at = part.addresses.iter().map(|set| ips(REMOTE, set));
                within.chain(except).chain(at).fold(self.remote(&part.of), |all, set| all.and(&set))
            }
        }
    }

    /// The packets that a flow asks about.
    pub fn flow(&self, flow: &Flow) -> Bdd {
        let remote = self.remote(&flow.remote).and(&self.possible);
        remote.and(&protocols(flow.protocols)).and(&ips(LOCAL, &flow.local)).and(&asked_ports(flow))
    }

    /// Whether a set of remote ends has one wherever the tags lie: an address whichever tags hold it, or a kind of address
    /// that exists wherever it is.
    fn is_unavoidable(&self, ends: &Bdd) -> bool {
        let whichever = for_all(&self.possible.imp(ends), &[TAGGED]).and(&exists(&self.possible, &[TAGGED]));
        let wherever = |class: &&[u16]| {
            let kind: Vec<_> = (0..TAGGED.bits).map(|i| (TAGGED.variable(i), class.contains(&i))).collect();
            is_subset(&self.public, &ends.restrict(&kind))
        };
        !whichever.is_false() || !self.known && CLASSES.iter().any(wherever)
    }

    /// What becomes of the packets of a question. Of a host any one address may be all that it has.
    pub fn seen(&self, asked: &Bdd, fates: &Fates, is_host: bool) -> Seen {
        let end = |set: &Bdd| exists(&asked.and(set), &[LOCAL, REMOTE_PORT, LOCAL_PORT, PROTOCOL, OPEN]);
        let ends = end(&everything());
        let sure = |set: &Bdd| {
            let of = end(set);
            if is_host { is_subset(&ends, &of) } else { self.is_unavoidable(&of) }
        };
        Seen {
            may: [&fates.may_pass, &fates.may_stop].map(|set| !asked.and(set).is_false()),
            some: [&fates.passes, &fates.stops].map(sure),
        }
    }

    pub fn outcome(&self, asked: &Bdd, fates: &Fates, is_host: bool) -> Outcome {
        outcome(&[self.seen(asked, fates, is_host)])
    }
}

/// Whether packets of a question may pass and may be stopped, and whether some are for certain.
pub struct Seen {
    may: [bool; 2],
    some: [bool; 2],
}

/// The outcome of several questions in one.
pub fn outcome(seen: &[Seen]) -> Outcome {
    let any = |of: fn(&Seen) -> [bool; 2]| [0, 1].map(|i| seen.iter().any(|seen| of(seen)[i]));
    match (any(|seen| seen.may), any(|seen| seen.some)) {
        ([_, false], _) => Outcome::Allowed,
        ([false, true], _) => Outcome::Denied,
        (_, [true, true]) => Outcome::Partial,
        _ => Outcome::Undetermined,
    }
}

static TAG_VALUES: LazyLock<Vec<ServiceTag>> =
    LazyLock::new(|| TAGS.iter().map(|name| common::catalogue().parse_tag(name).unwrap()).collect());

/// What becomes of packets, whatever is open or depending on it.
pub struct Fates {
    pub may_pass: Bdd,
    pub may_stop: Bdd,
    pub passes: Bdd,
    pub stops: Bdd,
}

impl Fates {
    /// From the packets that are allowed and the ways in which what is open can be.
    pub fn new(allowed: &Bdd, ways: &Bdd, open: &[Field]) -> Self {
        let stopped = allowed.not();
        let may = |set: &Bdd| exists(&set.and(ways), open);
        let must = |set: &Bdd| for_all(&ways.imp(set), open);
        Self { may_pass: may(allowed), may_stop: may(&stopped), passes: must(allowed), stops: must(&stopped) }
    }
}

/// [`FILE`] as the evaluator reads it.
pub fn file() -> std::sync::Arc<ServiceTagFile> {
    let value = |(name, prefixes): (&&str, &str)| {
        let prefixes: Vec<String> = prefixes.split(' ').map(|prefix| format!("{prefix:?}")).collect();
        format!(r#"{{"name":"{name}","properties":{{"addressPrefixes":[{}]}}}}"#, prefixes.join(","))
    };
    let values: Vec<String> = TAGS.iter().zip(FILE).map(value).collect();
    let json = format!(r#"{{"changeNumber":1,"cloud":"Public","values":[{}]}}"#, values.join(","));
    std::sync::Arc::new(ServiceTagFile::from_json(&json).unwrap())
}

#[test]
fn a_field_is_compared_like_a_number() {
    for value in [0, 1, 443, 444, 65534, 65535] {
        let holds = |set: &Bdd, port: u32| !set.and(&equals(LOCAL_PORT, port)).is_false();
        for port in [0, 1, 442, 443, 444, 445, 65534, 65535] {
            assert_eq!(holds(&at_least(LOCAL_PORT, value), port), port >= value, "{port} and {value}");
            assert_eq!(holds(&at_most(LOCAL_PORT, value), port), port <= value, "{port} and {value}");
        }
    }
}
