//! Expressions: operands and what follows them. Operators are grouped in [`super::precedence`].

use smol_str::SmolStr;
use text_size::TextRange;

use super::Reader;
use super::precedence::{Infix, Part, Row};
use crate::ast::{Arm, Expr, ExprKind, Ident, IsTest, MapKey, Path, QuantifierKind};
use crate::grammar::{Node, Rule, range};
use crate::limits::MAX_LINKS;

impl Reader<'_> {
    /// `expr` or `arith`.
    pub(crate) fn expr(&mut self, node: &Node<'_>) -> Option<Expr> {
        let parts = node.children().map(|part| self.part(&part)).collect::<Option<_>>()?;
        Row { reader: self, parts }.expr()
    }

    /// The first expression among a node's children.
    pub(crate) fn expr_in(&mut self, node: &Node<'_>) -> Option<Expr> {
        let expr = node.child(Rule::expr)?;
        self.expr(&expr)
    }

    /// `= e`; `*` stands only here.
    pub(crate) fn default_value(&mut self, node: &Node<'_>) -> Option<Expr> {
        match node.child(Rule::star) {
            Some(star) => Some(self.make(star.range(), ExprKind::Any)),
            None => self.expr_in(node),
        }
    }

    fn boxed(&mut self, node: Option<Node<'_>>) -> Option<Box<Expr>> {
        self.expr(&node?).map(Box::new)
    }

    fn exprs(&mut self, node: &Node<'_>) -> Option<Vec<Expr>> {
        node.all(Rule::expr).map(|expr| self.expr(&expr)).collect()
    }

    fn part(&mut self, node: &Node<'_>) -> Option<Part> {
        Some(match node.rule() {
            Rule::operand => Part::Operand(self.operand(node)?),
            Rule::kw_not => Part::Not(node.range()),
            Rule::is_test => self.is_test(node),
            _ => {
                let infix = Infix::of(node.text().trim_end())?;
                let sign = range(node.start(), node.start() + node.text().trim_end().len());
                self.check_minus(node);
                Part::Infix(infix, sign)
            }
        })
    }

    /// `-` is minus only with white space on both sides.
    fn check_minus(&mut self, node: &Node<'_>) {
        let start = node.start();
        if !node.text().starts_with('-') || (self.blank_before(start) && self.blank_after(start + 1)) {
            return;
        }
        let index = self.token_at(start);
        let before = index.checked_sub(1).map_or("", |i| self.token_text(i));
        let after = self.token_text(index + 1);
        self.error(
            "syntax-minus",
            range(start, start + 1),
            "`-` is minus only with white space on both sides",
            format!("write `{before} - {after}`, or, for a key, `m[\"{before}-{after}\"]`"),
        );
    }

    fn is_test(&mut self, node: &Node<'_>) -> Part {
        let negated = node.has(Rule::kw_not);
        let test = if node.has(Rule::kw_set) {
            IsTest::Set
        } else if node.has(Rule::kw_none) {
            IsTest::None
        } else {
            IsTest::Variants(self.children_as_paths(node, Rule::variant_path))
        };
        let range = node.range();
        Part::Is { negated, test, range }
    }

    fn operand(&mut self, node: &Node<'_>) -> Option<Expr> {
        let mut children = node.children().peekable();
        let sign = children.next_if(|child| child.rule() == Rule::sign);
        let mut expr = self.primary(&children.next()?)?;
        let mut links = 0;
        for link in children {
            links += 1;
            if links > MAX_LINKS {
                return Some(self.too_many_links(node));
            }
            expr = self.link(expr, &link)?;
        }
        let Some(sign) = sign else {
            return Some(expr);
        };
        if self.blank_after(sign.start() + 1) {
            let help = "write the number right behind it, such as `-1`";
            self.error("syntax-minus", sign.range(), "a sign stands right before its operand", help);
        }
        let whole = sign.range().cover(self.range_of(expr.id));
        Some(self.make(whole, ExprKind::Negate(Box::new(expr))))
    }

    fn too_many_links(&mut self, node: &Node<'_>) -> Expr {
        self.error(
            "syntax-too-deep",
            node.range(),
            format!("more than {MAX_LINKS} links follow one operand"),
            "give a part of it a name with `let`",
        );
        self.make(node.range(), ExprKind::Error)
    }

    fn make(&mut self, range: TextRange, kind: ExprKind) -> Expr {
        let id = self.node(range);
        Expr { id, kind }
    }

    fn primary(&mut self, node: &Node<'_>) -> Option<Expr> {
        let kind = match node.rule() {
            Rule::quantifier => self.quantifier(node)?,
            Rule::every => ExprKind::Every(self.path(&node.child(Rule::type_path)?)),
            Rule::conditional => self.conditional(node)?,
            Rule::match_expr => self.match_expr(node)?,
            Rule::paren => return self.paren(node),
            Rule::list => self.list(node)?,
            Rule::braces => self.braces(node)?,
            Rule::boolean => ExprKind::Bool(node.text() == "true"),
            Rule::digits_literal | Rule::ipv6_literal => self.literal(node),
            Rule::text => ExprKind::Text(self.template(node)),
            Rule::fold_word | Rule::bare_word => ExprKind::Word(SmolStr::new(node.text())),
            _ => return None,
        };
        Some(self.make(node.range(), kind))
    }

    /// Parentheses leave no node, but the range of what they hold covers them.
    fn paren(&mut self, node: &Node<'_>) -> Option<Expr> {
        let mut expr = self.expr_in(node)?;
        expr.id = self.node_of(node);
        Some(expr)
    }

    fn quantifier(&mut self, node: &Node<'_>) -> Option<ExprKind> {
        let kind = match node.child(Rule::quantifier_kind)?.text() {
            "all" => QuantifierKind::All,
            "any" => QuantifierKind::Any,
            "no" => QuantifierKind::No,
            _ => QuantifierKind::Count,
        };
        Some(ExprKind::Quantifier {
            kind,
            variable: self.declared(&node.child(Rule::name)?),
            collection: self.boxed(node.child(Rule::arith))?,
            body: self.boxed(node.child(Rule::expr))?,
        })
    }

    fn conditional(&mut self, node: &Node<'_>) -> Option<ExprKind> {
        let mut parts = node.all(Rule::expr);
        Some(ExprKind::If {
            condition: self.boxed(parts.next())?,
            then: self.boxed(parts.next())?,
            otherwise: self.boxed(parts.next())?,
        })
    }

    fn match_expr(&mut self, node: &Node<'_>) -> Option<ExprKind> {
        let subject = self.boxed(node.child(Rule::expr))?;
        let arms = node
            .all(Rule::arm)
            .map(|arm| {
                let id = self.node_of(&arm);
                let variants = self.children_as_paths(&arm, Rule::variant_path);
                let value = self.expr_in(&arm)?;
                Some(Arm { id, variants, value })
            })
            .collect::<Option<_>>()?;
        Some(ExprKind::Match { subject, arms })
    }

    fn list(&mut self, node: &Node<'_>) -> Option<ExprKind> {
        let Some(each) = node.child(Rule::for_each) else {
            return Some(ExprKind::List(self.exprs(node)?));
        };
        Some(ExprKind::Comprehension {
            element: self.boxed(node.child(Rule::expr))?,
            variable: self.declared(&each.child(Rule::name)?),
            collection: self.boxed(each.child(Rule::arith))?,
            filter: match each.child(Rule::expr) {
                Some(filter) => Some(self.boxed(Some(filter))?),
                None => None,
            },
        })
    }

    fn braces(&mut self, node: &Node<'_>) -> Option<ExprKind> {
        if node.has(Rule::traffic_line) {
            let lines = node.all(Rule::traffic_line).map(|line| self.traffic_line(&line));
            return Some(ExprKind::Traffic(lines.collect::<Option<_>>()?));
        }
        node.all(Rule::map_entry)
            .map(|entry| Some((self.map_key(&entry.children().next()?), self.expr_in(&entry)?)))
            .collect::<Option<_>>()
            .map(ExprKind::Map)
    }

    fn map_key(&mut self, node: &Node<'_>) -> MapKey {
        if node.rule() == Rule::text {
            let plain = self.plain(node);
            return MapKey { id: plain.id, text: plain.text, quoted: true };
        }
        let word = self.ident(node);
        MapKey { id: word.id, text: word.text, quoted: false }
    }

    fn link(&mut self, on: Expr, node: &Node<'_>) -> Option<Expr> {
        let whole = self.range_of(on.id).cover(node.range());
        if matches!(on.kind, ExprKind::TagRegion { .. }) {
            let help = "put what follows into the braces, or remove it";
            self.error("syntax-tag", node.range(), "`.{…}` is the last part of a tag", help);
            return Some(self.make(whole, ExprKind::Error));
        }
        let kind = match node.rule() {
            Rule::field_access => {
                let field = self.ident(&node.child(Rule::any_word)?);
                ExprKind::Field(Box::new(on), field)
            }
            Rule::index => ExprKind::Index(Box::new(on), Box::new(self.expr_in(node)?)),
            Rule::tag_region => self.tag_link(&on, node)?,
            Rule::call => {
                let arguments = self.exprs(node)?;
                self.call(&on, arguments)
            }
            _ => return None,
        };
        Some(self.make(whole, kind))
    }

    fn call(&mut self, on: &Expr, arguments: Vec<Expr>) -> ExprKind {
        if let Some(segments) = Self::dotted(on) {
            let callee = Path { id: on.id, segments };
            return ExprKind::Call { callee, arguments };
        }
        let range = self.range_of(on.id);
        let help = "write the function's name right before `(`; for a key, write `m[key]`";
        self.error("syntax-call", range, "only a function, by its name, can be called", help);
        ExprKind::Error
    }

    fn tag_link(&mut self, on: &Expr, node: &Node<'_>) -> Option<ExprKind> {
        self.check_tight(node);
        let region = Box::new(self.expr_in(node)?);
        if let Some(words) = Self::dotted(on) {
            return Some(ExprKind::TagRegion { words, region });
        }
        let range = self.range_of(on.id);
        self.error("syntax-tag", range, "only a service tag can be followed by `.{…}`", "for a key, write `m[key]`");
        Some(ExprKind::Error)
    }

    /// `.{` stands right behind the tag.
    pub(crate) fn check_tight(&mut self, region: &Node<'_>) {
        if self.blank_before(region.start()) {
            let help = "remove the white space before it";
            self.error("syntax-tag", region.range(), "`.{…}` belongs right behind a tag", help);
        }
    }

    /// The words of `a.b.c`, if the expression is nothing else.
    fn dotted(expr: &Expr) -> Option<Vec<Ident>> {
        match &expr.kind {
            ExprKind::Word(text) => Some(vec![Ident { id: expr.id, text: text.clone() }]),
            ExprKind::Field(inner, field) => {
                let mut words = Self::dotted(inner)?;
                words.push(field.clone());
                Some(words)
            }
            _ => None,
        }
    }
}
