//! The page of one rule, statement, pack or diagnostic code: what `explain` shows.

use std::io::{self, Write};

use palisade_source::report::{RulePage, StatementInfo};

use crate::Options;
use crate::pack_page::{PackPage, pack_markdown};
use crate::rule_page::{Links, rule_markdown};
use crate::style::Paint;
use crate::text::{visible, visible_lines};

/// What a page is about.
#[derive(Clone, Copy, Debug)]
pub enum Page<'a> {
    /// A rule.
    Rule(&'a RulePage),
    /// A statement of a document.
    Statement(&'a StatementInfo),
    /// A pack.
    Pack(PackPage<'a>),
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
        Page::Rule(page) => writer.markdown("rule", &page.rule.id, &rule_markdown(page, Links::None)),
        Page::Statement(statement) => writer.statement(statement),
        Page::Pack(page) => writer.markdown("pack", &page.pack.name, &pack_markdown(page, Links::None)),
        Page::Code { code, text } => writer.markdown("diagnostic", code, text),
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

    /// A page in Markdown. It may open with its own title, which is its name once more.
    fn markdown(&mut self, kind: &str, name: &str, text: &str) -> io::Result<()> {
        self.heading(kind, name)?;
        let body = text.strip_prefix("# ").and_then(|page| page.split_once('\n')).map_or(text, |(_, body)| body);
        self.paragraph(body.trim_start_matches('\n'))
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
}
