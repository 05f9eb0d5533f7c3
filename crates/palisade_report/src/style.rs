//! The few colours, in one place; without colour every function returns the text as it is.

use anstyle::{AnsiColor, Style};
use palisade_source::Severity;
use palisade_source::report::{OutcomeKind, VerdictKind};

/// Writes text in colour, or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    color: bool,
}

impl Paint {
    pub(crate) fn new(color: bool) -> Self {
        Self { color }
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// The word before a note or a help.
    pub(crate) fn aside(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default().bold(), text)
    }

    pub(crate) fn tone(self, tone: Tone, text: &str) -> String {
        self.paint(tone.color().on_default().bold(), text)
    }
}

/// What a colour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Bad,
    Doubtful,
    Good,
    Other,
}

impl Tone {
    fn color(self) -> AnsiColor {
        match self {
            Self::Bad => AnsiColor::Red,
            Self::Doubtful => AnsiColor::Yellow,
            Self::Good => AnsiColor::Green,
            Self::Other => AnsiColor::Blue,
        }
    }
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Bad,
            Severity::Warning => Self::Doubtful,
            Severity::Info => Self::Other,
        }
    }
}

impl From<VerdictKind> for Tone {
    fn from(verdict: VerdictKind) -> Self {
        match verdict {
            VerdictKind::Allowed => Self::Good,
            VerdictKind::Denied => Self::Bad,
            VerdictKind::Partial | VerdictKind::Undetermined => Self::Doubtful,
        }
    }
}

/// The word that opens a finding, and its tone: the severity of a violation, else how it came out, so that only a
/// violation or a defect ever reads `error`.
pub(crate) fn finding_word(outcome: OutcomeKind, severity: Severity) -> (&'static str, Tone) {
    match outcome {
        OutcomeKind::Violation => (severity.as_str(), severity.into()),
        OutcomeKind::Error => ("error", Tone::Bad),
        OutcomeKind::Undetermined => ("undetermined", Tone::Doubtful),
        OutcomeKind::Waived => ("waived", Tone::Other),
        OutcomeKind::NotApplicable => ("not applicable", Tone::Other),
        OutcomeKind::Pass => ("pass", Tone::Good),
    }
}
