//! The clauses of a rule, and those of a pack.

use std::ops::Range;

use text_size::TextRange;

use super::Reader;
use super::blocks::Block;
use crate::ast::{
    Clause, ClauseKind, ExprKind, Include, PackCondition, PlainText, Require, RequireBody, Sense, Template,
};
use crate::errors::error;
use crate::grammar::{Node, Rule, range};
use crate::words::CLAUSES;

/// The clauses of a rule or of a `for` block.
pub(super) const CLAUSE_BLOCK: Block<Clause> = Block {
    what: "a clause",
    all: Rule::clauses_all,
    some: Rule::clauses_some,
    // A `help` belongs to what stands before it, and is cut off with that.
    begins: |word, _| CLAUSES.contains(&word) && word != "help",
    words: CLAUSES,
    build: |reader, node| reader.clause(node),
    broken: |reader, range| {
        let id = reader.node(range);
        let kind = ClauseKind::Error;
        Some(Clause { id, kind })
    },
    nested: Some(("for", |reader, part| reader.broken_for(part))),
};

impl Reader<'_> {
    /// Clauses in their order, and what is out of it.
    pub(super) fn clauses(&mut self, body: Range<usize>, in_for: bool) -> Vec<Clause> {
        let clauses = self.members(&CLAUSE_BLOCK, body);
        self.check_order(&clauses, in_for);
        clauses
    }

    fn clause(&mut self, node: &Node<'_>) -> Option<Clause> {
        self.doc(node.start());
        let id = self.node_of(node);
        let form = node.children().next()?;
        let kind = match form.rule() {
            Rule::cites => ClauseKind::Cites(self.cited(&form)),
            Rule::severity => ClauseKind::Severity(self.ident(&form.child(Rule::any_word)?)),
            Rule::tags => ClauseKind::Tags(form.all(Rule::name).map(|tag| self.declared(&tag)).collect()),
            Rule::unwaivable => ClauseKind::Unwaivable,
            Rule::when => ClauseKind::When(self.expr_in(&form)?),
            Rule::needs => ClauseKind::Needs(form.all(Rule::expr).map(|expr| self.expr(&expr)).collect::<Option<_>>()?),
            Rule::let_clause => self.let_clause(&form)?,
            Rule::requirement => ClauseKind::Require(Box::new(self.requirement(&form)?)),
            Rule::for_clause => self.for_clause(&form)?,
            Rule::stray_help => self.stray_help(&form),
            _ => return None,
        };
        Some(Clause { id, kind })
    }

    fn let_clause(&mut self, node: &Node<'_>) -> Option<ClauseKind> {
        let name = self.declared(&node.child(Rule::name)?);
        let ty = match node.child(Rule::type_expr) {
            Some(ty) => Some(self.type_expr(&ty)?),
            None => None,
        };
        let value = self.expr_in(node)?;
        Some(ClauseKind::Let { name, ty, value })
    }

    fn requirement(&mut self, node: &Node<'_>) -> Option<Require> {
        let sense = match node.child(Rule::sense)?.text() {
            "require" => Sense::Require,
            _ => Sense::Forbid,
        };
        let body = self.requirement_body(node, sense)?;
        let otherwise = self.message_of(node, Rule::otherwise);
        let help = self.message_of(node, Rule::help);
        Some(Require { sense, body, otherwise, help })
    }

    fn requirement_body(&mut self, node: &Node<'_>, sense: Sense) -> Option<RequireBody> {
        if let Some(either) = node.child(Rule::either) {
            if sense == Sense::Forbid {
                let help = "write `require either`, or one `forbid` for each";
                self.error("syntax-either", either.range(), "`either` stands only after `require`", help);
            }
            let alternatives = either.all(Rule::alternative).map(|one| self.expr_in(&one));
            return alternatives.collect::<Option<_>>().map(RequireBody::Either);
        }
        let expr = self.expr_in(node)?;
        let at = self.range_of(expr.id);
        let bare = self.file.get(usize::from(at.start())..).is_some_and(|text| text.starts_with("if"));
        if bare && matches!(expr.kind, ExprKind::If { .. }) {
            let help = "parenthesise it: its `else` reads like the requirement's own";
            let message = "a conditional right after `require` or `forbid` needs parentheses";
            self.error("syntax-parenthesise", at, message, help);
        }
        Some(RequireBody::Expr(expr))
    }

    /// The `else` or the `help`: one of each at most.
    fn message_of(&mut self, node: &Node<'_>, rule: Rule) -> Option<Template> {
        let mut messages = node.all(rule);
        let first = messages.next()?;
        let template = self.template(&first.child(Rule::text)?);
        for again in messages {
            let word = self.token_text(self.token_at(again.start()));
            self.twice(word, again.range(), first.range());
        }
        Some(template)
    }

    /// Something that stands once at most was written again.
    pub(super) fn twice(&mut self, word: &str, again: TextRange, first: TextRange) {
        let mut twice = error("syntax-twice", again, format!("`{word}` is written twice here"), "remove one of them");
        twice.related.push((first, "first written here".to_owned()));
        self.errors.push(twice);
    }

    fn for_clause(&mut self, node: &Node<'_>) -> Option<ClauseKind> {
        let head = node.child(Rule::for_head)?;
        let (variable, collection) = self.for_head(&head)?;
        let clauses: Vec<Clause> = node.all(Rule::clause).map(|clause| self.clause(&clause)).collect::<Option<_>>()?;
        self.check_order(&clauses, true);
        Some(ClauseKind::For { variable, collection, clauses })
    }

    fn for_head(&mut self, head: &Node<'_>) -> Option<(crate::ast::Ident, crate::ast::Expr)> {
        let variable = self.declared(&head.child(Rule::name)?);
        let collection = self.expr(&head.child(Rule::arith)?)?;
        Some((variable, collection))
    }

    /// A `for` with something unreadable in it: its head and its other clauses stay.
    fn broken_for(&mut self, part: Range<usize>) -> Option<Clause> {
        let (head, body) = self.open_block(Rule::for_start, Rule::for_head, &part)?;
        let id = self.node(range(part.start, body.end));
        let (variable, collection) = self.for_head(&head)?;
        let clauses = self.clauses(body.members(), true);
        self.close_block(&body, &part);
        let kind = ClauseKind::For { variable, collection, clauses };
        Some(Clause { id, kind })
    }

    fn stray_help(&mut self, node: &Node<'_>) -> ClauseKind {
        let help = "write it right after the requirement's `else`";
        self.error("clause-misplaced", node.range(), "this `help` follows no requirement", help);
        ClauseKind::Error
    }

    /// `when`, `needs` and `let` narrow what follows, so they stand before the first requirement.
    fn check_order(&mut self, clauses: &[Clause], in_for: bool) {
        let mut required: Option<TextRange> = None;
        let mut severity: Option<TextRange> = None;
        for clause in clauses {
            let range = self.range_of(clause.id);
            match (&clause.kind, required) {
                (ClauseKind::Require(_) | ClauseKind::For { .. }, None) => required = Some(range),
                (ClauseKind::When(_) | ClauseKind::Needs(_) | ClauseKind::Let { .. }, Some(first)) => {
                    self.misplaced(range, "stands after a requirement, which it cannot narrow");
                    if let Some(last) = self.errors.last_mut() {
                        last.related.push((first, "the first requirement".to_owned()));
                    }
                }
                (ClauseKind::Cites(_) | ClauseKind::Severity(_) | ClauseKind::Tags(_) | ClauseKind::Unwaivable, _)
                    if in_for =>
                {
                    self.misplaced(range, "is a clause of the rule and cannot stand in `for`");
                }
                (ClauseKind::Severity(_), _) => match severity {
                    Some(first) => self.twice("severity", range, first),
                    None => severity = Some(range),
                },
                _ => {}
            }
        }
    }

    fn misplaced(&mut self, range: TextRange, why: &str) {
        let word = self.token_text(self.token_at(usize::from(range.start())));
        self.error(
            "clause-misplaced",
            range,
            format!("`{word}` {why}"),
            "move it up, before the first `require`, `forbid` or `for`",
        );
    }
}

