//! `webhooks`: endpoints, what is delivered to them, and a receiver to try them with.

mod deliveries;
mod endpoints;
mod listen;
mod received;

use anyhow::{Result, anyhow};
use domain::{Conflict, Error, OrganizationId};
use store::Store;

use crate::{
    Deployment,
    cli::{Endpoint, WebhooksCommand},
    output::explain,
};

pub(crate) async fn run(command: WebhooksCommand, deployment: &Deployment) -> Result<()> {
    let command = match command {
        WebhooksCommand::Listen(options) => return listen::run(options).await,
        command => command,
    };
    let store = &deployment.open().await;
    match command {
        WebhooksCommand::Create(options) => endpoints::create(deployment, store, options).await,
        WebhooksCommand::List { organization, json } => endpoints::list(store, organization, json).await,
        WebhooksCommand::Show { endpoint, delivery: None } => endpoints::one(store, &endpoint).await,
        WebhooksCommand::Show { endpoint, delivery: Some(id) } => deliveries::one(store, &endpoint, id).await,
        WebhooksCommand::Update { endpoint, changes } => {
            endpoints::update(deployment, store, &endpoint, changes).await
        }
        WebhooksCommand::Delete(endpoint) => endpoints::delete(store, &endpoint).await,
        WebhooksCommand::RotateSecret { endpoint, overlap } => {
            endpoints::rotate_secret(store, &endpoint, overlap).await
        }
        WebhooksCommand::Test { endpoint, event } => deliveries::test(store, &endpoint, event).await,
        WebhooksCommand::Deliveries { endpoint, status, limit } => {
            deliveries::list(store, &endpoint, status, limit).await
        }
        WebhooksCommand::Replay(options) => deliveries::replay(store, options).await,
        WebhooksCommand::Backfill { organization, since, until, json } => {
            deliveries::backfill(store, organization, since, until, json).await
        }
        WebhooksCommand::MoveSecrets { json } => endpoints::move_secrets(store, json).await,
        WebhooksCommand::Listen(_) => Ok(()),
    }
}

/// That the organization is there: it is asked for where nothing else would miss it.
async fn known(store: &Store, organization: OrganizationId) -> Result<()> {
    match store.organization(organization).await {
        Ok(_) => Ok(()),
        Err(Error::NotFound) => {
            Err(anyhow!("There is no organization {organization}: `orgs list` shows those that are."))
        }
        Err(error) => Err(explain(error)),
    }
}

fn no_webhook(error: Error, endpoint: &Endpoint) -> anyhow::Error {
    let Endpoint { webhook_id, organization, .. } = endpoint;
    match error {
        Error::NotFound => anyhow!(
            "The organization has no endpoint {webhook_id}: `webhooks list --organization {organization}` shows those that it has."
        ),
        Error::Conflict(Conflict::WebhookDisabled) => {
            anyhow!(
                "The endpoint {webhook_id} is disabled, and so is sent nothing: `webhooks update {webhook_id} --organization {organization} --enable` first."
            )
        }
        Error::TooSoon { seconds, .. } => anyhow!("{error} These are {seconds}."),
        error => explain(error),
    }
}
