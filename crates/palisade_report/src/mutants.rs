//! Mutants of policies: those that no test noticed with what is changed in them, then how many of each kind were killed.

use std::io::{self, Write};

use palisade_source::report::{Fate, MUTANT_KINDS, MutantReport, MutationReport, Share};
use serde::Serialize;

use crate::json::LocationDto;
use crate::style::{Paint, Tone};
use crate::test_coverage::ShareDto;
use crate::text::{counted, visible};
use crate::{Detail, Options, table};

/// Of a change this many lines are shown.
const MOST_LINES: usize = 4;

/// Writes the survivors, the shares of each kind, and whether they are below a threshold in percent.
pub fn mutants(
    report: &MutationReport,
    threshold: Option<u8>,
    options: &Options,
    to: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint::new(options.color);
    if options.detail != Detail::Quiet {
        report.mutants.iter().filter(|mutant| !mutant.killed()).try_for_each(|one| survivor(one, paint, to))?;
    }
    let all = report.share(|_| true);
    let kinds = MUTANT_KINDS.iter().map(|kind| (*kind, report.share(|mutant| mutant.kind == *kind)));
    let rows: Vec<[String; 4]> = kinds
        .filter(|(_, share)| share.all > 0)
        .chain([("together", all)])
        .map(|(kind, share)| [kind.to_owned(), share.seen.to_string(), share.all.to_string(), share.percent()])
        .collect();
    table::write(["mutants", "killed", "of", "percent"], &rows, options.width, to)?;
    if report.refused > 0 {
        let refused = counted(report.refused, "mutant is", "mutants are");
        writeln!(to, "{refused} not counted: their types do not fit, or they do not parse")?;
    }
    if report.excused() > 0 {
        let excused = counted(report.excused(), "survivor is", "survivors are");
        writeln!(to, "{excused} not counted: the policies say why nobody could tell")?;
    }
    match threshold {
        Some(threshold) if !all.reaches(threshold) => {
            let word = paint.tone(Tone::Bad, "below the threshold:");
            writeln!(to, "{word} {} % are killed and {threshold} % are required", all.percent())
        }
        _ => Ok(()),
    }
}

fn survivor(mutant: &MutantReport, paint: Paint, to: &mut dyn Write) -> io::Result<()> {
    let at = &mutant.location;
    let place = format!("{}:{}:{}", visible(&at.path), at.start.line, at.start.column);
    let tests = match &mutant.fate {
        Fate::Killed { .. } | Fate::Excused { .. } => return Ok(()),
        Fate::Survived { tests: 0 } => "no test reaches it".to_owned(),
        Fate::Survived { tests } => {
            format!("{} did not notice", counted(*tests, "test that reaches it", "tests that reach it"))
        }
    };
    writeln!(to, "{place}: {} {}: {tests}", paint.tone(Tone::Doubtful, "survived:"), mutant.kind)?;
    change('-', &mutant.before, paint, to)?;
    change('+', &mutant.after, paint, to)
}

/// The lines of one side of a change; those that are left empty are not shown.
fn change(sign: char, text: &str, paint: Paint, to: &mut dyn Write) -> io::Result<()> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    for line in lines.iter().take(MOST_LINES) {
        writeln!(to, "    {}", paint.dim(&format!("{sign} {}", visible(line).trim_start())))?;
    }
    match lines.len().saturating_sub(MOST_LINES) {
        0 => Ok(()),
        more => writeln!(to, "    {}", paint.dim(&format!("{sign} … {}", counted(more, "more line", "more lines")))),
    }
}

/// The mutants in the JSON of a test run.
#[derive(Serialize)]
pub(crate) struct MutationDto<'a> {
    summary: SummaryDto,
    mutants: Vec<MutantDto<'a>>,
}

#[derive(Serialize)]
struct SummaryDto {
    together: ShareDto,
    kinds: Vec<KindDto>,
    refused: usize,
    excused: usize,
}

#[derive(Serialize)]
struct KindDto {
    kind: &'static str,
    #[serde(flatten)]
    share: ShareDto,
}

#[derive(Serialize)]
struct MutantDto<'a> {
    kind: &'static str,
    item: &'a str,
    location: LocationDto,
    before: &'a str,
    after: &'a str,
    killed: bool,
    killed_by: Option<&'a str>,
    /// Of one that was not killed: how many tests reach it.
    reached_by: Option<usize>,
    /// Of one that was not killed: why the policy says that nobody could tell.
    excused_because: Option<&'a str>,
}

impl<'a> MutationDto<'a> {
    pub(crate) fn new(report: &'a MutationReport) -> Self {
        let kind = |kind: &'static str| {
            let share: Share = report.share(|mutant| mutant.kind == kind);
            (share.all > 0).then(|| KindDto { kind, share: share.into() })
        };
        let summary = SummaryDto {
            together: report.share(|_| true).into(),
            kinds: MUTANT_KINDS.into_iter().filter_map(kind).collect(),
            refused: report.refused,
            excused: report.excused(),
        };
        Self { summary, mutants: report.mutants.iter().map(MutantDto::new).collect() }
    }
}

impl<'a> MutantDto<'a> {
    fn new(mutant: &'a MutantReport) -> Self {
        let (killed_by, reached_by, excused_because) = match &mutant.fate {
            Fate::Killed { by } => (Some(by.as_str()), None, None),
            Fate::Survived { tests } => (None, Some(*tests), None),
            Fate::Excused { because } => (None, None, Some(because.as_str())),
        };
        Self {
            kind: mutant.kind,
            item: &mutant.item,
            location: LocationDto::new(&mutant.location),
            before: &mutant.before,
            after: &mutant.after,
            killed: mutant.killed(),
            killed_by,
            reached_by,
            excused_because,
        }
    }
}