/// A clause of a pack.
pub(super) enum PackPart {
    Status(crate::ast::Ident),
    Edition(crate::ast::Ident),
    Include(Include),
    When(PackCondition),
}

const PACK_WORDS: &[&str] = &["status", "edition", "include", "when"];

/// The clauses of a pack.
pub(super) const PACK_BLOCK: Block<PackPart> = Block {
    what: "a clause of a pack",
    all: Rule::pack_parts_all,
    some: Rule::pack_parts_some,
    begins: |word, _| PACK_WORDS.contains(&word),
    words: PACK_WORDS,
    build: |reader, node| reader.pack_part(node),
    broken: |_, _| None,
    nested: None,
};

impl Reader<'_> {
    fn pack_part(&mut self, node: &Node<'_>) -> Option<PackPart> {
        self.doc(node.start());
        let form = node.children().next()?;
        Some(match form.rule() {
            Rule::status => PackPart::Status(self.ident(&form.child(Rule::any_word)?)),
            Rule::edition => PackPart::Edition(self.ident(&form.child(Rule::date)?)),
            Rule::include => PackPart::Include(self.include(&form)?),
            Rule::pack_when => {
                let id = self.node_of(&form);
                PackPart::When(PackCondition {
                    id,
                    ty: self.path(&form.child(Rule::type_path)?),
                    variable: self.declared(&form.child(Rule::name)?),
                    condition: self.expr_in(&form)?,
                })
            }
            _ => return None,
        })
    }

    fn include(&mut self, node: &Node<'_>) -> Option<Include> {
        match node.child(Rule::included_pack) {
            Some(pack) => Some(Include::Pack(self.ident(&pack.child(Rule::name)?))),
            None => Some(Include::Module(self.path(&node.child(Rule::module_path)?))),
        }
    }

    /// Keeps the first of what may stand once, and reports the others.
    pub(super) fn once<T>(
        &mut self,
        word: &str,
        slot: &mut Option<T>,
        value: T,
        id: impl Fn(&T) -> crate::ast::NodeId,
    ) {
        match slot {
            None => *slot = Some(value),
            Some(first) => {
                let (again, first) = (self.range_of(id(&value)), self.range_of(id(first)));
                self.twice(word, again, first);
            }
        }
    }

    pub(super) fn plain_in(&mut self, node: &Node<'_>) -> Option<PlainText> {
        let text = node.child(Rule::text)?;
        Some(self.plain(&text))
    }
}
