//! One file for each command.

mod check;
mod completions;
mod coverage;
mod diff;
mod explain;
mod flow;
mod fmt;
mod lint;
mod modules;
mod new;
mod rules;
mod test;
mod version;
mod why;

use std::path::PathBuf;

use palisade_project::{Failure, Listing, Project, Setup};
use palisade_source::Diagnostic;

use crate::args::{Cli, Command, PolicyArgs};
use crate::exit::{Exit, has_error};
use crate::output::Output;

/// Runs the command that was asked for.
pub(crate) fn run(cli: &Cli) -> Exit {
    let output = Output::new(cli);
    match &cli.command {
        Command::Check(args) => check::run(args, output),
        Command::Flow(args) => flow::run(args, output),
        Command::Test(args) => test::run(args, output),
        Command::Fmt(args) => fmt::run(args, output),
        Command::Lint(args) => lint::run(args, output),
        Command::New(args) => new::run(args, output),
        Command::Why(args) => why::run(args, output),
        Command::Diff(args) => diff::run(args, output),
        Command::Explain(args) => explain::run(args, output),
        Command::Rules(args) => rules::run(args, output),
        Command::Coverage(args) => coverage::run(args, output),
        Command::Version(args) => version::run(args, output),
        Command::Completions(args) => completions::run(args, output),
    }
}

/// Opens the project of the folder in which the command runs.
fn open(policies: &PolicyArgs) -> Result<Project, Failure> {
    Project::open(&Setup { here: here()?, policies: policies.into() })
}

fn here() -> Result<PathBuf, Failure> {
    std::env::current_dir()
        .map_err(|error| Diagnostic::error("output", format!("the current folder is not there: {error}"), None).into())
}

/// Everything that the policies hold, see [`listed`].
fn list(policies: &PolicyArgs) -> Result<Listing, Failure> {
    listed(&open(policies)?)
}

/// Everything that a project's policies hold. With errors among them a list would be incomplete, so there is none.
fn listed(project: &Project) -> Result<Listing, Failure> {
    let listing = project.list();
    if has_error(&listing.diagnostics) {
        return Err(Failure { diagnostics: listing.diagnostics, texts: listing.texts });
    }
    Ok(listing)
}
