//! The endpoints of the organizations of a batch, each organization's read once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{Error, OrganizationId, webhooks::Webhook};
use store::Store;
use tokio::sync::OnceCell;

/// An organization's endpoints, once they have been read.
type Cell = Arc<OnceCell<Vec<Webhook>>>;

/// The endpoints that one batch has read.
pub(crate) struct Endpoints<'a> {
    store: &'a Store,
    cells: Mutex<HashMap<OrganizationId, Cell>>,
}

impl<'a> Endpoints<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, cells: Mutex::default() }
    }

    /// The endpoints of an organization, in a cell that is filled.
    pub(crate) async fn of(&self, organization: OrganizationId) -> Result<Cell, Error> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            cells.entry(organization).or_default().clone()
        };
        cell.get_or_try_init(|| self.store.webhooks(organization)).await?;
        Ok(cell)
    }
}
