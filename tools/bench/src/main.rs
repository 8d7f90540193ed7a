//! The measurements behind every figure we state:
//! - `bench speed [FOLDER]` measures the functions' binaries, in `target/release` or another folder, beside
//!   what a team would write instead (`tools/bench/peers/build` builds that first);
//! - `bench instructions [FOLDER]` counts the instructions of a warm request of each;
//! - `bench routes [FOLDER]` counts the DynamoDB calls of every route, and what they take where each takes 3 ms;
//! - `bench memory [FOLDER]` asks for answers up to the largest, and runs functions at Lambda's memory sizes;
//! - `bench guard FOLDER` holds what is deterministic against `bounds.toml`;
//! - `bench growth [CALLS]` asks ever larger organizations for their lists;
//! - `bench cost [MILLISECONDS]` counts what each route reads and writes, and what that costs;
//! - `bench deliveries` has a week of webhooks delivered.
#![expect(clippy::print_stdout, reason = "the tables are what this is for")]

mod cold;
mod cost;
mod deliveries;
mod growth;
mod guard;
mod instructions;
mod memory;
mod meter;
mod plot;
mod process;
mod requests;
mod routes;
mod runtime_api;
mod speed;
mod stand_in;
mod subject;
mod table;
mod warm;
mod workload;

use std::time::Duration;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("speed") => speed::run(arguments.next(), arguments.next()).await,
        Some("instructions") => speed::instructions(arguments.next()).await,
        Some("routes") => routes::run(arguments.next()).await,
        Some("memory") => memory::run(arguments.next()).await,
        Some("guard") => guard::run(arguments.next()).await,
        Some("growth") => growth::run().await,
        Some("cost") => cost::run().await,
        Some("deliveries") => deliveries::run().await,
        _ => {
            eprintln!("bench speed, instructions, routes, memory, guard, growth, cost or deliveries");
            std::process::exit(2);
        }
    }
}

/// The middle one of sorted figures.
fn median(sorted: &[Duration]) -> Duration {
    sorted[sorted.len() / 2]
}
