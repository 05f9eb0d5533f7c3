//! The options of `palisade coverage`.

use clap::{Args, ValueEnum};

use super::PolicyArgs;

#[derive(Args, Debug)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    /// `full`, `json` or `markdown`: a page with what each statement says and which outcomes tests expect of its rules.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub(crate) output: CoverageFormat,
}

/// The formats of `coverage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// Tables.
    Full,
    /// JSON, version 1.
    Json,
    /// A page.
    Markdown,
}
