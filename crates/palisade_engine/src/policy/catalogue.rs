//! The catalogue of service tags and regions, read from the data files of the library, and Microsoft's files of the
//! addresses of tags where the user gives them.
//!
//! A file of addresses is read once, whoever names it. Policies know the library's tags and those of the program's file;
//! an environment knows these and those of its own file, and is judged by the addresses of its own file alone.

use std::sync::Arc;

use palisade_net::{ServiceTagFile, TagCatalogue, TagFileError, ValueError};
use palisade_source::{Diagnostic, File, Span, TextRange, TextSize};

use crate::inputs::{Db, Environment, Program};

/// What is reported for a file of addresses that cannot be used.
pub const SERVICE_TAGS_INVALID: &str = "service-tags-invalid";

/// A catalogue, and what kept it from being whole.
#[derive(Clone, Debug, PartialEq)]
struct Catalogue {
    tags: Arc<TagCatalogue>,
    fault: Option<TagFileError>,
}

/// The library's own catalogue; empty if its files are at fault.
#[salsa::tracked(returns(ref), no_eq)]
fn shipped(db: &dyn Db, program: Program) -> (Arc<TagCatalogue>, Option<ValueError>) {
    let texts = (program.service_tags(db).text(db), program.regions(db).text(db));
    match TagCatalogue::from_yaml(texts.0, texts.1) {
        Ok(tags) => (Arc::new(tags), None),
        Err(error) => (Arc::default(), Some(error)),
    }
}

/// A file of the addresses of tags.
#[salsa::tracked(returns(ref), no_eq)]
fn tag_file(db: &dyn Db, file: File) -> Result<Arc<ServiceTagFile>, TagFileError> {
    ServiceTagFile::from_json(file.text(db)).map(Arc::new)
}

/// What policies know.
#[salsa::tracked(returns(ref), no_eq)]
fn of_program(db: &dyn Db, program: Program) -> Catalogue {
    with(db, &shipped(db, program).0, program.addresses(db))
}

/// What an environment knows whose file is another than the program's.
#[salsa::tracked(returns(ref), no_eq)]
fn of_file(db: &dyn Db, program: Program, file: File) -> Catalogue {
    with(db, catalogue(db, program), Some(file))
}

/// A catalogue with the tags that a file lists and it does not.
fn with(db: &dyn Db, tags: &Arc<TagCatalogue>, file: Option<File>) -> Catalogue {
    let Some(file) = file else { return Catalogue { tags: tags.clone(), fault: None } };
    let more = tag_file(db, file).clone().and_then(|file| tags.with_file(&file).map_err(TagFileError::from));
    match more {
        Ok(more) => Catalogue { tags: Arc::new(more), fault: None },
        Err(fault) => Catalogue { tags: tags.clone(), fault: Some(fault) },
    }
}

/// The service tags and regions that policies may name.
pub fn catalogue(db: &dyn Db, program: Program) -> &Arc<TagCatalogue> {
    &of_program(db, program).tags
}

/// The service tags and regions that an environment may name; those of policies are among them.
pub fn environment_catalogue(db: &dyn Db, program: Program, environment: Environment) -> &Arc<TagCatalogue> {
    own_file(db, program, environment).map_or_else(|| catalogue(db, program), |file| &of_file(db, program, file).tags)
}

/// Where service tags lie, if the environment has a file that says so.
pub fn addresses(db: &dyn Db, environment: Environment) -> Option<&Arc<ServiceTagFile>> {
    tag_file(db, environment.addresses(db)?).as_ref().ok()
}

/// What is wrong with the data files of the library and with the program's file of addresses.
pub fn catalogue_faults(db: &dyn Db, program: Program) -> Vec<Diagnostic> {
    let shipped = shipped(db, program).1.as_ref().map(|error| {
        let span = Span { path: program.service_tags(db).path(db).clone(), range: TextRange::default() };
        let message = format!("the catalogue of service tags cannot be used: {}", error.message);
        Diagnostic::error("library-data", message, Some(span)).with_help(error.help.clone())
    });
    let given = program.addresses(db).zip(of_program(db, program).fault.as_ref());
    shipped.into_iter().chain(given.map(|(file, fault)| file_fault(db, file, fault))).collect()
}

/// What is wrong with an environment's file of addresses; the program's is the program's fault.
pub fn environment_fault(db: &dyn Db, program: Program, environment: Environment) -> Option<Diagnostic> {
    let file = own_file(db, program, environment)?;
    Some(file_fault(db, file, of_file(db, program, file).fault.as_ref()?))
}

/// The environment's file of addresses, if it is another than the program's.
fn own_file(db: &dyn Db, program: Program, environment: Environment) -> Option<File> {
    environment.addresses(db).filter(|file| program.addresses(db) != Some(*file))
}

fn file_fault(db: &dyn Db, file: File, fault: &TagFileError) -> Diagnostic {
    let at = TextSize::new(u32::try_from(fault.at).unwrap_or(0));
    let span = Span { path: file.path(db).clone(), range: TextRange::empty(at) };
    let message = format!("the file of service tags cannot be used: {}", fault.error.message);
    Diagnostic::error(SERVICE_TAGS_INVALID, message, Some(span)).with_help(fault.error.help.clone())
}
