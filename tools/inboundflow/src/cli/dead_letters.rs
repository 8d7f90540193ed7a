//! The commands about dead letters, and their options.

use std::env;

use clap::{Args, Subcommand, ValueEnum, builder::PossibleValuesParser};
use domain::ingest::RejectionKind;

use super::{consumer::OutputOptions, value::count};

/// The fewest characters that name a message: as many as a table shows.
const SHORT_ID: usize = 8;

/// The word for the kind of a message that SQS itself moved, and that so has none.
pub(crate) const NO_KIND: &str = "none";
/// A kind that `fanout` alone gives.
const UNREADABLE_RECORD: &str = "unreadable_record";

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    /// List the dead letters: where each lies, how old it is, and why it is one
    ///
    /// No message is shown, and of a reason not what it quotes of one: both may be a person's data. For as long as it takes,
    /// and at most for five minutes, nobody else sees the messages.
    List {
        /// Which ones.
        #[command(flatten)]
        filter: DeadLetterFilter,
        /// How many at the most
        #[arg(long, default_value_t = 100, value_parser = count, allow_negative_numbers = true)]
        limit: usize,
        /// Where they lie.
        #[command(flatten)]
        place: DeadLetterPlace,
        /// How to print them.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Show one dead letter whole
    ///
    /// It is a person's data, such as a caller's name, number and conversation: mind where it is printed.
    Show {
        /// Its id, or as much of its beginning as `dead-letters list` shows
        #[arg(value_parser = message_id)]
        message_id: String,
        /// Where it lies.
        #[command(flatten)]
        place: DeadLetterPlace,
        /// How to print it.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Send dead letters back to the queue that they came from
    ///
    /// Each is sent, then deleted: where that is cut short it is in both queues, which does no harm, since what comes twice is
    /// carried out once. One that fails again meanwhile is not sent a second time. Those of `fanout` came from no queue:
    /// `webhooks backfill` makes up for them.
    Redrive {
        /// Which ones.
        #[command(flatten)]
        choice: DeadLetterChoice,
        /// Where they lie.
        #[command(flatten)]
        place: DeadLetterPlace,
        /// How to print their number.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Delete dead letters for good
    Delete {
        /// Which ones.
        #[command(flatten)]
        choice: DeadLetterChoice,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Where they lie.
        #[command(flatten)]
        place: DeadLetterPlace,
        /// How to print their number.
        #[command(flatten)]
        output: OutputOptions,
    },
}

/// Where dead letters lie.
#[derive(Debug, Args)]
pub struct DeadLetterPlace {
    /// In the queues of the `dev` with this base URL [default: INBOUNDFLOW_BASE_URL where that is this machine, else
    /// http://127.0.0.1:3000]
    #[arg(long, value_name = "URL", value_parser = dev_url)]
    dev: Option<Option<String>>,
}

impl DeadLetterPlace {
    /// The base URL of `dev`, where the dead letters are in its queues.
    pub(crate) fn dev(self) -> Option<String> {
        let here = || env::var("INBOUNDFLOW_BASE_URL").ok().filter(|url| conformance::is_loopback(url));
        self.dev.map(|url| url.or_else(here).unwrap_or_else(|| ::openapi::LOCAL_URL.to_owned()))
    }
}

/// Which dead letters.
#[derive(Debug, Args)]
pub struct DeadLetterFilter {
    /// Only those of this queue
    #[arg(long)]
    pub queue: Option<DeadLetterQueue>,
    /// Only those of this kind; `none` is what SQS itself moved, since its function ended or was cut off each time
    #[arg(long, value_parser = kinds())]
    pub kind: Option<String>,
}

/// The choice of dead letters to redrive or delete.
#[derive(Debug, Args)]
#[group(id = "chosen", required = true, multiple = true, args = ["message_ids", "all", "kind"])]
pub struct DeadLetterChoice {
    /// Their ids, or as much of their beginnings as `dead-letters list` shows
    #[arg(value_name = "MESSAGE_ID", value_parser = message_id, conflicts_with_all = ["all", "kind"])]
    pub message_ids: Vec<String>,
    /// Every one, of --queue or of all queues
    #[arg(long, conflicts_with = "kind")]
    pub all: bool,
    /// Which ones.
    #[command(flatten)]
    pub filter: DeadLetterFilter,
    /// How many at the most
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = count, allow_negative_numbers = true)]
    pub max: usize,
}

/// A queue of dead letters, by what its messages are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum DeadLetterQueue {
    /// Voice events of which `ingest` made no record
    Events,
    /// Messages of both deliveries queues that `deliver` could not attempt
    Deliveries,
    /// Changes of records of which `fanout` could make no event
    Fanout,
}

fn kinds() -> PossibleValuesParser {
    let others = [UNREADABLE_RECORD, NO_KIND];
    PossibleValuesParser::new(RejectionKind::VALUES.iter().copied().chain(others))
}

fn dev_url(text: &str) -> Result<String, String> {
    conformance::base_url(text).map_err(|error| format!("{error}; ids stand before --dev"))
}

fn message_id(text: &str) -> Result<String, String> {
    let is_id = text.len() >= SHORT_ID && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    is_id
        .then(|| text.to_owned())
        .ok_or_else(|| format!("expected a message's id, or at least its first {SHORT_ID} characters"))
}
