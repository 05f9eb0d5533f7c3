//! Traffic: from lines of the language to flows of the network, and what a place says to them.

use std::fmt;
use std::sync::Arc;

use palisade_net::{
    AddressSpec, Cidr, Direction, Flow, Fqdn, IpSet, LevelKind, Outcome, PortSet, ProtocolSet, Region, Remote,
    ServiceTag, Verdict,
};
use palisade_syntax::ast::NodeId;
use smol_str::SmolStr;

use super::eval::{Evaluator, word_of};
use super::path::{Hop, Step};
use super::print::show;
use super::value::{Defect, Traced, Truth, Unknown, Value};
use crate::data::Data;
use crate::environment::EntityId;
use crate::ir::{self, HostPart, RemoteKind, TemplatePart, TrafficLine, VerdictWord};
use crate::names::ItemKey;

/// One flow of a traffic table, without the place that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowSpec {
    /// Towards the place or from it.
    pub direction: Direction,
    /// The protocols.
    pub protocols: ProtocolSet,
    /// The ports at the end that is asked for: the place's for inbound, the other's for outbound.
    pub ports: PortSet,
    /// The other end.
    pub remote: Remote,
    /// The line: its item and node; `None` for a question that no policy asks.
    pub line: Option<(ItemKey, NodeId)>,
    /// What the line cites.
    pub cites: Arc<[SmolStr]>,
}

impl FlowSpec {
    /// The flow at a place with these addresses.
    pub fn at(&self, local: IpSet) -> Flow {
        let (protocols, ports, remote) = (self.protocols, self.ports.clone(), self.remote.clone());
        match self.direction {
            Direction::Inbound => Flow::inbound(protocols, ports, remote, local),
            Direction::Outbound => Flow::outbound(protocols, ports, remote, local),
        }
    }
}

impl fmt::Display for FlowSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at(IpSet::empty()).fmt(f)
    }
}

/// What a place says to each flow of some traffic.
#[derive(Clone, Debug)]
pub struct TrafficVerdict {
    /// Where it was asked.
    pub place: EntityId,
    /// Flow by flow.
    pub flows: Vec<FlowVerdict>,
}

/// What a place says to one flow.
#[derive(Clone, Debug)]
pub struct FlowVerdict {
    /// The flow.
    pub spec: FlowSpec,
    /// The answer.
    pub verdict: Arc<Verdict>,
    /// What each level alone said, by level index.
    pub levels: Arc<[LevelVerdict]>,
    /// For each part of the verdict: what decided it beyond the groups, if something did.
    pub hops: Arc<[Option<Hop>]>,
    /// What it met beyond the groups.
    pub steps: Arc<[Step]>,
}

/// A level that was asked.
#[derive(Clone, Debug)]
pub struct LevelVerdict {
    /// Which.
    pub kind: LevelKind,
    /// The group there.
    pub group: Option<EntityId>,
    /// What it says by itself; without parts if it was not asked alone.
    pub verdict: Verdict,
}

impl TrafficVerdict {
    /// The outcome of all flows together.
    pub fn outcome(&self) -> Outcome {
        let outcome = |flow: &FlowVerdict| flow.verdict.outcome;
        let verdicts =
            self.flows.iter().map(|flow| Verdict { outcome: outcome(flow), parts: Vec::new(), settles: Vec::new() });
        Verdict::combine(verdicts).outcome
    }

    /// Whether any part is denied for certain.
    pub fn any_denied(&self) -> bool {
        self.flows.iter().any(|f| f.verdict.any_denied())
    }

    /// Whether any part is allowed for certain.
    pub fn any_allowed(&self) -> bool {
        self.flows.iter().any(|f| f.verdict.any_allowed())
    }

