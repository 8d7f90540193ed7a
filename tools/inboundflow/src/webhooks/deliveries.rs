//! Deliveries: their list, what was answered to one, and how they are made again.

use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use domain::{
    Error, ListRequest, MAX_LIMIT, OrganizationId, RecordId, Timestamp, catalogue,
    webhooks::{Attempt, Delivery, EventType, ReplayRange, Webhook},
};
use serde_json::json;
use store::{Changes, Items, KEPT, Store};

use super::{known, no_webhook};
use crate::{
    cli::{Endpoint, Replay},
    output::{explain, harmless, harmless_line, line},
};

/// A record of before that may have been told so long ago that nobody knows: two days short of [`KEPT`].
const BACKFILLED: Duration = Duration::from_secs(KEPT.as_secs() - 2 * 24 * 60 * 60);

const UNTIL_BEFORE_SINCE: &str = "--until must be later than --since.";

pub(super) async fn test(store: &Store, endpoint: &Endpoint, event: Option<EventType>) -> Result<()> {
    let webhooks = webhooks(store, endpoint.organization);
    let sent = async { webhooks.test(webhooks.enabled(endpoint.webhook_id).await?, event).await };
    show(&sent.await.map_err(|error| no_webhook(error, endpoint))?, endpoint.json)
}

pub(super) async fn list(
    store: &Store,
    endpoint: &Endpoint,
    status: Option<String>,
    limit: usize,
) -> Result<()> {
    let status = status.map(|status| ("status".to_owned(), status));
    let parameters: Vec<_> = status.into_iter().collect();
    let request = ListRequest::parse(&catalogue::DELIVERIES, Some(endpoint.webhook_id), &parameters);
    let mut request = request.map_err(explain)?;
    let items: Items<Delivery> = store.items(endpoint.organization);
    let mut left = limit;
    while left > 0 {
        request.limit = left.min(MAX_LIMIT);
        let page = items.page_of_webhook(endpoint.webhook_id, &request).await;
        let page = page.map_err(|error| no_webhook(error, endpoint))?;
        let records: Vec<Delivery> = serde_json::from_str(&page.records)?;
        records.iter().try_for_each(|record| show(record, endpoint.json))?;
        left -= records.len();
        match page.next {
            Some(next) => request.cursor = Some(next),
            None => break,
        }
    }
    Ok(())
}

/// A delivery with what the receiver answered, in JSON as the API shows it.
pub(super) async fn one(store: &Store, endpoint: &Endpoint, id: RecordId) -> Result<()> {
    let webhook = endpoint.webhook_id;
    let found = store.items::<Delivery>(endpoint.organization).get_with_answers(webhook, id).await;
    let (delivery, answers) = found.map_err(|error| no_delivery(error, endpoint, id))?;
    let answer = |number: u32| answers.iter().find(|(of, _)| *of == number).map(|(_, text)| text.as_str());
    if endpoint.json {
        let mut shown = serde_json::to_value(&delivery)?;
        let attempts = shown["attempts"].as_array_mut().into_iter().flatten();
        for (attempt, shown) in delivery.attempts.iter().zip(attempts) {
            shown["response_body"] = json!(answer(attempt.number));
        }
        return line(&shown.to_string());
    }
    show(&delivery, false)?;
    for attempt in &delivery.attempts {
        let status = attempt.status_code.map_or_else(|| "no answer".to_owned(), |code| code.to_string());
        let error =
            attempt.error.iter().map(|error| format!("  {}", harmless_line(error))).collect::<String>();
        let Attempt { number, attempted_at, duration_ms, .. } = attempt;
        line(&format!("try {number} at {attempted_at}: {status} after {duration_ms} ms{error}"))?;
        let answer = harmless(answer(*number).unwrap_or_default());
        answer.lines().try_for_each(|part| line(&format!("    {part}")))?;
    }
    Ok(())
}

