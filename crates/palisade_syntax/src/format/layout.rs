//! Where lines break: a row of [`Op`]s in, text out.
//!
//! A group is written on one line if it fits and nothing in it asks for a newline; otherwise all its own lines break.
//! Nothing but white space is ever added or left out here.

/// The longest line that is made; a longer text or comment stays as it is.
pub(super) const WIDTH: usize = 160;
/// How far the inner parts of something are moved to the right.
pub(super) const STEP: usize = 2;

/// An instruction of the layout.
#[derive(Clone, Debug)]
pub(super) enum Op<'t> {
    /// A token, or a part of one line.
    Text(&'t str),
    /// So many spaces between two tokens of a line.
    Pad(usize),
    /// So many spaces more where the lines of the group break: they make a column.
    Column(usize),
    /// What stands only where the group is on one line.
    Flat(&'static str),
    /// A newline, or this text where the group is on one line.
    Line { flat: &'static str, blank: bool },
    /// A newline, after a blank line if asked for.
    Hard { blank: bool },
    /// A comment; `own` if it is on a line of its own.
    Comment { text: &'t str, own: bool, blank: bool },
    /// The beginning of a group; `broken` if its author broke it.
    Open { broken: bool },
    /// The end of a group.
    Close,
    /// What follows is one step further to the right.
    Indent,
    /// What follows is not moved further left than where it begins.
    Align,
    /// The end of an indentation or alignment.
    Dedent,
}

/// The width of a row of instructions on one line.
pub(super) fn width(ops: &[Op<'_>]) -> usize {
    let each = |op: &Op<'_>| match op {
        Op::Text(text) => text.chars().count(),
        Op::Pad(spaces) => *spaces,
        Op::Flat(text) | Op::Line { flat: text, .. } => text.len(),
        _ => 0,
    };
    ops.iter().map(each).sum()
}

/// Writes the instructions out, with this end of line.
pub(super) fn print(ops: &[Op<'_>], newline: &'static str) -> String {
    let mut pen = Pen {
        newline,
        out: String::new(),
        column: 0,
        indent: 0,
        indents: Vec::new(),
        broken: vec![true],
        after_comment: None,
    };
    for (i, op) in ops.iter().enumerate() {
        pen.step(op, ops.get(i + 1..).unwrap_or_default());
    }
    pen.out
}

struct Pen {
    newline: &'static str,
    out: String,
    column: usize,
    indent: usize,
    indents: Vec<usize>,
    /// For each open group whether its lines break; the file itself is the first.
    broken: Vec<bool>,
    /// After a comment nothing may stand on its line: how far right the next token goes if nothing else breaks.
    after_comment: Option<usize>,
}

impl Pen {
    fn step(&mut self, op: &Op<'_>, rest: &[Op<'_>]) {
        match op {
            Op::Text(text) => self.text(text),
            Op::Pad(spaces) => self.spaces(*spaces),
            Op::Column(spaces) if self.breaks() => self.spaces(*spaces),
            Op::Flat(text) if !self.breaks() => self.text(text),
            Op::Flat(_) | Op::Column(_) => {}
            Op::Line { flat, .. } if !self.breaks() => self.spaces(flat.len()),
            Op::Line { blank, .. } | Op::Hard { blank } => self.line(*blank),
            Op::Comment { text, own, blank } => self.comment(text, *own, *blank),
            Op::Open { broken } => {
                let breaks = self.breaks() && (*broken || !self.fits(rest));
                self.broken.push(breaks);
            }
            Op::Close => {
                self.broken.pop();
            }
            Op::Indent => self.push_indent(self.indent + STEP),
            Op::Align => self.push_indent(self.column),
            Op::Dedent => self.indent = self.indents.pop().unwrap_or(0),
        }
    }

    fn breaks(&self) -> bool {
        self.broken.last().is_none_or(|broken| *broken)
    }

    fn push_indent(&mut self, indent: usize) {
        self.indents.push(self.indent);
        self.indent = indent;
    }

    fn is_fresh(&self) -> bool {
        self.out.is_empty() || self.out.ends_with('\n')
    }

    fn text(&mut self, text: &str) {
        if let Some(column) = self.after_comment.take() {
            self.fresh(column);
        }
        if self.is_fresh() {
            self.out.push_str(&" ".repeat(self.column));
        }
        self.out.push_str(text);
        self.column = match text.rfind('\n') {
            Some(newline) => text.len() - newline - 1,
            None => self.column + text.chars().count(),
        };
    }

    /// Spaces, except at the beginning of a line.
    fn spaces(&mut self, count: usize) {
        if !self.is_fresh() && self.after_comment.is_none() {
            self.out.push_str(&" ".repeat(count));
            self.column += count;
        }
    }

    fn line(&mut self, blank: bool) {
        self.after_comment = None;
        self.fresh(self.indent);
        let twice = [self.newline, self.newline].concat();
        if blank && !self.out.is_empty() && !self.out.ends_with(&twice) {
            self.out.push_str(self.newline);
        }
    }

    /// Goes to the beginning of a line, where what follows is put at this column.
    fn fresh(&mut self, column: usize) {
        if !self.is_fresh() {
            let written = self.out.trim_end_matches(' ').len();
            self.out.truncate(written);
            self.out.push_str(self.newline);
        }
        self.column = column;
    }

    fn comment(&mut self, text: &str, own: bool, blank: bool) {
        let fresh = self.is_fresh();
        let continued = self.indent + STEP;
        let column = match self.after_comment.take() {
            Some(column) => column,
            None if fresh => self.column,
            None => continued,
        };
        if own {
            if blank {
                self.line(true);
            }
            self.fresh(column);
        } else if !fresh {
            let written = self.out.trim_end_matches(' ').len();
            self.out.truncate(written);
            self.out.push_str("  ");
        }
        if self.is_fresh() {
            self.out.push_str(&" ".repeat(column));
        }
        self.out.push_str(text);
        self.after_comment = Some(column);
    }

    /// Whether the group that begins here has room up to the first place after it where a line may break.
    fn fits(&self, rest: &[Op<'_>]) -> bool {
        let mut room = WIDTH.checked_sub(self.after_comment.unwrap_or(self.column));
        let mut depth = 1_usize;
        for op in rest {
            let inside = depth > 0;
            let used = match op {
                Op::Text(text) if text.contains('\n') => {
                    let first = text.lines().next().unwrap_or_default().chars().count();
                    return room.is_some_and(|room| room >= first);
                }
                Op::Comment { .. } | Op::Hard { .. } => return !inside && room.is_some(),
                Op::Line { .. } if !inside => return room.is_some(),
                Op::Open { broken: true } if inside => return false,
                Op::Open { .. } if inside => {
                    depth += 1;
                    0
                }
                Op::Close if inside => {
                    depth -= 1;
                    0
                }
                other => width(std::slice::from_ref(other)),
            };
            room = room.and_then(|room| room.checked_sub(used));
            if room.is_none() {
                return false;
            }
        }
        true
    }
}
