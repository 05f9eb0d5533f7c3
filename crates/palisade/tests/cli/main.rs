//! The binary from outside: what it prints, where, and with which exit code.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod answers;
mod flow;
mod folder;
mod formatting;
mod inputs;
mod lint;
mod service_tags;
mod tests_of_policies;
mod usage;
mod why;
