//! Laws that hold for every text, and agreement with slow, obvious references.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says with a panic that it failed"
)]

use palisade_yaml::{
    Case, CoreValue, Document, Kind, NodeRef, Segment, TextRange, comments, excerpt, merge, parse, parse_bytes,
};
use proptest::prelude::*;

/// A value as one thinks of it.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

/// Words, digits, indicators and line breaks as they stand in YAML, in any order.
fn yaml_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "a", "b", "name", "x y", "1", "é", "😀", "~", "null", "true", "'q'", "\"\\n\"", "\"d\"", "<<", "''",
        ]),
        6 => prop::sample::select(vec![
            ": ", ":", "- ", "\n", "\n  ", "\n    ", "\n- ", "\r\n", "\r", " ", "\t", "{", "}", "[", "]", ", ", ",", "? ",
        ]),
        2 => prop::sample::select(vec![
            "&a ", "*a", "&b ", "*b ", "<<: *a", "!!str ", "!x ", "|\n", ">-\n", "|2\n", "# c\n", " # c\n", "'", "\"", "\\",
            "---\n", "--- ", "...\n", "%YAML 1.2\n", "%a\n", "\u{feff}", "\0", "\u{7f}", "\u{85}", "@", "`",
        ]),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec!["a", "b", "c", "name", "<<", "null", "443", "~"]).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => any::<String>(),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        any::<i64>().prop_map(Tree::Int),
        name().prop_map(Tree::Text),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let map = prop::collection::vec((name(), inner.clone()), 0..5).prop_map(|entries| Tree::Map(distinct(entries)));
        let named = prop::collection::vec((name(), inner.clone()), 0..4).prop_map(|items| {
            let item = |(name, value)| Tree::Map(vec![("name".to_owned(), Tree::Text(name)), ("v".to_owned(), value)]);
            Tree::List(items.into_iter().map(item).collect())
        });
        prop_oneof![prop::collection::vec(inner, 0..4).prop_map(Tree::List), map, named]
    })
}

fn distinct(entries: Vec<(String, Tree)>) -> Vec<(String, Tree)> {
    let mut kept: Vec<(String, Tree)> = Vec::new();
    for (key, value) in entries {
        if kept.iter().all(|(other, _)| *other != key) {
            kept.push((key, value));
        }
    }
    kept
}

/// JSON, every character of a text escaped that is not a letter or a digit.
fn json(tree: &Tree) -> String {
    let string = |text: &str| {
        let escape = |letter: char| {
            if letter.is_ascii_alphanumeric() { letter.to_string() } else { escaped(letter) }
        };
        format!("\"{}\"", text.chars().map(escape).collect::<String>())
    };
    match tree {
        Tree::Null => "null".to_owned(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(value) => value.to_string(),
        Tree::Text(text) => string(text),
        Tree::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Tree::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}:{}", string(key), json(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
    }
}

fn escaped(letter: char) -> String {
    let mut units = [0; 2];
    let units = letter.encode_utf16(&mut units).iter();
    units.map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat()
}

/// YAML in blocks, every text in quotes.
fn block(tree: &Tree, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match tree {
        Tree::List(items) if !items.is_empty() => {
            let item = |item: &Tree| match block(item, indent + 2) {
                lines if lines.starts_with('\n') => format!("\n{pad}- # item{lines}"),
                leaf => format!("\n{pad}-{leaf} # item"),
            };
            items.iter().map(item).collect()
        }
        Tree::Map(entries) if !entries.is_empty() => {
            let entry = |(key, value): &(String, Tree)| {
                let key = json(&Tree::Text(key.clone()));
                format!("\n{pad}{key}:{}\n\n# comment", block(value, indent + 1))
            };
            entries.iter().map(entry).collect()
        }
        leaf => format!(" {}", json(leaf)),
    }
}

fn seen(node: NodeRef<'_>) -> Tree {
    match node.kind() {
        Kind::Null => Tree::Null,
        Kind::Scalar => match node.value().unwrap() {
            CoreValue::Bool(value) => Tree::Bool(value),
            CoreValue::Int(value) => Tree::Int(value),
            CoreValue::Text(text) => Tree::Text(text.to_owned()),
            other => panic!("{other:?} was not written"),
        },
        Kind::Sequence => Tree::List(node.items().map(seen).collect()),
        Kind::Mapping => {
            let key = |key: NodeRef<'_>| key.scalar().unwrap().text.to_owned();
            Tree::Map(node.entries().map(|entry| (key(entry.key), seen(entry.value))).collect())
        }
    }
}

