//! Many environments at once. Each thread has its own handle of the database, and the report's order is that of the
//! selection, so that the bytes are the same for any number of threads.

use std::num::NonZero;

use palisade_engine::api::{self, CheckOptions};
use palisade_engine::inputs::{Environment, Program};
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

/// How a check runs. Nothing of it changes what is found.
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
    for part in run(db, items.collect(), pace, |db, environment| api::check(db, program, &[environment], options))? {
        report.environments.extend(part.environments);
        report.texts.extend(part.texts);
    }
    Ok(report)
}

/// One report for each item, in order.
fn run(
    db: &Database,
    items: Vec<Item>,
    pace: Pace,
    check: impl Fn(&Database, Environment) -> CheckReport + Sync,
) -> Result<Vec<CheckReport>, Failure> {
    let progress = Progress::new(items.len(), pace.progress);
    let one = |db: &mut Database, item: Item| {
        let report = match item {
            // The rules are the same for all, and their pages large.
            Item::Ready { environment, .. } => CheckReport { rules: Vec::new(), ..check(db, environment) },
            Item::Broken(broken) => CheckReport { environments: vec![broken], ..CheckReport::default() },
        };
        progress.done();
        report
    };
    let threads = pace.jobs.map_or(0, |jobs| jobs.get().min(items.len()).min(MAX_THREADS));
    let pool = ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build().map_err(|error| {
        Failure::from(Diagnostic::error(codes::FILE_UNREADABLE, format!("no threads can be started: {error}"), None))
    })?;
    let handle = db.clone();
    Ok(pool.install(|| items.into_par_iter().with_min_len(1).map_with(handle, one).collect()))
}
