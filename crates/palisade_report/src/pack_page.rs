//! The page of a pack as Markdown: what it covers, its rules, the documents that it encodes, and what of them it does
//! not check; and the list of all packs, which the book opens with.

use std::collections::{BTreeMap, BTreeSet};

use palisade_source::report::{PackInfo, RuleInfo, StatementInfo};

use crate::coverage::binds;
use crate::rule_page::Links;
use crate::text::{counted, visible};

/// A pack with everything that its page says.
#[derive(Clone, Copy, Debug)]
pub struct PackPage<'a> {
    /// The pack.
    pub pack: &'a PackInfo,
    /// Every rule that there is.
    pub rules: &'a [RuleInfo],
    /// Every statement that there is.
    pub statements: &'a [StatementInfo],
}

/// A document, seen from a pack.
pub(crate) struct Document<'a> {
    /// Its statements.
    pub(crate) statements: Vec<&'a StatementInfo>,
    /// Those with a rule of the pack.
    pub(crate) here: usize,
    /// Those that only rules of other packs are about.
    pub(crate) elsewhere: usize,
    /// Those without a rule, if no other pack asks more of the document.
    pub(crate) unchecked: Vec<&'a StatementInfo>,
}

impl<'a> PackPage<'a> {
    /// The rules of the pack.
    pub(crate) fn own_rules(&self) -> Vec<&'a RuleInfo> {
        self.rules.iter().filter(|rule| rule.packs.contains(&self.pack.name)).collect()
    }

    /// The documents that the pack's rules cite, most of all first. What no rule checks is said on the page of the pack
    /// that asks most of the document: on every page that cites it, it would be said of the wrong ones.
    pub(crate) fn documents(&self) -> Vec<Document<'a>> {
        let own: BTreeSet<&str> = self.own_rules().iter().map(|rule| rule.id.as_str()).collect();
        let by_source = self.statements.chunk_by(|a, b| a.source == b.source);
        let document = |statements: &'a [StatementInfo]| {
            let is_here = |one: &&StatementInfo| one.rules.iter().any(|rule| own.contains(rule.as_str()));
            let here = statements.iter().filter(is_here).count();
            let ruled = statements.iter().filter(|one| !one.rules.is_empty()).count();
            let unchecked = statements.iter().filter(|one| one.rules.is_empty() && self.asks_most(statements, here));
            (here > 0).then(|| Document {
                statements: statements.iter().collect(),
                here,
                elsewhere: ruled - here,
                unchecked: unchecked.collect(),
            })
        };
        let mut documents: Vec<Document<'_>> = by_source.filter_map(document).collect();
        documents.sort_by_key(|document| std::cmp::Reverse(document.here));
        documents
    }

    /// Whether no other pack has rules about more statements of a document.
    fn asks_most(&self, statements: &[StatementInfo], here: usize) -> bool {
        let packs: BTreeMap<&str, &[String]> =
            self.rules.iter().map(|rule| (rule.id.as_str(), rule.packs.as_slice())).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for statement in statements {
            let of_rules = statement.rules.iter().filter_map(|rule| packs.get(rule.as_str())).copied();
            let asking: BTreeSet<&str> = of_rules.flatten().map(String::as_str).collect();
            for pack in asking {
                *counts.entry(pack).or_default() += 1;
            }
        }
        counts.values().all(|count| *count <= here)
    }
}

/// The page of a pack, Markdown, its name as its title.
#[must_use]
pub fn pack_markdown(page: &PackPage<'_>, links: Links) -> String {
    let PackInfo { name, title, documentation, status, edition, conditions, .. } = page.pack;
    let mut out = vec![format!("# {}", visible(name)), String::new(), links.prose(title)];
    if !documentation.is_empty() {
        out.push(String::new());
        out.extend(documentation.lines().map(|line| links.prose(line)));
    }
    out.extend([String::new(), format!("* status: {}", visible(status)), format!("* edition: {}", visible(edition))]);
    out.extend(conditions.iter().map(|one| format!("* its rules apply where, of a `{}`", condition(one))));
    rules(page, links, &mut out);
    documents(&page.documents(), links, &mut out);
    out.join("\n") + "\n"
}

