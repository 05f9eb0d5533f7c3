//! The page of a rule as Markdown: what it checks, why, what breaks and what keeps it, how to mend it.
//!
//! `explain` prints it, and the book holds it with links between its pages.

use palisade_source::report::{Citation, Clause, ClauseKind, Example, Mend, OutcomeKind, Reason, RulePage, Word};

use crate::commands;
use crate::text::{capitalized, visible};

/// Whether a page may link to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// It is a file of the book, beside its like.
    Book,
    /// It stands for itself, in a terminal.
    None,
}

impl Links {
    pub(crate) fn rule(self, id: &str, shown: &str) -> String {
        self.link(shown, &format!("../rules/{id}.md"))
    }

    pub(crate) fn pack(self, name: &str) -> String {
        self.link(name, &format!("../packs/{name}.md"))
    }

    /// A text as a line of the page. In the book what only looks like Markdown is no Markdown, but for spans of code.
    pub(crate) fn prose(self, text: &str) -> String {
        let text = visible(text);
        if self == Self::None {
            return text.into_owned();
        }
        let part = |(number, part): (usize, &str)| {
            if number % 2 == 1 { format!("`{part}`") } else { part.replace('*', "\\*").replace('<', "\\<") }
        };
        text.split('`').enumerate().map(part).collect()
    }

    fn link(self, shown: &str, to: &str) -> String {
        let shown = visible(shown);
        if self == Self::Book { format!("[`{shown}`]({to})") } else { format!("`{shown}`") }
    }
}

/// The page of a rule, Markdown, its id as its title.
#[must_use]
pub fn rule_markdown(page: &RulePage, links: Links) -> String {
    let mut writer = RuleWriter { links, out: format!("# {}\n", visible(&page.rule.id)) };
    writer.head(page);
    writer.checks(page);
    writer.why(&page.reasons);
    writer.example("What breaks it", page.failing.as_ref());
    writer.example("What keeps it", page.passing.as_ref());
    writer.mends(&mends(page));
    writer.out
}

/// The mends that are written at the rule, and the commands that open what it wants open.
pub(crate) fn mends(page: &RulePage) -> Vec<Mend> {
    page.mends.iter().cloned().chain(commands::mends(&page.opens)).collect()
}

struct RuleWriter {
    links: Links,
    out: String,
}

