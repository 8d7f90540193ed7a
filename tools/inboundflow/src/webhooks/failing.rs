//! `webhooks failing`: lists the endpoints of all organizations that fail or are disabled.

use std::collections::HashMap;

use anyhow::Result;
use domain::{Error, OrganizationId, RecordId};
use serde_json::json;
use store::{FailingWebhook, Store};

use crate::{
    explain::explain,
    output::note,
    print::{Column, Form, Layout, ListPrinter, Listed, Record, record},
};

/// An endpoint as it is listed with those of other organizations.
pub(crate) enum FailingRow {}

impl Listed for FailingRow {
    const NAME: &'static str = "endpoints";
    const COLUMNS: &'static [Column] = &[
        Column::new("ORGANIZATION", "organization_name", Form::Words, 2),
        Column::new("URL", "url", Form::Prose, 1),
        Column::new("STATUS", "status", Form::Whole, 4),
        Column::new("FAILING SINCE (UTC)", "failing_since", Form::Time, 3),
        Column::new("WHY DISABLED", "disabled_reason", Form::Whole, 5),
        Column::new("CHANGED (UTC)", "updated_at", Form::Time, 6),
        Column::new("ID", "id", Form::Id, 0),
        Column::new("ORGANIZATION ID", "organization_id", Form::Id, 7),
    ];
    const FIELDS: fn() -> &'static [&'static str] = || {
        &[
            "organization_id",
            "organization_name",
            "id",
            "url",
            "description",
            "events",
            "status",
            "disabled_reason",
            "failing_since",
            "created_at",
            "updated_at",
        ]
    };
}

pub(super) async fn run(
    store: &Store,
    limit: usize,
    after: Option<(OrganizationId, RecordId)>,
    layout: Layout,
) -> Result<()> {
    let page = store.failing_webhooks(limit, after).await.map_err(explain)?;
    let mut names = HashMap::new();
    let mut rows = Vec::new();
    for FailingWebhook { organization_id, webhook } in &page.webhooks {
        if !names.contains_key(organization_id) {
            names.insert(*organization_id, name(store, *organization_id).await?);
        }
        let mut row: Record = record(
            &json!({"organization_id": organization_id, "organization_name": names[organization_id]}),
        )?;
        row.extend(record(webhook)?);
        rows.push(row);
    }
    ListPrinter::list::<FailingRow>(layout, &rows)?;
    if let Some(FailingWebhook { organization_id, webhook }) = page.webhooks.last().filter(|_| page.has_more)
    {
        note(&format!("There are more: go on with --after {organization_id}/{}", webhook.id));
    }
    Ok(())
}

/// The name of an organization; none where it is gone or does not read, which takes no endpoint out of the list.
async fn name(store: &Store, organization: OrganizationId) -> Result<Option<String>> {
    match store.organization(organization).await {
        Ok(organization) => Ok(Some(organization.organization_name)),
        Err(Error::NotFound | Error::Internal(_)) => Ok(None),
        Err(error) => Err(explain(error)),
    }
}
