//! Comments, read apart from the values: most readers of a document never ask for them.

use granit_parser as granit;
use text_size::TextRange;

use crate::document::{index, range};

/// One comment of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment<'t> {
    /// From its `#` to the end of its line, the line break not included.
    pub range: TextRange,
    /// What follows `#`, without the spaces around it.
    pub text: &'t str,
    /// Whether something else stands before it on its line.
    pub trailing: bool,
}

/// The comments of a text in order. In a document that is not YAML, those before its error.
#[must_use]
pub fn comments(text: &str) -> Vec<Comment<'_>> {
    let mut options = granit::options! {
        emit_unresolved_aliases: true,
        max_buffered_comment_events: usize::MAX,
    };
    options.set_emit_comments(true);
    let mut parser = granit::Parser::new_from_str_with_options(text, options);
    let mut found = Vec::new();
    while let Some(event) = parser.next_event() {
        match event {
            Ok((granit::Event::Comment(..), span)) => found.extend(comment(text, span)),
            Ok(_) => {}
            Err(_) => {
                if !parser.proceed_next_document().unwrap_or(false) {
                    break;
                }
            }
        }
    }
    found.sort_by_key(|comment| comment.range.start());
    found
}

fn comment(text: &str, span: granit::Span) -> Option<Comment<'_>> {
    let place = span.byte_range()?;
    let words = text.get(place.clone())?.strip_prefix('#')?.trim();
    let before = text.get(..place.start)?;
    let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let indent = before.get(line..)?.trim_start_matches('\u{feff}');
    let range = range(index(place.start), index(place.end));
    Some(Comment { range, text: words, trailing: !indent.trim().is_empty() })
}
