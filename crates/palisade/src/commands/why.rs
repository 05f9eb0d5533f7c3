//! `palisade why`.

use palisade_project::{Failure, WhyQuestion};
use palisade_source::report::WhyReport;

use crate::args::{PlainFormat, Why};
use crate::commands::open;
use crate::exit::Exit;
use crate::output::Output;

/// Whatever the outcome, the question is answered: 0.
pub(crate) fn run(args: &Why, output: Output) -> Exit {
    match answer(args) {
        Ok(report) => output.answer(Exit::Fine, |to| match args.output {
            PlainFormat::Full => palisade_report::why(&report, &output.options(), to),
            PlainFormat::Json => palisade_report::why_json(&report, to),
        }),
        Err(failure) => output.failure(&failure),
    }
}

fn answer(args: &Why) -> Result<WhyReport, Failure> {
    let mut project = open(&args.policies)?;
    let packs = if args.pack.is_empty() { project.config().packs.clone() } else { args.pack.clone() };
    let question = WhyQuestion { rule: args.rule.clone(), place: args.place.clone(), packs };
    project.why(&args.environment, &question)
}
