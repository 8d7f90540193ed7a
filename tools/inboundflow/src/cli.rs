//! The command line, and the help that it prints.
#![expect(clippy::doc_markdown, reason = "a terminal shows these comments as they are")]

mod consumer;
mod dead_letters;
mod dev;
mod document;
mod filters;
mod keys;
mod orgs;
mod records;
mod value;
mod webhooks;

pub use consumer::{
    ApiOptions, CallsCommand, ConsumerCommand, ContactsCommand, CreateContact, ExportCommand, ExportOptions,
    Format, GetOptions, ListCommand, ListOptions, Output, OutputOptions, ShowOptions,
};
pub(crate) use dead_letters::NO_KIND;
pub use dead_letters::{
    DeadLetterChoice, DeadLetterFilter, DeadLetterPlace, DeadLetterQueue, DeadLettersCommand,
};
pub use dev::DevOptions;
pub use document::{DocsCommand, OpenapiOptions};
pub use filters::Filters;
pub use keys::{GrantedScopes, KeyChanges, KeysCommand};
pub use orgs::OrgsCommand;
pub use records::RecordsCommand;
pub use value::Since;
pub use webhooks::{
    Access, CreateWebhook, Endpoint, EndpointsCommand, ListenOptions, Replay, WebhookChanges, WebhooksCommand,
};

use std::path::PathBuf;

use clap::{
    ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand,
    builder::PossibleValuesParser, error::ErrorKind, parser::ValueSource,
};
use domain::{OrganizationId, Timestamp, WholeNumber, ingest::BucketName};

use conformance::Secret;

use crate::{import::resources, ingest::QueueUrl};
use consumer::{OF_OPERATORS, of_operators};
use value::{time, with_tip};

/// InboundFlow's open API: ask it, run it here, and look after the organizations, keys and records of a
/// deployment.
///
/// Start with `inboundflow dev`: the whole API with demo data on <http://127.0.0.1:3000>. Where you have a key of the
/// API, start with `inboundflow me`.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// A DynamoDB alone to work on, such as the one that `dev` prints. Without it, `dev` starts its own; orgs,
    /// keys, records, import, ingest and webhooks --organization take what AWS_ENDPOINT_URL_DYNAMODB (a DynamoDB alone) or
    /// AWS_ENDPOINT_URL (an emulator of AWS) names, else the AWS account of the environment or profile.
    #[arg(long, global = true, value_name = "URL", value_parser = conformance::endpoint_url)]
    pub endpoint_url: Option<String>,

    /// What the tables' names start with.
    #[arg(long, global = true, value_name = "PREFIX", env = "TABLE_PREFIX", default_value = store::DEFAULT_TABLE_PREFIX)]
    pub table_prefix: String,
}

/// What says where and with whose key the API is asked, and means nothing to operators.
const OF_CONSUMERS: [(&str, &str); 2] = [("api_key", "api-key"), ("base_url", "base-url")];

impl Cli {
    /// Reads the command line. Where it is wrong, or asks for help, the process ends here.
    #[must_use]
    pub fn read() -> Self {
        let matches = Self::command().try_get_matches().unwrap_or_else(|error| with_tip(error).exit());
        let cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let given = |of: &[(&str, &'static str)]| {
            let is_given = |id| innermost(&matches).value_source(id) == Some(ValueSource::CommandLine);
            of.iter().find(|(id, _)| is_given(id)).map(|(_, option)| *option)
        };
        let of_operators = given(&OF_OPERATORS);
        match (&cli.command, of_operators) {
            (Command::Consumer(_), Some(option)) => Self::refuse(&format!(
                "--{option} is about the tables, and this command asks the API over HTTP: say where with --base-url"
            )),
            (
                Command::Check(_)
                | Command::Openapi(_)
                | Command::Docs { .. }
                | Command::Demo(_)
                | Command::Completions { .. },
                Some(option),
            ) => Self::refuse(&format!("--{option} is about the tables, and this command works on none")),
            (Command::DeadLetters { .. }, _) if given(&OF_OPERATORS[..1]).is_some() => Self::refuse(
                "--endpoint-url is a DynamoDB's, and dead letters lie in queues: name those of `dev` with --dev, and those of \
                 an emulator of AWS with AWS_ENDPOINT_URL",
            ),
            (Command::Webhooks { command: WebhooksCommand::Endpoints(command) }, option) => {
                match (command.access().organization, option, given(&OF_CONSUMERS)) {
                    (None, Some(option), _) => Self::refuse(&format!(
                        "--{option} is about the tables: say with --organization whose endpoints in them"
                    )),
                    (Some(_), _, Some(option)) => Self::refuse(&format!(
                        "--{option} is about the API over HTTP, and --organization about the tables: give one of them"
                    )),
                    _ => cli,
                }
            }
            _ => cli,
        }
    }

    /// Ends the process as clap does where the command line is wrong, with the usage of the command that was given.
    pub(crate) fn refuse(wrong: &str) -> ! {
        let mut command = Self::command();
        let matches = command.get_matches_mut();
        let mut given = &matches;
        while let Some((name, inner)) = given.subcommand() {
            let Some(named) = command.find_subcommand(name) else { break };
            (command, given) = (named.clone(), inner);
        }
        command.error(ErrorKind::ValueValidation, wrong).exit()
    }
}

/// What the command that does the work was given.
fn innermost(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, inner)| innermost(inner))
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 it failed (the reason is on stderr), 2 wrong usage, 130 or 143 an export was interrupted.";

