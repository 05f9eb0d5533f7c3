//! A light scan of a chunk, before the grammar: tokens with their lines and columns, documentation, and depth.
//!
//! It knows texts, raw texts and comments, so that braces in them do not count. It serves what a grammar is bad at:
//! finding the end of a broken block, naming what was found, and refusing what is nested too deep to be read safely.

use std::ops::Range;

use crate::limits::MAX_NESTING;

/// What kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters, digits and underscores; also whatever else starts with a digit.
    Word,
    /// `"…"`
    Text,
    /// `"…` up to the end of its line.
    OpenText,
    /// `"""…"""`
    Raw,
    /// `"""…` broken off by a line at column 0 or the end of the file.
    OpenRaw,
    /// `(`, `[`, `{`
    Open,
    /// `)`, `]`, `}`
    Close,
    /// Any other sign, one or two characters long.
    Sign,
}

/// A token of a chunk, offsets in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Bytes since the beginning of its line.
    pub(crate) column: usize,
    /// Nothing but white space before it on its line.
    pub(crate) first: bool,
}

/// A `///` or `//!` line.
#[derive(Clone, Debug)]
pub(crate) struct DocLine {
    pub(crate) range: Range<usize>,
    /// Nothing but white space before it on its line.
    pub(crate) first: bool,
    /// `//!`
    pub(crate) module: bool,
    /// How many tokens stand before it.
    pub(crate) tokens_before: usize,
}

/// The tokens and documentation of a chunk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    pub(crate) tokens: Vec<Token>,
    pub(crate) docs: Vec<DocLine>,
}

const TWO: [&str; 12] = ["==", "!=", "<=", ">=", "??", "=>", "->", "&&", "||", "::", "..", "//"];

/// Scans a part of the file.
pub(crate) fn scan(file: &str, range: Range<usize>) -> Scan {
    let mut scan = Scan::default();
    let end = range.end;
    let mut at = range.start;
    let mut line_start = line_start(file, at);
    let mut fresh = true;
    while let Some(rest) = file.get(at..end).filter(|rest| !rest.is_empty()) {
        if let Some(blank) = blank(rest) {
            match blank {
                '\n' => (line_start, fresh) = (at + 1, true),
                '\u{feff}' if at == 0 => line_start = at + blank.len_utf8(),
                _ => {}
            }
            at += blank.len_utf8();
            continue;
        }
        if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            note_doc(&mut scan, rest, at..at + length, fresh);
            at += length;
            continue;
        }
        let (kind, length) = token(rest);
        let column = at - line_start;
        scan.tokens.push(Token { kind, start: at, end: at + length, column, first: fresh });
        fresh = false;
        if let Some(newline) = rest.get(..length).and_then(|text| text.rfind('\n')) {
            line_start = at + newline + 1;
        }
        at += length;
    }
    scan
}

