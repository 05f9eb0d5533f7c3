//! The page of one rule, statement, pack or diagnostic code: what `explain` shows.

use std::io::{self, Write};

use palisade_source::report::{Citation, PackInfo, RuleInfo, StatementInfo};
use serde::Serialize;

use crate::Options;
use crate::json::{CitationDto, VERSION, write_json};
use crate::listing::{RuleDto, StatementDto};
use crate::style::Paint;
use crate::text::{visible, visible_lines};

/// What a page is about.
#[derive(Clone, Copy, Debug)]
pub enum Page<'a> {
    /// A rule.
    Rule(&'a RuleInfo),
    /// A statement of a document.
    Statement(&'a StatementInfo),
    /// A pack.
    Pack(&'a PackInfo),
    /// A diagnostic code with its text.
    Code {
        /// `unknown-key`
        code: &'a str,
        /// Markdown.
        text: &'a str,
    },
}

/// Writes a page for people.
pub fn page(page: &Page<'_>, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = PageWriter { paint: Paint::new(options.color), to };
    match page {
        Page::Rule(rule) => writer.rule(rule),
        Page::Statement(statement) => writer.statement(statement),
        Page::Pack(pack) => writer.pack(pack),
        Page::Code { code, text } => {
            writer.heading("diagnostic", code)?;
            // A page may open with its own title, which is the code once more.
            let body = text.strip_prefix("# ").and_then(|page| page.split_once('\n')).map_or(*text, |(_, body)| body);
            writer.paragraph(body.trim_start_matches('\n'))
        }
    }
}

struct PageWriter<'a> {
    paint: Paint,
    to: &'a mut dyn Write,
}

impl PageWriter<'_> {
    fn heading(&mut self, kind: &str, name: &str) -> io::Result<()> {
        let name = self.paint.bold(&visible(name));
        writeln!(self.to, "{kind} {name}")
    }

    /// A text of several lines after an empty line; nothing for an empty text.
    fn paragraph(&mut self, text: &str) -> io::Result<()> {
        if text.trim().is_empty() {
            return Ok(());
        }
        writeln!(self.to)?;
        visible_lines(text.trim_end()).try_for_each(|line| writeln!(self.to, "{line}"))
    }

    /// `name: value`, left out when there is no value.
    fn field(&mut self, name: &str, value: &str) -> io::Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        writeln!(self.to, "{} {}", self.paint.aside(&format!("{name}:")), visible(value))
    }

    fn rule(&mut self, rule: &RuleInfo) -> io::Result<()> {
        self.heading("rule", &rule.id)?;
        self.paragraph(&rule.title)?;
        self.paragraph(&rule.documentation)?;
        writeln!(self.to)?;
        self.field("severity", rule.severity.as_str())?;
        self.field("status", &rule.status)?;
        self.field("packs", &rule.packs.join(", "))?;
        self.field("tags", &rule.tags.join(", "))?;
        if let Some(at) = &rule.location {
            self.field("declared", &format!("{}:{}", at.path, at.start.line))?;
        }
        for cite in &rule.cites {
            self.citation(cite)?;
        }
        self.paragraph(&rule.text)
    }

    fn citation(&mut self, citation: &Citation) -> io::Result<()> {
        writeln!(self.to)?;
        self.field("cites", &citation.id)?;
        for line in [
            citation.statement.clone(),
            format!("{}, “{}”, edition {}", citation.title, citation.section, citation.edition),
            citation.url.clone(),
        ] {
            writeln!(self.to, "  {}", visible(&line))?;
        }
        Ok(())
    }

    fn statement(&mut self, statement: &StatementInfo) -> io::Result<()> {
        let citation = &statement.citation;
        self.heading("statement", &citation.id)?;
        self.paragraph(&citation.statement)?;
        writeln!(self.to)?;
        self.field("strength", statement.strength)?;
        self.field("document", &citation.title)?;
        self.field("section", &citation.section)?;
        self.field("edition", &citation.edition)?;
        self.field("url", &citation.url)?;
        self.field("rules", &statement.rules.join(", "))?;
        self.field("tests", &statement.tests.to_string())?;
        self.field("unchecked", statement.unchecked.as_deref().unwrap_or_default())
    }

    fn pack(&mut self, pack: &PackInfo) -> io::Result<()> {
        self.heading("pack", &pack.name)?;
        self.paragraph(&pack.title)?;
        self.paragraph(&pack.documentation)?;
        writeln!(self.to)?;
        self.field("status", &pack.status)?;
        self.field("edition", &pack.edition)?;
        writeln!(self.to)?;
        pack.rules.iter().try_for_each(|rule| writeln!(self.to, "  {}", visible(rule)))
    }
}

#[derive(Serialize)]
struct PageDto<'a> {
    version: u32,
    #[serde(flatten)]
    body: BodyDto<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum BodyDto<'a> {
    Rule {
        #[serde(flatten)]
        rule: RuleDto<'a>,
        documentation: &'a str,
        statements: Vec<CitationDto<'a>>,
        text: &'a str,
    },
    Statement(StatementDto<'a>),
    Pack {
        id: &'a str,
        title: &'a str,
        documentation: &'a str,
        status: &'a str,
        edition: &'a str,
        rules: &'a [String],
    },
    Code {
        id: &'a str,
        documentation: &'a str,
    },
}

/// Writes a page for tools.
pub fn page_json(page: &Page<'_>, to: &mut dyn Write) -> io::Result<()> {
    let body = match page {
        Page::Rule(rule) => BodyDto::Rule {
            rule: RuleDto::new(rule),
            documentation: &rule.documentation,
            statements: rule.cites.iter().map(CitationDto::new).collect(),
            text: &rule.text,
        },
        Page::Statement(statement) => BodyDto::Statement(StatementDto::new(statement)),
        Page::Pack(pack) => BodyDto::Pack {
            id: &pack.name,
            title: &pack.title,
            documentation: &pack.documentation,
            status: &pack.status,
            edition: &pack.edition,
            rules: &pack.rules,
        },
        Page::Code { code, text } => BodyDto::Code { id: code, documentation: text },
    };
    write_json(&PageDto { version: VERSION, body }, to)
}
