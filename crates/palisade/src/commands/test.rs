//! `palisade test`.

use std::path::{Path, PathBuf};

use palisade_project::Failure;
use palisade_source::Diagnostic;
use palisade_source::report::TestReport;

use crate::args::{PolicyArgs, Test};
use crate::commands::open;
use crate::exit::{self, Exit};
use crate::output::Output;

pub(crate) fn run(args: &Test, output: Output) -> Exit {
    match tested(args) {
        Ok(report) => {
            output.answer(exit::of_tests(&report), |to| palisade_report::tests(&report, &output.options(), to))
        }
        Err(failure) => output.failure(&failure),
    }
}

fn tested(args: &Test) -> Result<TestReport, Failure> {
    let (policies, modules) = scope(args)?;
    let mut report = open(&policies)?.test(args.filter.as_deref());
    if !modules.is_empty() {
        let before = report.tests.len();
        report.tests.retain(|test| modules.iter().any(|module| is_in(&test.module, module)));
        report.filtered_out += before - report.tests.len();
    }
    Ok(report)
}

/// The policies to load, and the modules whose tests are meant; none: all.
fn scope(args: &Test) -> Result<(PolicyArgs, Vec<String>), Failure> {
    if let Some(root) = &args.policies.policies {
        let modules = args.paths.iter().map(|path| module(path, root)).collect::<Result<_, _>>()?;
        return Ok((args.policies.clone(), modules));
    }
    match args.paths.as_slice() {
        [] => Ok((args.policies.clone(), Vec::new())),
        [folder] if !is_policy(folder) => {
            Ok((PolicyArgs { policies: Some(folder.clone()), ..args.policies.clone() }, Vec::new()))
        }
        _ => {
            Err(Diagnostic::error("usage", "the folder that the modules of these files start from is not known", None)
                .with_help(Some("name it with `--policies DIR`, or test one folder as a whole".to_owned()))
                .into())
        }
    }
}

fn is_policy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pal")
}

/// The module of a file or folder below the root.
fn module(path: &Path, root: &Path) -> Result<String, Failure> {
    let place = |path: &Path| -> Result<PathBuf, Failure> {
        path.canonicalize().map_err(|error| {
            Diagnostic::error("file-missing", format!("`{}` cannot be read: {error}", path.display()), None).into()
        })
    };
    let (full, base) = (place(path)?, place(root)?);
    let Ok(below) = full.strip_prefix(&base) else {
        let message = format!("`{}` is not below the folder of the policies, `{}`", path.display(), root.display());
        return Err(Diagnostic::error("usage", message, None).into());
    };
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    Ok(parts.join(".").trim_end_matches(".pal").to_owned())
}

/// Whether a module is another or below it; everything is below the empty one.
fn is_in(module: &str, above: &str) -> bool {
    above.is_empty() || module.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
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
