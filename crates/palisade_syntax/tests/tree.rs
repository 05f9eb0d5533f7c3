//! The tree of what is correct, and what stays of it where something is broken.

#![allow(clippy::indexing_slicing, clippy::panic, reason = "a test that fails here has failed")]

mod support;

use palisade_syntax::ast::{
    Clause, ClauseKind, Expr, ExprKind, IsTest, ItemKind, Path, RemoteKind, Rule, Template, TemplatePart, TypeKind,
};
use palisade_syntax::{ParsedFile, Spans, keywords, parse};
use support::show;
use text_size::TextSize;

fn read(text: &str) -> ParsedFile {
    let file = parse(text);
    assert!(file.errors.is_empty(), "{}", show(text, &file));
    file
}

fn value(expression: &str) -> Expr {
    let file = read(&format!("const x: Int = {expression}\n"));
    match &file.items[0].item.kind {
        ItemKind::Const(constant) => constant.value.clone(),
        other => panic!("{other:?}"),
    }
}

fn rule(text: &str) -> (Rule, Spans) {
    let parsed = parse(text).items.remove(0);
    match parsed.item.kind {
        ItemKind::Rule(rule) => (rule, parsed.spans),
        other => panic!("{other:?}"),
    }
}

/// An expression with all of its groups in parentheses.
fn grouped(expr: &Expr) -> String {
    let join = |parts: &[Expr], by: &str| parts.iter().map(grouped).collect::<Vec<_>>().join(by);
    match &expr.kind {
        ExprKind::Word(word) | ExprKind::Literal(word) => word.to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Field(of, field) => format!("{}.{}", grouped(of), field.text),
        ExprKind::Index(of, key) => format!("{}[{}]", grouped(of), grouped(key)),
        ExprKind::Call { callee, arguments } => {
            format!("{}({})", callee.dotted(), join(arguments, ", "))
        }
        ExprKind::List(items) => format!("[{}]", join(items, ", ")),
        ExprKind::Not(inner) => format!("(not {})", grouped(inner)),
        ExprKind::Negate(inner) => format!("(-{})", grouped(inner)),
        ExprKind::Logic(op, parts) => format!("({})", join(parts, &format!(" {op:?} "))),
        ExprKind::Compare(op, a, b) => format!("({} {op:?} {})", grouped(a), grouped(b)),
        ExprKind::Is { subject, negated, test } => {
            let test = match test {
                IsTest::Variants(paths) => paths.iter().map(Path::dotted).collect::<Vec<_>>().join("|"),
                other => format!("{other:?}"),
            };
            format!("({} is{} {test})", grouped(subject), if *negated { " not" } else { "" })
        }
        ExprKind::Verdict { query, place, traffic } => format!("({} {query:?} {})", grouped(place), grouped(traffic)),
        ExprKind::Coalesce(parts) => format!("({})", join(parts, " ?? ")),
        ExprKind::Sum { first, rest } => {
            let rest: Vec<String> = rest.iter().map(|(op, e)| format!(" {op:?} {}", grouped(e))).collect();
            format!("({}{})", grouped(first), rest.concat())
        }
        ExprKind::If { condition, then, otherwise } => {
            format!("(if {} then {} else {})", grouped(condition), grouped(then), grouped(otherwise))
        }
        ExprKind::Quantifier { kind, variable, collection, body } => {
            format!("({kind:?} {} in {}: {})", variable.text, grouped(collection), grouped(body))
        }
        ExprKind::Every(path) => format!("(every {})", path.dotted()),
        other => format!("{other:?}"),
    }
}

#[test]
fn operators_bind_as_the_language_says() {
    let cases = [
        ("a or b and not c == d", "(a Or (b And (not (c Equal d))))"),
        ("not a and b", "((not a) And b)"),
        ("not a is set", "(not (a is Set))"),
        ("a + b - 1 < c ?? 0", "((a Add b Subtract 1) Less (c ?? 0))"),
        ("a permits f(b) is allowed | partial", "((a Permits f(b)) is allowed|partial)"),
        ("a.b is not none and c not in d", "((a.b is not None) And (c NotIn d))"),
        ("a ?? b permits c", "((a ?? b) Permits c)"),
        ("-a.b + 1", "((-a.b) Add 1)"),
        ("(a or b) and c", "((a Or b) And c)"),
        ("all x in xs + ys: x and y or z", "(All x in (xs Add ys): ((x And y) Or z))"),
        ("a and any x in xs: x", "(a And (Any x in xs: x))"),
        ("if a then b else c + 1", "(if a then b else (c Add 1))"),
        ("(count x in every a.B: x) >= 2", "((Count x in (every a.B): x) GreaterOrEqual 2)"),
    ];
    for (text, expected) in cases {
        assert_eq!(grouped(&value(text)), expected, "{text}");
    }
}

