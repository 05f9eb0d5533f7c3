//! The command line, as clap reads it. Help texts are part of the product.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use palisade_project::Policies;
use palisade_source::Severity;

pub(crate) use self::coverage::{Coverage, CoverageFormat};
pub(crate) use self::diff::Diff;
pub(crate) use self::new::{New, NewRule};
pub(crate) use self::test::Test;

mod coverage;
mod diff;
mod new;
mod test;

/// Policy as code for Azure networks: checks environments against what Microsoft's documents require.
#[derive(Debug, Parser)]
#[command(name = "palisade", version, subcommand_required = true, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 fine, 1 violations, 2 no answer, 3 nothing was checked.")]
pub(crate) struct Cli {
    /// When to write in colour; `auto` heeds the terminal, `NO_COLOR` and `CLICOLOR_FORCE`.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = false)]
    pub(crate) color: Color,
    /// Print the counts and what prevented an answer, nothing else.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print the counts of each environment, the rules that ran and the files that were left out as well.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check environments against the policies.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Ask whether traffic would be allowed, and which rule decides.
    #[command(after_help = FLOW_EXAMPLES)]
    Flow(Flow),
    /// Run the tests of policies.
    #[command(after_help = test::EXAMPLES)]
    Test(Test),
    /// Bring policies into their canonical layout; comments and meaning stay.
    #[command(after_help = FMT_EXAMPLES)]
    Fmt(Fmt),
    /// Say what could be better in policies: what is unused, untested, undocumented, or contradicts itself.
    #[command(after_help = LINT_EXAMPLES)]
    Lint(Lint),
    /// Write something new.
    #[command(subcommand)]
    New(New),
    /// Say how a rule came to its outcome at a place: clause by clause, with values and where they stand.
    #[command(after_help = WHY_EXAMPLES)]
    Why(Why),
    /// Say what lies between two packs, or two documents: which traffic and what else is dropped, added, changed.
    #[command(after_help = diff::EXAMPLES)]
    Diff(Diff),
    /// Show the page of a rule, a statement, a pack or a diagnostic code.
    #[command(after_help = "Examples:\n  palisade explain v1.pip.inbound.aml_tcp44224\n  palisade explain unknown-key")]
    Explain(Explain),
    /// List the rules.
    Rules(Listing),
    /// Print the matrix of statements, the rules that check them, and their tests.
    Coverage(Coverage),
    /// Print the version.
    Version(Version),
    /// Print the completions for a shell.
    #[command(
        after_help = "Example:\n  palisade completions bash > ~/.local/share/bash-completion/completions/palisade"
    )]
    Completions(Completions),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  palisade check                                   the environments of palisade.yaml, else those in this folder
  palisade check envs/dev.yaml --pack azureml_v2
  palisade check envs --output full --output json=report.json
  terraform-to-env | palisade check -

Exit codes: 0 nothing at or above --fail-on, 1 violations, 2 no answer, 3 nothing was checked.";

const FLOW_EXAMPLES: &str = "\
Examples:
  palisade flow env.yaml --on computes.ci-1 --inbound --protocol tcp --remote AzureMachineLearning \\
      --local-port 44224 --groups-only
  palisade flow env.yaml --on ml/training --outbound --protocol tcp --remote Storage.eastus2 \\
      --remote-port 443 --groups-only

Exit codes: 0 allowed, 1 denied or partial, 2 bad question, 4 undetermined.";

const WHY_EXAMPLES: &str = "\
Examples:
  palisade why azureml.v2.public_ip.public_ip_inbound computes.ci-1 env.yaml
  palisade why unlocked_resource_group ml env.yaml --pack azureml_v1 --output json

Exit codes: 0 answered, whatever the outcome, 2 bad question.";

const FMT_EXAMPLES: &str = "\
Examples:
  palisade fmt                      the policies of palisade.yaml, else of ./policies
  palisade fmt policies --check     for CI: name the files that are not formatted
  palisade fmt rules.pal --diff
  palisade fmt - < rules.pal

A file that cannot be read is left as it is, and the exit code says so.

Exit codes: 0 all are formatted now, 1 with --check or --diff: some would change,
2 something could not be read or written, 3 there are no policies to format.";

const LINT_EXAMPLES: &str = "\
Examples:
  palisade lint                               the policies of palisade.yaml, else of ./policies
  palisade lint policies --ignore missing-doc
  palisade lint policies --select contradiction --output concise
  palisade lint --fix                         remove what is unused, rename what is oddly named

`palisade explain CODE` shows the page of a lint.

Exit codes: 0 nothing found or left, 1 something found, 2 the policies have errors or a code is unknown,
3 there are no policies to lint.";

