//! The commands about stored items, and their options.

use clap::{Subcommand, builder::PossibleValuesParser};
use domain::OrganizationId;

use super::consumer::OutputOptions;

/// What to do about stored items.
#[derive(Debug, Subcommand)]
pub enum RecordsCommand {
    /// Go through the tables, and say what is wrong with each item that does not read
    ///
    /// No word of what an item holds is shown. It reads whole tables, which costs as much as a backup of them does.
    /// Exit code 0 means that everything reads, 1 that something does not. The counts are on stderr; with JSON lines they
    /// are the last line instead.
    Check {
        /// Only this organization's
        #[arg(long, value_name = "ID")]
        organization: Option<OrganizationId>,
        /// Only these
        #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(store::Store::kinds()))]
        resource: Option<String>,
        /// How to print what does not read.
        #[command(flatten)]
        output: OutputOptions,
    },
}
