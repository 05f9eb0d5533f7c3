//! Traffic of two rules, compared by the evaluator of groups itself.
//!
//! What one rule shuts out is put into a group that denies it and allows everything else. If some of what the other rule
//! requires is denied there whatever is not known of tags, no group serves both.

use std::net::IpAddr;

use palisade_net::{
    Access, AddressItem, AddressSpec, Cidr, Direction, Flow, Group, GroupRule, IpSet, Level, LevelKind, NetworkContext,
    Outcome, PortSet, ProtocolSet, Remote, ServiceTag, TagCatalogue, Verdict, evaluate,
};

use crate::inputs::{Db, Program};
use crate::ir::{Expr, ExprKind, RemoteKind, TrafficLine};
use crate::policy::lower::{find, traffic};

/// Packets of one line.
#[derive(Clone)]
pub(super) struct Box {
    direction: Direction,
    protocols: ProtocolSet,
    ports: PortSet,
    end: End,
}

impl Box {
    /// Whether another box is part of this one by what is written alone, also where no group stops it.
    fn covers(&self, other: &Self) -> bool {
        self.direction == other.direction
            && other.protocols.is_subset(self.protocols)
            && other.ports.is_subset(&self.ports)
            && (self.end == End::Any || self.end == other.end)
    }
}

/// The other end. Hosts and computed addresses are not compared.
#[derive(Clone, PartialEq)]
enum End {
    Any,
    Range(Cidr),
    Tag(ServiceTag),
    /// A tag of a region that the environment says.
    Regional(ServiceTag),
}

/// The boxes of some traffic.
pub(super) struct Boxes {
    /// Those that can be compared.
    all: Vec<Box>,
    /// Whether these are all that there are.
    complete: bool,
}

/// The boxes of a traffic literal or table.
pub(super) fn boxes(db: &dyn Db, program: Program, asked: &Expr) -> Option<Boxes> {
    let lines = match &asked.kind {
        ExprKind::Traffic(lines) => lines,
        ExprKind::TrafficTable(name, _) => &traffic(db, program, find(db, program, name)?).as_ref()?.value.lines,
        _ => return None,
    };
    let written: usize = lines.iter().map(|line| line.ports.len() * line.remotes.len()).sum();
    let all: Vec<Box> = lines.iter().flat_map(of_line).collect();
    Some(Boxes { complete: all.len() == written, all })
}

fn of_line(line: &TrafficLine) -> Vec<Box> {
    let ends = line.remotes.iter().filter_map(|remote| match &remote.kind {
        RemoteKind::Any => Some(End::Any),
        RemoteKind::Cidr(cidr) => Some(End::Range(*cidr)),
        RemoteKind::Tag { tag, region: None } => Some(End::Tag(tag.clone())),
        RemoteKind::Tag { tag, region: Some(_) } => Some(End::Regional(tag.clone())),
        RemoteKind::Fqdn(_) | RemoteKind::Expr(_) => None,
    });
    let of_end = |end: End| {
        let (direction, protocols) = (line.direction, line.protocols);
        line.ports.iter().map(move |ports| Box { direction, protocols, ports: ports.clone(), end: end.clone() })
    };
    ends.flat_map(of_end).collect()
}

/// A packet that is required and shut out, whatever the environment says; in the words of a packet.
pub(super) fn torn(catalogue: &TagCatalogue, required: &Boxes, shut: &Boxes) -> Option<String> {
    required.all.iter().find_map(|asked| {
        let verdict = ask(catalogue, asked, &shut.all)?;
        let denied = verdict.parts.into_iter().find(|part| part.outcome == Outcome::Denied)?;
        Some(denied.example.to_string())
    })
}

/// Whether each of some boxes lies in others, whatever the environment says.
pub(super) fn within(catalogue: &TagCatalogue, inner: &Boxes, outer: &Boxes) -> bool {
    let lies = |asked: &Box| {
        let fixed = !matches!(asked.end, End::Regional(_));
        let denied = |verdict: Verdict| verdict.outcome == Outcome::Denied;
        let part_of_one = || outer.all.iter().any(|other| other.covers(asked));
        fixed && (part_of_one() || ask(catalogue, asked, &outer.all).is_some_and(denied))
    };
    inner.complete && inner.all.iter().all(lies)
}

