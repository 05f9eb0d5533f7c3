//! A piece of one or more files with labels on it. `ariadne` draws it and is seen nowhere else.
//!
//! `ariadne` prints whole lines, numbers them from the start of the text it is given, and stops the program on a
//! span inside a character. So it never sees a file: it is given a [`Window`] of only the labelled lines, long
//! lines cut around their labels and every hidden character written out, with spans counted in the window's own
//! characters. Afterwards the margin, with the true line numbers and the true place, is written again
//! ([`remargin`]). The work is that of the lines shown, whatever the size of the file.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use ariadne::{Color, Config, IndexType, Label, Report, ReportKind};
use palisade_source::{LineColumn, LineIndex, TextRange};
use unicode_width::UnicodeWidthChar;

use crate::places::Places;
use crate::style::{Paint, Tone};
use crate::text::{push_visible, visible};

/// A place with a word about it. The first of those drawn together is the primary one.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) path: Arc<str>,
    pub(crate) range: TextRange,
    pub(crate) words: String,
    pub(crate) tone: Tone,
}

/// A line of up to this many characters is shown whole.
const LONGEST_LINE: usize = 160;
/// Characters shown before and after a span in a longer line.
const AROUND: usize = 40;
/// Characters shown of a span in a longer line.
const LONGEST_SPAN: usize = 80;

/// Draws the marks, those of one file together; only the first line of each. A mark in a file whose text the
/// report lacks becomes a line that names the file.
pub(crate) fn draw(marks: &[Mark], places: &Places<'_>, paint: Paint, color: bool) -> String {
    let (windows, missing) = windows(marks, places);
    let mut drawn = remargin(&raw(&windows, color), &windows, paint);
    for mark in missing {
        let _ = writeln!(drawn, "  --> {}: {}", visible(&mark.path), visible(&mark.words));
    }
    drawn
}

/// The labelled lines of one file.
struct Window {
    path: Arc<str>,
    /// Each line ends with a newline.
    text: String,
    /// The true number of each line of `text`; 0 for the gap between lines that are not neighbours.
    numbers: Vec<u32>,
    /// Where the first of the marks stands: the place that the header names.
    lead: LineColumn,
    labels: Vec<Placed>,
}

/// A mark with its place in the window.
struct Placed {
    span: Range<usize>,
    words: String,
    tone: Tone,
}

/// One window for each file, in the order in which the marks name them.
fn windows<'m>(marks: &'m [Mark], places: &Places<'_>) -> (Vec<Window>, Vec<&'m Mark>) {
    let mut paths: Vec<&Arc<str>> = Vec::new();
    for mark in marks {
        if !paths.contains(&&mark.path) {
            paths.push(&mark.path);
        }
    }
    let mut windows = Vec::new();
    let mut missing = Vec::new();
    for path in paths {
        let of_path: Vec<&Mark> = marks.iter().filter(|mark| mark.path == *path).collect();
        match places.file(path) {
            Some((text, index)) => windows.push(Window::new(path, text, &index, &of_path)),
            None => missing.extend(of_path),
        }
    }
    (windows, missing)
}

impl Window {
    fn new(path: &Arc<str>, text: &str, index: &LineIndex, marks: &[&Mark]) -> Self {
        let mut placed: Vec<(LineColumn, &Mark)> =
            marks.iter().map(|mark| (index.line_column(text, mark.range.start()), *mark)).collect();
        let lead = placed.first().map_or(LineColumn { line: 1, column: 1 }, |(place, _)| *place);
        let mut window =
            Self { path: Arc::clone(path), text: String::new(), numbers: Vec::new(), lead, labels: Vec::new() };
        placed.sort_by_key(|(place, _)| *place);
        for of_line in placed.chunk_by(|(a, _), (b, _)| a.line == b.line) {
            let Some((first, _)) = of_line.first() else {
                continue;
            };
            let Some(line) = index.line_range(text, first.line) else {
                continue;
            };
            window.push_line(text, line, first.line, of_line);
        }
        window
    }

