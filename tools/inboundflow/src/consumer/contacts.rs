//! `contacts create`: creates a contact, once however often the request is sent.

use anyhow::Result;
use domain::catalogue::{self, MAX_IDEMPOTENCY_KEY};
use reqwest::Method;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Client, Request, WaitDisplay, path};
use crate::{
    cli::{Cli, CreateContact},
    output,
    print::show,
};

/// Creates a contact. The request has an idempotency key, so that sending it again is safe.
pub(super) async fn create(options: CreateContact) -> Result<()> {
    let CreateContact { phone, name, email, company, notes, idempotency_key, output, api } = options;
    let (layout, client) = (output.layout(), Client::new(api, WaitDisplay::Lines)?);
    let fields: Map<String, Value> =
        [("phone", Some(phone)), ("name", name), ("email", email), ("company", company), ("notes", notes)]
            .into_iter()
            .filter_map(|(field, text)| Some((field.to_owned(), text?.into())))
            .collect();
    let is_callers = idempotency_key.is_some();
    let key = idempotency_key.unwrap_or_else(|| Uuid::new_v4().to_string());
    let fits = (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len());
    if !fits || !key.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Cli::refuse(&format!(
            "--idempotency-key takes 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters"
        ));
    }
    let unclear =
        format!("It may have been made all the same: add --idempotency-key {key} to try again safely.");
    let request = Request::new(Method::POST, path(&catalogue::CONTACTS)).body(&fields.into());
    let request = Request { idempotency_key: Some(key), ..request };
    let (made, is_replayed) = client.make(&request, &unclear).await?;
    if is_callers && is_replayed {
        output::warn("this idempotency key made the contact before; it is shown as it was then");
    }
    show(&made, layout)
}
