//! Items: each chunk is read by the rules of the word that begins it.

use std::ops::Range;

use super::Reader;
use super::blocks::Block;
use super::clauses::{PACK_BLOCK, PackPart};
use super::sources::{SOURCE_BLOCK, SourcePart};
use super::tests_items::{TEST_BLOCK, TestPart};
use crate::ast::{
    Const, Enum, EnvironmentDecl, Extend, Field, Function, Hosts, Import, ImportItem, ImportNames, ItemKind, Pack,
    Record, Rule as RuleItem, Source, Template, Test, Traffic, TrafficLine, Variant,
};
use crate::errors::{did_you_mean, error, meant, shown};
use crate::grammar::{Failure, Node, Rule, range, read};
use crate::words::ITEMS;

const FIELD_BLOCK: Block<Field> = Block {
    what: "a field such as `name: Text`",
    all: Rule::fields_all,
    some: Rule::fields_some,
    begins: |_, next| next == ":",
    words: &[],
    build: |reader, node| reader.field(node),
    broken: |_, _| None,
    nested: None,
};

const VARIANT_BLOCK: Block<Variant> = Block {
    what: "a variant",
    all: Rule::variants_all,
    some: Rule::variants_some,
    begins: |word, _| word.starts_with(|c: char| c.is_ascii_alphabetic()),
    words: &[],
    build: |reader, node| reader.variant(node),
    broken: |_, _| None,
    nested: None,
};

const LINE_BLOCK: Block<TrafficLine> = Block {
    what: "a traffic line",
    all: Rule::lines_all,
    some: Rule::lines_some,
    begins: |word, _| matches!(word, "inbound" | "outbound"),
    words: &["inbound", "outbound"],
    build: |reader, node| reader.traffic_line(node),
    broken: |_, _| None,
    nested: None,
};

const HOST_BLOCK: Block<Template> = Block {
    what: "a host name in double quotes",
    all: Rule::hosts_all,
    some: Rule::hosts_some,
    begins: |word, _| word.starts_with('"'),
    words: &[],
    build: |reader, node| reader.host(node),
    broken: |_, _| None,
    nested: None,
};

/// The words that begin such items elsewhere, with the word here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("constant", "const"),
    ("def", "fn"),
    ("func", "fn"),
    ("function", "fn"),
    ("let", "const"),
    ("policy", "rule"),
    ("predicate", "fn"),
    ("var", "const"),
    ("assert", "rule"),
    ("struct", "record"),
    ("class", "record"),
    ("type", "record"),
    ("use", "import"),
    ("include", "import"),
    ("inbound", "traffic"),
    ("outbound", "traffic"),
];

fn of_elsewhere(found: &str) -> Option<&'static str> {
    let words: Vec<&str> = ELSEWHERE.iter().map(|(word, _)| *word).collect();
    here(did_you_mean(found, &words)?)
}

fn here(found: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(word, _)| *word == found).map(|(_, here)| *here)
}

