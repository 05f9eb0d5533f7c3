//! A slow and obvious reader of tokens and comments, independent of the one that the parser has.

/// A piece of a file: a token, a comment, or what is between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// A word, literal, text, raw text or sign.
    Token(&'t str),
    /// From its `//` on.
    Comment(&'t str),
    /// White space.
    Blank(&'t str),
}

/// Cuts a file into pieces; together they are the file.
pub fn pieces(file: &str) -> Vec<Piece<'_>> {
    let mut rest = file;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (piece, length) = piece(rest);
        all.push(piece);
        rest = &rest[length..];
    }
    all
}

fn piece(rest: &str) -> (Piece<'_>, usize) {
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let blanks = rest.find(|c| !blank(c)).unwrap_or(rest.len());
    if blanks > 0 {
        return (Piece::Blank(&rest[..blanks]), blanks);
    }
    if rest.starts_with("//") {
        let length = rest.find('\n').unwrap_or(rest.len());
        return (Piece::Comment(rest[..length].trim_end()), length);
    }
    let length = token(rest);
    (Piece::Token(&rest[..length]), length)
}

fn token(rest: &str) -> usize {
    if let Some(inner) = rest.strip_prefix("\"\"\"") {
        return inner.find("\"\"\"").map_or(rest.len(), |end| end + 6);
    }
    if rest.starts_with('"') {
        return text(rest);
    }
    // Whatever is written without spaces may be one word, such as `10.0.0.0/8`, `deny-all` or `a.b`.
    let joined = |c: char| c.is_alphanumeric() || "_./:-\"".contains(c);
    let word = rest.find(|c| !joined(c)).unwrap_or(rest.len());
    match rest[..word].find('"') {
        Some(quote) if quote > 0 => quote + text(&rest[quote..]),
        _ if word > 0 => word,
        _ if rest.starts_with(".{") => 2,
        _ => rest.chars().next().map_or(1, char::len_utf8),
    }
}

fn text(rest: &str) -> usize {
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        if c == '"' && !escaped {
            return i + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

/// The comments of a file, in order.
pub fn comments(file: &str) -> Vec<&str> {
    let comment = |piece| if let Piece::Comment(text) = piece { Some(text) } else { None };
    pieces(file).into_iter().filter_map(comment).collect()
}

/// Everything but white space, comments, and the separators that stand for line breaks.
pub fn letters(file: &str) -> String {
    let token = |piece| if let Piece::Token(text) = piece { Some(text) } else { None };
    pieces(file).into_iter().filter_map(token).filter(|text| !matches!(*text, "," | ";")).collect()
}
