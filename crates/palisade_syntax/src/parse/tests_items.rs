//! Fixtures and tests.

use super::Reader;
use super::blocks::Block;
use crate::ast::{Expectation, ExpectationKind, Fixture, Given, PlainText};
use crate::grammar::{Node, Rule};

/// A clause of a test.
pub(super) enum TestPart {
    Given(Given),
    Expect(Expectation),
}

const PARTS: &[&str] = &["given", "expect"];

/// The clauses of a test.
pub(super) const TEST_BLOCK: Block<TestPart> = Block {
    what: "a clause of a test",
    all: Rule::test_parts_all,
    some: Rule::test_parts_some,
    begins: |word, _| PARTS.contains(&word),
    words: PARTS,
    build: |reader, node| reader.test_part(node),
    broken: |_, _| None,
    nested: None,
};

impl Reader<'_> {
    pub(super) fn fixture(&mut self, node: &Node<'_>) -> Option<Fixture> {
        let name = self.declared(&node.child(Rule::name)?);
        let text = self.raw(&node.child(Rule::raw_text)?);
        Some(Fixture { name, text })
    }

    fn test_part(&mut self, node: &Node<'_>) -> Option<TestPart> {
        self.doc(node.start());
        let form = node.children().next()?;
        match form.rule() {
            Rule::given => Some(TestPart::Given(self.given(&form))),
            Rule::expectation => Some(TestPart::Expect(self.expectation(&form)?)),
            _ => None,
        }
    }

    fn given(&mut self, node: &Node<'_>) -> Given {
        let id = self.node_of(node);
        let fixture = node.child(Rule::fixture_path).map(|path| self.path(&path));
        let patch = node.child(Rule::raw_text).map(|text| self.raw(&text));
        Given { id, fixture, patch }
    }

    fn expectation(&mut self, node: &Node<'_>) -> Option<Expectation> {
        let id = self.node_of(node);
        if node.has(Rule::kw_no_findings) {
            let kind = ExpectationKind::NoFindings;
            return Some(Expectation { id, kind });
        }
        let outcome = self.ident(&node.child(Rule::outcome)?);
        let rule = self.path(&node.child(Rule::rule_path)?);
        let on = node.child(Rule::on_place).and_then(|on| self.place_in(&on));
        let severity = node.child(Rule::with_severity).and_then(|of| of.child(Rule::any_word));
        let severity = severity.map(|word| self.ident(&word));
        let at = node.all(Rule::at_place).map(|at| self.place_in(&at)).collect::<Option<_>>()?;
        let message = match node.child(Rule::with_message) {
            Some(message) => Some(self.plain_in(&message)?),
            None => None,
        };
        let kind = ExpectationKind::Outcome { outcome, rule, on, severity, at, message };
        Some(Expectation { id, kind })
    }

    /// A place, as written.
    fn place_in(&mut self, node: &Node<'_>) -> Option<PlainText> {
        let place = node.child(Rule::place)?;
        let id = self.node_of(&place);
        let text = place.text().into();
        Some(PlainText { id, text })
    }
}
