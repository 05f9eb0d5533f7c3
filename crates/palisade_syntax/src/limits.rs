//! The limits of a policy file. Beyond one of them the file is not read further and says so: a clear error, never a
//! crash, never a run without end.

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// How deep brackets, conditionals, quantifiers and types may stand in each other within one item.
pub const MAX_NESTING: usize = 64;

/// The most items in one file.
pub const MAX_ITEMS: usize = 10_000;

/// The most links after one operand: `.field`, `[key]`, `(arguments)`.
pub const MAX_LINKS: usize = 64;

/// The most errors that are listed for one file; the last one says how many there are.
pub const MAX_ERRORS: usize = 1_000;

/// A documented limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is limited, in words.
    pub what: &'static str,
    /// The most that is accepted.
    pub most: usize,
    /// The unit of `most`.
    pub unit: &'static str,
}

/// All limits of a policy file, for documentation and messages.
pub const LIMITS: &[Limit] = &[
    Limit { what: "size of a file", most: MAX_FILE_BYTES, unit: "bytes" },
    Limit { what: "nesting within an item", most: MAX_NESTING, unit: "levels" },
    Limit { what: "items in a file", most: MAX_ITEMS, unit: "items" },
    Limit { what: "links after one operand", most: MAX_LINKS, unit: "links" },
    Limit { what: "errors listed for a file", most: MAX_ERRORS, unit: "errors" },
];