#[test]
fn words_are_free_after_a_dot_and_as_keys() {
    assert_eq!(grouped(&value("a.count.all.if.not")), "a.count.all.if.not");
    let ExprKind::Map(entries) = value("{ if: 1, inbound: 2, \"a b\": 3 }").kind else {
        panic!("not a map");
    };
    let keys: Vec<(&str, bool)> = entries.iter().map(|(key, _)| (key.text.as_str(), key.quoted)).collect();
    assert_eq!(keys, [("if", false), ("inbound", false), ("a b", true)]);
}

#[test]
fn a_colon_belongs_to_a_literal_only_before_a_digit_a_colon_or_a_slash() {
    assert_eq!(grouped(&value("all c in fe: c")), "(All c in fe: c)");
    assert_eq!(grouped(&value("all c in 10.0.0.0/8: c")), "(All c in 10.0.0.0/8: c)");
    for literal in ["fe80::1", "::1", "fe80::/10", "1:2:3:4:5:6:7:8", "a:b:c:d:e:f:1:2", "::ffff:10.0.0.1", "::/0"] {
        assert_eq!(value(literal).kind, ExprKind::Literal(literal.into()));
        assert_eq!(grouped(&value(&format!("all c in {literal}: c"))), format!("(All c in {literal}: c)"));
    }
}

#[test]
fn braces_hold_a_map_or_traffic() {
    assert_eq!(value("{}").kind, ExprKind::Map(Vec::new()));
    let ExprKind::Traffic(lines) =
        value("{ outbound tcp 1 to A.B.{r}, \"{r}.c\", 10.0.0.0/8, *, (x); inbound icmp from * }").kind
    else {
        panic!("not traffic");
    };
    assert_eq!(lines.len(), 2);
    let RemoteKind::Tag { words, region } = &lines[0].remotes[0].kind else {
        panic!("not a tag");
    };
    assert_eq!(words.len(), 2);
    assert!(region.is_some());
    assert_eq!(lines[0].remotes.len(), 5);
    assert!(lines[1].ports.is_none());
}

#[test]
fn templates_resolve_escapes_and_hold_expressions_at_their_places() {
    let text = "const x: Text = \"é {{a}} {b.c ?? 1}\\n\\\"\"\n";
    let file = read(text);
    let ItemKind::Const(constant) = &file.items[0].item.kind else {
        panic!("not a constant");
    };
    let ExprKind::Text(Template { parts, .. }) = &constant.value.kind else {
        panic!("not a text");
    };
    assert_eq!(parts[0], TemplatePart::Text("é {a} ".into()));
    assert_eq!(parts[2], TemplatePart::Text("\n\"".into()));
    let TemplatePart::Expr(expr) = &parts[1] else {
        panic!("not an expression");
    };
    assert_eq!(&text[file.items[0].spans.range(expr.id)], "b.c ?? 1");
}

#[test]
fn raw_texts_lose_their_indentation_and_keep_their_places() {
    let text = "fixture f \"\"\"\n    a:\n      b: 1\n\n    c: 2\n\"\"\"\n";
    let file = read(text);
    let ItemKind::Fixture(fixture) = &file.items[0].item.kind else {
        panic!("not a fixture");
    };
    assert_eq!(fixture.text.text, "a:\n  b: 1\n\nc: 2\n");
    for needle in ["a:", "b: 1", "c: 2"] {
        let inner = TextSize::try_from(fixture.text.text.find(needle).unwrap()).unwrap();
        let outer = file.items[0].spans.raw_offset(fixture.text.id, inner);
        assert!(text[usize::from(outer)..].starts_with(needle), "{needle}");
    }
}

#[test]
fn types_hold_their_absence() {
    let file = read("record R { a: List<ref A | B or none> = [], b: Map<Region, Ip?>? }\n");
    let ItemKind::Record(record) = &file.items[0].item.kind else {
        panic!("not a record");
    };
    let TypeKind::Named { arguments, .. } = &record.fields[0].ty.kind else {
        panic!("not a list");
    };
    let TypeKind::OrNone(inner) = &arguments[0].kind else {
        panic!("not `or none`");
    };
    assert!(matches!(&inner.kind, TypeKind::Ref(paths) if paths.len() == 2));
    assert!(matches!(&record.fields[1].ty.kind, TypeKind::Optional(_)));
}

