//! `webhooks`: looks after endpoints and their deliveries, and runs a receiver to try them with.

mod api;
mod backfill;
mod endpoints;
mod failing;
mod listen;
mod received;
mod secrets;
mod tables;

use anyhow::{Result, anyhow, ensure};
use conformance::Secret;
use domain::{
    Timestamp,
    webhooks::{Delivery, ReplayRange, Webhook},
};
use serde_json::{Map, Value, json};

#[cfg(test)]
pub(crate) use self::failing::FailingRow;
use self::{api::Api, backfill::UNTIL_BEFORE_SINCE, endpoints::Endpoints, tables::Tables};
use crate::{
    Deployment,
    cli::{Cli, CreateWebhook, Endpoint, EndpointsCommand, Output, Replay, WebhookChanges, WebhooksCommand},
    output::note,
    print::{Layout, ListPrinter, Record, show},
};

const NEITHER: &str = "an API key is needed, for the endpoints of its organization: set INBOUNDFLOW_API_KEY or give \
                       --api-key; or, for operators of a deployment, --organization ID, for those of any organization \
                       in its tables";

pub(crate) async fn run(command: WebhooksCommand, deployment: &Deployment) -> Result<()> {
    match command {
        WebhooksCommand::Listen(options) => listen::run(options).await,
        WebhooksCommand::Backfill { organization, since, until, output } => {
            backfill::run(&deployment.open().await, organization, since, until, output.layout()).await
        }
        WebhooksCommand::Failing { limit, after, output } => {
            failing::run(&deployment.open().await, limit, after, output.layout()).await
        }
        WebhooksCommand::Endpoints(command) => {
            let access = command.access().clone();
            let layout = access.output.layout();
            match (access.organization, access.api.api_key.clone().and_then(Secret::given)) {
                (Some(organization), _) => {
                    carry_out(&Tables::open(deployment, organization).await, command, layout).await
                }
                (None, Some(_)) => carry_out(&Api::new(access.api)?, command, layout).await,
                (None, None) => Cli::refuse(NEITHER),
            }
        }
        WebhooksCommand::MoveSecrets { output } => {
            secrets::run(&deployment.open().await, output.layout()).await
        }
    }
}

async fn carry_out(endpoints: &impl Endpoints, command: EndpointsCommand, layout: Layout) -> Result<()> {
    match command {
        EndpointsCommand::Create(CreateWebhook { url, events, description, .. }) => {
            let fields = json!({"url": url, "events": events, "description": description});
            show_secret(&endpoints.create(&fields).await?, layout)
        }
        EndpointsCommand::List(_) => {
            let mut printer = ListPrinter::new::<Webhook>(layout);
            endpoints.list(|records| printer.page(records)).await?;
            printer.end()
        }
        EndpointsCommand::Get { endpoint, delivery: Some(delivery) }
        | EndpointsCommand::Delivery { endpoint, delivery_id: delivery } => {
            show(&endpoints.delivery(endpoint.webhook_id, delivery).await?, layout)
        }
        EndpointsCommand::Get { endpoint, delivery: None } => {
            show(&endpoints.get(endpoint.webhook_id).await?, layout)
        }
        EndpointsCommand::Update { endpoint, changes } => {
            show(&endpoints.update(endpoint.webhook_id, &fields(changes)).await?, layout)
        }
        EndpointsCommand::Delete(Endpoint { webhook_id, .. }) => {
            show(&endpoints.delete(webhook_id).await?, layout)
        }
        EndpointsCommand::Test { endpoint, event } => {
            show(&endpoints.test(endpoint.webhook_id, event).await?, layout)
        }
        EndpointsCommand::RotateSecret { endpoint, overlap } => {
            show_secret(&endpoints.rotate_secret(endpoint.webhook_id, overlap).await?, layout)
        }
        EndpointsCommand::Deliveries { endpoint, filters, limit } => {
            let filters = filters.chosen.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let mut printer = ListPrinter::new::<Delivery>(layout);
            endpoints
                .deliveries(endpoint.webhook_id, filters, limit, |records| printer.page(records))
                .await?;
            printer.end()
        }
        EndpointsCommand::Replay(options) => replay(endpoints, options, layout).await,
    }
}

/// Prints an endpoint whose secret is shown this once.
fn show_secret(record: &Record, layout: Layout) -> Result<()> {
    show(record, layout)?;
    if layout.output == Output::Table {
        note("Store the secret now: it is not shown again.");
    }
    Ok(())
}

async fn replay(endpoints: &impl Endpoints, options: Replay, layout: Layout) -> Result<()> {
    let Replay { endpoint: Endpoint { webhook_id: id, .. }, since, until, include_succeeded, delivery } =
        options;
    if let Some(delivery) = delivery {
        return show(&endpoints.replay_delivery(id, delivery).await?, layout);
    }
    let since = since.ok_or_else(|| anyhow!("--since or --delivery is needed"))?;
    ensure!(until.is_none_or(|until| since < until), "{UNTIL_BEFORE_SINCE}");
    let mut range =
        ReplayRange { since, until: Some(until.unwrap_or_else(Timestamp::now)), include_succeeded };
    let mut replayed: u64 = 0;
    loop {
        let part = endpoints.replay(id, &range).await.map_err(|error| match (replayed, range.until) {
            (1.., Some(until)) => anyhow!(
                "{replayed} deliveries are on their way again, and then: {error:#} To go on: --until {until}."
            ),
            _ => error,
        });
        let (part, next_until) = part?;
        replayed += part;
        match next_until {
            Some(until) => range.until = Some(until),
            None => break,
        }
    }
    show(&Record::from_iter([("replayed".to_owned(), replayed.into())]), layout)
}

/// The fields that change, as the API takes them.
fn fields(changes: WebhookChanges) -> Value {
    let WebhookChanges { url, events, description, enable, disable } = changes;
    let status = match (enable, disable) {
        (true, _) => Some("enabled"),
        (_, true) => Some("disabled"),
        _ => None,
    };
    let description = description.map(|text| if text.is_empty() { Value::Null } else { text.into() });
    let fields: Map<String, Value> = [
        ("url", url.map(Value::from)),
        ("events", events.map(|events| json!(events))),
        ("description", description),
        ("status", status.map(Value::from)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect();
    fields.into()
}
