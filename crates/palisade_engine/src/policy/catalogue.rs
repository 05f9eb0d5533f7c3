//! The catalogue of service tags and regions, read from the data files of the library.

use std::sync::Arc;

use palisade_net::TagCatalogue;
use palisade_source::{Diagnostic, Span, TextRange};

use crate::inputs::{Db, Program};

/// The catalogue with the faults of its files.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    /// Empty if the files are at fault.
    pub tags: Arc<TagCatalogue>,
    /// What is wrong with the files.
    pub faults: Vec<Diagnostic>,
}

/// Reads the catalogue.
#[salsa::tracked(returns(ref), no_eq)]
fn read(db: &dyn Db, program: Program) -> Catalogue {
    let (tags, regions) = (program.service_tags(db), program.regions(db));
    match TagCatalogue::from_yaml(tags.text(db), regions.text(db)) {
        Ok(tags) => Catalogue { tags: Arc::new(tags), faults: Vec::new() },
        Err(error) => {
            let span = Span { path: tags.path(db).clone(), range: TextRange::default() };
            let message = format!("the catalogue of service tags cannot be read: {error}");
            let faults = vec![Diagnostic::error("library-data", message, Some(span))];
            Catalogue { tags: Arc::new(TagCatalogue::default()), faults }
        }
    }
}

/// The service tags and regions of the library.
pub fn catalogue(db: &dyn Db, program: Program) -> &Arc<TagCatalogue> {
    &read(db, program).tags
}

/// What is wrong with the library's data files.
pub fn catalogue_faults(db: &dyn Db, program: Program) -> &[Diagnostic] {
    &read(db, program).faults
}
