//! Policies in their canonical layout: which files are meant, what each becomes, and how it is written back.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use palisade_engine::api;
use palisade_source::Diagnostic;

use crate::config::Config;
use crate::files::{Files, STDIN};
use crate::library::policies_below;
use crate::{Failure, codes, read};

/// The folder of the policies where nothing names another.
pub(crate) const DEFAULT_FOLDER: &str = "policies";

/// A policy and what the layout makes of it.
#[derive(Clone, Debug)]
pub struct Formatted {
    /// As reports show it.
    pub path: Arc<str>,
    /// As it was read.
    pub before: Arc<str>,
    /// As it should be.
    pub after: String,
    /// Where it truly is; `None` for standard input.
    place: Option<PathBuf>,
}

/// The policies that were meant.
#[derive(Clone, Debug, Default)]
pub struct Formats {
    /// Those that could be laid out, by path.
    pub files: Vec<Formatted>,
    /// How many could not; a file with mistakes is left as it is.
    pub left: usize,
    /// Why.
    pub failure: Failure,
}

/// Lays out the policies of files and folders, or of standard input (`-`, alone). Without a path those of the
/// configuration, else of `./policies`; `None` if there are none.
pub fn format(here: &Path, paths: &[PathBuf]) -> Result<Option<Formats>, Failure> {
    let files = Files::new(here);
    if paths.iter().any(|path| path == Path::new("-")) {
        return standard_input(paths).map(Some);
    }
    let Some(roots) = roots(here, paths, &files)? else {
        return Ok(None);
    };
    let mut formats = Formats::default();
    for (place, shown) in places(here, &roots, &files)? {
        match read::file(&place, &shown) {
            Ok(text) => formats.add(Arc::from(shown), text, Some(place)),
            Err(failure) => formats.fail(failure),
        }
    }
    Ok(Some(formats))
}

fn standard_input(paths: &[PathBuf]) -> Result<Formats, Failure> {
    if paths.len() > 1 {
        let message = "`-` stands for standard input and cannot be mixed with files";
        let help = "name `-` alone, or files".to_owned();
        return Err(Diagnostic::error(codes::FORMAT, message, None).with_help(Some(help)).into());
    }
    let mut formats = Formats::default();
    formats.add(Arc::from(STDIN), read::standard_input(STDIN)?, None);
    Ok(formats)
}

fn roots(here: &Path, paths: &[PathBuf], files: &Files) -> Result<Option<Vec<PathBuf>>, Failure> {
    if !paths.is_empty() {
        return Ok(Some(paths.iter().map(|path| here.join(path)).collect()));
    }
    let configured = Config::load(here, files)?.policies;
    let default = || Some(here.join(DEFAULT_FOLDER)).filter(|folder| folder.is_dir());
    Ok(configured.or_else(default).map(|folder| vec![folder]))
}

/// Each file once, by its true place, with the path that reports show; sorted by that path.
fn places(here: &Path, roots: &[PathBuf], files: &Files) -> Result<Vec<(PathBuf, String)>, Failure> {
    let mut places = BTreeMap::new();
    for root in roots {
        let found = if root.is_dir() { policies_below(root, files)? } else { vec![named(root, files)?] };
        for path in found {
            let shown = files.shown(&here.join(&path));
            let place = std::fs::canonicalize(&path).unwrap_or(path);
            places.entry(place).or_insert(shown);
        }
    }
    let mut places: Vec<_> = places.into_iter().collect();
    places.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(places)
}

/// A file that was named is a policy.
fn named(path: &Path, files: &Files) -> Result<PathBuf, Failure> {
    let shown = files.shown(path);
    if path.exists() && path.extension().is_none_or(|extension| extension != "pal") {
        let message = format!("`{shown}` is no policy: a policy's name ends in `.pal`");
        let help = "name policies, or folders of them".to_owned();
        return Err(Diagnostic::error(codes::FORMAT, message, None).with_help(Some(help)).into());
    }
    Ok(path.to_owned())
}

impl Formats {
    fn add(&mut self, path: Arc<str>, before: Arc<str>, place: Option<PathBuf>) {
        match api::format(&path, &before) {
            Ok(after) => self.files.push(Formatted { path, before, after, place }),
            Err(diagnostics) => self.fail(Failure { diagnostics, texts: [(path, before)].into() }),
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.left += 1;
        self.failure.diagnostics.extend(failure.diagnostics);
        self.failure.texts.extend(failure.texts);
    }
}

impl Formatted {
    /// Whether the layout makes another text of it.
    pub fn is_changed(&self) -> bool {
        *self.before != *self.after
    }

    /// Replaces the file, so that nobody ever sees half of it.
    pub fn write(&self) -> Result<(), Failure> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        replace(place, &self.after).map_err(|error| {
            let message = format!("`{}` could not be written and is as it was: {error}", self.path);
            Diagnostic::error(codes::FILE_UNWRITABLE, message, None).into()
        })
    }
}

/// Replaces a file in one step; its permissions stay.
pub(crate) fn replace(place: &Path, text: &str) -> std::io::Result<()> {
    let permissions = std::fs::metadata(place)?.permissions();
    if permissions.readonly() {
        return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let mut beside = tempfile::NamedTempFile::new_in(place.parent().unwrap_or(place))?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().set_permissions(permissions)?;
    beside.as_file().sync_all()?;
    beside.persist(place)?;
    Ok(())
}
