//! Expressions of policies as text that means the same in another module.
//!
//! The text is that of the policy, with what its variables stand for in their place: the subject by its type, a `let` by its
//! value, a parameter by its argument. Beside it goes a print of the functions and tables that it names, so that two texts
//! are taken for the same only if these say the same as well.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use palisade_net::PortSet;
use palisade_source::File;
use palisade_syntax::ParsedItem;
use palisade_syntax::ast::NodeId;
use rustc_hash::FxHashMap;

use crate::hash::stable;
use crate::inputs::{Db, Program};
use crate::ir::{Expr, ExprKind, Local, PackCondition, RemoteKind, Rule, TemplatePart, TrafficLine, walk};
use crate::names::{DefName, ItemKey, ItemTag};
use crate::policy::items::parsed_items;
use crate::policy::lower::{constant, find, function, traffic};
use crate::policy::schema::schema;

/// A text longer than this is cut and told apart by its print: what stands for a variable may itself hold variables, and
/// would grow without end.
const LONGEST: usize = 600;

/// How a block over a collection begins.
const LOOP: &str = "for ";

/// A piece of a policy: its text, and the prints of what it names.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Clause {
    pub(super) text: String,
    prints: BTreeSet<u64>,
}

impl Clause {
    /// A word that names nothing.
    fn plain(text: String) -> Self {
        Self { text, prints: BTreeSet::new() }
    }

    /// A requirement inside of blocks with conditions: `for lock in every Lock, when lock.locks: require p`.
    pub(super) fn requirement(within: &[Self], word: &str, asked: &[Self]) -> Self {
        let before = |outer: &Self| {
            let when = if outer.text.starts_with(LOOP) { "" } else { "when " };
            format!("{when}{}, ", outer.text)
        };
        let before: String = within.iter().map(before).collect();
        let alternatives: Vec<&str> = asked.iter().map(|one| one.text.as_str()).collect();
        let text = format!("{before}{word} {}", alternatives.join(" or "));
        Self { text, prints: within.iter().chain(asked).flat_map(|one| &one.prints).copied().collect() }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An item, and what its variables stand for; one that is not here keeps its name.
#[derive(Clone)]
pub(super) struct Names {
    pub(super) item: ItemKey,
    pub(super) of: FxHashMap<Local, Clause>,
}

/// `NetworkInterface` → `network_interface`
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

type Items<'db> = FxHashMap<ItemKey, &'db ParsedItem>;

/// Reads policies as text.
pub(super) struct Words<'db> {
    pub(super) db: &'db dyn Db,
    pub(super) program: Program,
    files: RefCell<FxHashMap<File, Items<'db>>>,
    prints: RefCell<FxHashMap<DefName, u64>>,
}

impl<'db> Words<'db> {
    pub(super) fn new(db: &'db dyn Db, program: Program) -> Self {
        Self { db, program, files: RefCell::default(), prints: RefCell::default() }
    }

    /// The parameters of a rule go by their types, so that what two authors call them makes no difference.
    pub(super) fn names_of(&self, rule: &Rule) -> Names {
        let schema = &schema(self.db, self.program).value;
        let (mut known, mut of) = (BTreeSet::new(), FxHashMap::default());
        for (local, (_, ty)) in (0..).map(Local).zip(&rule.params) {
            if let Some(record) = schema.record(*ty).filter(|_| known.insert(*ty)) {
                of.insert(local, Clause::plain(snake_case(&record.name.name)));
            }
        }
        Names { item: rule.item.clone(), of }
    }

    /// What a pack asks of everything that its rules are about: `workspace.sdk == v1`.
    pub(super) fn pack_condition(&self, condition: &PackCondition) -> Clause {
        let record = schema(self.db, self.program).value.record(condition.record);
        let name = record.map(|record| (Local(0), Clause::plain(snake_case(&record.name.name))));
        let names = Names { item: condition.item.clone(), of: name.into_iter().collect() };
        self.clause(&condition.condition, &names)
    }

    /// An expression as text.
    pub(super) fn clause(&self, expr: &Expr, names: &Names) -> Clause {
        let mut holes = Vec::new();
        let mut prints = BTreeSet::new();
        walk::all(expr, &mut |part| {
            if let ExprKind::Local(local) = &part.kind
                && let Some(value) = names.of.get(local)
            {
                holes.push((self.range(&names.item, part.id), value));
                prints.extend(&value.prints);
            }
            prints.extend(walk::named(part).map(|name| self.print(&name)));
        });
        let mut text = self.filled(&names.item, self.range(&names.item, expr.id), holes);
        if text.len() > LONGEST {
            prints.insert(stable(text.bytes()));
            text = format!("{} …", text.chars().take(LONGEST / 2).collect::<String>());
        }
        Clause { text, prints }
    }

    /// What stands for a variable within a larger expression.
    pub(super) fn operand(&self, expr: &Expr, names: &Names) -> Clause {
        let clause = self.clause(expr, names);
        match expr.kind {
            ExprKind::Logic(..)
            | ExprKind::Not(_)
            | ExprKind::Negate(_)
            | ExprKind::Compare(..)
            | ExprKind::Sum(..)
            | ExprKind::Coalesce(_)
            | ExprKind::If(..)
            | ExprKind::Quantifier { .. }
            | ExprKind::Verdict { .. }
                if !clause.text.starts_with('(') =>
            {
                Clause { text: format!("({})", clause.text), ..clause }
            }
            _ => clause,
        }
    }

