//! Asks a firewall about a flow. What a question says and what it leaves open is told in the module above.

use std::slice;

use crate::atom_set::AtomSet;
use crate::builtin::BuiltinTag;
use crate::certainty::Asked;
use crate::context::NetworkContext;
use crate::describe::{self, Words, whole_of};
use crate::evaluate::{certain, is_host, merge};
use crate::flow::{Flow, Narrowed, Packet, Remote};
use crate::fqdn::Fqdn;
use crate::ports::PortSet;
use crate::protocols::{Access, Direction, Protocol};
use crate::space::{Piece, World};
use crate::tag::ServiceTag;
use crate::verdict::{Decider, Outcome, Part, Verdict};
use crate::walk::Cell;

use super::application::ApplicationProtocol;
use super::compile::{CompiledFirewall, CompiledRule, RemoteSide};
use super::names::{Class, outermost};
use super::policy::FirewallRuleKind;
use super::unseen::Kinds;
use super::walk::{self, Open, split_tcp};

/// What a verdict of a firewall depends on besides its rules and the flow.
#[derive(Debug, Clone)]
pub struct FirewallContext<'a> {
    /// The network around the place that is asked. Its routes do not matter here.
    pub network: &'a NetworkContext<'a>,
    /// The name behind an address question, where the caller has turned a host into its address (a private endpoint's).
    pub host: Option<Fqdn>,
    /// What hosts speak on which port. On a port that is not listed they may speak anything.
    pub speaks: Vec<ApplicationProtocol>,
}

impl<'a> FirewallContext<'a> {
    /// Hosts speak each protocol on its usual port.
    pub fn new(network: &'a NetworkContext<'a>) -> Self {
        Self { network, host: None, speaks: ApplicationProtocol::USUAL.to_vec() }
    }
}

/// What becomes of `flow` at a firewall. The flow's local addresses are its source, or inbound its destination behind the
/// firewall, as the firewall sees them.
pub fn evaluate_firewall(firewall: &CompiledFirewall, flow: &Flow, ctx: &FirewallContext<'_>) -> Verdict {
    if firewall.fingerprint() != ctx.network.catalogue.atoms().fingerprint() {
        return Verdict::open("a firewall compiled with the catalogue of service tags that the question uses");
    }
    let world = World::new(ctx.network, &[]);
    Judge { firewall, flow, ctx, world: &world }.verdict().unwrap_or_else(Verdict::open)
}

struct Judge<'a> {
    firewall: &'a CompiledFirewall,
    flow: &'a Flow,
    ctx: &'a FirewallContext<'a>,
    world: &'a World<'a>,
}

/// A part of a question by name, and what becomes of it.
struct Region {
    pattern: Fqdn,
    cells: Vec<Cell>,
}