/// Where policies come from.
#[derive(Args, Clone, Debug)]
pub(crate) struct PolicyArgs {
    /// The folder of your own policies; one that declares `extern fn` takes the library's place.
    #[arg(long, value_name = "DIR")]
    pub(crate) policies: Option<PathBuf>,
    /// A folder that takes the place of the built-in library.
    #[arg(long, value_name = "DIR")]
    pub(crate) library: Option<PathBuf>,
    /// Microsoft's JSON of the addresses of service tags: settles verdicts about public ranges.
    #[arg(long, value_name = "FILE")]
    pub(crate) service_tags: Option<PathBuf>,
}

impl From<&PolicyArgs> for Policies {
    fn from(args: &PolicyArgs) -> Self {
        Self { own: args.policies.clone(), library: args.library.clone(), service_tags: args.service_tags.clone() }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Environment files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read more paths from a file, one a line (`-`: from standard input).
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    #[command(flatten)]
    pub(crate) choice: Choice,
    #[command(flatten)]
    pub(crate) failing: Failing,
    /// List passes and what was not applicable as well.
    #[arg(long, help_heading = "Report")]
    pub(crate) all: bool,
    /// Show only findings of at least this severity; the counts are of all.
    #[arg(long, value_name = "SEVERITY", help_heading = "Report")]
    pub(crate) min_severity: Option<SeverityArg>,
    /// Show at most this many findings in `full` and `concise`.
    #[arg(long, value_name = "N", help_heading = "Report")]
    pub(crate) max_diagnostics: Option<usize>,
    /// The format, and a file to write it to: `full`, `concise`, `json`. May be repeated.
    #[arg(long, value_name = "FORMAT[=PATH]", help_heading = "Report", value_parser = OutputSpec::parse)]
    pub(crate) output: Vec<OutputSpec>,
    /// How many environments are checked at once; it changes nothing but the time.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
}

/// Which rules run, and how grave they are.
#[derive(Args, Debug)]
#[command(next_help_heading = "Rules")]
pub(crate) struct Choice {
    /// The packs to check; without it the stable ones.
    #[arg(long, value_name = "PACK", value_delimiter = ',')]
    pub(crate) pack: Vec<String>,
    /// Only these rules or modules.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Not these rules or modules.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Give these rules the severity `error`.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) error: Vec<String>,
    /// Give these rules the severity `warning`.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) warn: Vec<String>,
    /// Give these rules the severity `info`.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) info: Vec<String>,
}

/// What makes the exit code 1.
#[derive(Args, Debug)]
#[command(next_help_heading = "Exit code")]
pub(crate) struct Failing {
    /// The least severity that fails (default: error).
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<SeverityArg>,
    /// Fail when anything is undetermined.
    #[arg(long)]
    pub(crate) fail_on_undetermined: bool,
    /// Do not fail for violations; what could not be checked still fails.
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    Error,
    Warning,
    Info,
}

impl From<SeverityArg> for Severity {
    fn from(arg: SeverityArg) -> Self {
        match arg {
            SeverityArg::Error => Self::Error,
            SeverityArg::Warning => Self::Warning,
            SeverityArg::Info => Self::Info,
        }
    }
}

/// A format and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutputSpec {
    pub(crate) format: Format,
    /// `None`: standard output.
    pub(crate) path: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Full,
    Concise,
    Json,
}

const FORMATS: [(&str, Format); 3] = [("full", Format::Full), ("concise", Format::Concise), ("json", Format::Json)];
/// Known to the contract, not written yet.
const LATER_FORMATS: [&str; 8] = ["jsonl", "sarif", "junit", "github", "azure", "gitlab", "markdown", "html"];

impl OutputSpec {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, path) = match text.split_once('=') {
            Some((_, "")) => return Err("a path is expected after `=`".to_owned()),
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (text, None),
        };
        match FORMATS.iter().find(|(known, _)| *known == name) {
            Some((_, format)) => Ok(Self { format: *format, path }),
            None => Err(unknown_format(name)),
        }
    }
}

fn unknown_format(name: &str) -> String {
    let available = "available are `full`, `concise` and `json`";
    if LATER_FORMATS.contains(&name) {
        return format!("the format `{name}` cannot be written yet; {available}");
    }
    match palisade_project::nearest(name, FORMATS.map(|(known, _)| known)) {
        Some(near) => format!("there is no format `{name}`: did you mean `{near}`? {available}"),
        None => format!("there is no format `{name}`; {available}"),
    }
}

