//! Policies: the library that is embedded in the binary, or a folder that takes its place, and the user's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;
use include_dir::{Dir, include_dir};
use palisade_engine::inputs::Program;
use palisade_source::{Diagnostic, File};
use salsa::{Durability, Setter};

use crate::Failure;
use crate::codes;
use crate::database::Database;
use crate::files::Files;
use crate::read;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../policies");

/// The folders that policies are read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// The user's own policies; a folder that declares `extern fn` is a library.
    pub own: Option<PathBuf>,
    /// Takes the place of the embedded library.
    pub library: Option<PathBuf>,
    /// Microsoft's JSON of the addresses of service tags; goes before those that environments and the configuration name.
    pub service_tags: Option<PathBuf>,
}

/// A file under a root: its path below it, with `/`, and its text.
struct Source {
    path: String,
    text: Arc<str>,
}

impl Source {
    fn under(self, prefix: &str) -> Self {
        Self { path: format!("{prefix}{}", self.path), ..self }
    }
}

/// What was read: under each root the policies, and the catalogues of the library.
struct Texts {
    library: Vec<Source>,
    own: Vec<Source>,
    service_tags: Source,
    regions: Source,
    host_names: Source,
    /// The beginning of the paths of the user's own.
    root: String,
}

/// Reads all policies and the catalogues beside them.
pub(crate) fn program(
    policies: &Policies,
    addresses: Option<File>,
    files: &Files,
    db: &Database,
) -> Result<Program, Failure> {
    let texts = read_all(policies, files)?;
    let input = |source: Source| File::builder(source.path.into(), source.text).durability(Durability::HIGH).new(db);
    let catalogues = [texts.service_tags, texts.regions, texts.host_names];
    let [service_tags, regions, host_names] = catalogues.map(input);
    let library = texts.library.into_iter().map(input).collect();
    let own = texts.own.into_iter().map(input).collect();
    let program = Program::builder(library, own, texts.root, service_tags, regions, host_names, addresses);
    Ok(program.durability(Durability::HIGH).new(db))
}

/// Reads all of it again and sets what has changed, so that what was found out about the rest stands.
pub(crate) fn refresh(program: Program, policies: &Policies, files: &Files, db: &mut Database) -> Result<(), Failure> {
    let texts = read_all(policies, files)?;
    let before = (program.library(db).clone(), program.policies(db).clone());
    let catalogues = [*program.service_tags(db), *program.regions(db), *program.host_names(db)];
    let all = before.0.iter().chain(&before.1).chain(&catalogues);
    let known: BTreeMap<Arc<str>, File> = all.map(|file| (Arc::clone(file.path(db)), *file)).collect();
    for catalogue in [texts.service_tags, texts.regions, texts.host_names] {
        set(catalogue, &known, db);
    }
    let library: Vec<File> = texts.library.into_iter().map(|source| set(source, &known, db)).collect();
    let own: Vec<File> = texts.own.into_iter().map(|source| set(source, &known, db)).collect();
    if library != before.0 {
        program.set_library(db).with_durability(Durability::HIGH).to(library);
    }
    if own != before.1 {
        program.set_policies(db).with_durability(Durability::HIGH).to(own);
    }
    Ok(())
}

/// The file of a path with this text. Setting counts as a change, so it is compared first.
fn set(source: Source, known: &BTreeMap<Arc<str>, File>, db: &mut Database) -> File {
    let path = Arc::from(source.path.as_str());
    let Some(file) = known.get(&path) else {
        return File::builder(path, source.text).durability(Durability::HIGH).new(db);
    };
    if *file.text(db) != source.text {
        file.set_text(db).with_durability(Durability::HIGH).to(source.text);
    }
    *file
}

