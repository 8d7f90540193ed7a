//! Items as DynamoDB sends them, read without the SDK's maps.

use domain::OrganizationId;
use dynamodb::{FromItem, Value, Values};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::error::{corrupt, left_out};

/// The primary key of an organization's item.
pub(crate) fn key(organization: OrganizationId, id: impl Into<String>) -> Values {
    let organization = Value::S(organization.to_string());
    Values::from([("organization_id", organization), ("id", Value::S(id.into()))])
}

/// Reads one item of a reply.
pub(crate) fn read<T: DeserializeOwned>(item: &RawValue) -> Result<T, domain::Error> {
    let read = serde_json::from_str::<FromItem<T>>(item.get());
    read.map(|FromItem(value)| value).map_err(|_| misfit::<T>(item))
}

/// Reads one item of several; one that does not read is left out.
pub(crate) fn readable<T: DeserializeOwned>(item: &RawValue, table: &str) -> Option<FromItem<T>> {
    let read = serde_json::from_str(item.get()).ok();
    if read.is_none() {
        left_out(table, id_of(item).as_deref());
    }
    read
}

/// The error for an item that does not read. serde's own quotes it, and so is dropped; the item is named.
fn misfit<T>(item: &RawValue) -> domain::Error {
    let id = id_of(item).unwrap_or_default();
    corrupt("item", format!("{id} does not read as {}", std::any::type_name::<T>()))
}

fn id_of(item: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<String>,
        key_id: Option<String>,
        organization_id: Option<String>,
    }
    let FromItem(named) = serde_json::from_str::<FromItem<Named>>(item.get()).ok()?;
    named.id.or(named.key_id).or(named.organization_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Record {
        #[expect(dead_code, reason = "it has to be a number")]
        count: u32,
    }

    #[test]
    fn an_item_is_named_by_whichever_id_it_has() {
        for (item, name) in [
            (r#"{"organization_id": {"S": "firm"}, "id": {"S": "one"}, "count": {"S": "secret"}}"#, "one"),
            (
                r#"{"organization_id": {"S": "firm"}, "key_id": {"S": "key"}, "count": {"S": "secret"}}"#,
                "key",
            ),
            (r#"{"organization_id": {"S": "firm"}, "count": {"S": "secret"}}"#, "firm"),
        ] {
            let item = RawValue::from_string(item.to_owned()).expect("JSON");
            let shown = read::<Record>(&item).expect_err("no record").for_log();
            assert!(
                shown.contains(&format!("{name} does not read as")) && !shown.contains("secret"),
                "{shown}"
            );
        }
    }
}
