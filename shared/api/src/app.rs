//! The state that the handlers of a function share.

use std::sync::Arc;

use store::{KeyRing, Store};

/// The state of a function's router. Handlers do not see it: the extractors take from it what they need.
#[derive(Clone)]
pub struct App {
    pub(crate) store: Store,
    pub(crate) keys: Arc<KeyRing>,
}
