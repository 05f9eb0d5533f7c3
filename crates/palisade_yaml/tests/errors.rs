//! Each error: its place, its words, and what it leaves readable.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says with a panic that it failed"
)]

use palisade_yaml::{ErrorKind, parse};

/// `kind "place": message`, one for each error.
fn errors(text: &str) -> Vec<String> {
    let stream = parse(text);
    for error in &stream.errors {
        assert!(error.help.as_ref().is_some_and(|help| !help.is_empty()), "{error:?} does not say what to do");
        assert!(!stream.documents[error.document].is_sound());
    }
    let sound = stream.documents.iter().filter(|document| document.is_sound()).count();
    assert_eq!(stream.errors.is_empty(), sound == stream.documents.len());
    stream.errors.iter().map(|error| format!("{:?} {:?}: {}", error.kind, &text[error.range], error.message)).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(errors(text), expected);
}

#[test]
fn a_duplicate_key_names_both_places() {
    let text = "a: 1\nb: 2\n'a': 3\n";
    check(text, &["DuplicateKey \"'a'\": the key `a` is already there"]);
    let error = parse(text).errors.remove(0);
    assert_eq!(error.related.len(), 1);
    assert_eq!(&text[error.related[0].0], "a");
    check("{\"x\": 1, \"\\u0078\": 2}", &["DuplicateKey \"\\\"\\\\u0078\\\"\": the key `x` is already there"]);
    check("a: {b: 1, B: 2}", &[]);
}

#[test]
fn duplicates_are_found_in_large_mappings_too() {
    let keys: Vec<String> = (0..100)
        .map(|number| {
            format!(
                "key-{number}: x
"
            )
        })
        .collect();
    let mut text = keys.concat();
    text.push_str("key-7: y\nkey-7: z\n");
    let again = "DuplicateKey \"key-7\": the key `key-7` is already there";
    check(&text, &[again, again]);
}

#[test]
fn keys_are_scalars() {
    check(
        "? [a]\n: 1\n? {b: c}\n: 2\n~: 3\n",
        &[
            "Key \"[a]\": a key cannot be a list",
            "Key \"{b: c}\": a key cannot be a mapping",
            "Key \"~\": a key cannot be null",
        ],
    );
    check("a: &l [1]\n*l : 2\n", &["Key \"*l\": a key cannot be a list"]);
    check("true: 1\n443: 2\n\"null\": 3\n", &[]);
}

#[test]
fn an_unknown_alias_hides_nothing_that_follows() {
    check(
        "a: *no\nb: [*no]\nb: 1\n",
        &[
            "UnknownAlias \"*no\": the alias `*no` names an anchor that is not defined before it",
            "UnknownAlias \"*no\": the alias `*no` names an anchor that is not defined before it",
            "DuplicateKey \"b\": the key `b` is already there",
        ],
    );
    check(
        "<<: *no\nx: {*no : 1}\n",
        &[
            "UnknownAlias \"*no\": the alias `*no` names an anchor that is not defined before it",
            "UnknownAlias \"*no\": the alias `*no` names an anchor that is not defined before it",
        ],
    );
    let near = parse("a: &name 1\nb: *nmae\n").errors.remove(0);
    assert_eq!(near.help.as_deref(), Some("did you mean `*name`?"));
}

#[test]
fn anchors_end_with_their_document() {
    check(
        "a: &x 1\n---\nb: *x\n",
        &["UnknownAlias \"*x\": the alias `*x` names an anchor that is not defined before it"],
    );
}

#[test]
fn an_alias_cannot_stand_inside_its_anchor() {
    check("a: &a [1, *a]\n", &["AliasCycle \"*a\": the alias `*a` stands inside the value that it names"]);
    check("&a b: {<<: *a}\n", &["MergeKey \"*a\": `<<` can only merge a mapping or a list of mappings"]);
    check("--- &a\nb: {<<: *a}\n", &["AliasCycle \"*a\": the alias `*a` stands inside the value that it names"]);
}

#[test]
fn merge_keys_merge_mappings() {
    let wrong = "`<<` can only merge a mapping or a list of mappings";
    check("<<: 1\n", &[&format!("MergeKey \"1\": {wrong}")]);
    check("<<: [{a: 1}, [b]]\n", &[&format!("MergeKey \"[b]\": {wrong}")]);
    check("a: &a x\nb: {<<: *a}\n", &[&format!("MergeKey \"*a\": {wrong}")]);
    check("<<: {a: 1}\n<<: {b: 1}\n", &["DuplicateKey \"<<\": the key `<<` is already there"]);
}

#[test]
fn tags_outside_the_core_schema_are_errors() {
    check("a: !secret x\n", &["Tag \"!secret\": unknown tag `!secret`"]);
    check(
        "a: !!int x\nb: !!str [1]\nc: !!seq {}\n",
        &[
            "Tag \"x\": the tag `!!int` does not fit `x`",
            "Tag \"[\": the tag `!!str` does not fit a list",
            "Tag \"{\": the tag `!!seq` does not fit a mapping",
        ],
    );
    let near = parse("a: !!boll x\n").errors.remove(0);
    assert_eq!(near.help.as_deref(), Some("did you mean `!!bool`?"));
}

