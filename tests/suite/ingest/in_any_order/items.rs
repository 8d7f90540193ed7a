//! Stored items in a form in which two runs can be compared.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::OrganizationId;
use harness::World;
use serde_json::{Value, json};

/// Everything that an organization has stored, without what differs between two runs by nature: when
/// records were written, how often, and which random ids contacts got.
pub(crate) async fn stored(world: &World, organization: OrganizationId) -> BTreeMap<String, Value> {
    let mut items = Vec::new();
    for table in ["Calls", "CallMessages", "Contacts", "Leads", "Appointments"] {
        items.extend(harness::items(world, table, organization).await.into_iter().map(|item| (table, item)));
    }
    let id_of_phone = |item: &HashMap<String, AttributeValue>| {
        Some((item.get("id")?.as_s().ok()?.clone(), item.get("phone")?.as_s().ok()?.clone()))
    };
    let contacts: BTreeMap<String, String> = items.iter().filter_map(|(_, item)| id_of_phone(item)).collect();
    let plain = items.into_iter().map(|(table, mut item)| {
        let id = plain(&item["id"], &contacts);
        for by_nature in ["organization_id", "created_at", "updated_at", "revision", "id"] {
            item.remove(by_nature);
        }
        (format!("{table} {}", id.as_str().unwrap()), plain(&AttributeValue::M(item), &contacts))
    });
    plain.collect()
}

/// A value as JSON, in which a contact is its phone number.
fn plain(value: &AttributeValue, contacts: &BTreeMap<String, String>) -> Value {
    match value {
        AttributeValue::S(text) => json!(contacts.get(text).unwrap_or(text)),
        AttributeValue::N(number) => json!(number),
        AttributeValue::M(map) => {
            map.iter().map(|(name, value)| (name.clone(), plain(value, contacts))).collect()
        }
        AttributeValue::L(list) => {
            let mut list: Vec<Value> = list.iter().map(|value| plain(value, contacts)).collect();
            list.sort_by_key(Value::to_string);
            list.into()
        }
        other => json!(format!("{other:?}")),
    }
}
