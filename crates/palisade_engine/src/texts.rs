//! The texts that a report's places point into.

use palisade_source::report::Texts;

use crate::inputs::{Db, Environment, Program};

/// The texts of a program's files and of environments.
pub fn texts(db: &dyn Db, program: Program, environments: &[Environment]) -> Texts {
    let library = program.library(db).iter().chain(program.policies(db)).copied();
    let data = [*program.service_tags(db), *program.regions(db)].into_iter().chain(program.addresses(db));
    let own = environments.iter().map(|e| *e.file(db));
    let included = environments.iter().flat_map(|e| e.included(db).iter().copied());
    let tags = environments.iter().filter_map(|e| e.addresses(db));
    let all = library.chain(data).chain(tags).chain(own).chain(included);
    all.map(|file| (file.path(db).clone(), file.text(db).clone())).collect()
}
