//! The folders of `tests/envs/`: an environment, its twin that breaks it in one way, and what every pack makes of both.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `env.yaml` | the environment |
//! | `twin.yaml` | the same with a few lines changed |
//! | `EXPECTED.md` | its own packs; one table of what does not pass, one of what is otherwise in the twin; each row argued |
//! | `OUTCOMES.txt` | every outcome of every pack on the environment, written by `UPDATE=1` and read by people |

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use crate::expected::{self, Table};
use crate::program::palisade;
use crate::report::{Finding, Report};
use crate::workspace;

/// One folder, read.
#[derive(Debug)]
pub struct Folder {
    /// `tests/envs/public-ip`
    pub path: String,
    /// The text of `env.yaml`.
    pub environment: String,
    /// The text of `twin.yaml`.
    pub twin: String,
    /// The packs whose documents the environment follows.
    pub own: BTreeSet<String>,
    /// What does not pass in the environment, and what argues it.
    pub argued: Table,
    /// What is otherwise in the twin.
    pub changed: Table,
}

/// Every folder that has an `env.yaml`.
pub fn folders() -> Vec<Folder> {
    let files = workspace::files("tests/envs", "yaml").into_iter();
    let paths = files.filter_map(|file| file.path.strip_suffix("/env.yaml").map(str::to_owned));
    paths.map(|path| folder(&path)).collect()
}

fn folder(path: &str) -> Folder {
    let text = |name: &str| workspace::file(&format!("{path}/{name}")).text;
    let document = text("EXPECTED.md");
    let mut tables = expected::read(&document);
    let mut table = |name: &str| tables.remove(name).unwrap_or_else(|| panic!("{path}/EXPECTED.md: nothing on {name}"));
    Folder {
        path: path.to_owned(),
        environment: text("env.yaml"),
        twin: text("twin.yaml"),
        own: own_packs(&document),
        argued: table("env.yaml"),
        changed: table("twin.yaml"),
    }
}

/// "Own packs: `azureml_v1`, `azureml_v2`."
fn own_packs(document: &str) -> BTreeSet<String> {
    let line = document.lines().find(|line| line.starts_with("Own pack")).expect("EXPECTED.md names its own packs");
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The names of the library's packs.
pub fn packs() -> BTreeSet<String> {
    let files = workspace::files("policies", "pal");
    let lines = files.iter().flat_map(|file| file.text.lines());
    let names = lines.filter_map(|line| line.strip_prefix("pack ")?.strip_suffix(" {"));
    names.map(str::to_owned).collect()
}

/// What one pack makes of every environment and every twin.
pub fn report(pack: &str, folders: &[Folder]) -> Report {
    let files = folders.iter().flat_map(|one| [format!("{}/env.yaml", one.path), format!("{}/twin.yaml", one.path)]);
    let fixed = ["check", "--all", "--output", "json", "--pack", pack].map(str::to_owned);
    Report::read(&palisade(fixed.into_iter().chain(files)).stdout)
}

impl Folder {
    /// The lines in which the twin differs, leading comment and name apart.
    pub fn difference(&self) -> Vec<String> {
        let difference = TextDiff::from_lines(body(&self.environment), body(&self.twin));
        let lines = difference.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal);
        lines.map(|change| format!("{}{change}", change.tag())).collect()
    }
}

fn body(text: &str) -> &str {
    let name = text.find("\nname: ").expect("a comment, then the name") + 1;
    text[name..].split_once('\n').expect("more than a name").1
}

/// What a rule comes to on a resource: one outcome, or several where its requirements differ.
type Outcomes = BTreeMap<(String, String), BTreeSet<String>>;

fn outcomes(findings: &[&Finding]) -> Outcomes {
    let mut all = Outcomes::new();
    for one in findings {
        let key = (one.rule.clone(), one.resource.clone());
        all.entry(key).or_default().insert(one.outcome.clone());
    }
    all
}

/// Where the table and the findings disagree: what does not pass has a row, and each row is about something.
pub fn unargued(table: &Table, findings: &[&Finding]) -> Vec<String> {
    let quiet = |one: &Finding| matches!(one.outcome.as_str(), "pass" | "not_applicable");
    disagreements(table, findings, quiet)
}

/// Where the table and the differences of a twin disagree.
pub fn unargued_changes(table: &Table, before: &[&Finding], after: &[&Finding]) -> Vec<String> {
    let (was, is) = (outcomes(before), outcomes(after));
    let gone = was.keys().filter(|key| !is.contains_key(key)).map(|(rule, on)| format!("{rule} on {on} is gone"));
    let changed = |one: &&Finding| {
        let key = (one.rule.clone(), one.resource.clone());
        was.get(&key) != is.get(&key)
    };
    let changed: Vec<&Finding> = after.iter().copied().filter(changed).collect();
    gone.chain(disagreements(table, &changed, |_| false)).collect()
}

