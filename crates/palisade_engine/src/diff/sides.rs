//! A side of a comparison: a pack, or a document by the name of its source, with the rules that belong to it.

use std::collections::BTreeMap;

use palisade_source::Diagnostic;
use palisade_source::report::DiffSide;
use palisade_syntax::ast::Strength;
use smol_str::SmolStr;

use super::asks::{Ask, asked, cites_document, strength};
use super::words::{Clause, Words};
use crate::check::finding::citations;
use crate::ir::{Pack, Rule, Source};
use crate::listing::all_cites;
use crate::names::DefName;
use crate::policy::lower::{find, rule, rule_items};
use crate::policy::packs::packs;
use crate::policy::sources::{source, source_items};
use crate::suggest::{did_you_mean, nearest};

/// What was named.
#[derive(Clone, Copy)]
pub(super) enum Named<'db> {
    Pack(&'db Pack),
    Source(&'db Source),
}

/// What a rule asks beside traffic.
pub(super) struct Demand<'db> {
    pub(super) rule: &'db Rule,
    pub(super) subject: SmolStr,
    pub(super) conditions: std::collections::BTreeSet<Clause>,
    pub(super) requirements: std::collections::BTreeSet<Clause>,
    pub(super) cites: Vec<SmolStr>,
    pub(super) strength: Option<Strength>,
}

/// All that a side asks.
#[derive(Default)]
pub(super) struct Side<'db> {
    pub(super) traffic: Vec<Ask>,
    pub(super) demands: Vec<Demand<'db>>,
    /// Rules of which something was too deep to be followed.
    pub(super) cut: Vec<DefName>,
}

/// Finds a pack or a source.
pub(super) fn find_named<'db>(words: &Words<'db>, name: &str) -> Result<Named<'db>, Diagnostic> {
    let packs = &packs(words.db, words.program).value;
    if let Some(pack) = packs.get(name) {
        return Ok(Named::Pack(pack));
    }
    let sources = source_items(words.db, words.program);
    let sources: BTreeMap<&str, &Source> =
        sources.into_iter().map(|item| &source(words.db, item).value).map(|one| (one.name.as_str(), one)).collect();
    if let Some(source) = sources.get(name) {
        return Ok(Named::Source(source));
    }
    let known = packs.keys().map(SmolStr::as_str).chain(sources.keys().copied());
    let help = "`palisade rules` lists the packs, `palisade coverage` the documents";
    let help = did_you_mean(nearest(name, known)).or_else(|| Some(help.to_owned()));
    Err(Diagnostic::error("unknown-pack", format!("there is no pack or source `{name}`"), None).with_help(help))
}

impl<'db> Named<'db> {
    /// How the report names it.
    pub(super) fn info(self, words: &Words<'_>) -> DiffSide {
        match self {
            Self::Pack(pack) => DiffSide {
                kind: "pack",
                name: pack.name.to_string(),
                title: pack.title.to_string(),
                edition: pack.edition.to_string(),
                status: Some(pack.status.to_string()),
                url: None,
                conditions: conditions(words, pack),
            },
            Self::Source(source) => DiffSide {
                kind: "source",
                name: source.name.to_string(),
                title: source.title.to_string(),
                edition: source.edition.to_string(),
                status: None,
                url: Some(source.url.to_string()),
                conditions: Vec::new(),
            },
        }
    }

    /// What it asks: a pack by its rules, a document by all rules that cite it.
    pub(super) fn side(self, words: &Words<'db>) -> Side<'db> {
        let (names, document) = match self {
            Self::Pack(pack) => (pack.rules.iter().map(|packed| packed.rule.clone()).collect(), None),
            Self::Source(source) => {
                let all = rule_items(words.db, words.program);
                (all.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), Some(source.name.as_str()))
            }
        };
        let mut side = Side::default();
        let mut names = names;
        names.dedup();
        for name in names {
            let Some(item) = find(words.db, words.program, &name) else { continue };
            let Some(lowered) = rule(words.db, words.program, item) else { continue };
            side.add(words, &lowered.value, document);
        }
        side
    }
}

/// The conditions of a pack and of those that it includes.
fn conditions(words: &Words<'_>, pack: &Pack) -> Vec<String> {
    pack.conditions.iter().map(|condition| words.pack_condition(condition).to_string()).collect()
}

impl<'db> Side<'db> {
    fn add(&mut self, words: &Words<'db>, rule: &'db Rule, document: Option<&str>) {
        let cites: Vec<SmolStr> = all_cites(words.db, words.program, rule);
        let cites: Vec<SmolStr> = cites.into_iter().filter(|id| cites_document(id, document)).collect();
        if cites.is_empty() && document.is_some() {
            return;
        }
        let asked = asked(words, rule, document);
        self.traffic.extend(asked.traffic);
        if asked.cut {
            self.cut.push(rule.name.clone());
        }
        let of_rule = document.is_none() || rule.cites.iter().any(|id| cites_document(id, document));
        if !asked.requirements.is_empty() && of_rule {
            self.demands.push(Demand {
                rule,
                subject: asked.subject,
                conditions: asked.conditions,
                requirements: asked.requirements,
                strength: strength(words.db, words.program, cites.iter()),
                cites,
            });
        }
    }
}

impl Demand<'_> {
    /// The statements behind it.
    pub(super) fn citations(&self, words: &Words<'_>) -> Vec<palisade_source::report::Citation> {
        citations(words.db, words.program, self.cites.iter())
    }
}
