//! `concise`: one line for each finding and diagnostic, `path:line:col: severity[rule] message`, then the counts.
//!
//! What to do about a fault of a file or a command line stands behind it in parentheses: the nearest name belongs to it.
//! The word in the place of the severity is the outcome's where it is no violation: `undetermined[rule] …`.

use std::io::{self, Write};

use palisade_source::Diagnostic;
use palisade_source::report::{CheckReport, Finding};

use crate::places::Places;
use crate::style::finding_word;
use crate::summary::{nothing_applied, summary_line};
use crate::text::visible;
use crate::{Detail, Options};

/// Writes the result of a check.
pub fn concise(report: &CheckReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let lines = lines(report, options);
    let limit = options.limit.unwrap_or(usize::MAX);
    for line in lines.iter().take(limit) {
        writeln!(to, "{line}")?;
    }
    if lines.len() > limit {
        writeln!(to, "{} more not shown (`--max-diagnostics {limit}`)", lines.len() - limit)?;
    }
    writeln!(to, "{}", summary_line(report))
}

fn lines(report: &CheckReport, options: &Options) -> Vec<String> {
    let places = Places::new(&report.texts);
    let mut lines: Vec<String> = report.diagnostics.iter().map(|one| fault(one, None, &places)).collect();
    for environment in &report.environments {
        let path = Some(&*environment.path);
        let warning = nothing_applied(environment);
        lines.extend(environment.diagnostics.iter().chain(warning.as_ref()).map(|one| fault(one, path, &places)));
        if options.detail != Detail::Quiet {
            lines.extend(environment.findings.iter().map(finding));
        }
    }
    lines
}

fn finding(finding: &Finding) -> String {
    let (word, _) = finding_word(finding.outcome, finding.severity);
    let at = &finding.location;
    let place = format!("{}:{}:{}", visible(&at.path), at.start.line, at.start.column);
    format!("{place}: {word}[{}] {}", visible(&finding.rule), visible(&finding.message))
}

/// A diagnostic without a place of its own stands at the start of its environment, or at `palisade` itself.
pub(crate) fn fault(diagnostic: &Diagnostic, environment: Option<&str>, places: &Places<'_>) -> String {
    let place = match diagnostic.span.as_ref().map(|span| (span, places.locate(span))) {
        Some((_, Some(at))) => format!("{}:{}:{}", visible(&at.path), at.start.line, at.start.column),
        Some((span, None)) => format!("{}:1:1", visible(&span.path)),
        None => environment.map_or_else(|| "palisade".to_owned(), |path| format!("{}:1:1", visible(path))),
    };
    let help = diagnostic.help.as_ref().map(|help| format!(" ({})", visible(help))).unwrap_or_default();
    format!("{place}: {}[{}] {}{help}", diagnostic.severity.as_str(), diagnostic.code, visible(&diagnostic.message))
}