fn document(text: &str) -> Document {
    let mut stream = parse(text);
    assert_eq!(stream.errors, [], "{text}");
    stream.documents.remove(0)
}

/// What [`merge`] says it does, on trees.
fn merged(base: Option<&Tree>, patch: &Tree) -> Tree {
    match (base, patch) {
        (base, Tree::Map(patch)) => {
            let base: &[(String, Tree)] = if let Some(Tree::Map(base)) = base { base } else { &[] };
            let find =
                |entries: &[(String, Tree)], key: &str| entries.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
            let mut result: Vec<(String, Tree)> = base.to_vec();
            for (key, over) in patch {
                let value = merged(find(base, key).as_ref(), over);
                match result.iter_mut().find(|(k, _)| k == key) {
                    Some(entry) => entry.1 = value,
                    None => result.push((key.clone(), value)),
                }
            }
            result.retain(|(key, _)| find(patch, key) != Some(Tree::Null));
            Tree::Map(result)
        }
        (Some(Tree::List(base)), Tree::List(items)) if named(base) && named(items) => {
            let find = |list: &[Tree], item: &Tree| list.iter().find(|other| name_of(other) == name_of(item)).cloned();
            let over = |item: &Tree| find(items, item).map_or(item.clone(), |over| merged(Some(item), &over));
            let mut result: Vec<Tree> = base.iter().map(over).collect();
            result.extend(items.iter().filter(|item| find(base, item).is_none()).map(|item| merged(None, item)));
            Tree::List(result)
        }
        (_, Tree::List(items)) if named(items) => Tree::List(items.iter().map(|item| merged(None, item)).collect()),
        (_, patch) => patch.clone(),
    }
}

fn name_of(tree: &Tree) -> Option<String> {
    let Tree::Map(entries) = tree else {
        return None;
    };
    match entries.iter().find(|(key, _)| key == "name") {
        Some((_, Tree::Text(name))) => Some(name.clone()),
        Some((_, Tree::Int(number))) => Some(number.to_string()),
        Some((_, Tree::Bool(value))) => Some(value.to_string()),
        _ => None,
    }
}

fn named(items: &[Tree]) -> bool {
    let names: Vec<_> = items.iter().map(name_of).collect();
    names.iter().all(Option::is_some) && (1..names.len()).all(|at| !names[..at].contains(&names[at]))
}

/// Every node that is written, with the path to it.
fn walk<'d>(node: NodeRef<'d>, path: &mut Vec<Segment<'d>>, visit: &mut impl FnMut(NodeRef<'d>, &[Segment<'d>])) {
    visit(node, path);
    for (at, item) in node.items().enumerate() {
        path.push(Segment::Index(at));
        walk(item, path, visit);
        path.pop();
    }
    for entry in node.entries() {
        let Some(key) = entry.key.as_str() else {
            continue;
        };
        path.push(Segment::Key(key));
        walk(entry.value, path, visit);
        path.pop();
    }
}

