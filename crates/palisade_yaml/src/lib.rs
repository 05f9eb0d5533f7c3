//! YAML and JSON text as a flat arena of nodes that know where they stand.
//!
//! [`parse`] reads a whole stream and never fails as a whole: each [`Document`] of the [`Stream`] is
//! there, and [`Stream::errors`] says what is wrong with which. A document is an array of 16-byte
//! nodes in the order in which they are written; a scalar is a range of the text, so most of a file
//! is never copied. [`NodeRef`] is how one walks it: aliases are followed and merge keys (`<<`)
//! applied on the way, and [`NodeRef::via`] tells when what one looks at is written elsewhere.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `events.rs` | the parser's events in our own words; the only file that sees the parser, with `syntax.rs` and `comments.rs` |
//! | `syntax.rs` | the parser's errors in our own words |
//! | `stream.rs` | documents, recovery after errors, and what is wrong with whole texts |
//! | `builder.rs` | events → arena of one document: anchors, aliases, depth |
//! | `keys.rs`, `tags.rs` | keys of a mapping: duplicates, merge keys; tags |
//! | `layout.rs` | what the parser's spans leave out: headers of block scalars, dashes, directives |
//! | `document.rs` | the arena: [`Stream`], [`Document`], [`NodeId`] |
//! | `node.rs` | [`NodeRef`]: walking the arena; merge keys |
//! | `scalar.rs` | [`Scalar`] and its value in YAML 1.2's core schema |
//! | `locate.rs` | symbolic place ↔ node |
//! | `merge.rs` | one document patched by another |
//! | `excerpt.rs` | a part of a document written out for a reader |
//! | `comments.rs`, `bytes.rs`, `error.rs`, `errors.rs`, `limits.rs` | comments; bytes and characters that cannot be read; [`YamlError`]; how much is read |
//!
//! Nothing here knows what the keys mean, and nothing here reads a file.
//!
//! ```
//! use palisade_yaml::{Case, Segment, parse};
//!
//! let text = "groups:\n  web: { ports: [443] } # the way in\n";
//! let stream = parse(text);
//! assert!(stream.errors.is_empty());
//! let place = [Segment::Key("groups"), Segment::Key("WEB")];
//! let found = stream.documents[0].locate(&place, Case::Ignore).unwrap();
//! assert_eq!(&text[found.value], "{ ports: [443] }");
//! ```

mod builder;
mod bytes;
mod comments;
mod document;
mod error;
mod errors;
mod events;
mod excerpt;
mod keys;
mod layout;
pub mod limits;
mod locate;
mod merge;
mod node;
mod scalar;
mod stream;
mod syntax;
mod tags;

use std::sync::Arc;

pub use bytes::decode;
pub use comments::{Comment, comments};
pub use document::{Document, NodeId, Stream};
pub use error::{ErrorKind, YamlError};
pub use excerpt::excerpt;
pub use locate::{Case, Located, Segment};
pub use merge::merge;
pub use node::{AliasUse, Entries, Entry, Items, Kind, NodeRef};
pub use scalar::{CoreValue, Scalar, Style, Tag};
pub use text_size::{TextRange, TextSize};

/// Reads a whole stream of YAML documents; JSON is read as the subset of YAML that it is.
///
/// Offsets count bytes of `text`, a byte order mark included. The stream has at least one document:
/// a text without any content is one empty document.
#[must_use]
pub fn parse(text: impl Into<Arc<str>>) -> Stream {
    stream::read(&text.into(), limits::Limits::default())
}

/// Reads a stream from bytes, which must be UTF-8 (with or without a byte order mark).
///
/// # Errors
/// When the bytes are not UTF-8: the error's range counts bytes, and its message names the line.
pub fn parse_bytes(bytes: &[u8]) -> Result<Stream, YamlError> {
    decode(bytes).map(parse)
}

/// Drains the parser's events without keeping them and says how many there were: what reading the
/// text costs before anything is built. Stops at the first syntax error.
#[must_use]
pub fn bare_events(text: &str) -> usize {
    events::drain(text)
}
