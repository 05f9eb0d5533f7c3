//! A fault in a policy, without positions: queries give these back, and they are located last.

use palisade_source::Severity;

use crate::names::NodeRef;
use crate::suggest;

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
    /// What mends it, where that is mechanical.
    pub repair: Option<Repair>,
}

/// A change of policies that mends a problem.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Repair {
    /// What it does, as a command.
    pub title: String,
    /// Whether no answer changes by it.
    pub safe: bool,
    /// All of them together.
    pub changes: Vec<Change>,
}

/// A part of a [`Repair`], without positions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Another text in the place of a word; within the quotes of a text.
    Write(NodeRef, String),
    /// An item or clause goes, with its documentation and the line that it leaves empty. Other comments stay.
    RemoveLines(NodeRef),
    /// An element of a list goes, from its first node to its last, with one comma.
    RemoveElement(NodeRef, NodeRef),
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
            repair: None,
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

    /// The same, with the name that was probably meant, which can be written in the place of the mistaken one; else with
    /// other advice.
    #[must_use]
    pub fn meant(self, near: Option<&str>, otherwise: impl Into<String>) -> Self {
        match near {
            Some(name) => Self { help: suggest::did_you_mean(near), ..self.guess(name) },
            None => self.help(otherwise),
        }
    }

    /// The same, with what can be written in the place of what stands there.
    #[must_use]
    pub fn guess(self, text: impl Into<String>) -> Self {
        let (at, text) = (self.at.clone(), text.into());
        let title = format!("write `{text}`");
        self.repair(Repair { title, safe: false, changes: vec![Change::Write(at, text)] })
    }

    /// The same, with a change that mends it.
    #[must_use]
    pub fn repair(mut self, repair: Repair) -> Self {
        self.repair = Some(repair);
        self
    }

    /// The same, with a further place.
    #[must_use]
    pub fn related(mut self, at: NodeRef, message: impl Into<String>) -> Self {
        self.related.push((at, message.into()));
        self
    }
}
