//! Mistakes in lines of traffic: a line left out, the other direction, another protocol, the next port, another end.

use palisade_source::{TextRange, TextSize};
use palisade_syntax::ast::{Direction, Ident, Preposition, Remote, RemoteKind, TrafficLine};

use super::sites::Finder;

impl Finder<'_> {
    pub(super) fn line(&mut self, line: &TrafficLine) {
        let whole = self.range(line.id);
        self.replace("line", self.with_separator(whole), "");
        self.direction(whole, line);
        if let [word, ..] = line.protocols.words.as_slice() {
            let other = match (word.text.as_str(), line.protocols.words.len()) {
                ("tcp", 1) => Some("udp"),
                ("udp", 1) => Some("tcp"),
                ("*", _) | (_, 1) => None,
                (first, _) => Some(first),
            };
            if let Some(other) = other {
                self.replace("protocol", self.range(line.protocols.id), other);
            }
        }
        for ports in line.ports.iter().flat_map(|ports| &ports.ranges) {
            self.ports(ports);
        }
        for remote in &line.remotes {
            self.remote(remote);
        }
    }

    /// The line with a `;` behind it.
    fn with_separator(&self, whole: TextRange) -> TextRange {
        let rest = self.slice(TextRange::new(whole.end(), TextSize::of(self.text)));
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let behind = if rest.trim_start_matches(' ').starts_with(';') { spaces + 1 } else { 0 };
        TextRange::new(whole.start(), whole.end() + TextSize::try_from(behind).unwrap_or_default())
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

    /// Ports one higher: those of a range at its end.
    fn ports(&mut self, ports: &Ident) {
        let (start, last) = match ports.text.rsplit_once('-') {
            Some((start, last)) => (format!("{start}-"), last),
            None => (String::new(), ports.text.as_str()),
        };
        if let Ok(last) = last.parse::<u32>() {
            self.replace("port", self.range(ports.id), format!("{start}{}", last + 1));
        }
    }

    fn remote(&mut self, remote: &Remote) {
        let whole = self.range(remote.id);
        match &remote.kind {
            RemoteKind::Tag { words, region } => {
                let name = words.first().map(|word| (self.range(word.id), word.text.as_str()));
                if let Some((range, name)) = name
                    && let Some(other) = self.next_tag(name, region.is_some() || words.len() > 1)
                {
                    self.replace("destination", range, other);
                }
            }
            // Another host of another owner: the last label but one is longer.
            RemoteKind::Fqdn(_) => {
                if let Some(dot) = self.slice(whole).rfind('.') {
                    let at = whole.start() + TextSize::try_from(dot).unwrap_or_default();
                    self.replace("destination", TextRange::empty(at), "-x");
                }
            }
            RemoteKind::Cidr(_) => self.replace("destination", whole, "*"),
            RemoteKind::Any | RemoteKind::Expr(_) => {}
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
}
