//! `palisade fmt`.

use std::io::{self, Write};

use palisade_project::{Failure, Formats, Formatted, format};
use palisade_report::{Detail, visible};
use palisade_source::Diagnostic;

use crate::args::Fmt;
use crate::commands::here;
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn run(args: &Fmt, output: Output) -> Exit {
    let formats = match here().and_then(|here| format(&here, &args.paths)) {
        Ok(Some(formats)) => formats,
        Ok(None) => return nothing(output),
        Err(failure) => return output.failure(&failure),
    };
    let is_filter = args.paths.iter().any(|path| path.as_os_str() == "-");
    let exit = match (args.check || args.diff, is_filter) {
        (true, _) => compared(args, &formats, output),
        (false, true) => filtered(&formats, output),
        (false, false) => written(&formats, output),
    };
    if formats.failure.diagnostics.is_empty() { exit } else { output.failure(&formats.failure) }
}

/// No path, no configuration, no folder: what did not run must not look as if it had passed.
fn nothing(output: Output) -> Exit {
    let help = "name files or folders, set `policies` in `palisade.yaml`, or make a folder `policies`".to_owned();
    let fault = Diagnostic::error("nothing-found", "there are no policies to format", None).with_help(Some(help));
    match output.failure(&fault.into()) {
        Exit::NoAnswer => Exit::NothingChecked,
        other => other,
    }
}

/// Standard input to standard output.
fn filtered(formats: &Formats, output: Output) -> Exit {
    output.answer(Exit::Fine, |to| formats.files.iter().try_for_each(|file| to.write_all(file.after.as_bytes())))
}

/// Says what would change, and changes nothing.
fn compared(args: &Fmt, formats: &Formats, output: Output) -> Exit {
    let changed: Vec<&Formatted> = formats.files.iter().filter(|file| file.is_changed()).collect();
    let exit = if changed.is_empty() { Exit::Fine } else { Exit::Violations };
    let options = output.options();
    output.answer(exit, |to| {
        for file in &changed {
            match (args.diff, output.detail) {
                (true, _) => palisade_report::diff(&file.path, &file.before, &file.after, &options, to)?,
                (false, Detail::Quiet) => {}
                (false, _) => writeln!(to, "would change `{}`", visible(&file.path))?,
            }
        }
        // With `--diff` alone the output is the diff, which another program may read.
        if args.diff && !args.check { Ok(()) } else { summary(changed.len(), "would change", formats, to) }
    })
}

/// Changes the files, and says which.
fn written(formats: &Formats, output: Output) -> Exit {
    let (mut changed, mut lost) = (Vec::new(), Failure::default());
    for file in formats.files.iter().filter(|file| file.is_changed()) {
        match file.write() {
            Ok(()) => changed.push(file),
            Err(failure) => lost.diagnostics.extend(failure.diagnostics),
        }
    }
    let exit = output.answer(Exit::Fine, |to| {
        for file in changed.iter().filter(|_| output.detail != Detail::Quiet) {
            writeln!(to, "changed `{}`", visible(&file.path))?;
        }
        summary(changed.len(), "changed", formats, to)
    });
    if lost.diagnostics.is_empty() { exit } else { output.failure(&lost) }
}

fn summary(changed: usize, what: &str, formats: &Formats, to: &mut dyn Write) -> io::Result<()> {
    let all = formats.files.len();
    let files = if all == 1 { "file" } else { "files" };
    match (changed, all) {
        (0, 0) => {}
        (0, _) => writeln!(to, "{all} {files} formatted already")?,
        (some, _) => writeln!(to, "{some} of {all} {files} {what}")?,
    }
    match formats.left {
        0 => Ok(()),
        1 => writeln!(to, "1 file cannot be formatted"),
        left => writeln!(to, "{left} files cannot be formatted"),
    }
}
