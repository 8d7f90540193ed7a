//! `records`: checks whether the stored items can be read.

use anyhow::{Result, bail};
use domain::OrganizationId;
use serde_json::json;
use store::{Store, Unreadable};

use crate::{
    cli::RecordsCommand,
    explain::explain,
    output::{harmless_line, line},
};

pub(crate) async fn run(command: RecordsCommand, store: &Store) -> Result<()> {
    let RecordsCommand::Check { organization, resource, json } = command;
    check(store, organization, resource.as_deref(), json).await
}

/// Goes through the tables, and shows each item that does not read.
async fn check(
    store: &Store,
    organization: Option<OrganizationId>,
    resource: Option<&str>,
    as_json: bool,
) -> Result<()> {
    let (mut items, mut unreadable) = (0, 0);
    for kind in Store::kinds().filter(|kind| resource.is_none_or(|resource| resource == *kind)) {
        let examined = store.unreadable(kind, organization).await.map_err(explain)?;
        items += examined.items;
        unreadable += examined.unreadable.len();
        examined.unreadable.iter().try_for_each(|item| show(item, as_json))?;
    }
    if as_json {
        line(&json!({"items": items, "unreadable": unreadable}).to_string())?;
    } else {
        line(&format!("{items} items, {unreadable} of them unreadable."))?;
    }
    match unreadable {
        0 => Ok(()),
        _ => bail!("{unreadable} to mend: see \"Unreadable items\" in docs/OPERATIONS.md."),
    }
}

fn show(item: &Unreadable, as_json: bool) -> Result<()> {
    if as_json {
        return line(&serde_json::to_string(item)?);
    }
    let Unreadable { table, organization_id, id, field, reason } = item;
    let or_none = |text: &Option<String>| text.as_deref().map_or("-".to_owned(), harmless_line);
    let of = field.as_ref().map(|field| format!("{} ", harmless_line(field))).unwrap_or_default();
    line(&format!("{table}  {}  {}  {of}{reason}", or_none(organization_id), or_none(id)))
}
