//! The commands about API keys, and their options.

use std::time::Duration;

use clap::Subcommand;
use domain::{OrganizationId, RecordId, Scope};

use super::value::{duration, lifetime, name, scopes};

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Create a key, and show it once
    Create {
        /// The organization that it belongs to
        #[arg(long, value_name = "ID")]
        organization: OrganizationId,
        /// What it is for
        #[arg(long, value_parser = name)]
        name: String,
        /// What it may do, separated by commas
        #[arg(long, value_delimiter = ',', required = true, value_parser = scopes())]
        scopes: Vec<Scope>,
        /// How long it works, such as 30d or 12h (default: until it is revoked)
        #[arg(long, value_name = "TIME", value_parser = lifetime)]
        expires_in: Option<Duration>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List an organization's keys, newest first
    List {
        /// The organization
        #[arg(long, value_name = "ID")]
        organization: OrganizationId,
        /// Print JSON lines
        #[arg(long)]
        json: bool,
    },
    /// End a key at once
    Revoke {
        /// The key's id, as `keys list` shows it
        key_id: RecordId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Create a key like another one, which goes on working for a while
    Rotate {
        /// The key's id, as `keys list` shows it
        key_id: RecordId,
        /// How long the old key goes on working, such as 24h or 0s
        #[arg(long, value_name = "TIME", value_parser = duration, default_value = "24h")]
        overlap: Duration,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Find and mend what differs between the keys and the gateway's usage plan
    ///
    /// Exit code 0 means that everything is in order now; 1 that --dry-run found something, or that something
    /// could not be mended. Running it again is always safe. It also says which tables of a stack of prod nothing
    /// protects from deletion, which does not change the exit code.
    Doctor {
        /// Change nothing, only report
        #[arg(long)]
        dry_run: bool,
        /// Make the 1 024 shared keys, before the stack is deployed with PlanKeys=pooled (takes some minutes)
        #[arg(long)]
        pool: bool,
        /// Print JSON lines, the last one with the counts
        #[arg(long)]
        json: bool,
    },
}