impl Reader<'_> {
    /// Reads an item; what could not be read has been reported.
    pub(super) fn read_kind(&mut self, item: Range<usize>) -> ItemKind {
        let errors = self.errors.len();
        self.check_margin();
        if let Some(kind) = self.kind(&item) {
            return kind;
        }
        if self.errors.len() == errors {
            self.defect(range(item.start, item.end));
        }
        self.unread.push(item);
        ItemKind::Error
    }

    /// Only the first chunk of a file can begin with something indented.
    fn check_margin(&mut self) {
        if let Some(first) = self.tokens.first().filter(|first| first.column > 0 || !first.first) {
            let at = range(first.start, first.end);
            self.error("syntax-item", at, "an item begins at column 0", "remove the white space before it");
        }
    }

    fn kind(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        match self.token_text(0) {
            "import" => self.alone(Rule::import_alone, item, Self::import).map(ItemKind::Import),
            "const" => self.alone(Rule::constant_alone, item, Self::constant).map(ItemKind::Const),
            "fn" => self.alone(Rule::function_alone, item, Self::function).map(ItemKind::Function),
            "extern" => self.alone(Rule::extern_function_alone, item, Self::function).map(ItemKind::Function),
            "fixture" => self.alone(Rule::fixture_alone, item, Self::fixture).map(ItemKind::Fixture),
            "record" => self.record(item).map(ItemKind::Record),
            "entity" => self.record(item).map(ItemKind::Entity),
            "enum" => self.enumeration(item),
            "environment" => self.environment(item),
            "extend" => self.extend(item),
            "traffic" => self.traffic(item),
            "hosts" => self.hosts(item),
            "source" => self.source(item),
            "rule" => self.rule(item),
            "pack" => self.pack(item),
            "test" => self.test(item),
            _ => self.not_an_item(),
        }
    }

    fn not_an_item(&mut self) -> Option<ItemKind> {
        let first = *self.tokens.first()?;
        let found = self.token_text(0);
        let at = range(first.start, first.end);
        let known = here(found)
            .or_else(|| did_you_mean(found, ITEMS))
            .or_else(|| did_you_mean(found.trim_end_matches('s'), ITEMS));
        let known = known.or_else(|| of_elsewhere(found));
        let otherwise =
            "indent what belongs to the item above; an item begins with a word such as `rule`, `const` or `traffic`";
        let help = known.map_or_else(|| otherwise.to_owned(), meant);
        let message = format!("`{}` does not begin an item", shown(found));
        self.errors.push(error("syntax-item", at, message, help).instead(known));
        None
    }

    /// An item without a block. What follows it on lines of its own is reported without losing the item.
    fn alone<T>(
        &mut self,
        entry: Rule,
        item: &Range<usize>,
        build: impl Fn(&mut Self, &Node<'_>) -> Option<T>,
    ) -> Option<T> {
        let failure = match read(entry, self.file, item.clone()) {
            Ok(node) => return build(self, &node.children().next()?),
            Err(failure) => failure,
        };
        let line = self.tokens.get(self.token_at(failure.at)).copied();
        let line = line.filter(|token| token.first && token.start == failure.at);
        let before = line.and_then(|token| read(entry, self.file, item.start..token.start).ok());
        let Some(node) = before else {
            return self.head_failed(&failure, item);
        };
        let read = build(self, &node.children().next()?);
        self.trailing(failure.at, item.end);
        read
    }

    fn head_failed<T>(&mut self, failure: &Failure, item: &Range<usize>) -> Option<T> {
        self.fail(failure);
        self.unread.push(item.clone());
        None
    }

    /// An item with a block: its head, then its members.
    fn block<H, M>(
        &mut self,
        (entry, head): (Rule, Rule),
        item: &Range<usize>,
        build: impl Fn(&mut Self, &Node<'_>) -> Option<H>,
        members: impl Fn(&mut Self, Range<usize>) -> Vec<M>,
    ) -> Option<(H, Vec<M>)> {
        let Some((node, body)) = self.open_block(entry, head, item) else {
            self.report_members_only(item, &members);
            return None;
        };
        let head = build(self, &node)?;
        let members = members(self, body.members());
        self.close_block(&body, item);
        Some((head, members))
    }

    /// The head is broken and its item lost; mistakes in its members are still reported.
    fn report_members_only<M>(&mut self, item: &Range<usize>, members: &impl Fn(&mut Self, Range<usize>) -> Vec<M>) {
        let last_of_line = |i: &usize| self.tokens.get(i + 1).is_none_or(|next| next.first);
        let open = (0..self.tokens.len()).find(|i| self.token_text(*i) == "{" && last_of_line(i));
        if let Some(open) = open.and_then(|i| self.tokens.get(i)) {
            let body = self.body(open.end, item);
            let _lost = members(self, body.members());
        }
    }

    fn import(&mut self, node: &Node<'_>) -> Option<Import> {
        let module = self.path(&node.child(Rule::module_path)?);
        if let Some(names) = node.child(Rule::import_names) {
            let items = names
                .all(Rule::import_name)
                .map(|name| {
                    let alias = name.child(Rule::import_alias);
                    let name = self.ident(&name.child(Rule::name)?);
                    let alias = self.alias(alias);
                    Some(ImportItem { name, alias })
                })
                .collect::<Option<_>>()?;
            let names = ImportNames::Items(items);
            return Some(Import { module, names });
        }
        let names = ImportNames::Module(self.alias(node.child(Rule::import_alias)));
        Some(Import { module, names })
    }

    fn alias(&mut self, node: Option<Node<'_>>) -> Option<crate::ast::Ident> {
        let name = node?.child(Rule::name)?;
        Some(self.declared(&name))
    }

    fn constant(&mut self, node: &Node<'_>) -> Option<Const> {
        Some(Const {
            name: self.declared(&node.child(Rule::name)?),
            ty: self.type_expr(&node.child(Rule::type_expr)?)?,
            value: self.expr_in(node)?,
        })
    }

    fn function(&mut self, node: &Node<'_>) -> Option<Function> {
        let name = self.declared(&node.child(Rule::name)?);
        let params = self.params(node.child(Rule::params))?;
        let result = self.type_expr(&node.child(Rule::type_expr)?)?;
        let body = match node.child(Rule::expr) {
            Some(body) => Some(self.expr(&body)?),
            None => None,
        };
        Some(Function { name, params, result, body })
    }

    fn name_of(&mut self, head: &Node<'_>) -> Option<crate::ast::Ident> {
        let name = head.child(Rule::name)?;
        Some(self.declared(&name))
    }

    fn fields(&mut self, body: Range<usize>) -> Vec<Field> {
        self.members(&FIELD_BLOCK, body)
    }

    fn record(&mut self, item: &Range<usize>) -> Option<Record> {
        let rules = (Rule::record_start, Rule::record_head);
        let (name, fields) = self.block(rules, item, Self::name_of, Self::fields)?;
        Some(Record { name, fields })
    }

    fn enumeration(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        let rules = (Rule::enum_start, Rule::enum_head);
        let variants = |reader: &mut Self, body| reader.members(&VARIANT_BLOCK, body);
        let (name, variants) = self.block(rules, item, Self::name_of, variants)?;
        Some(ItemKind::Enum(Enum { name, variants }))
    }

    fn environment(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        let rules = (Rule::environment_start, Rule::environment_head);
        let ((), fields) = self.block(rules, item, |_, _| Some(()), Self::fields)?;
        Some(ItemKind::Environment(EnvironmentDecl { extend: false, fields }))
    }

    fn extend(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        let rules = (Rule::extend_start, Rule::extend_head);
        let head =
            |reader: &mut Self, node: &Node<'_>| Some(node.child(Rule::type_path).map(|path| reader.path(&path)));
        let (target, fields) = self.block(rules, item, head, Self::fields)?;
        Some(match target {
            Some(target) => ItemKind::Extend(Extend { target, fields }),
            None => ItemKind::Environment(EnvironmentDecl { extend: true, fields }),
        })
    }

    fn traffic(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        let rules = (Rule::traffic_start, Rule::traffic_head);
        let head = |reader: &mut Self, node: &Node<'_>| {
            let name = reader.name_of(node)?;
            Some((name, reader.params(node.child(Rule::params))?))
        };
        let lines = |reader: &mut Self, body| reader.members(&LINE_BLOCK, body);
        let errors = self.errors.len();
        let ((name, params), lines) = self.block(rules, item, head, lines)?;
        if lines.is_empty() && self.errors.len() == errors {
            let at = self.range_of(name.id);
            let message = format!("the traffic table `{}` has no lines", name.text);
            self.error("syntax-empty-traffic", at, message, "write at least one line, or remove the table");
        }
        Some(ItemKind::Traffic(Traffic { name, params, lines }))
    }

    fn hosts(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        let rules = (Rule::hosts_start, Rule::hosts_head);
        let head = |reader: &mut Self, node: &Node<'_>| {
            let tag = reader.tag(&node.child(Rule::tag)?)?;
            Some((tag, reader.params(node.child(Rule::params))?))
        };
        let hosts = |reader: &mut Self, body| reader.members(&HOST_BLOCK, body);
        let ((tag, params), hosts) = self.block(rules, item, head, hosts)?;
        Some(ItemKind::Hosts(Hosts { tag, params, hosts }))
    }

    fn source(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        let rules = (Rule::source_start, Rule::source_head);
        let parts = |reader: &mut Self, body| reader.members(&SOURCE_BLOCK, body);
        let (name, parts) = self.block(rules, item, Self::name_of, parts)?;
        let mut source = Source { name, title: None, edition: None, url: None, sections: Vec::new() };
        for part in parts {
            match part {
                SourcePart::Title(title) => {
                    self.once("title", &mut source.title, title, |text| text.id);
                }
                SourcePart::Edition(date) => {
                    self.once("edition", &mut source.edition, date, |date| date.id);
                }
                SourcePart::Url(url) => self.once("url", &mut source.url, url, |text| text.id),
                SourcePart::Section(section) => source.sections.push(section),
            }
        }
        Some(ItemKind::Source(source))
    }

    fn rule(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        let rules = (Rule::rule_start, Rule::rule_head);
        let head = |reader: &mut Self, node: &Node<'_>| {
            let name = reader.name_of(node)?;
            let params = reader.params(node.child(Rule::params))?;
            let replaces = node.child(Rule::replaces).and_then(|old| old.child(Rule::rule_path));
            Some((name, params, replaces.map(|path| reader.path(&path))))
        };
        let clauses = |reader: &mut Self, body| reader.clauses(body, false);
        let ((name, params, replaces), clauses) = self.block(rules, item, head, clauses)?;
        Some(ItemKind::Rule(RuleItem { name, params, replaces, clauses }))
    }

    fn pack(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        let rules = (Rule::pack_start, Rule::pack_head);
        let parts = |reader: &mut Self, body| reader.members(&PACK_BLOCK, body);
        let (name, parts) = self.block(rules, item, Self::name_of, parts)?;
        let mut pack = Pack { name, status: None, edition: None, includes: Vec::new(), conditions: Vec::new() };
        for part in parts {
            match part {
                PackPart::Status(status) => {
                    self.once("status", &mut pack.status, status, |word| word.id);
                }
                PackPart::Edition(date) => {
                    self.once("edition", &mut pack.edition, date, |date| date.id);
                }
                PackPart::Include(include) => pack.includes.push(include),
                PackPart::When(condition) => pack.conditions.push(condition),
            }
        }
        Some(ItemKind::Pack(pack))
    }

    fn test(&mut self, item: &Range<usize>) -> Option<ItemKind> {
        let rules = (Rule::test_start, Rule::test_head);
        let parts = |reader: &mut Self, body| reader.members(&TEST_BLOCK, body);
        let (name, parts) = self.block(rules, item, Self::plain_in, parts)?;
        let mut test = Test { name, given: None, expectations: Vec::new() };
        for part in parts {
            match part {
                TestPart::Given(given) => {
                    self.once("given", &mut test.given, given, |given| given.id);
                }
                TestPart::Expect(expectation) => test.expectations.push(expectation),
            }
        }
        Some(ItemKind::Test(test))
    }
}
