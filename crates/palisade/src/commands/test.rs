//! `palisade test`.

use std::io::{self, Write};

use palisade_project::{Failure, Folders, MutantSelection, Pace, Project, TestSelection, repeat};
use palisade_report::Detail;
use palisade_source::Diagnostic;
use palisade_source::report::{CoverageReport, MutationReport, TestReport};

use crate::args::{PlainFormat, Test};
use crate::commands::modules::scope;
use crate::commands::open;
use crate::exit::{self, Exit};
use crate::output::Output;

pub(crate) fn run(args: &Test, output: Output) -> Exit {
    let opened = scope(&args.paths, &args.policies).and_then(|(policies, modules)| Ok((open(&policies)?, modules)));
    let (mut project, modules) = match opened {
        Ok(opened) => opened,
        Err(failure) => return output.failure(&failure),
    };
    let selection = TestSelection { filter: args.filter.clone(), modules };
    let once = |project: &Project| match tested(args, project, &selection, output) {
        Ok(ran) => ran.write(args, output),
        Err(failure) => output.failure(&failure),
    };
    if args.watch { watch(&mut project, once, output) } else { once(&project) }
}

/// Runs the tests after each change until the user ends it; the exit code is that of the last run.
fn watch(project: &mut Project, once: impl Fn(&Project) -> Exit, output: Output) -> Exit {
    let folders = project.policy_folders();
    if folders.is_empty() {
        let message = "there is no folder to watch: the library in the binary does not change";
        let help = Some("name the folder of the policies: `palisade test FOLDER --watch`".to_owned());
        return output.failure(&Diagnostic::error("usage", message, None).with_help(help).into());
    }
    let mut changes = match Folders::new(&folders) {
        Ok(changes) => changes,
        Err(failure) => return output.failure(&failure),
    };
    let mut exit = Exit::NothingChecked;
    repeat(project, &mut changes, |project| {
        exit = project.map_or_else(|failure| output.failure(&failure), &once);
    });
    exit
}

/// A run of tests, and what was found out besides.
struct Ran {
    report: TestReport,
    coverage: Option<CoverageReport>,
    mutation: Option<MutationReport>,
}

fn tested(args: &Test, project: &Project, selection: &TestSelection, output: Output) -> Result<Ran, Failure> {
    let pace = Pace { jobs: args.jobs, progress: output.detail != Detail::Quiet };
    if args.coverage.wanted() {
        let (report, coverage) = project.test_coverage(selection, pace)?;
        return Ok(Ran { report, coverage: Some(coverage), mutation: None });
    }
    if args.mutation.wanted() {
        let wanted = args.mutation.selection();
        let (report, mutation) = project.test_mutants(selection, &wanted, pace)?;
        if let Some(none) = mutation.as_ref().and_then(|found| no_mistake(found, &wanted)) {
            return Err(none.into());
        }
        return Ok(Ran { report, coverage: None, mutation });
    }
    Ok(Ran { report: project.test(selection, pace)?, coverage: None, mutation: None })
}

/// What to say where a narrower choice than all mistakes leaves none.
fn no_mistake(found: &MutationReport, wanted: &MutantSelection) -> Option<Diagnostic> {
    let narrowed = !(wanted.kinds.is_empty() && wanted.within.is_empty());
    let none = found.mutants.is_empty() && found.refused == 0;
    let or = |words: &[String]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ");
    let kinds = if wanted.kinds.is_empty() { String::new() } else { format!(" of the kind {}", or(&wanted.kinds)) };
    let within = if wanted.within.is_empty() { String::new() } else { format!(" in {}", or(&wanted.within)) };
    let help = "name modules or items of the policies that are tested, such as `network` or `network.subnets.small`";
    let message = format!("no mistake{kinds} can be made{within}");
    (narrowed && none).then(|| Diagnostic::error("usage", message, None).with_help(Some(help.to_owned())))
}

impl Ran {
    fn write(&self, args: &Test, output: Output) -> Exit {
        let exit = output.answer(self.exit(args), |to| self.text(args, output, to));
        match &args.junit {
            Some(path) => output.file(path, exit, |to, _| palisade_report::tests_junit(&self.report, to)),
            None => exit,
        }
    }

    fn text(&self, args: &Test, output: Output, to: &mut dyn Write) -> io::Result<()> {
        if args.output == PlainFormat::Json {
            return palisade_report::tests_json(&self.report, self.measured(), self.mutation.as_ref(), to);
        }
        let options = output.options();
        if let Some(coverage) = self.measured() {
            palisade_report::test_coverage(coverage, args.coverage.coverage_threshold, &options, to)?;
        }
        if let Some(mutation) = &self.mutation {
            palisade_report::mutants(mutation, args.mutation.mutate_threshold, &options, to)?;
        }
        palisade_report::tests(&self.report, &options, to)?;
        if args.mutation.wanted() && self.mutation.is_none() {
            writeln!(to, "no mutant was tried: that takes tests, and all of them have to pass")?;
        }
        Ok(())
    }

    /// The coverage, unless no test ran: then it would say of everything that it was not seen, which is beside the point.
    fn measured(&self) -> Option<&CoverageReport> {
        self.coverage.as_ref().filter(|_| !self.report.tests.is_empty())
    }

    /// The tests' own exit code; if all passed, 1 for too little of what was to be seen.
    fn exit(&self, args: &Test) -> Exit {
        let threshold = args.coverage.coverage_threshold;
        let short = |coverage: &CoverageReport| threshold.is_some_and(|least| !coverage.total().reaches(least));
        let least = args.mutation.mutate_threshold;
        let survived = |mutation: &MutationReport| least.is_some_and(|least| !mutation.share(|_| true).reaches(least));
        match exit::of_tests(&self.report) {
            Exit::Fine if self.coverage.as_ref().is_some_and(short) => Exit::Violations,
            Exit::Fine if self.mutation.as_ref().is_some_and(survived) => Exit::Violations,
            exit => exit,
        }
    }
}
