//! The book: pages of `docs/book/`, none of whose blocks is left unchecked.
//!
//! | block | what is held |
//! | --- | --- |
//! | `pal` | a module beside the library, without an error or a warning |
//! | `pal preamble` | the same; its imports stand above each later `pal` block of the page that imports nothing itself |
//! | `pal refused CODE…` | a module with exactly these errors and warnings |
//! | `pal from FILE HEAD` | the item of a file of the repository that begins with these words; `UPDATE=1` writes it anew |
//! | `pal FILE` | a policy of the page's folder, without an error or a warning; the blocks after it may import it |
//! | `yaml`, `yaml FILE` | an environment that can be read; a file of the page's folder |
//! | `yaml palisade.yaml` | the configuration of the page's folder |
//! | `yaml pipeline` | a pipeline whose `palisade` commands answer in the page's folder |
//! | `console` | commands, see [`crate::console`], in the page's folder; of a page without files, in the repository |
//!
//! Any other block is a fault. A file is named on the line above its block, since a reader of the page does not see the
//! fence; and a `console` block follows it, since nobody would know otherwise whether it does what the page says.

use std::fs;
use std::ops::Range;
use std::path::Path;

use palisade_engine::api::CheckOptions;
use palisade_source::Severity;
use similar::TextDiff;
use tempfile::TempDir;

use crate::markdown::{self, Block};
use crate::scene::Scene;
use crate::workspace::SourceFile;
use crate::{console, program, workspace};

/// What is wrong with a page, and what could be written anew.
#[derive(Default)]
pub struct Outcome {
    /// What only an author can mend.
    pub failures: Vec<String>,
    /// Blocks that are not what they are made from.
    pub differences: Vec<String>,
    /// What these blocks would be.
    pub updates: Vec<(Range<usize>, String)>,
}

/// Checks every block of a page.
pub fn check(page: &SourceFile) -> Outcome {
    let mut reader = Reader {
        page,
        scene: Scene::new(),
        folder: tempfile::tempdir().expect("a temporary folder"),
        preamble: String::new(),
        unused: None,
        files: 0,
        outcome: Outcome::default(),
    };
    let blocks = markdown::sections(&page.text).into_iter().flat_map(|section| section.blocks);
    let blocks: Vec<Block> = blocks.collect();
    for block in &blocks {
        reader.block(block);
    }
    for line in unfenced(&page.text, &blocks) {
        reader.fault(line, "code stands between ``` at the left edge: nothing checks it elsewhere");
    }
    if let Some(line) = reader.unused {
        reader.fault(line, "no console block shows what this file does");
    }
    reader.outcome
}

/// The lines on which Markdown sees code that is no block: indented, or between other fences.
fn unfenced(text: &str, blocks: &[Block]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let other_fence = line.trim_start().starts_with("~~~") || line.starts_with(' ') && line.contains("```");
        let code = other_fence || line.starts_with("    ") || line.starts_with('\t');
        if code && !blocks.iter().any(|block| block.range.contains(&at)) {
            found.push(number + 1);
        }
        at += line.len();
    }
    found
}

/// The item of a policy whose text begins with these words, with the documentation before it.
pub fn item<'a>(policy: &'a str, head: &str) -> Option<&'a str> {
    let begins = |(at, _): &(usize, &str)| *at == 0 || policy[..*at].ends_with('\n');
    let (at, _) = policy.match_indices(head).find(begins)?;
    let above = policy[..at].split_inclusive('\n').rev().take_while(|line| line.starts_with("///"));
    let start = at - above.map(str::len).sum::<usize>();
    let mut end = at;
    for (number, line) in policy[at..].split_inclusive('\n').enumerate() {
        let inside = line.starts_with([' ', '}', ')', ']', '"']) || line.trim().is_empty();
        if number > 0 && !inside {
            break;
        }
        end += line.len();
    }
    Some(policy[start..end].trim_end())
}

struct Reader<'a> {
    page: &'a SourceFile,
    scene: Scene,
    folder: TempDir,
    preamble: String,
    /// The line of the last file that no command has used yet.
    unused: Option<usize>,
    files: usize,
    outcome: Outcome,
}

