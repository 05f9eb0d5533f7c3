//! What is wrong with an environment's files: data with byte ranges, before it becomes a diagnostic.

use std::sync::Arc;

use palisade_net::ValueError;
use palisade_source::{Severity, TextRange};
use palisade_yaml::{CoreValue, ErrorKind, NodeRef, YamlError};

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
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            at,
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            instead: None,
        }
    }

    /// An error at a node: where its alias is used, if it stands behind one, with the anchor's name.
    pub fn at(code: &'static str, source: usize, node: NodeRef<'_>, message: impl Into<String>) -> Self {
        let mut fault = Self::new(code, Spot::new(source, node.place()), message);
        if let Some(alias) = node.via() {
            fault.notes.push(format!("it is reached through the alias `*{}`", alias.anchor));
            let written = Spot::new(source, node.span());
            fault.related.push((written, format!("written here, under the anchor `&{}`", alias.anchor)));
        }
        fault
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
        let suggestion = did_you_mean(error.suggestion.as_deref());
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
    Some(if reads { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) })
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

/// How many faults of one file are listed; one more says how many were not.
pub const MAX_FAULTS: usize = 200;

/// The faults found so far, up to [`MAX_FAULTS`] for each file.
#[derive(Debug, Default)]
pub(super) struct Faults {
    list: Vec<Fault>,
    counts: Vec<Count>,
}

#[derive(Clone, Copy, Debug, Default)]
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
        let source = fault.at.source;
        if self.counts.len() <= source {
            self.counts.resize(source + 1, Count::default());
        }
        let Some(count) = self.counts.get_mut(source) else { return };
        if count.listed < MAX_FAULTS {
            count.listed += 1;
            self.list.push(fault);
        } else {
            count.left_out += 1;
            count.errors_left_out |= fault.severity == Severity::Error;
        }
    }

    /// All of them, by file and place, each file's list closed by the number of those left out.
    pub(super) fn finish(mut self) -> Vec<Fault> {
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
