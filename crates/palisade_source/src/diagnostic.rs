//! A message about a file, as data: whoever shows it decides how.

use std::sync::Arc;

use text_size::TextRange;

use crate::Fix;

/// How grave a diagnostic or a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be mended.
    Warning,
    /// Must be mended.
    Error,
}

impl Severity {
    /// `error`, `warning`, `info`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A range of one file's text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file's path, as in [`crate::File`].
    pub path: Arc<str>,
    /// Bytes.
    pub range: TextRange,
}

/// A further place with a word about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// A fault in a policy, an environment, a configuration, or a test.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// Stable code, such as `unknown-key`; its page is shown by `palisade explain CODE`.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What was found and what was required; lower case, no full stop.
    pub message: String,
    /// Where; `None` only where no file is at fault (a command line).
    pub span: Option<Span>,
    /// Words at the primary place, if they say more than the message.
    pub label: Option<String>,
    /// Other places.
    pub related: Vec<Label>,
    /// Why.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// What mends it, where that is mechanical; the likeliest first.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>, span: Option<Span>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            label: None,
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}
