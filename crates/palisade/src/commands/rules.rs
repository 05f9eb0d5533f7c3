//! `palisade rules`.

use crate::args::{Listing, PlainFormat};
use crate::commands::list;
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn run(args: &Listing, output: Output) -> Exit {
    match list(&args.policies) {
        Ok(listing) => output.answer(Exit::Fine, |to| match args.output {
            PlainFormat::Full => palisade_report::rules(&listing.rules, &output.options(), to),
            PlainFormat::Json => palisade_report::rules_json(&listing.rules, to),
        }),
        Err(failure) => output.failure(&failure),
    }
}
