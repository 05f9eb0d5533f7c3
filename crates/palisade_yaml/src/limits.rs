//! How much is read before a text is refused. Far above what people write, far below what hurts.

/// The largest text, in bytes: offsets are 32 bits wide, with room to spare.
pub const MAX_BYTES: usize = 1 << 30;
/// How deep lists and mappings may be nested, aliases followed: a walk of a document may recurse.
pub const MAX_DEPTH: usize = 128;
/// How many documents a stream may have.
pub const MAX_DOCUMENTS: usize = 10_000;
/// How many errors are listed for a stream; one more says how many were left out.
pub const MAX_ERRORS: usize = 200;
/// How many nodes all aliases of a document together may stand for; or as many as the text has bytes, if those are more.
pub const MAX_EXPANSION: u64 = 1_000_000;

/// The limits as values, so that tests can reach them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: usize,
    pub(crate) depth: usize,
    pub(crate) documents: usize,
    pub(crate) errors: usize,
    pub(crate) expansion: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: MAX_BYTES,
            depth: MAX_DEPTH,
            documents: MAX_DOCUMENTS,
            errors: MAX_ERRORS,
            expansion: MAX_EXPANSION,
        }
    }
}
