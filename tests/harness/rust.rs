//! A Rust file as the tokens that end up in the product: comments, documentation and `#[cfg(test)]` items left out.

use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One identifier, mark or literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As written; a delimiter is its opening or closing mark.
    pub text: String,
    /// From 1.
    pub line: usize,
    /// Whether it is a number, a text or a character.
    pub literal: bool,
}

/// The tokens of a file that are compiled into the product.
pub fn product_tokens(text: &str) -> Vec<Token> {
    let stream = TokenStream::from_str(text).expect("the file is Rust");
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    tokens
}

/// The modules that a file declares with `#[cfg(test)] mod name;`.
pub fn test_modules(text: &str) -> Vec<String> {
    let stream = TokenStream::from_str(text).expect("the file is Rust");
    let trees: Vec<_> = stream.into_iter().collect();
    let mut found = Vec::new();
    for (at, window) in trees.windows(5).enumerate() {
        if is_test_attribute(&trees[at..]) && window[2].to_string() == "mod" && window[4].to_string() == ";" {
            found.push(window[3].to_string());
        }
    }
    found
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let trees: Vec<_> = stream.into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        if is_test_attribute(&trees[at..]) {
            at = end_of_item(&trees, at + 2);
        } else if let Some(length) = documentation(&trees[at..]) {
            at += length;
        } else {
            push(&trees[at], tokens);
            at += 1;
        }
    }
}

fn push(tree: &TokenTree, tokens: &mut Vec<Token>) {
    let TokenTree::Group(group) = tree else {
        tokens.push(Token {
            text: tree.to_string(),
            line: tree.span().start().line,
            literal: matches!(tree, TokenTree::Literal(_)),
        });
        return;
    };
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    };
    let mark = |text: &str, line| Token { text: text.to_owned(), line, literal: false };
    tokens.push(mark(open, group.span_open().start().line));
    flatten(group.stream(), tokens);
    tokens.push(mark(close, group.span_close().start().line));
}

/// `#[cfg(test)]`, also within `all(…)`.
fn is_test_attribute(trees: &[TokenTree]) -> bool {
    let [TokenTree::Punct(hash), TokenTree::Group(group), ..] = trees else {
        return false;
    };
    let words = group.stream().to_string().replace(' ', "");
    hash.as_char() == '#' && (words == "cfg(test)" || words.starts_with("cfg(all(test,"))
}

/// The length of `#[doc = …]` or `#![doc = …]`, which is what a documentation comment is among tokens.
fn documentation(trees: &[TokenTree]) -> Option<usize> {
    let (group, length) = match trees {
        [TokenTree::Punct(hash), TokenTree::Group(group), ..] if hash.as_char() == '#' => (group, 2),
        [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(group), ..]
            if hash.as_char() == '#' && bang.as_char() == '!' =>
        {
            (group, 3)
        }
        _ => return None,
    };
    let first = group.stream().into_iter().next()?;
    (first.to_string() == "doc").then_some(length)
}

/// Past the item that starts here: its body in braces, or its semicolon.
fn end_of_item(trees: &[TokenTree], from: usize) -> usize {
    let ends = |tree: &TokenTree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    };
    let length = trees[from..].iter().position(ends);
    length.map_or(trees.len(), |length| from + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rust: &str) -> Vec<String> {
        product_tokens(rust).into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn documentation_and_comments_are_left_out() {
        assert_eq!(texts("//! a\n/// b\nconst C: u8 = 1; // d"), ["const", "C", ":", "u8", "=", "1", ";"]);
    }

    #[test]
    fn test_items_are_left_out_and_what_follows_stays() {
        let rust = "#[cfg(test)] mod tests { fn f() { 44224 } } fn g() { 1 }";
        assert_eq!(texts(rust), ["fn", "g", "(", ")", "{", "1", "}"]);
        assert_eq!(texts("#[cfg(test)]\nuse a::b;\nuse c;"), ["use", "c", ";"]);
    }

    #[test]
    fn a_literal_knows_its_line() {
        let token = product_tokens("\n\nconst C: u8 = 7;").into_iter().find(|t| t.literal).unwrap();
        assert_eq!((token.text.as_str(), token.line), ("7", 3));
    }

    #[test]
    fn test_modules_in_files_of_their_own_are_named() {
        assert_eq!(test_modules("mod a; #[cfg(test)] mod b; mod c;"), ["b"]);
    }
}