pub(super) async fn replay(store: &Store, options: Replay) -> Result<()> {
    let Replay { endpoint, since, until, include_succeeded, delivery } = options;
    let (organization, id) = (endpoint.organization, endpoint.webhook_id);
    if let Some(delivery) = delivery {
        let deliveries = store.changes::<Delivery>(organization);
        let again = async { deliveries.replay(deliveries.enabled_webhook(id).await?, delivery).await };
        return show(&again.await.map_err(|error| no_delivery(error, &endpoint, delivery))?, endpoint.json);
    }
    let since = since.ok_or_else(|| anyhow!("--since or --delivery is needed"))?;
    ensure!(until.is_none_or(|until| since < until), "{UNTIL_BEFORE_SINCE}");
    let mut range =
        ReplayRange { since, until: Some(until.unwrap_or_else(Timestamp::now)), include_succeeded };
    let (webhooks, mut replayed) = (webhooks(store, organization), 0);
    loop {
        let part = async { webhooks.replay(webhooks.replayable(id, &range).await?).await };
        let part = part.await.map_err(|error| match (&error, range.until) {
            (Error::TooSoon { seconds, .. }, Some(until)) if replayed > 0 => anyhow!(
                "{replayed} deliveries are on their way again, and the organization's replays of this hour are spent. Go on in {seconds} s, with --until {until}."
            ),
            _ => no_webhook(error, &endpoint),
        })?;
        replayed += part.replayed;
        match part.next_until {
            Some(until) => range.until = Some(until),
            None => break,
        }
    }
    if endpoint.json {
        return line(&json!({"replayed": replayed}).to_string());
    }
    line(&format!("{replayed} deliveries are on their way again."))
}

pub(super) async fn backfill(
    store: &Store,
    organization: OrganizationId,
    since: Timestamp,
    until: Option<Timestamp>,
    json: bool,
) -> Result<()> {
    let now = Timestamp::now();
    let earliest = now.minus(BACKFILLED);
    ensure!(
        since >= earliest,
        "What was told before {earliest} is not known any more, and would be told again: give a later --since."
    );
    let until = until.unwrap_or(now);
    ensure!(since < until, "{UNTIL_BEFORE_SINCE}");
    known(store, organization).await?;
    let done = store.backfill(organization, since, until).await.map_err(explain)?;
    if json {
        return line(&serde_json::to_string(&done)?);
    }
    line(&format!(
        "{} events written of {} records; {} were there already.",
        done.written, done.records, done.known
    ))
}

fn webhooks(store: &Store, organization: OrganizationId) -> Changes<Webhook> {
    store.changes(organization)
}

fn no_delivery(error: Error, endpoint: &Endpoint, delivery: RecordId) -> anyhow::Error {
    let Endpoint { webhook_id, organization, .. } = endpoint;
    match error {
        Error::NotFound => anyhow!(
            "The organization has no endpoint {webhook_id} with a delivery {delivery}: `webhooks deliveries {webhook_id} --organization {organization}` shows those that there are."
        ),
        error => no_webhook(error, endpoint),
    }
}

fn show(delivery: &Delivery, json: bool) -> Result<()> {
    if json {
        return line(&serde_json::to_string(delivery)?);
    }
    let made_up = if delivery.test { "  made up" } else { "" };
    let next = delivery.next_attempt_at.map(|at| format!("  next try {at}")).unwrap_or_default();
    let last = delivery.attempts.last().map(|last| {
        let outcome = last
            .error
            .as_deref()
            .map(harmless_line)
            .or_else(|| last.status_code.map(|code| code.to_string()));
        format!("  try {} at {}: {}", last.number, last.attempted_at, outcome.unwrap_or_default())
    });
    line(&format!(
        "{}  {}  {}  created {}{made_up}{}{next}",
        delivery.id,
        delivery.event.as_str(),
        delivery.status.as_str(),
        delivery.created_at,
        last.unwrap_or_default(),
    ))
}