#[test]
fn documentation_belongs_to_what_follows_it() {
    let text = "//! Module,\n//! two lines.\n\n/// An enum.\n///\n/// More.\nenum E {\n  /// First.\n  a,\n  b,\n}\n";
    let file = read(text);
    assert_eq!(file.doc.as_deref(), Some("Module,\ntwo lines."));
    let item = &file.items[0].item;
    assert_eq!(item.doc.as_deref(), Some("An enum.\n\nMore."));
    let ItemKind::Enum(declared) = &item.kind else {
        panic!("not an enum");
    };
    assert_eq!(declared.variants[0].doc.as_deref(), Some("First."));
    assert_eq!(declared.variants[1].doc, None);
}

fn kinds(clauses: &[Clause]) -> Vec<&'static str> {
    clauses
        .iter()
        .map(|clause| match clause.kind {
            ClauseKind::Cites(_) => "cites",
            ClauseKind::Needs(_) => "needs",
            ClauseKind::When(_) => "when",
            ClauseKind::Let { .. } => "let",
            ClauseKind::Require(_) => "require",
            ClauseKind::For { .. } => "for",
            ClauseKind::Error => "error",
            _ => "other",
        })
        .collect()
}

#[test]
fn a_broken_clause_leaves_the_others() {
    let (rule, spans) = rule(
        "rule r(c: C) {\n  cites v1.a\n  whn x\n  needs (a\n  let x = \n    1 +\n  require a\n    else \"b\"\n}\n",
    );
    assert_eq!(kinds(&rule.clauses), ["cites", "error", "error", "error", "require"]);
    let ClauseKind::Require(require) = &rule.clauses[4].kind else {
        panic!("not a requirement");
    };
    assert!(require.otherwise.is_some());
    assert!(!spans.range(rule.clauses[2].id).is_empty());
}

#[test]
fn a_broken_clause_in_a_loop_leaves_the_loop() {
    let (rule, _) = rule("rule r(c: C) {\n  for x in xs {\n    when x =\n    require x\n  }\n  require a\n}\n");
    assert_eq!(kinds(&rule.clauses), ["for", "require"]);
    let ClauseKind::For { clauses, .. } = &rule.clauses[0].kind else {
        panic!("not a loop");
    };
    assert_eq!(kinds(clauses), ["error", "require"]);
}

#[test]
fn a_misplaced_clause_stays_in_the_tree() {
    let (rule, _) = rule("rule r(c: C) {\n  require a\n  when b\n}\n");
    assert_eq!(kinds(&rule.clauses), ["require", "when"]);
}

#[test]
fn broken_members_leave_the_others() {
    let text = "\
record R {
  a: Int
  b Int
  c: Int
}
traffic t() {
  outbound tcp 1 to A
  outbound tcp 2 A
  outbound tcp 3 to A
}
source s {
  titel \"x\"
  section \"y\" {
    must a.b \"one\"
    must \"two\"
    must c.d \"three\"
  }
}
test \"t\" {
  given
  expect pass r
}
";
    let file = parse(text);
    assert_eq!(file.errors.len(), 5, "{}", show(text, &file));
    let counts: Vec<usize> = file
        .items
        .iter()
        .map(|parsed| match &parsed.item.kind {
            ItemKind::Record(record) => record.fields.len(),
            ItemKind::Traffic(traffic) => traffic.lines.len(),
            ItemKind::Source(source) => source.sections[0].statements.len(),
            ItemKind::Test(expects) => expects.expectations.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(counts, [2, 2, 2, 1]);
}

#[test]
fn a_whole_item_may_stand_on_one_line() {
    let (rule, _) =
        rule("rule r(c: C) { cites v1.a when b let x = 1 require x == 1 else \"no\" for y in ys { require y } }\n");
    assert_eq!(kinds(&rule.clauses), ["cites", "when", "let", "require", "for"]);
}

#[test]
fn keywords_are_sorted_and_once_each() {
    let words = keywords();
    assert!(words.is_sorted());
    assert!(["rule", "require", "permits", "outbound", "must_not"].iter().all(|word| words.contains(word)));
}
