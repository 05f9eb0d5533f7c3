//! The tests of policies, many at once. A test that the tree of its file no longer has is left out by the engine.

use palisade_engine::api::{self, MutantSelection, Passed, TestEnvironments, TestSelection};
use palisade_engine::inputs::Program;
use palisade_source::report::{CoverageReport, MutationReport, TestReport};

use crate::Failure;
use crate::database::Database;
use crate::parallel::{Pace, each};

/// The tests of a program, and the environments that they were run in.
pub(crate) struct Tests<'p> {
    pub(crate) db: &'p Database,
    pub(crate) program: Program,
    pub(crate) environments: &'p TestEnvironments,
}

impl Tests<'_> {
    /// Runs the tests that are meant.
    pub(crate) fn run(&self, selection: &TestSelection, pace: Pace) -> Result<TestReport, Failure> {
        let (tests, mut report) = api::tests(self.db, self.program, selection);
        let (program, environments) = (self.program, self.environments);
        let one = |db: &Database, test| api::test(db, program, &test, environments);
        report.tests = each(self.db, tests, pace, "tests", one)?.into_iter().flatten().collect();
        Ok(report)
    }

    /// Runs them, and says what of the policies they passed.
    pub(crate) fn cover(&self, selection: &TestSelection, pace: Pace) -> Result<(TestReport, CoverageReport), Failure> {
        let (tests, mut report) = api::tests(self.db, self.program, selection);
        let (program, environments) = (self.program, self.environments);
        let one = |db: &Database, test| api::listened_test(db, program, &test, environments);
        let mut all = Passed::default();
        for (result, passed) in each(self.db, tests, pace, "tests", one)?.into_iter().flatten() {
            report.tests.push(result);
            all.add(passed);
        }
        let coverage = api::test_coverage(self.db, self.program, selection, &all);
        Ok((report, coverage))
    }

    /// Runs them, and then again for mutants of the policies, each on the tests that reach it. If a test fails none is
    /// tried: it would be killed by nothing of its own.
    pub(crate) fn mutate(
        &self,
        selection: &TestSelection,
        wanted: &MutantSelection,
        pace: Pace,
    ) -> Result<(TestReport, Option<MutationReport>), Failure> {
        let (tests, mut report) = api::tests(self.db, self.program, selection);
        let (program, environments) = (self.program, self.environments);
        let one = |db: &Database, test| api::bench(db, program, &test, environments);
        let mut benches = Vec::new();
        for (result, bench) in each(self.db, tests, pace, "tests", one)?.into_iter().flatten() {
            report.tests.push(result);
            benches.extend(bench);
        }
        if benches.is_empty() || benches.len() < report.tests.len() {
            return Ok((report, None));
        }
        let mutants = api::mutants(self.db, program, selection, wanted);
        let one = |db: &Database, mutant| api::attempt(db, program, &mutant, &benches);
        let tried = each(self.db, mutants, pace, "mutants", one)?;
        let all = tried.len();
        let mutants: Vec<_> = tried.into_iter().flatten().collect();
        let refused = all - mutants.len();
        let texts = api::texts(self.db, program, &[]);
        Ok((report, Some(MutationReport { mutants, refused, texts })))
    }
}
