//! New policies, written into the folder of the user's own.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use palisade_engine::api::{self, NewRule};
use palisade_source::Diagnostic;

use crate::config::Config;
use crate::database::Database;
use crate::files::Files;
use crate::format::{DEFAULT_FOLDER, replace};
use crate::library::{self, policies_below};
use crate::{Failure, Policies, Setup, codes};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The file, as reports show it.
    pub path: String,
    /// Whether it was there before and has grown.
    pub grown: bool,
}

/// Writes a rule and its tests into the folder of policies that is named, else that of the configuration, else `policies`.
/// Nothing that is there is changed, but that a module grows.
pub fn new_rule(setup: &Setup, name: &str, on: &str) -> Result<Created, Failure> {
    let (db, files) = (Database::default(), Files::new(&setup.here));
    let config = Config::load(&setup.here, &files)?;
    let named = setup.policies.own.as_ref().map(|folder| setup.here.join(folder));
    let root = named.or(config.policies).unwrap_or_else(|| config.root.join(DEFAULT_FOLDER));
    let own = Some(root.clone()).filter(|root| root.is_dir() && policies_below(root, &files).is_ok());
    let library = setup.policies.library.as_ref().map(|folder| setup.here.join(folder));
    let has_own = own.is_some();
    let program = library::program(&Policies { own, library, service_tags: None }, None, &files, &db)?;
    let in_library = has_own && program.policies(&db).is_empty();
    let wanted = NewRule { name: name.to_owned(), on: on.to_owned(), in_library };
    let scaffold = api::new_rule(&db, program, &wanted).map_err(Failure::from)?;
    let place = root.join(format!("{}.pal", scaffold.module.replace('.', "/")));
    let path = files.shown(&place);
    let written = if scaffold.grown { replace(&place, &scaffold.text) } else { create(&place, &scaffold.text) };
    written.map_err(|error| {
        let message = format!("`{path}` could not be written: {error}");
        Failure::from(Diagnostic::error(codes::FILE_UNWRITABLE, message, None))
    })?;
    Ok(Created { path, grown: scaffold.grown })
}

/// A file that was not there.
fn create(place: &Path, text: &str) -> std::io::Result<()> {
    let folder = place.parent().map(PathBuf::from).unwrap_or_default();
    fs::create_dir_all(folder)?;
    File::create_new(place)?.write_all(text.as_bytes())
}
