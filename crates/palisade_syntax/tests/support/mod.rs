//! What the tests share: the files to read, and errors shown together with the text they point at.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails here has failed")]

pub mod textmate;
pub mod tokens;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use palisade_syntax::{ParsedFile, SyntaxError};

/// Every `.pal` file under `policies/`, with its text.
pub fn library() -> Vec<(PathBuf, String)> {
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
    assert!(!files.is_empty(), "the library has no files");
    files
}

/// The `pal` blocks of the written grammar, with the line each begins on.
pub fn grammar_examples() -> Vec<(usize, String)> {
    let readme = include_str!("../../../../grammar/README.md");
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (i, line) in readme.lines().enumerate() {
        match line {
            "```pal" => {
                blocks.push((i + 2, String::new()));
                inside = true;
            }
            "```" => inside = false,
            _ if inside => {
                let block = &mut blocks.last_mut().unwrap().1;
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

/// All examples as one module: the richest small file there is.
pub fn every_construct() -> String {
    let blocks: Vec<String> = grammar_examples().into_iter().map(|(_, text)| text).collect();
    blocks.join("\n")
}

/// The one-based line of an error.
pub fn line_of(text: &str, error: &SyntaxError) -> usize {
    text[..usize::from(error.range.start())].matches('\n').count() + 1
}

/// Each error below the line that it points at.
pub fn show(text: &str, file: &ParsedFile) -> String {
    let mut out = String::new();
    for error in &file.errors {
        let (start, end) = (usize::from(error.range.start()), usize::from(error.range.end()));
        let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line = text[line_start..].lines().next().unwrap_or("");
        let indent = text[line_start..start].chars().count();
        let marks = text[start..end.min(line_start + line.len()).max(start)].chars().count().max(1);
        let number = line_of(text, error);
        writeln!(out, "{number:>3} | {line}").unwrap();
        writeln!(out, "    | {}{}", " ".repeat(indent), "^".repeat(marks)).unwrap();
        writeln!(out, "    {}: {}", error.code, error.message).unwrap();
        if let Some(help) = &error.help {
            writeln!(out, "    help: {help}").unwrap();
        }
        for (range, word) in &error.related {
            let number = text[..usize::from(range.start())].matches('\n').count() + 1;
            writeln!(out, "    note: line {number}: {word}").unwrap();
        }
    }
    out
}
