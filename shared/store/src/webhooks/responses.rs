//! The responses of receivers, stored beside the delivery since each may be larger than it.
//!
//! A delivery has as many places for responses as attempts are kept of it, and a later response takes the place of an
//! earlier one. Earlier versions gave each attempt a place of its own: such responses are read where they are, as many
//! as are shown.

use domain::{
    Error, Kind as _, ListRequest, RecordId,
    webhooks::{Delivery, MAX_ATTEMPTS, Webhook},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream, try_join};

use super::deliveries::Claimed;
use crate::{
    Items, Page, Store,
    error::{internal, left_out},
    item::{self, Item, n, s},
    tables::{DELETE_AFTER, KEPT},
};

/// The number of the attempt that a response belongs to.
const NUMBER: &str = "number";
/// A delivery, and its responses.
const FOUND_AT_ONCE: i32 = 1 + MAX_ATTEMPTS as i32;
/// How many responses are read at once that have places of their own.
const AT_ONCE: usize = 16;

impl Store {
    pub(super) async fn put_response(&self, claimed: &Claimed, answer: &str) -> Result<(), Error> {
        let mut item = item::key(claimed.organization, place(claimed.delivery.id, claimed.number));
        item.insert(NUMBER.to_owned(), n(claimed.number.into()));
        item.insert("answer".to_owned(), s(answer));
        item.insert(DELETE_AFTER.to_owned(), n(self.now().plus(KEPT).unix_seconds()));
        self.put_item(Delivery::RESOURCE.table, item).await
    }
}

impl Items<Delivery> {
    /// A page of the deliveries to this endpoint, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such endpoint.
    pub async fn page_of_webhook(&self, webhook: RecordId, request: &ListRequest) -> Result<Page, Error> {
        let webhooks = self.store.items::<Webhook>(self.organization);
        let (_, page) = try_join!(webhooks.get(webhook), self.page(request))?;
        Ok(page)
    }

    /// A delivery to this endpoint, and the receiver's response at each attempt, by its number.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such endpoint, or that no such delivery.
    pub async fn get_with_responses(
        &self,
        webhook: RecordId,
        id: RecordId,
    ) -> Result<(Delivery, Vec<(u32, String)>), Error> {
        let webhooks = self.store.items::<Webhook>(self.organization);
        let (_, (delivery, answers)) = try_join!(webhooks.get(webhook), self.with_answers(id))?;
        let delivery = delivery.filter(|delivery| delivery.webhook_id == webhook).ok_or(Error::NotFound)?;
        Ok((delivery, answers))
    }

    async fn with_answers(&self, id: RecordId) -> Result<(Option<Delivery>, Vec<(u32, String)>), Error> {
        let query =
            self.store.query_of(Delivery::RESOURCE.table, self.organization, " AND begins_with(id, :id)");
        let found = query
            .expression_attribute_values(":id", s(id.to_string()))
            .consistent_read(true)
            .limit(FOUND_AT_ONCE)
            .customize()
            .send()
            .await
            .map_err(|error| internal(error))?;
        let (mut delivery, mut answers) = (None, Vec::new());
        for item in found.items.unwrap_or_default() {
            match item::text(&item, "id")?.contains('#') {
                false => delivery = Some(item::into_value::<Delivery>(item)?),
                true => answers.extend(answer(id, &item)),
            }
        }
        if let (Some(delivery), Some(_)) = (&delivery, found.last_evaluated_key) {
            let shown = delivery.attempts.iter().map(|attempt| attempt.number);
            let missing = shown.filter(|shown| answers.iter().all(|(number, _)| number != shown));
            answers.extend(self.in_places_of_their_own(id, missing.collect()).await?);
        }
        Ok((delivery, answers))
    }

    /// The responses at these attempts as earlier versions stored them.
    async fn in_places_of_their_own(
        &self,
        id: RecordId,
        numbers: Vec<u32>,
    ) -> Result<Vec<(u32, String)>, Error> {
        let items = stream::iter(numbers).map(|number| self.get_item(format!("{id}#{number}")));
        let items = items.buffered(AT_ONCE).try_collect::<Vec<Option<Item>>>().await?;
        Ok(items.iter().flatten().filter_map(|item| answer(id, item)).collect())
    }
}

/// A response. One that does not read is left out; the attempt says what there was all the same.
fn answer(delivery: RecordId, item: &Item) -> Option<(u32, String)> {
    let number = match item.contains_key(NUMBER) {
        true => Some(item::number(item, NUMBER)),
        false => item::text(item, "id").ok().and_then(|id| id.rsplit('#').next()?.parse().ok()),
    };
    let read = number.zip(item::text(item, "answer").ok().map(str::to_owned));
    if read.is_none() {
        left_out(Delivery::RESOURCE.table, Some(&delivery.to_string()));
    }
    read
}

/// The id of an attempt's response. In the order of ids they come before those of earlier versions.
fn place(delivery: RecordId, number: u32) -> String {
    format!("{delivery}#!{}", number % MAX_ATTEMPTS as u32)
}
