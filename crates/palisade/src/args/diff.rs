//! The options of `palisade diff`.

use clap::Args;

use super::{PlainFormat, PolicyArgs};

pub(crate) const EXAMPLES: &str = "\
Examples:
  palisade diff azureml_2019 azureml_v1             what must change in a network of 2019
  palisade diff azureml_v1 azureml_v2 --verbose     with what stays, and the words of the statements
  palisade diff public_internet_access_2022 public_internet_access_2025
  palisade diff azureml_v1 my_pack --output json

Traffic is compared by its packets, not by its text. What differs in its ports, its other end, its direction, its
conditions or its strength is shown with both sides. `palisade rules` lists packs, `palisade coverage` documents.

Exit codes: 0 both ask the same, 1 they differ, 2 no answer (a name is unknown, the policies have errors).";

#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// The old pack, or document by the name of its source.
    #[arg(value_name = "OLD")]
    pub(crate) old: String,
    /// The new one.
    #[arg(value_name = "NEW")]
    pub(crate) new: String,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    /// `full` or `json`.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub(crate) output: PlainFormat,
}
