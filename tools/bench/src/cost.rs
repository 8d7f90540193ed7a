//! The cost of every route: DynamoDB's units as DynamoDB counts them, the rest by AWS's prices.

mod background;
mod prices;

use std::collections::BTreeSet;

use domain::catalogue;
use dynamodb::Client;
use harness::{Lines, World};
use reqwest::Method;
use store::Store;
use tracing::Level;

use crate::{
    meter::{Meter, Tally},
    requests::{Request, requests},
    table::Table,
};
pub(crate) use prices::{Billed, Dollars, lambda_dollars};

/// The functions as the template sets them up, and what a warm request is billed at the most.
const BILLED: Billed =
    Billed { arm: true, memory_mb: 512.0, ms: 10.0, identify_memory_mb: 256.0, identify_ms: 1.0 };

/// A route, asked warm.
pub(crate) struct RouteRow {
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
    pub(crate) note: &'static str,
    pub(crate) tally: Tally,
    pub(crate) log_bytes: usize,
    pub(crate) answer_bytes: usize,
}

impl RouteRow {
    /// The cost of a million such requests.
    pub(crate) fn dollars(&self, billed: &Billed) -> Dollars {
        let units = (self.tally.read_units, self.tally.write_units);
        Dollars::new(billed, units, self.log_bytes, self.answer_bytes)
    }
}

pub(crate) async fn run() {
    let ms = std::env::args().nth(2).and_then(|ms| ms.parse().ok());
    let billed = Billed { ms: ms.unwrap_or(BILLED.ms), ..BILLED };
    let (routes, steps) = rows().await;
    print_routes(&routes, &billed);
    println!(
        "\n{:<46} {:>6} {:>6} {:>6} {:>10}",
        "beside requests", "calls", "reads", "writes", "DynamoDB $"
    );
    for (step, tally) in &steps {
        let Tally { operations, read_units, write_units, .. } = tally;
        let dollars = prices::dynamodb(*read_units, *write_units);
        println!("{step:<46} {:>6} {read_units:>6} {write_units:>6} {dollars:>10.2}", operations.len());
    }
    println!();
    for price in prices::ALL {
        println!("{:<32} {:>12} $ for {:<12} {}", price.of, price.usd, price.per, price.page);
    }
}

/// Every route of the catalogue, and what happens without a request.
pub(crate) async fn rows() -> (Vec<RouteRow>, Vec<(&'static str, Tally)>) {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing::subscriber::set_global_default(runtime::json_lines(move || writer.clone(), Level::INFO))
        .expect("the only log");
    let (world, meter) = (World::new().await, Meter::default());
    let metered = Store::new(Client::local(world.dynamodb(), meter.client()), &world.table(""));
    let client = world.second_gateway(&metered).await;
    let asked = requests(&world).await;
    assert_eq!(named(&asked), catalogued(), "every route of the catalogue is asked");
    // Each function finds out whose key it is.
    for resource in catalogue::ALL {
        let answer = client.get(&format!("/v1/{}", resource.name)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let mut rows = Vec::new();
    for Request { method, route, note, path, body } in asked {
        let (_, _) = (meter.take(), lines.take());
        let body = body.map(|body| body.to_string());
        let json = [("content-type", "application/json")];
        let headers = if body.is_some() { &json[..] } else { &[] };
        let sent: Method = method.parse().expect("a method");
        let answer = client.send(sent, &path, headers, body).await;
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.text);
        let (tally, log_bytes, answer_bytes) = (meter.take(), lines.take().len(), answer.text.len());
        assert!(tally.unpriced.is_empty(), "{method} {path}: {:?} have no price", tally.unpriced);
        rows.push(RouteRow { method, route, note, tally, log_bytes, answer_bytes });
    }
    (rows, background::steps(&meter, &metered).await)
}

fn named(requests: &[Request]) -> BTreeSet<(&'static str, &'static str)> {
    requests.iter().map(|request| (request.route, request.method)).collect()
}

fn catalogued() -> BTreeSet<(&'static str, &'static str)> {
    let routes = catalogue::ALL.iter().flat_map(|resource| resource.routes);
    routes.flat_map(|route| route.methods.iter().map(|method| (route.path, *method))).collect()
}

fn print_routes(rows: &[RouteRow], billed: &Billed) {
    println!(
        "Warm requests. Dollars a million, at {billed:?}; transfer is uncompressed, and not in the sum."
    );
    let mut table = Table::new(&[
        "route", "", "calls", "reads", "writes", "gateway", "invoked", "duration", "DynamoDB", "logs",
        "traces", "sum", "transfer",
    ]);
    for row in rows {
        let RouteRow { method, route, note, tally, .. } = row;
        let dollars = row.dollars(billed);
        let Dollars { gateway, invocations, duration, dynamodb, logs, traces, transfer } = &dollars;
        let mut cells = vec![
            format!("`{method} {route}`"),
            (*note).to_owned(),
            tally.operations.len().to_string(),
            tally.read_units.to_string(),
            tally.write_units.to_string(),
        ];
        let amounts =
            [*gateway, *invocations, *duration, *dynamodb, *logs, *traces, dollars.sum(), *transfer];
        cells.extend(amounts.map(|amount| format!("{amount:.2}")));
        table.row(cells);
    }
    println!("{table}");
}
