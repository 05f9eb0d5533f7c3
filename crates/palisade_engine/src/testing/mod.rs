//! Running the tests of the language: each on an environment of its own.
//!
//! [`plan`] says which tests there are, [`run`] runs one of them: whoever has several threads runs several. `environment`
//! makes a test's environment, `expect` holds what came out against what is expected, [`coverage`] says what no test
//! saw. A plain run goes through the same queries as a check; one that is listened to does not, so that listening leaves
//! no trace in any memo.

pub mod coverage;
mod environment;
pub(crate) mod expect;

use palisade_source::Diagnostic;
use palisade_source::report::{TestReport, TestResult};

pub use self::environment::Environments;
pub(crate) use self::environment::environment_of;
use self::expect::{Probe, Runner};
use crate::check::program_diagnostics;
use crate::evaluate::record::{Passed, Recording};
use crate::inputs::{Db, Environment, Program};
use crate::ir::Test;
use crate::names::ItemKey;
use crate::policy::items::find_item;
use crate::policy::problems::has_errors;
use crate::policy::tests::{test, test_items};
use crate::texts::texts;

/// Which tests are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Those whose `module/name` contains it.
    pub filter: Option<String>,
    /// Those of these modules and below; empty: all.
    pub modules: Vec<String>,
}

impl Selection {
    fn takes(&self, test: &Test) -> bool {
        let name = format!("{}/{}", test.module, test.name);
        self.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
    }

    pub(crate) fn takes_module(&self, module: &str) -> bool {
        self.modules.is_empty() || self.modules.iter().any(|above| is_in(module, above))
    }
}

/// Whether a module is another or below it; everything is below the empty one.
pub(crate) fn is_in(module: &str, above: &str) -> bool {
    above.is_empty() || module.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The tests that are to be run, by module and place in the file, and a report to which their results are to be added.
pub fn plan(db: &dyn Db, program: Program, selection: &Selection) -> (Vec<ItemKey>, TestReport) {
    let mut report = TestReport {
        diagnostics: program_diagnostics(db, program),
        texts: texts(db, program, &[]),
        ..TestReport::default()
    };
    if has_errors(&report.diagnostics) {
        return (Vec::new(), report);
    }
    let all = test_items(db, program).into_iter().filter_map(|item| Some(&test(db, program, item).as_ref()?.value));
    let (chosen, left): (Vec<&Test>, Vec<&Test>) =
        all.filter(|test| selection.takes_module(&test.module)).partition(|test| selection.takes(test));
    report.filtered_out = left.len();
    (chosen.into_iter().map(|test| test.item.clone()).collect(), report)
}

/// Runs a test.
pub fn run(db: &dyn Db, program: Program, key: &ItemKey, environments: &Environments) -> Option<TestResult> {
    let test = find(db, program, key)?;
    let prepared = environment_of(db, program, test, environments);
    Some(result(db, program, test, prepared, Probe::default()))
}

/// Runs a test and listens: its result, and what each of its expectations passed.
pub fn listen(
    db: &dyn Db,
    program: Program,
    key: &ItemKey,
    environments: &Environments,
) -> Option<(TestResult, Passed)> {
    let test = find(db, program, key)?;
    let recording = Recording::default();
    let prepared = environment_of(db, program, test, environments);
    let result = result(db, program, test, prepared, Probe { recorder: Some(&recording), changed: None });
    Some((result, recording.finish()))
}

pub(crate) fn find<'db>(db: &'db dyn Db, program: Program, key: &ItemKey) -> Option<&'db Test> {
    Some(&test(db, program, find_item(db, key)?).as_ref()?.value)
}

fn result(
    db: &dyn Db,
    program: Program,
    test: &Test,
    environment: Result<Environment, Vec<Diagnostic>>,
    probe: Probe<'_>,
) -> TestResult {
    let failures = match environment {
        Ok(environment) => {
            let runner = Runner { db, program, environment, test, probe };
            test.expectations.iter().flat_map(|e| runner.check(e)).collect()
        }
        Err(failures) => failures,
    };
    result_of(test, failures)
}

/// The result of a test with these failures.
pub(crate) fn result_of(test: &Test, failures: Vec<Diagnostic>) -> TestResult {
    TestResult {
        module: test.module.to_string(),
        name: test.name.to_string(),
        failures,
        expectations: test.expectations.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_in;

    #[test]
    fn a_module_is_in_itself_and_in_those_above() {
        assert!(is_in("azureml.v1.compute", "azureml.v1"));
        assert!(is_in("azureml.v1", "azureml.v1"));
        assert!(is_in("azureml", ""));
        assert!(!is_in("azureml.v10", "azureml.v1"));
    }
}