    fn push_line(&mut self, text: &str, line: TextRange, number: u32, marks: &[(LineColumn, &Mark)]) {
        if self.numbers.last().is_some_and(|last| last + 1 < number) {
            self.numbers.push(0);
            self.text.push('\n');
        }
        let start: usize = line.start().into();
        let content = text.get(start..line.end().into()).unwrap_or("");
        let within = |mark: &Mark| {
            let range = usize::from(mark.range.start())..usize::from(mark.range.end());
            widen(content, range.start.saturating_sub(start)..range.end.saturating_sub(start))
        };
        let spans: Vec<Range<usize>> = marks.iter().map(|(_, mark)| within(mark)).collect();
        let cut = Cut::new(content, &spans, self.text.chars().count());
        self.text.push_str(&cut.shown);
        self.text.push('\n');
        self.numbers.push(number);
        self.labels.extend(marks.iter().zip(&spans).map(|((_, mark), span)| Placed {
            span: cut.map(span),
            words: visible(&mark.words).into_owned(),
            tone: mark.tone,
        }));
    }
}

/// The range clamped to the text and widened to whole characters; an empty one takes the character after it.
fn widen(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = range.end.clamp(start, text.len());
    if end == start && end < text.len() {
        end += 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// A line as shown: cut, hidden characters written out.
struct Cut {
    shown: String,
    /// (byte of the line, character of the window) for each shown character, and past the end of each piece.
    table: Vec<(usize, usize)>,
}

impl Cut {
    fn new(content: &str, spans: &[Range<usize>], first: usize) -> Self {
        let mut cut = Self { shown: String::new(), table: Vec::new() };
        let mut at = first;
        let mut shown_to = 0;
        for piece in pieces(content, spans) {
            if piece.start > shown_to {
                cut.shown.push('…');
                at += 1;
            }
            for (offset, c) in content.get(piece.clone()).unwrap_or("").char_indices() {
                cut.table.push((piece.start + offset, at));
                at += cut.push(c);
            }
            cut.table.push((piece.end, at));
            shown_to = piece.end;
        }
        if shown_to < content.len() {
            cut.shown.push('…');
        }
        cut
    }

    /// Appends a character and says how many characters it became. A tab stays: `ariadne` expands it. One that takes
    /// no column (a combining accent) is written out, since a label could not stand under it.
    fn push(&mut self, c: char) -> usize {
        if c == '\t' {
            self.shown.push(c);
            return 1;
        }
        let before = self.shown.len();
        if c.width() == Some(0) {
            self.shown.extend(c.escape_unicode());
        } else {
            push_visible(&mut self.shown, c);
        }
        self.shown.get(before..).map_or(1, |new| new.chars().count())
    }

    /// A span of the line as a span of the window; never empty, since the newline follows the last character.
    fn map(&self, span: &Range<usize>) -> Range<usize> {
        let find = |offset: usize| {
            let next = self.table.partition_point(|(byte, _)| *byte <= offset);
            next.checked_sub(1).and_then(|at| self.table.get(at)).map_or(0, |(_, at)| *at)
        };
        let start = find(span.start);
        start..find(span.end).max(start + 1)
    }
}

/// What is shown of a line: all of it, or the surroundings of each span.
fn pieces(content: &str, spans: &[Range<usize>]) -> Vec<Range<usize>> {
    if content.chars().nth(LONGEST_LINE).is_none() {
        return std::iter::once(0..content.len()).collect();
    }
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for span in spans {
        let start = back(content, span.start, AROUND);
        let end = forward(content, span.end.min(forward(content, span.start, LONGEST_SPAN)), AROUND);
        match pieces.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => pieces.push(start..end),
        }
    }
    pieces
}

/// The start of the `count`th character before a boundary.
fn back(text: &str, from: usize, count: usize) -> usize {
    let before = text.get(..from).unwrap_or("");
    before.char_indices().rev().take(count).last().map_or(from, |(at, _)| at)
}

/// The start of the `count`th character after a boundary.
fn forward(text: &str, from: usize, count: usize) -> usize {
    text.get(from..).and_then(|rest| rest.char_indices().nth(count)).map_or(text.len(), |(at, _)| from + at)
}

/// What `ariadne` draws of the windows; a window's path is its number. Empty if nothing can be drawn.
fn raw(windows: &[Window], color: bool) -> String {
    if windows.is_empty() {
        return String::new();
    }
    let mut builder = Report::build(ReportKind::Error, (0, 0..0));
    for (number, window) in windows.iter().enumerate() {
        for label in &window.labels {
            let one = Label::new((number, label.span.clone())).with_message(&label.words);
            builder.add_label(if color { one.with_color(ariadne_color(label.tone)) } else { one });
        }
    }
    // Set after the labels, whose colours it would otherwise take away: the margin is coloured by `remargin`.
    let report = builder.with_config(Config::default().with_color(false).with_index_type(IndexType::Char)).finish();
    let texts: Vec<(usize, &str)> = windows.iter().map(|window| window.text.as_str()).enumerate().collect();
    let mut drawn = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = report.write(ariadne::sources(texts), &mut drawn);
    String::from_utf8_lossy(&drawn).into_owned()
}

fn ariadne_color(tone: Tone) -> Color {
    match tone {
        Tone::Bad => Color::Red,
        Tone::Doubtful => Color::Yellow,
        Tone::Good => Color::Green,
        Tone::Other => Color::Blue,
    }
}

/// Drops the header and writes the margin again, with the true line numbers and places.
fn remargin(raw: &str, windows: &[Window], paint: Paint) -> String {
    let largest = windows.iter().flat_map(|window| &window.numbers).max().copied().unwrap_or(0);
    let digits = largest.to_string().len();
    let lines: Vec<&str> = raw.lines().skip(1).collect();
    let margin = lines.first().map_or(0, |first| first.chars().take_while(|c| *c == ' ').count());
    let mut drawn = String::new();
    let mut window = None;
    for line in lines {
        let at = line.char_indices().nth(margin).map_or(line.len(), |(at, _)| at);
        let (left, rest) = line.split_at(at);
        let rest = if rest.starts_with(['╭', '├']) {
            window = header_window(rest, windows);
            header(rest, window, paint)
        } else {
            dim_bar(rest, paint)
        };
        let number = window.and_then(|w: &Window| w.numbers.get(left.trim().parse::<usize>().ok()?.checked_sub(1)?));
        let left = match number {
            Some(number) => format!(" {number:>digits$} "),
            None if left.starts_with('─') => "─".repeat(digits + 2),
            None => " ".repeat(digits + 2),
        };
        let _ = writeln!(drawn, "{}", format!("{}{rest}", paint.dim(&left)).trim_end());
    }
    drawn
}

/// The window whose number stands in a header (`╭─[ 0:1:5 ]`).
fn header_window<'w>(header: &str, windows: &'w [Window]) -> Option<&'w Window> {
    let (_, place) = header.split_once("[ ")?;
    windows.get(place.split(':').next()?.parse::<usize>().ok()?)
}

/// A header with the true path, line and column.
fn header(drawn: &str, window: Option<&Window>, paint: Paint) -> String {
    let corner = if drawn.starts_with('╭') { '╭' } else { '├' };
    let place = window.map_or_else(String::new, |window| {
        format!("{}:{}:{}", visible(&window.path), window.lead.line, window.lead.column)
    });
    format!("{}{place}{}", paint.dim(&format!("{corner}─[ ")), paint.dim(" ]"))
}

/// The bar between margin and text, without emphasis.
fn dim_bar(rest: &str, paint: Paint) -> String {
    let mut chars = rest.chars();
    match chars.next() {
        Some(bar @ ('│' | '┆' | '╯')) => {
            format!("{}{}", paint.dim(&bar.to_string()), chars.as_str())
        }
        _ => rest.to_owned(),
    }
}
