//! `orgs`: creates and lists organizations.

use anyhow::Result;
use domain::{Organization, OrganizationId};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use store::{Holdings, ListedOrganization, Store};

use crate::{
    cli::OrgsCommand,
    explain::explain,
    print::{Column, Form, ListPrinter, Listed, Record, record, show},
};

/// The number up to which keys, and records, are counted unless all are asked for.
const COUNTED: u64 = 1_000;
const COUNTED_AT_ONCE: usize = 8;

/// An organization as it is listed.
pub(crate) enum OrganizationRow {}

impl Listed for OrganizationRow {
    const NAME: &'static str = "organizations";
    const COLUMNS: &'static [Column] = &[
        Column::new("NAME", "organization_name", Form::Words, 1),
        Column::new("PLAN", "plan", Form::Words, 5),
        Column::new("CREATED (UTC)", "created_at", Form::Time, 4),
        Column::new("KEYS", "keys", Form::AtLeast("has_more_keys"), 3),
        Column::new("RECORDS", "records", Form::AtLeast("has_more_records"), 2),
        Column::new("ID", "organization_id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = || {
        &[
            "organization_id",
            "organization_name",
            "plan",
            "created_at",
            "keys",
            "has_more_keys",
            "records",
            "has_more_records",
        ]
    };
}

pub(crate) async fn run(command: OrgsCommand, store: &Store) -> Result<()> {
    match command {
        OrgsCommand::Create { name, plan, output } => {
            let organization =
                Organization { organization_id: OrganizationId::random(), organization_name: name, plan };
            store.put_organization(&organization).await.map_err(explain)?;
            show(&record(&organization)?, output.layout())
        }
        OrgsCommand::List { count, no_counts, output } => {
            let most = match (count, no_counts) {
                (_, true) => None,
                (true, _) => Some(u64::MAX),
                _ => Some(COUNTED),
            };
            let organizations = store.organizations().await.map_err(explain)?;
            let rows = stream::iter(organizations).map(|listed| row(store, listed, most));
            let rows: Vec<Record> = rows.buffered(COUNTED_AT_ONCE).try_collect().await?;
            ListPrinter::list::<OrganizationRow>(output.layout(), &rows)
        }
    }
}

async fn row(store: &Store, listed: ListedOrganization, most: Option<u64>) -> Result<Record> {
    let ListedOrganization { organization, created_at } = listed;
    let mut row = record(&organization)?;
    row.insert("created_at".to_owned(), json!(created_at));
    if let Some(most) = most {
        let counted = store.holdings(organization.organization_id, most).await.map_err(explain)?;
        let Holdings { keys, has_more_keys, records, has_more_records } = counted;
        row.extend(record(&json!({
            "keys": keys, "has_more_keys": has_more_keys, "records": records, "has_more_records": has_more_records,
        }))?);
    }
    Ok(row)
}
