//! The only door to pest: text in, [`Node`]s with file offsets or a [`Failure`] out. The grammar itself is
//! `grammar/palisade.pest`.

use std::ops::Range;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;
use text_size::{TextRange, TextSize};

pub(crate) use generated::Rule;

mod generated {
    #[derive(pest_derive::Parser)]
    #[grammar = "../../../grammar/palisade.pest"]
    pub(crate) struct Grammar;
}

/// What a grammar rule matched, and where in the file.
#[derive(Clone, Debug)]
pub(crate) struct Node<'t> {
    pair: Pair<'t, Rule>,
    base: usize,
}

/// Where reading stopped, and what could have stood there.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// Offset in the file.
    pub(crate) at: usize,
    /// The end of what was to be read.
    pub(crate) end: usize,
    /// The tokens and phrases that were tried there.
    pub(crate) expected: Vec<Rule>,
}

/// Reads a part of a file by an entry rule.
pub(crate) fn read(rule: Rule, file: &str, range: Range<usize>) -> Result<Node<'_>, Failure> {
    let (base, end) = (range.start, range.end);
    let slice = file.get(range).unwrap_or_default();
    let nothing = || Failure { at: base, end, expected: Vec::new() };
    match generated::Grammar::parse(rule, slice) {
        Ok(mut pairs) => pairs.next().map(|pair| Node { pair, base }).ok_or_else(nothing),
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => base + at,
            };
            let expected = match error.variant {
                ErrorVariant::ParsingError { positives, .. } => positives,
                ErrorVariant::CustomError { .. } => Vec::new(),
            };
            Err(Failure { at, end, expected })
        }
    }
}

impl<'t> Node<'t> {
    pub(crate) fn rule(&self) -> Rule {
        self.pair.as_rule()
    }

    pub(crate) fn text(&self) -> &'t str {
        self.pair.as_str()
    }

    /// Offset in the file.
    pub(crate) fn start(&self) -> usize {
        self.base + self.pair.as_span().start()
    }

    /// The end of its last token: white space that the grammar swallowed after it is not part of it.
    pub(crate) fn end(&self) -> usize {
        match self.last_child_end() {
            Some(end) => end,
            None => self.base + self.pair.as_span().end(),
        }
    }

    fn last_child_end(&self) -> Option<usize> {
        let mut last = self.pair.clone().into_inner().next_back()?;
        while let Some(inner) = last.clone().into_inner().next_back() {
            last = inner;
        }
        Some(self.base + last.as_span().end())
    }

    pub(crate) fn range(&self) -> TextRange {
        range(self.start(), self.end())
    }

    pub(crate) fn children(&self) -> impl Iterator<Item = Node<'t>> + use<'t> {
        let base = self.base;
        self.pair.clone().into_inner().map(move |pair| Node { pair, base })
    }

    /// The first child that a rule matched.
    pub(crate) fn child(&self, rule: Rule) -> Option<Node<'t>> {
        self.children().find(|child| child.rule() == rule)
    }

    /// The children that a rule matched.
    pub(crate) fn all(&self, rule: Rule) -> impl Iterator<Item = Node<'t>> + use<'t> {
        self.children().filter(move |child| child.rule() == rule)
    }

    pub(crate) fn has(&self, rule: Rule) -> bool {
        self.child(rule).is_some()
    }
}

/// A range of the file. Offsets fit because of [`crate::limits::MAX_FILE_BYTES`].
pub(crate) fn range(start: usize, end: usize) -> TextRange {
    TextRange::new(size(start), size(end.max(start)))
}

/// An offset in the file.
pub(crate) fn size(offset: usize) -> TextSize {
    TextSize::new(u32::try_from(offset).unwrap_or(u32::MAX))
}
