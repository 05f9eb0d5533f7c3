//! As much of editors' highlighting grammars as ours uses: matches, and regions with a begin and an end, line by line.

use fancy_regex::Regex;
use serde_json::Value;

/// A grammar, ready to be run.
pub struct Grammar {
    root: Vec<Pattern>,
}

enum Pattern {
    Match { regex: Regex, name: String, captures: Vec<(usize, String)> },
    Region { begin: Regex, end: Regex, name: String, inner: Vec<Pattern> },
}

/// A piece of a line with the name of its innermost scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scoped {
    pub start: usize,
    pub end: usize,
    pub name: String,
}

impl Grammar {
    /// Reads a grammar; panics where a regular expression cannot be compiled.
    pub fn new(text: &str) -> Self {
        let json: Value = serde_json::from_str(text).unwrap();
        let root = patterns(&json, &json["patterns"]);
        Self { root }
    }

    /// The scopes of a file, offsets in the file, in order.
    pub fn scopes(&self, file: &str) -> Vec<Scoped> {
        let mut scopes = Vec::new();
        let mut open: Vec<&Pattern> = Vec::new();
        let mut offset = 0;
        for line in file.split_inclusive('\n') {
            self.line(line.trim_end_matches('\n'), offset, &mut open, &mut scopes);
            offset += line.len();
        }
        scopes
    }

    fn line<'g>(&'g self, line: &str, offset: usize, open: &mut Vec<&'g Pattern>, scopes: &mut Vec<Scoped>) {
        let mut at = 0;
        // An end of no width leaves its region without moving on, so a line has more steps than characters.
        for _ in 0..=2 * line.len() + 2 {
            let (inner, end, name) = match open.last() {
                Some(Pattern::Region { end, name, inner, .. }) => (inner, Some(end), name.as_str()),
                _ => (&self.root, None, ""),
            };
            let leave =
                end.and_then(|end| end.find_from_pos(line, at).unwrap()).map(|found| (found.start(), found.end()));
            let next = inner.iter().filter_map(|pattern| pattern.find(line, at).map(|span| (span, pattern)));
            let next =
                next.min_by_key(|(span, _)| span.0).filter(|(span, _)| leave.is_none_or(|leave| span.0 < leave.0));
            let mut push = |start: usize, end: usize, name: &str| {
                if end > start {
                    scopes.push(Scoped { start: offset + start, end: offset + end, name: name.to_owned() });
                }
            };
            match (next, leave) {
                (Some(((start, end), pattern)), _) => {
                    push(at, start, name);
                    pattern.push(line, start, &mut push);
                    if matches!(pattern, Pattern::Region { .. }) {
                        open.push(pattern);
                    }
                    at = end;
                }
                (None, Some((_, end))) => {
                    push(at, end, name);
                    open.pop();
                    at = end;
                }
                (None, None) => return push(at, line.len(), name),
            }
        }
    }
}

impl Pattern {
    fn find(&self, line: &str, at: usize) -> Option<(usize, usize)> {
        let (Self::Match { regex, .. } | Self::Region { begin: regex, .. }) = self;
        regex.find_from_pos(line, at).unwrap().map(|found| (found.start(), found.end()))
    }

    fn push(&self, line: &str, at: usize, push: &mut impl FnMut(usize, usize, &str)) {
        match self {
            Self::Region { begin, name, .. } => {
                let found = begin.find_from_pos(line, at).unwrap().unwrap();
                push(found.start(), found.end(), name);
            }
            Self::Match { regex, name, captures } => {
                let found = regex.captures_from_pos(line, at).unwrap().unwrap();
                if captures.is_empty() {
                    push(found.get(0).unwrap().start(), found.get(0).unwrap().end(), name);
                }
                for (group, name) in captures {
                    found.get(*group).into_iter().for_each(|part| push(part.start(), part.end(), name));
                }
            }
        }
    }
}

fn patterns(json: &Value, list: &Value) -> Vec<Pattern> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().flat_map(|pattern| compiled(json, pattern)).collect()
}

fn compiled(json: &Value, pattern: &Value) -> Vec<Pattern> {
    let text = |key: &str| pattern[key].as_str().map(str::to_owned);
    let name = || text("name").unwrap_or_default();
    if let Some(include) = text("include") {
        // Another language's grammar is not ours to run.
        let Some(key) = include.strip_prefix('#') else { return Vec::new() };
        let found = &json["repository"][key];
        assert!(found.is_object(), "nothing is called {include}");
        return patterns(json, &found["patterns"]);
    }
    if let Some(regex) = text("match") {
        let groups = pattern["captures"].as_object().into_iter().flatten();
        let captures =
            groups.map(|(group, scope)| (group.parse().unwrap(), scope["name"].as_str().unwrap().to_owned()));
        return vec![Pattern::Match { regex: Regex::new(&regex).unwrap(), name: name(), captures: captures.collect() }];
    }
    let regex = |key: &str| Regex::new(&text(key).unwrap()).unwrap();
    let inner = patterns(json, &pattern["patterns"]);
    vec![Pattern::Region { begin: regex("begin"), end: regex("end"), name: name(), inner }]
}
