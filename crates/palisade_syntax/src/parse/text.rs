//! Texts and literals: escapes, interpolation, raw texts without their common indentation, the shapes of literals.

use smol_str::SmolStr;

use super::Reader;
use crate::ast::{ExprKind, PlainText, RawText, Template, TemplatePart};
use crate::grammar::{Node, Rule, range, read, size};
use crate::scan::{scan, too_deep};

impl<'t> Reader<'t> {
    /// A text in which `{…}` is plain.
    pub(crate) fn plain(&mut self, node: &Node<'_>) -> PlainText {
        let id = self.node_of(node);
        let mut cursor = Cursor::new(node);
        let mut text = String::new();
        while let Some(c) = cursor.next() {
            match c {
                '\\' => self.escape(&mut cursor, &mut text),
                c => text.push(c),
            }
        }
        PlainText { id, text: SmolStr::new(text) }
    }

    /// A text in which `{…}` interpolates.
    pub(crate) fn template(&mut self, node: &Node<'_>) -> Template {
        let id = self.node_of(node);
        let mut cursor = Cursor::new(node);
        let mut parts = Vec::new();
        let mut text = String::new();
        while let Some(c) = cursor.next() {
            match c {
                '\\' => self.escape(&mut cursor, &mut text),
                '{' if cursor.take('{') => text.push('{'),
                '}' if cursor.take('}') => text.push('}'),
                '}' => self.lone_brace(&cursor),
                '{' => {
                    flush(&mut text, &mut parts);
                    parts.extend(self.interpolation(&mut cursor));
                }
                c => text.push(c),
            }
        }
        flush(&mut text, &mut parts);
        Template { id, parts }
    }

    fn escape(&mut self, cursor: &mut Cursor<'_>, text: &mut String) {
        let at = cursor.at - 1;
        match cursor.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some(c @ ('"' | '\\')) => text.push(c),
            other => {
                let found = other.map(String::from).unwrap_or_default();
                self.error(
                    "syntax-escape",
                    range(at, cursor.at),
                    format!("`\\{found}` is not an escape"),
                    "the escapes are `\\\"`, `\\\\`, `\\n` and `\\t`",
                );
            }
        }
    }

    fn lone_brace(&mut self, cursor: &Cursor<'_>) {
        self.error(
            "syntax-brace",
            range(cursor.at - 1, cursor.at),
            "a lone `}` in a text that interpolates",
            "write `}}` for a brace",
        );
    }

    /// `{e}`, from behind its opening brace.
    fn interpolation(&mut self, cursor: &mut Cursor<'_>) -> Option<TemplatePart> {
        let open = cursor.at - 1;
        let Some(inner) = cursor.braces() else {
            self.error(
                "syntax-brace",
                range(open, open + 1),
                "this `{` is not closed within its text",
                "close it with `}`, or write `{{` for a brace; between the braces no `\"` may stand",
            );
            return None;
        };
        let start = open + 1;
        // With the closing brace, so that a message can name it.
        let tokens = scan(self.file, start..cursor.at).tokens;
        if inner.contains("//") || too_deep(self.file, &tokens).is_some() {
            let message = "between these braces stands a comment, or what is nested too deep";
            self.error("syntax-brace", range(open, cursor.at), message, "give the value a name with `let`");
            return None;
        }
        self.interpolated(start, inner.len(), tokens)
    }

    fn interpolated(&mut self, start: usize, length: usize, tokens: Vec<crate::scan::Token>) -> Option<TemplatePart> {
        let file: &'t str = self.file;
        // Within the braces, what is found and what precedes it are the tokens there, not the whole text.
        let outer = std::mem::replace(&mut self.tokens, tokens);
        let part = match read(Rule::expr_alone, file, start..start + length) {
            Ok(node) => self.expr_in(&node).map(TemplatePart::Expr),
            Err(failure) => {
                self.fail(&failure);
                None
            }
        };
        self.tokens = outer;
        part
    }

    pub(crate) fn raw(&mut self, node: &Node<'_>) -> RawText {
        let id = self.node_of(node);
        let inner = node.text().get(3..node.text().len().saturating_sub(3)).unwrap_or_default();
        let (text, lines) = dedent(inner, node.start() + 3);
        let lines = lines.into_iter().map(|(text, file)| (size(text), size(file))).collect();
        self.note_raw_lines(id, lines);
        RawText { id, text: SmolStr::new(text) }
    }

    pub(super) fn literal(&mut self, node: &Node<'_>) -> ExprKind {
        self.check_literal(node);
        ExprKind::Literal(SmolStr::new(node.text()))
    }

    /// The shape of a literal; what its numbers may be is the type checker's.
    pub(crate) fn check_literal(&mut self, node: &Node<'_>) {
        let text = node.text();
        if !has_shape(text) {
            self.error(
                "syntax-literal",
                node.range(),
                format!("`{text}` is not a literal"),
                "a literal is a number, a range, a date (`2024-07-26`), a duration (`90d`) or an address; words do not start with a digit",
            );
        } else if leading_zero(text) {
            self.error(
                "syntax-literal",
                node.range(),
                format!("`{text}` has a leading zero"),
                "write the number without it",
            );
        }
    }
}

