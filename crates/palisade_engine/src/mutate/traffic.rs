//! Mistakes in lines of traffic: a line left out, the other direction, another protocol, another port, another end.
//!
//! What a line lists (protocols, ports, ends) is also left out item by item; ports move at both ends of a range; a tag
//! loses or gains its region, and a host what makes it a pattern.

use palisade_source::{TextRange, TextSize};
use palisade_syntax::ast::{self, Direction, Ident, NodeId, Preposition, Remote, RemoteKind, TrafficLine};

use super::sites::Finder;

impl Finder<'_> {
    pub(super) fn line(&mut self, line: &TrafficLine) {
        let whole = self.range(line.id);
        self.replace("line", self.with_separator(whole), "");
        self.direction(whole, line);
        self.protocols(&line.protocols);
        if let Some(ports) = &line.ports {
            self.ports(ports);
        }
        for remote in &line.remotes {
            self.remote(remote);
        }
        self.left_out("destination", line.remotes.iter().map(|remote| remote.id));
    }

    /// The line with a `;` behind it.
    fn with_separator(&self, whole: TextRange) -> TextRange {
        let rest = self.slice(TextRange::new(whole.end(), TextSize::of(self.text)));
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let behind = if rest.trim_start_matches(' ').starts_with(';') { spaces + 1 } else { 0 };
        TextRange::new(whole.start(), whole.end() + TextSize::try_from(behind).unwrap_or_default())
    }

    /// Of several items each without its separator, so that one fewer is listed.
    fn left_out(&mut self, kind: &'static str, items: impl Iterator<Item = NodeId>) {
        let ranges: Vec<TextRange> = items.map(|id| self.range(id)).collect();
        for (at, own) in ranges.iter().enumerate().filter(|_| ranges.len() > 1) {
            let before = at.checked_sub(1).and_then(|before| ranges.get(before));
            let whole = match (before, ranges.get(at + 1)) {
                (Some(before), _) => TextRange::new(before.end(), own.end()),
                (None, Some(next)) => TextRange::new(own.start(), next.start()),
                (None, None) => continue,
            };
            self.replace(kind, whole, "");
        }
    }

    fn direction(&mut self, whole: TextRange, line: &TrafficLine) {
        let (word, other) = match line.direction {
            Direction::Inbound => ("inbound", "outbound"),
            Direction::Outbound => ("outbound", "inbound"),
        };
        let Some((node, preposition)) = line.preposition else { return };
        let preposition = if preposition == Preposition::To { "from" } else { "to" };
        if let Some(at) = self.word(whole.start(), whole.end(), word) {
            self.replace_both("direction", (at, other), (self.range(node), preposition));
        }
    }

    /// Another protocol that takes the same ports, or none; of several one fewer.
    fn protocols(&mut self, protocols: &ast::Protocols) {
        let whole = self.range(protocols.id);
        let words: Vec<&str> = protocols.words.iter().map(|word| word.text.as_str()).collect();
        match words.as_slice() {
            ["tcp"] => self.replace("protocol", whole, "udp"),
            ["udp"] => self.replace("protocol", whole, "tcp"),
            ["icmp"] => self.replace("protocol", whole, "esp"),
            ["esp"] => self.replace("protocol", whole, "ah"),
            ["ah"] => self.replace("protocol", whole, "icmp"),
            [] | ["*"] => self.replace("protocol", whole, "tcp *"),
            several => {
                for left_out in several {
                    let rest: Vec<&str> = several.iter().copied().filter(|word| word != left_out).collect();
                    self.replace("protocol", whole, rest.join("/"));
                }
            }
        }
    }

    /// Another port each; of several one fewer, and of all a single one.
    fn ports(&mut self, ports: &ast::Ports) {
        if ports.ranges.is_empty() {
            self.replace("port", self.range(ports.id), "1");
        }
        for port in &ports.ranges {
            self.port(port);
        }
        self.left_out("port", ports.ranges.iter().map(|port| port.id));
    }

    /// Each end of a range one higher.
    fn port(&mut self, port: &Ident) {
        let whole = self.range(port.id);
        let higher = |number: &str| number.parse::<u32>().ok().map(|number| (number + 1).to_string());
        let Some((first, last)) = port.text.split_once('-') else {
            return higher(&port.text).into_iter().for_each(|port| self.replace("port", whole, port));
        };
        let ends =
            [higher(first).map(|first| format!("{first}-{last}")), higher(last).map(|last| format!("{first}-{last}"))];
        for range in ends.into_iter().flatten() {
            self.replace("port", whole, range);
        }
    }

    fn remote(&mut self, remote: &Remote) {
        let whole = self.range(remote.id);
        match &remote.kind {
            RemoteKind::Tag { words, region } => self.tag(whole, words, region.is_some()),
            RemoteKind::Fqdn(_) => self.host(whole),
            RemoteKind::Cidr(_) => self.replace("destination", whole, "*"),
            RemoteKind::Any => {
                if let Some(first) = self.tags.tags().first() {
                    self.replace("destination", whole, first.name.as_str());
                }
            }
            RemoteKind::Expr(_) => {}
        }
    }

    /// Another tag; the tag with or without a region.
    fn tag(&mut self, whole: TextRange, words: &[Ident], computed: bool) {
        let [name, written @ ..] = words else { return };
        let at = self.range(name.id);
        let regional = computed || !written.is_empty();
        if let Some(other) = self.next_tag(&name.text, regional) {
            self.replace("destination", at, other);
        }
        if regional {
            self.replace("destination", TextRange::new(at.end(), whole.end()), "");
        } else if let Some(region) = self.some_region(&name.text) {
            self.replace("destination", TextRange::empty(whole.end()), format!(".{region}"));
        }
    }

    /// The tag that comes after another in the catalogue, with entries of regions where those are asked for.
    fn next_tag(&self, name: &str, regional: bool) -> Option<String> {
        let tags = self.tags.tags();
        let at = tags.iter().position(|tag| tag.name == name)?;
        let after = tags.iter().cycle().skip(at + 1).take(tags.len() - 1);
        let fits = |tag: &&palisade_net::TagInfo| !regional || !tag.regions.is_empty();
        after.into_iter().find(fits).map(|tag| tag.name.to_string())
    }

    /// The region that the table is about, or else the first that the tag has an entry for.
    fn some_region(&self, name: &str) -> Option<String> {
        let tag = self.tags.tags().iter().find(|tag| tag.name == name)?;
        let first = tag.regions.first()?;
        Some(self.region.map_or_else(|| first.to_string(), |parameter| format!("{{{parameter}}}")))
    }

    /// Another host of another owner: the last label but one is longer; and a pattern without what makes it one.
    fn host(&mut self, whole: TextRange) {
        let text = self.slice(whole);
        let place = |offset: usize| whole.start() + TextSize::try_from(offset).unwrap_or_default();
        if let Some(dot) = text.rfind('.') {
            self.replace("destination", TextRange::empty(place(dot)), "-x");
        }
        if let Some((label, _)) = text.split_once('.')
            && label.contains(['*', '{'])
        {
            self.replace("destination", TextRange::new(place(1), place(label.len() + 1)), "");
        }
    }
}
