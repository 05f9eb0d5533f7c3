//! The arguments of `palisade test`: which tests run, what they are measured by, and where the results go.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use palisade_project::MutantSelection;
use palisade_source::report::MUTANT_KINDS;

use super::{PlainFormat, PolicyArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  palisade test policies
  palisade test --policies policies policies/network/subnets.pal --filter \"deny above\"
  palisade test policies --coverage-threshold 80 --junit tests.xml
  palisade test policies --mutate-sample 200 --mutate-threshold 90
  palisade test policies --mutate-in network.subnets --mutate-kinds port,protocol

Exit codes: 0 all passed, 1 some failed or a threshold was missed, 2 the policies have errors, 3 no test ran.";

#[derive(Args, Debug)]
pub(crate) struct Test {
    /// The folder of the policies; with `--policies`, folders and files in it.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Run only the tests whose `module/name` contains this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    #[command(flatten)]
    pub(crate) coverage: CoverageArgs,
    #[command(flatten)]
    pub(crate) mutation: MutationArgs,
    /// Run the tests again whenever a policy changes, until Ctrl-C.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Write the results into a file as well, in the format of `JUnit` that CI servers read.
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub(crate) junit: Option<PathBuf>,
    /// `full` or `json`.
    #[arg(long, value_name = "FORMAT", default_value = "full", help_heading = "Report")]
    pub(crate) output: PlainFormat,
    /// How many tests run at once; it changes nothing but the time.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
}

/// What the tests see of the policies.
#[derive(Args, Debug)]
#[command(next_help_heading = "Coverage")]
pub(crate) struct CoverageArgs {
    /// Say which rules, branches and traffic lines no test saw, each way that they can come out.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Fail if less than this is seen of rules, branches and traffic lines together; implies `--coverage`.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) coverage_threshold: Option<u8>,
}

/// Which mistakes in the policies the tests notice.
#[derive(Args, Debug)]
#[command(next_help_heading = "Mutation")]
pub(crate) struct MutationArgs {
    /// Put one small mistake after another into the policies, and say which no test notices.
    #[arg(long, conflicts_with_all = ["coverage", "coverage_threshold"])]
    pub(crate) mutate: bool,
    /// Of all mistakes try about N, always the same; implies `--mutate`.
    #[arg(long, value_name = "N", conflicts_with_all = ["coverage", "coverage_threshold"])]
    pub(crate) mutate_sample: Option<NonZero<usize>>,
    /// Only mistakes in these modules and items, and below; implies `--mutate`.
    #[arg(long, value_name = "NAME", value_delimiter = ',', conflicts_with_all = ["coverage", "coverage_threshold"])]
    pub(crate) mutate_in: Vec<String>,
    /// Only mistakes of these kinds; implies `--mutate`.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = PossibleValuesParser::new(MUTANT_KINDS))]
    #[arg(conflicts_with_all = ["coverage", "coverage_threshold"])]
    pub(crate) mutate_kinds: Vec<String>,
    /// Fail if less than this is noticed; implies `--mutate`.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    #[arg(conflicts_with_all = ["coverage", "coverage_threshold"])]
    pub(crate) mutate_threshold: Option<u8>,
}

impl MutationArgs {
    pub(crate) fn wanted(&self) -> bool {
        let narrowed = !(self.mutate_in.is_empty() && self.mutate_kinds.is_empty());
        self.mutate || narrowed || self.mutate_sample.is_some() || self.mutate_threshold.is_some()
    }

    pub(crate) fn selection(&self) -> MutantSelection {
        MutantSelection {
            kinds: self.mutate_kinds.clone(),
            within: self.mutate_in.clone(),
            sample: self.mutate_sample.map(NonZero::get),
        }
    }
}

impl CoverageArgs {
    pub(crate) fn wanted(&self) -> bool {
        self.coverage || self.coverage_threshold.is_some()
    }
}