#[test]
fn directives_other_than_the_version_are_errors() {
    check("%YAML 1.2\n---\na: 1\n", &[]);
    check("%YAML 1.1\n---\na: 1\n", &["Directive \"%YAML 1.1\": another version of YAML than 1.2"]);
    check("# c\n%FOO x # y\n---\na: 1\n", &["Directive \"%FOO x # y\": unknown directive `%FOO`"]);
    check(
        "a: x
%b
",
        &["Syntax \"%\": a directive inside a document"],
    );
}

#[test]
fn tabs_do_not_indent() {
    let tab = "Tab \"\\t\": a tab stands where only spaces can indent";
    check("a:\n\tb: 1\n", &[tab]);
    check("\ta: 1\n", &[tab]);
    check("a: 1\n\tb: 2\n", &[tab]);
    check("a:\n  - 1\n\t- 2\n", &[tab]);
    check("a: |\n\tx\n", &[tab]);
    check("a:\t1\t# tabs between values are fine\n", &[]);
    check("a: \"x\n \ty\"\nb: [1,\n \t2]\n", &[]);
    check("{\n\t\"a\": [\n\t\t1,\n\t\t{\n\t\t\t\"b\": 2\n\t\t}\n\t]\n}\n", &[]);
}

#[test]
fn tabs_are_not_blamed_for_errors_inside_brackets() {
    for text in
        ["{\n\t\"a\": 1\n\t\"b\": 2\n}", "[\n\t\"b\"\n\t1\n]", "{\n\t\"a\": [1,\n\t}\n}", "{\n\t\"a\": 'x\n\t\n}"]
    {
        let kinds: Vec<ErrorKind> = parse(text).errors.iter().map(|error| error.kind).collect();
        assert_eq!(kinds, [ErrorKind::Syntax], "{text:?}");
    }
}

#[test]
fn control_characters_are_named() {
    check("a: x\u{0}y\n", &["ControlCharacter \"\\0\": the control character U+0000 cannot stand in a text"]);
    check(
        "a: \u{0}\n---\nb: '\u{1b}'\nc: \"\u{9b}\"\n",
        &[
            "ControlCharacter \"\\0\": the control character U+0000 cannot stand in a text",
            "ControlCharacter \"\\u{1b}\": the control character U+001B cannot stand in a text",
            "ControlCharacter \"\\u{9b}\": the control character U+009B cannot stand in a text",
        ],
    );
    check("a: \"\\u001b\"\n", &[]);
}

#[test]
fn a_lone_carriage_return_is_a_line_break() {
    check("a: 1\rb: 2\r", &[]);
    check("a: 1\ra: 2\r", &["DuplicateKey \"a\": the key `a` is already there"]);
}

#[test]
fn brackets_and_quotes_are_closed() {
    check("a: [1, 2\n", &["Syntax \"[\": this `[` is never closed"]);
    check("a: [1}\n", &["Syntax \"[\": `[` is closed by `}`"]);
    check("a: 1\n}\n", &["Syntax \"}\": a closing bracket without an opening one"]);
    check("\"x", &["Syntax \"\\\"\": this quote is never closed"]);
    check("a: 'it's'\n", &["Syntax \"s\": something follows the closing quote `'`"]);
    check("a: \"\\q\"\n", &["Syntax \"\\\"\": unknown escape in a double-quoted text"]);
}

#[test]
fn one_broken_document_leaves_the_others() {
    let stream = parse("a: 1\n---\nb: [\n---\nc: 3\n...\nd: 4\nd: 5\n");
    let sound: Vec<bool> = stream.documents.iter().map(palisade_yaml::Document::is_sound).collect();
    assert_eq!(sound, [true, false, true, false]);
    assert_eq!(stream.errors.iter().map(|error| error.document).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(stream.documents[2].root().get("c").and_then(palisade_yaml::NodeRef::as_str), Some("3"));
}

#[test]
fn a_broken_document_keeps_what_was_read_before_the_error() {
    let stream = parse("a: 1\nb: [x, y, @");
    assert_eq!(stream.errors.len(), 1);
    let root = stream.documents[0].root();
    assert_eq!(root.get("a").and_then(palisade_yaml::NodeRef::as_str), Some("1"));
    assert_eq!(root.get("b").unwrap().items().count(), 2);
}

#[test]
fn errors_stand_in_the_order_of_the_text() {
    let kinds: Vec<ErrorKind> = parse("a: &x {q: 1, q: 2, r: *no}\na: !t 1\n").errors.iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [ErrorKind::DuplicateKey, ErrorKind::UnknownAlias, ErrorKind::DuplicateKey, ErrorKind::Tag]);
}

#[test]
fn names_in_messages_are_short_and_on_one_line() {
    let long = "k".repeat(900);
    let message = parse(format!("{long}: 1\n{long}: 2\n")).errors.remove(0).message;
    assert!(message.len() < 120, "{message}");
    assert!(parse("\"a\\nb\": 1\n\"a\\nb\": 2\n").errors[0].message.contains("`a\\nb`"));
}
