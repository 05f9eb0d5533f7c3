//! The arguments of `palisade new`.

use clap::{Args, Subcommand};

use super::PolicyArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum New {
    /// Write a rule with three tests into your own policies; all of it runs, and says what is to be filled in.
    #[command(after_help = RULE_EXAMPLES)]
    Rule(NewRule),
}

#[derive(Args, Debug)]
pub(crate) struct NewRule {
    /// Its full name: the module, then its own.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The entity that it is about.
    #[arg(long, value_name = "ENTITY", default_value = "Subnet")]
    pub(crate) on: String,
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,
}

const RULE_EXAMPLES: &str = "\
Examples:
  palisade new rule org.subnets.no_open_ports
  palisade new rule org.storage.private --on StorageAccount

The module is the path of a file: org.subnets is org/subnets.pal in the folder of your policies, which grows if it is
there already. Nothing is ever replaced.";