fn line_start(file: &str, at: usize) -> usize {
    file.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

fn blank(rest: &str) -> Option<char> {
    rest.chars().next().filter(|c| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{feff}'))
}

fn note_doc(scan: &mut Scan, rest: &str, range: Range<usize>, first: bool) {
    let module = rest.starts_with("//!");
    let item = rest.starts_with("///") && !rest.starts_with("////");
    if module || item {
        let tokens_before = scan.tokens.len();
        scan.docs.push(DocLine { range, first, module, tokens_before });
    }
}

/// The kind and length of the token that `rest` begins with; `rest` is not empty.
fn token(rest: &str) -> (Kind, usize) {
    if let Some(inner) = rest.strip_prefix("\"\"\"") {
        return raw(inner);
    }
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        '"' => text(rest),
        '(' | '[' | '{' => (Kind::Open, 1),
        ')' | ']' | '}' => (Kind::Close, 1),
        c if c.is_ascii_digit() => (Kind::Word, literal(rest)),
        c if is_word(c) => (Kind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
        _ if TWO.iter().any(|two| rest.starts_with(two)) => (Kind::Sign, 2),
        c => (Kind::Sign, c.len_utf8()),
    }
}

pub(crate) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn literal(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let continues = |i: usize, byte: u8| match byte {
        b'.' | b'-' | b'/' => bytes.get(i + 1).is_some_and(u8::is_ascii_digit),
        b':' => bytes.get(i + 1).is_some_and(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'/')),
        _ => byte == b'_' || byte.is_ascii_alphanumeric(),
    };
    bytes.iter().enumerate().find(|(i, byte)| !continues(*i, **byte)).map_or(rest.len(), |(i, _)| i)
}

fn text(rest: &str) -> (Kind, usize) {
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return (Kind::OpenText, i),
            '"' if !escaped => return (Kind::Text, i + 1),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    (Kind::OpenText, rest.len())
}

/// A raw text, from behind its opening quotes.
fn raw(inner: &str) -> (Kind, usize) {
    let quotes = 3;
    let mut from = 0;
    for line in inner.split_inclusive('\n') {
        let broken = from > 0 && !line.starts_with([' ', '\t', '\r', '\n']);
        if let Some(close) = line.find("\"\"\"").filter(|close| !broken || *close == 0) {
            return (Kind::Raw, quotes + from + close + quotes);
        }
        if broken {
            return (Kind::OpenRaw, quotes + from);
        }
        from += line.len();
    }
    (Kind::OpenRaw, quotes + inner.len())
}

/// The first token that stands deeper than [`MAX_NESTING`]: brackets, and the constructs that nest without them.
pub(crate) fn too_deep(file: &str, tokens: &[Token]) -> Option<Token> {
    let mut depth = Depth::default();
    tokens.iter().enumerate().find_map(|(i, token)| {
        let text = |i: usize| tokens.get(i).and_then(|t| file.get(t.start..t.end));
        let after_dot = i.checked_sub(1).and_then(text) == Some(".");
        depth.step(token.kind, text(i).unwrap_or_default(), [text(i + 1), text(i + 2)], after_dot);
        (depth.total() > MAX_NESTING).then_some(*token)
    })
}

/// The open brackets, and within each how many constructs without a closer: `if …`, `all x in xs: …`.
#[derive(Default)]
struct Depth {
    levels: Vec<Level>,
    outermost: usize,
    openers: usize,
    /// For each `match` before its `{`: how many brackets are open around it.
    subjects: Vec<usize>,
}

struct Level {
    angle: bool,
    openers: usize,
}

impl Depth {
    fn total(&self) -> usize {
        self.levels.len() + self.openers
    }

    fn step(&mut self, kind: Kind, text: &str, next: [Option<&str>; 2], after_dot: bool) {
        let [one, two] = next;
        match (kind, text) {
            (Kind::Open, _) => {
                self.begin_arms(text);
                self.push(false);
            }
            (Kind::Close, _) => {
                self.leave_types();
                self.pop();
            }
            (Kind::Word, "List" | "Map") if one == Some("<") => self.push(true),
            (Kind::Sign, ">") if self.in_type() => self.pop(),
            (Kind::Word, _) if after_dot => {}
            (Kind::Word, "match") => {
                self.subjects.push(self.levels.len());
                self.deepen();
            }
            (Kind::Word, "if") => self.deepen(),
            (Kind::Word, "all" | "any" | "no" | "count") if two == Some("in") => self.deepen(),
            (Kind::Word, "when" | "needs" | "let" | "require" | "forbid" | "for") => self.flatten(),
            (Kind::Sign, "=" | ":") => self.leave_types(),
            (Kind::Sign, "," | ";") if !self.in_type() => self.flatten(),
            _ => {}
        }
    }

    /// The `{` of a `match` nests in its stead.
    fn begin_arms(&mut self, bracket: &str) {
        if bracket == "{" && self.subjects.last() == Some(&self.levels.len()) && *self.here() > 0 {
            self.subjects.pop();
            *self.here() -= 1;
            self.openers -= 1;
        }
    }

    fn push(&mut self, angle: bool) {
        self.levels.push(Level { angle, openers: 0 });
    }

    fn pop(&mut self) {
        if let Some(level) = self.levels.pop() {
            self.openers -= level.openers;
        }
        let open = self.levels.len();
        while self.subjects.last().is_some_and(|subject| *subject > open) {
            self.subjects.pop();
        }
    }

    fn in_type(&self) -> bool {
        self.levels.last().is_some_and(|level| level.angle)
    }

    /// A bracket, `:` or `=` after an unclosed `<`: the type is broken off.
    fn leave_types(&mut self) {
        while self.in_type() {
            self.pop();
        }
    }

    fn here(&mut self) -> &mut usize {
        match self.levels.last_mut() {
            Some(level) => &mut level.openers,
            None => &mut self.outermost,
        }
    }

    fn deepen(&mut self) {
        *self.here() += 1;
        self.openers += 1;
    }

    /// The expression before has ended, and with it what was open in it.
    fn flatten(&mut self) {
        while self.subjects.last() == Some(&self.levels.len()) {
            self.subjects.pop();
        }
        let ended = std::mem::take(self.here());
        self.openers -= ended;
    }
}
