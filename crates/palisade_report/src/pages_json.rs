//! The page of a rule, statement, pack or code for tools: what `explain --output json` writes.

use std::io::{self, Write};

use palisade_source::report::{Clause, Example, Mend, RulePage, Word};
use serde::Serialize;

use crate::coverage::StatementDto;
use crate::json::{CitationDto, VERSION, write_json};
use crate::listing::RuleDto;
use crate::pack_page::{Document, PackPage};
use crate::pages::Page;
use crate::rule_page::mends;

#[derive(Serialize)]
struct PageDto<'a> {
    version: u32,
    #[serde(flatten)]
    body: BodyDto<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum BodyDto<'a> {
    Rule(Box<RulePageDto<'a>>),
    Statement(StatementDto<'a>),
    Pack(PackPageDto<'a>),
    Code { id: &'a str, documentation: &'a str },
}

/// A rule with everything that its page says.
#[derive(Serialize)]
struct RulePageDto<'a> {
    #[serde(flatten)]
    rule: RuleDto<'a>,
    documentation: &'a str,
    statements: Vec<CitationDto<'a>>,
    checks: Vec<ClauseDto<'a>>,
    words: Vec<WordDto<'a>>,
    fails: Option<ExampleDto<'a>>,
    passes: Option<ExampleDto<'a>>,
    mends: Vec<MendDto>,
    text: &'a str,
}

impl<'a> RulePageDto<'a> {
    fn new(page: &'a RulePage) -> Self {
        Self {
            rule: RuleDto::new(&page.rule),
            documentation: &page.rule.documentation,
            statements: page.rule.cites.iter().map(CitationDto::new).collect(),
            checks: ClauseDto::all(&page.clauses),
            words: page.words.iter().map(WordDto::new).collect(),
            fails: page.failing.as_ref().map(ExampleDto::new),
            passes: page.passing.as_ref().map(ExampleDto::new),
            mends: mends(page).into_iter().map(MendDto::from).collect(),
            text: &page.rule.text,
        }
    }
}

/// A pack with everything that its page says.
#[derive(Serialize)]
struct PackPageDto<'a> {
    id: &'a str,
    title: &'a str,
    documentation: &'a str,
    status: &'a str,
    edition: &'a str,
    conditions: &'a [String],
    rules: &'a [String],
    documents: Vec<DocumentDto<'a>>,
}

impl<'a> PackPageDto<'a> {
    fn new(page: &PackPage<'a>) -> Self {
        Self {
            id: &page.pack.name,
            title: &page.pack.title,
            documentation: &page.pack.documentation,
            status: &page.pack.status,
            edition: &page.pack.edition,
            conditions: &page.pack.conditions,
            rules: &page.pack.rules,
            documents: documents(page),
        }
    }
}

/// A clause of a rule.
#[derive(Serialize)]
struct ClauseDto<'a> {
    kind: &'static str,
    #[serde(rename = "any_of")]
    texts: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clauses: Vec<Self>,
}

impl<'a> ClauseDto<'a> {
    fn all(clauses: &'a [Clause]) -> Vec<Self> {
        let dto = |one: &'a Clause| Self { kind: one.kind.as_str(), texts: &one.texts, clauses: Self::all(&one.inner) };
        clauses.iter().map(dto).collect()
    }
}

/// Something that a clause names.
#[derive(Serialize)]
struct WordDto<'a> {
    name: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<LineDto<'a>>,
}

/// A line of a traffic table.
#[derive(Serialize)]
struct LineDto<'a> {
    text: &'a str,
    cites: &'a [String],
}

impl<'a> WordDto<'a> {
    fn new(word: &'a Word) -> Self {
        let lines = word.lines.iter().map(|(text, cites)| LineDto { text, cites });
        Self { name: &word.name, title: &word.title, lines: lines.collect() }
    }
}

/// A test of a rule.
#[derive(Serialize)]
struct ExampleDto<'a> {
    module: &'a str,
    test: &'a str,
    yaml: &'a str,
    subject: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl<'a> ExampleDto<'a> {
    fn new(example: &'a Example) -> Self {
        let finding = example.finding.as_ref();
        Self {
            module: &example.module,
            test: &example.test,
            yaml: &example.yaml,
            subject: &example.subject,
            outcome: example.outcome.as_str(),
            message: finding.map(|finding| finding.message.as_str()),
            place: finding.map(|finding| finding.place.as_str()),
            help: finding.and_then(|finding| finding.help.as_deref()),
        }
    }
}

/// A text that makes the rule hold.
#[derive(Serialize)]
struct MendDto {
    language: String,
    title: String,
    text: String,
}

impl From<Mend> for MendDto {
    fn from(Mend { language, title, text }: Mend) -> Self {
        Self { language, title, text }
    }
}

/// A document, and how much of it a pack checks.
#[derive(Serialize)]
struct DocumentDto<'a> {
    source: &'a str,
    title: &'a str,
    edition: &'a str,
    url: &'a str,
    statements: usize,
    with_rule_here: usize,
    with_rule_elsewhere: usize,
    unchecked: Vec<StatementDto<'a>>,
}

fn documents<'a>(page: &PackPage<'a>) -> Vec<DocumentDto<'a>> {
    let dto = |document: &Document<'a>| {
        let first = document.statements.first()?;
        Some(DocumentDto {
            source: &first.source,
            title: &first.citation.title,
            edition: &first.citation.edition,
            url: &first.citation.url,
            statements: document.statements.len(),
            with_rule_here: document.here,
            with_rule_elsewhere: document.elsewhere,
            unchecked: document.unchecked.iter().map(|statement| StatementDto::new(statement)).collect(),
        })
    };
    page.documents().iter().filter_map(dto).collect()
}

/// Writes a page for tools.
pub fn page_json(page: &Page<'_>, to: &mut dyn Write) -> io::Result<()> {
    let body = match page {
        Page::Rule(page) => BodyDto::Rule(Box::new(RulePageDto::new(page))),
        Page::Statement(statement) => BodyDto::Statement(StatementDto::new(statement)),
        Page::Pack(page) => BodyDto::Pack(PackPageDto::new(page)),
        Page::Code { code, text } => BodyDto::Code { id: code, documentation: text },
    };
    write_json(&PageDto { version: VERSION, body }, to)
}
