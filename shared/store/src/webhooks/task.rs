//! The delivery tasks of new deliveries, made of the table's stream.

use domain::{
    Error, OrganizationId, RecordId,
    ingest::Fields,
    webhooks::{DeliveryStatus, DeliveryTask},
};
use serde::Deserialize;

use super::deliveries::SEND;
use crate::error::corrupt;

#[derive(Deserialize)]
struct Sent {
    organization_id: OrganizationId,
    webhook_id: RecordId,
    id: RecordId,
    status: DeliveryStatus,
    number: u32,
}

/// The delivery task that an item of the deliveries' table asks for, if it asks for one.
///
/// # Errors
/// When it asks for one and is no delivery that we would have stored.
pub fn task_to_send(item: &Fields) -> Result<Option<DeliveryTask>, Error> {
    if !item.contains_key(SEND) {
        return Ok(None);
    }
    // What serde says of it quotes it.
    let sent = Sent::deserialize(item).map_err(|_| corrupt("item", "a delivery does not read"))?;
    let Sent { organization_id, webhook_id, id, status, number } = sent;
    let task = DeliveryTask { organization_id, webhook_id, delivery_id: id, number };
    Ok((status == DeliveryStatus::Pending).then_some(task))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn task(change: impl FnOnce(&mut Value)) -> Result<Option<DeliveryTask>, Error> {
        let id = |nth| RecordId::from_u128(nth);
        let mut item = json!({
            "organization_id": OrganizationId::from_u128(1), "id": id(2), "webhook_id": id(3), "event_id": id(4),
            "status": "pending", "number": 5, "round": 0, "send": true,
        });
        change(&mut item);
        task_to_send(item.as_object().expect("an object"))
    }

    #[test]
    fn a_pending_delivery_asks_for_a_message_until_it_is_claimed() {
        let expected = DeliveryTask {
            organization_id: OrganizationId::from_u128(1),
            webhook_id: RecordId::from_u128(3),
            delivery_id: RecordId::from_u128(2),
            number: 5,
        };
        assert_eq!(task(|_| {}).expect("a delivery"), Some(expected));
        let claimed = |item: &mut Value| drop(item.as_object_mut().expect("an object").remove(SEND));
        assert_eq!(task(claimed).expect("a delivery"), None);
        assert_eq!(task(|item| item["status"] = "cancelled".into()).expect("a delivery"), None);
    }

    #[test]
    fn what_asks_for_a_message_and_is_no_delivery_is_refused() {
        for (field, value) in [
            ("id", json!("2026#1")),
            ("webhook_id", Value::Null),
            ("organization_id", json!(7)),
            ("status", json!("lost")),
            ("number", json!(-1)),
            ("number", json!("5")),
        ] {
            assert!(task(|item| item[field] = value.clone()).is_err(), "{field}: {value}");
        }
    }
}
