//! A fault in a policy, without positions: queries give these back, and they are located last.

use palisade_source::Severity;

use crate::names::NodeRef;

/// A fault in a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// Stable code.
    pub code: &'static str,
    /// How grave.
    pub severity: Severity,
    /// What was found and what was required.
    pub message: String,
    /// Where.
    pub at: NodeRef,
    /// Other places with a word each.
    pub related: Vec<(NodeRef, String)>,
    /// Why.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>, at: NodeRef) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            at,
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>, at: NodeRef) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, at) }
    }

    /// Advice.
    pub fn info(code: &'static str, message: impl Into<String>, at: NodeRef) -> Self {
        Self { severity: Severity::Info, ..Self::error(code, message, at) }
    }

    /// The same, with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, with what to do if something is known.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The same, with a further place.
    #[must_use]
    pub fn related(mut self, at: NodeRef, message: impl Into<String>) -> Self {
        self.related.push((at, message.into()));
        self
    }
}
