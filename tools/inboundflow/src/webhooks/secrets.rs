//! `webhooks move-secrets`: moves secrets out of the table of endpoints, where an earlier version kept them.

use anyhow::Result;
use serde_json::json;
use store::Store;

use crate::{explain::explain, output::line};

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
