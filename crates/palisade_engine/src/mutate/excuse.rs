//! `// palisade: equivalent because …`: a word in the policy itself that what follows may be otherwise without anybody
//! being able to tell.
//!
//! At the end of a line it speaks of that line; on a line of its own, of the lines that follow up to a blank one. It
//! excuses survivors and hides nothing: a mutant that a test kills is counted as killed.

use palisade_source::TextSize;

const MARK: &str = "palisade: equivalent because";

/// The reason that excuses what stands at an offset of a file, if there is one.
pub(super) fn excuse(text: &str, at: TextSize) -> Option<String> {
    let at = usize::from(at);
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let own = text.get(start..)?.lines().next()?;
    let above = before.get(..start)?.lines().rev().take_while(|line| !line.trim().is_empty());
    reason(own).or_else(|| above.filter(|line| line.trim_start().starts_with("//")).find_map(reason))
}

fn reason(line: &str) -> Option<String> {
    let (_, comment) = line.split_once("//")?;
    let because = comment.trim_start().strip_prefix(MARK)?.trim();
    (!because.is_empty()).then(|| because.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excuse_of(text: &str, what: &str) -> Option<String> {
        excuse(text, TextSize::try_from(text.find(what).unwrap()).unwrap())
    }

    #[test]
    fn a_mark_speaks_of_its_line_or_of_those_that_follow() {
        let text = "\
one // palisade: equivalent because it is
two
  // palisade: equivalent because so
  // it was
  three
  four

  five
six // palisade: equivalent because
";
        for (what, reason) in [
            ("one", Some("it is")),
            ("two", None),
            ("three", Some("so")),
            ("four", Some("so")),
            ("five", None),
            ("six", None),
        ] {
            assert_eq!(excuse_of(text, what).as_deref(), reason, "{what}");
        }
    }
}
