//! Files cut into tracked items without positions.
//!
//! Only the queries of this file read [`parse_policy`]; everything else reads items. An item whose text only moved,
//! or in which only a comment changed, is equal to what it was, and nothing that reads it runs again.

use std::sync::Arc;

use palisade_source::{File, Span, TextRange};
use palisade_syntax::ParsedFile;
use palisade_syntax::ast::{self, ItemKind};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::inputs::Db;
use crate::names::{ItemKey, ItemTag, NodeRef};

/// The syntax tree of a file, with positions.
#[salsa::tracked(returns(ref), no_eq)]
pub fn parse_policy(db: &dyn Db, file: File) -> ParsedFile {
    palisade_syntax::parse(file.text(db))
}

/// An item of a policy file.
#[salsa::tracked(debug)]
pub struct PolicyItem<'db> {
    /// What it is, whatever its text.
    #[returns(ref)]
    pub key: ItemKey,
    /// Its tree, without positions.
    #[tracked]
    #[returns(ref)]
    pub ast: Arc<ast::Item>,
}

/// The items of a file.
#[derive(Clone, Debug, PartialEq, Eq, salsa::SalsaValue)]
pub struct FileItems<'db> {
    /// The text of the file's `//!` lines.
    pub doc: Option<SmolStr>,
    /// In the file's order.
    pub items: Vec<PolicyItem<'db>>,
    by_key: FxHashMap<ItemKey, PolicyItem<'db>>,
}

/// Cuts a file into items.
#[salsa::tracked(returns(ref))]
pub fn file_items(db: &dyn Db, file: File) -> FileItems<'_> {
    let parsed = parse_policy(db, file);
    let mut items = Vec::with_capacity(parsed.items.len());
    let mut by_key = FxHashMap::default();
    for (key, parsed) in keys(file, parsed).zip(&parsed.items) {
        let item = PolicyItem::new(db, key.clone(), Arc::new(parsed.item.clone()));
        by_key.insert(key, item);
        items.push(item);
    }
    FileItems { doc: parsed.doc.clone(), items, by_key }
}

/// The item of a key, if its file still has it.
pub fn find_item<'db>(db: &'db dyn Db, key: &ItemKey) -> Option<PolicyItem<'db>> {
    file_items(db, key.file).by_key.get(key).copied()
}

/// An item with the places of its nodes, as its file is now.
pub fn parsed_item<'db>(db: &'db dyn Db, key: &ItemKey) -> Option<&'db palisade_syntax::ParsedItem> {
    let parsed = parse_policy(db, key.file);
    keys(key.file, parsed).position(|known| known == *key).and_then(|at| parsed.items.get(at))
}

/// The items of a file with the places of their nodes, as the file is now.
pub(crate) fn parsed_items(db: &dyn Db, file: File) -> FxHashMap<ItemKey, &palisade_syntax::ParsedItem> {
    let parsed = parse_policy(db, file);
    keys(file, parsed).zip(&parsed.items).collect()
}

/// Where a node stands now. Read last, when a message is shown.
pub fn locate(db: &dyn Db, at: &NodeRef) -> Span {
    let parsed = parse_policy(db, at.item.file);
    let item = keys(at.item.file, parsed).position(|key| key == at.item).and_then(|i| parsed.items.get(i));
    let range = item.map_or(TextRange::default(), |item| item.spans.range(at.node));
    Span { path: at.item.file.path(db).clone(), range }
}

/// Where a range of a raw text stands in its file.
pub fn locate_raw(db: &dyn Db, item: &ItemKey, node: ast::NodeId, range: TextRange) -> Span {
    let parsed = parse_policy(db, item.file);
    let found = keys(item.file, parsed).position(|key| key == *item).and_then(|i| parsed.items.get(i));
    let range = found.map_or(TextRange::default(), |found| {
        let (start, end) = (found.spans.raw_offset(node, range.start()), found.spans.raw_offset(node, range.end()));
        TextRange::new(start.min(end), end.max(start))
    });
    Span { path: item.file.path(db).clone(), range }
}

/// The keys of a file's items, in order.
fn keys(file: File, parsed: &ParsedFile) -> impl Iterator<Item = ItemKey> {
    let mut seen: FxHashMap<(ItemTag, SmolStr), u32> = FxHashMap::default();
    parsed.items.iter().map(move |parsed| {
        let kind = tag(&parsed.item.kind);
        let name = key_name(&parsed.item);
        let count = seen.entry((kind, name.clone())).or_default();
        let ordinal = *count;
        *count += 1;
        ItemKey { file, kind, name, ordinal }
    })
}

/// Imports, extends, hosts and tests are told apart by what they say, so that adding one renames no other.
fn key_name(item: &ast::Item) -> SmolStr {
    match &item.kind {
        ItemKind::Import(import) => import.module.dotted().into(),
        ItemKind::Extend(extend) => extend.target.dotted().into(),
        ItemKind::Test(test) => test.name.text.clone(),
        _ => item.name().map_or_else(SmolStr::default, |name| name.text.clone()),
    }
}

fn tag(kind: &ItemKind) -> ItemTag {
    match kind {
        ItemKind::Import(_) => ItemTag::Import,
        ItemKind::Record(_) => ItemTag::Record,
        ItemKind::Entity(_) => ItemTag::Entity,
        ItemKind::Enum(_) => ItemTag::Enum,
        ItemKind::Environment(_) => ItemTag::Environment,
        ItemKind::Extend(_) => ItemTag::Extend,
        ItemKind::Const(_) => ItemTag::Const,
        ItemKind::Function(_) => ItemTag::Function,
        ItemKind::Traffic(_) => ItemTag::Traffic,
        ItemKind::Hosts(_) => ItemTag::Hosts,
        ItemKind::Source(_) => ItemTag::Source,
        ItemKind::Rule(_) => ItemTag::Rule,
        ItemKind::Pack(_) => ItemTag::Pack,
        ItemKind::Fixture(_) => ItemTag::Fixture,
        ItemKind::Test(_) => ItemTag::Test,
        ItemKind::Error => ItemTag::Error,
    }
}
