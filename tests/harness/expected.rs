//! The tables of `tests/envs/EXPECTED.md`: what each environment there must come to, argued by hand.

use std::collections::BTreeMap;

use crate::report::{Environment, Finding};
use crate::workspace;

/// What one environment must come to.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The rows, most specific last word: see [`Table::row_for`].
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// A full name, or `azureml.v1.*`.
    pub rule: String,
    /// A place, or `*`.
    pub on: String,
    /// `violation`, `pass`, ….
    pub outcome: String,
    /// Where the finding must be, or a place related to it.
    pub at: Option<String>,
    /// The line of the document, from 1.
    pub line: usize,
}

/// The tables by the file that they are about.
pub fn tables() -> BTreeMap<String, Table> {
    read(&workspace::file("tests/envs/EXPECTED.md").text)
}

/// Reads the tables of a document.
pub fn read(markdown: &str) -> BTreeMap<String, Table> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut here = None;
    for (number, line) in markdown.lines().enumerate() {
        if let Some(title) = line.strip_prefix("## ") {
            here = Some(title.trim_matches('`').to_owned()).filter(|name| has_yaml_ending(name));
        } else if let Some(name) = &here {
            if let Some(other) = base(line) {
                let table = tables.get(other).unwrap_or_else(|| panic!("line {}: no table {other} above", number + 1));
                tables.insert(name.clone(), table.clone());
            } else if let Some(row) = row(line, number + 1) {
                tables.entry(name.clone()).or_default().put(row);
            }
        }
    }
    tables
}

fn has_yaml_ending(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|ending| ending == "yaml")
}

/// "Same as `other.yaml`, except:"
fn base(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("Same as `")?;
    rest.split('`').next()
}

fn row(line: &str, number: usize) -> Option<Row> {
    let cells: Vec<_> = line.strip_prefix('|')?.strip_suffix('|')?.split(" | ").map(str::trim).collect();
    if cells[0] == "rule" || cells[0].starts_with("---") {
        return None;
    }
    let [rule, on, outcome, at, why] = cells[..] else {
        panic!("line {number}: a row has five cells");
    };
    assert!(!why.is_empty(), "line {number}: nothing is argued");
    let bare = |cell: &str| cell.trim_matches('`').to_owned();
    Some(Row {
        rule: bare(rule),
        on: bare(on),
        outcome: outcome.to_owned(),
        at: (at != "-").then(|| bare(at)),
        line: number,
    })
}

impl Table {
    /// A row replaces the one with the same rule and subject.
    fn put(&mut self, row: Row) {
        match self.rows.iter_mut().find(|old| old.rule == row.rule && old.on == row.on) {
            Some(old) => *old = row,
            None => self.rows.push(row),
        }
    }

    /// The row that says what a finding must be: its own, else its rule's `*`, else its folder's.
    pub fn row_for(&self, rule: &str, on: &str) -> Option<&Row> {
        let find = |of: &dyn Fn(&Row) -> bool| self.rows.iter().find(|row| of(row));
        find(&|row| row.rule == rule && row.on == on)
            .or_else(|| find(&|row| row.rule == rule && row.on == "*"))
            .or_else(|| find(&|row| row.rule.strip_suffix('*').is_some_and(|folder| rule.starts_with(folder))))
    }

    /// What does not agree between the table and the findings of an environment, passes and the rest included.
    pub fn disagreements(&self, environment: &Environment, findings: &[&Finding]) -> Vec<String> {
        let mut wrong = Vec::new();
        for finding in findings {
            let what = format!("{} {} on {}", finding.outcome, finding.rule, finding.resource);
            match self.row_for(&finding.rule, &finding.resource) {
                None => wrong.push(format!("{}: {what}: no row is about it", environment.path)),
                Some(row) => wrong
                    .extend(row.disagreement(finding).map(|why| format!("EXPECTED.md:{}: {what}: {why}", row.line))),
            }
        }
        let missing = self
            .rows
            .iter()
            .filter(|row| row.on != "*" && !findings.iter().any(|one| one.rule == row.rule && one.resource == row.on));
        wrong.extend(
            missing.map(|row| format!("EXPECTED.md:{}: {} on {}: nothing came of it", row.line, row.rule, row.on)),
        );
        wrong
    }
}

impl Row {
    /// What a finding is that the row does not say.
    pub fn disagreement(&self, finding: &Finding) -> Option<String> {
        if finding.outcome != self.outcome {
            return Some(format!("`{}` is expected: {}", self.outcome, finding.message));
        }
        let at = self.at.as_ref().filter(|at| !finding.is_at(at))?;
        let places: Vec<_> = finding.places().map(|place| place.pointer.as_str()).collect();
        Some(format!("{at} is expected, and it is at {places:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
## `a.yaml`

| rule | on | outcome | at | why |
| --- | --- | --- | --- | --- |
| `p.*` | `*` | not_applicable | - | it is v2 |
| `q.r` | `c.one` | pass | - | it is open |
| `q.r` | `*` | not_applicable | - | no compute |

## `b.yaml`

Same as `a.yaml`, except:

| rule | on | outcome | at | why |
| --- | --- | --- | --- | --- |
| `q.r` | `c.one` | violation | `g.x` | it is shut |
";

    #[test]
    fn a_table_that_changes_another_keeps_the_rest() {
        let tables = read(DOCUMENT);
        assert_eq!(tables["a.yaml"].rows.len(), 3);
        assert_eq!(tables["b.yaml"].rows.len(), 3);
        assert_eq!(tables["a.yaml"].row_for("q.r", "c.one").unwrap().outcome, "pass");
        let changed = tables["b.yaml"].row_for("q.r", "c.one").unwrap();
        assert_eq!((changed.outcome.as_str(), changed.at.as_deref()), ("violation", Some("g.x")));
    }

    #[test]
    fn the_nearest_row_is_about_a_finding() {
        let table = &read(DOCUMENT)["a.yaml"];
        assert_eq!(table.row_for("q.r", "c.two").unwrap().on, "*");
        assert_eq!(table.row_for("p.x.y", "c.two").unwrap().rule, "p.*");
        assert_eq!(table.row_for("z.r", "c.two"), None);
    }
}
