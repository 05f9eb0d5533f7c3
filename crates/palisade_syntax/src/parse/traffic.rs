//! Traffic lines and the hosts of a tag.

use smol_str::SmolStr;

use super::Reader;
use crate::ast::{Direction, Path, Ports, Preposition, Protocols, Remote, RemoteKind, Template, TrafficLine};
use crate::grammar::{Node, Rule};

impl Reader<'_> {
    pub(crate) fn traffic_line(&mut self, node: &Node<'_>) -> Option<TrafficLine> {
        let doc = self.doc(node.start());
        let id = self.node_of(node);
        let direction = match node.child(Rule::direction)?.text() {
            "inbound" => Direction::Inbound,
            _ => Direction::Outbound,
        };
        let protocols = self.protocols(&node.child(Rule::protocols)?);
        let ports = node.child(Rule::ports).map(|ports| self.ports(&ports));
        let preposition = self.preposition(&node.child(Rule::preposition)?);
        let remotes = node.all(Rule::remote).map(|remote| self.remote(&remote)).collect::<Option<_>>()?;
        let cites = node.child(Rule::cites).map_or_else(Vec::new, |cites| self.cited(&cites));
        Some(TrafficLine { id, doc, direction, protocols, ports, preposition: Some(preposition), remotes, cites })
    }

    fn protocols(&mut self, node: &Node<'_>) -> Protocols {
        let id = self.node_of(node);
        let words = node.all(Rule::protocol).map(|word| self.ident(&word)).collect();
        Protocols { id, words }
    }

    fn ports(&mut self, node: &Node<'_>) -> Ports {
        let id = self.node_of(node);
        let ranges = node
            .all(Rule::port)
            .map(|port| {
                self.check_literal(&port);
                self.ident(&port)
            })
            .collect();
        Ports { id, ranges }
    }

    fn preposition(&mut self, node: &Node<'_>) -> (crate::ast::NodeId, Preposition) {
        let id = self.node_of(node);
        let to = node.has(Rule::kw_to);
        (id, if to { Preposition::To } else { Preposition::From })
    }

    fn remote(&mut self, node: &Node<'_>) -> Option<Remote> {
        let form = node.children().next()?;
        let id = self.node_of(&form);
        let kind = match form.rule() {
            Rule::star => RemoteKind::Any,
            Rule::text => RemoteKind::Fqdn(self.template(&form)),
            Rule::digits_literal | Rule::ipv6_literal => {
                self.check_literal(&form);
                RemoteKind::Cidr(SmolStr::new(form.text()))
            }
            Rule::paren => RemoteKind::Expr(Box::new(self.expr_in(&form)?)),
            Rule::tag => self.tag_kind(&form)?,
            _ => return None,
        };
        Some(Remote { id, kind })
    }

    /// `Storage`, `Storage.{region}`.
    pub(crate) fn tag(&mut self, node: &Node<'_>) -> Option<Remote> {
        let id = self.node_of(node);
        let kind = self.tag_kind(node)?;
        Some(Remote { id, kind })
    }

    fn tag_kind(&mut self, node: &Node<'_>) -> Option<RemoteKind> {
        let name = node.child(Rule::tag_name)?;
        let words = name.children().map(|word| self.ident(&word)).collect();
        let region = match node.child(Rule::tag_region) {
            Some(region) => {
                self.check_tight(&region);
                Some(Box::new(self.expr_in(&region)?))
            }
            None => None,
        };
        Some(RemoteKind::Tag { words, region })
    }

    /// Statement ids: each has at least one dot.
    pub(crate) fn cited(&mut self, node: &Node<'_>) -> Vec<Path> {
        let paths = self.children_as_paths(node, Rule::cite_path);
        for path in paths.iter().filter(|path| path.segments.len() < 2) {
            let range = self.range_of(path.id);
            self.error(
                "syntax-cite",
                range,
                format!("`{}` is not the id of a statement: it has no dot", path.dotted()),
                "an id is the source's name, a dot, and the statement's path, such as `v1.pip.inbound.aml_tcp44224`",
            );
        }
        paths
    }

    pub(crate) fn host(&mut self, node: &Node<'_>) -> Option<Template> {
        node.child(Rule::text).map(|text| self.template(&text))
    }
}
