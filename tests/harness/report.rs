//! The JSON of `palisade check`, read back by a consumer that knows its documented shape and nothing else.

use serde::Deserialize;

/// The whole document.
#[derive(Debug, Deserialize)]
pub struct Report {
    /// Always 1.
    pub version: u32,
    /// What was checked.
    pub environments: Vec<Environment>,
    /// Counts over all environments.
    pub summary: Summary,
    /// Faults of policies, configuration or command line.
    pub diagnostics: Vec<Diagnostic>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// One environment.
#[derive(Debug, Deserialize)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: String,
    /// Its counts.
    pub summary: Summary,
    /// Faults of its file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Counts of outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Summary {
    /// Requirements that hold.
    pub pass: usize,
    /// Requirements that do not.
    pub violation: usize,
    /// Instances that a `when` excluded.
    pub not_applicable: usize,
    /// Instances without an answer.
    pub undetermined: usize,
    /// Violations that a waiver accepts.
    pub waived: usize,
    /// Defects.
    pub error: usize,
}

/// A fault with its place.
#[derive(Debug, Deserialize)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: String,
    /// `error`, `warning`, `info`.
    pub severity: String,
    /// What was found and what was required.
    pub message: String,
    /// Where, if a file is at fault.
    pub location: Option<Location>,
    /// What to do.
    pub help: Option<String>,
}

/// One (rule, subject, requirement).
#[derive(Debug, Deserialize)]
pub struct Finding {
    /// Its rule.
    pub rule: String,
    /// `violation`, `pass`, ….
    pub outcome: String,
    /// The rule's severity.
    pub severity: String,
    /// The environment's name.
    pub environment: String,
    /// The subject's place.
    pub resource: String,
    /// What was found.
    pub message: String,
    /// The smallest value that shows it.
    pub location: Location,
    /// Other places.
    pub related: Vec<Related>,
    /// The flows that were asked.
    pub flows: Vec<Flow>,
}

/// One flow with its verdict.
#[derive(Debug, Deserialize)]
pub struct Flow {
    /// In words.
    pub flow: String,
    /// `allowed`, `denied`, ….
    pub verdict: String,
    /// The rule that decided.
    pub decided_by: Option<String>,
}

/// Another place.
#[derive(Debug, Deserialize)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// A place in a file.
#[derive(Debug, Deserialize)]
pub struct Location {
    /// The file.
    pub path: String,
    /// The symbolic place.
    #[serde(default)]
    pub pointer: String,
    /// The first byte.
    pub start: Position,
    /// Past the last byte.
    pub end: Position,
}

/// One end of a place.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Bytes.
    pub offset: usize,
}

impl Report {
    /// Reads the document; anything else is a panic that shows it.
    pub fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_else(|e| panic!("not a report: {e}\n{json}"))
    }

    /// Every diagnostic: of the whole run, and of each environment.
    pub fn all_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        let own = self.environments.iter().flat_map(|one| &one.diagnostics);
        self.diagnostics.iter().chain(own)
    }
}

impl Finding {
    /// Its place and the related ones, in that order.
    pub fn places(&self) -> impl Iterator<Item = &Location> {
        let related = self.related.iter().map(|related| &related.location);
        std::iter::once(&self.location).chain(related)
    }

    /// Whether its location or a related place is that place or lies within it.
    pub fn is_at(&self, place: &str) -> bool {
        self.places().any(|found| within(&found.pointer, place))
    }
}

/// Whether a place is another one or lies within it.
pub fn within(inner: &str, outer: &str) -> bool {
    let rest = inner.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_place_lies_within_its_beginning_at_a_border_only() {
        assert!(within("computes.ci-1.public_ip", "computes.ci-1"));
        assert!(within("a.b[0]", "a.b"));
        assert!(within("a", "a"));
        assert!(!within("computes.ci-10", "computes.ci-1"));
    }
}
