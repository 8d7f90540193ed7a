//! `/v1/calls`: the calls that the assistant answered.

use api::{ApiError, App, Caller, Id, List, ListQuery, NoParameters, One, Read};
use axum::{Router, routing::get};
use domain::Call;
use serde::Serialize;
use serde_json::value::RawValue;

/// The routes of `/v1/calls`.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/calls", get(list_calls)).route("/v1/calls/{id}", get(get_call))
}

/// A call with its conversation, which a list leaves out.
#[derive(Serialize)]
struct CallWithMessages {
    #[serde(flatten)]
    call: Call,
    messages: Box<RawValue>,
}

async fn list_calls(caller: Caller<Call, Read>, query: ListQuery<Call>) -> Result<List, ApiError> {
    let page = caller.items().page(&query).await?;
    Ok(List::new(&query, page))
}

async fn get_call(
    caller: Caller<Call, Read>,
    Id(id): Id,
    _: NoParameters,
) -> Result<One<CallWithMessages>, ApiError> {
    let (call, messages) = caller.items().get_with_messages(id).await?;
    Ok(One(CallWithMessages { call, messages }))
}