/// What the command can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole API here, over an embedded DynamoDB with demo data
    Dev(DevOptions),
    /// What asks the API with a key of it.
    #[command(flatten)]
    Consumer(ConsumerCommand),
    /// Create and list organizations
    Orgs {
        /// What to do with them.
        #[command(subcommand)]
        command: OrgsCommand,
    },
    /// Create, list, change, revoke and rotate API keys
    ///
    /// In an AWS account, or an emulator of all of it (AWS_ENDPOINT_URL), each key also has one in API Gateway,
    /// in the usage plan that the stack makes. A DynamoDB alone has no gateway before it.
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Look after endpoints of webhooks and what is delivered to them, or receive deliveries here
    ///
    /// With an API key the API is asked, for the endpoints of the key's organization. Operators of a deployment give
    /// --organization, and work on its tables.
    Webhooks {
        /// What to do about them.
        #[command(subcommand)]
        command: WebhooksCommand,
    },
    /// List, show, redrive and delete the messages that could not be carried out
    ///
    /// They lie in three queues, for 14 days: `events`, voice events of which `ingest` made no record; `deliveries`, those of
    /// both queues of webhooks that `deliver` could not attempt; `fanout`, changes of records of which no event could be made.
    ///
    /// A deployment's are found by the stack's name (--table-prefix without its dash) in the AWS account and region of the
    /// environment or profile, an emulator's by AWS_ENDPOINT_URL, and those of `dev` with --dev.
    #[command(args = of_operators().take(1))]
    DeadLetters {
        /// What to do with them.
        #[command(subcommand)]
        command: DeadLettersCommand,
    },
    /// Find stored items that do not read
    Records {
        /// What to do about them.
        #[command(subcommand)]
        command: RecordsCommand,
    },
    /// Write records from JSON lines
    ///
    /// One object a line:
    /// {"organization_id"?, "resource": "calls" | "contacts" | "leads" | "appointments", "record": {…}}
    ///
    /// With --resource a line is the record alone, as `export` writes it.
    ///
    /// The record is as the API prints it; a call may have `messages`. Ids and `created_at` are kept, so
    /// that running it again changes nothing but what events have added since. A line that is wrong is named and left out; the rest is
    /// written, and the exit code is 1.
    Import(ImportOptions),
    /// Carry out events of the voice pipeline, from JSON lines
    ///
    /// One event a line, as --schema describes it; a line that names no organization is --organization's.
    ///
    /// Without --queue the events become records here and now, in the deployment's tables. With --queue they are
    /// sent to that queue, and the deployment's function makes records of them: what is too large for the queue
    /// goes to --bucket, and a pointer to it over the queue. Running it again changes nothing. A line that is
    /// wrong is named and left out; the rest is carried out, and the exit code is 1.
    Ingest(IngestOptions),
    /// Ask a server, wherever it runs, for each promise of the API
    ///
    /// One line a promise: `documented`, `our choice` or `addition` is the kind of a promise that holds;
    /// `differs` says what was expected and what came; `not seen` says what is missing to try it. The
    /// exit code is 0 where nothing differs.
    ///
    /// It keeps inside the rate limit and waits for the next minute where it must: a run takes one to three
    /// minutes. Nothing is written without --write. Records that arrive or change meanwhile can make lists
    /// differ.
    #[command(args = of_operators())]
    Check(CheckOptions),
    /// Print the OpenAPI document of the API, a collection for Postman, or what breaks clients
    #[command(args = of_operators())]
    Openapi(OpenapiOptions),
    /// Write the documentation, which `dev` and every deployment serve under /docs
    #[command(args = of_operators())]
    Docs {
        /// What to do with it.
        #[command(subcommand)]
        command: DocsCommand,
    },
    /// Print made-up records as JSON lines for `import`, or the voice events of such a day
    #[command(args = of_operators())]
    Demo(DemoOptions),
    /// Print a completion script, for example: inboundflow completions bash > ~/.local/share/bash-completion/completions/inboundflow
    #[command(args = of_operators())]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// What to import.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// The file; `-` is standard input
    pub file: PathBuf,
    /// What the records of a file are that says nothing of it, such as one that `export` wrote
    ///
    /// Each line is then a record, without `resource` and `record` around it. An array of records, as lists are
    /// printed with `-o json`, will do as well.
    #[arg(long, value_name = "RESOURCE", value_parser = PossibleValuesParser::new(resources()), requires = "organization")]
    pub resource: Option<String>,
    /// The organization of lines that name none
    #[arg(long, value_name = "ID")]
    pub organization: Option<OrganizationId>,
    /// Print the counts as JSON
    #[arg(long)]
    pub json: bool,
}