    /// Whether it is one of these. What is undetermined is that word alone; whether it is another is not known, except
    /// where the parts that are certain rule it out.
    pub fn is(&self, words: &[VerdictWord]) -> Truth {
        let found = word_of(self.outcome());
        if found != VerdictWord::Undetermined || words.contains(&found) {
            return Truth::known(words.contains(&found));
        }
        let possible = |word: &VerdictWord| match word {
            VerdictWord::Allowed => !self.any_denied(),
            VerdictWord::Denied => !self.any_allowed(),
            VerdictWord::Partial | VerdictWord::Undetermined => true,
        };
        match self.open() {
            Some(unknown) if words.iter().any(possible) => Truth::Unknown(unknown),
            _ => Truth::False,
        }
    }

    /// Why parts are open; `None` if none is.
    pub fn open(&self) -> Option<Unknown> {
        let open = self.flows.iter().filter(|f| f.verdict.any_undetermined());
        let reasons = open.flat_map(|f| f.verdict.settles.iter().map(|s| Unknown::because(s.clone(), None)));
        reasons.reduce(|a, b| a.and(&b)).or_else(|| {
            let any = self.flows.iter().any(|f| f.verdict.any_undetermined());
            any.then(|| Unknown::because("more about this traffic", None))
        })
    }
}

impl Evaluator<'_> {
    /// The flows of traffic lines.
    pub(super) fn flows(&mut self, lines: &[TrafficLine]) -> Result<Value, Defect> {
        let mut flows = Vec::new();
        for line in lines {
            let cites: Arc<[SmolStr]> = line.cites.clone().into();
            let mut remotes = Vec::new();
            for remote in &line.remotes {
                match self.remotes(&remote.kind)? {
                    Ok(found) => remotes.extend(found),
                    Err(unknown) => return Ok(Value::Unknown(unknown)),
                }
            }
            for ports in &line.ports {
                flows.extend(remotes.iter().map(|remote| FlowSpec {
                    direction: line.direction,
                    protocols: line.protocols,
                    ports: ports.clone(),
                    remote: remote.clone(),
                    line: Some((line.item.clone(), line.id)),
                    cites: cites.clone(),
                }));
            }
        }
        Ok(Value::Traffic(flows.into()))
    }

    fn remotes(&mut self, kind: &RemoteKind) -> Result<Result<Vec<Remote>, Unknown>, Defect> {
        Ok(Ok(vec![match kind {
            RemoteKind::Any => Remote::Any,
            RemoteKind::Cidr(cidr) => Remote::Ips((*cidr).into()),
            RemoteKind::Tag { tag, region: None } => Remote::Tag(tag.clone()),
            RemoteKind::Tag { tag, region: Some(region) } => match self.region(region)? {
                Ok(region) => Remote::Tag(ServiceTag::new(tag.name(), Some(region))),
                Err(unknown) => return Ok(Err(unknown)),
            },
            RemoteKind::Fqdn(parts) => match self.host(parts)? {
                Ok(host) => host,
                Err(unknown) => return Ok(Err(unknown)),
            },
            RemoteKind::Expr(expr) => {
                let traced = self.eval(expr)?;
                return self.remote_values(&traced);
            }
        }]))
    }

    /// A region that an expression gives.
    pub(super) fn region(&mut self, expr: &ir::Expr) -> Result<Result<Region, Unknown>, Defect> {
        let traced = self.eval(expr)?;
        match &traced.value {
            Value::Data(Data::Region(region)) => Ok(Ok(region.clone())),
            Value::Absent | Value::Unknown(_) => Ok(Err(self.why_unknown(&traced))),
            other => Err(Defect::new(format!("a region was expected, not {other:?}"))),
        }
    }

    fn host(&mut self, parts: &[TemplatePart]) -> Result<Result<Remote, Unknown>, Defect> {
        let mut text = String::new();
        for part in parts {
            match part {
                TemplatePart::Text(plain) => text.push_str(plain),
                TemplatePart::Expr(expr) => {
                    let traced = self.eval(expr)?;
                    if matches!(traced.value, Value::Absent | Value::Unknown(_)) {
                        return Ok(Err(self.why_unknown(&traced)));
                    }
                    text.push_str(&show(self.world, &traced));
                }
            }
        }
        let fqdn: Fqdn = text.parse().map_err(|e| Defect::new(format!("`{text}` is not a host name: {e}")))?;
        Ok(Ok(self.within(fqdn)))
    }

    /// A host with the tag in whose addresses it lies.
    fn within(&self, fqdn: Fqdn) -> Remote {
        let within = tag_of_host(self.world.hosts(), fqdn.as_str());
        Remote::Host { fqdn, within }
    }

    /// The remote ends that a value stands for.
    pub(super) fn remote_values(&mut self, traced: &Traced) -> Result<Result<Vec<Remote>, Unknown>, Defect> {
        Ok(Ok(vec![match &traced.value {
            Value::Absent | Value::Unknown(_) => return Ok(Err(self.why_unknown(traced))),
            Value::Data(Data::Ip(ip)) => Remote::Ips(Cidr::host(*ip).into()),
            Value::Data(Data::Cidr(cidr)) => Remote::Ips((*cidr).into()),
            Value::Data(Data::Tag(tag)) => Remote::Tag((**tag).clone()),
            Value::Data(Data::Fqdn(host)) => self.within((**host).clone()),
            Value::Data(Data::Addresses(spec)) => return Ok(Ok(spec_remotes(spec))),
            Value::List(items) => {
                let mut all = Vec::new();
                for item in items.iter() {
                    match self.remote_values(item)? {
                        Ok(found) => all.extend(found),
                        Err(unknown) => return Ok(Err(unknown)),
                    }
                }
                return Ok(Ok(all));
            }
            other => return Err(Defect::new(format!("addresses were expected, not {other:?}"))),
        }]))
    }
}

