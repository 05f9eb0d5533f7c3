//! What the paths of `test` and `lint` mean: a folder of policies, or files and folders in one.

use std::path::{Path, PathBuf};

use palisade_project::Failure;
use palisade_source::Diagnostic;

use crate::args::PolicyArgs;

/// The policies to load, and the modules that are meant; none: all.
pub(crate) fn scope(paths: &[PathBuf], policies: &PolicyArgs) -> Result<(PolicyArgs, Vec<String>), Failure> {
    if let Some(root) = &policies.policies {
        let modules = paths.iter().map(|path| module(path, root)).collect::<Result<_, _>>()?;
        return Ok((policies.clone(), modules));
    }
    match paths {
        [] => Ok((policies.clone(), Vec::new())),
        [folder] if !is_policy(folder) => {
            Ok((PolicyArgs { policies: Some(folder.clone()), ..policies.clone() }, Vec::new()))
        }
        _ => {
            Err(Diagnostic::error("usage", "the folder that the modules of these files start from is not known", None)
                .with_help(Some("name it with `--policies DIR`, or name one folder as a whole".to_owned()))
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
