//! The traffic that a rule wants open, line by line: what a command that opens it has to say.

use palisade_net::{Direction, PortSet, Protocol, ProtocolSet};
use palisade_source::report::{OpenLine, OpenRemote, OpenTraffic};
use palisade_syntax::ast::{LogicOp, Sense, VerdictQuery};

use super::clauses::lines;
use super::requires;
use crate::inputs::{Db, Program};
use crate::ir::{Expr, ExprKind, Remote, RemoteKind, Step, TrafficLine, VerdictWord};
use crate::names::NodeRef;
use crate::testing::coverage::policy_text;

/// What the requirements of a rule want open. What they forbid, and what they want closed, is left out.
pub(super) fn opens(db: &dyn Db, program: Program, steps: &[Step]) -> Vec<OpenTraffic> {
    let mut all: Vec<OpenTraffic> = Vec::new();
    for require in requires(steps).into_iter().filter(|require| require.sense == Sense::Require) {
        for (query, traffic) in require.alternatives.iter().flat_map(asked) {
            let mut open = Vec::new();
            for line in lines(db, program, traffic) {
                add(db, line, &mut open);
            }
            let open = OpenTraffic { whole_path: query == VerdictQuery::Reaches, lines: open };
            if !open.lines.is_empty() && !all.contains(&open) {
                all.push(open);
            }
        }
    }
    all
}

/// The traffic of which an expression holds only if it passes, or one of several does.
fn asked(expr: &Expr) -> Vec<(VerdictQuery, &ExprKind)> {
    match &expr.kind {
        ExprKind::Verdict { query, traffic, .. } => vec![(*query, &traffic.kind)],
        ExprKind::IsVerdict(inner, words) if words.as_slice() == [VerdictWord::Allowed] => asked(inner),
        ExprKind::Logic(LogicOp::And | LogicOp::Or, parts) => parts.iter().flat_map(asked).collect(),
        _ => Vec::new(),
    }
}

/// Adds a line for each protocol and other end; ports to the same end stand together.
fn add(db: &dyn Db, line: &TrafficLine, open: &mut Vec<OpenLine>) {
    let ports: Vec<String> = line.ports.iter().map(port).collect();
    for protocol in protocols(line.protocols) {
        for remote in &line.remotes {
            let remote = other_end(db, line, remote);
            let inbound = line.direction == Direction::Inbound;
            let same = |known: &&mut OpenLine| {
                known.inbound == inbound && known.protocol == protocol && known.remote == remote
            };
            match open.iter_mut().find(same) {
                Some(known) => known.ports.extend(ports.iter().cloned()),
                None => open.push(OpenLine { inbound, protocol: protocol.clone(), ports: ports.clone(), remote }),
            }
        }
    }
}

fn port(ports: &PortSet) -> String {
    if ports.is_all() { "*".to_owned() } else { ports.to_string() }
}

fn protocols(set: ProtocolSet) -> Vec<String> {
    let each: Vec<Protocol> = set.iter().collect();
    if set == ProtocolSet::ALL { vec!["any".to_owned()] } else { each.iter().map(ToString::to_string).collect() }
}

fn other_end(db: &dyn Db, line: &TrafficLine, remote: &Remote) -> OpenRemote {
    let text = || policy_text(db, &NodeRef { item: line.item.clone(), node: remote.id });
    match &remote.kind {
        RemoteKind::Tag { .. } => OpenRemote::Tag(text()),
        RemoteKind::Fqdn(_) => OpenRemote::Host(text().trim_matches('"').to_owned()),
        RemoteKind::Cidr(cidr) => OpenRemote::Cidr(cidr.to_string()),
        RemoteKind::Any => OpenRemote::Any,
        RemoteKind::Expr(_) => OpenRemote::Computed(text().trim_matches(['(', ')']).to_owned()),
    }
}