impl Reader<'_> {
    fn block(&mut self, block: &Block) {
        let words: Vec<&str> = block.words.iter().map(String::as_str).collect();
        match (block.language.as_str(), words.as_slice()) {
            ("pal", []) => self.module(block, &[]),
            ("pal", ["refused", codes @ ..]) if !codes.is_empty() => self.module(block, codes),
            ("pal", ["preamble"]) => {
                self.module(block, &[]);
                self.preamble.clone_from(&block.text);
            }
            ("pal", ["from", file, head @ ..]) => self.quotation(block, file, &head.join(" ")),
            ("pal", [file]) if is_file(file, "pal") => {
                self.file(block, file);
                self.scene.set(file, &block.text);
                self.expect(block, &[]);
            }
            ("yaml", []) => self.environment(block),
            ("yaml", ["pipeline"]) => self.pipeline(block),
            ("yaml", [file]) if is_file(file, "yaml") => {
                self.file(block, file);
                if *file != "palisade.yaml" {
                    self.environment(block);
                }
            }
            ("console", []) => self.commands(block),
            (language, words) => {
                let info = [&[language], words].concat().join(" ");
                self.fault(block.line, &format!("nothing checks a block `{info}`"));
            }
        }
    }

    /// A module of its own, which the next block replaces.
    fn module(&mut self, block: &Block, codes: &[&str]) {
        let own_imports = block.text.lines().any(|line| line.starts_with("import "));
        let preamble = if own_imports { "" } else { self.preamble.as_str() };
        self.scene.set(MODULE, &format!("{preamble}{}", block.text));
        self.expect(block, codes);
        self.scene.set(MODULE, "");
    }

    /// Holds the faults of all policies against the codes that are meant to be there.
    fn expect(&mut self, block: &Block, codes: &[&str]) {
        let found = self.scene.check(&CheckOptions::default()).diagnostics;
        let mut found: Vec<_> = found.iter().filter(|fault| fault.severity >= Severity::Warning).collect();
        found.sort_by_key(|fault| fault.code);
        let mut codes = codes.to_vec();
        codes.sort_unstable();
        if !found.iter().map(|fault| fault.code).eq(codes) {
            let found: Vec<_> = found.iter().map(|fault| format!("{}: {}", fault.code, fault.message)).collect();
            self.fault(block.line, &format!("faults: [{}]", found.join("; ")));
        }
    }

    fn environment(&mut self, block: &Block) {
        self.scene.set("env.yaml", &block.text);
        let report = self.scene.check(&CheckOptions::default());
        let of_environments = report.environments.iter().flat_map(|environment| &environment.diagnostics);
        let faults: Vec<_> = report.diagnostics.iter().chain(of_environments).map(|fault| &fault.message).collect();
        if !faults.is_empty() || report.environments.is_empty() {
            self.fault(block.line, &format!("the environment is not read: {faults:?}"));
        }
    }

    fn quotation(&mut self, block: &Block, file: &str, head: &str) {
        let source = workspace::file(file);
        match item(&source.text, head) {
            Some(text) if !head.is_empty() => self.compare(block, format!("{text}\n")),
            _ => self.fault(block.line, &format!("{file} has no item that begins with `{head}`")),
        }
    }

    fn file(&mut self, block: &Block, path: &str) {
        let before = self.page.text.lines().take(block.line - 1).filter(|line| !line.is_empty()).last();
        if !before.is_some_and(|line| line.contains(&format!("`{path}`"))) {
            self.fault(
                block.line,
                &format!("the line above does not name `{path}`: who reads the page does not see the fence"),
            );
        }
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        fs::write(path, &block.text).expect("a file");
        self.files += 1;
        self.unused = Some(block.line);
    }

    fn commands(&mut self, block: &Block) {
        let root = workspace::root();
        let folder = if self.files == 0 { root.as_path() } else { self.folder.path() };
        let now = console::rerun(&block.text, folder);
        self.unused = None;
        self.compare(block, now);
    }

    /// A command may find violations, which is what a pipeline is for; it may not be refused, nor have nothing to do.
    fn pipeline(&mut self, block: &Block) {
        assert!(palisade_yaml::parse(block.text.as_str()).errors.is_empty(), "{}:{}", self.page.path, block.line);
        let steps = block.text.lines().filter_map(|line| {
            let command = line.trim_start().trim_start_matches("- ").split_once(": ")?.1;
            command.strip_prefix("palisade ")
        });
        let steps: Vec<_> = steps.collect();
        for step in &steps {
            let run = program::palisade_in(self.folder.path(), step.split_whitespace());
            if run.code > 1 {
                self.fault(block.line, &format!("`palisade {step}` ends with {}: {}", run.code, run.stderr));
            }
        }
        if steps.is_empty() {
            self.fault(block.line, "a pipeline without a command of palisade");
        }
    }

    fn compare(&mut self, block: &Block, now: String) {
        if block.text != now {
            let difference = TextDiff::from_lines(&block.text, &now);
            self.outcome.differences.push(format!("{}:{}:\n{}", self.page.path, block.line, difference.unified_diff()));
            self.outcome.updates.push((block.range.clone(), now));
        }
    }

    fn fault(&mut self, line: usize, what: &str) {
        self.outcome.failures.push(format!("{}:{line}: {what}", self.page.path));
    }
}

