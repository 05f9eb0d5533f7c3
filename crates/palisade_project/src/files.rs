//! Each file once, whatever ways lead to it, under the path that reports show.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use palisade_source::File;
use palisade_source::report::Texts;
use salsa::Durability;

use crate::Failure;
use crate::database::Database;
use crate::read;

/// The path of standard input in reports.
pub(crate) const STDIN: &str = "<stdin>";

/// The files that were read, by the place where they truly are.
#[derive(Default)]
pub(crate) struct Files {
    known: BTreeMap<PathBuf, File>,
    /// The folder that shown paths start from.
    base: PathBuf,
}

impl Files {
    pub(crate) fn new(base: &Path) -> Self {
        Self { known: BTreeMap::new(), base: base.to_owned() }
    }

    /// The file, read when it is first asked for.
    pub(crate) fn get(&mut self, path: &Path, db: &Database) -> Result<File, Failure> {
        self.open(path, Durability::LOW, db)
    }

    /// The same for a file that hardly ever changes while environments do.
    pub(crate) fn lasting(&mut self, path: &Path, db: &Database) -> Result<File, Failure> {
        self.open(path, Durability::HIGH, db)
    }

    fn open(&mut self, path: &Path, durability: Durability, db: &Database) -> Result<File, Failure> {
        let shown = self.shown(path);
        let Ok(place) = std::fs::canonicalize(path) else {
            return Err(read::file(path, &shown).err().unwrap_or_default());
        };
        if let Some(file) = self.known.get(&place) {
            return Ok(*file);
        }
        let text = read::file(path, &shown)?;
        let file = File::builder(Arc::from(shown), text).durability(durability).new(db);
        self.known.insert(place, file);
        Ok(file)
    }

    /// Standard input; it is read once.
    pub(crate) fn standard_input(&mut self, db: &Database) -> Result<File, Failure> {
        let place = PathBuf::from(STDIN);
        if let Some(file) = self.known.get(&place) {
            return Ok(*file);
        }
        let file = File::new(db, Arc::from(STDIN), read::standard_input(STDIN)?);
        self.known.insert(place, file);
        Ok(file)
    }

    /// The path as reports show it: from the base where it is below it, with `/`, without `.`.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let path = normal(&self.base.join(path));
        let path = path.strip_prefix(normal(&self.base)).unwrap_or(&path);
        let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        match parts.join("/") {
            empty if empty.is_empty() => ".".to_owned(),
            rooted => rooted.strip_prefix("//").map_or(rooted.clone(), |rest| format!("/{rest}")),
        }
    }
}

/// The path without `.` and with `..` resolved by name.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// A file with its text, for a report that points into it.
pub(crate) fn texts_of(file: File, db: &Database) -> Texts {
    [(Arc::clone(file.path(db)), Arc::clone(file.text(db)))].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_the_base_and_with_slashes() {
        let files = Files::new(Path::new("/home/me/net"));
        for (path, shown) in [
            ("envs/dev.yaml", "envs/dev.yaml"),
            ("./envs/../dev.yaml", "dev.yaml"),
            ("/home/me/net/a.yaml", "a.yaml"),
            ("/etc/a.yaml", "/etc/a.yaml"),
            ("../a.yaml", "/home/me/a.yaml"),
            (".", "."),
        ] {
            assert_eq!(files.shown(Path::new(path)), shown);
        }
    }

    #[test]
    fn two_ways_to_a_file_are_one_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), "name: a").unwrap();
        let (db, mut files) = (Database::default(), Files::new(folder.path()));
        let one = files.get(&folder.path().join("a.yaml"), &db).unwrap();
        let two = files.get(&folder.path().join("./a.yaml"), &db).unwrap();
        assert!(one == two);
        assert_eq!(&**one.path(&db), "a.yaml");
    }
}
