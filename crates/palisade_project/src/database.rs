//! The concrete database: memory for the engine's queries. A clone is a handle for another thread.

/// Holds inputs and memos. Clones share them; all but one must be dropped before an input is set.
#[salsa::db]
#[derive(Clone, Default)]
pub(crate) struct Database {
    storage: salsa::Storage<Self>,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl palisade_source::Db for Database {}

#[salsa::db]
impl palisade_engine::inputs::Db for Database {}
