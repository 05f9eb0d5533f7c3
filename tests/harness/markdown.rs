//! Markdown as headings and fenced blocks, with the lines that they stand on, so that a block can be written anew.

use std::ops::Range;

/// A section: a heading and the blocks below it, up to the next heading.
#[derive(Debug)]
pub struct Section {
    /// The heading, without `#`.
    pub title: String,
    /// Its blocks.
    pub blocks: Vec<Block>,
}

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The first word after the fence.
    pub language: String,
    /// The further words.
    pub words: Vec<String>,
    /// What stands between the fences, each line with its break.
    pub text: String,
    /// The line of the opening fence, from 1.
    pub line: usize,
    /// The bytes of `text` in the file.
    pub range: Range<usize>,
}

/// The sections of a document. Text before the first heading belongs to a section without title.
pub fn sections(markdown: &str) -> Vec<Section> {
    let mut sections = vec![Section { title: String::new(), blocks: Vec::new() }];
    let mut open: Option<(usize, Block)> = None;
    let mut at = 0;
    for (number, line) in markdown.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let bare = line.trim_end();
        if let Some((ticks, block)) = &mut open {
            if closes(bare, *ticks) {
                let section = sections.last_mut().expect("there is always one");
                section.blocks.push(block.clone());
                open = None;
            } else {
                block.text.push_str(line);
                block.range.end = at;
            }
        } else if let Some(ticks) = fence(bare) {
            open = Some((ticks, opened(&bare[ticks..], number + 1, start + line.len())));
        } else if let Some(title) = heading(bare) {
            sections.push(Section { title: title.to_owned(), blocks: Vec::new() });
        }
    }
    let unclosed = open.map(|(_, block)| block.line);
    assert_eq!(unclosed, None, "a block is not closed");
    sections
}

/// The document with new texts in place of those of some blocks.
pub fn with_texts(markdown: &str, mut texts: Vec<(Range<usize>, String)>) -> String {
    let mut written = markdown.to_owned();
    texts.sort_by_key(|(range, _)| range.start);
    for (range, text) in texts.into_iter().rev() {
        written.replace_range(range, &text);
    }
    written
}

fn fence(line: &str) -> Option<usize> {
    let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
    (ticks >= 3).then_some(ticks)
}

fn closes(line: &str, ticks: usize) -> bool {
    fence(line).is_some_and(|found| found >= ticks && found == line.len())
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let is_heading = rest.len() < line.len() && rest.starts_with(' ');
    is_heading.then(|| rest.trim())
}

fn opened(info: &str, line: usize, start: usize) -> Block {
    let mut words = info.split_whitespace().map(str::to_owned);
    Block {
        language: words.next().unwrap_or_default(),
        words: words.collect(),
        text: String::new(),
        line,
        range: start..start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# One\n\n```yaml then a.yaml\nname: a\n```\n\n## Two\n````text\n```\nx\n````\n";

    #[test]
    fn blocks_stand_below_their_headings() {
        let sections = sections(DOCUMENT);
        let titles: Vec<_> = sections.iter().map(|s| (s.title.as_str(), s.blocks.len())).collect();
        assert_eq!(titles, [("", 0), ("One", 1), ("Two", 1)]);
        let block = &sections[1].blocks[0];
        assert_eq!((block.language.as_str(), block.line), ("yaml", 3));
        assert_eq!(block.words, ["then", "a.yaml"]);
        assert_eq!(&DOCUMENT[block.range.clone()], "name: a\n");
    }

    #[test]
    fn a_longer_fence_holds_a_shorter_one() {
        assert_eq!(sections(DOCUMENT)[2].blocks[0].text, "```\nx\n");
    }

    #[test]
    fn a_text_is_put_in_place_of_a_block() {
        let range = sections(DOCUMENT)[1].blocks[0].range.clone();
        let written = with_texts(DOCUMENT, vec![(range, "b: 1\n".to_owned())]);
        assert_eq!(sections(&written)[1].blocks[0].text, "b: 1\n");
        assert_eq!(sections(&written)[2].blocks[0].text, "```\nx\n");
    }
}
