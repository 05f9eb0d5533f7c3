//! Traffic: the lines of tables and literals, and in which tag's addresses hosts lie.

use std::sync::Arc;

use palisade_net::{Cidr, Feature, Fqdn, PortSet, Protocol, ProtocolSet, ServiceTag};
use palisade_syntax::ast::{self, Direction, Ident, NodeId, Preposition, Template};
use smol_str::SmolStr;

use super::checker::{Checker, a_type};
use super::codes;
use super::source::template_text;
use crate::ir::{HostPart, Hosts, Remote, RemoteKind, TemplatePart, TrafficLine};
use crate::problem::Problem;
use crate::suggest::nearest;
use crate::types::Type;

/// Stands for an interpolation while the plain parts of a host name are checked.
const HOLE: &str = "palisade0hole";

impl Checker<'_> {
    pub(super) fn traffic_lines(&mut self, lines: &[ast::TrafficLine]) -> Arc<[TrafficLine]> {
        lines.iter().map(|line| self.traffic_line(line)).collect()
    }

    fn traffic_line(&mut self, line: &ast::TrafficLine) -> TrafficLine {
        self.check_preposition(line);
        let protocols = self.protocols(&line.protocols);
        TrafficLine {
            id: line.id,
            item: self.cx.item.clone(),
            direction: match line.direction {
                Direction::Inbound => palisade_net::Direction::Inbound,
                Direction::Outbound => palisade_net::Direction::Outbound,
            },
            protocols: protocols.unwrap_or(ProtocolSet::ALL),
            ports: self.ports(line, protocols),
            remotes: line.remotes.iter().map(|remote| self.remote(remote)).collect(),
            cites: self.cites(&line.cites),
        }
    }

    fn check_preposition(&mut self, line: &ast::TrafficLine) {
        let Some((node, found)) = line.preposition else { return };
        let (direction, wanted, word, wrong) = match line.direction {
            Direction::Inbound => ("inbound", Preposition::From, "from", "to"),
            Direction::Outbound => ("outbound", Preposition::To, "to", "from"),
        };
        if found != wanted {
            let message = format!("`{direction}` goes with `{word}`, and `{wrong}` stands here");
            let help = format!("write `{word}`: what follows is the other end of the traffic");
            self.error(codes::WRONG_PREPOSITION, node, message, help);
        }
    }

    /// `None` if a word is no protocol.
    fn protocols(&mut self, written: &ast::Protocols) -> Option<ProtocolSet> {
        if written.words.is_empty() {
            return Some(ProtocolSet::ALL);
        }
        let mut set = Some(ProtocolSet::EMPTY);
        for word in &written.words {
            match word.text.parse::<Protocol>() {
                Ok(protocol) => set = set.map(|s| s.union(protocol.into())),
                Err(error) => {
                    self.value_error(codes::INVALID_PROTOCOL, word.id, error);
                    set = None;
                }
            }
        }
        set
    }

    fn ports(&mut self, line: &ast::TrafficLine, protocols: Option<ProtocolSet>) -> Vec<PortSet> {
        let all = vec![PortSet::all()];
        let any = line.protocols.words.is_empty();
        let have_ports = protocols.is_none_or(|p| !any && p.is_subset(ProtocolSet::WITH_PORTS));
        let names: Vec<&str> = line.protocols.words.iter().map(|w| w.text.as_str()).collect();
        let name = if any { "*".to_owned() } else { names.join("/") };
        match &line.ports {
            Some(ports) if !have_ports => {
                let message = format!("`{name}` has no ports, and some are written here");
                self.error(
                    codes::INVALID_PORTS,
                    ports.id,
                    message,
                    "remove the ports, or name `tcp` or `udp` on a line of its own",
                );
                all
            }
            None if have_ports && protocols.is_some() => {
                let message = format!("`{name}` needs ports, and none are written");
                self.error(
                    codes::INVALID_PORTS,
                    line.protocols.id,
                    message,
                    "write numbers and ranges such as `443, 8704-8710`, or `*` for all",
                );
                all
            }
            Some(ports) if !ports.ranges.is_empty() => {
                let parsed: Vec<PortSet> = ports.ranges.iter().filter_map(|range| self.port_range(range)).collect();
                if parsed.is_empty() { all } else { parsed }
            }
            _ => all,
        }
    }

    fn port_range(&mut self, range: &Ident) -> Option<PortSet> {
        range.text.parse().map_err(|error| self.value_error(codes::INVALID_LITERAL, range.id, error)).ok()
    }

    // The other end.

    fn remote(&mut self, remote: &ast::Remote) -> Remote {
        let kind = match &remote.kind {
            ast::RemoteKind::Tag { words, region } => self.remote_tag(remote.id, words, region.as_deref()),
            ast::RemoteKind::Fqdn(template) => RemoteKind::Fqdn(self.host(template)),
            ast::RemoteKind::Cidr(text) => match Cidr::parse_or_address(text) {
                Ok(cidr) => RemoteKind::Cidr(cidr),
                Err(error) => {
                    self.value_error(codes::INVALID_LITERAL, remote.id, error);
                    RemoteKind::Any
                }
            },
            ast::RemoteKind::Any => RemoteKind::Any,
            ast::RemoteKind::Expr(e) => self.remote_expr(e),
        };
        Remote { id: remote.id, kind }
    }

    fn remote_expr(&mut self, e: &ast::Expr) -> RemoteKind {
        let value = self.value(e, None);
        let ends = |ty: &Type| {
            matches!(
                ty,
                Type::Ip | Type::Cidr | Type::Prefix | Type::Addresses | Type::ServiceTag | Type::Fqdn | Type::Error
            )
        };
        let fits = match &value.ty {
            Type::List(item) => ends(item),
            ty => ends(ty),
        };
        if !fits {
            let message = format!("the other end of traffic is not {}", a_type(&self.show(&value.ty)));
            let help = "use an `Ip`, `Cidr`, `Prefix`, `Addresses`, `ServiceTag` or `Fqdn`, or a list of those";
            self.error(codes::WRONG_OPERAND, e.id, message, help);
        }
        RemoteKind::Expr(value.into())
    }

    fn remote_tag(&mut self, id: NodeId, words: &[Ident], region: Option<&ast::Expr>) -> RemoteKind {
        let region = region.map(|e| Box::new(self.check(e, &Type::Region, "the region of a tag is a `Region`")));
        let written = dotted(words);
        if let Some(first) = words.first()
            && self.is_name(&first.text)
        {
            let message =
                format!("`{written}` stands for a service tag here, but `{}` is also a name in scope", first.text);
            let help = format!("write `({written})` for its value; if the tag is meant, rename the other");
            self.error(codes::TAG_MEETS_NAME, id, message, help);
            return RemoteKind::Any;
        }
        match self.tag(id, words, region.is_some()) {
            Some(tag) => RemoteKind::Tag { tag, region },
            None => RemoteKind::Any,
        }
    }

    /// A service tag that something in Azure takes; `regional` if a region will follow.
    pub(super) fn tag(&mut self, id: NodeId, words: &[Ident], regional: bool) -> Option<ServiceTag> {
        let catalogue = self.cx.scope.catalogue();
        let tag = match catalogue.parse_tag(&dotted(words)) {
            Ok(tag) => tag,
            Err(error) => {
                self.value_error(codes::INVALID_TAG, id, error);
                return None;
            }
        };
        let info = catalogue.info(&tag);
        let fault = match (regional, tag.region()) {
            (true, Some(region)) => Some((
                format!("`{tag}` has a region, and a second one follows"),
                format!("remove `{region}`, or what follows"),
            )),
            (true, None) if info.is_none_or(|i| i.regions.is_empty()) => {
                Some((format!("`{tag}` has no regional form"), format!("write `{tag}` alone")))
            }
            (true, None) if info.is_some_and(|i| i.regional_features.is_empty()) => Some(unusable(&tag)),
            (false, Some(_)) if !self.is_usable(&tag) => Some(unusable(&tag)),
            _ => None,
        };
        if let Some((message, help)) = fault {
            self.error(codes::INVALID_TAG, id, message, help);
            return None;
        }
        Some(tag)
    }

    fn is_usable(&self, tag: &ServiceTag) -> bool {
        let catalogue = self.cx.scope.catalogue();
        [Feature::Group, Feature::Route, Feature::Firewall].into_iter().any(|feature| catalogue.usable(tag, feature))
    }

    // Hosts.

    /// A host name; an interpolation is a value that is there.
    fn host(&mut self, template: &Template) -> Vec<TemplatePart> {
        self.check_host(template);
        let part = |checker: &mut Self, part: &ast::TemplatePart| match part {
            ast::TemplatePart::Text(text) => TemplatePart::Text(text.clone()),
            ast::TemplatePart::Expr(e) => {
                let value = checker.value(e, None);
                if !matches!(value.ty, Type::Text | Type::Region | Type::Fqdn | Type::Error) {
                    let message = format!("a part of a host name is not {}", a_type(&checker.show(&value.ty)));
                    checker.error(codes::WRONG_OPERAND, e.id, message, "use a `Text`, a `Region` or a `Fqdn`");
                }
                TemplatePart::Expr(value)
            }
        };
        template.parts.iter().map(|p| part(self, p)).collect()
    }

    /// Checks a host name as far as it is plain.
    fn check_host(&mut self, template: &Template) {
        let parts = template.parts.iter().map(|part| match part {
            ast::TemplatePart::Text(text) => text.as_str(),
            ast::TemplatePart::Expr(_) => HOLE,
        });
        let text: String = parts.collect();
        // One interpolation may be the whole name, or any number of its parts.
        if text == HOLE {
            return;
        }
        if let Err(mut error) = text.parse::<Fqdn>() {
            let written = template_text(template);
            error.message = error
                .message
                .replace(&text.to_ascii_lowercase(), &written)
                .replace(&text, &written)
                .replace(HOLE, "{…}");
            error.suggestion = error.suggestion.filter(|s| !s.contains(HOLE));
            if self.cx.scope.catalogue().parse_tag(&text).is_ok() {
                error.help = Some(format!("write `{text}` without quotes: it is a service tag"));
            }
            self.value_error(codes::INVALID_HOST, template.id, error);
        }
    }

    /// `hosts within TAG (region: Region) { … }`
    pub(super) fn hosts(&mut self, hosts: &ast::Hosts) -> Hosts {
        let params = self.declare_params(&hosts.params, "parameter");
        for (param, (name, ty)) in hosts.params.iter().zip(&params) {
            if !matches!(ty, Type::Region | Type::Error) {
                let message = format!(
                    "the parameter `{name}` of hosts is {}, and only a `Region` may be one",
                    a_type(&self.show(ty))
                );
                self.error(codes::TYPE_MISMATCH, param.ty.id, message, "write `(region: Region)`");
            }
        }
        let found = if let ast::RemoteKind::Tag { words, region } = &hosts.tag.kind {
            self.remote_tag(hosts.tag.id, words, region.as_deref())
        } else {
            self.error(codes::INVALID_TAG, hosts.tag.id, "hosts lie within a service tag", "write a tag's name");
            RemoteKind::Any
        };
        let (tag, regional) = match found {
            RemoteKind::Tag { tag, region } => (Some(tag), region.is_some()),
            _ => (None, false),
        };
        let parts = hosts.hosts.iter().map(|host| self.host_parts(host)).collect();
        Hosts { tag: tag.unwrap_or_else(|| ServiceTag::new("", None)), regional, hosts: parts }
    }

    fn host_parts(&mut self, template: &Template) -> Vec<HostPart> {
        self.check_host(template);
        let parts = template.parts.iter();
        parts
            .map(|part| match part {
                ast::TemplatePart::Text(text) => HostPart::Text(text.clone()),
                ast::TemplatePart::Expr(e) => {
                    self.check(e, &Type::Region, "what varies in a host name is a `Region`");
                    if !matches!(e.kind, ast::ExprKind::Word(_) | ast::ExprKind::Error) {
                        let help = "write `{region}`, the parameter's name";
                        self.error(
                            codes::WRONG_OPERAND,
                            e.id,
                            "only a parameter stands here: it means any region",
                            help,
                        );
                    }
                    HostPart::Region
                }
            })
            .collect()
    }

    // Citations.

    /// The ids of statements, each of which exists.
    pub(super) fn cites(&mut self, paths: &[ast::Path]) -> Vec<SmolStr> {
        let known = paths.iter().map(|path| self.cite(path)).collect::<Vec<_>>();
        known.into_iter().flatten().collect()
    }

    fn cite(&mut self, path: &ast::Path) -> Option<SmolStr> {
        let id = path.dotted();
        if let Some(strength) = self.cx.scope.statement(&id) {
            self.strongest = self.strongest.max(Some(strength));
            return Some(id.into());
        }
        let all = self.cx.scope.statements();
        let near = nearest(&id, all.iter().map(SmolStr::as_str));
        let message = format!("there is no statement `{id}`");
        let problem = Problem::error(codes::UNKNOWN_STATEMENT, message, self.at(path.id));
        self.push(problem.meant(near, "`palisade coverage` lists the statements of each source"));
        None
    }
}

fn unusable(tag: &ServiceTag) -> (String, String) {
    let global = tag.global();
    let message =
        format!("the regional form of `{global}` is only a list of prefixes: no group, route or firewall takes it");
    (message, format!("write `{global}` alone"))
}

fn dotted(words: &[Ident]) -> String {
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(".")
}
