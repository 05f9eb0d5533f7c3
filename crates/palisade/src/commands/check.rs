//! `palisade check`.

use std::io::{self, Write};

use palisade_project::{CheckOptions, Config, Failure, Pace, Request};
use palisade_report::{Detail, Options};
use palisade_source::report::CheckReport;
use palisade_source::{Diagnostic, Severity};

use crate::args::{Check, Choice, Format, OutputSpec};
use crate::commands::open;
use crate::exit::{self, Exit, FailOn};
use crate::output::Output;

pub(crate) fn run(args: &Check, output: Output) -> Exit {
    if args.output.iter().filter(|spec| spec.path.is_none()).count() > 1 {
        let message = "two formats go to standard output, and there would be no telling where one ends";
        let help = "write one of them to a file: `--output FORMAT=PATH`".to_owned();
        return output.failure(&Diagnostic::error("usage", message, None).with_help(Some(help)).into());
    }
    // Why there is no answer is an answer in every format as well.
    let (mut report, fail_on) = checked(args, output).unwrap_or_else(|failure| {
        let Failure { diagnostics, texts } = failure;
        (CheckReport { diagnostics, texts, ..CheckReport::default() }, fail_on(args, None))
    });
    let exit = exit::of_check(&report, fail_on);
    if let Some(least) = args.min_severity.map(Severity::from) {
        for environment in &mut report.environments {
            environment.findings.retain(|finding| finding.severity >= least);
        }
    }
    write_all(args, &report, exit, output)
}

/// Checks, and says what is to fail.
fn checked(args: &Check, output: Output) -> Result<(CheckReport, FailOn), Failure> {
    let mut project = open(&args.policies)?;
    let request = Request { paths: args.paths.clone(), files_from: args.files_from.clone() };
    let mut selection = project.select(&request);
    if selection.is_empty() && !exit::has_error(&selection.diagnostics) {
        selection.diagnostics.push(nothing_found(&selection.skipped));
    }
    let skipped = std::mem::take(&mut selection.skipped);
    let options = options(args, project.config());
    let pace = Pace { jobs: args.jobs, progress: output.detail != Detail::Quiet };
    let mut report = project.check(selection, &options, pace)?;
    if output.detail == Detail::Verbose {
        report.diagnostics.extend(skipped.iter().map(|path| left_out(path)));
    }
    Ok((report, fail_on(args, project.config().fail_on)))
}

fn fail_on(args: &Check, configured: Option<Severity>) -> FailOn {
    let severity = args.failing.fail_on.map(Severity::from).or(configured);
    FailOn {
        severity: severity.unwrap_or(Severity::Error),
        undetermined: args.failing.fail_on_undetermined,
        never: args.failing.exit_zero,
    }
}

/// The command line goes before the configuration, except that a rule's own severity goes before its module's.
fn options(args: &Check, config: &Config) -> CheckOptions {
    let Choice { pack, select, ignore, error, warn, info } = &args.choice;
    let with = |rules: &[String], severity| rules.iter().map(|rule| (rule.clone(), severity)).collect::<Vec<_>>();
    let chosen = [with(error, Severity::Error), with(warn, Severity::Warning), with(info, Severity::Info)].concat();
    let mut severities = config.severity.clone();
    severities.retain(|(rule, _)| !chosen.iter().any(|(named, _)| named == rule));
    severities.extend(chosen);
    CheckOptions {
        packs: if pack.is_empty() { config.packs.clone() } else { pack.clone() },
        select: select.clone(),
        ignore: ignore.clone(),
        severities,
        all: args.all,
    }
}

fn nothing_found(skipped: &[String]) -> Diagnostic {
    let message = match skipped {
        [] => "no environment was found: there is no YAML or JSON file".to_owned(),
        [one] => {
            format!("no environment was found: `{one}` has none of the keys of an environment")
        }
        [one, more @ ..] => {
            format!("no environment was found: `{one}` and {} more have none of the keys of an environment", more.len())
        }
    };
    let mut warning = Diagnostic::error("nothing-found", message, None);
    warning.severity = Severity::Warning;
    warning.with_help(Some("name the files to check, or list them as `environments` in `palisade.yaml`".to_owned()))
}

fn left_out(path: &str) -> Diagnostic {
    let message = format!("`{path}` has none of the keys of an environment and was left out");
    let mut note = Diagnostic::error("left-out", message, None);
    note.severity = Severity::Info;
    note
}

fn write_all(args: &Check, report: &CheckReport, exit: Exit, output: Output) -> Exit {
    let default = [OutputSpec { format: Format::Full, path: None }];
    let specs = if args.output.is_empty() { &default[..] } else { &args.output };
    let options = Options { limit: args.max_diagnostics, ..output.options() };
    let mut exit = exit;
    for spec in specs {
        exit = match &spec.path {
            None => output.answer(exit, |to| write(spec.format, report, &options, to)),
            Some(path) => output.file(path, exit, |to, color| {
                write(spec.format, report, &Options { color, width: None, ..options }, to)
            }),
        };
    }
    // The counts are always printed.
    if specs.iter().all(|spec| spec.path.is_some()) {
        exit = output.answer(exit, |to| writeln!(to, "{}", palisade_report::summary_line(report)));
    }
    exit
}

fn write(format: Format, report: &CheckReport, options: &Options, to: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Full => palisade_report::full(report, options, to),
        Format::Concise => palisade_report::concise(report, options, to),
        Format::Json => palisade_report::check_json(report, to),
    }
}
