//! The commands about API keys, and their options.

use std::time::Duration;

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use domain::{OrganizationId, RecordId, Scope, Scopes};

use super::{
    consumer::OutputOptions,
    value::{duration, lifetime, name},
};

/// The most requests a minute that a key's item can count.
const MAX_REQUESTS_PER_MINUTE: i64 = 900_000;

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
        /// What it may do, separated by commas; `all` is every scope that there is today
        #[arg(long, value_delimiter = ',', required = true, value_parser = scopes())]
        scopes: Vec<GrantedScopes>,
        /// How many requests it may make in each calendar minute
        ///
        /// The gateway's usage plan must let twice as many through at once, since a minute's end and the next one's beginning
        /// meet; it is looked at, and what it would cut short is refused. A stack allows 60, unless it is deployed with a
        /// larger RequestsPerMinute.
        #[arg(long, value_name = "N", default_value_t = domain::DEFAULT_REQUESTS_PER_MINUTE, value_parser = requests_per_minute())]
        requests_per_minute: u32,
        /// How long it works, such as 30d or 12h (default: until it is revoked)
        #[arg(long, value_name = "TIME", value_parser = lifetime)]
        expires_in: Option<Duration>,
        /// How to print it.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// List an organization's keys, newest first
    List {
        /// The organization
        #[arg(long, value_name = "ID")]
        organization: OrganizationId,
        /// How to print them.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Change what a key is called, what it may do, or how many requests it may make
    ///
    /// It holds from the key's next request on; where the key has used up a minute, from the next minute on.
    Update {
        /// The key's id, as `keys list --wide` shows it
        key_id: RecordId,
        /// What changes.
        #[command(flatten)]
        changes: KeyChanges,
        /// How to print what changed.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// End a key at once
    Revoke {
        /// The key's id, as `keys list --wide` shows it
        key_id: RecordId,
        /// How to print it.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Create a key like another one, which goes on working for a while
    Rotate {
        /// The key's id, as `keys list --wide` shows it
        key_id: RecordId,
        /// How long the old key goes on working, such as 24h or 0s
        #[arg(long, value_name = "TIME", value_parser = duration, default_value = "24h")]
        overlap: Duration,
        /// How to print it.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Find and mend what differs between the keys and the gateway's usage plan
    ///
    /// Exit code 0 means that everything is in order now; 1 that --dry-run found something, or that something
    /// could not be mended. Running it again is always safe. The counts are on stderr; with JSON lines they are the last line
    /// instead. It also says which tables of a stack of prod nothing protects from deletion, which does not change the exit
    /// code.
    Doctor {
        /// Change nothing, only report
        #[arg(long)]
        dry_run: bool,
        /// Make the 1 024 shared keys, before the stack is deployed with PlanKeys=pooled (takes some minutes)
        #[arg(long)]
        pool: bool,
        /// How to print what was found.
        #[command(flatten)]
        output: OutputOptions,
    },
}

/// The changes of a key.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct KeyChanges {
    /// What it is for
    #[arg(long, value_parser = name)]
    pub name: Option<String>,
    /// All that it may do from now on, separated by commas; `all` is every scope that there is today
    #[arg(long, value_delimiter = ',', value_parser = scopes())]
    pub scopes: Option<Vec<GrantedScopes>>,
    /// How many requests it may make in each calendar minute; at most what the gateway's usage plan lets through, as for
    /// `keys create`
    #[arg(long, value_name = "N", value_parser = requests_per_minute())]
    pub requests_per_minute: Option<u32>,
}

/// The scopes that a word of `--scopes` grants: one, or all.
#[derive(Clone, Debug)]
pub struct GrantedScopes(Scopes);

impl GrantedScopes {
    /// The word for every scope.
    const ALL: &'static str = "all";

    /// The scopes that a word grants.
    fn read(word: &str) -> Result<Self, String> {
        if word == Self::ALL { Ok(Self(Scope::ALL.into())) } else { Ok(Self([word.parse()?].into())) }
    }

    /// The scopes that words grant together.
    pub(crate) fn together(granted: Vec<Self>) -> Scopes {
        granted.into_iter().flat_map(|granted| granted.0).collect()
    }
}

fn scopes() -> impl TypedValueParser<Value = GrantedScopes> {
    let words = Scope::ALL.map(Scope::as_str).into_iter().chain([GrantedScopes::ALL]);
    PossibleValuesParser::new(words).try_map(|text| GrantedScopes::read(&text))
}

fn requests_per_minute() -> impl TypedValueParser<Value = u32> {
    clap::value_parser!(u32).range(1..=MAX_REQUESTS_PER_MINUTE)
}
