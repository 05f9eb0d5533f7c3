//! `palisade lint`.

use std::path::Path;

use palisade_project::{Failure, LintSelection, Project};
use palisade_source::Diagnostic;

use crate::args::{Lint, LintFormat, PolicyArgs};
use crate::commands::modules::scope;
use crate::commands::open;
use crate::exit::Exit;
use crate::output::Output;

/// The folder that is read where nothing names another.
const DEFAULT_FOLDER: &str = "policies";

pub(crate) fn run(args: &Lint, output: Output) -> Exit {
    match opened(args) {
        Ok((project, _)) if project.policy_folders().is_empty() => nothing(output),
        Ok((mut project, selection)) => linted(args, &mut project, &selection, output),
        Err(failure) => output.failure(&failure),
    }
}

/// The policies that are named, else those of the configuration, else those of the folder `policies`.
fn opened(args: &Lint) -> Result<(Project, LintSelection), Failure> {
    let (policies, modules) = scope(&args.paths, &args.policies)?;
    let selection = LintSelection { select: args.select.clone(), ignore: args.ignore.clone(), modules };
    let project = open(&policies)?;
    if project.policy_folders().is_empty() && Path::new(DEFAULT_FOLDER).is_dir() {
        let policies = PolicyArgs { policies: Some(DEFAULT_FOLDER.into()), ..policies };
        return Ok((open(&policies)?, selection));
    }
    Ok((project, selection))
}

fn linted(args: &Lint, project: &mut Project, selection: &LintSelection, output: Output) -> Exit {
    let report = if args.fix { project.lint_and_fix(selection) } else { Ok(project.lint(selection)) };
    let report = match report {
        Ok(report) => report,
        Err(failure) => return output.failure(&failure),
    };
    let exit = match (report.faults.len(), report.files, report.findings.len()) {
        (0, 0, _) => return nothing(output),
        (0, _, 0) => Exit::Fine,
        (0, ..) => Exit::Violations,
        _ if args.output == LintFormat::Json => Exit::NoAnswer,
        _ => return output.failure(&Failure { diagnostics: report.faults, texts: report.texts }),
    };
    let options = output.options();
    output.answer(exit, |to| match args.output {
        LintFormat::Full => palisade_report::lint(&report, &options, to),
        LintFormat::Concise => palisade_report::lint_concise(&report, &options, to),
        LintFormat::Json => palisade_report::lint_json(&report, to),
    })
}

/// What did not run must not look as if it had passed.
fn nothing(output: Output) -> Exit {
    let help = "name a folder of policies, set `policies` in `palisade.yaml`, or make a folder `policies`".to_owned();
    let fault = Diagnostic::error("nothing-found", "there are no policies to lint", None).with_help(Some(help));
    match output.failure(&fault.into()) {
        Exit::NoAnswer => Exit::NothingChecked,
        other => other,
    }
}
