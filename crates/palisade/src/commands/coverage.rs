//! `palisade coverage`.

use crate::args::{Listing, PlainFormat};
use crate::commands::list;
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn run(args: &Listing, output: Output) -> Exit {
    match list(&args.policies) {
        Ok(listing) => output.answer(Exit::Fine, |to| match args.output {
            PlainFormat::Full => palisade_report::coverage(&listing.statements, &output.options(), to),
            PlainFormat::Json => palisade_report::coverage_json(&listing.statements, to),
        }),
        Err(failure) => output.failure(&failure),
    }
}
