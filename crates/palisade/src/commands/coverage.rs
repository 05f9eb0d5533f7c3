//! `palisade coverage`.

use crate::args::{Coverage, CoverageFormat};
use crate::commands::list;
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn run(args: &Coverage, output: Output) -> Exit {
    match list(&args.policies) {
        Ok(listing) => output.answer(Exit::Fine, |to| match args.output {
            CoverageFormat::Full => palisade_report::coverage(&listing.statements, &output.options(), to),
            CoverageFormat::Json => palisade_report::coverage_json(&listing.statements, to),
            CoverageFormat::Markdown => palisade_report::coverage_page(&listing.statements, to),
        }),
        Err(failure) => output.failure(&failure),
    }
}
