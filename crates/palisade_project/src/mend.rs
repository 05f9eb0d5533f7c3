//! Safe fixes of policies, made in memory until nothing more is found, and only then written.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use palisade_engine::api::{self, LintSelection};
use palisade_engine::inputs::Program;
use palisade_source::report::LintReport;
use palisade_source::{Diagnostic, File, mended};
use salsa::{Durability, Setter};

use crate::database::Database;
use crate::format::replace;
use crate::{Failure, codes};

/// A fix may bring up another: a name that only something removed had used. Longer chains are left to the next run.
const ROUNDS: usize = 16;

/// The policies whose findings are mended.
pub(crate) struct Mending<'p> {
    pub(crate) db: &'p mut Database,
    pub(crate) program: Program,
    pub(crate) selection: &'p LintSelection,
    /// Where a file truly is, by its path in reports.
    pub(crate) place: &'p dyn Fn(&str) -> PathBuf,
}

impl Mending<'_> {
    /// Makes the fixes, writes the files, and says what is left to find. With errors in the policies nothing is made.
    pub(crate) fn run(mut self) -> Result<LintReport, Failure> {
        let mut report = self.lint();
        let before: BTreeMap<Arc<str>, File> = self.files();
        let texts: BTreeMap<_, _> = before.iter().map(|(path, file)| (path, Arc::clone(file.text(self.db)))).collect();
        for _ in 0..ROUNDS {
            if !report.faults.is_empty() || !self.round(&report.findings, &before) {
                break;
            }
            report = self.lint();
        }
        for (path, file) in &before {
            if let Some(text) = texts.get(path).filter(|text| **text != *file.text(self.db)) {
                self.lay_out(path, *file, text);
                self.write(path, *file)?;
                report.mended.push(Arc::clone(path));
            }
        }
        if report.mended.is_empty() {
            return Ok(report);
        }
        let mended = std::mem::take(&mut report.mended);
        Ok(LintReport { mended, ..self.lint() })
    }

    fn lint(&self) -> LintReport {
        api::lint(self.db, self.program, self.selection)
    }

    fn files(&self) -> BTreeMap<Arc<str>, File> {
        let all = self.program.policies(self.db).iter().chain(self.program.library(self.db));
        all.map(|file| (Arc::clone(file.path(self.db)), *file)).collect()
    }

    /// Makes the fixes of these findings; whether there were any. Where all together bring up an error, such as a name that
    /// is taken elsewhere, each is tried by itself.
    fn round(&mut self, findings: &[Diagnostic], files: &BTreeMap<Arc<str>, File>) -> bool {
        if self.apply(findings, files) {
            return true;
        }
        let mut some = false;
        for finding in findings {
            // Places hold only until something is changed.
            some = some || self.apply(std::slice::from_ref(finding), files);
        }
        some
    }

    /// Makes fixes, unless the policies would have errors with them.
    fn apply(&mut self, findings: &[Diagnostic], files: &BTreeMap<Arc<str>, File>) -> bool {
        let mut changed = Vec::new();
        for (path, file) in files {
            let before = Arc::clone(file.text(self.db));
            if let Some(after) = mended(path, &before, findings) {
                self.set(*file, after.into());
                changed.push((*file, before));
            }
        }
        let sound = self.lint().faults.is_empty();
        if !sound {
            for (file, before) in &changed {
                self.set(*file, Arc::clone(before));
            }
        }
        sound && !changed.is_empty()
    }

    fn set(&mut self, file: File, text: Arc<str>) {
        file.set_text(self.db).with_durability(Durability::HIGH).to(text);
    }

    /// What was in the canonical layout stays in it.
    fn lay_out(&mut self, path: &Arc<str>, file: File, before: &Arc<str>) {
        if api::format(path, before).is_ok_and(|laid_out| laid_out == **before)
            && let Ok(after) = api::format(path, &Arc::clone(file.text(self.db)))
        {
            self.set(file, after.into());
        }
    }

    fn write(&self, path: &str, file: File) -> Result<(), Failure> {
        replace(&(self.place)(path), file.text(self.db)).map_err(|error| {
            let message = format!("`{path}` could not be written and is as it was: {error}");
            Diagnostic::error(codes::FILE_UNWRITABLE, message, None).into()
        })
    }
}