fn spec_remotes(spec: &AddressSpec) -> Vec<Remote> {
    match spec {
        AddressSpec::Any => vec![Remote::Any],
        AddressSpec::These { ips, tags } => {
            let ips = (!ips.is_empty()).then(|| Remote::Ips(ips.clone()));
            ips.into_iter().chain(tags.iter().cloned().map(Remote::Tag)).collect()
        }
    }
}

/// The tag in whose addresses a host lies, as the library's `hosts within` say.
pub fn tag_of_host(hosts: &[ir::Hosts], host: &str) -> Option<ServiceTag> {
    hosts.iter().find_map(|hosts| match_hosts(hosts, host))
}

/// The tag of a host that one of the patterns gives, with the region that stands in the hole.
fn match_hosts(hosts: &ir::Hosts, host: &str) -> Option<ServiceTag> {
    let found = hosts.hosts.iter().find_map(|pattern| match_pattern(pattern, host))?;
    match found {
        _ if !hosts.regional => Some(hosts.tag.clone()),
        "" => Some(hosts.tag.global()),
        region => Some(ServiceTag::new(hosts.tag.name(), Some(region.parse().ok()?))),
    }
}

/// Matches a host against a pattern: the text in the pattern's hole, empty without one. A hole never holds a dot.
fn match_pattern<'h>(pattern: &[HostPart], host: &'h str) -> Option<&'h str> {
    let text = |parts: &[HostPart]| -> String {
        let plain = parts.iter().map(|part| match part {
            HostPart::Text(text) => text.as_str(),
            HostPart::Region => "",
        });
        plain.collect::<String>().to_lowercase()
    };
    let lower = host.to_lowercase();
    let Some(hole) = pattern.iter().position(|part| matches!(part, HostPart::Region)) else {
        return (text(pattern) == lower).then_some("");
    };
    let (before, after) = (text(pattern.get(..hole)?), text(pattern.get(hole + 1..)?));
    let end = host.len().checked_sub(after.len())?;
    let matches = lower.starts_with(&before) && lower.ends_with(&after) && before.len() < end;
    let inside = matches.then(|| host.get(before.len()..end)).flatten()?;
    (!inside.contains('.')).then_some(inside)
}
