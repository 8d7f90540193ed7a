//! `webhooks move-secrets`: the secrets that an earlier version left with the endpoints.

use anyhow::Result;
use serde_json::json;
use store::Store;

use crate::output::{explain, line};

pub(super) async fn run(store: &Store, json: bool) -> Result<()> {
    let mut moved = 0;
    for organization in store.organizations().await.map_err(explain)? {
        moved += store.move_old_secrets(organization.organization_id).await.map_err(explain)?;
    }
    if json {
        return line(&json!({"moved": moved}).to_string());
    }
    line(&format!("Moved the secrets of {moved} endpoints."))
}
