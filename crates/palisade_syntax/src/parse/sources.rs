//! Sources: documents, section by section, statement by statement.

use std::ops::Range;

use super::Reader;
use super::blocks::Block;
use crate::ast::{Ident, PlainText, Section, Statement, Strength};
use crate::grammar::{Node, Rule};

/// A part of a source.
pub(super) enum SourcePart {
    Title(PlainText),
    Edition(Ident),
    Url(PlainText),
    Section(Section),
}

const PARTS: &[&str] = &["title", "edition", "url", "section"];
const STRENGTHS: &[&str] = &["must", "must_not", "should", "may", "info"];

/// The parts of a source.
pub(super) const SOURCE_BLOCK: Block<SourcePart> = Block {
    what: "a part of a source",
    all: Rule::source_parts_all,
    some: Rule::source_parts_some,
    begins: |word, _| PARTS.contains(&word),
    words: PARTS,
    build: |reader, node| reader.source_part(node),
    broken: |_, _| None,
    nested: Some(("section", |reader, part| reader.broken_section(part))),
};

const STATEMENT_BLOCK: Block<Statement> = Block {
    what: "a statement",
    all: Rule::statements_all,
    some: Rule::statements_some,
    begins: |word, _| STRENGTHS.contains(&word),
    words: STRENGTHS,
    build: |reader, node| reader.statement(node),
    broken: |_, _| None,
    nested: None,
};

impl Reader<'_> {
    fn source_part(&mut self, node: &Node<'_>) -> Option<SourcePart> {
        self.doc(node.start());
        let form = node.children().next()?;
        Some(match form.rule() {
            Rule::title => SourcePart::Title(self.plain_in(&form)?),
            Rule::edition => SourcePart::Edition(self.ident(&form.child(Rule::date)?)),
            Rule::url => SourcePart::Url(self.plain_in(&form)?),
            Rule::section => {
                let title = self.plain_in(&form.child(Rule::section_head)?)?;
                let statements =
                    form.all(Rule::statement).map(|statement| self.statement(&statement)).collect::<Option<_>>()?;
                SourcePart::Section(Section { title, statements })
            }
            _ => return None,
        })
    }

    fn broken_section(&mut self, part: Range<usize>) -> Option<SourcePart> {
        let (head, body) = self.open_block(Rule::section_start, Rule::section_head, &part)?;
        let title = self.plain_in(&head)?;
        let statements = self.members(&STATEMENT_BLOCK, body.members());
        self.close_block(&body, &part);
        Some(SourcePart::Section(Section { title, statements }))
    }

    fn statement(&mut self, node: &Node<'_>) -> Option<Statement> {
        let doc = self.doc(node.start());
        let id = self.node_of(node);
        let strength = match node.child(Rule::strength)?.text() {
            "must" => Strength::Must,
            "must_not" => Strength::MustNot,
            "should" => Strength::Should,
            "may" => Strength::May,
            _ => Strength::Info,
        };
        let path = self.path(&node.child(Rule::statement_path)?);
        let unchecked = match node.child(Rule::unchecked) {
            Some(unchecked) => Some(self.plain_in(&unchecked)?),
            None => None,
        };
        let text = self.plain_in(node)?;
        Some(Statement { id, doc, strength, path, unchecked, text })
    }
}