fn flush(text: &mut String, parts: &mut Vec<TemplatePart>) {
    if !text.is_empty() {
        parts.push(TemplatePart::Text(SmolStr::new(std::mem::take(text))));
    }
}

/// The characters between the quotes of a text, with their places in the file.
struct Cursor<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(node: &Node<'a>) -> Self {
        let text = node.text();
        Cursor { rest: text.get(1..text.len().saturating_sub(1)).unwrap_or_default(), at: node.start() + 1 }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.skip(c.len_utf8());
        Some(c)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
        self.at += bytes;
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest.starts_with(wanted);
        if found {
            self.skip(wanted.len_utf8());
        }
        found
    }

    /// What stands before the closing brace, braces within it included; skips both.
    fn braces(&mut self) -> Option<&'a str> {
        let mut depth = 1usize;
        let close = self.rest.char_indices().find_map(|(i, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(i)
        })?;
        let inner = self.rest.get(..close)?;
        self.skip(close + 1);
        Some(inner)
    }
}

/// Removes the common indentation. The first line, if blank, and the indentation of the closer go as well. Gives the
/// text and, line by line, (offset in the text, offset in the file).
fn dedent(inner: &str, start: usize) -> (String, Vec<(usize, usize)>) {
    let mut lines: Vec<(&str, usize)> = Vec::new();
    let mut at = start;
    for line in inner.split_inclusive('\n') {
        lines.push((line, at));
        at += line.len();
    }
    let several = lines.len() > 1;
    if several && lines.first().is_some_and(|(line, _)| is_blank(line)) {
        lines.remove(0);
    }
    if lines.last().is_some_and(|(line, _)| is_blank(line) && !line.ends_with('\n')) {
        lines.pop();
    }
    let common = lines
        .iter()
        .filter(|(line, _)| !is_blank(line))
        .map(|(line, _)| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let mut text = String::new();
    let mut places = Vec::new();
    for (line, at) in lines {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let cut = common.min(blanks);
        places.push((text.len(), at + cut));
        text.push_str(line.get(cut..).unwrap_or_default());
    }
    (text, places)
}

fn is_blank(line: &str) -> bool {
    line.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

fn has_shape(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    if address.contains(':') {
        let groups = address.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
        return groups && length.is_none_or(number);
    }
    if address.contains('.') || length.is_some() {
        let bytes = address.split('.').count() == 4 && address.split('.').all(number);
        return bytes && length.is_none_or(number);
    }
    let duration = text.strip_suffix(['d', 'h', 'm']).is_some_and(number);
    duration || number(text) || is_date(text) || text.split_once('-').is_some_and(|(a, b)| number(a) && number(b))
}

fn is_date(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [4, 2, 2] && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

fn leading_zero(text: &str) -> bool {
    let zero = |part: &str| matches!(part.as_bytes(), [b'0', next, ..] if next.is_ascii_digit());
    !text.contains(':') && !is_date(text) && text.split(['.', '/', '-']).any(zero)
}