impl RuleWriter {
    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Lines after an empty one; nothing for an empty text.
    fn paragraph(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.line("");
            text.trim().lines().for_each(|line| self.prose(line));
        }
    }

    fn prose(&mut self, line: &str) {
        let line = self.links.prose(line);
        self.line(&line);
    }

    fn heading(&mut self, title: &str) {
        self.line(&format!("\n## {title}\n"));
    }

    fn block(&mut self, language: &str, text: &str) {
        self.line(&format!("```{}", visible(language)));
        text.lines().for_each(|line| self.line(&visible(line)));
        self.line("```");
    }

    fn head(&mut self, page: &RulePage) {
        let rule = &page.rule;
        self.paragraph(&rule.title);
        self.paragraph(&rule.documentation);
        self.line("");
        self.line(&format!("* severity: {}", rule.severity.as_str()));
        let packs: Vec<String> = rule.packs.iter().map(|pack| self.links.pack(pack)).collect();
        match packs.as_slice() {
            [] => self.line("* packs: none, so it runs only where a pack of your own includes it"),
            packs => self.line(&format!("* packs: {} ({})", packs.join(", "), visible(&rule.status))),
        }
        if !rule.tags.is_empty() {
            self.line(&format!("* tags: {}", visible(&rule.tags.join(", "))));
        }
        if let Some(at) = &rule.location {
            // A line number in the book would change with every line above it.
            let line = if self.links == Links::None { format!(":{}", at.start.line) } else { String::new() };
            self.line(&format!("* written in: `{}{line}`", visible(&at.path)));
        }
    }

    fn checks(&mut self, page: &RulePage) {
        self.heading("What it checks");
        let parameters: Vec<String> = page.parameters.iter().map(|(name, ty)| format!("`{name}: {ty}`")).collect();
        self.line(&format!("Asked of each {}:\n", visible(&parameters.join(" with each "))));
        page.clauses.iter().for_each(|clause| self.clause(clause, 0));
        if !page.words.is_empty() {
            self.line("\nIn these words:\n");
            page.words.iter().for_each(|word| self.word(word));
        }
    }

    fn clause(&mut self, clause: &Clause, level: usize) {
        let texts: Vec<String> = clause.texts.iter().map(|text| format!("`{}`", visible(text))).collect();
        let texts = match texts.as_slice() {
            [] | [_] => texts.concat(),
            several => format!("either {}", several.join(" or ")),
        };
        let colon = if clause.kind == ClauseKind::For { ":" } else { "" };
        self.line(&format!("{}* {} {texts}{colon}", "  ".repeat(level), clause.kind.as_str()));
        clause.inner.iter().for_each(|inner| self.clause(inner, level + 1));
    }

    fn word(&mut self, word: &Word) {
        let title = if word.title.is_empty() { String::new() } else { format!(": {}", word.title) };
        self.line(&format!("* `{}`{}", visible(&word.name), self.links.prose(&title)));
        for (line, cites) in &word.lines {
            let cites: Vec<String> = cites.iter().map(|id| format!("`{id}`")).collect();
            let cites = if cites.is_empty() { String::new() } else { format!(" ({})", cites.join(", ")) };
            self.line(&format!("  * `{}`{}", visible(line), visible(&cites)));
        }
    }

    /// The statements, those of one document together, in the order in which the rule cites.
    fn why(&mut self, reasons: &[Reason]) {
        self.heading("Why");
        if reasons.is_empty() {
            self.line("It cites no document.");
        }
        let document = |reason: &Reason| {
            let Citation { title, edition, url, .. } = &reason.citation;
            format!("{title}, edition {edition}: <{url}>")
        };
        let mut documents: Vec<String> = Vec::new();
        for reason in reasons.iter().map(document) {
            if !documents.contains(&reason) {
                documents.push(reason);
            }
        }
        for (number, shown) in documents.iter().enumerate() {
            let gap = if number > 0 { "\n" } else { "" };
            self.line(&format!("{gap}{}\n", visible(shown)));
            for reason in reasons.iter().filter(|reason| document(reason) == *shown) {
                self.reason(reason);
            }
        }
    }

    fn reason(&mut self, reason: &Reason) {
        let Citation { id, statement, section, .. } = &reason.citation;
        let (statement, section, id) = (self.links.prose(statement), self.links.prose(section), visible(id));
        self.line(&format!("* {statement} (“{section}”, {}, `{id}`)", reason.strength.replace('_', " ")));
    }

    fn example(&mut self, title: &str, example: Option<&Example>) {
        self.heading(title);
        let Some(example) = example else {
            self.line("No test of the rule shows it.");
            return;
        };
        let Example { module, test, subject, .. } = example;
        self.prose(&format!("From the test “{test}” in `{module}`, the part that matters:"));
        self.line("");
        self.block("yaml", &example.yaml);
        self.line("");
        match &example.finding {
            None if example.outcome == OutcomeKind::Pass => self.line(&visible(&format!("`{subject}` passes."))),
            None => self.line(&visible(&format!("It asks nothing of `{subject}`."))),
            Some(finding) => {
                self.line(&visible(&format!("Of `{subject}` it says, at `{}`:", finding.place)));
                self.line("");
                self.prose(&format!("> {}", finding.message));
                if let Some(help) = &finding.help {
                    self.line(">");
                    self.prose(&format!("> help: {help}"));
                }
            }
        }
    }

    fn mends(&mut self, mends: &[Mend]) {
        if mends.is_empty() {
            return;
        }
        self.heading("How to mend it");
        for (number, mend) in mends.iter().enumerate() {
            let gap = if number > 0 { "\n" } else { "" };
            if mend.title.is_empty() {
                self.out.push_str(gap);
            } else {
                self.line(&format!("{gap}{}:\n", visible(&capitalized(&mend.title))));
            }
            self.block(&mend.language, &mend.text);
        }
    }
}
