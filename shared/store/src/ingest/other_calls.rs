//! The other calls of a contact, read where only they say when it last called.

use domain::{
    Call, Error, Kind as _, OrganizationId, RecordId, Timestamp,
    ingest::{CALLED_AT, Fields, called_at},
};

use super::not_applied::Stopped;
use crate::{
    Store,
    error::internal,
    item::{self, s},
    tables::index_by,
};

/// How many of the calls that were created last are looked at: as much as one query reads at the most.
const MAX_READ: i32 = 100;

impl Store {
    /// When the latest call from a phone number was, but for this one: none where there is no other.
    pub(super) async fn latest_other_call(
        &self,
        organization: OrganizationId,
        phone: &str,
        call: RecordId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Stopped> {
        let calls = self
            .query_of(Call::RESOURCE.table, organization, " AND caller_phone = :phone")
            .index_name(index_by("phone"))
            .expression_attribute_values(":phone", s(phone))
            .projection_expression(format!("id, {CALLED_AT}, started_at, created_at"))
            .scan_index_forward(false)
            .limit(MAX_READ)
            .customize()
            .send()
            .await
            .map_err(|error| internal(error))?;
        let calls = calls.items.unwrap_or_default().into_iter().map(item::into_value);
        let calls = calls.collect::<Result<Vec<Fields>, Error>>()?;
        let id = call.to_string();
        let others = calls.iter().filter(|other| other.get("id").is_none_or(|other| *other != id));
        Ok(others.filter_map(called_at).filter(|at| !at.is_ahead_of(now)).max())
    }
}
