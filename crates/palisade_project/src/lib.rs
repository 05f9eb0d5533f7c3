//! All of the input and output: the concrete database, the configuration, the files of policies and environments,
//! and the parallel check. Nothing below this crate opens a file; nothing above it asks the engine.
//!
//! | file | what it does |
//! | --- | --- |
//! | `project.rs` | [`Project`]: what the commands ask |
//! | `database.rs` | the concrete database |
//! | `read.rs` | bytes of a disk or of standard input → text, with limits and clear errors |
//! | `files.rs` | each file once, under the path that reports show |
//! | `library.rs` | the library in the binary or in a folder, and the user's policies |
//! | `format.rs` | policies in their canonical layout, written back |
//! | `mend.rs` | what `lint` found, mended where that is safe |
//! | `scaffold.rs` | new policies |
//! | `config.rs` | `palisade.yaml` |
//! | `discover.rs` | which files are environments |
//! | `include.rs` | the files that an environment includes |
//! | `service_tags.rs` | which file of the addresses of service tags holds where |
//! | `patterns.rs` | patterns such as `envs/*.yaml` |
//! | `parallel.rs`, `progress.rs` | many environments at once, in one order |
//! | `testing.rs`, `watch.rs` | the tests of policies, and what they saw; once, or after each change |
//! | `codes.rs` | the diagnostics of this crate, with their pages |

mod codes;
mod config;
mod database;
mod discover;
mod files;
mod format;
mod include;
mod library;
mod mend;
mod parallel;
mod patterns;
mod progress;
mod project;
mod read;
mod scaffold;
mod service_tags;
mod suggest;
mod testing;
mod watch;

pub use codes::{codes, page};
pub use config::{CONFIG_NAME, Config};
pub use discover::{Request, Selection};
pub use format::{Formats, Formatted, format};
pub use library::Policies;
pub use palisade_engine::api::{
    CheckOptions, FlowQuestion, LintSelection, Listing, MutantSelection, TestSelection, WhyQuestion, page_with_example,
};
pub use parallel::Pace;
pub use project::{Project, Setup};
pub use scaffold::{Created, new_rule};
pub use suggest::nearest;
pub use watch::{Changes, Folders, repeat};

use palisade_source::Diagnostic;
use palisade_source::report::Texts;

/// Why there is no answer: diagnostics, with the texts that they point into.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// At least one of them is an error.
    pub diagnostics: Vec<Diagnostic>,
    /// By path.
    pub texts: Texts,
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic], texts: Texts::new() }
    }
}
