//! Bytes → text. The only file that opens another.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use palisade_source::{Diagnostic, Span};
use palisade_yaml::limits::MAX_BYTES;

use crate::suggest::nearest;
use crate::{Failure, codes};

/// Reads a file; `shown` is its path in messages.
pub(crate) fn file(path: &Path, shown: &str) -> Result<Arc<str>, Failure> {
    if path.is_dir() {
        let message = format!("`{shown}` is a folder, and a file was expected");
        let help = "name a file in it".to_owned();
        return Err(Diagnostic::error(codes::FILE_UNREADABLE, message, None).with_help(Some(help)).into());
    }
    let opened = std::fs::File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => missing(path, shown),
        _ => fault(shown, &error),
    })?;
    // What says that it is too large need not be read to find out.
    if opened.metadata().is_ok_and(|file| file.len() > MAX_BYTES as u64) {
        return Err(too_large(shown));
    }
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
        return Err(too_large(shown));
    }
    text(&bytes, shown)
}

fn too_large(shown: &str) -> Failure {
    let message = format!("`{shown}` is larger than {} MiB, the most that is read", MAX_BYTES >> 20);
    let help = "split it: an environment may `include` others, and policies are modules".to_owned();
    Diagnostic::error(codes::FILE_TOO_LARGE, message, None).with_help(Some(help)).into()
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

/// A file that is not there, with the one beside it that was probably meant.
pub(crate) fn missing(path: &Path, shown: &str) -> Failure {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut beside: Vec<String> = beside.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    beside.sort();
    let near = nearest(&name, beside.iter().map(String::as_str));
    let help = near.map_or_else(
        || "a path starts from the folder in which the command runs".to_owned(),
        |near| format!("did you mean `{}{near}`?", shown.strip_suffix(&*name).unwrap_or_default()),
    );
    let message = format!("`{shown}` does not exist");
    Diagnostic::error(codes::FILE_MISSING, message, None).with_help(Some(help)).into()
}

fn fault(shown: &str, error: &io::Error) -> Failure {
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
