//! The one error of every parser in this crate: what is wrong, what to do, and the spelling that was probably meant.

use std::fmt;

/// Why a text is not the value that it should be.
///
/// `message` starts in lower case, ends without a full stop, and quotes the text in backticks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ValueError {
    /// What was found and what was expected.
    pub message: String,
    /// What to do about it, when there is more to say than the suggestion.
    pub help: Option<String>,
    /// A text that may stand in the place of the wrong one.
    pub suggestion: Option<String>,
}

impl ValueError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, suggestion: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    pub(crate) fn suggest_if(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }
}

/// Why Microsoft's file of service tags cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TagFileError {
    /// What is wrong.
    pub error: ValueError,
    /// The byte up to which the text is right; 0 where the fault is the whole's.
    pub at: usize,
}

impl From<ValueError> for TagFileError {
    fn from(error: ValueError) -> Self {
        Self { error, at: 0 }
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, " (did you mean `{suggestion}`?)")?;
        }
        Ok(())
    }
}

impl std::error::Error for ValueError {}

/// The candidate nearest to `text`, if one is near enough to have been meant. Case does not count.
pub(crate) fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = text.to_lowercase();
    let likeness = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let one_slip = strsim::damerau_levenshtein(&wanted, &candidate) <= 1;
        let likeness = strsim::jaro_winkler(&wanted, &candidate);
        (one_slip || likeness >= 0.85).then_some(likeness)
    };
    candidates
        .into_iter()
        .filter_map(|candidate| Some((likeness(candidate)?, candidate)))
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// A number in plain decimal digits without leading zeros.
pub(crate) fn plain_number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    // More digits than any number here needs would overflow; they are simply too large.
    plain.then(|| text.parse().unwrap_or(u32::MAX))
}
