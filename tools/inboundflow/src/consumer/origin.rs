//! Which API is asked, and with which key.

use conformance::{Http, Secret};

use crate::output;

/// The address of an API, and a key to it.
pub(crate) struct Origin {
    pub(super) base_url: String,
    pub(super) key: Secret,
    /// The proxy on the way, in words to put behind the address.
    by_proxy: String,
}

impl Origin {
    pub(super) fn new(base_url: String, key: Secret, http: &Http) -> Self {
        Self { base_url, key, by_proxy: http.by_proxy() }
    }

    /// The address, and by which way it is reached.
    pub(super) fn shown(&self) -> String {
        self.base_url.clone() + &self.by_proxy
    }

    /// The text without the key, or anything that could steer a terminal.
    pub(super) fn harmless(&self, text: &str) -> String {
        output::harmless_line(&self.key.redact(text))
    }
}
