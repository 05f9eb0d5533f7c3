//! The shipped library is read without a single error.

use std::path::{Path, PathBuf};

/// Every `.pal` file under `policies/`, with its text.
fn library() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut folders = vec![root];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "pal") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_file_is_read_without_error() {
    let mut wrong = Vec::new();
    for (path, text) in library() {
        for error in palisade_syntax::parse(&text).errors {
            let line = text[..usize::from(error.range.start())]
                .matches('\n')
                .count()
                + 1;
            wrong.push(format!(
                "{}:{line}: {} ({:?})",
                path.display(),
                error.message,
                error.help
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
