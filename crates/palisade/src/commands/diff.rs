//! `palisade diff`.

use std::path::Path;

use palisade_project::Failure;
use palisade_source::Diagnostic;
use palisade_source::report::DiffReport;

use crate::args::{Diff, PlainFormat};
use crate::commands::open;
use crate::exit::{self, Exit};
use crate::output::Output;

pub(crate) fn run(args: &Diff, output: Output) -> Exit {
    match answer(args) {
        Ok(report) => output.answer(exit::of_diff(&report), |to| match args.output {
            PlainFormat::Full => palisade_report::pack_diff(&report, &output.options(), to),
            PlainFormat::Json => palisade_report::pack_diff_json(&report, to),
        }),
        Err(failure) => output.failure(&failure),
    }
}

fn answer(args: &Diff) -> Result<DiffReport, Failure> {
    let environment = [&args.old, &args.new].into_iter().find(|name| is_file(name));
    match environment {
        Some(name) => Err(not_a_pack(name).into()),
        None => open(&args.policies)?.diff(&args.old, &args.new),
    }
}

/// Names of packs and sources have no dot; what has one of these ends, or lies there, was meant as an environment.
fn is_file(name: &str) -> bool {
    let path = Path::new(name);
    let extension = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known)) || path.is_file()
}

fn not_a_pack(name: &str) -> Diagnostic {
    let message =
        format!("`{name}` is a file, and environments cannot be compared yet: `diff` takes packs and documents");
    let help = "`palisade rules` lists the packs; to compare environments, compare what `palisade check --all --output json` says of each";
    Diagnostic::error("usage", message, None).with_help(Some(help.to_owned()))
}
