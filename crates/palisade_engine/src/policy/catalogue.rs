//! The catalogue of service tags and regions, read from the data files of the library, and the addresses of tags if the
//! user gives Microsoft's file of them.

use std::sync::Arc;

use palisade_net::{ServiceTagFile, TagCatalogue, ValueError};
use palisade_source::{Diagnostic, File, Span, TextRange};

use crate::inputs::{Db, Program};

/// The catalogue with the faults of its files.
#[derive(Clone, Debug, PartialEq)]
struct Catalogue {
    /// Empty if the files are at fault.
    tags: Arc<TagCatalogue>,
    /// Where tags lie, if that is known.
    addresses: Option<Arc<ServiceTagFile>>,
    /// What is wrong with the files.
    faults: Vec<Diagnostic>,
}

/// Reads the catalogue.
#[salsa::tracked(returns(ref), no_eq)]
fn read(db: &dyn Db, program: Program) -> Catalogue {
    let (tags, regions) = (program.service_tags(db), program.regions(db));
    let mut faults = Vec::new();
    let mut at_fault = |file: File, what: &str, error: &ValueError| {
        let span = Span { path: file.path(db).clone(), range: TextRange::default() };
        let message = format!("{what} cannot be used: {}", error.message);
        faults.push(Diagnostic::error("library-data", message, Some(span)).with_help(error.help.clone()));
    };
    let tags = TagCatalogue::from_yaml(tags.text(db), regions.text(db)).unwrap_or_else(|error| {
        at_fault(*tags, "the catalogue of service tags", &error);
        TagCatalogue::default()
    });
    let known = program.addresses(db).and_then(|file| match with_addresses(&tags, file.text(db)) {
        Ok(known) => Some(known),
        Err(error) => {
            at_fault(file, "the file of service tags", &error);
            None
        }
    });
    let (tags, addresses) = match known {
        Some((tags, addresses)) => (tags, Some(Arc::new(addresses))),
        None => (tags, None),
    };
    Catalogue { tags: Arc::new(tags), addresses, faults }
}

fn with_addresses(tags: &TagCatalogue, text: &str) -> Result<(TagCatalogue, ServiceTagFile), ValueError> {
    let addresses = ServiceTagFile::from_json(text)?;
    Ok((tags.with_file(&addresses)?, addresses))
}

/// The service tags and regions of the library, and those of Microsoft's file if there is one.
pub fn catalogue(db: &dyn Db, program: Program) -> &Arc<TagCatalogue> {
    &read(db, program).tags
}

/// Where service tags lie, if the user gave Microsoft's file.
pub fn addresses(db: &dyn Db, program: Program) -> Option<&Arc<ServiceTagFile>> {
    read(db, program).addresses.as_ref()
}

/// What is wrong with the data files.
pub fn catalogue_faults(db: &dyn Db, program: Program) -> &[Diagnostic] {
    &read(db, program).faults
}
