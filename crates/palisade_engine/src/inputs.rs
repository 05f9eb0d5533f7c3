//! The inputs of the engine beside the files themselves: which files make a program, which make an environment.

use palisade_source::File;

/// The database of the engine.
#[salsa::db]
pub trait Db: palisade_source::Db {}

/// The policies that are in force: the library and the user's own.
#[salsa::input]
pub struct Program {
    /// The library's `.pal` files; their paths are `library/` and the path under its root.
    #[returns(ref)]
    pub library: Vec<File>,
    /// The user's `.pal` files; each path begins with [`Program::policy_root`].
    #[returns(ref)]
    pub policies: Vec<File>,
    /// The folder that the user's module names start from, as a path prefix with a final `/`, or empty.
    #[returns(ref)]
    pub policy_root: String,
    /// The library's catalogue of service tags (`azure/service_tags.yaml`).
    pub service_tags: File,
    /// The library's catalogue of regions (`azure/regions.yaml`).
    pub regions: File,
    /// How the hosts of Azure's resources are named (`azure/host_names.yaml`).
    pub host_names: File,
    /// Microsoft's JSON of the addresses of service tags, if the user gives one for everything: policies may name the tags
    /// that it lists.
    #[returns(copy)]
    pub addresses: Option<File>,
}

/// One environment: a document of a YAML file, with the files that it includes.
#[salsa::input]
pub struct Environment {
    /// The file.
    pub file: File,
    /// Which of its documents, from 0.
    pub document: usize,
    /// The files that its `include` names, in order.
    #[returns(ref)]
    pub included: Vec<File>,
    /// Microsoft's JSON of the addresses of service tags that holds here: verdicts are exact by it, and without it what depends
    /// on where a tag lies is undetermined. The environments of one run may have different ones.
    #[returns(copy)]
    pub addresses: Option<File>,
}