/// The texts of all files, under the paths that they have in reports.
fn read_all(policies: &Policies, files: &Files) -> Result<Texts, Failure> {
    let own = policies.own.as_deref().map(|root| sources(root, files)).transpose()?.unwrap_or_default();
    let declares = declares_extern(&own);
    let (library, own) = match (&policies.library, &policies.own) {
        // One folder that is found and given is one.
        (Some(root), Some(found)) if same_folder(root, found) => (own, Vec::new()),
        (Some(root), Some(found)) if declares.is_some() => return Err(two_libraries(found, root, files)),
        (Some(root), _) => (sources(root, files)?, own),
        (None, _) if declares.is_some() => (own, Vec::new()),
        (None, _) => (embedded(), own),
    };
    // Whoever did not ask for a library is told what made one.
    let unasked = declares.filter(|_| policies.library.is_none());
    let root = policies.own.as_deref().map(|root| prefix(&files.shown(root))).unwrap_or_default();
    let (library, mut data): (Vec<_>, Vec<_>) = library.into_iter().partition(|source| is_policy(&source.path));
    if library.is_empty() {
        let help =
            "a library is a folder such as the one that is built in: `azure`, `sources` and the packs".to_owned();
        let fault = Diagnostic::error(codes::LIBRARY_MISSING, "the library holds no `.pal` file", None);
        return Err(fault.with_help(Some(help)).into());
    }
    let mut catalogue = |name: &str| {
        let at = data
            .iter()
            .position(|source| source.path == name)
            .ok_or_else(|| catalogue_missing(name, unasked.as_deref().zip(policies.own.as_deref()), files))?;
        Ok::<_, Failure>(data.swap_remove(at).under("library/"))
    };
    Ok(Texts {
        service_tags: catalogue("azure/service_tags.yaml")?,
        regions: catalogue("azure/regions.yaml")?,
        host_names: catalogue("azure/host_names.yaml")?,
        library: library.into_iter().map(|source| source.under("library/")).collect(),
        own: own.into_iter().filter(|s| is_policy(&s.path)).map(|source| source.under(&root)).collect(),
        root,
    })
}

/// `unasked`: the line that makes a library of the user's own policies, and their folder.
fn catalogue_missing(name: &str, unasked: Option<(&str, &Path)>, files: &Files) -> Failure {
    let (message, help) = match unasked {
        None => (
            format!("the library has no `{name}`, which every check needs"),
            "a library is a folder such as the one that is built in: `azure`, `sources` and the packs".to_owned(),
        ),
        Some((line, own)) => (
            format!(
                "`{}{line}` declares `extern fn`, so these policies take the place of the built-in library, and they have no `{name}`",
                prefix(&files.shown(own))
            ),
            "remove `extern fn`: the built-in library declares all functions of the engine; write `fn` for one of your own"
                .to_owned(),
        ),
    };
    Diagnostic::error(codes::LIBRARY_MISSING, message, None).with_help(Some(help)).into()
}

/// Whether two paths lead to one folder.
fn same_folder(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().ok();
    whole(one).is_some_and(|one| Some(one) == whole(other))
}

fn two_libraries(own: &Path, library: &Path, files: &Files) -> Failure {
    let (own, library) = (files.shown(own), files.shown(library));
    let message = format!("`{own}` declares `extern fn`, so it is a library, and `{library}` is given as one as well");
    let help = "give one of them: a library as `--library`, your own policies as `--policies`".to_owned();
    Diagnostic::error(codes::LIBRARY_TWICE, message, None).with_help(Some(help)).into()
}

fn is_policy(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "pal")
}

fn is_catalogue(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "yaml")
}

/// Where a root declares a function of the engine, which only a library may: `net/rules.pal:3`. Items stand at the start of
/// a line.
fn declares_extern(sources: &[Source]) -> Option<String> {
    let declares = |line: &str| {
        let mut words = line.split_whitespace();
        line.starts_with("extern") && words.next() == Some("extern") && words.next() == Some("fn")
    };
    sources.iter().filter(|source| is_policy(&source.path)).find_map(|source| {
        let (number, _) = (1..).zip(source.text.lines()).find(|(_, line): &(u32, &str)| declares(line))?;
        Some(format!("{}:{number}", source.path))
    })
}

/// The shown path of a root as the beginning of the paths below it.
fn prefix(shown: &str) -> String {
    if shown == "." { String::new() } else { format!("{}/", shown.trim_end_matches('/')) }
}