fn disagreements(table: &Table, findings: &[&Finding], quiet: impl Fn(&Finding) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for one in findings {
        let what = format!("{} {} on {}", one.outcome, one.rule, one.resource);
        match table.row_for(&one.rule, &one.resource) {
            Some(row) => {
                used.insert(row.line);
                wrong.extend(row.disagreement(one).map(|why| format!("line {}: {what}: {why}", row.line)));
            }
            None if quiet(one) => {}
            None => wrong.push(format!("{what}: no row is about it: {}", one.message)),
        }
    }
    let idle = table.rows.iter().filter(|row| !used.contains(&row.line));
    wrong.extend(idle.map(|row| format!("line {}: {} on {}: nothing came of it", row.line, row.rule, row.on)));
    wrong
}

/// The outcomes of each pack as `OUTCOMES.txt` writes them.
pub fn snapshot(by_pack: &BTreeMap<&str, Vec<&Finding>>) -> String {
    let mut text = String::new();
    for (pack, findings) in by_pack {
        let all = outcomes(findings);
        writeln!(text, "{pack}: {}", counts(&all)).expect("writing to memory");
        let mut lines: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
        for ((rule, resource), outcome) in &all {
            lines.entry((rule, joined(outcome))).or_default().push(resource);
        }
        for ((rule, outcome), resources) in lines {
            writeln!(text, "  {outcome:<14}  {rule}: {}", resources.join(", ")).expect("writing to memory");
        }
    }
    text
}

fn counts(all: &Outcomes) -> String {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for outcome in all.values() {
        *counted.entry(joined(outcome)).or_default() += 1;
    }
    let parts: Vec<_> = counted.iter().map(|(outcome, number)| format!("{number} {outcome}")).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

fn joined(outcome: &BTreeSet<String>) -> String {
    outcome.iter().map(String::as_str).collect::<Vec<_>>().join("+")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Location, Position};

    fn finding(rule: &str, outcome: &str) -> Finding {
        let nowhere = Position { line: 1, column: 1, offset: 0 };
        Finding {
            rule: rule.to_owned(),
            outcome: outcome.to_owned(),
            severity: "error".to_owned(),
            environment: "e".to_owned(),
            resource: "c.one".to_owned(),
            message: "it is shut".to_owned(),
            location: Location { path: "e.yaml".to_owned(), pointer: "c.one".to_owned(), start: nowhere, end: nowhere },
            related: Vec::new(),
            flows: Vec::new(),
        }
    }

    fn table(row: &str) -> Table {
        let document = format!("## `env.yaml`\n\n{row}\n");
        expected::read(&document).remove("env.yaml").unwrap_or_default()
    }

    #[test]
    fn what_does_not_pass_has_a_row_and_each_row_is_about_something() {
        let (shut, open) = (finding("p.q", "violation"), finding("p.r", "pass"));
        let row = table("| `p.q` | `c.one` | violation | - | it is shut |");
        assert_eq!(unargued(&row, &[&shut, &open]), [""; 0]);
        assert_eq!(unargued(&Table::default(), &[&shut, &open]).len(), 1);
        assert_eq!(unargued(&row, &[&open]), ["line 3: p.q on c.one: nothing came of it"]);
    }

    #[test]
    fn a_change_has_a_row_and_what_is_gone_never_does() {
        let (was, is) = (finding("p.q", "pass"), finding("p.q", "violation"));
        let row = table("| `p.q` | `c.one` | violation | - | it is shut |");
        assert_eq!(unargued_changes(&row, &[&was], &[&is]), [""; 0]);
        assert_eq!(unargued_changes(&row, &[&is], &[&is]), ["line 3: p.q on c.one: nothing came of it"]);
        assert_eq!(unargued_changes(&Table::default(), &[&was], &[]), ["p.q on c.one is gone"]);
    }

    #[test]
    fn a_snapshot_names_every_resource_once() {
        let (shut, open) = (finding("p.q", "violation"), finding("p.q", "pass"));
        let by_pack = BTreeMap::from([("p", vec![&shut, &open]), ("s", Vec::new())]);
        assert_eq!(snapshot(&by_pack), "p: 1 pass+violation\n  pass+violation  p.q: c.one\ns: nothing\n");
    }
}
