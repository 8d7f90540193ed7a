//! The commands about webhooks, and their options.

use std::time::Duration;

use clap::{Args, Subcommand};
use domain::{
    OrganizationId, RecordId, Timestamp,
    webhooks::{Delivery, EventType, MAX_OVERLAP},
};

use super::{
    consumer::{ApiOptions, OutputOptions},
    filters::Filters,
    value::{count, duration, events, time},
};
use conformance::Secret;

/// What to do about webhooks.
#[derive(Debug, Subcommand)]
pub enum WebhooksCommand {
    /// What is done about an organization's endpoints.
    #[command(flatten)]
    Endpoints(EndpointsCommand),
    /// Write the events of records that nobody was told of, and deliver them
    ///
    /// For operators, after a time in which the tables' streams were not followed for longer than they live
    /// (24 hours). It goes through the calls, leads and appointments that were created in that time or a day before
    /// it. What was told already is not told again, so running it again changes nothing.
    Backfill {
        /// The organization
        #[arg(long, value_name = "ID")]
        organization: OrganizationId,
        /// The beginning, four weeks ago at the most: what was told is known for thirty days
        #[arg(long, value_name = "TIME", value_parser = time)]
        since: Timestamp,
        /// The end [default: now]
        #[arg(long, value_name = "TIME", value_parser = time)]
        until: Option<Timestamp>,
        /// How to print the counts.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// List the endpoints of all organizations that fail or are disabled
    ///
    /// For operators. It reads the whole table of endpoints, which costs as much as reading each of them once, until it has
    /// found as many as --limit says. The order is the table's own.
    Failing {
        /// How many at the most
        #[arg(long, default_value_t = 100, value_parser = count, allow_negative_numbers = true)]
        limit: usize,
        /// Go on after this endpoint, which the end of an earlier list named
        #[arg(long, value_name = "ORGANIZATION/ID", value_parser = after)]
        after: Option<(OrganizationId, RecordId)>,
        /// How to print them.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Move the secrets of all organizations' endpoints out of the table Webhooks, where earlier versions kept them
    ///
    /// For operators, once, after an update from such a version. Each endpoint signs as before, before and after it.
    /// Running it again moves nothing, and so shows that none is left.
    MoveSecrets {
        /// How to print the count.
        #[command(flatten)]
        output: OutputOptions,
    },
    /// Receive deliveries on this machine, check their signatures and print them
    ///
    /// Any path takes deliveries. Ctrl-C ends it.
    Listen(ListenOptions),
}

/// What is done about an organization's endpoints: by its own people with an API key, or by operators.
#[derive(Debug, Subcommand)]
pub enum EndpointsCommand {
    /// Create an endpoint, and show its secret once
    Create(CreateWebhook),
    /// List an organization's endpoints, newest first
    List(Access),
    /// Show an endpoint
    #[command(alias = "show")]
    Get {
        /// Which one.
        #[command(flatten)]
        endpoint: Endpoint,
        /// What `delivery` shows, in its place.
        #[arg(long, value_name = "ID", hide = true)]
        delivery: Option<RecordId>,
    },
    /// Change an endpoint, enable or disable it
    Update {
        /// Which one.
        #[command(flatten)]
        endpoint: Endpoint,
        /// What changes.
        #[command(flatten)]
        changes: WebhookChanges,
    },
    /// Delete an endpoint: what is on its way to it is cancelled
    Delete(Endpoint),
    /// Send an endpoint something made up
    Test {
        /// Which one.
        #[command(flatten)]
        endpoint: Endpoint,
        /// What is to have happened [default: the endpoint's first event]
        #[arg(long, value_name = "EVENT", value_parser = events())]
        event: Option<EventType>,
    },
    /// Give an endpoint another secret, and show it once
    RotateSecret {
        /// Which one.
        #[command(flatten)]
        endpoint: Endpoint,
        /// How long the old secret signs beside the new one, such as 24h or 0s; a week at the most, and with an API key
        /// whole hours
        #[arg(long, value_name = "TIME", value_parser = overlap, default_value = "24h")]
        overlap: Duration,
    },
    /// List the deliveries to an endpoint, newest first
    Deliveries {
        /// Which one.
        #[command(flatten)]
        endpoint: Endpoint,
        /// Which deliveries.
        #[command(flatten)]
        filters: Filters<Delivery>,
        /// How many at the most
        #[arg(long, default_value_t = 50, value_parser = count, allow_negative_numbers = true)]
        limit: usize,
    },
    /// Show a delivery with what the receiver answered to each attempt
    Delivery {
        /// To which endpoint.
        #[command(flatten)]
        endpoint: Endpoint,
        /// The delivery's id, as `webhooks deliveries` shows it
        delivery_id: RecordId,
    },
    /// Send an endpoint again what it did not take in a time, or one delivery
    Replay(Replay),
}

impl EndpointsCommand {
    /// By which door, and how it is printed.
    #[must_use]
    pub fn access(&self) -> &Access {
        match self {
            Self::Create(CreateWebhook { access, .. }) | Self::List(access) => access,
            Self::Get { endpoint, .. }
            | Self::Update { endpoint, .. }
            | Self::Delete(endpoint)
            | Self::Test { endpoint, .. }
            | Self::RotateSecret { endpoint, .. }
            | Self::Deliveries { endpoint, .. }
            | Self::Delivery { endpoint, .. }
            | Self::Replay(Replay { endpoint, .. }) => &endpoint.access,
        }
    }
}

/// Whose endpoints, by which door, and how they are printed.
#[derive(Clone, Debug, Args)]
pub struct Access {
    /// For operators: this organization, in the tables. Without it the API is asked, with a key of it
    #[arg(long, value_name = "ID")]
    pub organization: Option<OrganizationId>,
    /// How to print.
    #[command(flatten)]
    pub output: OutputOptions,
    /// Where to ask.
    #[command(flatten)]
    pub api: ApiOptions,
}

/// An endpoint that there is.
#[derive(Debug, Args)]
pub struct Endpoint {
    /// The endpoint's id, as `webhooks list` shows it
    pub webhook_id: RecordId,
    /// Whose it is.
    #[command(flatten)]
    pub access: Access,
}

/// An endpoint that there is to be.
#[derive(Debug, Args)]
pub struct CreateWebhook {
    /// Where it is: an HTTPS URL, with a port that the service delivers to. For operators those are WEBHOOK_PORTS (443
    /// unless that is set), and with an --endpoint-url on this machine any URL of this machine is taken as well
    #[arg(long)]
    pub url: String,
    /// What it is told of, separated by commas
    #[arg(long, value_delimiter = ',', required = true, value_parser = events())]
    pub events: Vec<EventType>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Whose it is to be.
    #[command(flatten)]
    pub access: Access,
}

/// What is to change of an endpoint.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct WebhookChanges {
    /// Where it is
    #[arg(long)]
    pub url: Option<String>,
    /// What it is told of, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = events())]
    pub events: Option<Vec<EventType>>,
    /// What it is for; empty for nothing
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Send it deliveries, from now on
    #[arg(long)]
    pub enable: bool,
    /// Send it nothing
    #[arg(long, conflicts_with = "enable")]
    pub disable: bool,
}

/// What is to be sent again.
#[derive(Debug, Args)]
#[group(id = "replayed", required = true, args = ["since", "delivery"])]
pub struct Replay {
    /// To which endpoint.
    #[command(flatten)]
    pub endpoint: Endpoint,
    /// From this moment on
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<Timestamp>,
    /// Before this moment [default: now]
    #[arg(long, value_name = "TIME", value_parser = time, requires = "since")]
    pub until: Option<Timestamp>,
    /// Also what the endpoint has taken
    #[arg(long, requires = "since")]
    pub include_succeeded: bool,
    /// This delivery alone, whether or not the endpoint took it
    #[arg(long, value_name = "ID", conflicts_with = "since")]
    pub delivery: Option<RecordId>,
}

/// How to receive.
#[derive(Debug, Args)]
pub struct ListenOptions {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 4000)]
    pub port: u16,
    /// The endpoint's secret. Without it signatures are not checked
    #[arg(long, value_name = "SECRET", env = "INBOUNDFLOW_WEBHOOK_SECRET", hide_env_values = true)]
    pub secret: Option<Secret>,
    /// Answer everything with this status, such as 500 to see retries [default: 200, but 400 to what does not verify]
    #[arg(long, value_parser = clap::value_parser!(u16).range(200..=599))]
    pub status: Option<u16>,
    /// Answer late, such as 20s to see a time-out
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub delay: Duration,
    /// Print JSON lines: first {"url"}, then for each delivery {"received_at", "event", "delivery_id", "test",
    /// "verified", "problems", "duplicate", "body"}
    #[arg(long)]
    pub json: bool,
}

fn after(text: &str) -> Result<(OrganizationId, RecordId), String> {
    let parsed = text
        .split_once('/')
        .and_then(|(organization, id)| Some((organization.parse().ok()?, id.parse().ok()?)));
    parsed.ok_or_else(|| {
        "expected two ids with a slash between them, as the end of the list named them".to_owned()
    })
}

fn overlap(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|time| {
        if time > MAX_OVERLAP {
            Err("two secrets overlap for a week at the most".to_owned())
        } else {
            Ok(time)
        }
    })
}
