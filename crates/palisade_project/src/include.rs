//! The files that an environment includes: named or matched by patterns, only below the project's root.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use palisade_engine::api::{self, Document};
use palisade_source::report::Texts;
use palisade_source::{Diagnostic, File, Span};
use palisade_yaml::{Case, Segment};

use crate::Failure;
use crate::codes;
use crate::config::project_root;
use crate::database::Database;
use crate::files::{Files, texts_of};
use crate::patterns;

/// Follows the includes of documents.
pub(crate) struct Includes<'a> {
    db: &'a Database,
    files: &'a mut Files,
    found: Vec<File>,
    faults: Vec<Diagnostic>,
    texts: Texts,
}

/// A document that includes, and the folder that its patterns start from.
struct Origin<'a> {
    file: File,
    document: &'a Document,
    folder: PathBuf,
}

impl<'a> Includes<'a> {
    /// All files that a document includes, each once, in the order in which they are named; those that an included
    /// file includes follow it. `folder`: where the document's patterns start from.
    pub(crate) fn of(
        file: File,
        document: &Document,
        folder: &Path,
        db: &'a Database,
        files: &'a mut Files,
    ) -> Result<Vec<File>, Failure> {
        let mut includes = Self { db, files, found: Vec::new(), faults: Vec::new(), texts: texts_of(file, db) };
        includes.follow(&Origin { file, document, folder: folder.to_owned() }, file);
        if includes.faults.is_empty() {
            return Ok(includes.found);
        }
        Err(Failure { diagnostics: includes.faults, texts: includes.texts })
    }

    fn follow(&mut self, origin: &Origin<'_>, root: File) {
        for (index, pattern) in origin.document.includes.iter().enumerate() {
            match self.paths(pattern, &origin.folder) {
                Ok(paths) => paths.iter().for_each(|path| self.add(path, origin, index, root)),
                Err(fault) => self.fault(*fault, origin, index),
            }
        }
    }

    /// The files that a pattern names, all of them below the project's root.
    fn paths(&self, pattern: &str, folder: &Path) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
        let paths = if patterns::is_pattern(pattern) && !folder.join(pattern).is_file() {
            patterns::matches(pattern, folder).map_err(|why| {
                let message = format!("the pattern `{pattern}` cannot be read: {why}");
                Box::new(
                    Diagnostic::error(codes::BAD_PATTERN, message, None).with_help(Some(patterns::HELP.to_owned())),
                )
            })?
        } else {
            vec![folder.join(pattern)]
        };
        if paths.is_empty() {
            let message = format!("`{pattern}` matches no file in `{}`", self.files.shown(folder));
            let help = "name the file, or a pattern such as `shared/*.yaml`; it starts from the folder of this file"
                .to_owned();
            return Err(Box::new(Diagnostic::error(codes::INCLUDE_MISSING, message, None).with_help(Some(help))));
        }
        let root = project_root(folder);
        match paths.iter().find(|path| !is_below(path, &root)) {
            Some(path) => Err(Box::new(outside(&self.files.shown(path), &self.files.shown(&root)))),
            None => Ok(paths),
        }
    }

    fn add(&mut self, path: &Path, origin: &Origin<'_>, index: usize, root: File) {
        let file = match self.files.get(path, self.db) {
            Ok(file) => file,
            Err(failure) => return self.unreadable(failure, origin, index),
        };
        if file == root || self.found.contains(&file) {
            return;
        }
        self.found.push(file);
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        for document in &api::documents(self.db, file) {
            self.texts.extend(texts_of(file, self.db));
            self.follow(&Origin { file, document, folder: folder.clone() }, root);
        }
    }

    /// A fault at the place of the include that led to it.
    fn fault(&mut self, mut fault: Diagnostic, origin: &Origin<'_>, index: usize) {
        fault.span = self.place(origin, index);
        self.faults.push(fault);
    }

    fn unreadable(&mut self, failure: Failure, origin: &Origin<'_>, index: usize) {
        self.texts.extend(failure.texts);
        for cause in failure.diagnostics {
            let message = format!("an included file cannot be read: {}", cause.message);
            let own = "a path starts from the folder of the file that names it".to_owned();
            let help = cause.help.filter(|help| help.starts_with("did you mean")).or(Some(own));
            let mut fault = Diagnostic::error(codes::INCLUDE_MISSING, message, None).with_help(help);
            fault.related = cause
                .span
                .into_iter()
                .map(|span| palisade_source::Label { span, message: "here".to_owned() })
                .collect();
            self.fault(fault, origin, index);
        }
    }

    fn place(&self, origin: &Origin<'_>, index: usize) -> Option<Span> {
        let stream = palisade_yaml::parse(Arc::clone(origin.file.text(self.db)));
        let document = stream.documents.get(origin.document.index)?;
        let item = [Segment::Key("include"), Segment::Index(index)];
        let found = document.locate(&item, Case::Exact).or_else(|| document.locate(&item[..1], Case::Exact))?;
        Some(Span { path: Arc::clone(origin.file.path(self.db)), range: found.value })
    }
}

/// Whether a file is truly below a folder, links followed. What does not exist is judged by its name.
pub(crate) fn is_below(path: &Path, root: &Path) -> bool {
    let place = std::fs::canonicalize(path).unwrap_or_else(|_| crate::files::normal(path));
    let root = std::fs::canonicalize(root).unwrap_or_else(|_| crate::files::normal(root));
    place.starts_with(root)
}

fn outside(path: &str, root: &str) -> Diagnostic {
    let message = format!("`{path}` is outside of the project, whose root is `{root}`");
    let help = format!("move the file below `{root}`, or put a `palisade.yaml` into a folder above both");
    Diagnostic::error(codes::INCLUDE_OUTSIDE, message, None).with_help(Some(help))
}
