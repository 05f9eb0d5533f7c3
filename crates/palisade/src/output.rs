//! The one writer. Colours only where they are wanted, a closed pipe is no fault, every other failure to write is.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use palisade_project::Failure;
use palisade_report::{Detail, Options};

use crate::args::{Cli, Color};
use crate::exit::Exit;

/// Where answers go, and how they look there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    color: Color,
    pub(crate) detail: Detail,
}

impl Output {
    pub(crate) fn new(cli: &Cli) -> Self {
        let detail = match (cli.quiet, cli.verbose) {
            (true, _) => Detail::Quiet,
            (false, true) => Detail::Verbose,
            (false, false) => Detail::Normal,
        };
        Self { color: cli.color, detail }
    }

    /// How a format for people is written to standard output.
    pub(crate) fn options(self) -> Options {
        let width = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        Options {
            color: self.choice(&io::stdout()) != ColorChoice::Never,
            width: width.map(|(width, _)| usize::from(width.0)),
            detail: self.detail,
            limit: None,
        }
    }

    /// `auto` asks the stream and the environment (`NO_COLOR`, `CLICOLOR_FORCE`).
    fn choice(self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self.color {
            Color::Auto => AutoStream::choice(stream),
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }

    /// Writes an answer; the exit code is the answer's, unless it could not be written.
    pub(crate) fn answer(self, exit: Exit, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Exit {
        match self.stdout(write) {
            Ok(()) => exit,
            Err(error) => self.lost("standard output", &error),
        }
    }

    fn stdout(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let choice = self.choice(&io::stdout());
        let mut to = BufWriter::new(AutoStream::new(io::stdout().lock(), choice));
        let written = write(&mut to).and_then(|()| to.flush());
        // What is left in the buffer after a failure is dropped without a further attempt.
        let _ = to.into_parts();
        unless_closed(written)
    }

    /// Writes a report into a file, without colour unless it is forced.
    pub(crate) fn file(
        self,
        path: &Path,
        exit: Exit,
        write: impl FnOnce(&mut dyn Write, bool) -> io::Result<()>,
    ) -> Exit {
        let result = File::create(path).and_then(|file| {
            let mut to = BufWriter::new(file);
            write(&mut to, matches!(self.color, Color::Always))?;
            to.flush()
        });
        match result {
            Ok(()) => exit,
            Err(error) => self.lost(&path.display().to_string(), &error),
        }
    }

    /// Says on standard error why there is no answer.
    pub(crate) fn failure(self, failure: &Failure) -> Exit {
        let choice = self.choice(&io::stderr());
        let options = Options { color: choice != ColorChoice::Never, width: None, detail: self.detail, limit: None };
        let mut to = AutoStream::new(io::stderr().lock(), choice);
        // There is nowhere left to say that standard error is closed.
        let _ = palisade_report::diagnostics(&failure.diagnostics, &failure.texts, &options, &mut to);
        Exit::NoAnswer
    }

    fn lost(self, what: &str, error: &io::Error) -> Exit {
        let message = format!("the answer could not be written to `{what}`: {error}");
        let help = "the folder must be there, and writing to it allowed".to_owned();
        self.failure(&palisade_source::Diagnostic::error("output", message, None).with_help(Some(help)).into())
    }
}

/// A reader that has seen enough (`| head`) is no fault.
fn unless_closed(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A panic is a defect of Palisade: said in one message, exit 2.
pub(crate) fn report_defect(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| format!(" at {at}")).unwrap_or_default();
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let words = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let _ = writeln!(io::stderr(), "error[defect]: palisade has a defect{place}: {words}");
    let _ = writeln!(io::stderr(), "   = help: nothing was decided; please report this with the file that led to it");
}
