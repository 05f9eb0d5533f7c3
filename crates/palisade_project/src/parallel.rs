//! Many environments, or tests, at once. Each thread has its own handle of the database, and the order of the results is
//! that of the items, so that the bytes are the same for any number of threads.

use std::num::NonZero;

use palisade_engine::api::{self, CheckOptions};
use palisade_engine::inputs::Program;
use palisade_source::report::CheckReport;
use palisade_source::{Diagnostic, Severity};
use rayon::ThreadPoolBuilder;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::Failure;
use crate::codes;
use crate::database::Database;
use crate::discover::{Item, Selection};
use crate::progress::Progress;

/// More threads than this would only wait for each other.
const MAX_THREADS: usize = 256;

/// Bytes of stack for each thread: as much as a main thread usually has, so that depth limits hold on both.
const STACK: usize = 8 << 20;

/// How a check or a run of tests runs. Nothing of it changes what is found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// How many threads; `None`: as many as the machine has processors.
    pub jobs: Option<NonZero<usize>>,
    /// Whether a bar may be drawn.
    pub progress: bool,
}

/// Checks every environment of a selection. With an error in the policies or the options none is.
pub(crate) fn check(
    db: &Database,
    program: Program,
    selection: Selection,
    options: &CheckOptions,
    pace: Pace,
) -> Result<CheckReport, Failure> {
    let mut report = api::check(db, program, &[], options);
    let fatal = |these: &[Diagnostic]| these.iter().any(|one| one.severity == Severity::Error);
    let stop = fatal(&report.diagnostics) || fatal(&selection.diagnostics);
    report.diagnostics.extend(selection.diagnostics);
    report.texts.extend(selection.texts);
    let items = selection.items.into_iter().filter(|item| !stop || matches!(item, Item::Broken(_)));
    let one = |db: &Database, item: Item| match item {
        // The rules are the same for all, and their pages large.
        Item::Ready { environment, .. } => {
            CheckReport { rules: Vec::new(), ..api::check(db, program, &[environment], options) }
        }
        Item::Broken(broken) => CheckReport { environments: vec![broken], ..CheckReport::default() },
    };
    for part in each(db, items.collect(), pace, "environments", one)? {
        report.environments.extend(part.environments);
        report.texts.extend(part.texts);
    }
    Ok(report)
}

/// Does something with each item, and gives the results in the order of the items.
pub(crate) fn each<I: Send, O: Send>(
    db: &Database,
    items: Vec<I>,
    pace: Pace,
    what: &str,
    work: impl Fn(&Database, I) -> O + Sync,
) -> Result<Vec<O>, Failure> {
    let progress = Progress::new(items.len(), what, pace.progress);
    let one = |db: &mut Database, item: I| {
        let result = work(db, item);
        progress.done();
        result
    };
    let threads = pace.jobs.map_or(0, |jobs| jobs.get().min(items.len()).min(MAX_THREADS));
    let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build().map_err(|error| {
        Failure::from(Diagnostic::error(codes::FILE_UNREADABLE, format!("no threads can be started: {error}"), None))
    })?;
    let handle = db.clone();
    Ok(pool.install(|| items.into_par_iter().with_min_len(1).map_with(handle, one).collect()))
}
