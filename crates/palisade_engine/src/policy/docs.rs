//! Documentation texts: the first line is the title, the rest is the page; blocks between fences are mends.

use palisade_source::report::Mend;
use smol_str::SmolStr;

/// What opens and closes a block.
const FENCE: &str = "```";

/// Splits documentation into its title and the rest, mends left out; without any, the name is the title.
pub fn split_doc(doc: Option<&str>, name: &str) -> (SmolStr, SmolStr) {
    let Some(doc) = doc.map(prose).filter(|doc| !doc.is_empty()) else {
        return (name.into(), SmolStr::default());
    };
    let (title, rest) = doc.split_once('\n').unwrap_or((&doc, ""));
    (title.trim().into(), rest.trim().into())
}

/// What stands outside the blocks, without the empty lines before them.
pub fn prose(doc: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in doc.trim().lines() {
        if line.starts_with(FENCE) {
            inside = !inside;
            while inside && kept.last().is_some_and(|line| line.is_empty()) {
                kept.pop();
            }
        } else if !inside {
            kept.push(line);
        }
    }
    kept.join("\n").trim().to_owned()
}

/// The blocks of documentation. The line that opens one says its language, then what it is for. One that is not closed
/// ends with the documentation.
pub fn mends(doc: &str) -> Vec<Mend> {
    let mut found = Vec::new();
    let mut open: Option<Mend> = None;
    for line in doc.lines() {
        match (line.strip_prefix(FENCE), open.as_mut()) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(head), None) => {
                let (language, title) = head.trim().split_once(' ').unwrap_or((head.trim(), ""));
                open = Some(Mend { language: language.into(), title: title.trim().into(), text: String::new() });
            }
            (None, Some(mend)) => {
                mend.text.push_str(line);
                mend.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found.extend(open);
    found
}

/// Whether the last block is closed.
pub fn blocks_are_closed(doc: &str) -> bool {
    doc.lines().filter(|line| line.starts_with(FENCE)).count().is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOC: &str =
        "Title.\n\nMore `of` it.\n\n```azurecli to do it\naz do\n\naz more\n```\n```bicep\na: b\n```\n\nLast.";

    #[test]
    fn what_is_between_fences_is_a_mend_and_not_prose() {
        let (title, rest) = split_doc(Some(DOC), "name");
        assert_eq!((title.as_str(), rest.as_str()), ("Title.", "More `of` it.\n\nLast."));
        let found = mends(DOC);
        let shown = found.iter().map(|mend| (mend.language.as_str(), mend.title.as_str(), mend.text.as_str()));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [("azurecli", "to do it", "az do\n\naz more\n"), ("bicep", "", "a: b\n")]
        );
        assert!(blocks_are_closed(DOC));
    }

    #[test]
    fn a_block_that_is_not_closed_is_kept_and_told() {
        let doc = "Title.\n```yaml\na: b";
        assert_eq!(mends(doc).len(), 1);
        assert_eq!(prose(doc), "Title.");
        assert!(!blocks_are_closed(doc));
    }

    #[test]
    fn without_prose_the_name_is_the_title() {
        for doc in [None, Some("  "), Some("```yaml\na: b\n```")] {
            assert_eq!(split_doc(doc, "name").0, "name");
        }
    }
}
