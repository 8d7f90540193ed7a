//! The measurements behind every figure we state: `bench` counts round trips, `bench cold-start` times
//! the binaries that `sam build` made, `bench deliveries` has a week of webhooks delivered.
#![expect(clippy::print_stdout, reason = "the tables are what this is for")]

mod cold_start;
mod cost;
mod deliveries;
mod growth;
mod meter;
mod round_trips;

#[tokio::main]
async fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("cold-start") => cold_start::run().await,
        Some("deliveries") => deliveries::run().await,
        Some("cost") => cost::run().await,
        Some("growth") => growth::run().await,
        _ => round_trips::run().await,
    }
}
