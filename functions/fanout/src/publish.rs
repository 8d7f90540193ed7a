//! Publishing of events: each is written once, with a delivery for each endpoint that wants it.

use domain::{
    Error, OrganizationId,
    webhooks::{Event, EventType, Occurrence},
};
use serde_json::Value;

use crate::{endpoints::Endpoints, function::Fanout};

impl Fanout {
    /// Publishes the events that a change of one of an organization's records is. One that was published already
    /// stays as it is.
    pub(crate) async fn publish(
        &self,
        organization_id: OrganizationId,
        occurrences: &[Occurrence],
        endpoints: &Endpoints<'_>,
    ) -> Result<(), Error> {
        let webhooks = endpoints.of(organization_id).await?;
        let webhooks = webhooks.get().map(Vec::as_slice).unwrap_or_default();
        for Occurrence { id, event, data } in occurrences {
            if *event == EventType::WebhookDisabled {
                raise_alarm(organization_id, data.get());
            }
            let (id, event, created_at) = (*id, *event, self.store.now());
            let event = Event { id, event, organization_id, created_at, data: data.clone() };
            let new = self.store.publish(&event, webhooks).await?;
            let name = event.event.as_str();
            tracing::info!(%organization_id, event_id = %id, event = name, new, "event_published");
        }
        Ok(())
    }
}

/// Logs the line that the alarm of disabled endpoints counts: before the event is written, since a process that is
/// killed after that would not come back to it. Its level is ERROR because a deployment may log nothing below.
fn raise_alarm(organization_id: OrganizationId, data: &str) {
    let data: Value = serde_json::from_str(data).unwrap_or_default();
    let text = |name: &str| data[name].as_str().unwrap_or_default();
    let (webhook_id, reason) = (text("webhook_id"), text("reason"));
    tracing::error!(webhook_id, %organization_id, reason, "endpoint_disabled");
}