impl Judge<'_> {
    fn verdict(&self) -> Result<Verdict, String> {
        let question = self.world.pieces(self.flow)?;
        if question.is_empty() {
            return Err(
                "a question with packets: the flow has no protocol, port or address of one family at both ends"
                    .to_owned(),
            );
        }
        let asked = if is_host(&self.flow.remote) { Asked::SomeHost(&question) } else { Asked::Everything };
        let (mut parts, mut settles) = (Vec::new(), Vec::new());
        match names_of(&self.flow.remote).filter(|_| self.flow.direction == Direction::Outbound) {
            None => {
                let cells = self.decide(&question, &self.classes(), false)?;
                self.report(cells, self.flow, &asked, &mut parts, &mut settles);
            }
            Some((name, except)) => {
                if except.iter().any(|other| other.matches(name)) {
                    return Err("a question with hosts: every one is excepted".to_owned());
                }
                let regions = self.regions(&question, name, &except)?;
                let named: Vec<Fqdn> = regions.iter().map(|region| region.pattern.clone()).collect();
                for Region { pattern, cells } in regions {
                    let inside = |other: &&Fqdn| **other != pattern && pattern.matches(other);
                    let except: Vec<_> = named.iter().chain(&except).filter(inside).cloned().collect();
                    let remote = with_names(&self.flow.remote, &pattern, outermost(&except));
                    let flow = Flow { remote, ..self.flow.clone() };
                    self.report(cells, &flow, &asked, &mut parts, &mut settles);
                }
            }
        }
        Ok(Verdict::from_parts(parts, settles))
    }

    /// The classes of names that may be behind an address question.
    fn classes(&self) -> Vec<Class> {
        let names = &self.firewall.names;
        match self.ctx.host.as_ref().filter(|_| self.flow.direction == Direction::Outbound) {
            None => self.firewall.layout.every_class(),
            Some(host) => names.inside(host).map(|(class, _)| class).chain([names.home(host)]).collect(),
        }
    }

    /// The question by name: what lies in deeper patterns of the firewall apart, where it is judged otherwise.
    fn regions(&self, question: &[Piece], name: &Fqdn, except: &[Fqdn]) -> Result<Vec<Region>, String> {
        let names = &self.firewall.names;
        let whole = self.decide(question, &[names.home(name)], true)?;
        let mut regions = vec![Region { pattern: name.clone(), cells: whole }];
        for (class, pattern) in names.inside(name).filter(|(_, pattern)| *pattern != name) {
            if except.iter().any(|other| other.matches(pattern)) {
                continue;
            }
            let cells = self.decide(question, &[class], true)?;
            // Outer patterns come first: the last that covers this one is the nearest.
            if regions.iter().rfind(|region| region.pattern.matches(pattern)).is_none_or(|outer| outer.cells != cells) {
                regions.push(Region { pattern: pattern.clone(), cells });
            }
        }
        Ok(regions)
    }

    fn decide(&self, question: &[Piece], classes: &[Class], by_name: bool) -> Result<Vec<Cell>, String> {
        let by_name = by_name || self.ctx.host.is_some() && self.flow.direction == Direction::Outbound;
        let layout = &self.firewall.layout;
        let slots = layout.asked(by_name);
        let parts = question.iter().flat_map(|piece| self.split_kinds(piece, by_name));
        let open = parts.map(|(piece, kinds)| Open::new(piece, layout.set(kinds, classes, &slots)));
        let cells = walk::decide(self.firewall, self.flow.direction, open.collect(), self.world)?;
        Ok(merge(cells))
    }

    /// What may be spoken in each part of a box. Only a host is known to speak what its port is for.
    fn split_kinds(&self, piece: &Piece, by_name: bool) -> Vec<(Piece, Kinds)> {
        let mut split = Vec::new();
        let Some((mut tcp, others)) = split_tcp(piece, &PortSet::all(), self.world) else {
            return vec![(piece.clone(), Kinds::NONE_OF_THEM)];
        };
        split.extend(others.into_iter().map(|piece| (piece, Kinds::NONE_OF_THEM)));
        let mut ports: Vec<u16> = self.ctx.speaks.iter().map(|protocol| protocol.port).collect();
        ports.sort_unstable();
        ports.dedup();
        for port in ports.into_iter().filter(|_| by_name) {
            let Some((spoken, rest)) = split_tcp(&tcp, &PortSet::one(port), self.world) else { continue };
            split.push((spoken, self.spoken(port)));
            let Some(rest) = rest.into_iter().next() else { return split };
            tcp = rest;
        }
        split.push((tcp, Kinds::ALL));
        split
    }

    fn spoken(&self, port: u16) -> Kinds {
        Kinds::of(self.ctx.speaks.iter().filter(|protocol| protocol.port == port).map(|protocol| protocol.kind))
    }

    fn report(
        &self,
        cells: Vec<Cell>,
        flow: &Flow,
        asked: &Asked<'_>,
        parts: &mut Vec<Part>,
        settles: &mut Vec<String>,
    ) {
        let words = Words::new(self.tags());
        let certain = certain(&cells, self.world, asked);
        for (cell, certain) in cells.into_iter().zip(certain) {
            if !certain {
                for text in self.settles(&cell, flow, asked) {
                    if !settles.contains(&text) {
                        settles.push(text);
                    }
                }
            }
            parts.extend(self.part(cell, certain, flow, &words));
        }
    }

    fn part(&self, cell: Cell, certain: bool, flow: &Flow, words: &Words<'_>) -> Option<Part> {
        let flow = describe::flow_of(&cell.piece, flow, self.world, words);
        let example = with_one_name(describe::example(&flow, &cell.piece, self.world)?);
        let outcome = match (certain, cell.access) {
            (false, _) => Outcome::Undetermined,
            (true, Access::Allow) => Outcome::Allowed,
            (true, Access::Deny) => Outcome::Denied,
        };
        let decided_by = cell.path.into_iter().next()?;
        Some(Part { outcome, access: cell.access, flow, decided_by, passed: Vec::new(), example })
    }

    /// What would settle an open part.
    fn settles(&self, cell: &Cell, flow: &Flow, asked: &Asked<'_>) -> Vec<String> {
        match asked {
            _ if cell.doubt.is_some() => self.settles_unseen(cell, flow),
            Asked::SomeHost(_) => {
                vec![format!("the addresses of `{}`, or the service tag that holds them", flow.remote.whole())]
            }
            Asked::Everything => vec!["Microsoft's service tag file".to_owned()],
        }
    }

    fn settles_unseen(&self, cell: &Cell, flow: &Flow) -> Vec<String> {
        let by_name = self.ctx.host.is_some() || names_of(&flow.remote).is_some();
        if flow.direction == Direction::Inbound {
            return vec!["the addresses of the host names in the firewall's network rules".to_owned()];
        }
        if !by_name {
            return vec![format!("the host names behind `{}`: ask about them by name", flow.remote.whole())];
        }
        let Some(rule) = self.decider(cell) else { return Vec::new() };
        if let Decider::FirewallRule(id) = rule.decider
            && id.kind == FirewallRuleKind::Network
        {
            return vec![
                "`dns_proxy: true` in the firewall's policy, which host names in network rules need".to_owned(),
            ];
        }
        let mut texts: Vec<_> =
            rule.open_tags.iter().map(|tag| format!("the host names of FQDN tag `{tag}`")).collect();
        if !self.speaks_one(&cell.piece) {
            let host = self.ctx.host.as_ref().map_or_else(|| flow.remote.whole().to_string(), ToString::to_string);
            let ports = &cell.piece.remote_ports;
            texts.push(format!("whether `{host}` speaks HTTP, HTTPS or MSSQL on port {ports}"));
        } else if texts.is_empty() {
            texts.push("one host name instead of a pattern of them".to_owned());
        }
        texts
    }

    /// Whether one protocol is known to be spoken in the whole box.
    fn speaks_one(&self, piece: &Piece) -> bool {
        piece.protocols == Protocol::Tcp.into()
            && piece.remote_ports.ranges().iter().all(|&(low, high)| {
                low == high && self.ctx.speaks.iter().filter(|protocol| protocol.port == low).count() == 1
            })
    }

    fn decider(&self, cell: &Cell) -> Option<&CompiledRule> {
        let decider = cell.path.first()?;
        self.firewall.rules(self.flow.direction).iter().find(|rule| rule.decider == *decider)
    }

    /// The tags that the rules name, and `Internet`.
    fn tags(&self) -> impl Iterator<Item = &(ServiceTag, AtomSet)> {
        let table = self.world.atoms;
        let masks = self.firewall.rules(self.flow.direction).iter().flat_map(|rule| &rule.masks);
        let ids = masks.flat_map(|mask| match &mask.remote {
            RemoteSide::Tag(id) => slice::from_ref(id),
            RemoteSide::Any | RemoteSide::Ips(_) => &[],
        });
        let internet = table.id(&ServiceTag::new(BuiltinTag::Internet.name(), None));
        ids.copied().chain(internet).filter_map(|id| table.get(id))
    }
}

