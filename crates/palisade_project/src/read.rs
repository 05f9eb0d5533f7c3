//! Bytes → text. The only file that opens another.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use palisade_source::{Diagnostic, Span};
use palisade_yaml::limits::MAX_BYTES;

use crate::Failure;
use crate::codes;

/// Reads a file; `shown` is its path in messages.
pub(crate) fn file(path: &Path, shown: &str) -> Result<Arc<str>, Failure> {
    if path.is_dir() {
        let message = format!("`{shown}` is a folder, and a file was expected");
        return Err(Diagnostic::error(codes::FILE_UNREADABLE, message, None).into());
    }
    let opened = std::fs::File::open(path).map_err(|error| fault(shown, &error))?;
    stream(opened, shown)
}

/// Reads standard input.
pub(crate) fn standard_input(shown: &str) -> Result<Arc<str>, Failure> {
    stream(io::stdin().lock(), shown)
}

/// Reads up to the limit, so that a device without end ends here.
fn stream(from: impl Read, shown: &str) -> Result<Arc<str>, Failure> {
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let mut limited = from.take(limit.saturating_add(1));
    limited.read_to_end(&mut bytes).map_err(|error| fault(shown, &error))?;
    if bytes.len() > MAX_BYTES {
        let message = format!("`{shown}` is larger than {} MiB, the most that is read", MAX_BYTES >> 20);
        return Err(Diagnostic::error(codes::FILE_TOO_LARGE, message, None).into());
    }
    text(&bytes, shown)
}

/// Bytes as UTF-8.
fn text(bytes: &[u8], shown: &str) -> Result<Arc<str>, Failure> {
    match palisade_yaml::decode(bytes) {
        Ok(text) => Ok(Arc::from(text)),
        Err(error) => {
            // What precedes the first bad byte is the same in the repaired text, so the range's start holds.
            let path: Arc<str> = Arc::from(shown);
            let span = Span { path: Arc::clone(&path), range: error.range };
            let fault = Diagnostic::error(codes::FILE_ENCODING, error.message, Some(span)).with_help(error.help);
            let texts = [(path, Arc::from(String::from_utf8_lossy(bytes)))].into();
            Err(Failure { diagnostics: vec![fault], texts })
        }
    }
}

fn fault(shown: &str, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::NotFound {
        return Diagnostic::error(codes::FILE_MISSING, format!("`{shown}` does not exist"), None).into();
    }
    Diagnostic::error(codes::FILE_UNREADABLE, format!("`{shown}` cannot be read: {error}"), None).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_that_is_not_utf_8_is_shown_in_its_line() {
        let failure = text(b"name: a\nkey: \xff\n", "a.yaml").unwrap_err();
        let fault = &failure.diagnostics[0];
        assert_eq!(u32::from(fault.span.as_ref().unwrap().range.start()), 13);
        assert!(fault.message.contains("line 2"), "{}", fault.message);
        assert!(failure.texts.contains_key("a.yaml"));
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let failure = file(folder.path(), "envs").unwrap_err();
        assert_eq!(failure.diagnostics[0].message, "`envs` is a folder, and a file was expected");
    }

    #[test]
    fn a_missing_file_is_missing() {
        let failure = file(Path::new("no/such.yaml"), "no/such.yaml").unwrap_err();
        assert_eq!(failure.diagnostics[0].code, codes::FILE_MISSING);
    }
}
