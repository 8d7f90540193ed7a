//! `/_local/ingest` of `dev`: takes voice events over plain HTTP, and shows what the queue holds.
#![expect(clippy::disallowed_types, reason = "what is sent here is text of any form")]

use anyhow::{Result, anyhow, ensure};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::DefaultBodyLimit,
    http::{Response, StatusCode, header},
    response::IntoResponse as _,
    routing::{get, post},
};
use domain::OrganizationId;
use local::{Counts, LocalQueue, MAX_BODY_BYTES};
use serde_json::{Value, json};

use crate::{
    ingest::{Event, Queue, event},
    lines,
};

/// Everything under `/_local`. An event that names no organization is `organization`'s.
pub(super) fn router(queue: &LocalQueue, organization: OrganizationId) -> Router {
    let (shown, sent, redriven) = (queue.clone(), Queue::of(queue), queue.clone());
    let events =
        get(async move || show(&shown)).post(async move |body: Bytes| match read(&body, organization) {
            Err(error) => {
                answer(StatusCode::BAD_REQUEST, &json!({"error": format!("{error:#}; nothing was queued")}))
            }
            Ok(events) => match sent.send_all(events.into_iter()).await {
                Err(error) => {
                    answer(StatusCode::INTERNAL_SERVER_ERROR, &json!({"error": format!("{error:#}")}))
                }
                Ok(queued) => answer(StatusCode::ACCEPTED, &json!({"queued": queued})),
            },
        });
    let redrive = post(async move || answer(StatusCode::OK, &json!({"queued": redriven.redrive()})));
    Router::new()
        .route("/_local/ingest", events)
        .route("/_local/ingest/redrive", redrive)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .merge(queue.services().aws())
}

fn show(queue: &LocalQueue) -> Response<Body> {
    let Counts { waiting, delayed, in_flight } = queue.counts();
    let counts =
        json!({"waiting": waiting + delayed, "in_flight": in_flight, "dead_letters": queue.dead_letters()});
    answer(StatusCode::OK, &counts)
}

/// The events of a body: one JSON object, or one a line.
fn read(body: &[u8], organization: OrganizationId) -> Result<Vec<Event>> {
    if let Ok(event) = event(body, Some(organization)) {
        return Ok(vec![event]);
    }
    let lines = body.split(|byte| *byte == b'\n').map(|line| Ok(line.to_owned()));
    let event = |(at, line): (usize, Result<Vec<u8>, String>)| {
        let event = line.and_then(|line| event(&line, Some(organization)));
        event.map_err(|message| anyhow!("line {at}: {message}"))
    };
    let events = lines::numbered(lines).map(event).collect::<Result<Vec<_>>>()?;
    ensure!(!events.is_empty(), "there is no event in it");
    Ok(events)
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}
