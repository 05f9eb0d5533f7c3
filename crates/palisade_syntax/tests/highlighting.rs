//! The highlighting of editors agrees with the language: no keyword without its colour, none where there is no keyword.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that fails here has failed")]

mod support;

use palisade_syntax::keywords;
use support::textmate::{Grammar, Scoped};
use support::tokens::{Piece, pieces};
use support::{every_construct, library};

const GRAMMAR: &str = include_str!("../../../grammar/palisade.tmLanguage.json");
const MARKDOWN: &str = include_str!("../../../grammar/palisade.markdown.tmLanguage.json");

fn scope_at(scopes: &[Scoped], offset: usize) -> &str {
    let index = scopes.partition_point(|scope| scope.end <= offset);
    scopes.get(index).filter(|scope| scope.start <= offset).map_or("", |scope| scope.name.as_str())
}

/// The words of a file that stand where a keyword would mean something, with their offsets.
fn words(text: &str) -> Vec<(usize, &str)> {
    let (mut at, mut words) = (0, Vec::new());
    let known = keywords();
    for piece in pieces(text) {
        let (Piece::Token(piece_text) | Piece::Blank(piece_text)) = piece else {
            at += text[at..].find('\n').unwrap_or(text.len() - at);
            continue;
        };
        if matches!(piece, Piece::Token(_)) && known.contains(&piece_text) {
            words.push((at, piece_text));
        }
        at += piece_text.len();
    }
    words
}

#[test]
fn every_keyword_is_in_a_rule_for_keywords() {
    let grammar = Grammar::new(GRAMMAR);
    for word in keywords() {
        let scopes = grammar.scopes(&format!("  {word} x"));
        assert!(scope_at(&scopes, 2).starts_with("keyword."), "{word}: {scopes:?}");
        assert!(
            !scope_at(&grammar.scopes(&format!("a.{word}")), 2).starts_with("keyword."),
            "after a dot {word} is a name"
        );
    }
}

#[test]
fn every_word_of_a_rule_for_keywords_is_one() {
    let json: serde_json::Value = serde_json::from_str(GRAMMAR).unwrap();
    for rule in json["repository"]["keywords"]["patterns"].as_array().unwrap() {
        let regex = rule["match"].as_str().unwrap();
        let list = regex.split("(?:").nth(1).and_then(|rest| rest.split(')').next()).unwrap();
        for word in list.split('|') {
            assert!(keywords().contains(&word), "{word} is no keyword");
        }
    }
}

#[test]
fn no_keyword_of_the_library_is_without_its_scope() {
    let grammar = Grammar::new(GRAMMAR);
    let texts = library().into_iter().map(|(_, text)| text).chain([every_construct()]);
    let mut seen = 0;
    for text in texts {
        let scopes = grammar.scopes(&text);
        for (at, word) in words(&text) {
            let scope = scope_at(&scopes, at);
            let key = text[at + word.len()..].trim_start().starts_with(':');
            let right = if key { !scope.starts_with("keyword.") } else { scope.starts_with("keyword.") };
            assert!(right, "`{word}` is {scope:?} in {:?}", text[..at + word.len()].lines().last());
            seen += 1;
        }
    }
    assert!(seen > 1_000, "{seen}");
}

#[test]
fn comments_and_texts_are_scoped_as_such_everywhere() {
    let grammar = Grammar::new(GRAMMAR);
    for (path, text) in library() {
        let scopes = grammar.scopes(&text);
        let mut at = 0;
        for piece in pieces(&text) {
            let scope = scope_at(&scopes, at);
            match piece {
                Piece::Comment(comment) => {
                    assert!(scope.starts_with("comment."), "{}: {comment} is {scope:?}", path.display());
                    at += text[at..].find('\n').unwrap_or(text.len() - at);
                }
                Piece::Token(token) => {
                    let quoted = token.starts_with('"');
                    assert!(!quoted || scope.starts_with("string."), "{}: {token} is {scope:?}", path.display());
                    assert!(!scope.starts_with("comment."), "{}: {token} is {scope:?}", path.display());
                    at += token.len();
                }
                Piece::Blank(blank) => at += blank.len(),
            }
        }
    }
}

#[test]
fn what_editors_show_of_a_line() {
    let grammar = Grammar::new(GRAMMAR);
    let scope = |line: &str, part: &str| scope_at(&grammar.scopes(line), line.find(part).unwrap()).to_owned();
    let line = "  outbound tcp/udp 8704-8710 to Storage.{region}, 10.0.0.0/8, fe80::/10, \"*.{region}.b\" cites v1.a";
    for (part, name) in [
        ("outbound", "keyword.other.traffic.palisade"),
        ("tcp", "support.type.protocol.palisade"),
        ("8704", "constant.numeric.range.palisade"),
        ("Storage", "entity.name.type.palisade"),
        ("10.0", "constant.other.network.palisade"),
        ("fe80", "constant.other.network.palisade"),
        ("*.{", "string.quoted.double.palisade"),
        ("cites", "keyword.other.clause.palisade"),
    ] {
        assert_eq!(scope(line, part), name, "{part}");
    }
    assert_eq!(scope("rule closed(s: Subnet) {", "closed"), "entity.name.function.palisade");
    assert_eq!(scope("/// Doc.", "Doc"), "comment.block.documentation.palisade");
    assert_eq!(scope("  edition 2024-07-26", "2024"), "constant.other.date.palisade");
    assert_eq!(scope("  help \"set {x.y ?? 90d} now\"", "90d"), "constant.other.duration.palisade");
    assert_eq!(scope("  help \"set {x.y ?? 90d} now\"", "now"), "string.quoted.double.palisade");
}

#[test]
fn fences_of_markdown_take_this_grammar() {
    let scope: serde_json::Value = serde_json::from_str(GRAMMAR).unwrap();
    let markdown: serde_json::Value = serde_json::from_str(MARKDOWN).unwrap();
    let fence = &markdown["repository"]["fence"];
    assert_eq!(fence["patterns"][0]["patterns"][0]["include"], scope["scopeName"]);
    let begin = fancy_regex::Regex::new(&fence["begin"].as_str().unwrap().replace("|\\G", "")).unwrap();
    for (line, ours) in
        [("```pal", true), ("  ~~~ palisade", true), ("```pal title", true), ("```yaml", false), ("```palette", false)]
    {
        assert_eq!(begin.is_match(line).unwrap(), ours, "{line}");
    }
}
