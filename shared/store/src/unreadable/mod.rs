//! The search for items that do not read, for operators: it goes through a whole table, and says what is wrong with each
//! item without a word of what it holds.

mod fault;

use domain::{
    Call, Error, Organization, OrganizationId, Record, RecordId,
    catalogue::{self, ForRecord},
    webhooks::{Delivery, Secrets, Webhook},
};
use dynamodb::FromItem;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};

use crate::{
    Store,
    contacts::Marker,
    error::internal,
    keys::StoredKey,
    messages::{Head, Piece},
    raw_item,
    tables::{CALL_MESSAGES, TABLES, Table},
    webhooks::StoredEvent,
};
use fault::{Fault, fault};

/// An item that does not read.
#[derive(Debug, Serialize)]
pub struct Unreadable {
    /// The item's table, without the deployment's prefix.
    pub table: &'static str,
    /// The organization that the item belongs to, if it says so.
    pub organization_id: Option<String>,
    /// The item's id: of a key the key's id, never its hash.
    pub id: Option<String>,
    /// The attribute that is at fault, where it is a single one.
    pub field: Option<String>,
    /// What is wrong with the item.
    pub reason: String,
}

/// The result of going through a table.
#[derive(Debug, Default)]
pub struct Examined {
    /// How many items were gone through.
    pub items: u64,
    /// The items that do not read.
    pub unreadable: Vec<Unreadable>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Scanned {
    items: Vec<Box<RawValue>>,
    last_evaluated_key: Option<Value>,
}

/// The attributes that name an item.
#[derive(Default, Deserialize)]
struct Name {
    organization_id: Option<String>,
    id: Option<String>,
    key_id: Option<String>,
}

/// The secrets in an endpoint's own item, where an earlier version left them.
#[derive(Deserialize)]
struct Signed {
    #[serde(rename = "secrets")]
    _secrets: Option<Secrets>,
}

/// The item with an endpoint's secrets.
#[derive(Deserialize)]
struct Signing {
    #[serde(rename = "secrets")]
    _secrets: Secrets,
}

/// The attributes of a delivery's item that are not of its record.
#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "organization_id")]
    _organization_id: OrganizationId,
    #[serde(rename = "event_id")]
    _event_id: RecordId,
    #[serde(rename = "number")]
    _number: u32,
}

/// The item with a receiver's response to an attempt.
#[derive(Deserialize)]
struct ReceiverResponse {
    #[serde(rename = "answer")]
    _answer: String,
}

/// The item that keeps a phone number for its contact.
#[derive(Deserialize)]
struct PhoneMarker {
    #[serde(rename = "contact_id")]
    _contact_id: RecordId,
}

impl Store {
    /// The kinds that [`Store::unreadable`] takes.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        TABLES.iter().map(|table| table.kind)
    }

    /// Goes through everything of one kind, of one organization or of all, and says what does not read: for
    /// operators, since it reads the whole table.
    ///
    /// # Errors
    /// When DynamoDB refuses. Of a kind that there is not, nothing is found.
    pub async fn unreadable(
        &self,
        kind: &str,
        organization: Option<OrganizationId>,
    ) -> Result<Examined, Error> {
        let mut examined = Examined::default();
        let Some(table) = TABLES.iter().find(|table| table.kind == kind) else { return Ok(examined) };
        let mut scan = json!({"TableName": self.table(table.name), "ConsistentRead": true});
        if let Some(id) = organization {
            scan["FilterExpression"] = "organization_id = :organization".into();
            scan["ExpressionAttributeValues"] = json!({":organization": {"S": id}});
        }
        loop {
            let reply = self.client.scan_json(&scan).await.map_err(|error| internal(error))?;
            let Scanned { items, last_evaluated_key } =
                serde_json::from_slice(&reply).map_err(|error| Error::internal(error))?;
            for item in items {
                examined.items += 1;
                examined.unreadable.extend(self.examine(table, &item).await?);
            }
            let Some(last) = last_evaluated_key else { return Ok(examined) };
            scan["ExclusiveStartKey"] = last;
        }
    }

    async fn examine(&self, table: &Table, item: &RawValue) -> Result<Option<Unreadable>, Error> {
        let named = serde_json::from_str::<FromItem<Name>>(item.get()).map(|FromItem(name)| name);
        let Name { organization_id, id, key_id } = named.unwrap_or_default();
        let wrong = match fault_of(table.kind, id.as_deref().unwrap_or_default(), item) {
            None if table.name == CALL_MESSAGES => self.fault_of_messages(item).await?,
            wrong => wrong,
        };
        Ok(wrong.map(|Fault { field, reason }| {
            let id = key_id.or(id);
            Unreadable { table: table.name, organization_id, id, field, reason }
        }))
    }

    /// What is wrong with a conversation whose head reads.
    async fn fault_of_messages(&self, item: &RawValue) -> Result<Option<Fault>, Error> {
        #[derive(Deserialize)]
        struct OfCall {
            organization_id: OrganizationId,
            id: String,
        }
        let Ok(OfCall { organization_id, id }) = raw_item::read::<OfCall>(item) else {
            return Ok(Some(Fault::of("organization_id", "is none")));
        };
        let Some((call, "head")) = id.split_once('#') else { return Ok(None) };
        let Ok(call) = call.parse() else { return Ok(Some(Fault::of("id", "names no call"))) };
        let messages = self.items::<Call>(organization_id).messages(call, Some(raw_item::read(item)?)).await;
        match messages {
            Ok(_) => Ok(None),
            Err(Error::Internal(_)) => Ok(Some(Fault::of("data", "is damaged, or a piece of it is missing"))),
            Err(error) => Err(error),
        }
    }
}

/// What is wrong with an item of this kind, taken by itself.
fn fault_of(kind: &str, id: &str, item: &RawValue) -> Option<Fault> {
    // A record, or what stands beside it.
    let part = id.split_once('#').map_or("", |(first, rest)| if rest == "head" { rest } else { first });
    match (kind, part) {
        ("keys", _) => fault::<StoredKey>(item),
        ("messages", "head") => fault::<Head>(item),
        ("messages", _) => fault::<Piece>(item),
        ("contacts", "phone") => fault::<PhoneMarker>(item),
        ("contacts", "idempotency") => fault::<Marker>(item),
        ("organizations", _) => fault::<Organization>(item),
        ("webhooks", _) => both::<Webhook, Signed>(item),
        ("secrets", _) => fault::<Signing>(item),
        ("events", _) => fault::<StoredEvent>(item),
        ("deliveries", "posts" | "replays") => None,
        ("deliveries", "") => both::<Delivery, Sent>(item),
        ("deliveries", _) => fault::<ReceiverResponse>(item),
        _ => catalogue::for_record(kind, Read(item))
            .unwrap_or_else(|| Some(Fault::of("id", "is in a table that nobody reads"))),
    }
}

/// Reads an item as a resource's record.
struct Read<'a>(&'a RawValue);

impl ForRecord for Read<'_> {
    type Output = Option<Fault>;

    fn run<T: Record>(self) -> Option<Fault> {
        fault::<T>(self.0)
    }
}

fn both<A: DeserializeOwned, B: DeserializeOwned>(item: &RawValue) -> Option<Fault> {
    fault::<A>(item).or_else(|| fault::<B>(item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_can_be_gone_through() {
        let nothing = RawValue::from_string("{}".to_owned()).expect("JSON");
        for table in TABLES.iter() {
            let fault = fault_of(table.kind, "", &nothing).expect("nothing is no record");
            assert_ne!(fault.reason, "is in a table that nobody reads", "{}", table.name);
        }
    }
}
