//! What can be wrong with a text: data, not yet a report.

use text_size::TextRange;

/// What sort of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are not UTF-8.
    Encoding,
    /// A control character stands in the text.
    ControlCharacter,
    /// A tab stands where only spaces can indent.
    Tab,
    /// The text is not YAML.
    Syntax,
    /// A text, a document or a number of them is over a limit of [`crate::limits`].
    Limit,
    /// Aliases would expand to more than [`crate::limits`] allows.
    AliasExpansion,
    /// An alias names an anchor that is not defined before it.
    UnknownAlias,
    /// An alias stands inside the value that it names.
    AliasCycle,
    /// A mapping has the same key twice.
    DuplicateKey,
    /// A key is empty, null or not a scalar.
    Key,
    /// A merge key (`<<`) has a value that is neither a mapping nor a list of mappings.
    MergeKey,
    /// A tag is not one of the core schema, or the value does not fit it.
    Tag,
    /// A directive other than `%YAML 1.2` and `%TAG`.
    Directive,
}

/// One error, with its place and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// What sort of error.
    pub kind: ErrorKind,
    /// Where: bytes of the text that was read.
    pub range: TextRange,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Other places that belong to it, each with a few words.
    pub related: Vec<(TextRange, String)>,
    /// The document it stands in: an index into [`crate::Stream::documents`].
    pub document: usize,
}

impl YamlError {
    pub(crate) fn new(kind: ErrorKind, range: TextRange, message: impl Into<String>) -> Self {
        Self { kind, range, message: message.into(), help: None, related: Vec::new(), document: 0 }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn related(mut self, range: TextRange, label: impl Into<String>) -> Self {
        self.related.push((range, label.into()));
        self
    }
}

impl std::fmt::Display for YamlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for YamlError {}

/// A user's name in backticks, on one line and shortened: a message stays small whatever the text holds.
pub(crate) fn quoted(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
