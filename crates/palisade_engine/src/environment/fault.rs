//! What is wrong with an environment's files: data with byte ranges, before it becomes a diagnostic.

use std::sync::Arc;

use palisade_net::ValueError;
use palisade_source::{Severity, TextRange};
use palisade_yaml::{CoreValue, ErrorKind, NodeRef, YamlError};
use rustc_hash::FxHashMap;

use super::codes;
use crate::suggest::did_you_mean;

/// A range of one of the files of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    /// Which file: 0 is the environment's own, the included ones follow in order.
    pub source: usize,
    /// Bytes, start and end.
    pub range: (u32, u32),
}

/// Where something is reported, and what it is about: the same but for what stands behind an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// Where it is reported: at the alias, if it stands behind one.
    pub(super) at: Spot,
    /// What is written: of two uses of one anchor the same.
    pub(super) written: Spot,
    /// The name of the anchor.
    pub(super) anchor: Option<String>,
}

/// Something wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// One of [`codes::CODES`].
    pub code: &'static str,
    /// How grave. Anything but a warning keeps rules from running.
    pub severity: Severity,
    /// What was found and what was required.
    pub message: String,
    /// Where.
    pub at: Spot,
    /// Other places with a word each.
    pub related: Vec<(Spot, String)>,
    /// Why.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// What can be written in the place of what stands there.
    pub instead: Option<String>,
    written: Spot,
    anchor: Option<String>,
    /// Where else the same text is used, through the alias of that name.
    uses: Vec<(Spot, String)>,
}

impl From<Spot> for Site {
    fn from(at: Spot) -> Self {
        Self { at, written: at, anchor: None }
    }
}

impl Site {
    /// The place of a node.
    pub(super) fn of(source: usize, node: NodeRef<'_>) -> Self {
        Self {
            at: Spot::new(source, node.place()),
            written: Spot::new(source, node.span()),
            anchor: node.via().map(|alias| alias.anchor.to_owned()),
        }
    }
}

impl Spot {
    /// A range of a file.
    pub fn new(source: usize, range: TextRange) -> Self {
        Self { source, range: (range.start().into(), range.end().into()) }
    }

    /// The bytes.
    pub fn text_range(self) -> TextRange {
        let (start, end) = self.range;
        TextRange::new(start.into(), end.max(start).into())
    }
}

impl Fault {
    /// An error at a range.
    pub fn new(code: &'static str, at: Spot, message: impl Into<String>) -> Self {
        Self::on(code, at.into(), message)
    }

    /// An error at a place that may stand behind an alias.
    pub(super) fn on(code: &'static str, site: Site, message: impl Into<String>) -> Self {
        let Site { at, written, anchor } = site;
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            at,
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            instead: None,
            written,
            anchor,
            uses: Vec::new(),
        }
    }

    /// An error at a node: where its alias is used, if it stands behind one, with the anchor's name.
    pub fn at(code: &'static str, source: usize, node: NodeRef<'_>, message: impl Into<String>) -> Self {
        Self::on(code, Site::of(source, node), message)
    }

    /// Takes up the same fault of the same text, found again through an alias or behind one.
    fn meet(&mut self, mut other: Self) {
        if other.at == self.at {
            return;
        }
        // Where the text is written is where it is mended.
        if self.anchor.is_some() && other.anchor.is_none() {
            std::mem::swap(self, &mut other);
        }
        self.uses.extend(other.anchor.map(|anchor| (other.at, anchor)));
        self.uses.append(&mut other.uses);
    }

    /// Says what aliases have to do with it.
    fn tell_uses(&mut self) {
        if let Some(anchor) = &self.anchor {
            self.notes.push(format!("it is reached through the alias `*{anchor}`"));
            self.related.push((self.written, format!("written here, under the anchor `&{anchor}`")));
        }
        self.uses.sort();
        let more = self.uses.len().saturating_sub(MOST_USES);
        let shown = self.uses.drain(..).take(MOST_USES);
        self.related
            .extend(shown.map(|(at, anchor)| (at, format!("used here as well, through the alias `*{anchor}`"))));
        if more > 0 {
            self.notes.push(format!("{more} more uses of the same text have the same fault"));
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The same with what to do, if something is known.
    #[must_use]
    pub fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The same fault in other words.
    pub(super) fn saying(self, message: String) -> Self {
        Self { message, ..self }
    }

    /// The same with the name or value that was probably meant. What is reached through an alias is written elsewhere and
    /// may be right there.
    #[must_use]
    pub fn instead(mut self, near: Option<impl AsRef<str>>) -> Self {
        self.instead = near.filter(|_| self.related.is_empty()).and_then(|near| scalar(near.as_ref()));
        self
    }

    /// The same with a reason.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same with a further place.
    #[must_use]
    pub fn related(mut self, at: Spot, message: impl Into<String>) -> Self {
        self.related.push((at, message.into()));
        self
    }

    /// What the parser of YAML found.
    pub(super) fn yaml(source: usize, error: &YamlError) -> Self {
        let mut fault = Self::new(yaml_code(error.kind), Spot::new(source, error.range), &error.message);
        fault.help.clone_from(&error.help);
        fault.related = error.related.iter().map(|(range, word)| (Spot::new(source, *range), word.clone())).collect();
        fault
    }

    /// What the parser of a network value found.
    pub(super) fn value(source: usize, node: NodeRef<'_>, error: ValueError) -> Self {
        let shown = error.suggestion.as_deref().map(|text| if text == "*" { "\"*\"" } else { text });
        let suggestion = did_you_mean(shown);
        let help = match (suggestion, error.help) {
            (Some(suggestion), Some(help)) => Some(format!("{suggestion} {help}")),
            (suggestion, help) => suggestion.or(help),
        };
        Self::at(codes::INVALID_VALUE, source, node, error.message).help(help).instead(error.suggestion)
    }
}

/// A text as a scalar that reads as this text wherever a scalar may stand; `None` if it has line breaks and the like.
fn scalar(text: &str) -> Option<String> {
    if text.chars().any(char::is_control) {
        return None;
    }
    let plain = palisade_yaml::parse(Arc::from(format!("[{text}]")));
    let reads = plain.documents.first().filter(|_| plain.errors.is_empty()).is_some_and(|document| {
        let mut items = document.root().items();
        let first = items.next().and_then(NodeRef::value);
        matches!(first, Some(CoreValue::Text(read)) if read == text) && items.next().is_none()
    });
    Some(if reads { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) })
}