/// What a group says to a box that denies others and allows all else.
fn ask(catalogue: &TagCatalogue, asked: &Box, others: &[Box]) -> Option<Verdict> {
    let comparable: Vec<&Box> = others.iter().filter(|other| comparable(&asked.end, &other.end)).collect();
    let remote = asked.end.remote(catalogue, &comparable)?;
    let first = *palisade_net::PRIORITIES.start();
    let mut rules = Vec::new();
    for (priority, other) in (first..).zip(&comparable) {
        rules.push(rule(priority, Access::Deny, other.direction, other.protocols, &other.ports, other.end.spec()?));
    }
    let last = *palisade_net::PRIORITIES.end();
    if rules.len() > usize::from(last - first - 1) {
        return None;
    }
    let all = (ProtocolSet::ALL, PortSet::all());
    for (priority, direction) in [(last - 1, Direction::Inbound), (last, Direction::Outbound)] {
        rules.push(rule(priority, Access::Allow, direction, all.0, &all.1, AddressSpec::Any));
    }
    let group = Group::compile(&rules, catalogue).ok()?;
    // Some address of the place: which one does not matter to rules that name none.
    let local: IpSet = Cidr::host(IpAddr::from([10, 0, 0, 4])).into();
    let context = NetworkContext::new(catalogue, local.clone());
    let flow = match asked.direction {
        Direction::Inbound => Flow::inbound(asked.protocols, asked.ports.clone(), remote, local),
        Direction::Outbound => Flow::outbound(asked.protocols, asked.ports.clone(), remote, local),
    };
    Some(evaluate(&[Level { kind: LevelKind::Subnet, group: Some(&group) }], &flow, &context))
}

/// Where a range lies among tags depends on the environment; and two computed regions may be different ones.
fn comparable(asked: &End, other: &End) -> bool {
    match (asked, other) {
        (_, End::Regional(_)) | (End::Tag(_) | End::Regional(_), End::Range(_)) | (End::Range(_), End::Tag(_)) => false,
        (End::Any | End::Range(_), _) | (_, End::Any | End::Tag(_)) => true,
    }
}

fn rule(
    priority: u16,
    access: Access,
    direction: Direction,
    protocols: ProtocolSet,
    ports: &PortSet,
    remote: AddressSpec,
) -> GroupRule {
    let (sources, destinations) = match direction {
        Direction::Inbound => (remote, AddressSpec::Any),
        Direction::Outbound => (AddressSpec::Any, remote),
    };
    GroupRule {
        name: priority.to_string(),
        priority,
        direction,
        access,
        protocols,
        sources,
        source_groups: Vec::new(),
        source_ports: PortSet::all(),
        destinations,
        destination_groups: Vec::new(),
        destination_ports: ports.clone(),
    }
}

impl End {
    fn spec(&self) -> Option<AddressSpec> {
        match self {
            Self::Any => Some(AddressSpec::Any),
            Self::Range(cidr) => Some([AddressItem::Cidr(*cidr)].into_iter().collect()),
            Self::Tag(tag) => Some([AddressItem::Tag(tag.clone())].into_iter().collect()),
            Self::Regional(_) => None,
        }
    }

    /// The end that is asked about. For a computed region one that the others do not name stands for all.
    fn remote(&self, catalogue: &TagCatalogue, others: &[&Box]) -> Option<Remote> {
        match self {
            Self::Any => Some(Remote::Any),
            Self::Range(cidr) => Some(Remote::Ips((*cidr).into())),
            Self::Tag(tag) => Some(Remote::Tag(tag.clone())),
            Self::Regional(tag) => {
                let named = |region| {
                    others.iter().any(|other| matches!(&other.end, End::Tag(tag) if tag.region() == Some(region)))
                };
                let region = catalogue.info(tag)?.regions.iter().find(|region| !named(region))?;
                Some(Remote::Tag(ServiceTag::new(tag.name(), Some(region.clone()))))
            }
        }
    }
}
