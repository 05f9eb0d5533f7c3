//! What is correct is read without a single error: the library, and every example of the written grammar.

mod support;

use palisade_syntax::ast::ItemKind;
use palisade_syntax::limits::LIMITS;
use palisade_syntax::parse;
use support::{grammar_examples, library, show};

#[test]
fn every_file_of_the_library_is_read_without_error() {
    for (path, text) in library() {
        let file = parse(&text);
        assert!(file.errors.is_empty(), "{}\n{}", path.display(), show(&text, &file));
        let broken = file.items.iter().any(|item| item.item.kind == ItemKind::Error);
        assert!(!broken && !file.items.is_empty(), "{}", path.display());
    }
}

#[test]
fn every_example_of_the_written_grammar_is_read_without_error() {
    let examples = grammar_examples();
    assert!(examples.len() >= 11);
    for (line, text) in examples {
        let file = parse(&text);
        assert!(file.errors.is_empty(), "grammar/README.md:{line}\n{}", show(&text, &file));
        assert!(!file.items.is_empty(), "grammar/README.md:{line}");
    }
}

#[test]
fn the_written_grammar_names_each_limit() {
    let readme = include_str!("../../../grammar/README.md");
    for limit in LIMITS {
        let row = format!("| {} | {} {} |", limit.what, limit.most, limit.unit);
        assert!(readme.contains(&row), "missing: {row}");
    }
}
