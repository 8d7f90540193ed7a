//! `webhooks`: endpoints, what is delivered to them, and a receiver to try them with.

mod api;
mod backfill;
mod listen;
mod received;
mod secrets;
mod shown;
mod tables;

use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use conformance::Secret;
use domain::{
    RecordId, Timestamp,
    webhooks::{Delivery, EventType, ReplayRange, Webhook},
};
use serde_json::{Map, Value, json};

use self::{
    api::Api,
    shown::{Form, Printer},
    tables::Tables,
};
use crate::{
    Deployment,
    cli::{Cli, CreateWebhook, Endpoint, EndpointsCommand, Replay, WebhookChanges, WebhooksCommand},
    consumer::Record,
};

const NEITHER: &str = "an API key is needed, for the endpoints of its organization: set INBOUNDFLOW_API_KEY or give \
                       --api-key; or, for operators of a deployment, --organization ID, for those of any organization \
                       in its tables";
const UNTIL_BEFORE_SINCE: &str = "--until must be later than --since.";

/// A way to an organization's endpoints. What is answered are the API's records by either.
trait Door {
    async fn create(&self, fields: &Value) -> Result<Record>;
    async fn list(&self, each: impl FnMut(&[Record]) -> Result<()>) -> Result<()>;
    async fn get(&self, id: RecordId) -> Result<Record>;
    async fn update(&self, id: RecordId, fields: &Value) -> Result<Record>;
    async fn delete(&self, id: RecordId) -> Result<Record>;
    async fn test(&self, id: RecordId, event: Option<EventType>) -> Result<Record>;
    async fn rotate_secret(&self, id: RecordId, overlap: Duration) -> Result<Record>;
    async fn deliveries(
        &self,
        id: RecordId,
        filters: Vec<(String, String)>,
        limit: usize,
        each: impl FnMut(&[Record]) -> Result<()>,
    ) -> Result<()>;
    async fn delivery(&self, id: RecordId, delivery: RecordId) -> Result<Record>;
    async fn replay_delivery(&self, id: RecordId, delivery: RecordId) -> Result<Record>;
    /// How many deliveries are on their way again, and before which moment to go on.
    async fn replay(&self, id: RecordId, range: &ReplayRange) -> Result<(u64, Option<Timestamp>)>;
}

pub(crate) async fn run(command: WebhooksCommand, deployment: &Deployment) -> Result<()> {
    match command {
        WebhooksCommand::Listen(options) => listen::run(options).await,
        WebhooksCommand::Backfill { organization, since, until, json } => {
            backfill::run(&deployment.open().await, organization, since, until, json).await
        }
        WebhooksCommand::Endpoints(command) => {
            let access = command.access().clone();
            let form = Form::of(&access);
            match (access.organization, access.api.api_key.clone().and_then(Secret::given)) {
                (Some(organization), _) => {
                    carry_out(&Tables::open(deployment, organization).await, command, form).await
                }
                (None, Some(_)) => carry_out(&Api::new(access.api)?, command, form).await,
                (None, None) => Cli::refuse(NEITHER),
            }
        }
        WebhooksCommand::MoveSecrets { json } => secrets::run(&deployment.open().await, json).await,
    }
}

async fn carry_out(door: &impl Door, command: EndpointsCommand, form: Form) -> Result<()> {
    match command {
        EndpointsCommand::Create(CreateWebhook { url, events, description, .. }) => {
            let fields = json!({"url": url, "events": events, "description": description});
            form.secret(&door.create(&fields).await?)
        }
        EndpointsCommand::List(_) => {
            let mut printer = Printer::new::<Webhook>(form, shown::webhook);
            door.list(|records| printer.page(records)).await?;
            printer.end()
        }
        EndpointsCommand::Get { endpoint, delivery: Some(delivery) }
        | EndpointsCommand::Delivery { endpoint, delivery_id: delivery } => {
            form.one(&door.delivery(endpoint.webhook_id, delivery).await?, shown::delivery_with_answers)
        }
        EndpointsCommand::Get { endpoint, delivery: None } => {
            form.one(&door.get(endpoint.webhook_id).await?, shown::webhook)
        }
        EndpointsCommand::Update { endpoint, changes } => {
            form.one(&door.update(endpoint.webhook_id, &fields(changes)).await?, shown::webhook)
        }
        EndpointsCommand::Delete(Endpoint { webhook_id, .. }) => {
            form.one(&door.delete(webhook_id).await?, shown::deleted)
        }
        EndpointsCommand::Test { endpoint, event } => {
            form.one(&door.test(endpoint.webhook_id, event).await?, shown::delivery)
        }
        EndpointsCommand::RotateSecret { endpoint, overlap } => {
            form.secret(&door.rotate_secret(endpoint.webhook_id, overlap).await?)
        }
        EndpointsCommand::Deliveries { endpoint, filters, limit } => {
            let filters = filters.chosen.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let mut printer = Printer::new::<Delivery>(form, shown::delivery);
            door.deliveries(endpoint.webhook_id, filters, limit, |records| printer.page(records)).await?;
            printer.end()
        }
        EndpointsCommand::Replay(options) => replay(door, options, form).await,
    }
}

async fn replay(door: &impl Door, options: Replay, form: Form) -> Result<()> {
    let Replay { endpoint: Endpoint { webhook_id: id, .. }, since, until, include_succeeded, delivery } =
        options;
    if let Some(delivery) = delivery {
        return form.one(&door.replay_delivery(id, delivery).await?, shown::delivery);
    }
    let since = since.ok_or_else(|| anyhow!("--since or --delivery is needed"))?;
    ensure!(until.is_none_or(|until| since < until), "{UNTIL_BEFORE_SINCE}");
    let mut range =
        ReplayRange { since, until: Some(until.unwrap_or_else(Timestamp::now)), include_succeeded };
    let mut replayed: u64 = 0;
    loop {
        let part = door.replay(id, &range).await.map_err(|error| match (replayed, range.until) {
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
    form.one(&Record::from_iter([("replayed".to_owned(), replayed.into())]), shown::replayed)
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