/// The host or pattern that a question is about, and what it leaves out.
fn names_of(remote: &Remote) -> Option<(&Fqdn, Vec<Fqdn>)> {
    match remote {
        Remote::Host { fqdn, .. } => Some((fqdn, Vec::new())),
        Remote::Narrowed(part) => names_of(&part.of).map(|(fqdn, mut except)| {
            except.extend(part.except_hosts.iter().cloned());
            (fqdn, except)
        }),
        _ => None,
    }
}

/// The same remote end about other names.
fn with_names(remote: &Remote, name: &Fqdn, except: Vec<Fqdn>) -> Remote {
    let part = match remote {
        Remote::Host { within, .. } => {
            let of = Remote::Host { fqdn: name.clone(), within: within.clone() };
            Narrowed { except_hosts: except, ..whole_of(of) }
        }
        Remote::Narrowed(part) => {
            let of = with_names(&part.of, name, Vec::new());
            Narrowed { of, except_hosts: except, ..(**part).clone() }
        }
        other => return other.clone(),
    };
    describe::simplified(part)
}

/// A packet goes to one host: of a pattern, to a made-up one.
fn with_one_name(packet: Packet) -> Packet {
    let name = names_of(&packet.remote).filter(|(name, _)| name.is_pattern());
    match name.and_then(|(pattern, except)| one_of(pattern, &except)) {
        Some(name) => Packet { remote: with_names(&packet.remote, &name, Vec::new()), ..packet },
        None => packet,
    }
}

/// A name of a pattern that is in none of the others.
fn one_of(pattern: &Fqdn, except: &[Fqdn]) -> Option<Fqdn> {
    let ending = pattern.as_str().strip_prefix('*')?;
    let tries = ["host".to_owned()].into_iter().chain((1..=except.len() + 1).map(|number| format!("host-{number}x")));
    tries
        .filter_map(|start| format!("{start}{ending}").parse::<Fqdn>().ok())
        .find(|name| !except.iter().any(|other| other.matches(name)))
}