fn in_bounds(text: &str, range: TextRange) -> bool {
    text.get(usize::from(range.start())..usize::from(range.end())).is_some()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_and_all_places_are_in_it(text in prop_oneof![yaml_like(), any::<String>()]) {
        let stream = parse(text.as_str());
        prop_assert!(!stream.documents.is_empty());
        for error in &stream.errors {
            prop_assert!(in_bounds(&text, error.range));
            prop_assert!(error.related.iter().all(|(range, _)| in_bounds(&text, *range)));
            prop_assert!(error.help.is_some());
            prop_assert!(!stream.documents[error.document].is_sound());
        }
        for document in &stream.documents {
            prop_assert_eq!(document.is_sound(), stream.errors.iter().all(|error| error.document != document.index()));
            walk(document.root(), &mut Vec::new(), &mut |node, _| {
                assert!(in_bounds(&text, node.span()) && in_bounds(&text, node.place()));
            });
        }
        for comment in comments(&text) {
            prop_assert!(text[comment.range].starts_with('#'));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        match parse_bytes(&bytes) {
            Ok(_) => prop_assert!(std::str::from_utf8(&bytes).is_ok()),
            Err(error) => prop_assert!(usize::from(error.range.end()) <= bytes.len() && !error.range.is_empty()),
        }
    }

    #[test]
    fn children_stand_inside_their_parent_and_in_order(text in yaml_like()) {
        for document in parse(text.as_str()).documents.iter().filter(|document| document.is_sound()) {
            walk(document.root(), &mut Vec::new(), &mut |node, _| {
                let mut end = node.span().start();
                let mut next = |range: TextRange| {
                    assert!(end <= range.start() && range.end() <= node.span().end(), "{text:?}: {node:?} {range:?}");
                    end = range.end();
                };
                if node.via().is_none() {
                    node.items().for_each(|item| next(item.place()));
                }
            });
        }
    }

    #[test]
    fn a_path_leads_back_to_its_node(text in yaml_like()) {
        for document in parse(text.as_str()).documents.iter().filter(|document| document.is_sound()) {
            walk(document.root(), &mut Vec::new(), &mut |node, path| {
                let found = document.locate(path, Case::Exact).expect("a path that was walked exists");
                assert_eq!((found.node.id(), found.value), (node.id(), node.place()), "{text:?} {path:?}");
            });
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                let at = u32::try_from(at).unwrap().into();
                let path = document.path_at(at);
                let found = document.locate(&path, Case::Exact);
                prop_assert!(found.is_some(), "{:?} {:?}", text, path);
                let around = document.locate(&path[..path.len().saturating_sub(1)], Case::Exact).unwrap();
                prop_assert!(path.is_empty() || around.value.contains_inclusive(at), "{:?} {:?}", text, path);
            }
        }
    }

    #[test]
    fn what_is_written_is_read(tree in tree()) {
        prop_assert_eq!(seen(document(&json(&tree)).root()), tree.clone());
        prop_assert_eq!(seen(document(&block(&tree, 0)).root()), tree);
    }

    #[test]
    fn an_excerpt_says_what_is_wanted_and_nothing_else(all in tree(), keys in prop::collection::vec(name(), 0..4)) {
        let entries = if let Tree::Map(entries) = &all { entries.clone() } else { Vec::new() };
        let wanted = |key: &str, below: Option<&str>| keys.iter().any(|k| k == below.unwrap_or(key));
        let part = |(key, value): (String, Tree)| match value {
            value if wanted(&key, None) => Some((key, value)),
            Tree::Map(below) => {
                let kept: Vec<_> = below.into_iter().filter(|(k, _)| wanted(&key, Some(k))).collect();
                (!kept.is_empty()).then_some((key, Tree::Map(kept)))
            }
            _ => None,
        };
        let expected: Vec<_> = entries.into_iter().filter_map(part).collect();
        let text = excerpt(&document(&json(&all)), &wanted);
        prop_assert_eq!(seen(document(&text).root()), if expected.is_empty() { Tree::Null } else { Tree::Map(expected) });
    }

    #[test]
    fn merge_does_what_it_says(base in tree(), patch in tree()) {
        let text = merge(&document(&json(&base)), &document(&json(&patch)));
        let expected = if patch == Tree::Null { base } else { merged(Some(&base), &patch) };
        prop_assert_eq!(seen(document(&text).root()), expected);
    }

    #[test]
    fn merging_nothing_changes_nothing_and_merging_twice_is_merging_once(base in tree(), patch in tree()) {
        let (base, patch) = (document(&json(&base)), document(&json(&patch)));
        let unchanged = merge(&base, &document(""));
        prop_assert_eq!(seen(document(&unchanged).root()), seen(base.root()));
        if base.root().kind() == Kind::Mapping {
            prop_assert_eq!(merge(&base, &document("{}")), unchanged);
        }
        let once = merge(&base, &patch);
        prop_assert_eq!(merge(&document(&once), &patch), once);
    }

    #[test]
    fn any_sound_document_can_be_written_and_read_again(text in yaml_like()) {
        for base in parse(text.as_str()).documents.iter().filter(|document| document.is_sound()) {
            let once = merge(base, &document(""));
            let again = document(&once);
            prop_assert_eq!(merge(&again, &document("")), once);
        }
    }
}
