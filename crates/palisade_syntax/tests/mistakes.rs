//! What a mistake looks like to whoever made it: source and message together.

mod support;

use insta::assert_snapshot;
use palisade_syntax::parse;
use support::show;

/// The errors of a text, each below its line.
fn told(text: &str) -> String {
    show(text, &parse(text))
}

/// The errors of a clause in an otherwise correct rule.
fn clause(clause: &str) -> String {
    told(&format!("rule r(c: C) {{\n  {clause}\n}}\n"))
}

/// The errors of an expression.
fn value(expression: &str) -> String {
    told(&format!("const x: Int = {expression}\n"))
}

#[test]
fn words_of_other_languages() {
    let all =
        ["a = b", "a && b", "a || b", "!a", "'a'", "a * b", "# a", "“a”", "compute permits { outboud tcp 80 to A }"]
            .map(value);
    assert_snapshot!(all.concat());
}

#[test]
fn operators_that_need_help() {
    let all = [
        "a < b < c",
        "a is set == b",
        "a permits b permits c",
        "a-b",
        "a -b",
        "a - - b",
        "a ?? b + 1",
        "a + b ?? 1",
        "not not a",
        "a == not b",
        "2 <= count x in xs: p",
        "if a then b",
        "a.b(c)(d)",
        "Storage .{r}",
        "Storage.{r}.b",
        "[1][0].{r}",
    ]
    .map(value);
    assert_snapshot!(all.concat());
}

#[test]
fn literals_that_are_none() {
    let all = [
        "007",
        "10.0.0.01",
        "10.0.0",
        "12abc",
        "443-",
        "\"open",
        "\"\\q\"",
        "\"lone } brace\"",
        "\"open { brace\"",
        "\"{a b}\"",
        "\"{}\"",
        "10.0.0.0/",
        "90d5",
    ]
    .map(value);
    assert_snapshot!(all.concat());
}

#[test]
fn heads_of_items() {
    let all = [
        "rules r(c: C) {\n}\n",
        "Rule r(c: C) {\n}\n",
        "funcion f() -> Int = 1\n",
        "rule r(c C) {\n  require = 1\n}\n",
        "rule r {\n}\n",
        "rule when(c: C) {\n}\n",
        "rule in(c: C) {\n}\n",
        "const x Int = 3\n",
        "const x: Int == 3\n",
        "fn f(a: Int) Int = 3\n",
        "import a.b.{X Y}\n",
        "  const x: Int = 3\nconst y: Int = 4\n",
        "require x\n",
        "rule r(c: C) {\n  require a\n",
        "rule r(c: C) {\n  require a\n}\n}\n",
        "const x: Int = 3\n  require x\n",
        "traffic t() {\n}\n",
        "fixture f \"\"\"\n  a: 1\nconst x: Int = 3\n",
    ]
    .map(told);
    assert_snapshot!(all.concat());
}

#[test]
fn clauses() {
    let all = [
        "requires a",
        "require",
        "require a \"message\"",
        "require a else",
        "require a else b",
        "require x is none else",
        "require if a then b else c",
        "require a;",
        "require inbound == a",
        "require a\n  when b",
        "require a else \"b\"\n  help \"c\"\n  else \"d\"",
        "help \"what\"",
        "forbid either { a } or { b }",
        "cites v1",
        "cites v1.a v1.b",
        "severity error\n  severity info",
        "tags when",
        "let no = 3",
        "let count = 3\n  require count == a and count != b",
        "for x of xs {\n    require x\n  }",
        "for x in xs {\n    require = x\n    require y\n  }",
        "for x in xs {\n    cites a.b\n  }",
        "require a permits {}",
        "require all x in xs p",
        "require all x in a == b: p",
        "require (a",
        "unwaivable true",
        "requir a\n  whn b\n  neds c",
        "# a comment\n  require a",
        "/* a comment */\n  require a",
        "require a else “b”",
    ]
    .map(clause);
    assert_snapshot!(all.concat());
}

#[test]
fn traffic_lines() {
    let line = |line: &str| told(&format!("traffic t() {{\n  {line}\n  outbound tcp 1 to A\n}}\n"));
    let all = [
        "outbound tcp 443 AzureMachineLearning",
        "outbound tcp 443 frm Storage",
        "outbound tcp to",
        "outbound 443 to Storage",
        "outbund tcp 443 to Storage",
        "outbound tcp 443 to Storage,",
        "outbound tcp 0443 to Storage",
        "outbound tcp 443 to Storage cites",
        "outbound tcp 443 to Storage cites v1",
    ]
    .map(line);
    assert_snapshot!(all.concat());
}

#[test]
fn declarations() {
    let all = [
        "record R {\n  a Int\n  b: Int\n}\n",
        "record R {\n  a: Int? or none\n  b: Int??\n}\n",
        "record R {\n  a: Set<Int>\n  b: List<Int\n  c: Int\n}\n",
        "enum E { a b }\n",
        "enum E {\n  a,\n  ,\n  c\n}\n",
        "extend {\n}\n",
        "hosts in Storage {\n  \"a\"\n}\n",
        "hosts within Storage {\n  a\n  \"b\"\n}\n",
        "source s {\n  titel \"a\"\n  url \"b\"\n  url \"c\"\n}\n",
        "source s {\n  section \"a\" {\n    must a.b \"w\"\n    shuld c.d \"x\"\n    may e.f \"y\"\n  }\n}\n",
        "pack p {\n  includes a.b\n  status\n  when Workspace: w\n}\n",
        "test \"t\" {\n  give f\n  expect violation\n  expect pass r on\n  expect no_findings\n}\n",
        "test unquoted {\n}\n",
        "match x {\n}\n",
        "const m: Map<Int> = { a: 1 b: 2 }\n",
        "fn f(c: C) -> Int = match c { a = 1 }\n",
        "const naïve: Int = 1\n",
    ]
    .map(told);
    assert_snapshot!(all.concat());
}

#[test]
fn documentation() {
    let all = [
        "const x: Int = 1\n//! late\n",
        "const x: Int = 1 /// behind\n",
        "/// alone\n\nconst x: Int = 1\n",
        "const x: Int =\n  /// within\n  1\n",
        "/// before nothing\n",
    ]
    .map(told);
    assert_snapshot!(all.concat());
}

#[test]
fn ten_mistakes_give_ten_errors() {
    let text = "\
imports a.b
record R {
  a Int
  b: Int
}
rule first(c: C) {
  cites v1
  needs c.a c.b
  require a = b
  require a == b else 'no'
  for x in xs {
    require !x
    require x
  }
}
traffic t() {
  outbound tcp 443 frm Storage
}
rule second(c: C) {
  require a
}
const y Int = 3
test \"t\" {
  expct pass second
}
";
    let file = parse(text);
    assert_snapshot!(show(text, &file));
    assert_eq!(file.errors.len(), 10);
}
