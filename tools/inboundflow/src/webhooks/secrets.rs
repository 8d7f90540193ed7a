//! `webhooks move-secrets`: moves secrets out of the table of endpoints, where an earlier version kept them.

use anyhow::Result;
use serde_json::json;
use store::Store;

use crate::{
    explain::explain,
    print::{Layout, record, show},
};

pub(super) async fn run(store: &Store, layout: Layout) -> Result<()> {
    let mut moved = 0;
    for listed in store.organizations().await.map_err(explain)? {
        moved += store.move_old_secrets(listed.organization.organization_id).await.map_err(explain)?;
    }
    show(&record(&json!({"moved": moved}))?, layout)
}
