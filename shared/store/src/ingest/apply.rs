//! The application of a voice event to the records: one transaction over what was read, made again where another one
//! came in between.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    Appointment, Call, Contact, Error, Kind as _, Lead, OrganizationId, Phone, Record, Timestamp,
    ingest::{
        Body, CONTACTS, CallEvent, EventId, Fields, Records, Rejection, RejectionKind, StatusChange,
        called_at, change_status,
    },
};
use dynamodb::{ErrorKind, Transacted};
use futures_util::try_join;
use serde::Serialize;
use serde_json::Value;

use super::{
    conversation::ConversationChange,
    not_applied::{NotApplied, Stopped},
    writes::{LAST_CREATED_AT, Writes},
};
use crate::{
    Store,
    contacts::phone_marker,
    error::{corrupt, failed},
    item::{self, Item},
    messages::head_id,
    tables::CALL_MESSAGES,
};

/// How many attempts an event has while others write to the same records: a few seconds in all.
const ATTEMPTS: u32 = 12;
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);
/// How many phone numbers the events of a call may name. All their contacts are read and written together, and
/// a transaction holds 4 MB: ten items of the largest.
const MAX_NUMBERS: usize = 5;

/// A table, and the key of an item in it.
type Place = (&'static str, Item);

/// The records and items that an event of a call finds.
struct Found {
    records: Records,
    /// The head of the conversation, where the event brings another one.
    head: Option<Item>,
    /// The contact that the phone number's marker names.
    marked: Option<String>,
    /// When records may be created.
    at: Timestamp,
}

impl Store {
    /// Applies an event: once in effect, however often and in whatever order events come. Returns
    /// whether it changed anything.
    ///
    /// # Errors
    /// See [`NotApplied`]. Of an event that failed nothing is written, but for parts of a conversation
    /// that nobody reads; or all of it, where only such parts of the former one could not be deleted.
    pub async fn apply(&self, body: &Body) -> Result<bool, NotApplied> {
        body.check_clock(self.now()).map_err(NotApplied::Rejected)?;
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            match self.try_to_apply(body).await {
                Ok(changed) => return Ok(changed),
                Err(Stopped::ByNow(failure)) => return Err(failure),
                Err(Stopped::Again(error)) if attempt == ATTEMPTS => return Err(NotApplied::Failed(error)),
                Err(Stopped::Again(_)) => {}
            }
            // Those who met here meet again if they wait for the same time.
            tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64())).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            attempt += 1;
        }
    }

    async fn try_to_apply(&self, body: &Body) -> Result<bool, Stopped> {
        match body {
            Body::Call(event) => self.try_call(event).await,
            Body::Lead(event) => {
                let (at, id) = (event.occurred_at, &event.event_id);
                self.try_status::<Lead, _>(event.organization_id, &event.lead, at, id).await
            }
            Body::Appointment(event) => {
                let (at, id) = (event.occurred_at, &event.event_id);
                self.try_status::<Appointment, _>(event.organization_id, &event.appointment, at, id).await
            }
            Body::Pointer(_) => {
                Err(Rejection::invalid("s3: an event is expected there, not a pointer").into())
            }
        }
    }

    async fn try_call(&self, event: &CallEvent) -> Result<bool, Stopped> {
        let Found { records: mut before, head, marked, at } = self.find(event).await?;
        self.sweep(event.organization_id, event.call.id, head.as_ref()).await?;
        let mut after = event.apply(&before, at);
        for phone in after.with_last_call_in_doubt(&before, at) {
            let other = self.latest_other_call(event.organization_id, &phone, event.call.id, at).await?;
            before.other_calls.insert(phone, other);
        }
        if !before.other_calls.is_empty() {
            after = event.apply(&before, at);
        }
        let (old, call) = (before.call.as_ref(), after.call.as_ref());
        let conversation = match ConversationChange::of(event, old, call, head.as_ref())? {
            Some(ConversationChange::Superseded(pieces)) => {
                self.delete_pieces(event.organization_id, pieces).await?;
                None
            }
            Some(ConversationChange::Current { pieces, head }) => Some((pieces, head)),
            None => None,
        };
        if after == before {
            return Ok(false);
        }
        let mut writes = Writes::new(self, event.organization_id);
        writes.put_always::<Call>(old, call)?;
        // Another call of the contact may be counting on when this one was.
        let is_moved = old.and_then(called_at) != call.and_then(called_at);
        for contact in &after.contacts {
            let known = before.contacts.iter().find(|known| known.get("id") == contact.get("id"));
            if known.is_none()
                && let Some(phone) = &event.call.caller_phone
            {
                writes.mark_phone(phone, contact, marked.as_deref());
            }
            match is_moved {
                true => writes.put_always::<Contact>(known, Some(contact))?,
                false => writes.put::<Contact>(known, Some(contact))?,
            }
        }
        writes.put::<Lead>(before.lead.as_ref(), after.lead.as_ref())?;
        writes.put::<Appointment>(before.appointment.as_ref(), after.appointment.as_ref())?;
        writes.advance_creation(at);
        let Some((pieces, head)) = conversation else {
            return self.carry_out(writes).await;
        };
        self.put_pieces(pieces).await?;
        writes.put_item(CALL_MESSAGES, head.clone());
        self.carry_out(writes).await?;
        // Where this fails the event comes again, finds nothing to change, and sweeps.
        self.sweep(event.organization_id, event.call.id, Some(&head)).await?;
        Ok(true)
    }

    async fn try_status<T: Record, S: Serialize>(
        &self,
        organization: OrganizationId,
        StatusChange { id, status }: &StatusChange<S>,
        occurred_at: Timestamp,
        event_id: &EventId,
    ) -> Result<bool, Stopped> {
        let record = vec![(T::RESOURCE.table, item::key(organization, id.to_string()))];
        let (found, _) = try_join!(self.items_at(record), self.creation_after(organization))?;
        let Some(before) = fields(found.into_iter().next().flatten())? else {
            let message = format!("there is no {id} among the {} of this organization", T::RESOURCE.name);
            let missing = Rejection::new(RejectionKind::UnknownRecord, message);
            return Err(Stopped::ByNow(NotApplied::Missing(missing)));
        };
        let after = change_status(&before, status, occurred_at, event_id, self.now());
        if after == before {
            return Ok(false);
        }
        let mut writes = Writes::new(self, organization);
        writes.put::<T>(Some(&before), Some(&after))?;
        self.carry_out(writes).await
    }

    /// Reads what a call's event may touch: first what the event itself names, then the contacts.
    async fn find(&self, event: &CallEvent) -> Result<Found, Stopped> {
        let organization = event.organization_id;
        let place = |table, id: String| -> Place { (table, item::key(organization, id)) };
        let contact = |id| place(Contact::RESOURCE.table, id);
        let mut places = vec![
            place(Call::RESOURCE.table, event.call.id.to_string()),
            place(Lead::RESOURCE.table, event.lead_id().to_string()),
            place(Appointment::RESOURCE.table, event.appointment_id().to_string()),
        ];
        // A head may hold a whole conversation: it is read only where another one may take its place.
        places.extend(event.messages().map(|_| place(CALL_MESSAGES, head_id(event.call.id))));
        places.extend(event.call.caller_phone.as_ref().map(|phone| contact(phone_marker(phone))));
        let (items, at) = try_join!(self.items_at(places), self.creation_after(organization))?;
        let mut items = items.into_iter();
        let mut next = || items.next().flatten();
        let (call, lead, appointment) = (fields(next())?, fields(next())?, fields(next())?);
        let head = event.messages().and_then(|_| next());
        let marked = next().map(|marker| item::text(&marker, "contact_id").map(str::to_owned)).transpose()?;
        let ids = contacts_to_read(call.as_ref(), event.call.caller_phone.as_ref(), marked.as_deref())?;
        let contacts = match ids.is_empty() {
            true => Vec::new(),
            false => self.items_at(ids.into_iter().map(contact).collect()).await?,
        };
        let contacts = contacts.into_iter().flatten().map(item::into_value).collect::<Result<_, _>>()?;
        let records = Records { call, contacts, lead, appointment, ..Records::default() };
        Ok(Found { records, head, marked, at })
    }

    /// When a record of the organization may be created: now, but after every other one, so that whoever
    /// asks for what was created since the last one that they saw misses none.
    async fn creation_after(&self, id: OrganizationId) -> Result<Timestamp, Stopped> {
        let organization = self.organization_item(id).await?.ok_or_else(|| {
            let message = format!("organization_id: there is no organization {id}");
            Rejection::new(RejectionKind::UnknownOrganization, message)
        })?;
        let last = organization.get(LAST_CREATED_AT).and_then(|last| Timestamp::parse(last.as_s().ok()?));
        let now = self.now();
        Ok(last.map_or(now, |last| now.max(last.plus(Duration::from_millis(1)))))
    }

    /// The items at `places`, in that order; none where there is nothing. No place may be named twice.
    async fn items_at(&self, places: Vec<Place>) -> Result<Vec<Option<Item>>, Stopped> {
        let places = places.into_iter().map(|(table, key)| (self.table(table), key));
        self.client.snapshot(places).await.map_err(|error| match error.kind {
            // Somebody's transaction writes there at this moment.
            ErrorKind::Contended => Stopped::Again(failed(error)),
            _ => failed(error).into(),
        })
    }

    async fn carry_out(&self, writes: Writes<'_>) -> Result<bool, Stopped> {
        match self.transact(writes.finish()).await? {
            Transacted::Written => Ok(true),
            Transacted::Retryable(error) => Err(Stopped::Again(failed(error))),
            Transacted::Refused(_) => {
                let error = corrupt("TransactWriteItems", "others wrote to the same records at each attempt");
                Err(Stopped::Again(error))
            }
        }
    }
}