/// The embedded library, sorted.
fn embedded() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![&EMBEDDED];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            sources.extend(file.contents_utf8().map(|text| Source { path, text: Arc::from(text) }));
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// The policies and catalogues below a folder, sorted.
fn sources(root: &Path, files: &Files) -> Result<Vec<Source>, Failure> {
    let shown = files.shown(root);
    let mut sources = Vec::new();
    for path in files_below(root, files)? {
        let below = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let text = read::file(&path, &format!("{}{below}", prefix(&shown)))?;
        sources.push(Source { path: below, text });
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

/// The policies below a folder.
pub(crate) fn policies_below(root: &Path, files: &Files) -> Result<Vec<PathBuf>, Failure> {
    let mut found = files_below(root, files)?;
    found.retain(|path| is_policy(&path.to_string_lossy()));
    Ok(found)
}

/// The policies and catalogues below a folder, of which at least one is a policy.
fn files_below(root: &Path, files: &Files) -> Result<Vec<PathBuf>, Failure> {
    let shown = files.shown(root);
    if !root.is_dir() {
        if !root.exists() {
            return Err(read::missing(root, &shown));
        }
        let message = format!("`{shown}` is no folder, and policies are read from a folder");
        let help = "name the folder that the modules start from".to_owned();
        return Err(Diagnostic::error(codes::FILE_MISSING, message, None).with_help(Some(help)).into());
    }
    let mut found = Vec::new();
    for entry in WalkBuilder::new(root).standard_filters(false).hidden(true).build() {
        let path = entry.map_err(|error| unreadable(&error))?.into_path();
        let name = path.to_string_lossy();
        if path.is_file() && (is_policy(&name) || is_catalogue(&name)) {
            found.push(path);
        }
    }
    if !found.iter().any(|path| is_policy(&path.to_string_lossy())) {
        let message = format!("`{shown}` holds no `.pal` file");
        let help =
            "name the folder that the modules start from, or write the first rule with `palisade new rule`".to_owned();
        return Err(Diagnostic::error(codes::POLICIES_EMPTY, message, None).with_help(Some(help)).into());
    }
    Ok(found)
}

/// A folder that could not be walked.
pub(crate) fn unreadable(error: &ignore::Error) -> Failure {
    Diagnostic::error(codes::FILE_UNREADABLE, format!("a folder cannot be read: {error}"), None).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn load(own: Option<&Path>, library: Option<&Path>) -> Result<(Vec<String>, Vec<String>), String> {
        let db = Database::default();
        let files = Files::new(own.or(library).unwrap_or(Path::new("/")));
        let policies =
            Policies { own: own.map(Path::to_owned), library: library.map(Path::to_owned), service_tags: None };
        let paths = |files: &[File]| files.iter().map(|file| file.path(&db).to_string()).collect();
        match program(&policies, None, &files, &db) {
            Ok(program) => Ok((paths(program.library(&db)), paths(program.policies(&db)))),
            Err(failure) => Err(failure.diagnostics[0].message.clone()),
        }
    }

    const CATALOGUES: [(&str, &str); 3] =
        [("azure/service_tags.yaml", ""), ("azure/regions.yaml", ""), ("azure/host_names.yaml", "")];

    #[test]
    fn the_embedded_library_holds_policies_and_catalogues() {
        let (library, own) = load(None, None).unwrap();
        assert!(library.contains(&"library/azure/network.pal".to_owned()), "{library:?}");
        assert!(library.is_sorted() && own.is_empty());
    }

    #[test]
    fn a_folder_of_policies_stands_beside_the_library() {
        let own = folder(&[("net/rules.pal", "rule a(s: Subnet) {}")]);
        let (library, own) = load(Some(own.path()), None).unwrap();
        assert_eq!(own, ["net/rules.pal"]);
        assert!(library.len() > 1);
    }

    #[test]
    fn a_folder_that_declares_extern_fn_is_the_library() {
        let mut files = vec![("azure/functions.pal", "extern fn size(prefix: Cidr) -> Int")];
        files.extend(CATALOGUES);
        let root = folder(&files);
        let whole = (vec!["library/azure/functions.pal".to_owned()], vec![]);
        assert_eq!(load(Some(root.path()), None).unwrap(), whole);
        let roundabout = root.path().join("azure/..");
        assert_eq!(load(Some(root.path()), Some(&roundabout)).unwrap(), whole, "one folder is one library");
        let other = folder(&files);
        let fault = load(Some(root.path()), Some(other.path())).unwrap_err();
        assert!(fault.contains("declares `extern fn`"), "{fault}");
    }

    #[test]
    fn policies_of_one_s_own_that_declare_extern_fn_are_told_so() {
        let root = folder(&[("net/rules.pal", "//! Mine.\n\nextern fn size(prefix: Cidr) -> Int")]);
        let fault = load(Some(root.path()), None).unwrap_err();
        assert_eq!(
            fault,
            "`net/rules.pal:3` declares `extern fn`, so these policies take the place of the built-in library, and they \
             have no `azure/service_tags.yaml`"
        );
    }

    #[test]
    fn a_library_without_a_catalogue_is_refused() {
        let root = folder(&[("azure/functions.pal", "extern fn size(prefix: Cidr) -> Int"), CATALOGUES[0]]);
        let fault = load(None, Some(root.path())).unwrap_err();
        assert_eq!(fault, "the library has no `azure/regions.yaml`, which every check needs");
    }

    #[test]
    fn a_folder_without_policies_is_refused() {
        let root = folder(&[("readme.md", "")]);
        assert!(load(Some(root.path()), None).unwrap_err().ends_with("holds no `.pal` file"));
    }
}
