//! The binary: arguments in, a project asked, a report written, an exit code out.
//!
//! | file | what it does |
//! | --- | --- |
//! | `args.rs` | the command line |
//! | `codes.rs` | the pages of what the commands themselves report |
//! | `output.rs` | the one writer: colours, files, closed pipes |
//! | `exit.rs` | what an answer means for the exit code |
//! | `commands/` | one file for each command |

mod args;
mod codes;
mod commands;
mod exit;
mod output;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::exit::Exit;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(output::report_defect));
    let code = match Cli::try_parse() {
        Ok(cli) => std::panic::catch_unwind(|| commands::run(&cli)).unwrap_or(Exit::NoAnswer),
        Err(error) => usage(&error),
    };
    code.into()
}

/// Help and version are answers; anything else is a usage error.
fn usage(error: &clap::Error) -> Exit {
    // A closed pipe is no reason to say more.
    let _ = error.print();
    if error.use_stderr() { Exit::NoAnswer } else { Exit::Fine }
}
