//! Whether the tables of a stack of `prod` are protected from deletion.

use store::Store;

use super::Plan;
use crate::explain::explain;

impl Plan {
    /// A warning where tables of a stack of `prod` can be deleted: they are made without protection,
    /// so that a creation that fails can be rolled back.
    pub(crate) async fn unprotected(&self, store: &Store) -> Option<String> {
        if !self.is_prod {
            return None;
        }
        match store.unprotected_tables().await {
            Ok(tables) if tables.is_empty() => None,
            Ok(tables) => Some(format!(
                "Nothing protects these tables of a stack of prod from deletion: {}. Deploy it with \
                 DeletionProtection=on, as `sam deploy --config-env prod` does.",
                tables.join(", ")
            )),
            Err(error) => Some(format!(
                "Whether the tables are protected from deletion is not known: {:#}",
                explain(error)
            )),
        }
    }
}