/// What to ingest, and how.
#[derive(Debug, Args)]
pub struct IngestOptions {
    /// The file; `-` is standard input
    #[arg(required_unless_present = "schema")]
    pub file: Option<PathBuf>,
    /// Send the events to this queue
    #[arg(long, value_name = "URL", conflicts_with = "endpoint_url")]
    pub queue: Option<QueueUrl>,
    /// Where events go that are too large for the queue: the stack's EventsBucket
    #[arg(long, value_name = "NAME", requires = "queue")]
    pub bucket: Option<BucketName>,
    /// The organization of lines that name none
    #[arg(long, value_name = "ID")]
    pub organization: Option<OrganizationId>,
    /// Print the counts as JSON
    #[arg(long)]
    pub json: bool,
    /// Print the JSON Schema of an event instead
    #[arg(long, conflicts_with_all = ["file", "queue", "bucket", "organization", "json"])]
    pub schema: bool,
}

/// What to check, and with which keys.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// The API's base URL, such as the one that `dev` prints or the stack's output `BaseUrl`
    #[arg(value_parser = conformance::base_url)]
    pub url: String,
    /// The API key to ask with; it should have every scope
    #[arg(long, value_name = "KEY", env = "INBOUNDFLOW_API_KEY", hide_env_values = true)]
    pub key: Option<Secret>,
    /// A key of the same organization with the scope calls:read alone
    #[arg(long, value_name = "KEY", env = "INBOUNDFLOW_NARROW_KEY", hide_env_values = true)]
    pub narrow_key: Option<Secret>,
    /// A key that was revoked
    #[arg(long, value_name = "KEY", env = "INBOUNDFLOW_REVOKED_KEY", hide_env_values = true)]
    pub revoked_key: Option<Secret>,
    /// A key that has expired
    #[arg(long, value_name = "KEY", env = "INBOUNDFLOW_EXPIRED_KEY", hide_env_values = true)]
    pub expired_key: Option<Secret>,
    /// A key of another organization, with every scope that reads
    #[arg(long, value_name = "KEY", env = "INBOUNDFLOW_FOREIGN_KEY", hide_env_values = true)]
    pub foreign_key: Option<Secret>,
    /// Create a contact, which stays, with a fictional phone number
    #[arg(long)]
    pub write: bool,
    /// Send requests until one is refused, and wait for the next minute
    #[arg(long)]
    pub use_up_minute: bool,
    /// Print JSON lines
    #[arg(long)]
    pub json: bool,
}

/// What to make up.
#[derive(Debug, Args)]
pub struct DemoOptions {
    /// How many calls; contacts, leads and appointments follow from them
    #[arg(long, default_value_t = 200)]
    pub calls: u32,
    /// The same seed gives the same records, or events
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=WholeNumber::MAX))]
    pub seed: u64,
    /// No call begins, and nothing else happens, after this
    #[arg(long, value_name = "TIME", default_value = "2026-03-01T18:00:00Z", value_parser = time)]
    pub until: Timestamp,
    /// Name this organization on every line
    #[arg(long, value_name = "ID")]
    pub organization: Option<OrganizationId>,
    /// Print voice events in the order of their time, for `ingest` and `dev --replay`
    #[arg(long)]
    pub events: bool,
}
