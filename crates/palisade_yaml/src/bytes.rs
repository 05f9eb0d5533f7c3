//! Bytes that are not text, and characters that have no place in one.

use crate::document::{index, range};
use crate::error::{ErrorKind, YamlError};

/// The text of a file's bytes, which must be UTF-8. A byte order mark stays: it is part of every offset.
///
/// # Errors
/// At the first byte that is not UTF-8: the range counts bytes, and the message names the line.
pub fn decode(bytes: &[u8]) -> Result<&str, YamlError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let width = error.error_len().unwrap_or(bytes.len() - at);
        let line = bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let (message, help) = if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
            ("the file is UTF-16, expected UTF-8".to_owned(), "save the file as UTF-8")
        } else {
            let byte = bytes.get(at).copied().unwrap_or_default();
            let message = format!("line {line} is not UTF-8: found the byte 0x{byte:02X}");
            (message, "save the file as UTF-8, or correct the character on that line")
        };
        YamlError::new(ErrorKind::Encoding, range(index(at), index(at + width)), message).help(help)
    })
}

/// Where control characters stand in a text. YAML allows only tabs and line breaks (and NEL) as they are.
pub(crate) fn control_characters(text: &str) -> impl Iterator<Item = (u32, char)> {
    const CHUNK: usize = 256;
    let suspects = text.as_bytes().chunks(CHUNK).enumerate().filter(|(_, chunk)| suspect(chunk));
    suspects.flat_map(move |(number, chunk)| {
        let start = number * CHUNK;
        (start..start + chunk.len()).filter_map(move |at| control_at(text, at).map(|character| (index(at), character)))
    })
}

/// What to say about a control character.
pub(crate) fn control_error(at: u32, character: char) -> YamlError {
    let code = u32::from(character);
    let place = range(at, at.saturating_add(index(character.len_utf8())));
    YamlError::new(
        ErrorKind::ControlCharacter,
        place,
        format!("the control character U+{code:04X} cannot stand in a text"),
    )
    .help(format!("remove it, or write it as an escape in double quotes: `\"\\u{code:04x}\"`"))
}

/// Whether a chunk may hold a control character. Without an early end, so that it runs at the speed of memory.
fn suspect(chunk: &[u8]) -> bool {
    let found = chunk.iter().fold(0, |found, byte| found | u8::from(may_be_control(*byte)));
    found != 0
}

/// A control character of ASCII, or the first byte of one in Latin-1's upper half.
fn may_be_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0B | 0x0C | 0x0E..=0x1F | 0x7F | 0xC2)
}

fn control_at(text: &str, at: usize) -> Option<char> {
    text.as_bytes().get(at).filter(|byte| may_be_control(**byte))?;
    let character = text.get(at..)?.chars().next()?;
    (character.is_control() && character != '\u{85}').then_some(character)
}
