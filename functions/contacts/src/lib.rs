//! `/v1/contacts`: the people that an organization knows.

use api::{
    ApiError, App, Body, Caller, Created, Id, IdempotencyKey, List, ListQuery, NoParameters, One, Read, Write,
};
use axum::{Router, routing::get};
use domain::{Contact, NewContact};

/// The routes of `/v1/contacts`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/contacts", get(list_contacts).post(create_contact))
        .route("/v1/contacts/{id}", get(get_contact))
}

async fn list_contacts(caller: Caller<Contact, Read>, query: ListQuery<Contact>) -> Result<List, ApiError> {
    let page = caller.items().page(&query).await?;
    Ok(List::new(&query, page))
}

async fn get_contact(
    caller: Caller<Contact, Read>,
    Id(id): Id,
    _: NoParameters,
) -> Result<One<Contact>, ApiError> {
    Ok(One(caller.items().get(id).await?))
}

async fn create_contact(
    caller: Caller<Contact, Write>,
    _: NoParameters,
    IdempotencyKey(key): IdempotencyKey,
    Body(new): Body<NewContact>,
) -> Result<Created<Contact>, ApiError> {
    Ok(caller.changes().await?.create(new, key).await?.into())
}
