//! `records`: checks whether the stored items can be read.

use anyhow::{Result, bail};
use domain::OrganizationId;
use serde_json::json;
use store::Store;

use crate::{
    cli::{Output, RecordsCommand},
    explain::explain,
    output::{line, note},
    print::{Column, Form, Layout, ListPrinter, Listed, Record, record},
};

/// An item that does not read, as it is listed.
pub(crate) enum UnreadableRow {}

impl Listed for UnreadableRow {
    const NAME: &'static str = "unreadable items";
    const COLUMNS: &'static [Column] = &[
        Column::new("TABLE", "table", Form::Whole, 1),
        Column::new("FIELD", "field", Form::Words, 2),
        Column::new("REASON", "reason", Form::Prose, 3),
        Column::new("ORGANIZATION", "organization_id", Form::Id, 4),
        // Whatever is to be mended is found by it.
        Column::new("ID", "id", Form::Whole, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = || &["table", "organization_id", "id", "field", "reason"];
}

pub(crate) async fn run(command: RecordsCommand, store: &Store) -> Result<()> {
    let RecordsCommand::Check { organization, resource, output } = command;
    check(store, organization, resource.as_deref(), output.layout()).await
}

/// Goes through the tables, and shows each item that does not read.
async fn check(
    store: &Store,
    organization: Option<OrganizationId>,
    resource: Option<&str>,
    layout: Layout,
) -> Result<()> {
    let (mut items, mut rows) = (0, Vec::new());
    let kinds = Store::kinds().filter(|kind| resource.is_none_or(|resource| resource == *kind));
    let mut examined = Ok(());
    for kind in kinds {
        match store.unreadable(kind, organization).await {
            Ok(found) => {
                items += found.items;
                rows.extend(found.unreadable.iter().map(record).collect::<Result<Vec<Record>>>()?);
            }
            // What was found until then is shown all the same.
            Err(error) => {
                examined = Err(explain(error));
                break;
            }
        }
    }
    ListPrinter::list::<UnreadableRow>(layout, &rows)?;
    examined?;
    let unreadable = rows.len();
    if layout.output == Output::Jsonl {
        line(&json!({"items": items, "unreadable": unreadable}).to_string())?;
    } else {
        note(&format!("{items} items, {unreadable} of them unreadable."));
    }
    match unreadable {
        0 => Ok(()),
        _ => bail!("{unreadable} to mend: see \"Unreadable items\" in docs/OPERATIONS.md."),
    }
}
