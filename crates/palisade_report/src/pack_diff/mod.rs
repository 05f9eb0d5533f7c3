//! The answer of `diff`: for people what was dropped, added and changed, with the statements behind it (`traffic.rs`,
//! `rules.rs`); for tools JSON (`json.rs`).

mod json;
mod rules;
mod traffic;

use std::collections::BTreeMap;
use std::io::{self, Write};

use palisade_source::report::{Citation, DiffFate, DiffReport, DiffSide};

use palisade_source::Severity;

pub use self::json::pack_diff_json;

use crate::style::{Paint, Tone};
use crate::text::{counted, visible};
use crate::{Detail, Options};

/// Writes what lies between two packs or documents.
pub fn pack_diff(report: &DiffReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer { paint: Paint::new(options.color), detail: options.detail, sides: &report.sides, to };
    if options.detail != Detail::Quiet {
        writer.head()?;
        writer.traffic(&report.traffic)?;
        writer.requirements(&report.requirements)?;
        writer.statements(&report.statements)?;
        writer.documents(report)?;
        report.notes.iter().try_for_each(|note| writeln!(writer.to, "note: {}", visible(note)))?;
    }
    writer.counts(report)
}

struct Writer<'a> {
    paint: Paint,
    detail: Detail,
    sides: &'a [DiffSide; 2],
    to: &'a mut dyn Write,
}

