//! The options of `dev`.

use std::path::PathBuf;

use clap::Args;

use super::value::speed;

/// How `dev` runs.
#[derive(Debug, Args)]
pub struct DevOptions {
    /// Listen on this address of this machine, and take it for its own name: a loopback address, or one of a network of
    /// containers
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub listen: String,

    /// Listen there although other machines may reach it
    #[arg(long, requires = "listen")]
    pub expose: bool,

    /// Port of the API; 0 takes any free one
    #[arg(long, default_value_t = 3000)]
    pub port: u16,

    /// Port of the embedded DynamoDB; 0 takes any free one [default: 8000, or any free one]
    #[arg(long, value_name = "PORT", conflicts_with = "endpoint_url")]
    pub dynamodb_port: Option<u16>,

    /// Keep the data and the key in this directory (default: in memory, gone at the end)
    #[arg(long, value_name = "DIR", conflicts_with = "endpoint_url")]
    pub data: Option<PathBuf>,

    /// Be like this template.yaml (default: the one that the command was built with)
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,

    /// Start with an organization that has no records
    #[arg(long)]
    pub no_demo: bool,

    /// Play the events of this file over the queue, one day as it was recorded
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,

    /// How many times as fast as they were recorded [default: 60]
    #[arg(long, value_name = "TIMES", requires = "replay", value_parser = speed)]
    pub speed: Option<f64>,

    /// Let no webhooks go to this machine; else they may, over HTTP and to any port, such as to `inboundflow webhooks listen`,
    /// unless --listen lets others reach the API
    #[arg(long)]
    pub no_loopback_webhooks: bool,

    /// Let webhooks go to this machine though others reach the API
    #[arg(long, conflicts_with = "no_loopback_webhooks")]
    pub allow_loopback_webhooks: bool,

    /// How many requests a minute the printed key may make; with more than usual, the gateway's usage plans let everything
    /// through
    #[arg(long, value_name = "NUMBER", default_value_t = domain::DEFAULT_REQUESTS_PER_MINUTE, value_parser = clap::value_parser!(u32).range(1..=900_000))]
    pub requests_per_minute: u32,

    /// When ready, print one JSON line on stdout: {"url", "dynamodb_endpoint", "organization_id", "api_key",
    /// "queue_url", "dead_letter_queue_url", "events_bucket"}
    #[arg(long)]
    pub json: bool,
}
