//! Doing something again whenever policies change, on a database that keeps what has not changed.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use palisade_source::Diagnostic;

use crate::{Failure, Project, codes};

/// An editor writes a file in several steps: they are over when nothing has happened for so long.
const SETTLED: Duration = Duration::from_millis(100);

/// Where changes come from.
pub trait Changes {
    /// Waits for a change. `false`: there will be none any more.
    fn wait(&mut self) -> bool;
}

/// Does something with the project, and again after each change. What cannot be read is handed on, and may be mended.
pub fn repeat(project: &mut Project, changes: &mut dyn Changes, mut run: impl FnMut(Result<&Project, Failure>)) {
    run(Ok(project));
    while changes.wait() {
        match project.refresh() {
            Ok(()) => run(Ok(project)),
            Err(failure) => run(Err(failure)),
        }
    }
}

/// The changes of policies and catalogues below folders of the disk.
pub struct Folders {
    changed: Receiver<notify::Result<Event>>,
    /// It sends as long as it lives.
    _watcher: RecommendedWatcher,
}

impl Folders {
    /// Watches folders.
    pub fn new(folders: &[PathBuf]) -> Result<Self, Failure> {
        let fault = |error: &notify::Error| {
            let message = format!("the folders of the policies cannot be watched: {error}");
            Failure::from(Diagnostic::error(codes::FILE_UNREADABLE, message, None))
        };
        let (sender, changed) = channel();
        let mut watcher = notify::recommended_watcher(sender).map_err(|error| fault(&error))?;
        for folder in folders {
            watcher.watch(folder, RecursiveMode::Recursive).map_err(|error| fault(&error))?;
        }
        Ok(Self { changed, _watcher: watcher })
    }
}

impl Changes for Folders {
    fn wait(&mut self) -> bool {
        loop {
            match self.changed.recv() {
                Ok(event) if matters(&event) => break,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        while !matches!(
            self.changed.recv_timeout(SETTLED),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)
        ) {}
        true
    }
}

/// Whether an event is about a file that is read. A report that is written beside the policies is none.
fn matters(event: &notify::Result<Event>) -> bool {
    let is_read = |path: &PathBuf| {
        let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("pal" | "yaml"))
    };
    match event {
        // A folder that was moved names no file below it.
        Ok(event) => {
            !event.kind.is_access() && event.paths.iter().any(|path| is_read(path) || path.extension().is_none())
        }
        Err(_) => true,
    }
}