#[derive(Args, Debug)]
pub(crate) struct Flow {
    /// The environment.
    #[arg(value_name = "ENV")]
    pub(crate) environment: PathBuf,
    /// The place that is asked: a compute, an interface or a subnet.
    #[arg(long, value_name = "PLACE")]
    pub(crate) on: String,
    #[command(flatten)]
    pub(crate) direction: Direction,
    /// `tcp`, `udp`, `icmp`, `esp`, `ah` or `any`.
    #[arg(long, value_name = "PROTOCOL")]
    pub(crate) protocol: ProtocolArg,
    /// An address of the place (default: any of its own).
    #[arg(long, value_name = "ADDR")]
    pub(crate) local: Option<String>,
    /// Ports at the place: a number, a range, a list, or `*`.
    #[arg(long, value_name = "PORTS")]
    pub(crate) local_port: Option<String>,
    /// The other end: an address, a CIDR, a service tag, a host name, `*`, or a list of them. Repeatable.
    #[arg(long, value_name = "REMOTE", required = true)]
    pub(crate) remote: Vec<String>,
    /// Ports at the other end.
    #[arg(long, value_name = "PORTS")]
    pub(crate) remote_port: Option<String>,
    /// Ask the network security groups alone.
    #[arg(long)]
    pub(crate) groups_only: bool,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    /// `full` or `json`.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub(crate) output: PlainFormat,
}

/// One of the two is required.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Direction {
    /// Traffic to the place.
    #[arg(long)]
    pub(crate) inbound: bool,
    /// Traffic from the place.
    #[arg(long)]
    pub(crate) outbound: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProtocolArg {
    Tcp,
    Udp,
    Icmp,
    Esp,
    Ah,
    Any,
}

impl ProtocolArg {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Esp => "esp",
            Self::Ah => "ah",
            Self::Any => "any",
        }
    }
}

/// For people or for tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainFormat {
    /// For people.
    Full,
    /// JSON, version 1.
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct Fmt {
    /// Policies, folders of them, or `-` for standard input to standard output.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Change nothing; name the files that would change.
    #[arg(long)]
    pub(crate) check: bool,
    /// Change nothing; print what would change.
    #[arg(long)]
    pub(crate) diff: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Lint {
    /// The folder of the policies; with `--policies`, folders and files in it.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only the findings with these codes.
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Not the findings with these codes.
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Mend what can be mended without changing an answer; comments stay.
    #[arg(long)]
    pub(crate) fix: bool,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    /// `full`, `concise` or `json`.
    #[arg(long, value_name = "FORMAT", default_value = "full", help_heading = "Report")]
    pub(crate) output: LintFormat,
}

/// The formats of `lint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// With the place in the text.
    Full,
    /// One line for each.
    Concise,
    /// JSON, version 1.
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct Why {
    /// The rule: its full name, or the last word of it.
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,
    /// The resource: its place, such as `computes.ci-1`, or a short form of it.
    #[arg(value_name = "PLACE")]
    pub(crate) place: String,
    /// The environment.
    #[arg(value_name = "ENV")]
    pub(crate) environment: PathBuf,
    /// The packs under whose conditions the rule runs; without it the stable ones.
    #[arg(long, value_name = "PACK", value_delimiter = ',')]
    pub(crate) pack: Vec<String>,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    /// `full` or `json`.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub(crate) output: PlainFormat,
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A rule, a statement, a pack or a diagnostic code.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    /// `full` or `json`.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub(crate) output: PlainFormat,
}

#[derive(Args, Debug)]
pub(crate) struct Listing {
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
    /// `full` or `json`.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub(crate) output: PlainFormat,
}

#[derive(Args, Debug)]
pub(crate) struct Version {
    /// `full` or `json`.
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub(crate) output: PlainFormat,
}

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_output_is_a_format_and_perhaps_a_file() {
        let spec = |format, path: Option<&str>| OutputSpec { format, path: path.map(PathBuf::from) };
        assert_eq!(OutputSpec::parse("json"), Ok(spec(Format::Json, None)));
        assert_eq!(OutputSpec::parse("json=a=b.json"), Ok(spec(Format::Json, Some("a=b.json"))));
        assert!(OutputSpec::parse("json=").is_err());
    }

    #[test]
    fn a_format_of_a_later_day_says_what_there_is() {
        for name in LATER_FORMATS {
            let fault = OutputSpec::parse(name).unwrap_err();
            assert_eq!(
                fault,
                format!("the format `{name}` cannot be written yet; available are `full`, `concise` and `json`")
            );
        }
        assert!(OutputSpec::parse("jsn").unwrap_err().contains("did you mean `json`?"));
    }
}