impl Writer<'_> {
    fn head(&mut self) -> io::Result<()> {
        for (sign, side) in ["-", "+"].into_iter().zip(self.sides) {
            let name = self.paint.bold(&visible(&side.name));
            let status = side.status.as_ref().map(|status| format!(", {status}")).unwrap_or_default();
            let conditions: Vec<String> = side.conditions.iter().map(|one| format!("`{}`", visible(one))).collect();
            let when = if conditions.is_empty() { String::new() } else { format!(", when {}", conditions.join(", ")) };
            let (title, edition) = (visible(side.title.trim_end_matches('.')), visible(&side.edition));
            writeln!(self.to, "{sign} {name}: {title} (edition {edition}{status}{when})")?;
        }
        Ok(())
    }

    fn title(&mut self, title: &str) -> io::Result<()> {
        writeln!(self.to, "\n{}", self.paint.bold(title))
    }

    /// Whether something is listed: what is kept only where all is asked for.
    fn lists(&self, fate: DiffFate) -> bool {
        fate != DiffFate::Kept || self.detail == Detail::Verbose
    }

    /// `      differs in ports, conditions`
    fn differs(&mut self, what: &[&str], guess: Option<&str>) -> io::Result<()> {
        let guess = guess.map(|why| format!("; taken for one another because {why}")).unwrap_or_default();
        if what.is_empty() && guess.is_empty() {
            return Ok(());
        }
        writeln!(self.to, "      {}", self.paint.aside(&format!("differs in {}{guess}", what.join(", "))))
    }

    /// `by RULE (error, must)`
    fn by(&mut self, rule: &str, weight: (Severity, Option<&str>), indent: usize) -> io::Result<()> {
        let strength = weight.1.map(|word| format!(", {word}")).unwrap_or_default();
        writeln!(self.to, "{:indent$}by {} ({}{strength})", "", visible(rule), weight.0.as_str())
    }

    /// The statements, section by section; their words with `--verbose`.
    fn cites(&mut self, cites: &[&Citation], indent: usize) -> io::Result<()> {
        for of_section in cites.chunk_by(|a, b| a.section == b.section && a.title == b.title) {
            let section = of_section.first().map(|one| visible(&one.section)).unwrap_or_default();
            if self.detail < Detail::Verbose {
                let ids: Vec<_> = of_section.iter().map(|one| visible(&one.id)).collect();
                writeln!(self.to, "{:indent$}“{section}”: {}", "", ids.join(", "))?;
                continue;
            }
            writeln!(self.to, "{:indent$}“{section}”", "")?;
            for one in of_section {
                writeln!(self.to, "{:indent$}  {}: {}", "", visible(&one.id), visible(&one.statement))?;
            }
        }
        Ok(())
    }

    /// The documents that were cited, each once, with edition and address.
    fn documents(&mut self, report: &DiffReport) -> io::Result<()> {
        let traffic = report.traffic.iter().filter(|one| self.lists(one.fate));
        let rules = report.requirements.iter().filter(|one| self.lists(one.fate));
        let statements = report.statements.iter().filter(|one| self.lists(one.fate));
        let asks = traffic.flat_map(|one| one.was.iter().chain(&one.now)).flat_map(|side| &side.asked);
        let cites = asks.flat_map(|ask| ask.cites.iter().chain(&ask.rule_cites));
        let cites = cites.chain(rules.flat_map(|one| one.was.iter().chain(&one.now)).flat_map(|side| &side.cites));
        let sides = statements.flat_map(|one| one.was.iter().chain(&one.now));
        let mut documents: BTreeMap<&str, &Citation> = BTreeMap::new();
        let cites = cites.chain(sides.map(|side| &side.citation));
        for cite in cites {
            documents.entry(cite.id.split('.').next().unwrap_or_default()).or_insert(cite);
        }
        if documents.is_empty() {
            return Ok(());
        }
        self.title("documents")?;
        for (name, cite) in documents {
            let (title, edition, url) = (visible(&cite.title), visible(&cite.edition), visible(&cite.url));
            writeln!(self.to, "  {}: {title}, edition {edition}\n      {url}", visible(name))?;
        }
        Ok(())
    }

    fn name(&self, side: usize) -> String {
        self.sides.get(side).map(|side| visible(&side.name).into_owned()).unwrap_or_default()
    }

    fn counts(&mut self, report: &DiffReport) -> io::Result<()> {
        let [old, new] = self.sides;
        let (old, new) = (visible(&old.name), visible(&new.name));
        if self.detail != Detail::Quiet {
            writeln!(self.to)?;
        }
        let same = report.is_same();
        let kinds = [
            counts(same, ("stream of traffic", "streams of traffic"), report.traffic.iter().map(|one| one.fate)),
            counts(same, ("other requirement", "other requirements"), report.requirements.iter().map(|one| one.fate)),
            counts(same, ("statement", "statements"), report.statements.iter().map(|one| one.fate)),
        ];
        let kinds = kinds.into_iter().flatten().collect::<Vec<_>>();
        match (same, kinds.as_slice()) {
            (true, []) => writeln!(self.to, "{old} and {new} ask nothing"),
            (true, kinds) => writeln!(self.to, "{old} and {new} ask the same: {}", kinds.join(", ")),
            (false, kinds) => writeln!(self.to, "{old} → {new}: {}", kinds.join("; ")),
        }
    }
}

/// How many of a kind there are, and what became of them; nothing where there are none.
fn counts(same: bool, kind: (&str, &str), fates: impl Iterator<Item = DiffFate>) -> Option<String> {
    let fates: Vec<DiffFate> = fates.collect();
    let count = |fate| fates.iter().filter(|one| **one == fate).count();
    let (dropped, added) = (count(DiffFate::Dropped), count(DiffFate::Added));
    let (changed, kept) = (count(DiffFate::Changed), count(DiffFate::Kept));
    let all = counted(fates.len(), kind.0, kind.1);
    if same {
        return (!fates.is_empty()).then_some(all);
    }
    (!fates.is_empty()).then(|| format!("{all}: {dropped} dropped, {added} added, {changed} changed, {kept} kept"))
}

/// The sign before something, and its colour.
fn sign(fate: DiffFate) -> (&'static str, Tone) {
    match fate {
        DiffFate::Dropped => ("-", Tone::Bad),
        DiffFate::Added => ("+", Tone::Good),
        DiffFate::Changed => ("~", Tone::Doubtful),
        DiffFate::Kept => ("=", Tone::Other),
    }
}
