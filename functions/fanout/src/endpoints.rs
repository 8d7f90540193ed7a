//! The endpoints of the organizations of a batch, each organization's read once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{Error, OrganizationId, webhooks::Webhook};
use store::Store;
use tokio::sync::OnceCell;

type Known = Arc<OnceCell<Vec<Webhook>>>;

/// What one batch knows of endpoints.
pub(crate) struct Endpoints<'a> {
    store: &'a Store,
    known: Mutex<HashMap<OrganizationId, Known>>,
}

impl<'a> Endpoints<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, known: Mutex::default() }
    }

    /// The endpoints of an organization, in a cell that is filled.
    pub(crate) async fn of(&self, organization: OrganizationId) -> Result<Known, Error> {
        let known = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(organization).or_default().clone()
        };
        known.get_or_try_init(|| self.store.webhooks(organization)).await?;
        Ok(known)
    }
}
