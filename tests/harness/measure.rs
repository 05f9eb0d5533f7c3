//! Processor time and peak memory of a child process.
//!
//! The kernel sums these up over all children of a process that have ended. So a program that measures runs itself
//! again for each child: see [`Usage::of_only_child`].

use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::{Deserialize, Serialize};

/// What a child process took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Usage {
    /// User and system time in microseconds, over all threads.
    pub processor_microseconds: i64,
    /// The most memory that it held at once, in kibibytes.
    pub peak_kib: i64,
    /// Its exit code.
    pub code: i32,
}

impl Usage {
    /// Runs a command to its end. It must be the only child that this process ever has.
    pub fn of_only_child(command: &mut Command) -> Self {
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
        let status = status.unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel counts");
        let time = usage.user_time() + usage.system_time();
        Self {
            processor_microseconds: time.num_microseconds(),
            peak_kib: usage.max_rss(),
            code: status.code().unwrap_or_else(|| panic!("{command:?} ended by a signal")),
        }
    }

    /// Seconds of processor time.
    pub fn seconds(&self) -> f64 {
        let microseconds = i32::try_from(self.processor_microseconds).expect("under half an hour");
        f64::from(microseconds) / 1e6
    }

    /// Mebibytes of memory at the peak.
    pub fn mebibytes(&self) -> f64 {
        f64::from(i32::try_from(self.peak_kib).expect("under two tebibytes")) / 1024.0
    }
}
