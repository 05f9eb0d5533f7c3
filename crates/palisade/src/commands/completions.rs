//! `palisade completions`.

use clap::CommandFactory;

use crate::args::{Cli, Completions};
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn run(args: &Completions, output: Output) -> Exit {
    // The generator stops the program when it cannot write, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "palisade", &mut script);
    output.answer(Exit::Fine, |to| to.write_all(&script))
}
