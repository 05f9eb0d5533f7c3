//! The matrix as a page in Markdown: one table of documents, then one of statements for each.
//!
//! The page says which outcomes tests expect, not how many tests do, so that it changes when something is covered that was
//! not.

use std::io::{self, Write};

use palisade_source::report::{StatementCheck, StatementInfo};

use super::{binds, coverage_line};
use crate::text::visible;

const HEAD: &str = "\
# What the library checks, statement by statement

`palisade coverage --output markdown` writes this page, and a test holds it up to date. Each document is in the library sentence by sentence; a statement is checked by the rules that cite it, themselves or
by a line of their traffic (“line”), or says why nothing checks it. Beside each rule stands what its tests expect of it in some environment: that it passes, is violated, stays undetermined, does not apply.

A rule that rests on several statements is tested as a whole: that a test sees it violated does not say which of them was. Which condition and which line of traffic was seen both ways is what
`palisade test --coverage` says. Rules of another pack than the document's own may cite it too, for instance because what it asks was superseded.
";

/// Writes the page.
pub fn coverage_page(statements: &[StatementInfo], to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "{HEAD}")?;
    writeln!(to, "{}.\n", coverage_line(statements))?;
    writeln!(to, "| document | edition | statements | that bind | with a rule | seen violated | with a reason |")?;
    writeln!(to, "| --- | --- | --- | --- | --- | --- | --- |")?;
    let documents = || statements.chunk_by(|a, b| a.source == b.source);
    documents().try_for_each(|document| summary(document, to))?;
    documents().try_for_each(|document| table(document, to))
}

fn summary(document: &[StatementInfo], to: &mut dyn Write) -> io::Result<()> {
    let Some(first) = document.first() else { return Ok(()) };
    let count = |of: &dyn Fn(&StatementInfo) -> bool| document.iter().filter(|one| of(one)).count();
    writeln!(
        to,
        "| [{source}](#{source}) {} | {} | {} | {} | {} | {} | {} |",
        cell(&first.citation.title),
        cell(&first.citation.edition),
        document.len(),
        count(&binds),
        count(&|one| !one.rules.is_empty()),
        count(&|one| one.violations > 0),
        count(&|one| one.rules.is_empty() && one.unchecked.is_some()),
        source = visible(&first.source),
    )
}

fn table(document: &[StatementInfo], to: &mut dyn Write) -> io::Result<()> {
    let Some(first) = document.first() else { return Ok(()) };
    let citation = &first.citation;
    writeln!(to, "\n## {}\n", visible(&first.source))?;
    writeln!(to, "{}, edition {}: <{}>\n", cell(&citation.title), cell(&citation.edition), visible(&citation.url))?;
    writeln!(to, "| statement | strength | says | checked by |")?;
    writeln!(to, "| --- | --- | --- | --- |")?;
    for one in document {
        let id = visible(&one.citation.id);
        let path = id.split_once('.').map_or(&*id, |(_, path)| path);
        writeln!(to, "| `{path}` | {} | {} | {} |", one.strength, cell(&one.citation.statement), checked_by(one))?;
    }
    Ok(())
}

fn checked_by(statement: &StatementInfo) -> String {
    match (&statement.unchecked, statement.checks.as_slice()) {
        (Some(why), []) => format!("unchecked: {}", cell(why)),
        (None, []) if binds(statement) => "**no rule**".to_owned(),
        (None, []) => "-".to_owned(),
        (_, checks) => checks.iter().map(check).collect::<Vec<_>>().join("<br>"),
    }
}

/// `azureml.v1.use.training_outbound` (line): violation, pass
fn check(check: &StatementCheck) -> String {
    let outcomes = [
        ("violation", check.violation),
        ("pass", check.pass),
        ("undetermined", check.undetermined),
        ("not applicable", check.not_applicable),
    ];
    let seen: Vec<&str> = outcomes.iter().filter(|(_, tests)| *tests > 0).map(|(word, _)| *word).collect();
    let seen = if seen.is_empty() { "**no test**".to_owned() } else { seen.join(", ") };
    let line = if check.by_line { " (line)" } else { "" };
    format!("`{}`{line}: {seen}", visible(&check.rule))
}

/// A text that Markdown shows as it is.
fn cell(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if matches!(c, '\\' | '|' | '<' | '>' | '*' | '_' | '`' | '[' | ']' | '&') {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn what_markdown_would_read_is_escaped() {
        assert_eq!(
            cell("a | *b* `c` <d> _e_ [f](g) & \\"),
            "a \\| \\*b\\* \\`c\\` \\<d\\> \\_e\\_ \\[f\\](g) \\& \\\\"
        );
    }
}