/// `Workspace w: w.sdk == v1` with the condition in a code span of its own.
fn condition(text: &str) -> String {
    visible(text).replacen(": ", "`, `", 1)
}

fn rules(page: &PackPage<'_>, links: Links, out: &mut Vec<String>) {
    let rules = page.own_rules();
    out.extend([String::new(), format!("## {}", counted(rules.len(), "rule", "rules"))]);
    let module = |rule: &&RuleInfo| rule.id.rsplit_once('.').map_or("", |(module, _)| module).to_owned();
    for of_module in rules.chunk_by(|a, b| module(a) == module(b)) {
        let Some(first) = of_module.first() else { continue };
        out.extend([String::new(), format!("In `{}`:", visible(&module(first))), String::new()]);
        for rule in of_module {
            let short = rule.id.rsplit('.').next().unwrap_or(&rule.id);
            let (shown, severity) = (links.rule(&rule.id, short), rule.severity.as_str());
            out.push(format!("* {shown} ({severity}): {}", links.prose(&rule.title)));
        }
    }
}

fn documents(documents: &[Document<'_>], links: Links, out: &mut Vec<String>) {
    out.extend([String::new(), "## The documents".to_owned(), String::new()]);
    if documents.is_empty() {
        out.push("Its rules cite none.".to_owned());
    }
    for document in documents {
        let Some(first) = document.statements.first() else { continue };
        let (title, edition, url) = (&first.citation.title, &first.citation.edition, &first.citation.url);
        let all = counted(document.statements.len(), "statement", "statements");
        let counts = format!("{all}, {} with a rule here, {} with rules elsewhere", document.here, document.elsewhere);
        out.push(visible(&format!("* {title}, edition {edition}: {counts}. <{url}>")).into_owned());
    }
    if documents.iter().all(|document| document.unchecked.is_empty()) {
        return;
    }
    out.extend([String::new(), "## What no rule checks".to_owned()]);
    for document in documents.iter().filter(|document| !document.unchecked.is_empty()) {
        let title = document.statements.first().map(|one| one.citation.title.as_str()).unwrap_or_default();
        out.extend([String::new(), format!("Of “{}”:", visible(title)), String::new()]);
        out.extend(document.unchecked.iter().map(|statement| format!("* {}", links.prose(&unchecked(statement)))));
    }
}

fn unchecked(statement: &StatementInfo) -> String {
    let silent = if binds(statement) { "no reason is given" } else { "it asks nothing of anybody" };
    let why = statement.unchecked.as_deref().unwrap_or(silent);
    let (id, text) = (&statement.citation.id, &statement.citation.statement);
    let strength = statement.strength.replace('_', " ");
    format!("{text} ({strength}, `{id}`): {why}.")
}

/// The list of packs, Markdown, for a folder beside those of the packs and rules.
#[must_use]
pub fn packs_markdown(packs: &[PackInfo], statements: &[StatementInfo]) -> String {
    let mut out = vec![
        "# The library".to_owned(),
        String::new(),
        "A pack is what `palisade check --pack` chooses; without it, the stable ones run. Each has a page that says what it"
            .to_owned(),
        "covers, what it cannot see and which rules it has; each rule has a page that says what it asks, why, what breaks".to_owned(),
        "and what keeps it, and how to mend it. `palisade explain` prints them.".to_owned(),
        String::new(),
        "| pack | status | edition | rules | what it is about |".to_owned(),
        "| --- | --- | --- | --- | --- |".to_owned(),
    ];
    for PackInfo { name, title, status, edition, rules, .. } in packs {
        let count = rules.len();
        out.push(format!("| [`{name}`](packs/{name}.md) | {status} | {edition} | {count} | {title} |"));
    }
    let by_source = statements.chunk_by(|a, b| a.source == b.source);
    let silent = by_source.filter(|all| all.iter().all(|one| one.rules.is_empty())).filter_map(<[_]>::first);
    let silent: Vec<String> = silent
        .map(|first| {
            format!("* {}, edition {}: <{}>", first.citation.title, first.citation.edition, first.citation.url)
        })
        .collect();
    if !silent.is_empty() {
        out.extend([String::new(), "Documents that were read and of which no rule cites anything:".to_owned()]);
        out.push(String::new());
        out.extend(silent);
    }
    out.join("\n") + "\n"
}
