//! Tags: those of the core schema, on values that they fit.

use crate::document::{Document, range};
use crate::error::{ErrorKind, YamlError, quoted};
use crate::errors::Errors;
use crate::events::{Place, WrittenTag};
use crate::scalar::Tag;

/// The tag that a scalar with this text keeps; what is wrong with the one written is noted.
pub(crate) fn of_scalar(
    document: &Document,
    tag: WrittenTag,
    text: &str,
    place: Place,
    errors: &mut Errors,
) -> Option<Tag> {
    match tag {
        WrittenTag::None => return None,
        WrittenTag::Bare => return Some(Tag::Str),
        WrittenTag::Core(tag) if tag.fits(text) => return Some(tag),
        WrittenTag::Core(tag) => errors.push(document.index, || misfit(tag, &quoted(text), place)),
        WrittenTag::Unknown(at) => errors.push(document.index, || unknown(document, at)),
    }
    None
}

/// The tag that a mapping or a list keeps; what is wrong with the one written is noted.
pub(crate) fn of_collection(
    document: &Document,
    tag: WrittenTag,
    mapping: bool,
    place: Place,
    errors: &mut Errors,
) -> Option<Tag> {
    let (fitting, what) = if mapping { (Tag::Map, "a mapping") } else { (Tag::Seq, "a list") };
    match tag {
        WrittenTag::None | WrittenTag::Bare => return None,
        WrittenTag::Core(tag) if tag == fitting => return Some(tag),
        WrittenTag::Core(tag) => errors.push(document.index, || misfit(tag, what, place)),
        WrittenTag::Unknown(at) => errors.push(document.index, || unknown(document, at)),
    }
    None
}

fn misfit(tag: Tag, found: &str, place: Place) -> YamlError {
    let message = format!("the tag `{}` does not fit {found}", tag.as_str());
    YamlError::new(ErrorKind::Tag, range(place.start, place.end), message).help("remove the tag or correct the value")
}

fn unknown(document: &Document, at: Place) -> YamlError {
    const KNOWN: [&str; 7] = ["!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map"];
    let name = document.slice(at.start, at.end);
    let near = KNOWN.into_iter().find(|known| name.len() < 20 && strsim::levenshtein(known, name) <= 2);
    let help = near.map_or_else(
        || "remove it; only the tags of the core schema are read, such as `!!str` and `!!int`".to_owned(),
        |known| format!("did you mean `{known}`?"),
    );
    YamlError::new(ErrorKind::Tag, range(at.start, at.end), format!("unknown tag {}", quoted(name))).help(help)
}
