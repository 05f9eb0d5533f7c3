//! How the hosts of Azure's resources are named, read from a data file of the library.

use palisade_net::{HostNames, NamedResource};
use palisade_source::{Diagnostic, Span, TextRange};

use super::schema::schema;
use crate::inputs::{Db, Program};

/// The names with the faults of the file; none if it cannot be read.
#[salsa::tracked(returns(ref))]
fn read(db: &dyn Db, program: Program) -> (HostNames, Vec<Diagnostic>) {
    let file = *program.host_names(db);
    let fault = |message: String| {
        let span = Span { path: file.path(db).clone(), range: TextRange::default() };
        Diagnostic::error("library-data", message, Some(span))
    };
    let names = match HostNames::from_yaml(file.text(db)) {
        Ok(names) => names,
        Err(error) => {
            let message = format!("the catalogue of host names cannot be used: {}", error.message);
            return (HostNames::default(), vec![fault(message).with_help(error.help)]);
        }
    };
    let declared = &schema(db, program).value;
    let known = |name: &str| name.rsplit_once('.').is_some_and(|(m, n)| declared.find_record(m, n).is_some());
    let undeclared =
        |kind: &NamedResource| fault(format!("hosts of `{}` are named, but no policy declares it", kind.resource));
    let odd = names.resources().iter().filter(|kind| !known(&kind.resource));
    let faults = odd.map(undeclared).collect();
    (names, faults)
}

/// How the hosts of Azure's resources are named.
pub fn host_names(db: &dyn Db, program: Program) -> &HostNames {
    &read(db, program).0
}

/// What is wrong with the file.
pub fn host_name_faults(db: &dyn Db, program: Program) -> &[Diagnostic] {
    &read(db, program).1
}
