//! The commands about organizations, and their options.

use clap::Subcommand;

use super::{consumer::OutputOptions, value::name};

/// What to do with organizations.
#[derive(Debug, Subcommand)]
pub enum OrgsCommand {
    /// Create an organization
    Create {
        /// What it calls itself
        #[arg(long, value_parser = name)]
        name: String,
        /// What it pays for, as `/v1/me` shows it
        #[arg(long, value_parser = name)]
        plan: String,
        /// How to print it.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// List every organization, by name, with how many keys and records it has
    ///
    /// It reads the table of organizations, and of each one the entries of up to 1 000 keys and 1 000 records (calls,
    /// contacts, leads and appointments): for an organization with more, `1000+` is shown. That is some 200 read units an
    /// organization, or 0.03 USD for 1 000 of them. Keys that have ended count too.
    List {
        /// Count to the end, which reads every record, and so costs as much as a backup of the tables does
        #[arg(long, conflicts_with = "no_counts")]
        count: bool,
        /// Count nothing, and read the table of organizations alone
        #[arg(long)]
        no_counts: bool,
        /// How to print them.
        #[command(flatten)]
        output: OutputOptions,
    },
}
