//! The diagnostics of this crate. Each code has a page, which `palisade explain CODE` shows; its example is in
//! `codes/files.md`, which `tests/tests/pages.rs` runs.

use palisade_engine::api;

macro_rules! codes {
    ($($name:ident = $code:literal: $page:literal)*) => {
        $(pub(crate) const $name: &str = $code;)*
        const ABOUT: &[(&str, &str)] = &[$(($code, $page)),*];
        /// Every code that this crate may report.
        #[must_use]
        pub fn codes() -> Vec<&'static str> {
            vec![$($code),*]
        }
    };
}

codes! {
    FILE_MISSING = "file-missing":
        "A file that was named does not exist. Paths are read from the folder in which the command runs; those in \
         `palisade.yaml` from the folder of that file."
    FILE_UNREADABLE = "file-unreadable":
        "A file exists but could not be read: it is a folder, it is protected, or the disk reports a fault."
    FILE_UNWRITABLE = "file-unwritable":
        "A file could not be replaced: it or its folder is protected, or the disk is full. The file is as it was."
    FILE_TOO_LARGE = "file-too-large":
        "A file is larger than the limit for its kind. It was not read, so that memory stays bounded."
    FILE_ENCODING = "file-encoding":
        "A file is not UTF-8. Palisade reads UTF-8 only, with or without a byte order mark."
    NOT_ENVIRONMENT = "not-an-environment":
        "A file was named as an environment, but none of the keys at its top is one that an environment has, or it \
         is empty. In a folder such files are left out; a file that is named must be one."
    NOT_CHECKED = "not-checked":
        "A YAML file in a folder cannot be read as YAML, and nothing shows that it describes an environment. It was \
         not checked. Name it on the command line to have it checked, or list it in a `.ignore` file."
    NO_MATCH = "no-match":
        "A pattern matches no file, so what it was meant for was not checked."
    BAD_PATTERN = "bad-pattern":
        "A pattern cannot be read. `*` matches within a folder, `**` any number of folders, `?` one character, \
         `[a-z]` one of several, `{a,b}` either."
    INCLUDE_OUTSIDE = "include-outside":
        "An `include` names a file outside of the project. Only files below the project's root can be included: the \
         nearest folder above the environment that holds `palisade.yaml` or is a repository, else its own folder."
    INCLUDE_MISSING = "include-missing":
        "An `include` names a file that cannot be read, or its pattern matches none. Nothing of the environment is \
         checked, since a part of it is not there."
    CONFIG_INVALID = "config-invalid":
        "`palisade.yaml` cannot be read, or a value has the wrong form. The keys are `policies` (a folder), `packs` \
         (names), `environments` (patterns), `severity` (rule: error, warning or info), `fail_on` (a severity), \
         `service_tags` (a file)."
    CONFIG_KEY = "config-key":
        "`palisade.yaml` has a key that does not exist. The keys are `policies`, `packs`, `environments`, \
         `severity`, `fail_on`, `service_tags`."
    NOT_SUPPORTED = "not-supported":
        "Something that will exist does not yet. It is refused, never passed over: a setting without effect would \
         look as if it had one."
    SERVICE_TAGS = "service-tags-file":
        "The file of the addresses of service tags that an environment or `palisade.yaml` names as `service_tags` cannot \
         be read, or lies outside of the project: the nearest folder above the file that names it that holds \
         `palisade.yaml` or is a repository, else that file's own folder. Its path starts from the folder of the file \
         that names it. `--service-tags` may name a file anywhere, and goes before what environments and `palisade.yaml` \
         name."
    LIBRARY_MISSING = "library-missing":
        "A library lacks what it must have: `azure/service_tags.yaml`, `azure/regions.yaml` and `azure/host_names.yaml`, or any policy at all."
    LIBRARY_TWICE = "library-twice":
        "Two libraries were given. A policy folder that declares `extern fn` is a library and replaces the one in \
         the binary; it cannot stand beside another."
    POLICIES_EMPTY = "policies-empty":
        "A folder of policies holds no `.pal` file."
    FORMAT = "format":
        "What was named cannot be formatted: `palisade fmt` takes policies, whose names end in `.pal`, folders that \
         hold such, or `-` alone for standard input."
    QUESTION = "bad-question":
        "A question about traffic cannot be answered as it was asked."
}

const PAGES: &[&str] = &[include_str!("codes/files.md")];

/// The page of a code of this crate, Markdown.
#[must_use]
pub fn page(code: &str) -> Option<String> {
    let (code, about) = ABOUT.iter().find(|(known, _)| *known == code)?;
    Some(api::page_with_example(code, about, PAGES))
}