fn is_file(word: &str, ending: &str) -> bool {
    Path::new(word).extension().is_some_and(|found| found == ending)
}

/// Where a block that is no file stands.
const MODULE: &str = "policies/page.pal";

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Outcome {
        check(&SourceFile { path: "page.md".to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_block_that_nothing_checks_is_a_fault() {
        for info in ["rust", "pal fragment", "pal refused", "yaml fragment", "console quietly", "text", ""] {
            let outcome = checked(&format!("```{info}\nx\n```\n"));
            assert_eq!(outcome.failures.len(), 1, "{info}: {:?}", outcome.failures);
        }
    }

    #[test]
    fn code_that_is_no_block_is_a_fault() {
        for page in ["* a\n\n  ```pal\n  x\n  ```\n", "a\n\n    x\n", "~~~pal\nx\n~~~\n"] {
            assert!(!checked(page).failures.is_empty(), "{page}");
        }
        assert!(checked("```pal\nconst a: List<Int> = [\n    1\n]\n```\n").failures.is_empty());
    }

    #[test]
    fn a_module_is_held_to_its_types() {
        assert!(checked("```pal\nconst a: Int = 1\n```\n").failures.is_empty());
        assert_eq!(checked("```pal\nconst a: Int = true\n```\n").failures.len(), 1);
        assert!(checked("```pal refused type-mismatch\nconst a: Int = true\n```\n").failures.is_empty());
        assert_eq!(checked("```pal refused type-mismatch\nconst a: Int = 1\n```\n").failures.len(), 1);
    }

    #[test]
    fn an_environment_is_held_to_its_declarations() {
        assert!(checked("```yaml\nname: a\n```\n").failures.is_empty());
        assert_eq!(checked("```yaml\nnmae: a\n```\n").failures.len(), 1);
    }

    #[test]
    fn a_file_that_no_command_uses_is_a_fault() {
        assert_eq!(checked("`env.yaml`:\n\n```yaml env.yaml\nname: a\n```\n").failures.len(), 1);
    }

    #[test]
    fn a_file_without_its_name_above_it_is_a_fault() {
        let page = "A file:\n\n```yaml env.yaml\nname: a\n```\n\n```console\n$ palisade version\n```\n";
        assert_eq!(checked(page).failures.len(), 1);
    }

    #[test]
    fn an_item_is_cut_out_with_its_documentation() {
        let policy = "//! A module.\n\n/// One.\nrule a(x: X) {\n  require x\n}\n\n/// Two.\nconst b: Int =\n  1\n";
        assert_eq!(item(policy, "rule a"), Some("/// One.\nrule a(x: X) {\n  require x\n}"));
        assert_eq!(item(policy, "const b"), Some("/// Two.\nconst b: Int =\n  1"));
        assert_eq!(item(policy, "require"), None);
    }
}
