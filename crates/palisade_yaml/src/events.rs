//! The parser's events in our own words, so that the parser can be replaced without the arena noticing.

use std::borrow::Cow;

use granit_parser as granit;

use crate::document::index;
use crate::error::YamlError;
use crate::scalar::{Style, Tag};
use crate::syntax;

/// One step of a text. Positions are bytes of it.
#[derive(Debug)]
pub(crate) enum Event<'t> {
    DocumentStart {
        explicit: bool,
    },
    DocumentEnd,
    Scalar {
        text: Cow<'t, str>,
        style: Style,
        anchor: usize,
        tag: WrittenTag,
    },
    Start {
        mapping: bool,
        flow: bool,
        anchor: usize,
        tag: WrittenTag,
    },
    End,
    /// Belongs to the node of the event before it. The place is the anchor's, `&` included.
    Anchor,
    Alias(usize),
    UnknownAlias,
    /// Start and end of the stream: nothing to build.
    Boundary,
    /// An event that this layer does not know: it must not be passed over.
    Unknown,
}

/// The tag on a node, as the core schema sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrittenTag {
    None,
    /// `!` alone: what the node is without looking at its text.
    Bare,
    Core(Tag),
    /// Where it stands.
    Unknown(Place),
}

/// An event's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// Events of a text, one after the other.
pub(crate) struct Events<'t> {
    parser: granit::Parser<'t, granit::StrInput<'t>>,
    text: &'t str,
}

impl<'t> Events<'t> {
    pub(crate) fn new(text: &'t str, depth: usize) -> Self {
        Self { parser: granit::Parser::new_from_str_with_options(text, options(depth)), text }
    }

    /// The next event, or `None` at the end. After an error, [`Events::recover`] goes on.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<Result<(Event<'t>, Place), Box<YamlError>>> {
        Some(match self.parser.next_event()? {
            Ok((event, span)) => {
                let place = place(&span);
                Ok((translated(event, &span), place))
            }
            Err(error) => Err(Box::new(syntax::translated(&error, self.text))),
        })
    }

    /// Goes to the start of the next document. False when there is none.
    pub(crate) fn recover(&mut self) -> bool {
        self.parser.proceed_next_document().unwrap_or(false)
    }
}

/// Comments are not wanted here, and an unknown alias must not hide what follows it.
fn options(depth: usize) -> granit::Options {
    let mut options = granit::options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: depth,
        block_nesting_limit: depth,
    };
    options.set_emit_comments(false);
    options
}

pub(crate) fn drain(text: &str) -> usize {
    let mut parser = granit::Parser::new_from_str_with_options(text, options(crate::limits::MAX_DEPTH));
    let mut count = 0;
    while let Some(Ok(_)) = parser.next_event() {
        count += 1;
    }
    count
}

#[inline]
fn place(span: &granit::Span) -> Place {
    let at = |mark: &granit::Marker| index(mark.byte_offset().unwrap_or_default());
    Place { start: at(&span.start), end: at(&span.end) }
}

#[inline]
fn translated<'t>(event: granit::Event<'t>, span: &granit::Span) -> Event<'t> {
    match event {
        granit::Event::Scalar(text, style, anchor, tag) => {
            Event::Scalar { text, style: scalar_style(style), anchor, tag: written(tag.as_deref(), span) }
        }
        granit::Event::SequenceStart(style, anchor, tag) => start(false, style, anchor, tag.as_deref(), span),
        granit::Event::MappingStart(style, anchor, tag) => start(true, style, anchor, tag.as_deref(), span),
        granit::Event::SequenceEnd | granit::Event::MappingEnd => Event::End,
        granit::Event::Alias(anchor) => Event::Alias(anchor),
        granit::Event::UnresolvedAlias(_) => Event::UnknownAlias,
        granit::Event::Anchor(..) => Event::Anchor,
        granit::Event::DocumentStart(explicit, _) => Event::DocumentStart { explicit },
        granit::Event::DocumentEnd => Event::DocumentEnd,
        granit::Event::StreamStart | granit::Event::StreamEnd | granit::Event::Comment(..) => Event::Boundary,
        _ => Event::Unknown,
    }
}

#[inline]
fn start<'t>(
    mapping: bool,
    style: granit::StructureStyle,
    anchor: usize,
    tag: Option<&granit::Tag>,
    span: &granit::Span,
) -> Event<'t> {
    Event::Start { mapping, flow: style == granit::StructureStyle::Flow, anchor, tag: written(tag, span) }
}

#[inline]
fn scalar_style(style: granit::ScalarStyle) -> Style {
    match style {
        granit::ScalarStyle::Plain => Style::Plain,
        granit::ScalarStyle::SingleQuoted => Style::Single,
        granit::ScalarStyle::DoubleQuoted => Style::Double,
        granit::ScalarStyle::Literal => Style::Literal,
        granit::ScalarStyle::Folded => Style::Folded,
    }
}

#[inline]
fn written(tag: Option<&granit::Tag>, span: &granit::Span) -> WrittenTag {
    let Some(tag) = tag else {
        return WrittenTag::None;
    };
    if tag.handle().is_empty() && tag.suffix() == "!" {
        return WrittenTag::Bare;
    }
    if let Some(tag) = tag.core_suffix().and_then(Tag::named) {
        return WrittenTag::Core(tag);
    }
    WrittenTag::Unknown(place(&span.tag_span().unwrap_or(*span)))
}