fn yaml_code(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Encoding | ErrorKind::ControlCharacter => codes::YAML_ENCODING,
        ErrorKind::Tab => codes::YAML_TAB,
        ErrorKind::Limit | ErrorKind::AliasExpansion => codes::YAML_LIMIT,
        ErrorKind::UnknownAlias | ErrorKind::AliasCycle => codes::YAML_ALIAS,
        ErrorKind::DuplicateKey => codes::YAML_DUPLICATE_KEY,
        ErrorKind::Key => codes::YAML_KEY,
        ErrorKind::MergeKey => codes::YAML_MERGE_KEY,
        ErrorKind::Tag => codes::YAML_TAG,
        ErrorKind::Directive => codes::YAML_DIRECTIVE,
        _ => codes::YAML_SYNTAX,
    }
}

/// How many of the other uses of an anchor are listed with a fault in its text.
const MOST_USES: usize = 5;

/// How many faults of one file are listed; one more says how many were not.
pub const MAX_FAULTS: usize = 200;

/// The faults found so far, up to [`MAX_FAULTS`] for each file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    list: Vec<Fault>,
    counts: Vec<Count>,
    /// The faults of texts that an anchor shares: by code, message and text.
    known: FxHashMap<(&'static str, String, Spot), usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    listed: usize,
    left_out: usize,
    errors_left_out: bool,
}

impl Faults {
    /// Whether the next fault of the file will only be counted: what it would say need not be found out.
    pub(super) fn full(&self, source: usize) -> bool {
        self.counts.get(source).is_some_and(|count| count.listed >= MAX_FAULTS)
    }

    pub(super) fn push(&mut self, fault: Fault) {
        let key = (fault.code, fault.message.clone(), fault.written);
        if let Some(known) = self.known.get(&key).and_then(|at| self.list.get_mut(*at)) {
            return known.meet(fault);
        }
        let source = fault.at.source;
        if self.counts.len() <= source {
            self.counts.resize(source + 1, Count::default());
        }
        let Some(count) = self.counts.get_mut(source) else { return };
        if count.listed < MAX_FAULTS {
            count.listed += 1;
            self.known.insert(key, self.list.len());
            self.list.push(fault);
        } else {
            count.left_out += 1;
            count.errors_left_out |= fault.severity == Severity::Error;
        }
    }

    /// All of them, by file and place, each file's list closed by the number of those left out.
    pub(super) fn finish(mut self) -> Vec<Fault> {
        self.list.iter_mut().for_each(Fault::tell_uses);
        self.list.sort_by_key(|fault| fault.at);
        for (source, count) in self.counts.iter().enumerate().filter(|(_, count)| count.left_out > 0) {
            let after = self.list.partition_point(|fault| fault.at.source <= source);
            let Some(last) = after.checked_sub(1).and_then(|at| self.list.get(at)) else { continue };
            let message = format!("… and {} more in this file", count.left_out);
            let more = Fault::new(codes::MORE_FAULTS, last.at, message);
            let more = if count.errors_left_out { more } else { more.warning() };
            self.list.insert(after, more.help(Some("mend those above first".to_owned())));
        }
        self.list
    }
}
