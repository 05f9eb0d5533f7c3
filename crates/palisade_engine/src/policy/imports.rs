//! Names that another module declares: what to import.

use palisade_source::{Diagnostic, Edit, File, Fix, Span, TextRange, TextSize};
use palisade_syntax::ast::ItemKind;

use super::infer::codes::{UNKNOWN_NAME, UNKNOWN_TYPE};
use super::items::parse_policy;
use super::modules::modules;
use crate::inputs::{Db, Program};
use crate::names::{DefName, ItemTag};

/// How many modules are listed that declare a name.
const SHOWN: usize = 4;

/// Says of a name that is not in scope where it could be imported from, which is likelier than that a similar one is
/// meant.
pub(super) fn offer(db: &dyn Db, program: Program, file: File, found: &mut Diagnostic) {
    use ItemTag::{Const, Entity, Enum, Fixture, Function, Record, Traffic};
    let kinds: &[ItemTag] = match found.code {
        UNKNOWN_TYPE => &[Record, Entity, Enum],
        UNKNOWN_NAME => &[Const, Function, Traffic],
        "unknown-fixture" => &[Fixture],
        _ => return,
    };
    let Some(span) = found.span.clone().filter(|span| span.path == *file.path(db)) else { return };
    let written = file.text(db).get(std::ops::Range::<usize>::from(span.range)).unwrap_or_default();
    let modules = &modules(db, program).value;
    let declared = modules.all().filter(|(name, key)| name.name == written && kinds.contains(&key.kind));
    let declared: Vec<DefName> = declared.map(|(name, _)| name).collect();
    let import = |name: &DefName| format!("import {}.{{{}}}", name.module, name.name);
    match declared.as_slice() {
        [] => {}
        [one] => {
            found.help = Some(format!("import it: `{}`", import(one)));
            found.fixes = insertion(db, file, &import(one)).into_iter().collect();
        }
        several => {
            let all: Vec<String> = several.iter().take(SHOWN).map(|name| format!("`{}`", import(name))).collect();
            let more = if several.len() > SHOWN { ", …" } else { "" };
            found.help = Some(format!("import the one that is meant: {}{more}", all.join(", ")));
            found.fixes.clear();
        }
    }
}

/// The import as a line after the last one, else after what the file says about itself.
fn insertion(db: &dyn Db, file: File, import: &str) -> Option<Fix> {
    let text = file.text(db);
    let last = parse_policy(db, file).items.iter().rfind(|item| matches!(item.item.kind, ItemKind::Import(_)));
    let (at, line) = if let Some(item) = last {
        let end = usize::from(item.spans.range(item.item.id).end());
        let rest = text.get(end..)?;
        (end + rest.find(['\r', '\n']).unwrap_or(rest.len()), format!("\n{import}"))
    } else {
        let about = text.split_inclusive('\n').take_while(|line| line.starts_with("//!")).map(str::len).sum();
        let gap = if about > 0 { "\n" } else { "" };
        (about, format!("{gap}{import}\n"))
    };
    let at = TextSize::try_from(at).ok()?;
    let span = Span { path: file.path(db).clone(), range: TextRange::empty(at) };
    Some(Fix { title: format!("add `{import}`"), safe: false, edits: vec![Edit { span, text: line }] })
}