    /// How a block begins: `for lock in every Lock`.
    pub(super) fn loop_head(&self, step: NodeId, collection: &Expr, names: &Names) -> Clause {
        let (start, end) = (self.range(&names.item, step).start, self.range(&names.item, collection.id).start);
        let clause = self.clause(collection, names);
        Clause { text: format!("{} {}", self.filled(&names.item, start..end, Vec::new()), clause.text), ..clause }
    }

    /// The pattern of a host, with what is computed in braces.
    fn host(&self, parts: &[TemplatePart], names: &Names) -> String {
        let part = |part: &TemplatePart| match part {
            TemplatePart::Text(text) => text.to_lowercase(),
            TemplatePart::Expr(expr) => match &expr.kind {
                ExprKind::Local(local) => match names.of.get(local) {
                    // A text that was passed on as an argument needs no braces in braces.
                    Some(Clause { text, .. }) => text
                        .strip_prefix('"')
                        .and_then(|t| t.strip_suffix('"'))
                        .map_or_else(|| format!("{{{text}}}"), str::to_owned),
                    None => format!("{{{}}}", self.clause(expr, names)),
                },
                _ => format!("{{{}}}", self.clause(expr, names)),
            },
        };
        parts.iter().map(part).collect()
    }

    fn range(&self, item: &ItemKey, node: NodeId) -> std::ops::Range<usize> {
        let mut files = self.files.borrow_mut();
        let items = files.entry(item.file).or_insert_with(|| parsed_items(self.db, item.file));
        items.get(item).map_or(0..0, |parsed| parsed.spans.range(node).into())
    }

    /// The text of a range with holes filled, on one line and without comments.
    fn filled(
        &self,
        item: &ItemKey,
        whole: std::ops::Range<usize>,
        mut holes: Vec<(std::ops::Range<usize>, &Clause)>,
    ) -> String {
        let source = item.file.text(self.db);
        holes.sort_by_key(|(range, _)| range.start);
        let (mut text, mut at) = (String::new(), whole.start);
        for (range, value) in holes {
            text.push_str(source.get(at..range.start).unwrap_or_default());
            text.push_str(&value.text);
            at = range.end;
        }
        text.push_str(source.get(at..whole.end).unwrap_or_default());
        let lines = text.lines().map(without_comment);
        lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    }

    /// A number for what an item says, whatever it is called and wherever it stands.
    fn print(&self, name: &DefName) -> u64 {
        if let Some(known) = self.prints.borrow().get(name) {
            return *known;
        }
        // A chain of functions may be longer than the stack is deep.
        let print = stacker::maybe_grow(super::RED_ZONE, super::MORE_STACK, || self.fresh_print(name));
        let print = print.unwrap_or_else(|| stable(name.to_string().bytes()));
        self.prints.borrow_mut().insert(name.clone(), print);
        print
    }

    fn fresh_print(&self, name: &DefName) -> Option<u64> {
        let item = find(self.db, self.program, name)?;
        let key = item.key(self.db);
        let numbered = |count: u32| {
            let number = |number: u32| (Local(number), Clause::plain(format!("${number}")));
            Names { item: key.clone(), of: (0..count).map(number).collect() }
        };
        let (of, names) = match key.kind {
            ItemTag::Function => {
                let function = &function(self.db, self.program, item).as_ref()?.value;
                (&function.body, numbered(function.params))
            }
            ItemTag::Const => (&constant(self.db, self.program, item).as_ref()?.value.value, numbered(0)),
            _ => {
                let table = &traffic(self.db, self.program, item).as_ref()?.value;
                let names = numbered(table.params);
                return Some(joined(table.lines.iter().map(|line| self.line_print(line, &names))));
            }
        };
        let body = self.clause(of, &names);
        Some(joined([stable(body.text.bytes())].into_iter().chain(body.prints)))
    }

    /// What a line says, without what it cites.
    fn line_print(&self, line: &TrafficLine, names: &Names) -> u64 {
        let ports = line.ports.iter().fold(PortSet::empty(), |all, ports| all.union(ports));
        let mut text = format!("{} {} {ports}", line.direction, line.protocols);
        for remote in &line.remotes {
            text.push(' ');
            text.push_str(&self.remote(&remote.kind, names));
        }
        stable(text.bytes())
    }

    /// The other end of a line.
    pub(super) fn remote(&self, kind: &RemoteKind, names: &Names) -> String {
        match kind {
            RemoteKind::Any => "*".to_owned(),
            RemoteKind::Cidr(cidr) => cidr.to_string(),
            RemoteKind::Tag { tag, region: None } => tag.to_string(),
            RemoteKind::Tag { tag, region: Some(region) } => format!("{tag}.{{{}}}", self.clause(region, names)),
            RemoteKind::Fqdn(parts) => self.host(parts, names),
            RemoteKind::Expr(expr) => format!("({})", self.clause(expr, names)),
        }
    }
}

/// One print for several.
fn joined(prints: impl Iterator<Item = u64>) -> u64 {
    stable(prints.flat_map(u64::to_be_bytes))
}

/// A line up to the `//` that is outside of texts.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            '/' if !quoted && before == '/' => return line.get(..at - 1).unwrap_or_default(),
            _ => {}
        }
        before = c;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{snake_case, without_comment};

    #[test]
    fn a_comment_ends_where_the_line_does_and_a_text_holds_none() {
        assert_eq!(without_comment("a or b // why"), "a or b ");
        assert_eq!(without_comment(r#"m["//"] == "\"//""#), r#"m["//"] == "\"//""#);
    }

    #[test]
    fn a_type_is_a_variable_in_lower_case() {
        assert_eq!(snake_case("NetworkInterface"), "network_interface");
        assert_eq!(snake_case("Compute"), "compute");
    }
}
