//! What receivers answered: beside the delivery, since each may be larger than it.

use domain::{
    Error, Kind as _, ListRequest, RecordId,
    webhooks::{Delivery, Webhook},
};
use futures_util::try_join;

use super::{Claimed, KEPT};
use crate::{
    Items, Page, Store,
    error::{internal, left_out},
    item::{self, n, s},
    tables::DELETE_AFTER,
};

impl Store {
    pub(super) async fn put_answer(&self, claimed: &Claimed, answer: &str) -> Result<(), Error> {
        let mut item = item::key(claimed.organization, answer_id(claimed.delivery.id, claimed.number));
        item.insert("answer".to_owned(), s(answer));
        item.insert(DELETE_AFTER.to_owned(), n(self.now().plus(KEPT).unix_seconds()));
        let put = self.client.put_item().table_name(self.table(Delivery::RESOURCE.table));
        put.set_item(Some(item)).send().await.map(|_| ()).map_err(|error| internal("PutItem", error))
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

    /// A delivery to this endpoint, and what the receiver answered at each try, by its number.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such endpoint, or that no such delivery.
    pub async fn get_with_answers(
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
        let query = self.store.client.query().table_name(self.store.table(Delivery::RESOURCE.table));
        let mut pages = query
            .key_condition_expression("organization_id = :organization AND begins_with(id, :id)")
            .expression_attribute_values(":organization", s(self.organization.to_string()))
            .expression_attribute_values(":id", s(id.to_string()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let (mut delivery, mut answers) = (None, Vec::new());
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| internal("Query", error))?;
            match item::text(&item, "id")?.split_once('#') {
                None => delivery = Some(item::into_value(item)?),
                // Without one the attempt says what there was all the same.
                Some((id, number)) => match (number.parse(), item::text(&item, "answer")) {
                    (Ok(number), Ok(answer)) => answers.push((number, answer.to_owned())),
                    _ => left_out(Delivery::RESOURCE.table, Some(id)),
                },
            }
        }
        Ok((delivery, answers))
    }
}

fn answer_id(delivery: RecordId, number: u32) -> String {
    format!("{delivery}#{number}")
}
