//! Which of Microsoft's files of the addresses of service tags holds where: the one of the command line for everything, else the
//! one that an environment names, else the one of the configuration. Each is read once, whoever names it.

use std::path::Path;
use std::sync::Arc;

use palisade_engine::api::Document;
use palisade_source::{Diagnostic, File, Span};
use palisade_yaml::{Case, Segment};

use crate::config::{Config, project_root};
use crate::database::Database;
use crate::files::{Files, texts_of};
use crate::include::is_below;
use crate::{Failure, codes};

/// The key that names a file, in an environment and in the configuration.
pub(crate) const KEY: &str = "service_tags";

/// The files that hold for many environments.
#[derive(Clone, Copy, Default)]
pub(crate) struct ServiceTags {
    /// From the command line.
    given: Option<File>,
    /// From the configuration; not read where one was given.
    configured: Option<File>,
}

impl ServiceTags {
    /// Reads the file of the command line, or that of the configuration.
    pub(crate) fn open(
        given: Option<&Path>,
        config: &Config,
        files: &mut Files,
        db: &Database,
    ) -> Result<Self, Failure> {
        if let Some(path) = given {
            return Ok(Self { given: Some(files.lasting(path, db)?), configured: None });
        }
        let Some(written) = &config.service_tags else { return Ok(Self::default()) };
        let named = Named { written, folder: &config.root, root: &config.root, at: config.place(&[Segment::Key(KEY)]) };
        let configured = named.read(files, db).map_err(|mut failure| {
            failure.texts.extend(config.source().map(|(path, text)| (Arc::clone(path), Arc::clone(text))));
            failure
        });
        Ok(Self { given: None, configured: Some(configured?) })
    }

    /// The file whose tags policies may name.
    pub(crate) fn of_program(self) -> Option<File> {
        self.given.or(self.configured)
    }

    /// The file that holds for a document of a file. `folder`: where the document's paths start from.
    pub(crate) fn of_environment(
        self,
        file: File,
        document: &Document,
        folder: &Path,
        files: &mut Files,
        db: &Database,
    ) -> Result<Option<File>, Failure> {
        match (&document.service_tags, self.given) {
            (Some(written), None) => {
                let named = Named { written, folder, root: &project_root(folder), at: place(file, document, db) };
                let read = named.read(files, db).map_err(|mut failure| {
                    failure.texts.extend(texts_of(file, db));
                    failure
                });
                read.map(Some)
            }
            _ => Ok(self.of_program()),
        }
    }
}

/// A file that a text names.
struct Named<'a> {
    written: &'a str,
    folder: &'a Path,
    /// What it must lie below.
    root: &'a Path,
    at: Option<Span>,
}

impl Named<'_> {
    fn read(self, files: &mut Files, db: &Database) -> Result<File, Failure> {
        let path = self.folder.join(self.written);
        if !is_below(&path, self.root) {
            return Err(self.outside(files));
        }
        files.lasting(&path, db).map_err(|failure| self.unreadable(failure))
    }

    fn outside(&self, files: &Files) -> Failure {
        let (path, root) = (files.shown(&self.folder.join(self.written)), files.shown(self.root));
        let message = format!("`{path}` is outside of the project, whose root is `{root}`");
        let help = format!("move the file below `{root}`, or name it on the command line with `--service-tags`");
        Diagnostic::error(codes::SERVICE_TAGS, message, self.at.clone()).with_help(Some(help)).into()
    }

    fn unreadable(&self, failure: Failure) -> Failure {
        let Failure { diagnostics, texts } = failure;
        let here = |cause: Diagnostic| {
            let message = format!("the file of service tags cannot be read: {}", cause.message);
            let help = "a path starts from the folder of the file that names it".to_owned();
            Diagnostic::error(codes::SERVICE_TAGS, message, self.at.clone()).with_help(cause.help.or(Some(help)))
        };
        Failure { diagnostics: diagnostics.into_iter().map(here).collect(), texts }
    }
}

fn place(file: File, document: &Document, db: &Database) -> Option<Span> {
    let stream = palisade_yaml::parse(Arc::clone(file.text(db)));
    let found = stream.documents.get(document.index)?.locate(&[Segment::Key(KEY)], Case::Exact)?;
    Some(Span { path: Arc::clone(file.path(db)), range: found.value })
}