/// The ids of a call's contacts, the one that it is linked to and the one `marked` for the event's number first.
/// Of a call that has more than one may have, from before there was a bound, the rest stay as they are.
fn contacts_to_read(
    call: Option<&Fields>,
    phone: Option<&Phone>,
    marked: Option<&str>,
) -> Result<Vec<String>, Rejection> {
    let text = |id: &Value| id.as_str().map(str::to_owned);
    let linked = call.and_then(|call| call.get("contact_id").and_then(text));
    let all = call.and_then(|call| call.get(CONTACTS)?.as_array()).into_iter().flatten().filter_map(text);
    let known: BTreeSet<String> = all.chain(linked.clone()).collect();
    let is_new = phone.is_some() && marked.is_none_or(|marked| !known.contains(marked));
    if is_new && known.len() >= MAX_NUMBERS {
        let message = format!(
            "call.caller_phone: the events of this call have named {MAX_NUMBERS} phone numbers before, which is the most"
        );
        return Err(Rejection::new(RejectionKind::TooLarge, message));
    }
    let mut ids: Vec<String> = linked.into_iter().chain(marked.map(str::to_owned)).collect();
    ids.dedup();
    let others: Vec<String> = known.into_iter().filter(|id| !ids.contains(id)).collect();
    ids.extend(others);
    ids.truncate(MAX_NUMBERS);
    Ok(ids)
}

fn fields(item: Option<Item>) -> Result<Option<Fields>, Error> {
    item.map(item::into_value).transpose()
}
