//! Patterns such as `envs/*.yaml`: `*` within a folder, `**` across folders, `?`, `[a-z]`, `{a,b}`.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use ignore::WalkBuilder;

/// What to do about a pattern that cannot be read.
pub(crate) const HELP: &str =
    "`*` matches within a folder, `**` any folders, `?` one character, `[a-z]` one of several, `{a,b}` either";

/// Whether a text is a pattern rather than the name of one file.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// The files below a folder that a pattern matches, sorted. The error says what is wrong with the pattern.
pub(crate) fn matches(pattern: &str, below: &Path) -> Result<Vec<PathBuf>, String> {
    let (start, rest) = literal_prefix(pattern);
    let matcher = compile(rest)?;
    let start = below.join(start);
    let depth = if rest.contains("**") { None } else { Some(rest.split('/').count()) };
    // A pattern says itself which files are meant: hidden and ignored ones are not left out.
    let walk = WalkBuilder::new(&start).standard_filters(false).max_depth(depth).build();
    let mut found: Vec<PathBuf> = walk
        .filter_map(Result::ok)
        .map(ignore::DirEntry::into_path)
        .filter(|path| path.strip_prefix(&start).is_ok_and(|rest| matcher.is_match(rest)) && path.is_file())
        .collect();
    found.sort();
    Ok(found)
}

/// Splits off the folders before the first that holds a pattern.
fn literal_prefix(pattern: &str) -> (&str, &str) {
    let first = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    let cut = pattern.get(..first).and_then(|before| before.rfind('/'));
    cut.and_then(|at| Some((pattern.get(..=at)?, pattern.get(at + 1..)?))).unwrap_or(("", pattern))
}

fn compile(pattern: &str) -> Result<GlobMatcher, String> {
    let built = GlobBuilder::new(pattern).literal_separator(true).build();
    built.map(|glob| glob.compile_matcher()).map_err(|error| error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("envs/deep")).unwrap();
        for file in ["a.yaml", "envs/b.yaml", "envs/a.yaml", "envs/deep/c.yaml", "envs/d.json"] {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        let found = |pattern: &str| -> Vec<String> {
            let files = matches(pattern, folder.path()).unwrap();
            files.iter().map(|f| f.strip_prefix(folder.path()).unwrap().display().to_string()).collect()
        };
        assert_eq!(found("*.yaml"), ["a.yaml"]);
        assert_eq!(found("envs/*.yaml"), ["envs/a.yaml", "envs/b.yaml"]);
        assert_eq!(found("envs/**/*.yaml"), ["envs/a.yaml", "envs/b.yaml", "envs/deep/c.yaml"]);
        assert_eq!(found("*/*.{json,yml}"), ["envs/d.json"]);
        assert!(found("none/*.yaml").is_empty());
    }

    #[test]
    fn a_broken_pattern_says_what_is_wrong() {
        let fault = matches("envs/[a.yaml", Path::new(".")).unwrap_err();
        assert!(fault.contains("unclosed"), "{fault}");
    }
}
