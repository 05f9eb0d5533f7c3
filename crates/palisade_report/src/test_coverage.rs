//! What the tests of policies saw: the shares, then what is missing, one line for each, with its place.

use std::io::{self, Write};

use palisade_source::report::{CoverageReport, CoveredItem, CoveredPoint, Location, Share};
use serde::Serialize;

use crate::json::LocationDto;
use crate::style::{Paint, Tone};
use crate::text::visible;
use crate::{Detail, Options, table};

/// Writes what is missing, the shares, and whether they are below a threshold in percent.
pub fn test_coverage(
    report: &CoverageReport,
    threshold: Option<u8>,
    options: &Options,
    to: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint::new(options.color);
    if options.detail != Detail::Quiet {
        for item in &report.items {
            missing(item, paint, to)?;
        }
    }
    let row =
        |name: &str, share: Share| [name.to_owned(), share.seen.to_string(), share.all.to_string(), share.percent()];
    let rows = [
        row("rules", report.rules()),
        row("branches", report.branches()),
        row("traffic lines", report.lines()),
        row("together", report.total()),
    ];
    table::write(["coverage", "seen", "of", "percent"], &rows, options.width, to)?;
    match threshold {
        Some(threshold) if !report.total().reaches(threshold) => {
            let word = paint.tone(Tone::Bad, "below the threshold:");
            writeln!(to, "{word} {} % is seen and {threshold} % is required", report.total().percent())
        }
        _ => Ok(()),
    }
}

/// What no test saw of an item. Of one that no test reached there is nothing more to say.
fn missing(item: &CoveredItem, paint: Paint, to: &mut dyn Write) -> io::Result<()> {
    if !item.reached {
        let (kind, name) = (item.kind, visible(&item.name));
        return line(&item.location, &format!("no test reaches the {} `{name}`", noun(kind)), paint, to);
    }
    for point in &item.points {
        if let Some(words) = unseen(point) {
            line(&point.location, &words, paint, to)?;
        }
    }
    Ok(())
}

fn line(at: &Location, words: &str, paint: Paint, to: &mut dyn Write) -> io::Result<()> {
    let place = format!("{}:{}:{}", visible(&at.path), at.start.line, at.start.column);
    writeln!(to, "{place}: {} {words}", paint.tone(Tone::Doubtful, "unseen:"))
}

/// The kinds of item in words.
fn noun(kind: &str) -> &str {
    match kind {
        "fn" => "function",
        "const" => "constant",
        "traffic" => "traffic table",
        other => other,
    }
}

/// What was never seen of a condition or a line; `None` if all was.
fn unseen(point: &CoveredPoint) -> Option<String> {
    let missing: Vec<&str> = point.sides.iter().filter(|(_, seen)| !seen).map(|(side, _)| *side).collect();
    let subject = match point.kind {
        "line" => format!("`{}`", visible(&point.text)),
        "arm" => format!("the arm `{}`", visible(&point.text)),
        kind => format!("{kind} `{}`", visible(&point.text)),
    };
    let never = match missing.as_slice() {
        [] => return None,
        all if all.len() == point.sides.len() && !point.undetermined => "never asked".to_owned(),
        all => format!("never {}", all.join(", never ")),
    };
    let open = if point.undetermined { " (undetermined was seen)" } else { "" };
    Some(format!("{subject}: {never}{open}"))
}

/// The coverage in the JSON of a test run.
#[derive(Serialize)]
pub(crate) struct CoverageDto<'a> {
    summary: SummaryDto,
    items: Vec<ItemDto<'a>>,
}

#[derive(Serialize)]
struct SummaryDto {
    rules: ShareDto,
    branches: ShareDto,
    traffic_lines: ShareDto,
    together: ShareDto,
}

#[derive(Serialize)]
pub(crate) struct ShareDto {
    seen: usize,
    of: usize,
    /// With one decimal; null of nothing.
    percent: Option<f64>,
}

impl From<Share> for ShareDto {
    fn from(share: Share) -> Self {
        let percent = share.percent().parse().ok();
        Self { seen: share.seen, of: share.all, percent }
    }
}

#[derive(Serialize)]
struct ItemDto<'a> {
    kind: &'static str,
    name: &'a str,
    reached: bool,
    location: LocationDto,
    points: Vec<PointDto<'a>>,
}

#[derive(Serialize)]
struct PointDto<'a> {
    kind: &'static str,
    text: &'a str,
    location: LocationDto,
    seen: Vec<&'static str>,
    unseen: Vec<&'static str>,
    undetermined: bool,
}

impl<'a> CoverageDto<'a> {
    pub(crate) fn new(report: &'a CoverageReport) -> Self {
        let summary = SummaryDto {
            rules: report.rules().into(),
            branches: report.branches().into(),
            traffic_lines: report.lines().into(),
            together: report.total().into(),
        };
        Self { summary, items: report.items.iter().map(ItemDto::new).collect() }
    }
}

impl<'a> ItemDto<'a> {
    fn new(item: &'a CoveredItem) -> Self {
        Self {
            kind: item.kind,
            name: &item.name,
            reached: item.reached,
            location: LocationDto::new(&item.location),
            points: item.points.iter().map(PointDto::new).collect(),
        }
    }
}

impl<'a> PointDto<'a> {
    fn new(point: &'a CoveredPoint) -> Self {
        let sides = |wanted: bool| point.sides.iter().filter(move |(_, seen)| *seen == wanted).map(|(side, _)| *side);
        Self {
            kind: point.kind,
            text: &point.text,
            location: LocationDto::new(&point.location),
            seen: sides(true).collect(),
            unseen: sides(false).collect(),
            undetermined: point.undetermined,
        }
    }
}
